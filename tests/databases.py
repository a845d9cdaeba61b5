"""Databases in memory for tests that read many small files."""

from __future__ import annotations

import duckdb
from duckdb import DuckDBPyConnection


def make_quick(con: DuckDBPyConnection) -> None:
    """For files of a few rows a second thread costs more than it does."""
    con.execute("SET threads = 1")


def quick() -> DuckDBPyConnection:
    """A database of its own with one thread."""
    con = duckdb.connect()
    make_quick(con)
    return con
