"""Atoms: the day line cut at every start and end of the windows, so that each window is a run of atoms.

Windows that begin on the same day in the same calendar are one *span*: a year to date grows by a
quarter at a time, and a person who entered it early stays where they were. Counting by span and
atom therefore gives every window by adding up.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from indicators.calendars import Window
from indicators.facts import Fact

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class Line:
    """The tables a source is counted by: its spans, its windows, and the join that gives a row its atom."""

    spans: str
    windows: str
    join: str


def create_atoms(con: DuckDBPyConnection, windows: Sequence[Window]) -> None:
    """Create the temporary tables of the day line, of its spans and windows, and those of states."""
    starts = _starts(windows)
    rows = [_row(number, window, starts) for number, window in enumerate(windows)]
    spans = {(row[0], row[3]): None for row in rows}
    numbered = {span: number for number, span in enumerate(spans)}
    last = {span: max(row[4] for row in rows if (row[0], row[3]) == span) for span in spans}
    _fill(con, "atom_days", "day DATE, atom INTEGER", _days(starts))
    _fill(con, "spans", "span INTEGER, first_atom INTEGER, last_atom INTEGER",
          [(numbered[span], span[1], last[span]) for span in spans])  # fmt: skip
    columns = "calendar VARCHAR, period VARCHAR, end_on DATE, span INTEGER, first_atom INTEGER, last_atom INTEGER"
    _fill(con, "windows", columns,
          [(row[0], row[1], row[2], numbered[row[0], row[3]], row[3], row[4]) for row in rows])  # fmt: skip
    # A state is read on the last day: each window is an atom of its own.
    _fill(con, "state_windows", columns,
          [(row[0], row[1], row[2], number, number, number) for number, row in enumerate(rows)])  # fmt: skip
    _fill(con, "state_spans", "span INTEGER, first_atom INTEGER, last_atom INTEGER",
          [(number, number, number) for number in range(len(rows))])  # fmt: skip


def line_of(fact: Fact, day: str, is_undated: bool) -> Line:
    """How rows of a fact get their atom; `is_undated` for a source without days, which is one atom."""
    if fact.kind == "state":
        return Line(
            "state_spans",
            "state_windows",
            f"JOIN (SELECT *, first_atom AS atom FROM state_windows) AS line ON {_in_force(fact)}",
        )
    if is_undated:
        return Line("spans", "windows", "CROSS JOIN (SELECT 0 AS atom) AS line")
    return Line("spans", "windows", f"JOIN atom_days AS line ON f.{day} = line.day")


def _in_force(fact: Fact) -> str:
    """A state holds on the last day, as the latest list sent up to then says."""
    return (
        f"coalesce(f.{fact.valid_from} <= line.end_on, true) AND coalesce(f.{fact.valid_to} >= line.end_on, true)\n"
        f"    AND coalesce(f.snapshot = (SELECT max(s.snapshot) FROM counted_{fact.name} AS s\n"
        "      WHERE s.snapshot <= line.period), f.snapshot IS NULL)"
    )


def _starts(windows: Sequence[Window]) -> list[date]:
    """First day of each atom, and the day after the last one."""
    days = {day for w in windows if w.start and w.end for day in (w.start, w.end + timedelta(days=1))}
    return sorted(days)


def _row(number: int, window: Window, starts: Sequence[date]) -> tuple[str, str, date | None, int, int]:
    if window.start is None or window.end is None:
        return window.calendar, window.period, window.end, 0, 0
    first = bisect_left(starts, window.start)
    last = bisect_left(starts, window.end + timedelta(days=1)) - 1
    return window.calendar, window.period, window.end, first, last


def _days(starts: Sequence[date]) -> list[tuple[date, int]]:
    return [
        (first + timedelta(days=number), atom)
        for atom, (first, after) in enumerate(pairwise(starts))
        for number in range((after - first).days)
    ]


def _fill(con: DuckDBPyConnection, table: str, columns: str, rows: Sequence[Sequence[Any]]) -> None:
    """One statement, whatever the number of rows: each column is bound as a list."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE {table} ({columns})")
    if rows:
        types = [column.split()[1] for column in columns.split(", ")]
        values = ", ".join(f"unnest(?::{kind}[])" for kind in types)
        con.execute(f"INSERT INTO {table} SELECT {values}", [list(column) for column in zip(*rows, strict=True)])
