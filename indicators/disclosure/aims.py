"""What the search for a pattern is after: how far each count must be able to go, and the tables that take it there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Places = NDArray[np.int64]


@dataclass(frozen=True)
class Aim:
    """The count at `place` must be able to be `by` more (less if below 0); `either`: or as much the other way."""

    place: int
    by: int
    either: bool = False


class Wanted:
    """All aims as arrays."""

    def __init__(self, aims: Sequence[Aim]) -> None:
        import numpy as np

        self.place = np.array([aim.place for aim in aims], dtype=np.int64)
        self.by = np.array([aim.by for aim in aims], dtype=np.int64)
        self.either = np.array([aim.either for aim in aims], dtype=bool)

    def met_by(self, change: Numbers) -> Places:
        """The numbers of the aims whose counts a table that differs by `change` moves far enough."""
        import numpy as np

        moved = change[self.place]
        there = np.where(self.either, np.abs(moved), moved * np.sign(self.by))
        return np.flatnonzero(there >= np.abs(self.by))


@dataclass(frozen=True, eq=False)
class Table:
    """Another table, the `number`-th found: which counts it changes, by how much, and which aims it covers."""

    number: int
    changed: Places
    change: Numbers
    covers: Places

    def full(self, size: int) -> Numbers:
        """By how much it changes each of so many counts."""
        import numpy as np

        change: Numbers = np.zeros(size)
        change[self.changed] = self.change
        return change
