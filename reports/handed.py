"""What a report hands over to machines: the donor's indicators with their figures, targets, baselines and words.

The same choice as the donor's tables make. A number is read only where its status says `shown`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from indicators.calendars import QUARTER
from reports.donor_figures import TOTAL, donor_code, donor_projects, selected
from reports.donors import DonorProfile
from reports.edition import SHOWN, Edition
from reports.iptt_blocks import life_of, reporting_quarter

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Handed:
    """Rows of the edition, in a fixed order. `codes` are the donor's own numbers by indicator, each for itself."""

    indicators: Mapping[str, Row]
    codes: Mapping[str, Sequence[str]]
    figures: Sequence[Row]
    projects: Sequence[Row]
    targets: Sequence[Row]
    baselines: Sequence[Row]
    results: Sequence[Row]
    starts: Mapping[tuple[str, str], date | None]
    ends: Mapping[tuple[str, str], date | None]
    words: Mapping[str, Mapping[tuple[str, str], str]]  # by language, list and code

    def word(self, language: str, codelist: str, code: str) -> str:
        """The edition's word for a code, else the code."""
        return self.words[language].get((codelist, code)) or code


def handed(edition: Edition, donor: DonorProfile) -> Handed:
    """Gather it. Raises ReportError for an edition without quarters."""
    pairs: dict[str, set[str]] = {}
    indicators: dict[str, Row] = {}
    for table in donor.tables:
        for row in selected(edition, donor, table):
            indicators.setdefault(row["indicator"], row)
            pairs.setdefault(row["indicator"], {TOTAL}).update(table.breakdowns)
    calendars = (QUARTER, donor.year, life_of(edition, donor))
    names = [project["project"] for project in donor_projects(edition, donor)]
    periods = edition.rows("SELECT * FROM periods")
    return Handed(
        indicators=dict(sorted(indicators.items())),
        codes={code: _numbers_of(row, donor) for code, row in indicators.items()},
        figures=_figures(edition, pairs, calendars),
        projects=donor_projects(edition, donor),
        targets=_of_projects(edition, "targets", names, indicators, "calendar, period, place"),
        baselines=_of_projects(edition, "baselines", names, indicators, "place"),
        results=edition.rows(f"SELECT * FROM results WHERE {_OF_PROJECTS} ORDER BY project, position", [names]),
        starts={(row["calendar"], row["period"]): row["start_on"] for row in periods},
        ends={(row["calendar"], row["period"]): row["end_on"] for row in periods},
        words={language: edition.labels(language) for language in ("en", "ru")},
    )  # fmt: skip


def is_partial(figure: Row) -> bool:
    """Whether not every office that should be in the figure has reported."""
    return figure["status"] == SHOWN and (figure["offices_reported"] or 0) < (figure["offices_expected"] or 0)


def hundredfold(value: Decimal, unit: str) -> Decimal:
    """A number as systems that write per cent expect it: 0.75 is 75 there, a count is what it is."""
    return value * 100 if unit == "percent" else value


def _figures(edition: Edition, pairs: Mapping[str, set[str]], calendars: Sequence[str]) -> list[Row]:
    wanted = [f"{indicator} {breakdown}" for indicator, found in pairs.items() for breakdown in found]
    numbers = ", ".join(f"CASE WHEN status = '{SHOWN}' THEN {name} END AS {name}" for name in _NUMBERS)
    return list(
        edition.rows(
            f"SELECT indicator, calendar, period, place, breakdown, category, {numbers}, status, reason,"
            " offices_expected, offices_reported FROM figures"
            " WHERE list_contains(?, indicator || ' ' || breakdown) AND list_contains(?, calendar) AND period <= ?"
            " ORDER BY indicator, calendar, period, place, breakdown <> 'total', breakdown, category",
            [wanted, list(calendars), str(reporting_quarter(edition))],
        )
    )


def _numbers_of(indicator: Row, donor: DonorProfile) -> tuple[str, ...]:
    """The donor's own numbers of an indicator: an edition writes several as one text."""
    return tuple(number for number in (donor_code(indicator, donor) or "").split(", ") if number)


_OF_PROJECTS = "list_contains(?, project)"
_NUMBERS = ("value", "numerator", "denominator")


def _of_projects(
    edition: Edition, table: str, projects: list[str], indicators: Mapping[str, Row], then: str
) -> list[Row]:
    return list(
        edition.rows(
            f"SELECT * FROM {table} WHERE {_OF_PROJECTS} AND list_contains(?, indicator)"
            f" ORDER BY project, indicator, {then}",
            [projects, list(indicators)],
        )
    )
