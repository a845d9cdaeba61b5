"""The facts that the programme keeps of its own work, filled from its register of files."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from indicators.calendars import QUARTER, Quarter
from indicators.facts import codelists
from indicators.figures import REGION_TOTAL, TOTAL
from pipelines.completeness import Owed

OWED_FILES = "owed_files"
RESTATED_FIGURES = "restated_figures"
OTHER = "other"

Row = Mapping[str, Any]


def kept_rows(owed: Sequence[Owed]) -> dict[str, tuple[Row, ...]]:
    """The rows of each kept fact, from every file that is owed and what became of it."""
    return {OWED_FILES: tuple(_owed_file(file) for file in owed)}


def restated_rows(
    told: Sequence[Row], periods: Mapping[str, str], offices: Mapping[str, str], uncounted: Collection[str]
) -> tuple[Row, ...]:
    """The rows of `restated_figures` from the restatements that earlier editions tell.

    `periods` says what each edition is about, `offices` whose a place is; indicators in `uncounted` are left out.
    """
    office_of = {place: office for office, place in offices.items()}
    return tuple(
        {
            "office": office_of[row["place"]],
            "place": row["place"],
            "edition": row["edition_id"],
            "figure": row["indicator"],
            "figure_of": Quarter.parse(row["period"]).end,
            "restated_for": Quarter.parse(periods[row["edition_id"]]).end,
            "cause": row["cause"],
        }
        for row in told
        if row["calendar"] == QUARTER and row["breakdown"] == TOTAL and row["place"] != REGION_TOTAL
        and row["place"] in office_of and row["edition_id"] in periods and row["indicator"] not in uncounted
    )  # fmt: skip


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
