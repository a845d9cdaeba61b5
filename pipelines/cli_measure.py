"""The command `esep measure`: count the whole catalogue on one engine or several, and hold the figures together."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from pipelines.cli_parts import CURATED, DIFFERS, JSON, PERIOD, check_quarter, guarded


@click.command()
@CURATED
@PERIOD
@click.option(
    "--engine", "engines", type=click.Choice(["duckdb", "postgres", "spark"]), multiple=True, default=("duckdb",),
    show_default=True, help="What counts; may be given several times.",
)  # fmt: skip
@click.option("--postgres", default="", metavar="WHERE", help="A connection string without a password.")
@click.option("--spark", default="", metavar="MASTER", help="The address of a cluster; without it, this machine.")
@JSON
def measure(
    curated: Path, period: str | None, engines: Sequence[str], postgres: str, spark: str, as_json: bool
) -> None:  # fmt: skip
    """Count what an edition would be made of, and give the hash of its figures; exit code 8 when engines differ.

    Nothing is published, and no figure is shown: what is counted here has not been protected.
    """
    from pipelines.engines import measure_all, told

    check_quarter(period)
    found = guarded(
        lambda: measure_all(dict.fromkeys(engines), {"postgres": postgres, "spark": spark}, curated, period)
    )
    click.echo(json.dumps([asdict(one) for one in found]) if as_json else "\n".join(told(found)))
    sys.exit(0 if len({one.digest for one in found}) == 1 else DIFFERS)
