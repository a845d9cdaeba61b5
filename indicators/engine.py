"""The counting engine: every indicator, window, place, breakdown and category, from the facts in force."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from indicators import network
from indicators.calendars import Quarter, Window
from indicators.counted import create_windows
from indicators.definitions import Definition
from indicators.facts import codelists, facts, regions_in_force
from indicators.figures import NOT_REPORTED, REGION_TOTAL, SHOWN, TOTAL, UNDEFINED, UNKNOWN, Figure, Reporting
from indicators.queries import count_sql

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Cell = tuple[str, str]  # breakdown, category


@dataclass(frozen=True)
class Count:
    """Two numbers counted from the same rows, and whether one of the rows lacks its number."""

    numerator: Decimal
    denominator: Decimal
    is_unknown: bool = False
    candidates: int = 0


NOTHING = Count(Decimal(0), Decimal(0))


@dataclass(frozen=True)
class Counts:
    """The counts of one indicator: by window, place and cell. What is absent was counted as none."""

    cells: Mapping[tuple[str, str, str], Mapping[Cell, Count]] = field(default_factory=dict)

    def at(self, window: Window, place: str, cell: Cell) -> Count:
        """The count of a cell."""
        return self.cells.get((window.calendar, window.period, place), {}).get(cell, NOTHING)

    def categories(self, breakdown: str) -> list[str]:
        """Every category of a breakdown that was counted anywhere, in order."""
        found = {
            category
            for cells in self.cells.values()
            for (name, category), count in cells.items()
            if name == breakdown and (count.numerator or count.denominator or count.is_unknown)
        }
        return sorted(found)


def measure(
    con: DuckDBPyConnection,
    catalogue: Mapping[str, Definition],
    windows: Sequence[Window],
    reporting: Reporting,
) -> list[Figure]:
    """All figures of all indicators, before protection: nothing of this may leave case level.

    `con` must hold the `counted_*` views. Figures come in the order of the catalogue.
    """
    create_windows(con, windows)
    figures: list[Figure] = []
    for definition in catalogue.values():
        counts = count(con, definition, windows, reporting.places)
        figures += _figures(definition, counts, windows, reporting)
    return figures


def count(con: DuckDBPyConnection, definition: Definition, windows: Sequence[Window], places: Sequence[str]) -> Counts:
    """The counts of one indicator at every place; the regional total is added up later, by its rule."""
    if definition.function:
        return _count_network(con, definition, windows, places)
    cells: dict[tuple[str, str, str], dict[Cell, Count]] = defaultdict(dict)
    for row in con.execute(count_sql(definition)).fetchall():
        calendar, period, place, breakdown, category, numerator, denominator, is_unknown, candidates = row
        cells[calendar, period, place][breakdown, category] = Count(
            Decimal(numerator), Decimal(denominator), is_unknown, candidates
        )
    return Counts(cells)


def _count_network(
    con: DuckDBPyConnection, definition: Definition, windows: Sequence[Window], places: Sequence[str]
) -> Counts:
    """Network measures are computed again at each place, and for the region over all its members."""
    assert definition.function is not None, "checked when the definition was loaded"
    cells: dict[tuple[str, str, str], dict[Cell, Count]] = {}
    for window in windows:
        if window.end is None:
            continue
        rows = [_network_rows(con, name, window) for name in network.FACTS[definition.function]]
        for place in (*places, REGION_TOTAL):
            here = [[row for row in table if place in (row["place"], REGION_TOTAL)] for table in rows]
            numerator, denominator = network.FUNCTIONS[definition.function](here[0], here[1])
            found = Count(Decimal(numerator), Decimal(denominator))
            cells[window.calendar, window.period, place] = {(TOTAL, TOTAL): found}
    return Counts(cells)


def _network_rows(con: DuckDBPyConnection, fact_name: str, window: Window) -> list[dict[str, Any]]:
    fact = facts()[fact_name]
    assert window.end is not None, "network measures need a last day"
    if fact.kind == "state":
        where = f"coalesce({fact.valid_from} <= $day, true) AND coalesce({fact.valid_to} >= $day, true)"
        latest = f"(SELECT max(snapshot) FROM counted_{fact.name} WHERE snapshot <= $period)"
        where += f" AND coalesce(snapshot = {latest}, snapshot IS NULL)"
        parameters: dict[str, Any] = {"day": window.end, "period": window.period}
    else:
        where = f"{fact.dated_by} BETWEEN $first AND $day"
        parameters = {"first": Quarter.of(window.end).back(3).start, "day": window.end}
    cursor = con.execute(f"SELECT place, {', '.join(fact.columns)} FROM counted_{fact.name} WHERE {where}", parameters)
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _figures(
    definition: Definition, counts: Counts, windows: Sequence[Window], reporting: Reporting
) -> Iterator[Figure]:
    cells = [(TOTAL, TOTAL)] + [(b, c) for b in definition.by for c in counts.categories(b)]
    for window in windows:
        expected = [place for place in reporting.places if reporting.expects(definition, window, place)]
        reported = [place for place in expected if reporting.has(definition, window, place)]
        # A country whose whole is unknown is in no row of the region, so that the region's rows add up too.
        known = [place for place in reported if not _is_unknown(definition, _whole(definition, counts, window, place))]
        for cell in cells:
            found = {place: _count_at(definition, counts, window, place, cell) for place in reported}
            for place in expected:
                if _belongs(cell, place):
                    yield _figure(definition, window, place, cell, found.get(place), 1, int(place in reported))
            if len(expected) > 1 and reporting.makes_a_region:
                summed = {place: found[place] for place in known if _belongs(cell, place)}
                yield _regional(definition, counts, window, cell, summed, known, expected, reported)


def _whole(definition: Definition, counts: Counts, window: Window, place: str) -> Count:
    return _count_at(definition, counts, window, place, (TOTAL, TOTAL))


def _belongs(cell: Cell, place: str) -> bool:
    """A country's table lists its own first-level units only."""
    breakdown, category = cell
    if breakdown != "region":
        return True
    country: str = codelists()["region"].codes[category].attributes.get("country", place)
    return country == place


