"""The office's own tables, as they are given back: read as the reader reads them, and nothing beside them.

Only what the form knows is taken over: titles are the form's, columns that the programme does not read are left
empty, and comments, formulas, pictures, links, macros, drop-downs and other sheets stay behind. What nobody looked
at may be about a person.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipelines.findings import Finding, refuses
from pipelines.forms import XLSX, Form, Sheet, Slot
from pipelines.headers import match
from pipelines.layout import Place, is_called
from pipelines.readers import Grid, load, reading

# Above this many rows only those with findings are given back: a workbook of everything opens slowly and helps nobody.
MOST_ROWS = 10_000
PLAIN_SHEET = "Таблица - Table"
_LONGEST_CELL = 32_767  # signs that Excel keeps in a cell


@dataclass(frozen=True)
class Table:
    """One sheet of the form as the office filled it in.

    `columns` are the columns of the form with their positions (from 0), `rows` the data as text. `source` is the
    sheet of the office's own workbook, where there is one; `first_row` is the number of its first row of data.
    An extract has the office's row numbers of its rows in `numbers`, and a first column that shows them.
    """

    form: Form
    sheet: Sheet
    name: str
    headers: tuple[str, ...]
    columns: tuple[tuple[Place, int], ...]
    rows: tuple[tuple[str, ...], ...]
    first_row: int
    source: Any = None
    numbers: tuple[int, ...] | None = None

    @property
    def header_row(self) -> int:
        """The last row of the header."""
        return self.first_row - 1

    @property
    def header_top(self) -> int:
        """The first row of the header."""
        return self.first_row - self.sheet.header_rows

    @property
    def titles(self) -> tuple[str, ...]:
        """The form's rows above the header, as many as there is room for."""
        return self.sheet.titles[: self.header_top - 1]

    @property
    def last_row(self) -> int:
        """The last row of data."""
        return self.header_row + len(self.rows)

    def is_read(self, position: int) -> bool:
        """Whether the programme reads the column at a position (from 0)."""
        return any(position == read for _, read in self.columns)

    def returned(self, row: int, column: int) -> tuple[int, int]:
        """Where a cell of the office's sheet stands on the returned one."""
        if self.numbers is None:
            return row, column
        return (self.first_row + self.numbers.index(row) if row in self.numbers else row), column + 1


def tables(original: Path, slot: Slot, findings: Sequence[Finding]) -> tuple[Table, ...]:
    """Every sheet of the form; none when the file does not read through to the end."""
    with reading(slot, original) as found:
        matched = [(grid, *match(grid, slot.form, original.name)) for grid in found.grids]
        if refuses([*found.findings, *(one for _, _, wrong in matched for one in wrong)]):
            return ()
        read = [_table(slot, grid, tuple(columns), original.name) for grid, columns, _ in matched]
    whole = [table for table in read if table is not None]
    if len(whole) < len(read) or any(len(cell) > _LONGEST_CELL for one in whole for row in one.rows for cell in row):
        return ()
    if sum(len(table.rows) for table in whole) > MOST_ROWS:
        return tuple(_extract(table, findings) for table in whole)
    return tuple(_with_sources(whole, original, slot))


def _table(slot: Slot, grid: Grid, columns: tuple[tuple[Place, int], ...], file: str) -> Table | None:
    import duckdb

    with duckdb.connect() as con:
        if load(con, "sheet", grid, "*", file):
            return None
        rows = con.execute("SELECT * FROM sheet ORDER BY rowid").fetchall()
    texts = tuple(tuple(cell or "" for cell in row) for row in rows)
    name = grid.sheet.name or PLAIN_SHEET
    return Table(slot.form, grid.sheet, name, grid.headers, columns, texts, grid.first_row)


def _extract(table: Table, findings: Sequence[Finding]) -> Table:
    rows = {one.row for one in findings if one.row is not None and one.sheet == table.sheet.name}
    numbers = tuple(sorted(row for row in rows if table.header_row < row <= table.last_row))
    kept = tuple(table.rows[row - table.first_row] for row in numbers)
    return replace(table, rows=kept, source=None, numbers=numbers)


def _with_sources(whole: Sequence[Table], original: Path, slot: Slot) -> list[Table]:
    """The tables with the office's own layout, if the file is a workbook that gives it out."""
    book = _workbook(original) if original.suffix.lower() == f".{XLSX}" else {}
    found = []
    for table in whole:
        source = next((page for name, page in book.items() if is_called(table.sheet, name, slot.form)), None)
        name = source.title if source is not None and table.sheet.names else table.name
        found.append(replace(table, name=name, source=source))
    return found


def _workbook(original: Path) -> Mapping[str, Any]:
    """The sheets by name, with the values of formulas; none when this library cannot open what the reader could."""
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            book = openpyxl.load_workbook(original, data_only=True, keep_links=False)
        except Exception:  # noqa: BLE001 (whatever it is, the rows as text are given back without the layout)
            return {}
    return {page.title: page for page in book.worksheets}
