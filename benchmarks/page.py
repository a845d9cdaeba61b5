"""`docs/benchmarks.md`: what the last measurements printed, and how costs grow with the rows as a drawing."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from math import ceil, floor, log10
from pathlib import Path

Scale = Callable[[float], float]
Points = Mapping[str, Mapping[int, float]]  # processor seconds by the number of rows or cells, for each way

_WIDTH, _HEIGHT, _LEFT, _TOP, _LEGEND = 640, 360, 60, 20, 190
_COLOURS = ("#005f73", "#ae2012", "#94670a", "#3d348b", "#588157", "#6c757d", "#bb3e03", "#0a9396")
# What the cost of each grows with.
GROWS = {"counting": "rows", "protection": "cells"}
_HEAD = """# Benchmarks

Written by `make bench ARGS="--write docs/benchmarks.md"`, and by the same with `--large`: nothing here was typed in.
Seconds differ from machine to machine; what counts are the ratios to named others, measured in the same run. A line
that ends in "above" has missed its limit.
"""


def write_page(page: Path, part: str, tables: Sequence[Sequence[str]], drawings: Mapping[str, Points]) -> None:
    """Put the lines of the tables into a part of the page (`small` or `large`), leaving the other as it is.

    Each drawing has the name of what grows: `counting` with its rows, `protection` with its cells.
    """
    said = page.read_text(encoding="utf-8") if page.exists() else _HEAD
    begin, end = f"<!-- {part} -->\n", f"<!-- end of {part} -->\n"
    if begin not in said:
        said += f"\n{begin}{end}"
    blocks = "\n".join(f"```text\n{chr(10).join(table)}\n```\n" for table in tables)
    drawn = "".join(_image(page, part, name, points) for name, points in drawings.items() if points)
    heading = {"small": "## `make bench`", "large": "## `make bench ARGS=--large`"}[part]
    inside = f"{heading}\n\nMeasured on {machine()}.\n\n{blocks}{drawn}"
    before, _, rest = said.partition(begin)
    page.write_text(before + begin + inside + end + rest.partition(end)[2], encoding="utf-8")


def _image(page: Path, part: str, name: str, points: Points) -> str:
    """Write a drawing beside the page, and say it."""
    image = page.parent / "images" / f"{name}-{part}.svg"
    image.parent.mkdir(exist_ok=True)
    image.write_text(drawing(points), encoding="utf-8")
    return (
        f"\nProcessor seconds of {name} by the number of {GROWS[name]}, both axes by powers of ten:\n\n"
        f"![{name.capitalize()}](images/{image.name})\n"
    )


def machine() -> str:
    """What this machine is, without its name, and what else it had to do: a load of 1 is our own."""
    load = os.getloadavg()[-1]
    return f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}, at a load of {load:.1f}"


def drawing(points: Points) -> str:
    """The points as lines of an SVG, both axes by powers of ten; a way with one size is a dot."""
    sizes = [rows for way in points.values() for rows in way if rows]
    costs = [cost for way in points.values() for cost in way.values() if cost > 0]
    low, high = floor(log10(min(sizes))), ceil(log10(max(sizes)))
    cheap, dear = floor(log10(min(costs))), ceil(log10(max(costs)))

    def x(rows: float) -> float:
        return _LEFT + (log10(rows) - low) / max(high - low, 1) * (_WIDTH - _LEFT - _LEGEND)

    def y(cost: float) -> float:
        return _HEIGHT - 40 - (log10(cost) - cheap) / max(dear - cheap, 1) * (_HEIGHT - 60 - _TOP)

    parts = [*_axes(range(low, high + 1), range(cheap, dear + 1), x, y)]
    for number, (way, cost_of) in enumerate(sorted(points.items())):
        colour, known = _COLOURS[number % len(_COLOURS)], sorted((r, c) for r, c in cost_of.items() if r and c > 0)
        places = " ".join(f"{x(rows):.0f},{y(cost):.0f}" for rows, cost in known)
        dots = "".join(f'<circle cx="{x(r):.0f}" cy="{y(c):.0f}" r="3" fill="{colour}"/>' for r, c in known)
        parts.append(f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="2"/>{dots}')
        line = _TOP + 18 * number
        parts.append(f'<text x="{_WIDTH - _LEGEND + 24}" y="{line + 4}" fill="{colour}">{escape(way)}</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
        f' font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>'
        f"{''.join(parts)}</svg>\n"
    )


def _axes(rows: Iterable[int], costs: Iterable[int], x: Scale, y: Scale) -> Iterable[str]:
    for power in rows:
        at = x(10**power)
        yield f'<line x1="{at:.0f}" y1="{_TOP}" x2="{at:.0f}" y2="{_HEIGHT - 40}" stroke="#ddd"/>'
        yield f'<text x="{at:.0f}" y="{_HEIGHT - 22}" text-anchor="middle">{10**power:,}</text>'
    for power in costs:
        at = y(10.0**power)
        yield f'<line x1="{_LEFT}" y1="{at:.0f}" x2="{_WIDTH - _LEGEND}" y2="{at:.0f}" stroke="#ddd"/>'
        yield f'<text x="{_LEFT - 6}" y="{at + 4:.0f}" text-anchor="end">{10.0**power:g} s</text>'
