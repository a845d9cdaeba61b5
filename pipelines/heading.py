"""Where on a sheet its header stands: where the form has it, or, if the form tolerates that, where its names are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from indicators.facts import facts
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
        if not _is_system_names(above) and (_is_wide(above, sheet) or _is_record(above, best, sheet, form)):
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


def _is_system_names(row: Row) -> bool:
    return all(_SYSTEM_NAME.fullmatch(cell.strip()) for cell in row if cell.strip())


def _is_wide(row: Row, sheet: Sheet) -> bool:
    """Whether a row has more cells than a title has."""
    return sum(bool(cell.strip()) for cell in row) > min(_MOST_TITLE_CELLS, len(layout(sheet)) // 2)


def _is_record(row: Row, heading: Heading, sheet: Sheet, form: Form) -> bool:
    """Whether all cells are filled that a row of some fact must have; few are in a wide form, so a title is no longer.

    A row with one cell alone is never taken for one.
    """
    filled = {i for i, cell in enumerate(row) if cell.strip()}
    said = [{form.fold(name) for names in readings(header, form) for name in names} for header in heading.headers]
    at = {
        place.headers[0]: {i for i, names in enumerate(said) if any(form.fold(word) in names for word in place.headers)}
        for place in layout(sheet)
    }
    return len(filled) > 1 and any(
        all(at[header] & filled for header in headers) for headers in _required(sheet) if headers
    )


def _required(sheet: Sheet) -> Iterator[set[str]]:
    """For each fact of the sheet, and each repetition of its columns, the headers of what must be filled."""
    mains = {use.column: place.headers[0] for place in layout(sheet) for use in place.uses if not use.instance}
    for block in sheet.blocks:
        must = [name for name in block.columns if facts()[block.fact].columns[name].required]
        for instance in block.instances:
            own = {block.header(block.columns[name][0], instance) for name in must}
            yield own | {mains[name] for name in block.inherits if name in mains} if own else own


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
