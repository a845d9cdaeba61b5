"""What the oracles share: windows, the first contact of a person, cells, means and quantiles, and the region.

`oracle/families/*.py` hold an `ORACLES` each: by code, the rows that count and how they become numbers. The frames
hold the columns of the counted facts, the derived ones made anew (`oracle/tables.py`); a view over the facts
is made anew in pandas by the `TABLES` of the module that needs it. No SQL takes part in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
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
from oracle.tables import tables as oracle_tables

Frame = pd.DataFrame
Numbers = tuple[Any, Any]
Record = Mapping[str, Any]
# From all tables, at the end of a window, at some places, of the organisations that are to be told apart.
NetworkMeasure = Callable[[Mapping[str, Sequence[Record]], Window, Sequence[str], Callable[[Any], bool]], Numbers]


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


def mean(column: str, to: str = "0.1") -> Callable[[Frame], Numbers]:
    """The mean of the known values, to one decimal unless said otherwise, and how many there are."""
    return lambda frame: _rounded([Fraction(value) for value in frame[column].dropna()], _mean, to)


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


def _rounded(values: Sequence[Fraction], of: Callable[[Sequence[Fraction]], Fraction], to: str = "0.1") -> Numbers:
    if not values:
        return None, 0
    found = of(values)
    exact = Decimal(found.numerator) / Decimal(found.denominator)
    return exact.quantize(Decimal(to), ROUND_HALF_UP), len(values)


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
    names = sorted(path.stem for path in (Path(__file__).parent / "families").glob("*.py"))
    return [import_module(f"oracle.families.{name}") for name in names if name != "__init__"]


def frames(given: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Frame]:
    """The rows as frames, with the derived and joined columns of each fact."""
    found = oracle_tables(given)
    for module in _modules():
        found |= {name: make(found) for name, make in getattr(module, "TABLES", {}).items()}
    return found


def units(places: Sequence[str], day: date) -> set[str]:
    """The first-level units of some countries that were in force on a day, read off the code list."""
    listed = codelists()["region"].codes.items()
    return {
        code
        for code, about in ((code, one.attributes) for code, one in listed)
        if about.get("country") in places
        and not ("valid_from" in about and day < about["valid_from"])
        and not ("valid_to" in about and about["valid_to"] < day)
    }


@dataclass(frozen=True)
class Recount:
    """The tables, and the rows that were picked from them: figures of one window and place look at the same ones.

    Every question is about `places`: one country, or those that are in a regional figure. A country's number is
    counted by itself and the numbers are added, for a person is counted once in each country; a mean or a median
    is of all their values, and a network is measured as one.
    """

    tables: Mapping[str, Frame]
    _picked: dict[tuple[Any, ...], Frame] = field(default_factory=dict)
    _as_records: dict[str, list[Record]] = field(default_factory=dict)

    def counted(self, code: str, window: Window, places: Sequence[str]) -> Numbers:
        """The two numbers of an indicator in a window; the second is None where there is none."""
        oracle = oracles()[code]
        if oracle.network is not None:
            return oracle.network(self._records(), window, places, lambda _: True)
        numbers = self._measured(code, window, places, lambda frame: frame, in_every_cell=False)
        if oracle.by_units:
            assert window.end is not None, "a source without days has no units in force"
            return numbers[0], len(units(places, window.end))
        return numbers

    def cell(self, code: str, window: Window, places: Sequence[str], breakdown: str, category: str) -> Numbers:
        """The two numbers of one cell of a breakdown; a country is in the rows of its own units alone."""
        oracle, definition = oracles()[code], definitions()[code]
        if oracle.network is not None:
            return oracle.network(self._records(), window, places, lambda row: (row[breakdown] or "U") == category)
        is_list = counted_facts()[definition.fact].counted_columns()[breakdown].is_list

        def inside(frame: Frame) -> Frame:
            if is_list:
                return frame.loc[[category in (found or ["U"]) for found in frame[breakdown]]]
            return frame[frame[breakdown].fillna("U") == category]

        here = [place for place in places if _belongs(breakdown, category, place)]
        if not here:
            return 0, 0  # a unit of a country that is not in the region's figure: nothing was added
        numbers = self._measured(code, window, here, inside, in_every_cell=breakdown in definition.distinct_in)
        return (numbers[0], self.counted(code, window, places)[1]) if oracle.whole else numbers

    def _records(self) -> Mapping[str, list[Record]]:
        """The tables row by row, for those who follow ties from row to row."""
        for name, frame in self.tables.items() if not self._as_records else ():
            self._as_records[name] = [
                {str(key): value for key, value in row.items()} for row in frame.to_dict("records")
            ]
        return self._as_records

    def _measured(
        self, code: str, window: Window, places: Sequence[str], inside: Callable[[Frame], Frame], *, in_every_cell: bool
    ) -> Numbers:
        above = oracles()[code]
        if definitions()[code].is_average:
            picked = [inside(self._pinned(code, above, window, place, in_every_cell)) for place in places]
            return above.measure(pd.concat(picked) if len(picked) > 1 else picked[0])
        found = [above.measure(inside(self._pinned(code, above, window, place, in_every_cell))) for place in places]
        numerator, denominator = _sum(one for one, _ in found), _sum(other for _, other in found)
        if above.other is not None:
            below = above.other
            rest = [below.measure(inside(self._pinned(code, below, window, place, in_every_cell))) for place in places]
            denominator = _sum(one for one, _ in rest)
        return numerator, denominator

    def _pinned(self, code: str, side: Oracle, window: Window, place: str, in_every_cell: bool) -> Frame:
        is_once = side.each_once and not in_every_cell
        key = (code, side is oracles()[code], window.start, window.end, window.period, place, is_once)
        if key not in self._picked:
            frame = side.counts(_here(self.tables[side.fact], side, window, place))
            self._picked[key] = _first(frame, side) if is_once else frame
        return self._picked[key]


def _sum(numbers: Iterable[Any]) -> Any:
    """The sum of what is a number; None where nothing is."""
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None


def _belongs(breakdown: str, category: str, place: str) -> bool:
    if breakdown != "region":
        return True
    return bool(codelists()["region"].codes[category].attributes.get("country", place) == place)


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
    for index, row in zip(frame.index, frame.to_dict("records"), strict=True):
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
