"""What offices write for a report: a Markdown file each, parted by the sections of the outlines.

    ## progress
    In October twelve judges ... {T02 KZ} persons ... since the beginning of the year {T02 KZ year}.

    - a list
    ## next_quarter
    ...

A figure is written as a reference in braces: indicator, country (the region if none is named) and `quarter`,
`year` or `life` (the quarter if none is named). What stands in the report is what the edition says, a mark for
what it does not show. The text is no part of the edition: it is written after its figures have been seen. The
report names the SHA-256 of every text it holds, so that the same edition and texts give the same file.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

REGION_OFFICE = "region"
REFERENCE = re.compile(r"\{\s*([A-Z]\w*)(?:\s+([A-Z]{2}))?(?:\s+(quarter|year|life))?\s*\}")
_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*$")
_ITEM = re.compile(r"^\s*[-*•]\s+(.*)$")
_BRACES = re.compile(r"[{}]")
_DIGIT = re.compile(r"\d")


class NarrativeError(ValueError):
    """A text cannot be used as it is; the message names its lines and what to do, and never repeats them."""


@dataclass(frozen=True)
class Piece:
    """A paragraph, or a list if it has `items`; `line` is where it begins."""

    line: int
    text: str = ""
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class OfficeText:
    """What one office wrote in one language for one quarter, by section; `digest` is the SHA-256 of its file."""

    office: str
    language: str
    name: str
    digest: str
    sections: Mapping[str, tuple[Piece, ...]]


def read_narrative(office: str, language: str, name: str, content: bytes, known: Mapping[str, str]) -> OfficeText:
    """Read one file. `known` are the sections by their codes and by their titles, in small letters.

    Raises NarrativeError with every fault: no UTF-8, text before the first section, a section that no outline has,
    braces that are no reference.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NarrativeError(f"{name}: not UTF-8; save it as plain text in UTF-8") from error
    sections: dict[str, list[Piece]] = {}
    faults: list[str] = []
    current: str | None = None
    for line, block in _blocks(text):
        heading = _HEADING.match(block[0])
        if heading and len(heading[1]) == 1:
            continue  # the title of the file is for who writes it
        if heading:
            current = known.get(heading[2].casefold())
            if current is None:
                faults.append(f"line {line}: no outline has this section; there are {_codes(known)}")
                current = ""
            sections.setdefault(current, [])
        elif current is None:
            faults.append(f"line {line}: text before the first section; begin with a line such as ## progress")
            current = ""
        else:
            sections.setdefault(current, []).append(_piece(line, block))
    faults += [f"line {number}: {_REFERENCES}" for number in _broken_references(text)]
    if faults:
        raise NarrativeError("\n".join(f"{name}, {fault}" for fault in faults))
    parts = {code: tuple(pieces) for code, pieces in sections.items() if pieces}
    return OfficeText(office, language, name, hashlib.sha256(content).hexdigest(), parts)


_REFERENCES = "braces hold a figure, such as {T02}, {T02 KZ} or {T02 KZ year}"


def typed_numbers(content: bytes, known: Mapping[str, str], free: str) -> list[int]:
    """Lines with digits that are no reference: numbers that nothing keeps equal to the edition.

    The section `free` is left out: there public telephone numbers stand.
    """
    found, section = [], ""
    for number, line in enumerate(content.decode("utf-8-sig", "replace").splitlines(), start=1):
        heading = _HEADING.match(line)
        if heading:
            section = known.get(heading[2].casefold(), "")
        elif section != free and _DIGIT.search(REFERENCE.sub("", line)):
            found.append(number)
    return found


def _codes(known: Mapping[str, str]) -> str:
    return ", ".join(sorted(set(known.values())))


def _blocks(text: str) -> Iterator[tuple[int, list[str]]]:
    """Headings, paragraphs and lists: runs of lines between empty ones, with the number of the first."""
    run: list[str] = []
    first = 0
    for number, line in enumerate([*text.splitlines(), ""], start=1):
        is_heading = bool(_HEADING.match(line))
        turns = bool(run) and bool(_ITEM.match(line)) != bool(_ITEM.match(run[0])) and not line.startswith("  ")
        if run and (not line.strip() or is_heading or turns):
            yield first, run
            run = []
        if is_heading:
            yield number, [line]
        elif line.strip():
            first = first if run else number
            run.append(line)


def _piece(line: int, block: Sequence[str]) -> Piece:
    if not _ITEM.match(block[0]):
        return Piece(line, text=" ".join(part.strip() for part in block))
    items: list[str] = []
    for part in block:
        found = _ITEM.match(part)
        if found:
            items.append(found[1].strip())
        else:
            items[-1] = f"{items[-1]} {part.strip()}"
    return Piece(line, items=tuple(items))


def _broken_references(text: str) -> Iterator[int]:
    for number, line in enumerate(text.splitlines(), start=1):
        if _BRACES.search(REFERENCE.sub("", line)):
            yield number
