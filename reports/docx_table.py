"""Tables of a Word file: header rows that repeat, groups, widths, and small tables that no page parts.

A table is written as text and read once: set cell by cell it costs ten times as much.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from reports.document import GROUP, RIGHT, Row, Table
from reports.report_template import CELL, HEAD, NUMBER, SHADE, TABLE
from reports.report_template import GROUP as GROUP_STYLE
from reports.xml_text import allowed

if TYPE_CHECKING:
    from docx.document import Document as Word

_WIDTH = 9638  # of all columns, in twentieths of a point: 17 cm


@dataclass(frozen=True)
class Page:
    """The file being written, and the ids of its styles by name: looking one up by name reads all of them."""

    word: Word
    styles: Mapping[str, str]
    language: str

    def write(self, text: str, style: str) -> Any:
        """One more paragraph."""
        paragraph = self.word.add_paragraph(text)
        paragraph._p.style = self.styles[style]
        return paragraph

    def turn(self) -> None:
        """What follows begins on a new page."""
        from docx.enum.text import WD_BREAK

        self.word.add_paragraph().add_run().add_break(WD_BREAK.PAGE)


def put_table(page: Page, block: Table) -> None:
    """A table of a document, with its caption above it."""
    from docx.oxml import parse_xml

    if block.caption:
        page.write(block.caption, "Caption")
    page.word.element.body.sectPr.addprevious(parse_xml("".join(_table(page, block))))


def _table(page: Page, block: Table) -> Iterator[str]:
    from docx.oxml.ns import nsdecls

    whole = sum(column.width for column in block.columns)
    widths = [round(_WIDTH * column.width / whole) for column in block.columns]
    headed = any(column.header for column in block.columns)
    yield f"<w:tbl {nsdecls('w')}>{_properties(page, headed)}<w:tblGrid>"
    yield from (f'<w:gridCol w:w="{width}"/>' for width in widths)
    yield "</w:tblGrid>"
    kept = block.is_short
    if headed:
        heads = [column.header for column in block.columns]
        sides = [column.align == RIGHT for column in block.columns]
        found = zip(heads, widths, sides, strict=True)
        cells = (_cell(page, head, width, HEAD, kept, is_right) for head, width, is_right in found)
        yield f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{''.join(cells)}</w:tr>"
    styles = [NUMBER if column.align == RIGHT else CELL for column in block.columns]
    styles = styles if headed else [GROUP_STYLE, *styles[1:]]
    for number, row in enumerate(block.rows, start=1):
        # All rows but the last are kept with the next.
        yield _row(page, row, widths, styles, kept and number < len(block.rows))
    yield "</w:tbl>"


def _properties(page: Page, headed: bool) -> str:
    """Only the first row is set apart, and only where it is a header."""
    return (
        f"<w:tblPr><w:tblStyle w:val={quoteattr(page.styles[TABLE])}/>"
        '<w:tblW w:type="auto" w:w="0"/><w:tblLayout w:type="fixed"/>'
        f'<w:tblLook w:val="{"0020" if headed else "0000"}" w:firstRow="{int(headed)}" w:lastRow="0" '
        'w:firstColumn="0" w:lastColumn="0" w:noHBand="1" w:noVBand="1"/></w:tblPr>'
    )


def _row(page: Page, row: Row, widths: Sequence[int], styles: Sequence[str], kept: bool) -> str:
    """A row that no page parts; that of a group is one cell."""
    if row.kind == GROUP:
        cells = _cell(page, row.cells[0], sum(widths), GROUP_STYLE, kept, span=len(widths))
    else:
        cells = "".join(_cell(page, *one, kept) for one in zip(row.cells, widths, styles, strict=True))
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr>"


def _cell(page: Page, text: str, width: int, style: str, kept: bool, is_right: bool = False, span: int = 0) -> str:
    shown = f'<w:gridSpan w:val="{span}"/><w:shd w:val="clear" w:color="auto" w:fill="{SHADE}"/>' if span else ""
    lines = escape(allowed(text)).split("\n")
    run = "<w:br/>".join(f'<w:t xml:space="preserve">{line}</w:t>' for line in lines)
    keep, side = "<w:keepNext/>" if kept else "", '<w:jc w:val="right"/>' if is_right else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:type="dxa" w:w="{width}"/>{shown}</w:tcPr><w:p><w:pPr>'
        f"<w:pStyle w:val={quoteattr(page.styles[style])}/>{keep}{side}</w:pPr><w:r>{run}</w:r></w:p></w:tc>"
    )
