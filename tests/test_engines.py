"""The same facts give the same figures on every engine, to the last cell."""

from __future__ import annotations

import importlib.util
import os
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from indicators.counted import create_example_tables
from indicators.definitions import definitions
from indicators.dialects import POSTGRES, SPARK
from indicators.engine import measure
from indicators.facts import PROVENANCE, all_facts
from indicators.figures import Figure
from pipelines.cli import main
from pipelines.engine_facts import PREFIX, EngineMissing, columns_of, export_facts, exported
from pipelines.engines import Measured, digest_of, ready, told
from tests.counting import all_windows, full_reporting
from tests.random_facts import Rows, random_rows
from tests.throwaway_postgres import postgres

LIBRARIES = {POSTGRES: "psycopg", SPARK: "pyspark"}


def needs(engine: str) -> None:
    if importlib.util.find_spec(LIBRARIES[engine]) is None:
        pytest.skip(f"needs {LIBRARIES[engine]}: make engines")


@pytest.fixture(scope="module")
def at() -> Iterator[str]:
    needs(POSTGRES)
    with postgres() as where:
        yield where


def as_sent(seed: int, size: int) -> Rows:
    """Random rows, of which every engine derives and joins the rest itself."""
    return {
        name: [{k: v for k, v in row.items() if k in columns_of(all_facts()[name])} for row in rows]
        for name, rows in random_rows(seed, size).items()
    }


def lying_here(rows: Rows) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    create_example_tables(con, rows)
    return con


def counted_here(rows: Rows) -> tuple[duckdb.DuckDBPyConnection, list[Figure]]:
    con = lying_here(rows)
    return con, measure(con, definitions(), all_windows(), full_reporting())


def test_postgresql_counts_the_whole_catalogue_as_duckdb_does(at: str, tmp_path: Path) -> None:
    """Over random rows: with ties, lists, medians, shares of two facts, unknown values, chains of trainers."""
    con, here = counted_here(as_sent(11, 14))
    with ready(POSTGRES, at, con, tmp_path) as session:
        there = measure(session, definitions(), all_windows(), full_reporting())
    assert {figure.indicator for figure in there} == set(definitions())
    assert [pair for pair in zip(here, there, strict=True) if pair[0] != pair[1]] == []
    assert digest_of(here) == digest_of(there)


def test_a_session_leaves_nothing_in_the_database_and_no_file(at: str, tmp_path: Path) -> None:
    import psycopg

    con = lying_here(as_sent(13, 2))
    with ready(POSTGRES, at, con, tmp_path), psycopg.connect(at) as other:
        seen = other.execute("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'").fetchone()
        assert seen == (0,)
    with psycopg.connect(at) as other:
        left = other.execute("SELECT count(*) FROM pg_class WHERE relname LIKE 'in_force%'").fetchone()
    assert left == (0,)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.soak
def test_spark_counts_the_whole_catalogue_as_duckdb_does(tmp_path: Path) -> None:
    needs(SPARK)
    con, here = counted_here(as_sent(11, 14))
    with ready(SPARK, "", con, tmp_path) as session:
        there = measure(session, definitions(), all_windows(), full_reporting())
    assert [pair for pair in zip(here, there, strict=True) if pair[0] != pair[1]] == []


def test_the_hash_tells_figures_apart_and_not_their_order() -> None:
    one = Figure("P01", "quarter", "2010-Q4", "KZ", "total", "total", Decimal("5.00"), None, "shown", "", 1, 1)
    here = [one, Figure(**{**one.__dict__, "place": "KG", "numerator": Decimal(5)})]
    assert digest_of(here) == digest_of([Figure(**{**one.__dict__, "numerator": Decimal(5)}), here[1]])
    assert digest_of(here) == digest_of(list(reversed(here)))
    changed = [*here[:-1], Figure(**{**here[-1].__dict__, "offices_expected": here[-1].offices_expected + 1})]
    assert digest_of(here) != digest_of(changed)


def test_every_fact_is_exported_whole(tmp_path: Path) -> None:
    rows = as_sent(15, 6)
    con = lying_here(rows)
    written = export_facts(con, tmp_path / "facts")
    assert written == sum(map(len, rows.values()))
    assert {path.stem for path in (tmp_path / "facts").iterdir()} == set(all_facts())
    columns = duckdb.sql(f"DESCRIBE FROM '{tmp_path / 'facts' / 'cases.parquet'}'").fetchall()
    assert {*PROVENANCE, "snapshot", *all_facts()["cases"].columns} == {column[0] for column in columns}


def test_facts_lie_within_the_store_for_its_owner_alone_whatever_the_umask(tmp_path: Path, monkeypatch) -> None:
    store, elsewhere = tmp_path / "store", tmp_path / "temporary"
    for folder in (store, elsewhere):
        folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    before = os.umask(0)
    try:
        with exported(lying_here(as_sent(15, 2)), store) as folder:
            assert folder.parent == store
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
            assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
            assert list(elsewhere.iterdir()) == []
    finally:
        os.umask(before)
    assert [*store.iterdir(), *elsewhere.iterdir()] == []


def test_facts_are_taken_away_after_an_error_and_what_a_kill_left_goes_first(tmp_path: Path) -> None:
    con = lying_here(as_sent(15, 2))
    with pytest.raises(ZeroDivisionError), exported(con, tmp_path):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []
    left = tmp_path / f"{PREFIX}killed"
    (left / "spark-tables").mkdir(parents=True)
    (left / "cases.parquet").write_bytes(b"rows")
    with exported(con, tmp_path) as folder:
        assert list(tmp_path.iterdir()) == [folder] != [left]
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(duckdb.Error), exported(duckdb.connect(), tmp_path):  # the export itself fails
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_store_without_files_has_nothing_to_count(tmp_path) -> None:
    done = CliRunner().invoke(main, ["measure", "--curated", str(tmp_path)])
    assert done.exit_code == 4


def test_engines_that_differ_are_told_in_capitals() -> None:
    one = Measured("duckdb", 2, "a" * 64, 0.0, 1.0)
    assert "The same figures" in told([one, replace(one, engine="postgres")])[-1]
    assert "DIFFER" in told([one, replace(one, engine="postgres", digest="b" * 64)])[-1]


@pytest.mark.parametrize("where", ["host=h password=secret", "postgresql://esep:secret@h/db"])
def test_a_password_on_the_command_line_is_refused_and_not_repeated(where: str, tmp_path: Path) -> None:
    needs(POSTGRES)
    con = lying_here(as_sent(16, 1))
    with pytest.raises(EngineMissing, match="PGPASSFILE") as said, ready(POSTGRES, where, con, tmp_path):
        pass
    assert "secret" not in str(said.value)


def test_an_engine_that_is_not_there_says_what_to_do(tmp_path, monkeypatch) -> None:
    from pipelines import engines

    monkeypatch.setattr(engines, "_LIBRARIES", {POSTGRES: "no_such_library"})
    con = lying_here(as_sent(16, 1))
    with pytest.raises(EngineMissing, match="make engines"), ready(POSTGRES, "", con, tmp_path):
        pass


def test_a_server_that_does_not_answer_is_named(tmp_path) -> None:
    needs(POSTGRES)
    con = lying_here(as_sent(16, 1))
    with pytest.raises(EngineMissing, match="--postgres"), ready(POSTGRES, f"host={tmp_path}", con, tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []
