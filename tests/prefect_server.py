"""A Prefect server of a test's own on a free loopback port, and workers of it. Nothing of it outlives the test."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest

from pipelines.flows import QUIET
from tests.ports import free_port

REPOSITORY = Path(__file__).resolve().parent.parent
POOL = "local-process"
ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


@dataclass(frozen=True)
class Server:
    """Where it answers, and the environment in which its clients run."""

    api: str
    environment: Mapping[str, str]

    def ask(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        return ask(self.api, path, body)

    def prefect(self, *arguments: str, cwd: Path = REPOSITORY) -> None:
        """A command of Prefect, which has to go well."""
        command = [sys.executable, "-m", "prefect", "--no-prompt", *arguments]
        done = subprocess.run(command, cwd=cwd, env=dict(self.environment), capture_output=True, text=True)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]

    def run_of(self, run_id: str) -> Any:
        return self.ask(f"/flow_runs/{run_id}")

    def finished(self, run_id: str, seconds: float = 300) -> Any:
        """The run, once it has come to its end."""

        def look() -> Any:
            run = self.run_of(run_id)
            return run if run["state_type"] in ENDED else None

        return wait_for(f"end of run {run_id}", seconds, look)

    def tasks_of(self, run_id: str, number: int = 1) -> Any:
        """The tasks of a run that has ended: its server writes them down some seconds later than the run itself."""

        def look() -> Any:
            found = self.ask("/task_runs/filter", {"flow_runs": {"id": {"any_": [run_id]}}})
            have_ended = all(task["end_time"] and task["state_type"] in ENDED for task in found)
            return found if len(found) >= number and have_ended else None

        return wait_for(f"record of {number} tasks of run {run_id}", 300, look)


def ask(api: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
    request = urllib.request.Request(
        f"{api}{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=180) as answer:
        return json.loads(answer.read())


def wait_for(what: str, seconds: float, probe: Callable[[], Any]) -> Any:
    """The first true answer of a probe; fails when there is none in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if answer := probe():
                return answer
        except (OSError, HTTPException):  # not there yet, or broken off in the middle of an answer
            pass
        time.sleep(0.25)
    pytest.fail(f"no {what} within {seconds:.0f} s")


def clean_environment() -> dict[str, str]:
    """This environment without what it says to Prefect and to the alerts."""
    said = ("PREFECT_", "DO_NOT_TRACK", "ESEP_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(said)}
    path = os.pathsep.join([str(REPOSITORY), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**kept, **QUIET, "PYTHONPATH": path, "ESEP_HOME": str(REPOSITORY)}


@contextmanager
def server(home: Path, environment: Mapping[str, str], database: str = "") -> Iterator[Server]:
    """A server whose database lies in `home`, or at a PostgreSQL address."""
    with killable_server(home, environment, database) as (one, _):
        yield one


@contextmanager
def killable_server(
    home: Path, environment: Mapping[str, str], database: str = ""
) -> Iterator[tuple[Server, subprocess.Popen[bytes]]]:
    """The same, and its process."""
    port = free_port()
    api = f"http://127.0.0.1:{port}/api"
    known = {**environment, "PREFECT_HOME": str(home), "PREFECT_API_URL": api}
    own = {**known, **({"PREFECT_API_DATABASE_CONNECTION_URL": database} if database else {})}
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with running(command, own) as process:
        wait_for("Prefect server", 300, lambda: ask(api, "/health"))
        yield Server(api, known), process


@contextmanager
def worker(
    of: Server, name: str, folder: Path, home: Path, log: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process with a folder and a Prefect folder of its own, as one on another host has."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", POOL, "--name", name, "--limit", "1"]
    environment = {**of.environment, "PREFECT_HOME": str(home), "PREFECT_WORKER_QUERY_SECONDS": "1"}
    with running(command, environment, folder, log) as process:
        yield process


@contextmanager
def running(
    command: list[str], environment: Mapping[str, str], cwd: Path | None = None, log: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a group of its own, which is stopped at the end, with all that it started."""
    out = log.open("wb") if log else None
    process = subprocess.Popen(
        command, env=dict(environment), cwd=cwd, stdout=out or subprocess.DEVNULL, stderr=out or subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if out:
            out.close()
