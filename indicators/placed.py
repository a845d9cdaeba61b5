"""The rows of one fact as they are counted: place, days, keys and categories, and a mark for each condition.

They are read once for all indicators of the fact, whatever date these go by. A condition that several indicators
share is decided once for each row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from indicators.definition_faults import decides_cells
from indicators.facts import Column, Derived, Fact
from indicators.queries import Tally, codes_in_order, condition_sql, may_be_numerator, rank

Tallies = Mapping[int, Tally]  # by their number in the catalogue
# The marks that every row has, and none.
ALWAYS, NEVER = "true", "false"


@dataclass
class Placed:
    """The relation `placed` of a fact: what is asked of it becomes a column."""

    fact: Fact
    columns: dict[str, str] = field(default_factory=dict)
    conditions: dict[str, str] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)

    def sql(self) -> str:
        """The SELECT of all that was asked for."""
        columns = {**self.columns, **{name: sql for sql, name in self.conditions.items()}}
        drawn = ", ".join(("f.place", *(f"{sql} AS {name}" for name, sql in columns.items())))
        named = ", ".join(("place", *self.columns, *(f"{sql} AS {name}" for sql, name in self.marks.items())))
        return f"SELECT {named} FROM (\n  SELECT {drawn}\n  FROM counted_{self.fact.name} AS f)"

    def number(self) -> str:
        """The number of a row."""
        # DuckDB's own rowid will not do: of rows that no transaction has ended for, it starts far beyond any number.
        return self._column("number", "row_number() OVER ()")

    def column(self, name: str) -> str:
        """A column of the fact, found under a name of its own."""
        return self._column(f"c_{name}", f"f.{name}")

    def ranks(self) -> list[str]:
        """By what rows of one day are ordered, as SQL; what is computed for every row is small."""
        return [self._rank(n, c) for n, c in self.fact.counted_columns().items() if decides_cells(c)]

    def _rank(self, name: str, column: Column | Derived) -> str:
        if column.values is None or column.is_list:
            return rank(self.column(name), column)
        # A code becomes its place in the list, which takes one byte; what is not known has none and comes last.
        listed = ", ".join(f"'{code}'" for code in codes_in_order(column))
        return self._column(f"r_{name}", f"TRY_CAST(f.{name} AS ENUM ({listed}))")

    def base(self, tally: Tally) -> str:
        """The mark of the rows that meet what numerator and denominator share."""
        return self._mark(self._base(tally))

    def numerator(self, tally: Tally) -> str:
        """The mark of the rows of the numerator."""
        return self._mark(self._numerator(tally))

    def denominator(self, tally: Tally) -> str:
        """The mark of the rows of the denominator."""
        return self._mark(self._all_of(tally.split.base | tally.split.denominator))

    def lacks_number(self, tally: Tally) -> str:
        """The mark of the rows of the numerator whose number, or person, is not known."""
        return self._mark(f"({self._numerator(tally)} AND {self.column(tally.aggregate.argument or '')} IS NULL)")

    def knows_value(self, tally: Tally) -> str:
        """The mark of the rows of the numerator whose value is known."""
        return self._mark(f"({self._numerator(tally)} AND {self.column(tally.aggregate.argument or '')} IS NOT NULL)")

    def candidate(self, tally: Tally) -> str:
        """The mark of the rows left out of the numerator only because a value is not known."""
        return self._mark(self._candidate(tally))

    def candidate_inside(self, tally: Tally) -> str:
        """The same, of the rows that meet the base."""
        return self.candidate(tally) if tally.split.numerator else NEVER

    def candidate_outside(self, tally: Tally) -> str:
        """The same, of the rows in which no person is placed."""
        found, key = self._candidate(tally), self.column(tally.aggregate.argument or "")
        return NEVER if found == NEVER else self._mark(f"({found} AND ({key} IS NULL OR NOT {self._base(tally)}))")

    def _base(self, tally: Tally) -> str:
        return self._all_of(tally.split.base)

    def _numerator(self, tally: Tally) -> str:
        return self._all_of(tally.split.base | tally.split.numerator)

    def _candidate(self, tally: Tally) -> str:
        if not tally.split.base | tally.split.numerator:
            return NEVER
        return f"({self._all_of(may_be_numerator(tally.split), 'true')} AND NOT {self._numerator(tally)})"

    def _all_of(self, conditions: frozenset[str], unknown: str = "false") -> str:
        """All conditions, each decided once for a row; `unknown` is what a row that does not say counts as."""
        if not conditions:
            return ALWAYS
        decided = (condition_sql(condition, self.fact) for condition in sorted(conditions))
        named = (self.conditions.setdefault(sql, f"k_{len(self.conditions)}") for sql in decided)
        return "(" + " AND ".join(f"coalesce({name}, {unknown})" for name in named) + ")"

    def _column(self, name: str, sql: str) -> str:
        self.columns[name] = sql
        return name

    def _mark(self, condition: str) -> str:
        if condition in (ALWAYS, NEVER):
            return condition
        return self.marks.setdefault(condition, f"m_{len(self.marks)}")


@dataclass(frozen=True)
class Dated:
    """The placed rows by one of their dates, and the tallies that go by it, by their number in the catalogue."""

    placed: Placed
    dated_by: str | None
    has_days: bool
    tallies: Tallies

    @property
    def day(self) -> str:
        """The day of a row as a number; rows without a day share the last."""
        if self.dated_by is None:
            return "99999"
        return f"coalesce({self.placed.column(self.dated_by)} - DATE '1900-01-01', 99999)"

    @property
    def rows(self) -> str:
        """The rows, each with the atom in which it lies."""
        if not self.has_days:
            return "(SELECT *, 0 AS atom FROM placed)"
        on = self.placed.column(self.dated_by or "")
        return f"(SELECT placed.*, days.atom FROM placed JOIN days ON {on} = days.day)"
