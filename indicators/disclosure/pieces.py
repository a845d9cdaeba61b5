"""How large the pieces of a large system are that the search for a table looks at: as large as has been of use."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

# How many counts the smallest piece has, how many times more each next one, and how much smaller than all a piece is.
_FIRST, _TIMES, _SMALLER = 400, 1.5, 1.3
# A size that found a table in less than one of so many tries is of no use, once it was tried so often.
_ONE_IN, _TRIES = 3, 4


class Pieces:
    """The sizes of the pieces of a system of `size` counts, and how often each of them found a table.

    Where counts hang together in chains small pieces find most tables. Where every count is in the sums of five ways
    a small piece holds too little of each sum, and not one of hundreds finds any; then larger ones come first. The
    same tries in the same order lead to the same sizes.
    """

    def __init__(self, size: int) -> None:
        self.sizes = list(takewhile(lambda most: most * _SMALLER < size, _growing()))
        self._tried, self._found = [0] * len(self.sizes), [0] * len(self.sizes)
        self._first = 0

    def to_try(self) -> range:
        """The numbers of the sizes to try, the smallest of use first."""
        if self._first < len(self.sizes) and self._is_of_no_use(self._first):
            self._first += 1
        return range(self._first, len(self.sizes))

    def tried(self, number: int) -> None:
        """A piece of this size is looked at."""
        self._tried[number] += 1

    def found(self, number: int) -> None:
        """It held a table."""
        self._found[number] += 1

    def _is_of_no_use(self, number: int) -> bool:
        return self._tried[number] >= _TRIES and _ONE_IN * self._found[number] < self._tried[number]


def _growing() -> Iterator[int]:
    most = float(_FIRST)
    while True:
        yield int(most)
        most *= _TIMES
