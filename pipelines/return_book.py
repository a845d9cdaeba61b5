"""The workbook that goes back, as bytes: the office's tables copied cell by cell, marked, the same bytes every time."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from copy import copy
from datetime import datetime
from typing import Any

from pipelines.forms import SUB_HEADER
from pipelines.return_marks import AUTHOR, TONES, Mark
from pipelines.return_tables import Table

ROW_HEADER = "Строка / Row"
_CREATED = datetime(2000, 1, 1)  # noqa: DTZ001 - a fixed mark, not an instant
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")
# Signs that a program may take for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LITERAL = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
LINE = 15  # the height of a line
_NARROW = 8.43  # the width of a column that says none
_TEXT, _GENERAL = "@", "General"


def new_book() -> Any:
    """A workbook without sheets that says nothing of who made it and when."""
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    book.properties.creator = AUTHOR
    book.properties.created = _CREATED
    return book


def as_bytes(book: Any) -> bytes:
    """The bytes of a workbook, without the time at which it was written."""
    saved, target = io.BytesIO(), io.BytesIO()
    book.save(saved)
    with zipfile.ZipFile(saved) as parts, zipfile.ZipFile(target, "w") as archive:
        for name in parts.namelist():
            body = parts.read(name)
            if name == "docProps/core.xml":
                body = _MODIFIED.sub(rb"\g<1>2000-01-01T00:00:00Z", body)
            archive.writestr(zipfile.ZipInfo(name, _ZIP_DATE), body, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def font(bold: bool = False, size: int = 11, **how: Any) -> Any:
    """The font of what we write ourselves."""
    from openpyxl.styles import Font

    return Font(name="Calibri", sz=size, b=bold, **how)


def put(cell: Any, value: Any, kind: str = "s") -> None:
    """A value into a cell; a text stays a text, whatever sign it begins with."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if not isinstance(value, str):
        cell.value = value
        return
    cell.value = ILLEGAL_CHARACTERS_RE.sub("\ufffd", value)
    if kind != "e":
        cell.data_type = "s"
    if value.startswith(_FORMULA):
        cell.quotePrefix = True


def add_table(book: Any, table: Table, marks: Mapping[tuple[int, int], Mark], period: str) -> None:
    """The office's sheet, with its layout where it has one, and the cells of the findings marked."""
    page = book.create_sheet(table.name)
    styles = _Styles()
    for row, title in enumerate(table.titles, start=1):
        put(page.cell(row, 1), title.replace("{period}", period))
    if table.source is None:
        _write_texts(page, table)
    else:
        _copy_cells(page, table, styles)
        _copy_layout(page, table)
    for (row, column), mark in sorted(marks.items()):
        _mark(page, table, row, column, mark)
    _fit_head(page, table)
    page.freeze_panes = page.cell(table.first_row, 2 if table.numbers is None else 3)
    page.page_setup.orientation = "landscape"


class _Styles:
    """Styles of one workbook taken over into another, each once."""

    def __init__(self) -> None:
        self.known: dict[tuple[int, ...], Any] = {}

    def take_over(self, source: Any, target: Any) -> None:
        """Font, colour, borders, alignment and form of number; a colour of ours from last time is taken off."""
        key = tuple(source._style)
        if key not in self.known:
            target.font, target.border, target.alignment = (
                copy(source.font),
                copy(source.border),
                copy(source.alignment),
            )
            if source.fill.fgColor.rgb not in {tone.colour for tone in TONES.values()}:
                target.fill = copy(source.fill)
            target.number_format = _number_format(source)
            self.known[key] = copy(target._style)
        target._style = copy(self.known[key])


def _number_format(source: Any) -> str:
    """The form of a number or day, without words of the office's own in it."""
    if not _LITERAL.search(source.number_format):
        return str(source.number_format)
    return "dd.mm.yyyy" if source.is_date else _GENERAL


def _copy_cells(page: Any, table: Table, styles: _Styles) -> None:
    first, last, width = table.header_top, table.last_row, len(table.headers)
    for cells in table.source.iter_rows(min_row=1, max_row=last, max_col=width):
        for cell in cells:
            if not cell.has_style and cell.value is None:
                continue
            target = page.cell(cell.row, cell.column)
            styles.take_over(cell, target)
            is_header = first <= cell.row <= table.header_row
            if cell.value is not None and (is_header or (cell.row >= first and table.is_read(cell.column - 1))):
                put(target, cell.value, cell.data_type)


