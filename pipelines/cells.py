"""Cells to values: for each column of a fact the SQL that reads its text, and the SQL that says it could not.

Codes and truths are looked up: the different cells of a column are few, so each is understood once, in
Python, by the contract, and handed back to DuckDB as a list of cells and a list of what they mean.
Dates and numbers are read by DuckDB with TRY_CAST and try_strptime behind an expression for their
exact shape, because the casts alone would round 12.7 to 13 and take 1e3 for a thousand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from indicators.calendars import Quarter
from indicators.facts import Column, codelists
from pipelines.folding import APOSTROPHE_SIGNS, APOSTROPHES, HOMOGLYPHS, fold
from pipelines.forms import EXCEL_SERIAL, FOOTNOTES, MONTH, Form

_CAPITALS = ("АВЕКМНОРСТУХІЈЅ", "ABEKMHOPCTYXIJS")
OFFSET = "%z"  # in a form of dates with a time: how far its clock is from UTC
# The name of a month is one or two words; they are looked up, so all but digits may stand there. (Every letter of
# Unicode as a class takes two milliseconds to prepare, at each of the nine places where a date in words is looked at.)
_DATE_PARTS = {
    "%d": "[0-9]{1,2}", "%m": "[0-9]{1,2}", "%Y": "[0-9]{4}", "%y": "[0-9]{2}", MONTH: "[^0-9 ]+(?: [^0-9 ]+)?",
    "%H": "[0-9]{1,2}", "%M": "[0-9]{2}", "%S": "[0-9]{2}", OFFSET: "(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)",
}  # fmt: skip
# Excel shows 0, and some programs an empty day, as a day of 1899 or 1900.
_FIRST_DAY = "DATE '1901-01-01'"
_MARKS = "*†‡"


_VALUE = "{value}"

# The code of a cell, the codes of a cell with several, or none: the cell says that the value is missing.
Meaning = str | tuple[str, ...] | None


@dataclass(frozen=True)
class Reader:
    """How one cell becomes a value. `bad` is true for a cell that is not empty and was not understood.

    In it `{value}` stands for the value, which need not be worked out twice.
    """

    value: str
    bad: str = "false"

    @property
    def is_bad(self) -> str:
        """SQL: whether the cell was not understood."""
        return self.bad.replace(_VALUE, self.value)

    def is_bad_given(self, value: str) -> str:
        """The same, where the value stands under a name already."""
        return self.bad.replace(_VALUE, value)


@dataclass(frozen=True)
class Meanings:
    """What the different cells of a coded column mean.

    Of a cell in `partly` some words were not understood; of cells that are in neither, none was.
    """

    known: Mapping[str, Meaning]
    partly: Mapping[str, Meaning]
    has_others: bool


def is_coded(column: Column) -> bool:
    """Whether the words of a column are looked up: codes and truths."""
    return bool(column.values) or column.type == "boolean"


def literal(text: str) -> str:
    """A text of a contract as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def filled(name: str) -> str:
    """SQL for a cell without outer spaces; NULL where it is empty."""
    # Few cells have outer spaces: to look for them costs a tenth of trimming every cell.
    return (
        f"CASE WHEN {name} LIKE ' %' OR {name} LIKE '% ' OR {name} = '' THEN nullif(trim({name}), '') ELSE {name} END"
    )


def present(cell: str, form: Form) -> str:
    """SQL for a cell as it is; NULL where it says that the value is missing."""
    return f"CASE WHEN {is_missing(cell, form)} THEN NULL ELSE {cell} END"


def is_missing(cell: str, form: Form) -> str:
    """SQL: whether a cell is empty or one of the form's words for a missing value."""
    compared = f"lower({cell})"
    if APOSTROPHES in form.folds and any("'" in form.fold(word) for word in form.missing):
        said = f"translate({compared}, {literal(APOSTROPHE_SIGNS)}, {literal(chr(39) * len(APOSTROPHE_SIGNS))})"
        compared = f"CASE WHEN {_is_plain(cell)} THEN {compared} ELSE {said} END"
    # Cells are looked at by the million, so only what is cheap is folded here: no look-alike letters.
    words = dict.fromkeys(fold(word, form.folds - {HOMOGLYPHS}) for word in ("", *form.missing))
    # The length first: it is cheaper than small letters, which keep it. A list, not IN: planning IN inside
    # two dozen CASEs takes longer than reading a small file.
    lengths = ", ".join(map(str, sorted({len(word) for word in words})))
    is_one = f"list_contains([{', '.join(map(literal, words))}], {compared})"
    return f"(list_contains([{lengths}], length({cell})) AND {is_one})"


