"""XML parts of a workbook, read without ever following a declaration: what declares a type or an entity is refused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from xml.parsers import expat

# `<!` opens a comment, a run of plain text, or a declaration, which no program writes into a workbook.
_DECLARES = re.compile(rb"<!(?!--|\[CDATA\[)")
_LONGEST_SIGN = len(b"<![CDATA[")
_ENCODING = re.compile(rb"""^<\?xml[^>]*?encoding\s*=\s*["']([^"']*)["']""")
_BOM = b"\xef\xbb\xbf"


class DeclarationInXmlError(ValueError):
    """A document type or an entity is declared."""


class NotXmlError(ValueError):
    """No XML in UTF-8 under the name of XML."""


@dataclass(frozen=True)
class Element:
    """An element with its attributes, both without prefixes, and the text directly in it."""

    name: str
    attributes: Mapping[str, str]
    text: str = ""


def plain(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces of a part as they come, once it is certain that nothing in them is a declaration."""
    kept, is_first = b"", True
    for piece in pieces:
        joined = kept + piece
        if is_first and len(joined) >= _LONGEST_SIGN:
            is_first = False
            _check_start(joined)
        if _DECLARES.search(joined, 0, max(len(joined) - _LONGEST_SIGN, 0) + 2):
            raise DeclarationInXmlError
        kept = joined[-_LONGEST_SIGN:]
        yield piece
    if is_first:
        raise NotXmlError
    if _DECLARES.search(kept):
        raise DeclarationInXmlError


def _check_start(start: bytes) -> None:
    start = start.removeprefix(_BOM).lstrip()
    named = _ENCODING.match(start)
    if not start.startswith(b"<") or b"\0" in start[:64]:
        raise NotXmlError
    if named and named[1].lower().replace(b"_", b"-") not in (b"utf-8", b"us-ascii", b"ascii"):
        raise NotXmlError


def elements(content: bytes) -> list[Element]:
    """Every element of a small part, in the order in which they end. Raises NotXmlError for broken XML."""
    found: list[Element] = []
    opened: list[tuple[str, dict[str, str], list[str]]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        opened.append((_local(name), {_local(key): value for key, value in attributes.items()}, []))

    def end(_: str) -> None:
        name, attributes, text = opened.pop()
        found.append(Element(name, attributes, "".join(text)))

    def declares(*_: object) -> None:
        raise DeclarationInXmlError

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = lambda text: opened[-1][2].append(text)
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = declares
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise NotXmlError from error
    return found


def _local(name: str) -> str:
    return name.rpartition(":")[2]
