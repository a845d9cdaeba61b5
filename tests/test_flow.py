"""The flow: the same edition as the plain calls, nothing told to Prefect, schedules that really run."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines import cycle
from pipelines.demo import sample_records, write_demo
from pipelines.flows import QUIET
from pipelines.flows.guard import StepFailed, in_own_words
from pipelines.sealed import KEY_VARIABLE, warehouse_key
from reports.edition import current_path, open_current
from tests import prefect_server
from tests.prefect_server import POOL, REPOSITORY, Server, wait_for

CANARY = "Канарейкина"
KEY = "a-key-that-nobody-may-ever-see-written-anywhere"
INDEX = "Checks    data/curated/checks/index.html"
OFFICES = ("kaz", "region")
REFS = ("case_ref", "person_ref")
SCHEDULES = yaml.safe_load((REPOSITORY / "prefect.yaml").read_text(encoding="utf-8"))

# Loaded by every Python below it: writes down each look-up that would leave this machine.
WATCH = """
import os, sys

def note(event, arguments):
    here = ("127.", "::1", "localhost", "0.0.0.0")
    if event == "socket.getaddrinfo" and not str(arguments[0] or "127.").startswith(here):
        with open(os.environ["WATCH_FILE"], "a") as seen:
            seen.write(f"{arguments[0]}\\n")
sys.addaudithook(note)
"""


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment with an own Prefect folder, in which every Python writes down whom it looks up."""
    folder = tmp_path_factory.mktemp("watched")
    (folder / "sitecustomize.py").write_text(WATCH)
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "DO_NOT_TRACK", "ESEP_"))
    }
    path = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {
        **kept,
        "PYTHONPATH": path,
        "WATCH_FILE": str(folder / "seen"),
        "PREFECT_HOME": str(folder / "prefect"),
        "ESEP_HOME": str(REPOSITORY),
    }


def looked_up(environment: dict[str, str]) -> str:
    seen = Path(environment["WATCH_FILE"])
    return seen.read_text() if seen.exists() else ""


@pytest.fixture(scope="module")
def landing_zone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One office's sample quarters and the directory. The words of an unreadable date may turn up nowhere."""
    folder = tmp_path_factory.mktemp("landing")
    write_demo(folder / "all")
    raw = folder / "raw"
    for office in OFFICES:
        shutil.copytree(folder / "all" / office, raw / office)
    cases = raw / "kaz" / "KAZ_cases_2010-Q4.csv"
    lines = cases.read_text(encoding="utf-8-sig").splitlines()
    cells = lines[-1].split(";")
    lines[-1] = ";".join(CANARY if re.fullmatch(r"[0-9]{2}\.[0-9]{2}\.[0-9]{4}", cell) else cell for cell in cells)
    assert CANARY in lines[-1]
    cases.write_text("\r\n".join(lines) + "\r\n", encoding="utf-8-sig")
    return raw


@dataclass(frozen=True)
class Ran:
    """A flow that has run in a process of its own."""

    said: str
    curated: Path
    prefect: Path


