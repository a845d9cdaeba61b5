"""What is left of one published count when another that it holds is taken away from it.

Whoever reads that 9 people were screened and that 8 of them were victims reads that one was none. Such a *remainder*
stands in no cell, but it is a count of people all the same: where it is small, two figures must not show both counts,
and nothing else may give it away.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal

from indicators.disclosure.policy import Policy
from indicators.disclosure.unknowns import NOT_KNOWN, Relation, System, Unknown

Values = Mapping[Unknown, Decimal]
Pair = tuple[Unknown, Unknown]


def small_remainders(system: System, values: Values, policy: Policy) -> dict[Pair, Unknown]:
    """The small remainders of the counts of the figures: by the count that holds another and that other.

    `values` are the counts that are known. Where the other is small or zero there is nothing to add: it is hidden by
    itself, or all that is left is the first. Nor is there where nothing is left, whatever the policy says of zeros.
    What is left of a share has the name that it has in its row.
    """
    own = {unknown for row in system.rows for unknown in row.unknowns if unknown in values}
    found: dict[Pair, Unknown] = {}
    for whole, part in (*_by_conditions(own, values, policy), *_by_relations(system, own)):
        is_small = 0 < values[whole] - values[part] < policy.threshold
        if is_small and values[part] and not policy.is_small(values[part]):
            found.setdefault((whole, part), _without(whole, part))
    return found


def with_remainders(system: System, values: Values, remainders: Mapping[Pair, Unknown]) -> tuple[System, Values]:
    """The system and the counts with remainders as counts of their own: each and its part are the whole."""
    relations = tuple(
        Relation(((whole, 1), (part, -1), (left, -1)), True) for (whole, part), left in remainders.items()
    )
    counts = {left: values[whole] - values[part] for (whole, part), left in remainders.items()}
    return System(system.rows, tuple(dict.fromkeys((*system.relations, *relations)))), {**values, **counts}


def _without(whole: Unknown, part: Unknown) -> Unknown:
    """The name of what is left: it says in what the part differs from the whole."""
    other = [" and ".join(part.extras) if part.extras != whole.extras else ""]
    other += [part.population] if part.population != whole.population else []
    other += [f"in {'+'.join(part.quarters)}"] if part.quarters != whole.quarters else []
    other += [f"at {part.place}"] if part.place != whole.place else []
    name = f"not ({' '.join(word for word in other if word)})"
    return Unknown(whole.population, (*whole.extras, name), whole.quarters, whole.place)


def _by_conditions(own: set[Unknown], values: Values, policy: Policy) -> Iterator[Pair]:
    """Pairs of one population, window and place, of which one has all conditions of the other, a little apart."""
    groups: dict[tuple[object, ...], dict[Decimal, list[Unknown]]] = defaultdict(lambda: defaultdict(list))
    for unknown in sorted(own):
        groups[unknown.population, unknown.quarters, unknown.place][values[unknown]].append(unknown)
    for by_value in groups.values():
        for value, parts in list(by_value.items()):
            wholes = [u for apart in range(1, policy.threshold) for u in by_value.get(value + apart, ())]
            for part in parts if wholes else ():
                met = _conditions_met(part)
                yield from ((whole, part) for whole in wholes if met.issuperset(whole.extras))


def _conditions_met(unknown: Unknown) -> set[str]:
    """All conditions that whoever is counted meets: a category is known, and what is now has been at some time."""
    met = {*unknown.extras, *(f"any {extra}" for extra in unknown.extras)}
    for extra in unknown.extras:
        column, _, category = extra.partition(" ")
        if category.startswith(("= '", "has '")) and not category.endswith(f"'{NOT_KNOWN}'"):
            met.add(f"is_known({column})")
    return met


def _by_relations(system: System, own: set[Unknown]) -> Iterator[Pair]:
    """Pairs of which a relation says that one holds the other: an inequality of two, a part of a sum."""
    for relation in system.relations:
        wholes = [unknown for unknown, factor in relation.terms if factor > 0]
        if len(wholes) != 1 or wholes[0] not in own or not (relation.is_equality or len(relation.terms) == 2):
            continue
        yield from ((wholes[0], part) for part, factor in relation.terms if factor < 0 and part in own)
