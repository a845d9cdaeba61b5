"""The sheet of the performance tracking table: blocks across, indicators, countries and parts down."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, count
from typing import Any

from indicators.calendars import Quarter
from reports import format as form
from reports.deviation import deviations
from reports.donors import DonorProfile
from reports.iptt import CHECK, FAMILY, INDICATOR, PART, PLACE, Iptt, Line, sums
from reports.iptt_blocks import Block
from reports.iptt_cells import block_days, block_title, cells, described, reported_block
from reports.layout import Layout, layout_of
from reports.sheets import (
    FONT,
    GREY,
    INPUT,
    LINE,
    SHADE,
    Book,
    Cell,
    Number,
    Text,
    foot_line,
    header_style,
    heading,
    measured,
    paragraph,
    put,
    row_height,
    text_lines,
)

HIDDEN = ("indicator", "place", "breakdown", "category")
FIRST = len(HIDDEN)  # first column in view
TITLES, HEADS = 3, 3  # rows
DATA = TITLES + HEADS  # first row of data

_STATE_WIDTH, _NARROWEST, _DAYS_WIDTH, _NARROWEST_CODE = 13.0, 10.5, 19.0, 6.0
_WIDENED = 6  # at most by so many halves of a digit; a longer mark is wrapped
_NUMBERS = ("baseline", "target_year")  # of the describing columns
_INDENT = {PLACE: 1, PART: 2, CHECK: 2}
_INDENT_WIDTH = 2.0  # of one step, in digits
_PAPER_A3 = 8


@dataclass(frozen=True)
class _Page:
    """What the drawing functions share. `widths` counts every column, `starts` and `states` number columns."""

    book: Book
    sheet: Any
    donor: DonorProfile
    iptt: Iptt
    layout: Layout
    widths: Sequence[float]
    starts: frozenset[int]  # the first of each block
    states: frozenset[int]
    asked: frozenset[Line]  # the donor wants them explained
    looks: dict[tuple[str, bool], list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def name(self) -> int:
        """The column of the indicator, country or part."""
        return FIRST + self.layout.columns.index("indicator")

    @property
    def written(self) -> int:
        """The first column that the office writes in."""
        return len(self.widths) - len(self.layout.written)


def first_block(layout: Layout) -> int:
    """The first column of the first block."""
    return FIRST + len(layout.described)


def iptt_sheet(book: Book, donor: DonorProfile, iptt: Iptt) -> None:
    """Draw the table on a sheet of its own, in the layout of the donor."""
    layout = layout_of(donor)
    columns = layout.columns
    lines = [(line, [*described(book, donor, iptt, line, columns), *cells(book, iptt, line)]) for line in iptt.lines]
    first = first_block(layout)
    lengths = accumulate((len(block.columns) for block in iptt.blocks), initial=first)
    names = [column for block in iptt.blocks for column in block.columns]
    states = frozenset(number for number, name in enumerate(names, first) if name == "state")
    asked = frozenset(found.line for found in deviations(donor, iptt)) if layout.written else frozenset()
    sheet = book.workbook.add_worksheet(iptt.table.sheet[book.language])
    widths = _widths(layout, iptt, [row for _, row in lines])
    page = _Page(book, sheet, donor, iptt, layout, widths, frozenset(lengths), states, asked)
    _set_up(page)
    _titles(page)
    _heads(page)
    for row, (line, row_cells) in enumerate(lines, DATA):
        _draw(page, row, line, [*row_cells, *[""] * len(layout.written)])
    if not lines:
        put(book, page.sheet, DATA, FIRST, book.word("iptt.nothing"), italic=True)
    _foot(page)
    _name_data(page)


def _widths(layout: Layout, iptt: Iptt, rows: Sequence[Sequence[Cell]]) -> list[float]:
    """Hidden columns, described ones, those of the blocks, as wide as the longest number, and those to write in."""
    numbers = [cell for row in rows for cell in row if isinstance(cell, Number)]
    marks = {cell.text: cell for row in rows for cell in row if isinstance(cell, Text) and "font_size" in cell.style}
    wide = [len(cell.shown) + cell.partial + _INDENT_WIDTH + 1 for cell in numbers]
    number = max([_NARROWEST, *wide, *(_one_line(mark) for mark in marks.values())])
    blocks = [_width(block, column, number) for block in iptt.blocks for column in block.columns]
    described = {**layout.described, "code": _code_width(iptt.indicators)}
    return [*[12.0] * FIRST, *described.values(), *blocks, *layout.written.values()]


def _code_width(codes: Iterable[str]) -> float:
    """The width in which every code stands in one line."""
    widths = (_NARROWEST_CODE + step / 2 for step in count())
    return next(width for width in widths if all(text_lines(code, width, bold=True) == 1 for code in codes))


def _one_line(mark: Text) -> float:
    """The width, no less than the narrowest, in which a mark stands in one line."""
    widths = (_NARROWEST + step / 2 for step in range(_WIDENED))
    return next((width for width in widths if text_lines(*measured(mark, width)) == 1), _NARROWEST)


def _width(block: Block, column: str, number: float) -> float:
    """A column alone in its block must hold the days of the block as well."""
    if len(block.columns) == 1:
        return max(number, _DAYS_WIDTH)
    return _STATE_WIDTH if column == "state" else number


def _set_up(page: _Page) -> None:
    """Widths, paper, the rows that stay in view and on every printed page."""
    sheet = page.sheet
    for column, width in enumerate(page.widths):
        sheet.set_column(column, column, width, None, {"hidden": column < FIRST})
    sheet.set_landscape()
    sheet.set_paper(_PAPER_A3)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.7)
    sheet.hide_gridlines(2)
    sheet.freeze_panes(DATA, page.name + 1)
    sheet.repeat_rows(TITLES, DATA - 1)
    sheet.outline_settings(visible=True, symbols_below=False)
    foot_line(page.book, sheet)


def _titles(page: _Page) -> None:
    """Title, what the sheet is of, and how to read it."""
    book, about, block = page.book, page.book.edition.about(), reported_block(page.book)
    names = {
        "donor": page.donor.name[book.language],
        "period": f"{block_title(book, page.donor, block)} ({block_days(book, block)})",
        "until": form.day(about["data_until"] or Quarter.parse(about["period"]).end, book.language),
        "edition": book.edition.edition_id,
    }
    widths = page.widths[FIRST:]
    note = book.word("iptt.note", sheet=book.word("sheet.suppression"))
    heading(book, page.sheet, 0, page.iptt.table.title[book.language], widths, size=16, first=FIRST)
    paragraph(book, page.sheet, 1, book.word("iptt.subtitle", **names), widths, FIRST)
    paragraph(book, page.sheet, 2, note, widths, FIRST, font_size=9, font_color=GREY)


def _heads(page: _Page) -> None:
    """Three header rows: blocks, their days, their columns. The described columns span all three."""
    book, sheet, style = page.book, page.sheet, header_style()
    for column, name in enumerate(HIDDEN):
        put(book, sheet, DATA - 1, column, name, **style)
    for column, name in [*enumerate(page.layout.described, FIRST), *enumerate(page.layout.written, page.written)]:
        sheet.merge_range(TITLES, column, DATA - 1, column, "", book.style(**style))
        put(book, sheet, TITLES, column, book.word(f"column.{name}"), **style)
    column, centred = first_block(page.layout), {**style, "align": "center"}
    for block in page.iptt.blocks:
        days = {**centred, "bold": False, "font_size": 8}
        _across(page, TITLES, column, len(block.columns), block_title(book, page.donor, block), centred)
        _across(page, TITLES + 1, column, len(block.columns), block_days(book, block), days)
        for name in block.columns:
            put(book, sheet, DATA - 1, column, book.word(f"column.{name}"), **centred)
            column += 1
    _head_heights(page)


def _across(page: _Page, row: int, column: int, columns: int, text: str, style: dict[str, Any]) -> None:
    """A text over several columns; one column cannot be merged."""
    if columns > 1:
        page.sheet.merge_range(row, column, row, column + columns - 1, "", page.book.style(**style))
    put(page.book, page.sheet, row, column, text, **style)


def _head_heights(page: _Page) -> None:
    blocks, word = page.iptt.blocks, page.book.word
    wide = [_DAYS_WIDTH if len(block.columns) == 1 else len(block.columns) * _NARROWEST for block in blocks]
    titles = [(block_title(page.book, page.donor, block), width) for block, width in zip(blocks, wide, strict=True)]
    days = [(block_days(page.book, block), width) for block, width in zip(blocks, wide, strict=True)]
    names = [
        (word(f"column.{name}"), page.widths[first_block(page.layout)]) for block in blocks for name in block.columns
    ]
    for row, texts in enumerate((titles, days, names), TITLES):
        page.sheet.set_row(row, row_height(texts, bold=True))


def _draw(page: _Page, row: int, line: Line, row_cells: Sequence[Cell]) -> None:
    """One line: its hidden keys, its cells, its height and its place in the outline."""
    keys = (line.indicator, line.place, line.breakdown, line.category)
    for column, key in enumerate(keys):
        put(page.book, page.sheet, row, column, key if line.kind != FAMILY else "")
    styles = _styles(page, line)
    for column, cell in enumerate(row_cells, FIRST):
        put(page.book, page.sheet, row, column, cell, **styles[column - FIRST])
    size = styles[0].get("font_size", FONT["font_size"])
    widths = [width * FONT["font_size"] / size for width in page.widths[FIRST:]]
    widths[page.name - FIRST] -= _INDENT.get(line.kind, 0) * _INDENT_WIDTH
    texts = [measured(cell, width) for cell, width in zip(row_cells, widths, strict=True)]
    height = row_height(texts, bold=line.kind == INDICATOR) if line.kind != FAMILY else 18.0
    # Without the flag `collapsed`, which LibreOffice reads as the end of the group above: it hid countries.
    page.sheet.set_row(row, height, None, {"level": line.level, "hidden": line.level == 2})


def _styles(page: _Page, line: Line) -> list[dict[str, Any]]:
    """How the cells of a line look; lines of one kind look alike but where the donor asks for words."""
    key = (line.kind, bool(page.layout.written) and line in page.asked)
    if key not in page.looks:
        page.looks[key] = [_style(page, line, column) for column in range(FIRST, len(page.widths))]
    return page.looks[key]


def _style(page: _Page, line: Line, column: int) -> dict[str, Any]:
    """How a cell looks: family bands shaded, indicators bold, parts smaller, numbers to the right."""
    style: dict[str, Any] = {"valign": "top", "text_wrap": True, "bottom": 1, "bottom_color": LINE}
    if column in page.starts:
        style |= {"left": 1, "left_color": GREY}
    if line.kind == FAMILY:
        return {**style, "bold": True, "bg_color": SHADE, "valign": "vcenter", "text_wrap": False}
    if line.kind == INDICATOR:
        style |= {"bold": True, "top": 1, "top_color": GREY}
    if line.kind in (PART, CHECK):
        style |= {"font_size": 9}
    if column == page.name:
        return {**style, "align": "left", "indent": _INDENT.get(line.kind, 0)}
    if column >= page.written:
        wanted = line in page.asked
        return {**style, "bold": False, **({"bg_color": INPUT, "locked": False} if wanted else {})}
    first = first_block(page.layout)
    if column < first and page.layout.columns[column - FIRST] not in _NUMBERS:
        is_objective = page.layout.columns[column - FIRST] == "objective"
        return {**style, "bold": False, "font_size": 9} if is_objective else style
    return {**style, "align": "left" if column in page.states else "right", "indent": 1}


def _foot(page: _Page) -> None:
    """Under the table: how many tables of parts there are that add up to their whole, of those that can be told."""
    book, row = page.book, DATA + max(len(page.iptt.lines), 1)
    found = sums([page.iptt])
    text = book.word("iptt.foot", good=sum(found), all=len(found))
    paragraph(book, page.sheet, row, text, page.widths[FIRST:], FIRST, font_size=9, bold=True, top=1)


def _name_data(page: _Page) -> None:
    """A name by which a program finds the data and its header row, the same in every language."""
    from xlsxwriter.utility import xl_range_abs

    last = DATA + max(len(page.iptt.lines), 1) - 1
    area = xl_range_abs(DATA - 1, 0, last, len(page.widths) - 1)
    sheet = page.iptt.table.sheet[page.book.language]
    page.book.workbook.define_name(f"data_{page.iptt.table.code}", f"='{sheet}'!{area}")
