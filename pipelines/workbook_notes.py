"""The texts of a workbook that stand in no cell: comments, text boxes, properties, lists, headers and footers of pages.

They would be kept with the file. Who saved it is not asked: Excel writes that into every file (`docs/checks.md`).
"""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from pipelines import limits
from pipelines.book import BookError, Kind

_PARTS = re.compile(r"xl/(?:comments|threadedComments|drawings).*\.(?:xml|vml)", re.IGNORECASE)
_SHEETS = re.compile(r"xl/worksheets/[^/]*\.xml", re.IGNORECASE)
# One comment is one text, however many runs of letters it has.
_WHOLE = re.compile(r"<(?:\w+:)?(?P<tag>text|txBody|threadedComment|textbox)\b.*?</(?:\w+:)?(?P=tag)>", re.DOTALL)
_MARKS = re.compile(r"<[^>]*>")
# What else holds words, by part; behind the cells of a sheet stand the rules of its cells and the head of the page.
_ELSEWHERE = {
    "docprops/core.xml": ("title", "subject", "description", "keywords", "category", "contentStatus"),
    "docprops/custom.xml": ("lpwstr", "lpstr"),
    "xl/workbook.xml": ("definedName",),
}
_BEHIND_CELLS = (
    "formula", "formula1", "formula2",
    "oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter",
)  # fmt: skip
_SAID = re.compile(r"""\b(?:prompt|promptTitle|error|errorTitle|tooltip|display)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_CELLS_END = re.compile(rb"</(?:[\w.-]+:)?sheetData\s*>|<(?:[\w.-]+:)?sheetData[^>]*/>")
_CHUNK, _LONGEST_TAG = 1 << 20, 64


def notes(path: Path) -> list[str]:
    """Every such text of a workbook whose container was found sound. Raises BookError where they are too many."""
    with zipfile.ZipFile(path) as archive:
        found = [
            " ".join(html.unescape(text).split()) for name in archive.namelist() for text in _of_part(archive, name)
        ]
    return [text for text in found if text]


def _of_part(archive: zipfile.ZipFile, name: str) -> Iterator[str]:
    if _PARTS.fullmatch(name):
        yield from (_MARKS.sub(" ", match[0]) for match in _WHOLE.finditer(_text(archive.read(name))))
    elif _SHEETS.fullmatch(name):
        behind = _text(_behind_cells(archive, name))
        yield from _inside(behind, _BEHIND_CELLS)
        yield from (double or single for double, single in _SAID.findall(behind))
    elif name.lower() in _ELSEWHERE:
        yield from _inside(_text(archive.read(name)), _ELSEWHERE[name.lower()])


def _inside(text: str, tags: tuple[str, ...]) -> Iterator[str]:
    element = rf"<(?:\w+:)?(?P<tag>{'|'.join(tags)})(?=[\s>])[^>]*>(?P<words>[^<]*)</(?:\w+:)?(?P=tag)>"
    return (match["words"] for match in re.finditer(element, text))


def _behind_cells(archive: zipfile.ZipFile, name: str) -> bytes:
    """What stands behind the cells of a sheet; the cells themselves may be very many, and are read elsewhere."""
    behind, seen, is_past = bytearray(), b"", False
    with archive.open(name) as part:
        while piece := part.read(_CHUNK):
            if is_past:
                behind += piece
            else:
                seen = seen[-_LONGEST_TAG:] + piece
                end = _CELLS_END.search(seen)
                if end:
                    is_past, behind = True, bytearray(seen[end.end() :])
            if len(behind) > limits.MOST_UNPACKED_SMALL:
                raise BookError(Kind.BOMB)
    return bytes(behind)


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")
