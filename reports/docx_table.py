"""Tables of a Word file: header rows that repeat, groups, widths, and small tables that no page parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reports.document import GROUP, RIGHT, Row, Table
from reports.report_template import CELL, HEAD, NUMBER, SHADE, TABLE
from reports.report_template import GROUP as GROUP_STYLE

if TYPE_CHECKING:
    from docx.document import Document as Word

_WIDTH_CM = 17.0
_KEPT_WHOLE = 14  # tables up to so many rows are not parted by a page


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
    if block.caption:
        page.write(block.caption, "Caption")
    headed = any(column.header for column in block.columns)
    table = page.word.add_table(rows=0, cols=len(block.columns))
    table._tbl.tblPr.style = page.styles[TABLE]
    table.autofit = False
    _looks(table, headed)
    if headed:
        _row(page, table, [column.header for column in block.columns], [HEAD] * len(block.columns), block)
        _repeat(table.rows[0])
    for row in block.rows:
        _body_row(page, table, row, block, headed)
    _widths(table, block)
    if len(block.rows) <= _KEPT_WHOLE:
        for paragraph in [p for tr in table._tbl.tr_lst[:-1] for tc in tr.tc_lst for p in tc.p_lst]:
            paragraph.get_or_add_pPr().get_or_add_keepNext()


def _body_row(page: Page, table: Any, row: Row, block: Table, headed: bool) -> None:
    if row.kind == GROUP:
        cells = table.add_row().cells
        _fill(page, cells[0].merge(cells[-1])._tc, row.cells[0], GROUP_STYLE, shade=True)
        return
    styles = [NUMBER if column.align == RIGHT else CELL for column in block.columns]
    _row(page, table, row.cells, styles if headed else [GROUP_STYLE, *styles[1:]], block)


def _row(page: Page, table: Any, texts: Sequence[str], styles: list[str], block: Table) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    cells = table.add_row()._tr.tc_lst
    for cell, text, style, column in zip(cells, texts, styles, block.columns, strict=True):
        _fill(page, cell, text, style)
        if style == HEAD and column.align == RIGHT:
            cell.p_lst[0].get_or_add_pPr().get_or_add_jc().val = WD_ALIGN_PARAGRAPH.RIGHT


def _fill(page: Page, cell: Any, text: str, style: str, shade: bool = False) -> None:
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    paragraph = cell.p_lst[0]
    paragraph.add_r().text = text
    paragraph.style = page.styles[style]
    if shade:
        filled = f'<w:shd {nsdecls("w")} w:val="clear" w:color="auto" w:fill="{SHADE}"/>'
        cell.get_or_add_tcPr().append(parse_xml(filled))


def _looks(table: Any, headed: bool) -> None:
    """Only the first row is set apart, and only where it is a header."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls, qn

    properties = table._tbl.tblPr
    for old in properties.findall(qn("w:tblLook")):
        properties.remove(old)
    first = "1" if headed else "0"
    properties.append(parse_xml(
        f'<w:tblLook {nsdecls("w")} w:val="{"0020" if headed else "0000"}" w:firstRow="{first}" w:lastRow="0" '
        'w:firstColumn="0" w:lastColumn="0" w:noHBand="1" w:noVBand="1"/>'
    ))  # fmt: skip


def _repeat(row: Any) -> None:
    from docx.oxml import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _widths(table: Any, block: Table) -> None:
    """Columns as wide as the document says; no row is parted by a page."""
    from docx.oxml import OxmlElement
    from docx.shared import Cm

    whole = sum(column.width for column in block.columns)
    widths = [Cm(float(column.width) / float(whole) * _WIDTH_CM) for column in block.columns]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for row in table.rows:
        row._tr.get_or_add_trPr().insert(0, OxmlElement("w:cantSplit"))
        for cell in row._tr.tc_lst:
            span = cell.grid_span
            cell.width = sum(widths) if span > 1 else widths[cell.grid_offset]
