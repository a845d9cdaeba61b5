"""What the sample data are made of: whole rows of a fact, and chance that falls the same way every time."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, TypeVar

from indicators.calendars import Quarter
from indicators.facts import codelists, facts

Row = dict[str, Any]
Records = dict[str, list[Row]]
T = TypeVar("T")

PERIODS = ("2010-Q3", "2010-Q4")
FIRST_DAY = Quarter.parse(PERIODS[0]).start
LAST_DAY = Quarter.parse(PERIODS[-1]).end


def row(fact: str, **values: Any) -> Row:
    """A row of a fact with every column: what is not given is empty, lists stand in the order of their code list.

    Raises KeyError for a column or a code that is not declared.
    """
    columns = facts()[fact].columns
    for name in values:
        if name not in columns:
            raise KeyError(f"{fact} has no column {name}")
    return {name: _value(fact, name, values.get(name)) for name in columns}


def _value(fact: str, name: str, value: Any) -> Any:
    column = facts()[fact].columns[name]
    if column.values is None or value is None:
        return [] if column.is_list else value
    known = codelists()[column.values].codes
    for code in value if column.is_list else [value]:
        if code not in known:
            raise KeyError(f"{fact}.{name} has no code {code}")
    return [code for code in known if code in value] if column.is_list else value


class Chance:
    """Draws that depend on the seed's words alone.

    Only `random()` is used: it is the one method whose sequence Python promises to keep from
    version to version, and the sample files must come out byte for byte everywhere.
    """

    def __init__(self, *seed: object) -> None:
        # Nothing here is secret: the sample must be the same for everyone.
        self._random = random.Random(" ".join(map(str, ("esep sample", *seed))))  # noqa: S311

    def happens(self, share: float) -> bool:
        """True in this share of the draws."""
        return self._random.random() < share

    def whole(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int(self._random.random() * (high - low + 1))

    def pick(self, items: Sequence[T]) -> T:
        """One of the items, each as likely as the others."""
        return items[self.whole(0, len(items) - 1)]

    def weighed(self, weights: Mapping[T, int]) -> T:
        """One of the keys, as likely as its weight says."""
        left = self.whole(1, sum(weights.values()))
        for item, weight in weights.items():
            left -= weight
            if left <= 0:
                return item
        raise AssertionError("the weights add up to what was drawn from")

    def some(self, items: Sequence[T], count: int) -> list[T]:
        """So many different items, or all of them when there are fewer."""
        left = list(items)
        return [left.pop(self.whole(0, len(left) - 1)) for _ in range(min(count, len(left)))]

    def skewed(self, low: int, high: int) -> int:
        """A whole number from low to high, the low ones more likely."""
        return low + int(self._random.random() ** 2 * (high - low + 1))

    def day(self, first: date, last: date) -> date:
        """A day from first to last, both included."""
        return first + timedelta(days=self.whole(0, (last - first).days))


def in_period(rows: list[Row], date_column: str, period: str) -> list[Row]:
    """The rows whose day lies in the period."""
    quarter = Quarter.parse(period)
    return [r for r in rows if quarter.start <= r[date_column] <= quarter.end]
