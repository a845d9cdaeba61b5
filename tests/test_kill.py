"""A killed intake leaves the old state or the new one, never a third, and a second run always ends in the new one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from duckdb import DuckDBPyConnection

from pipelines.contracts import contracts
from pipelines.demo import sample_records
from pipelines.intake import receive
from pipelines.render import render
from pipelines.warehouse import FILE_NAME, open_warehouse

REPOSITORY = Path(__file__).resolve().parent.parent
TRIALS = int(os.environ.get("ESEP_KILLS", "60"))
# Where the record of a commit breaks off: at its start, in it, and just before its end.
BREAKS = (0.02, 0.5, 0.98)
PERIOD = "2010-Q4"


@pytest.fixture(scope="module")
def kills(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("kills")
    command = [sys.executable, "-m", "tests.killed_intake", str(folder), str(TRIALS), "20101231"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_the_kills_fall_into_the_work(kills):
    """Or nothing would be tried: most come before the end, and both outcomes are seen."""
    assert len(kills["trials"]) == TRIALS
    assert sum(trial["killed"] for trial in kills["trials"]) > 0.7 * TRIALS
    assert {trial["left"]["digest"] for trial in kills["trials"]} == {kills["old"]["digest"], kills["new"]["digest"]}


def test_a_kill_leaves_the_old_state_or_the_new_one(kills):
    known = {kills["old"]["digest"], kills["new"]["digest"]}
    assert kills["old"] != kills["new"]
    assert [trial["left"] for trial in kills["trials"] if trial["left"]["digest"] not in known] == []
    assert all(trial["left"]["are_whole"] for trial in kills["trials"]), "a copy that is not the file it is named for"
    new = [trial["left"] for trial in kills["trials"] if trial["left"]["digest"] == kills["new"]["digest"]]
    assert all(set(kills["new"]["copies"]) <= set(left["copies"]) for left in new), "accepted without its copy"


def test_a_second_run_ends_in_the_new_state_and_leaves_nothing_aside(kills):
    resumed = [trial for trial in kills["trials"] if "again" in trial]
    assert {tuple(trial["again"]) for trial in resumed} == {("accepted",), ("unchanged",)}
    ends = [trial["ends"] for trial in resumed]
    assert [end for end in ends if end["digest"] != kills["new"]["digest"]] == []
    assert {tuple(end["copies"]) for end in ends} == {tuple(kills["new"]["copies"])}


@pytest.mark.parametrize("share", BREAKS)
def test_a_commit_that_breaks_off_leaves_no_gap_in_the_ledger(share, tmp_path):
    """As after a kill while it is written, which the trials above seldom meet."""
    curated, left = tmp_path / "curated", tmp_path / "left"
    cases = sample_records()["kaz", PERIOD]["cases"]
    with open_warehouse(curated) as con:
        take(con, curated, cases[:1])
    with open_warehouse(curated) as con:
        take(con, curated, cases[:9])
        assert numbers(con) == ([1, 2], [1, 2])
        shutil.copytree(curated, left)
    record = left / f"{FILE_NAME}.wal"
    record.write_bytes(record.read_bytes()[: int(share * record.stat().st_size)])
    with open_warehouse(left) as con:
        assert numbers(con) == ([1], [1])
        take(con, left, cases[:9])
        assert numbers(con) == ([1, 2], [1, 2])


def take(con: DuckDBPyConnection, curated: Path, cases: list[dict[str, Any]]) -> None:
    """Take these cases of Kazakhstan in."""
    contract = contracts()["kaz"]
    path = curated.parent / contract.slots["cases"].file_name(PERIOD)
    path.write_bytes(render(contract, contract.slots["cases"], PERIOD, {"cases": cases}))
    assert receive(con, contract, path, curated).status == "accepted"


def numbers(con: DuckDBPyConnection) -> tuple[list[int], list[int]]:
    """The numbers of the ledger's lines, and of the tries."""
    entries = con.execute("SELECT entry FROM ledger ORDER BY 1").fetchall()
    attempts = con.execute("SELECT attempt FROM attempts ORDER BY 1").fetchall()
    return [entry for (entry,) in entries], [attempt for (attempt,) in attempts]
