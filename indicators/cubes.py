"""Rows, sums, means and quantiles, counted once to the finest grain and added up from there.

Also the doubts: rows that may count but are not known to, which no kind of tally may pass over in
silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from indicators.atoms import Line
from indicators.expressions import MEAN, QUANTILE, ROWS, SUM
from indicators.facts import Fact
from indicators.figures import TOTAL
from indicators.tallies import Tally, category_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def count_rows(con: DuckDBPyConnection, line: Line, fact: Fact, tallies: Sequence[Tally]) -> None:
    """Add to `tallied` the counts of rows, sums and means of one source."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE cube AS {cube_sql(line, fact, tallies)}")
    for tally in tallies:
        for breakdown, category, unnested in _tables(tally):
            con.execute(f"INSERT INTO tallied {_summed(line, tally, 'cube', breakdown, category, unnested)}")


def count_doubts(con: DuckDBPyConnection, line: Line, fact: Fact, tallies: Sequence[Tally]) -> None:
    """Add to `tallied` how many rows lack their number, and how many may count for all that is known."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE doubts AS {doubts_sql(line, fact, tallies)}")
    for tally in tallies:
        for breakdown, category, unnested in _tables(tally):
            con.execute(f"INSERT INTO tallied {_doubted(line, tally, breakdown, category, unnested)}")


def collect_values(con: DuckDBPyConnection, line: Line, tally: Tally) -> None:
    """Add to `collected` how often each value occurs in each cell: what a quantile is read from, and adds up."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE cube AS {values_sql(line, tally)}")
    for breakdown, category, unnested in _tables(tally):
        con.execute(f"""INSERT INTO collected SELECT '{tally.code}', w.calendar, w.period, place, '{breakdown}',
  {category} AS category, value, sum(n)
FROM cube{unnested} JOIN {line.windows} AS w ON cube.atom BETWEEN w.first_atom AND w.last_atom GROUP BY ALL""")


def cube_sql(line: Line, fact: Fact, tallies: Sequence[Tally]) -> str:
    """One scan to the finest grain: place, atom and every breakdown in use; two numbers for each tally."""
    measures = ", ".join(
        f"{_measure(t, t.in_numerator)} AS numerator_{t.number}, {_second(t)} AS denominator_{t.number}"
        for t in tallies
    )
    return f"""SELECT f.place, line.atom{_columns(tallies)}, {measures}
FROM counted_{fact.name} AS f {line.join} GROUP BY ALL"""


def doubts_sql(line: Line, fact: Fact, tallies: Sequence[Tally]) -> str:
    """Rows of which it is not known whether they count, or how much."""
    lacking = {
        t.number: f"({t.argument} IS NULL AND {t.in_numerator})" if _needs_value(t) else "false" for t in tallies
    }
    maybe = {t.number: f"({t.may_be_in} AND NOT {t.in_numerator})" for t in tallies}
    measures = ", ".join(
        f"count(*) FILTER (WHERE {lacking[t.number]}) AS lacking_{t.number}, "
        f"count(*) FILTER (WHERE {maybe[t.number]}) AS maybe_{t.number}"
        for t in tallies
    )
    any_doubt = " OR ".join(dict.fromkeys([*lacking.values(), *maybe.values()]))
    return f"""SELECT f.place, line.atom{_columns(tallies)}, {measures}
FROM counted_{fact.name} AS f {line.join} WHERE {any_doubt} GROUP BY ALL"""


def values_sql(line: Line, tally: Tally) -> str:
    """How often each known value occurs, at the finest grain."""
    return f"""SELECT f.place, line.atom{_columns([tally])}, {tally.argument} AS value, count(*) AS n
FROM counted_{tally.fact.name} AS f {line.join}
WHERE {tally.in_numerator} AND {tally.argument} IS NOT NULL GROUP BY ALL"""


def _columns(tallies: Iterable[Tally]) -> str:
    return "".join(f", {name}" for name in sorted({b for tally in tallies for b in tally.by}))


def _needs_value(tally: Tally) -> bool:
    """Whether a row without its number makes the whole unknown; means and quantiles are of known values."""
    return tally.kind not in (ROWS, MEAN, QUANTILE)


def _measure(tally: Tally, where: str) -> str:
    what = {ROWS: "count(*)"}.get(tally.kind, f"sum({tally.argument})")
    return f"{what} FILTER (WHERE {where})"


def _second(tally: Tally) -> str:
    if tally.kind == MEAN:
        return f"count({tally.argument}) FILTER (WHERE {tally.in_numerator})"
    return _measure(tally, tally.in_denominator)


def _tables(tally: Tally) -> Iterator[tuple[str, str, str]]:
    yield TOTAL, f"'{TOTAL}'", ""
    for breakdown in tally.by:
        yield breakdown, *category_of(tally.fact, breakdown)


def _summed(line: Line, tally: Tally, table: str, breakdown: str, category: str, unnested: str) -> str:
    return f"""WITH cells AS (
  SELECT place, atom, {category} AS category, sum(numerator_{tally.number}) AS numerator,
    sum(denominator_{tally.number}) AS denominator
  FROM {table}{unnested} GROUP BY ALL
)
SELECT {tally.number}, w.calendar, w.period, place, '{breakdown}', category,
  coalesce(sum(numerator), 0), coalesce(sum(denominator), 0), 0, 0
FROM cells JOIN {line.windows} AS w ON cells.atom BETWEEN w.first_atom AND w.last_atom GROUP BY ALL"""


def _doubted(line: Line, tally: Tally, breakdown: str, category: str, unnested: str) -> str:
    return f"""SELECT {tally.number}, w.calendar, w.period, place, '{breakdown}', {category} AS category,
  0, 0, sum(lacking_{tally.number}), sum(maybe_{tally.number})
FROM doubts{unnested} JOIN {line.windows} AS w ON doubts.atom BETWEEN w.first_atom AND w.last_atom
WHERE lacking_{tally.number} > 0 OR maybe_{tally.number} > 0 GROUP BY ALL"""


SUMS = (ROWS, SUM, MEAN)
