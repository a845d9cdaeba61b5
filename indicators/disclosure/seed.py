"""A first guess at what to hide beside small counts: publish the dearest count first, by Gaussian elimination.

Our writing of the method of Langsrud's papers on secondary suppression; it is not the R package
GaussSuppression, which has more rules. It looks at equations only: that counts are whole and not negative, and how
narrow the small ones become, is none of its concern, so what it leaves is where the search for a safe pattern starts.

Arithmetic is modulo a large prime: exact, and numbers stay small.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence

from indicators.disclosure.elimination import PRIME, subtract
from indicators.disclosure.unknowns import Relation, Unknown

Vector = dict[int, int]


def not_publishable(
    relations: Iterable[Relation],
    dearest_first: Sequence[Unknown],
    protected: Container[Unknown],
    never: Sequence[Unknown] = (),
) -> set[Unknown]:
    """Of the counts, those that may not be published after the ones before them: a protected one would follow.

    `never` are counts of the relations that nobody publishes, the protected ones among them.
    """
    order = [*dearest_first, *never]
    number = {unknown: i for i, unknown in enumerate(order)}
    vectors = _Vectors(
        _in_terms_of_the_first(relations, number), {i for unknown, i in number.items() if unknown in protected}
    )
    return {unknown for unknown in dearest_first if not vectors.publish(number[unknown])}


class _Vectors:
    """Counts as combinations of independent ones that are not published; those that are published are struck out."""

    def __init__(self, combinations: Mapping[int, Vector], protected: set[int]) -> None:
        self.vectors = dict(combinations)
        self.protected = protected
        self.holders: dict[int, set[int]] = defaultdict(set)
        for i, vector in self.vectors.items():
            for j in vector:
                self.holders[j].add(i)

    def publish(self, i: int) -> bool:
        """Strike the count out of all others, unless one of the protected ones is a multiple of what is left of it."""
        vector = self._take(i)
        if not vector:
            return True
        rarest = min(vector, key=lambda j: (len(self.holders[j]), j))
        if any(self._is_multiple(k, vector) for k in self.holders[rarest] if k in self.protected):
            return False
        inverse = pow(vector[rarest], -1, PRIME)
        for k in sorted(self.holders[rarest]):
            times = self.vectors[k][rarest] * inverse
            subtract(self.vectors[k], vector, times, k, self.holders)
        return True

    def _take(self, i: int) -> Vector:
        vector = self.vectors.pop(i)
        for j in vector:
            self.holders[j].discard(i)
        return vector

    def _is_multiple(self, k: int, vector: Vector) -> bool:
        other = self.vectors[k]
        if other.keys() != vector.keys():
            return False
        first = next(iter(vector))
        times = other[first] * pow(vector[first], -1, PRIME)
        return all((other[j] - times * factor) % PRIME == 0 for j, factor in vector.items())


def _in_terms_of_the_first(relations: Iterable[Relation], number: Mapping[Unknown, int]) -> dict[int, Vector]:
    """Every count as a combination of independent ones of the lowest numbers, those to be published first."""
    rows = [
        {number[u]: factor % PRIME for u, factor in relation.terms} for relation in relations if relation.is_equality
    ]
    holders: dict[int, set[int]] = defaultdict(set)
    for r, row in enumerate(rows):
        for i in row:
            holders[i].add(r)
    solved: list[tuple[int, Vector]] = []
    for i in range(len(number) - 1, -1, -1):
        if not holders[i]:
            continue
        r = min(holders[i], key=lambda one: (len(rows[one]), one))
        row = rows[r]
        for j in row:
            holders[j].discard(r)
        inverse = pow(row[i], -1, PRIME)
        for other in sorted(holders[i]):
            subtract(rows[other], row, rows[other][i] * inverse, other, holders)
        solved.append((i, {j: -factor * inverse % PRIME for j, factor in row.items() if j != i}))
    pivots = {i for i, _ in solved}
    found: dict[int, Vector] = {i: {i: 1} for i in range(len(number)) if i not in pivots}
    # Each is a combination of those before it in the order.
    for i, row in reversed(solved):
        found[i] = _combined(row, found)
    return found


def _combined(row: Vector, found: Mapping[int, Vector]) -> Vector:
    total: Vector = defaultdict(int)
    for j, factor in row.items():
        for k, own in found[j].items():
            total[k] = (total[k] + factor * own) % PRIME
    return {k: value for k, value in total.items() if value}
