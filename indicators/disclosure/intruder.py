"""An intruder at published numbers: what he works out about hidden cells, and what an insider could.

Four ways, each on its own: linear algebra (exact, modulo a large prime), narrowing whole-number ranges
statement by statement (exact), linear programs (HiGHS), and trying every whole-number answer of a small
block. What two of them say must agree. He shares no code with the step that hides cells.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

from indicators.disclosure.intruder_algebra import answers
from indicators.disclosure.intruder_programs import program_ranges
from indicators.disclosure.puzzle import Block, Contradiction, Puzzle, Range, Statement

# A block is tried out whole if it has so few cells with so few combinations; a range this wide is asked for then.
_FEW_CELLS, _MOST_COMBINATIONS, _WIDEST = 12, 5_000, 20_000
_SWEEPS = 100


@dataclass(frozen=True)
class Findings:
    """What was worked out: `ranges` of cells narrower than asked, by cell.

    `insiders` are cells that somebody who knows one other hidden number can work out exactly.
    `contradictory` counts groups of cells whose published numbers cannot all be true; nothing is claimed there.
    """

    ranges: Mapping[str, Range]
    insiders: frozenset[str]
    contradictory: int

    @property
    def exact(self) -> list[str]:
        """The cells of which one number is left."""
        return [cell for cell, found in self.ranges.items() if found.is_exact]


def work_out(found: Puzzle, width: int) -> Findings:
    """Attack every block; a range is claimed only if it is narrower than `width`."""
    ranges: dict[str, Range] = {}
    insiders: set[str] = set()
    contradictory = 0
    for block in found.blocks():
        given = {cell: found.ranges[cell] for cell in block.cells}
        try:
            exact, known_to_one = answers(block)
            ranges |= _attacked(block, given, exact, width)
        except Contradiction:
            contradictory += 1
            continue
        insiders |= {cell for cell in known_to_one if cell not in ranges or not ranges[cell].is_exact}
    claimed = {cell: ranges[name] for cell, name in found.same.items() if name in ranges}
    told = frozenset(cell for cell, name in found.same.items() if name in insiders)
    return Findings(claimed, told, contradictory)


def _attacked(block: Block, given: Mapping[str, Range], exact: Mapping[str, int], width: int) -> dict[str, Range]:
    """The ranges of a block that are narrower than `width`."""
    for cell, value in exact.items():
        if not given[cell].holds(value):
            raise Contradiction(f"{cell} would have to be {value}")
    narrowed = narrow(block, {**given, **{cell: Range(value, value) for cell, value in exact.items()}})
    is_small = len([cell for cell in block.cells if not narrowed[cell].is_exact]) <= _FEW_CELLS
    asked = max(width, _WIDEST) if is_small else width
    ranges = {**narrowed, **program_ranges(block, narrowed, asked)}
    if is_small:
        ranges = {**ranges, **_tried(block, ranges)}
    return {cell: found for cell, found in ranges.items() if found.is_narrower_than(width)}


def narrow(block: Block, given: Mapping[str, Range], moved: str = "") -> dict[str, Range]:
    """Narrow ranges by each statement in turn until nothing moves. Raises Contradiction if none is left.

    Where one cell alone has `moved` since the last time, only what speaks of it is begun with.
    """
    ranges = dict(given)
    of: dict[str, list[Statement]] = {cell: [] for cell in block.cells}
    for statement in block.statements:
        for cell, _ in statement.terms:
            of[cell].append(statement)
    waiting = dict.fromkeys(of[moved] if moved else block.statements)
    steps = _SWEEPS * max(1, len(block.statements))
    while waiting and steps:
        steps -= 1
        statement = next(iter(waiting))
        del waiting[statement]
        for cell in _narrowed_by(statement, ranges):
            waiting |= dict.fromkeys(of[cell])
    return ranges


def _narrowed_by(statement: Statement, ranges: dict[str, Range]) -> list[str]:
    """Narrow every cell of a statement; which ones moved."""
    moved = []
    for sign in (1, -1) if statement.is_equal else (1,):
        # sign * (terms + constant) >= 0: no term can be lower than minus the most of all the others.
        most = [_most(ranges[cell], factor * sign) for cell, factor in statement.terms]
        endless, total = most.count(None), sum(value for value in most if value is not None)
        total += statement.constant * sign
        for (cell, factor), own in zip(statement.terms, most, strict=True):
            if endless - (own is None):
                continue
            least = -(total - (own or 0))
            better = _cut(ranges[cell], factor * sign, least)
            if better != ranges[cell]:
                ranges[cell] = better
                moved.append(cell)
    return moved


def _most(values: Range, factor: int) -> int | None:
    if factor < 0:
        return factor * values.low
    return None if values.high is None else factor * values.high


def _cut(values: Range, factor: int, least: int) -> Range:
    """The values with factor * value >= least."""
    low, high = values.low, values.high
    if factor > 0:
        low = max(low, -(-least // factor))
    else:
        top = least // factor
        high = top if high is None else min(high, top)
    if high is not None and low > high:
        raise Contradiction("no whole number is left for a cell")
    return Range(low, high)


def _tried(block: Block, ranges: Mapping[str, Range]) -> dict[str, Range]:
    """The ranges over all whole-number answers of a block; nothing if they are too many to try."""
    open_cells = [cell for cell in block.cells if not ranges[cell].is_exact]
    widths = [ranges[cell].width for cell in open_cells]
    if any(width is None for width in widths) or prod(width + 1 for width in widths if width) > _MOST_COMBINATIONS:
        return {}
    seen: dict[str, list[int]] = {cell: [] for cell in block.cells}

    def go_on(current: dict[str, Range]) -> None:
        """Try the values of the cell that has the fewest."""
        left = [cell for cell in open_cells if not current[cell].is_exact]
        if not left:
            for cell in block.cells:
                seen[cell].append(current[cell].low)
            return
        cell = min(left, key=lambda name: (current[name].width, name))
        low, high = current[cell].low, current[cell].high
        assert high is not None, "cells without an upper end were sorted out above"
        for value in range(low, high + 1):
            try:
                following = narrow(block, {**current, cell: Range(value, value)}, cell)
            except Contradiction:
                continue
            go_on(following)

    go_on(dict(ranges))
    if not seen[block.cells[0]]:
        raise Contradiction("no whole numbers fit")
    return {cell: Range(min(values), max(values)) for cell, values in seen.items()}