def _copy_layout(page: Any, table: Table) -> None:
    """Widths, heights and merged cells of the head; what was hidden is shown."""
    for letters, column in table.source.column_dimensions.items():
        if column.width:
            page.column_dimensions[letters].width = column.width
            page.column_dimensions[letters].min, page.column_dimensions[letters].max = column.min, column.max
    for number in range(1, table.last_row + 1):
        height = table.source.row_dimensions[number].height if number in table.source.row_dimensions else None
        if height:
            page.row_dimensions[number].height = height
    for merged in table.source.merged_cells.ranges:
        if merged.max_row <= table.header_row and merged.max_col <= len(table.headers):
            page.merge_cells(merged.coord)


def _write_texts(page: Any, table: Table) -> None:
    """The rows as the office sent them, every cell a text, so that nothing becomes another number or day."""
    from openpyxl.styles import Alignment
    from openpyxl.utils import get_column_letter

    shift = 1 if table.numbers is None else 2
    for column, header in enumerate(table.headers, start=shift):
        for row, word in zip(range(table.header_top, table.header_row + 1), _parts(table, header), strict=True):
            put(page.cell(row, column), word or None)
            page.cell(row, column).font = font(bold=True)
            page.cell(row, column).alignment = Alignment(wrap_text=True, vertical="top")
        page.column_dimensions[get_column_letter(column)].width = 18
        # What is typed into the column later stays as it was typed, too.
        page.column_dimensions[get_column_letter(column)].number_format = _TEXT
    pattern, read = page.cell(table.first_row, 1), [position for _, position in table.columns]
    pattern.number_format = _TEXT
    as_text = copy(pattern._style)
    for row, cells in enumerate(table.rows, start=table.first_row):
        for position in (position for position in read if cells[position]):
            cell = page.cell(row, position + shift)
            cell._style = copy(as_text)  # to name the format anew for every cell takes longer than to write them
            put(cell, cells[position])
    if table.numbers is not None:
        page.cell(table.header_row, 1).value = ROW_HEADER
        page.cell(table.header_row, 1).font = font(bold=True)
        page.column_dimensions["A"].width = 14
        for row, number in enumerate(table.numbers, start=table.first_row):
            page.cell(row, 1).value = number


def _fit_head(page: Any, table: Table) -> None:
    """Rows of the head high enough for their words: LibreOffice does not see to it, and cuts them."""
    from openpyxl.styles import Alignment

    for row in range(1, len(table.titles) + 1):
        page.cell(row, 1).alignment = Alignment(wrap_text=False, vertical="top")
    spans = {
        (m.min_row, m.min_col): (m.max_row - m.min_row + 1, m.min_col, m.max_col) for m in page.merged_cells.ranges
    }
    for row in range(table.header_top, table.header_row + 1):
        lines = [1]
        for cell in (cell for cell in page[row] if cell.value):
            rows, first, last = spans.get((row, cell.column), (1, cell.column, cell.column))
            lines.append(-(-_lines(str(cell.value), sum(_width(page, n) for n in range(first, last + 1))) // rows))
        page.row_dimensions[row].height = max(page.row_dimensions[row].height or 0, LINE * max(lines) + 3)


def _width(page: Any, column: int) -> float:
    """How many signs wide a column is; one entry may stand for several columns."""
    for dimension in page.column_dimensions.values():
        if dimension.min and dimension.min <= column <= dimension.max:
            return float(dimension.width)
    return _NARROW


def _lines(text: str, width: float) -> int:
    """How many lines the words of a header take: each begins a new one when it does not fit."""
    lines, room = 1, width
    for word in text.split():
        taken = 1.2 * len(word) + 1
        if taken > room and room < width:
            lines, room = lines + 1, width
        lines += int(max(taken - room - 1, 0) // width)
        room -= taken
    return lines


def _parts(table: Table, header: str) -> list[str]:
    """A header over the rows that the form's header has."""
    if table.sheet.header_rows == 1:
        return [header]
    above, _, below = header.partition(SUB_HEADER)
    return [above, below]


def _mark(page: Any, table: Table, row: int, column: int, mark: Mark) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    cell = _anchor(page, *table.returned(row, column))
    cell.fill = PatternFill("solid", fgColor=TONES[mark.severity].colour)
    own = cell.font
    cell.font = font(bold=own.b, size=own.sz, i=own.i, color="FF000000")
    height, width = mark.box
    cell.comment = Comment(mark.text, AUTHOR, height=height, width=width)


def _anchor(page: Any, row: int, column: int) -> Any:
    """The cell itself, or the one that shows for it in a merged header."""
    for merged in page.merged_cells.ranges:
        if merged.min_row <= row <= merged.max_row and merged.min_col <= column <= merged.max_col:
            return page.cell(merged.min_row, merged.min_col)
    return page.cell(row, column)
