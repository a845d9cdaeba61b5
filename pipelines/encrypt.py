"""A store that is in use gets an encrypted warehouse, another key, or a plain one again: `esep encrypt`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from duckdb import DuckDBPyConnection

from pipelines.files import fsync_folder
from pipelines.lock import WAIT_SECONDS, locked
from pipelines.migrate import VERSIONS, make, up_to_date
from pipelines.schema import tables
from pipelines.sealed import Key, WarehouseKeyError, both, is_encrypted, plain, unlocked
from pipelines.warehouse import FILE_NAME


@dataclass(frozen=True)
class Written:
    """What was written anew: the file, and how many rows of how many tables."""

    path: Path
    tables: int
    rows: int


def rewrite(curated: Path, old: Key | None, new: Key | None, wait_seconds: float = WAIT_SECONDS) -> Written:
    """Write the warehouse anew under another key, or without one, and put it in the place of the old.

    Every table is compared row by row before the old file goes. Raises WarehouseKeyError when the file is not what
    `old` says, and WarehouseOutdatedError when it cannot be brought up to date.
    """
    path = curated / FILE_NAME
    if not path.exists():
        raise WarehouseKeyError(f"{curated} has no warehouse yet; with a key set, the first run makes it encrypted")
    with locked(curated, wait_seconds):
        if is_encrypted(path) != (old is not None):
            said = "is encrypted already" if old is None else "is not encrypted"
            raise WarehouseKeyError(f"{path} {said}")
        aside = path.with_name(f"{path.name}.new")
        _remove(aside)
        try:
            written = _rewritten(path, old, aside, new)
            aside.chmod(0o600)
            with aside.open("rb") as file:
                os.fsync(file.fileno())
            aside.replace(path)
        finally:
            _remove(aside)
        fsync_folder(curated)
    return written


def _remove(aside: Path) -> None:
    for name in (aside.name, f"{aside.name}.wal"):
        aside.with_name(name).unlink(missing_ok=True)


def _rewritten(path: Path, old: Key | None, aside: Path, new: Key | None) -> Written:
    up_to_date(lambda: plain(path) if old is None else unlocked(path, old), path).close()
    names = [*tables(), VERSIONS]
    with both(path, old, aside, new) as con:
        make(con)
        con.execute(f"DELETE FROM {VERSIONS}")
        for name in names:
            con.execute(f"INSERT INTO target.{name} SELECT * FROM source.{name} AS own ORDER BY own.rowid")
        counted = [(_summed(con, f"source.{name}"), _summed(con, f"target.{name}")) for name in names]
    if any(then != now for then, now in counted):
        raise WarehouseKeyError(f"{path} was not written anew as it was; the old file stays in place. Report this")
    return Written(path, len(names), sum(count for (count, _), _ in counted))


def _summed(con: DuckDBPyConnection, name: str) -> tuple[int, object]:
    """How many rows a table has, and a sum over the hashes of the rows with their places."""
    places = f"SELECT *, row_number() OVER () AS place FROM (FROM {name} AS own SELECT * ORDER BY own.rowid)"
    rows = con.execute(f"SELECT count(*), bit_xor(hash(own)) FROM ({places}) AS own").fetchall()
    return rows[0][0], rows[0][1]
