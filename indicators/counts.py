"""What was counted of one indicator: two numbers by window, place and cell, before they become figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from indicators.calendars import Window

Cell = tuple[str, str]  # breakdown, category


@dataclass(frozen=True)
class Count:
    """Two numbers, whether one of the rows lacks its number, and how often each value is there for a quantile."""

    numerator: Decimal
    denominator: Decimal
    is_unknown: bool = False
    candidates: int = 0
    values: Mapping[Decimal, int] = field(default_factory=dict)

    def __add__(self, other: Count) -> Count:
        """Both together: what is unknown in one is unknown in the sum."""
        values = {v: self.values.get(v, 0) + other.values.get(v, 0) for v in (*self.values, *other.values)}
        return Count(
            self.numerator + other.numerator, self.denominator + other.denominator,
            self.is_unknown or other.is_unknown, self.candidates + other.candidates, values,
        )  # fmt: skip


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
