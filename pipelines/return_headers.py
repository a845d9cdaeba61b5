"""The sheet for a file whose header is not the form's: what the form has, in order, and what the file lacks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pipelines import return_words as words
from pipelines.findings import Finding
from pipelines.forms import HEADERS_SHEET, Form, Sheet, Slot
from pipelines.layout import layout
from pipelines.return_book import LINE, font, put
from pipelines.return_words import both

_OF_HEADERS = frozenset(
    {"missing_header", "unknown_header", "two_headers_for_one", "header_not_found", "column_without_header"}
)
_NOT_QUOTED = {"column_without_header": words.UNKNOWN, "personal_data_header": words.PERSONAL}
_WIDTHS = (16, 10, 46, 60, 34)


def add_headers(book: Any, findings: Sequence[Finding], slot: Slot) -> None:
    """Write the sheet, if any header is missing, unknown or there twice."""
    from openpyxl.styles import Alignment
    from openpyxl.utils import get_column_letter

    concerned = {one.sheet for one in findings if one.rule in _OF_HEADERS}
    rows = [line for sheet in slot.sheets if sheet.name in concerned for line in _lines(sheet, slot.form, findings)]
    if not rows:
        return
    page = book.create_sheet(HEADERS_SHEET)
    put(page.cell(1, 1), both(words.HEADERS_TITLE))
    page.cell(1, 1).font = font(bold=True, size=14)
    for row, line in enumerate([["\n".join(word) for word in words.HEADERS], *rows], start=3):
        for column, text in enumerate(line, start=1):
            put(page.cell(row, column), text or None)
            page.cell(row, column).alignment = Alignment(wrap_text=True, vertical="top")
            page.cell(row, column).font = font(bold=row == 3 or column == len(line))
    for number, width in enumerate(_WIDTHS, start=1):
        page.column_dimensions[get_column_letter(number)].width = width
    page.row_dimensions[3].height = 2 * LINE + 3
    page.freeze_panes = "A4"
    page.page_setup.orientation, page.page_setup.fitToHeight = "landscape", 0
    page.sheet_properties.pageSetUpPr.fitToPage = True


def _lines(sheet: Sheet, form: Form, findings: Sequence[Finding]) -> Iterator[list[str]]:
    """The columns of the form in order, then the columns of the file that are not the form's, by position."""
    from openpyxl.utils import get_column_letter

    own = [one for one in findings if one.sheet == sheet.name]
    states = {form.fold(one.field): words.MISSING for one in own if one.rule == "missing_header"}
    states |= {form.fold(one.field): words.TWICE for one in own if one.rule == "two_headers_for_one"}
    is_lost = any(one.rule == "header_not_found" for one in own)
    for number, place in enumerate(layout(sheet), start=1):
        state = words.MISSING if is_lost else states.get(form.fold(place.headers[0]), words.PRESENT)
        yield [sheet.name, get_column_letter(number), place.headers[0], " | ".join(place.headers[1:]), state]
    for one in own:
        where = get_column_letter(one.column) if one.column else ""
        if one.rule == "unknown_header":
            yield [sheet.name, where, one.field, "", words.UNKNOWN]
        elif one.rule in _NOT_QUOTED:
            yield [sheet.name, where, "", "", _NOT_QUOTED[one.rule]]
