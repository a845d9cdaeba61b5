"""A report as values: headings, paragraphs, tables and charts in order, before any file is made of them.

Every text in it is final: numbers have been through `reports.format`. The writers (`docx_file`, `pdf_file`,
`html_file`) lay the same values out, so that a number reads the same in every format.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

# What a paragraph is: running text, a note in small type, or a place where somebody still has to write.
BODY, NOTE, ASK = "body", "note", "ask"
# What a row is: of the table itself, a line between groups, or a part of the row above it.
ROW, GROUP, PART = "row", "group", "part"
LEFT, RIGHT = "left", "right"
# How many letters of a table's size stand in a line of the whole width, and how many lines half a page holds.
_LETTERS, _SHORT = 95, 24


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is a chapter. `number` is the outline's own, empty for none.

    One that is not of the outline, such as an office's name above its text, is not `listed` among the sections.
    """

    level: int
    text: str
    number: str = ""
    listed: bool = True


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of one kind: `body`, `note` or `ask`."""

    text: str
    kind: str = BODY


@dataclass(frozen=True)
class Bullets:
    """A list of short texts."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Column:
    """A column of a table: its header, its share of the width (any unit), and which way it is set."""

    header: str
    width: Decimal | int
    align: str = LEFT


@dataclass(frozen=True)
class Row:
    """A row of a table; a `group` row has one text for the whole width."""

    cells: tuple[str, ...]
    kind: str = ROW


@dataclass(frozen=True)
class Table:
    """A table with a caption; its first column names the rows."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    @property
    def is_short(self) -> bool:
        """Whether it takes less than half a page, so that no page need part it. Rather too long than too short."""
        whole = sum(column.width for column in self.columns)
        letters = [max(1, int(_LETTERS * column.width / whole)) for column in self.columns]
        lines = sum(
            max(-(-len(cell) // room) for cell, room in zip(row.cells, letters, strict=False)) or 1 for row in self.rows
        )
        return lines <= _SHORT


@dataclass(frozen=True)
class Bar:
    """One bar of a chart: its name, what is written at it, and its length as a fraction of the chart's width.

    `length` is None where there is no number: the mark is written and nothing is drawn. A bar that is `over` is
    longer than the chart and ends in a point.
    """

    name: str
    text: str
    length: Decimal | None
    over: bool = False


@dataclass(frozen=True)
class Chart:
    """Horizontal bars. `line` is where a line is drawn across them (the target), as a fraction of the width."""

    caption: str
    alt: str
    bars: tuple[Bar, ...]
    line: Decimal | None = None
    line_text: str = ""


@dataclass(frozen=True)
class NewPage:
    """What follows begins on a new page."""


Block = Heading | Paragraph | Bullets | Table | Chart | NewPage


@dataclass(frozen=True)
class Document:
    """A whole report. `header` stands on every page; `page_word` is filled in with the two page numbers.

    `day` is the last day of the data: the same edition gives the same file.
    """

    language: str
    title: str
    subtitle: str
    header: str
    page_word: str
    subject: str
    day: tuple[int, int, int]
    cover: Table
    marking: str
    blocks: tuple[Block, ...]


def stepwise(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """The blocks with no level of headings left out on the way down: readers of tagged files climb step by step."""
    done: list[Block] = []
    level = 0
    for block in blocks:
        if isinstance(block, Heading):
            level = min(block.level, level + 1)
            done.append(replace(block, level=level))
        else:
            done.append(block)
    return tuple(done)


def texts(document: Document) -> Iterator[str]:
    """Every text of a document, in order; what a reader or a test may look for."""
    yield from (document.title, document.subtitle, document.marking)
    for block in (document.cover, *document.blocks):
        yield from _texts(block)


def _texts(block: Block) -> Iterator[str]:
    match block:
        case Heading():
            yield f"{block.number} {block.text}".strip()
        case Paragraph():
            yield block.text
        case Bullets():
            yield from block.items
        case Table():
            yield block.caption
            yield from (column.header for column in block.columns)
            yield from (cell for row in block.rows for cell in row.cells)
        case Chart():
            yield from (block.caption, block.line_text)
            yield from (text for bar in block.bars for text in (bar.name, bar.text))
        case NewPage():
            pass
