"""The flow `quarterly`: one whole cycle, from the landing zone to all that donors are handed.

`make flow` runs it here, on a temporary server of its own; schedules are in `prefect.yaml`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from prefect import flow
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

from pipelines.flows import steps
from pipelines.flows.alerts import ALERTS
from pipelines.flows.guard import check
from pipelines.flows.notes import quarter_note
from pipelines.flows.paths import CURATED, OUT, RAW, TEXTS
from pipelines.flows.states import Outcome, ended, exit_code, one_at_a_time
from pipelines.publish import Published
from reports.narrative import NarrativeError

FOLDER = click.Path(path_type=Path)


@flow(name="quarterly", **ALERTS)
def quarterly(
    raw: Path = RAW,
    curated: Path = CURATED,
    out: Path = OUT,
    texts: Path = TEXTS,
    period: str | None = None,
    since: str | None = None,
) -> Any:
    """Take in the landing zone, publish the edition, write what donors are handed; with `since`, of past quarters too.

    `period` is a quarter such as 2010-Q4; without it, the latest reported. A figure that a donor has is never changed
    here: the run then fails with the state ReasonNeeded, and somebody publishes by hand and says why.
    """
    with one_at_a_time():
        return ended(lambda: _quarterly(raw, curated, out, texts, period, since))


def _quarterly(raw: Path, curated: Path, out: Path, texts: Path, period: str | None, since: str | None) -> Outcome:
    check(quarters=[period, since])
    click.echo(f"Taking in the files below {raw}")
    receipts = steps.take_in(raw, curated)
    index = steps.write_checks(receipts, curated, is_whole=True)
    refused = sum(receipt.status == "refused" for receipt in receipts)
    files: list[Path] = []
    refused_text = ""
    click.echo("Counting, protecting and publishing")
    # Of several quarters, all are published before donors' files are written of any: what nobody has may change.
    editions = [steps.publish(curated, quarter, receipts) for quarter in steps.quarters(curated, since, period)]
    for published in editions:
        click.echo("Writing the donors’ files")
        files += steps.export(published.folder, out)
        try:
            files += steps.hand_out(published.folder, out, texts)
        except NarrativeError as error:
            refused_text = str(error)
        said = steps.restated(published.folder)
        steps.note(key="quarterly", markdown=quarter_note(receipts, published, files))
        steps.table(key="restatements", table=said, description=f"What edition {published.edition_id} restates")
        click.echo(f"Edition   {published.folder}")
    for line in (f"Checks    {index}", *(f"Report    {path}" for path in files)):
        click.echo(line)
    counts = f"{', '.join(one.edition_id for one in editions)}: {len(files)} files written, {refused} files refused"
    if refused_text:
        return Outcome("TextRefused", counts, refused_text, is_failure=True)
    return Outcome("FilesRefused" if refused else _made(editions), counts)


def _made(editions: Sequence[Published]) -> str:
    return "Published" if any(one.is_new for one in editions) else "AlreadyPublished"


@click.command(help="Run the whole cycle as a Prefect flow in this process.")
@click.option("--raw", type=FOLDER, default=RAW, show_default=True, help="Landing zone: a folder for each office.")
@click.option("--curated", type=FOLDER, default=CURATED, show_default=True, help="Warehouse and editions.")
@click.option("--out", type=FOLDER, default=OUT, show_default=True, help="Where donors' files are written.")
@click.option("--texts", type=FOLDER, default=TEXTS, show_default=True, help="What offices wrote for reports.")
@click.option("--period", help="A quarter such as 2010-Q4; without it, the latest reported.")
@click.option("--since", help="Publish every quarter from this one on, oldest first.")
def main(raw: Path, curated: Path, out: Path, texts: Path, period: str | None, since: str | None) -> None:
    """Run the flow in this process; exit codes are those of `esep run`."""
    # The heartbeat thread would hold the end of the run for a second, and nobody watches this server.
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        state = quarterly(raw, curated, out, texts, period, since, return_state=True)
    click.echo(f"{state.name}: {state.message}", err=not state.is_completed())
    sys.exit(exit_code(state))


if __name__ == "__main__":
    main()
