"""Other tables: what the counts could be besides what they are, as far as a reader can tell.

A hidden count is safe when another whole table fits everything that is published and gives it another value.
One linear program finds such a table and changes the cheapest counts on the way: what it changes must be hidden.
In a large system the program has the counts near the asked one only, more and more of them until there is a table:
what fits there, everything else staying as it is, fits everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
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
_LEAST_PRICES = (0.0, 0.001, 0.1, 0.5, 1.0)
# A component of more counts is large.
_LARGE = 2_000
# How far a count is away at most if the nearest by price were not enough twice.
_AT_MOST, _BY_PRICE = 0.3, 2
# An inequality with more room than so many times what the asked count is to move is in nobody's way; the programs of
# neighbourhoods have none with more room than the second number, and what they find is checked against all of them.
_IN_THE_WAY, _LOOSE = 2, 20


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
        self.pieces = Pieces(self.size if self.size > _LARGE else 0)

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

        Counts are people: a table with fractions is looked for again at slightly other costs. Only if all have
        fractions, and the search shall be `thorough`, whole numbers are asked for among what these tables change and
        the counts that cost no more than `cheap`. A search that is not looks at the two smallest programs at most.
        """
        import numpy as np

        for number, places, lines in self._neighbourhoods(costs, target, by, thorough):
            program = self._program(places, lines)
            before = program.steps
            found = self._whole(program, costs[places], int(np.searchsorted(places, target)), by, cheap, thorough)
            self.steps += program.steps - before
            if found is not None:
                change = np.zeros(self.size)
                change[places] = found
                if self.fits(change):
                    if number is not None:
                        self.pieces.found(number)
                    return change
        return None

    def _neighbourhoods(
        self, costs: Numbers, target: int, by: int, thorough: bool
    ) -> Iterator[tuple[int | None, Places, Places]]:
        """More and more counts around the target, with the relations that matter; if `thorough`, all at last.

        Before them the number of the size of the piece, None for all.
        """
        import numpy as np

        follows, prices = self._in_the_way(abs(by)), costs
        for turn, number in enumerate(self.pieces.to_try()):
            if turn == _BY_PRICE:
                if not thorough:
                    return
                # Rather than many counts that are nearly free, those that dear ones lead to.
                prices = np.minimum(costs, _AT_MOST)
            most = self.pieces.sizes[number]
            places = np.sort(self.ties.near(target, most, prices, follows))
            lines = self.ties.lines_at(places)
            self.pieces.tried(number)
            yield number, places, lines[self.tight[lines]]
            if len(places) < most:
                follows = self.needed
        yield None, np.arange(self.size), np.flatnonzero(self.needed)

    def _in_the_way(self, by: int) -> Flags:
        """The relations that a count that moves so far may run into."""
        if by not in self.in_the_way:
            self.in_the_way[by] = self.needed & (self.ties.equal | (self.room < _IN_THE_WAY * by))
        return self.in_the_way[by]

    def _program(self, places: Places, lines: Places) -> Program:
        def written(model: Any) -> Program:
            return Program(model, self.ties, places, lines, self.room[lines], self.up[places], self.down[places])

        if len(places) < self.size:
            return written(self.model)
        if self.whole is None:
            self.whole = written(solver())
        return self.whole

    def _whole(
        self, program: Program, costs: Numbers, target: int, by: int, cheap: float, thorough: bool
    ) -> Numbers | None:
        import numpy as np

        draw, changed = np.random.default_rng(target), np.zeros(len(costs), dtype=bool)
        for least in _LEAST_PRICES if thorough else _LEAST_PRICES[:2]:
            noise = draw.uniform(1.0, 1.5, len(costs)) if least else 1.0
            found = program.cheapest(np.maximum(costs, least) * noise, target, by)
            if found is None or is_whole(found):
                return None if found is None else np.round(found)
            changed |= found != 0
        return program.cheapest_whole(costs, target, by, changed | (costs <= cheap)) if thorough else None
