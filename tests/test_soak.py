"""The long tests of faults, run by `make soak`: what was seen last is in docs/reliability.md.

`ESEP_SOAK_KILLS` says how many kills in all, `ESEP_SOAK_SECONDS` after how long the killing stops at the latest.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.test_kill import check_intake
from tests.test_kill_output import check_exports, check_publications, killed

KILLS, SECONDS = int(os.environ.get("ESEP_SOAK_KILLS", "1000")), int(os.environ.get("ESEP_SOAK_SECONDS", "7200"))
# Of the kills, and of the seconds. Intake is where rows could be lost; with the whole catalogue a kill mostly falls
# into counting, which writes nothing, and takes ten times as long.
INTAKE, OF_INTAKE = 0.6, 0.5
OUTPUT = {"few": (0.19, 0.2), "whole": (0.01, 0.05)}

pytestmark = pytest.mark.soak


def tell(fault: str, found: Any) -> None:
    """For whoever runs the soak: `make soak` shows it."""
    trials = found["trials"]
    fell, again = sum(one["killed"] for one in trials), sum("ends" in one for one in trials)
    states = {name: sum(one["left"] == found[name] for one in trials) for name in ("old", "new")}
    said = {"fault": fault, "trials": len(trials), "fell_into_the_work": fell, "run_again": again, "left": states}
    sys.stdout.write(json.dumps(said) + "\n")


def test_a_thousand_kills_of_the_intake_lose_and_double_no_row(tmp_path: Path) -> None:
    found = killed(tmp_path, "tests.killed_intake", int(KILLS * INTAKE), 1, int(SECONDS * OF_INTAKE))
    tell("kill -9 during intake", found)
    check_intake(found)


@pytest.mark.parametrize("catalogue", OUTPUT)
def test_kills_of_publishing_and_exporting_leave_no_half_edition_and_no_half_file(catalogue, tmp_path: Path) -> None:
    of_kills, of_seconds = OUTPUT[catalogue]
    numbers = [int(KILLS * of_kills)] * 2
    found = killed(tmp_path, "tests.killed_output", catalogue, *numbers, 2, int(SECONDS * of_seconds))
    for name, one in found.items():
        tell(f"kill -9 during {name}, {catalogue} of the catalogue", one)
    check_publications(found["publish"])
    check_exports(found["export"])
