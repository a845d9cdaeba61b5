"""What an edition says to one donor: its indicators, its numbers for them, figures and targets."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from reports.donors import DonorProfile, DonorTable
from reports.edition import SHOWN, Edition
from reports.format import exact

# indicator, breakdown, category, place, calendar, period
Key = tuple[str, str, str, str, str, str]
TOTAL = "total"


class ReportError(ValueError):
    """The report cannot be written as the profile wants it; the message says why and what to do."""


@dataclass(frozen=True)
class Figure:
    """A figure as a report may use it: `value` is None unless the status is `shown`.

    `value` is the exact number (a share is its numerator over its denominator). `partial` says that
    not every expected office has reported.
    """

    value: Decimal | None
    status: str
    partial: bool


@dataclass(frozen=True)
class Target:
    """What the donor's project promised for one indicator, place and window."""

    target: Decimal | None
    baseline: Decimal | None
    note: str


@dataclass(frozen=True)
class Targets:
    """All targets of the donor's projects, and the baseline of each indicator and place."""

    by_window: Mapping[tuple[str, str, str, str], Target]  # indicator, place, calendar, period
    baselines: Mapping[tuple[str, str], Decimal]

    def of(self, indicator: str, place: str, calendar: str, period: str) -> Target:
        """The target of a window; without one, only the baseline of the indicator and place."""
        found = self.by_window.get((indicator, place, calendar, period), Target(None, None, ""))
        baseline = found.baseline if found.baseline is not None else self.baselines.get((indicator, place))
        return Target(found.target, baseline, found.note)


def donor_projects(edition: Edition, donor: DonorProfile) -> list[dict[str, Any]]:
    """The projects that the donor pays for, or of them those its profile names."""
    every = edition.rows("SELECT * FROM projects ORDER BY start_on, project")
    return [
        project
        for project in every
        if _same(donor.donor, project["donors"] or []) and (not donor.projects or project["project"] in donor.projects)
    ]


def targets(edition: Edition, donor: DonorProfile) -> Targets:
    """The targets of the donor's projects.

    Raises ReportError when two projects promise something for the same window: choosing or adding
    would be silent, so the profile has to name its project.
    """
    names = [project["project"] for project in donor_projects(edition, donor)]
    rows = edition.rows(
        "SELECT * FROM targets WHERE list_contains(?, project) ORDER BY indicator, place, calendar, period, project",
        [names],
    )
    by_window: dict[tuple[str, str, str, str], Target] = {}
    baselines: dict[tuple[str, str], Decimal] = {}
    for row in rows:
        key = (row["indicator"], row["place"], row["calendar"], row["period"])
        if key in by_window:
            raise ReportError(
                f"two projects of {donor.donor} have a target for {' '.join(key)}; "
                f"name the one that is meant in {donor.code}.toml: projects = [...]"
            )
        by_window[key] = Target(row["target"], row["baseline"], row["note"] or "")
        if row["baseline"] is not None:
            baselines[row["indicator"], row["place"]] = row["baseline"]
    return Targets(by_window, baselines)


def objectives(edition: Edition, donor: DonorProfile) -> dict[str, dict[str, str]]:
    """The result that each indicator measures in the donor's projects: by indicator, the titles by language.

    An indicator of several results is said to measure the first.
    """
    names = [project["project"] for project in donor_projects(edition, donor)]
    rows = edition.rows("SELECT * FROM results WHERE list_contains(?, project) ORDER BY project, position", [names])
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        for indicator in row["indicators"] or []:
            found.setdefault(indicator, {"en": row["title_en"], "ru": row["title_ru"]})
    return found


def donor_code(indicator: Mapping[str, Any], donor: DonorProfile) -> str | None:
    """The donor's own number for an indicator, as it was in force for the edition; None if it has none."""
    codes = json.loads(indicator["donor_codes"] or "{}")
    return next((code for name, code in sorted(codes.items()) if _same(donor.donor, [name])), None)


def selected(edition: Edition, donor: DonorProfile, table: DonorTable) -> list[dict[str, Any]]:
    """The indicators of a table, as rows of the edition, by family in the order of the labels, then by code."""
    rows = edition.rows(
        "SELECT i.* FROM indicators AS i LEFT JOIN labels AS l ON l.list = 'family' AND l.code = i.family"
        " ORDER BY l.position NULLS LAST, i.family, i.indicator"
    )
    promised = {indicator for indicator, *_ in targets(edition, donor).by_window}
    having = {
        "target": lambda row: row["indicator"] in promised,
        "donor_code": lambda row: donor_code(row, donor) is not None,
    }
    return [
        row
        for row in rows
        if row["indicator"] in table.indicators
        or row["family"] in table.families
        or any(having[name](row) for name in table.having)
    ]


def figures(edition: Edition, indicators: Sequence[str], breakdowns: Iterable[str]) -> dict[Key, Figure]:
    """Every figure of these indicators, whole and by these breakdowns."""
    rows = edition.rows(
        "SELECT indicator, breakdown, category, place, calendar, period, value, numerator, denominator, status,"
        " offices_expected, offices_reported FROM figures"
        " WHERE list_contains(?, indicator) AND list_contains(?, breakdown)",
        [list(indicators), [TOTAL, *breakdowns]],
    )
    return {
        (r["indicator"], r["breakdown"], r["category"], r["place"], r["calendar"], r["period"]): _figure(r)
        for r in rows
    }


def categories(found: Iterable[Key]) -> dict[tuple[str, str, str], set[str]]:
    """Which categories there are by indicator, place and breakdown."""
    grouped: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for indicator, breakdown, category, place, _, _ in found:
        grouped[indicator, place, breakdown].add(category)
    return grouped


def _figure(row: Mapping[str, Any]) -> Figure:
    """What may be said of a row; a number is read only where the status says that it is shown."""
    if row["status"] != SHOWN or row["value"] is None:
        return Figure(None, row["status"], False)
    partial = (row["offices_reported"] or 0) < (row["offices_expected"] or 0)
    return Figure(exact(row["value"], row["numerator"], row["denominator"]), SHOWN, partial)


def _same(donor: str, names: Iterable[str]) -> bool:
    return donor.casefold() in {name.casefold() for name in names}
