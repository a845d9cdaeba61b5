"""Run commands a few times and say what they cost, as the median of the runs."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Cost:
    """Seconds on the clock and seconds of processor time, child processes included."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Measured:
    """One process: seconds on the clock and of the processor, most memory in MiB, and what it said of itself."""

    wall: float
    cpu: float
    peak: float
    said: Mapping[str, Any]


def measured(command: Sequence[str], limit: float | None = None) -> Measured:
    """Run a command that prints JSON, for at most so many seconds.

    Raises subprocess.CalledProcessError when it fails, subprocess.TimeoutExpired when it is ended for taking longer.
    """
    start = time.perf_counter()
    late = threading.Event()
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL) as process:
        assert process.stdout is not None, "asked for above"

        def end() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(limit or 0, end)
        if limit is not None:
            timer.start()
        said = process.stdout.read()
        timer.cancel()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if late.is_set() and limit is not None:
        raise subprocess.TimeoutExpired(command, limit)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    wall = time.perf_counter() - start
    return Measured(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, json.loads(said))


def nothing() -> None:
    """Prepare nothing."""


def cost_of(command: Sequence[str], runs: int, prepare: Callable[[], None] = nothing) -> Cost:
    """Median cost of a command run in the repository, each time after `prepare`, which is not counted.

    One run goes before the others and is not counted either, so that caches are warm for every
    command alike. Raises subprocess.CalledProcessError when a run fails.
    """
    costs = [_once(command, prepare) for _ in range(runs + 1)][1:]
    return Cost(statistics.median(c.wall for c in costs), statistics.median(c.cpu for c in costs))


def _once(command: Sequence[str], prepare: Callable[[], None]) -> Cost:
    prepare()
    before, start = _children_cpu(), time.perf_counter()
    subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    return Cost(time.perf_counter() - start, _children_cpu() - before)


def _children_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
