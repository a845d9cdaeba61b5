"""What the engine counts from: each fact in force, with its derived and joined columns, as one view."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from indicators.calendars import Window
from indicators.facts import PROVENANCE, SQL_TYPES, Fact, facts

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def create_views(con: DuckDBPyConnection) -> None:
    """Create `counted_<fact>` over `in_force_<fact>` for every fact (temporary views).

    `in_force_<fact>` holds the rows of accepted submissions that no later one supersedes, and
    `snapshot`, the period of the submission, which a state fact is read by.
    """
    for fact in facts().values():
        con.execute(f"CREATE OR REPLACE TEMP VIEW counted_{fact.name} AS {view_sql(fact)}")


def view_sql(fact: Fact) -> str:
    """The SELECT of a counted view: own columns, joined ones, derived ones."""
    joined = [f"{join.fact}_joined.{column}" for join in fact.joins for column in join.columns]
    sources = [f"in_force_{fact.name} AS own"]
    for join in fact.joins:
        other = f"{join.fact}_joined"
        # Left join: a row whose case was withdrawn keeps its place and shows up as unknown.
        sources.append(f"LEFT JOIN ({_joinable(facts()[join.fact])}) AS {other}\n"
                       f"    ON own.office = {other}.office AND own.{join.on} = {other}.{join.on}")  # fmt: skip
    derived = [f"{derived.sql} AS {name}" for name, derived in fact.derived.items()]
    columns = ",\n  ".join(["own.*", *joined, *derived])
    return f"SELECT\n  {columns}\nFROM " + "\n  ".join(sources)


def _joinable(fact: Fact) -> str:
    derived = "".join(f", {derived.sql} AS {name}" for name, derived in fact.derived.items())
    return f"SELECT *{derived} FROM in_force_{fact.name}"


def create_windows(con: DuckDBPyConnection, windows: Sequence[Window]) -> None:
    """Create the temporary table `windows` that every count is joined to."""
    con.execute("CREATE OR REPLACE TEMP TABLE windows (calendar VARCHAR, period VARCHAR, start_on DATE, end_on DATE)")
    con.executemany(
        "INSERT INTO windows VALUES (?, ?, ?, ?)", [(w.calendar, w.period, w.start, w.end) for w in windows]
    )


def create_example_tables(con: DuckDBPyConnection, rows: dict[str, list[dict[str, object]]]) -> None:
    """Create `counted_<fact>` as tables that hold the rows of an example; columns not given are empty."""
    for fact in facts().values():
        columns = {**PROVENANCE, "snapshot": "VARCHAR"}
        columns |= {name: SQL_TYPES[column.type] for name, column in fact.counted_columns().items()}
        declared = ", ".join(f"{name} {sql_type}" for name, sql_type in columns.items())
        con.execute(f"CREATE OR REPLACE TEMP TABLE counted_{fact.name} ({declared})")
        given = rows.get(fact.name, [])
        names = list(dict.fromkeys(name for row in given for name in row))
        if names:
            one = f"({', '.join('?' for _ in names)})"
            con.execute(
                f"INSERT INTO counted_{fact.name} ({', '.join(names)}) VALUES {', '.join([one] * len(given))}",
                [row.get(name) for row in given for name in names],
            )
