"""Shows again what need not be hidden: one hidden count after another, as long as every small count keeps its room.

Room is shown by witnesses: tables that fit everything published and give a small count another value. A table in
which the count to be shown has its true value stays a witness after it is shown; only where none is left does a
linear program look for another.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from indicators.disclosure.attacker import Bounds, Program, Reader
from indicators.disclosure.unknowns import Unknown

_SAME = 1e-6
# How much more than it is a hidden count is taken to be at most: witnesses stay finite, and none is believed in vain.
_ROOM_ABOVE = 1000

Tables = np.ndarray[Any, np.dtype[np.float64]]


def needless(
    reader: Reader,
    values: Mapping[Unknown, Decimal],
    known: Mapping[Unknown, Decimal],
    bounds: Mapping[Unknown, Bounds],
    widths: Mapping[Unknown, int],
    candidates: Sequence[Unknown],
) -> set[Unknown]:
    """Those of the candidates, the first before the others, that may be shown although the rest stays hidden.

    `values` are the true counts, `known` those published; `widths` says how much room each small count must keep,
    which it has as long as all candidates are hidden.
    """
    known = {**known, **dict.fromkeys(reader.parts_of_nothing(known), Decimal(0))}
    free = {unknown: Bounds(0, int(value) + _ROOM_ABOVE) for unknown, value in values.items() if unknown not in known}
    bounds = {**free, **bounds}
    order = {unknown: number for number, unknown in enumerate(candidates)}
    found = {unknown for unknown in candidates if unknown in known or unknown not in reader.of}
    for block, own in reader.blocks(candidates, known):
        program = Program(block, own, known, bounds, keep=True)
        targets = {unknown: widths[unknown] for unknown in sorted(block) if unknown in widths}
        witnesses = _Witnesses(program, targets)
        mine = sorted((unknown for unknown in block if unknown in order), key=order.__getitem__)
        found |= {unknown for unknown in mine if witnesses.still_stand(unknown, float(values[unknown]))}
    return found


class _Witnesses:
    """Tables that fit what is published, one row each, and the program that finds more of them."""

    def __init__(self, program: Program, targets: Mapping[Unknown, int]) -> None:
        self.program = program
        self.targets = [program.index[unknown] for unknown in targets]
        self.wanted = np.array(list(targets.values()), dtype=float)
        program.intervals(targets)
        self.tables = self._new_tables()

    def still_stand(self, shown: Unknown, value: float) -> bool:
        """Whether every small count keeps its room when one count more is shown; if so, it is shown from now on."""
        off = self.tables[:, self.program.index[shown]] - value
        fitting, above, below = self.tables[np.abs(off) < _SAME], self.tables[off >= _SAME], self.tables[off <= -_SAME]
        self.program.pin(shown, value)
        mixed: list[Tables] = []
        stand = self._find_room(fitting, _Mixes(above, below, self.program.index[shown], value), mixed)
        if not stand:
            self.program.unpin(shown)
        # What was found with the count pinned fits without the pin as well.
        known = np.vstack([fitting, *mixed]) if stand else self.tables
        self.tables = np.vstack([known, self._new_tables()])
        return stand

    def _find_room(self, fitting: Tables, mixes: _Mixes, mixed: list[Tables]) -> bool:
        low, high = self._reach(fitting)
        for place, wanted in enumerate(self.wanted):
            for look in (mixes.furthest, self._solve):
                for upwards in (True, False):
                    if _whole(low[place], high[place]) >= wanted:
                        continue
                    table = look(self.targets[place], upwards=upwards)
                    if table is not None:
                        if look is not self._solve:
                            mixed.append(table[None])
                        low, high = np.minimum(low, table[self.targets]), np.maximum(high, table[self.targets])
            if _whole(low[place], high[place]) < wanted:
                return False
        return True

    def _solve(self, place: int, *, upwards: bool) -> Tables:
        return np.array(self.program.furthest(place, upwards=upwards))

    def _reach(self, tables: Tables) -> tuple[Tables, Tables]:
        values = tables[:, self.targets]
        return values.min(0, initial=np.inf), values.max(0, initial=-np.inf)

    def _new_tables(self) -> Tables:
        return np.array(self.program.take_tables()).reshape(-1, len(self.program.unknowns))


class _Mixes:
    """Tables between two witnesses in which the count that is to be shown has its true value: they fit as well."""

    _FEW = 6

    def __init__(self, above: Tables, below: Tables, place: int, value: float) -> None:
        self.above, self.below, self.place, self.value = above, below, place, value

    def furthest(self, target: int, *, upwards: bool) -> Tables | None:
        """Of mixes of a few promising pairs the one that moves a count furthest; None where no pair is there."""
        if not len(self.above) or not len(self.below):
            return None
        sign = -1.0 if upwards else 1.0
        over = self.above[np.argsort(sign * self.above[:, target], kind="stable")[: self._FEW]]
        under = self.below[np.argsort(sign * self.below[:, target], kind="stable")[: self._FEW]]
        up, down = over[:, None, self.place] - self.value, self.value - under[None, :, self.place]
        share = down / (up + down)
        reached = share * over[:, None, target] + (1 - share) * under[None, :, target]
        i, j = np.unravel_index(np.argmin(sign * reached), reached.shape)
        return np.asarray(share[i, j] * over[i] + (1 - share[i, j]) * under[j])


def _whole(low: float, high: float) -> float:
    """How far apart the whole numbers within the bounds are; without any table, less than nothing."""
    return math.floor(high + _SAME) - math.ceil(low - _SAME) if high >= low else -1.0
