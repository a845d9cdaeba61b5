"""Kill an intake at random points, many times, and tell what each kill left: a program, run by `test_kill.py`."""

from __future__ import annotations

import hashlib
import json
import random
import sys
import time
import warnings
from pathlib import Path
from typing import Any

from pipelines.contracts import contracts
from pipelines.cycle import take_in
from pipelines.demo import sample_records
from pipelines.render import render
from pipelines.warehouse import LANDING_NAME, open_warehouse
from tests.forks import State, half_fell, imported_first, in_a_fork, trials

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    # Great Expectations, before the first fork; it would be loaded again in each.
    from pipelines import duckgx  # noqa: F401

KAZ = contracts()["kaz"]
SLOT = KAZ.slots["cases"]
PERIOD = "2010-Q4"
CASES = sample_records()["kaz", PERIOD]["cases"]


def state(curated: Path) -> State:
    """What anybody would see: the rows that count, the ledger, what was said, and the copies of the files."""
    with open_warehouse(curated) as con:
        tables = {
            name: con.execute(f"SELECT * EXCLUDE ({dates}) FROM {name} ORDER BY ALL").fetchall()
            for name, dates in (("in_force_cases", "place"), ("ledger", "received_at"), ("attempts", "received_at"),
                                ("findings", "message_ru"), ("checks", "message_ru"))
        }  # fmt: skip
    digest = hashlib.sha256(repr(tables).encode()).hexdigest()
    rows = len(tables["in_force_cases"])
    landing = curated / LANDING_NAME
    whole = [path for path in landing.iterdir() if path.suffix != ".new"]
    are_whole = all(hashlib.sha256(path.read_bytes()).hexdigest() == path.name for path in whole)
    copies = sorted(path.name for path in landing.iterdir())
    return {"digest": digest, "rows": rows, "copies": copies, "are_whole": are_whole}


def write(raw: Path, rows: list[dict[str, Any]]) -> None:
    """The office's file in the landing zone."""
    path = raw / "kaz" / SLOT.file_name(PERIOD)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(render(KAZ, SLOT, PERIOD, {"cases": rows}))


def is_enough(found: State) -> bool:
    """Half of the kills fell into the work, and what they left was once the state before and once the one after."""
    left = {trial["left"]["digest"] for trial in found["trials"]}
    return half_fell(found) and {found["old"]["digest"], found["new"]["digest"]} <= left


def main(folder: Path, number: int, seed: int, seconds: float = 3600.0) -> None:
    """Print, as JSON, the state before, the state after, and what each kill left; stop early after so many seconds."""
    deadline = time.monotonic() + seconds
    raw, base = folder / "raw", folder / "base"

    def take(curated: Path) -> list[str]:
        return [receipt.status for receipt in take_in(raw, curated, say=lambda _: None)]

    write(raw, CASES[:12])
    # A correction: rows changed, left out, and one held back, so that every table is written.
    corrected = [{**CASES[0], "age": 200}, *({**row, "age": 30} for row in CASES[1:9])]
    in_a_fork(lambda: take(base))
    write(raw, corrected)
    imported_first(lambda: take(folder / "elsewhere"))
    chance = random.Random(seed)
    print(json.dumps(trials(base, folder / "store", take, state, number, chance, deadline, is_enough)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
