"""Everything of one fact and date counted together: one scan to the finest cube, then rolled up.

Rows, sums, means and the rows of unknown value add up, so they are counted once by place, atom and
all breakdown columns at hand. A quantile keeps how often each value is there. Persons are in `spine`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from indicators.definition_faults import decides_cells
from indicators.expressions import AVERAGES, MEAN, PERSONS, QUANTILE, ROWS, SUM
from indicators.fact_views import counted_facts
from indicators.facts import Column, Derived, Fact, codelists
from indicators.queries import Tally, all_of, may_be, may_be_numerator, rank

Tallies = Mapping[int, Tally]  # by their number in the catalogue
NUMBER = "DECIMAL(38, 2)"


def placed_sql(fact: Fact, dated_by: str | None, tallies: Tallies, has_days: bool) -> str:
    """Each row with its place, atom and day, and for every tally where it stands: `base`, `num`, `den`, `may`."""
    day = f"coalesce(f.{dated_by} - DATE '1900-01-01', 99999)" if dated_by else "99999"
    columns = ["f.place", "a.atom" if has_days else "0 AS atom", f"{day} AS day"]
    names = {name for tally in tallies.values() for name in (*tally.by, tally.aggregate.argument) if name}
    if any(tally.aggregate.kind == PERSONS for tally in tallies.values()):
        coded = [name for name, column in fact.counted_columns().items() if decides_cells(column)]
        names |= set(coded)
        columns += [f"{rank(name, fact.counted_columns()[name])} AS rank_{name}" for name in coded]
    columns += [f"f.{name} AS c_{name}" for name in sorted(names)]
    for number, tally in tallies.items():
        split = tally.split
        columns += [
            f"{all_of(split.base, fact)} AS base_{number}",
            f"{all_of(split.base | split.numerator, fact)} AS num_{number}",
            f"{all_of(split.base | split.denominator, fact)} AS den_{number}",
            f"{may_be(may_be_numerator(split), fact)} AS may_{number}",
        ]
    joined = f"\nJOIN atoms AS a ON f.{dated_by} BETWEEN a.start_on AND a.end_on" if has_days else ""
    return "SELECT " + ",\n  ".join(columns) + f"\nFROM counted_{fact.name} AS f{joined}"


def cube_sql(tallies: Tallies) -> str:
    """The finest cube: additive numbers of every tally by place, atom and the breakdown columns."""
    keys = ["place", "atom", *sorted({f"c_{name}" for tally in tallies.values() for name in tally.by})]
    numbers = [f"{text} AS {name}_{number}" for number, t in tallies.items() for name, text in _numbers(number, t)]
    by = ", ".join(keys)
    return f"SELECT {by},\n  " + ",\n  ".join(numbers) + f"\nFROM placed GROUP BY {by}"


def _numbers(number: int, tally: Tally) -> list[tuple[str, str]]:
    kind, value = tally.aggregate.kind, f"c_{tally.aggregate.argument}"
    num, den = f"FILTER (WHERE num_{number})", f"FILTER (WHERE den_{number})"
    measure = {ROWS: "count(*)", SUM: f"sum({value})", MEAN: f"sum({value})"}.get(kind, "0 * count(*)")
    below = f"count({value}) {num}" if kind == MEAN else f"{measure} {den}"
    found = [("above", f"coalesce({measure} {num}, 0)"), ("below", f"coalesce({below}, 0)")]
    lacking = "0" if kind == ROWS or kind in AVERAGES else f"count(*) FILTER (WHERE num_{number} AND {value} IS NULL)"
    # A person's contacts are candidates as one person, in the spine; rows without a person are so here.
    outside = f" AND ({value} IS NULL OR NOT base_{number})" if kind == PERSONS else ""
    candidates = f"count(*) FILTER (WHERE may_{number} AND NOT num_{number}{outside})"
    return [*found, ("lacking", lacking), ("left", candidates)]


def roll_up(number: int, tally: Tally) -> list[str]:
    """The cube by each breakdown of a tally: SELECTs of the columns of `parts`."""
    found = [_rolled(number, tally, breakdown, "cube") for breakdown in (None, *tally.by)]
    if tally.aggregate.kind == QUANTILE:
        found += [_histogram(number, tally, breakdown) for breakdown in (None, *tally.by)]
    return found


def _rolled(number: int, tally: Tally, breakdown: str | None, source: str) -> str:
    source, category = of_category(tally, breakdown, source)
    sums = [f"sum({name}_{number})" for name in ("above", "below", "lacking", "left")]
    return part(number, breakdown, category, "NULL", sums, "NULL") + f"\nFROM {source} GROUP BY place, atom, category"


def _histogram(number: int, tally: Tally, breakdown: str | None) -> str:
    source, category = of_category(tally, breakdown, "placed")
    value = f"c_{tally.aggregate.argument}"
    found = part(number, breakdown, category, "NULL", ["count(*)", "count(*)", "0", "0"], value)
    return found + f"\nFROM {source} WHERE num_{number} AND {value} IS NOT NULL GROUP BY place, atom, category, {value}"


def part(
    number: int, breakdown: str | None, category: str, span: str, numbers: Sequence[str], value: str, atom: str = "atom"
) -> str:
    """The columns of `parts`: what a tally counts in one atom, of a span where it is counted from there."""
    above, below, lacking, left = numbers
    return f"""SELECT {number} AS tally, CAST({span} AS INTEGER) AS span, {atom} AS atom, place,
  '{breakdown or "total"}' AS breakdown, {category} AS category, CAST({above} AS {NUMBER}) AS numerator,
  CAST({below} AS {NUMBER}) AS denominator, CAST({lacking} AS BIGINT) AS lacking,
  CAST({left} AS BIGINT) AS candidates, CAST({value} AS {NUMBER}) AS value"""


def of_category(tally: Tally, breakdown: str | None, source: str) -> tuple[str, str]:
    """The rows of a source once for each category they stand in, and the category."""
    if breakdown is None:
        return source, "'total'"
    column: Column | Derived = counted_facts()[tally.fact].counted_columns()[breakdown]
    unknown = codelists()[column.values or ""].unknown or "U"
    if not column.is_list:
        return source, f"coalesce(c_{breakdown}, '{unknown}')"
    held = f"c_{breakdown}"
    many = f"CASE WHEN coalesce(len({held}), 0) = 0 THEN ['{unknown}'] ELSE list_distinct({held}) END"
    return f"(SELECT *, unnest({many}) AS one_category FROM {source})", "one_category"
