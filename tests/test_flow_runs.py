"""Flows on a running server: stopped by a changed figure, killed and run again, alerted; what Prefect then shows."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from pipelines.cli import main
from pipelines.cli_parts import NO_REASON
from pipelines.demo import write_demo
from reports.edition import current_path
from tests import prefect_server
from tests.forks import State
from tests.listeners import web_server
from tests.ports import free_port
from tests.prefect_server import REPOSITORY, Server, clean_environment
from tests.test_flow import figures
from tests.test_soak import SECONDS, tell
from tests.test_verify import change

FILES = ("cases", "assistance", "hotline", "activities")
MORE_NIGHTS, MORE_QUARTERS = 60, 40


@dataclass(frozen=True)
class Ran:
    """A run that has ended: its exit code and what it said."""

    code: int
    said: str


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with prefect_server.server(tmp_path_factory.mktemp("server"), clean_environment()) as one:
        yield one


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few files of one office, so that a run is short."""
    folder = tmp_path_factory.mktemp("landing")
    write_demo(folder / "all")
    (folder / "raw" / "kaz").mkdir(parents=True)
    for name in FILES:
        file = shutil.copy2(folder / "all" / "kaz" / f"KAZ_{name}_2010-Q4.csv", folder / "raw" / "kaz")
        os.utime(file, (0, 1_300_000_000))  # nobody has touched it for long
    return folder / "raw"


