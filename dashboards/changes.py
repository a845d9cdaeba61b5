"""What an edition says otherwise than the ones before it, in a short list."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboards import parts
from dashboards.cells import word
from dashboards.data import Row
from dashboards.view import View
from reports import format as fmt
from reports.restated import ABSENT

_LISTED = 8


def changed(view: View, indicator: str = "") -> html.Section:
    """The first restatements of the chosen calendar (of one indicator), how many more, or that there is none."""
    calendar = view.label("calendar", view.selection.calendar)
    heading = html.H2(view.say("changes_title"), id="changes")
    named = {"aria-labelledby": "changes"}
    # An edition of before there were restatements does not say which edition it follows.
    if not view.published.about.get("follows"):
        return html.Section([heading, html.P(view.say("changes_first"), className="lead")], **named)
    rows = [row for row in view.published.changes(view.selection.calendar) if indicator in ("", row["indicator"])]
    if not rows:
        none = view.say("changes_none_here" if indicator else "changes_none", calendar=calendar)
        return html.Section([heading, html.P(none, className="lead")], **named)
    lead = view.say("changes_lead", count=fmt.number(len(rows), view.lang), calendar=calendar)
    more = len(rows) - _LISTED
    rest = [html.P(view.say("changes_more", count=fmt.number(more, view.lang)), className="small")] if more > 0 else []
    return html.Section([heading, html.P(lead, className="lead"), _table(rows[:_LISTED], lead, view), *rest], **named)


def _table(rows: list[Row], caption: str, view: View) -> html.Table:
    head = [view.say(key) for key in ("indicator", "period", "change_was", "change_is", "change_why")]
    body: list[list[Any]] = []
    for row in rows:
        cells = [_period(row, view), _said(row, "old", view), _said(row, "new", view), _why(row, view)]
        stacked = ([parts.stacked(name), cell] for name, cell in zip(head[1:], cells, strict=True))
        body.append([f"{_title(row, view)}, {view.label('place', row['place'])}", *stacked])
    return parts.table(head, body, caption, name="series changes")


def _title(row: Row, view: View) -> str:
    """The title of the indicator; its code, where this edition no longer counts it."""
    known = view.published.indicators.get(row["indicator"])
    return f"{known[f'title_{view.lang}']} ({row['indicator']})" if known else str(row["indicator"])


def _period(row: Row, view: View) -> str:
    return view.published.period_label(view.selection.calendar, row["period"], view.lang)


def _said(row: Row, side: str, view: View) -> str:
    """A number as everywhere, or the word that stood in its place."""
    if row[f"{side}_value"] is None:
        status = row[f"{side}_status"]
        return view.say("change_absent") if status == ABSENT else word(status, view.lang)
    exact = fmt.exact(row[f"{side}_value"], row[f"{side}_numerator"], row[f"{side}_denominator"])
    known = view.published.indicators.get(row["indicator"])
    return fmt.figure(exact, known["unit"] if known else "", view.lang)


def _why(row: Row, view: View) -> html.Div:
    cause = html.Span(view.label("cause", row["cause"]))
    reason = (
        view.say("change_reason", reason=view.label("officer_reason", row["officer_reason"]), note=row["officer_note"])
        if row["officer_reason"]
        else ""
    )
    return html.Div([cause, *parts.lines(reason, name="small")], className="flow")
