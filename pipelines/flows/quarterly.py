"""The flow `quarterly`: one whole cycle, from the landing zone to the donors' files.

`make flow` runs it here, on a temporary server of its own; schedules are in `prefect.yaml`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click
from prefect import flow
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

from pipelines.cli_parts import REFUSED
from pipelines.flows import steps
from pipelines.flows.notes import quarter_note

RAW, CURATED, OUT = Path("data/raw"), Path("data/curated"), Path("data/curated/reports")
FOLDER = click.Path(path_type=Path)


@flow(name="quarterly")
def quarterly(raw: Path = RAW, curated: Path = CURATED, out: Path = OUT, period: str | None = None) -> int:
    """Take in the landing zone, publish the edition, write the donors' files; gives how many files were refused."""
    click.echo(f"Taking in the files below {raw}")
    receipts = steps.take_in(raw, curated)
    index = steps.write_checks(receipts, curated, is_whole=True)
    click.echo("Counting, protecting and publishing")
    published = steps.publish(curated, period, receipts)
    click.echo("Writing the donors’ files")
    reports = steps.export(published.folder, out)
    steps.note(key="quarterly", markdown=quarter_note(receipts, published, reports))
    for said in (f"Edition   {published.folder}", f"Checks    {index}", *(f"Report    {path}" for path in reports)):
        click.echo(said)
    return sum(receipt.status == "refused" for receipt in receipts)


@click.command(help="Run the whole cycle as a Prefect flow in this process.")
@click.option("--raw", type=FOLDER, default=RAW, show_default=True, help="Landing zone: a folder for each office.")
@click.option("--curated", type=FOLDER, default=CURATED, show_default=True, help="Warehouse and editions.")
@click.option("--out", type=FOLDER, default=OUT, show_default=True, help="Where donors' files are written.")
@click.option("--period", help="A quarter such as 2010-Q4; without it, the latest reported.")
def main(raw: Path, curated: Path, out: Path, period: str | None) -> None:
    """Run the flow in this process; exit code 3 when a file was refused, as `esep run` does."""
    # The heartbeat thread would hold the end of the run for a second, and nobody watches this server.
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        refused = quarterly(raw, curated, out, period)
    sys.exit(REFUSED if refused else 0)


if __name__ == "__main__":
    main()
