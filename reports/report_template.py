"""The Word template of reports, `report.docx`: page, header, footer and every style that `docx_file` uses.

The file is what counts: it is edited in Word, and reports keep to it. `python -m reports.report_template` writes
it anew as it was at first, for those who want to start over.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docx.document import Document as Word

FILE = Path(__file__).parent / "report.docx"

FONT, INK, SHADE, FAINT, GREY, PAPER = "Arial", "1F3A5F", "E3E8EF", "BFBFBF", "595959", "FFF8D6"

# Paragraph styles of a report that Word does not have by itself: size, bold, colour, space before and after.
NOTE, ASK, CELL, NUMBER, HEAD, GROUP, MARKING = (
    "Report note", "Report to be written", "Report cell", "Report number", "Report column head", "Report group",
    "Report marking",
)  # fmt: skip
TABLE = "Report table"
_OWN: dict[str, tuple[float, bool, str, float, float]] = {
    NOTE: (8, False, GREY, 4, 8),
    ASK: (9.5, False, "000000", 6, 8),
    CELL: (8.5, False, "000000", 2, 2),
    NUMBER: (8.5, False, "000000", 2, 2),
    HEAD: (8, True, "FFFFFF", 2, 2),
    GROUP: (8.5, True, "000000", 2, 2),
    MARKING: (9, False, GREY, 24, 0),
}
_WORDS: dict[str, tuple[float, bool, str, float, float]] = {
    "Normal": (10, False, "000000", 0, 6),
    "Title": (26, True, INK, 140, 8),
    "Subtitle": (14, False, GREY, 0, 24),
    "Heading 1": (16, True, INK, 20, 8),
    "Heading 2": (13, True, INK, 16, 6),
    "Heading 3": (11, True, INK, 12, 6),
    "Heading 4": (10, True, INK, 10, 4),
    "Caption": (9, True, INK, 8, 4),
    "List Bullet": (10, False, "000000", 0, 4),
    "Header": (8, False, GREY, 0, 0),
    "Footer": (8, False, GREY, 0, 0),
}
STYLES = (*_WORDS, *_OWN)


def make_template() -> Word:
    """The template as it was at first."""
    import docx
    from docx.enum.style import WD_STYLE_TYPE
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    word = docx.Document()
    _without_ballast(word)
    for name, looks in _WORDS.items():
        _style(word.styles[name], looks)
    for name, looks in _OWN.items():
        style = word.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = word.styles["Normal"]
        _style(style, looks)
    word.styles[NUMBER].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    word.styles[GROUP].paragraph_format.keep_with_next = True
    word.styles["Caption"].paragraph_format.keep_with_next = True
    _shaded(word.styles[ASK], PAPER)
    _table_style(word)
    _page(word)
    return word


def _without_ballast(word: Word) -> None:
    """Only the parts and styles that a report needs: no picture of a page, no second copy of the styles."""
    from docx.oxml.ns import qn

    needed = {"Normal", "TableNormal", "NoList", "DefaultParagraphFont", "Title", "Subtitle", "Caption", "ListBullet"}
    needed |= {"Header", "Footer", *(f"Heading{level}" for level in range(1, 5))}
    styles = word.styles.element
    for style in styles.findall(qn("w:style")):
        if style.get(qn("w:styleId")) not in needed:
            styles.remove(style)
        for link in style.findall(qn("w:link")):
            style.remove(link)  # to a style of characters that is gone
    for rels in (word.part.package.rels, word.part.rels):
        for name in [rid for rid, rel in rels.items() if rel.reltype.endswith(("thumbnail", "Effects", "customXml"))]:
            del rels[name]


def _style(style: Any, looks: tuple[float, bool, str, float, float]) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    size, bold, colour, before, after = looks
    style.font.name, style.font.size, style.font.bold, style.font.italic = FONT, Pt(size), bold, False
    style.font.color.rgb = RGBColor.from_string(colour)
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)  # a font of the theme would win over ours
    for kind in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{kind}"), FONT)
    for ornament in (*style.element.pPr.findall(qn("w:pBdr")), *style.element.rPr.findall(qn("w:spacing"))):
        ornament.getparent().remove(ornament)


def _shaded(style: Any, colour: str) -> None:
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    shade = parse_xml(f'<w:shd {nsdecls("w")} w:val="clear" w:color="auto" w:fill="{colour}"/>')
    style.element.get_or_add_pPr().insert_element_before(shade, "w:spacing", "w:ind", "w:jc", "w:outlineLvl")


def _table_style(word: Word) -> None:
    """Thin lines between rows, a dark first row."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    line = f'w:val="single" w:sz="4" w:space="0" w:color="{FAINT}"'
    word.styles.element.append(parse_xml(
        f'<w:style {nsdecls("w")} w:type="table" w:customStyle="1" w:styleId="ReportTable"><w:name w:val="{TABLE}"/>'
        '<w:basedOn w:val="TableNormal"/><w:uiPriority w:val="99"/><w:qFormat/><w:tblPr><w:tblBorders>'
        f'<w:bottom {line}/><w:insideH {line}/></w:tblBorders><w:tblCellMar><w:left w:w="70" w:type="dxa"/>'
        '<w:right w:w="70" w:type="dxa"/></w:tblCellMar></w:tblPr><w:tblStylePr w:type="firstRow"><w:tcPr>'
        f'<w:shd w:val="clear" w:color="auto" w:fill="{INK}"/></w:tcPr></w:tblStylePr></w:style>'
    ))  # fmt: skip


def _page(word: Word) -> None:
    """A4; the header and the footer hold places that are filled in. The cover has neither."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Cm

    section = word.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = section.bottom_margin = Cm(2)
    section.top_margin, section.header_distance, section.footer_distance = Cm(2.3), Cm(1.2), Cm(1)
    section.different_first_page_header_footer = True
    section.header.paragraphs[0].text = "{header}"
    for footer in (section.footer, section.first_page_footer):
        footer.paragraphs[0].text = "{page}"
        footer.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER


if __name__ == "__main__":
    make_template().save(str(FILE))
