"""A killed intake leaves the old state or the new one, never a third; a second run ends in the new one."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from duckdb import DuckDBPyConnection

from pipelines.contracts import contracts
from pipelines.demo import sample_records
from pipelines.intake import receive
from pipelines.render import render
from pipelines.warehouse import FILE_NAME, open_warehouse
from tests.forks import State, half_fell
from tests.test_kill_output import killed

TRIALS = int(os.environ.get("ESEP_KILLS", "25"))
# Where the record of a commit breaks off: at its start, in it, and just before its end.
BREAKS = (0.02, 0.5, 0.98)
PERIOD = "2010-Q4"


@pytest.fixture(scope="module")
def kills(tmp_path_factory: pytest.TempPathFactory) -> State:
    return killed(tmp_path_factory.mktemp("kills"), "tests.killed_intake", TRIALS, 20101231)


def test_the_kills_fall_into_the_work(kills):
    """Or nothing would be tried: at least half come before the end, on a busy machine too; both outcomes are seen."""
    assert len(kills["trials"]) >= TRIALS
    assert half_fell(kills)
    assert {trial["left"]["digest"] for trial in kills["trials"]} == {kills["old"]["digest"], kills["new"]["digest"]}


def test_a_kill_leaves_the_old_state_or_the_new_one(kills):
    check_intake(kills)


def check_intake(found: State) -> None:
    """No row is lost or doubled, what was accepted has its copy, and a second run ends in the new state."""
    old, new = found["old"], found["new"]
    assert old != new
    left = [trial["left"] for trial in found["trials"]]
    assert [one for one in left if one["digest"] not in (old["digest"], new["digest"])] == []
    assert all(one["are_whole"] for one in left), "a copy that is not the file it is named for"
    accepted = [one for one in left if one["digest"] == new["digest"]]
    assert all(set(new["copies"]) <= set(one["copies"]) for one in accepted), "accepted without its copy"
    resumed = [trial for trial in found["trials"] if "ends" in trial]
    assert resumed and [trial for trial in resumed if trial["ends"] != new] == [], "a second run ends elsewhere"
    for trial in resumed:
        was_new = trial["left"]["digest"] == new["digest"]
        assert trial["again"] == ["unchanged" if was_new else "accepted"]


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
