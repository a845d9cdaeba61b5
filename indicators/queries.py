"""The SQL of one indicator, written by the engine around the expression the definition owns.

A person stands in exactly one cell of a period: that of the first row, in that period, which meets
the conditions common to numerator and denominator. So the parts of a breakdown add up to the whole,
and a share's two numbers are counted from the same people. Breakdowns named in `distinct_in` count
a person in every cell it belongs to, and say that they do not add up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from indicators.definitions import Definition
from indicators.expressions import PERSONS, ROWS, SUM, Aggregate
from indicators.facts import Fact, codelists, facts

_IS_KNOWN = re.compile(r"is_known\((\w+)\)")


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
    numerator = _own(definition.numerator)
    denominator = _own(definition.denominator) if _same_fact(definition) else frozenset()
    shared = numerator & denominator if _same_fact(definition) else numerator
    base = frozenset(c for c in shared if not _IS_KNOWN.search(c))
    return Conditions(base, numerator - base, denominator - base)


def _own(aggregate: Aggregate | None) -> frozenset[str]:
    return aggregate.conditions if aggregate else frozenset()


def _same_fact(definition: Definition) -> bool:
    return definition.denominator is not None and definition.denominator.kind != "regions"


def count_sql(definition: Definition) -> str:
    """The query that counts an indicator in every window, place, breakdown and category.

    Columns: calendar, period, place, breakdown, category, numerator, denominator, is_unknown, and
    `candidates`: rows left out of the numerator only because a value is not known. The `windows` table
    and the `counted_*` views must exist. Nothing is formatted in but declared names and the checked
    expressions of the definition.
    """
    aggregate = definition.numerator
    assert aggregate is not None, "network measures are counted by a function"
    fact = facts()[definition.fact]
    parts = [_total("pinned", aggregate)]
    parts += [_breakdown(b, definition, fact, aggregate) for b in definition.by]
    return f"""WITH placed AS (
{_placed(definition, fact, aggregate)}
), pinned AS (
{_pinned(fact, aggregate)}
)
""" + "\nUNION ALL\n".join(parts)


def _placed(definition: Definition, fact: Fact, aggregate: Aggregate) -> str:
    split = conditions(definition)
    columns = ["w.calendar", "w.period", "f.place", f"{aggregate.argument or 'NULL'} AS counted"]
    columns += [f"f.{name}" for name in dict.fromkeys((*definition.by, *_order(fact))) if name != aggregate.argument]
    if aggregate.argument in (*definition.by, *_order(fact)):
        columns.append(f"f.{aggregate.argument}")
    known = {c for c in split.numerator if not _IS_KNOWN.search(c)}
    columns += [
        f"{_all_of(split.base, fact)} AS in_base",
        f"{_all_of(split.base | split.numerator, fact)} AS in_numerator",
        f"{_all_of(split.base | split.denominator, fact)} AS in_denominator",
        f"{_may_be(split.base | known, fact)} AS may_be_in_numerator",
    ]
    return f"""  SELECT {", ".join(columns)}
  FROM counted_{fact.name} AS f
  JOIN windows AS w ON {_in_window(fact)}
  WHERE {_may_be(split.base, fact)}"""


def _in_window(fact: Fact) -> str:
    if fact.kind == "state":
        # A state is read on the last day, from the latest list sent up to then.
        return (
            f"coalesce(f.{fact.valid_from} <= w.end_on, true) AND coalesce(f.{fact.valid_to} >= w.end_on, true)\n"
            f"    AND coalesce(f.snapshot = (SELECT max(s.snapshot) FROM counted_{fact.name} AS s\n"
            "      WHERE s.snapshot <= w.period), f.snapshot IS NULL)"
        )
    return f"(w.start_on IS NULL OR f.{fact.dated_by} BETWEEN w.start_on AND w.end_on)"


def _pinned(fact: Fact, aggregate: Aggregate) -> str:
    if aggregate.kind != PERSONS:
        return "  SELECT * FROM placed"
    # The first contact decides the cell; ties go by the row's own key, never by file order.
    order = ", ".join(_order(fact))
    return f"""  SELECT * FROM placed
  WHERE counted IS NOT NULL AND in_base
  QUALIFY row_number() OVER (PARTITION BY calendar, period, place, counted ORDER BY {order}) = 1
  UNION ALL
  SELECT * FROM placed WHERE counted IS NULL OR NOT in_base"""


def _order(fact: Fact) -> tuple[str, ...]:
    return tuple(name for name in (fact.dated_by, *fact.key) if name)


def _total(source: str, aggregate: Aggregate) -> str:
    return f"""SELECT calendar, period, place, 'total' AS breakdown, 'total' AS category,
  {_measures(aggregate, distinct=False)}
FROM {source} GROUP BY ALL"""


def _breakdown(breakdown: str, definition: Definition, fact: Fact, aggregate: Aggregate) -> str:
    column = fact.counted_columns()[breakdown]
    distinct = breakdown in definition.distinct_in
    unknown = codelists()[column.values or ""].unknown or "U"
    source = "placed" if distinct else "pinned"
    category = f"coalesce({breakdown}, '{unknown}')"
    if column.is_list:
        many = f"CASE WHEN coalesce(len({breakdown}), 0) = 0 THEN ['{unknown}'] ELSE list_distinct({breakdown}) END"
        source, category = f"(SELECT *, unnest({many}) AS one_category FROM {source})", "one_category"
    return f"""SELECT calendar, period, place, '{breakdown}' AS breakdown, {category} AS category,
  {_measures(aggregate, distinct)}
FROM {source} GROUP BY ALL"""


def _measures(aggregate: Aggregate, distinct: bool) -> str:
    count = "count(DISTINCT counted)" if distinct else "count(counted)"
    measure = {PERSONS: count, ROWS: "count(*)", SUM: "sum(counted)"}[aggregate.kind]
    unknown = "false" if aggregate.kind == ROWS else "bool_or(counted IS NULL AND in_numerator)"
    return f"""coalesce({measure} FILTER (WHERE in_numerator), 0) AS numerator,
  coalesce({measure} FILTER (WHERE in_denominator), 0) AS denominator,
  coalesce({unknown}, false) AS is_unknown,
  count(*) FILTER (WHERE may_be_in_numerator AND NOT in_numerator) AS candidates"""


def _all_of(conditions: frozenset[str] | set[str], fact: Fact) -> str:
    if not conditions:
        return "true"
    return "(" + " AND ".join(f"coalesce({_known(c, fact)}, false)" for c in sorted(conditions)) + ")"


def _may_be(conditions: frozenset[str] | set[str], fact: Fact) -> str:
    """Like `_all_of`, but what is not recorded may be true: unknown is not no."""
    if not conditions:
        return "true"
    return "(" + " AND ".join(f"coalesce({_known(c, fact)}, true)" for c in sorted(conditions)) + ")"


def _known(condition: str, fact: Fact) -> str:
    """Replace `is_known(column)` by SQL: a list is known when it holds something, a code when it is not unknown."""

    def replace(match: re.Match[str]) -> str:
        column = fact.counted_columns()[match[1]]
        if column.is_list:
            return f"len({match[1]}) > 0"
        unknown = codelists()[column.values].unknown if column.values else None
        return f"{match[1]} IS NOT NULL AND {match[1]} <> '{unknown or ''}'"

    return _IS_KNOWN.sub(replace, condition)
