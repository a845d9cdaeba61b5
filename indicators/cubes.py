"""What adds up over atoms: rows, sums, means, how often each value is there, and rows of unknown value.

Each breakdown is a grouping of the placed rows for all indicators that have it, all of them in one scan. Persons
are in `spine`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from indicators.expressions import MEAN, PERSONS, QUANTILE, ROWS, SUM
from indicators.facts import Column, Derived, codelists
from indicators.placed import ALWAYS, NEVER, Dated, Placed, Tallies
from indicators.queries import Tally

NUMBER = "DECIMAL(38, 2)"


@dataclass(frozen=True)
class Sums:
    """What is summed up of a tally, as SQL: its two numbers, the rows that lack theirs, and the candidates."""

    above: str = "0"
    below: str = "0"
    lacking: str = "0"
    candidates: str = "0"
    marks: frozenset[str] = frozenset({ALWAYS})  # each row that is summed up has one of them

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to sum up."""
        return {self.above, self.below, self.lacking, self.candidates} == {"0"}


def parts_sql(tallies: Sequence[Tally]) -> str:
    """The table of what is counted in each atom; `since` is the first atom of the earliest span that it counts in."""
    names = ", ".join(f"'{name}'" for name in dict.fromkeys(("total", *(name for t in tallies for name in t.by))))
    return f"""CREATE OR REPLACE TEMP TABLE parts (tally INTEGER, atom INTEGER, since INTEGER, place VARCHAR,
  breakdown ENUM ({names}), category VARCHAR, numerator {NUMBER}, denominator {NUMBER}, lacking BIGINT,
  candidates BIGINT)"""


# How often each value of a quantile is there in each atom; `has_days`: whether it is an atom of the day line.
VALUED_SQL = f"""CREATE OR REPLACE TEMP TABLE valued (tally INTEGER, has_days BOOLEAN, atom INTEGER, place VARCHAR,
  breakdown VARCHAR, category VARCHAR, value {NUMBER}, times BIGINT)"""


def count(mark: str) -> str:
    """How many rows have a mark."""
    return {ALWAYS: "count(*)", NEVER: "0"}.get(mark, f"count(*) FILTER (WHERE {mark})")


def additive_sql(dated: Dated) -> Iterator[str]:
    """Statements that add to `parts` what adds up; of persons, the rows that name nobody and the candidates.

    The values of quantiles go to `valued`: how often each is there in an atom. They are not spread over the windows,
    for there are many more of them than cells.
    """
    placed, rows = dated.placed, dated.rows
    yield from summed_sql(placed, rows, dated.tallies, {n: _sums(placed, t) for n, t in dated.tallies.items()})
    valued: dict[tuple[str, str], dict[int, Tally]] = {}
    for number, tally in dated.tallies.items():
        if tally.aggregate.kind == QUANTILE:
            value = placed.column(tally.aggregate.argument or "")
            valued.setdefault((placed.knows_value(tally), value), {})[number] = tally
    for (mark, value), alike in valued.items():
        each = dict.fromkeys(alike, Sums("count(*)", marks=frozenset({mark})))
        cell = f"s.tally, {str(dated.has_days).lower()}, atom, place, breakdown, unnest(categories)"
        drawn = f"{cell}, {value}, CAST(s.above AS BIGINT)"
        yield f"INSERT INTO valued\nSELECT {drawn}\n{_cells_sql(placed, rows, alike, each, (value,))}"


def _sums(placed: Placed, tally: Tally) -> Sums:
    kind, argument = tally.aggregate.kind, tally.aggregate.argument
    lacks = placed.lacks_number(tally) if kind in (PERSONS, SUM) else NEVER
    if kind == PERSONS:
        left = placed.candidate_outside(tally)
        return Sums(lacking=count(lacks), candidates=count(left), marks=frozenset({lacks, left}))
    left = placed.candidate(tally)
    num, den = placed.numerator(tally), placed.denominator(tally)
    if kind == ROWS:
        return Sums(count(num), count(den), candidates=count(left))
    if kind == QUANTILE:
        known = placed.knows_value(tally)
        return Sums(count(known), count(known), candidates=count(left), marks=frozenset({known, left}))
    value = placed.column(argument or "")
    above = f"sum({value}) FILTER (WHERE {num})"
    below = f"count({value}) FILTER (WHERE {num})" if kind == MEAN else f"sum({value}) FILTER (WHERE {den})"
    return Sums(above, below, count(lacks), count(left))


