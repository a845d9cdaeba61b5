"""An office's file to rows of facts: read as text, headers matched, cells typed, all findings told at once.

What is not understood is a finding, never a dropped row and never a zero. A finding of severity
`refuse` means that the file is out; the row of a `quarantine` finding is staged with an empty cell
for the caller to hold back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from duckdb import DuckDBPyConnection

from indicators.facts import facts
from pipelines import complaints, misplaced
from pipelines.anonymity import header_findings
from pipelines.blocks import Loaded, stage
from pipelines.cells import cleaned, understand
from pipelines.findings import Finding, refuses
from pipelines.forms import Contract, Form, Slot
from pipelines.headers import match
from pipelines.layout import Place
from pipelines.readers import Grid, load, reading
from pipelines.totals import check_totals
from pipelines.unread import unread


@dataclass(frozen=True)
class Parsed:
    """What became of a file: the facts staged, and everything that is wrong with it."""

    slot: Slot
    period: str
    facts: tuple[str, ...]
    findings: tuple[Finding, ...]


def parse(contract: Contract, slot: Slot, period: str, path: Path, con: DuckDBPyConnection) -> Parsed:
    """Read a file of a slot into temporary tables `stage_<fact>`: place, sheet, row_number, the fact's columns.

    Row numbers are those the office sees. With a finding of severity `refuse` tables may be missing.
    Raises OSError when the file cannot be opened.
    """
    for name in slot.facts:
        con.execute(f"DROP TABLE IF EXISTS stage_{name}")
    findings = misplaced.by_period(contract, path.name, period)
    loaded: list[Loaded] = []
    with reading(slot, path) as found:
        findings += found.findings
        matched = [(grid, *match(grid, slot.form, path.name)) for grid in found.grids]
        for grid, _, wrong in matched:
            findings += header_findings(path.name, grid.sheet.name, list(grid.headers), contract)
            findings += misplaced.by_title(path.name, grid, period)
            findings += wrong
        # Nothing of a file with wrong headers is loaded: what stands under them may be personal data.
        if not refuses(findings):
            for number, (grid, columns, _) in enumerate(matched):
                findings += _load(con, f"sheet_{number}", grid, columns, slot.form, path.name)
                loaded.append(Loaded(grid, f"sheet_{number}", columns, period))
    if not refuses(findings):
        findings += _stage(con, contract, slot, loaded, path.name)
        findings += misplaced.by_rows(con, contract, slot, period, path.name)
    _forget(con)
    return Parsed(slot, period, slot.facts, tuple(findings))


def records(con: DuckDBPyConnection, fact: str) -> list[dict[str, Any]]:
    """The staged rows of a fact as records, in the order of the file."""
    names = list(facts()[fact].columns)
    rows = con.execute(f"SELECT {', '.join(names)} FROM stage_{fact} ORDER BY rowid").fetchall()
    return [dict(zip(names, row, strict=True)) for row in rows]


def _load(
    con: DuckDBPyConnection, table: str, grid: Grid, columns: Sequence[tuple[Place, int]], form: Form, file: str
) -> list[Finding]:
    """Load a sheet; make its table of cleaned cells without empty rows and without the row of totals."""
    findings = load(con, f"{table}_raw", grid, file)
    cells = ", ".join(f"{cleaned(f'c{i}', form)} AS k{i}" for _, i in columns)
    filled = ", ".join(f"k{i}" for place, i in columns if place.role != "numbering")
    keeps_empty = grid.sheet.is_numbered_by_place
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {table} AS WITH cells AS ("
        f"SELECT rowid + {grid.sheet.first_row} AS row_number, {cells} FROM {table}_raw ORDER BY rowid) "
        f"SELECT * FROM cells{'' if keeps_empty else f' WHERE coalesce({filled}) IS NOT NULL'}"
    )
    findings += _headless(con, table, grid, file)
    con.execute(f"DROP TABLE {table}_raw")
    return findings


def _headless(con: DuckDBPyConnection, table: str, grid: Grid, file: str) -> Iterator[Finding]:
    """Columns that hold something and have no header."""
    blank = [i for i, header in enumerate(grid.headers) if not header]
    if not blank:
        return
    counts = ", ".join(f"count(*) FILTER (trim(c{i}) <> '')" for i in blank)
    numbers = con.execute(f"SELECT {counts} FROM {table}_raw").fetchall()[0]
    for i, number in zip(blank, numbers, strict=True):
        if number:
            yield complaints.no_header(file, grid.sheet.name, i + 1)


def _stage(
    con: DuckDBPyConnection, contract: Contract, slot: Slot, loaded: Sequence[Loaded], file: str
) -> list[Finding]:
    findings: list[Finding] = []
    for sheet in loaded:
        findings += check_totals(con, sheet, slot.form, file)
        findings += _kinds(con, sheet, slot.form, file)
    for name in slot.facts:
        stage(con, contract, slot.form, name, loaded)
        findings += unread(con, name, slot, file)
        con.execute(f"ALTER TABLE stage_{name} DROP COLUMN instance")
        con.execute(f"ALTER TABLE stage_{name} DROP COLUMN bad")
    return findings


def _kinds(con: DuckDBPyConnection, sheet: Loaded, form: Form, file: str) -> list[Finding]:
    """Understand the words that say what a row is; a row that does not say it belongs nowhere."""
    if sheet.kind_position is None:
        return []
    cell = f"k{sheet.kind_position}"
    facts_of = {form.fold(word): [block.fact] for block in sheet.grid.sheet.mains for word in block.kind}
    found = con.execute(f"SELECT DISTINCT {cell} FROM {sheet.table} WHERE {cell} IS NOT NULL").fetchall()
    meant = {text: facts_of[form.fold(text)] for (text,) in found if form.fold(text) in facts_of}
    understand(con, f"{sheet.table}_kinds", list(meant), meant)
    rows = con.execute(
        f"SELECT row_number FROM {sheet.table} AS s WHERE NOT EXISTS "
        f"(SELECT 1 FROM {sheet.table}_kinds AS kinds WHERE kinds.cell = s.{cell}) ORDER BY 1"
    ).fetchall()
    words = [block.kind[0] for block in sheet.grid.sheet.mains]
    header = sheet.grid.sheet.kind[0]
    return [complaints.unknown_kind(file, sheet.grid.sheet.name, [n for (n,) in rows], header, words)] if rows else []


def _forget(con: DuckDBPyConnection) -> None:
    """Drop every aside table of the reading."""
    tables = con.execute(
        "SELECT table_name FROM duckdb_tables() WHERE temporary AND regexp_matches(table_name, '^sheet_[0-9]+')"
    ).fetchall()
    for (table,) in tables:
        con.execute(f"DROP TABLE IF EXISTS {table}")
