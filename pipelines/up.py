"""Everything for a first look with one command: Prefect server, worker and dashboard, on this machine alone.

All three are children of this process, and so is what they start: a mark in their environment tells it from others'.
Whoever stops this process with Ctrl+C or SIGTERM stops them all.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

HOST = "127.0.0.1"
POOL = "local-process"
MARK = "ESEP_UP"
START_SECONDS = 180.0
STOP_SECONDS = 15.0

Say = Callable[[str], None]


class UpError(RuntimeError):
    """Something did not start or did not stay; the message says what, and what to do."""


class Stopped(Exception):
    """Somebody asked this process to stop."""


@dataclass(frozen=True)
class Place:
    """Where things are: the folder of `prefect.yaml`, the data, and the two ports."""

    home: Path
    raw: Path
    curated: Path
    out: Path
    prefect_port: int
    dashboard_port: int

    @property
    def prefect_home(self) -> Path:
        """Prefect's own folder, for this user alone."""
        return self.curated / "prefect"

    @property
    def api(self) -> str:
        """Where the server answers."""
        return f"http://{HOST}:{self.prefect_port}/api"

    def environment(self) -> dict[str, str]:
        """What every child is told."""
        os.environ["PREFECT_HOME"] = str(self.prefect_home)
        from pipelines.flows import QUIET

        return {
            **QUIET, **os.environ, MARK: uuid.uuid4().hex, "PREFECT_API_URL": self.api, "ESEP_HOME": str(self.home),
            "ESEP_RAW": str(self.raw), "ESEP_CURATED": str(self.curated), "ESEP_OUT": str(self.out),
        }  # fmt: skip


