"""Publishing and exporting that are killed leave the old or the new, whole; a second run ends in the new one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.forks import State, half_fell
from tests.killed_output import EARLIER

REPOSITORY = Path(__file__).resolve().parent.parent


def killed(folder: Path, program: str, *arguments: str | int) -> dict[str, Any]:
    """What a program that kills says, as it ends; its numbers of trials, seed and seconds come last."""
    command = [sys.executable, "-m", program, str(folder), *map(str, arguments)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def kills(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """With four indicators of the catalogue: a run is mostly writing, which is what a kill could leave half done."""
    return killed(tmp_path_factory.mktemp("kills"), "tests.killed_output", "few", 6, 6, 20101231)


def test_a_killed_publication_leaves_no_half_edition(kills):
    check_publications(kills["publish"])


def test_a_killed_export_leaves_no_half_file(kills):
    check_exports(kills["export"])


def check_publications(found: State) -> None:
    """Every edition that a reader finds is whole (the program looks), and CURRENT names the old one or the new."""
    old, new = _seen(found["old"]), _seen(found["new"])
    assert old != new
    assert half_fell(found), "the kills fell beside the work"
    for trial in found["trials"]:
        left = _seen(trial["left"])
        # Between the edition and its pointer the old one is current and the new one is there, whole.
        assert left in (old, new, {**new, "current": old["current"]}), trial
    assert [trial["ends"] for trial in found["trials"] if "ends" in trial and trial["ends"] != found["new"]] == []


def check_exports(found: State) -> None:
    """Every file is the one before, byte for byte, or the one that a whole run writes."""
    old, new = found["old"]["files"], found["new"]["files"]
    assert len(new) > 10 and old != new
    assert EARLIER, "what lay there before is told from what is written"
    for trial in found["trials"]:
        left = trial["left"]["files"]
        assert set(left) <= set(new), "a file that no run writes"
        assert set(old) <= set(left), "a file was taken away"
        assert [name for name, digest in left.items() if digest not in (old.get(name), new[name])] == []
    assert [trial["ends"] for trial in found["trials"] if "ends" in trial and trial["ends"] != found["new"]] == []


def _seen(state: State) -> State:
    """Without what lies aside under a name that no reader opens."""
    return {name: value for name, value in state.items() if name != "aside"}
