"""Counting itself: all tallies of a catalogue into one relation, `counts`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from indicators.atoms import create_line, line
from indicators.calendars import Window
from indicators.counted import create_windows
from indicators.cubes import NUMBER, Tallies, cube_sql, placed_sql, roll_up
from indicators.fact_views import counted_facts
from indicators.queries import Tally, count_sql
from indicators.spine import cells_sql, distinct_parts, entrants_sql, pinned_parts, populations, spine_sql

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
    fact = counted_facts()[fact_name]
    _table(con, "placed", placed_sql(fact, dated_by, group, has_days))
    _table(con, "cube", cube_sql(group))
    parts = [sql for number, tally in group.items() for sql in roll_up(number, tally)]
    parts += _persons(con, fact_name, group)
    _table(con, "parts", "\nUNION ALL\n".join(parts))
    con.execute(_SPREAD)


def _persons(con: DuckDBPyConnection, fact_name: str, group: Tallies) -> list[str]:
    fact, found, parts = counted_facts()[fact_name], populations(group), []
    if not found:
        return []
    _table(con, "cells", cells_sql(fact))
    for key in dict.fromkeys(key for key, _ in found):
        _table(con, "spine", spine_sql(fact, key, found))
        for (of, base), population in found.items():
            if of != key:
                continue
            _table(con, f"entrants_{population}", entrants_sql(population))
            for number, tally in group.items():
                if (tally.aggregate.argument, tally.split.base) == (of, base) and tally.aggregate.kind == "persons":
                    parts += [*pinned_parts(number, tally, population, fact), *distinct_parts(number, tally)]
    return parts


def _table(con: DuckDBPyConnection, name: str, sql: str) -> None:
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {sql}")
