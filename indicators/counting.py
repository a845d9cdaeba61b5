"""Counting itself: all tallies of a catalogue into one relation, `counts`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from indicators.atoms import create_line, line
from indicators.calendars import Window
from indicators.counted import create_windows
from indicators.cubes import NUMBER, PARTS, Tallies, additive_sql, persons_counted, placed_sql
from indicators.fact_views import counted_facts
from indicators.queries import Tally, count_sql
from indicators.spine import TIES, distinct_sql, entrants_sql, pinned_sql, populations, spine_sql

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_COUNTS = f"""CREATE OR REPLACE TEMP TABLE counts (tally INTEGER, calendar VARCHAR, period VARCHAR, place VARCHAR,
  breakdown VARCHAR, category VARCHAR, numerator {NUMBER}, denominator {NUMBER}, is_unknown BOOLEAN,
  candidates BIGINT, value {NUMBER})"""
# An atom's number belongs to every window that holds the atom; a person's, to those of the span entered.
_SPREAD = """INSERT INTO counts
SELECT tally, calendar, period, place, breakdown, category, sum(numerator), sum(denominator), sum(lacking) > 0,
  sum(candidates), value
FROM parts JOIN spanned ON (parts.span IS NULL OR parts.span = spanned.span)
  AND parts.atom BETWEEN spanned.first_atom AND spanned.last_atom
GROUP BY tally, calendar, period, place, breakdown, category, value"""


def create_counts(con: DuckDBPyConnection, tallies: Sequence[Tally], windows: Sequence[Window]) -> None:
    """Create the temporary table `counts`: every tally, by its number, in every window, place and category.

    The `counted_*` views must exist. Nothing of it may leave case level.
    """
    create_windows(con, windows)
    con.execute(_COUNTS)
    groups: dict[tuple[str, str | None], dict[int, Tally]] = defaultdict(dict)
    for number, tally in enumerate(tallies):
        if counted_facts()[tally.fact].kind == "state":
            _count_state(con, number, tally)
        else:
            groups[tally.fact, tally.dated_by][number] = tally
    dated = [window for window in windows if window.start is not None]
    for these in (dated, [window for window in windows if window.start is None]):
        if these:
            create_line(con, line(these))
            for (fact, dated_by), group in groups.items():
                _count_group(con, fact, dated_by, group, has_days=bool(these is dated))


def _count_state(con: DuckDBPyConnection, number: int, tally: Tally) -> None:
    """A state is read on the last day of each window: there is nothing to add up over atoms."""
    con.execute(
        f"INSERT INTO counts SELECT {number}, calendar, period, place, breakdown, category, numerator, denominator,"
        f" is_unknown, candidates, value FROM ({count_sql(tally)})"
    )


def _count_group(
    con: DuckDBPyConnection, fact_name: str, dated_by: str | None, group: Mapping[int, Tally], *, has_days: bool
) -> None:
    _table(con, "placed", placed_sql(counted_facts()[fact_name], dated_by, group, has_days))
    con.execute(PARTS)
    for sql in additive_sql(group):
        con.execute(sql)
    _count_persons(con, group)
    con.execute(_SPREAD)


def _count_persons(con: DuckDBPyConnection, group: Tallies) -> None:
    if not (found := populations(group)):
        return
    _table(con, "ties", TIES)
    for key in persons_counted(group):
        mine = {min(counted): counted for (of, _), counted in found.items() if of == key}
        _table(con, "spine", spine_sql(key, mine))
        for number, counted in mine.items():
            _table(con, "entrants", entrants_sql(number, counted))
            for sql in (*pinned_sql(counted), *(one for n in counted for one in distinct_sql(n, counted))):
                con.execute(sql)


def _table(con: DuckDBPyConnection, name: str, sql: str) -> None:
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {sql}")
