"""The sample's rows, for the tests of the sample."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipelines.demo import sample_records
from pipelines.demo_rows import Row

REPOSITORY = Path(__file__).resolve().parent.parent
COUNTRIES = {"kaz": "KZ", "kgz": "KG", "tjk": "TJ", "tkm": "TM", "uzb": "UZ"}
SAMPLE = sample_records()


def rows(fact: str, office: str | None = None, period: str | None = None) -> list[Row]:
    """The sample's rows of a fact, of one office or period or of all."""
    return [
        r
        for (o, p), records in SAMPLE.items()
        if (office in (None, o)) and (period in (None, p))
        for r in records.get(fact, [])
    ]


def only(found: list[Row], **values: Any) -> Row:
    """The one row with these values."""
    (one,) = [r for r in found if all(r[name] == value for name, value in values.items())]
    return one
