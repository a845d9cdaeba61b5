"""The steps of the cycle as Prefect tasks: retried where the disk or another writer can be in the way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from prefect import task
from prefect.artifacts import create_markdown_artifact

from indicators.disclosure import InconsistentSystem, Unprotectable, Unsafe
from indicators.facts import DeclarationError
from pipelines import cycle
from pipelines.files import AlteredCopyError, DiskFullError
from pipelines.flows.guard import in_own_words
from pipelines.reasons import ReasonNeeded
from pipelines.warehouse import WarehouseBusyError, WarehouseOutdatedError
from reports.donor_figures import ReportError
from reports.intact import DamagedEdition

# Errors whose words are ours; of any other, Prefect hears only the kind.
OURS = (
    cycle.NothingToPublish, WarehouseBusyError, WarehouseOutdatedError, Unsafe, Unprotectable, InconsistentSystem,
    AlteredCopyError, DiskFullError, DeclarationError, ReportError, DamagedEdition, ReasonNeeded,
)  # fmt: skip
MAY_PASS = (OSError, WarehouseBusyError, DiskFullError)
RETRIES: dict[str, Any] = {"retries": 2, "retry_delay_seconds": [10, 60]}


def may_pass(_task: object, _run: object, state: Any) -> bool:
    """Whether trying again can help: another writer was at work, or the disk did not answer."""
    return isinstance(state.result(raise_on_failure=False), MAY_PASS)


def _step(name: str, work: Any) -> Any:
    return task(in_own_words(work, *OURS), name=name, retry_condition_fn=may_pass, **RETRIES)


def _take_in(raw: Path, curated: Path) -> Any:
    return cycle.take_in(raw, curated, click.echo, cycle.SETTLE_SECONDS)


def _take_in_office(office: str, raw: Path, curated: Path) -> Any:
    files = sorted(path for path in (raw / office).iterdir() if not path.name.startswith((".", "~$")))
    return cycle.take_in_files(files, curated, cycle.SETTLE_SECONDS)


take_in = _step("take-in", _take_in)
take_in_office = _step("take-in-office", _take_in_office)
write_checks = _step("write-checks", cycle.write_checks)
publish = _step("publish", cycle.publish_edition)
export = _step("export", cycle.export_reports)
note = _step("note", create_markdown_artifact)
