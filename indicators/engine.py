"""The counting engine: every indicator, window, place, breakdown and category, from the facts in force.

Everything of one fact and one day is counted together; docs/counting.md says how. Here the counts
become figures: what was not reported, is not known or does not apply says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from indicators import network
from indicators.calendars import Quarter, Window
from indicators.counting import Cell, Count, Counts, count_all, quantile, read_counts
from indicators.definitions import Definition
from indicators.facts import codelists, facts, regions_in_force
from indicators.figures import NOT_REPORTED, REGION_TOTAL, SHOWN, TOTAL, UNDEFINED, UNKNOWN, Figure, Reporting

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_TENTH = Decimal("0.1")


def measure(
    con: DuckDBPyConnection,
    catalogue: Mapping[str, Definition],
    windows: Sequence[Window],
    reporting: Reporting,
) -> list[Figure]:
    """All figures of all indicators, before protection: nothing of this may leave case level.

    `con` must hold the `counted_*` views. Figures come in the order of the catalogue.
    """
    count_all(con, catalogue, windows)
    counts = read_counts(con)
    figures: list[Figure] = []
    for definition in catalogue.values():
        found = Counts(counts.get(definition.code, {}))
        if definition.function:
            found = _count_network(con, definition, windows, reporting.places)
        figures += _figures(definition, found, windows, reporting)
    return figures


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
    """Shares and means of known values leave unknown rows out; the result is then truly zero or undefined."""
    return definition.is_statistic or (definition.denominator is not None and definition.denominator.kind != "regions")


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
    values = tuple(value for count in summed.values() for value in count.values)
    found = Count(numerator, denominator, values=values)
    return _figure(definition, window, REGION_TOTAL, cell, found, len(expected), len(known))


def _figure(
    definition: Definition, window: Window, place: str, cell: Cell, found: Count | None, expected: int, reported: int
) -> Figure:
    status, reason = _status(definition, found)
    if found is not None and status == SHOWN and definition.is_statistic:
        return Figure(
            definition.code, window.calendar, window.period, place, *cell, None, found.denominator, status, reason,
            expected, reported, _statistic(definition, found),
        )  # fmt: skip
    numerator = found.numerator if found is not None and status == SHOWN else None
    denominator = found.denominator if found is not None and status == SHOWN and definition.is_share else None
    return Figure(
        definition.code, window.calendar, window.period, place, *cell, numerator, denominator, status, reason,
        expected, reported,
    )  # fmt: skip


def _statistic(definition: Definition, found: Count) -> Decimal:
    """A mean or a quantile to one place, half up: finer would tell more of a single person than of the n."""
    aggregate = definition.numerator
    assert aggregate is not None, "network measures are no statistics"
    exact = found.numerator / found.denominator
    if aggregate.quantile is not None:
        exact = quantile(found.values, aggregate.quantile)
    return exact.quantize(_TENTH, ROUND_HALF_UP)


def _status(definition: Definition, found: Count | None) -> tuple[str, str]:
    if found is None:
        return NOT_REPORTED, "not_received"
    if _is_unknown(definition, found):
        return UNKNOWN, "not_recorded"
    if (definition.is_share or definition.is_statistic) and found.denominator == 0:
        return UNDEFINED, "nothing_to_share"
    return SHOWN, ""
