"""Persons: one row for each place, atom and person, with the first contact of each population packed in a number.

The number is the day, then the row. Where a person has several contacts on that first day, the order among ties
decides. A person enters those spans of an atom that begin after the atom of the contact before, and stays in the
cell of that first contact, so every window is a sum of entrants.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from indicators.cubes import Sums, count, each_category, summed_sql
from indicators.expressions import PERSONS
from indicators.placed import NEVER, Dated, Placed, Tallies
from indicators.queries import Tally

# More rows than any fact has: a day and the row packed in one number keep the order of the days.
_ROWS = 1 << 32
_LAST = _ROWS - 1


@dataclass(frozen=True)
class Population:
    """Those who are counted by one key under the same base; its number is the least of its tallies.

    `is_ordered`: whether it matters which row is the first contact, beside that it meets the base.
    """

    number: int
    base: str
    tallies: Tallies
    is_ordered: bool


def persons_sql(dated: Dated) -> Iterator[str]:
    """Statements that add to `parts` the persons of the tallies that count any."""
    for key, populations in _populations(dated).items():
        ordered = [population for population in populations if population.is_ordered]
        yield _spine_sql(dated, key, populations)
        if ordered:
            yield _turns_sql(dated, key, ordered)
        for one in populations:
            pinned = {n: replace(t, by=_pinned(t)) for n, t in one.tallies.items()}
            yield from summed_sql(dated.placed, _entrants(one), pinned, _sums(dated.placed, one), since="since")
            for number, tally in one.tallies.items():
                yield from _distinct_sql(dated, number, tally)


def _populations(dated: Dated) -> dict[str, list[Population]]:
    """The populations of each key."""
    found: dict[str, dict[str, dict[int, Tally]]] = {}
    for number, tally in dated.tallies.items():
        if tally.aggregate.kind == PERSONS:
            key = dated.placed.column(tally.aggregate.argument or "")
            found.setdefault(key, {}).setdefault(dated.placed.base(tally), {})[number] = tally
    return {
        key: [Population(min(of), base, of, _depends_on_row(dated.placed, base, of)) for base, of in bases.items()]
        for key, bases in found.items()
    }


def _pinned(tally: Tally) -> tuple[str, ...]:
    """The breakdowns in which a person stands in the cell of the first contact alone."""
    return tuple(breakdown for breakdown in tally.by if breakdown not in tally.distinct_in)


def _depends_on_row(placed: Placed, base: str, tallies: Tallies) -> bool:
    return any(
        _pinned(tally) or {placed.numerator(tally), placed.denominator(tally)} != {base} for tally in tallies.values()
    )


def _sums(placed: Placed, population: Population) -> dict[int, Sums]:
    def counted(mark: str) -> str:
        return "count(*)" if mark == population.base else count(mark)

    return {
        number: Sums(
            counted(placed.numerator(tally)),
            counted(placed.denominator(tally)),
            candidates=count(placed.candidate_inside(tally)),
        )
        for number, tally in population.tallies.items()
    }


def _spine_sql(dated: Dated, key: str, populations: list[Population]) -> str:
    """Each person's first contact in each atom, for the populations of one key, and the atom of the one before."""
    firsts = []
    for one in populations:
        if not one.is_ordered:
            firsts.append(f"min(0) FILTER (WHERE {one.base}) AS first_{one.number}")
            continue
        day, row = f"{dated.day}::BIGINT * {_ROWS}", dated.placed.number()
        firsts.append(f"min({day} + {row}) FILTER (WHERE {one.base}) AS first_{one.number}")
        # The last row of the first day: the same one, unless there are several.
        firsts.append(f"min({day} + {_LAST} - {row}) FILTER (WHERE {one.base}) AS other_{one.number}")
    before = ", ".join(
        f"lag(CASE WHEN first_{one.number} IS NOT NULL THEN atom END IGNORE NULLS) OVER of_person"
        f" AS before_{one.number}"
        for one in populations
    )
    return f"""CREATE OR REPLACE TEMP TABLE spine AS
SELECT *, {before} FROM (
  SELECT place, atom, {key} AS person, {", ".join(firsts)}
  FROM {dated.rows} WHERE {key} IS NOT NULL AND ({" OR ".join(one.base for one in populations)})
  GROUP BY place, atom, {key}
) WINDOW of_person AS (PARTITION BY place, person ORDER BY atom)"""


def _turns_sql(dated: Dated, key: str, ordered: list[Population]) -> str:
    """Which row comes first where a person has several on the first day: adding an indicator changes none of it."""
    tied = "\n  UNION ALL ".join(
        f"SELECT {one.number} AS population, first_{one.number} AS contact, place, person FROM spine"
        f" WHERE first_{one.number} % {_ROWS} + other_{one.number} % {_ROWS} <> {_LAST}"
        for one in ordered
    )
    bases = " ".join(f"WHEN {one.number} THEN {one.base}" for one in ordered)
    order = ", ".join((*dated.placed.ranks(), "number"))
    return f"""CREATE OR REPLACE TEMP TABLE turns AS
SELECT population, contact, number AS turn FROM (
  {tied}
) AS tied JOIN placed AS f ON f.place = tied.place AND f.{key} = tied.person
  AND {dated.day} = contact // {_ROWS} AND CASE population {bases} END
QUALIFY row_number() OVER (PARTITION BY population, contact ORDER BY {order}) = 1"""


def _entrants(one: Population) -> str:
    """The persons of a population in each atom, with the first of the atoms whose spans they enter."""
    entered = f"spine JOIN entered ON entered.atom = spine.atom AND entered.before = coalesce(before_{one.number}, -1)"
    first = f"first_{one.number}"
    if not one.is_ordered:
        return f"(SELECT place, spine.atom, since FROM {entered} WHERE {first} IS NOT NULL)"
    return f"""(SELECT placed.*, spine.atom, since FROM {entered}
  LEFT JOIN turns ON population = {one.number} AND contact = {first}
  JOIN placed ON placed.number = coalesce(turn, {first} % {_ROWS}) WHERE {first} IS NOT NULL)"""


def _distinct_sql(dated: Dated, number: int, tally: Tally) -> Iterator[str]:
    """The persons of each category they ever stood in, by the atoms in which they did."""
    placed = dated.placed
    key = placed.column(tally.aggregate.argument or "")
    num, den = placed.numerator(tally), placed.denominator(tally)
    sides = {num: ("count(*)", "count(*)")} if num == den else {num: ("count(*)", "0"), den: ("0", "count(*)")}
    for breakdown in sorted(tally.distinct_in & set(tally.by)):
        each = each_category(placed, breakdown)
        for mark, (above, below) in sides.items():
            yield f"""INSERT INTO parts
SELECT {number}, stood.atom, since, place, '{breakdown}', category, {above}, {below}, 0, 0 FROM (
  SELECT place, atom, category, lag(atom) OVER (PARTITION BY place, category, person ORDER BY atom) AS before FROM (
    SELECT DISTINCT place, atom, {each} AS category, {key} AS person
    FROM {dated.rows} WHERE {mark} AND {key} IS NOT NULL)
) AS stood JOIN entered ON entered.atom = stood.atom AND entered.before = coalesce(stood.before, -1)
GROUP BY ALL"""
        left = placed.candidate_inside(tally)
        if left != NEVER:
            base = placed.base(tally)
            yield f"""INSERT INTO parts
SELECT {number}, atom, 0, place, '{breakdown}', category, 0, 0, 0, count(*)
FROM (SELECT place, atom, {each} AS category FROM {dated.rows} WHERE {left} AND {base} AND {key} IS NOT NULL)
GROUP BY ALL"""
