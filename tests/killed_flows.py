"""Kill the flows `nightly` and `quarterly` at random points, and tell what each kill left: run by `test_flow_runs.py`.

They run in this process's forks and report to the server that `PREFECT_API_URL` names.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from functools import partial
from pathlib import Path

from pipelines.cycle import take_in
from pipelines.demo import sample_records
from pipelines.flows.nightly import nightly
from pipelines.flows.quarterly import quarterly
from pipelines.render import render
from tests.forks import State, imported_first, in_a_fork, trials
from tests.killed_intake import CASES, KAZ, PERIOD, state, write
from tests.killed_output import ACTIVITIES, OUT, editions, few, files, publication

LONG_AGO = (0, 1_300_000_000)


def everything(curated: Path) -> State:
    """Rows, ledger, copies, editions and donors' files: what each reader of the store sees."""
    return {"rows": state(curated), "editions": editions(curated), **files(curated)}


def main(folder: Path, nights: int, quarters: int, seed: int, seconds: float = 3600.0) -> None:
    """Print, as JSON, what the kills of each flow left; stop early after so many seconds of each."""
    chance = random.Random(seed)
    raw, base, store = (folder / name for name in ("raw", "base", "store"))

    def night(curated: Path) -> str:
        return str(nightly("kaz", raw, curated, return_state=True).name)

    def quarter(curated: Path) -> str:
        return str(quarterly(raw, curated, curated / OUT, folder / "texts", return_state=True).name)

    write(raw, CASES[:12])
    in_a_fork(lambda: [len(take_in(raw, base, say=lambda _: None)), publication(base, few())])
    # What comes then: a file more, and a correction with a row that is held back and goes back with a remark.
    write(raw, [{**CASES[0], "age": 200}, *({**row, "age": 30} for row in CASES[1:9])])
    path = raw / "kaz" / ACTIVITIES.file_name(PERIOD)
    path.write_bytes(render(KAZ, ACTIVITIES, PERIOD, {"activities": sample_records()["kaz", PERIOD]["activities"]}))
    for path in (raw / "kaz").iterdir():
        os.utime(path, LONG_AGO)
    found = {}
    for name, work, number in (("nightly", night, nights), ("quarterly", quarter, quarters)):
        if number:
            imported_first(partial(work, folder / f"elsewhere-{name}"))
            deadline = time.monotonic() + seconds
            found[name] = trials(base, store, work, everything, number, chance, deadline)
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
