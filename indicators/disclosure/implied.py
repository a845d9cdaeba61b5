"""Relations that say nothing new: a part of a part of a whole is at most the whole, whether that is said or not.

Persons of a quarter are among those of every longer window that holds it, and so on for each window: of the 37,104
inequalities between the counts of one indicator over 24 quarters half follow from the others. Programs that are solved
again and again do without them; what is found is checked against all of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from indicators.disclosure.unknowns import Relation, Unknown


def needed(relations: Sequence[Relation]) -> list[bool]:
    """For each relation whether it is needed: whether it is more than "at least" between two counts that others imply.

    That holds for counts that are not negative, as all are: a sum is at least each of its parts.
    """
    said: set[tuple[Unknown, Unknown]] = set()
    parts: dict[Unknown, set[Unknown]] = defaultdict(set)
    wholes: dict[Unknown, set[Unknown]] = defaultdict(set)
    pairs: dict[tuple[Unknown, Unknown], list[int]] = defaultdict(list)
    for number, relation in enumerate(relations):
        whole, found = _parts(relation)
        is_pair = len(relation.terms) == 2
        if relation.is_equality or is_pair:
            for part in found:
                parts[whole].add(part)
                wholes[part].add(whole)
        if relation.is_equality:
            said |= {(whole, part) for part in found}
        elif is_pair and found:
            pairs[whole, found[0]].append(number)
    kept = [True] * len(relations)
    # What has the most counts between goes first: then the steps between it follows from are still there.
    for whole, part in sorted(pairs, key=lambda pair: (-len(parts[pair[0]] & wholes[pair[1]]), pairs[pair])):
        numbers = pairs[whole, part]
        for number in numbers[1:]:
            kept[number] = False
        if (whole, part) in said:
            kept[numbers[0]] = False
        elif not parts[whole].isdisjoint(wholes[part]):
            kept[numbers[0]] = False
            parts[whole].discard(part)
            wholes[part].discard(whole)
    return kept


def _parts(relation: Relation) -> tuple[Unknown, list[Unknown]]:
    """The whole of a relation and its parts; none if several counts stand on the side of the whole."""
    wholes = [unknown for unknown, factor in relation.terms if factor > 0]
    parts = [unknown for unknown, factor in relation.terms if factor < 0]
    return wholes[0] if wholes else parts[0], parts if len(wholes) == 1 else []
