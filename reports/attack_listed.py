"""An outsider's reading of a list of figures: one row a figure, with its indicator, period, place and number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from indicators.disclosure.puzzle import Range
from reports.attack_grid import Grid, UnreadableFile, content, grids
from reports.attack_keys import DENOMINATOR, NUMERATOR, TOTAL, Days, FigureKey, days_in, days_of, keyed_proposals
from reports.attack_links import Content, Reading, believed
from reports.attack_tables import address

_NEEDED = ("indicator", "period", "place", "value")
_SHOWN, _HIDDEN = "shown", "suppressed"
_NEAR = Decimal("0.00001")  # a share is written to six decimals

Row = Mapping[str, tuple[Any, str]]  # by column: what stands there, and the address


def is_listed(grid: Grid) -> bool:
    """Whether a sheet is a list of figures: its first row names all that a figure is known by."""
    return set(_NEEDED) <= set(_header(grid))


def read_listed(grid: Grid, file: Path) -> Reading:
    """Read a list; `periods.csv` and `indicators.csv` beside it say when windows begin and what adds up."""
    header = _header(grid)
    rows: list[Row] = [
        {
            name: (value, f"{grid.name}!{address(n, place)}")
            for place, (name, value) in enumerate(zip(header, row, strict=False))
        }
        for n, row in enumerate(grid.rows[1:], 1)
    ]
    windows = _windows(file)
    adds_up = {
        str(row["indicator"]): frozenset(str(row["adds_up"] or "").split())
        for row in _beside(file, "indicators.csv", ("indicator", "adds_up"))
    }
    by_indicator = defaultdict[str, list[Row]](list)
    for row in rows:
        by_indicator[_text(row, "indicator")].append(row)
    cells: dict[str, Content] = {}
    keys: dict[str, FigureKey] = {}
    for found in by_indicator.values():
        for row in found:
            for side, column in _sides(found).items():
                said = _said(row, column)
                name = row[column][1]
                if said is not None:
                    cells[name] = said
                    if key := _key(row, side, windows):
                        keys[name] = key
    hidden = frozenset(name for name, said in cells.items() if isinstance(said, Range))
    proposals = keyed_proposals({key: name for name, key in keys.items()}, adds_up)
    tables = len({(key.table, key.breakdown) for key in keys.values()})
    return Reading(grid.name, tables, cells, hidden, believed(proposals, cells), keys=keys, adds_up=adds_up)


def _header(grid: Grid) -> list[str]:
    return [str(value or "").strip().casefold() for value in (grid.rows[0] if grid.rows else ())]


def _text(row: Row, column: str) -> str:
    value = row[column][0] if column in row else None
    return "" if value is None else str(value).strip()


def _number(row: Row, column: str) -> Decimal | None:
    try:
        return Decimal(_text(row, column))
    except InvalidOperation:
        return None


def _sides(rows: Sequence[Row]) -> Mapping[str, str]:
    """The columns in which the counts of an indicator stand: a count is its value, a share is of two.

    Nothing for what is neither: the number beside a mean or a median says of how many it is, and is no whole of it.
    """
    numbers = [[_number(row, column) for column in ("value", NUMERATOR, DENOMINATOR)] for row in rows]
    parts = [(value, up, down) for value, up, down in numbers if value is not None and down is not None]
    if not parts:
        return {NUMERATOR: "value"}
    is_share = all(up is not None and down and abs(up / down - value) < _NEAR for value, up, down in parts)
    return {NUMERATOR: NUMERATOR, DENOMINATOR: DENOMINATOR} if is_share else {}


def _said(row: Row, column: str) -> Content | None:
    status = _text(row, "status").casefold()
    if status == _HIDDEN:
        return Range()
    return content(_text(row, column)) if status in ("", _SHOWN) else content(_text(row, "status"))


def _key(row: Row, side: str, windows: Mapping[tuple[str, str], Days]) -> FigureKey | None:
    calendar, period = _text(row, "calendar"), _text(row, "period")
    days = windows.get((calendar, period)) or (days_of(period) if calendar in ("", "quarter") else None)
    if days is None or not _text(row, "place"):
        return None
    breakdown, category = (_text(row, column) or TOTAL for column in ("breakdown", "category"))
    return FigureKey(_text(row, "indicator"), *days, _text(row, "place"), breakdown, category, side)


def _windows(file: Path) -> Mapping[tuple[str, str], Days]:
    found: dict[tuple[str, str], Days] = {}
    for row in _beside(file, "periods.csv", ("calendar", "period", "start_on", "end_on")):
        days = days_in(f"{row['start_on']} {row['end_on']}")
        if days:
            found[str(row["calendar"]), str(row["period"])] = days
    return found


def _beside(file: Path, name: str, columns: Sequence[str]) -> list[Mapping[str, Any]]:
    """The rows of a file of that name in the same folder; none if it is not there or has not those columns."""
    other = file.parent / name
    if other == file or not other.is_file():
        return []
    try:
        (grid,) = grids(other)
    except UnreadableFile:
        return []
    header = _header(grid)
    if not set(columns) <= set(header):
        return []
    return [dict(zip(header, row, strict=False)) for row in grid.rows[1:]]
