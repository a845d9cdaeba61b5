"""The page for an address that leads nowhere."""

from __future__ import annotations

from dash import html

from dashboards import parts
from dashboards.view import Page, View


def body(view: View) -> html.Div:
    """One sentence and the way home."""
    home = parts.link(view.say("not_found_home"), "/", view.selection.query)
    return html.Div([html.H1(view.say("not_found_title")), html.P(view.say("not_found_text")), html.P(home)])


PAGE = Page(path="/not-found", order=None, name="not_found_title", title="not_found_title", body=body, filters=())
