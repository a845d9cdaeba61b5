"""The warehouse: case-level rows of every accepted file, in one DuckDB file that one process writes at a time.

Nothing in it is changed or deleted. A file that takes the place of an earlier one is a new line of the
ledger, and `in_force_<fact>` shows the rows of the files that nothing has replaced.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import duckdb
from duckdb import DuckDBPyConnection

from pipelines.files import fsync_folder
from pipelines.schema import declaration_hash, statements

FILE_NAME = "warehouse.duckdb"
LOCK_NAME = "LOCK"
LANDING_NAME = "landing"
# Copies that lay in the landing folder when the warehouse was made: an earlier warehouse, moved away, knows them.
KEPT_NAME = "landing-before.txt"
LAYOUT = 2  # of the tables below; the facts have a hash of their own

# Nothing is ever fetched from outside: what DuckDB does not bring along is an error. Beyond its memory it writes to
# a folder beside the store, as closed to others as the store is, and takes it away again.
SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "memory_limit": "1GB",
}


class WarehouseBusyError(RuntimeError):
    """Another process writes to the warehouse."""


class WarehouseOutdatedError(RuntimeError):
    """The warehouse was made for another declaration of the facts."""


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


def next_number(con: DuckDBPyConnection, table: str, column: str) -> int:
    """The number of a table's next line, without gaps: a gap would look like a line that was taken out.

    No sequence gives it, for DuckDB keeps what a sequence gave even when the transaction does not last: rolled
    back, or cut off by a kill while it is written.
    """
    number: int = con.execute(f"SELECT coalesce(max({column}), 0) + 1 FROM {table}").fetchall()[0][0]
    return number


@contextmanager
def open_warehouse(curated: Path, wait_seconds: float = 20.0) -> Iterator[DuckDBPyConnection]:
    """The warehouse below `curated`, open for this process alone; it is created when there is none.

    Raises WarehouseBusyError when another process keeps it longer than `wait_seconds`, and
    WarehouseOutdatedError when it was made for other facts than those declared now.
    """
    curated.mkdir(parents=True, exist_ok=True)
    curated.chmod(0o700)
    with _locked(curated / LOCK_NAME, wait_seconds):
        path = curated / FILE_NAME
        if not path.exists():
            _note_copies(curated)
            _create(path)
        con = duckdb.connect(str(path), config=SETTINGS)
        try:
            _check_declaration(con, path)
            yield con
        finally:
            con.close()


@contextmanager
def _locked(path: Path, wait_seconds: float) -> Iterator[None]:
    """Hold the operating system's lock; the kernel gives it back when a process dies."""
    with path.open("a+", encoding="utf-8") as file:
        path.chmod(0o600)
        _acquire(file, path, time.monotonic() + wait_seconds)
        file.truncate(0)
        file.write(f"process {os.getpid()}")
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)
            fcntl.flock(file, fcntl.LOCK_UN)


def _acquire(file: TextIO, path: Path, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= deadline:
                file.seek(0)
                holder = file.read() or "another process"
                raise WarehouseBusyError(
                    f"{path.parent / FILE_NAME} is in use by {holder}; wait until it has ended and run this again"
                ) from None
            time.sleep(0.05)


def copies_before(curated: Path) -> set[str]:
    """The names of copies that an earlier warehouse took in: its ledger knows them, and the one in use does not."""
    path = curated / KEPT_NAME
    return set(path.read_text(encoding="utf-8").split()) if path.exists() else set()


def _note_copies(curated: Path) -> None:
    """Write the copies down before a new warehouse is made: they are all that is left of files long gone."""
    landing, path = curated / LANDING_NAME, curated / KEPT_NAME
    names = sorted(copy.name for copy in landing.iterdir() if not copy.suffix) if landing.is_dir() else []
    if names:
        aside = path.with_name(path.name + ".new")
        aside.write_text("\n".join(names) + "\n", encoding="utf-8")
        aside.chmod(0o600)
        aside.rename(path)


def _create(path: Path) -> None:
    """Make the file aside and rename it: a DuckDB file whose creation is cut short can never be opened."""
    aside = path.with_name(path.name + ".new")
    for leftover in (aside, aside.with_name(aside.name + ".wal")):
        leftover.unlink(missing_ok=True)
    with duckdb.connect(str(aside), config=SETTINGS) as con:
        for statement in statements():
            con.execute(statement)
        con.execute("CREATE TABLE schema_version (layout INTEGER, facts_hash VARCHAR)")
        con.execute("INSERT INTO schema_version VALUES (?, ?)", [LAYOUT, declaration_hash()])
    aside.chmod(0o600)
    with aside.open("rb") as file:
        os.fsync(file.fileno())
    aside.rename(path)
    fsync_folder(path.parent)


def _check_declaration(con: DuckDBPyConnection, path: Path) -> None:
    known = con.execute("SELECT layout, facts_hash FROM schema_version").fetchall()
    if known != [(LAYOUT, declaration_hash())]:
        raise WarehouseOutdatedError(
            f"{path} was made before a column of the facts was declared as it is now. Move it away and run this again: "
            f"the offices' files are taken in anew. Files no longer in the landing zone lie in {LANDING_NAME}/ "
            "by their hash; the table `ledger` of the old file has their names"
        )
