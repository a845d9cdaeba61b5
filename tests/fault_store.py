"""A small store in which there is something to publish and to export, and what anybody sees of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipelines.cycle import export_reports, publish_edition, take_in
from pipelines.demo import sample_records
from pipelines.handed_over import FOLDER
from pipelines.publish import EDITIONS
from pipelines.render import render
from pipelines.warehouse import LANDING_NAME, open_warehouse
from tests.killed_intake import CASES, KAZ, PERIOD, write
from tests.killed_output import ACTIVITIES, editions, files

REPOSITORY = Path(__file__).resolve().parent.parent
PROGRAM = "from pipelines.cli import main; main()"


def make_store(folder: Path) -> Path:
    """A landing zone `raw`, and a store of its files in which the first of two editions is published."""
    raw, curated = folder / "raw", folder / "curated"
    write(raw, CASES[:12])
    take_in(raw, curated, say=lambda _: None)
    export_reports(publish_edition(curated).folder, curated / "out")
    # As if not handed over yet: the second edition needs no reason.
    shutil.rmtree(curated / FOLDER)
    path = raw / "kaz" / ACTIVITIES.file_name(PERIOD)
    path.write_bytes(render(KAZ, ACTIVITIES, PERIOD, {"activities": sample_records()["kaz", PERIOD]["activities"]}))
    take_in(raw, curated, say=lambda _: None)
    return folder


def esep(*arguments: str | Path, before: Sequence[str] = (), setup: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own; `before` is what starts it, `setup` Python that it begins with."""
    command = [*before, sys.executable, "-c", f"{setup}\n{PROGRAM}", *map(str, arguments)]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, env=_environment())


def start(*arguments: str | Path) -> subprocess.Popen[str]:
    """The same, without waiting for its end."""
    command = [sys.executable, "-c", PROGRAM, *map(str, arguments)]
    return subprocess.Popen(
        command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=_environment()
    )


def _environment() -> Mapping[str, str]:
    return {**os.environ, "PYTHONPATH": str(REPOSITORY)}


def seen(curated: Path) -> dict[str, Any]:
    """Rows, ledger, copies, editions and donors' files: what each reader of the store sees."""
    with open_warehouse(curated) as con:
        rows = {
            name: con.execute(f"SELECT count(*), count(DISTINCT (submission, row_number)) FROM {name}").fetchall()
            for name in ("in_force_cases", "in_force_activities")
        }
        ledger = con.execute("SELECT entry, submission FROM ledger ORDER BY entry").fetchall()
    copies = sorted(path.name for path in (curated / LANDING_NAME).iterdir())
    found = editions(curated)
    return {"rows": rows, "ledger": ledger, "copies": copies, "editions": found, "files": files(curated)["files"]}


def copied(store: Path, to: Path) -> Path:
    """A copy of a store, to spoil; gives its curated folder."""
    shutil.copytree(store, to, dirs_exist_ok=True)
    return to / "curated"


def has_editions(curated: Path) -> int:
    """How many editions there are."""
    return len([path for path in (curated / EDITIONS).iterdir() if path.is_dir() and path.name[0] != "."])
