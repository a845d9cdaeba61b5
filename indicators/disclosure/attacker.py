"""The attacker: works out the hidden numbers from everything published, as far as they can be worked out.

Each hidden count is bounded by linear programs (HiGHS) over the relations of the published system,
with the shown numbers put in. The bounds are then narrowed to whole numbers, since people are.
"""

from __future__ import annotations

import math
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from indicators.disclosure.unknowns import Relation, Unknown

_SLACK = 1e-6
_GLANCES = 12
_PRIMAL = 4


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


class Reader:
    """The relations as a reader keeps them at hand: by the unknown they speak of, and by the whole they divide."""

    def __init__(self, relations: Iterable[Relation]) -> None:
        self.relations = tuple(relations)
        self.of: dict[Unknown, list[Relation]] = defaultdict(list)
        self.parts: dict[Unknown, list[Unknown]] = defaultdict(list)
        for relation in self.relations:
            wholes = [unknown for unknown, factor in relation.terms if factor > 0]
            for unknown, factor in relation.terms:
                self.of[unknown].append(relation)
                if factor < 0 and len(wholes) == 1:
                    self.parts[wholes[0]].append(unknown)

    def parts_of_nothing(self, known: Mapping[Unknown, Decimal]) -> set[Unknown]:
        """Hidden counts that must be zero because the whole they are part of is: no program is needed for them."""
        found: set[Unknown] = set()
        waiting = [whole for whole in self.parts if known.get(whole) == 0]
        while waiting:
            parts = {part for part in self.parts.get(waiting.pop(), ()) if part not in known and part not in found}
            found |= parts
            waiting += parts
        return found

    def blocks(
        self, targets: Iterable[Unknown], known: Mapping[Unknown, Decimal]
    ) -> Iterator[tuple[frozenset[Unknown], list[Relation]]]:
        """Groups of hidden counts that any relation ties together, with their relations: those with a target."""
        seen: set[Unknown] = set()
        for target in targets:
            if target in seen or target in known or target not in self.of:
                continue
            members, own, waiting = {target}, dict[Relation, None](), [target]
            while waiting:
                for relation in self.of[waiting.pop()]:
                    if relation not in own:
                        own[relation] = None
                        fresh = {u for u in relation.unknowns if u not in known and u not in members}
                        members |= fresh
                        waiting += sorted(fresh)
            seen |= members
            yield frozenset(members), list(own)


def attack(
    reader: Reader,
    known: Mapping[Unknown, Decimal],
    bounds: Mapping[Unknown, Bounds],
    widths: Mapping[Unknown, int],
) -> dict[Unknown, Interval]:
    """The intervals of the targets in `widths` that are narrower than the width asked for.

    `known` are the published counts, `bounds` what is given about others (from 0 up if absent).
    Raises InconsistentSystem when no table at all fits.
    """
    none = reader.parts_of_nothing(known)
    if any(bounds.get(unknown, Bounds()).low > 0 for unknown in none):
        raise InconsistentSystem("no table fits what is published: a part of nothing is said to be something")
    known = {**known, **dict.fromkeys(none, Decimal(0))}
    narrow: dict[Unknown, Interval] = {unknown: Interval(0, 0) for unknown in none if unknown in widths}
    free = set(widths) - set(known)
    for block, own in reader.blocks(sorted(free), known):
        targets = {unknown: widths[unknown] for unknown in sorted(block & free)}
        free -= block
        found = _Program(block, own, known, bounds).intervals(targets)
        narrow |= {u: interval for u, interval in found.items() if not interval.is_wide(widths[u])}
    # A count that no relation ties to another is as free as the rules leave it.
    for unknown in free:
        given = bounds.get(unknown, Bounds())
        if not (interval := Interval(given.low, given.high)).is_wide(widths[unknown]):
            narrow[unknown] = interval
    return narrow


