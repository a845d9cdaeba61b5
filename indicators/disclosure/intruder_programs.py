"""How far hidden cells can move, by linear programs over a block of them (HiGHS)."""

from __future__ import annotations

import math
import os
import random
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from indicators.disclosure.puzzle import Block, Contradiction, Range

_SLACK = 1e-5  # rounding outwards: HiGHS is exact to 1e-7 in each cell
_GLANCES = 30  # programs that push many cells at once, in blocks of more cells than this


def program_ranges(block: Block, given: Mapping[str, Range], width: int) -> dict[str, Range]:
    """The ranges of the open cells of a block that are narrower than `width`, rounded to whole numbers inside.

    Raises Contradiction when nothing fits, and RuntimeError when the solver gives no answer: no answer is no safety.
    """
    open_cells = [cell for cell in block.cells if not given[cell].is_exact]
    if not open_cells or not block.statements:
        return {}
    program = _Program(block, given, open_cells)
    program.glance(_GLANCES if len(open_cells) > _GLANCES else 0)
    found: dict[str, Range] = {}
    for number, cell in enumerate(open_cells):
        if program.has_seen_wide(number, width):
            continue
        low, high = program.least(number), program.most(number)
        inside = Range(math.ceil(low - _SLACK), None if high == math.inf else math.floor(high + _SLACK))
        if inside.high is not None and inside.low > inside.high:
            raise Contradiction("only broken numbers fit")
        if inside.is_narrower_than(width):
            found[cell] = inside
    return found


class _Program:
    """One model of a block, solved for one objective after the other from where the last one ended."""

    def __init__(self, block: Block, given: Mapping[str, Range], cells: list[str]) -> None:
        import highspy

        self.kinds = highspy.HighsModelStatus
        self.sense = highspy.ObjSense
        self.count = len(cells)
        self.seen_low = [math.inf] * self.count
        self.seen_high = [-math.inf] * self.count
        with _silence():
            self.model: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        self.model.silent()
        self.model.setOptionValue("threads", 1)
        self.model.setOptionValue("simplex_strategy", 4)  # primal: the old answer stays allowed
        place = {cell: number for number, cell in enumerate(cells)}
        for cell in cells:
            high = given[cell].high
            self.model.addVar(given[cell].low, highspy.kHighsInf if high is None else high)
        for statement in block.statements:
            fixed = statement.constant + sum(f * given[c].low for c, f in statement.terms if c not in place)
            free = [(place[c], float(f)) for c, f in statement.terms if c in place]
            top = -fixed if statement.is_equal else highspy.kHighsInf
            if free:
                self.model.addRow(-fixed, top, len(free), [i for i, _ in free], [f for _, f in free])

    def glance(self, times: int) -> None:
        """Push all cells at once in random directions: most are seen to be free that way."""
        draw = random.Random(self.count)  # noqa: S311 (no secret: any directions will do)
        for _ in range(times):
            costs = {number: draw.choice((-1.0, 1.0)) for number in range(self.count)}
            self._run(costs, self.sense.kMinimize)
            self._run({number: max(0.0, cost) for number, cost in costs.items()}, self.sense.kMinimize)

    def has_seen_wide(self, number: int, width: int) -> bool:
        """Whether two answers were seen between which a cell differs by `width` whole numbers."""
        low, high = self.seen_low[number], self.seen_high[number]
        return low < math.inf and math.floor(high + _SLACK) - math.ceil(low - _SLACK) >= width

    def least(self, number: int) -> float:
        """The least value of a cell."""
        found = self._run({number: 1.0}, self.sense.kMinimize)
        assert found is not None, "no cell is below its lower end"
        return found

    def most(self, number: int) -> float:
        """The largest value of a cell; infinity where nothing holds it."""
        found = self._run({number: 1.0}, self.sense.kMaximize)
        return math.inf if found is None else found

    def _run(self, costs: Mapping[int, float], sense: Any) -> float | None:
        """The best objective; None when it has no end. Whatever is met on the way is remembered."""
        for number, cost in costs.items():
            self.model.changeColCost(number, cost)
        self.model.changeObjectiveSense(sense)
        self.model.run()
        status = self.model.getModelStatus()
        values, best = self.model.getSolution().col_value, self.model.getInfo().objective_function_value
        for number in costs:
            self.model.changeColCost(number, 0.0)
        if status == self.kinds.kOptimal:
            for number, value in enumerate(values):
                self.seen_low[number] = min(self.seen_low[number], value)
                self.seen_high[number] = max(self.seen_high[number], value)
            return float(best)
        if status == self.kinds.kInfeasible or (status == self.kinds.kUnboundedOrInfeasible and not self._fits()):
            raise Contradiction("the published numbers cannot all be true")
        if status not in (self.kinds.kUnbounded, self.kinds.kUnboundedOrInfeasible):
            name = self.model.modelStatusToString(status)
            raise RuntimeError(f"the solver stopped without an answer ({name}); nothing may be concluded")
        return None

    def _fits(self) -> bool:
        self.model.run()  # the objective is back to nothing: anything that fits will do
        return bool(self.model.getModelStatus() == self.kinds.kOptimal)


@contextmanager
def _silence() -> Iterator[None]:
    """HiGHS greets on standard output when it is first made; only results belong there."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
