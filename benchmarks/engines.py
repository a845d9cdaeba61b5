"""The whole catalogue counted by the engines beyond one machine, beside DuckDB, each in a process of its own.

`python -m benchmarks.engines --postgres WHERE --spark`; what is not named is left out. Costs are seconds on the clock,
for a server's processor seconds are not ours to see; loading the facts is told apart from counting them.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from subprocess import CalledProcessError, TimeoutExpired

import click

from benchmarks.clock import measured
from benchmarks.counting import SIZES
from benchmarks.counting_ways import MEMORY, every_tally, opened, prepare, windows_of
from indicators.dialects import DUCKDB, POSTGRES, SPARK

_HOURS = 3 * 3600.0
TABLES = ("counts", "valued")  # what counting leaves: the cells, and the values of quantiles


def engines_table(sizes: Sequence[str], at: Mapping[str, str]) -> Iterator[str]:
    """The lines of the table: for each size every engine, in seconds and as a ratio to DuckDB."""
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            rows = prepare(Path(folder), SIZES[size], with_parquet=False)
            yield f"{f'{size}: {rows:,} rows':24}{'load s':>10}{'count s':>10}{'count':>9}  cells"
            first: Mapping[str, float | str] = {}
            for engine in (DUCKDB, *at):
                try:
                    found = measured(
                        [sys.executable, "-m", "benchmarks.engines", "--one", engine, folder, at.get(engine, "")],
                        _HOURS,
                    ).said
                except (CalledProcessError, TimeoutExpired) as error:
                    yield f"{engine:24}did not end: {type(error).__name__}"
                    continue
                first = first or found
                ratio = float(found["count"]) / float(first["count"])
                same = "the same" if found["digest"] == first["digest"] else "NOT THE SAME"
                yield f"{engine:24}{found['load']:10.1f}{found['count']:10.1f}{ratio:8.1f}x  {found['cells']:,} {same}"


def installed() -> dict[str, str]:
    """What can be tried here: a PostgreSQL that `ESEP_BENCH_POSTGRES` names, Spark where it is installed."""
    server = os.environ.get("ESEP_BENCH_POSTGRES")
    found = {POSTGRES: server} if server is not None else {}
    return found | ({SPARK: ""} if find_spec("pyspark") else {})


def one(engine: str, folder: Path, at: str) -> Mapping[str, float | str]:
    """Count once; the cells are put in one order and hashed."""
    from indicators.counted import create_views
    from indicators.counting import create_counts
    from pipelines.engines import ready

    con = opened(folder, 2, memory_limit=MEMORY)
    create_views(con)
    started = time.perf_counter()
    with ready(engine, at, con, folder) as there:
        loaded = time.perf_counter()
        create_counts(there, list(every_tally()), windows_of())
        counted = time.perf_counter()
        cells = [_canonical(row) for name in TABLES for row in there.execute(f"SELECT * FROM {name}").fetchall()]
    digest = hashlib.sha256("\n".join(sorted(cells)).encode()).hexdigest()
    return {"load": loaded - started, "count": counted - loaded, "cells": len(cells), "digest": digest}


def _canonical(row: Sequence[object]) -> str:
    return "|".join("" if value is None else str(value) for value in row)


@click.command()
@click.option("--size", "sizes", multiple=True, type=click.Choice(list(SIZES)), default=("M",), show_default=True)
@click.option("--postgres", metavar="WHERE", help="The connection string of a server to try.")
@click.option("--spark", is_flag=True, help="Try Spark on this machine.")
@click.option("--one", "single", nargs=3, hidden=True)
def main(sizes: Sequence[str], postgres: str | None, spark: bool, single: tuple[str, str, str] | None) -> None:
    """Measure the engines."""
    if single:
        click.echo(json.dumps(one(single[0], Path(single[1]), single[2])))
        return
    at = {**({POSTGRES: postgres} if postgres is not None else {}), **({SPARK: ""} if spark else {})}
    for text in engines_table(sizes, at):
        click.echo(text)


if __name__ == "__main__":
    main()
