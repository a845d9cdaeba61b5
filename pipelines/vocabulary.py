"""Words of the office languages that belong to no one office: months, totals, footnotes, and names of columns.

They are in `vocabulary.toml`. Names of columns serve as suggestions only.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pipelines.folding import APOSTROPHES, fold

WORDS = Path(__file__).parent / "vocabulary.toml"


@cache
def _declared() -> Mapping[str, Any]:
    return tomllib.loads(WORDS.read_text(encoding="utf-8"))


def month_words(languages: Iterable[str]) -> dict[str, int]:
    """The names of months in some languages, folded, with their numbers."""
    months = _declared()["months"]
    return {
        fold(word): number
        for language in languages
        for number, words in enumerate(months.get(language, []), start=1)
        for word in words
    }


@cache
def totals_words() -> tuple[str, ...]:
    """The words of all languages with which a row of totals begins, folded."""
    return _all("totals")


@cache
def note_words() -> tuple[str, ...]:
    """The words of all languages with which a footnote begins, folded."""
    return _all("notes")


def _all(section: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fold(word) for words in _declared()[section].values() for word in words))


@cache
def columns_called(header: str) -> frozenset[str]:
    """The columns of facts that a header means in some language, if any."""
    said = fold(header, (APOSTROPHES,))
    return frozenset(
        column for column, words in _declared()["headers"].items()
        if said in {fold(word, (APOSTROPHES,)) for word in words}
    )  # fmt: skip
