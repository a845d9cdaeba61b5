"""Persons, counted on a spine: one row for each place, atom and person, and in it the cell of the first contact.

A person enters a span (a year to date, say) in the atom of the first contact and stays in that cell,
so every window of the span is a sum over those who entered up to its end, and the parts of a
breakdown add up to the whole. Breakdowns in which a person stands in every cell have their own
entry for each category.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from indicators.atoms import Line
from indicators.digits import Digit, digits, needed, number_type, packed, rank_joins, size, unpacked
from indicators.facts import Fact
from indicators.figures import TOTAL
from indicators.tallies import Tally, category_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def count_persons(con: DuckDBPyConnection, line: Line, fact: Fact, day: str, tallies: Sequence[Tally]) -> None:
    """Add to `tallied` the counts of tallies of one source that count the same key."""
    names = needed(fact, tallies)
    found = digits(con, fact, names, f"counted_{fact.name}")
    bases = list(dict.fromkeys(tally.base for tally in tallies))
    con.execute(f"CREATE OR REPLACE TEMP TABLE spine AS {spine_sql(line, fact, day, tallies[0], found, bases)}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE entries AS {entries_sql(line, bases)}")
    for number, base in enumerate(bases):
        con.execute(f"CREATE OR REPLACE TEMP TABLE entered AS {entered_sql(number, found)}")
        for tally in tallies:
            if tally.base == base:
                for sql in pinned_sql(line, tally):
                    con.execute(f"INSERT INTO tallied {sql}")
    for tally in tallies:
        for breakdown in sorted(tally.distinct_in & set(tally.by)):
            con.execute(f"INSERT INTO tallied {distinct_sql(line, tally, breakdown)}")


def spine_sql(line: Line, fact: Fact, day: str, one: Tally, found: Sequence[Digit], bases: Sequence[str]) -> str:
    """One row for each place, atom and key; `cell_<n>` is the atom and the cell under the n-th base."""
    ranks, joins = rank_joins(fact, [digit.column for digit in found])
    whole = size(found)
    since = f"coalesce({day} - DATE '1970-01-01', 0)" if day and fact.kind != "state" else "0"
    flags = ", ".join(f"{base} AS in_{number}" for number, base in enumerate(bases))
    firsts = ", ".join(
        f"atom * {whole}::{number_type(found)} + min(moment) FILTER (WHERE in_{number}) % {whole} AS cell_{number}"
        for number in range(len(bases))
    )
    first = f"{since} * {whole}::{number_type(found)} + {packed(found)}"
    return f"""WITH placed AS (
  SELECT f.*, line.atom, {", ".join([*ranks, f"f.{one.argument} AS who"])}
  FROM counted_{fact.name} AS f {line.join} {" ".join(joins)}
), flagged AS (SELECT place, atom, who, {first} AS moment, {flags} FROM placed WHERE who IS NOT NULL)
SELECT place, atom, who, {firsts} FROM flagged WHERE {" OR ".join(f"in_{n}" for n in range(len(bases)))}
GROUP BY place, atom, who"""


def entries_sql(line: Line, bases: Sequence[str]) -> str:
    """The first cell of each key in each span."""
    firsts = ", ".join(f"min(cell_{number}) AS cell_{number}" for number in range(len(bases)))
    return f"""SELECT place, s.span, who, {firsts}
FROM spine JOIN {line.spans} AS s ON spine.atom BETWEEN s.first_atom AND s.last_atom GROUP BY place, s.span, who"""


def entered_sql(number: int, found: Sequence[Digit]) -> str:
    """How many keys entered each span in which atom and cell, the cell read back into its columns."""
    whole = size(found)
    values, joins = unpacked(found)
    columns = "".join(f", {value}" for value in values)
    return f"""WITH counted AS (
  SELECT place, span, cell_{number} // {whole} AS atom, cell_{number} % {whole} AS cell, count(*) AS n
  FROM entries WHERE cell_{number} IS NOT NULL GROUP BY ALL
)
SELECT place, span, atom, n{columns} FROM counted {" ".join(joins)}"""


def pinned_sql(line: Line, tally: Tally) -> Iterator[str]:
    """The whole, and each breakdown in which everybody stands in one cell."""
    yield _sum_of_entered(line, tally, TOTAL, f"'{TOTAL}'", "")
    for breakdown in tally.by:
        if breakdown not in tally.distinct_in:
            yield _sum_of_entered(line, tally, breakdown, *category_of(tally.fact, breakdown))


def _sum_of_entered(line: Line, tally: Tally, breakdown: str, category: str, unnested: str) -> str:
    return f"""WITH cells AS (
  SELECT place, span, atom, {category} AS category, sum(n) FILTER (WHERE {tally.also_numerator}) AS numerator,
    sum(n) FILTER (WHERE {tally.also_denominator}) AS denominator
  FROM entered{unnested} GROUP BY ALL
)
SELECT {tally.number}, w.calendar, w.period, place, '{breakdown}', category,
  coalesce(sum(numerator), 0), coalesce(sum(denominator), 0), 0, 0
FROM cells JOIN {line.windows} AS w ON cells.span = w.span AND cells.atom <= w.last_atom GROUP BY ALL"""


def distinct_sql(line: Line, tally: Tally, breakdown: str) -> str:
    """A breakdown in which a key counts in every cell it belongs to, from the atom of its first row there."""
    category, unnested = category_of(tally.fact, breakdown)
    return f"""WITH placed AS (
  SELECT f.*, line.atom FROM counted_{tally.fact.name} AS f {line.join}
), there AS (
  SELECT place, s.span, {tally.argument} AS who, {category} AS category,
    min(atom) FILTER (WHERE {tally.in_numerator}) AS first_numerator,
    min(atom) FILTER (WHERE {tally.in_denominator}) AS first_denominator
  FROM placed{unnested} JOIN {line.spans} AS s ON atom BETWEEN s.first_atom AND s.last_atom
  WHERE {tally.argument} IS NOT NULL AND {tally.base} GROUP BY ALL
), cells AS (
  SELECT place, span, category, first_numerator AS atom, count(*) AS numerator, 0 AS denominator FROM there
  WHERE first_numerator IS NOT NULL GROUP BY ALL
  UNION ALL
  SELECT place, span, category, first_denominator, 0, count(*) FROM there
  WHERE first_denominator IS NOT NULL GROUP BY ALL
)
SELECT {tally.number}, w.calendar, w.period, place, '{breakdown}', category,
  sum(numerator), sum(denominator), 0, 0
FROM cells JOIN {line.windows} AS w ON cells.span = w.span AND cells.atom <= w.last_atom GROUP BY ALL"""
