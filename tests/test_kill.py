"""A killed intake leaves the old state or the new one, never a third, and a second run always ends in the new one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
TRIALS = int(os.environ.get("ESEP_KILLS", "200"))


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
