"""Charts as plain dictionaries over one template: no chart library runs on the server.

Every chart shows texts made by the one formatter; its numbers are only positions. A figure that
has no number is a word on the axis, never a bar of height zero. Titles are always
`{"text": ...}`: the browser's library silently drops a plain string.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from dashboards.cells import Cell
from dashboards.texts import text

FONT = '"Segoe UI", "Source Sans 3", "Noto Sans", "Liberation Sans", Arial, sans-serif'
INK, MUTED, ACTUAL, FILL, TARGET = "#1f2a33", "#4d5b66", "#005f73", "#b9d9de", "#7a4b00"

# The library's own buttons are off: one of them would offer to upload the chart to a server.
CONFIG = {"displayModeBar": False, "showSendToCloud": False, "plotlyServerURL": "", "responsive": True}

HEIGHT = "340px"

TEMPLATE: dict[str, Any] = {
    "layout": {
        "font": {"family": FONT, "size": 14, "color": INK},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 8, "r": 8, "t": 16, "b": 56},
        "xaxis": {"showgrid": False, "linecolor": MUTED, "automargin": True, "fixedrange": True},
        "yaxis": {"zeroline": False, "fixedrange": True},
        "hovermode": False,
        "showlegend": False,
        "bargap": 0.5,
    }
}


def over_time(points: dict[str, Cell], language: str) -> dict[str, Any]:
    """Bars of the actual figures and a line for each target, oldest period first."""
    labels = {_under(label, cell): cell for label, cell in points.items()}
    goals = {n: cell for n, cell in enumerate(labels.values()) if cell.target_number is not None}
    return {
        "data": [
            _bars({label: cell for label, cell in labels.items() if cell.is_shown}),
            _words({label: cell for label, cell in labels.items() if not cell.is_shown}),
        ],
        "layout": {
            "template": TEMPLATE,
            "xaxis": {"categoryorder": "array", "categoryarray": list(labels), "type": "category"},
            "yaxis": _value_axis(list(labels.values())),
            **_goals(goals, language),
        },
    }


def _under(label: str, cell: Cell) -> str:
    """What stands under a bar: the period, and the offices where some are missing from it."""
    return "<br>".join([label.replace(" (", "<br>("), *([] if cell.is_complete else [f"<b>{cell.offices}</b>"])])


def _bars(cells: dict[str, Cell]) -> dict[str, Any]:
    return {
        "type": "bar",
        "x": list(cells),
        "y": [_position(cell.number) for cell in cells.values()],
        "text": [cell.value for cell in cells.values()],
        "textposition": "auto",
        "textangle": 0,
        "insidetextanchor": "start",
        "textfont": {"size": 18, "color": INK},
        "marker": {"color": FILL, "line": {"color": ACTUAL, "width": 2}},
    }


def _words(cells: dict[str, Cell]) -> dict[str, Any]:
    """The word in place of a number, on the axis where its bar would stand."""
    return {
        "type": "scatter",
        "mode": "text",
        "x": list(cells),
        "y": [0 for _ in cells],
        "text": [f"{cell.shape} {cell.word}" for cell in cells.values()],
        "textposition": "top center",
        "textfont": {"size": 14, "color": MUTED},
        "cliponaxis": False,
    }


def _goals(cells: dict[int, Cell], language: str) -> dict[str, Any]:
    """A line and its words for each period that has a target."""
    if not cells:
        return {}
    lines = [_goal(n, cell) for n, cell in cells.items()]
    return {"shapes": lines, "annotations": [_goal_words(n, cell, language) for n, cell in cells.items()]}


def _goal(n: int, cell: Cell) -> dict[str, Any]:
    """The target of the n-th period: a line wider than its bar, so that it is seen before and behind it."""
    height = _position(cell.target_number)
    line = {"color": TARGET, "width": 3, "dash": "solid"}
    return {"type": "line", "x0": n - 0.45, "x1": n + 0.45, "y0": height, "y1": height, "line": line}


def _goal_words(n: int, cell: Cell, language: str) -> dict[str, Any]:
    return {
        "x": n + 0.45,
        "y": _position(cell.target_number),
        "text": f"{text('target', language)} {cell.target}",
        "font": {"color": TARGET, "size": 14},
        "xanchor": "right",
        "yanchor": "bottom",
        "showarrow": False,
        "bgcolor": "rgba(255,255,255,0.8)",
    }


def _value_axis(cells: list[Cell]) -> dict[str, Any]:
    """From zero to a little above the highest, so that the top text is not cut. Every bar says its number."""
    heights = [n for cell in cells for n in (cell.number, cell.target_number) if n is not None]
    top = max([*heights, Decimal(0)]) or Decimal(1)
    return {"range": [0, _position(top * Decimal("1.15"))], "showticklabels": False, "showgrid": False}


def _position(number: Decimal | None) -> float | None:
    """Where a number lies on an axis; never printed."""
    return None if number is None else float(number)
