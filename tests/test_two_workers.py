"""A Prefect server on PostgreSQL that hands scheduled runs to two workers with folders of their own: one warehouse."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.demo import write_demo
from reports.edition import current_path
from tests import prefect_server
from tests.prefect_server import POOL, REPOSITORY, Server, clean_environment, wait_for
from tests.throwaway_postgres import postgres

pytestmark = pytest.mark.soak
DEPLOYED = ("nightly-kaz", "nightly-region", "quarterly")
AHEAD = timedelta(seconds=150)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shared folder: two offices' files, and schedules that are due once, soon."""
    folder = tmp_path_factory.mktemp("shared")
    write_demo(folder / "all")
    for office in ("kaz", "region"):
        shutil.copytree(folder / "all" / office, folder / "data" / "raw" / office)
        for path in (folder / "data" / "raw" / office).iterdir():
            os.utime(path, (0, 1_300_000_000))  # nobody has touched it for long
    return folder


@pytest.fixture(scope="module")
def server(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    environment = {
        **clean_environment(), "ESEP_HOME": str(home), "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "5",
    }  # fmt: skip
    with postgres() as said:
        socket = dict(part.split("=") for part in said.split())
        address = f"postgresql+asyncpg://{socket['user']}@/{socket['dbname']}?host={socket['host']}"
        with prefect_server.server(tmp_path_factory.mktemp("server"), environment, address) as one:
            yield one


def deploy(server: Server, home: Path, names: Sequence[str] = DEPLOYED) -> dict[str, str]:
    """Some deployments of prefect.yaml as they stand there, but for the hour, which is soon; their ids."""
    declared = yaml.safe_load((REPOSITORY / "prefect.yaml").read_text(encoding="utf-8"))
    soon = {"interval": 86400, "anchor_date": (datetime.now(UTC) + AHEAD).isoformat(), "timezone": "UTC"}
    wanted = [{**one, "schedules": [soon]} for one in declared["deployments"] if one["name"] in names]
    (home / "prefect.yaml").write_text(yaml.safe_dump({**declared, "deployments": wanted}))
    server.ask("/work_pools/", {"name": POOL, "type": "process"})
    server.prefect("deploy", "--all", cwd=home)
    return {d["name"]: d["id"] for d in server.ask("/deployments/filter", {})}


def run_of(server: Server, deployment: str) -> Any:
    """The first run of a deployment, once it has come to its end."""

    def look() -> Any:
        asked = {"deployments": {"id": {"any_": [deployment]}}, "sort": "EXPECTED_START_TIME_ASC", "limit": 1}
        runs = server.ask("/flow_runs/filter", asked)
        return runs[0] if runs and runs[0]["state_type"] in ("COMPLETED", "FAILED", "CRASHED") else None

    return wait_for("end of a scheduled run", 1200, look)


def at_work(server: Server, run_id: str) -> tuple[str, str]:
    """When a run's first step began and its last one ended: the time in which it held the warehouse."""
    tasks = server.tasks_of(run_id)
    return min(t["start_time"] for t in tasks), max(t["end_time"] for t in tasks)


def test_two_workers_share_scheduled_runs_one_warehouse_and_one_edition(server, home, tmp_path):
    deployed = deploy(server, home)
    assert set(deployed) == set(DEPLOYED)
    workers = {name: tmp_path / f"{name}.log" for name in ("host-a", "host-b")}
    with ExitStack() as stack:
        running = {
            name: stack.enter_context(
                prefect_server.worker(server, name, tmp_path / name, tmp_path / f"{name}-home", log)
            )
            for name, log in workers.items()
        }
        runs = {name: run_of(server, deployed[name]) for name in DEPLOYED}
        said = {name: (run["state_name"], run["state"]["message"]) for name, run in runs.items()}
        assert said["quarterly"][0] in ("Published", "AlreadyPublished"), said
        assert {said[name][0] for name in DEPLOYED[:2]} <= {"TakenIn", "NothingNew"}, said
        assert all(run["auto_scheduled"] for run in runs.values())
        # Shared out: both may reach for a run, the server gives it to one of them; and each of them worked.
        took = {
            name: set(re.findall(r"run '([\w-]+)' submitted to infra", log.read_text()))
            for name, log in workers.items()
        }
        assert took["host-a"] and took["host-b"], took
        assert not took["host-a"] & took["host-b"]
        assert took["host-a"] | took["host-b"] == {run["name"] for run in runs.values()}
        # One at a time: no two of them were at work at once.
        times = {name: at_work(server, run["id"]) for name, run in runs.items()}
        for one, other in combinations(times.values(), 2):
            assert one[1] <= other[0] or other[1] <= one[0], times
        # Both see the same edition: the worker that did not publish finds it, when the other one is gone.
        edition = current_path(home / "data" / "curated" / "editions").name
        publisher = next(name for name, ids in took.items() if runs["quarterly"]["name"] in ids)
        running[publisher].terminate()
        running[publisher].wait(30)
        again = server.ask(f"/deployments/{deployed['quarterly']}/create_flow_run", {})
        done = server.finished(again["id"], 300)
        assert (done["state_name"], edition in done["state"]["message"]) == ("AlreadyPublished", True)
    assert len(list((home / "data" / "curated" / "editions").glob("2010-*"))) == 1
