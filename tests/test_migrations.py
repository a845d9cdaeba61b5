"""A store of any older version is brought up to date, with a copy kept, all of it or nothing of it."""

from __future__ import annotations

import hashlib
import logging
import stat
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from indicators.facts import facts
from pipelines import migrate
from pipelines.cli import main
from pipelines.cli_parts import UNEXPECTED
from pipelines.cycle import take_in_files
from pipelines.migrate import (
    Step,
    WarehouseNewerError,
    WarehouseOutdatedError,
    keep_copy,
    latest,
    shape,
    steps,
    version_of,
)
from pipelines.sealed import connect
from pipelines.warehouse import FILE_NAME, open_warehouse
from tests.frozen_store import FROZEN, dump, load

OLDER = {int(path.stem): path for path in sorted(FROZEN.glob("*.sql"))}
RAW = Path(__file__).resolve().parent.parent / "data" / "raw"
SENT, NEW = (RAW / "kaz" / f"KAZ_activities_2010-{quarter}.csv" for quarter in ("Q3", "Q4"))


@pytest.fixture(params=OLDER.values(), ids=[f"version {number}" for number in OLDER])
def older(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The curated folder of a store that an older version wrote."""
    return load(request.param, tmp_path / "curated").parent


@pytest.fixture
def oldest(tmp_path: Path) -> Path:
    """The curated folder of a store of the first version, which every step has to be taken from."""
    return load(OLDER[1], tmp_path / "curated").parent


def rows(con: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[object, ...]]:
    return con.execute(sql).fetchall()


def held(path: Path, sql: str, *values: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(path), read_only=True) as con:
        return con.execute(sql, values).fetchall()


def version_in_file(path: Path) -> int:
    with duckdb.connect(str(path), read_only=True) as con:
        return version_of(con)


def kept_copies(curated: Path) -> list[Path]:
    return sorted(curated.glob("warehouse.before-*.duckdb"))


def test_a_store_of_every_older_version_is_kept_for_the_tests():
    missing = set(range(1, latest())) - OLDER.keys()
    assert not missing, "freeze it before the migration is added: tests/frozen_store.py says how"


def test_the_frozen_stores_are_what_they_say(tmp_path):
    for number, path in OLDER.items():
        with duckdb.connect(str(load(path, tmp_path / str(number)))) as con:
            assert version_of(con) == number
            assert dump(con).count("INSERT") <= path.read_text().count("INSERT")


def test_an_older_store_has_all_its_rows_and_the_tables_of_a_new_one(older, tmp_path):
    count = "SELECT (SELECT count(*) FROM ledger), (SELECT count(*) FROM cases), (SELECT count(*) FROM checks)"
    names = "SELECT entry, file_name, submission, received_at FROM ledger ORDER BY entry"
    persons = "SELECT entry, row_number, person_ref, sex, age FROM cases ORDER BY ALL"
    before = [held(older / FILE_NAME, sql) for sql in (count, names, persons)]
    with open_warehouse(older) as con, open_warehouse(tmp_path / "new") as fresh:
        assert [rows(con, sql) for sql in (count, names, persons)] == before
        assert shape(con) == shape(fresh)
        assert version_of(con) == version_of(fresh) == latest()
        views = "SELECT view_name, sql FROM duckdb_views() WHERE NOT internal ORDER BY 1"
        assert rows(con, views) == rows(fresh, views)
        assert rows(con, "SELECT count(*) FROM duckdb_sequences()") == [(0,)]
        for fact in facts():
            rows(con, f"SELECT * FROM in_force_{fact}")


def test_what_was_said_about_a_file_is_found_under_its_try(oldest):
    about = "SELECT count(*), count(DISTINCT checks.rule) FROM {} JOIN checks USING ({}) WHERE checks.entry = 3"
    known = held(oldest / FILE_NAME, about.format("ledger", "entry"))
    with duckdb.connect(str(oldest / FILE_NAME)) as con:
        con.execute("INSERT INTO findings (entry, rule, message_en) VALUES (3, 'a_rule', 'It is wrong')")
    with open_warehouse(oldest) as con:
        assert rows(con, about.format("attempts", "attempt")) == known
        said = "SELECT attempts.entry, attempts.status, f.message_en FROM findings AS f JOIN attempts USING (entry)"
        assert rows(con, f"{said} WHERE f.rule = 'a_rule'") == [(3, "accepted", "It is wrong")]


def test_files_can_be_taken_in_afterwards_and_only_once(older):
    for status in ("accepted", "unchanged"):
        (receipt,) = take_in_files([NEW], older)
        assert (receipt.status, receipt.rows_accepted > 0) == (status, True)


def test_a_file_is_taken_in_anew_where_a_step_gave_its_fact_a_column(tmp_path):
    """Its rows lack the column; the rules of its office are others now, so it is not taken for unchanged."""
    curated = load(OLDER[3], tmp_path / "curated").parent
    assert held(curated / FILE_NAME, "SELECT count(*) FROM ledger WHERE file_name = ?", SENT.name) == [(1,)]
    (receipt,) = take_in_files([SENT], curated)
    assert receipt.status == "accepted"


def test_the_store_as_it_was_is_kept_beside_it_for_its_owner_alone(oldest, caplog):
    before = held(oldest / FILE_NAME, "FROM ledger")
    with caplog.at_level(logging.WARNING), open_warehouse(oldest):
        pass
    (copy,) = kept_copies(oldest)
    assert held(copy, "FROM ledger") == before
    assert version_in_file(copy) == 1
    assert hashlib.sha256(copy.read_bytes()).hexdigest()[:12] in copy.name
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    (said,) = [record.getMessage() for record in caplog.records if record.name == "esep"]
    assert f"from version 1 to {latest()}; as it was it lies in {copy.name}" in said


def test_a_store_that_is_up_to_date_is_neither_changed_nor_copied(oldest):
    with open_warehouse(oldest):
        pass
    before = (oldest / FILE_NAME).read_bytes()
    with open_warehouse(oldest):
        pass
    assert (oldest / FILE_NAME).read_bytes() == before
    assert len(kept_copies(oldest)) == 1


def test_a_step_that_fails_leaves_the_store_as_it_was(oldest):
    due = [step for step in steps() if step.number > version_in_file(oldest / FILE_NAME)]
    broken = Step(latest() + 1, "broken", "CREATE TABLE half AS SELECT 1; SELECT no_such_column FROM ledger;")
    before = held(oldest / FILE_NAME, "SELECT table_name, column_name FROM duckdb_columns() ORDER BY ALL")
    con = connect(oldest / FILE_NAME)
    kept = keep_copy(oldest / FILE_NAME, broken.number)
    failed = f"BinderException. Nothing in it was changed. Keep it and {kept.name}"
    with pytest.raises(WarehouseOutdatedError, match=failed):
        migrate.migrate(con, oldest / FILE_NAME, [*due, broken], kept)
    con.close()
    assert held(oldest / FILE_NAME, "SELECT table_name, column_name FROM duckdb_columns() ORDER BY ALL") == before
    with open_warehouse(oldest) as con:
        assert version_of(con) == latest()


def test_steps_after_which_the_tables_are_not_the_declared_ones_are_taken_back(oldest):
    due = [step for step in steps() if step.number > version_in_file(oldest / FILE_NAME)]
    wrong = Step(latest() + 1, "wrong", "ALTER TABLE cases DROP COLUMN age;")
    with connect(oldest / FILE_NAME) as con:
        with pytest.raises(WarehouseOutdatedError, match="the tables are then not those that are declared"):
            migrate.migrate(con, oldest / FILE_NAME, [*due, wrong], Path("kept"))
        assert ("age", "BIGINT") in shape(con)["cases"]


def test_a_store_of_a_later_version_is_refused_and_stays_as_it_is(tmp_path):
    with open_warehouse(tmp_path) as con:
        con.execute("INSERT INTO schema_version VALUES (?, 'of the future', '', NULL)", [latest() + 3])
    before = (tmp_path / FILE_NAME).read_bytes()
    said = f"version {latest() + 3}, and this esep knows versions up to {latest()}"
    newer = pytest.raises(WarehouseNewerError, match=said)
    with newer, open_warehouse(tmp_path):
        pass
    assert (tmp_path / FILE_NAME).read_bytes() == before
    done = CliRunner().invoke(main, ["status", "--curated", str(tmp_path)])
    assert (done.exit_code, "Install that one; nothing was changed" in done.output) == (UNEXPECTED, True)


def test_views_are_made_anew_when_they_are_declared_otherwise(tmp_path):
    with open_warehouse(tmp_path) as con:
        con.execute("DROP VIEW submissions")
        con.execute("UPDATE schema_version SET views = 'of last year'")
    with open_warehouse(tmp_path) as con:
        assert rows(con, "SELECT count(*) FROM submissions") == [(0,)]
    before = (tmp_path / FILE_NAME).read_bytes()
    with open_warehouse(tmp_path):
        pass
    assert (tmp_path / FILE_NAME).read_bytes() == before


def test_a_killed_copy_does_not_stand_in_the_way(oldest):
    with connect(oldest / FILE_NAME):
        pass
    name = f"warehouse.before-{latest():04}-{hashlib.sha256((oldest / FILE_NAME).read_bytes()).hexdigest()[:12]}.duckdb"
    (oldest / f"{name}.new").write_bytes(b"cut short")
    with open_warehouse(oldest):
        pass
    (copy,) = kept_copies(oldest)
    assert (copy.name, version_in_file(copy)) == (name, 1)
    assert list(oldest.glob("*.new")) == []
