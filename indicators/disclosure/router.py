"""Other tables: what the counts could be besides what they are, as far as a reader can tell.

A hidden count is safe when another whole table fits everything that is published and gives it another value.
One linear program finds such a table and changes the cheapest counts on the way: what it changes must be hidden.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from indicators.disclosure.attacker import quiet
from indicators.disclosure.unknowns import Relation, Unknown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Places = NDArray[np.int64]

_FREE = 1e6
_GAIN = 1e6
_TINY = 1e-7
_WHOLE = 1e-5
_DECIMALS = 6
_DUAL = 1
_CONTINUOUS, _INTEGER = 0, 1
# Tables with fractions wind through many counts that are nearly free; the dearer these are, the shorter the way.
_LEAST_PRICES = (0.0, 0.001, 0.1, 0.5, 1.0)
# Whole numbers are looked for among so many cases, and one of about the least cost will do.
_CASES, _NEAR = 100, 0.05
_OPTIONS: dict[str, Any] = {
    "threads": 1,
    "simplex_strategy": _DUAL,
    "presolve": "off",
    "mip_max_nodes": _CASES,
    "mip_rel_gap": _NEAR,
}


class Router:
    """The linear program of one component: by how much each count is raised and lowered.

    `low` and `high` are what a reader takes each count to be at least and at most; the true counts, `values`,
    lie between them. Every program starts anew from the table as it is: from there the dual simplex needs a few
    hundred steps even among ten thousand counts, and the answer does not depend on what was asked before.
    """

    def __init__(
        self, unknowns: Sequence[Unknown], relations: Sequence[Relation], values: Numbers, low: Numbers, high: Numbers
    ) -> None:
        import highspy
        import numpy as np

        self.size, self.steps = len(unknowns), 0
        self.up, self.down = np.minimum(high - values, _FREE), values - low
        self.costs = np.zeros(self.size)
        place = {unknown: i for i, unknown in enumerate(unknowns)}
        terms = [(k, place[u], factor) for k, relation in enumerate(relations) for u, factor in relation.terms]
        self.line: Places = np.array([k for k, _, _ in terms], dtype=np.int64)
        self.place: Places = np.array([i for _, i, _ in terms], dtype=np.int64)
        self.factor: Numbers = np.array([factor for _, _, factor in terms], dtype=float)
        self.equal = np.array([relation.is_equality for relation in relations], dtype=bool)
        # Hours have decimals, and sums of them the noise of floating point.
        self.room: Numbers = np.round(self._sums(values), _DECIMALS)
        with quiet():
            self.model: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        self.model.silent()
        for option, value in _OPTIONS.items():
            self.model.setOptionValue(option, value)
        self.model.passModel(self._program())
        self.optimal = highspy.HighsModelStatus.kOptimal

    def _sums(self, counts: Numbers) -> Numbers:
        """What the left side of each relation comes to."""
        import numpy as np

        products = self.factor * counts[self.place]
        return np.bincount(self.line, weights=products, minlength=len(self.equal)).astype(float)

    def _program(self) -> Any:
        """Nothing is raised or lowered, unless it pays: every count has a column for up and one for down."""
        import highspy
        import numpy as np

        program = highspy.HighsLp()
        program.num_col_, program.num_row_ = 2 * self.size, len(self.equal)
        program.col_cost_, program.col_lower_ = np.zeros(2 * self.size), np.zeros(2 * self.size)
        program.col_upper_ = np.concatenate([self.up, self.down])
        program.row_lower_ = np.where(self.equal, 0.0, -self.room)
        program.row_upper_ = np.where(self.equal, 0.0, highspy.kHighsInf)
        line = np.concatenate([self.line, self.line])
        order = np.argsort(line, kind="stable")
        program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        program.a_matrix_.start_ = np.searchsorted(line[order], np.arange(len(self.equal) + 1)).astype(np.int32)
        program.a_matrix_.index_ = np.concatenate([self.place, self.place + self.size])[order].astype(np.int32)
        program.a_matrix_.value_ = np.concatenate([self.factor, -self.factor])[order].astype(float)
        return program

    def fits(self, change: Numbers) -> bool:
        """Whether counts changed so are a table a reader holds for possible: by additions alone, without the solver."""
        sums = self._sums(change)
        within = (change <= self.up).all() and (change >= -self.down).all()
        return bool(within and (sums[self.equal] == 0).all() and (self.room + sums >= 0).all())

    def route(self, costs: Numbers, target: int, by: int, cheap: float, thorough: bool = True) -> Numbers | None:
        """How the counts of another table differ, in which the target is `by` more (or less); None if there is none.

        Counts are people: a table with fractions is looked for again at slightly other costs. Only if all have
        fractions, and the search shall be `thorough`, whole numbers are asked for among what these tables change and
        the counts that cost no more than `cheap`.
        """
        found = self._whole(costs, target, by, cheap, thorough)
        return found if found is not None and self.fits(found) else None

    def _whole(self, costs: Numbers, target: int, by: int, cheap: float, thorough: bool) -> Numbers | None:
        import numpy as np

        draw, changed = np.random.default_rng(target), np.zeros(self.size, dtype=bool)
        for least in _LEAST_PRICES if thorough else _LEAST_PRICES[:2]:
            noise = draw.uniform(1.0, 1.5, self.size) if least else 1.0
            found = self._cheapest(np.maximum(costs, least) * noise, target, by)
            if found is None or np.abs(found - np.round(found)).max(initial=0.0) < _WHOLE:
                return None if found is None else np.round(found)
            changed |= found != 0
        return self._in_whole_numbers(costs, target, by, changed | (costs <= cheap)) if thorough else None

    def _in_whole_numbers(self, costs: Numbers, target: int, by: int, may_change: Flags) -> Numbers | None:
        """The cheapest table in whole numbers, or nearly, that changes no other counts; None if none is found soon."""
        import numpy as np

        every = np.arange(2 * self.size, dtype=np.int32)
        limits = np.where(np.concatenate([may_change, may_change]), np.concatenate([self.up, self.down]), 0.0)
        self.model.changeColsBounds(len(every), every, np.zeros(len(every)), limits)
        self.model.changeColsIntegrality(len(every), every, np.full(len(every), _INTEGER, dtype=np.uint8))
        # Most columns are fixed here, and presolving takes them out.
        self.model.setOptionValue("presolve", "on")
        found = self._cheapest(costs, target, by)
        self.model.setOptionValue("presolve", "off")
        self.model.changeColsIntegrality(len(every), every, np.full(len(every), _CONTINUOUS, dtype=np.uint8))
        self.model.changeColsBounds(len(every), every, np.zeros(len(every)), np.concatenate([self.up, self.down]))
        return None if found is None else np.round(found)

    def _cheapest(self, costs: Numbers, target: int, by: int) -> Numbers | None:
        import numpy as np

        self._charge(costs)
        there, back = (target, self.size + target) if by > 0 else (self.size + target, target)
        room, other_room = (self.up, self.down) if by > 0 else (self.down, self.up)
        model = self.model
        model.changeColCost(there, -_GAIN)
        model.changeColBounds(there, 0.0, float(min(abs(by), room[target])))
        model.changeColBounds(back, 0.0, 0.0)
        model.clearSolver()
        model.run()
        answer = np.array(model.getSolution().col_value)
        solved = model.getModelStatus() == self.optimal
        self.steps += max(model.getInfo().simplex_iteration_count, 0)
        model.changeColBounds(there, 0.0, float(room[target]))
        model.changeColBounds(back, 0.0, float(other_room[target]))
        model.changeColCost(there, float(self.costs[target]))
        if not solved:
            return None
        change: Numbers = answer[: self.size] - answer[self.size :]
        change[np.abs(change) < _TINY] = 0.0
        return change if abs(change[target]) > abs(by) - _WHOLE else None

    def _charge(self, costs: Numbers) -> None:
        import numpy as np

        changed = np.flatnonzero(costs != self.costs).astype(np.int32)
        if len(changed):
            both = np.concatenate([changed, changed + np.int32(self.size)])
            self.model.changeColsCost(len(both), both, np.concatenate([costs[changed], costs[changed]]))
            self.costs = costs.copy()
