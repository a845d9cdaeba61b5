"""Counting itself: all tallies of a catalogue into one relation, `counts`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from indicators.atoms import create_line, line, literals
from indicators.calendars import Window
from indicators.counted import create_windows
from indicators.cubes import NUMBER, additive_sql, parts_sql
from indicators.fact_views import counted_facts
from indicators.placed import Dated, Placed, Tallies
from indicators.queries import Tally, count_sql
from indicators.spine import persons_sql

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_COUNTS = f"""CREATE OR REPLACE TEMP TABLE counts (tally INTEGER, calendar VARCHAR, period VARCHAR, place VARCHAR,
  breakdown VARCHAR, category VARCHAR, numerator {NUMBER}, denominator {NUMBER}, is_unknown BOOLEAN,
  candidates BIGINT, value {NUMBER})"""


def create_counts(con: DuckDBPyConnection, tallies: Sequence[Tally], windows: Sequence[Window]) -> None:
    """Create the temporary table `counts`: every tally, by its number, in every window, place and category.

    The `counted_*` views must exist. Nothing of it may leave case level.
    """
    create_windows(con, windows)
    con.execute(_COUNTS)
    events: dict[str, dict[str | None, dict[int, Tally]]] = defaultdict(lambda: defaultdict(dict))
    alike: dict[Tally, list[int]] = defaultdict(list)
    for number, tally in enumerate(tallies):
        if counted_facts()[tally.fact].kind == "state":
            _count_state(con, number, tally)
        else:
            # A median and another quantile are of the same values, which are counted once.
            alike[replace(tally, aggregate=replace(tally.aggregate, quantile=None))].append(number)
    for numbers in alike.values():
        tally = tallies[numbers[0]]
        events[tally.fact][tally.dated_by][numbers[0]] = tally
    dated = [window for window in windows if window.start is not None]
    for these in (dated, [window for window in windows if window.start is None]):
        if these and alike:
            create_line(con, line(these))
            con.execute(parts_sql(tallies))
            for fact, groups in events.items():
                _count_fact(con, fact, groups, has_days=bool(these is dated))
            con.execute(_spread_sql(alike.values()))


def _spread_sql(alike: Iterable[Sequence[int]]) -> str:
    """Add up the parts: each belongs to every window that holds its atom and does not begin before `since`."""
    same = literals((numbers[0], number) for numbers in alike for number in numbers)
    return f"""INSERT INTO counts
SELECT same.tally, calendar, period, place, breakdown, category, numerator, denominator, is_unknown, candidates, value
FROM (
  SELECT tally, number, place, breakdown, category, value, sum(numerator) AS numerator,
    sum(denominator) AS denominator, sum(lacking) > 0 AS is_unknown, sum(candidates) AS candidates
  FROM parts JOIN held USING (atom, since) GROUP BY tally, number, place, breakdown, category, value
) AS counted JOIN (VALUES {same}) AS same(counted, tally) ON counted.tally = same.counted
JOIN spanned USING (number)"""


def _count_state(con: DuckDBPyConnection, number: int, tally: Tally) -> None:
    """A state is read on the last day of each window: there is nothing to add up over atoms."""
    con.execute(
        f"INSERT INTO counts SELECT {number}, calendar, period, place, breakdown, category, numerator, denominator,"
        f" is_unknown, candidates, value FROM ({count_sql(tally)})"
    )


def _count_fact(con: DuckDBPyConnection, fact: str, groups: Mapping[str | None, Tallies], *, has_days: bool) -> None:
    """Count what is counted of one fact; the statements come first, for they decide what is asked of its rows."""
    placed = Placed(counted_facts()[fact])
    statements: list[str] = []
    for dated_by, tallies in groups.items():
        dated = Dated(placed, dated_by, has_days, tallies)
        statements += (*additive_sql(dated), *persons_sql(dated))
    if len(statements) == 1:
        con.execute(f"WITH placed AS MATERIALIZED ({placed.sql()})\n{statements[0]}")
        return
    con.execute(f"CREATE OR REPLACE TEMP TABLE placed AS {placed.sql()}")
    for sql in statements:
        con.execute(sql)
    con.execute("DROP TABLE placed")
