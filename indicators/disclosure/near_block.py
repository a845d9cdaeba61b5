"""The attack on a large block of hidden counts, piece by piece around the counts that are asked about.

One table that fits is known. If the counts of a piece alone can be others, all around it staying as they are, then so
they can in the whole block: a count that goes far enough is safe. If they cannot even if all around the piece may be
anything, no other count of the block helps either: what is left to the count is known. In between the piece grows.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import cycle
from typing import TYPE_CHECKING

from indicators.disclosure.intervals import Bounds, Interval
from indicators.disclosure.moves import Moves
from indicators.disclosure.pieces import Pieces
from indicators.disclosure.program import Program, solver
from indicators.disclosure.ties import Ties
from indicators.disclosure.unknowns import Relation, Unknown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Places = NDArray[np.int64]

Table = Mapping[Unknown, Decimal] | Mapping[Unknown, float]

# The noise of the solver in a count, and in a sum of many.
_SLACK, _NOISE = 1e-6, 1e-5
_FREE = 1e6
# How many times more counts a piece has when it is asked next what is left if all around it may be anything.
_TIMES = 6
# So many programs in a row that make none of the neighbours wide are enough.
_IDLE = 2
# An inequality with more room than so many times what is asked for ties nothing.
_IN_THE_WAY = 2


class NearBlock:
    """The counts of a block, their relations, and where each stands in the table that fits."""

    def __init__(
        self,
        block: Iterable[Unknown],
        relations: Sequence[Relation],
        known: Mapping[Unknown, Decimal],
        bounds: Mapping[Unknown, Bounds],
        fitting: Table,
    ) -> None:
        import numpy as np

        self.unknowns = sorted(block)
        self.index = {unknown: i for i, unknown in enumerate(self.unknowns)}
        self.ties = Ties([_hidden_part(relation, self.index) for relation in relations], self.index)
        self.values = values = np.array([float(fitting[unknown]) for unknown in self.unknowns])
        given = [bounds.get(unknown, Bounds()) for unknown in self.unknowns]
        self.up, self.down = np.full(len(values), _FREE), np.maximum(values - [float(one.low) for one in given], 0.0)
        self.ceilings = [one.high for one in given]
        fixed = [float(sum(known[u] * factor for u, factor in one.terms if u in known)) for one in relations]
        self.room = np.maximum(self.ties.sums(values) + np.array(fixed), 0.0)
        self.low, self.high = values.copy(), values.copy()
        # The tables seen, as the places that each changes, and which of them took a count lowest and highest.
        self.tables: list[Places] = []
        self.lowest, self.highest = np.full((2, len(values)), -1, dtype=np.int64)
        self.model, self.pieces = solver(), Pieces(self.ties.size)

    def intervals(self, targets: Mapping[Unknown, int]) -> dict[Unknown, Interval]:
        """The interval of each target; of one found wide enough on the way, only a part of it."""
        widths = {self.index[unknown]: width for unknown, width in targets.items()}
        # Those that no neighbour has asked about yet.
        fresh = dict(widths)
        for target, width in widths.items():
            fresh.pop(target, None)
            if not self._seen(target).is_wide(width):
                self._settle(target, width, fresh)
        return {unknown: self._seen(self.index[unknown]) for unknown in targets}

    def tell(self, moves: Moves, targets: Mapping[Unknown, int]) -> None:
        """Say which tables the targets are wide by."""
        number: dict[int, int] = {}
        for unknown, width in targets.items():
            i = self.index[unknown]
            if not self._seen(i).is_wide(width):
                continue
            used = [int(one) for one in (self.lowest[i], self.highest[i]) if one >= 0]
            for one in used:
                if one not in number:
                    number[one] = len(moves.tables)
                    moves.tables.append(frozenset(self.unknowns[place] for place in self.tables[one].tolist()))
            moves.add(unknown, (number[one] for one in used))

    def _settle(self, target: int, width: int, fresh: dict[int, int]) -> None:
        """Look around the target until it is known to be wide, or what exactly is left to it."""
        import numpy as np

        free, from_outside = np.zeros(self.ties.size), 0
        follows = self.ties.equal | (self.room < _IN_THE_WAY * width)
        for number in self.pieces.to_try():
            most = self.pieces.sizes[number]
            near = self.ties.near(target, most, free, follows)
            # A count that must stay as long as all around the piece does is of no use in it.
            places = self.ties.movable(near)
            if target in places:
                self.pieces.tried(number)
                self._look_inside(places, target, width, fresh)
                if self._seen(target).is_wide(width):
                    self.pieces.found(number)
                    return
            if most >= from_outside:
                if self._outside(near, target, width, follows) == self._seen(target):
                    return
                from_outside = most * _TIMES
            if len(near) < most:
                follows = np.ones_like(follows)
        self._look_inside(np.arange(self.ties.size), target, width, fresh)

    def _seen(self, i: int) -> Interval:
        return self._whole(i, self.low[i], self.high[i])

    def _whole(self, i: int, low: float, high: float) -> Interval:
        """The whole numbers between two ends, but not above what is given about the count."""
        most, ceiling = math.floor(high + _SLACK), self.ceilings[i]
        return Interval(math.ceil(low - _SLACK), most if ceiling is None else min(most, ceiling))

    def _look_inside(self, places: Places, target: int, width: int, fresh: dict[int, int]) -> None:
        """Move the target and its neighbours, as long as they are not wide, with all but these counts staying.

        The neighbours are taken out of those nobody has asked about yet.
        """
        import numpy as np

        neighbours = {i: fresh.pop(i) for i in places.tolist() if i in fresh}
        lines = self.ties.lines_at(places)
        program = self._program(places, lines)
        others, idle = [i for i, wide in neighbours.items() if not self._seen(i).is_wide(wide)], 0
        for by in cycle(self._ways(target, width)):
            if not others or idle == _IDLE:
                break
            self._saw(places, lines, program.together(np.searchsorted(places, others), by))
            still = [i for i in others if not self._seen(i).is_wide(neighbours[i])]
            others, idle = still, idle + 1 if len(still) == len(others) else 0
        for by in self._ways(target, width):
            if not self._seen(target).is_wide(width):
                self._saw(places, lines, self._pushed(program, places, target, by))

    def _outside(self, near: Places, target: int, width: int, holds: Flags) -> Interval:
        """What is left to the target if only such relations of the counts `near` hold, all else being anything."""
        import numpy as np

        lines = self.ties.lines_at(near)
        lines = lines[holds[lines]]
        places = self.ties.places_in(lines)
        program, here = self._program(places, lines), int(np.searchsorted(places, target))
        up, down = (self._pushed(program, places, target, by) for by in self._ways(target, width))
        if up is None or down is None:
            return Interval(0, None)
        value = self.values[target]
        return self._whole(target, value + down[here], value + up[here])

    def _ways(self, target: int, width: int) -> tuple[int, int]:
        """How far up and down the target is pushed: to be wide below what is given as its most."""
        ceiling = self.ceilings[target]
        above = 0 if ceiling is None else max(math.ceil(self.values[target]) - ceiling, 0)
        return width + 1, -above - width - 1

    def _program(self, places: Places, lines: Places) -> Program:
        return Program(self.model, self.ties, places, lines, self.room[lines], self.up[places], self.down[places])

    def _pushed(self, program: Program, places: Places, target: int, by: int) -> Numbers | None:
        """How the counts at the places change when the target goes that way; None if the solver does not say."""
        import numpy as np

        return program.farthest(np.zeros(len(places)), int(np.searchsorted(places, target)), by)

    def _saw(self, places: Places, lines: Places, change: Numbers | None) -> None:
        """Counts changed so are possible: if they are, by additions alone, without the solver."""
        import numpy as np

        if change is None:
            return
        every = np.zeros(self.ties.size)
        every[places] = change
        terms = self.ties.terms_of(lines)
        line = np.searchsorted(lines, self.ties.line[terms])
        sums = np.bincount(line, weights=self.ties.factor[terms] * every[self.ties.place[terms]], minlength=len(lines))
        off = np.where(self.ties.equal[lines], np.abs(sums), -sums - self.room[lines])
        if (off < _NOISE).all() and (change > -self.down[places] - _NOISE).all():
            there = self.values[places] + change
            lower, higher = there < self.low[places] - _SLACK, there > self.high[places] + _SLACK
            if lower.any() or higher.any():
                self.lowest[places[lower]] = self.highest[places[higher]] = len(self.tables)
                self.tables.append(places[change != 0])
            self.low[places[lower]], self.high[places[higher]] = there[lower], there[higher]


def _hidden_part(relation: Relation, index: Mapping[Unknown, int]) -> Relation:
    """The relation with its hidden counts only, each once."""
    factors: dict[Unknown, int] = defaultdict(int)
    for unknown, factor in relation.terms:
        if unknown in index:
            factors[unknown] += factor
    return Relation(tuple(factors.items()), relation.is_equality)
