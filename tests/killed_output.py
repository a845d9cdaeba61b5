"""Kill publishing and exporting at random points, and tell what each kill left: run by `test_kill_output.py`."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from indicators.definitions import Definition, definitions
from pipelines.contracts import contracts
from pipelines.cycle import export_reports, take_in
from pipelines.demo import sample_records
from pipelines.handed_over import FOLDER
from pipelines.identity import store_key
from pipelines.inputs import of_programme
from pipelines.publish import EDITIONS, publish
from pipelines.render import render
from pipelines.warehouse import open_warehouse
from reports.edition import POINTER_NAME, manifest, open_edition
from reports.intact import check_intact
from tests.forks import State, copy, half_fell, imported_first, in_a_fork, trials
from tests.killed_intake import CASES, KAZ, PERIOD, write

ACTIVITIES = KAZ.slots["activities"]
OUT = "out"
EARLIER = b"what was handed over before"
# So few that a run is mostly writing, which is what a kill could leave half done; `whole` is the whole catalogue.
FEW = ("P01", "P03", "H01", "Q03")


def few() -> Mapping[str, Definition]:
    """The catalogue of few."""
    return {code: definitions()[code] for code in FEW}


def publication(curated: Path, catalogue: Mapping[str, Definition]) -> bool:
    """Publish what has been taken in."""
    with open_warehouse(curated) as con:
        return publish(con, curated, of_programme(con, contracts(), None, key=store_key(curated)), catalogue).is_new


def export(curated: Path) -> int:
    """Write the donors' files of the current edition beside the store."""
    editions = curated / EDITIONS
    current = editions / (editions / POINTER_NAME).read_text(encoding="utf-8").strip()
    return len(export_reports(current, curated / OUT))


def editions(curated: Path) -> State:
    """What a reader sees: the current edition, and of each edition the rows; every one must be whole."""
    folder = curated / EDITIONS
    found = {path.name: path for path in sorted(folder.iterdir()) if path.is_dir() and path.name[0] != "."}
    for path in found.values():
        check_intact(path)
        open_edition(path).connection.close()
    current = (folder / POINTER_NAME).read_text(encoding="utf-8").strip()
    assert current in found, "CURRENT names an edition that is not there"
    tables = {name: manifest(path)["tables"] for name, path in found.items()}
    aside = sorted(path.name for path in folder.iterdir() if path.name[0] == ".")
    return {"current": current, "editions": sorted(found), "digest": _hash(tables), "aside": aside}


def files(curated: Path) -> State:
    """What a donor and the next publication see: every file under its name, by its hash."""
    seen = [path for name in (OUT, FOLDER) for path in (curated / name).glob("*") if path.name[0] != "."]
    return {
        "files": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(seen)},
        "aside": sorted(path.name for path in curated.rglob(".*.new")),
    }


def _hash(said: Any) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def main(folder: Path, catalogue: Mapping[str, Definition], publications: int, exports: int, seed: int,
         seconds: float = 3600.0) -> None:  # fmt: skip
    """Print, as JSON, what the kills of publishing and of exporting left; stop early after so many seconds of each."""
    chance = random.Random(seed)
    raw, base, store, done = (folder / name for name in ("raw", "base", "store", "done"))
    write(raw, CASES[:12])
    in_a_fork(lambda: [len(take_in(raw, base, say=lambda _: None)), publication(base, catalogue)])
    # A file more: what was not reported is counted now, so the second edition restates the first.
    path = raw / "kaz" / ACTIVITIES.file_name(PERIOD)
    path.write_bytes(render(KAZ, ACTIVITIES, PERIOD, {"activities": sample_records()["kaz", PERIOD]["activities"]}))
    in_a_fork(lambda: len(take_in(raw, base, say=lambda _: None)))
    copy(base, done)
    imported_first(lambda: [publication(done, catalogue), export(done)])
    shutil.rmtree(done / OUT)
    shutil.rmtree(done / FOLDER)
    found = {"publish": trials(base, store, lambda there: publication(there, catalogue), editions, publications, chance,
                               time.monotonic() + seconds, half_fell)}  # fmt: skip
    # Beside the store lies what was handed over before, under the names of what is written now.
    copy(done, store)
    in_a_fork(lambda: export(store))
    (done / OUT).mkdir()
    for path in (store / OUT).glob("*"):
        if path.suffix != ".docx" and path.name[0] != ".":
            (done / OUT / path.name).write_bytes(EARLIER)
    found["export"] = trials(done, store, export, files, exports, chance, time.monotonic() + seconds)
    print(json.dumps(found))


if __name__ == "__main__":
    chosen = definitions() if sys.argv[2] == "whole" else few()
    main(Path(sys.argv[1]), chosen, *map(int, sys.argv[3:]))
