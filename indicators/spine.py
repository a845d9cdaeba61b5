"""Persons: one row for each place, atom and person, with the first contact of each population packed in a number.

The number is the day, then the order among ties of that day, then the row. The least number is the first
contact. A person enters a span in the atom of the first contact and stays in the cell of that row, so every
window of the span is a sum of entrants.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from indicators.cubes import Tallies, of_category, part, summed_sql
from indicators.expressions import PERSONS
from indicators.queries import Tally

# By what rows of one day are ordered, where a person has several: adding an indicator changes none of it.
TIES = """SELECT number AS tied_row, row_number() OVER (PARTITION BY place, day ORDER BY ranks) AS turn
FROM placed WHERE ranks IS NOT NULL"""
_ROWS = "(SELECT count(*) + 1 FROM placed)"
_TURNS = "(SELECT coalesce(max(turn), 0) + 1 FROM ties)"

Population = tuple[str, frozenset[str]]  # the key counted, and the conditions a contact must meet


def populations(tallies: Tallies) -> dict[Population, dict[int, Tally]]:
    """The populations of persons, each with the tallies that count it."""
    found: dict[Population, dict[int, Tally]] = {}
    for number, tally in tallies.items():
        if tally.aggregate.kind == PERSONS:
            found.setdefault((tally.aggregate.argument or "", tally.split.base), {})[number] = tally
    return found


def spine_sql(key: str, numbers: Iterable[int]) -> str:
    """Each person's first contact in each atom, for the populations of one key, by their numbers."""
    packed = f"(day * {_TURNS} + coalesce(turn, 0)) * {_ROWS} + placed.number"
    firsts = ", ".join(f"min({packed}) FILTER (WHERE base_{number}) AS first_{number}" for number in numbers)
    return f"""SELECT place, atom, c_{key} AS person, {firsts}
FROM placed LEFT JOIN ties ON placed.number = tied_row
WHERE c_{key} IS NOT NULL GROUP BY place, atom, c_{key}"""


def entrants_sql(number: int, tallies: Tallies) -> str:
    """The persons who enter each span: the atom in which they do, and what is counted of the first contact."""
    columns = [f"c_{name}" for name in dict.fromkeys(name for tally in tallies.values() for name in tally.by)]
    columns += [f"{flag}_{n}" for n in tallies for flag in ("num", "den", "may")]
    return f"""SELECT span, entered.atom, placed.place, {", ".join(columns)} FROM (
  SELECT span, min(atom) AS atom, min(first_{number}) % {_ROWS} AS first_row
  FROM spine JOIN spans ON atom BETWEEN first_atom AND last_atom
  WHERE first_{number} IS NOT NULL GROUP BY place, span, person
) AS entered JOIN placed ON placed.number = first_row"""


def pinned_sql(tallies: Tallies) -> Iterator[str]:
    """Statements that add the entrants, and the rows that name nobody, of the tallies of one population."""
    pinned = {n: replace(t, by=tuple(b for b in t.by if b not in t.distinct_in)) for n, t in tallies.items()}
    numbers = {
        n: [f"count(*) FILTER (WHERE num_{n})", f"count(*) FILTER (WHERE den_{n})", "0",
            f"count(*) FILTER (WHERE may_{n} AND NOT num_{n})"]
        for n in tallies
    }  # fmt: skip
    yield from summed_sql("entrants", pinned, ["span", "atom"], numbers)
    for number, tally in tallies.items():
        key = f"c_{tally.aggregate.argument}"
        outside = f"(SELECT * FROM placed WHERE may_{number} AND ({key} IS NULL OR NOT base_{number}))"
        nobody = f"count(*) FILTER (WHERE num_{number} AND {key} IS NULL)"
        left = f"count(*) FILTER (WHERE NOT num_{number})"
        yield from summed_sql(outside, {number: tally}, ["atom"], {number: ["0", "0", nobody, left]})


def distinct_sql(number: int, tallies: Tallies) -> Iterator[str]:
    """The persons of each category they ever stood in, by the atom in which they first did."""
    tally = tallies[number]
    key = f"c_{tally.aggregate.argument}"
    for breakdown in sorted(tally.distinct_in & set(tally.by)):
        source, category = of_category(tally.fact, breakdown, "placed")
        for side, numbers in (("num", ["count(*)", "0", "0", "0"]), ("den", ["0", "count(*)", "0", "0"])):
            entered = f"""(SELECT place, span, {category} AS category, {key}, min(atom) AS entered
  FROM {source} AS p JOIN spans ON atom BETWEEN first_atom AND last_atom
  WHERE {side}_{number} AND {key} IS NOT NULL GROUP BY place, span, category, {key})"""
            selected = part(number, breakdown, "category", "span", numbers, "NULL", "entered")
            yield f"INSERT INTO parts\n{selected}\nFROM {entered} AS e GROUP BY place, span, entered, category"
        candidates = f"count(*) FILTER (WHERE may_{number} AND NOT num_{number})"
        selected = part(number, breakdown, category, "NULL", ["0", "0", "0", candidates], "NULL")
        rows = f"base_{number} AND {key} IS NOT NULL"
        yield f"INSERT INTO parts\n{selected}\nFROM {source} AS p WHERE {rows} GROUP BY place, atom, category"
