"""The files of an edition: written aside, hashed, and renamed into place."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from indicators.figures import Figure
from pipelines.bulk import insert
from pipelines.files import fsync_folder
from pipelines.sealed import SETTINGS
from reports.edition import FILE_NAME, MANIFEST_NAME, POINTER_NAME, TABLES, Edition, open_edition


def write_tables(file: Path, tables: Mapping[str, Sequence[Sequence[Any]]]) -> None:
    """Write every table of the public format into a new file."""
    with duckdb.connect(str(file), config=SETTINGS) as con:
        for table, columns in TABLES.items():
            con.execute(f"CREATE TABLE {table} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
            insert(con, table, columns, tables[table])


def append_rows(file: Path, table: str, rows: Sequence[Sequence[Any]]) -> None:
    """Add rows to a table of a file that is not published yet."""
    with duckdb.connect(str(file), config=SETTINGS) as con:
        insert(con, table, TABLES[table], rows)


def read_figures(folder: Path) -> list[Figure]:
    """The figures as anybody reads them from the file."""
    edition: Edition = open_edition(folder)
    try:
        names = ("indicator, calendar, period, place, breakdown, category, numerator, denominator, status, reason, "
                 "offices_expected, offices_reported")  # fmt: skip
        return [Figure(**row) for row in edition.rows(f"SELECT {names} FROM figures")]
    finally:
        edition.connection.close()


def table_hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of the rows of each table as text, in their order.

    DuckDB lays the same rows out in other bytes from one run to the next; these hashes are the same wherever the
    rows are.
    """
    edition = open_edition(folder)
    try:
        return {table: hashlib.sha256(table_bytes(edition, table)).hexdigest() for table in TABLES}
    finally:
        edition.connection.close()


def table_bytes(edition: Edition, table: str) -> bytes:
    """The rows of a table as text: one JSON list for each, numbers as their digits."""
    rows = edition.connection.cursor().execute(f"SELECT {', '.join(TABLES[table])} FROM {table}").fetchall()
    return "".join(json.dumps(row, default=str, ensure_ascii=False) + "\n" for row in rows).encode()


def write_manifest(folder: Path, said: Mapping[str, Any]) -> None:
    """The manifest: what is said, and the hashes of the file and of its tables."""
    digest = hashlib.sha256((folder / FILE_NAME).read_bytes()).hexdigest()
    manifest = {**said, "files": {FILE_NAME: digest}, "tables": table_hashes(folder)}
    text = json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    (folder / MANIFEST_NAME).write_text(text, encoding="utf-8")


def into_place(aside: Path, folder: Path) -> None:
    """On disk first, then under its name: nobody ever sees half an edition."""
    for path in aside.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
        path.chmod(0o444)
    # Published figures are for whoever is let into the folder, whatever the umask of the service that publishes.
    aside.chmod(0o755)
    aside.parent.chmod(0o755)
    fsync_folder(aside)
    aside.rename(folder)
    fsync_folder(folder.parent)


def point(editions: Path, edition_id: str) -> None:
    """Swap CURRENT in one step."""
    pointer, aside = editions / POINTER_NAME, editions / f".{POINTER_NAME}.new"
    if pointer.exists() and pointer.read_text(encoding="utf-8").strip() == edition_id:
        return
    aside.write_text(edition_id + "\n", encoding="utf-8")
    aside.chmod(0o644)
    with aside.open("rb") as file:
        os.fsync(file.fileno())
    aside.replace(pointer)
    fsync_folder(editions)