@pytest.fixture(scope="module")
def ran(watched: dict[str, str], landing_zone: Path, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    folder = tmp_path_factory.mktemp("flow")
    environment = {name: value for name, value in watched.items() if name != "PREFECT_HOME"}
    if find_spec("duckdb_extension_httpfs"):
        environment[KEY_VARIABLE] = KEY  # the warehouse of this run is encrypted, where it can be
    done = subprocess.run(
        [sys.executable, "-m", "pipelines.flows.quarterly", "--raw", str(landing_zone)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    curated = folder / "data" / "curated"
    return Ran(done.stdout + done.stderr, curated, curated / "prefect")


def figures(curated: Path) -> list[dict[str, Any]]:
    edition = open_current(curated / "editions")
    try:
        return edition.rows("SELECT * FROM figures ORDER BY ALL")
    finally:
        edition.connection.close()


def test_the_flow_publishes_the_edition_of_the_plain_calls(ran, landing_zone, tmp_path):
    plain = cycle.run_programme(landing_zone, tmp_path / "curated", tmp_path / "out", say=lambda _: None)
    assert current_path(ran.curated / "editions").name == plain.published.edition_id
    assert figures(ran.curated) == figures(tmp_path / "curated") != []
    written = {path.name for path in (ran.curated / "reports").iterdir()}
    tables = {path.name for path in plain.reports}
    # What donors are handed beside their tables: narrative reports and the newsletter, in both languages.
    beside = {name for name in written - tables if not name.startswith("newsletter_")}
    assert tables <= written
    assert {name.partition("_")[0] for name in beside} == {path.name.partition("_")[0] for path in plain.reports}
    assert {Path(name).suffix for name in beside} == {".docx", ".pdf"}
    assert len(written - tables - beside) == 6


def test_a_person_at_the_terminal_sees_the_run_go_on(ran):
    for said in ("Taking in the files", "KAZ_cases_2010-Q4.csv: accepted", "Counting, protecting", "Edition   ", INDEX):
        assert said in ran.said


def test_the_flow_asks_nothing_of_the_outside(ran, watched):
    assert looked_up(watched) == ""


def test_the_watch_on_look_ups_would_see_one(watched, tmp_path):
    environment = {**watched, "WATCH_FILE": str(tmp_path / "seen")}
    ask = "import socket; socket.getaddrinfo('nowhere.invalid', 80)"
    subprocess.run([sys.executable, "-c", ask], env=environment, capture_output=True)
    assert looked_up(environment) == "nowhere.invalid\n"


def bytes_below(folder):
    """What all files hold; one that a server that is about to end removes meanwhile holds nothing any more."""
    kept = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with suppress(FileNotFoundError):
            kept.append(path.read_bytes())
    return b"".join(kept)


def test_prefect_keeps_its_records_where_only_this_user_can_read(ran):
    assert stat.S_IMODE(ran.prefect.stat().st_mode) == 0o700
    assert (ran.prefect / "prefect.db").exists()


def test_prefect_keeps_counts_and_no_value_of_a_row(ran, landing_zone):
    kept = bytes_below(ran.prefect)
    assert b"quarterly" in kept, "the run itself was not kept"
    sent = [records["cases"] for (office, _), records in sample_records().items() if office == "kaz"]
    refs = {row[key] for cases in sent for row in cases for key in REFS}
    assert len(refs) > 50
    assert [ref for ref in refs if ref.encode() in kept] == []
    assert CANARY not in kept.decode("utf-8", errors="replace") + ran.said
    assert json.dumps(CANARY).strip('"').encode() not in kept


def test_the_key_of_the_warehouse_is_in_no_record_and_no_log(ran):
    told = warehouse_key({KEY_VARIABLE: KEY})
    assert told is not None
    kept = bytes_below(ran.curated) + ran.said.encode()
    assert [secret for secret in (KEY, told.told) if secret.encode() in kept] == []


def test_the_run_leaves_an_artifact_with_its_counts(ran):
    with closing(sqlite3.connect(ran.prefect / "prefect.db")) as database:
        notes = [row[0] for row in database.execute("SELECT data FROM artifact WHERE key = 'quarterly'")]
    assert len(notes) == 1
    assert all(f"| {office} |" in notes[0] for office in OFFICES)


def test_the_words_of_a_library_are_kept_from_prefect():
    def broken() -> None:
        raise ValueError(f"could not convert {CANARY}")

    def refusing() -> None:
        raise cycle.NothingToPublish("no office has reported 2010-Q4")

    with pytest.raises(StepFailed, match="broken: ValueError") as caught:
        in_own_words(broken, cycle.NothingToPublish)()
    assert CANARY not in "".join(traceback.format_exception(caught.value))
    with pytest.raises(cycle.NothingToPublish, match="2010-Q4"):
        in_own_words(refusing, cycle.NothingToPublish)()


# Schedules


@pytest.fixture(scope="module")
def server(watched: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with prefect_server.server(tmp_path_factory.mktemp("server"), {**watched, **QUIET}) as one:
        yield one


def test_deployed_schedules_produce_scheduled_runs(server):
    """With a wrong version beside it, Prefect takes every schedule and silently never runs one."""
    server.ask("/work_pools/", {"name": POOL, "type": "process"})
    server.prefect("deploy", "--all")
    deployed = {d["name"]: d["id"] for d in server.ask("/deployments/filter", {})}
    assert set(deployed) == {d["name"] for d in SCHEDULES["deployments"]}

    def all_scheduled() -> bool:
        scheduled = {"flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}}
        return {run["deployment_id"] for run in server.ask("/flow_runs/filter", scheduled)} == set(deployed.values())

    wait_for("scheduled run of each deployment", 240, all_scheduled)
    assert looked_up(dict(server.environment)) == ""


def test_every_office_has_its_nights_in_the_time_zone_of_its_contract():
    zones = {
        d["parameters"]["office"]: {s["timezone"] for s in d["schedules"]}
        for d in SCHEDULES["deployments"]
        if "office" in d.get("parameters", {})
    }
    assert zones == {office: {contract.time_zone} for office, contract in cycle.programme_contracts().items()}


def test_every_deployment_runs_once_at_a_time():
    limits = [d["concurrency_limit"] for d in SCHEDULES["deployments"]]
    assert limits == [{"limit": 1, "collision_strategy": "ENQUEUE"}] * len(limits)
