"""The conditions of an indicator as SQL over one row of a fact, with what is not known kept apart from no."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from indicators.definitions import Definition
from indicators.expressions import Aggregate
from indicators.facts import Fact, codelists

IS_KNOWN = re.compile(r"is_known\((\w+)\)")


@dataclass(frozen=True)
class Conditions:
    """Conditions shared by both numbers of an indicator, and those of each alone."""

    base: frozenset[str]
    numerator: frozenset[str]
    denominator: frozenset[str]


def conditions(definition: Definition) -> Conditions:
    """Split the conditions of a definition.

    Whether a value is known never belongs to the base, so that a share is counted from the same
    rows as the indicator it is a share of.
    """
    return split(definition.numerator, None if definition.is_two_counts else definition.denominator)


def split(numerator: Aggregate | None, denominator: Aggregate | None) -> Conditions:
    """Split the conditions of two numbers counted from the same rows; one alone has them all as its base."""
    mine = numerator.conditions if numerator else frozenset()
    has_two = denominator is not None and denominator.kind != "regions"
    its = denominator.conditions if denominator is not None and has_two else frozenset()
    shared = mine & its if has_two else mine
    base = frozenset(c for c in shared if not IS_KNOWN.search(c))
    return Conditions(base, mine - base, its - base)


def known(conditions: Iterable[str]) -> frozenset[str]:
    """Those that ask more than whether something is known."""
    return frozenset(c for c in conditions if not IS_KNOWN.search(c))


def all_of(conditions: Iterable[str], fact: Fact) -> str:
    """SQL that is true where every condition surely holds."""
    parts = [f"coalesce({known_sql(c, fact)}, false)" for c in sorted(conditions)]
    return "(" + " AND ".join(parts) + ")" if parts else "true"


def may_be(conditions: Iterable[str], fact: Fact) -> str:
    """Like `all_of`, but what is not recorded may be true: unknown is not no."""
    parts = [f"coalesce({known_sql(c, fact)}, true)" for c in sorted(conditions)]
    return "(" + " AND ".join(parts) + ")" if parts else "true"


def known_sql(condition: str, fact: Fact) -> str:
    """Replace `is_known(column)` by SQL: a list is known when it holds something, a code when it is not unknown."""

    def replace(match: re.Match[str]) -> str:
        column = fact.counted_columns()[match[1]]
        if column.is_list:
            return f"len({match[1]}) > 0"
        unknown = codelists()[column.values].unknown if column.values else None
        return f"{match[1]} IS NOT NULL" + (f" AND {match[1]} <> '{unknown}'" if unknown else "")

    return IS_KNOWN.sub(replace, condition)
