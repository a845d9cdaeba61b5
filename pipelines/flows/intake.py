"""The flow `intake`: what one office has put into its landing folder, taken in or refused file by file."""

from __future__ import annotations

from pathlib import Path

import click
from prefect import flow

from pipelines.flows import steps
from pipelines.flows.notes import intake_note


@flow(name="intake")
def intake(office: str, raw: Path = Path("data/raw"), curated: Path = Path("data/curated")) -> int:
    """Take in the files of one office; gives how many were refused."""
    receipts = steps.take_in_office(office, raw, curated)
    click.echo(f"Checks    {steps.write_checks(receipts, curated)}")
    steps.note(key=f"intake-{office}", markdown=intake_note(receipts))
    return sum(receipt.status == "refused" for receipt in receipts)
