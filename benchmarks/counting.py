"""What counting the whole catalogue costs, against touching the columns once and against other ways to count.

Every way runs in a process of its own over the same made-up facts, one after another; costs are of the whole
process. The floor is what a process pays to open the facts and touch each needed column once.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import click

from benchmarks.clock import Measured, measured
from benchmarks.counting_ways import prepare
from benchmarks.dbt_peer import dbt_program
from benchmarks.page import drawing

SIZES = {"S": 5_000, "M": 1_000_000, "L": 20_000_000}
_START, _FLOOR, _OURS, _SUM, _PANDAS = "import duckdb", "touch each needed column", "esep", "esep, check sum", "pandas"
_DBT = "dbt-duckdb"
_PEERS = {"wide COUNT(DISTINCT)": "duckdb", "polars": "polars", _DBT: _DBT, _PANDAS: "pandas"}
# What counting may cost: at S in units of `import duckdb`, otherwise of the floor.
LIMITS = {"S": 2.0, "M": 4.0, "L": 25.0}


def counting_table(
    sizes: Sequence[str], peers: bool = True, points: dict[str, dict[int, float]] | None = None
) -> Iterator[str]:
    """The lines of the table: for each size every way, in seconds and as a ratio to the floor.

    `points` is filled with the processor seconds of each way by the number of rows.
    """
    ours: dict[str, Measured] = {}
    rows: dict[str, int] = {}
    points = {} if points is None else points
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            rows[size] = prepare(Path(folder), SIZES[size], with_parquet=peers)
            found = {way: _measure(way, Path(folder)) for way in (_START, _FLOOR, _OURS)}
            ours[size] = found[_OURS]
            yield from _lines(size, rows[size], found)
            yield _same(Path(folder))
            for way in _PEERS if peers else ():
                if (why_not := _left_out(way, size)) is not None:
                    yield f"{way:36}{why_not}"
                else:
                    found[way] = _measure(way, Path(folder))
                    yield _line(way, found[way], found[_FLOOR])
            for way, one in found.items():
                points.setdefault(way, {})[rows[size]] = one.cpu
    yield from _growth(rows, ours)


def _lines(size: str, rows: int, found: dict[str, Measured]) -> Iterator[str]:
    floor = found[_FLOOR]
    yield f"{f'{size}: {rows:,} rows':36}{'wall / cpu s':>16}{'MiB':>8}{'cpu':>9}"
    for way, one in found.items():
        yield _line(way, one, floor)
    against = found[_START] if size == "S" else floor
    ratio = found[_OURS].cpu / against.cpu
    name = _START if size == "S" else "the floor"
    yield f"  {ratio:.1f} times {name}, aim {LIMITS[size]:.0f}" + ("" if ratio <= LIMITS[size] else ": above")


def _line(way: str, one: Measured, floor: Measured) -> str:
    seconds = f"{one.wall:.1f} / {one.cpu:.1f}"
    return f"{way:36}{seconds:>16}{one.peak:8.0f}{one.cpu / floor.cpu:8.1f}x"


def _left_out(way: str, size: str) -> str | None:
    """Why a peer does not run."""
    if dbt_program() is None if way == _DBT else find_spec(_PEERS[way]) is None:
        own = ", in an environment of its own that ESEP_DBT names" if way == _DBT else ""
        return f"not installed here: pip install {_PEERS[way]}{own}"
    return "not at this size" if way == _PANDAS and size == "L" else None


def _same(folder: Path) -> str:
    """Whether one thread and two count the same, to the last cell."""
    one, two = (_measure(_SUM, folder, threads).said["digest"] for threads in (1, 2))
    return f"  {'the same' if one == two else 'NOT THE SAME'} cells with one thread and with two"


def _growth(rows: dict[str, int], ours: dict[str, Measured]) -> Iterator[str]:
    """How the cost of a row grows from size to size: a ratio of 1 is linear, less is better."""
    for small, large in zip(list(rows)[:-1], list(rows)[1:], strict=True):
        per_row = (ours[large].cpu / rows[large]) / (ours[small].cpu / rows[small])
        yield f"  from {small} to {large} a row costs {per_row:.2f} times as much"


def _measure(way: str, folder: Path, threads: int = 2) -> Measured:
    return measured([sys.executable, "-m", "benchmarks.counting_ways", way, str(folder), str(threads)])


@click.command()
@click.option("--size", "sizes", multiple=True, type=click.Choice(list(SIZES)), default=("S", "M"), show_default=True)
@click.option("--peers/--no-peers", default=True, help="Also count by other means, which takes minutes.")
@click.option("--plot", type=click.Path(path_type=Path), help="Write how costs grow with the rows as an SVG.")
def main(sizes: Sequence[str], peers: bool, plot: Path | None) -> None:
    """Measure counting by itself."""
    points: dict[str, dict[int, float]] = {}
    for text in counting_table(sizes, peers, points):
        click.echo(text)
    if plot is not None:
        plot.write_text(drawing(points), encoding="utf-8")


if __name__ == "__main__":
    main()
