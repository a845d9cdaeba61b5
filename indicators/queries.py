"""The SQL of one indicator, written by the engine around the expression the definition owns.

A person stands in exactly one cell of a period: that of the first row, in that period, which meets
the conditions common to numerator and denominator. So the parts of a breakdown add up to the whole,
and a share's two numbers are counted from the same people. Breakdowns named in `distinct_in` count
a person in every cell it belongs to, and say that they do not add up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from indicators.definition_faults import REGIONS, decides_cells
from indicators.definitions import Definition
from indicators.expressions import AVERAGES, MEAN, PERSONS, QUANTILE, ROWS, SUM, Aggregate
from indicators.fact_views import counted_facts
from indicators.facts import PROVENANCE, Column, Derived, Fact, codelists
from indicators.plain_conditions import plain

_IS_KNOWN = re.compile(r"is_known\((\w+)\)")


@dataclass(frozen=True)
class Conditions:
    """Conditions shared by both numbers of an indicator, and those of each alone."""

    base: frozenset[str]
    numerator: frozenset[str]
    denominator: frozenset[str]


@dataclass(frozen=True)
class Tally:
    """What one query counts: rows of a fact, dated by a column, and one number of them or two that share the rows."""

    fact: str
    dated_by: str | None
    aggregate: Aggregate
    split: Conditions
    by: tuple[str, ...]
    distinct_in: frozenset[str]


def conditions(definition: Definition) -> Conditions:
    """Split the conditions of a definition.

    Whether a value is known never belongs to the base, so that a share is counted from the same
    rows as the indicator it is a share of.
    """
    numerator = _own(definition.numerator)
    shares_rows = _shares_rows(definition)
    denominator = _own(definition.denominator) if shares_rows else frozenset()
    shared = numerator & denominator if shares_rows else numerator
    return _split(shared, numerator, denominator)


def tallies(definition: Definition) -> tuple[Tally, ...]:
    """The one tally of an indicator, or those of its numerator and its denominator."""
    aggregate = definition.numerator
    assert aggregate is not None, "network measures are counted by a function"
    first = Tally(
        definition.fact, definition.dated_by, aggregate, conditions(definition), definition.by, definition.distinct_in
    )
    other = definition.denominator
    if other is None or not definition.has_own_denominator:
        return (first,)
    by = definition.by if definition.denominator_by == "category" else ()
    split = _split(other.conditions, other.conditions, frozenset())
    second = Tally(
        definition.denominator_fact, definition.denominator_dated_by, other, split, by, definition.distinct_in
    )
    return first, second


def _split(shared: frozenset[str], numerator: frozenset[str], denominator: frozenset[str]) -> Conditions:
    base = frozenset(c for c in shared if not _IS_KNOWN.search(c))
    return Conditions(base, numerator - base, denominator - base)


def _own(aggregate: Aggregate | None) -> frozenset[str]:
    return aggregate.conditions if aggregate else frozenset()


def _shares_rows(definition: Definition) -> bool:
    """Whether the denominator is counted from the numerator's rows."""
    denominator = definition.denominator
    return denominator is not None and denominator.kind != REGIONS and not definition.has_own_denominator


def sql_of(definition: Definition) -> str:
    """The SQL that counts one indicator, to be read; a measure computed by a function has none."""
    if definition.numerator is None:
        return ""
    return ";\n\n".join(count_sql(tally) for tally in tallies(definition))


def count_sql(tally: Tally) -> str:
    """The query that counts a tally in every window, place, breakdown and category.

    Columns: calendar, period, place, breakdown, category, numerator, denominator, is_unknown,
    `candidates`: rows left out of the numerator only because a value is not known, and `value`, which
    numerator times counts where a quantile wants every value. The `windows` table and the
    `counted_*` views must exist. Nothing is formatted in but declared names and checked expressions.
    """
    fact = counted_facts()[tally.fact]
    parts = [_total("pinned", tally.aggregate)]
    parts += [_breakdown(b, tally, fact) for b in tally.by]
    return f"""WITH placed AS (
{_placed(tally, fact)}
), pinned AS (
{_pinned(tally, fact)}
)
""" + "\nUNION ALL\n".join(parts)


