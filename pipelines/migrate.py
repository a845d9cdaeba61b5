"""The version of a warehouse, and the steps that bring an older one up to date.

`migrations/NNNN_<words>.sql` brings the tables from version NNNN - 1 to NNNN; version 1 has no file. Steps only go
forward. All that are due run in one transaction, after the file was copied, and the tables must then be those that are
declared. Views hold nothing and are made anew from the declaration.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from pipelines.files import fsync_folder, is_disk_full
from pipelines.schema import table_ddl, tables, views, views_hash

FOLDER = Path(__file__).resolve().parent / "migrations"
VERSIONS = "schema_version"
VERSIONS_DDL = f"CREATE TABLE {VERSIONS} (version INTEGER, name VARCHAR, views VARCHAR, applied_at TIMESTAMP)"
# Before versions had numbers (from 6 on they do), a store is known by its tables.
_BEFORE_NUMBERS = {
    "ee4707b949ae2326c00e7967adeede4ce8802497e348d94d2110f4ce472ce293": 1,
    "9b3d7143175ad50a24f57ffc9b342aacd910b4c7af3d5d414a202c270515e60b": 2,
    "278501401cabf5f17989c9409ed051d7cb1bee187fe28df7798472536edd10a2": 3,
    "c7c43254a3a9a42c2dfaafe78eabf06de114b71cbc5f033acec7718e6afcc847": 4,
    "b105b91ce219769dc5d379ee59bb849846a506dea8d25f1d5756cbae8391e66a": 5,
}

Shape = dict[str, list[tuple[str, str]]]


class WarehouseOutdatedError(RuntimeError):
    """A warehouse is of a version that cannot be brought up to date; the message says what to do."""


class WarehouseNewerError(WarehouseOutdatedError):
    """A warehouse was written by a later version of esep."""


@dataclass(frozen=True)
class Step:
    """One migration: the version it leads to, its name, and its SQL."""

    number: int
    name: str
    sql: str


@cache
def steps() -> tuple[Step, ...]:
    """All migrations in their order. Raises ValueError when a number is missing, double, or in the wrong form."""
    found: list[Step] = []
    for path in sorted(FOLDER.glob("*.sql")):
        match = re.fullmatch(r"(\d{4})_([a-z_]+)", path.stem)
        if match is None or int(match[1]) != len(found) + 2:
            raise ValueError(f"{path}: its name must be {len(found) + 2:04}_<words>.sql, the next number")
        found.append(Step(int(match[1]), match[2].replace("_", " "), path.read_text(encoding="utf-8")))
    return tuple(found)


def latest() -> int:
    """The version of a warehouse that is made today."""
    return steps()[-1].number


def make(con: DuckDBPyConnection) -> None:
    """The tables and views of a new warehouse."""
    for name, columns in tables().items():
        con.execute(table_ddl(name, columns))
    con.execute(VERSIONS_DDL)
    _make_views(con)
    _write_down(con, latest(), "made")


def up_to_date(open_it: Callable[[], DuckDBPyConnection], path: Path) -> DuckDBPyConnection:
    """An open warehouse, brought to the latest version if it was not. Raises WarehouseOutdatedError."""
    con = open_it()
    try:
        if due := pending(con, path):
            con.close()  # so that all of it is in the file that is copied
            kept = keep_copy(path, due[-1].number)
            con = open_it()
            migrate(con, path, due, kept)
        renew_views(con)
    except BaseException:
        con.close()
        raise
    return con


def version_of(con: DuckDBPyConnection) -> int:
    """The version of an open warehouse; 0 when it is none that was ever written."""
    found = shape(con)
    columns = [name for name, _ in found.get(VERSIONS, [])]
    if "version" in columns:
        return int(con.execute(f"SELECT coalesce(max(version), 0) FROM {VERSIONS}").fetchall()[0][0])
    return _BEFORE_NUMBERS.get(_digest(con), 0)


def pending(con: DuckDBPyConnection, path: Path) -> tuple[Step, ...]:
    """The steps that an open warehouse lacks. Raises WarehouseNewerError and WarehouseOutdatedError."""
    version = version_of(con)
    if version > latest():
        raise WarehouseNewerError(
            f"{path} is of version {version}, and this esep knows versions up to {latest()}: a later esep wrote it. "
            "Install that one; nothing was changed"
        )
    found = tuple(step for step in steps() if step.number > version)
    if version == 0 or (not found and _declared() != _of_files(shape(con))):
        raise WarehouseOutdatedError(
            f"{path} has other tables than any version of esep made. Move it away and run this again: the offices' "
            "files are taken in anew. Files no longer in the landing zone lie in landing/ by their hash; the table "
            "`ledger` of the old file has their names"
        )
    return found


def keep_copy(path: Path, number: int) -> Path:
    """Copy a closed warehouse aside before it is brought to a version; one with the same bytes is there already."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    kept = path.with_name(f"{path.stem}.before-{number:04}-{digest[:12]}{path.suffix}")
    if not kept.exists():
        aside = kept.with_name(kept.name + ".new")
        try:
            shutil.copyfile(path, aside)
            aside.chmod(0o600)
            with aside.open("rb") as file:
                os.fsync(file.fileno())
            aside.rename(kept)
        finally:
            aside.unlink(missing_ok=True)
        fsync_folder(kept.parent)
    return kept