@dataclass
class Children:
    """The processes that were started, each in a group of its own, its words in a file of its own."""

    environment: Mapping[str, str]
    cwd: Path
    logs: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, arguments: Sequence[str]) -> None:
        """Start `python -m ...`."""
        with (self.logs / f"{name}.log").open("wb") as log:
            self.running[name] = subprocess.Popen(
                [sys.executable, "-m", *arguments], env=dict(self.environment), cwd=self.cwd, stdin=subprocess.DEVNULL,
                stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def check(self) -> None:
        """Raises UpError when one of them has ended by itself."""
        for name, process in self.running.items():
            if process.poll() is not None:
                raise UpError(
                    f"the {name} has ended by itself (exit code {process.returncode}); see {self.logs / name}.log"
                )

    def run(self, name: str, arguments: Sequence[str]) -> None:
        """Run a command to its end. Raises UpError when it fails."""
        self.start(name, arguments)
        while (code := self.running[name].poll()) is None:
            time.sleep(0.1)
        del self.running[name]
        if code:
            raise UpError(f"{name} went wrong (exit code {code}); see {self.logs / name}.log")

    def stop(self) -> None:
        """Stop them, the last one first, and then whatever else carries the mark."""
        for process in reversed(self.running.values()):
            _signal(process.pid, signal.SIGTERM)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                _signal(process.pid, signal.SIGKILL)
                process.wait()
        for sent in (signal.SIGTERM, signal.SIGKILL):
            end = time.monotonic() + STOP_SECONDS
            for pid in marked(self.environment[MARK]):
                _signal(pid, sent)
            while list(marked(self.environment[MARK])) and time.monotonic() < end:
                time.sleep(0.1)


def up(place: Place, say: Say) -> None:
    """Start everything, say where it is, and stay until somebody stops this process.

    Raises UpError when a port is taken, a part does not start in time, or one ends by itself. Nothing that was
    started is left behind, however this ends.
    """
    for folder in (place.curated, place.prefect_home):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    logs = place.prefect_home / "up"
    logs.mkdir(exist_ok=True)
    for name, port in (("--prefect-port", place.prefect_port), ("--port", place.dashboard_port)):
        _check_port(name, port)
    children = Children(place.environment(), place.home, logs)
    with ExitStack() as stack:
        stack.enter_context(_stopped_by(signal.SIGINT, signal.SIGTERM, signal.SIGHUP))
        stack.callback(_in_peace, children.stop)
        try:
            _start(place, children, say)
            while True:
                children.check()
                time.sleep(0.5)
        except Stopped:
            say("Stopping")
    say("Stopped")


def _start(place: Place, children: Children, say: Say) -> None:
    say("Starting the Prefect server; the first time this takes up to a minute")
    children.start("server", ["prefect", "server", "start", "--host", HOST, "--port", str(place.prefect_port)])
    _wait(children, "Prefect server", f"{place.api}/health")
    say("Deploying the schedules")
    if _status(f"{place.api}/work_pools/{POOL}") != 200:
        children.run("work-pool", ["prefect", "--no-prompt", "work-pool", "create", POOL, "--type", "process"])
    children.run("deploy", ["prefect", "--no-prompt", "deploy", "--all"])
    children.start("worker", ["prefect", "worker", "start", "--pool", POOL, "--limit", "1"])
    dashboard = f"http://{HOST}:{place.dashboard_port}"
    editions = place.curated / "editions"
    say(f"Prefect   http://{HOST}:{place.prefect_port}")
    if not (editions / "CURRENT").exists():
        say(
            "Nothing is published yet: start the deployment `quarterly` there, or run in another terminal `esep run"
            f" --raw {place.raw} --curated {place.curated} --out {place.out}`; the dashboard follows"
        )
    while not (editions / "CURRENT").exists():
        children.check()
        time.sleep(0.5)
    options = ["--editions", str(editions), "--host", HOST, "--port", str(place.dashboard_port)]
    children.start("dashboard", ["dashboards", *options])
    _wait(children, "dashboard", f"{dashboard}/healthz")
    say(f"Dashboard {dashboard}")
    say("Ctrl+C stops everything")


def marked(mark: str) -> Iterator[int]:
    """Processes of this user that were started, by whomever, with our mark in their environment (Linux)."""
    wanted = f"{MARK}={mark}".encode()
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if wanted in path.read_bytes().split(b"\0") and not _is_dead(path.parent):
                yield int(path.parent.name)
        except OSError:
            continue  # it has ended, or is another user's


def _is_dead(process: Path) -> bool:
    return (process / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0] in "ZX"


def _signal(pid: int, sent: signal.Signals) -> None:
    """To a child's whole group, or to a process that leads none."""
    try:
        if os.getpgid(pid) == pid:
            os.killpg(pid, sent)
        else:
            os.kill(pid, sent)
    except ProcessLookupError:
        pass


def _wait(children: Children, what: str, address: str) -> None:
    end = time.monotonic() + START_SECONDS
    while _status(address) != 200:
        children.check()
        if time.monotonic() > end:
            raise UpError(f"the {what} did not answer within {START_SECONDS:.0f} seconds; see {children.logs}")
        time.sleep(0.3)


def _status(address: str) -> int:
    """The answer of a server on this machine; 0 when nobody answers."""
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 (our own loopback address)
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return int(error.code)
    except OSError:
        return 0


def _check_port(option: str, port: int) -> None:
    with socket.socket() as asked:
        asked.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            asked.bind((HOST, port))
        except OSError:
            raise UpError(f"port {port} is in use; stop who uses it, or name another with {option}") from None


class _stopped_by:
    """While inside, these signals raise Stopped; children do not inherit a signal that somebody had ignored."""

    def __init__(self, *signals: signal.Signals) -> None:
        self.signals = signals

    def __enter__(self) -> None:
        self.before = {one: signal.signal(one, self._stop) for one in self.signals}

    def _stop(self, number: int, frame: FrameType | None) -> None:
        raise Stopped

    def __exit__(self, *_: object) -> None:
        for one, handler in self.before.items():
            signal.signal(one, handler)


def _in_peace(work: Callable[[], None]) -> None:
    """Do something to its end, whoever presses Ctrl+C once more."""
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, signal.SIG_IGN)
    work()
