"""The indicator performance tracking table as values: blocks of columns and lines, before any drawing.

Only figures of the edition are in it. Persons are never summed, over quarters or anywhere else;
progress is the one function of `indicators.progress`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from indicators.calendars import Quarter
from indicators.progress import DOWN, Progress, progress
from reports.donor_figures import (
    TOTAL,
    Figure,
    Key,
    Targets,
    categories,
    donor_projects,
    figures,
    objectives,
    selected,
    targets,
)
from reports.donors import DonorProfile, DonorTable
from reports.edition import REGION, Edition
from reports.iptt_blocks import Block, blocks_of, reporting_quarter

ABSENT = Figure(None, "absent", False)

FAMILY, INDICATOR, PLACE, PART, CHECK = "family", "indicator", "place", "part", "check"
# The category of the line, and the status of its cells, of a disaggregation that is not available.
DNA = "dna"


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
    """The whole table: its indicators (rows of the edition, by code), blocks and lines, up to a quarter.

    `objectives` are the results that the indicators measure, in the words of the donor's projects, and `last`
    is the last quarter of these; None where there are none.
    """

    table: DonorTable
    reported: Quarter
    indicators: Mapping[str, Mapping[str, Any]]
    blocks: tuple[Block, ...]
    lines: tuple[Line, ...]
    unpublished: tuple[tuple[str, str, tuple[str, ...]], ...]  # indicator, breakdown, places without it
    objectives: Mapping[str, Mapping[str, str]]
    last: Quarter | None


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
    marks_dna: bool


def iptt(edition: Edition, donor: DonorProfile, table: DonorTable, marks_dna: bool = False) -> Iptt:
    """Build a table of the donor from the edition. Raises ReportError if the edition has no quarters.

    With `marks_dna` a disaggregation that the table wants and the edition does not publish has a line that says so.
    """
    reported = reporting_quarter(edition)
    indicators = {row["indicator"]: row for row in selected(edition, donor, table)}
    found = figures(edition, list(indicators), table.breakdowns)
    promised = targets(edition, donor)
    blocks = tuple(blocks_of(edition, donor, table, indicators, promised))
    windows = {(block.calendar, block.period) for block in blocks}
    shown = {key: figure for key, figure in found.items() if key[4:] in windows}
    positions = {(row["list"], row["code"]): row["position"] for row in edition.rows("SELECT * FROM labels")}
    source = _Source(donor, table, blocks, shown, promised, categories(shown), positions, marks_dna)
    lines = tuple(_lines(indicators, source))
    unpublished = tuple(_unpublished(indicators, source))
    last = max((Quarter.of(project["end_on"]) for project in donor_projects(edition, donor)), default=None)
    return Iptt(table, reported, indicators, blocks, lines, unpublished, objectives(edition, donor), last)


def measure(direction: str) -> str:
    """Which measure of progress a donor's `% met` is: where less is better, the planned change."""
    return "of_change" if direction == DOWN else "of_target"


def sums(tables: Iterable[Iptt]) -> list[bool]:
    """For every breakdown, place and block in which all is shown: whether the parts add up to the whole."""
    lines = (line for iptt in tables for line in iptt.lines if line.kind == CHECK)
    return [good for line in lines for good in line.sums if good is not None]


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
        if source.marks_dna and not lines and _is_missing(indicator, place, breakdown, source):
            not_available = tuple(Entry(Figure(None, DNA, False)) for _ in source.blocks)
            yield Line(PART, level, code, place, breakdown, DNA, entries=not_available)
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
            places = _places(code, source)
            without = tuple(place for place in places if _is_missing(indicator, place, breakdown, source))
            if without:
                yield code, breakdown, without


def _is_missing(indicator: Mapping[str, Any], place: str, breakdown: str, source: _Source) -> bool:
    """Whether the indicator has the breakdown and a figure at the place, but the edition not the two together."""
    code = indicator["indicator"]
    has_figure = (code, place, TOTAL) in source.categories
    has_parts = (code, place, breakdown) in source.categories
    return breakdown in (indicator["breakdowns"] or []) and has_figure and not has_parts
