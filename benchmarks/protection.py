"""What hiding small counts loses, how well it hides them and what it costs, beside other ways to do it.

Every way hides the small counts of the same made-up tables in a process of its own; another process then attacks
what is left. A way that takes longer than the limit is ended, and the table says so.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import click

from benchmarks.clock import measured
from benchmarks.generated_tables import SHAPES
from benchmarks.protection_ways import STEPS
from benchmarks.suppressors import WAYS, why_not

OURS = "esep"
MEANS = (3.0, 8.0)
LIMIT = 600.0
# How long the attack on our own pattern may take, in seconds, at the size it is stated for.
ATTACK_SIZE, ATTACK_AIM = 10_000, 60.0

Said = Mapping[str, Any]


def protection_table(
    sizes: Sequence[int],
    ways: Sequence[str] = tuple(WAYS),
    means: Sequence[float] = MEANS,
    limit: float = LIMIT,
    points: dict[str, dict[int, float]] | None = None,
) -> Iterator[str]:
    """The lines of the table: for each size and mean every way, then how its cost grows with the number of cells.

    `points` is filled with the processor seconds of each way by the number of cells.
    """
    seconds: dict[tuple[str, float], dict[int, float]] = {}
    for size in sizes:
        for mean in means:
            yield _head(size, mean)
            for way in ways:
                if (missing := why_not(way)) is not None:
                    yield f"{way:20}{missing}"
                    continue
                found = _measure(way, size, mean, limit)
                yield _line(way, found)
                if isinstance(hidden := found[0], Mapping):
                    seconds.setdefault((way, mean), {})[hidden["cells"]] = hidden["cpu"]
                    if way == OURS and size == ATTACK_SIZE:
                        yield _attack_line(found[1], found[2])
    if points is not None:
        points.update({f"{way}, mean {mean:.0f}": found for (way, mean), found in seconds.items()})
    yield from _growth(seconds)


def _measure(way: str, size: int, mean: float, limit: float) -> list[Said | str]:
    """What each step says of itself, or why it and those after it say nothing."""
    found: list[Said | str] = []
    with tempfile.TemporaryDirectory() as folder:
        for step in STEPS:
            if step != STEPS[0] and isinstance(found[0], str):
                found.append(found[0])
                continue
            command = [sys.executable, "-m", "benchmarks.protection_ways", step, way, str(size), str(mean)]
            try:
                found.append(measured([*command, f"{folder}/hidden.json"], limit).said)
            except subprocess.TimeoutExpired:
                found.append(f"ended after {limit:.0f} s")
            except subprocess.CalledProcessError:
                found.append("failed")
    return found


def _head(size: int, mean: float) -> str:
    name = f"{size:,} cells, mean {mean:.0f}"
    return (
        f"{name:20}{'small':>8}{'beside':>8}{'value':>9}{'found':>7}{'small':>7}"
        f"{'pinned':>8}{'narrow':>8}{'told':>6}{'of':>5}{'s':>9}{'attack s':>10}"
    )


def _line(way: str, found: Sequence[Said | str]) -> str:
    hidden, exact, narrow = found
    if isinstance(hidden, str):
        return f"{way:20}{hidden}"
    text = f"{way:20}{hidden['small']:8,}{hidden['secondary']:8,}{hidden['value']:9,}"
    text += f"{exact:>14}" if isinstance(exact, str) else f"{exact['exact']:7,}{exact['exact_small']:7,}"
    if isinstance(narrow, str):
        return f"{text}{narrow:>27}{hidden['seconds']:9.2f}"
    text += f"{narrow['pinned']:8}{narrow['narrow']:8}{narrow['narrow_when_told']:6}{narrow['looked_at']:5}"
    return f"{text}{hidden['seconds']:9.2f}{_attack_seconds(exact, narrow) or 0:10.1f}"


def _attack_seconds(exact: Said | str, narrow: Said | str) -> float | None:
    """Seconds of the equations and of the intervals of a reader who is told; nothing if one did not end."""
    if isinstance(exact, str) or isinstance(narrow, str):
        return None
    return float(exact["seconds"]) + float(narrow["seconds"])


def _attack_line(exact: Said | str, narrow: Said | str) -> str:
    taken = _attack_seconds(exact, narrow)
    said = "did not end" if taken is None else f"took {taken:.0f} s"
    above = taken is None or taken > ATTACK_AIM
    return f"  the attack {said}, aim {ATTACK_AIM:.0f} s" + (": above" if above else "")


def _growth(seconds: Mapping[tuple[str, float], Mapping[int, float]]) -> Iterator[str]:
    """How the cost of a cell grows from size to size: a ratio of 1 is linear, less is better."""
    for (way, mean), points in seconds.items():
        sizes = sorted(points)
        for small, large in pairwise(sizes):
            per_cell = (points[large] / large) / max(points[small] / small, 1e-9)
            yield f"  {way}, mean {mean:.0f}: from {small:,} to {large:,} a cell costs {per_cell:.1f} times as much"


@click.command()
@click.option("--size", "sizes", multiple=True, type=click.Choice(list(map(str, SHAPES))), default=("100", "1000"))
@click.option("--mean", "means", multiple=True, type=float, default=MEANS, show_default=True)
@click.option("--way", "ways", multiple=True, type=click.Choice(list(WAYS)), help="Only these ways.")
@click.option("--limit", default=LIMIT, show_default=True, help="End a way, or an attack, after so many seconds.")
def main(sizes: Sequence[str], means: Sequence[float], ways: Sequence[str], limit: float) -> None:
    """Measure protection by itself.

    The columns: small counts; others hidden beside them, and their sum; hidden counts that equations give away,
    and the small ones among them; small counts with one value only, and narrower than the policy allows, for a reader
    who knows nothing but that counts are whole and not negative; narrower for one who is told which are small; of
    how many looked at; seconds.
    """
    for text in protection_table([int(size) for size in sizes], ways or tuple(WAYS), means, limit):
        click.echo(text)


if __name__ == "__main__":
    main()
