"""The command that names the rows behind a figure, for those who may open the warehouse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.cli_catalogue import definition_of
from pipelines.cli_parts import CURATED, JSON, NOTHING, PERIOD, check_quarter, guarded, stop

if TYPE_CHECKING:
    from indicators.definitions import Definition
    from pipelines.inputs import Inputs
    from pipelines.trace import Cell, Traced


@click.command()
@CURATED
@click.argument("code")
@PERIOD
@click.option("--place", default="CA", show_default=True, help="A country such as KZ; CA is the region.")
@click.option("--calendar", default="quarter", show_default=True, help="How far back it counts.")
@click.option("--breakdown", default="", metavar="NAME=CATEGORY", help="One cell of a breakdown, e.g. sex=F.")
@JSON
def trace(
    code: str, curated: Path, period: str | None, place: str, calendar: str, breakdown: str, as_json: bool
) -> None:
    """Name the files, sheets and rows in force behind one figure; the values of the rows are not shown.

    It opens the warehouse: how many rows there are is not protected, and may say what an edition hides.
    """
    from pipelines.trace import told, untraceable

    check_quarter(period)
    definition = definition_of(code)
    why = untraceable(definition)
    if why:
        stop(NOTHING, f"no rows can be named for {definition.code}: {why}")
    found = guarded(lambda: _traced(curated, definition, period, calendar, place, breakdown))
    if as_json:
        click.echo(json.dumps([one.as_json() for one in found], ensure_ascii=False))
    elif found:
        click.echo("\n".join(told(found)))
    if not found:
        stop(NOTHING, "no row in force is in that figure")


def _traced(
    curated: Path, definition: Definition, period: str | None, calendar: str, place: str, breakdown: str
) -> list[Traced]:
    from pipelines.contracts import contracts
    from pipelines.inputs import of_programme
    from pipelines.trace import trace
    from pipelines.warehouse import FILE_NAME, open_warehouse
    from reports.edition import NoEdition

    if not (curated / FILE_NAME).exists():
        raise NoEdition(f"{curated}: nothing has been taken in here; run `esep run` first")
    with open_warehouse(curated) as con:
        inputs = of_programme(con, contracts(), period, key=b"")
        return trace(con, definition, _cell(definition, inputs, calendar, place.upper(), breakdown))


def _cell(definition: Definition, inputs: Inputs, calendar: str, place: str, breakdown: str) -> Cell:
    """The cell that is asked about; what is not there is a wrong command line."""
    from indicators.figures import REGION_TOTAL, TOTAL
    from pipelines.trace import Cell

    windows = {window.calendar: window for window in inputs.windows if window.period == inputs.period}
    if calendar not in windows:
        raise click.BadParameter(f"there is no calendar {calendar}; there are {', '.join(windows)}",
                                 param_hint="--calendar")  # fmt: skip
    places = (*inputs.places, REGION_TOTAL)
    if place not in places:
        raise click.BadParameter(f"there is no place {place}; there are {', '.join(places)}", param_hint="--place")
    name, _, category = breakdown.partition("=")
    if breakdown and (name not in definition.by or not category):
        there = ", ".join(f"{one}=..." for one in definition.by) or "none"
        raise click.BadParameter(f"{definition.code} has the breakdowns {there}", param_hint="--breakdown")
    return Cell(windows[calendar], place, name or TOTAL, category or TOTAL)
