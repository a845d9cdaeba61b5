"""Sheets of values to the bytes of a file, the same bytes every time."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pipelines.forms import CSV, SUB_HEADER, Form

MOST_ROWS = 1_048_576  # that a sheet of an XLSX workbook holds; XlsxWriter drops the rest without a word
# Excel's codes for the parts of a date.
_EXCEL_DATE = {"%d": "dd", "%m": "mm", "%Y": "yyyy", "%y": "yy"}
CREATED = datetime(2000, 1, 1)  # noqa: DTZ001 - a fixed mark, not an instant


@dataclass(frozen=True)
class Written:
    """A sheet to be written: rows above, headers (two-part ones are merged), rows, and a last row of totals.

    `above` are rows of cells above the titles, which no form has and real files do.
    """

    name: str
    titles: tuple[str, ...]
    header_rows: int
    headers: tuple[str, ...]
    rows: Sequence[Sequence[Any]]
    totals: Sequence[Any] | None = None
    above: tuple[tuple[str, ...], ...] = ()

    @property
    def top(self) -> int:
        """How many rows stand above the header."""
        return len(self.above) + len(self.titles)


def write(sheets: Sequence[Written], form: Form) -> bytes:
    """The file in the format of the form. Raises UnicodeEncodeError for letters its encoding does not have."""
    return _csv(sheets[0], form) if form.format == CSV else _xlsx(sheets, form)


def _csv(sheet: Written, form: Form) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=form.delimiter, lineterminator="\r\n")
    writer.writerows([*row, *[""] * (len(sheet.headers) - len(row))] for row in _rows_above(sheet))
    writer.writerows(header_cells(sheet))
    last = [] if sheet.totals is None else [sheet.totals]
    writer.writerows([as_text(value, form) for value in row] for row in (*sheet.rows, *last))
    return text.getvalue().encode(form.encodings[0])


def _rows_above(sheet: Written) -> list[tuple[str, ...]]:
    return [*sheet.above, *((title,) for title in sheet.titles)]


def as_text(value: Any, form: Form) -> str:
    """A value as it stands in a cell of text."""
    if value is None:
        return ""
    if isinstance(value, date):
        return value.strftime(form.dates[0])
    if isinstance(value, Decimal):
        return format(value.normalize(), "f").replace(".", form.decimal)
    return str(value)


def header_cells(sheet: Written) -> list[list[str]]:
    """One row of headers, or two: a heading above the first of its columns, what belongs to it below."""
    if sheet.header_rows == 1:
        return [list(sheet.headers)]
    upper, lower, before = [], [], ""
    for header in sheet.headers:
        above, _, below = header.partition(SUB_HEADER)
        upper.append("" if below and above == before else above)
        lower.append(below)
        before = above if below else ""
    return [upper, lower]


def _xlsx(sheets: Sequence[Written], form: Form) -> bytes:
    import xlsxwriter

    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": CREATED})
    for sheet in sheets:
        _fill(book, book.add_worksheet(sheet.name), sheet, form)
    book.close()
    return target.getvalue()


def _fill(book: Any, page: Any, sheet: Written, form: Form) -> None:
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    day = book.add_format({"num_format": date_format(form)})
    for number, cells in enumerate(_rows_above(sheet)):
        page.write_row(number, 0, cells, bold)
    write_headers(page, sheet, [bold] * len(sheet.headers), bold)
    first = sheet.top + sheet.header_rows
    last = [] if sheet.totals is None else [sheet.totals]
    for number, row in enumerate((*sheet.rows, *last), start=first):
        for column, value in enumerate(row):
            _write_cell(page, number, column, value, day)
    page.freeze_panes(first, 1)
    page.set_column(0, max(len(sheet.headers) - 1, 0), 16)


def date_format(form: Form) -> str:
    """Excel's code for the form's way of writing a date."""
    written = form.dates[0]
    for part, excel in _EXCEL_DATE.items():
        written = written.replace(part, excel)
    return written


def _write_cell(page: Any, row: int, column: int, value: Any, day: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, date):
        page.write_datetime(row, column, value, day)
    elif isinstance(value, int | Decimal):
        page.write_number(row, column, value)
    else:
        page.write_string(row, column, value)


def write_headers(page: Any, sheet: Written, formats: Sequence[Any], group: Any) -> None:
    """The headers, each in its own format; a heading over several columns in that of `group`."""
    top = sheet.top
    rows = header_cells(sheet)
    if sheet.header_rows == 1:
        for column, header in enumerate(rows[0]):
            page.write_string(top, column, header, formats[column])
        return
    upper, lower = rows
    for column, (above, below) in enumerate(zip(upper, lower, strict=True)):
        if not below:
            page.merge_range(top, column, top + 1, column, above, formats[column])
            continue
        page.write_string(top + 1, column, below, formats[column])
        if above:
            _write_heading(page, top, column, upper, lower, group)


def _write_heading(page: Any, row: int, column: int, upper: list[str], lower: list[str], group: Any) -> None:
    """A heading over its columns, merged where there are several."""
    last = column
    while last + 1 < len(upper) and not upper[last + 1] and lower[last + 1]:
        last += 1
    if last > column:
        page.merge_range(row, column, row, last, upper[column], group)
    else:
        page.write_string(row, column, upper[column], group)
