"""Kill an intake at random points, many times, and tell what each kill left: a program, run by `test_kill.py`.

Everything heavy is imported once; each trial is a fork that takes a corrected file into a copy of the same
store and is killed with SIGKILL after a random part of the time it needs. Another fork then looks at the
store, and a third takes the file in to the end. This process itself never opens a database, so that no
thread of one is ever forked.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipelines.contracts import contracts
from pipelines.cycle import take_in
from pipelines.demo import sample_records
from pipelines.render import render
from pipelines.warehouse import LANDING_NAME, open_warehouse

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    # Great Expectations, before the first fork; it would be loaded again in each.
    from pipelines import duckgx  # noqa: F401

KAZ = contracts()["kaz"]
SLOT = KAZ.slots["cases"]
PERIOD = "2010-Q4"
CASES = sample_records()["kaz", PERIOD]["cases"]


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


def killed_after(seconds: float, work: Callable[[], Any]) -> bool:
    """Do the work in a fork and kill it; whether it was killed before it had ended."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def state(curated: Path) -> dict[str, Any]:
    """What anybody would see: the rows that count, the ledger, what was said, and the copies of the files."""
    with open_warehouse(curated) as con:
        tables = {
            name: con.execute(f"SELECT * EXCLUDE ({dates}) FROM {name} ORDER BY ALL").fetchall()
            for name, dates in (("in_force_cases", "place"), ("ledger", "received_at"), ("attempts", "received_at"),
                                ("findings", "message_ru"), ("checks", "message_ru"))
        }  # fmt: skip
    digest = hashlib.sha256(repr(tables).encode()).hexdigest()
    landing = curated / LANDING_NAME
    whole = [path for path in landing.iterdir() if path.suffix != ".new"]
    are_whole = all(hashlib.sha256(path.read_bytes()).hexdigest() == path.name for path in whole)
    return {"digest": digest, "copies": sorted(path.name for path in landing.iterdir()), "are_whole": are_whole}


def write(raw: Path, rows: list[dict[str, Any]]) -> None:
    """The office's file in the landing zone."""
    path = raw / "kaz" / SLOT.file_name(PERIOD)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(render(KAZ, SLOT, PERIOD, {"cases": rows}))


def main(folder: Path, trials: int, seed: int) -> None:
    """Print, as JSON, the state before, the state after, and what each kill left."""
    chance = random.Random(seed)
    raw, base = folder / "raw", folder / "base"

    def take(curated: Path) -> list[str]:
        return [receipt.status for receipt in take_in(raw, curated, say=lambda _: None)]

    write(raw, CASES[:12])
    in_a_fork(lambda: take(base))
    old = in_a_fork(lambda: state(base))
    # A correction: rows changed, left out, and one held back, so that every table is written.
    write(raw, [{**CASES[0], "age": 200}, *({**row, "age": 30} for row in CASES[1:9])])
    done = folder / "done"
    shutil.copytree(base, done)
    in_a_fork(lambda: take(done))
    new = in_a_fork(lambda: state(done))
    shutil.rmtree(done)
    shutil.copytree(base, done)
    started = time.perf_counter()
    in_a_fork(lambda: take(done))
    needed = time.perf_counter() - started
    left = [trial(folder / "store", base, old, take, chance.uniform(0, 1.15 * needed)) for _ in range(trials)]
    print(json.dumps({"old": old, "new": new, "needed": needed, "trials": left}))


def trial(
    curated: Path, base: Path, old: dict[str, Any], take: Callable[[Path], list[str]], seconds: float
) -> dict[str, Any]:
    """One kill: what it left, and what a run to the end makes of that, unless nothing at all was left."""
    shutil.rmtree(curated, ignore_errors=True)
    shutil.copytree(base, curated)
    killed = killed_after(seconds, lambda: take(curated))
    files = sorted(path.name for path in curated.rglob("*"))
    left = in_a_fork(lambda: state(curated))
    if left == old and files == sorted(path.name for path in base.rglob("*")):
        return {"killed": killed, "left": left}
    again = in_a_fork(lambda: [take(curated), state(curated)])
    return {"killed": killed, "left": left, "again": again[0], "ends": again[1]}


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
