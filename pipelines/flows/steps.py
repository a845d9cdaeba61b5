"""The steps of the flows as Prefect tasks: retried where the disk or another writer can be in the way."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click
from prefect import task
from prefect.artifacts import create_markdown_artifact, create_table_artifact

from pipelines import cycle, handouts, overdue, restatements, selfcheck
from pipelines.files import DiskFullError
from pipelines.flows.guard import in_own_words
from pipelines.flows.states import OURS
from pipelines.lock import WarehouseBusyError

MAY_PASS = (OSError, WarehouseBusyError, DiskFullError)
# Longer each time: a copy that blocks the disk, an officer who works by hand, a network share that comes back.
RETRIES: dict[str, Any] = {"retries": 3, "retry_delay_seconds": [10, 60, 300]}


def may_pass(_task: object, _run: object, state: Any) -> bool:
    """Whether trying again can help: another writer was at work, or the disk did not answer."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, MAY_PASS) and not isinstance(error, FileNotFoundError)


def _step(name: str, work: Any) -> Any:
    return task(in_own_words(work, *OURS), name=name, retry_condition_fn=may_pass, **RETRIES)


def _take_in(raw: Path, curated: Path) -> Any:
    return cycle.take_in(raw, curated, click.echo, cycle.SETTLE_SECONDS)


def _take_in_night(raw: Path, curated: Path, office: str | None, quiet_seconds: float) -> Any:
    return cycle.take_in_night(raw, curated, office, click.echo, quiet_seconds)


def _outstanding(curated: Path, today: date, period: str | None) -> Any:
    return overdue.overdue(curated, today, period)


take_in = _step("take-in", _take_in)
take_in_night = _step("take-in-night", _take_in_night)
write_checks = _step("write-checks", cycle.write_checks)
quarters = _step("quarters", cycle.quarters_to_publish)
publish = _step("publish", cycle.publish_edition)
export = _step("export", cycle.export_reports)
hand_out = _step("hand-out", handouts.write_handouts)
restated = _step("restatements", restatements.counts_of)
outstanding = _step("outstanding", _outstanding)
check = _step("selfcheck", selfcheck.selfcheck)
note = _step("note", create_markdown_artifact)
table = _step("table", create_table_artifact)
