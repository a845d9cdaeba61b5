"""Training: what was held, who came, what they learned, and how far the trainers carry it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from dash import html

from dashboards import families, listed, parts
from dashboards.data import Row
from dashboards.families import Part
from dashboards.tables import Amount, Item, Table
from dashboards.view import Page, View
from reports import format as fmt
from reports.edition import REGION

FAMILIES = ("capacity",)
PARTS = (
    Part("events", ("T01", "T04", "T11", "T10", "T09"), {"T01": ("event_type", "region"), "T04": (), "T11": ()}),
    Part("people", ("T02", "T03"), {"T02": ("profession", "region", "sex"), "T03": ()}),
    Part("gain", ("T05", "T05_NORM", "T05_SHARE"), {"T05": ("profession",), "T05_NORM": (), "T05_SHARE": ()}),
    Part("cascade", ("T06", "T07", "T08"), {"T08": ("generation",), "T06": ("region",)}),
)
WORDS = {
    "nav": ("Training", "Обучение"),
    "title": ("Training", "Обучение"),
    "lead": ("What was held, who came, what they learned, and how far it was carried.",
             "Что проведено, кто участвовал, чему научились и кому передали знания."),
    "events_title": ("Events", "Мероприятия"),
    "events_lead": ("What was held, and what it cost per person.", "Что проведено и сколько стоило на человека."),
    "people_title": ("People trained", "Обученные"),
    "people_lead": (
        "Persons are counted once however often they came; participations are counted each time.",
        "Человек учитывается один раз, сколько бы раз он ни участвовал; участия учитываются каждый раз.",
    ),
    "gain_title": ("Knowledge gain", "Прирост знаний"),
    "gain_lead": (
        "What tests before and after an event say, of those who sat both.",
        "Что показывают тесты до и после мероприятия у тех, кто сдал оба.",
    ),
    "cascade_title": ("The cascade of trainers", "Каскад тренеров"),
    "cascade_lead": (
        "Trainers who were prepared, those who went on to train, and whom they reached by generation.",
        "Подготовленные тренеры, те из них, кто обучает сам, и кого они охватили по поколениям.",
    ),
    "list_title": ("Events of the period", "Мероприятия периода"),
    "list_lead": (
        "Events are public; how many came to one is not said here, because few people could be told by it.",
        "Мероприятия открыты; число участников каждого не указано: по нему можно узнать отдельных людей.",
    ),
    "list_none": ("No event ended here in this period.", "В этом периоде здесь ни одно мероприятие не завершилось."),
    "event": ("Event", "Мероприятие"),
    "kind": ("Type", "Тип"),
    "where": ("Where", "Где"),
    "days": ("From, to", "С, по"),
    "topics": ("Topics", "Темы"),
    "hours": ("Contact hours", "Часы"),
    "donors": ("Paid by", "Финансирование"),
}  # fmt: skip


def body(view: View) -> html.Div:
    """The parts of the family and the list of events."""
    table = events_table(view)
    said: Any = parts.tabled(table, view) if table.rows else html.P(view.say("list_none"))
    events = parts.section("list", view.say("list_title"), view.say("list_lead"), said)
    return families.page(view, families.held(FAMILIES, PARTS, view), events)


def tables(view: View) -> Iterable[Table]:
    """Everything that is drawn."""
    yield from families.tables(view, families.held(FAMILIES, PARTS, view))
    table = events_table(view)
    if table.rows:
        yield table


def events_table(view: View) -> Table:
    """The events of the chosen window and place, with what the edition says of each."""
    published, chosen = view.published, view.selection
    window = published.periods[chosen.calendar][chosen.period]
    places = published.countries if chosen.place == REGION else [chosen.place]
    rows = listed.events(published, window["start_on"], window["end_on"], places)
    head = tuple(view.say(key) for key in ("event", "kind", "where", "days", "topics", "hours", "donors"))
    context = f"{view.place} · {view.context}"
    return Table("list", view.say("list_title"), context, head, tuple(_event(row, view) for row in rows))


def _event(row: Row, view: View) -> tuple[Item, ...]:
    where = ", ".join(
        [view.label("place", row["place"]), *([view.label("region", row["region"])] if row["region"] else [])]
    )
    days = " – ".join(dict.fromkeys(fmt.day(row[name], view.lang) for name in ("start_on", "end_on") if row[name]))
    hours: Item = view.say("status_unknown") if row["hours"] is None else Amount(Decimal(row["hours"]), "hours")
    topics = ", ".join(view.label("topic", code) for code in row["topics"] or []) or "–"
    donors = ", ".join(view.label("donors", code) for code in row["donors"] or []) or view.say("status_unknown")
    return (row["event"], view.label("event_type", row["event_type"]), where, days, topics, hours, donors)


PAGE = Page(path="/training", order=4, name="nav", title="title", body=body, words=WORDS, tables=tables,
            filters=("period", "calendar", "place"))  # fmt: skip
