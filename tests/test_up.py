"""`esep up`: everything answers, and nothing is left behind however it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.cli import main
from pipelines.cli_parts import UNEXPECTED
from tests.ports import free_port
from tests.prefect_server import ask, clean_environment, wait_for
from tests.sample_edition import make_edition

# One schedule is enough here; that all of them can be deployed is tested with the flows.
SCHEDULES = """
name: esep
pull:
  - prefect.deployments.steps.set_working_directory: {directory: "{{ $ESEP_HOME }}"}
deployments:
  - name: overdue
    entrypoint: pipelines.flows.overdue:overdue
    work_pool: {name: local-process}
"""

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes in /proc")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "prefect.yaml").write_text(SCHEDULES)
    make_edition(tmp_path / "curated" / "editions")
    return tmp_path


@contextmanager
def started(home: Path, ports: tuple[int, int]) -> Iterator[subprocess.Popen[str]]:
    """The command in a process group of its own, as a service manager starts it."""
    command = [sys.executable, "-u", "-c", "from pipelines.cli import main; main()", "up", "--curated", "curated",
               "--out", "reports", "--prefect-port", str(ports[0]), "--port", str(ports[1])]  # fmt: skip
    process = subprocess.Popen(
        command, cwd=home, env=clean_environment(), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        start_new_session=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()
        for pid in children_of(home):
            with suppress(ProcessLookupError):  # it ended meanwhile
                os.kill(pid, signal.SIGKILL)


def children_of(home: Path) -> list[int]:
    """Every process that was told to keep Prefect's records in this folder."""
    wanted = f"PREFECT_HOME={home}/curated/prefect".encode()
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if wanted in path.read_bytes().split(b"\0"):
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def said_until(process: subprocess.Popen[str], word: str) -> str:
    """What the command says, up to the line with a word."""
    said = ""
    assert process.stdout is not None
    for line in process.stdout:
        said += line
        if word in line:
            return said
    pytest.fail(f"{word!r} was never said: {said}")


def answers(port: int) -> bool:
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) == 0


def test_everything_answers_and_sigterm_leaves_nothing_behind(home):
    ports = free_port(), free_port()
    with started(home, ports) as process:
        said = said_until(process, "Ctrl+C")
        assert f"Prefect   http://127.0.0.1:{ports[0]}" in said
        assert f"Dashboard http://127.0.0.1:{ports[1]}" in said
        api = f"http://127.0.0.1:{ports[0]}/api"
        assert [d["name"] for d in ask(api, "/deployments/filter", {})] == ["overdue"]
        # The worker is there, and takes a run with the folders that the command was given.
        wait_for("worker", 300, lambda: ask(api, "/work_pools/local-process/workers/filter", {}))
        assert [(home / name).stat().st_mode & 0o077 for name in ("curated", "curated/prefect")] == [0, 0]
        assert len(children_of(home)) >= 3
        process.send_signal(signal.SIGTERM)
        assert "Stopped" in said_until(process, "Stopped")
        assert process.wait(300) == 0
        assert children_of(home) == []
        assert not any(map(answers, ports))


def test_ctrl_c_in_the_middle_of_the_start_leaves_nothing_behind(home):
    with started(home, (free_port(), free_port())) as process:
        said_until(process, "Starting")
        wait_for("child", 300, lambda: children_of(home))
        process.send_signal(signal.SIGINT)
        said_until(process, "Stopped")
        assert process.wait(300) == 0
        assert children_of(home) == []


@pytest.mark.soak
def test_a_part_that_dies_stops_the_rest_and_is_named(home):
    with started(home, (free_port(), free_port())) as process:
        said_until(process, "Ctrl+C")
        (worker,) = {pid for pid in children_of(home) if b"worker" in Path(f"/proc/{pid}/cmdline").read_bytes()}
        os.kill(worker, signal.SIGKILL)
        said = said_until(process, "has ended by itself")
        assert "worker" in said
        assert process.wait(300) == UNEXPECTED
        assert children_of(home) == []


def test_a_port_that_is_taken_is_said_before_anything_starts(home, monkeypatch):
    monkeypatch.chdir(home)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = CliRunner().invoke(main, ["up", "--curated", "curated", "--prefect-port", str(port)])
    assert done.exit_code == UNEXPECTED
    assert f"port {port} is in use" in done.output
    assert "--prefect-port" in done.output
