"""Run a command a few times and say what it cost, as the median of the runs."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Cost:
    """Seconds on the clock and seconds of processor time, child processes included."""

    wall: float
    cpu: float

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.wall + other.wall, self.cpu + other.cpu)


def cost_of(command: Sequence[str], runs: int, environment: Mapping[str, str] | None = None) -> Cost:
    """Median cost of a command run in the repository.

    One run goes before the others and is not counted, so that caches are warm for every command
    alike. Raises subprocess.CalledProcessError, with what the command printed, when a run fails.
    """
    env = {**os.environ, **(environment or {})}
    costs = [_once(command, env) for _ in range(runs + 1)][1:]
    return Cost(statistics.median(c.wall for c in costs), statistics.median(c.cpu for c in costs))


def _once(command: Sequence[str], env: Mapping[str, str]) -> Cost:
    before, start = _children_cpu(), time.perf_counter()
    subprocess.run(command, cwd=REPOSITORY, env=env, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    return Cost(time.perf_counter() - start, _children_cpu() - before)


def _children_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
