"""Charts as plain dictionaries over one template: no chart library runs on the server.

Every chart shows texts made by the one formatter; its numbers are only positions. A figure that
has no number is a word on the axis, never a bar of height zero. Titles are always
`{"text": ...}`: the browser's library silently drops a plain string.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from dashboards.cells import Cell
from dashboards.texts import text

FONT = '"Segoe UI", "Source Sans 3", "Noto Sans", "Liberation Sans", Arial, sans-serif'
INK, MUTED, ACTUAL, FILL, TARGET = "#1f2a33", "#4d5b66", "#005f73", "#b9d9de", "#7a4b00"

# Of the library's own buttons only the one that saves a picture: another would offer to upload the chart to a server.
CONFIG: dict[str, Any] = {
    "displayModeBar": True,
    "displaylogo": False,
    "modeBarButtons": [["toImage"]],
    "showSendToCloud": False,
    "plotlyServerURL": "",
    "responsive": True,
}

HEIGHT = "340px"
BAR, LINE, EDGES = 34, 19, 26  # pixels of a bar and the room below it, of a line of words, of the chart's edges
NARROW = 30  # letters of a line that the narrowest screen has room for, in a wide font (DejaVu) too

TEMPLATE: dict[str, Any] = {
    "layout": {
        "font": {"family": FONT, "size": 14, "color": INK},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 8, "r": 8, "t": 36, "b": 56},
        "xaxis": {"showgrid": False, "linecolor": MUTED, "automargin": True, "fixedrange": True},
        "yaxis": {"zeroline": False, "fixedrange": True},
        "hovermode": False,
        "showlegend": False,
        "bargap": 0.5,
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": MUTED, "activecolor": ACTUAL},
    }
}


def config(language: str) -> dict[str, Any]:
    """The settings of every chart, its one button in the reader's language."""
    words = {"Download plot as a PNG": text("save_picture", language), "Download plot": text("save_picture", language)}
    locales = {language: {"dictionary": words, "format": {}}}
    return {**CONFIG, "locale": language, "locales": locales}


def height_of(points: Mapping[str, Cell], language: str) -> str:
    """How high the chart of these categories must be for its words."""
    return f"{max(len(points), 2) * _row(points, language) + EDGES}px"


def by_category(points: Mapping[str, Cell], language: str) -> dict[str, Any]:
    """A bar for each category, lying, under its words; a mark where it has a target. First category on top."""
    entries = list(points.items())
    widest = max([n for _, c in entries for n in (c.number, c.target_number) if n is not None] or [Decimal(0)])
    top = _position((widest or Decimal(1)) * Decimal("1.02"))
    shown = [(place, cell) for place, (_, cell) in enumerate(entries) if cell.is_shown]
    goals = [(place, cell) for place, (_, cell) in enumerate(entries) if cell.target_number is not None]
    row = _row(points, language)
    half = 0.5 * 18 / row  # of a bar, as a part of its row
    words = [_bar_words(place - half, label, cell, language) for place, (label, cell) in enumerate(entries)]
    return {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "x": [_position(cell.number) for _, cell in shown],
                "y": [place for place, _ in shown],
                "width": 2 * half,
                "marker": {"color": FILL, "line": {"color": ACTUAL, "width": 1}},
            }
        ],
        "layout": {
            "template": TEMPLATE,
            "margin": {"l": 8, "r": 40, "t": 8, "b": 8},
            "xaxis": {"range": [0, top], "visible": False},
            "yaxis": {"range": [max(len(entries), 2) - 1 + half + 0.2, half - 1], "visible": False},
            "annotations": words,
            **({"shapes": [_mark(place, half, cell) for place, cell in goals]} if goals else {}),
        },
    }


def _row(points: Mapping[str, Cell], language: str) -> int:
    """Pixels from one bar to the next: as many lines as the longest words need."""
    lines = max((_said(label, cell, language).count("<br>") + 1 for label, cell in points.items()), default=1)
    return BAR + LINE * lines


def _said(label: str, cell: Cell, language: str) -> str:
    """What a bar is of and its number, or the word in its place, in lines that fit the narrowest screen."""
    value = cell.value if cell.is_shown else f"{cell.shape} {cell.word}"
    against = f", {text('target', language)} {cell.target}" if cell.target else ""
    words = textwrap.wrap(f"{label}: {value}{against}".replace("\u00a0", "\ue000"), NARROW, break_long_words=False)
    return "<br>".join(words).replace("\ue000", "\u00a0").replace(value, f"<b>{value}</b>" if cell.is_shown else value)


def _bar_words(y: float, label: str, cell: Cell, language: str) -> dict[str, Any]:
    """The words above a bar, at the left."""
    return {"xref": "paper", "x": 0, "y": y, "text": _said(label, cell, language), "showarrow": False,
            "xanchor": "left", "yanchor": "bottom", "align": "left", "font": {"size": 14, "color": INK}}  # fmt: skip


def _mark(place: int, half: float, cell: Cell) -> dict[str, Any]:
    at = _position(cell.target_number)
    line = {"color": TARGET, "width": 3}
    return {"type": "line", "x0": at, "x1": at, "y0": place - half, "y1": place + half, "line": line}


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
        "text": [in_lines(cell.value) for cell in cells.values()],
        "textposition": "auto",
        "textangle": 0,
        "insidetextanchor": "start",
        "textfont": {"size": 18, "color": INK},
        "marker": {"color": FILL, "line": {"color": ACTUAL, "width": 2}},
    }


def in_lines(value: str) -> str:
    """The value as a chart has room for it: of a share, the two numbers that it is of in a line below."""
    return re.sub(r"\s\(", "<br>(", value)


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
    return {"range": [0, _position(top * Decimal("1.25"))], "showticklabels": False, "showgrid": False}


def _position(number: Decimal | None) -> float | None:
    """Where a number lies on an axis; never printed."""
    return None if number is None else float(number)
