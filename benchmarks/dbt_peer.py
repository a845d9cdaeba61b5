"""dbt-duckdb as a way of counting: a project with one model for each number of each indicator.

So an analyst would lay it out: each model joins its fact with the windows and counts by every breakdown under
GROUPING SETS, persons as COUNT(DISTINCT). dbt wants an environment of its own; `ESEP_DBT` names its program where it
is not on the path.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.counting_ways import every_tally, windows_of
from indicators.expressions import PERSONS, ROWS
from indicators.fact_views import counted_facts
from indicators.queries import Tally, all_of

WINDOWS = "windows.parquet"
_PROJECT = """name: counting
version: "1.0"
profile: counting
models:
  +materialized: table
flags:
  send_anonymous_usage_stats: false
"""


def dbt_program() -> str | None:
    """The program of dbt, if there is one here."""
    return shutil.which(os.environ.get("ESEP_DBT", "dbt"))


def with_dbt(folder: Path, threads: int) -> Mapping[str, Any]:
    """Write the project, let dbt build every model, and count the cells that it built.

    Raises subprocess.CalledProcessError when dbt fails, saying what it said.
    """
    import duckdb

    program, project = dbt_program(), folder / "dbt"
    assert program is not None, "left out where it is not installed"
    names = write_project(project, folder, threads)
    command = [program, "run", "--quiet", "--project-dir", str(project), "--profiles-dir", str(project)]
    subprocess.run(command, check=True, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    with duckdb.connect(str(project / "counted.duckdb"), read_only=True) as con:
        found = [con.execute(f"SELECT count(*) FROM {name}").fetchone() for name in names]
    return {"cells": sum(one[0] for one in found if one)}


def write_project(project: Path, folder: Path, threads: int) -> list[str]:
    """Write the project, and the windows beside the facts, which lie in the folder as Parquet; the models' names."""
    (project / "models").mkdir(parents=True)
    (project / "dbt_project.yml").write_text(_PROJECT, encoding="utf-8")
    profile = f"{{type: duckdb, path: '{project / 'counted.duckdb'}', threads: {threads}}}"
    profiles = f"counting:\n  target: here\n  outputs:\n    here: {profile}\n"
    (project / "profiles.yml").write_text(profiles, encoding="utf-8")
    _write_windows(folder / WINDOWS)
    written = models(folder)
    for name, sql in written.items():
        (project / "models" / f"{name}.sql").write_text(sql, encoding="utf-8")
    return list(written)


def _write_windows(path: Path) -> None:
    import duckdb

    with duckdb.connect() as con:
        con.execute("CREATE TABLE windows (calendar VARCHAR, period VARCHAR, start_on DATE, end_on DATE)")
        con.executemany(
            "INSERT INTO windows VALUES (?, ?, ?, ?)", [(w.calendar, w.period, w.start, w.end) for w in windows_of()]
        )
        con.execute(f"COPY windows TO '{path}' (FORMAT parquet)")


def models(folder: Path) -> dict[str, str]:
    """The SQL of each model by its name: the tallies that are dated, by the number each has in the catalogue."""
    return {f"tally_{n}": _model(tally, folder) for n, tally in enumerate(every_tally()) if tally.dated_by}


def _model(tally: Tally, folder: Path) -> str:
    fact = counted_facts()[tally.fact]
    split, argument = tally.split, tally.aggregate.argument
    measure = {PERSONS: f"count(DISTINCT {argument})", ROWS: "count(*)"}.get(tally.aggregate.kind, f"sum({argument})")
    above, below = (all_of(split.base | own, fact) for own in (split.numerator, split.denominator))
    keys = "calendar, period, place"
    sets = ", ".join((f"({keys})", *(f"({keys}, {name})" for name in tally.by)))
    by = "".join(f", {name}" for name in tally.by)
    whole = " AND ".join(f"grouping({name}) = 1" for name in tally.by) or "true"
    return f"""SELECT {keys}{by}, {whole} AS is_whole,
  {measure} FILTER (WHERE {above}) AS numerator,
  {measure} FILTER (WHERE {below}) AS denominator
FROM read_parquet('{folder / f"{tally.fact}.parquet"}') AS f
JOIN read_parquet('{folder / WINDOWS}') AS w ON f.{tally.dated_by} BETWEEN w.start_on AND w.end_on
GROUP BY GROUPING SETS ({sets})
"""
