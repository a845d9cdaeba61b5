"""How old the figures are, in one of three states: fresh, due, overdue.

Offices report a quarter within some days of its end. An edition is fresh as long as no later quarter can
be expected, due while the next one is late by no more than the same number of days, overdue after that.
"""

from __future__ import annotations

from datetime import date, timedelta

from dash import html

from dashboards import parts
from dashboards.texts import text
from dashboards.view import View
from indicators.calendars import Quarter
from reports import format as fmt

FRESH, DUE, OVERDUE = "fresh", "due", "overdue"
SHAPES = {FRESH: ("●", "on_track"), DUE: ("◆", "watch"), OVERDUE: ("▼", "off_track")}

WORDS = {
    "fresh_fresh": ("Up to date", "Данные свежие"),
    "fresh_due": ("Next quarter is due", "Ожидается новый квартал"),
    "fresh_overdue": ("Out of date", "Данные устарели"),
    "fresh_why_fresh": ("The next quarter cannot be expected yet.", "Следующего квартала ещё нельзя ожидать."),
    "fresh_why_due": (
        "The reports of the next quarter should have come.",
        "Отчёты за следующий квартал уже должны были поступить.",
    ),
    "fresh_why_overdue": (
        "A later quarter should have been published long ago.",
        "Более поздний квартал давно должен был быть опубликован.",
    ),
    "fresh_until": ("Data until {day}", "Данные по {day}"),
}


def freshness(data_until: date, report_days: int, today: date) -> str:
    """The state of data that end on a day."""
    upcoming = Quarter.of(data_until + timedelta(days=1))
    expected = upcoming.end + timedelta(days=report_days)
    if today <= expected:
        return FRESH
    return DUE if today <= expected + timedelta(days=report_days) else OVERDUE


def badge(view: View) -> html.P | None:
    """Shape and words, and the last day of the data; nothing for a source that does not say it."""
    until = view.published.about["data_until"]
    if until is None:
        return None
    state = freshness(until, view.published.report_days, view.today)
    shape, colour = SHAPES[state]
    word = html.Span(parts.shaped(shape, text(f"fresh_{state}", view.lang, WORDS)), className=f"state {colour}")
    day = html.Span(text("fresh_until", view.lang, WORDS, day=fmt.day(until, view.lang)), className="small")
    return html.P([word, day], className="freshness", title=text(f"fresh_why_{state}", view.lang, WORDS))
