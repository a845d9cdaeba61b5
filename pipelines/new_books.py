"""XLSX workbooks looked at part by part, before anybody reads their cells."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipelines import limits
from pipelines.archives import Archive, ArchiveError, BombError, LockedError, Part, open_archive
from pipelines.book import Book, BookError, Kind
from pipelines.sheet_marks import Marks, SheetError, marks_of
from pipelines.xml_parts import DeclarationInXmlError, Element, NotXmlError, elements, plain

COMMENT_AUTHOR = "esep"  # of the comments that we ourselves put into a returned workbook
_WORKBOOK, _TEXTS = "xl/workbook.xml", "xl/sharedstrings.xml"
_XML = (".xml", ".rels", ".vml")
_ANCHORS = {"oneCellAnchor", "twoCellAnchor", "absoluteAnchor"}

# By the name of the part; the first that fits. What a workbook holds besides is either XML or refused as embedded.
_FOREIGN: tuple[tuple[re.Pattern[str], Kind], ...] = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (r"vbaproject|vbadata|/macrosheets/|/dialogsheets/", Kind.MACROS),
        (r"/(embeddings|activex|ctrlprops|webextensions)/", Kind.EMBEDDED),
        (r"/externallinks/", Kind.EXTERNAL_LINKS),
        (r"^xl/connections\.xml$|/querytables/|^xl/model/", Kind.CONNECTIONS),
        (r"/pivot(cache|tables)/", Kind.PIVOTS),
        (r"/revisions/|^xl/usernames\.xml$", Kind.REVISIONS),
        (r"/threadedcomments/", Kind.COMMENTS),
        (r"/(media|charts|chartsheets|diagrams|ink)/|thumbnail", Kind.PICTURES),
    )
)
_HARMLESS_BINARY = re.compile(r"^xl/printersettings/[^/]*\.bin$")
_COMMENTS = re.compile(r"(^|/)comments?[0-9]*\.xml$")
_DRAWING = re.compile(r"(^|/)drawings/[^/]*\.xml$")


@dataclass(frozen=True)
class _Listed:
    """A sheet as the workbook lists it."""

    name: str
    part: str
    is_hidden: bool


def look_into_xlsx(path: Path) -> Book:
    """What is in an XLSX beside values. Raises BookError for what is no workbook, or dangerous to unpack."""
    try:
        archive = open_archive(path)
        _check_format(archive)
        workbook = _small(archive, _WORKBOOK)
        sheets = list(_sheets(workbook, _small(archive, "xl/_rels/workbook.xml.rels")))
        if len({sheet.name for sheet in sheets}) < len(sheets):
            raise ArchiveError("two sheets of one name")
        marks, found = _look(archive, {sheet.part.lower(): sheet.name for sheet in sheets})
    except (BombError, MemoryError) as error:
        raise BookError(Kind.BOMB) from error
    except LockedError as error:
        raise BookError(Kind.PASSWORD) from error
    except DeclarationInXmlError as error:
        raise BookError(Kind.DECLARES) from error
    except (ArchiveError, NotXmlError, SheetError) as error:
        raise BookError(Kind.DAMAGED) from error
    return Book(
        marks,
        frozenset(sheet.name for sheet in sheets if sheet.is_hidden),
        frozenset(found),
        _is_set(workbook, "workbookPr", "date1904"),
        _is_set(workbook, "calcPr", "fullCalcOnLoad"),
    )


def _check_format(archive: Archive) -> None:
    names = {part.name.lower() for part in archive.parts}
    if _WORKBOOK not in names:
        is_open = {"mimetype", "content.xml"} <= names
        kind = Kind.BINARY if "xl/workbook.bin" in names else Kind.OPEN_DOCUMENT if is_open else Kind.OTHER_FORMAT
        raise BookError(kind)


def _look(archive: Archive, sheets: Mapping[str, str]) -> tuple[dict[str, Marks], set[Kind]]:
    """Every byte of every part, once: the marks of the sheets, and what should not be there."""
    marks: dict[str, Marks] = {}
    found: set[Kind] = set()
    for part in archive.parts:
        name = part.name.lower()
        pieces = archive.unpacked(part, _most(name, sheets))
        if not name.endswith(_XML):
            for _ in pieces:
                pass
            found |= set() if _HARMLESS_BINARY.search(name) else {_foreign(name) or Kind.EMBEDDED}
        elif name in sheets and not _foreign(name):
            marks[sheets[name]] = marks_of(plain(pieces))
        else:
            found |= set(_strange(name, plain(pieces)))
    return marks, found


def _most(name: str, sheets: Mapping[str, str]) -> int:
    """The most that a part may unpack to."""
    if name in sheets:
        return limits.MOST_UNPACKED
    return limits.MOST_UNPACKED_TEXTS if name == _TEXTS else limits.MOST_UNPACKED_SMALL


def _foreign(name: str) -> Kind | None:
    return next((kind for pattern, kind in _FOREIGN if pattern.search(name)), None)


def _strange(name: str, pieces: Iterator[bytes]) -> Iterator[Kind]:
    """What an XML part is that should not be in a workbook."""
    kind = _foreign(name)
    is_read = kind is None and (_COMMENTS.search(name) or _DRAWING.search(name) or name.endswith(".rels"))
    if not is_read:
        for _ in pieces:
            pass
        yield from [kind] if kind else []
        return
    content = elements(b"".join(pieces))
    if _COMMENTS.search(name) and not _are_ours(content):
        yield Kind.COMMENTS
    if _DRAWING.search(name) and any(element.name in _ANCHORS for element in content):
        yield Kind.PICTURES
    targets = (e.attributes.get("Target", "").lower() for e in content if e.name == "Relationship")
    if name.endswith(".rels") and any(target.startswith(("mailto:", "tel:")) for target in targets):
        yield Kind.PERSONAL_LINKS


def _are_ours(comments: list[Element]) -> bool:
    """Whether the program wrote every comment of a part."""
    return {element.text.strip() for element in comments if element.name == "author"} <= {COMMENT_AUTHOR}


def _small(archive: Archive, name: str) -> list[Element]:
    part: Part | None = archive.named(name)
    if part is None:
        raise ArchiveError(name)
    return elements(b"".join(plain(archive.unpacked(part, limits.MOST_UNPACKED_SMALL))))


def _sheets(workbook: list[Element], relations: list[Element]) -> Iterator[_Listed]:
    targets = {e.attributes.get("Id"): e.attributes.get("Target", "") for e in relations if e.name == "Relationship"}
    for element in workbook:
        if element.name == "sheet":
            target = targets.get(element.attributes.get("id"))
            if target is None:
                raise ArchiveError("a sheet without a part")
            part = posixpath.normpath(posixpath.join("/xl", target.replace("\\", "/"))).lstrip("/")
            yield _Listed(
                element.attributes.get("name", ""), part, element.attributes.get("state", "visible") != "visible"
            )


def _is_set(content: list[Element], name: str, attribute: str) -> bool:
    return any(e.attributes.get(attribute, "").lower() in ("1", "true") for e in content if e.name == name)
