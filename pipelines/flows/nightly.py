"""The flow `nightly`: what has come into the landing zone and is complete, taken in or sent back with remarks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from prefect import flow

from pipelines.flows import steps
from pipelines.flows.alerts import ALERTS
from pipelines.flows.guard import check
from pipelines.flows.notes import intake_note, intake_rows
from pipelines.flows.paths import CURATED, RAW
from pipelines.flows.states import Outcome, ended, one_at_a_time


@flow(name="nightly", **ALERTS)
def nightly(
    office: str | None = None,
    raw: Path = RAW,
    curated: Path = CURATED,
    quiet_minutes: int = 10,
) -> Any:
    """Take in what is complete, of one office or of all, and write return workbooks for what is not as it should be.

    A file that changed in the last `quiet_minutes`, or that somebody has open, is still being copied: it is left for
    the next night.
    """
    with one_at_a_time():
        return ended(lambda: _nightly(office, raw, curated, quiet_minutes))


def _nightly(office: str | None, raw: Path, curated: Path, quiet_minutes: int) -> Outcome:
    check(office)
    receipts, fresh = steps.take_in_night(raw, curated, office, quiet_minutes * 60)
    click.echo(f"Checks    {steps.write_checks(receipts, curated, is_whole=office is None)}")
    key = f"nightly-{office or 'all'}"
    steps.note(key=key, markdown=intake_note(receipts))
    steps.table(key=f"{key}-files", table=intake_rows(receipts), description="What became of each file")
    accepted = sum(receipt.status == "accepted" for receipt in receipts)
    waiting = sum(receipt.is_under_way for receipt in receipts)
    refused = sum(receipt.status == "refused" for receipt in receipts) - waiting
    counts = f"{accepted} files taken in, {refused} refused ({fresh} for the first time), {waiting} still being copied"
    if fresh:
        return Outcome("FilesRefused", counts)
    quiet = "StillRefused" if refused else "NothingNew"
    return Outcome("TakenIn" if accepted else quiet, counts)
