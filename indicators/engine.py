"""The counting engine: every indicator, window, place, breakdown and category, from the facts in force."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from indicators.calendars import Window
from indicators.counting import create_counts
from indicators.counts import NOTHING, Cell, Count, Counts
from indicators.definition_faults import REGIONS
from indicators.definitions import Definition
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
from indicators.histograms import At, Histogram, histograms
from indicators.network_counts import count_network
from indicators.quantiles import quantile_of
from indicators.queries import sql_of, tallies

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_TENTH, _HUNDREDTH = Decimal("0.1"), Decimal("0.01")

__all__ = ["Count", "Counts", "measure", "sql_of"]


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
    every = [tally for found in numbered.values() for tally in found]
    create_counts(con, every, windows)
    cells = _all_cells(con, histograms(con, every, windows))
    figures: list[Figure] = []
    first = 0
    for code, definition in catalogue.items():
        if definition.function:
            counts = count_network(con, definition, windows, reporting.places)
        else:
            mine = [cells[first + n] for n in range(len(numbered[code]))]
            first += len(mine)
            counts = Counts(_joined(mine[0], mine[1]) if len(mine) == 2 else mine[0])
        figures += _figures(definition, counts, windows, reporting)
    return figures


Cells = dict[tuple[str, str, str], dict[Cell, Count]]


# Nearly all numbers are whole, and to hand over a decimal costs ten times as much as an integer.
_CELLS = """SELECT tally, calendar, period, place, breakdown, category,
  CAST(numerator AS BIGINT), CASE WHEN numerator <> CAST(numerator AS BIGINT) THEN numerator END,
  CAST(denominator AS BIGINT), CASE WHEN denominator <> CAST(denominator AS BIGINT) THEN denominator END,
  is_unknown, candidates, value
FROM counts"""


def _all_cells(con: DuckDBPyConnection, values: Mapping[At, Histogram]) -> dict[int, Cells]:
    """What was counted, by the number of its tally."""
    found: dict[int, Cells] = defaultdict(lambda: defaultdict(dict))
    for *at, whole, exact, whole_below, exact_below, is_unknown, candidates, value in con.execute(_CELLS).fetchall():
        tally, calendar, period, place, breakdown, category = at
        own = values.get(tuple(at), {}) if value is None else {value: whole}
        above, below = exact or Decimal(whole), exact_below or Decimal(whole_below)
        count = Count(above, below, is_unknown, candidates, own)
        here = found[tally][calendar, period, place]
        before = here.get((breakdown, category))
        here[breakdown, category] = count if before is None else before + count
    return found


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
    if not summed:  # no country is known, or not the one whose first-level unit it is: that is no zero
        is_reported = any(_belongs(cell, place) for place in reported)
        nothing = Count(Decimal(0), Decimal(0), is_unknown=True) if is_reported else None
        return _figure(definition, window, REGION_TOTAL, cell, nothing, len(expected), len(known))
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
    """The mean, or the quantile between the two nearest values, to one decimal place; a score from 0 to 1 to two."""
    assert definition.numerator is not None, "an average is of something"
    quantile = definition.numerator.quantile
    exact = found.numerator / found.denominator if quantile is None else quantile_of(found.values, quantile)
    return exact.quantize(_HUNDREDTH if definition.unit == "score" else _TENTH, ROUND_HALF_UP)


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
