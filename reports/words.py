"""The words of workbooks (`workbook.toml`) and of narrative reports (`report.toml`) in every language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from reports.edition import Edition

FILE = Path(__file__).parent / "workbook.toml"
REPORT_FILE = Path(__file__).parent / "report.toml"


class Speaker(Protocol):
    """What has words: a workbook or a report in one language, made from one edition."""

    @property
    def edition(self) -> Edition:
        """The edition it is made from."""

    @property
    def language(self) -> str:
        """The language it is written in."""

    @property
    def labels(self) -> Mapping[tuple[str, str], str]:
        """The edition's words by list and code."""

    def word(self, key: str, **names: Any) -> str:
        """One of our texts, with its names filled in."""

    def label(self, codelist: str, code: str) -> str:
        """The edition's own word for a code, else ours, else the code itself."""


@cache
def report_words(language: str) -> Mapping[str, str]:
    """Every text of a narrative report: its own, and those it shares with the workbook."""
    return {**words(language), **words(language, REPORT_FILE)}


@cache
def words(language: str, file: Path = FILE) -> Mapping[str, str]:
    """Every text of the workbook by `section.key`. Raises KeyError for a language that is not there."""
    sections = tomllib.loads(file.read_text(encoding="utf-8"))
    return {f"{name}.{key}": text[language] for name, keys in sections.items() for key, text in keys.items()}


def why_counted(indicator: Mapping[str, Any], language: str) -> str:
    """Why an indicator is counted, as its edition says it; earlier versions' editions say it in English alone."""
    return str(indicator.get("why" if language == "en" else f"why_{language}") or "")


# Sheets that every workbook has, in lower case; no table may take their names.
RESERVED_SHEETS = frozenset(
    text.casefold() for language in ("en", "ru") for key, text in words(language).items() if key.startswith("sheet.")
)
