"""What stands on a sheet beside its values: hidden rows, formulas that were never calculated, errors, its extent.

The reader of workbooks tells none of it: a formula without a value and an error are empty cells to it, and an empty
cell would pass for "not known".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pipelines import limits

Place = tuple[int, int]  # row and column, from 1


class SheetError(ValueError):
    """A sheet that is not written as programs write them."""


@dataclass
class Marks:
    """What was seen on one sheet. Rows and columns count from 1, as Excel shows them."""

    last_row: int = 0
    last_column: int = 0
    formulas: int = 0
    first_formula: int = 0  # its row
    unvalued: list[Place] = field(default_factory=list)
    errors: list[Place] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)

    def see(self, row: int, column: int) -> None:
        """Stretch the extent of the sheet to a cell."""
        self.last_row = max(self.last_row, row)
        self.last_column = max(self.last_column, column)

    def see_formula(self, row: int) -> None:
        """Count a formula."""
        self.formulas += 1
        self.first_formula = min(self.first_formula or row, row)

    @property
    def is_too_large(self) -> bool:
        """Whether the rectangle of its cells would not fit into memory."""
        return self.last_row * self.last_column > limits.MOST_CELLS


# A row of as many cells as Excel has columns, each with a formula, is shorter than this.
_LONGEST_ROW = 16 * limits.MB

_NAMED = re.compile(rb"<([\w.-]+:)?(?:worksheet|chartsheet|dialogsheet|macrosheet)[\s>]")
_OTHER_PREFIX = re.compile(rb"<([\w.-]+:)(?:sheetData|row|c|f|v|is)[\s/>]")
_MAYBE_OTHER = re.compile(rb":(?:sheetData|row|c|f|v|is)[\s/>]")
_NO_PREFIX = re.compile(rb"<(?:sheetData|row|c|f|v|is)[\s/>]")
_CELLS_END = re.compile(rb"</(?:[\w.-]+:)?sheetData\s*>")
_DIGITS, _LETTERS = b"0123456789", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ERROR_TYPE = re.compile(rb"""\bt\s*=\s*["']e["']""")
_TEXT_TYPE = re.compile(rb"""\bt\s*=\s*["']str["']""")
_HIDDEN = re.compile(rb"""\bhidden\s*=\s*["'](?:1|true)["']""")
_NUMBER = re.compile(rb"""\br\s*=\s*["']\s*([0-9]{1,19})["']""")
_REFERENCE = re.compile(rb"""\br\s*=\s*["']\s*([A-Za-z]{1,19})([0-9]{1,19})""")
_BOUND = re.compile(rb"""\b(min|max)\s*=\s*["']([0-9]{1,6})["']""")


# `#` stands for the prefix that a program may write before every name.
_TAGS = (
    rb"<#row(?=[\s/>])([^>]*)>",
    rb"<#c(?=[\s/>])([^>]*)>",
    rb"""<#c r="([A-Z]+[0-9]+)\"""",
    rb"<#f[\s/>]",
    rb"<#v(?:\s[^>]*)?>[^<]",
    rb"<#(?:v|is)(?:\s[^>]*)?>",
    rb"<#col\s([^>]*)>",
)


@dataclass(frozen=True)
class _Tags:
    """Patterns for the tags of a sheet: a row, a cell, the place a cell names, a formula, a value, either, a width."""

    prefix: bytes
    row: re.Pattern[bytes]
    cell: re.Pattern[bytes]
    cell_place: re.Pattern[bytes]
    formula: re.Pattern[bytes]
    value: re.Pattern[bytes]
    filled: re.Pattern[bytes]
    column: re.Pattern[bytes]


def _tags(prefix: bytes) -> _Tags:
    return _Tags(prefix, *(re.compile(pattern.replace(b"#", re.escape(prefix))) for pattern in _TAGS))


def _may_mark(tags: _Tags, rows: bytes) -> bool:
    """Whether a formula, an error or something hidden can be among these rows, asked by plain searches."""
    return any(sign in rows for sign in (b"<" + tags.prefix + b"f", b'"e"', b"hidden", b"='"))


def marks_of(pieces: Iterable[bytes]) -> Marks:
    """The marks of a sheet of an XLSX, whose XML comes piece by piece.

    Raises SheetError for what no program writes: a row without an end, two prefixes for one kind of tag, comments.
    """
    marks, row = Marks(), 0
    tags: _Tags | None = None
    is_past = False
    for rows in _whole_rows(pieces):
        if is_past:
            continue
        end = _CELLS_END.search(rows)
        is_past = end is not None
        rows = rows[: end.end()] if end else rows
        if tags is None:
            named = _NAMED.search(rows)
            if named is None:
                raise SheetError("no sheet")
            tags = _tags(named[1] or b"")
            marks.hidden_columns = list(_hidden_columns(tags, rows))
        _check_plain(tags, rows)
        row = _see_rows(marks, tags, rows, row)
    return marks


def _whole_rows(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The XML cut behind ends of rows, many rows at a time."""
    kept = b""
    for piece in pieces:
        kept += piece
        end = max(kept.rfind(b"row>"), kept.rfind(b"Data>"))
        if end >= 0:
            end = kept.index(b">", end) + 1
            yield kept[:end]
            kept = kept[end:]
        if len(kept) > _LONGEST_ROW:
            raise SheetError("a row without an end")
    yield kept


def _check_plain(tags: _Tags, rows: bytes) -> None:
    """The reader of workbooks asks no prefix and knows comments: what stands in either would be seen otherwise here."""
    if b"<!" in rows or rows.find(b"<?", 8) >= 0:
        raise SheetError("a comment")
    if _MAYBE_OTHER.search(rows) and set(_OTHER_PREFIX.findall(rows)) - {tags.prefix}:
        raise SheetError("two prefixes")
    if tags.prefix and _NO_PREFIX.search(rows):
        raise SheetError("two prefixes")


def _see_rows(marks: Marks, tags: _Tags, rows: bytes, before: int) -> int:
    """Take note of rows; the number of the last one."""
    found = tags.cell_place.findall(rows)
    # Whether every cell says in the usual way where it is; `<cols>` is the only other tag that begins with a c.
    is_plain = len(found) == rows.count(b"<" + tags.prefix + b"c") - rows.count(b"<" + tags.prefix + b"col")
    if is_plain and not _may_mark(tags, rows):
        for attributes in tags.row.findall(rows):
            number = _NUMBER.search(attributes)
            before = int(number[1]) if number else before + 1
        # A cell stands where it says itself, whatever the row around it says.
        named = b" ".join(found)
        columns, numbers = (set(named.translate(None, signs).split()) for signs in (_DIGITS, _LETTERS))
        marks.see(max(map(int, numbers), default=0), max(map(column_number, columns), default=0))
        return before
    for attributes, cells in _with_content(tags.row, rows):
        number = _NUMBER.search(attributes)
        before = int(number[1]) if number else before + 1
        _see_row(marks, tags, before, attributes, cells)
    return before


def _see_row(marks: Marks, tags: _Tags, row: int, attributes: bytes, cells: bytes) -> None:
    """Look at each cell of a row."""
    if _HIDDEN.search(attributes) and tags.filled.search(cells):
        marks.hidden_rows.append(row)
    column = 0
    for cell, content in _with_content(tags.cell, cells):
        reference = _REFERENCE.search(cell)
        # A cell without a reference stands to the right of the one before.
        column = column_number(reference[1]) if reference else column + 1
        marks.see(max(row, int(reference[2]) if reference else 0), column)
        if _ERROR_TYPE.search(cell):
            note(marks.errors, (row, column))
        if tags.formula.search(content):
            marks.see_formula(row)
            # A formula whose value is an empty text says so by its type.
            if not tags.value.search(content) and not _TEXT_TYPE.search(cell):
                note(marks.unvalued, (row, column))


def note(places: list[Place], place: Place) -> None:
    """Keep a place; a sheet of millions of errors is as wrong as one of thousands, and must not fill the memory."""
    if len(places) < limits.PLACES_NOTED:
        places.append(place)


def _with_content(tag: re.Pattern[bytes], text: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The attributes of each of these tags, and what stands between it and the next of them."""
    found = list(tag.finditer(text))
    for number, one in enumerate(found, start=1):
        yield one[1], text[one.end() : found[number].start() if number < len(found) else len(text)]


def _hidden_columns(tags: _Tags, head: bytes) -> Iterator[tuple[int, int]]:
    for attributes in tags.column.findall(head):
        bounds = {name: int(value) for name, value in _BOUND.findall(attributes)}
        if _HIDDEN.search(attributes) and len(bounds) == 2:
            yield bounds[b"min"], bounds[b"max"]


def column_number(letters: bytes) -> int:
    """The number of a column from its letters: A is 1, AA is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def column_letters(number: int) -> str:
    """The letters of a column from its number."""
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
