"""What taking in files costs against reading the same files by other means, each in a process of its own.

Every ratio is of processes started one after another on the same files. The peers only read: they neither
check, nor say what is wrong in which row, nor store.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from benchmarks.clock import Measured, measured
from benchmarks.contestants import STEPS, WAYS
from benchmarks.office_files import write_files

SMALL, LARGE = 10_000, 2_000_000
_OURS, _PEER = "take in", "pandas read_csv"


def intake_table(rows: int, runs: int = 3) -> Iterator[str]:
    """The lines of the table for about so many rows: every way at its best, and where ours spends its time."""
    with tempfile.TemporaryDirectory() as folder:
        paths = write_files(Path(folder), rows)
        # One way after another, and again: what else the machine does falls on all of them.
        rounds = [{way: _measure(way, paths) for way in WAYS} for _ in range(runs)]
    best = {way: min((one[way] for one in rounds), key=lambda measured: measured.cpu) for way in WAYS}
    peer = best[_PEER]
    title = f"{best[_OURS].said['rows']:,.0f} rows"
    yield f"{title:36}{'wall / cpu s':>16}{'MiB':>8}{'wall':>8}{'cpu':>8}"
    for way, one in best.items():
        seconds = f"{one.wall:.1f} / {one.cpu:.1f}"
        yield f"{way:36}{seconds:>16}{one.peak:8.0f}{one.wall / peer.wall:7.1f}x{one.cpu / peer.cpu:7.1f}x"
    yield from _shares(best[_OURS])


def _shares(ours: Measured) -> Iterator[str]:
    """Each step's share of the processor's seconds; what is left over is starting Python and opening the store."""
    steps = {step: ours.said[step] for *_, step in STEPS}
    steps["everything else"] = ours.cpu - sum(steps.values())
    for step, seconds in steps.items():
        yield f"  {step:34}{seconds:16.1f}{100 * seconds / ours.cpu:7.0f}%"


def _measure(way: str, paths: Sequence[Path]) -> Measured:
    return measured([sys.executable, "-m", "benchmarks.contestants", way, *map(str, paths)])


@click.command()
@click.option("--rows", default=LARGE, show_default=True, help="About how many rows.")
@click.option("--runs", default=3, show_default=True, help="Runs of each way; the cheapest counts.")
def main(rows: int, runs: int) -> None:
    """Measure the intake of office files against pandas and DuckDB reading them."""
    for text in intake_table(rows, runs):
        click.echo(text)


if __name__ == "__main__":
    main()
