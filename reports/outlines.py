"""Outlines of narrative reports: which sections a donor's report has, one TOML file each, found by its folder.

A section has a place for text, made parts (tables, charts, lists), or both. A donor profile names its outline;
the newsletter has one of its own, which no donor names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from indicators.declared import Words, of_folder, shape_faults

HERE = Path(__file__).parent / "outlines"

# What can be made for a section; `reports.report_parts` has a function for each.
PARTS = (
    "acronyms", "project", "framework", "summary", "progress_chart", "results", "by_sex", "deviations",
    "target_changes", "restatements", "completeness", "checks", "network", "all_indicators", "breakdowns",
    "definitions", "marks", "about", "signature",
)  # fmt: skip
NEWSLETTER = "newsletter"
# What no outline of a donor may leave out: a figure that it was given never changes in silence.
NEVER_LEFT_OUT = "restatements"

_OUTLINE: dict[str, type] = {"code": str, "title": Words, "source": str, "section": list, "marking*": Words}
_SECTION: dict[str, type] = {
    "code": str, "title": Words, "number*": str, "level*": int, "ask*": Words, "parts*": list, "new_page*": bool,
}  # fmt: skip
_DEEPEST = 3


@dataclass(frozen=True)
class Section:
    """One section: `ask` says what is to be written there (None: nothing is), `parts` what is made."""

    code: str
    title: Mapping[str, str]
    number: str = ""
    level: int = 1
    ask: Mapping[str, str] | None = None
    parts: tuple[str, ...] = ()
    new_page: bool = False


@dataclass(frozen=True)
class Outline:
    """The sections of a report in order; `marking` is the line that the donor wants on the cover."""

    code: str
    title: Mapping[str, str]
    source: str
    marking: Mapping[str, str]
    sections: tuple[Section, ...]
    digest: str


@cache
def outlines(folder: Path = HERE) -> Mapping[str, Outline]:
    """All outlines by code. Raises DeclarationError with every fault of the folder at once."""
    return of_folder(folder, _faults, _outline)


@cache
def known_sections() -> Mapping[str, str]:
    """Code of every section for which somebody writes, by its code and by its titles, in small letters."""
    asked = [section for outline in outlines().values() for section in outline.sections if section.ask]
    by_title = {title.casefold(): section.code for section in asked for title in section.title.values()}
    return {**by_title, **{section.code: section.code for section in asked}}


def outline_codes() -> list[str]:
    """Codes that a donor profile may name: the file name is the code, so nothing has to be read."""
    return sorted(path.stem for path in HERE.glob("*.toml") if path.stem != NEWSLETTER)


def _outline(raw: Mapping[str, Any], path: Path) -> Outline:
    sections = tuple(Section(**{**one, "parts": tuple(one.get("parts", ()))}) for one in raw["section"])
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Outline(raw["code"], raw["title"], raw["source"], raw.get("marking", {}), sections, digest)


def _faults(stem: str, raw: Mapping[str, Any]) -> Iterator[str]:
    shape = list(shape_faults("", raw, _OUTLINE))
    yield from shape
    if shape:
        return
    if raw["code"] != stem:
        yield f"the file name is its identifier: code is {raw['code']!r}"
    codes = [section.get("code") for section in raw["section"]]
    yield from (f"two sections have the code {code}" for code in sorted({c for c in codes if codes.count(c) > 1}))
    for number, section in enumerate(raw["section"], start=1):
        where = f"section {section.get('code', number)}: "
        found = list(shape_faults(where, section, _SECTION))
        yield from found or _section_faults(where, section)
    if stem != NEWSLETTER and not any(NEVER_LEFT_OUT in section.get("parts", ()) for section in raw["section"]):
        yield f"no section has the part {NEVER_LEFT_OUT!r}: a donor is told which of its figures changed"


def _section_faults(where: str, section: Mapping[str, Any]) -> Iterator[str]:
    if not 1 <= section.get("level", 1) <= _DEEPEST:
        yield f"{where}level must be 1 to {_DEEPEST}, not {section['level']}"
    for part in section.get("parts", ()):
        if part not in PARTS:
            yield f"{where}there is no part {part!r}; there are {', '.join(PARTS)}"
