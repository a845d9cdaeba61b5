"""What ties counts together, as arrays: to look at a neighbourhood of a large system instead of all of it.

A table that differs from a table that fits in a neighbourhood only, every relation that touches it being kept,
fits as a whole. So what is looked for near a count, and found, need not be looked for anywhere else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from indicators.disclosure.unknowns import Relation, Unknown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Places = NDArray[np.int64]

# What a step from one relation to the next adds to a distance, beside the prices of the counts on the way: among
# counts that are nearly free the shorter way is the nearer one. Counts that far apart go on together.
_STEP, _TOGETHER = 0.1, 0.5


class Ties:
    """The terms of relations as arrays: of term number t, `line[t]` is the relation, `place[t]` the count.

    `equal` says of each relation whether it is an equation. Counts are named by their `places`, 0 to `size` - 1.
    """

    def __init__(self, relations: Sequence[Relation], places: Mapping[Unknown, int]) -> None:
        import numpy as np

        terms = [(k, places[u], factor) for k, relation in enumerate(relations) for u, factor in relation.terms]
        found = np.array(terms, dtype=np.int64).reshape(len(terms), 3)
        self.line, self.place = found[:, 0].copy(), found[:, 1].copy()
        self.factor: Numbers = found[:, 2].astype(float)
        self.equal: Flags = np.array([relation.is_equality for relation in relations], dtype=bool)
        self.size, self.lines = len(places), len(relations)
        self._first_of_line = np.searchsorted(self.line, np.arange(self.lines + 1))
        self._by_place = np.argsort(self.place, kind="stable")
        self._reached_from: Places = np.zeros(self.lines, dtype=np.int64)
        self._first_of_place = np.searchsorted(self.place[self._by_place], np.arange(self.size + 1))

    def sums(self, counts: Numbers) -> Numbers:
        """What the left side of each relation comes to."""
        import numpy as np

        return np.bincount(self.line, weights=self.factor * counts[self.place], minlength=self.lines).astype(float)

    def terms_of(self, lines: Places) -> Places:
        """The numbers of all terms of the relations, one relation after the other."""
        return _ranges(self._first_of_line[lines], self._first_of_line[lines + 1])

    def terms_at(self, places: Places) -> Places:
        """The numbers of all terms in which the counts stand, one count after the other."""
        return self._by_place[_ranges(self._first_of_place[places], self._first_of_place[places + 1])]

    def lines_at(self, places: Places) -> Places:
        """The relations in which any of the counts stands, each once, in their order."""
        return _each_once(self.line[self.terms_at(places)])

    def places_in(self, lines: Places) -> Places:
        """The counts that stand in any of the relations, each once, in their order."""
        return _each_once(self.place[self.terms_of(lines)])

    def movable(self, places: Places) -> Places:
        """Those of the counts that can be others while all around them stay, in order.

        One that stands alone in an equation cannot, and without it the next may stand alone.
        """
        import numpy as np

        inside = np.zeros(self.size, dtype=bool)
        inside[places] = True
        terms = self.terms_at(places)
        terms = terms[self.equal[self.line[terms]]]
        line, place = self.line[terms], self.place[terms]
        beside = np.bincount(line, minlength=self.lines)
        while len(alone := place[beside[line] == 1]):
            inside[alone] = False
            gone = ~inside[place]
            beside -= np.bincount(line[gone], minlength=self.lines)
            line, place = line[~gone], place[~gone]
        found: Places = np.flatnonzero(inside)
        return found

    def near(self, start: int, most: int, prices: Numbers, follows: Flags, stays: Flags | None = None) -> Places:
        """The `most` counts nearest to a count, or as many as there are, about the nearest first.

        The way leads through relations that `follows` holds; each count on it costs its price. It leads past counts
        that `stays` holds, and these are not among them.
        """
        import numpy as np

        distance: Numbers = np.full(self.size, np.inf)
        distance[start] = 0.0
        done, passed = np.zeros(self.size, dtype=bool) if stays is None else stays.copy(), ~follows
        found: list[Places] = []
        waiting, count = np.array([start]), 0
        while len(waiting) and count < most:
            waiting = waiting[np.argsort(distance[waiting], kind="stable")]
            ready = int(np.searchsorted(distance[waiting], distance[waiting[0]] + _TOGETHER, side="right"))
            batch, waiting = waiting[:ready], waiting[ready:]
            found.append(batch)
            count += ready
            # A count keeps its distance once others were reached from it.
            done[batch] = True
            terms = self.terms_at(batch)
            terms = terms[~passed[self.line[terms]]]
            # The nearest of the batch is written last: its distance is that of a relation of several of them.
            self._reached_from[self.line[terms[::-1]]] = self.place[terms[::-1]]
            lines = _each_once(self.line[terms])
            passed[lines] = True
            members = self.place[self.terms_of(lines)]
            lengths = self._first_of_line[lines + 1] - self._first_of_line[lines]
            reached = np.repeat(distance[self._reached_from[lines]], lengths) + _STEP + prices[members]
            is_open = ~done[members]
            members, reached = members[is_open], reached[is_open]
            fresh = _each_once(members[distance[members] == np.inf])
            np.minimum.at(distance, members, reached)
            waiting = np.concatenate([waiting, fresh])
        nearest: Places = np.concatenate(found)[:most]
        return nearest


def _each_once(numbers: Places) -> Places:
    """The numbers in order, each once; a good deal faster than np.unique."""
    import numpy as np

    ordered = np.sort(numbers)
    found: Places = ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])] if len(ordered) else ordered
    return found


def _ranges(first: Places, last: Places) -> Places:
    """All whole numbers from each first up to, but not including, its last."""
    import numpy as np

    lengths = last - first
    before = np.cumsum(lengths) - lengths
    found: Places = np.arange(int(lengths.sum())) + np.repeat(first - before, lengths)
    return found
