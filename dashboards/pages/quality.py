"""Data quality: who has reported and when, which rules rows broke, and what the indicators of quality say of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from dash import html

from dashboards import families, listed, parts
from dashboards.data import Row
from dashboards.families import Part
from dashboards.quality import CAME, CHECKS_PATH, edition_line, export_name, report
from dashboards.tables import Table
from dashboards.view import Page, View
from reports import format as fmt

FAMILIES = ("quality",)
PARTS = (
    Part("timely", ("Q01",), {"Q01": ("exports",)}),
    Part("whole", ("Q02", "Q02_HELD"), {"Q02": ("exports",), "Q02_HELD": ("held_for",)}),
)
SEVERITIES = {"refuse": "severity_refuse", "quarantine": "severity_quarantine", "warn": "severity_warn"}
WORDS = {
    "nav": ("Data quality", "Качество данных"),
    "title": ("Data quality", "Качество данных"),
    "lead": ("Who has reported, when, and how clean it was.", "Кто отчитался, когда и насколько чисто."),
    "missing_title": ("Who has not reported", "Кто не отчитался"),
    "missing_lead": ("Reports of {quarter} that were owed and are not in force. What is missing is not zero.",
                     "Отчёты за период {quarter}, которые ожидались и не приняты. Отсутствие отчёта — не ноль."),
    "missing_none": ("Every report that was owed is in force.", "Все ожидавшиеся отчёты приняты."),
    "missing_unknown": ("This source names no reports by quarter.", "У этого источника нет поквартальных отчётов."),
    "sent_title": ("Submissions", "Поступление отчётов"),
    "sent_lead": ("When each report of {quarter} was due, when it was first whole, and whether it was corrected.",
                  "Срок каждого отчёта за период {quarter}, день полного поступления и исправления."),
    "report": ("Report", "Отчёт"),
    "state": ("State", "Состояние"),
    "due": ("Due", "Срок"),
    "first": ("First whole", "Поступил полностью"),
    "latest": ("Latest file", "Последний файл"),
    "time": ("In time", "В срок"),
    "in_time": ("in time", "в срок"),
    "late": ("late", "с опозданием"),
    "corrected": ("corrected since", "позже исправлен"),
    "not_known": ("not known", "не известно"),
    "rules_title": ("Findings by rule", "Замечания по правилам"),
    "rules_lead": (
        "Rules that rows of {quarter} broke. How many rows did is not published: it could give hidden figures away.",
        "Правила, нарушенные в строках за период {quarter}. Число строк не публикуется: оно могло бы выдать скрытое.",
    ),
    "rules_none": ("No rule was broken. Rules checked: {checked}.", "Нарушений нет. Проверено правил: {checked}."),
    "rules_unknown": ("No row was checked for this quarter.", "За этот квартал строки не проверялись."),
    "rules_some": ("Rules broken: {broken} of {checked}.", "Нарушено правил: {broken} из {checked}."),
    "rule": ("Rule", "Правило"),
    "follows": ("When broken", "При нарушении"),
    "where": ("Offices", "Офисы"),
    "every_rule": ("Every rule, kept or broken, by office and quarter", "Все правила по офисам и кварталам"),
    "timely_title": ("In time", "Своевременность"),
    "timely_lead": ("The share of files received by the day they were due.", "Доля файлов, полученных к сроку."),
    "whole_title": ("With every row", "Полнота строк"),
    "whole_lead": ("Files accepted with every row, and why rows were held back in the others.",
                   "Файлы, принятые целиком, и почему в остальных отложены строки."),
}  # fmt: skip


def body(view: View) -> html.Div:
    """What is missing first, then the figures, submissions and rules."""
    shown = families.held(FAMILIES, PARTS, view)
    figures = [families.section(part, shown, view) for part in shown]
    side = [families.by_place(families.codes_of(shown), view)] if shown else []
    first = [families.top(view), missing(view), *figures]
    return html.Div([*first, submissions(view), rules(view), *side, edition_line(view)])


def tables(view: View) -> Iterable[Table]:
    """Everything that is drawn."""
    yield from families.tables(view, families.held(FAMILIES, PARTS, view))
    yield from (table for table in (submissions_table(view), rules_table(view)) if table.rows)


def missing(view: View) -> html.Section:
    """The reports that did not come or were refused, each a link to what was checked of that office."""
    rows = listed.submissions(view.published, view.selection.period)
    lacking = [row for row in rows if row["status"] not in CAME]
    if lacking:
        said: Any = html.Ul([html.Li(_lacking(row, view)) for row in lacking], className="missing")
    else:
        said = html.P(view.say("missing_none" if rows else "missing_unknown"), className="answer")
    return parts.section("missing", view.say("missing_title"), view.say("missing_lead", quarter=quarter(view)), said)


def _lacking(row: Row, view: View) -> list[Any]:
    name = f"{view.label('office', row['office'])}: {export_name(row['export'], view)}"
    link = parts.link(name, CHECKS_PATH, view.selection.but(office=row["office"]).query)
    return [link, " ", report(row["status"], row["export"], view)[1]]


def submissions(view: View) -> html.Section:
    """When each report came."""
    table, lead = submissions_table(view), view.say("sent_lead", quarter=quarter(view))
    said = parts.tabled(table, view) if table.rows else html.P(view.say("missing_unknown"))
    return parts.section("submissions", view.say("sent_title"), lead, said)


def submissions_table(view: View) -> Table:
    """Office and report by state, days and whether it was in time."""
    rows = listed.submissions(view.published, view.selection.period)
    head = tuple(view.say(key) for key in ("office", "report", "state", "due", "first", "latest", "time"))
    listed_rows = tuple(
        (
            view.label("office", row["office"]), export_name(row["export"], view),
            view.label("completeness", row["status"]) if row["status"] not in CAME else view.say("report_came"),
            *(_day(row[name], view) for name in ("due_on", "first_on", "received_on")), _in_time(row, view),
        )
        for row in rows
    )  # fmt: skip
    return Table("submissions", view.say("sent_title"), quarter(view), head, listed_rows)


def _day(day: date | None, view: View) -> str:
    return fmt.day(day, view.lang) if day else "–"


def _in_time(row: Row, view: View) -> str:
    """In time, late, or not known; and whether the report was corrected after it was first whole."""
    if row["first_on"] is None or row["due_on"] is None:
        return view.say("not_known")
    said = [view.say("late" if row["first_on"] > row["due_on"] else "in_time")]
    if row["received_on"] is not None and row["received_on"] > row["first_on"]:
        said.append(view.say("corrected"))
    return ", ".join(said)


def rules(view: View) -> html.Section:
    """The rules that were broken, with the offices, and the way to every rule."""
    table, counts = rules_table(view), listed.counts_of_rules(view.published, view.selection.period)
    numbers = {name: fmt.number(counts[name], view.lang) for name in ("checked", "broken")}
    key = "rules_some" if counts["broken"] else "rules_none" if counts["checked"] else "rules_unknown"
    said: list[Any] = [html.P(view.say(key, **numbers), className="answer")]
    said += [parts.tabled(table, view)] if table.rows else []
    said.append(html.P(parts.link(view.say("every_rule"), CHECKS_PATH, view.query, className="more")))
    return parts.section("rules", view.say("rules_title"), view.say("rules_lead", quarter=quarter(view)), *said)


def rules_table(view: View) -> Table:
    """Broken rules: what the rule says, what follows, and whose rows broke it."""
    head = (view.say("rule"), view.say("follows"), view.say("where"))
    rows = tuple(
        (
            f"{row[f'message_{view.lang}']} ({row['rule']})",
            view.say(SEVERITIES[row["severity"]]),
            ", ".join(view.label("office", office) for office in row["offices"]),
        )
        for row in listed.broken_rules(view.published, view.selection.period)
    )
    return Table("rules", view.say("rules_title"), quarter(view), head, rows)


def quarter(view: View) -> str:
    """The quarter whose files are meant, whichever calendar is chosen."""
    return view.published.quarter_label(view.selection.period, view.lang)


PAGE = Page(path="/quality", order=9, name="nav", title="title", body=body, words=WORDS, tables=tables,
            filters=("period", "calendar", "place"))  # fmt: skip
