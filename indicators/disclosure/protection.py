"""The protection of one component: a table for every small count, and a coarser publication where there is none."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from indicators.disclosure.aims import Aim
from indicators.disclosure.attacker import Reader
from indicators.disclosure.components import Component
from indicators.disclosure.implied import needed
from indicators.disclosure.intervals import Bounds
from indicators.disclosure.policy import Policy
from indicators.disclosure.router import Router
from indicators.disclosure.search import Search
from indicators.disclosure.seed import not_publishable
from indicators.disclosure.ties import Ties
from indicators.disclosure.unknowns import Unknown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

Values = Mapping[Unknown, Decimal]

# How many steps of the simplex method may go into making the pattern cheaper: so many a count, at most so many a
# component, and in all.
_STEPS_A_COUNT, _STEPS_A_COMPONENT, _STEPS = 25, 400_000, 1_000_000


class Unprotectable(RuntimeError):
    """The search ended without a safe pattern; nothing may be published."""


def worst_case(
    hidden: Iterable[Unknown], small: frozenset[Unknown], blank: Collection[Unknown], values: Values, policy: Policy
) -> dict[Unknown, Bounds]:
    """What the rules themselves give away about hidden counts.

    Zeros are shown, but for those of breakdowns left out (`blank`): any other hidden count is at least 1. And the
    worst is assumed of whoever asks about a small count: that he knows it for one, so that it is below the
    threshold. Which of the others are small the marks do not tell him.
    """
    least = 0 if policy.hide_zeros else 1
    return {
        u: Bounds(least, policy.threshold - 1 if u in small else None)
        for u in hidden
        if u not in blank and values[u] >= least
    }


@dataclass(frozen=True)
class Task:
    """What all components need to know. `counts` is how many counts the components with hidden ones have together.

    Small `remainders` are as much to be protected as small counts, only that they stand in no cell: no mark says that
    there is one, so that a reader takes nothing for given about them.
    """

    reader: Reader
    values: Values
    small: frozenset[Unknown]
    policy: Policy
    tables: Mapping[Unknown, list[frozenset[Unknown]]]
    known: Values
    counts: int = 1
    remainders: frozenset[Unknown] = frozenset()

    def steps(self, counts: int) -> int:
        """How many steps of the simplex method may go into making a component of so many counts cheaper."""
        return int(min(_STEPS_A_COUNT * counts, _STEPS_A_COMPONENT, _STEPS * counts / self.counts))


class Protection:
    """One component: what is hidden in it (`blank`: left out, so that nobody is told which are small), and the tables
    that keep it safe. `coarser` is how many counts were left out for want of such tables. Raises Unprotectable."""

    def __init__(self, task: Task, component: Component, blank: Collection[Unknown]) -> None:
        import numpy as np

        self.task, self.component, self.places = task, component, component.places
        start = {unknown for unknown in component.unknowns if unknown in blank}
        self.blank = set(start)
        self.known = {unknown: task.known[unknown] for unknown in component.unknowns if unknown in task.known}
        self.coarser = 0
        self.search: Search | None = None
        self.lost: set[Unknown] = set()
        self.cells = [unknown for unknown in component.unknowns if unknown in task.small]
        self.small = [*self.cells, *(unknown for unknown in component.unknowns if unknown in task.remainders)]
        if self.small or self.blank:
            self.ties = Ties(component.relations, self.places)
            self.needed = np.array(needed(component.relations), dtype=bool)
        while (self.small or self.blank) and (failed := self._protect()):
            before = len(self.blank)
            self.blank |= coarser(failed, self.blank, task, self.places)
            self.coarser += len(self.blank) - before
            if len(self.blank) > before:
                continue
            if not self.known:
                raise Unprotectable(f"nothing left to hide around a count of {failed[0].population}")
            # Hiding more cannot help: what earlier editions showed gives it away. By itself this one shall not.
            self.lost, self.known, self.blank, self.coarser = set(failed), {}, set(start), 0
            self.search = None

    def _protect(self) -> list[Unknown]:
        """Search with what is left out now; the small counts for which no table was found.

        Leaving more out takes nothing from the tables there are: only what they do not cover is looked for again.
        """
        import numpy as np

        task, unknowns = self.task, self.component.unknowns
        values = np.array([float(task.values[unknown]) for unknown in unknowns])
        low, high = self._limits()
        router = Router(self.ties, self.needed, values, low, high)
        start = {self.places[unknown] for unknown in {*self.small, *self.blank}}
        before, self.search = self.search, Search(self.component, router, values, start)
        if before is not None:
            self.search.adopt(before.tables)
        given = worst_case(self.cells, task.small, self.blank, task.values, task.policy)
        aims = [aim for unknown in self._hardest_first() for aim in self._aims(unknown, given)]
        missed = self.search.cover(aims, self._seed() if before is None else ())
        failed = dict.fromkeys(unknowns[aim.place] for aim in missed)
        if stuck := [unknown for unknown in failed if not self._goes_both_ways(unknown, given)]:
            return stuck
        self.search.improve(task.steps(len(unknowns)))
        return []

    def _limits(self) -> tuple[Numbers, Numbers]:
        """What each count is at least and at most for a reader, if it were hidden.

        A zero of a figure that is still open stays shown: were it hidden, nobody could be sure of zeros any more.
        """
        import numpy as np

        task, unknowns = self.task, self.component.unknowns
        low, high = np.zeros(len(unknowns)), np.full(len(unknowns), np.inf)
        every = {unknowns[i] for line in self.component.lines for i in line}
        for unknown, bounds in worst_case(
            every | set(self.cells), task.small, self.blank, task.values, task.policy
        ).items():
            low[self.places[unknown]] = bounds.low
        closed = {*self.small, *self.blank}
        for line in self.component.lines:
            counts = [unknowns[i] for i in line]
            if not closed.intersection(counts):
                high[[i for i in line if not task.values[unknowns[i]]]] = 0.0
        for unknown, value in self.known.items():
            low[self.places[unknown]] = high[self.places[unknown]] = float(value)
        return low, high

    def _hardest_first(self) -> list[Unknown]:
        return sorted(self.small, key=lambda unknown: (self.task.values[unknown], unknown))

    def _aims(self, unknown: Unknown, given: Mapping[Unknown, Bounds]) -> list[Aim]:
        """How far a count must be able to go: within what a reader takes for given about it."""
        place, value, width = self.places[unknown], int(self.task.values[unknown]), self.task.policy.interval_width
        if unknown not in given:
            return [Aim(place, width if value < width else -width, either=True)]
        up, down = int(given[unknown].high or 0) - value, value - given[unknown].low
        if max(up, down) >= width:
            return [Aim(place, width if up >= width else -width)]
        return [Aim(place, by) for by in (up, up - width) if by]

    def _goes_both_ways(self, unknown: Unknown, given: Mapping[Unknown, Bounds]) -> bool:
        """Whether a count that cannot go all the way up or down can go some way up and the rest down."""
        assert self.search is not None
        place, value, width = self.places[unknown], int(self.task.values[unknown]), self.task.policy.interval_width
        bounds = given.get(unknown, Bounds())
        for up in range(1, width):
            if value - bounds.low < width - up or (bounds.high is not None and bounds.high - value < up):
                continue
            if not self.search.cover([Aim(place, up), Aim(place, up - width)], keeping=True):
                return True
        return False

    def _seed(self) -> list[int]:
        """What elimination would hide, the dearest counts being published first."""
        search = self.search
        assert search is not None
        prices, free = search.prices(), search.free()
        hidden = {unknown for unknown, is_free in zip(self.component.unknowns, free, strict=True) if is_free}
        order = sorted(
            (unknown for unknown in self.component.unknowns if unknown not in hidden),
            key=lambda unknown: (self.task.values[unknown] != 0, -prices[self.places[unknown]], unknown),
        )
        found = not_publishable(self.component.relations, order, frozenset(self.small), sorted(hidden))
        return [self.places[unknown] for unknown in found]

    @property
    def hidden(self) -> set[Unknown]:
        """The counts that are hidden."""
        if self.search is None:
            return set()
        pattern = self.search.pattern
        return {unknown for unknown, is_hidden in zip(self.component.unknowns, pattern, strict=True) if is_hidden}

    def widen(self, narrow: Sequence[Unknown]) -> None:
        """Find tables for hidden counts that are not small and yet narrow, where there are any."""
        if self.search is not None:
            self.search.cover([aim for unknown in narrow for aim in self._aims(unknown, {})], keeping=True)

    def reached(self, width: int) -> set[Unknown]:
        """The counts that the tables found so far move far enough."""
        if self.search is None:
            return set()
        low, high = self.search.reach()
        return {unknown for unknown, span in zip(self.component.unknowns, high - low, strict=True) if span >= width}


def coarser(
    failed: Sequence[Unknown], blank: Collection[Unknown], task: Task, within: Collection[Unknown]
) -> set[Unknown]:
    """What to leave out around counts for which there is no other table: of the nearest breakdowns, then farther ones.

    First the zeros beside the small counts of a breakdown: then nobody can tell which is which. Then all of it, and
    where no breakdown is left, everything that is tied to the count.
    """
    chosen: set[Unknown] = set()
    for unknown in failed:
        circle, seen = {unknown}, set[Unknown]()
        while circle:
            cells = {u for member in circle for table in task.tables.get(member, []) for u in table if u in within}
            little = {u for u in cells if u in task.small or not task.values[u]}
            # Without a zero among them hidden counts are known to be something: then the larger ones must go too.
            fresh = (little if any(not task.values[u] for u in little) else cells) - set(blank) or cells - set(blank)
            if fresh:
                chosen |= fresh
                break
            seen |= circle
            circle = {u for member in circle for r in task.reader.of.get(member, []) for u in r.unknowns} - seen
        else:
            chosen |= (seen & task.values.keys()) - set(blank)
    return chosen
