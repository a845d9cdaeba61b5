"""What was checked in the offices' files: by office and quarter, and for a chosen one every rule, kept or broken."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboards import parts
from dashboards.data import Row
from dashboards.quality import CHECKS_PATH, edition_line, export_name, report
from dashboards.view import Page, View

FOLDER = "data/curated/checks/"  # counts are for staff: an edition has none
# Shape, class and words of an office's quarter.
OUTCOMES = {
    "kept": ("✓", "on_track", "checks_kept"),
    "partly": ("◐", "watch", "checks_partly"),
    "broken": ("▲", "watch", "checks_broken"),
    "none": ("–", "not_reported", "checks_nothing"),
}
SEVERITIES = {"refuse": "severity_refuse", "quarantine": "severity_quarantine", "warn": "severity_warn"}


def body(view: View) -> html.Div:
    """The index, and below it the office and quarter that the address names."""
    lead = html.P(view.say("checks_lead"), className="lead")
    where = html.P([html.Span(view.say("checks_where")), " ", html.Code(FOLDER)], className="small")
    top = html.Section([html.H1(view.say("checks_title")), lead, where, index(view)], className="headline")
    return html.Div([top, *([office_quarter(view)] if view.selection.office else []), edition_line(view)])


def index(view: View) -> html.Table | html.P:
    """Quarters by offices, the last quarter first; each cell leads to its rules."""
    published, chosen = view.published, view.selection
    outcomes = published.outcomes()
    head = [view.say("filter_period"), *(view.label("office", office) for office in published.offices)]
    rows: list[list[Any]] = [
        [
            view.published.quarter_label(period, view.lang),
            *(cell(office, period, outcomes.get((office, period)), view) for office in published.offices),
        ]
        for period in reversed(list(published.periods[chosen.calendar]))
    ]
    return parts.table(head, rows, view.say("checks_title"), name="figures checks")


def cell(office: str, period: str, outcome: str | None, view: View) -> list[Any]:
    """One office and quarter: shape and word, as a link; words alone where nothing was ever due."""
    name = parts.stacked(view.label("office", office))
    if outcome is None:
        return [name, html.Span(view.say("report_none"), className="small")]
    shape, kind, words = OUTCOMES[outcome]
    chosen = view.selection.but(office=office, period=period)
    # Many links of a few words: the title says whose they are.
    whose = f"{view.label('office', office)}, {view.published.quarter_label(period, view.lang)}"
    said = parts.shaped(shape, view.say(words))
    return [name, parts.link(said, CHECKS_PATH, chosen.query, className=f"state {kind}", title=whose)]


def office_quarter(view: View) -> html.Section:
    """The chosen office and quarter: its exports and files, then every rule, those that were broken first."""
    office, period = view.selection.office, view.selection.period
    where = f"{view.label('office', office)} · {view.period}"
    rules = view.published.rules(office, period)
    shown = rule_table(rules, where, view) if rules else html.P(view.say("checks_no_rules"))
    came = [reports(office, where, view), files(office, period, where, view)]
    return html.Section(
        [html.H2(where, id="office-quarter"), *filter(None, came), html.H3(view.say("checks_rules")), shown],
        **{"aria-labelledby": "office-quarter"},
    )


def reports(office: str, where: str, view: View) -> html.Table | None:
    """What became of each export that the office owes for the quarter."""
    owed = [row for row in view.published.completeness(view.selection.period) if row["office"] == office]
    head = [view.say("checks_export"), view.say("checks_state")]
    rows = [
        [export_name(row["export"], view), [parts.stacked(head[1]), report(row["status"], row["export"], view)[1]]]
        for row in owed
    ]
    return parts.table(head, rows, f"{view.say('quality_title')}: {where}", name="offices") if rows else None


def files(office: str, period: str, where: str, view: View) -> html.Table | None:
    """The files in force and whether rows of them were held back; how many is not in an edition."""
    head = [view.say("checks_file"), view.say("rows_held")]
    rows: list[list[Any]] = [
        [row["file_name"], [parts.stacked(head[1]), view.say("rows_held_yes" if row["rows_held"] else "rows_held_no")]]
        for row in view.published.files(office, period)
    ]
    return parts.table(head, rows, f"{view.say('checks_file')}: {where}", name="offices") if rows else None


def rule_table(rules: list[Row], where: str, view: View) -> html.Table:
    """Every rule: what it says, what follows, kept or broken."""
    head = [view.say(key) for key in ("checks_rule", "checks_follows", "checks_result")]
    rows = [
        [
            [html.Span(rule[f"message_{view.lang}"]), " ", html.Code(rule["rule"], className="code")],
            [parts.stacked(head[1]), view.say(SEVERITIES[rule["severity"]])],
            [parts.stacked(head[2]), result(rule["has_failed"], view)],
        ]
        for rule in rules
    ]
    return parts.table(head, rows, f"{view.say('checks_rules')}: {where}", name="offices rules")


def result(has_failed: bool, view: View) -> html.Span:
    """Kept or broken, by shape and word."""
    shape, kind, words = ("▲", "watch", "rule_broken") if has_failed else ("✓", "on_track", "rule_kept")
    return html.Span(parts.shaped(shape, view.say(words)), className=f"state {kind}")


PAGE = Page(path=CHECKS_PATH, order=10, name="checks_nav", title="checks_title", body=body, filters=())
