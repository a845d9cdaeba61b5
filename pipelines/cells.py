"""Cells to values: for each column of a fact the SQL that reads its text, and the SQL that says it could not.

Codes and truths are looked up: the different texts of a column are few, so each is understood once, in
Python, by the words of the contract, and joined back. Dates and numbers are read by DuckDB with
TRY_CAST and try_strptime behind an expression for their exact shape, because the casts alone would
round 12.7 to 13 and take 1e3 for a thousand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from duckdb import DuckDBPyConnection

from indicators.calendars import Quarter
from indicators.facts import Column, codelists
from pipelines.folding import APOSTROPHE_SIGNS, APOSTROPHES, HOMOGLYPHS, fold
from pipelines.forms import EXCEL_SERIAL, Form

# Spaces of every kind around a cell, and the mark that some programs leave at the start of a text.
SPACES = " \t\n\r\u00a0\u202f\u2009\u200b\ufeff"
_CAPITALS = ("АВЕКМНОРСТУХІЈЅ", "ABEKMHOPCTYXIJS")
_PARTS = {"%d": "[0-9]{1,2}", "%m": "[0-9]{1,2}", "%Y": "[0-9]{4}", "%y": "[0-9]{2}"}


@dataclass(frozen=True)
class Reader:
    """How one cell becomes a value. `is_bad` is true for a cell that is not empty and was not understood.

    `join` brings the table of understood words in, where there is one.
    """

    value: str
    is_bad: str
    join: str = ""


def literal(text: str) -> str:
    """A text of a contract as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def cleaned(name: str, form: Form) -> str:
    """SQL for a cell without outer spaces; NULL where it is empty or says that the value is missing."""
    trimmed = f"trim({name}, {literal(SPACES)})"
    compared = f"lower({trimmed})"
    if APOSTROPHES in form.folds and any("'" in form.fold(word) for word in form.missing):
        compared = f"translate({compared}, {literal(APOSTROPHE_SIGNS)}, {literal(chr(39) * len(APOSTROPHE_SIGNS))})"
    # Cells are looked at by the million, so only what is cheap is folded here: no look-alike letters.
    plain = form.folds - {HOMOGLYPHS}
    missing = ", ".join(literal(fold(word, plain)) for word in ("", *form.missing))
    return f"CASE WHEN {compared} IN ({missing}) THEN NULL ELSE {trimmed} END"


def reader(column: Column, cell: str, form: Form, words: str = "") -> Reader:
    """How a cell (SQL name, cleaned) of a column is read; `words` is the alias of its table of understood words."""
    if column.type == "date":
        return _judged(cell, _date(cell, form))
    if column.type == "integer":
        return _judged(cell, _number(cell, form, "", "BIGINT"))
    if column.type == "decimal":
        # Three digits after the mark may as well be thousands: they are not read.
        return _judged(cell, _number(cell, form, f"({re.escape(form.decimal)}[0-9]{{1,2}})?", "DECIMAL(14, 2)"))
    if column.type in ("ref", "text"):
        is_folded = column.type == "ref" and HOMOGLYPHS in form.folds
        return Reader(f"translate({cell}, '{_CAPITALS[0]}', '{_CAPITALS[1]}')" if is_folded else cell, "false")
    kind = "BOOLEAN" if column.type == "boolean" else "VARCHAR"
    value = f"coalesce({words}.codes, [])" if column.is_list else f"CAST({words}.codes[1] AS {kind})"
    return Reader(value, f"{cell} IS NOT NULL AND {words}.cell IS NULL")


def _judged(cell: str, value: str) -> Reader:
    return Reader(value, f"{cell} IS NOT NULL AND {value} IS NULL")


def _date(cell: str, form: Form) -> str:
    ways = [_one_date(cell, how) for how in form.dates]
    return ways[0] if len(ways) == 1 else f"coalesce({', '.join(ways)})"


def _one_date(cell: str, how: str) -> str:
    if how == EXCEL_SERIAL:
        # Day 1 is 1 January 1900; the base is two days earlier, for Excel has a 29 February 1900.
        days = f"TRY_CAST({cell} AS INTEGER)"
        return f"CASE WHEN regexp_full_match({cell}, '[0-9]{{5}}') THEN DATE '1899-12-30' + {days} END"
    shape = re.escape(how)
    for part, expression in _PARTS.items():
        shape = shape.replace(re.escape(part), expression)
    read = f"CAST(try_strptime({cell}, {literal(how)}) AS DATE)"
    return f"CASE WHEN regexp_full_match({cell}, {literal(shape)}) THEN {read} END"


def _number(cell: str, form: Form, fraction: str, sql_type: str) -> str:
    plain = f"-?[0-9]+{fraction}"
    whole = plain
    if form.thousands:
        signs = "".join(map(re.escape, form.thousands))
        whole = f"{plain}|-?[0-9]{{1,3}}([{signs}][0-9]{{3}})+{fraction}"
    bare = f"translate({cell}, {literal(''.join(form.thousands))}, '')" if form.thousands else cell
    pointed = bare if form.decimal == "." or not fraction else f"replace({bare}, ',', '.')"
    return f"CASE WHEN regexp_full_match({cell}, {literal(whole)}) THEN TRY_CAST({pointed} AS {sql_type}) END"


def understand(con: DuckDBPyConnection, table: str, cells: Sequence[str], meanings: Mapping[str, list[str]]) -> None:
    """Make the table of understood words: columns `cell` and `codes`."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE {table} (cell VARCHAR, codes VARCHAR[])")
    known = [cell for cell in cells if cell in meanings]
    con.execute(
        f"INSERT INTO {table} SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[][])",
        [known, [meanings[cell] for cell in known]],
    )


def meanings(column: Column, cells: Sequence[str], form: Form, period: str) -> dict[str, list[str]]:
    """For each cell that is understood, the codes it means; truths are the texts `true` and `false`."""
    if column.type == "boolean":
        known = dict.fromkeys(map(form.fold, form.true), "true") | dict.fromkeys(map(form.fold, form.false), "false")
    else:
        known = word_codes(column.values or "", form, period)
    found = {}
    for cell in cells:
        parts = _several(cell, form.separator) if column.is_list else [cell]
        codes = [known.get(form.fold(part)) for part in parts]
        if all(codes):
            found[cell] = list(dict.fromkeys(code for code in codes if code))
    return found


def _several(cell: str, separator: str) -> list[str]:
    parts = cell.split(separator.strip() or separator)
    return [part for part in parts if part.strip(SPACES)] or [cell]


def word_codes(name: str, form: Form, period: str) -> dict[str, str]:
    """Folded word -> code. A word for units of several times means the one in force when the period ends."""
    known: dict[str, str] = {}
    for code in sorted(form.words[name], key=lambda code: _turn(name, code, period)):
        for word in form.words[name][code]:
            known.setdefault(form.fold(word), code)
    return known


def _turn(name: str, code: str, period: str) -> int:
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