def rows_sql(tally: Tally, breakdown: str = "") -> str:
    """The query for the rows that a tally counts: where each comes from, its cell, and which number it is in.

    Of a person it is the row that decides the cell, but for a breakdown that counts a person in every cell.
    Columns: calendar, period, place, office, submission, sheet, row_number, category, in_numerator,
    in_denominator. A fact that is a view over others has no rows of its own: of it there is no such query.
    """
    fact = counted_facts()[tally.fact]
    column = fact.counted_columns()[breakdown] if breakdown else None
    category = f"by_{breakdown}" if breakdown else "NULL"
    if column is None or not column.is_list:
        category = f"[{category}]"
    source = "placed" if breakdown in tally.distinct_in else "pinned"
    of = tuple(f"f.{name}" for name in PROVENANCE if name not in ("place",))
    return f"""WITH placed AS (
{_placed(tally, fact, of)}
), pinned AS (
{_pinned(tally, fact)}
)
SELECT DISTINCT calendar, period, place, office, submission, sheet, row_number, {category} AS category, in_numerator,
  in_denominator
FROM {source} WHERE in_numerator OR in_denominator"""


def _placed(tally: Tally, fact: Fact, more: tuple[str, ...] = ()) -> str:
    split, aggregate = tally.split, tally.aggregate
    columns = ["w.calendar", "w.period", "f.place", f"f.{aggregate.argument} AS counted" if aggregate.argument else
               "NULL AS counted"]  # fmt: skip
    columns += [*(f"f.{name} AS by_{name}" for name in tally.by), *more]
    if aggregate.kind == PERSONS:
        columns += [f"{(tally.dated_by and 'f.' + tally.dated_by) or 'NULL'} AS first_on"]
        columns += [f"{rank} AS rank_{number}" for number, rank in enumerate(tie_ranks(fact))]
    columns += [
        f"{all_of(split.base, fact)} AS in_base",
        f"{all_of(split.base | split.numerator, fact)} AS in_numerator",
        f"{all_of(split.base | split.denominator, fact)} AS in_denominator",
        f"{may_be(may_be_numerator(split), fact)} AS may_be_in_numerator",
    ]
    return f"""  SELECT {", ".join(columns)}
  FROM counted_{fact.name} AS f
  JOIN windows AS w ON {_in_window(fact, tally.dated_by)}
  WHERE {may_be(split.base, fact)}"""


def _in_window(fact: Fact, dated_by: str | None) -> str:
    if fact.kind == "state":
        # A state is read on the last day, from the latest list sent up to then.
        return (
            f"coalesce(f.{fact.valid_from} <= w.end_on, true) AND coalesce(f.{fact.valid_to} >= w.end_on, true)\n"
            f"    AND coalesce(f.snapshot = (SELECT max(s.snapshot) FROM counted_{fact.name} AS s\n"
            "      WHERE s.snapshot <= w.period), f.snapshot IS NULL)"
        )
    return f"(w.start_on IS NULL OR f.{dated_by} BETWEEN w.start_on AND w.end_on)"


def _pinned(tally: Tally, fact: Fact) -> str:
    if tally.aggregate.kind != PERSONS:
        return "  SELECT * FROM placed"
    # The first contact decides the cell; of several on that day, the one whose codes come first.
    order = ", ".join(["first_on", *(f"rank_{number}" for number in range(len(tie_ranks(fact))))])
    return f"""  SELECT * FROM placed
  WHERE counted IS NOT NULL AND in_base
  QUALIFY row_number() OVER (PARTITION BY calendar, period, place, counted ORDER BY {order}) = 1
  UNION ALL
  SELECT * FROM placed WHERE counted IS NULL OR NOT in_base"""


def tie_ranks(fact: Fact) -> list[str]:
    """By what rows of one day are ordered: each coded column by its list, what is not known last."""
    return [rank(f"f.{name}", column) for name, column in fact.counted_columns().items() if decides_cells(column)]


def rank(name: str, column: Column | Derived) -> str:
    """By what rows are ordered in one column, by its name in the query; never empty."""
    if column.type == "boolean":
        return f"CASE WHEN {name} THEN 0 WHEN NOT {name} THEN 1 ELSE 2 END"
    if column.is_list:
        return f"coalesce(list_aggregate(list_sort(list_distinct({name})), 'string_agg', ';'), '~')"
    known = codes_in_order(column)
    whens = " ".join(f"WHEN '{code}' THEN {number}" for number, code in enumerate(known))
    return f"CASE {name} {whens} ELSE {len(known)} END"


def codes_in_order(column: Column | Derived) -> list[str]:
    """The codes of a column as its list has them, without the one for what is not known."""
    codes = codelists()[column.values or ""]
    return [code for code in codes.codes if code != codes.unknown]


