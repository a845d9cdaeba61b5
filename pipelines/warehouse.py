"""The warehouse: case-level rows of every accepted file, in one DuckDB file that one process writes at a time.

Nothing in it is changed or deleted. A file that takes the place of an earlier one is a new line of the
ledger, and `in_force_<fact>` shows the rows of the files that nothing has replaced.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from duckdb import DuckDBPyConnection

from pipelines.files import fsync_folder
from pipelines.lock import WAIT_SECONDS, locked
from pipelines.migrate import make, up_to_date
from pipelines.sealed import connect

FILE_NAME = "warehouse.duckdb"
LANDING_NAME = "landing"
# Copies that lay in the landing folder when the warehouse was made: an earlier warehouse, moved away, knows them.
KEPT_NAME = "landing-before.txt"


def next_number(con: DuckDBPyConnection, table: str, column: str) -> int:
    """The number of a table's next line, without gaps: a gap would look like a line that was taken out.

    No sequence gives it, for DuckDB keeps what a sequence gave even when the transaction does not last: rolled
    back, or cut off by a kill while it is written.
    """
    number: int = con.execute(f"SELECT coalesce(max({column}), 0) + 1 FROM {table}").fetchall()[0][0]
    return number


@contextmanager
def open_warehouse(curated: Path, wait_seconds: float = WAIT_SECONDS) -> Iterator[DuckDBPyConnection]:
    """The warehouse below `curated`, open for this process alone; it is created when there is none.

    One that an earlier version wrote is brought up to date first, and a copy of it as it was is kept. Raises
    WarehouseBusyError when another process keeps it longer than `wait_seconds`, and WarehouseOutdatedError when it
    is of a later or an unknown version, and WarehouseKeyError when it is encrypted and there is no key for it.
    """
    curated.mkdir(parents=True, exist_ok=True)
    curated.chmod(0o700)
    with locked(curated, wait_seconds):
        path = curated / FILE_NAME
        if not path.exists():
            _note_copies(curated)
            _create(path)
        con = up_to_date(lambda: connect(path), path)
        try:
            yield con
        finally:
            con.close()


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
    with connect(aside) as con:
        make(con)
    aside.chmod(0o600)
    with aside.open("rb") as file:
        os.fsync(file.fileno())
    aside.rename(path)
    fsync_folder(path.parent)