def _count_at(definition: Definition, counts: Counts, window: Window, place: str, cell: Cell) -> Count:
    found = counts.at(window, place, cell)
    if definition.denominator is not None and definition.denominator.kind == "regions":
        # A source without days has no units in force: the share is of nothing.
        units = len(regions_in_force(place, window.end)) if window.end else 0
        return Count(found.numerator, Decimal(units), found.is_unknown, found.candidates)
    if definition.denominator_by == "whole":
        whole = counts.at(window, place, (TOTAL, TOTAL))
        return Count(found.numerator, whole.denominator, found.is_unknown)
    return found


def _is_unknown(definition: Definition, found: Count) -> bool:
    """Unknown: a row lacks its number, or nothing is counted although rows of unknown value exist."""
    return found.is_unknown or (found.numerator == 0 and found.candidates > 0 and not _known_share(definition))


def _known_share(definition: Definition) -> bool:
    """Shares of known values leave unknown rows out of both numbers; the result is then truly zero or undefined."""
    return definition.denominator is not None and definition.denominator.kind != "regions"


def _regional(
    definition: Definition,
    counts: Counts,
    window: Window,
    cell: Cell,
    summed: Mapping[str, Count],
    known: Sequence[str],
    expected: Sequence[str],
    reported: Sequence[str],
) -> Figure:
    """The region: the sum over the countries whose number is known, said beside how many there should be."""
    if definition.function:
        found = counts.at(window, REGION_TOTAL, cell) if len(reported) == len(expected) else None
        return _figure(definition, window, REGION_TOTAL, cell, found, len(expected), len(reported))
    if not known:
        nothing = Count(Decimal(0), Decimal(0), is_unknown=True) if reported else None
        return _figure(definition, window, REGION_TOTAL, cell, nothing, len(expected), 0)
    numerator = sum((count.numerator for count in summed.values()), Decimal(0))
    denominator = sum((count.denominator for count in summed.values()), Decimal(0))
    return _figure(definition, window, REGION_TOTAL, cell, Count(numerator, denominator), len(expected), len(known))


def _figure(
    definition: Definition, window: Window, place: str, cell: Cell, found: Count | None, expected: int, reported: int
) -> Figure:
    status, reason = _status(definition, found)
    numerator = found.numerator if found is not None and status == SHOWN else None
    denominator = found.denominator if found is not None and status == SHOWN and definition.is_share else None
    return Figure(
        definition.code, window.calendar, window.period, place, *cell, numerator, denominator, status, reason,
        expected, reported,
    )  # fmt: skip


def _status(definition: Definition, found: Count | None) -> tuple[str, str]:
    if found is None:
        return NOT_REPORTED, "not_received"
    if _is_unknown(definition, found):
        return UNKNOWN, "not_recorded"
    if definition.is_share and found.denominator == 0:
        return UNDEFINED, "nothing_to_share"
    return SHOWN, ""
