"""A warehouse as SQL text: what an older version wrote, kept small, and how the next one is frozen.

Before a migration is added, freeze the version it comes from:

    python -m tests.frozen_store data/curated tests/frozen/warehouse/0006.sql

The rows are those of the sample quarters, whose people are made up; never freeze a real store.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from pipelines.warehouse import FILE_NAME

FROZEN = Path(__file__).resolve().parent / "frozen" / "warehouse"
_MOST = {"ledger": 99, "attempts": 99, "schema_version": 99}  # rows; of other tables so many per file
_PER_FILE = 2
_FIRST_VIEWS = ("submissions", "running_since")  # the others read them


def load(sql: Path, curated: Path) -> Path:
    """Make a store whose warehouse is what the text says; gives the warehouse."""
    curated.mkdir(parents=True)
    with duckdb.connect(str(curated / FILE_NAME)) as con:
        con.execute(sql.read_text(encoding="utf-8"))
    return curated / FILE_NAME


def dump(con: duckdb.DuckDBPyConnection) -> str:
    """The text: sequences, tables, a few rows of each file, views."""
    return "\n".join([*_made(con), *_rows(con), *_seen(con), ""])


def _made(con: duckdb.DuckDBPyConnection) -> Iterator[str]:
    for (name,) in con.execute("SELECT sequence_name FROM duckdb_sequences() ORDER BY 1").fetchall():
        yield f"CREATE SEQUENCE {name};"
    for name in _tables(con):
        columns = con.execute(
            "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index", [name]
        ).fetchall()
        yield f"CREATE TABLE {name} ({', '.join(' '.join(column) for column in columns)});"


def _tables(con: duckdb.DuckDBPyConnection) -> list[str]:
    return [name for (name,) in con.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall()]


def _rows(con: duckdb.DuckDBPyConnection) -> Iterator[str]:
    for name in _tables(con):
        rows = con.execute(f"SELECT * FROM {name} ORDER BY rowid")
        names = [column[0] for column in rows.description or ()]
        told: dict[Any, int] = {}
        for row in rows.fetchall():
            key = "" if name in _MOST or "entry" not in names else row[names.index("entry")]
            told[key] = told.get(key, 0) + 1
            if told[key] <= _MOST.get(name, _PER_FILE):
                yield f"INSERT INTO {name} VALUES ({', '.join(map(_literal, row))});"


def _seen(con: duckdb.DuckDBPyConnection) -> list[str]:
    found = dict(con.execute("SELECT view_name, sql FROM duckdb_views() WHERE NOT internal ORDER BY 1").fetchall())
    order = [*(name for name in _FIRST_VIEWS if name in found), *(name for name in found if name not in _FIRST_VIEWS)]
    return [found[name].strip() for name in order]


def _literal(value: Any) -> str:
    match value:
        case None:
            return "NULL"
        case bool():
            return str(value).lower()
        case int() | float() | Decimal():
            return str(value)
        case datetime():
            return f"TIMESTAMP '{value}'"
        case date():
            return f"DATE '{value}'"
        case list():
            return f"[{', '.join(map(_literal, value))}]"
        case _:
            return "'" + str(value).replace("'", "''") + "'"


if __name__ == "__main__":
    with duckdb.connect(str(Path(sys.argv[1]) / FILE_NAME), read_only=True) as opened:
        Path(sys.argv[2]).write_text(dump(opened), encoding="utf-8")
