"""Other ways to hide small counts, each from a table to the counts it hides; ours is among them to be run alike.

None of the others is ours in disguise: they are what offices do by hand, and published methods in our own writing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from benchmarks import r_peers
from indicators.disclosure.policy import Policy, policies
from indicators.disclosure.seed import not_publishable
from indicators.disclosure.unknowns import System, Unknown

Values = Mapping[Unknown, Decimal]


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
    order = sorted(values.keys() - small, key=lambda u: (values[u] != 0, -values[u], u))
    return Hidden(frozenset(small | not_publishable(system.relations, order, small, sorted(small))))


def _small(values: Values, policy: Policy) -> set[Unknown]:
    return {unknown for unknown, value in values.items() if policy.is_small(value)}


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
