"""How many figures are in each state, by word and shape."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dash import html

from dashboards import parts
from dashboards.cells import GOOD, JUDGED, SHAPES, Cell, word
from dashboards.view import View


def answer(cells: Iterable[Cell], view: View) -> list[Any]:
    """Whether these indicators are on target, in a sentence; then how many are in each state and how many in none."""
    found = list(cells)
    judged = [one for one in found if one.is_judged]
    counts = {"good": str(sum(one.state in GOOD for one in judged)), "judged": str(len(judged))}
    sentence = view.say("headline" if judged else "headline_none", place=view.place, **counts)
    rest = view.say("headline_not_judged", count=str(len(found) - len(judged)))
    detail = [tally(found, view), html.Span(rest, className="small")]
    return [html.P(sentence, className="answer"), html.Div(detail, className="answer-detail")]


def tally(cells: Iterable[Cell], view: View) -> html.Ul:
    """How many of the figures are in each judged state."""
    found = list(cells)
    counts = {state: sum(one.state == state for one in found) for state in JUDGED}
    items = [
        html.Li(parts.shaped(SHAPES[state], f"{word(state, view.lang)}: {n}"), className=f"state {state}")
        for state, n in counts.items()
        if n
    ]
    return html.Ul(items, className="tally")


def judged_here(cells: Iterable[Cell]) -> bool:
    """Whether any of the figures can be judged."""
    return any(one.is_judged for one in cells)
