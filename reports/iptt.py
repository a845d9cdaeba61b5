"""The indicator performance tracking table as values: blocks of columns and lines, before any drawing.

Only figures of the edition are in it. Persons are never summed, over quarters or anywhere else;
progress is the one function of `indicators.progress`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from indicators.calendars import PROJECT_LIFE, QUARTER, Quarter, window
from indicators.progress import DOWN, Progress, progress
from reports.donor_figures import (
    TOTAL,
    Figure,
    Key,
    ReportError,
    Targets,
    categories,
    donor_projects,
    figures,
    selected,
    targets,
)
from reports.donors import DonorProfile, DonorTable
from reports.edition import REGION, Edition

ABSENT = Figure(None, "absent", False)

FAMILY, INDICATOR, PLACE, PART, CHECK = "family", "indicator", "place", "part", "check"


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


@dataclass(frozen=True)
class Entry:
    """One indicator and place (or part of it) in one block. Parts have no target and no progress."""

    figure: Figure
    target: Decimal | None = None
    progress: Progress | None = None


@dataclass(frozen=True)
class Line:
    """One row of the table; `entries` has one entry per block. `level` is how deep it is grouped.

    A check line has `sums` instead: per block whether the parts add up to the whole, or None where
    one of them is not shown.
    """

    kind: str
    level: int
    indicator: str = ""
    place: str = ""
    breakdown: str = TOTAL
    category: str = TOTAL
    baseline: Decimal | None = None
    entries: tuple[Entry, ...] = ()
    sums: tuple[bool | None, ...] = ()


@dataclass(frozen=True)
class Iptt:
    """The whole table: its indicators (rows of the edition, by code), blocks and lines, up to a quarter."""

    table: DonorTable
    reported: Quarter
    indicators: Mapping[str, Mapping[str, Any]]
    blocks: tuple[Block, ...]
    lines: tuple[Line, ...]
    unpublished: tuple[tuple[str, str, tuple[str, ...]], ...]  # indicator, breakdown, places without it


@dataclass(frozen=True)
class _Source:
    """What the lines are made of."""

    donor: DonorProfile
    table: DonorTable
    blocks: tuple[Block, ...]
    figures: Mapping[Key, Figure]
    targets: Targets
    categories: Mapping[tuple[str, str, str], set[str]]
    positions: Mapping[tuple[str, str], int]


def iptt(edition: Edition, donor: DonorProfile, table: DonorTable) -> Iptt:
    """Build a table of the donor from the edition. Raises ReportError if the edition has no quarters."""
    reported = reporting_quarter(edition)
    indicators = {row["indicator"]: row for row in selected(edition, donor, table)}
    found = figures(edition, list(indicators), table.breakdowns)
    promised = targets(edition, donor)
    blocks = tuple(_blocks(edition, donor, table, indicators, promised))
    windows = {(block.calendar, block.period) for block in blocks}
    shown = {key: figure for key, figure in found.items() if key[4:] in windows}
    positions = {(row["list"], row["code"]): row["position"] for row in edition.rows("SELECT * FROM labels")}
    source = _Source(donor, table, blocks, shown, promised, categories(shown), positions)
    lines = tuple(_lines(indicators, source))
    return Iptt(table, reported, indicators, blocks, lines, tuple(_unpublished(indicators, source)))


def reporting_quarter(edition: Edition) -> Quarter:
    """The quarter an edition reports on; raises ReportError for a source without quarters."""
    period = edition.about()["period"]
    try:
        return Quarter.parse(period)
    except ValueError as error:
        raise ReportError(f"edition {edition.edition_id} has no quarters, so there is no table of them") from error


def measure(direction: str) -> str:
    """Which measure of progress a donor's `% met` is: where less is better, the planned change."""
    return "of_change" if direction == DOWN else "of_target"


# Blocks


