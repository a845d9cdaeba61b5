"""Where on a sheet its header stands: where the form has it, or, if the form tolerates that, where its names are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipelines import remarks
from pipelines.findings import Finding
from pipelines.forms import BILINGUAL_HEADERS, MOVED_HEADER, SUB_HEADER, Form, Sheet
from pipelines.layout import layout

# How many rows from the top may hold the header.
DEPTH = 30
# A row above the header with more cells than this, or than half of the columns, is no title; a row of system names
# is told by their look.
_MOST_TITLE_CELLS = 3
_SYSTEM_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.]*")
_PARTS = re.compile(r"\s*(?:/|\||\(|\)|\n)\s*")

Row = Sequence[str]


@dataclass(frozen=True)
class Heading:
    """What stands above the data; `above` is how many rows that is."""

    titles: tuple[str, ...]
    headers: tuple[str, ...]
    above: int


def find(rows: Sequence[Row], sheet: Sheet, form: Form, file: str) -> tuple[Heading | None, list[Finding]]:
    """The heading of a sheet whose first rows are these, or None when there are too few, and what is wrong with it.

    Away from its place the header is taken only if the form says so, if most of its names are there, and
    if nothing above it looks like a row of data.
    """
    place = len(sheet.titles)
    declared = _heading(rows, place, sheet, form)
    if declared and 2 * known(declared, sheet, form) >= len(layout(sheet)):
        return declared, []
    others = [_heading(rows, top, sheet, form) for top in range(min(len(rows), DEPTH)) if top != place]
    best = max((one for one in others if one), key=lambda one: known(one, sheet, form), default=None)
    if best is None or 2 * known(best, sheet, form) < len(layout(sheet)):
        return declared, []
    row, expected = best.above - sheet.header_rows + 1, place + 1
    if MOVED_HEADER not in form.tolerates:
        return best, [remarks.header_elsewhere(file, sheet.name, row, expected)]
    for number, above in enumerate(rows[: row - 1], start=1):
        if not _is_title(above, len(layout(sheet))):
            return best, [remarks.rows_above_header(file, sheet.name, number)]
    return best, [remarks.header_moved(file, sheet.name, row, expected)]


def _heading(rows: Sequence[Row], top: int, sheet: Sheet, form: Form) -> Heading | None:
    above = top + sheet.header_rows
    if len(rows) < above or not any(cell.strip() for row in rows[top:above] for cell in row):
        return None
    titles = tuple(" ".join(cell for cell in row if cell).strip() for row in rows[:top])
    return Heading(titles, joined(rows[top:above], BILINGUAL_HEADERS in form.tolerates), above)


def known(heading: Heading, sheet: Sheet, form: Form) -> int:
    """How many columns of the form the header names."""
    headers = filter(None, heading.headers)
    said = {form.fold(name) for header in headers for names in readings(header, form) for name in names}
    return sum(any(form.fold(word) in said for word in place.headers) for place in layout(sheet))


def _is_title(row: Row, columns: int) -> bool:
    cells = [cell.strip() for cell in row if cell.strip()]
    return len(cells) <= min(_MOST_TITLE_CELLS, columns // 2) or all(_SYSTEM_NAME.fullmatch(cell) for cell in cells)


def readings(header: str, form: Form) -> Iterator[list[str]]:
    """What a header may say: itself; in two languages, then the runs of its parts of each length, the longest first."""
    yield [header]
    if BILINGUAL_HEADERS not in form.tolerates:
        return
    parts = [part for part in _PARTS.split(header) if part]
    for length in range(len(parts) - 1, 0, -1):
        yield [SUB_HEADER.join(parts[first : first + length]) for first in range(len(parts) - length + 1)]


def joined(header_rows: Sequence[Row], keeps_lines: bool = False) -> tuple[str, ...]:
    """One header a column. Of two rows, a blank above takes the cell to its left: that is how merged cells are kept.

    A break of lines is a space, unless it may part two languages.
    """
    tidy = _lines if keeps_lines else _one_line
    if len(header_rows) == 1:
        return tuple(map(tidy, header_rows[0]))
    width = max(map(len, header_rows))
    upper, lower = ([*map(tidy, row), *[""] * (width - len(row))] for row in header_rows)
    found, group = [], ""
    for above, below in zip(upper, lower, strict=True):
        group = above or (group if below else "")
        found.append(SUB_HEADER.join(part for part in (group, below) if part))
    return tuple(found)


def _one_line(cell: str) -> str:
    return " ".join(cell.split())


def _lines(cell: str) -> str:
    return "\n".join(filter(None, map(_one_line, cell.splitlines())))
