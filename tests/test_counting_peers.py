"""What counting is measured against counts the same people, rows and sums."""

from __future__ import annotations

import duckdb
import pytest

from benchmarks.counting_ways import both_conditions, every_tally, opened, pandas_mask, prepare, windows_of
from benchmarks.dbt_peer import dbt_program, models, with_dbt, write_project
from indicators.counted import create_views
from indicators.counting import create_counts
from indicators.expressions import PERSONS, ROWS, SUM
from indicators.fact_views import counted_facts
from indicators.queries import all_of

ROWS_MADE = 3_000
WHOLE = "SELECT calendar, period, place, CAST(numerator AS DOUBLE) FROM"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("peers")
    prepare(made, ROWS_MADE, with_parquet=True)
    return made


def test_the_models_of_dbt_count_what_this_project_counts(folder):
    """Each model is plain SQL, so that it can be asked without dbt: all wholes, in every window and place."""
    write_project(folder / "dbt", folder, threads=1)
    tallies = list(every_tally())
    compared = 0
    with opened(folder, 1) as con, duckdb.connect() as other:
        create_views(con)
        create_counts(con, tallies, windows_of())
        for name in models(folder):
            number = int(name.removeprefix("tally_"))
            if not counts_alike(tallies[number]):
                continue
            sql = (folder / "dbt" / "models" / f"{name}.sql").read_text(encoding="utf-8")
            theirs = other.execute(f"{WHOLE} ({sql}) WHERE is_whole AND numerator <> 0 ORDER BY ALL").fetchall()
            whole = "tally = ? AND breakdown = 'total' AND numerator <> 0"
            ours = con.execute(f"{WHOLE} counts WHERE {whole} ORDER BY ALL", [number]).fetchall()
            assert ours == theirs, (name, tallies[number])
            compared += bool(ours)
    assert compared > 20


def counts_alike(tally):
    """A share of persons takes both numbers from the first row of each, which a plain COUNT(DISTINCT) does not."""
    kind = tally.aggregate.kind
    return kind in (ROWS, SUM) or (kind == PERSONS and not tally.split.numerator)


def test_the_masks_of_pandas_find_the_rows_that_this_project_counts(folder):
    """Of every condition of the catalogue, so that a new one that pandas cannot read is seen before `make bench`."""
    compared = 0
    with opened(folder, 1) as con:
        create_views(con)
        for fact in dict.fromkeys(tally.fact for tally in every_tally()):
            frame = con.execute(f"SELECT * FROM counted_{fact}").df()
            for name, conditions in both_conditions([tally for tally in every_tally() if tally.fact == fact]):
                where = all_of(conditions, counted_facts()[fact])
                counted = con.execute(f"SELECT count(*) FROM counted_{fact} AS f WHERE {where}").fetchall()
                assert [(int(pandas_mask(frame, conditions).sum()),)] == counted, (fact, name, conditions)
                compared += counted > [(0,)]
    assert compared > 50


def test_dbt_builds_every_model(folder, tmp_path):
    if dbt_program() is None:
        pytest.skip("needs dbt-duckdb, in an environment of its own that ESEP_DBT names")
    for parquet in folder.glob("*.parquet"):
        (tmp_path / parquet.name).symlink_to(parquet)
    assert with_dbt(tmp_path, 2)["cells"] > 1_000
