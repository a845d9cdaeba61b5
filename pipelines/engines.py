"""The counting engine on another engine: the facts go there, the engine's SQL runs there, the figures come back.

DuckDB is what editions are made with. The others are for data that no longer fit one machine, and for holding that the
figures do not depend on the engine: the same facts give the same figures, to the last cell.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

from duckdb import DuckDBPyConnection

from indicators.counted import create_views
from indicators.definitions import definitions
from indicators.dialects import POSTGRES, SPARK
from indicators.engine import measure
from indicators.facts import facts, kept_facts
from indicators.figures import Figure
from pipelines.contracts import contracts
from pipelines.engine_facts import EngineMissing, exported
from pipelines.identity import store_key
from pipelines.inputs import Inputs, of_programme
from pipelines.warehouse import open_warehouse

_LIBRARIES = {POSTGRES: "psycopg", SPARK: "pyspark"}


@dataclass(frozen=True)
class Measured:
    """What counting the whole catalogue gave: how many figures, their hash, and the seconds to load and to count."""

    engine: str
    figures: int
    digest: str
    loading: float
    counting: float


def measure_all(
    engines: Iterable[str], at: Mapping[str, str], curated: Path, period: str | None = None
) -> list[Measured]:
    """Count on each engine what an edition of a quarter would be made of now.

    Raises NothingToPublish, EngineMissing, and what opening the warehouse raises.
    """
    with open_warehouse(curated) as con:
        inputs = of_programme(con, contracts(), period, key=store_key(curated))
        return [measure_on(engine, at.get(engine, ""), con, inputs, curated) for engine in engines]


def told(found: Sequence[Measured]) -> list[str]:
    """What was counted, a line for each engine, and whether they agree."""
    lines = [
        f"{one.engine:10}{one.figures:>9} figures  {one.digest[:16]}  {one.loading:.1f} s to load, {one.counting:.1f} s"
        " to count"
        for one in found
    ]
    if len(found) > 1:
        agree = len({one.digest for one in found}) == 1
        lines.append(
            "The same figures, to the last cell" if agree else "THE ENGINES DIFFER: report this, with the data"
        )
    return lines


def measure_on(engine: str, at: str, con: DuckDBPyConnection, inputs: Inputs, store: Path) -> Measured:
    """Count the inputs of an edition on an engine. The figures are not protected: only their hash is given out.

    Raises EngineMissing.
    """
    create_views(con, inputs.kept)
    started = time.perf_counter()
    with ready(engine, at, con, store) as there:
        loaded = time.perf_counter()
        figures = measure(there, definitions(), inputs.windows, inputs.reporting)
        counted = time.perf_counter()
    return Measured(engine, len(figures), digest_of(figures), loaded - started, counted - loaded)


def digest_of(figures: Sequence[Figure]) -> str:
    """The hash of figures as canonical rows: in order, and each number in one way of writing it."""
    rows = sorted("|".join("" if one is None else _canonical(one) for one in astuple(figure)) for figure in figures)
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def _canonical(one: Any) -> str:
    return format(one.normalize(), "f") if isinstance(one, Decimal) else str(one)


@contextmanager
def ready(engine: str, at: str, con: DuckDBPyConnection, store: Path) -> Iterator[DuckDBPyConnection]:
    """An engine with the facts of a DuckDB connection and the views over them; that connection itself for DuckDB.

    `in_force_<fact>` and the counted views must exist. Files of case level lie in a folder of the store meanwhile.
    Raises EngineMissing.
    """
    if engine not in (POSTGRES, SPARK):
        yield con
        return
    if find_spec(_LIBRARIES[engine]) is None:
        raise EngineMissing(
            f"{_LIBRARIES[engine]} is not installed here: `make engines` makes an environment that has it, and then"
            " it is .venv-engines/bin/esep measure"
        )
    with exported(con, store) as folder:
        there = _opened(engine, at, folder)
        try:
            there.load(folder, list(facts()))
            # The engine asks a connection to execute and to give rows, and all of them do.
            session = cast(DuckDBPyConnection, there)
            create_views(session)
            for name in kept_facts():
                there.fill(folder, name)
            yield session
        finally:
            there.close()


def _opened(engine: str, at: str, folder: Path) -> Any:
    if engine == SPARK:
        from pipelines.engine_spark import Spark

        return Spark(folder, at)
    from psycopg import Error
    from psycopg.conninfo import conninfo_to_dict

    from pipelines.engine_postgres import Postgres

    try:
        if "password" in conninfo_to_dict(at):
            raise EngineMissing("every user of a machine reads its command lines: put the password into PGPASSFILE")
        return Postgres(at)
    except Error as error:
        said = " ".join(str(error).split())
        raise EngineMissing(f"PostgreSQL does not answer; start it, or name it with --postgres: {said}") from None
