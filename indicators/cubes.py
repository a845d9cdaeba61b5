"""Everything of one fact and date counted together: one scan places the rows, then each breakdown is summed up.

Rows, sums, means and the rows of unknown value add up over atoms. A quantile keeps how often each value
is there. Persons are in `spine`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from indicators.expressions import AVERAGES, MEAN, PERSONS, QUANTILE, ROWS, SUM
from indicators.fact_views import counted_facts
from indicators.facts import Column, Derived, Fact, codelists
from indicators.queries import Tally, all_of, may_be, may_be_numerator, tie_ranks

Tallies = Mapping[int, Tally]  # by their number in the catalogue
NUMBER = "DECIMAL(38, 2)"
PARTS = f"""CREATE OR REPLACE TEMP TABLE parts (tally INTEGER, span INTEGER, atom INTEGER, place VARCHAR,
  breakdown VARCHAR, category VARCHAR, numerator {NUMBER}, denominator {NUMBER}, lacking BIGINT, candidates BIGINT,
  value {NUMBER})"""


def persons_counted(tallies: Tallies) -> list[str]:
    """The keys of persons that any of the tallies counts."""
    found = (t.aggregate.argument for t in tallies.values() if t.aggregate.kind == PERSONS)
    return list(dict.fromkeys(key for key in found if key))


def placed_sql(fact: Fact, dated_by: str | None, tallies: Tallies, has_days: bool) -> str:
    """Each row with its place, atom and day, and for every tally where it stands: `base`, `num`, `den`, `may`.

    A row that shares its day with another of the same person has `ranks` as well, by which ties are decided.
    """
    day = f"coalesce(f.{dated_by} - DATE '1900-01-01', 99999)" if dated_by else "99999"
    # DuckDB's own rowid will not do: of rows that no transaction has ended for, it starts far beyond any number.
    columns = ["row_number() OVER () AS number", "f.place", "d.atom" if has_days else "0 AS atom", f"{day} AS day"]
    names = {name for tally in tallies.values() for name in (*tally.by, tally.aggregate.argument) if name}
    columns += [f"f.{name} AS c_{name}" for name in sorted(names)]
    for number, tally in tallies.items():
        split = tally.split
        columns += [
            f"{all_of(split.base, fact)} AS base_{number}",
            f"{all_of(split.base | split.numerator, fact)} AS num_{number}",
            f"{all_of(split.base | split.denominator, fact)} AS den_{number}",
            f"{may_be(may_be_numerator(split), fact)} AS may_{number}",
        ]
    if keys := persons_counted(tallies):
        tied = " OR ".join(_is_tied(fact, key, dated_by) for key in keys)
        ranks = ", ".join(f"'rank_{place}': {rank}" for place, rank in enumerate(tie_ranks(fact)))
        columns.append(f"CASE WHEN {tied} THEN {{{ranks}}} END AS ranks")
    joined = f"\nJOIN days AS d ON f.{dated_by} = d.day" if has_days else ""
    return "SELECT " + ",\n  ".join(columns) + f"\nFROM counted_{fact.name} AS f{joined}"


def _is_tied(fact: Fact, key: str, dated_by: str | None) -> str:
    """Whether another row of that person is of the same day at the same place; rows without a day share one."""
    at = ["f.place", f"f.{key}", *([f"coalesce(f.{dated_by}, DATE '9999-12-31')"] if dated_by else [])]
    several = f"f.{key} IS NOT NULL GROUP BY ALL HAVING count(*) > 1"
    of = f"SELECT {', '.join(at)} FROM counted_{fact.name} AS f WHERE {several}"
    return f"coalesce(({', '.join(at)}) IN ({of}), false)"


def additive_sql(tallies: Tallies) -> Iterator[str]:
    """Statements that add to `parts` what adds up: of every tally that counts no persons."""
    added = {number: tally for number, tally in tallies.items() if tally.aggregate.kind != PERSONS}
    yield from summed_sql("placed", added, ["atom"], {number: _numbers(number, t) for number, t in added.items()})
    for number, tally in added.items():
        if tally.aggregate.kind == QUANTILE:
            yield from (_histogram(number, tally, breakdown) for breakdown in (None, *tally.by))


def _numbers(number: int, tally: Tally) -> list[str]:
    kind, value = tally.aggregate.kind, f"c_{tally.aggregate.argument}"
    num, den = f"FILTER (WHERE num_{number})", f"FILTER (WHERE den_{number})"
    measure = {ROWS: "count(*)", SUM: f"sum({value})", MEAN: f"sum({value})"}.get(kind)
    above = f"{measure} {num}" if measure else "0"
    below = f"count({value}) {num}" if kind == MEAN else f"{measure} {den}" if measure else "0"
    lacking = "0" if kind == ROWS or kind in AVERAGES else f"count(*) FILTER (WHERE num_{number} AND {value} IS NULL)"
    return [above, below, lacking, f"count(*) FILTER (WHERE may_{number} AND NOT num_{number})"]


def summed_sql(source: str, tallies: Tallies, by: Sequence[str], numbers: Mapping[int, Sequence[str]]) -> Iterator[str]:
    """Statements that add the sums of a source for all of the tallies: one for the wholes and all breakdowns in
    which a row stands in one category, one for each breakdown in which it may stand in several."""
    if not tallies:
        return
    columns = counted_facts()[next(iter(tallies.values())).fact].counted_columns()
    names = dict.fromkeys(name for tally in tallies.values() for name in tally.by)
    single = [name for name in names if not columns[name].is_list]
    categories = {name: _one_of(name, columns[name]) for name in single}
    yield _summed(source, categories, tallies, by, numbers)
    for name in names:
        if name not in single:
            those = {number: tally for number, tally in tallies.items() if name in tally.by}
            yield _summed_list(source, name, _each_of(name, columns[name]), those, by, numbers)


def _summed(
    source: str,
    categories: Mapping[str, str],
    tallies: Tallies,
    by: Sequence[str],
    numbers: Mapping[int, Sequence[str]],
) -> str:
    """The wholes and each breakdown by itself in one scan: in each grouping, one category at most is there."""
    keys = ", ".join(("place", *by))
    named = "".join(f", {category} AS in_{name}" for name, category in categories.items())
    sets = ", ".join((f"({keys})", *(f"({keys}, in_{name})" for name in categories)))
    category = f"coalesce({', '.join((*(f'in_{name}' for name in categories), chr(39) + 'total' + chr(39)))})"
    breakdown = " ".join(f"WHEN in_{name} IS NOT NULL THEN '{name}'" for name in categories)
    breakdown = f"CASE {breakdown} ELSE 'total' END" if breakdown else "'total'"
    grouped = f"""SELECT {keys}, {category} AS category, {breakdown} AS breakdown,
  {_sums(tallies, numbers)} AS sums
