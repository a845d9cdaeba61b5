"""How a state is judged, and what stands in place of a number, in words."""

from __future__ import annotations

from collections.abc import Iterable

from dash import html

from dashboards.cells import SHAPES, Cell, word
from dashboards.view import View
from indicators.progress import ABOVE, OFF_TRACK, ON_TRACK, WATCH, Bands


def keys(cells: Iterable[Cell], view: View) -> html.Details:
    """The rule of the states, and in words what stands in place of a number among these figures."""
    absent = {found.state: found.why for found in cells if found.why}
    terms = [
        item
        for state, words in {**limits(view), **absent}.items()
        for item in (html.Dt(f"{SHAPES[state]} {word(state, view.lang)}", className=f"state {state}"), html.Dd(words))
    ]
    parts_of_rule = [html.Summary(view.say("table_keys")), html.P(view.say("states_rule")), html.Dl(terms)]
    return html.Details(parts_of_rule, className="keys", open=True)


def limits(view: View) -> dict[str, str]:
    """The per cents of each judged state in words."""
    bands = Bands()
    return {
        OFF_TRACK: view.say("band_below", value=str(bands.watch_from)),
        WATCH: view.say("band_between", low=str(bands.watch_from), high=str(bands.on_track_from - 1)),
        ON_TRACK: view.say("band_between", low=str(bands.on_track_from), high=str(bands.above_after)),
        ABOVE: view.say("band_above", value=str(bands.above_after)),
    }
