"""The catalogue as a list: for a reader, and for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from indicators.definitions import Definition
from indicators.labels import words
from indicators.pirs import donor_numbers
from indicators.pirs_words import SheetWords, sheet_tables


def as_rows(found: Iterable[Definition]) -> list[dict[str, Any]]:
    """One dictionary for each indicator; the days of donors' own numbers are written as ISO 8601 has them."""
    return [
        {
            "code": d.code,
            "title": dict(d.title),
            "unit": d.unit,
            "family": d.family,
            "donor_codes": [{key: str(value) for key, value in code.items()} for code in d.donor_codes],
        }
        for d in found
    ]


def told(found: Sequence[Definition], language: str) -> Iterator[str]:
    """One line for each indicator: code, title, unit, family, and the donors' own numbers with their days."""
    lines = [
        (d.code, d.title[language], words()["unit"][d.unit][language], words()["family"][d.family][language])
        for d in found
    ]
    widths = [max(len(line[column]) for line in lines) for column in range(4)]
    numbers = SheetWords(sheet_tables(), language)
    for d, line in zip(found, lines, strict=True):
        cells = [cell.ljust(width) for cell, width in zip(line, widths, strict=True)]
        yield "  ".join([*cells, "; ".join(donor_numbers(d.donor_codes, numbers))]).rstrip()
