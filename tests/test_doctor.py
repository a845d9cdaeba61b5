"""`esep doctor`: a healthy store is called healthy, each thing that can be wrong is named with what to do about it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines import doctor_machine
from pipelines.cli import main
from pipelines.cli_parts import UNEXPECTED
from pipelines.doctor import Line, examine, is_healthy, told
from pipelines.engine_facts import PREFIX
from pipelines.identity import KEY_NAME
from pipelines.lock import LOCK_NAME, locked
from pipelines.migrate import latest
from pipelines.warehouse import FILE_NAME, LANDING_NAME, open_warehouse
from reports.edition import POINTER_NAME
from tests.edition_story import LAST, Story
from tests.frozen_store import FROZEN, load

A_DAY = date(2011, 2, 20)  # when the edition of the last quarter of 2010 is the one it is time for


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one file and one edition."""
    story = Story(tmp_path_factory.mktemp("doctor"))
    story.send("cases")
    story.publish()
    return story.curated


@pytest.fixture
def store(made: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    shutil.copytree(made, tmp_path / "curated")
    return tmp_path / "curated"


def seen(curated: Path, about: str, today: date = A_DAY) -> Line:
    (line,) = [line for line in examine(curated, today) if line.about == about]
    return line


def seen_all(curated: Path, about: str) -> list[str]:
    return [line.state for line in examine(curated, A_DAY) if line.about == about]


def state_of(root: Path) -> dict[str, tuple[int, int, int]]:
    """Every file below a folder: size, permissions, time of the last change."""
    paths = sorted(path for path in root.rglob("*") if path.is_file())
    return {str(path): (path.stat().st_size, path.stat().st_mode, path.stat().st_mtime_ns) for path in paths}


def test_a_healthy_store_is_healthy_and_nothing_in_it_changes(store):
    before = state_of(store)
    lines = examine(store, A_DAY)
    assert [line for line in lines if line.state == "bad"] == []
    assert {line.about for line in lines} >= {
        "python",
        "libraries",
        "disk",
        "fonts",
        "time zones",
        "warehouse",
        "edition",
    }
    assert state_of(store) == before


def test_where_there_is_no_store_nothing_is_made(tmp_path):
    assert is_healthy(examine(tmp_path / "none", A_DAY))
    assert seen(tmp_path / "none", "store").state == "note"
    assert list(tmp_path.iterdir()) == []


def _flip(path: Path, at: int) -> None:
    path.chmod(0o600)
    data = bytearray(path.read_bytes())
    data[at] ^= 0xFF
    path.write_bytes(data)


def _current(curated: Path) -> Path:
    return curated / "editions" / (curated / "editions" / POINTER_NAME).read_text().strip()


def _spoil_copy(curated: Path) -> None:
    _flip(next((curated / LANDING_NAME).iterdir()), 3)


def _spoil_warehouse(curated: Path) -> None:
    path = curated / FILE_NAME
    for at in range(4096 * 4, path.stat().st_size, 1 << 16):
        _flip(path, at)


SPOILED: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "the folder is open to others": (lambda c: c.chmod(0o755), "permissions", "chmod 700"),
    "the warehouse is open to others": (lambda c: (c / FILE_NAME).chmod(0o644), "permissions", "chmod 600"),
    "the lock file is open to others": (lambda c: (c / LOCK_NAME).chmod(0o666), "permissions", "chmod 600"),
    "the key is gone": (lambda c: (c / KEY_NAME).unlink(), "store key", "from a backup"),
    "the key is cut short": (lambda c: (c / KEY_NAME).write_bytes(b"short"), "store key", "from a backup"),
    "a block of the warehouse is damaged": (_spoil_warehouse, "warehouse", "esep restore"),
    "the warehouse is no database": (lambda c: (c / FILE_NAME).write_bytes(b"x" * 9000), "warehouse", "esep restore"),
    "a copy is altered": (_spoil_copy, "copies", "from a backup"),
    "the edition is altered": (lambda c: _flip(_current(c) / "edition.duckdb", 5000), "edition", "esep publish"),
    "the edition is gone": (lambda c: shutil.rmtree(_current(c)), "edition", "esep publish"),
    "CURRENT is empty": (lambda c: (c / "editions" / POINTER_NAME).write_text(""), "edition", "esep publish"),
}  # fmt: skip


