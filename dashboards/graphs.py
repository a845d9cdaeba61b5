"""Who sends to whom, as a drawing: names on a circle and an arrow for each pair.

An arrow says its figure. One whose figure is hidden is dashed and says so; it is never left out, because what is
missing from a drawing looks like nothing. A pair with a zero has no arrow. Positions alone are numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import cos, hypot, pi, sin
from typing import Any

from dashboards.cells import Cell
from dashboards.charts import ACTUAL, FILL, INK, MUTED, TEMPLATE, in_lines

HEIGHT = "420px"
# Where an arrow begins and ends beside a name, how far from the one that comes back, what stands outside a name.
_NEAR, _ASIDE, _OUTSIDE = 0.27, 0.06, 0.26
_EDGE, _MARGIN = 1.5, 0.42  # how far the drawing reaches beyond the outermost names
_AT = 0.42  # part of the way at which an arrow says its figure: two that meet do not write over each other


@dataclass(frozen=True)
class Arrow:
    """One pair: codes of both ends, its figure, and what stands at it (the number, or the mark in its place)."""

    sender: str
    receiver: str
    cell: Cell
    words: str

    @property
    def is_drawn(self) -> bool:
        """Whether there is something between the two, or something hidden."""
        return not self.cell.is_shown or bool(self.cell.number)


Point = tuple[float, float]


def graph(names: Mapping[str, str], arrows: list[Arrow]) -> dict[str, Any]:
    """The drawing as a plain dictionary; `names` by code, in the order of the circle."""
    places = _circle(list(names))
    drawn = [arrow for arrow in arrows if arrow.is_drawn and arrow.sender in places and arrow.receiver in places]
    between = [arrow for arrow in drawn if arrow.sender != arrow.receiver]
    within = [arrow for arrow in drawn if arrow.sender == arrow.receiver]
    points = list(places.values())
    # The names stand over these points, so that a reader's own tools find something where they are.
    nodes = {
        "type": "scatter",
        "mode": "markers",
        "x": [x for x, _ in points],
        "y": [y for _, y in points],
        "marker": {"size": 8, "color": ACTUAL},
        "cliponaxis": False,
    }
    axis: dict[str, Any] = {"visible": False, "fixedrange": True}
    heights = [y for _, y in points] or [0.0]
    return {
        "data": [nodes],
        "layout": {
            "template": TEMPLATE,
            "margin": {"l": 4, "r": 4, "t": 4, "b": 4},
            "xaxis": {**axis, "range": [-_EDGE, _EDGE]},
            "yaxis": {**axis, "range": [_round(min(heights) - _MARGIN), _round(max(heights) + _MARGIN)]},
            "shapes": [_line(places, arrow) for arrow in between],
            "annotations": [
                *(part for arrow in between for part in _tip_and_words(places, arrow)),
                *(_name(places[code], name) for code, name in names.items()),
                *(_within(places, arrow) for arrow in within),
            ],
        },
    }


def _circle(codes: list[str]) -> dict[str, Point]:
    """The first at the top, the others clockwise."""
    steps = max(len(codes), 1)
    turned = {code: pi / 2 - 2 * pi * place / steps for place, code in enumerate(codes)}
    return {code: (_round(cos(angle)), _round(sin(angle))) for code, angle in turned.items()}


def _ends(places: Mapping[str, Point], arrow: Arrow) -> tuple[Point, Point]:
    """Where an arrow begins and ends: beside the names, and to its own right of the straight line."""
    (x0, y0), (x1, y1) = places[arrow.sender], places[arrow.receiver]
    length = hypot(x1 - x0, y1 - y0)
    right, ahead = ((y1 - y0) / length, (x0 - x1) / length), ((x1 - x0) / length, (y1 - y0) / length)
    start = (x0 + ahead[0] * _NEAR + right[0] * _ASIDE, y0 + ahead[1] * _NEAR + right[1] * _ASIDE)
    end = (x1 - ahead[0] * _NEAR + right[0] * _ASIDE, y1 - ahead[1] * _NEAR + right[1] * _ASIDE)
    return start, end


def _line(places: Mapping[str, Point], arrow: Arrow) -> dict[str, Any]:
    start, end = _ends(places, arrow)
    ends = {"x0": _round(start[0]), "y0": _round(start[1]), "x1": _round(end[0]), "y1": _round(end[1])}
    dash = "solid" if arrow.cell.is_shown else "dot"
    return {"type": "line", **ends, "line": {"color": _colour(arrow), "width": 2, "dash": dash}}


def _tip_and_words(places: Mapping[str, Point], arrow: Arrow) -> Iterator[dict[str, Any]]:
    (x0, y0), (x1, y1) = _ends(places, arrow)
    before = (x1 - (x1 - x0) * 0.06, y1 - (y1 - y0) * 0.06)
    ends = {"x": _round(x1), "y": _round(y1), "ax": _round(before[0]), "ay": _round(before[1])}
    tip = {"showarrow": True, "arrowhead": 2, "arrowsize": 1.2, "arrowwidth": 2, "arrowcolor": _colour(arrow)}
    yield {**ends, "axref": "x", "ayref": "y", "text": "", **tip}
    yield _said(arrow, x0 + (x1 - x0) * _AT, y0 + (y1 - y0) * _AT)


def _within(places: Mapping[str, Point], arrow: Arrow) -> dict[str, Any]:
    """A pair of two of a kind is written on the outer side of their name, where no arrow leads."""
    x, y = places[arrow.sender]
    said = _said(arrow, x, y + (_OUTSIDE if y >= 0 else -_OUTSIDE))
    return {**said, "text": f"↻ {said['text']}"}


def _name(at: Point, name: str) -> dict[str, Any]:
    return {"x": at[0], "y": at[1], "text": f"<b>{name}</b>", "showarrow": False, "bgcolor": FILL, "borderpad": 6,
            "bordercolor": ACTUAL, "borderwidth": 1, "font": {"size": 14, "color": INK}}  # fmt: skip


def _said(arrow: Arrow, x: float, y: float) -> dict[str, Any]:
    words = in_lines(arrow.words)
    weight = f"<b>{words}</b>" if arrow.cell.is_shown else words
    return {"x": _round(x), "y": _round(y), "text": weight, "showarrow": False, "bgcolor": "rgba(255,255,255,0.9)",
            "font": {"size": 13, "color": INK if arrow.cell.is_shown else MUTED}}  # fmt: skip


def _colour(arrow: Arrow) -> str:
    return ACTUAL if arrow.cell.is_shown else MUTED


def _round(number: float) -> float:
    """The same bytes on every machine."""
    return round(number, 3) + 0.0
