"""The words of the Data Package, from `package.toml`, and its README in both languages."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from indicators.facts import LANGUAGES
from reports import format as form
from reports.edition import SHOWN
from reports.report import Report

FILE = Path(__file__).parent / "package.toml"


@cache
def _texts() -> Mapping[str, Mapping[str, str]]:
    loaded: Mapping[str, Mapping[str, str]] = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return loaded


def words(key: str, language: str) -> str:
    """A text in a language. Raises KeyError for one that is not there."""
    return _texts()[key][language]


def readme(report: Report) -> str:
    """What is in the package and how to read it: English first, then Russian."""
    return "\n".join(_readme(report, language) for language in LANGUAGES)


def _readme(report: Report, language: str) -> str:
    figures = report.handed.figures
    shown = sum(figure["status"] == SHOWN for figure in figures)
    until = form.day(report.edition.about()["data_until"] or report.quarter.end, language)
    named = {"donor": report.donor.name[language], "period": report.period}
    facts = {"edition": report.edition.edition_id, "until": until}
    counts = {"figures": form.number(len(figures), language), "shown": form.number(shown, language)}
    tables = "\n".join(
        f"- `data/{key.removeprefix('table_')}.csv`: {text[language]}"
        for key, text in _texts().items()
        if key.startswith("table_")
    )
    return "\n\n".join([
        f"# {words('package', language).format(**named)}",
        words("about", language).format(**facts, **counts),
        tables,
        words("reading", language),
        "",
    ])  # fmt: skip
