"""Work done in forks of a process that has imported everything, and killed there at random moments, many times.

The process that forks opens no database itself, so that no thread of one is ever forked.
"""

from __future__ import annotations

import importlib
import json
import os
import random
import select
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

Work = Callable[[Path], Any]
State = dict[str, Any]


def in_a_fork(work: Callable[[], Any]) -> Any:
    """What the work gives, done in a process of its own."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        status = 1
        try:
            os.write(writer, json.dumps(work()).encode())
            status = 0
        except Exception:
            traceback.print_exc()
            raise
        finally:
            os._exit(status)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    if status:
        raise RuntimeError(f"a fork ended with {status}")
    return json.loads(said)


class Aim:
    """When to kill: at random points of the work, however fast this machine does it just now.

    How long the work takes is learnt anew from every run that is given: one that ends says it, one that is
    killed later than that says that it takes longer. So noise in one measurement aims a kill or two wrongly, never all.
    """

    def __init__(self, chance: random.Random, seconds: float) -> None:
        self.chance = chance
        self.seconds = seconds

    def kill(self, work: Callable[[], Any], is_whole: bool = True) -> bool:
        """Do the work in a fork and kill it; whether it was killed before it had ended.

        A quarter of the kills is aimed at the end and beyond it, so that both outcomes are seen. Work that is not
        whole, because part of it was done before, says nothing about how long it takes.
        """
        around = (0.8, 1.5) if self.chance.random() < 0.25 else (0.0, 1.0)
        was_killed, took = killed_after(self.seconds * self.chance.uniform(*around), work)
        if is_whole:
            self.seconds = max(self.seconds, took) if was_killed else took
        return was_killed


def killed_after(seconds: float, work: Callable[[], Any]) -> tuple[bool, float]:
    """Do the work in a fork and kill it; whether it was killed before it had ended, and after how many seconds."""
    reader, writer = os.pipe()
    started = time.perf_counter()
    child = os.fork()
    if child == 0:
        try:
            os.close(reader)
            work()
        finally:
            os._exit(0)
    os.close(writer)
    select.select([reader], [], [], seconds)  # until then, or until the fork has ended and so closed its end
    took = time.perf_counter() - started
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    os.close(reader)
    return os.WIFSIGNALED(status), took


def imported_first(work: Callable[[], Any]) -> None:
    """Do the work once in a fork, and import here what it imported: the forks to come begin with the work itself."""

    def names() -> list[str]:
        before = set(sys.modules)
        work()
        return sorted(name for name, module in sys.modules.items() if name not in before and _can_be_imported(module))

    for name in in_a_fork(names):
        importlib.import_module(name)


def _can_be_imported(module: Any) -> bool:
    spec = getattr(module, "__spec__", None)
    return spec is not None and spec.origin is not None and spec.name == module.__name__


MOST_TRIALS = 8  # times the number that was asked for, until the kills have tried something


def trials(
    base: Path, store: Path, work: Work, look: Callable[[Path], State], number: int, chance: random.Random,
    deadline: float, is_enough: Callable[[State], bool] = lambda found: True,
) -> State:  # fmt: skip
    """The state before, the state after, and of each kill what it left; of some, what a second run made of that.

    A quarter of the kills is followed by a run to the end; the others fall on what the one before left, unless that
    is the state after already. Where the kills of a machine that was slow and is fast fell beside what they were
    aimed at, more follow until there are enough.
    """
    old = in_a_fork(lambda: look(base))
    copy(base, store)
    started = time.perf_counter()
    in_a_fork(lambda: work(store))
    aim = Aim(chance, time.perf_counter() - started)
    new = in_a_fork(lambda: look(store))
    copy(base, store)
    done: list[State] = []
    found: State = {"old": old, "new": new, "trials": done}
    is_fresh = is_last = True
    while (not done or not is_last) and time.monotonic() < deadline:
        killed = aim.kill(lambda: work(store), is_fresh)
        one: State = {"killed": killed, "left": in_a_fork(lambda: look(store))}
        done.append(one)
        is_last = len(done) >= number and (is_enough(found) or len(done) >= MOST_TRIALS * number)
        is_fresh = not killed or one["left"] == new or chance.random() < 0.25 or is_last
        if is_fresh:
            one["again"], one["ends"] = in_a_fork(lambda: [work(store), look(store)])
            copy(base, store)
    return found


def half_fell(found: State) -> bool:
    """Whether at least half of the kills fell into the work."""
    fell: list[bool] = [one["killed"] for one in found["trials"]]
    return sum(fell) * 2 >= len(fell)


def copy(base: Path, store: Path) -> None:
    """The store anew, as the base has it."""
    if store.exists():
        for path in store.rglob("*"):
            path.chmod(0o700)
        shutil.rmtree(store)
    shutil.copytree(base, store)