def _is_plain(cell: str) -> str:
    """SQL: whether a cell has Latin letters, digits and common signs only; translating costs a hundred times this."""
    return f"strlen({cell}) = length({cell})"


def reader(column: Column, cell: str, form: Form, meanings: Meanings | None = None) -> Reader:
    """How a cell (an SQL name) of a column is read; a coded column needs `meanings`."""
    if column.type in ("ref", "text"):
        said = cell
        if column.type == "ref" and HOMOGLYPHS in form.folds:
            latin = f"translate({cell}, {', '.join(map(literal, _CAPITALS))})"
            said = f"CASE WHEN {_is_plain(cell)} THEN {cell} ELSE {latin} END"
        said = _unmarked(said) if FOOTNOTES in form.tolerates else said
        return Reader(f"CASE WHEN {is_missing(cell, form)} THEN NULL ELSE {said} END")
    if is_coded(column):
        return _looked_up(column, cell, meanings or Meanings({}, {}, has_others=True))
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
    return Reader(value, f"({cell} IS NOT NULL AND {_VALUE} IS NULL AND NOT {is_missing(cell, form)})")


def _looked_up(column: Column, cell: str, meanings: Meanings) -> Reader:
    nothing = "[]" if column.is_list else "NULL"
    both = {**meanings.known, **meanings.partly}
    if not both:
        return Reader(nothing, f"({cell} IS NOT NULL)" if meanings.has_others else "false")
    # The cells are made an ENUM: DuckDB finds a text in it by its hash, however many there are.
    place = f"CAST(enum_code(TRY_CAST({cell} AS ENUM ({', '.join(map(literal, both))}))) AS INTEGER)"
    value = f"CAST([{', '.join(map(_written, both.values()))}] AS {column.sql_type}[])[{place} + 1]"
    is_bad = f"({cell} IS NOT NULL AND coalesce({place} >= {len(meanings.known)}, true))"
    return Reader(
        f"coalesce({value}, [])" if column.is_list else value,
        is_bad if meanings.partly or meanings.has_others else "false",
    )


def _written(meaning: Meaning) -> str:
    if meaning is None:
        return "NULL"
    return literal(meaning) if isinstance(meaning, str) else f"[{', '.join(map(literal, meaning))}]"


def several(cell: str, form: Form) -> list[str]:
    """The words of a cell with several values."""
    parts = [cell]
    for sign in _separators(form):
        parts = [piece for part in parts for piece in part.split(sign)]
    return [part.strip(" ") for part in parts if part.strip(" ")]


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
    read = f"CAST({_time(cell, how, form)} AS DATE)"
    return f"CASE WHEN regexp_full_match({cell}, {literal(shape)}) AND {read} >= {_FIRST_DAY} THEN {read} END"


def _time(cell: str, how: str, form: Form) -> str:
    """SQL for what a cell says, by the clock of the office: its midnight ends a day, a quarter and a year."""
    if OFFSET not in how:
        return f"try_strptime({cell}, {literal(how)})"
    said = f"regexp_replace({cell}, 'Z$', '+00')"
    return f"timezone({literal(form.time_zone)}, try_strptime({said}, {literal(how)}))"


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


def understood(column: Column, cells: Iterable[str], form: Form, period: str) -> Meanings:
    """What the different cells of a coded column mean; the same code twice, by two words for it, is one.

    In a list the code for "not known" names nothing: who is in no other category is not known.
    """
    if column.type == "boolean":
        words = dict.fromkeys(map(form.fold, form.true), "true") | dict.fromkeys(map(form.fold, form.false), "false")
    else:
        words = word_codes(column.values or "", form, period)
    codes: dict[str, str | None] = {**dict.fromkeys(map(form.fold, form.missing)), **words}
    nothing = codelists()[column.values].unknown if column.values and column.is_list else None
    known: dict[str, Meaning] = {}
    partly: dict[str, Meaning] = {}
    has_others = False
    for cell in cells:
        parts = [form.fold(part) for part in (several(cell, form) if column.is_list else [cell])]
        meant = dict.fromkeys(code for part in parts if (code := codes.get(part)) is not None)
        found = tuple(code for code in meant if code != nothing)
        if all(part in codes for part in parts):
            known[cell] = found if column.is_list else codes[parts[0]]
        elif found:
            partly[cell] = found
        else:
            has_others = True
    return Meanings(known, partly, has_others)


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
