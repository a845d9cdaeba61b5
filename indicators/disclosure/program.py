"""The linear program for another table: by how much each of some counts is raised and lowered, all others staying."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indicators.disclosure.quiet import quiet
from indicators.disclosure.ties import Ties

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Places = NDArray[np.int64]

_GAIN = 1e6
_TINY = 1e-7
_WHOLE = 1e-5
_DUAL = 1
_CONTINUOUS, _INTEGER = 0, 1
# Whole numbers are looked for among so many cases, and one of about the least cost will do.
_CASES, _NEAR = 100, 0.05
_OPTIONS: dict[str, Any] = {
    "threads": 1,
    "simplex_strategy": _DUAL,
    "presolve": "off",
    "mip_max_nodes": _CASES,
    "mip_rel_gap": _NEAR,
}


def solver() -> Any:
    """A solver for such programs, one after the other."""
    import highspy

    with quiet():
        model: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    model.silent()
    for option, value in _OPTIONS.items():
        model.setOptionValue(option, value)
    return model


def is_whole(change: Numbers) -> bool:
    """Whether all numbers are whole, but for the noise of the solver."""
    import numpy as np

    return bool(np.abs(change - np.round(change)).max(initial=0.0) < _WHOLE)


class Program:
    """The program of the counts at `places` (in order) and the relations `lines`, put into a `model` of its own.

    Each count may be raised by `up` and lowered by `down` (numbers of these places); of an inequality its `room` is
    left. Every solution begins anew from the table as it is: from there the dual simplex needs a few hundred steps
    even among ten thousand counts, and the answer does not depend on what was asked before.
    """

    def __init__(
        self, model: Any, ties: Ties, places: Places, lines: Places, room: Numbers, up: Numbers, down: Numbers
    ) -> None:
        import highspy
        import numpy as np

        self.model, self.size, self.steps, self.up, self.down = model, len(places), 0, up, down
        self.costs = np.zeros(self.size)
        self.optimal = highspy.HighsModelStatus.kOptimal
        terms = ties.terms_of(lines)
        place = np.searchsorted(places, ties.place[terms])
        inside = places[np.minimum(place, self.size - 1)] == ties.place[terms]
        line = np.searchsorted(lines, ties.line[terms[inside]])
        self._write(line, place[inside], ties.factor[terms[inside]], ties.equal[lines], room)

    def _write(self, line: Places, place: Places, factor: Numbers, equal: Flags, room: Numbers) -> None:
        """Nothing is raised or lowered, unless it pays: every count has a column for up and one for down.

        Each argument is an array for the solver: lists of its own would take it longer to read than a program to solve.
        """
        import highspy
        import numpy as np

        line = np.concatenate([line, line])
        order = np.argsort(line, kind="stable")
        none = np.zeros(2 * self.size)
        self.model.passModel(
            2 * self.size, len(equal), len(line),
            int(highspy.MatrixFormat.kRowwise), int(highspy.ObjSense.kMinimize), 0.0,
            none, none, np.concatenate([self.up, self.down]),
            np.where(equal, 0.0, -room), np.where(equal, 0.0, highspy.kHighsInf),
            np.searchsorted(line[order], np.arange(len(equal) + 1)).astype(np.int32),
            np.concatenate([place, place + self.size])[order].astype(np.int32),
            np.concatenate([factor, -factor])[order].astype(float),
            np.full(2 * self.size, _CONTINUOUS, dtype=np.int32),
        )  # fmt: skip

    def cheapest(self, costs: Numbers, target: int, by: int) -> Numbers | None:
        """How the counts of the cheapest table differ in which the target is `by` more (or less); None if none is."""
        change = self.farthest(costs, target, by)
        return change if change is not None and abs(change[target]) > abs(by) - _WHOLE else None

    def farthest(self, costs: Numbers, target: int, by: int) -> Numbers | None:
        """The same, but if there is none, of a table in which the target goes as far that way as it can."""
        self._charge(costs)
        there, back = (target, self.size + target) if by > 0 else (self.size + target, target)
        room, other_room = (self.up, self.down) if by > 0 else (self.down, self.up)
        model = self.model
        model.changeColCost(there, -_GAIN)
        model.changeColBounds(there, 0.0, float(min(abs(by), room[target])))
        model.changeColBounds(back, 0.0, 0.0)
        change = self._solved()
        model.changeColBounds(there, 0.0, float(room[target]))
        model.changeColBounds(back, 0.0, float(other_room[target]))
        model.changeColCost(there, float(self.costs[target]))
        return change

    def together(self, targets: Places, by: int) -> Numbers | None:
        """A table in which the targets go as far that way as they can in all, each at most `by`, at no costs."""
        import numpy as np

        self._charge(np.zeros(self.size))
        there, room = (targets, self.up) if by > 0 else (targets + self.size, self.down)
        columns, none = there.astype(np.int32), np.zeros(len(targets))
        self.model.changeColsCost(len(columns), columns, none - 1.0)
        self.model.changeColsBounds(len(columns), columns, none, np.minimum(room[targets], abs(by)))
        change = self._solved()
        self.model.changeColsCost(len(columns), columns, none)
        self.model.changeColsBounds(len(columns), columns, none, room[targets])
        return change

    def _solved(self) -> Numbers | None:
        import numpy as np

        self.model.clearSolver()
        self.model.run()
        self.steps += max(self.model.getInfo().simplex_iteration_count, 0)
        if self.model.getModelStatus() != self.optimal:
            return None
        answer = np.array(self.model.getSolution().col_value)
        change: Numbers = answer[: self.size] - answer[self.size :]
        change[np.abs(change) < _TINY] = 0.0
        return change

    def cheapest_whole(self, costs: Numbers, target: int, by: int, may_change: Flags) -> Numbers | None:
        """The cheapest table in whole numbers, or nearly, that changes no other counts; None if none is found soon."""
        import numpy as np

        every = np.arange(2 * self.size, dtype=np.int32)
        limits = np.where(np.concatenate([may_change, may_change]), np.concatenate([self.up, self.down]), 0.0)
        self.model.changeColsBounds(len(every), every, np.zeros(len(every)), limits)
        self.model.changeColsIntegrality(len(every), every, np.full(len(every), _INTEGER, dtype=np.uint8))
        # Most columns are fixed here, and presolving takes them out.
        self.model.setOptionValue("presolve", "on")
        found = self.cheapest(costs, target, by)
        self.model.setOptionValue("presolve", "off")
        self.model.changeColsIntegrality(len(every), every, np.full(len(every), _CONTINUOUS, dtype=np.uint8))
        self.model.changeColsBounds(len(every), every, np.zeros(len(every)), np.concatenate([self.up, self.down]))
        return None if found is None else np.round(found)

    def _charge(self, costs: Numbers) -> None:
        import numpy as np

        changed = np.flatnonzero(costs != self.costs).astype(np.int32)
        if len(changed):
            both = np.concatenate([changed, changed + np.int32(self.size)])
            self.model.changeColsCost(len(both), both, np.concatenate([costs[changed], costs[changed]]))
            self.costs = costs.copy()
