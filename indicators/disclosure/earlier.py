"""What earlier editions have given away: their figures lie beside those of a new edition, on the same desk.

A count that an earlier edition showed, and that has not changed, is known whatever the new one hides. Where the data
have changed, the earlier numbers are of other counts, each named with its edition, and say nothing of those of today
but through counts that did not change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from indicators.calendars import Window
from indicators.disclosure.completion import completed
from indicators.disclosure.intervals import InconsistentSystem
from indicators.disclosure.unknowns import Relation, System, Unknown
from indicators.figures import Figure

Values = Mapping[Unknown, Decimal]


@dataclass(frozen=True)
class Earlier:
    """An earlier edition as anybody reads it: its figures and its windows."""

    name: str
    figures: Sequence[Figure]
    windows: Sequence[Window]


@dataclass(frozen=True)
class Joined:
    """The relations of all editions together, and the counts that are known from the earlier ones."""

    relations: tuple[Relation, ...]
    known: Values


def joined(system: System, values: Values, earlier: Iterable[tuple[str, System, Values]]) -> Joined:
    """The system with what earlier editions say; each comes with its name, its own system and the numbers it shows.

    `values` are the counts of today, as far as whoever asks knows them. A relation of an earlier edition holds for
    the counts of today unless its numbers have changed since. If that cannot be right, because something changed that
    nobody sees, all of the edition is taken to be of other counts.
    """
    found = Joined(system.relations, {})
    for name, old, said in earlier:
        tied = _beside(found, old, said, values, name, apart=False)
        try:
            completed(tied.relations, {**values, **tied.known})
        except InconsistentSystem:
            tied = _beside(found, old, said, values, name, apart=True)
        found = tied
    return found


def _beside(found: Joined, old: System, said: Values, values: Values, name: str, apart: bool) -> Joined:
    """One more edition; `apart`: nothing of it holds for the counts of today but what it shows unchanged."""
    today = {**found.known, **values}
    changed = {unknown for unknown, value in said.items() if today.get(unknown, value) != value}
    same = {unknown: value for unknown, value in said.items() if unknown not in changed}
    known = {unknown: value for unknown, value in same.items() if unknown in values or not apart}
    relations = dict.fromkeys(found.relations)
    for relation in old.relations:
        if apart or changed.intersection(relation.unknowns) or not holds(relation, {**said, **values}):
            terms = tuple((_as_it_was(unknown, name), factor) for unknown, factor in relation.terms)
            relations[Relation(terms, relation.is_equality)] = None
            known |= {_as_it_was(unknown, name): said[unknown] for unknown in relation.unknowns if unknown in said}
        else:
            relations[relation] = None
    return Joined(tuple(relations), {**known, **found.known})


def holds(relation: Relation, values: Values) -> bool:
    """Whether the relation holds, as far as its counts are known."""
    if not all(unknown in values for unknown in relation.unknowns):
        return True
    total = sum((values[unknown] * factor for unknown, factor in relation.terms), Decimal(0))
    return total == 0 if relation.is_equality else total >= 0


def _as_it_was(unknown: Unknown, edition: str) -> Unknown:
    return replace(unknown, population=f"{unknown.population} in {edition}")
