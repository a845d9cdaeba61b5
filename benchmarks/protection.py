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
from pathlib import Path
from typing import Any

import click

from benchmarks.clock import measured
from benchmarks.generated_tables import SHAPES
from benchmarks.suppressors import WAYS, why_not

OURS = "esep"
MEANS = (3.0, 8.0)
LIMIT = 600.0
# How long the attack on our own pattern may take, in seconds, at the size it is stated for.
ATTACK_SIZE, ATTACK_AIM = 10_000, 60.0

Said = Mapping[str, Any]


def protection_table(
    sizes: Sequence[int], ways: Sequence[str] = tuple(WAYS), means: Sequence[float] = MEANS, limit: float = LIMIT
) -> Iterator[str]:
    """The lines of the table: for each size and mean every way, then how its cost grows with the number of cells."""
    seconds: dict[tuple[str, float], dict[int, float]] = {}
    for size in sizes:
        for mean in means:
            yield _head(size, mean)
            for way in ways:
                if (missing := why_not(way)) is not None:
                    yield f"{way:20}{missing}"
                    continue
                with tempfile.TemporaryDirectory() as folder:
                    file = Path(folder) / "hidden.json"
                    hidden = _said("hide", way, size, mean, file, limit)
                    attacked = _said("attack", way, size, mean, file, limit) if hidden else None
                yield _line(way, hidden, attacked, limit)
                if hidden:
                    seconds.setdefault((way, mean), {})[hidden["cells"]] = hidden["cpu"]
                if way == OURS and size == ATTACK_SIZE and hidden:
                    yield _attack_line(attacked)
    yield from _growth(seconds)


def _said(step: str, way: str, size: int, mean: float, file: Path, limit: float) -> Said | None:
    """What the process says; nothing when it took too long."""
    command = [sys.executable, "-m", "benchmarks.protection_ways", step, way, str(size), str(mean), str(file)]
    try:
        return measured(command, limit).said
    except subprocess.TimeoutExpired:
        return None


def _head(size: int, mean: float) -> str:
    name = f"{size:,} cells, mean {mean:.0f}"
    return (
        f"{name:20}{'small':>8}{'beside':>8}{'value':>9}{'found':>7}{'small':>7}{'narrow':>8}{'told':>6}{'of':>5}"
        + (f"{'s':>9}{'attack s':>10}")
    )


def _line(way: str, hidden: Said | None, attacked: Said | None, limit: float) -> str:
    if hidden is None:
        return f"{way:20}ended after {limit:.0f} s"
    text = f"{way:20}{hidden['small']:8,}{hidden['secondary']:8,}{hidden['value']:9,}"
    if attacked is None:
        return f"{text}{f'attack ended after {limit:.0f} s':>33}{hidden['seconds']:9.2f}"
    text += f"{attacked['exact']:7,}{attacked['exact_small']:7,}"
    text += f"{attacked['narrow']:8}{attacked['narrow_when_told']:6}{attacked['looked_at']:5}"
    return f"{text}{hidden['seconds']:9.2f}{attacked['seconds']:10.1f}"


def _attack_line(attacked: Said | None) -> str:
    if attacked is None:
        return f"  the attack took longer than the limit, aim {ATTACK_AIM:.0f} s: above"
    taken = attacked["seconds"]
    return f"  the attack took {taken:.0f} s, aim {ATTACK_AIM:.0f} s" + ("" if taken <= ATTACK_AIM else ": above")


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
    and the small ones among them; small counts narrower than the policy allows, for a reader who knows nothing but
    that counts are not negative and for one who is told which are small, of those looked at; seconds.
    """
    for text in protection_table([int(size) for size in sizes], ways or tuple(WAYS), means, limit):
        click.echo(text)


if __name__ == "__main__":
    main()
