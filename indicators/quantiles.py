"""Quantiles of values of which only is kept how often each is there: such counts add up, quantiles do not."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal


def quantile_of(values: Mapping[Decimal, int], quantile: Decimal) -> Decimal:
    """A quantile of values, each of which is there so many times: linear between the two nearest, as SQL has it."""
    position = quantile * (sum(values.values()) - 1)
    below, above = _at(values, int(position)), _at(values, int(position) + (position % 1 > 0))
    return below + (above - below) * (position % 1)


def _at(values: Mapping[Decimal, int], index: int) -> Decimal:
    for value in sorted(values):
        index -= values[value]
        if index < 0:
            return value
    raise IndexError("past the last value")
