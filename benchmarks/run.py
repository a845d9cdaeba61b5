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
from benchmarks.dashboard import DashboardBench, dashboard_bench
from benchmarks.engines import engines_table, installed
from benchmarks.intake import LARGE, SMALL, intake_table
from benchmarks.libraries import floor_of
from benchmarks.page import GROWS, write_page
from benchmarks.protection import protection_table
from benchmarks.region import region_table

# How many times the cost of the bare library all files of all donors may have: workbooks, and Word files, PDFs and
# files for machines, of which the library writes none. And how many processor seconds, on whichever machine.
EXPORT_LIMITS = {"xlsxwriter": 18.0, "openpyxl": 10.0}
EXPORT_SECONDS = 15.0
# No library does what publishing does (counting, protecting, and attacking what was written): a limit of its own.
PUBLISH_SECONDS = 45.0
ESEP = str(Path(sys.executable).with_name("esep"))


@dataclass(frozen=True)
class Race:
    """A command of ours, the command it is held against, and how many times its cost it may have."""

    name: str
    ours: list[str]
    floor: list[str]
    limit: float | None
    prepare: Callable[[], None] = nothing
    seconds: float | None = None  # of the processor, at most


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
        """Whether the processor ratio and seconds keep to their limits; the clock of a busy machine says less."""
        too_long = self.race.seconds is not None and self.ours.cpu > self.race.seconds
        return not too_long and (self.race.limit is None or self.cpu <= self.race.limit)


@click.command()
@click.option("--check", is_flag=True, help="Fail when a ratio is above its limit.")
@click.option("--runs", default=5, show_default=True, help="Runs of each command; the median counts.")
@click.option(
    "--large",
    is_flag=True,
    help="Take in 2 million rows, count 20 million, protect 40,000 cells and a region instead; hours.",
)
@click.option("--write", "page", type=click.Path(path_type=Path), help="Also put what is printed into this page.")
def main(check: bool, runs: int, large: bool, page: Path | None) -> None:
    """Measure esep against the imports it needs, its steps against other ways to do them, and the dashboard."""
    points: dict[str, dict[str, dict[int, float]]] = {name: {} for name in GROWS}
    outcomes: list[Outcome] = []
    dashboard: list[DashboardBench] = []
    tables = _large(points) if large else _small(runs, points, outcomes, dashboard)
    said = [_echo(table) for table in tables]
    if page is not None:
        write_page(page, "large" if large else "small", said, points)
    if check and not (all(one.is_within for one in outcomes) and all(one.is_within for one in dashboard)):
        raise SystemExit(1)


def _large(points: dict[str, dict[str, dict[int, float]]]) -> Iterator[Iterable[str]]:
    yield intake_table(LARGE)
    yield counting_table(("M", "L"), points=points["counting"])
    yield engines_table(("M", "L"), installed())
    yield protection_table((10_000, 40_000), points=points["protection"])
    yield region_table()


def _small(
    runs: int,
    points: dict[str, dict[str, dict[int, float]]],
    outcomes: list[Outcome],
    dashboard: list[DashboardBench],
) -> Iterator[Iterable[str]]:
    yield _races(runs, outcomes)
    yield intake_table(SMALL, runs=1)
    yield counting_table(("S", "M"), points=points["counting"])
    yield protection_table((100, 1_000), points=points["protection"])
    dashboard.append(dashboard_bench())
    yield dashboard[0].lines


def _races(runs: int, outcomes: list[Outcome]) -> Iterator[str]:
    yield f"{'':36}{'ours':>14}{'floor':>14}{'wall':>8}{'cpu':>8}{'limit':>8}"
    yield f"{'':36}{'wall / cpu s':>14}{'wall / cpu s':>14}{'x':>8}{'x':>8}{'x':>8}"
    with tempfile.TemporaryDirectory() as folder:
        for race in races(Path(folder)):
            outcomes.append(measure(race, runs))
            yield line(outcomes[-1])


def _echo(lines: Iterable[str]) -> list[str]:
    """Print each line when it comes, and an empty one at the end."""
    said = []
    for text in lines:
        click.echo(text)
        said.append(text)
    click.echo()
    return said


def races(folder: Path) -> Iterator[Race]:
    """The races, on a store of their own that a first run has filled."""
    curated = folder / "curated"
    run = ["run", "--curated", str(curated), "--out", str(folder / "out")]
    first_floor = floor_of(run)
    yield Race("esep --help", [ESEP, "--help"], _imports("click"), 3)
    # It writes the donors' files anew, whatever lies there: most of what it costs is the export below.
    yield Race("esep run, nothing new", [ESEP, *run], floor_of(run), 10)
    publish = ["publish", "--curated", str(curated)]
    yield Race(
        "esep publish, a new edition", [ESEP, *publish], _imports("duckdb"), None,
        lambda: _remove(curated / "editions"), PUBLISH_SECONDS,
    )  # fmt: skip
    yield from _exports(folder, curated)
    yield Race("esep run, every file new", [ESEP, *run], first_floor, None, lambda: _remove(curated))


def _exports(folder: Path, curated: Path) -> Iterator[Race]:
    """Every donor's files of a quarter in both languages, beside a bare writing of the cells of the workbooks alone."""
    books, cells = folder / "books", folder / "cells.json"
    export = [ESEP, "export", "--curated", str(curated), "--to", str(books)]
    cost_of(export, 1)
    remember(sorted(books.glob("*.xlsx")), cells)
    for library, limit in EXPORT_LIMITS.items():
        name = f"esep export, beside {library} alone"
        yield Race(name, export, command(library, cells), limit, seconds=EXPORT_SECONDS)


def measure(race: Race, runs: int) -> Outcome:
    """Both sides of a race, the floor first."""
    floor = cost_of(race.floor, runs)
    return Outcome(race, cost_of(race.ours, runs, race.prepare), floor)


def line(o: Outcome) -> str:
    """An outcome as a line of the table."""
    seconds = [f"{cost.wall:.2f} / {cost.cpu:.2f}" for cost in (o.ours, o.floor)]
    limit = "" if o.race.limit is None else f"{o.race.limit:.0f}"
    limit = f"{o.race.seconds:.0f} s" if not limit and o.race.seconds is not None else limit
    ratios = f"{o.ours.wall / o.floor.wall:8.1f}{o.cpu:8.1f}{limit:>8}"
    return f"{o.race.name:36}{seconds[0]:>14}{seconds[1]:>14}{ratios}" + ("" if o.is_within else "  above")


def _imports(library: str) -> list[str]:
    return [sys.executable, "-c", f"import {library}"]


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
