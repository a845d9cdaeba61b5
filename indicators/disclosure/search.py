"""The search for the cheapest counts to hide in a component, so that other tables move every small count far enough.

Every aim (a count, and how far it must be able to go) is covered by a table that differs from the true one. What
the tables change is hidden. The first tables follow a seed; then, again and again, a hidden count is made
dear, the tables that use it are given up and found anew, and the result is kept if it costs no more.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from indicators.disclosure.aims import Aim, Table, Wanted
from indicators.disclosure.components import Component
from indicators.disclosure.router import Router

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Places = NDArray[np.int64]
    Flags = NDArray[np.bool_]

# What a count costs that is hidden already: next to nothing, so that short ways are taken.
_HIDDEN, _SEED = 0.02, 0.05
# A count made dear for a while; more tables than this are not given up for it.
_DEAR, _AT_ONCE = 6.0, 12
# Which part of the steps may be in vain.
_IN_VAIN = 0.3
_BY_VALUE = 0.01


class Search:
    """The tables found so far, and what they cost; the counts at the places `hidden` are hidden whatever is done."""

    def __init__(self, component: Component, router: Router, values: Numbers, hidden: Iterable[int]) -> None:
        import numpy as np

        self.router, self.values = router, values
        size = len(component.unknowns)
        self.hidden: Flags = np.zeros(size, dtype=bool)
        self.hidden[list(hidden)] = True
        self.line_of = np.array([k for k, line in enumerate(component.lines) for _ in line], dtype=np.int64)
        self.place_of = np.array([i for line in component.lines for i in line], dtype=np.int64)
        self.weights = np.array(component.weights, dtype=float)
        self.by_value = _BY_VALUE * np.log1p(values)
        self.worth = self._summed(self.weights)
        self.shows: Flags = np.zeros(size, dtype=bool)
        self.shows[self.place_of] = True
        self.uses = np.zeros(size, dtype=np.int64)
        self.aims: list[Aim] = []
        self.wanted = Wanted([])
        # How many tables cover each aim.
        self.covered: Places = np.zeros(0, dtype=np.int64)
        self.tables: list[Table] = []
        # The tables that change each count.
        self.users: dict[int, set[Table]] = defaultdict(set)
        self.found = 0
        self.seed: Flags = np.zeros(size, dtype=bool)
        self.dear: int | None = None

    # -- what is hidden, and what it costs --

    def _summed(self, of_lines: Numbers) -> Numbers:
        """For each count, the sum over the figures that show it."""
        import numpy as np

        return np.bincount(self.place_of, weights=of_lines[self.line_of], minlength=len(self.hidden)).astype(float)

    @property
    def pattern(self) -> Flags:
        """Which counts are hidden now."""
        found: Flags = self.hidden | ((self.uses > 0) & self.shows)
        return found

    def open_lines(self) -> Flags:
        """The figures of which no count is hidden."""
        import numpy as np

        found: Flags = np.ones(len(self.weights), dtype=bool)
        found[self.line_of[self.pattern[self.place_of]]] = False
        return found

    def cost(self) -> float:
        """What all hidden figures cost, and a little for how large the hidden counts are."""
        return float(self.weights[~self.open_lines()].sum() + self.by_value[self.pattern].sum())

    def prices(self) -> Numbers:
        """What hiding one more count costs: the figures that would go with it."""

        lost = self.weights * self.open_lines()
        prices = self._summed(lost)
        free = prices == 0
        prices += self.by_value
        prices[free] = _HIDDEN
        prices[self.seed & ~free] = _SEED
        prices[~self.shows] = 0.0
        if self.dear is not None and not free[self.dear]:
            prices[self.dear] = prices[self.dear] * _DEAR + _DEAR
        return prices

    def free(self) -> Flags:
        """The counts of which every figure that shows them is hidden already."""
        found: Flags = self._summed(self.open_lines().astype(float)) == 0
        return found

    # -- covering aims --

    def cover(self, aims: Sequence[Aim], seed: Iterable[int] = (), keeping: bool = False) -> list[Aim]:
        """Find tables for aims not yet covered, counts of the seed being nearly free; the aims without any.

        Tables that were there before stay if `keeping` them: others than their aims may rely on them by then.
        """
        first, there = len(self.aims), len(self.tables) if keeping else 0
        self._take(aims)
        self.seed[list(seed)] = True
        failed = [number for number in range(first, len(self.aims)) if not self._route(number)]
        self.seed[:] = False
        self._drop_needless(there)
        return [self.aims[number] for number in failed]

    def adopt(self, tables: Iterable[Table]) -> None:
        """Begin with tables that were found when less was left out: whatever still fits is as good as before."""
        for table in tables:
            change = table.full(len(self.hidden))
            if self.router.fits(change):
                self._add(self._table(change))

    def _take(self, aims: Sequence[Aim]) -> None:
        import numpy as np

        self.aims += aims
        self.wanted = Wanted(self.aims)
        self.covered = np.zeros(len(self.aims), dtype=np.int64)
        tables, self.tables = self.tables, []
        self.uses[:] = 0
        self.users.clear()
        for table in tables:
            self._add(self._table(table.full(len(self.hidden))))

    def _route(self, number: int) -> bool:
        """Cover one aim; whether it is."""
        if self.covered[number]:
            return True
        aim = self.aims[number]
        prices = self.prices()
        thorough = self.dear is None
        change = self.router.route(prices, aim.place, aim.by, _SEED, thorough)
        if change is None and aim.either:
            change = self.router.route(prices, aim.place, -aim.by, _SEED, thorough)
        if change is None:
            return False
        self._add(self._table(change))
        return True

    def _table(self, change: Numbers) -> Table:
        import numpy as np

        changed = np.flatnonzero(change)
        self.found += 1
        return Table(self.found, changed, change[changed], self.wanted.met_by(change))

    def _add(self, table: Table) -> None:
        self.tables.append(table)
        self._count(table, 1)

    def _remove(self, table: Table) -> None:
        self.tables.remove(table)
        self._count(table, -1)

    def _count(self, table: Table, times: int) -> None:
        self.uses[table.changed] += times
        self.covered[table.covers] += times
        for place in table.changed.tolist():
            if times > 0:
                self.users[place].add(table)
            else:
                self.users[place].discard(table)

    def _drop_needless(self, first: int = 0) -> None:
        """Give up tables whose aims others cover, the largest first; of those found from the `first` on."""
        for table in sorted(self.tables[first:], key=lambda one: -len(one.changed)):
            if (self.covered[table.covers] > 1).all():
                self._remove(table)

    # -- making it cheaper --

    def improve(self, steps: int) -> None:
        """Look for cheaper tables, for at most so many steps of the simplex method; the same ones every time.

        Where a good part of them was in vain the rest would be too.
        """
        import numpy as np

        start, end = self.cost(), self.router.steps + steps
        in_vain = self.router.steps + steps * _IN_VAIN
        draw = random.Random(len(self.hidden))  # noqa: S311 (which count to try next is no secret)
        before = start + 1.0
        while self.cost() < before - 1e-9:
            before = self.cost()
            beside = np.flatnonzero(self.pattern & ~self.hidden).tolist()
            draw.shuffle(beside)
            beside.sort(key=lambda place: -self.worth[place])
            for place in beside:
                if self.router.steps >= (end if self.cost() < start - 1e-9 else in_vain):
                    return
                if self.uses[place]:
                    self._try_without(place, draw)
            self._drop_needless()

    def _try_without(self, place: int, draw: random.Random) -> None:
        if self.uses[place] > _AT_ONCE:
            return
        using = sorted(self.users[place], key=lambda table: table.number)
        before, saved = self.cost(), list(self.tables)
        for table in using:
            self._remove(table)
        given_up = dict.fromkeys(number for table in using for number in table.covers.tolist())
        lost = [number for number in given_up if not self.covered[number]]
        draw.shuffle(lost)
        self.dear = place
        # Tables only add to the cost: once it is above what it was, the rest need not be found.
        done = all(self._route(number) and self.cost() <= before + 1e-9 for number in lost)
        self.dear = None
        if not done or self.cost() > before + 1e-9:
            for table in self.tables[len(saved) - len(using) :]:
                self._count(table, -1)
            for table in using:
                self._count(table, 1)
            self.tables = saved

    # -- what can be said of the result --

    def reach(self) -> tuple[Numbers, Numbers]:
        """How far below and above its true value each count goes in the tables found."""
        import numpy as np

        low, high = np.zeros(len(self.hidden)), np.zeros(len(self.hidden))
        for table in self.tables:
            low[table.changed] = np.minimum(low[table.changed], table.change)
            high[table.changed] = np.maximum(high[table.changed], table.change)
        return low, high
