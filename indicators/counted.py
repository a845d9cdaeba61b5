"""What the engine counts from: each fact in force, with its derived and joined columns, as one view."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from indicators.atoms import literals
from indicators.calendars import Window
from indicators.fact_views import views
from indicators.facts import PROVENANCE, SQL_TYPES, Column, Derived, Fact, Join, all_facts, facts, kept_facts

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_LOOKS, _WORD = re.compile(r"\bOVER\b"), re.compile(r"\w+")
# Per fact: the derived and joined columns that its rows hold already.
Given = Mapping[str, frozenset[str]]


# Rows by fact, each a column's value by its name.
Rows = Mapping[str, Sequence[Mapping[str, object]]]


def create_views(con: DuckDBPyConnection, kept: Rows | None = None) -> None:
    """Create `counted_<fact>` over `in_force_<fact>` for every fact, and the views over them (temporary views).

    `in_force_<fact>` holds the rows of accepted submissions that no later one supersedes, and
    `snapshot`, the period of the submission, which a state fact is read by. `kept` gives the rows of the facts
    that the programme keeps; none are given where nothing is counted from them.
    """
    for name, fact in kept_facts().items():
        _table_of(con, f"in_force_{name}", fact.columns, (kept or {}).get(name, ()))
    _create(con, {})


def _create(con: DuckDBPyConnection, given: Given) -> None:
    for fact in all_facts().values():
        con.execute(f"CREATE OR REPLACE TEMP VIEW counted_{fact.name} AS {view_sql(fact, given)}")
    for view in views().values():
        con.execute(f"CREATE OR REPLACE TEMP VIEW counted_{view.name} AS {view.sql}")


def view_sql(fact: Fact, given: Given | None = None) -> str:
    """The SELECT of a counted view: own columns, joined ones, derived ones.

    `given` names the derived and joined columns that the rows of a fact hold already.
    """
    held = (given or {}).get(fact.name, frozenset())
    derived = {name: one.sql for name, one in fact.derived.items() if name not in held}
    # What looks at other rows comes first, beside the columns it names alone: it sorts whatever it is given.
    looking = {name: sql for name, sql in derived.items() if _LOOKS.search(sql)}
    own = f"in_force_{fact.name} AS own"
    if looking:
        named = set(_WORD.findall(" ".join(looking.values())))
        joined = _joined(fact, lambda column: column in named and column not in held, given or {})
        own = f"(SELECT own.*, {_aliased(looking)} FROM {' '.join((own, *joined))}) AS own"
    names = [f"{j.fact}_joined.{column}" for j in fact.joins for column in j.columns if column not in held]
    columns = ["own.*", *names, *(f"{sql} AS {name}" for name, sql in derived.items() if name not in looking)]
    sources = (own, *_joined(fact, lambda column: column not in held, given or {}))
    return f"SELECT\n  {', '.join(columns)}\nFROM " + "\n  ".join(sources)


def _aliased(columns: Mapping[str, str]) -> str:
    return ", ".join(f"{sql} AS {name}" for name, sql in columns.items())


def _joined(fact: Fact, is_wanted: Callable[[str], bool], given: Given) -> Iterator[str]:
    """The other facts that a fact is joined to, for the columns that are wanted of them."""
    for join in fact.joins:
        other, wanted = f"{join.fact}_joined", [column for column in join.columns if is_wanted(column)]
        # Left join: a row whose case was withdrawn keeps its place and shows up as unknown.
        if wanted:
            yield (f"LEFT JOIN ({_joinable(join, wanted, given)}) AS {other}\n"
                   f"    ON own.office = {other}.office AND own.{join.on} = {other}.{join.on}")  # fmt: skip


def _joinable(join: Join, wanted: Sequence[str], given: Given) -> str:
    """The columns taken over, of the rows of the other fact; `own` is their own name there too."""
    other = facts()[join.fact]
    held = given.get(other.name, frozenset())
    derived = "".join(f", {d.sql} AS {name}" for name, d in other.derived.items() if name not in held)
    columns = ", ".join(dict.fromkeys(("office", join.on, *wanted)))
    return f"SELECT {columns} FROM (SELECT own.*{derived} FROM in_force_{other.name} AS own)"


def create_windows(con: DuckDBPyConnection, windows: Sequence[Window]) -> None:
    """Create the temporary table `windows` that every count is joined to."""
    con.execute("CREATE OR REPLACE TEMP TABLE windows (calendar VARCHAR, period VARCHAR, start_on DATE, end_on DATE)")
    if windows:
        rows = literals((w.calendar, w.period, w.start, w.end) for w in windows)
        con.execute(f"INSERT INTO windows VALUES {rows}")


def create_example_tables(con: DuckDBPyConnection, rows: Rows) -> None:
    """Create the counted facts over the rows of an example.

    Own columns that are not given are empty; derived and joined ones that are not given are computed.
    Rows of a view may be given too, and stand in its place.
    """
    given: dict[str, frozenset[str]] = {}
    for fact in all_facts().values():
        names = {name for row in rows.get(fact.name, ()) for name in row}
        held = {name: column for name, column in fact.counted_columns().items() if name in {*fact.columns, *names}}
        given[fact.name] = frozenset(held) - set(fact.columns)
        _table_of(con, f"in_force_{fact.name}", held, rows.get(fact.name, ()))
    _create(con, given)
    for name, view in views().items():
        if name in rows:
            con.execute(f"DROP VIEW counted_{name}")
            _table_of(con, f"counted_{name}", view.columns, rows[name])


def _table_of(
    con: DuckDBPyConnection, table: str, held: Mapping[str, Column | Derived], rows: Sequence[Mapping[str, object]]
) -> None:
    columns = {**PROVENANCE, "snapshot": "VARCHAR"}
    columns |= {name: SQL_TYPES[column.type] for name, column in held.items()}
    declared = ", ".join(f"{name} {sql_type}" for name, sql_type in columns.items())
    con.execute(f"CREATE OR REPLACE TEMP TABLE {table} ({declared})")
    names = list(dict.fromkeys(name for row in rows for name in row))
    if names:
        one = f"({', '.join('?' for _ in names)})"
        con.execute(
            f"INSERT INTO {table} ({', '.join(names)}) VALUES {', '.join([one] * len(rows))}",
            [row.get(name) for row in rows for name in names],
        )