def summed_sql(
    placed: Placed, source: str, tallies: Tallies, sums: Mapping[int, Sums], *, since: str = "0"
) -> Iterator[str]:
    """The statement that adds to `parts` the sums of a source, for the wholes and each breakdown of the tallies."""
    counted = {number: tally for number, tally in tallies.items() if not sums[number].is_empty}
    if counted:
        keys = () if since == "0" else (since,)
        drawn = (
            f"s.tally, atom, {since}, place, breakdown, unnest(categories), s.above, s.below, s.lacking, s.candidates"
        )
        yield f"INSERT INTO parts\nSELECT {drawn}\n{_cells_sql(placed, source, counted, sums, keys)}"


def _cells_sql(
    placed: Placed, source: str, tallies: Tallies, sums: Mapping[int, Sums], more_keys: Sequence[str]
) -> str:
    """FROM and WHERE of a row for each cell of an atom and each tally that counts something there.

    In each grouping one breakdown at most is there. Lists are grouped as they are and taken apart afterwards.
    """
    names = list(dict.fromkeys(name for tally in tallies.values() for name in tally.by))
    columns = placed.fact.counted_columns()
    keys = ", ".join(("place", "atom", *more_keys))
    named = "".join(f", {_category(placed, name, columns[name])} AS in_{name}" for name in names)
    sets = ", ".join((f"({keys})", *(f"({keys}, in_{name})" for name in names)))
    categories = " ".join(f"WHEN in_{n} IS NOT NULL THEN {_categories(f'in_{n}', columns[n])}" for n in names)
    breakdown = " ".join(f"WHEN in_{name} IS NOT NULL THEN '{name}'" for name in names)
    marks = sorted({mark for number in tallies for mark in sums[number].marks} - {NEVER})
    where = "" if ALWAYS in marks else f" WHERE {' OR '.join(marks)}"
    return f"""FROM (SELECT * EXCLUDE (sums), unnest(sums) AS s FROM (
SELECT {keys}, {f"CASE {categories} ELSE ['total'] END" if names else "['total']"} AS categories,
  {f"CASE {breakdown} ELSE 'total' END" if names else "'total'"} AS breakdown,
  {_listed(tallies, sums)} AS sums
FROM (SELECT *{named} FROM {source}{where}) GROUP BY GROUPING SETS ({sets})
)) WHERE {_has_breakdown(tallies, names)} AND (s.above <> 0 OR s.below <> 0 OR s.lacking > 0 OR s.candidates > 0)"""


def _listed(tallies: Tallies, sums: Mapping[int, Sums]) -> str:
    """What each tally counts, as a list: so that one row of sums becomes a row for each tally."""
    found = []
    for number in tallies:
        one = sums[number]
        found.append(
            f"{{'tally': {number}, 'above': CAST(coalesce({one.above}, 0) AS {NUMBER}),"
            f" 'below': CAST(coalesce({one.below}, 0) AS {NUMBER}), 'lacking': CAST({one.lacking} AS BIGINT),"
            f" 'candidates': CAST({one.candidates} AS BIGINT)}}"
        )
    return f"[{', '.join(found)}]"


def _has_breakdown(tallies: Tallies, names: Sequence[str]) -> str:
    """Whether the tally of a row has the breakdown of that row, as SQL; every tally has the whole."""
    of = {name: [str(number) for number, tally in tallies.items() if name in tally.by] for name in names}
    lacking = {name: numbers for name, numbers in of.items() if len(numbers) < len(tallies)}
    if not lacking:
        return "true"
    whens = " ".join(f"WHEN '{name}' THEN s.tally IN ({', '.join(numbers)})" for name, numbers in lacking.items())
    return f"CASE breakdown {whens} ELSE true END"


def each_category(placed: Placed, breakdown: str) -> str:
    """Every category a row stands in, one to a row; what is not known is one."""
    column = placed.fact.counted_columns()[breakdown]
    return f"unnest({_categories(_category(placed, breakdown, column), column)})"


def _category(placed: Placed, name: str, column: Column | Derived) -> str:
    """The one category of a row, or its list as it is; never empty."""
    return f"coalesce({placed.column(name)}, {'[]' if column.is_list else _unknown(column)})"


def _categories(category: str, column: Column | Derived) -> str:
    """The categories as a list, each once; what is not known is one."""
    if not column.is_list:
        return f"[{category}]"
    return f"CASE WHEN len({category}) = 0 THEN [{_unknown(column)}] ELSE list_distinct({category}) END"


def _unknown(column: Column | Derived) -> str:
    return f"'{codelists()[column.values or ''].unknown or 'U'}'"
