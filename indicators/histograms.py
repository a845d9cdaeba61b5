"""How often each value is there in a cell, for quantiles: kept by atom, and added up to a window when it is read.

A window of a span holds all that the one before it holds, so the values of a span are added up once, atom by atom.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from operator import itemgetter
from typing import TYPE_CHECKING

from indicators.atoms import line
from indicators.calendars import Window
from indicators.queries import Tally

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Tally, calendar, period, place, breakdown, category.
At = tuple[int, str, str, str, str, str]
Histogram = Mapping[Decimal, int]
_Atoms = Mapping[int, Sequence[tuple[Decimal, int]]]


def counted_alike(tallies: Sequence[Tally]) -> list[list[int]]:
    """The numbers of tallies that count the same values of the same rows: a median and another quantile."""
    alike: dict[Tally, list[int]] = defaultdict(list)
    for number, tally in enumerate(tallies):
        alike[replace(tally, aggregate=replace(tally.aggregate, quantile=None))].append(number)
    return list(alike.values())


def histograms(con: DuckDBPyConnection, tallies: Sequence[Tally], windows: Sequence[Window]) -> dict[At, Histogram]:
    """The values of every quantile in every window and cell that has any; `create_counts` must have counted them."""
    by_cell: dict[tuple[int, bool, str, str, str], dict[int, list[tuple[Decimal, int]]]] = {}
    for tally, has_days, atom, place, breakdown, category, value, times in con.execute(
        "SELECT tally, has_days, atom, place, breakdown, category, value, times FROM valued"
    ).fetchall():
        atoms = by_cell.setdefault((tally, has_days, place, breakdown, category), {})
        atoms.setdefault(atom, []).append((value, times))
    alike = {numbers[0]: numbers for numbers in counted_alike(tallies)}
    runs = {has_days: _runs(windows, has_days) for has_days in (True, False)}
    return {
        (number, window.calendar, window.period, place, breakdown, category): values
        for (tally, has_days, place, breakdown, category), atoms in by_cell.items()
        for run in runs[has_days]
        for window, values in _added_up(atoms, run)
        for number in alike[tally]
    }


def _runs(windows: Sequence[Window], has_days: bool) -> list[list[tuple[int, int, Window]]]:
    """The windows of each span with their first and last atom, the shortest first."""
    spans: dict[int, list[tuple[int, int, Window]]] = defaultdict(list)
    for window, span, first, last in line([w for w in windows if (w.start is not None) == has_days]).windows:
        spans[span].append((first, last, window))
    return [sorted(run, key=itemgetter(1)) for run in spans.values()]


def _added_up(atoms: _Atoms, run: Sequence[tuple[int, int, Window]]) -> Iterator[tuple[Window, Histogram]]:
    """The values in each window of a span; windows that have none are left out."""
    values: dict[Decimal, int] = {}
    added = 0
    coming = sorted(atom for atom in atoms if atom >= run[0][0])
    for _, last, window in run:
        while added < len(coming) and coming[added] <= last:
            for value, times in atoms[coming[added]]:
                values[value] = values.get(value, 0) + times
            added += 1
        if values:
            yield window, dict(values)
