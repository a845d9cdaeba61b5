"""The blank workbooks that offices fill in, made from contract and facts. A filled one is taken as it is.

Headers are locked so that they cannot be changed by accident, cells are checked by Excel where it can, and every
column says in Russian and English what is asked. The same contract, form and quarter give the same bytes.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from indicators.calendars import Quarter
from pipelines.asks import Ask, Asking
from pipelines.contracts import contracts
from pipelines.forms import LISTS_SHEET, XLSX, Contract, Sheet, Slot
from pipelines.layout import layout
from pipelines.options import Options
from pipelines.render import written
from pipelines.template_guide import write_guide
from pipelines.template_styles import LINE, Styles
from pipelines.writers import CREATED, MOST_ROWS, Written, header_cells, write_headers

ROWS = 500  # room in a sheet; where no totals end it, the checks go on below
DATA_SHEET = "Данные - Data"  # for a table owed as CSV, which has no sheets

_NARROWEST, _WIDEST = 9, 34
_WIDTHS = {"date": 12, "integer": 10, "decimal": 10, "boolean": 11, "ref": 17, "text": 20}
_PROTECTED = {"format_columns": True, "format_rows": True, "sort": True, "autofilter": True}
_BELOW = (
    "Ниже итогов - Below the totals",
    "Строки вносятся выше итогов: вставьте там строку.\nRows go above the totals: insert a row there.",
)


class TemplateError(ValueError):
    """There is no such blank form; says which there are."""


def templates(office: str, period: str, export: str | None = None) -> dict[str, bytes]:
    """The blank forms of an office for a quarter by file name, all or those of one export.

    Raises TemplateError for an office, an export or a quarter that has none.
    """
    contract = _sender(office)
    _check_period(contract, period)
    slots = contract.slots_at(period)
    exports = dict.fromkeys(name for slot in slots.values() for name in slot.exports)
    if export is not None and export not in exports:
        raise TemplateError(f"{office} sends no export '{export}'; it sends {', '.join(exports)}")
    return {
        file_name(slot, period): template(contract, slot, period)
        for slot in slots.values() if export is None or export in slot.exports
    }  # fmt: skip


def current_quarter(office: str) -> str:
    """The quarter that it is at the office. Raises TemplateError for an office that fills in no forms."""
    return str(Quarter.of(datetime.now(ZoneInfo(_sender(office).time_zone)).date()))


def file_name(slot: Slot, period: str) -> str:
    """The name under which the filled form is sent: that of the office's file, as a workbook."""
    return str(Path(slot.file_name(period)).with_suffix(f".{XLSX}"))


def template(contract: Contract, slot: Slot, period: str) -> bytes:
    """The blank workbook of a form: instructions, the form's sheets, and the words that cells are chosen from."""
    import xlsxwriter

    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": CREATED, "title": file_name(slot, period)})
    asking, styles = Asking(contract, slot.form, period), Styles(book, slot.form)
    asked = [[asking.ask(sheet, place) for place in layout(sheet)] for sheet in slot.sheets]
    lists = _Lists(asked)
    write_guide(book, styles, asking, slot, asked, lists.columns, file_name(slot, period), ROWS)
    for sheet, asks, blank in zip(slot.sheets, asked, written(slot, period, {}), strict=True):
        page = book.add_worksheet(blank.name or DATA_SHEET)
        _write_sheet(page, styles, _Page(sheet, blank, asks, lists, slot.form.missing))
    lists.write(book, styles, asking.languages)
    book.close()
    return target.getvalue()


def _sender(office: str) -> Contract:
    senders = {name: contract for name, contract in contracts().items() if contract.first_period}
    if office not in senders:
        raise TemplateError(f"no office '{office}' fills in forms; there are {', '.join(senders)}")
    return senders[office]


def _check_period(contract: Contract, period: str) -> None:
    try:
        Quarter.parse(period)
    except ValueError as error:
        raise TemplateError(str(error)) from None
    if contract.first_period and period < contract.first_period:
        raise TemplateError(f"the form of {contract.office} applies from {contract.first_period}, not for {period}")


class _Lists:
    """The sheet of words: one column for each different drop-down of the workbook."""

    def __init__(self, asked: Sequence[Sequence[Ask]]) -> None:
        found = [ask.options for asks in asked for ask in asks if ask.options]
        self.by_words = {one.words: one for one in found}
        self.columns = {words: _letters(number) for number, words in enumerate(self.by_words)}

    def source(self, options: Options) -> str:
        """Where the words of a drop-down stand; Excel takes no long list in the check itself."""
        column = self.columns[options.words]
        return f"='{LISTS_SHEET}'!${column}$2:${column}${len(options.words) + 1}"

    def write(self, book: Any, styles: Styles, languages: Sequence[str]) -> None:
        """The sheet, last of the workbook: locked, for the words are those that are understood."""
        page = book.add_worksheet(LISTS_SHEET)
        for number, (words, options) in enumerate(self.by_words.items()):
            title = " - ".join(dict.fromkeys(options.title[language] for language in languages))
            page.write_string(0, number, title, styles.header)
            page.write_column(1, number, words, styles.listed)
            page.set_column(number, number, max(16, min(max(map(len, words)) + 2, 50)))
        page.set_row(0, 4 * LINE)
        page.freeze_panes(1, 0)
        page.set_landscape()
        page.set_paper(9)
        page.protect("", {"format_columns": True})


