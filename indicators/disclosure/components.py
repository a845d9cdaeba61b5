"""The system cut into components that no relation ties together, each as arrays the search works on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from indicators.disclosure.unknowns import ORDER, Relation, Row, System, Unknown

Values = Mapping[Unknown, Decimal]


@dataclass(frozen=True)
class Component:
    """Counts that relations tie together, and the figures that show them.

    `lines` holds, for each figure, the places (in `unknowns`) of the counts it makes known, and `weights` what its
    loss costs.
    """

    unknowns: tuple[Unknown, ...]
    relations: tuple[Relation, ...]
    lines: tuple[tuple[int, ...], ...]
    weights: tuple[float, ...]

    @property
    def places(self) -> dict[Unknown, int]:
        """Where each count stands."""
        return {unknown: i for i, unknown in enumerate(self.unknowns)}


def components(system: System, rows: Iterable[Row], weight: Callable[[Row], float]) -> Iterator[Component]:
    """The components of the system, in the order of their first count; `rows` are the figures to be published."""
    every = {u for relation in system.relations for u in relation.unknowns}
    every |= {u for row in rows for u in row.unknowns}
    group = _groups(every, [*(r.unknowns for r in system.relations), *(row.unknowns for row in rows)])
    members: dict[Unknown, list[Unknown]] = defaultdict(list)
    for unknown in sorted(every, key=ORDER):
        members[group[unknown]].append(unknown)
    relations: dict[Unknown, list[Relation]] = defaultdict(list)
    for relation in system.relations:
        relations[group[relation.unknowns[0]]].append(relation)
    shown: dict[Unknown, list[Row]] = defaultdict(list)
    for row in rows:
        shown[group[row.numerator]].append(row)
    for first, unknowns in members.items():
        place = {unknown: i for i, unknown in enumerate(unknowns)}
        lines = tuple(tuple(place[u] for u in row.unknowns) for row in shown[first])
        weights = tuple(weight(row) for row in shown[first])
        yield Component(tuple(unknowns), tuple(relations[first]), lines, weights)


def _groups(every: Iterable[Unknown], ties: Iterable[Sequence[Unknown]]) -> dict[Unknown, Unknown]:
    """One count of each group stands for all that are tied to it."""
    above: dict[Unknown, Unknown] = {unknown: unknown for unknown in every}

    def top(unknown: Unknown) -> Unknown:
        while above[unknown] is not unknown:
            above[unknown] = above[above[unknown]]
            unknown = above[unknown]
        return unknown

    for tied in ties:
        for other in tied[1:]:
            above[top(other)] = top(tied[0])
    return {unknown: top(unknown) for unknown in above}