FROM (SELECT *{named} FROM {source}) GROUP BY GROUPING SETS ({sets})"""
    return _into_parts(grouped, by)


def _summed_list(
    source: str, name: str, each: str, tallies: Tallies, by: Sequence[str], numbers: Mapping[int, Sequence[str]]
) -> str:
    keys = ", ".join(("place", *by))
    grouped = f"""SELECT {keys}, category, '{name}' AS breakdown, {_sums(tallies, numbers)} AS sums
FROM (SELECT *, unnest({each}) AS category FROM {source}) GROUP BY {keys}, category"""
    return _into_parts(grouped, by)


def _sums(tallies: Tallies, numbers: Mapping[int, Sequence[str]]) -> str:
    """What each tally counts, as a list: so that one row of sums becomes a row for each tally."""
    found = []
    for number, tally in tallies.items():
        above, below, lacking, left = numbers[number]
        breakdowns = ", ".join(f"'{name}'" for name in ("total", *tally.by))
        found.append(
            f"{{'tally': {number}, 'among': [{breakdowns}], 'above': CAST(coalesce({above}, 0) AS {NUMBER}),"
            f" 'below': CAST(coalesce({below}, 0) AS {NUMBER}), 'lacking': CAST({lacking} AS BIGINT),"
            f" 'outside': CAST({left} AS BIGINT)}}"
        )
    return f"[{', '.join(found)}]"


def _into_parts(grouped: str, by: Sequence[str]) -> str:
    span = "span" if "span" in by else "NULL"
    return f"""INSERT INTO parts
SELECT s.tally, {span}, atom, place, breakdown, category, s.above, s.below, s.lacking, s.outside, NULL
FROM (SELECT * EXCLUDE (sums), unnest(sums) AS s FROM (
{grouped}
)) WHERE list_contains(s.among, breakdown) AND (s.above <> 0 OR s.below <> 0 OR s.lacking > 0 OR s.outside > 0)"""


def _histogram(number: int, tally: Tally, breakdown: str | None) -> str:
    source, category = of_category(tally.fact, breakdown, "placed")
    value = f"c_{tally.aggregate.argument}"
    found = part(number, breakdown, category, "NULL", ["count(*)", "count(*)", "0", "0"], value)
    where = f"num_{number} AND {value} IS NOT NULL"
    return f"INSERT INTO parts\n{found}\nFROM {source} WHERE {where} GROUP BY place, atom, category, {value}"


def part(
    number: int, breakdown: str | None, category: str, span: str, numbers: Sequence[str], value: str, atom: str = "atom"
) -> str:
    """The columns of `parts`: what a tally counts in one atom, of a span where it is counted from there."""
    above, below, lacking, left = numbers
    return f"""SELECT {number} AS tally, CAST({span} AS INTEGER) AS span, {atom} AS atom, place,
  '{breakdown or "total"}' AS breakdown, {category} AS category, CAST(coalesce({above}, 0) AS {NUMBER}) AS numerator,
  CAST(coalesce({below}, 0) AS {NUMBER}) AS denominator, CAST({lacking} AS BIGINT) AS lacking,
  CAST({left} AS BIGINT) AS candidates, CAST({value} AS {NUMBER}) AS value"""


def of_category(fact: str, breakdown: str | None, source: str) -> tuple[str, str]:
    """The rows of a source once for each category they stand in, and the category."""
    if breakdown is None:
        return source, "'total'"
    column = counted_facts()[fact].counted_columns()[breakdown]
    if not column.is_list:
        return source, _one_of(breakdown, column)
    return f"(SELECT *, unnest({_each_of(breakdown, column)}) AS one_category FROM {source})", "one_category"


def _one_of(name: str, column: Column | Derived) -> str:
    """The one category of a row; what is not known is one."""
    return f"coalesce(c_{name}, '{_unknown(column)}')"


def _each_of(name: str, column: Column | Derived) -> str:
    """Every category of a list, each once; what is not known is one."""
    return f"CASE WHEN coalesce(len(c_{name}), 0) = 0 THEN ['{_unknown(column)}'] ELSE list_distinct(c_{name}) END"


def _unknown(column: Column | Derived) -> str:
    return codelists()[column.values or ""].unknown or "U"
