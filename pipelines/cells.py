"""Cells to values: for each column of a fact the SQL that reads its text, and the SQL that says it could not.

Codes and truths are looked up: the different words of a column are few, so each is understood once, in
Python, by the contract, and handed back to DuckDB as two lists. Dates and numbers are read by DuckDB
with TRY_CAST and try_strptime behind an expression for their exact shape, because the casts alone
would round 12.7 to 13 and take 1e3 for a thousand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from indicators.calendars import Quarter
from indicators.facts import Column, codelists
from pipelines.folding import APOSTROPHE_SIGNS, APOSTROPHES, HOMOGLYPHS, fold
from pipelines.forms import EXCEL_SERIAL, FOOTNOTES, MONTH, Form

_CAPITALS = ("АВЕКМНОРСТУХІЈЅ", "ABEKMHOPCTYXIJS")
# The name of a month is letters, in one or two words.
_DATE_PARTS = {
    "%d": "[0-9]{1,2}", "%m": "[0-9]{1,2}", "%Y": "[0-9]{4}", "%y": "[0-9]{2}", MONTH: r"\p{L}+(?: \p{L}+)?",
}  # fmt: skip
# Excel shows 0, and some programs an empty day, as a day of 1899 or 1900.
_FIRST_DAY = "DATE '1901-01-01'"
_MARKS = "*†‡"


@dataclass(frozen=True)
class Reader:
    """How one cell becomes a value. `is_bad` is true for a cell that is not empty and was not understood.

    `parameters` are bound by name when the SQL runs.
    """

    value: str
    is_bad: str = "false"
    parameters: Mapping[str, Any] = field(default_factory=dict)


def is_coded(column: Column) -> bool:
    """Whether the words of a column are looked up: codes and truths."""
    return bool(column.values) or column.type == "boolean"


def literal(text: str) -> str:
    """A text of a contract as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def cleaned(name: str, form: Form, drops_missing: bool) -> str:
    """SQL for a cell without outer spaces; NULL where it is empty or, if asked for, says that the value is missing."""
    trimmed = f"trim({name})"
    return f"CASE WHEN {is_missing(trimmed, form)} THEN NULL ELSE {trimmed} END" if drops_missing else _filled(trimmed)


def _filled(trimmed: str) -> str:
    return f"nullif({trimmed}, '')"


def is_missing(cell: str, form: Form) -> str:
    """SQL: whether a cell is empty or one of the form's words for a missing value."""
    compared = f"lower({cell})"
    if APOSTROPHES in form.folds and any("'" in form.fold(word) for word in form.missing):
        compared = f"translate({compared}, {literal(APOSTROPHE_SIGNS)}, {literal(chr(39) * len(APOSTROPHE_SIGNS))})"
    # Cells are looked at by the million, so only what is cheap is folded here: no look-alike letters.
    words = dict.fromkeys(fold(word, form.folds - {HOMOGLYPHS}) for word in ("", *form.missing))
    # A list, not IN: planning IN inside two dozen CASEs takes longer than reading a small file.
    return f"list_contains([{', '.join(map(literal, words))}], {compared})"


def reader(column: Column, cell: str, form: Form, meanings: Mapping[str, str | None] | None = None) -> Reader:
    """How a cell (an SQL name) of a column is read; `meanings` are the understood words of a coded column."""
    if column.type in ("ref", "text"):
        is_folded = column.type == "ref" and HOMOGLYPHS in form.folds
        said = f"translate({cell}, '{_CAPITALS[0]}', '{_CAPITALS[1]}')" if is_folded else cell
        said = _unmarked(said) if FOOTNOTES in form.tolerates else said
        return Reader(f"CASE WHEN {is_missing(cell, form)} THEN NULL ELSE {said} END")
    if is_coded(column):
        return _looked_up(column, cell, form, meanings or {})
    if column.type == "integer":
        return whole_number(cell, form)
    if column.type == "date":
        return _judged(cell, _date(cell, form), form)
    # Three digits after the mark may as well be thousands: they are not read.
    return _judged(cell, _number(cell, form, f"({re.escape(form.decimal)}[0-9]{{1,2}})?", "DECIMAL(14, 2)"), form)


def _unmarked(cell: str) -> str:
    """SQL for a code without the marks of footnotes; to look at its end first is much cheaper than to trim each."""
    is_marked = " OR ".join(f"suffix({cell}, '{mark}')" for mark in _MARKS)
    return f"CASE WHEN {is_marked} THEN nullif(rtrim({cell}, ' {_MARKS}'), '') ELSE {cell} END"


def whole_number(cell: str, form: Form) -> Reader:
    """How a cell that holds a count is read."""
    return _judged(cell, _number(cell, form, "", "BIGINT"), form)


def _judged(cell: str, value: str, form: Form) -> Reader:
    return Reader(value, f"({cell} IS NOT NULL AND {value} IS NULL AND NOT {is_missing(cell, form)})")


def _looked_up(column: Column, cell: str, form: Form, meanings: Mapping[str, str | None]) -> Reader:
    words, codes = f"words_{column.name}_{cell}", f"codes_{column.name}_{cell}"
    parameters = {words: list(meanings), codes: list(meanings.values())}
    found = f"list_position(CAST(${words} AS VARCHAR[]), {{}})"
    code = f"CAST(${codes} AS VARCHAR[])[{found}]"
    if not column.is_list:
        sql_type = "BOOLEAN" if column.type == "boolean" else "VARCHAR"
        value = f"CAST({code.format(cell)} AS {sql_type})"
        return Reader(value, f"({cell} IS NOT NULL AND {found.format(cell)} IS NULL)", parameters)
    parts = _parts(cell, form)
    read = f"list_filter(list_transform({parts}, lambda part: {code.format('part')}), lambda code: code IS NOT NULL)"
    # The same code twice, by two words for it, is one.
    once = "list_filter(codes, lambda code, i: list_position(codes, code) = i)"
    value = f"CASE WHEN {cell} IS NULL THEN [] ELSE list_transform([{read}], lambda codes: {once})[1] END"
    unknown = f"len(list_filter({parts}, lambda part: {found.format('part')} IS NULL)) > 0"
    return Reader(value, f"({cell} IS NOT NULL AND {unknown})", parameters)


