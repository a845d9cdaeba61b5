"""Counting: every tally of a catalogue into one table of counts, source by source."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from indicators.atoms import create_atoms, line_of
from indicators.calendars import Window
from indicators.cubes import SUMS, collect_values, count_doubts, count_rows
from indicators.definitions import Definition
from indicators.expressions import PERSONS, QUANTILE
from indicators.spine import count_persons
from indicators.tallies import BOTH, DENOMINATOR, Tally, by_source, tallies

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Cell = tuple[str, str]  # breakdown, category


@dataclass(frozen=True)
class Count:
    """Two numbers counted from the same rows, and whether one of the rows lacks its number.

    `values` says of a quantile how often each value occurs; its n is the denominator.
    """

    numerator: Decimal
    denominator: Decimal
    is_unknown: bool = False
    candidates: int = 0
    values: tuple[tuple[Decimal, int], ...] = ()


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


def count_all(con: DuckDBPyConnection, catalogue: Mapping[str, Definition], windows: Sequence[Window]) -> None:
    """Count everything but the network into the temporary tables `counts` and `collected`.

    `counts`: indicator, calendar, period, place, breakdown, category, numerator, denominator, lacking, maybe.
    `collected`: the values behind quantiles, with the number of times each occurs.
    """
    create_atoms(con, windows)
    cell = "calendar VARCHAR, period VARCHAR, place VARCHAR, breakdown VARCHAR, category VARCHAR"
    con.execute(f"CREATE OR REPLACE TEMP TABLE tallied (tally INTEGER, {cell}, numerator DECIMAL(28, 2), "
                "denominator DECIMAL(28, 2), lacking BIGINT, maybe BIGINT)")  # fmt: skip
    con.execute(f"CREATE OR REPLACE TEMP TABLE collected (indicator VARCHAR, {cell}, value DECIMAL(28, 2), n BIGINT)")
    every = tallies(catalogue)
    is_undated = any(window.start is None for window in windows)
    for own in by_source(every).values():
        _count_source(con, own, is_undated)
    sides = ", ".join(f"({t.number}, '{t.code}', '{t.side}')" for t in every) or "(-1, '', '')"
    con.execute(f"""CREATE OR REPLACE TEMP TABLE counts AS
SELECT indicator, calendar, period, place, breakdown, category,
  sum(CASE WHEN side = '{DENOMINATOR}' THEN 0 ELSE numerator END) AS numerator,
  sum(CASE side WHEN '{DENOMINATOR}' THEN numerator WHEN '{BOTH}' THEN denominator ELSE 0 END) AS denominator,
  sum(lacking)::BIGINT AS lacking, sum(CASE WHEN side = '{DENOMINATOR}' THEN 0 ELSE maybe END)::BIGINT AS maybe
FROM tallied JOIN (VALUES {sides}) AS t(number, indicator, side) ON tallied.tally = t.number GROUP BY ALL""")


def _count_source(con: DuckDBPyConnection, own: Sequence[Tally], is_undated: bool) -> None:
    fact, day = own[0].fact, own[0].day
    line = line_of(fact, day, is_undated)
    keys = dict.fromkeys(tally.argument for tally in own if tally.kind == PERSONS)
    for key in keys:
        count_persons(con, line, fact, day, [t for t in own if t.kind == PERSONS and t.argument == key])
    if sums := [tally for tally in own if tally.kind in SUMS]:
        count_rows(con, line, fact, sums)
    for tally in own:
        if tally.kind == QUANTILE:
            collect_values(con, line, tally)
    count_doubts(con, line, fact, own)


def read_counts(con: DuckDBPyConnection) -> dict[str, dict[tuple[str, str, str], dict[Cell, Count]]]:
    """The counted cells by indicator; a quantile's n is the number of its values."""
    found: dict[str, dict[tuple[str, str, str], dict[Cell, Count]]] = defaultdict(lambda: defaultdict(dict))
    values = _read_values(con)
    for row in con.execute("SELECT * FROM counts ORDER BY ALL").fetchall():
        code, calendar, period, place, breakdown, category, numerator, denominator, lacking, maybe = row
        numbers = _plain(numerator), _plain(denominator)
        found[code][calendar, period, place][breakdown, category] = Count(*numbers, lacking > 0, maybe)
    for (code, calendar, period, place, breakdown, category), many in values.items():
        n = Decimal(sum(times for _, times in many))
        found[code][calendar, period, place][breakdown, category] = Count(Decimal(0), n, values=tuple(many))
    return found


def _plain(number: Decimal) -> Decimal:
    """Without decimals where there are none: counts are stored beside hours and money."""
    whole = number.to_integral_value()
    return whole if whole == number else number


def _read_values(con: DuckDBPyConnection) -> dict[tuple[str, ...], list[tuple[Decimal, int]]]:
    found: dict[tuple[str, ...], list[tuple[Decimal, int]]] = defaultdict(list)
    for *key, value, times in con.execute("SELECT * FROM collected ORDER BY ALL").fetchall():
        found[tuple(key)].append((value, times))
    return found


def quantile(values: Iterable[tuple[Decimal, int]], share: Decimal) -> Decimal:
    """The quantile of values given with how often each occurs, between two neighbours in proportion.

    The same as SQL's PERCENTILE_CONT, in whole decimals: position (n - 1) * share, counted from 0. Raises
    ValueError without any value.
    """
    ordered = sorted(values)
    n = sum(times for _, times in ordered)
    if n == 0:
        raise ValueError("nothing has no quantile")
    position = (n - 1) * share
    below = int(position)
    low, high = _at(ordered, below), _at(ordered, min(below + 1, n - 1))
    return low + (high - low) * (position - below)


def _at(ordered: Sequence[tuple[Decimal, int]], index: int) -> Decimal:
    passed = 0
    for value, times in ordered:
        passed += times
        if index < passed:
            return value
    raise ValueError(f"there is no value number {index}")
