"""Persons: one row for each place, atom and person, with the first contact of each population packed in a number.

The number is the day, then the cell: the combination of coded values the contact stands in, numbered in
the order in which ties of one day are decided. The least number is the first contact. A person enters a
span in the atom of the first contact and stays in that cell, so every window of the span is a sum of entrants.
"""

from __future__ import annotations

from indicators.cubes import Tallies, of_category, part
from indicators.definition_faults import decides_cells
from indicators.expressions import PERSONS
from indicators.facts import Fact
from indicators.queries import Tally, all_of, may_be, may_be_numerator

Population = tuple[str, frozenset[str]]  # the key counted, and the conditions a contact must meet


def populations(tallies: Tallies) -> dict[Population, int]:
    """The populations of persons, each with the number of the first tally that counts it."""
    found: dict[Population, int] = {}
    for number, tally in tallies.items():
        if tally.aggregate.kind == PERSONS:
            found.setdefault(_population(tally), number)
    return found


def _population(tally: Tally) -> Population:
    return (tally.aggregate.argument or "", tally.split.base)


def cells_sql(fact: Fact) -> str:
    """The cells that occur, numbered in the order of ties: adding an indicator changes none of them."""
    names = _coded(fact)
    ranks = ", ".join(f"rank_{name}" for name in names)
    values = ", ".join(f"min(c_{name}) AS c_{name}" for name in names)
    return (
        f"SELECT row_number() OVER (ORDER BY {ranks}) - 1 AS cell, {ranks}, {values}\n"
        f"FROM placed GROUP BY {ranks}"
    )  # fmt: skip


def _coded(fact: Fact) -> list[str]:
    return [name for name, column in fact.counted_columns().items() if decides_cells(column)]


def spine_sql(fact: Fact, key: str, found: dict[Population, int]) -> str:
    """Each person's first contact in each atom, for every population of one key."""
    ranks = ", ".join(f"rank_{name}" for name in _coded(fact))
    size = "(SELECT count(*) FROM cells)"
    firsts = [
        f"min(day * {size} + cell) FILTER (WHERE base_{number}) AS first_{number}"
        for (of, _), number in found.items() if of == key
    ]  # fmt: skip
    return (
        f"SELECT place, atom, placed.c_{key} AS person, {', '.join(firsts)}\n"
        f"FROM placed JOIN cells USING ({ranks})\nWHERE placed.c_{key} IS NOT NULL GROUP BY place, atom, placed.c_{key}"
    )


def entrants_sql(number: int) -> str:
    """How many persons enter each span in each atom, by the cell in which they do; `spine` must be of their key."""
    size = "(SELECT count(*) FROM cells)"
    atom = f"min(CASE WHEN first_{number} IS NOT NULL THEN atom END)"
    return f"""SELECT place, span, atom, cell, count(*) AS persons FROM (
  SELECT place, span, person, {atom} AS atom, min(first_{number}) % {size} AS cell
  FROM spine JOIN spans ON atom BETWEEN first_atom AND last_atom
  WHERE first_{number} IS NOT NULL GROUP BY place, span, person
) GROUP BY place, span, atom, cell"""


def pinned_parts(number: int, tally: Tally, population: int, fact: Fact) -> list[str]:
    """The entrants of a tally by each breakdown in which a person stands in one cell."""
    # Whose key is not given enters nowhere, so that no cell needs to ask for it.
    given = frozenset({f"is_known({tally.aggregate.argument})"} - {f"is_known({name})" for name in _coded(fact)})
    num = all_of(tally.split.numerator - given, fact, "c_")
    den = all_of(tally.split.denominator - given, fact, "c_")
    may = may_be(may_be_numerator(tally.split) - tally.split.base, fact, "c_")
    numbers = [
        f"coalesce(sum(persons) FILTER (WHERE {num}), 0)",
        f"coalesce(sum(persons) FILTER (WHERE {den}), 0)",
        "0",
        f"coalesce(sum(persons) FILTER (WHERE {may} AND NOT {num}), 0)",
    ]
    entered = f"(SELECT * FROM entrants_{population} JOIN cells USING (cell))"
    found = []
    for breakdown in (None, *(b for b in tally.by if b not in tally.distinct_in)):
        source, category = of_category(tally, breakdown, entered)
        selected = part(number, breakdown, category, "span", numbers, "NULL")
        found.append(f"{selected}\nFROM {source} AS e GROUP BY place, span, atom, category")
    return found


def distinct_parts(number: int, tally: Tally) -> list[str]:
    """The persons of each category they ever stood in, by the atom in which they first did."""
    key = f"c_{tally.aggregate.argument}"
    found = []
    for breakdown in sorted(tally.distinct_in & set(tally.by)):
        source, category = of_category(tally, breakdown, "placed")
        for side, numbers in (("num", ["count(*)", "0", "0", "0"]), ("den", ["0", "count(*)", "0", "0"])):
            entered = f"""(SELECT place, span, {category} AS category, {key}, min(atom) AS entered
  FROM {source} AS p JOIN spans ON atom BETWEEN first_atom AND last_atom
  WHERE {side}_{number} AND {key} IS NOT NULL GROUP BY place, span, category, {key})"""
            selected = part(number, breakdown, "category", "span", numbers, "NULL", "entered")
            found.append(f"{selected}\nFROM {entered} AS e GROUP BY place, span, entered, category")
        candidates = f"count(*) FILTER (WHERE may_{number} AND NOT num_{number})"
        selected = part(number, breakdown, category, "NULL", ["0", "0", "0", candidates], "NULL")
        rows = f"base_{number} AND {key} IS NOT NULL"
        found.append(f"{selected}\nFROM {source} AS p WHERE {rows} GROUP BY place, atom, category")
    return found
