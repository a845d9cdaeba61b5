"""A document as a Word file that an officer goes on writing in: styles, header and footer come from a template.

python-docx fills the template's styles; what stands where is the outline's matter, so nothing that is changed in
Word can break a report, and no text of ours or of an office is read as an instruction. The same document and
template give the same bytes. A file tells by its own identifier whether somebody has written in it since.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reports.document import (
    ASK,
    BODY,
    Block,
    Bullets,
    Chart,
    Document,
    Heading,
    NewPage,
    Paragraph,
    Table,
)  # fmt: skip
from reports.document import NOTE as NOTE_KIND
from reports.docx_table import Page, put_table
from reports.donor_figures import ReportError
from reports.pdf_file import chart_png
from reports.report_template import ASK as ASK_STYLE
from reports.report_template import FILE, MARKING, NOTE, STYLES, TABLE

if TYPE_CHECKING:
    from docx.document import Document as Word

AUTHOR = "esep"
_STYLE = {BODY: "Normal", NOTE_KIND: NOTE, ASK: ASK_STYLE}
_LANGUAGE = {"en": "en-GB", "ru": "ru-RU"}
_CORE = "docProps/core.xml"
_IDENTIFIER = re.compile(rb"<dc:identifier>sha256:([0-9a-f]{64})</dc:identifier>")
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # the first day that a zip archive knows
_CHART_CM = 16.6
_LISTED = 2  # levels of headings in the list of sections
_INDENT = 360_000  # of a level of that list, in the unit of the format: one centimetre
_BELOW_TABLE = 76_200  # between a table and the text below it, in the same unit: six points


def write_docx(document: Document, contents: str, template: Path = FILE) -> bytes:
    """The Word file of a document; `contents` is the heading of its list of sections.

    Raises ReportError when the template lacks a style.
    """
    import docx

    word = docx.Document(str(template))
    page = Page(word, _styles(word, template), document.language)
    _properties(word, document)
    _headers(word, document)
    _front(page, document, contents)
    for before, block in pairwise((None, *document.blocks)):
        _put(page, block, is_below_table=isinstance(before, Table))
    buffer = io.BytesIO()
    word.save(buffer)
    return _sealed(buffer.getvalue())


def is_untouched(content: bytes) -> bool:
    """Whether a Word file is still as it was written here: any program that saves it changes its parts."""
    try:
        parts = _parts(content)
        found = _IDENTIFIER.search(parts[_CORE])
    except (zipfile.BadZipFile, KeyError):
        return False
    return bool(found) and found[1].decode() == _digest(parts)  # type: ignore[index]


def _styles(word: Word, template: Path) -> dict[str, str]:
    styles = {str(style.name): style.style_id for style in word.styles}
    missing = [name for name in (*STYLES, TABLE) if name not in styles]
    if missing:
        raise ReportError(f"{template.name} lacks the styles {', '.join(missing)}; take them from an older copy of it")
    return styles


def _properties(word: Word, document: Document) -> None:
    """Title, language and the day of the data, so that the same edition gives the same bytes."""
    from docx.oxml.ns import qn

    core, day = word.core_properties, datetime(*document.day, tzinfo=UTC).replace(tzinfo=None)
    core.title, core.subject, core.language = document.title, document.subject, _LANGUAGE[document.language]
    core.author = core.last_modified_by = AUTHOR
    core.created = core.modified = day
    core.comments, core.keywords, core.revision, core.identifier = "", "", 1, "sha256:"
    defaults = word.styles.element.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}")
    if defaults is not None:
        for lang in defaults.findall(qn("w:lang")):
            lang.set(qn("w:val"), _LANGUAGE[document.language])


def _headers(word: Word, document: Document) -> None:
    """Fill the places of the template's headers and footers: `{header}` and `{page}`."""
    section = word.sections[0]
    parts = (section.header, section.footer, section.first_page_header, section.first_page_footer)
    for paragraph in [p for part in parts for p in part.paragraphs]:
        if "{header}" in paragraph.text:
            paragraph.text = paragraph.text.replace("{header}", document.header)
        if "{page}" in paragraph.text:
            before, _, after = paragraph.text.partition("{page}")
            paragraph.text = before
            for piece in re.split(r"(\{pages?\})", document.page_word):
                _run_or_field(paragraph, piece)
            paragraph.add_run(after)


def _run_or_field(paragraph: Any, piece: str) -> None:
    fields = {"{page}": "PAGE", "{pages}": "NUMPAGES"}
    if piece not in fields:
        paragraph.add_run(piece)
        return
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    field = f'<w:fldSimple {nsdecls("w")} w:instr="{fields[piece]}"><w:r><w:t>1</w:t></w:r></w:fldSimple>'
    paragraph._p.append(parse_xml(field))


def _front(page: Page, document: Document, contents: str) -> None:
    """The cover and the list of sections; a document without a cover has only its title."""
    title = page.write(document.title, "Title")
    page.write(document.subtitle, "Subtitle")
    if not document.cover.rows:
        title.paragraph_format.space_before = 0
        return
    put_table(page, document.cover)
    if document.marking:
        page.write(document.marking, MARKING)
    page.turn()
    page.write(contents, "Subtitle").paragraph_format.space_after = 0
    for block in document.blocks:
        if isinstance(block, Heading) and block.listed and block.level <= _LISTED:
            line = page.write(f"{block.number} {block.text}".strip(), "Normal")
            line.paragraph_format.left_indent = (block.level - 1) * _INDENT
            line.paragraph_format.space_after = 0
    page.turn()


def _put(page: Page, block: Block | None, is_below_table: bool) -> None:
    match block:
        case Heading():
            text = f"{block.number}  {block.text}" if block.number else block.text
            page.write(text, f"Heading {block.level}")
        case Paragraph():
            paragraph = page.write(block.text, _STYLE[block.kind])
            if is_below_table:
                paragraph.paragraph_format.space_before = _BELOW_TABLE
        case Bullets():
            for item in block.items:
                page.write(item, "List Bullet")
        case Table():
            put_table(page, block)
        case Chart():
            _chart(page, block)
        case NewPage():
            page.turn()


def _chart(page: Page, block: Chart) -> None:
    """A picture of the chart with what it says as alternative text."""
    from docx.shared import Cm

    page.write(block.caption, "Caption")
    picture = page.word.add_picture(io.BytesIO(chart_png(block, page.language)), width=Cm(_CHART_CM))
    properties = picture._inline.docPr
    properties.set("descr", block.alt)
    properties.set("name", block.caption)


# The file


def _sealed(content: bytes) -> bytes:
    """The parts with one date for all, and in the properties the hash of all others."""
    parts = _parts(content)
    seal = f"<dc:identifier>sha256:{_digest(parts)}</dc:identifier>".encode()
    parts[_CORE] = parts[_CORE].replace(b"<dc:identifier>sha256:</dc:identifier>", seal)
    assert seal in parts[_CORE], "the properties hold the place for the hash"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(zipfile.ZipInfo(name, _EARLIEST), part, zipfile.ZIP_DEFLATED, 9)
    return buffer.getvalue()


def _parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _digest(parts: dict[str, bytes]) -> str:
    found = hashlib.sha256()
    for name, part in _others(parts):
        found.update(name.encode() + b"\0" + part + b"\0")
    return found.hexdigest()


def _others(parts: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    return ((name, part) for name, part in sorted(parts.items()) if name != _CORE)
