"""Counting itself: all tallies of a catalogue into one relation, `counts`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from indicators.atoms import create_line, line, literals
from indicators.calendars import Window
from indicators.counted import create_windows
from indicators.cubes import NUMBER, VALUED_SQL, additive_sql, parts_sql
from indicators.fact_views import counted_facts
from indicators.histograms import counted_alike
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

    Of a quantile it has the number of the values; the values themselves are in the table `valued`, by atom, and
    `histograms` adds them up. `value` is for a quantile of a state alone: a row there is a value of the cell.
    The `counted_*` views must exist. Nothing of it may leave case level.
    """
    create_windows(con, windows)
    con.execute(_COUNTS)
    con.execute(VALUED_SQL)
    events: dict[str, dict[str | None, dict[int, Tally]]] = defaultdict(lambda: defaultdict(dict))
    states, alike = _told_apart(tallies)
    for number in states:
        _count_state(con, number, tallies[number])
    for numbers in alike:
        tally = tallies[numbers[0]]
        events[tally.fact][tally.dated_by][numbers[0]] = tally
    dated = [window for window in windows if window.start is not None]
    for these in (dated, [window for window in windows if window.start is None]):
        if these and alike:
            create_line(con, line(these))
            con.execute(parts_sql(tallies))
            for fact, groups in events.items():
                _count_fact(con, fact, groups, has_days=bool(these is dated))
            con.execute(_spread_sql(alike))


def _told_apart(tallies: Sequence[Tally]) -> tuple[list[int], list[list[int]]]:
    """The tallies of states, and those of events: what counts the same values is counted once."""
    is_state = [counted_facts()[tally.fact].kind == "state" for tally in tallies]
    events = [numbers for numbers in counted_alike(tallies) if not is_state[numbers[0]]]
    return [number for number, of_state in enumerate(is_state) if of_state], events


def _spread_sql(alike: Iterable[Sequence[int]]) -> str:
    """Add up the parts: each belongs to every window that holds its atom and does not begin before `since`."""
    same = literals((numbers[0], number) for numbers in alike for number in numbers)
    return f"""INSERT INTO counts
SELECT same.tally, calendar, period, place, breakdown, category, numerator, denominator, is_unknown, candidates, NULL
FROM (
  SELECT tally, number, place, breakdown, category, sum(numerator) AS numerator, sum(denominator) AS denominator,
    sum(lacking) > 0 AS is_unknown, sum(candidates) AS candidates
  FROM parts JOIN held USING (atom, since) GROUP BY tally, number, place, breakdown, category
) AS counted JOIN (VALUES {same}) AS same(counted, tally) ON counted.tally = same.counted
JOIN spanned USING (number)"""


def _count_state(con: DuckDBPyConnection, number: int, tally: Tally) -> None:
    """A state is read on the last day of each window: there is nothing to add up over atoms."""
    con.execute(
        f"INSERT INTO counts SELECT {number}, calendar, period, place, breakdown, category, numerator, denominator,"
        f" is_unknown, candidates, CAST(value AS {NUMBER}) FROM ({count_sql(tally)})"
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
