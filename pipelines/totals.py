"""Rows that are no rows of data: totals, which must agree where the form has them, subtotals, and footnotes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from duckdb import DuckDBPyConnection

from indicators.facts import facts
from pipelines import complaints, remarks
from pipelines.blocks import Loaded
from pipelines.cells import literal, reader, whole_number, word_codes
from pipelines.findings import Finding
from pipelines.forms import FOOTNOTES, Form
from pipelines.vocabulary import note_words, totals_words

_FOOTNOTE = f"^([*†‡¹²³]|({'|'.join(note_words())})([ :.]|$))"
_TOTALS = f"(?i)^({'|'.join(totals_words())})([ :.]|$)"


def take_out(con: DuckDBPyConnection, sheet: Loaded, form: Form, file: str) -> list[Finding]:
    """Take every row that is no row of data out of a sheet and say so; compare the totals that the form has."""
    findings = _take_footnotes(con, sheet, form, file)
    row, missing = _declared_row(con, sheet, form, file)
    findings += missing
    for number in _undeclared_rows(con, sheet, form, row):
        findings.append(remarks.totals_undeclared(file, sheet.grid.sheet.name, number + sheet.grid.first_row))
        con.execute(f"DELETE FROM {sheet.table} WHERE rowid = ?", [number])
    if row is not None:
        findings += _differences(con, sheet, form, file, row)
        con.execute(f"DELETE FROM {sheet.table} WHERE rowid = ?", [row])
    return findings


def _take_footnotes(con: DuckDBPyConnection, sheet: Loaded, form: Form, file: str) -> list[Finding]:
    """Rows at the foot that hold one cell, which begins as a note does. A form may agree to them."""
    cells = (
        f"list_filter([{', '.join(f'k{position}' for _, position in sheet.columns)}], lambda cell: cell IS NOT NULL)"
    )
    findings: list[Finding] = []
    while True:
        # The last row alone is looked at; to sort all of them would cost as much as reading the file.
        last = con.execute(
            f"SELECT rowid FROM {sheet.table} WHERE rowid = (SELECT max(rowid) FROM {sheet.table}) "
            f"AND len({cells}) = 1 AND regexp_matches(lower({cells}[1]), {literal(_FOOTNOTE)})"
        ).fetchall()
        if not last:
            return findings[::-1]
        row = last[0][0] + sheet.grid.first_row
        findings.append(remarks.footnote_row(file, sheet.grid.sheet.name, row, FOOTNOTES in form.tolerates))
        con.execute(f"DELETE FROM {sheet.table} WHERE rowid = ?", [last[0][0]])


def _declared_row(con: DuckDBPyConnection, sheet: Loaded, form: Form, file: str) -> tuple[int | None, list[Finding]]:
    """The row of totals that the form has at the foot. A form with totals that lacks them is cut off."""
    totals = sheet.grid.sheet.totals
    if totals is None:
        return None, []
    key = f"k{sheet.position(sheet.grid.sheet.mains[0], 0, totals.column)}"
    last = con.execute(f"SELECT rowid, {key} FROM {sheet.table} ORDER BY rowid DESC LIMIT 1").fetchall()
    if not last or last[0][1] is None or _bare(last[0][1], form) not in map(form.fold, totals.words):
        return None, [complaints.no_totals(file, sheet.grid.sheet.name, totals.words)]
    return last[0][0], []


def _bare(word: str, form: Form) -> str:
    return form.fold(word.rstrip(" :."))


def _undeclared_rows(con: DuckDBPyConnection, sheet: Loaded, form: Form, declared: int | None) -> list[int]:
    """Rows (from 0) that begin with a word for totals: under the number, the kind, the key, or for a code."""
    said = " OR ".join(_says_totals(sheet, form))
    apart = "" if declared is None else f" AND rowid <> {declared}"
    if not said:
        return []
    rows = con.execute(f"SELECT rowid FROM {sheet.table} WHERE ({said}){apart} ORDER BY 1").fetchall()
    return [row for (row,) in rows]


def _says_totals(sheet: Loaded, form: Form) -> Iterator[str]:
    """SQL for each column in which a word for totals is no value."""
    for place, position in sheet.columns:
        columns = [facts()[use.block.fact].columns[use.column] for use in place.uses if not use.block.times]
        if position in sheet.words:
            known = {
                word for column in columns if column.values for word in word_codes(column.values, form, sheet.period)
            }
            words = [
                word for word in sheet.words[position]
                if re.match(_TOTALS, word) and form.fold(word) not in known
            ]  # fmt: skip
            if words:
                yield f"coalesce(list_contains([{', '.join(map(literal, words))}], k{position}), false)"
        elif place.role == "numbering" or any(column.type in ("ref", "text") for column in columns):
            yield f"coalesce(regexp_matches(k{position}, {literal(_TOTALS)}), false)"


def _differences(con: DuckDBPyConnection, sheet: Loaded, form: Form, file: str, row: int) -> Iterator[Finding]:
    totals = sheet.grid.sheet.totals
    assert totals is not None, "asked for by the caller"
    main = sheet.grid.sheet.mains[0]
    for name in (*totals.sums, *totals.counts):
        cell = f"k{sheet.position(main, 0, name)}"
        is_sum = name in totals.sums
        read = reader(facts()[main.fact].columns[name], cell, form) if is_sum else whole_number(cell, form)
        computed = f"coalesce(sum({read.value}), 0)" if is_sum else f"count({cell})"
        # A cell that is not understood is a finding of its own; the sum would only repeat it.
        unread = f"count(*) FILTER ({read.is_bad})" if is_sum else "0"
        said, is_bad = con.execute(
            f"SELECT {read.value}, {read.is_bad} FROM {sheet.table} WHERE rowid = ?", [row]
        ).fetchall()[0]
        found, bad = con.execute(f"SELECT {computed}, {unread} FROM {sheet.table} WHERE rowid <> ?", [row]).fetchall()[
            0
        ]
        if is_bad or (said is not None and said != found and not bad):
            number = row + sheet.grid.first_row
            yield complaints.totals_differ(file, sheet.grid.sheet.name, number, main.columns[name][0])
