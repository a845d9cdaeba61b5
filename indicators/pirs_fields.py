"""The fields of a reference sheet in their order, and what a definition may say of them in its `[pirs]`.

The order is that of USAID's template (ADS 201maf); fields it has no place for stand with those they belong to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from indicators.facts import LANGUAGES

PARTS: Mapping[str, tuple[str, ...]] = {
    "identity": ("name", "donor_numbers", "result", "plan_and_report"),
    "description": ("definition", "unit", "data_type", "breakdowns", "rationale", "use"),
    "collection": (
        "source", "collection", "construction", "known_values", "over_time", "over_places", "frequency",
        "responsible", "storage",
    ),
    "targets": ("direction", "baseline", "targets"),
    "quality": ("quality_review", "next_quality_review", "limitations", "protection"),
    "changes": ("changes", "notes", "updated_on"),
}  # fmt: skip
FIELDS = tuple(field for fields in PARTS.values() for field in fields)

# Fields that say the same of many indicators: by every one, by family, or by a definition.
SAID = (
    "result", "rationale", "use", "collection", "frequency", "responsible", "storage", "targets", "quality_review",
    "next_quality_review", "limitations", "notes",
)  # fmt: skip
# What is said in these stands before what is derived; in the others a definition's own words take its place.
ADDED = ("result", "collection", "targets", "limitations", "notes")
# What only a definition has.
OWN = ("quality_review_on", "changes")


def override_faults(pirs: Any) -> Iterator[str]:
    """Every fault of a definition's `[pirs]`, each naming its key, what was expected and what came."""
    if not isinstance(pirs, dict):
        yield f"pirs: expected a table, got {pirs!r}"
        return
    known = (*SAID, *OWN)
    yield from (f"pirs.{key}: no such key; expected one of {', '.join(known)}" for key in pirs if key not in known)
    for key in SAID:
        if key in pirs:
            yield from words_faults(f"pirs.{key}", pirs[key])
    if not isinstance(pirs.get("quality_review_on", date.max), date):
        yield f"pirs.quality_review_on: expected a date, got {pirs['quality_review_on']!r}"
    changes = pirs.get("changes", [])
    if not isinstance(changes, list):
        yield f"pirs.changes: expected a list, got {changes!r}"
        return
    for number, change in enumerate(changes, start=1):
        if not isinstance(change, dict) or set(change) != {"on", "what"} or not isinstance(change["on"], date):
            yield f"pirs.changes {number}: expected on (a date) and what (en, ru); got {change!r}"
        else:
            yield from words_faults(f"pirs.changes {number}: what", change["what"])


def words_faults(key: str, words: Any) -> Iterator[str]:
    """Whether words are given in every language, and not empty."""
    if not isinstance(words, dict) or set(words) != set(LANGUAGES):
        got = ", ".join(words) if isinstance(words, dict) else repr(words)
        yield f"{key}: expected {' and '.join(LANGUAGES)}; got {got}"
    else:
        yield from (
            f"{key}.{language}: expected a sentence, got {said!r}"
            for language, said in words.items()
            if not isinstance(said, str) or not said.strip()
        )
