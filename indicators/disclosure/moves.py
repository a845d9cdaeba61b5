"""What a count was seen to be wide by: tables that move it, so that nobody need look again while they stand."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from indicators.disclosure.unknowns import Unknown


@dataclass
class Moves:
    """`tables` are the counts that each table changes, `of` the numbers of the tables that make a count wide."""

    tables: list[frozenset[Unknown]] = field(default_factory=list)
    of: dict[Unknown, tuple[int, ...]] = field(default_factory=dict)

    def add(self, unknown: Unknown, by: Iterable[int]) -> None:
        """A count is wide by the tables of these numbers."""
        self.of[unknown] = tuple(by)

    def standing(self, known: Collection[Unknown]) -> set[Unknown]:
        """The counts that stay wide if these became known: none of their tables changes one of them."""
        known = set(known)
        fallen = {number for number, table in enumerate(self.tables) if not known.isdisjoint(table)}
        return {unknown for unknown, needed in self.of.items() if fallen.isdisjoint(needed)}
