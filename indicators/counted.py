"""What the engine counts from: each fact in force, with its derived and joined columns, as one view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from indicators.fact_views import views
from indicators.facts import PROVENANCE, SQL_TYPES, Fact, facts

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def create_views(con: DuckDBPyConnection) -> None:
    """Create `counted_<fact>` over `in_force_<fact>` for every fact, and the views over them (temporary views).

    `in_force_<fact>` holds the rows of accepted submissions that no later one supersedes, and
    `snapshot`, the period of the submission, which a state fact is read by.
    """
    for fact in facts().values():
        con.execute(f"CREATE OR REPLACE TEMP VIEW counted_{fact.name} AS {view_sql(fact)}")
    _create_fact_views(con)


def _create_fact_views(con: DuckDBPyConnection) -> None:
    for view in views().values():
        con.execute(f"CREATE OR REPLACE TEMP VIEW counted_{view.name} AS {view.sql}")


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


def create_example_tables(con: DuckDBPyConnection, rows: Mapping[str, Sequence[Mapping[str, object]]]) -> None:
    """Create `counted_<fact>` over the rows of an example.

    A column an example does not give is empty, but a derived one is derived, and a joined one is
    joined where the example gives rows of the other fact. Views are views over these.
    """
    for fact in facts().values():
        given = rows.get(fact.name, [])
        names = {name for row in given for name in row}
        _create_example_table(con, fact, given)
        con.execute(f"CREATE OR REPLACE TEMP VIEW counted_{fact.name} AS {_example_sql(fact, names, rows)}")
    _create_fact_views(con)


def _example_sql(fact: Fact, names: set[str], rows: Mapping[str, Sequence[object]]) -> str:
    joins = [join for join in fact.joins if rows.get(join.fact)]
    columns = {name: f"own.{name}" for name in (*PROVENANCE, "snapshot", *fact.counted_columns())}
    for join in joins:
        columns |= {name: f"{join.fact}_joined.{name}" for name in join.columns if name not in names}
    derived = {n: d.sql for n, d in fact.derived.items() if n not in names}
    plain = [f"{sql} AS {name}" for name, sql in columns.items() if name not in derived]
    sources = [f"example_{fact.name} AS own"]
    for join in joins:
        other = f"{join.fact}_joined"
        sources.append(f"LEFT JOIN counted_{join.fact} AS {other} ON own.office = {other}.office "
                       f"AND own.{join.on} = {other}.{join.on}")  # fmt: skip
    inner = f"SELECT {', '.join(plain)} FROM {' '.join(sources)}"
    made = "".join(f", {sql} AS {name}" for name, sql in derived.items())
    return f"SELECT own.*{made} FROM ({inner}) AS own"


def _create_example_table(con: DuckDBPyConnection, fact: Fact, given: Sequence[Mapping[str, object]]) -> None:
    columns = {**PROVENANCE, "snapshot": "VARCHAR"}
    columns |= {name: SQL_TYPES[column.type] for name, column in fact.counted_columns().items()}
    declared = ", ".join(f"{name} {sql_type}" for name, sql_type in columns.items())
    con.execute(f"CREATE OR REPLACE TEMP TABLE example_{fact.name} ({declared})")
    names = list(dict.fromkeys(name for row in given for name in row))
    if names:
        one = f"({', '.join('?' for _ in names)})"
        con.execute(
            f"INSERT INTO example_{fact.name} ({', '.join(names)}) VALUES {', '.join([one] * len(given))}",
            [row.get(name) for row in given for name in names],
        )
