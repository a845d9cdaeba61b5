"""The facts in force as Parquet files, one for each fact: what another engine counts from.

They are case level: they lie within the store, which is for its owner alone, and are taken away again.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from duckdb import DuckDBPyConnection

from indicators.facts import PROVENANCE, SQL_TYPES, Fact, all_facts

# A name that no backup takes in.
PREFIX = ".engine-facts-"


class EngineMissing(RuntimeError):
    """An engine that is not installed here, or that does not answer; the message says what to do."""


def columns_of(fact: Fact) -> Mapping[str, str]:
    """The columns of a fact as it lies, with their types in the words of DuckDB."""
    own = {name: SQL_TYPES[column.type] for name, column in fact.columns.items()}
    return {**PROVENANCE, "snapshot": "VARCHAR", **own}


@contextmanager
def exported(con: DuckDBPyConnection, store: Path) -> Iterator[Path]:
    """A folder within the store, for its owner alone, with the facts; it is gone afterwards, also after an error.

    What is left of one that was killed goes first. So nobody else may export from the store meanwhile: whoever has
    the warehouse open has its lock.
    """
    for left in store.glob(f"{PREFIX}*"):
        shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=store) as folder:
        export_facts(con, Path(folder))
        yield Path(folder)


def export_facts(con: DuckDBPyConnection, folder: Path) -> int:
    """Write `in_force_<fact>` of every fact as `<fact>.parquet`; gives the number of rows.

    The relations must exist, those of the facts that the programme keeps too. An export broken off leaves no file
    that could be taken for whole: each is written under another name first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    rows = 0
    for name, fact in all_facts().items():
        path = folder / f"{name}.parquet"
        aside = path.with_name(path.name + ".new")
        columns = ", ".join(columns_of(fact))
        (written,) = con.execute(
            f"COPY (SELECT {columns} FROM in_force_{name}) TO '{aside}' (FORMAT parquet)"
        ).fetchone() or (0,)
        aside.chmod(0o600)
        aside.rename(path)
        rows += written
    return rows
