"""The warehouse: generated tables, one writer, no half-made file, nothing lost when a file is replaced."""

from __future__ import annotations

import hashlib
import stat
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from indicators.facts import PROVENANCE, facts
from pipelines.cycle import take_in
from pipelines.files import ChangedWhileReadError, copy_by_hash, sha256_of_settled, sweep
from pipelines.lock import LOCK_NAME, WarehouseBusyError
from pipelines.migrate import WarehouseOutdatedError
from pipelines.schema import table_columns
from pipelines.warehouse import (
    FILE_NAME,
    LANDING_NAME,
    open_warehouse,
)

HOLD = """
import sys, time
from pathlib import Path
from pipelines.warehouse import open_warehouse
with open_warehouse(Path(sys.argv[1])):
    print("open", flush=True)
    time.sleep(float(sys.argv[2]))
    Path(sys.argv[1], "let go").touch()
"""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def hold(curated: Path, seconds: float) -> subprocess.Popen[str]:
    """Another process that keeps the warehouse open; returns when it has it."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(curated), str(seconds)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


@pytest.mark.parametrize("fact", facts().values(), ids=lambda fact: fact.name)
def test_every_fact_has_a_table_with_its_columns_and_where_each_row_came_from(tmp_path, fact):
    with open_warehouse(tmp_path) as con:
        described = {row[0]: row[1] for row in con.execute(f"DESCRIBE {fact.name}").fetchall()}
        in_force = [row[0] for row in con.execute(f"DESCRIBE in_force_{fact.name}").fetchall()]
    declared = {name: sql_type.replace(", ", ",") for name, sql_type in table_columns(fact).items()}
    assert described == declared
    assert in_force == [*PROVENANCE, *fact.columns, "snapshot"]


def test_the_folder_and_its_files_are_for_their_owner_alone(tmp_path):
    curated = tmp_path / "data" / "curated"
    with open_warehouse(curated):
        pass
    assert mode(curated) == 0o700
    assert {path.name: mode(path) for path in curated.iterdir()} == {FILE_NAME: 0o600, LOCK_NAME: 0o600}


def test_nothing_is_ever_downloaded(tmp_path):
    with open_warehouse(tmp_path) as con:
        for setting in ("autoinstall_known_extensions", "autoload_known_extensions"):
            assert con.execute(f"SELECT current_setting('{setting}')").fetchall() == [(False,)]


def test_a_second_writer_is_told_whom_to_wait_for(tmp_path):
    process = hold(tmp_path, 3600)
    try:
        busy = pytest.raises(WarehouseBusyError, match=f"in use by process {process.pid}; wait")
        with busy, open_warehouse(tmp_path, wait_seconds=0.2):
            pass
    finally:
        end(process)


def test_a_second_writer_gets_its_turn_when_the_first_ends(tmp_path):
    process = hold(tmp_path, 0.5)
    with open_warehouse(tmp_path, wait_seconds=300) as con:
        assert (tmp_path / "let go").exists(), "both had it at once"
        assert con.execute("SELECT count(*) FROM ledger").fetchall() == [(0,)]
    assert process.wait() == 0
    end(process)


def test_the_lock_of_a_killed_process_is_free(tmp_path):
    end(hold(tmp_path, 3600))
    with open_warehouse(tmp_path, wait_seconds=300) as con:
        assert con.execute("SELECT count(*) FROM ledger").fetchall() == [(0,)]


def test_a_creation_that_was_cut_short_leaves_no_file_and_does_not_stand_in_the_way(tmp_path):
    """A DuckDB file whose creation was interrupted can never be opened again."""
    for name in (FILE_NAME + ".new", FILE_NAME + ".new.wal"):
        (tmp_path / name).write_bytes(b"cut short")
    with open_warehouse(tmp_path) as con:
        assert con.execute("SELECT count(*) FROM ledger").fetchall() == [(0,)]
    assert {path.name for path in tmp_path.iterdir()} == {FILE_NAME, LOCK_NAME}


def test_opening_changes_nothing(tmp_path):
    with open_warehouse(tmp_path):
        pass
    before = (tmp_path / FILE_NAME).read_bytes()
    with open_warehouse(tmp_path) as con:
        con.execute("CREATE TEMP TABLE stage_cases AS SELECT 1 AS one")
    assert (tmp_path / FILE_NAME).read_bytes() == before


def test_a_warehouse_made_for_other_facts_is_not_written_to(tmp_path):
    with open_warehouse(tmp_path):
        pass
    with duckdb.connect(str(tmp_path / FILE_NAME)) as con:
        con.execute("ALTER TABLE cases ADD COLUMN of_another_house VARCHAR")
    outdated = pytest.raises(
        WarehouseOutdatedError, match=r"Move it away and run this again: the offices' files are taken in anew"
    )
    with outdated, open_warehouse(tmp_path):
        pass


def test_a_replaced_file_keeps_its_rows_and_no_longer_counts(tmp_path):
    sent = [(1, "kaz", "2010-Q3", 10), (2, "kaz", "2010-Q4", 20), (3, "kaz", "2010-Q3", 11), (4, "uzb", "2010-Q3", 30)]
    with open_warehouse(tmp_path) as con:
        for entry, office, period, age in sent:
            con.execute(
                "INSERT INTO ledger (entry, office, slot, period) VALUES (?, ?, 'cases', ?)", [entry, office, period]
            )
            con.execute("INSERT INTO cases (entry, office, age) VALUES (?, ?, ?)", [entry, office, age])
        listed = con.execute("SELECT entry, status, superseded_by FROM submissions ORDER BY entry").fetchall()
        counted = con.execute("SELECT age, snapshot FROM in_force_cases ORDER BY age").fetchall()
        stored = con.execute("SELECT count(*) FROM cases").fetchall()
    assert listed == [(1, "superseded", 3), (2, "accepted", None), (3, "accepted", None), (4, "accepted", None)]
    assert counted == [(11, "2010-Q3"), (20, "2010-Q4"), (30, "2010-Q3")]
    assert stored == [(4,)]


def test_a_copy_has_the_bytes_and_the_name_of_their_hash(tmp_path):
    file = tmp_path / "file.csv"
    file.write_bytes(b"case;sex\n")
    digest = hashlib.sha256(b"case;sex\n").hexdigest()
    assert sha256_of_settled(file) == digest
    assert copy_by_hash(file, tmp_path / LANDING_NAME, digest)
    assert not copy_by_hash(file, tmp_path / LANDING_NAME, digest), "the second copy is none"
    (landed,) = (tmp_path / LANDING_NAME).iterdir()
    assert (landed.name, landed.read_bytes(), mode(landed)) == (digest, b"case;sex\n", 0o400)


def test_a_file_that_is_no_longer_the_same_leaves_no_copy(tmp_path):
    file = tmp_path / "file.csv"
    file.write_bytes(b"longer than it was")
    with pytest.raises(ChangedWhileReadError):
        copy_by_hash(file, tmp_path / LANDING_NAME, hashlib.sha256(b"as it was").hexdigest())
    assert list((tmp_path / LANDING_NAME).iterdir()) == []


def test_a_file_written_a_moment_ago_is_not_taken_where_it_must_settle(tmp_path):
    file = tmp_path / "file.csv"
    file.write_bytes(b"half")
    with pytest.raises(ChangedWhileReadError):
        sha256_of_settled(file, settle_seconds=60)
    assert sha256_of_settled(file, settle_seconds=0)


def test_half_made_copies_are_swept_and_whole_ones_stay(tmp_path):
    for name in ("whole", "half.new"):
        (tmp_path / name).write_bytes(b"x")
    sweep(tmp_path, {"whole"})
    assert [path.name for path in tmp_path.iterdir()] == ["whole"]
    sweep(tmp_path / "no such folder", ())


def test_a_warehouse_moved_away_takes_no_copy_with_it(tmp_path):
    """Its copies are all that is left of files no longer in the landing zone, and its message says to move it away."""
    raw, curated = tmp_path / "raw", tmp_path / "curated"
    (raw / "kaz").mkdir(parents=True)
    copy = curated / LANDING_NAME / hashlib.sha256(b"long gone").hexdigest()
    copy.parent.mkdir(parents=True)
    copy.write_bytes(b"long gone")
    for _ in range(2):
        take_in(raw, curated, lambda _: None)
        assert copy.exists()
    (curated / LANDING_NAME / ("0" * 64)).write_bytes(b"left by a killed process")
    take_in(raw, curated, lambda _: None)
    assert [path.name for path in copy.parent.iterdir()] == [copy.name]
