"""Pieces of the pages of checks: words in both languages, states and severities by word and shape, tables."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from html import escape

from indicators.labels import labels, words
from pipelines.checked_files import State
from pipelines.contracts import contracts
from pipelines.findings import Severity

Words = tuple[str, str]  # English, Russian

# Said by word and by shape, never by colour alone.
_STATES: Mapping[State, tuple[str, str, str]] = {
    "accepted": ("✓", "Accepted", "Принят"),
    "unchanged": ("=", "Unchanged", "Без изменений"),
    "refused": ("✕", "Refused", "Отказано"),
    "missing": ("○", "Not received", "Не получен"),
}
_SEVERITIES: Mapping[Severity, tuple[str, str, str]] = {
    "refuse": ("✕", "refuses the file", "отказ в приёме файла"),
    "quarantine": ("▲", "holds the row back", "строка задержана"),
    "warn": ("●", "warning", "предупреждение"),
}
WORST_FIRST = list(_SEVERITIES)
NEEDS_A_HAND = ("refused", "missing")
_NO_OFFICE = ("Files whose names no contract knows", "Файлы, имён которых не знает ни один контракт")


def title_of(group: tuple[str, str]) -> Words:
    """An office and quarter in words."""
    office, period = group
    return (f"{office_name(office)[0]}, {period}", f"{office_name(office)[1]}, {period}") if office else _NO_OFFICE


@cache
def office_name(office: str) -> Words:
    """What an office is called, as in an edition."""
    ((*_, en, ru),) = [one for one in labels([], [], {office: contracts()[office].place}) if one[0] == "office"]
    return str(en), str(ru)


def export_names(exports: tuple[str, ...]) -> Words:
    """What exports are called, as in an edition."""
    named = [words()["export"].get(export, {"en": export, "ru": export}) for export in exports]
    return "; ".join(name["en"] for name in named), "; ".join(name["ru"] for name in named)


def status(state: State) -> str:
    """What became of a file."""
    shape, en, ru = _STATES[state]
    return f"<span class='badge {state}'>{marked(shape, en, ru)}</span>"


def severity(of: Severity) -> str:
    """What follows from a broken rule."""
    shape, en, ru = _SEVERITIES[of]
    return f"<span class='severity {of}'>{marked(shape, en, ru)}</span>"


def marked(shape: str, en: str, ru: str) -> str:
    """Words behind a shape that is for the eye only."""
    return f"<span aria-hidden='true' class='shape'>{shape}</span> {said(en, ru)}"


def said(en: str, ru: str) -> str:
    """The same in both languages."""
    return f"<span>{escape(en)}</span> <span lang='ru'>{escape(ru)}</span>"


def both(tag: str, en: str, ru: str) -> str:
    """An element that says the same in both languages."""
    return f"<{tag}>{said(en, ru)}</{tag}>"


def number(count: int) -> str:
    """A count with thin spaces between thousands."""
    return f"{count:,}".replace(",", "\u202f")


def heads(*pairs: str, numeric: bool = False) -> str:
    """Heads of columns, each `English|Russian`."""
    kind = " class='n'" if numeric else ""
    return "".join(f"<th scope='col'{kind}>{said(*pair.split('|'))}</th>" for pair in pairs)


def table(name: str, head: str, bodies: str, caption: str = "") -> str:
    """A table that scrolls sideways by itself on a narrow screen, by keyboard too."""
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(name)}"><table>{caption}'
        f"<thead><tr>{head}</tr></thead>\n{bodies}</table></div>"
    )
