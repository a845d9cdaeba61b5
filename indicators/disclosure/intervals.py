"""What can be worked out about a hidden count, and what is given about it before."""

from __future__ import annotations

from dataclasses import dataclass


class InconsistentSystem(RuntimeError):
    """No table fits what is published: a relation does not hold for the data it is said to hold for."""


@dataclass(frozen=True)
class Interval:
    """What can be worked out about a hidden count: it is from `low` to `high`; None is no bound."""

    low: int
    high: int | None

    def is_wide(self, width: int) -> bool:
        """Whether low and high are at least so far apart."""
        return self.high is None or self.high - self.low >= width


@dataclass(frozen=True)
class Bounds:
    """What the attacker takes as given about a hidden count before any arithmetic.

    `low` he knows of every count; `high` of the one he asks about alone, when he asks about it.
    """

    low: int = 0
    high: int | None = None
