"""The unknown counts behind published figures, and what a relation between them is."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from operator import attrgetter

from indicators.figures import Figure

Quarters = tuple[str, ...]
# The category in which a column stands that does not say.
NOT_KNOWN = "U"


@dataclass(frozen=True, order=True)
class Unknown:
    """One count that somebody may know or want to know."""

    population: str
    extras: tuple[str, ...]
    quarters: Quarters
    place: str

    def __post_init__(self) -> None:
        # The attacker looks unknowns up millions of times; hashing four fields each time was half his time.
        object.__setattr__(self, "_hash", hash((self.population, self.extras, self.quarters, self.place)))

    def __hash__(self) -> int:
        found: int = self._hash  # type: ignore[attr-defined]
        return found


# The order of counts, for sorting many: four times as fast as comparing them two by two.
ORDER = attrgetter("population", "extras", "quarters", "place")


@dataclass(frozen=True)
class Relation:
    """`low <= sum(coefficient * unknown) <= high`; `high` None is no upper bound."""

    terms: tuple[tuple[Unknown, int], ...]
    is_equality: bool

    @property
    def unknowns(self) -> list[Unknown]:
        """The unknowns of the relation."""
        return [unknown for unknown, _ in self.terms]


@dataclass(frozen=True)
class Row:
    """A figure as unknowns: its number, the number it is a share of, and what is left of the two.

    A mean or median `counts_values`: its number is of how many values it is.
    """

    figure: Figure
    numerator: Unknown
    denominator: Unknown | None
    rest: Unknown | None
    counts_values: bool = False

    @property
    def number(self) -> Decimal | None:
        """The count that `numerator` stands for, where the figure says it."""
        return self.figure.denominator if self.counts_values else self.figure.numerator

    @property
    def unknowns(self) -> list[Unknown]:
        """The unknowns that showing the figure makes known."""
        return [u for u in (self.numerator, self.denominator) if u is not None]


@dataclass(frozen=True)
class System:
    """The rows and all relations between their unknowns."""

    rows: tuple[Row, ...]
    relations: tuple[Relation, ...]


def without_needless(found: set[str]) -> tuple[str, ...]:
    """A known category is known: `is_known(c)` beside `c = 'x'` says nothing more, unless x is "not known"."""
    named = {c.split()[0] for c in found if (" = '" in c or " has '" in c) and not c.endswith(f"'{NOT_KNOWN}'")}
    return tuple(sorted(c for c in found if not (c.startswith("is_known(") and c[9:-1] in named)))
