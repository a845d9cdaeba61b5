"""The blocks of columns of a donor's table: its quarters, years to date and the life of its projects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from indicators.calendars import PROJECT_LIFE, QUARTER, Quarter, window
from reports.donor_figures import ReportError, Targets, donor_projects
from reports.donors import DonorProfile, DonorTable
from reports.edition import Edition


@dataclass(frozen=True)
class Block:
    """Columns that belong together: one quarter, the donor's year to date, or the project's life.

    `kind` is quarter, year or life; `start` is None where the first day is not known.
    """

    kind: str
    calendar: str
    period: str
    start: date | None
    end: date
    columns: tuple[str, ...]


def reporting_quarter(edition: Edition) -> Quarter:
    """The quarter an edition reports on; raises ReportError for a source without quarters."""
    period = edition.about()["period"]
    try:
        return Quarter.parse(period)
    except ValueError as error:
        raise ReportError(f"edition {edition.edition_id} has no quarters, so there is no table of them") from error


def blocks_of(
    edition: Edition, donor: DonorProfile, table: DonorTable, indicators: Mapping[str, Any], promised: Targets
) -> Iterator[Block]:
    """The quarters of each year, its year to date, and last the project's life."""
    reported = reporting_quarter(edition)
    counted = {
        Quarter.parse(row["period"])
        for row in edition.rows("SELECT DISTINCT period FROM figures WHERE calendar = ?", [QUARTER])
    }
    years = {_year(donor, quarter) for quarter in counted | {reported}}
    planned = {
        Quarter.parse(period)
        for code, _, calendar, period in promised.by_window
        if calendar == QUARTER and code in indicators
    }
    starts = {(row["calendar"], row["period"]): row["start_on"] for row in edition.rows("SELECT * FROM periods")}
    for year in sorted(years):
        quarters = sorted(q for q in counted | planned if _year(donor, q) == year)
        for quarter in quarters:
            yield from _block("quarter", QUARTER, quarter, quarter.start, table)
        latest = max((q for q in quarters if q <= reported), default=reported)
        yield from _block("year", donor.year, latest, window(donor.year, latest, latest.start).start, table)
    life = life_of(edition, donor)
    yield from _block("life", life, reported, starts.get((life, str(reported))), table)


def life_of(edition: Edition, donor: DonorProfile) -> str:
    """The calendar that begins with the quarter in which the donor's first project was awarded."""
    reported = str(reporting_quarter(edition))
    starts = {(row["calendar"], row["period"]): row["start_on"] for row in edition.rows("SELECT * FROM periods")}
    first = min((Quarter.of(project["start_on"]).start for project in donor_projects(edition, donor)), default=None)
    lives = sorted(calendar for calendar, period in starts if period == reported and PROJECT_LIFE in calendar)
    return next((calendar for calendar in lives if starts[calendar, reported] == first), PROJECT_LIFE)


def _block(kind: str, calendar: str, quarter: Quarter, start: date | None, table: DonorTable) -> Iterator[Block]:
    if table.columns.get(kind):
        yield Block(kind, calendar, str(quarter), start, quarter.end, table.columns[kind])


def _year(donor: DonorProfile, quarter: Quarter) -> date:
    """First day of the donor's year in which a quarter lies."""
    start = window(donor.year, quarter, quarter.start).start
    assert start is not None, "a year has a first day"
    return start
