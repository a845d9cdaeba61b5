"""What equations alone give away: hidden counts that have one value only, found by elimination.

Arithmetic is modulo a large prime, so that it is exact and numbers stay small: every factor of a relation
is 1 or -1, and a count that is pinned down modulo the prime, but not over the whole numbers, would need a
determinant that the prime divides. Nothing unsafe follows if it ever happened: whoever shows such a count
again has the attacker look at what is then shown.
"""

from __future__ import annotations

import random
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import TypeVar

from indicators.disclosure.unknowns import Relation, Unknown

Key = TypeVar("Key")
PRIME = (1 << 61) - 1


def determined(relations: Iterable[Relation], known: Container[Unknown]) -> set[Unknown]:
    """The unknowns of the equations, not among the `known`, that have one value whatever fits what is known.

    Two tables that fit differ by an answer of the equations with nothing on the other side. Such an answer is
    drawn at random: an unknown that is zero in it is zero in all of them (but for a chance of one in 10^18).
    """
    rows = [
        {unknown: factor % PRIME for unknown, factor in relation.terms if unknown not in known}
        for relation in relations
        if relation.is_equality
    ]
    unknowns = sorted({unknown for row in rows for unknown in row})
    answer = _random_answer(_echelon(rows), unknowns)
    return {unknown for unknown in unknowns if answer[unknown] == 0}


def _echelon(rows: Iterable[dict[Unknown, int]]) -> list[tuple[Unknown, dict[Unknown, int]]]:
    """Rows in which each pivot stands in no later row; each pivot has the factor 1."""
    found: list[tuple[Unknown, dict[Unknown, int]]] = []
    waiting = {i: row for i, row in enumerate(rows) if row}
    holders: dict[Unknown, set[int]] = {}
    for i, row in waiting.items():
        for unknown in row:
            holders.setdefault(unknown, set()).add(i)
    queue = sorted(waiting, key=lambda i: (len(waiting[i]), i))
    for i in queue:
        row = waiting.pop(i)
        for unknown in row:
            holders[unknown].discard(i)
        if not row:
            continue
        # The unknown of the fewest other rows: the least work, and the fewest new entries.
        pivot = min(row, key=lambda u: (len(holders[u]), u))
        inverse = pow(row[pivot], -1, PRIME)
        row = {unknown: factor * inverse % PRIME for unknown, factor in row.items()}
        for j in sorted(holders[pivot]):
            subtract(waiting[j], row, waiting[j][pivot], j, holders)
        found.append((pivot, row))
    return found


def subtract(
    row: dict[Key, int], other: Mapping[Key, int], times: int, index: int, holders: Mapping[Key, set[int]]
) -> None:
    """row -= times * other, modulo the prime; `holders` says which rows a key stands in."""
    for key, factor in other.items():
        value = (row.get(key, 0) - times * factor) % PRIME
        if value:
            row[key] = value
            holders[key].add(index)
        else:
            row.pop(key, None)
            holders[key].discard(index)


def _random_answer(
    echelon: Sequence[tuple[Unknown, dict[Unknown, int]]], unknowns: Iterable[Unknown]
) -> dict[Unknown, int]:
    """One answer of the equations, every free unknown drawn; the same one every time."""
    pivots = {pivot for pivot, _ in echelon}
    draw = random.Random(PRIME)  # noqa: S311 (no secret: only unlikely to meet a zero by chance)
    answer = {unknown: draw.randrange(1, PRIME) for unknown in unknowns if unknown not in pivots}
    for pivot, row in reversed(echelon):
        answer[pivot] = -sum(factor * answer[u] for u, factor in row.items() if u != pivot) % PRIME
    return answer
