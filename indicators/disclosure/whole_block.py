"""The attack on a block of hidden counts as a whole: one linear program, for any size, but slow for large ones."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from indicators.disclosure.intervals import Bounds, InconsistentSystem, Interval
from indicators.disclosure.quiet import quiet
from indicators.disclosure.unknowns import Relation, Unknown

_SLACK = 1e-6
_GLANCES = 12
_PRIMAL = 4
# How far a sum may be off in a table that fits.
_OFF = 1e-7
# A block of more counts is large.
_LARGE = 4_000


class WholeBlock:
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

    def fitting(self) -> dict[Unknown, float]:
        """A table that fits what is published. Raises InconsistentSystem when none does."""
        if len(self.unknowns) <= _LARGE or not self._found_inside():
            self.model.run()
            if (status := self.model.getModelStatus()) != self.status.kOptimal:
                raise InconsistentSystem(f"no table fits what is published: {self.model.modelStatusToString(status)}")
        return dict(zip(self.unknowns, self.model.getSolution().col_value, strict=True))

    def _found_inside(self) -> bool:
        """Whether the interior point method finds a table: in a second, where the simplex method takes many minutes."""
        self.model.setOptionValue("solver", "ipm")
        self.model.setOptionValue("run_crossover", "off")
        self.model.run()
        self.model.setOptionValue("solver", "choose")
        return bool(self.model.getSolution().value_valid and self.model.getInfo().max_primal_infeasibility < _OFF)

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
