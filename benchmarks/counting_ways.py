"""Each way of counting the catalogue, run in a process of its own.

`python -m benchmarks.counting_ways NAME FOLDER [THREADS]`; the folder holds made-up facts: `facts.duckdb`, and for the
peers each counted fact as a Parquet file, with the derived and joined columns, which they need not compute. What a
way counted is printed as JSON.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.generated_facts import FIRST_QUARTER, QUARTERS

DATABASE, NEEDED = "facts.duckdb", "needed.json"
MEMORY = "1GB"  # which esep's store may take; the peers may take what they want
_EQUAL = re.compile(r"(\w+) (?:= |IN )(.+)")
_KNOWN = re.compile(r"is_known\((\w+)\)|length\((\w+)\) > 0")


def nothing(_: Path, __: int) -> Mapping[str, Any]:
    """`import duckdb`, and no more."""
    import duckdb

    return {"rows": 0, "version": duckdb.__version__}


def floor(folder: Path, threads: int) -> Mapping[str, Any]:
    """Touch every column that any indicator needs, once, in the facts as they lie."""
    con, rows = opened(folder, threads), 0
    for fact, columns in json.loads((folder / NEEDED).read_text(encoding="utf-8")).items():
        touched = ", ".join(f"max(hash({name}))" for name in columns)
        found = con.execute(f"SELECT count(*), {touched} FROM in_force_{fact}").fetchone()
        rows += found[0] if found else 0
    return {"rows": rows}


def ours(folder: Path, threads: int) -> Mapping[str, Any]:
    """This project: every indicator, window, place, breakdown and category, and the values of every quantile."""
    from indicators.histograms import histograms

    con = _counted(folder, threads)
    values = histograms(con, list(every_tally()), windows_of())
    (cells,) = con.execute("SELECT count(*) FROM counts").fetchone() or (0,)
    return {"cells": cells, "quantiles": len(values)}


def digest(folder: Path, threads: int) -> Mapping[str, Any]:
    """A check sum over every cell in order, and over the values of quantiles: equal for one thread and for two."""
    con = _counted(folder, threads)
    total = hashlib.sha256()
    for table in ("counts", "valued"):
        cursor = con.execute(f"SELECT {table}::VARCHAR AS cell FROM {table} ORDER BY cell")
        while rows := cursor.fetchmany(100_000):
            total.update("\n".join(cell for (cell,) in rows).encode())
    return {"digest": total.hexdigest()}


def _counted(folder: Path, threads: int) -> Any:
    from indicators.counted import create_views
    from indicators.counting import create_counts

    con = opened(folder, threads, memory_limit=MEMORY)
    create_views(con)
    create_counts(con, list(every_tally()), windows_of())
    return con


def wide(folder: Path, threads: int) -> Mapping[str, Any]:
    """One wide query a fact and date: COUNT(DISTINCT) under GROUPING SETS over the windows."""
    from indicators.counted import create_views, create_windows
    from indicators.fact_views import counted_facts
    from indicators.queries import all_of

    con = opened(folder, threads)
    create_views(con)
    create_windows(con, windows_of())
    cells = 0
    for (fact, dated_by), tallies in _dated_groups().items():
        by = sorted({name for tally in tallies for name in tally.by})
        sums = ", ".join(
            f"{_measure(t.aggregate)} FILTER (WHERE {all_of(conditions, counted_facts()[fact])})"
            for t in tallies for conditions in (t.split.base | t.split.numerator, t.split.base | t.split.denominator)
        )  # fmt: skip
        sets = ", ".join(f"({', '.join(('calendar', 'period', 'place', *one))})" for one in ([], *([b] for b in by)))
        keys = "".join(f", {name}" for name in by)
        query = f"""SELECT calendar, period, place{keys}, {sums}
          FROM counted_{fact} AS f JOIN windows AS w ON f.{dated_by} BETWEEN w.start_on AND w.end_on
          GROUP BY GROUPING SETS ({sets})"""
        found = con.execute(f"SELECT count(*) FROM ({query})").fetchone()
        cells += found[0] if found else 0
    return {"cells": cells}


def with_polars(folder: Path, _: int) -> Mapping[str, Any]:
    """Polars: window by window, each breakdown a group_by of all indicators of the fact; lists as they are."""
    import polars as pl  # type: ignore[import-not-found, unused-ignore]

    cells = 0
    for (fact, dated_by), tallies in _dated_groups().items():
        frame = pl.read_parquet(folder / f"{fact}.parquet", columns=_columns_of(tallies, dated_by))
        flags = [
            pl.all_horizontal([pl.lit(True), *(_polars_condition(pl, c) for c in sorted(conditions))]).alias(name)
            for name, conditions in both_conditions(tallies)
        ]
        frame = frame.with_columns(flags)
        for window in windows_of():
            inside = frame.filter(pl.col(dated_by).is_between(window.start, window.end))
            for breakdown in (None, *sorted({name for tally in tallies for name in tally.by})):
                keys = ["place", *([breakdown] if breakdown else [])]
                sums = [
                    _polars_measure(pl, tally.aggregate, f"{side}_{n}").alias(f"{side}_{n}")
                    for n, tally in enumerate(tallies) for side in ("num", "den")
                    if breakdown is None or breakdown in tally.by
                ]  # fmt: skip
                cells += inside.group_by(keys).agg(sums).height
    return {"cells": cells}


def with_pandas(folder: Path, _: int) -> Mapping[str, Any]:
    """pandas: window by window, each breakdown and indicator a groupby; lists and sums left out, which favours it."""
    import duckdb

    cells = 0
    for (fact, dated_by), tallies in _dated_groups().items():
        columns = ", ".join(_columns_of(tallies, dated_by))
        frame = duckdb.sql(f"SELECT {columns} FROM '{folder / f'{fact}.parquet'}'").df()
        lists = _lists(fact)
        masks = {name: pandas_mask(frame, conditions) for name, conditions in both_conditions(tallies)}
        for window in windows_of():
            inside = (frame[dated_by] >= str(window.start)) & (frame[dated_by] <= str(window.end))
            for n, tally in enumerate(tallies):
                of = tally.aggregate.argument or "place"
                for breakdown in (None, *(name for name in tally.by if name not in lists)):
                    keys = ["place", *([breakdown] if breakdown else [])]
                    groups = frame[inside & masks[f"num_{n}"]].groupby(keys, observed=True)[of]
                    cells += len(groups.nunique() if tally.aggregate.kind == "persons" else groups.size())
    return {"cells": cells}


def dbt(folder: Path, threads: int) -> Mapping[str, Any]:
    """dbt-duckdb: a model for each number of each indicator."""
    from benchmarks.dbt_peer import with_dbt

    return with_dbt(folder, threads)


WAYS: dict[str, Callable[[Path, int], Mapping[str, Any]]] = {
    "import duckdb": nothing, "touch each needed column": floor, "esep": ours, "esep, check sum": digest,
    "wide COUNT(DISTINCT)": wide, "polars": with_polars, "dbt-duckdb": dbt, "pandas": with_pandas,
}  # fmt: skip


def needed_columns() -> dict[str, list[str]]:
    """The facts as they lie, each with the columns that an indicator, a derived column, a join or a view names."""
    from indicators.fact_views import views
    from indicators.facts import facts

    said = [view.sql for view in views().values()]
    for tally in every_tally():
        said += [*tally.by, tally.aggregate.argument or "", tally.dated_by or ""]
        said += [*tally.split.base, *tally.split.numerator, *tally.split.denominator]
    for fact in facts().values():
        said += [derived.sql for derived in fact.derived.values()]
        said += [name for join in fact.joins for name in (join.on, *join.columns)]
    words = set(re.findall(r"\w+", " ".join(said)))
    return {name: ["place", *(column for column in fact.columns if column in words)] for name, fact in facts().items()}


def prepare(folder: Path, rows: int, with_parquet: bool) -> int:
    """Write the facts that the ways count; gives the number of rows."""
    import duckdb

    from benchmarks.generated_facts import create_facts
    from indicators.counted import create_views
    from indicators.fact_views import counted_facts

    with duckdb.connect(str(folder / DATABASE)) as con:
        made = create_facts(con, rows)
        (folder / NEEDED).write_text(json.dumps(needed_columns()), encoding="utf-8")
        if with_parquet:
            create_views(con)
            for name in counted_facts():
                con.execute(f"COPY (SELECT * FROM counted_{name}) TO '{folder / name}.parquet' (FORMAT parquet)")
    return made


def opened(folder: Path, threads: int, **settings: str) -> Any:
    """The made-up facts, to be read; settings are those of DuckDB."""
    import duckdb

    return duckdb.connect(str(folder / DATABASE), read_only=True, config={"threads": threads, **settings})


def every_tally() -> Iterator[Any]:
    """What the whole catalogue counts."""
    from indicators.definitions import definitions
    from indicators.queries import tallies

    for definition in definitions().values():
        if definition.numerator is not None:
            yield from tallies(definition)


def windows_of() -> list[Any]:
    """The windows of the made-up quarters, of every calendar."""
    from indicators.calendars import Quarter, quarters_between, windows
    from indicators.funding import life_start

    first = Quarter.parse(FIRST_QUARTER)
    return windows(list(quarters_between(first, first.back(1 - QUARTERS))), life_start())


def _dated_groups() -> dict[tuple[str, str], list[Any]]:
    groups: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for tally in every_tally():
        if tally.dated_by:
            groups[tally.fact, tally.dated_by].append(tally)
    return groups


def both_conditions(tallies: list[Any]) -> Iterator[tuple[str, frozenset[str]]]:
    """The conditions of both numbers of each tally, under names of their own."""
    for n, tally in enumerate(tallies):
        yield f"num_{n}", tally.split.base | tally.split.numerator
        yield f"den_{n}", tally.split.base | tally.split.denominator


def _columns_of(tallies: list[Any], dated_by: str) -> list[str]:
    conditions = " ".join(c for _, found in both_conditions(tallies) for c in found)
    named = {name for tally in tallies for name in (*tally.by, tally.aggregate.argument) if name}
    from indicators.fact_views import counted_facts

    columns = counted_facts()[tallies[0].fact].counted_columns()
    named |= {name for name in columns if re.search(rf"\b{name}\b", conditions)}
    return sorted({"place", dated_by, *named})


def _lists(fact: str) -> set[str]:
    from indicators.fact_views import counted_facts

    return {name for name, column in counted_facts()[fact].counted_columns().items() if column.is_list}


def _measure(aggregate: Any) -> str:
    return {"persons": f"count(DISTINCT {aggregate.argument})", "rows": "count(*)"}.get(
        aggregate.kind, f"sum({aggregate.argument})"
    )


def _polars_measure(pl: Any, aggregate: Any, flag: str) -> Any:
    if aggregate.kind == "rows":
        return pl.col(flag).sum()
    of = pl.col(aggregate.argument).filter(pl.col(flag))
    return of.drop_nulls().n_unique() if aggregate.kind == "persons" else of.sum()


def _polars_condition(pl: Any, condition: str) -> Any:
    if known := _KNOWN.fullmatch(condition):
        name = known[1] or known[2]
        return pl.col(name).is_not_null()
    return pl.sql_expr(condition).fill_null(False)


def pandas_mask(frame: Any, conditions: frozenset[str]) -> Any:
    """The rows that meet all conditions; a list is known when it holds something, a code when it is not "not known"."""
    import numpy as np

    from indicators.disclosure.unknowns import NOT_KNOWN

    mask = frame["place"].notna()
    for condition in conditions:
        if known := _KNOWN.fullmatch(condition):
            cells = frame[known[1] or known[2]]
            is_list = cells.map(type).isin((list, np.ndarray)).any()
            mask &= cells.map(len, na_action="ignore").gt(0) if is_list else cells.notna() & (cells != NOT_KNOWN)
        elif (equal := _EQUAL.fullmatch(condition)) and "'" in condition:
            mask &= frame[equal[1]].isin(re.findall(r"'([^']*)'", equal[2]))
        elif (name := condition.removeprefix("NOT ")) in frame:
            # What is not known is not true, and neither is its contrary.
            mask &= frame[condition].fillna(False).astype(bool) if name == condition else frame[name].eq(False)
        else:
            mask &= frame.eval(condition.replace(" OR ", " | ").replace(" AND ", " & "))
    return mask


if __name__ == "__main__":
    _way, _folder, *_threads = sys.argv[1:]
    print(json.dumps(WAYS[_way](Path(_folder), int(_threads[0]) if _threads else 2)))