def _total(source: str, aggregate: Aggregate) -> str:
    return f"""SELECT calendar, period, place, 'total' AS breakdown, 'total' AS category,
  {_measures(aggregate, distinct=False)}
FROM {source} GROUP BY ALL"""


def _breakdown(breakdown: str, tally: Tally, fact: Fact) -> str:
    column = fact.counted_columns()[breakdown]
    distinct = breakdown in tally.distinct_in
    unknown = codelists()[column.values or ""].unknown or "U"
    source = "placed" if distinct else "pinned"
    category = f"coalesce(by_{breakdown}, '{unknown}')"
    if column.is_list:
        held = f"by_{breakdown}"
        many = f"CASE WHEN coalesce(len({held}), 0) = 0 THEN ['{unknown}'] ELSE list_distinct({held}) END"
        source, category = f"(SELECT *, unnest({many}) AS one_category FROM {source})", "one_category"
    return f"""SELECT calendar, period, place, '{breakdown}' AS breakdown, {category} AS category,
  {_measures(tally.aggregate, distinct)}
FROM {source} GROUP BY ALL"""


def _measures(aggregate: Aggregate, distinct: bool) -> str:
    count = "count(DISTINCT counted)" if distinct else "count(counted)"
    measure = {
        PERSONS: count, ROWS: "count(*)", SUM: "sum(counted)", MEAN: "sum(counted)", QUANTILE: "count(counted)",
    }[aggregate.kind]  # fmt: skip
    # The values of a mean or median that are not known stand in neither of its two numbers.
    averages = aggregate.kind in AVERAGES
    of, filtered = ("count(counted)", "in_numerator") if averages else (measure, "in_denominator")
    unknown = "false" if aggregate.kind == ROWS or averages else "bool_or(counted IS NULL AND in_numerator)"
    value = "counted" if aggregate.kind == QUANTILE else "NULL"
    return f"""coalesce({measure} FILTER (WHERE in_numerator), 0) AS numerator,
  coalesce({of} FILTER (WHERE {filtered}), 0) AS denominator,
  coalesce({unknown}, false) AS is_unknown,
  count(*) FILTER (WHERE may_be_in_numerator AND NOT in_numerator) AS candidates, {value} AS value"""


def may_be_numerator(split: Conditions) -> frozenset[str]:
    """The conditions that a row of unknown values may still meet."""
    return split.base | {c for c in split.numerator if not _IS_KNOWN.search(c)}


def all_of(conditions: frozenset[str], fact: Fact, prefix: str = "f.") -> str:
    """All conditions, as SQL that is true or false; the columns are found under a prefix."""
    return _each(conditions, fact, prefix, "false")


def may_be(conditions: frozenset[str], fact: Fact, prefix: str = "f.") -> str:
    """Like `all_of`, but what is not recorded may be true: unknown is not no."""
    return _each(conditions, fact, prefix, "true")


def _each(conditions: frozenset[str], fact: Fact, prefix: str, otherwise: str) -> str:
    if not conditions:
        return "true"
    found = (f"coalesce({condition_sql(c, fact, prefix)}, {otherwise})" for c in sorted(conditions))
    return "(" + " AND ".join(found) + ")"


def condition_sql(condition: str, fact: Fact, prefix: str = "f.") -> str:
    """One condition, as SQL that is empty where the row does not say; the columns are found under a prefix."""
    return _prefixed(_known(condition, fact), prefix)


@cache
def _prefixed(condition: str, prefix: str) -> str:
    if (found := plain(condition)) is not None:
        return found.sql(prefix, upper=True)
    from sqlglot import exp, parse_one

    tree = parse_one(condition, dialect="duckdb")
    for column in list(tree.find_all(exp.Column)):
        name = f"{prefix}{column.name}"
        column.replace(exp.column(column.name, table=prefix[:-1]) if prefix.endswith(".") else exp.column(name))
    return tree.sql(dialect="duckdb")


def _known(condition: str, fact: Fact) -> str:
    """Replace `is_known(column)` by SQL: a list is known when it holds something, a code when it is not unknown."""

    def replace(match: re.Match[str]) -> str:
        name, column = match[1], fact.counted_columns()[match[1]]
        if column.is_list:
            return f"(len({name}) > 0)"
        unknown = codelists()[column.values].unknown if column.values else None
        return f"({name} IS NOT NULL" + (f" AND {name} <> '{unknown}')" if unknown else ")")

    return _IS_KNOWN.sub(replace, condition)
