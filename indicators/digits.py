"""A person's cell as one whole number: the coded values of a row as digits, each column with its own base.

Among several rows of a day the one whose values come first counts, compared column by column in the
declared order, in the order of the code list, what is not known last. As digits of one number this
is a plain MIN. Only the columns up to the last one in use take part: leaving out the rest changes
nothing, and so a new indicator never moves anybody in another one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from indicators.facts import Column, Derived, Fact, codelists
from indicators.tallies import Tally

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_LARGEST = 2**63
_DAYS = 100_000


@dataclass(frozen=True)
class Digit:
    """One column as a digit: how to write it, its base, and how to read it back."""

    column: str
    base: int
    written: str
    read: str
    join: str

    def value(self, below: int) -> str:
        """SQL of the column's value in a packed number whose lower digits come to `below`."""
        return self.read.format(digit=f"(cell // {below}) % {self.base}")


def compared(fact: Fact) -> list[str]:
    """The columns that may decide a person's cell, in the order in which they are compared."""
    usable = [n for n, c in fact.counted_columns().items() if c.values or c.type == "boolean"]
    return [*fact.compared_first, *(name for name in usable if name not in fact.compared_first)]


def needed(fact: Fact, tallies: Iterable[Tally]) -> list[str]:
    """Those up to the last column that a breakdown or a condition of a tally of persons uses."""
    words: set[str] = set()
    for tally in tallies:
        words |= {*tally.by, *re.findall(r"\w+", tally.also_numerator + tally.also_denominator)}
    order = compared(fact)
    used = [position for position, name in enumerate(order) if name in words]
    return order[: max(used, default=-1) + 1]


def digits(con: DuckDBPyConnection, fact: Fact, names: Sequence[str], source: str) -> list[Digit]:
    """A digit for each column; lists get a temporary table of their distinct values in order of their text."""
    columns = fact.counted_columns()
    return [_digit(con, name, columns[name], source) for name in names]


def packed(found: Sequence[Digit]) -> str:
    """SQL of the number a row's columns make, highest digit first."""
    sql = f"0::{number_type(found)}"
    for digit in found:
        sql = f"({sql} * {digit.base} + {digit.written})"
    return sql


def size(found: Sequence[Digit]) -> int:
    """How many numbers the digits can make."""
    product = 1
    for digit in found:
        product *= digit.base
    return product


def number_type(found: Sequence[Digit]) -> str:
    """BIGINT while a day and the digits fit into it."""
    return "BIGINT" if size(found) * _DAYS < _LARGEST else "HUGEINT"


def unpacked(found: Sequence[Digit]) -> tuple[list[str], list[str]]:
    """The columns read back from `cell`, and the joins this takes."""
    below, values, joins = 1, [], []
    for digit in reversed(found):
        values.append(f"{digit.value(below)} AS {digit.column}")
        if digit.join:
            joins.append(digit.join.format(digit=f"(cell // {below}) % {digit.base}"))
        below *= digit.base
    return values, joins


def _digit(con: DuckDBPyConnection, name: str, column: Column | Derived, source: str) -> Digit:
    if column.is_list:
        return _list_digit(con, name, source)
    if column.type == "boolean":
        written = f"CASE WHEN {name} THEN 0 WHEN NOT {name} THEN 1 ELSE 2 END"
        return Digit(name, 3, written, "CASE {digit} WHEN 0 THEN true WHEN 1 THEN false END", "")
    listed = codelists()[column.values or ""]
    codes = [code for code in listed.codes if code != listed.unknown]
    codes += [listed.unknown] if listed.unknown else []
    words = "[" + ", ".join(f"'{code}'" for code in codes) + "]"
    written = f"coalesce(list_position({words}, {name}) - 1, {len(codes)})"
    return Digit(name, len(codes) + 1, written, f"{words}[({{digit}})::INTEGER + 1]", "")


def _list_digit(con: DuckDBPyConnection, name: str, source: str) -> Digit:
    """Lists are few kinds: each gets its rank by its sorted text, the empty one last."""
    table = f"kinds_of_{name}"
    con.execute(f"""CREATE OR REPLACE TEMP TABLE {table} AS
SELECT words, any_value(value) AS value, row_number() OVER (ORDER BY words = '', words) - 1 AS rank FROM (
  SELECT DISTINCT array_to_string(list_sort({name}), ';') AS words, list_sort({name}) AS value FROM {source}
  WHERE {name} IS NOT NULL
) GROUP BY words""")
    row = con.execute(f"SELECT count(*) FROM {table}").fetchone()
    kinds = row[0] if row else 0
    # The fact's rows are joined to the kinds where they are packed; `rank_of_<column>` is their digit.
    written = f"coalesce(rank_of_{name}, {kinds})"
    join = f"LEFT JOIN {table} AS {table} ON {table}.rank = {{digit}}"
    return Digit(name, kinds + 1, written, f"{table}.value", join)


def rank_joins(fact: Fact, names: Sequence[str]) -> tuple[list[str], list[str]]:
    """For the lists among the columns: the rank to select beside a row `f`, and the join that finds it."""
    columns = fact.counted_columns()
    lists = [name for name in names if columns[name].is_list]
    joins = [f"LEFT JOIN kinds_of_{n} ON kinds_of_{n}.words = array_to_string(list_sort(f.{n}), ';')" for n in lists]
    return [f"kinds_of_{n}.rank AS rank_of_{n}" for n in lists], joins
