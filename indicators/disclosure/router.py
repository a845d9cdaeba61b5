"""Other tables: what the counts could be besides what they are, as far as a reader can tell.

A hidden count is safe when another whole table fits everything that is published and gives it another value.
One linear program finds such a table and changes the cheapest counts on the way: what it changes must be hidden.
In a large system the program has the counts near the asked one only, more and more of them until there is a table:
what fits there, everything else staying as it is, fits everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from indicators.disclosure.pieces import Pieces
from indicators.disclosure.program import Program, is_whole, solver
from indicators.disclosure.ties import Ties

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Places = NDArray[np.int64]

_FREE = 1e6
_DECIMALS = 6
# Tables with fractions wind through many counts that are nearly free; the dearer these are, the shorter the way.
_LEAST_PRICES = (0.001, 0.1, 0.5, 1.0)
# Among the counts tied to those of a table with fractions another is looked for where they are that much fewer.
_MUCH_FEWER = 2
# A component of more counts is large.
_LARGE = 4_000
# How far a count is away at most if the nearest by price were not enough twice.
_AT_MOST, _BY_PRICE = 0.3, 2
# To look for a piece takes as long as so many steps of the simplex method in it.
_LOOK = 20
# An inequality with more room than so many times what the asked count is to move is in nobody's way; the programs of
# neighbourhoods have none with more room than the second number, and what they find is checked against all of them.
_IN_THE_WAY, _LOOSE = 2, 20


@dataclass(frozen=True)
class _Asked:
    """What `route` is asked for."""

    costs: Numbers
    target: int
    by: int
    cheap: float
    thorough: bool


class Router:
    """The linear programs of one component.

    `low` and `high` are what a reader takes each count to be at least and at most; the true counts, `values`,
    lie between them. Only the relations that are `needed` have a row in the programs, for the others follow from them.
    """

    def __init__(self, ties: Ties, needed: Flags, values: Numbers, low: Numbers, high: Numbers) -> None:
        import numpy as np

        self.ties, self.needed, self.size, self.steps = ties, needed, ties.size, 0
        self.up, self.down = np.minimum(high - values, _FREE), values - low
        # Hours have decimals, and sums of them the noise of floating point.
        self.room: Numbers = np.round(ties.sums(values), _DECIMALS)
        self.model = solver()
        self.whole: Program | None = None
        self.tight = needed & (ties.equal | (self.room < _LOOSE))
        self.in_the_way: dict[int, Flags] = {}
        self.movable = ties.movable(np.flatnonzero((self.up > 0) | (self.down > 0)))
        self.stays: Flags = np.ones(self.size, dtype=bool)
        self.stays[self.movable] = False
        lines = ties.lines_at(self.movable)
        self.needed_lines = lines[needed[lines]]
        self.pieces = Pieces(len(self.movable) if len(self.movable) > _LARGE else 0)

    def fits(self, change: Numbers) -> bool:
        """Whether counts changed so are a table a reader holds for possible: by additions alone, without the solver."""
        import numpy as np

        ties, changed = self.ties, np.flatnonzero(change)
        within = (change[changed] <= self.up[changed]).all() and (change[changed] >= -self.down[changed]).all()
        lines = ties.lines_at(changed)
        terms = ties.terms_of(lines)
        line = np.searchsorted(lines, ties.line[terms])
        sums = np.bincount(line, weights=ties.factor[terms] * change[ties.place[terms]], minlength=len(lines))
        equal = ties.equal[lines]
        return bool(within and (sums[equal] == 0).all() and (self.room[lines] + sums >= 0).all())

    def route(self, costs: Numbers, target: int, by: int, cheap: float, thorough: bool = True) -> Numbers | None:
        """How the counts of another table differ, in which the target is `by` more (or less); None if there is none.

        Counts are people: a table with fractions is looked for again at slightly other costs, first among the counts
        that are tied to those it changes. Only if all have fractions, and the search shall be `thorough`, whole numbers
        are asked for among what these tables change and the counts that cost no more than `cheap`. A search that is
        not looks at the two smallest programs at most.
        """
        if self.stays[target]:
            return None
        asked = _Asked(costs, target, by, cheap, thorough)
        for number, places, lines in self._neighbourhoods(asked):
            found = self._whole(places, lines, asked)
            if found is not None and self.fits(found):
                if number is not None:
                    self.pieces.found(number)
                return found
        return None

    def _neighbourhoods(self, asked: _Asked) -> Iterator[tuple[int | None, Places, Places]]:
        """More and more counts around the target, with the relations that matter; in a thorough search all at last.

        Before them the number of the size of the piece, None for all. A piece is without the counts that must stay as
        long as all around it does; one in which the target must is none.
        """
        import numpy as np

        follows, prices, turns = self._in_the_way(abs(asked.by)), asked.costs, 0
        for number in self.pieces.to_try():
            most = self.pieces.sizes[number]
            near = self.ties.near(asked.target, most, prices, follows, self.stays)
            places = self.ties.movable(near)
            self.steps += _LOOK
            if len(near) < most:
                follows = self.needed
            if asked.target not in places:
                continue
            self.pieces.tried(number)
            lines = self.ties.lines_at(places)
            yield number, places, lines[self.tight[lines]]
            turns += 1
            if turns == _BY_PRICE:
                if not asked.thorough:
                    return
                # Rather than many counts that are nearly free, those that dear ones lead to.
                prices = np.minimum(prices, _AT_MOST)
        yield None, self.movable, self.needed_lines

    def _in_the_way(self, by: int) -> Flags:
        """The relations that a count that moves so far may run into."""
        if by not in self.in_the_way:
            self.in_the_way[by] = self.needed & (self.ties.equal | (self.room < _IN_THE_WAY * by))
        return self.in_the_way[by]

    def _program(self, places: Places, lines: Places) -> Program:
        def written(model: Any) -> Program:
            return Program(model, self.ties, places, lines, self.room[lines], self.up[places], self.down[places])

        if len(places) < len(self.movable):
            return written(self.model)
        if self.whole is None:
            self.whole = written(solver())
        return self.whole

    def _whole(self, places: Places, lines: Places, asked: _Asked) -> Numbers | None:
        """The change of the cheapest table in whole numbers, or nearly, that changes only counts at these places."""
        import numpy as np

        first = self._solved(self._program(places, lines), places, asked, asked.costs[places])
        if first is None or is_whole(first):
            return None if first is None else np.round(first)
        near = self.ties.places_in(self.ties.lines_at(np.flatnonzero(first)))
        near = self.ties.movable(np.intersect1d(near, places, assume_unique=True))
        if len(near) * _MUCH_FEWER < len(places):
            beside = self.ties.lines_at(near)
            among = self._at_other_costs(near, beside[self.needed[beside]], asked, first)
            if among is not None:
                return among
        return self._at_other_costs(places, lines, asked, first)

    def _at_other_costs(self, places: Places, lines: Places, asked: _Asked, first: Numbers) -> Numbers | None:
        """The same, where the cheapest table, `first`, has fractions."""
        import numpy as np

        program, costs = self._program(places, lines), asked.costs[places]
        draw, changed = np.random.default_rng(asked.target), first[places] != 0
        for least in _LEAST_PRICES if asked.thorough else _LEAST_PRICES[:1]:
            dearer = np.maximum(costs, least) * draw.uniform(1.0, 1.5, len(costs))
            found = self._solved(program, places, asked, dearer)
            if found is None or is_whole(found):
                return None if found is None else np.round(found)
            changed |= found[places] != 0
        if not asked.thorough:
            return None
        found = self._solved(program, places, asked, costs, changed | (costs <= asked.cheap))
        return None if found is None else np.round(found)

    def _solved(
        self, program: Program, places: Places, asked: _Asked, costs: Numbers, whole: Flags | None = None
    ) -> Numbers | None:
        """The answer of a program as a change of all counts; in whole numbers if it is said which it may change."""
        import numpy as np

        before, here = program.steps, int(np.searchsorted(places, asked.target))
        if whole is None:
            found = program.cheapest(costs, here, asked.by)
        else:
            found = program.cheapest_whole(costs, here, asked.by, whole)
        self.steps += program.steps - before
        if found is None:
            return None
        change = np.zeros(self.size)
        change[places] = found
        return change
