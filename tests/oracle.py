"""The independent oracle: every indicator counted in pandas, from its PIRS text and not from its SQL.

`tests/oracles/*.py` hold an `ORACLES` each: by code, the rows that count and how they become numbers. Here is
what all of them share: windows, the first contact of a person, cells, means and quantiles. The frames
hold the columns of the counted facts, the derived ones made anew (`tests/oracle_tables.py`); a view over the facts
is made anew in pandas by the `TABLES` of the module that needs it. No SQL takes part in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd

from indicators.calendars import Window
from indicators.definitions import definitions
from indicators.fact_views import counted_facts
from indicators.facts import codelists
from tests.oracle_tables import tables as oracle_tables

Frame = pd.DataFrame
Numbers = tuple[Any, Any]
# From all tables, at the end of a window, at a place, of the organisations that are to be told apart.
NetworkMeasure = Callable[[Mapping[str, pd.DataFrame], Window, str, Callable[[Any], bool]], Numbers]

UNITS_OF_2010 = {"KZ": 16, "KG": 9, "TJ": 5, "TM": 6, "UZ": 14}


@dataclass(frozen=True)
class Oracle:
    """How an indicator is counted: the fact, who counts, and how the rows become two numbers.

    `each_once`: a row for each `key`, the first contact. `other`: where the denominator comes from, if from
    other rows. `whole`: cells are shares of the whole. `by_units`: a share of the regions there are.
    `network`: what is measured of a network as a whole, or of those of its organisations that are told apart.
    """

    fact: str
    counts: Callable[[Frame], Frame]
    measure: Callable[[Frame], Numbers]
    each_once: bool = False
    dated_by: str = ""
    key: str = "person_ref"
    other: Oracle | None = None
    whole: bool = False
    by_units: bool = False
    network: NetworkMeasure | None = None


def rows(frame: Frame) -> Numbers:
    """How many rows there are."""
    return len(frame), None


def persons(frame: Frame) -> Numbers:
    """How many persons there are."""
    return frame.person_ref.nunique(), None


def total(column: str) -> Callable[[Frame], Numbers]:
    """The sum of a column."""
    return lambda frame: (sum(frame[column].dropna()), None)


def mean(column: str) -> Callable[[Frame], Numbers]:
    """The mean of the known values to one decimal, and how many there are."""
    return lambda frame: _rounded([Fraction(value) for value in frame[column].dropna()], _mean)


def quantile(column: str, share: str) -> Callable[[Frame], Numbers]:
    """A quantile of the known values to one decimal, and how many there are."""
    return lambda frame: _rounded(sorted(Fraction(v) for v in frame[column].dropna()), lambda v: _between(v, share))


def _mean(values: Sequence[Fraction]) -> Fraction:
    return sum(values, Fraction(0)) / len(values)


def _between(values: Sequence[Fraction], share: str) -> Fraction:
    place = Fraction(share) * (len(values) - 1)
    below = int(place)
    above = min(below + 1, len(values) - 1)
    return values[below] + (place - below) * (values[above] - values[below])


def _rounded(values: Sequence[Fraction], of: Callable[[Sequence[Fraction]], Fraction]) -> Numbers:
    if not values:
        return None, 0
    found = of(values)
    exact = Decimal(found.numerator) / Decimal(found.denominator)
    return exact.quantize(Decimal("0.1"), ROUND_HALF_UP), len(values)


@cache
def oracles() -> Mapping[str, Oracle]:
    """Every oracle of the folder, by the code of its indicator."""
    found: dict[str, Oracle] = {}
    for module in _modules():
        more: dict[str, Oracle] = module.ORACLES
        assert not set(found) & set(more), f"{module.__name__} counts an indicator that another module counts"
        found |= more
    return found


def _modules() -> list[ModuleType]:
    return [import_module(f"tests.oracles.{p.stem}") for p in sorted((Path(__file__).parent / "oracles").glob("*.py"))]


def frames(given: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Frame]:
    """The rows as frames, with the derived and joined columns of each fact."""
    found = oracle_tables(given)
    for module in _modules():
        found |= {name: make(found) for name, make in getattr(module, "TABLES", {}).items()}
    return found


def counted(code: str, tables: dict[str, Frame], window: Window, place: str) -> Numbers:
    """The two numbers of an indicator at a place in a window; the second is None where there is none."""
    oracle = oracles()[code]
    if oracle.network is not None:
        return oracle.network(tables, window, place, lambda _: True)
    numbers = oracle.measure(_pinned(tables, oracle, window, place))
    if oracle.other is not None:
        return numbers[0], oracle.other.measure(_pinned(tables, oracle.other, window, place))[0]
    return (numbers[0], UNITS_OF_2010[place]) if oracle.by_units else numbers


def cell(
    code: str, tables: dict[str, Frame], window: Window, place: str, breakdown: str, category: str, is_list: bool
) -> Numbers:
    """The two numbers of one cell of a breakdown."""
    oracle = oracles()[code]
    if oracle.network is not None:
        return oracle.network(tables, window, place, lambda row: (row[breakdown] or "U") == category)
    sides = [oracle] if oracle.other is None else [oracle, oracle.other]
    numbers = []
    for side in sides:
        every = breakdown in definitions()[code].distinct_in
        frame = _pinned(tables, side, window, place, in_every_cell=every)
        if is_list:
            inside = frame.loc[[category in (found or ["U"]) for found in frame[breakdown]]]
        else:
            inside = frame[frame[breakdown].fillna("U") == category]
        numbers.append(side.measure(inside))
    if oracle.other is not None:
        return numbers[0][0], numbers[1][0]
    return (numbers[0][0], counted(code, tables, window, place)[1]) if oracle.whole else numbers[0]


def _pinned(
    tables: dict[str, Frame], oracle: Oracle, window: Window, place: str, *, in_every_cell: bool = False
) -> Frame:
    frame = oracle.counts(_here(tables[oracle.fact], oracle, window, place))
    return _first(frame, oracle) if oracle.each_once and not in_every_cell else frame


def _date(oracle: Oracle) -> str:
    return oracle.dated_by or counted_facts()[oracle.fact].dated_by or ""


def _is_state(oracle: Oracle) -> bool:
    return oracle.fact in counted_facts() and counted_facts()[oracle.fact].kind == "state"


def _here(frame: Frame, oracle: Oracle, window: Window, place: str) -> Frame:
    here = frame[frame.place == place]
    if _is_state(oracle):
        return here
    known = here[here[_date(oracle)].notna()]
    days = known[_date(oracle)]
    return known.loc[[window.start <= day <= window.end for day in days]]


def _first(frame: Frame, oracle: Oracle) -> Frame:
    """The first contact of each; of several on one day, the one whose codes come first in their lists."""
    columns = counted_facts()[oracle.fact].counted_columns()
    coded = [name for name, column in columns.items() if column.values or column.type == "boolean"]

    def standing(row: Any) -> tuple[Any, ...]:
        return (row[_date(oracle)], *(_rank(row[name], columns[name]) for name in coded))

    kept: dict[str, tuple[tuple[Any, ...], Any]] = {}
    for index, row in frame.iterrows():
        who, now = row[oracle.key], standing(row)
        if who is not None and (who not in kept or now < kept[who][0]):
            kept[who] = (now, index)
    return frame.loc[[index for _, index in kept.values()]]


def _rank(value: Any, column: Any) -> tuple[bool, Any]:
    if column.is_list:
        return (not value, ";".join(sorted(value or [])))
    if column.type == "boolean":
        return (value is None, value is False)
    codes = codelists()[column.values]
    listed = [code for code in codes.codes if code != codes.unknown]
    return (value not in listed, listed.index(value) if value in listed else 0)
