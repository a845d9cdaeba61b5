"""A page's tables as files: one as CSV, one or all of them as a workbook with a sheet that says what it is of.

Numbers are written as numbers in the form of the one formatter; a figure that has none is the word
that stands in its place, never an empty cell and never 0. No cell starts a formula. The same edition
and address give the same bytes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from dashboards.cells import Cell
from dashboards.protected import policy
from dashboards.tables import SHARE, Amount, Item, State, Table
from dashboards.texts import text
from dashboards.view import View
from reports import format as fmt
from reports import sheets
from reports.csv_text import csv_bytes
from reports.workbook import options

CSV, XLSX = "csv", "xlsx"
MIMETYPES = {CSV: "text/csv", XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
_STUB, _COLUMN = 46.0, 18.0
_KEPT = 6  # decimals of a figure, as an edition keeps them
_SHEET_NAME = 31  # characters that a workbook allows


def as_csv(table: Table, view: View) -> bytes:
    """One table; every row also says of which edition and view it is, so that it can be read by itself."""
    about = view.published.about
    until = about["data_until"].isoformat() if about["data_until"] else "–"
    origin = [(view.say("edition"), about["edition_id"]), (view.say("data_until"), until),
              (view.say("filters"), table.context)]  # fmt: skip
    head, rows = wide(table, view.lang)
    body = ([*(_exact(item) for item in row), *(value for _, value in origin)] for row in rows)
    return csv_bytes([sheets.safe(name) for name in (*head, *(name for name, _ in origin))], body)


def as_workbook(tables: Iterable[Table], view: View, address: str) -> bytes:
    """Every table on a sheet of its own, then a sheet about the file. `address` shows the same again."""
    import xlsxwriter

    listed, buffer = list(tables), io.BytesIO()
    with xlsxwriter.Workbook(buffer, options()) as workbook:
        edition = view.published.edition
        book = sheets.Book(edition, view.lang, workbook, edition.labels(view.lang))
        last = view.published.about["data_until"] or date(2000, 1, 1)  # no clock: the same bytes each time
        created = datetime.combine(last, time())
        workbook.set_properties({"title": listed[0].title, "subject": edition.edition_id, "created": created})
        taken: set[str] = set()
        for table in listed:
            _table_sheet(book, table, _sheet_name(table, taken), view.lang)
        _about_sheet(book, listed, view, address)
    return buffer.getvalue()


def wide(table: Table, language: str) -> tuple[list[str], list[list[Item | Decimal | None]]]:
    """Head and rows with a column more where figures have numerators or denominators, or where offices are missing."""
    head: list[str] = []
    columns: list[list[Item | Decimal | None]] = []
    for place, name in enumerate(table.head):
        items = [row[place] for row in table.rows]
        head.append(name)
        columns.append(list(items))
        for key, values in _more(items):
            head.append(f"{name}: {text(key, language)}")
            columns.append(values)
    return head, [list(row) for row in zip(*columns, strict=True)]


def _more(items: list[Item]) -> Iterator[tuple[str, list[Item | Decimal | None]]]:
    cells = [item if isinstance(item, Cell) else None for item in items]
    if any(cell and cell.denominator is not None for cell in cells):
        yield "numerator_column", [cell.numerator if cell else None for cell in cells]
        yield "denominator_column", [cell.denominator if cell else None for cell in cells]
    if any(cell and not cell.is_complete for cell in cells):
        yield "offices_column", [cell.counted if cell else "" for cell in cells]


def _exact(item: Item | Decimal | None) -> str | Decimal | None:
    """For machines: the exact number, or the word."""
    if isinstance(item, State):
        return item.cell.word
    if isinstance(item, Cell) and item.number is None:
        return item.word
    number = item.number if isinstance(item, Cell | Amount) else item
    return fmt.rounded(number, _KEPT) if isinstance(number, Decimal) else number


def _drawn(item: Item | Decimal | None) -> sheets.Cell:
    """For a worksheet: a number in the form a reader sees, or the word."""
    if item is None or isinstance(item, str):
        return item or ""
    if isinstance(item, State):
        return item.cell.word
    if isinstance(item, Decimal):
        return sheets.Number(item, fmt.figure(item, "parts", "en"))
    if isinstance(item, Cell):
        return item.word if item.number is None else sheets.figure(item.number, item.unit)
    return sheets.share(item.number) if item.unit == SHARE else sheets.figure(item.number, item.unit)


def _table_sheet(book: sheets.Book, table: Table, name: str, language: str) -> None:
    head, rows = wide(table, language)
    widths = [_STUB, *[_COLUMN] * (len(head) - 1)]
    sheet = sheets.new_sheet(book, name, widths, landscape=len(head) > 4)
    row = sheets.heading(book, sheet, 0, table.title, widths)
    row = sheets.paragraph(book, sheet, row, table.context, widths, font_color=sheets.GREY) + 1
    row = sheets.grid(book, sheet, row, head, ([_drawn(item) for item in line] for line in rows), widths)
    if table.note:
        sheets.paragraph(book, sheet, row + 1, table.note, widths)


def _about_sheet(book: sheets.Book, tables: list[Table], view: View, address: str) -> None:
    """Edition, data as of, view, protection: what a reader of the file alone must know."""
    about, say = view.published.about, view.say
    until = fmt.day(about["data_until"], view.lang) if about["data_until"] else "–"
    facts = [
        (say("edition"), about["edition_id"]),
        (say("data_until"), until),
        (say("filter_calendar"), view.label("calendar", view.selection.calendar)),
        (say("filter_period"), view.period),
        (say("place"), view.place),
        (say("code_version"), about["code_version"] or "–"),
        (say("fingerprint"), about["figures_hash"] or "–"),
        (say("address"), address),
        *((say("sheet"), f"{table.title}. {table.context}") for table in tables),
        *((say("protection"), sentence) for sentence in (say("why_suppressed"), *policy(view))),
    ]
    widths = [28.0, 90.0]
    sheet = sheets.new_sheet(book, say("about_sheet"), widths)
    row = sheets.heading(book, sheet, 0, say("about_sheet"), widths)
    sheets.grid(book, sheet, row, [], ([sheets.Text(name, {"bold": True}), words] for name, words in facts), widths)


def _sheet_name(table: Table, taken: set[str]) -> str:
    """The title as far as a workbook allows it, and no name twice."""
    plain = re.sub(r"[\[\]:*?/\\']", " ", table.title)[:_SHEET_NAME].strip() or table.name[:_SHEET_NAME]
    name, number = plain, 2
    while name.lower() in taken:
        name, number = f"{plain[: _SHEET_NAME - 3]} {number}", number + 1
    taken.add(name.lower())
    return name


def file_of(tables: Iterable[Table], name: str, kind: str, view: View, address: str) -> Any:
    """The bytes of a file, or None for a name or kind that the page does not offer. An empty name is all tables."""
    found = [table for table in tables if name in ("", table.name)]
    if not found or kind not in MIMETYPES or (kind == CSV and not name):
        return None
    return as_csv(found[0], view) if kind == CSV else as_workbook(found, view, address)
