"""`make bench`: what a run costs against the libraries it cannot do without.

Seconds differ from machine to machine and from hour to hour, so every figure is a ratio of two
commands measured one after the other. `--check` fails when a ratio is above its limit.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from benchmarks.bare_workbooks import command, remember
from benchmarks.clock import Cost, cost_of, nothing
from benchmarks.counting import counting_table
from benchmarks.intake import LARGE, SMALL, intake_table
from benchmarks.libraries import floor_of
from benchmarks.protection import protection_table

# How many times the cost of the bare library all files of all donors may have.
EXPORT_LIMITS = {"xlsxwriter": 12.0, "openpyxl": 8.0}
ESEP = str(Path(sys.executable).with_name("esep"))


@dataclass(frozen=True)
class Race:
    """A command of ours, the command it is held against, and how many times its cost it may have."""

    name: str
    ours: list[str]
    floor: list[str]
    limit: float | None
    prepare: Callable[[], None] = nothing


@dataclass(frozen=True)
class Outcome:
    """Both costs of a race."""

    race: Race
    ours: Cost
    floor: Cost

    @property
    def cpu(self) -> float:
        """Ratio of the processor seconds."""
        return self.ours.cpu / self.floor.cpu

    @property
    def is_within(self) -> bool:
        """Whether the processor ratio keeps to its limit; the clock of a busy machine says less."""
        return self.race.limit is None or self.cpu <= self.race.limit


@click.command()
@click.option("--check", is_flag=True, help="Fail when a ratio is above its limit.")
@click.option("--runs", default=5, show_default=True, help="Runs of each command; the median counts.")
@click.option(
    "--large", is_flag=True, help="Take in 2 million rows, count 20 million, protect 40,000 cells instead; hours."
)
def main(check: bool, runs: int, large: bool) -> None:
    """Measure esep against the imports it needs; intake, counting and protection against other ways to do them."""
    if large:
        _echo(intake_table(LARGE))
        click.echo()
        _echo(counting_table(("M", "L")))
        click.echo()
        _echo(protection_table((10_000, 40_000)))
        return
    outcomes = _races(runs)
    click.echo()
    _echo(intake_table(SMALL, runs=1))
    click.echo()
    _echo(counting_table(("S", "M")))
    click.echo()
    _echo(protection_table((100, 1_000)))
    if check and not all(outcome.is_within for outcome in outcomes):
        raise SystemExit(1)


def _races(runs: int) -> list[Outcome]:
    click.echo(f"{'':36}{'ours':>14}{'floor':>14}{'wall':>8}{'cpu':>8}{'limit':>8}")
    click.echo(f"{'':36}{'wall / cpu s':>14}{'wall / cpu s':>14}{'x':>8}{'x':>8}{'x':>8}")
    outcomes = []
    with tempfile.TemporaryDirectory() as folder:
        for race in races(Path(folder)):
            outcomes.append(measure(race, runs))
            click.echo(line(outcomes[-1]))
    return outcomes


def _echo(lines: Iterable[str]) -> None:
    for text in lines:
        click.echo(text)


def races(folder: Path) -> Iterator[Race]:
    """The races, on a store of their own that a first run has filled."""
    curated = folder / "curated"
    run = ["run", "--curated", str(curated), "--out", str(folder / "out")]
    first_floor = floor_of(run)
    yield Race("esep --help", [ESEP, "--help"], _imports("click"), 3)
    yield Race("esep run, nothing new", [ESEP, *run], floor_of(run), 4)
    publish = ["publish", "--curated", str(curated)]
    yield Race(
        "esep publish, a new edition", [ESEP, *publish], _imports("duckdb"), 12, lambda: _remove(curated / "editions")
    )
    yield from _exports(folder, curated)
    yield Race("esep run, every file new", [ESEP, *run], first_floor, None, lambda: _remove(curated))


def _exports(folder: Path, curated: Path) -> Iterator[Race]:
    """Every donor's files of a quarter in both languages, beside a bare writing of the cells of the workbooks alone."""
    books, cells = folder / "books", folder / "cells.json"
    export = [ESEP, "export", "--curated", str(curated), "--to", str(books)]
    cost_of(export, 1)
    remember(sorted(books.glob("*.xlsx")), cells)
    for library, limit in EXPORT_LIMITS.items():
        yield Race(f"esep export, beside {library} alone", export, command(library, cells), limit)


def measure(race: Race, runs: int) -> Outcome:
    """Both sides of a race, the floor first."""
    floor = cost_of(race.floor, runs)
    return Outcome(race, cost_of(race.ours, runs, race.prepare), floor)


def line(o: Outcome) -> str:
    """An outcome as a line of the table."""
    seconds = [f"{cost.wall:.2f} / {cost.cpu:.2f}" for cost in (o.ours, o.floor)]
    limit = "" if o.race.limit is None else f"{o.race.limit:.0f}"
    ratios = f"{o.ours.wall / o.floor.wall:8.1f}{o.cpu:8.1f}{limit:>8}"
    return f"{o.race.name:36}{seconds[0]:>14}{seconds[1]:>14}{ratios}" + ("" if o.is_within else "  above")


def _imports(library: str) -> list[str]:
    return [sys.executable, "-c", f"import {library}"]


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
