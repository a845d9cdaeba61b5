"""PostgreSQL as an engine: everything lies in temporary tables of one session and is gone when it ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from indicators.dialect_postgres import SETUP
from indicators.dialects import POSTGRES, rendered
from indicators.facts import all_facts
from pipelines.engine_facts import columns_of

# Rows are counted from these, so the planner must know how many there are.
_WORTH_KNOWING = ("placed", "spine", "turns")
# To compile statements as wide as these takes PostgreSQL longer than to run them.
_SETTINGS = ("SET datestyle = 'ISO'", "SET client_min_messages = 'error'", "SET jit = off")


class Postgres:
    """One session, which takes the engine's statements as DuckDB's connection does.

    `at` is a connection string of libpq without a password: that comes from PGPASSFILE or PGPASSWORD.
    """

    def __init__(self, at: str = "", memory: str = "256MB") -> None:
        import psycopg

        self._session = psycopg.connect(at, autocommit=True)
        self._cursor = self._session.cursor()
        for statement in (*_SETTINGS, f"SET work_mem = '{memory}'", *SETUP):
            self._cursor.execute(statement)

    def execute(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Postgres:
        """Run a statement of the engine."""
        for statement in rendered(sql, POSTGRES, parameters):
            self._cursor.execute(statement)
            created = statement.split("CREATE TEMPORARY TABLE ")[1:]
            if created and (name := created[0].split()[0]) in _WORTH_KNOWING:
                self._cursor.execute(f"ANALYZE {name}")
        return self

    @property
    def description(self) -> Sequence[Any]:
        """The columns of the last query."""
        return self._cursor.description or ()

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The rows of the last query."""
        rows: list[tuple[Any, ...]] = self._cursor.fetchall()
        return rows

    def fetchone(self) -> tuple[Any, ...] | None:
        """The first row of the last query."""
        row: tuple[Any, ...] | None = self._cursor.fetchone()
        return row

    def load(self, folder: Path, names: Sequence[str]) -> None:
        """Fill the tables of facts from their Parquet files."""
        for name in names:
            columns = columns_of(all_facts()[name])
            declared = ", ".join(f"{column} {kind}" for column, kind in columns.items())
            self.execute(f"CREATE OR REPLACE TEMP TABLE in_force_{name} ({declared})")
            self.fill(folder, name)

    def fill(self, folder: Path, name: str) -> None:
        """Copy the rows of one fact into its table, which is there and empty."""
        columns = columns_of(all_facts()[name])
        copy = f"COPY in_force_{name} ({', '.join(columns)}) FROM STDIN (FORMAT csv)"
        with self._cursor.copy(copy) as target:
            for block in _as_csv(folder / f"{name}.parquet", columns):
                target.write(block)
        self._cursor.execute(f"ANALYZE in_force_{name}")

    def close(self) -> None:
        """Take everything away that the session held, and end it."""
        from psycopg import Error

        # A session that ends loses it all in any case, but a moment later.
        with suppress(Error):
            self._cursor.execute("DISCARD TEMP")
        self._session.close()


def _as_csv(path: Path, columns: Mapping[str, str]) -> Any:
    """The rows of a Parquet file as PostgreSQL takes them in: what is empty is bare, every value is in quotes."""
    import tempfile

    import duckdb

    said = ", ".join(_literal_list(name) if kind.endswith("[]") else name for name, kind in columns.items())
    with tempfile.TemporaryDirectory(dir=path.parent) as folder, duckdb.connect() as con:
        text = Path(folder) / "rows.csv"
        con.execute(f"COPY (SELECT {said} FROM '{path}') TO '{text}' (FORMAT csv, HEADER false, FORCE_QUOTE *)")
        text.chmod(0o600)
        with text.open("rb") as file:
            while block := file.read(1 << 20):
                yield block


def _literal_list(name: str) -> str:
    """A list of codes as PostgreSQL writes one; codes hold neither commas nor quotes."""
    return f"'{{' || array_to_string({name}, ',') || '}}' AS {name}"
