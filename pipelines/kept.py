"""The facts that the programme keeps of its own work, filled from its register of files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from indicators.calendars import Quarter
from indicators.facts import codelists
from pipelines.completeness import Owed

OWED_FILES = "owed_files"
OTHER = "other"

Row = Mapping[str, Any]


def kept_rows(owed: Sequence[Owed]) -> dict[str, tuple[Row, ...]]:
    """The rows of each kept fact, from every file that is owed and what became of it."""
    return {OWED_FILES: tuple(_owed_file(file) for file in owed)}


def came_first(kept: Mapping[str, Sequence[Row]]) -> dict[str, str]:
    """The day on which the first accepted file of each office, slot and last day came; none for what never came."""
    return {_name(row): row["first_on"].isoformat() for row in kept.get(OWED_FILES, ()) if row["first_on"]}


def as_it_came(kept: Mapping[str, Sequence[Row]], days: Mapping[str, str]) -> dict[str, tuple[Row, ...]]:
    """The rows with the days as `came_first` told them: files that are taken in again come on another day."""
    owed = tuple(
        {**row, "first_on": date.fromisoformat(days[_name(row)]) if _name(row) in days else None}
        for row in kept.get(OWED_FILES, ())
    )
    return {fact: owed if fact == OWED_FILES else tuple(rows) for fact, rows in kept.items()}


def _name(row: Row) -> str:
    return f"{row['office']} {row['slot']} {row['covers_to']}"


def kinds_held(rules: Sequence[str]) -> list[str]:
    """Which kinds of the code list `held_for` some rules are of, in its order; what it does not name is `other`."""
    last = {rule.rsplit(".", 1)[-1] for rule in rules}
    named = {code: set(about.attributes["rules"]) for code, about in codelists()["held_for"].codes.items()}
    known = set().union(*named.values())
    return [code for code, some in named.items() if some & last or (code == OTHER and last - known)]


def _owed_file(file: Owed) -> Row:
    return {
        "office": file.office,
        "place": file.place,
        "slot": file.slot,
        "exports": list(file.exports),
        "covers_to": Quarter.parse(file.period).end,
        "due_on": file.due_on,
        "first_on": file.first_on,
        "held_for": kinds_held(file.rules_broken),
    }
