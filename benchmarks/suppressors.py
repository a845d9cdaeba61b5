"""Other ways to hide small counts, each from a table to the counts it hides; ours is among them to be run alike.

None of the others is ours in disguise: they are what offices do by hand, and published methods in our own writing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from benchmarks import r_peers
from indicators.disclosure.policy import Policy, policies
from indicators.disclosure.unknowns import Relation, System, Unknown

Values = Mapping[Unknown, Decimal]
Vector = dict[int, int]
_PRIME = (1 << 61) - 1


@dataclass(frozen=True)
class Hidden:
    """What a way hides; of the `blank` counts a reader is not told whether they are small or nothing."""

    counts: frozenset[Unknown]
    blank: frozenset[Unknown] = frozenset()


Suppressor = Callable[[System, Values, Policy], Hidden]


def benchmark_policy(threshold: int = 5) -> Policy:
    """The default policy, under which nothing is left out for being too fine: every way answers the same question."""
    return replace(policies()["default"], threshold=threshold, mostly_hidden=Decimal(1))


def ours(system: System, values: Values, policy: Policy) -> Hidden:
    """This project's suppressor."""
    from indicators.disclosure.suppress import suppress

    pattern = suppress(system, values, policy)
    return Hidden(frozenset(pattern.hidden), frozenset(pattern.blank))


def masking(_: System, values: Values, policy: Policy) -> Hidden:
    """Small counts are masked, and nothing else."""
    return Hidden(frozenset(_small(values, policy)))


def row_and_column(system: System, values: Values, policy: Policy) -> Hidden:
    """Hiding by hand: wherever one count of a sum is hidden, the smallest other is too, zeros last."""
    hidden = set(_small(values, policy))
    sums = [[u for u in relation.unknowns if u in values] for relation in system.relations if relation.is_equality]
    of: dict[Unknown, list[int]] = defaultdict(list)
    for i, members in enumerate(sums):
        for unknown in members:
            of[unknown].append(i)
    waiting = list(range(len(sums)))
    while waiting:
        members = sums[waiting.pop()]
        others = [unknown for unknown in members if unknown not in hidden]
        if len(members) - len(others) == 1 and others:
            chosen = min(others, key=lambda u: (values[u] == 0, values[u], u))
            hidden.add(chosen)
            waiting += of[chosen]
    return Hidden(frozenset(hidden))


def elimination(system: System, values: Values, policy: Policy) -> Hidden:
    """Publish zeros, then counts from the largest down, each unless a small one would then follow from the equations.

    Our writing of the method of Langsrud's papers on secondary suppression by Gaussian elimination; it is not
    the R package GaussSuppression, which has more rules. It looks at equations only: that counts are not
    negative, and how narrow the small ones become, is none of its concern. Zeros come first because a small count
    with only a hidden zero beside it is found at once by whoever knows that counts are not negative.
    """
    small = _small(values, policy)
    order = sorted(values, key=lambda u: (values[u] != 0, -values[u], u))
    number = {unknown: i for i, unknown in enumerate(order)}
    vectors = _Vectors(_in_terms_of_the_first(system.relations, number), {number[u] for u in small})
    hidden = {unknown for unknown in order if unknown in small or not vectors.publish(number[unknown])}
    return Hidden(frozenset(hidden))


def _small(values: Values, policy: Policy) -> set[Unknown]:
    return {unknown for unknown, value in values.items() if policy.is_small(value)}


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
        inverse = pow(vector[rarest], -1, _PRIME)
        for k in sorted(self.holders[rarest]):
            times = self.vectors[k][rarest] * inverse
            _subtract(self.vectors[k], vector, times, k, self.holders)
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
        times = other[first] * pow(vector[first], -1, _PRIME)
        return all((other[j] - times * factor) % _PRIME == 0 for j, factor in vector.items())


def _in_terms_of_the_first(relations: Iterable[Relation], number: Mapping[Unknown, int]) -> dict[int, Vector]:
    """Every count as a combination of independent ones of the lowest numbers, those to be published first."""
    rows = [
        {number[u]: factor % _PRIME for u, factor in relation.terms} for relation in relations if relation.is_equality
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
        inverse = pow(row[i], -1, _PRIME)
        for other in sorted(holders[i]):
            _subtract(rows[other], row, rows[other][i] * inverse, other, holders)
        solved.append((i, {j: -factor * inverse % _PRIME for j, factor in row.items() if j != i}))
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
            total[k] = (total[k] + factor * own) % _PRIME
    return {k: value for k, value in total.items() if value}


def _subtract(row: Vector, other: Vector, times: int, index: int, holders: Mapping[int, set[int]]) -> None:
    """row -= times * other, and who holds what with it."""
    for j, factor in other.items():
        value = (row.get(j, 0) - times * factor) % _PRIME
        if value:
            row[j] = value
            holders[j].add(index)
        elif j in row:
            del row[j]
            holders[j].discard(index)


def _by_r(package: str) -> Suppressor:
    def hide(system: System, values: Values, policy: Policy) -> Hidden:
        return Hidden(r_peers.hidden_by(package, system, values, policy.threshold - 1))

    return hide


WAYS: Mapping[str, Suppressor] = {
    "threshold masking": masking,
    "row and column": row_and_column,
    "elimination": elimination,
    "esep": ours,
    **{f"R {package}": _by_r(package) for package in r_peers.PACKAGES},
}


def why_not(way: str) -> str | None:
    """Why a way cannot be run here; nothing if it can."""
    return r_peers.why_not(way.removeprefix("R ")) if way.startswith("R ") else None
