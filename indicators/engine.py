"""The counting engine: every indicator, window, place, breakdown and category, from the facts in force."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from indicators import network
from indicators.calendars import Quarter, Window
from indicators.counting import create_counts
from indicators.definition_faults import REGIONS
from indicators.definitions import Definition
from indicators.fact_views import counted_facts
from indicators.facts import codelists, regions_in_force
from indicators.figures import (
    NOT_REPORTED,
    REGION_TOTAL,
    SHOWN,
    SUPPRESSED,
    TOO_FEW,
    TOTAL,
    UNDEFINED,
    UNKNOWN,
    Figure,
    Reporting,
)
from indicators.quantiles import quantile_of
from indicators.queries import sql_of, tallies

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Cell = tuple[str, str]  # breakdown, category
_TENTH = Decimal("0.1")

__all__ = ["Count", "Counts", "measure", "sql_of"]


@dataclass(frozen=True)
class Count:
    """Two numbers, whether one of the rows lacks its number, and how often each value is there for a quantile."""

    numerator: Decimal
    denominator: Decimal
    is_unknown: bool = False
    candidates: int = 0
    values: Mapping[Decimal, int] = field(default_factory=dict)

    def __add__(self, other: Count) -> Count:
        """Both together: what is unknown in one is unknown in the sum."""
        values = {v: self.values.get(v, 0) + other.values.get(v, 0) for v in (*self.values, *other.values)}
        return Count(
            self.numerator + other.numerator, self.denominator + other.denominator,
            self.is_unknown or other.is_unknown, self.candidates + other.candidates, values,
        )  # fmt: skip


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
    numbered = {code: list(tallies(d)) for code, d in catalogue.items() if d.numerator is not None}
    create_counts(con, [tally for found in numbered.values() for tally in found], windows)
    cells = _all_cells(con)
    figures: list[Figure] = []
    first = 0
    for code, definition in catalogue.items():
        if definition.function:
            counts = _count_network(con, definition, windows, reporting.places)
        else:
            mine = [cells[first + n] for n in range(len(numbered[code]))]
            first += len(mine)
            counts = Counts(_joined(mine[0], mine[1]) if len(mine) == 2 else mine[0])
        figures += _figures(definition, counts, windows, reporting)
    return figures


Cells = dict[tuple[str, str, str], dict[Cell, Count]]


def _all_cells(con: DuckDBPyConnection) -> dict[int, Cells]:
    """What was counted, by the number of its tally."""
    found: dict[int, Cells] = defaultdict(lambda: defaultdict(dict))
    for row in con.execute("SELECT * FROM counts").fetchall():
        tally, calendar, period, place, breakdown, category, numerator, denominator, is_unknown, candidates, value = row
        values = {} if value is None else {_plain(value): int(numerator)}
        count = Count(_plain(numerator), _plain(denominator), is_unknown, candidates, values)
        here = found[tally][calendar, period, place]
        here[breakdown, category] = here.get((breakdown, category), NOTHING) + count
    return found


def _plain(number: Decimal) -> Decimal:
    """Without the noughts behind a whole number."""
    return Decimal(int(number)) if number == int(number) else number


def _joined(numerators: Cells, denominators: Cells) -> Cells:
    """What was counted of two facts, cell by cell."""
    joined: Cells = defaultdict(dict)
    for at in dict.fromkeys((*numerators, *denominators)):
        above, below = numerators.get(at, {}), denominators.get(at, {})
        for cell in dict.fromkeys((*above, *below)):
            one, other = above.get(cell, NOTHING), below.get(cell, NOTHING)
            is_unknown = one.is_unknown or other.is_unknown
            joined[at][cell] = Count(one.numerator, other.numerator, is_unknown, one.candidates)
    return joined


def _count_network(
    con: DuckDBPyConnection, definition: Definition, windows: Sequence[Window], places: Sequence[str]
) -> Counts:
    """Network measures are computed again at each place, and for the region over all its members."""
    assert definition.function is not None, "checked when the definition was loaded"
    cells: dict[tuple[str, str, str], dict[Cell, Count]] = {}
    for window in windows:
        if window.end is None:
            continue
        rows = {name: _network_rows(con, name, window) for name in network.FACTS[definition.function]}
        for place in (*places, REGION_TOTAL):
            here = {
                name: [row for row in table if place in (row["place"], REGION_TOTAL)] for name, table in rows.items()
            }
            numerator, denominator = network.FUNCTIONS[definition.function](network.Network(window.end, **here))
            found = Count(_decimal(numerator), Decimal(int(denominator)))
            cells[window.calendar, window.period, place] = {(TOTAL, TOTAL): found}
    return Counts(cells)


def _decimal(number: int | Fraction) -> Decimal:
    """A whole number, or the sum of a few shares to six places."""
    exact = Fraction(number)
    return (Decimal(exact.numerator) / exact.denominator).quantize(Decimal("0.000001" if exact.denominator > 1 else 1))


def _network_rows(con: DuckDBPyConnection, fact_name: str, window: Window) -> list[dict[str, Any]]:
    fact = counted_facts()[fact_name]
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
    if definition.denominator is not None and definition.denominator.kind == REGIONS:
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
    return definition.is_average or (definition.denominator is not None and definition.denominator.kind != REGIONS)


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
    together = sum(summed.values(), NOTHING)
    found = Count(together.numerator, together.denominator, values=together.values)
    return _figure(definition, window, REGION_TOTAL, cell, found, len(expected), len(known))


def _figure(
    definition: Definition, window: Window, place: str, cell: Cell, found: Count | None, expected: int, reported: int
) -> Figure:
    status, reason = _status(definition, found)
    shown = found if status in (SHOWN, SUPPRESSED) else None
    counts = shown is not None and not definition.is_average
    numerator = shown.numerator if shown is not None and counts else None
    denominator = shown.denominator if shown is not None and (definition.is_share or not counts) else None
    average = _average(definition, shown) if shown is not None and status == SHOWN and not counts else None
    return Figure(
        definition.code, window.calendar, window.period, place, *cell, numerator, denominator, status, reason,
        expected, reported, average,
    )  # fmt: skip


def _average(definition: Definition, found: Count) -> Decimal:
    """The mean, or the quantile between the two values nearest to it, to one decimal place."""
    assert definition.numerator is not None, "an average is of something"
    quantile = definition.numerator.quantile
    exact = found.numerator / found.denominator if quantile is None else quantile_of(found.values, quantile)
    return exact.quantize(_TENTH, ROUND_HALF_UP)


def _status(definition: Definition, found: Count | None) -> tuple[str, str]:
    if found is None:
        return NOT_REPORTED, "not_received"
    if _is_unknown(definition, found):
        return UNKNOWN, "not_recorded"
    if (definition.is_share or definition.is_average) and found.denominator == 0:
        return UNDEFINED, "nothing_to_share"
    if definition.is_average and found.denominator < definition.minimum_n:
        return SUPPRESSED, TOO_FEW
    return SHOWN, ""
