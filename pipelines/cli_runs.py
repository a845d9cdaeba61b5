"""The commands of an operator: is the edition still right, who has not reported, and everything started at once."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path

import click

from pipelines.cli_parts import CURATED, DIFFERS, JSON, OUT, PERIOD, RAW, UNEXPECTED, check_quarter, guarded, stop


@click.command()
@CURATED
@OUT
@JSON
def selfcheck(curated: Path, out: Path, as_json: bool) -> None:
    """Check the current edition: its hashes, every figure counted a second time, an attack on what was published.

    Figures are counted again from the offices' files by an oracle that shares no code with the engine. Exit code 8
    when anything is found; no number is printed, for a wrong one may be close to a hidden one.
    """
    from pipelines.selfcheck import selfcheck as check
    from pipelines.selfcheck import told

    found = guarded(lambda: check(curated, out))
    click.echo(json.dumps(found.as_json(), ensure_ascii=False) if as_json else "\n".join(told(found)))
    sys.exit(0 if found.is_good else DIFFERS)


@click.command()
@CURATED
@PERIOD
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day to look from; without it, today.")
@JSON
def overdue(curated: Path, period: str | None, on: datetime | None, as_json: bool) -> None:
    """Say who has not reported, and which donors' deadlines that misses or leaves how many days.

    Without a period, of the last quarter that is over. A refused file counts as not reported.
    """
    from datetime import date

    from indicators.calendars import Quarter
    from pipelines.overdue import overdue as outstanding
    from pipelines.overdue import told

    check_quarter(period)
    today = on.date() if on else date.today()  # noqa: DTZ011 (the day of whoever asks)
    found = guarded(lambda: outstanding(curated, today, period))
    if as_json:
        click.echo(json.dumps([one.as_json() for one in found], ensure_ascii=False))
        return
    quarter = Quarter.parse(period) if period else Quarter.of(today).back(1)
    click.echo("\n".join(told(found, quarter, today)))


@click.command()
@RAW
@CURATED
@OUT
@click.option("--port", type=click.IntRange(1, 65535), default=8050, show_default=True, help="Of the dashboard.")
@click.option("--prefect-port", type=click.IntRange(1, 65535), default=4200, show_default=True, help="Of Prefect.")
def up(raw: Path, curated: Path, out: Path, port: int, prefect_port: int) -> None:
    """Start Prefect's server, a worker and the dashboard for a first look, on this machine alone.

    The schedules of prefect.yaml are deployed. Ctrl+C stops everything. Prefect keeps its records below the curated
    folder.
    """
    from pipelines.up import Place, UpError
    from pipelines.up import up as start

    here = Path.cwd()
    home = here if (here / "prefect.yaml").exists() else Path(__file__).resolve().parent.parent
    if not (home / "prefect.yaml").exists():
        stop(UNEXPECTED, "there is no prefect.yaml here; run this in the folder that holds it")
    try:
        start(Place(home, raw.resolve(), curated.resolve(), out.resolve(), prefect_port, port), click.echo)
    except UpError as error:
        stop(UNEXPECTED, error)