def _blocks(
    edition: Edition, donor: DonorProfile, table: DonorTable, indicators: Mapping[str, Any], promised: Targets
) -> Iterator[Block]:
    """The quarters of each year, its year to date, and last the project's life."""
    reported = reporting_quarter(edition)
    counted = {
        Quarter.parse(row["period"]) for row in edition.rows("SELECT period FROM figures WHERE calendar = ?", [QUARTER])
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
    life = _life(edition, donor, starts, reported)
    yield from _block("life", life, reported, starts.get((life, str(reported))), table)


def _life(edition: Edition, donor: DonorProfile, starts: Mapping[tuple[str, str], Any], reported: Quarter) -> str:
    """The calendar that begins with the quarter in which the donor's first project was awarded."""
    first = min((Quarter.of(project["start_on"]).start for project in donor_projects(edition, donor)), default=None)
    lives = sorted(calendar for calendar, period in starts if period == str(reported) and PROJECT_LIFE in calendar)
    return next((calendar for calendar in lives if starts[calendar, str(reported)] == first), PROJECT_LIFE)


def _block(kind: str, calendar: str, quarter: Quarter, start: date | None, table: DonorTable) -> Iterator[Block]:
    if table.columns.get(kind):
        yield Block(kind, calendar, str(quarter), start, quarter.end, table.columns[kind])


def _year(donor: DonorProfile, quarter: Quarter) -> date:
    """First day of the donor's year in which a quarter lies."""
    start = window(donor.year, quarter, quarter.start).start
    assert start is not None, "a year has a first day"
    return start


# Lines


def _lines(indicators: Mapping[str, Mapping[str, Any]], source: _Source) -> Iterator[Line]:
    """A line per family; under it each indicator for the region, then its parts, then the countries."""
    family = None
    for code, indicator in indicators.items():
        if indicator["family"] != family:
            family = indicator["family"]
            yield Line(FAMILY, 0, category=family)
        for place in _places(code, source):
            yield _whole(indicator, place, source)
            yield from _parts(indicator, place, source)


def _places(code: str, source: _Source) -> list[str]:
    """The region first, then every country with a figure or a target, in the order of the labels."""
    windows = {(block.calendar, block.period) for block in source.blocks}
    found = {place for indicator, place, _ in source.categories if indicator == code}
    found |= {
        place for indicator, place, *when in source.targets.by_window if indicator == code and tuple(when) in windows
    }
    order = source.positions
    return [REGION, *sorted(found - {REGION}, key=lambda place: (order.get(("place", place), len(order)), place))]


def _whole(indicator: Mapping[str, Any], place: str, source: _Source) -> Line:
    """The line of an indicator at a place."""
    code = indicator["indicator"]
    kind, level = (INDICATOR, 0) if place == REGION else (PLACE, 1)
    entries = tuple(_entry(indicator, place, block, source) for block in source.blocks)
    return Line(kind, level, code, place, baseline=source.targets.baselines.get((code, place)), entries=entries)


def _entry(indicator: Mapping[str, Any], place: str, block: Block, source: _Source) -> Entry:
    code = indicator["indicator"]
    figure = source.figures.get((code, TOTAL, TOTAL, place, block.calendar, block.period), ABSENT)
    target = source.targets.of(code, place, block.calendar, block.period)
    made = progress(figure.value, target.target, target.baseline, indicator["direction"], source.donor.bands)
    return Entry(figure, target.target, made)


def _parts(indicator: Mapping[str, Any], place: str, source: _Source) -> Iterator[Line]:
    """The lines of each breakdown at a place, and whether they add up where they should."""
    code, level = indicator["indicator"], 2
    for breakdown in source.table.breakdowns:
        found = source.categories.get((code, place, breakdown), set())
        order = source.positions
        ordered = sorted(found, key=lambda category: (order.get((breakdown, category), len(order)), category))
        lines = [
            Line(
                PART,
                level,
                code,
                place,
                breakdown,
                category,
                entries=_part_entries(code, place, breakdown, category, source),
            )
            for category in ordered
        ]
        yield from lines
        if lines and breakdown in (indicator["adds_up"] or []):
            whole = _part_entries(code, place, TOTAL, TOTAL, source)
            yield Line(CHECK, level, code, place, breakdown, sums=_sums(whole, lines))


def _part_entries(code: str, place: str, breakdown: str, category: str, source: _Source) -> tuple[Entry, ...]:
    keys = ((code, breakdown, category, place, block.calendar, block.period) for block in source.blocks)
    return tuple(Entry(source.figures.get(key, ABSENT)) for key in keys)


def _sums(whole: tuple[Entry, ...], parts: list[Line]) -> tuple[bool | None, ...]:
    """Per block, whether the parts add up to the whole; None if one of them is not shown."""
    return tuple(
        _adds_up(entry.figure.value, [part.entries[number].figure.value for part in parts])
        for number, entry in enumerate(whole)
    )


def _adds_up(whole: Decimal | None, parts: list[Decimal | None]) -> bool | None:
    known = [part for part in parts if part is not None]
    if whole is None or len(known) < len(parts):
        return None
    return sum(known, Decimal(0)) == whole


def _unpublished(
    indicators: Mapping[str, Mapping[str, Any]], source: _Source
) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Disaggregations that the table wants and the indicator has, with the places that do not show them."""
    for code, indicator in indicators.items():
        for breakdown in source.table.breakdowns:
            places = [place for place in _places(code, source) if (code, place, TOTAL) in source.categories]
            without = tuple(place for place in places if (code, place, breakdown) not in source.categories)
            if breakdown in (indicator["breakdowns"] or []) and without:
                yield code, breakdown, without