def several(cell: str, form: Form) -> list[str]:
    """The words of a cell with several values."""
    parts = [cell]
    for sign in _separators(form):
        parts = [piece for part in parts for piece in part.split(sign)]
    return [part.strip(" ") for part in parts if part.strip(" ")]


def _parts(cell: str, form: Form) -> str:
    """SQL for the same."""
    first, *others = _separators(form)
    said = f"translate({cell}, {literal(''.join(others))}, {literal(first * len(others))})" if others else cell
    trimmed = f"list_transform(string_split({said}, {literal(first)}), lambda part: trim(part))"
    return f"list_filter({trimmed}, lambda part: part <> '')"


def _separators(form: Form) -> list[str]:
    return list(dict.fromkeys(sign.strip() or sign for sign in form.separators))


def _date(cell: str, form: Form) -> str:
    ways = [_one_date(cell, how, form) for how in form.dates]
    return ways[0] if len(ways) == 1 else f"coalesce({', '.join(ways)})"


def _one_date(cell: str, how: str, form: Form) -> str:
    if how == EXCEL_SERIAL:
        # Day 1 is 1 January 1900; the base is two days earlier, for Excel has a 29 February 1900.
        days = f"TRY_CAST({cell} AS INTEGER)"
        return f"CASE WHEN regexp_full_match({cell}, '[0-9]{{5}}') THEN DATE '1899-12-30' + {days} END"
    if MONTH in how:
        return _date_in_words(cell, how, form)
    shape = re.sub("%.", lambda part: _DATE_PARTS[part[0]], re.escape(how))
    read = f"CAST(try_strptime({cell}, {literal(how)}) AS DATE)"
    return f"CASE WHEN regexp_full_match({cell}, {literal(shape)}) AND {read} >= {_FIRST_DAY} THEN {read} END"


def _date_in_words(cell: str, how: str, form: Form) -> str:
    """A day whose month is a word: the parts are taken apart and the word looked up."""
    said = f"lower({cell})"
    # Whatever stands between the parts is compared as it is read, in small letters.
    shape = re.sub("%.", lambda part: f"({_DATE_PARTS[part[0]]})", _small_letters(re.escape(how)))
    order = re.findall("%.", how)
    day, month, year = (
        f"regexp_extract({said}, {literal(f'^{shape}$')}, {order.index(part) + 1})" for part in ("%d", MONTH, "%Y")
    )
    numbers = f"[{', '.join(map(str, form.months.values()))}]"
    number = f"{numbers}[list_position([{', '.join(map(literal, form.months))}], {month})]"
    read = f"TRY_CAST(concat_ws('-', {year}, {number}, {day}) AS DATE)"
    return f"CASE WHEN {month} <> '' AND {number} IS NOT NULL AND {read} >= {_FIRST_DAY} THEN {read} END"


def _small_letters(how: str) -> str:
    return re.sub("(?<!%)[^%]", lambda sign: sign[0].lower(), how)


def _number(cell: str, form: Form, fraction: str, sql_type: str) -> str:
    shape = f"-?[0-9]+{fraction}"
    if form.thousands:
        signs = "".join(map(re.escape, form.thousands))
        shape = f"{shape}|-?[0-9]{{1,3}}([{signs}][0-9]{{3}})+{fraction}"
    bare = f"translate({cell}, {literal(''.join(form.thousands))}, '')" if form.thousands else cell
    pointed = bare if form.decimal == "." or not fraction else f"replace({bare}, ',', '.')"
    return f"CASE WHEN regexp_full_match({cell}, {literal(shape)}) THEN TRY_CAST({pointed} AS {sql_type}) END"


def understood(column: Column, words: Iterable[str], form: Form, period: str) -> dict[str, str | None]:
    """Of the words of a column those that are understood, with their codes; None for one that says it is missing."""
    if column.type == "boolean":
        known = dict.fromkeys(map(form.fold, form.true), "true") | dict.fromkeys(map(form.fold, form.false), "false")
    else:
        known = word_codes(column.values or "", form, period)
    meant: dict[str, str | None] = {**dict.fromkeys(map(form.fold, form.missing)), **known}
    return {word: meant[form.fold(word)] for word in words if form.fold(word) in meant}


def word_codes(name: str, form: Form, period: str) -> dict[str, str]:
    """Folded word -> code. A word for units of several times means the one in force when the period ends."""
    known: dict[str, str] = {}
    for code in sorted(form.words[name], key=lambda code: _turn(name, code, period)):
        for word in form.words[name][code]:
            known.setdefault(form.fold(word), code)
    return known


def _turn(name: str, code: str, period: str) -> int:
    """0 for a code in force at the end of the period, 1 for one in force at its start, 2 for all others."""
    attributes: Mapping[str, Any] = codelists()[name].codes[code].attributes
    if "valid_from" not in attributes and "valid_to" not in attributes:
        return 0
    try:
        quarter = Quarter.parse(period)
    except ValueError:
        return 1
    first, last = attributes.get("valid_from", date.min), attributes.get("valid_to", date.max)
    if first <= quarter.end <= last:
        return 0
    return 1 if first <= quarter.end and last >= quarter.start else 2
