"""The row of totals at the foot of a sheet: it must be there, agree with the rows, and is no row itself."""

from __future__ import annotations

from collections.abc import Iterator

from duckdb import DuckDBPyConnection

from indicators.facts import facts
from pipelines import complaints
from pipelines.blocks import Loaded
from pipelines.cells import reader, whole_number
from pipelines.findings import Finding
from pipelines.forms import Form


def check_totals(con: DuckDBPyConnection, sheet: Loaded, form: Form, file: str) -> list[Finding]:
    """Compare the totals with the rows above and take their row out. A form with totals that lacks them is cut off."""
    totals = sheet.grid.sheet.totals
    if totals is None:
        return []
    main = sheet.grid.sheet.mains[0]
    key = f"k{sheet.position(main, 0, totals.column)}"
    last = con.execute(f"SELECT rowid, {key} FROM {sheet.table} ORDER BY rowid DESC LIMIT 1").fetchall()
    if not last or last[0][1] is None or form.fold(last[0][1]) not in map(form.fold, totals.words):
        return [complaints.no_totals(file, sheet.grid.sheet.name, totals.words)]
    row: int = last[0][0]
    findings = list(_differences(con, sheet, form, file, row))
    con.execute(f"DELETE FROM {sheet.table} WHERE rowid = ?", [row])
    return findings


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
            number = row + sheet.grid.sheet.first_row
            yield complaints.totals_differ(file, sheet.grid.sheet.name, number, main.columns[name][0])
