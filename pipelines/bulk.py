"""Many rows into a DuckDB table by few statements: `executemany` costs a statement for each row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from duckdb import DuckDBPyConnection

_CHUNK = 500


def insert(con: DuckDBPyConnection, table: str, columns: Iterable[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows whose values stand in the order of `columns`. Names come from declarations only."""
    names = list(columns)
    one = f"({', '.join('?' for _ in names)})"
    for start in range(0, len(rows), _CHUNK):
        some = rows[start : start + _CHUNK]
        con.execute(
            f"INSERT INTO {table} ({', '.join(names)}) VALUES {', '.join([one] * len(some))}",
            [value for row in some for value in row],
        )
