"""Publish: count, protect, write one immutable edition, and point CURRENT at it.

An edition is known by what went into it. Publishing the same files under the same contracts,
definitions, policy and code again finds the edition that is there and changes nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
from duckdb import DuckDBPyConnection

import indicators
from indicators import definitions as catalogue_module
from indicators import disclosure
from indicators.calendars import Window
from indicators.counted import create_views
from indicators.definitions import Definition, definitions
from indicators.engine import measure
from indicators.figures import Figure
from indicators.funding import projects
from pipelines.bulk import insert
from pipelines.edition_network import coverage_rows
from pipelines.edition_tables import Contents, rows_of
from pipelines.edition_training import training_rows
from pipelines.files import fsync_folder
from pipelines.inputs import Inputs
from pipelines.warehouse import SETTINGS
from reports.edition import FILE_NAME, MANIFEST_NAME, POINTER_NAME, TABLES, Edition, open_edition

EDITIONS = "editions"

# The way out of case level. A test hands over one that fails, to see that a failure is not published.
Protect = Callable[
    [Sequence[Figure], Mapping[str, Definition], Sequence[Window], disclosure.Policy], disclosure.Released
]


@dataclass(frozen=True)
class Published:
    """An edition on disk, whether this run made it, and what was done to protect it."""

    folder: Path
    edition_id: str
    is_new: bool
    certificate: Mapping[str, str]


def publish(
    con: DuckDBPyConnection,
    curated: Path,
    inputs: Inputs,
    catalogue: Mapping[str, Definition] | None = None,
    protect: Protect = disclosure.release,
) -> Published:
    """Make the edition of the inputs, unless it is there already. Raises what `disclosure.release` raises.

    The edition is built under a temporary name, attacked from its own file, and only then renamed
    into place; an error leaves the editions as they were.
    """
    catalogue = catalogue if catalogue is not None else definitions()
    editions = curated / EDITIONS
    edition_id = _edition_id(inputs, catalogue)
    folder = editions / edition_id
    is_new = not (folder / MANIFEST_NAME).exists()
    if is_new:
        _build(con, editions, edition_id, inputs, catalogue, protect)
    _point(editions, edition_id)
    edition = open_edition(folder)
    try:
        certificate = {row["key"]: row["value"] for row in edition.rows("SELECT * FROM certificate")}
    finally:
        edition.connection.close()
    return Published(folder, edition_id, is_new, certificate)


def code_version() -> str:
    """A hash of the code that counts, protects and writes: another version may give other numbers."""
    return _code_version()[:16]


@cache
def _code_version() -> str:
    root = Path(indicators.__file__).parent.parent
    found = hashlib.sha256()
    for package in ("indicators", "pipelines"):
        for path in sorted((root / package).rglob("*.py")):
            found.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    for name in ("fact_tables", "fact_views", "kept_facts", "codelists", "words.toml", "network.toml"):
        for path in sorted([*(root / "indicators").glob(f"{name}/*.toml"), *(root / "indicators").glob(name)]):
            if path.is_file():
                found.update(path.name.encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def _edition_id(inputs: Inputs, catalogue: Mapping[str, Definition]) -> str:
    made_of = {
        "files": [list(map(str, row)) for row in inputs.files],
        "completeness": [list(map(str, row)) for row in inputs.completeness],
        "kept": [[fact, *map(str, rows)] for fact, rows in inputs.kept.items()],
        "definitions": catalogue_module.digest(catalogue),
        "projects": repr(sorted(projects().items())),
        "policy": [inputs.policy.profile, inputs.policy.digest],
        "code": code_version(),
    }
    digest = hashlib.sha256(json.dumps(made_of, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    return f"{inputs.period}-{digest[:12]}"


def _build(
    con: DuckDBPyConnection,
    editions: Path,
    edition_id: str,
    inputs: Inputs,
    catalogue: Mapping[str, Definition],
    protect: Protect,
) -> None:
    create_views(con, inputs.kept)
    counted = measure(con, catalogue, inputs.windows, inputs.reporting)
    released = protect(counted, catalogue, inputs.windows, inputs.policy)
    contents = Contents(
        edition_id, inputs, catalogue, released.figures, released.certificate, _checks(con), coverage_rows(con, inputs),
        training_rows(con, inputs), code_version(),
    )  # fmt: skip
    editions.mkdir(parents=True, exist_ok=True)
    aside = editions / f".{edition_id}.new"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    try:
        _write(aside / FILE_NAME, rows_of(contents))
        examined = disclosure.examine(_read_figures(aside), catalogue, inputs.windows, inputs.policy)
        broken_into = _break_in(aside / FILE_NAME, inputs.policy)
        _append(aside / FILE_NAME, "certificate", sorted({**examined, **broken_into}.items()))
        _write_manifest(aside, contents)
        _into_place(aside, editions / edition_id)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _write(file: Path, tables: Mapping[str, Sequence[Sequence[Any]]]) -> None:
    with duckdb.connect(str(file), config=SETTINGS) as con:
        for table, columns in TABLES.items():
            con.execute(f"CREATE TABLE {table} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
            insert(con, table, columns, tables[table])


def _break_in(file: Path, policy: disclosure.Policy) -> dict[str, str]:
    """Attack the file as anybody who is handed it would. Raises Unsafe when a hidden figure is worked out.

    The intruder shares no code with the step that hides, and reads tables and sums from the file by himself.
    """
    from reports.attack import attack

    (found,) = attack([file], policy.interval_width, policy.threshold)
    if found.is_broken or found.unreadable:
        first = found.unreadable or next(cell for cell, _ in (*found.exact, *found.close))
        raise disclosure.Unsafe(f"an intruder worked out hidden figures of the file, the first of {first}")
    width = policy.interval_width if found.smallest is None else found.smallest
    return {"intruder_cells": str(found.hidden), "intruder_worked_out": "0", "smallest_interval": str(width)}


def _append(file: Path, table: str, rows: Sequence[Sequence[Any]]) -> None:
    with duckdb.connect(str(file), config=SETTINGS) as con:
        insert(con, table, TABLES[table], rows)


def _read_figures(folder: Path) -> list[Figure]:
    """The figures as anybody reads them from the file."""
    edition: Edition = open_edition(folder)
    try:
        names = ("indicator, calendar, period, place, breakdown, category, numerator, denominator, status, reason, "
                 "offices_expected, offices_reported")  # fmt: skip
        return [Figure(**row) for row in edition.rows(f"SELECT {names} FROM figures")]
    finally:
        edition.connection.close()


def _checks(con: DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """Which checks found something in the files in force."""
    return con.execute(
        """SELECT c.office, c.period, c.fact, c.rule, c.severity, c.message_en, c.message_ru,
          bool_or(c.rows_failed > 0)
        FROM checks AS c JOIN submissions AS s ON c.entry = s.entry
        WHERE s.status = 'accepted' GROUP BY ALL ORDER BY ALL"""
    ).fetchall()


def _write_manifest(folder: Path, contents: Contents) -> None:
    data = (folder / FILE_NAME).read_bytes()
    manifest = {
        "edition": contents.edition_id,
        "files": {FILE_NAME: hashlib.sha256(data).hexdigest()},
        "inputs": sorted({contents.inputs.name_of(row[0]) for row in contents.inputs.files}),
        "code_version": contents.code_version,
        "policy": contents.inputs.policy.digest,
        "duckdb": duckdb.__version__,
    }
    (folder / MANIFEST_NAME).write_text(json.dumps(manifest, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _into_place(aside: Path, folder: Path) -> None:
    """On disk first, then under its name: nobody ever sees half an edition."""
    for path in aside.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
        path.chmod(0o444)
    fsync_folder(aside)
    aside.rename(folder)
    fsync_folder(folder.parent)


def _point(editions: Path, edition_id: str) -> None:
    """Swap CURRENT in one step."""
    pointer, aside = editions / POINTER_NAME, editions / f".{POINTER_NAME}.new"
    if pointer.exists() and pointer.read_text(encoding="utf-8").strip() == edition_id:
        return
    aside.write_text(edition_id + "\n", encoding="utf-8")
    with aside.open("rb") as file:
        os.fsync(file.fileno())
    aside.replace(pointer)
    fsync_folder(editions)
