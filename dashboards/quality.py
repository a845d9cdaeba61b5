"""How complete the data behind an edition are, and which edition it is."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboards import parts
from dashboards.data import Row
from dashboards.protected import policy
from dashboards.texts import TEXTS
from dashboards.view import View
from reports import format as fmt

CHECKS_PATH = "/checks"
CAME = ("accepted", "reported")


def completeness(view: View) -> html.Section:
    """Which office has sent what for the quarter. A report that did not come is a word, never an empty cell."""
    rows = view.published.completeness(view.selection.period)
    heading = html.H2(view.say("quality_title"), id="completeness")
    if not rows:
        return html.Section([heading, html.P(view.say("quality_none"))], **{"aria-labelledby": "completeness"})
    lead = view.say("quality_lead", period=view.published.quarter_label(view.selection.period, view.lang))
    failed, run = view.published.checks(view.selection.period)
    checks = view.say("checks_failed", failed=fmt.number(failed, view.lang), run=fmt.number(run, view.lang))
    every_rule = parts.link(view.say("checks_every"), CHECKS_PATH, view.selection.query)
    said = html.P([html.Span(checks), " ", every_rule], className="small")
    return html.Section(
        [heading, html.P(lead, className="lead"), office_table(rows, lead, view), said],
        **{"aria-labelledby": "completeness"},
    )


def office_table(rows: list[Row], caption: str, view: View) -> html.Table:
    """Offices by exports."""
    exports = sorted({row["export"] for row in rows})
    offices = {row["office"]: row for row in rows}
    status = {(row["office"], row["export"]): row["status"] for row in rows}
    head = [view.say("office"), *(export_name(export, view) for export in exports), view.say("rows_held")]
    body: list[list[Any]] = [
        [
            parts.link(view.label("office", office), CHECKS_PATH, view.selection.but(office=office).query),
            *(report(status.get((office, export)), export, view) for export in exports),
            [parts.stacked(view.say("rows_held")), view.say("rows_held_yes" if row["rows_held"] else "rows_held_no")],
        ]
        for office, row in offices.items()
    ]
    return parts.table(head, body, caption, name="offices")


def export_name(export: str, view: View) -> str:
    """What an export is called."""
    return view.say(f"export_{export}") if f"export_{export}" in TEXTS else view.label("export", export)


def report(status: str | None, export: str, view: View) -> list[Any]:
    """One report: came, was refused, did not come, or was never due."""
    shape, name = ("●", "on_track") if status in CAME else ("–", "not_reported")
    key = "report_none" if status is None else "report_came" if status in CAME else f"report_{status}"
    said = view.say(key if key in TEXTS else "report_missing")
    return [parts.stacked(export_name(export, view)), html.Span(parts.shaped(shape, said), className=f"state {name}")]


def edition_line(view: View) -> html.Footer:
    """Edition, last day of the data, software, protection: what a reader cites."""
    about = view.published.about
    facts = [
        (view.say("edition"), about["edition_id"]),
        (view.say("data_until"), fmt.day(about["data_until"], view.lang) if about["data_until"] else "–"),
        (view.say("code_version"), about["code_version"] or "–"),
        (view.say("fingerprint"), (about["figures_hash"] or "–")[:12]),
    ]
    terms = [html.Div([html.Dt(term), html.Dd(words)]) for term, words in facts]
    rules = [html.P(sentence) for sentence in policy(view)]
    return html.Footer([html.Dl(terms), html.P(view.say("edition_note")), *rules], className="edition")
