"""Texts that offices write for reports: found by their folder, screened for personal data, read.

    data/narratives/2010-Q4/kaz.en.md

The same detectors as at the anonymity gate look at every line; a hit keeps the whole export back, because a text
goes to donors as it is. Public numbers of a hotline may stand in the section that is for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from indicators.calendars import Quarter
from indicators.facts import LANGUAGES
from pipelines.anonymity import kinds
from pipelines.personal_values import kind_within
from reports.narrative import REFERENCE, NarrativeError, OfficeText, read_narrative, typed_numbers
from reports.newsletter import HOTLINE
from reports.outlines import known_sections

_NAME = re.compile(rf"(?P<office>[a-z][a-z0-9_]*)\.(?P<language>{'|'.join(LANGUAGES)})\.md")
_SECTION = re.compile(r"^##+\s+(.*?)\s*#*$")
_MOST_BYTES = 1_000_000


def narratives(folder: Path, period: str, offices: frozenset[str]) -> list[OfficeText]:
    """Every text for a quarter, in the order of the file names; none where nobody wrote any.

    `offices` are those that may write. Raises NarrativeError with every fault of every file, naming file, line and
    kind, never what is written there.
    """
    texts: list[OfficeText] = []
    faults: list[str] = []
    for path in _files(folder / period):
        try:
            texts.append(_read(path, period, offices))
        except NarrativeError as error:
            faults.append(str(error))
    if faults:
        raise NarrativeError("\n".join(faults))
    return texts


def remarks(folder: Path, period: str) -> list[str]:
    """What whoever exports should know: which lines have numbers that were typed by hand."""
    found = []
    for path in _files(folder / period):
        lines = typed_numbers(path.read_bytes(), known_sections(), HOTLINE)
        if lines:
            named = ", ".join(map(str, lines[:8])) + (", ..." if len(lines) > 8 else "")
            found.append(
                f"{path.name}: numbers typed by hand (lines {named}); a reference such as {{T02 KZ}} stays true"
            )
    return found


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.md") if not path.name.startswith(".")) if folder.is_dir() else []


def _read(path: Path, period: str, offices: frozenset[str]) -> OfficeText:
    named = _NAME.fullmatch(path.name)
    if not named or named["office"] not in offices:
        known = ", ".join(sorted(offices))
        raise NarrativeError(f"a text is named <office>.<language>.md, such as kaz.en.md; offices are {known}")
    if path.is_symlink() or path.stat().st_size > _MOST_BYTES:
        raise NarrativeError(f"{path.name}: not a plain file of at most {_MOST_BYTES} bytes")
    content = path.read_bytes()
    text = read_narrative(named["office"], named["language"], path.name, content, known_sections())
    faults = list(personal_lines(content.decode("utf-8-sig"), Quarter.parse(period)))
    if faults:
        raise NarrativeError("\n".join(f"{path.name}, line {line}: {said}" for line, said in faults))
    return text


def personal_lines(text: str, quarter: Quarter) -> Iterator[tuple[int, str]]:
    """Lines that seem to hold personal data, with what is to be done; a line is also read with the one before it."""
    known = known_sections()
    section, before, was = "", "", ""
    for number, line in enumerate(text.splitlines(), start=1):
        heading = _SECTION.match(line)
        if heading:
            section = known.get(heading[1].casefold(), "")
        without = frozenset({"phone"}) if section == HOTLINE else frozenset()
        said = REFERENCE.sub(" ", line).strip()
        kind = kind_within(said, quarter.end, without)
        if not kind and not was and before and said:
            kind = kind_within(f"{before} {said}", quarter.end, without)
        if kind:
            yield number, _told(kind)
        before, was = said, kind


def _told(kind: str) -> str:
    return (
        f"seems to hold {kinds()[kind].en}. A report names offices and posts, never persons; take it out and export "
        "again. Nothing was written."
    )