@pytest.fixture(scope="module")
def published(server: Server, raw: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the flow has run once, undisturbed; nobody takes its alert, and that does not fail it."""
    folder = tmp_path_factory.mktemp("published")
    shutil.copytree(raw, folder / "data" / "raw")
    done = run(server, folder, ESEP_ALERT_ALL="yes", ESEP_ALERT_WEBHOOK=f"http://127.0.0.1:{free_port()}/x")
    assert done.code == 0, done.said
    assert "Published: 2010-Q4-" in done.said
    assert "The alert was not sent: URLError" in done.said
    return folder


@pytest.fixture
def copy(published: Path, tmp_path: Path) -> Path:
    shutil.copytree(published, tmp_path / "copy", ignore=shutil.ignore_patterns("LOCK"))
    return tmp_path / "copy"


def start(server: Server, folder: Path, code: str | None, more: Mapping[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-u", *(["-c", code] if code else ["-m", "pipelines.flows.quarterly"])]
    return subprocess.Popen(
        command, cwd=folder, env={**server.environment, **more}, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip


def run(server: Server, folder: Path, code: str | None = None, **more: str) -> Ran:
    process = start(server, folder, code, more)
    said, _ = process.communicate(timeout=1200)
    return Ran(process.returncode, said)


def last_run(server: Server) -> Any:
    return server.ask("/flow_runs/filter", {"sort": "START_TIME_DESC", "limit": 1})[0]


def left_over(folder: Path) -> list[str]:
    """What a run leaves only when it did not come to its end."""
    curated = folder / "data" / "curated"
    return sorted(str(path) for path in curated.rglob("*") if path.name.endswith((".new", ".wal")))


def without_three_cases(folder: Path) -> None:
    """The office sends its cases anew, three of them less."""
    cases = folder / "data" / "raw" / "kaz" / "KAZ_cases_2010-Q4.csv"
    lines = cases.read_bytes().splitlines(keepends=True)
    cases.write_bytes(b"".join(lines[:1] + lines[4:]))


def test_the_flow_stops_where_a_donors_figure_changes_and_nobody_says_why(server, copy):
    curated = copy / "data" / "curated"
    before = current_path(curated / "editions")
    without_three_cases(copy)
    with web_server() as (address, received):
        done = run(server, copy, ESEP_ALERT_WEBHOOK=address)
    # It stops, in a state that says why, and not by an error.
    assert (done.code, "Traceback" in done.said) == (NO_REASON, False), done.said
    flow_run = last_run(server)
    assert (flow_run["state_type"], flow_run["state_name"]) == ("FAILED", "ReasonNeeded")
    message = flow_run["state"]["message"]
    assert "already has would change; nothing was published" in message
    assert "esep publish --reason CODE --note TEXT" in message
    tasks = server.tasks_of(flow_run["id"], 4)
    assert {t["name"].rpartition("-")[0]: (t["state_type"], t["run_count"]) for t in tasks} == {
        "take-in": ("COMPLETED", 1), "write-checks": ("COMPLETED", 1), "quarters": ("COMPLETED", 1),
        "publish": ("FAILED", 1),
    }  # fmt: skip
    # Nothing was published or handed over, and whoever is to act has heard of it without a figure.
    assert current_path(curated / "editions") == before
    assert len(list((curated / "editions").glob("*/"))) == 1
    assert left_over(copy) == []
    (alert,) = received
    assert (alert["state"], alert["run_id"]) == ("ReasonNeeded", flow_run["id"])
    assert "->" not in alert["text"]


@pytest.mark.soak
def test_after_a_reason_was_given_by_hand_the_flow_finds_nothing_to_change(server, copy):
    curated = copy / "data" / "curated"
    without_three_cases(copy)
    assert run(server, copy).code == NO_REASON
    reason = ["--reason", "office_correction", "--note", "Three cases were listed twice."]
    assert CliRunner().invoke(main, ["publish", "--curated", str(curated), *reason]).exit_code == 0
    again = run(server, copy)
    assert again.code == 0, again.said
    assert "AlreadyPublished: 2010-Q4-" in again.said


def killed(server: Server, folder: Path, mark: str, seconds: float) -> None:
    """Run the flow and kill it, so long after it said something."""
    process = start(server, folder, None, {})
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(mark):
            break
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGKILL)
    process.stdout.close()
    process.wait()


def same_place(folder: Path, other: Path) -> None:
    here, there = (path / "data" / "curated" for path in (folder, other))
    assert current_path(here / "editions").name == current_path(there / "editions").name
    assert figures(here) == figures(there) != []
    assert [p.name for p in sorted((here / "editions").iterdir())] == [
        p.name for p in sorted((there / "editions").iterdir())
    ]
    for kind in ("reports", "reported", "landing"):
        assert {p.name for p in (here / kind).iterdir()} == {p.name for p in (there / kind).iterdir()}, kind
    assert left_over(folder) == []


def test_a_flow_killed_while_it_works_and_run_again_ends_in_the_same_place(server, raw, published, tmp_path):
    shutil.copytree(raw, tmp_path / "data" / "raw")
    killed(server, tmp_path, "Counting", 0.5)
    assert run(server, tmp_path).code == 0
    same_place(tmp_path, published)


def kills(server: Server, folder: Path, *numbers: int) -> dict[str, State]:
    """What the program that kills flows says: nights, quarters, seed, seconds."""
    command = [sys.executable, "-m", "tests.killed_flows", str(folder), *map(str, numbers)]
    done = subprocess.run(command, cwd=REPOSITORY, env=dict(server.environment), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, State] = json.loads(done.stdout.splitlines()[-1])
    return found


def check_kills(found: State) -> None:
    """No row lost or doubled, every edition that a reader finds whole (the program looks); then the same place."""
    old, new = found["old"], found["new"]
    assert old != new
    left = [trial["left"] for trial in found["trials"]]
    assert all(one["rows"]["are_whole"] for one in left)
    assert {one["rows"]["rows"] for one in left} <= {old["rows"]["rows"], new["rows"]["rows"]}
    assert all(set(one["editions"]["editions"]) <= set(new["editions"]["editions"]) for one in left)
    assert all(one["files"].items() <= new["files"].items() for one in left)
    resumed = [trial for trial in found["trials"] if "ends" in trial]
    assert resumed and [trial["again"] for trial in resumed if trial["ends"] != new] == []


def test_a_night_killed_anywhere_and_run_again_ends_in_the_same_place(server, tmp_path):
    check_kills(kills(server, tmp_path, 3, 0, 20101231)["nightly"])


@pytest.mark.soak
def test_flows_killed_anywhere_and_run_again_end_in_the_same_place(server, tmp_path):
    found = kills(server, tmp_path, MORE_NIGHTS, MORE_QUARTERS, 3, SECONDS // 8)
    for name, one in found.items():
        tell(f"kill -9 during the flow {name}", one)
        check_kills(one)


OTHERS = """
from datetime import date
import json
from pipelines.flows.nightly import nightly
from pipelines.flows.overdue import overdue
from pipelines.flows.selfcheck import selfcheck
done = [nightly("kaz", return_state=True), nightly("xyz", return_state=True),
        overdue(period="2010-Q4", on=date(2011, 6, 1), return_state=True), selfcheck(return_state=True)]
print("STATES", json.dumps([[state.type.value, state.name, state.message] for state in done]))
"""


def test_the_other_flows_end_in_states_and_artifacts_without_a_number_of_a_figure(server, copy):
    """The night finds a file that is being copied; an edition was altered so that its manifest fits."""
    curated = copy / "data" / "curated"
    change(
        current_path(curated / "editions"),
        "UPDATE figures SET value = 987654, numerator = 987654"
        " WHERE status = 'shown' AND indicator = 'P01' AND breakdown = 'total'",
    )
    shutil.copy(copy / "data/raw/kaz/KAZ_cases_2010-Q4.csv", copy / "data/raw/kaz/KAZ_cases_2010-Q3.csv")
    done = run(server, copy, OTHERS)
    assert done.code == 0, done.said
    (line,) = [line for line in done.said.splitlines() if line.startswith("STATES")]
    night, wrong, late, check = json.loads(line.removeprefix("STATES "))
    assert night == [
        "COMPLETED",
        "NothingNew",
        "0 files taken in, 0 refused (0 for the first time), 1 still being copied",
    ]
    assert wrong[:2] == ["FAILED", "WrongParameter"]
    assert late[:2] == ["COMPLETED", "Overdue"]
    assert "2010-Q4:" in late[2]
    assert check[:2] == ["FAILED", "Differs"]
    kept = said_by_key(server)
    assert {"nightly-kaz", "nightly-kaz-files", "overdue", "selfcheck"} <= set(kept)
    assert "still being copied" in kept["nightly-kaz-files"]
    assert "differs: P01 quarter 2010-Q4 KZ total total" in kept["selfcheck"]
    assert "987654" not in done.said + "".join(kept.values())


def said_by_key(server: Server) -> dict[str, str]:
    """What all artifacts of one key say together: other tests ran flows on this server, and Prefect names no order."""
    said: dict[str, str] = {}
    for artifact in server.ask("/artifacts/filter", {}):
        said[artifact["key"]] = said.get(artifact["key"], "") + str(artifact["data"])
    return said


BACKFILL = """
from pipelines.flows.quarterly import quarterly
state = quarterly(since="2010-Q3", return_state=True)
print("STATE", state.name, state.message)
"""


@pytest.mark.soak
def test_past_quarters_are_published_oldest_first_and_the_last_is_current(server, raw, tmp_path):
    shutil.copytree(raw, tmp_path / "data" / "raw")
    write_demo(tmp_path / "all")
    shutil.copy2(tmp_path / "all/kaz/KAZ_cases_2010-Q3.csv", tmp_path / "data/raw/kaz")
    done = run(server, tmp_path, BACKFILL)
    assert "STATE Published 2010-Q3-" in done.said, done.said
    editions = tmp_path / "data" / "curated" / "editions"
    assert {path.name[:7] for path in editions.glob("2010-*")} == {"2010-Q3", "2010-Q4"}
    assert current_path(editions).name.startswith("2010-Q4")
