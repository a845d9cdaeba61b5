"""The drawing board of the donor workbook: safe text, number formats, row heights, simple tables.

Numbers are written as numbers and shown as `reports.format` prints them; texts never start a
formula; rows are as high as their wrapped text needs, because not every program works that out
for itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

from reports import format as form
from reports.edition import Edition
from reports.words import words

# Colours with at least 4.5:1 on their ground; states are told apart by shape and word as well.
HEAD, SHADE, INPUT = "#1F3A5F", "#E3E8EF", "#FFF8D6"
GREY, LINE = "#595959", "#BFBFBF"
# Column widths count digits of this font. Its free twin (Liberation Sans) has the same widths, so rows
# are as high as they must be in either.
FONT: dict[str, Any] = {"font_name": "Arial", "font_size": 10, "font_scheme": "none"}
STATE_COLOURS = {"off_track": "#9B2226", "watch": "#7A4B00", "on_track": "#005F73", "above": "#4B2E83"}

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_POINTS_PER_LINE = 13.0
_NARROW, _WIDE = set("ijltfrI.,:;'|()[]!/ -·"), set("MWmw@%—…ЖМФШЩЮЫжмфшщюыДд")
_HIGHEST_ROW = 409.0
# Every letter of this font is as wide as any other, and somewhat wider than a digit of the other one.
MONO = "Courier New"
_MONO_WIDTH = 1.15
_ANY = re.compile(r"\S")
_LONGEST_TEXT = 32_767


@dataclass(frozen=True)
class Number:
    """A number to write, and the English text that `reports.format` prints for it."""

    value: Decimal
    shown: str
    partial: bool = False


@dataclass(frozen=True)
class Text:
    """A text with a style of its own in a table."""

    text: str
    style: Mapping[str, Any]


Cell = str | int | Number | Text


@dataclass(frozen=True)
class Book:
    """A workbook being written, in one language, from one edition."""

    edition: Edition
    language: str
    workbook: Any
    labels: Mapping[tuple[str, str], str]
    formats: dict[frozenset[tuple[str, Any]], Any] = field(default_factory=dict)

    def word(self, key: str, **names: Any) -> str:
        """A text of `workbook.toml`, with its names filled in."""
        return words(self.language)[key].format(**names)

    def label(self, codelist: str, code: str) -> str:
        """The edition's own word for a code, else this workbook's, else the code itself."""
        return self.labels.get((codelist, code)) or words(self.language).get(f"{codelist}.{code}", code)

    def style(self, **properties: Any) -> Any:
        """The format of these properties; asked for twice, it is the same one."""
        key = frozenset(properties.items())
        if key not in self.formats:
            self.formats[key] = self.workbook.add_format({**FONT, **properties})
        return self.formats[key]


def safe(text: str) -> str:
    """Text that no program takes for a formula, not even after it was saved as CSV."""
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text


def number_format(number: Number, language: str) -> str:
    """The number format that shows what `reports.format` prints: decimals, thousands, per cent, asterisk."""
    digits = number.shown.rstrip("%")
    decimals = len(digits.partition(".")[2])
    shape = "#,##0" + ("." + "0" * decimals if decimals else "")
    shape += {"en": "%", "ru": form.NO_BREAK + "%"}[language] if number.shown.endswith("%") else ""
    shape += '"*"' if number.partial else ""
    if number.value >= 0:
        return shape
    # What rounds to zero carries no sign.
    return f"{shape};{form.MINUS if form.MINUS in digits else ''}{shape}"


def figure(value: Decimal, unit: str, partial: bool = False) -> Number:
    """A figure, target or baseline in the form of its unit."""
    return Number(value, form.figure(value, unit, "en"), partial)


def share(value: Decimal, partial: bool = False) -> Number:
    """What part of a target is met: whole per cent, as `indicators.progress` judges it."""
    return Number(value, form.percent(value, "en"), partial)


def put(book: Book, sheet: Any, row: int, column: int, cell: Cell, **style: Any) -> None:
    """Write one cell. Raises ValueError for what the file format cannot hold, instead of dropping it."""
    if isinstance(cell, Text):
        put(book, sheet, row, column, cell.text, **{**style, **cell.style})
        return
    if isinstance(cell, int | Number):
        style["text_wrap"] = False  # a number that wraps loses its indent in some programs
    if isinstance(cell, Number):
        style["num_format"] = number_format(cell, book.language)
        failed = sheet.write_number(row, column, plain(cell), book.style(**style))
    elif isinstance(cell, int):
        failed = sheet.write_number(row, column, cell, book.style(**style, num_format="#,##0"))
    elif not cell:
        failed = sheet.write_blank(row, column, None, book.style(**style))
    else:
        text = safe(cell)
        if len(text) > _LONGEST_TEXT:
            raise ValueError(f"a cell holds {_LONGEST_TEXT} characters, not {len(text)}")
        failed = sheet.write_string(row, column, text, book.style(**style))
    if failed:
        raise ValueError(f"row {row + 1}, column {column + 1} does not fit into a worksheet")


def plain(number: Number) -> int | float:
    """A whole number as an integer, any other as a number that every spreadsheet shows as we print it.

    A half such as 51.25 % has no exact binary form, and LibreOffice shows 51.2 % where Excel and
    `reports.format` show 51.3 %. So a half is written two units of its 16th digit further from zero.
    """
    value = number.value
    if value == value.to_integral_value():
        return int(value)
    if _is_half(number):
        value += Decimal(2).scaleb(value.adjusted() - 15).copy_sign(value)
    return float(value)


def _is_half(number: Number) -> bool:
    """Whether the number lies exactly between two that could be shown."""
    digits, percent = number.shown.rstrip("%"), 2 * number.shown.endswith("%")
    steps = number.value.scaleb(len(digits.partition(".")[2]) + percent)
    return abs(steps % 1) == Decimal("0.5")


@lru_cache(maxsize=16_384)
def text_lines(text: str, width: float, bold: bool = False) -> int:
    """How many lines a text takes in a column so many digits wide; rather one more than one too few."""
    room = max(width - 1.0, 1.0) / (1.08 if bold else 1.0)
    lines = 0
    for paragraph in text.split("\n"):
        lines += 1
        used = 0.0
        for word in paragraph.split(" "):
            length = _length(word)
            if used and used + _length(" ") + length > room:
                lines, used = lines + 1, 0.0
            used += length + (_length(" ") if used else 0.0)
            while used > room:  # a word longer than the column is broken
                lines, used = lines + 1, used - room
    return lines


def row_height(cells: Iterable[tuple[str, float]], bold: bool = False) -> float:
    """The height in points of a row of wrapped texts, given as text and column width."""
    lines = max((text_lines(text, width, bold) for text, width in cells), default=1)
    return min(_HIGHEST_ROW, max(1, lines) * _POINTS_PER_LINE + 3)


def paragraph(
    book: Book, sheet: Any, row: int, text: str, widths: Sequence[float], first: int = 0, **style: Any
) -> int:
    """Text across the columns of these widths, from column `first` on; returns the next row."""
    style = {"text_wrap": True, "valign": "top", **style}
    points = style.get("font_size", 10) / 10
    width = sum(widths) / points
    sheet.set_row(row, row_height([(text, width)], bool(style.get("bold"))) * points)
    if len(widths) > 1:
        sheet.merge_range(row, first, row, first + len(widths) - 1, "", book.style(**style))
    put(book, sheet, row, first, text, **style)
    return row + 1


def heading(
    book: Book, sheet: Any, row: int, text: str, widths: Sequence[float], size: int = 12, first: int = 0
) -> int:
    """A heading across the columns; returns the next row."""
    return paragraph(
        book, sheet, row, text, widths, first, bold=True, font_size=size, font_color=HEAD, valign="vcenter"
    )


def grid(
    book: Book, sheet: Any, row: int, headers: Sequence[str], rows: Iterable[Sequence[Cell]], widths: Sequence[float]
) -> int:
    """A table with a header line; returns the row after it."""
    if headers:
        sheet.set_row(row, row_height(zip(headers, widths, strict=True), bold=True))
        for column, header in enumerate(headers):
            put(book, sheet, row, column, header, **header_style())
        row += 1
    for cells in rows:
        sheet.set_row(row, row_height(measured(cell, width) for cell, width in zip(cells, widths, strict=True)))
        for column, cell in enumerate(cells):
            side = {"align": "right", "indent": 1} if isinstance(cell, int | Number) else {}
            put(book, sheet, row, column, cell, text_wrap=True, valign="top", border=1, border_color=LINE, **side)
        row += 1
    return row


def header_style() -> dict[str, Any]:
    """How the header cells of every table look."""
    return {"bold": True, "text_wrap": True, "valign": "vcenter", "bg_color": SHADE, "border": 1, "border_color": LINE}


def measured(cell: Cell, width: float) -> tuple[str, float]:
    """What a reader sees in a cell, and the width of its column in digits of the cell's own size."""
    if isinstance(cell, Text):
        room = width * FONT["font_size"] / cell.style.get("font_size", FONT["font_size"])
        if cell.style.get("font_name") == MONO:
            return _ANY.sub("0", cell.text), room / _MONO_WIDTH
        return cell.text, room
    return (cell.shown if isinstance(cell, Number) else str(cell)), width


def new_sheet(book: Book, name: str, widths: Sequence[float], landscape: bool = False) -> Any:
    """A sheet with its columns, set up for A4 paper with a foot line."""
    sheet = book.workbook.add_worksheet(name)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.set_paper(9)
    if landscape:
        sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    sheet.hide_gridlines(2)
    foot_line(book, sheet)
    return sheet


def foot_line(book: Book, sheet: Any) -> None:
    """Edition, sheet and page at the foot of every printed page."""
    sheet.set_footer(f"&L&8 {book.edition.edition_id.replace('&', '&&')}&C&8 &A&R&8 &P / &N")


@lru_cache(maxsize=16_384)
def _length(text: str) -> float:
    return sum(0.55 if c in _NARROW else 1.45 if c in _WIDE else 1.2 if c.isupper() else 1.0 for c in text)
