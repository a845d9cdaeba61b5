"""Protection and reintegration: how far people come, which services they get, whether referrals arrive."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from dash import html

from dashboards import charts, parts
from dashboards.blocks import (
    bars,
    breakdown_block,
    breakdown_table,
    by_category,
    indicators_block,
    indicators_table,
    nothing_shown,
    totals,
    where,
)
from dashboards.cells import Cell, cell
from dashboards.keys import keys
from dashboards.places import breadcrumb
from dashboards.quality import edition_line
from dashboards.tables import SHARE, Amount, Item, Table
from dashboards.tally import answer
from dashboards.view import Page, View

FAMILIES = ("protection", "reintegration")
FUNNEL, STAGES, FIRST, UNKNOWN_STAGE = "R10", "funnel_stage", "identified", "U"
SERVICES, CLIENTS, SERVICE = "P04", "P05", "assistance_type"
# What is asked after a plan was opened, and by which breakdown.
AFTERWARDS = ("R02", "R03", "R04", "R05", "R06", "R07", "R08", "R09")
WAVES = {"R02": "wave", "R03": "wave", "R06": "wave"}
REFERRALS = ("P08", "P09", "N09", "N16")
REFERRED = {"P08": (SERVICE, "to_org_type"), "N17": ("referral_outcome",)}

WORDS = {
    "protection_nav": ("Protection", "Защита"),
    "protection_title": ("Protection and reintegration", "Защита и реинтеграция"),
    "funnel_title": ("How far people come", "Путь человека"),
    "stage": ("Stage reached", "Достигнутая ступень"),
    "persons": ("Persons", "Лица"),
    "of_identified": ("Of those identified", "От числа выявленных"),
    "funnel_note": (
        "A person counts once at every stage reached by the end of the period; stages can be reached in another order. "
        "A stage that is not in this edition was not due for anybody yet.",
        "Лицо учитывается один раз на каждой ступени, достигнутой к концу периода; порядок ступеней может быть иным. "
        "Ступени, которой нет в выпуске, ещё ни для кого не наступил срок.",
    ),
    "after_title": ("After the plan was opened", "После открытия плана"),
    "services_title": ("Services", "Услуги"),
    "service": ("Service", "Услуга"),
    "services_delivered": ("Services delivered", "Оказано услуг"),
    "services_persons": ("Persons who got it", "Получившие лица"),
    "services_note": (
        "One person can get several services and stands in several lines, so the persons do not add up.",
        "Одно лицо может получить несколько услуг и стоит в нескольких строках, поэтому лица не складываются.",
    ),
    "referrals_title": ("Referrals", "Перенаправления"),
    "every_title": ("All indicators of this field", "Все показатели направления"),
}  # fmt: skip


def body(view: View) -> html.Div:
    """The whole page for a view."""
    found = totals(mine(view), view)
    sections = [headline(found, view), funnel(view), after(view), services(view), referrals(view), every(view)]
    return html.Div([*sections, keys(found.values(), view), parts.download_all(view), edition_line(view)])


def mine(view: View) -> list[str]:
    """The indicators of the page, in the order of the edition."""
    return [code for code, about in view.published.indicators.items() if about["family"] in FAMILIES]


def headline(found: Mapping[str, Cell], view: View) -> html.Section:
    """The answer in a sentence for the chosen place."""
    return html.Section(
        [
            *filter(None, [breadcrumb(view, view.say("protection_title"))]),
            html.H1(view.say("protection_title")),
            html.P(where(view), className="context"),
            *answer(found.values(), view),
        ],
        className="headline",
    )


def stages(view: View) -> dict[str, Cell]:
    """Every stage by its words, in order; one that the edition does not have says so."""
    if FUNNEL not in view.published.indicators:
        return {}
    found = by_category(FUNNEL, STAGES, view)
    names = [code for code in view.published.codes(STAGES) if code != UNKNOWN_STAGE or code in found]
    about = view.published.indicators[FUNNEL]
    return {view.label(STAGES, code): found.get(code) or cell(None, about, view.lang) for code in names}


def funnel_table(view: View) -> Table:
    """Persons at each stage, and their part of those identified where both numbers are published."""
    found = stages(view)
    whole = next(iter(found.values()), None)
    head = tuple(view.say(key) for key in ("stage", "persons", "of_identified"))
    rows: list[tuple[Item, ...]] = [(label, one, _part(one, whole)) for label, one in found.items()]
    return Table("funnel", view.say("funnel_title"), where(view), head, tuple(rows), view.say("funnel_note"))


def _part(one: Cell, whole: Cell | None) -> Item:
    if one.number is None or whole is None or not whole.number:
        return "–"
    return Amount(Decimal(one.number) / whole.number, SHARE)


def funnel(view: View) -> html.Section:
    """Identified, assisted, plan, training, work, followed up."""
    shown = _charted(stages(view), funnel_table(view), view)
    return parts.section("funnel", view.say("funnel_title"), where(view), shown)


def _charted(points: Mapping[str, Cell], table: Table, view: View) -> html.P | html.Div:
    """A chart of the points, the largest of many, with its table; words in place of them where none is shown."""
    if not any(one.is_shown for one in points.values()):
        return html.P(nothing_shown(points.values(), view), className="protected")
    drawn = bars(points)
    return parts.charted(table, charts.by_category(drawn, view.lang), view, charts.height_of(drawn, view.lang))


def after(view: View) -> html.Section:
    """Whether people are followed up, in work, trained and stable; by wave, what each wave asks."""
    listed = indicators_block("afterwards", view.say("after_title"), AFTERWARDS, view)
    waves = [
        part
        for code, name in WAVES.items()
        if code in view.published.indicators
        for part in (html.H3(view.title(code)), breakdown_block(code, name, view))
    ]
    return parts.section("afterwards", view.say("after_title"), where(view), listed, *waves)


def services_table(view: View) -> Table:
    """Services delivered and persons who got them, side by side."""
    delivered, clients = (by_category(code, SERVICE, view) for code in (SERVICES, CLIENTS))
    missing = cell(None, {}, view.lang)
    head = tuple(view.say(key) for key in ("service", "services_delivered", "services_persons"))
    rows = [
        (view.label(SERVICE, code), delivered.get(code, missing), clients.get(code, missing))
        for code in {**delivered, **clients}
    ]
    return Table("services", view.say("services_title"), where(view), head, tuple(rows), view.say("services_note"))


def services(view: View) -> html.Section:
    """What was delivered, most of it first in the chart, and to how many persons."""
    delivered = {view.label(SERVICE, code): one for code, one in by_category(SERVICES, SERVICE, view).items()}
    shown = _charted(delivered, services_table(view), view)
    return parts.section("services", view.say("services_title"), where(view), shown)


def referrals(view: View) -> html.Section:
    """How many were referred, whether it was completed and how soon; by service, receiver and outcome."""
    listed = indicators_block("referrals", view.say("referrals_title"), REFERRALS, view)
    blocks = [
        part
        for code, names in REFERRED.items()
        if code in view.published.indicators
        for name in names
        for part in (
            html.H3(f"{view.title(code)}: {view.label('breakdown', name)}"),
            breakdown_block(code, name, view),
        )
    ]
    return parts.section("referrals", view.say("referrals_title"), where(view), listed, *blocks)


def every(view: View) -> html.Section:
    """The way to every indicator of the two fields; all of them here as well would make the page slow."""
    firsts: dict[str, str] = {}
    for code in mine(view):
        firsts.setdefault(view.published.indicators[code]["family"], code)
    links = [
        html.Li(parts.link(view.label("family", family), "/", view.selection.but(indicator=firsts[family]).query))
        for family in FAMILIES
        if family in firsts
    ]
    return parts.section("every", view.say("every_title"), where(view), html.Ul(links, className="regions"))


def tables(view: View) -> list[Table]:
    """What can be downloaded."""
    cut = [*WAVES.items(), *((code, name) for code, names in REFERRED.items() for name in names)]
    blocks = [breakdown_table(code, name, view) for code, name in cut if code in view.published.indicators]
    return [
        indicators_table("indicators", view.say("every_title"), mine(view), view),
        *([funnel_table(view)] if stages(view) else []),
        services_table(view),
        indicators_table("afterwards", view.say("after_title"), AFTERWARDS, view),
        indicators_table("referrals", view.say("referrals_title"), REFERRALS, view),
        *blocks,
    ]


PAGE = Page(
    path="/protection", order=3, name="protection_nav", title="protection_title", body=body, words=WORDS, tables=tables,
    filters=("period", "calendar", "place"),
)  # fmt: skip
