"""An office's file to rows of facts: read as text, headers matched, cells typed, all findings told at once.

What is not understood is a finding, never a dropped row and never a zero. A finding of severity
`refuse` means that the file is out; the row of a `quarantine` finding is staged with an empty cell
for the caller to hold back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from duckdb import DuckDBPyConnection

from indicators.facts import facts
from pipelines import complaints, misplaced, remarks, screening
from pipelines.anonymity import header_findings
from pipelines.blocks import Cell, Loaded, kind_is, stage, words_of
from pipelines.cells import filled, present
from pipelines.findings import Finding, refuses
from pipelines.forms import Contract, Form, Slot
from pipelines.headers import match
from pipelines.readers import Grid, load, reading
from pipelines.totals import take_out
from pipelines.unread import unread


@dataclass(frozen=True)
class Parsed:
    """What became of a file: the facts staged, and everything that is wrong with it.

    `cells` says where the columns of the facts stand on the sheets; it is empty for a file of which no rows were read.
    `is_screened` says that the anonymity gate has looked at every cell and let it pass.
    """

    slot: Slot
    period: str
    facts: tuple[str, ...]
    findings: tuple[Finding, ...]
    cells: Mapping[Cell, int] = field(default_factory=dict)
    is_screened: bool = False


def parse(contract: Contract, slot: Slot, period: str, path: Path, con: DuckDBPyConnection) -> Parsed:
    """Read a file of a slot into temporary tables `stage_<fact>`: place, sheet, row_number, columns, instance.

    `instance` is the number of the group in which a row stood, 0 outside groups. Row numbers are those
    the office sees. With a finding of severity `refuse` tables may be missing. Raises OSError when the
    file cannot be opened.
    """
    for name in slot.facts:
        con.execute(f"DROP TABLE IF EXISTS stage_{name}")
    findings = misplaced.by_period(contract, path.name, period)
    loaded: list[Loaded] = []
    cells: dict[Cell, int] = {}
    is_screened = False
    with _forgetting(con), reading(slot, path) as found:
        findings += found.findings
        matched = [(grid, *match(grid, slot.form, path.name)) for grid in found.grids]
        for grid, _, wrong in matched:
            findings += header_findings(path.name, grid.sheet.name, list(grid.headers), contract)
            findings += screening.above(path.name, grid, contract, period)
            findings += misplaced.by_title(path.name, grid, period)
            # The gate has spoken of these; where a header is missing they may be somebody's name.
            findings += [one for one in wrong if not screening.quotes_a_person(one, grid)]
        # Nothing of a file with wrong headers is loaded: what stands under them may be personal data.
        if not refuses(findings):
            for number, (grid, columns, _) in enumerate(matched):
                table = f"sheet_{number}"
                findings += _load(con, table, grid, slot.form, path.name)
                loaded.append(Loaded(grid, table, columns, period, words_of(con, table, columns)))
            personal = screening.screen(con, path.name, loaded, slot.form, contract)
            findings += personal
            is_screened = not personal
            _drop_empty_rows(con, loaded)
        for sheet in loaded:
            cells |= sheet.positions()
        if not refuses(findings):
            findings += _stage(con, contract, slot, loaded, cells, path.name)
            findings += misplaced.by_rows(con, contract, slot, period, path.name)
    return Parsed(slot, period, slot.facts, tuple(findings), cells, is_screened)


def records(con: DuckDBPyConnection, fact: str) -> list[dict[str, Any]]:
    """The staged rows of a fact as records, in the order of the file."""
    names = list(facts()[fact].columns)
    rows = con.execute(f"SELECT {', '.join(names)} FROM stage_{fact} ORDER BY row_number, rowid").fetchall()
    return [dict(zip(names, row, strict=True)) for row in rows]


def _load(con: DuckDBPyConnection, table: str, grid: Grid, form: Form, file: str) -> list[Finding]:
    """Load a sheet as cleaned cells; what stands in a column without a header is a finding."""
    drops_missing = bool(grid.sheet.groups or grid.sheet.kind)
    headless = [i for i, header in enumerate(grid.headers) if not header]
    # Columns that are not read are loaded too: the gate looks at them.
    positions = range(len(grid.headers))
    texts = ", ".join(f"{filled(f'c{i}')} AS k{i}" for i in positions)
    # One after the other: an expression that stands in another a hundred times is looked for by DuckDB a hundred times.
    cells = ", ".join(f"{present(f'k{i}', form)} AS k{i}" for i in positions) if drops_missing else "*"
    findings = load(con, table, grid, texts, file, cells)
    for i in headless:
        if con.execute(f"SELECT count(k{i}) FROM {table}").fetchall() != [(0,)]:
            findings.append(complaints.no_header(file, grid.sheet.name, i + 1))
    return findings


def _drop_empty_rows(con: DuckDBPyConnection, loaded: Sequence[Loaded]) -> None:
    for sheet in loaded:
        if not sheet.grid.sheet.is_numbered_by_place:
            filled = ", ".join(f"k{position}" for place, position in sheet.columns if place.role != "numbering")
            con.execute(f"DELETE FROM {sheet.table} WHERE coalesce({filled}) IS NULL")


def _fill_down(con: DuckDBPyConnection, sheet: Loaded, file: str) -> list[Finding]:
    """Where the form says so, an empty cell takes the value of the cell above."""
    findings = []
    main = sheet.grid.sheet.mains[0]
    for name in sheet.grid.sheet.fill_down:
        cell = f"k{sheet.position(main, 0, name)}"
        filled = (
            f"(SELECT rowid AS number, above FROM (SELECT rowid, {cell} AS own, last_value({cell} IGNORE NULLS) "
            f"OVER (ORDER BY rowid) AS above FROM {sheet.table}) WHERE own IS NULL AND above IS NOT NULL)"
        )
        count, first = con.execute(f"SELECT count(*), min(number) FROM {filled}").fetchall()[0]
        if count:
            con.execute(
                f"UPDATE {sheet.table} SET {cell} = above FROM {filled} AS filled WHERE {sheet.table}.rowid = number"
            )
            row, header = first + sheet.grid.first_row, main.columns[name][0]
            findings.append(remarks.filled_down(file, sheet.grid.sheet.name, header, row, count))
    return findings


def _stage(
    con: DuckDBPyConnection,
    contract: Contract,
    slot: Slot,
    loaded: Sequence[Loaded],
    cells: Mapping[Cell, int],
    file: str,
) -> list[Finding]:
    findings: list[Finding] = []
    for sheet in loaded:
        findings += take_out(con, sheet, slot.form, file)
        findings += _fill_down(con, sheet, file)
        findings += _kinds(con, sheet, slot.form, file)
    for name in slot.facts:
        stage(con, contract, slot.form, name, loaded)
        findings += unread(con, name, slot, file, cells)
        con.execute(f"ALTER TABLE stage_{name} DROP COLUMN bad")
    return findings


def _kinds(con: DuckDBPyConnection, sheet: Loaded, form: Form, file: str) -> list[Finding]:
    """A row that does not say what it is belongs nowhere."""
    if sheet.kind_position is None:
        return []
    mains = sheet.grid.sheet.mains
    rows = con.execute(
        f"SELECT {sheet.row_number} FROM {sheet.table} WHERE NOT {kind_is(form, sheet, mains)} ORDER BY 1"
    ).fetchall()
    words = [block.kind[0] for block in mains]
    header = sheet.grid.sheet.kind[0]
    return [complaints.unknown_kind(file, sheet.grid.sheet.name, [n for (n,) in rows], header, words)] if rows else []


@contextmanager
def _forgetting(con: DuckDBPyConnection) -> Iterator[None]:
    """Drop every aside table of the reading at its end, even where the reading fails."""
    try:
        yield
    finally:
        tables = con.execute(
            "SELECT table_name FROM duckdb_tables() WHERE temporary AND regexp_matches(table_name, '^sheet_[0-9]+')"
        ).fetchall()
        for (table,) in tables:
            con.execute(f"DROP TABLE IF EXISTS {table}")