@dataclass(frozen=True)
class _Page:
    """One sheet of the form with everything that is needed to write it."""

    sheet: Sheet
    blank: Written
    asks: Sequence[Ask]
    lists: _Lists
    missing: Sequence[str]

    @property
    def top(self) -> int:
        """The first row of data, from 0."""
        return self.sheet.first_row - 1

    @property
    def last(self) -> int:
        """The last row that takes data: above the totals, or of the sheet."""
        return self.top + ROWS - 1 if self.sheet.totals else MOST_ROWS - 1


def _write_sheet(page: Any, styles: Styles, of: _Page) -> None:
    widths = [_width(ask) for ask in of.asks]
    for number, (ask, width) in enumerate(zip(of.asks, widths, strict=True)):
        page.set_column(number, number, width, styles.cell(ask))
        page.data_validation(of.top, number, of.last, number, _validation(ask, of.lists))
    _write_above(page, styles, of, widths)
    if of.sheet.numbering:
        page.write_column(of.top, 0, range(1, ROWS + 1), styles.cell(of.asks[0]))
    if of.sheet.totals:
        _write_totals(page, styles, of)
    page.ignore_errors({"number_stored_as_text": f"A{of.top + 1}:{_letters(len(of.asks) - 1)}{of.top + ROWS}"})
    page.freeze_panes(of.top, 2 if of.sheet.numbering or of.sheet.kind else 1)
    page.autofilter(of.top - 1, 0, of.top + ROWS - 1, len(of.asks) - 1)
    # Without totals there is room to the end of the sheet, and an inserted row could only push the header down.
    page.protect("", {**_PROTECTED, "insert_rows": of.sheet.totals is not None})
    page.set_landscape()
    page.set_paper(9)
    page.repeat_rows(0, of.top - 1)


def _write_above(page: Any, styles: Styles, of: _Page, widths: Sequence[int]) -> None:
    """Title rows and headers, locked to the last column."""
    for number, title in enumerate(of.blank.titles):
        for column in range(len(of.asks)):
            page.write_blank(number, column, None, styles.title)
        page.write_string(number, 0, title, styles.title)
    write_headers(page, of.blank, [styles.header_of(ask) for ask in of.asks], styles.group)
    for number, height in enumerate(_heights(of.blank, widths), start=len(of.blank.titles)):
        page.set_row(number, height)


def _heights(blank: Written, widths: Sequence[int]) -> list[float]:
    """Room for the headers as they wrap; a header over both rows needs what the lower row leaves it."""
    rows = header_cells(blank)
    lines = [[_lines(text, width) for text, width in zip(row, widths, strict=True)] for row in rows]
    if len(rows) == 1:
        return [max(lines[0]) * LINE + 4]
    lower = max(lines[1])
    alone = [above for above, below in zip(lines[0], rows[1], strict=True) if not below]
    upper = max(1, max(alone, default=1) - lower)
    return [upper * LINE + 4, lower * LINE + 4]


def _lines(text: str, width: int) -> int:
    # Two signs less than the column is wide: the mark of the filter, and bold letters.
    return max(len(textwrap.wrap(text, max(width - 2, 4))), 1)


def _width(ask: Ask) -> int:
    words = [len(word) for word in ask.options.words] if ask.options else []
    kind = ask.fed[0].column.type if ask.fed else ""
    least = min(max(words), _WIDEST) if words else _WIDTHS.get(kind, _NARROWEST)
    below = ask.place.headers[0].rsplit(" / ", 1)[-1]
    return max(_NARROWEST, least + 2, min(max(map(len, below.split())) + 3, _WIDEST))


def _validation(ask: Ask, lists: _Lists) -> dict[str, Any]:
    """The check and the words over a cell. Several values in a cell are no entry of a list: Excel only tells."""
    rule = {**ask.rule, "source": lists.source(ask.options)} if ask.options else dict(ask.rule)
    is_told = ask.options is not None and ask.options.several
    return rule | {
        "input_title": ask.title, "input_message": ask.message,
        "error_title": ask.error_title, "error_message": ask.error,
        "error_type": "information" if is_told else "stop",
    }  # fmt: skip


def _write_totals(page: Any, styles: Styles, of: _Page) -> None:
    """The last row, counted by Excel; below it nothing is taken."""
    totals = of.sheet.totals
    assert totals is not None, "asked for by the caller"
    row = of.last + 1
    for number, (ask, value) in enumerate(zip(of.asks, of.blank.totals or (), strict=True)):
        names = {one.column.name for one in ask.fed if not one.block.times}
        cells = f"{_letters(number)}{of.top + 1}:{_letters(number)}{of.last + 1}"
        if isinstance(value, str):
            page.write_string(row, number, value, styles.total)
        elif names & set(totals.sums):
            page.write_formula(row, number, f"=SUM({cells})", styles.total, 0)
        elif names & set(totals.counts):
            page.write_formula(row, number, _count(cells, of.missing), styles.total, 0)
        else:
            page.write_blank(row, number, None, styles.total)
    title, text = _BELOW
    nothing = {"validate": "custom", "value": "=FALSE", "error_title": title, "error_message": text}
    page.data_validation(row + 1, 0, MOST_ROWS - 1, len(of.asks) - 1, nothing)


def _count(cells: str, missing: Sequence[str]) -> str:
    """How many cells are filled, without those that say that the value is missing."""
    said = "".join(f'-COUNTIF({cells},"{word}")' for word in missing)
    return f"=COUNTA({cells}){said}"


def _letters(column: int) -> str:
    from xlsxwriter.utility import xl_col_to_name

    return str(xl_col_to_name(column))
