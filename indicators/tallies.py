"""Tallies: what is counted from one fact. An indicator is one, or two where its numbers come of different rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from indicators.conditions import all_of, known, may_be, split
from indicators.definitions import Definition
from indicators.expressions import Aggregate
from indicators.fact_views import counted_facts
from indicators.facts import Fact, codelists

BOTH, NUMERATOR, DENOMINATOR = "both", "numerator", "denominator"


@dataclass(frozen=True)
class Tally:
    """One or two numbers counted from the same rows of a fact, dated by the same day.

    `base`, `in_numerator`, `in_denominator`, `may_be_in` are SQL conditions on one row; `also_numerator` and
    `also_denominator` are what each number asks beyond the base.
    """

    number: int
    code: str
    side: str
    fact: Fact
    day: str
    kind: str
    argument: str | None
    quantile: Decimal | None
    by: tuple[str, ...]
    distinct_in: frozenset[str]
    base: str
    in_numerator: str
    in_denominator: str
    also_numerator: str
    also_denominator: str
    may_be_in: str

    @property
    def source(self) -> tuple[str, str]:
        """The fact and the day it is dated by: tallies of one source are counted together."""
        return self.fact.name, self.day


def tallies(catalogue: Mapping[str, Definition]) -> list[Tally]:
    """Every tally of a catalogue, in its order; network measures have none."""
    found: list[Tally] = []
    for definition in catalogue.values():
        for side, numerator, denominator, fact, day in _parts(definition):
            found.append(_tally(len(found), definition, side, numerator, denominator, counted_facts()[fact], day))
    return found


def by_source(every: Iterable[Tally]) -> dict[tuple[str, str], list[Tally]]:
    """The tallies of each fact and day."""
    found: dict[tuple[str, str], list[Tally]] = {}
    for tally in every:
        found.setdefault(tally.source, []).append(tally)
    return found


_Part = tuple[str, Aggregate, Aggregate | None, str, str]


def _parts(definition: Definition) -> list[_Part]:
    first = definition.numerator
    if first is None:
        return []
    if not definition.is_two_counts:
        return [(BOTH, first, definition.denominator, definition.fact, definition.dated_by)]
    assert definition.denominator is not None, "it has two counts"
    other = (definition.denominator, None, definition.denominator_fact, definition.denominator_dated_by)
    return [(NUMERATOR, first, None, definition.fact, definition.dated_by), (DENOMINATOR, *other)]


def _tally(
    number: int,
    definition: Definition,
    side: str,
    numerator: Aggregate,
    denominator: Aggregate | None,
    fact: Fact,
    day: str,
) -> Tally:
    parts = split(numerator, denominator)
    own = fact.counted_columns()
    # A key that is not given is counted nowhere, so that in a person's cell nobody needs to ask.
    given = (
        frozenset()
        if numerator.argument is None or own[numerator.argument].values
        else frozenset({f"is_known({numerator.argument})"})
    )
    return Tally(
        number, definition.code, side, fact, day, numerator.kind, numerator.argument, numerator.quantile,
        tuple(b for b in definition.by if b in own), definition.distinct_in,
        all_of(parts.base, fact), all_of(parts.base | parts.numerator, fact),
        all_of(parts.base | parts.denominator, fact), all_of(parts.numerator - given, fact),
        all_of(parts.denominator - given, fact), may_be(parts.base | known(parts.numerator), fact),
    )  # fmt: skip


def category_of(fact: Fact, breakdown: str) -> tuple[str, str]:
    """How a breakdown's categories are read: the SQL of the category, and what to join (a list is unnested)."""
    column = fact.counted_columns()[breakdown]
    unknown = codelists()[column.values or ""].unknown or "U"
    if not column.is_list:
        return f"coalesce({breakdown}, '{unknown}')", ""
    several = f"CASE WHEN coalesce(len({breakdown}), 0) = 0 THEN ['{unknown}'] ELSE list_distinct({breakdown}) END"
    return "one_category", f", unnest({several}) AS u(one_category)"
