"""The table in a grid, as a reader makes it out: header, label columns, columns of counts, and rows."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from indicators.disclosure.puzzle import Range
from reports.attack_grid import Grid, content, is_dash
from reports.attack_links import Content

WORDS_FILE = Path(__file__).parent / "attack_words.toml"
# The hidden columns of our own workbooks (docs/donor-tables.md), which name each row exactly.
MACHINE = ("indicator", "place", "breakdown", "category")
_HEADER_ROWS = 5
_YEARS = range(1990, 2101)


@cache
def _words() -> Mapping[str, re.Pattern[str]]:
    found = tomllib.loads(WORDS_FILE.read_text(encoding="utf-8"))
    return {name: re.compile(pattern, re.IGNORECASE) for name, pattern in found.items()}


def says(kind: str, text: str) -> bool:
    """Whether a text has a word of a kind of `attack_words.toml`."""
    return bool(_words()[kind].search(text))


@dataclass(frozen=True)
class Column:
    """A column of counts, with all its header says."""

    place: int
    header: str


@dataclass(frozen=True)
class Row:
    """A row of the table: its labels, how deep it is set in, and in which run of rows without a gap it is."""

    number: int
    labels: tuple[str, ...]
    depth: int
    run: int

    @property
    def label(self) -> str:
        """The last label that says something."""
        return next((label for label in reversed(self.labels) if label), "")


@dataclass(frozen=True)
class Table:
    """What was made out. `heads` are the headers of the label columns; cells are named by sheet and address."""

    name: str
    heads: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    cells: Mapping[str, Content]
    checks: frozenset[int] = field(default_factory=frozenset)  # rows of ✓ and ≠

    def cell(self, row: Row, column: Column) -> str:
        """The name of a cell, whether or not it says anything."""
        return f"{self.name}!{address(row.number, column.place)}"

    def machine(self) -> tuple[int, ...]:
        """Where the labels of `MACHINE` are; nothing in a table that has them not."""
        heads = [head.casefold() for head in self.heads]
        return tuple(heads.index(name) for name in MACHINE) if set(MACHINE) <= set(heads) else ()


def address(row: int, column: int) -> str:
    """The address of a cell as a spreadsheet gives it; both are counted from 0."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row + 1}"


def table_in(grid: Grid) -> Table | None:
    """The table of a sheet; None if no column of it holds counts."""
    width = max((len(row) for row in grid.rows), default=0)
    rows = [[*row, *[None] * (width - len(row))] for row in grid.rows]
    numeric = [place for place in range(width) if _holds_counts(rows, place)]
    first = next((n for n, row in enumerate(rows) if _is_data(row, numeric)), None)
    if first is None:
        return None
    numeric += [place for place in range(1, width) if place not in numeric and _holds_marks(rows[first:], place)]
    headers = _headers(rows[max(0, first - _HEADER_ROWS) : first], width)
    columns = [place for place in sorted(numeric) if not says("label", headers[place].strip())]
    labels = [place for place in range(columns[0] if columns else 0) if any(_text(row[place]) for row in rows[first:])]
    if not columns or not labels:
        return None
    counts = tuple(Column(place, headers[place]) for place in columns if not says("other", headers[place]))
    dashes = not any(isinstance(content(row[c.place]), Range) for row in rows[first:] for c in counts)
    found = _rows(rows, first, labels, columns, grid.indents or {})
    checks = frozenset(
        row.number for row in found if any(_text(rows[row.number][c.place]) in ("✓", "≠") for c in counts)
    )
    table = Table(grid.name, tuple(_last(headers[place]) for place in labels), counts, found, {}, checks)
    shares = _rows_of_shares(table, rows, grid.percentages)
    cells: dict[str, Content] = {}
    for row in found:
        for column in counts if row.number not in shares else ():
            value = rows[row.number][column.place]
            said = Range() if dashes and is_dash(value) else content(value)
            if said is not None:
                cells[table.cell(row, column)] = said
    return Table(table.name, table.heads, counts, found, cells, checks)


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _last(header: str) -> str:
    return header.rsplit("|", 1)[-1].strip()


def _holds_counts(rows: Sequence[Sequence[Any]], place: int) -> bool:
    """Whether a column holds mostly numbers and marks, from its first number down."""
    said = [content(row[place]) if not is_dash(row[place]) else Range() for row in rows]
    first = next((number for number, one in enumerate(said) if isinstance(one, int)), None)
    if first is None:
        return False
    below = [number for number in range(first, len(rows)) if _text(rows[number][place])]
    return 2 * sum(said[number] is not None for number in below) >= len(below)


def _holds_marks(rows: Sequence[Sequence[Any]], place: int) -> bool:
    """Whether a column without any number holds nothing but marks of hidden ones."""
    said = [content(row[place]) for row in rows if _text(row[place])]
    return bool(said) and all(isinstance(one, Range) for one in said)


def _is_data(row: Sequence[Any], numeric: Sequence[int]) -> bool:
    """Whether a row has a count in it, and is no header of years."""
    found = [content(row[place]) for place in numeric]
    numbers = [number for number in found if isinstance(number, int)]
    return bool(numbers) and not all(number in _YEARS for number in numbers)


def _headers(above: Sequence[Sequence[Any]], width: int) -> list[str]:
    """What the rows above say of each column; what spans columns goes on to the right in all but the last row.

    Rows that fill one cell only are titles.
    """
    texts = [[_text(value) for value in row] for row in above]
    texts = [row for row in texts if len([text for text in row if text]) > 1]
    for row in texts[:-1]:
        for place in range(1, width):
            row[place] = row[place] or row[place - 1]
    return [" | ".join(row[place] for row in texts if row[place]) for place in range(width)]


def _rows(
    rows: Sequence[Sequence[Any]], first: int, labels: Sequence[int], columns: Sequence[int], indents: Mapping[int, int]
) -> tuple[Row, ...]:
    """Every row with a label and a count or mark. In all but the last label column an empty label is the one above."""
    found: list[Row] = []
    above = [""] * len(labels)
    run = 0
    for number in range(first, len(rows)):
        texts = [_text(rows[number][place]) for place in labels]
        if not any(texts):
            above, run = [""] * len(labels), run + 1
            continue
        if not any(_text(rows[number][place]) for place in columns):
            run += 1  # a heading between the rows
        leading = next(place for place, text in enumerate(texts) if text)
        filled = [above[i] if i < leading else text for i, text in enumerate(texts)]
        above = filled
        raw = str(rows[number][labels[leading]])
        inset = len(raw) - len(raw.lstrip(" \u00a0\t")) + 2 * indents.get(number, 0)
        inset += 2 * (raw.lstrip()[:1] in "-–—•·") + 2 * says("part", raw.strip())
        found.append(Row(number, tuple(filled), inset + 100 * leading, run))
    return tuple(found)


def _rows_of_shares(table: Table, rows: Sequence[Sequence[Any]], percentages: frozenset[tuple[int, int]]) -> set[int]:
    """Rows in which a percentage or a fraction stands: no counts. In our own workbooks, all of such an indicator."""
    found = {
        row.number
        for row in table.rows
        for column in table.columns
        if (row.number, column.place) in percentages or _is_fraction(rows[row.number][column.place])
    }
    if not (machine := table.machine()):
        return found
    indicators = {row.labels[machine[0]] for row in table.rows if row.number in found}
    return found | {row.number for row in table.rows if row.labels[machine[0]] in indicators}


def _is_fraction(value: Any) -> bool:
    return (isinstance(value, float) and value != int(value)) or (
        isinstance(value, str) and value.strip().endswith("%")
    )