def migrate(con: DuckDBPyConnection, path: Path, due: Sequence[Step], kept: Path) -> None:
    """Take the steps that are due, all or none. Raises WarehouseOutdatedError when one fails."""
    before = version_of(con)
    try:
        with transaction(con):
            _drop_views(con)
            for step in due:
                con.execute(step.sql)
            _reorder(con)
            if _declared() != _of_files(shape(con)):
                raise WarehouseOutdatedError("the tables are then not those that are declared")
            _make_views(con)
            for step in due:
                _write_down(con, step.number, step.name)
    except (duckdb.Error, WarehouseOutdatedError) as error:
        if is_disk_full(error):
            raise
        said = str(error) if isinstance(error, WarehouseOutdatedError) else type(error).__name__
        raise WarehouseOutdatedError(
            f"{path} is of version {before} and could not be brought to {due[-1].number}: {said}. Nothing in it was "
            f"changed. Keep it and {kept.name}, and report this; the esep that wrote it still reads it"
        ) from None
    logging.getLogger("esep").warning(
        "%s was brought from version %d to %d; as it was it lies in %s", path, before, due[-1].number, kept.name
    )


def renew_views(con: DuckDBPyConnection) -> None:
    """Make the views anew where the declaration says them otherwise than when they were made."""
    now = views_hash()
    if con.execute(f"SELECT views FROM {VERSIONS} ORDER BY version DESC LIMIT 1").fetchall() != [(now,)]:
        with transaction(con):
            _drop_views(con)
            _make_views(con)
            con.execute(f"UPDATE {VERSIONS} SET views = ?", [now])


@contextmanager
def transaction(con: DuckDBPyConnection) -> Iterator[None]:
    """Everything inside, or nothing of it."""
    con.execute("BEGIN TRANSACTION")
    try:
        yield
        con.execute("COMMIT")
    except BaseException:
        con.execute("ROLLBACK")
        raise


def shape(con: DuckDBPyConnection) -> Shape:
    """The tables of an open warehouse: name -> columns with their types, in their order."""
    rows = con.execute(
        """SELECT table_name, column_name, data_type FROM duckdb_columns()
        WHERE database_name = current_database() AND table_name IN (
          SELECT table_name FROM duckdb_tables() WHERE database_name = current_database() AND NOT temporary
        ) ORDER BY table_name, column_index"""
    ).fetchall()
    found: Shape = {}
    for table, column, kind in rows:
        found.setdefault(table, []).append((column, kind))
    return found


def _of_files(found: Shape) -> Shape:
    return {name: columns for name, columns in found.items() if name != VERSIONS}


def _declared() -> Shape:
    spelt = {name: [(c, kind.replace(", ", ",")) for c, kind in columns.items()] for name, columns in tables().items()}
    return dict(sorted(spelt.items()))


def _digest(con: DuckDBPyConnection) -> str:
    lines = sorted(f"{table} {column} {kind}" for table, columns in shape(con).items() for column, kind in columns)
    sequences = con.execute("SELECT sequence_name FROM duckdb_sequences() WHERE database_name = current_database()")
    lines += sorted(name for (name,) in sequences.fetchall())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _reorder(con: DuckDBPyConnection) -> None:
    """Columns in their declared order: a column that is added later stands last. The rows keep their order."""
    found = shape(con)
    for name, columns in tables().items():
        names = [column for column, _ in found.get(name, [])]
        if names != list(columns) and set(names) == set(columns):
            con.execute(table_ddl(f"{name}_in_order", columns))
            con.execute(f"INSERT INTO {name}_in_order SELECT {', '.join(columns)} FROM {name} ORDER BY rowid")
            con.execute(f"DROP TABLE {name}")
            con.execute(f"ALTER TABLE {name}_in_order RENAME TO {name}")


def _drop_views(con: DuckDBPyConnection) -> None:
    names = con.execute(
        "SELECT view_name FROM duckdb_views() "
        "WHERE database_name = current_database() AND NOT internal AND NOT temporary"
    ).fetchall()
    for (name,) in names:
        con.execute(f'DROP VIEW "{name}"')


def _make_views(con: DuckDBPyConnection) -> None:
    for view in views():
        con.execute(view)


def _write_down(con: DuckDBPyConnection, number: int, name: str) -> None:
    now = datetime.now(UTC).replace(tzinfo=None)
    con.execute(f"INSERT INTO {VERSIONS} VALUES (?, ?, ?, ?)", [number, name, views_hash(), now])