class _Program:
    """One linear program over a block, solved again and again with another objective."""

    def __init__(
        self,
        block: Iterable[Unknown],
        relations: Iterable[Relation],
        known: Mapping[Unknown, Decimal],
        bounds: Mapping[Unknown, Bounds],
    ) -> None:
        import highspy

        self.unknowns = sorted(block)
        self.index = {unknown: i for i, unknown in enumerate(self.unknowns)}
        with quiet():
            self.model: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        self.model.silent()
        self.model.setOptionValue("threads", 1)
        # Only the objective changes between runs: the last answer stays a table that fits, so go on from it.
        self.model.setOptionValue("simplex_strategy", _PRIMAL)
        self.infinity = highspy.kHighsInf
        self.status = highspy.HighsModelStatus
        self.sense = highspy.ObjSense
        self.ceilings: list[int | None] = []
        for unknown in self.unknowns:
            given = bounds.get(unknown, Bounds())
            self.model.addVar(given.low, self.infinity)
            self.ceilings.append(given.high)
        for relation in relations:
            self._add(relation, known)
        self.low = [math.inf] * len(self.unknowns)
        self.high = [-math.inf] * len(self.unknowns)

    def _add(self, relation: Relation, known: Mapping[Unknown, Decimal]) -> None:
        fixed = sum(float(known[u]) * factor for u, factor in relation.terms if u in known)
        factors: dict[int, float] = defaultdict(float)
        for unknown, factor in relation.terms:
            if unknown not in known:
                factors[self.index[unknown]] += factor
        high = -fixed if relation.is_equality else self.infinity
        self.model.addRow(-fixed, high, len(factors), list(factors), list(factors.values()))

    def intervals(self, targets: Mapping[Unknown, int]) -> dict[Unknown, Interval]:
        """The interval of each target; of one found wide enough on the way, only a part of it."""
        self._look_around([self.index[unknown] for unknown in targets])
        for unknown, width in targets.items():
            i = self.index[unknown]
            for sense in (self.sense.kMaximize, self.sense.kMinimize):
                if not self._seen(i).is_wide(width):
                    self._push({i: 1.0}, sense)
        return {unknown: self._seen(self.index[unknown]) for unknown in targets}

    def _seen(self, i: int) -> Interval:
        if self.low[i] > self.high[i]:
            return Interval(0, -1)
        highs = [math.floor(self.high[i] + _SLACK)] if self.high[i] != math.inf else []
        highs += [ceiling for ceiling in [self.ceilings[i]] if ceiling is not None]
        return Interval(math.ceil(self.low[i] - _SLACK), min(highs, default=None))

    def _look_around(self, targets: Sequence[int]) -> None:
        """A few tables that differ in many counts at once: they spare most targets a program of their own."""
        for round_number in range(_GLANCES if len(targets) > _GLANCES else 0):
            # Halves of the targets by the bits of their place in the list: no two stay together.
            up = {i: 1.0 if place >> round_number & 1 else -1.0 for place, i in enumerate(targets)}
            self._push(up, self.sense.kMaximize)
            self._push(up, self.sense.kMinimize)

    def _push(self, direction: Mapping[int, float], sense: Any) -> None:
        """Push counts as far as they go; every other value on the way is a possible value too."""
        for i, cost in direction.items():
            self.model.changeColCost(i, cost)
        self.model.changeObjectiveSense(sense)
        self.model.run()
        status, values = self.model.getModelStatus(), self.model.getSolution().col_value
        for i in direction:
            self.model.changeColCost(i, 0.0)
        if status == self.status.kOptimal:
            self._saw(values)
        else:
            self._unsolved(direction, sense, status)

    def _saw(self, values: Sequence[float]) -> None:
        for j, value in enumerate(values):
            self.low[j] = min(self.low[j], value)
            self.high[j] = max(self.high[j], value)

    def _unsolved(self, direction: Mapping[int, float], sense: Any, status: Any) -> None:
        """No optimum: a count has no upper bound. Anything else must never pass for safe."""
        if status == self.status.kUnboundedOrInfeasible and self._is_feasible():
            status = self.status.kUnbounded
        if status != self.status.kUnbounded:
            name = self.model.modelStatusToString(status)
            raise InconsistentSystem(f"no table fits what is published: {name}")
        if len(direction) == 1 and sense == self.sense.kMaximize:
            (i,) = direction
            self.low[i], self.high[i] = min(self.low[i], 0.0), math.inf

    def _is_feasible(self) -> bool:
        self.model.run()  # the objective is back to nothing: any table will do
        return bool(self.model.getModelStatus() == self.status.kOptimal)


@contextmanager
def quiet() -> Iterator[None]:
    """HiGHS greets on standard output when it is first made; ours carries data only."""
    sys.stdout.flush()
    saved, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(saved, 1)
        os.close(saved)
        os.close(nowhere)


class InconsistentSystem(RuntimeError):
    """No table fits what is published: a relation does not hold for the data it is said to hold for."""