@pytest.mark.parametrize(("spoil", "about", "todo"), SPOILED.values(), ids=SPOILED)
def test_what_is_wrong_is_named_with_what_to_do(store, spoil, about, todo):
    spoil(store)
    line = seen(store, about)
    assert (line.state, todo in line.todo) == ("bad", True), line


def test_a_folder_without_a_store_is_no_fault(tmp_path):
    """As in a fresh clone, whose folder for the store is there and open."""
    tmp_path.chmod(0o755)
    lines = [line for line in examine(tmp_path, A_DAY) if line.state == "bad"]
    assert lines == []
    (tmp_path / KEY_NAME).write_bytes(b"k" * 32)
    (tmp_path / KEY_NAME).chmod(0o644)
    assert seen_all(tmp_path, "permissions") == ["bad", "bad"]


@pytest.mark.parametrize("name", [".warehouse.duckdb.new", f"{PREFIX}a1b2", f"editions/.{LAST}-0001.new"])
def test_what_a_killed_process_left_is_worth_a_note(store, name):
    (store / name).mkdir()
    line = seen(store, "leftovers")
    assert (line.state, name in line.said) == ("note", True)


def test_an_old_edition_is_worth_a_note_and_no_more(store):
    assert seen(store, "edition age").state == "good"
    assert seen(store, "edition age", date(2011, 5, 20)).state == "note"


def test_an_older_warehouse_is_told_and_not_touched(tmp_path):
    path = load(FROZEN / "0003.sql", tmp_path / "curated")
    path.chmod(0o600)
    before = path.read_bytes()
    line = seen(path.parent, "version")
    assert (line.state, f"{latest() - 3} steps behind" in line.said) == ("note", True)
    assert path.read_bytes() == before
    with open_warehouse(path.parent):
        pass
    assert seen(path.parent, "version").state == "good"
    assert seen(path.parent, "old copies").state == "note"


def test_a_warehouse_of_a_later_version_is_bad(store):
    with open_warehouse(store) as con:
        con.execute("INSERT INTO schema_version VALUES (99, '', '', NULL)")
    assert seen(store, "version").state == "bad"


def test_whoever_writes_is_named_and_not_disturbed(store):
    with locked(store):
        line = seen(store, "writer")
        assert line.state == "note"
        assert line.said.startswith("process ")
        assert "warehouse" not in {line.about for line in examine(store, A_DAY)}
    assert seen(store, "writer").state == "good"


def test_libraries_other_than_the_locked_ones_are_named():
    lock = doctor_machine.LOCK_FILE.read_text()
    assert doctor_machine.unlike_the_lock(lock) == []
    (said,) = doctor_machine.unlike_the_lock(lock.replace("\nduckdb==", "\nduckdb==0.0.1+"))
    assert re.fullmatch(r"duckdb is [\d.]+, locked is 0\.0\.1\+[\d.]+", said)
    (said,) = doctor_machine.unlike_the_lock(lock.replace("\nclick==", "\nclack=="))
    assert said.endswith("locked is none")


def test_a_table_of_time_zones_from_before_2024_is_found_out():
    """Before Almaty moved it was at UTC+6. An old table is asked in a process of its own."""
    code = (
        "import sys, zoneinfo; from datetime import timedelta, timezone\n"
        "zoneinfo.ZoneInfo = lambda name: timezone(timedelta(hours=6))\n"
        "from pipelines.doctor_machine import time_zones\n"
        "print(next(iter(time_zones(None, None))).said)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "Asia/Almaty is not UTC+5" in said


def test_the_command_says_it_to_people_and_to_programs(store):
    arguments = ["doctor", "--curated", str(store)]
    fine = CliRunner().invoke(main, [*arguments, "--json"])
    assert (fine.exit_code, json.loads(fine.output)["is_healthy"]) == (0, True)
    (store / FILE_NAME).chmod(0o644)
    wrong = CliRunner().invoke(main, arguments)
    assert wrong.exit_code == UNEXPECTED
    assert "BAD   permissions" in wrong.output
    assert f"-> chmod 600 {store / FILE_NAME}" in wrong.output
    assert "1 to put right" in wrong.output


def test_every_line_that_is_bad_says_what_to_do():
    lines = [Line("a", "good", "fine"), Line("b", "bad", "broken", "mend it")]
    assert told(lines) == ["ok    a  fine", "BAD   b  broken", "         -> mend it", "", "1 to put right"]
