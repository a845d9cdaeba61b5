"""One indicator: where it stands, its trend with the target, countries side by side, a breakdown, its sheet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from dash import html

from dashboards import charts, parts
from dashboards.blocks import (
    INDICATOR_PATH,
    breakdown_block,
    breakdown_table,
    by_category,
    over_time_block,
    over_time_table,
    slug,
    total,
    where,
)
from dashboards.cells import Cell, cell
from dashboards.changes import changed
from dashboards.data import Row
from dashboards.keys import keys
from dashboards.places import breadcrumb
from dashboards.quality import completeness, edition_line
from dashboards.tables import Table, of_figures
from dashboards.view import Page, View
from reports import format as fmt
from reports.words import why_counted

WORDS = {
    "indicator_nav": ("Indicator", "Показатель"),
    "indicator_title": ("One indicator in full", "Показатель подробно"),
    "sheet_title": ("What it counts: reference sheet", "Что считается: паспорт показателя"),
    "family": ("Field of work", "Направление"),
    "why": ("Why it matters", "Зачем нужен"),
    "rule_time": ("Over longer periods", "За больший период"),
    "rule_place": ("Over several countries", "По нескольким странам"),
    "rule_S": ("added up", "складывается"),
    "rule_D": ("counted again from the records, because a person counts once",
               "считается заново по записям: одно лицо считается один раз"),
    "rule_L": ("the latest value", "последнее значение"),
    "rule_R": ("the share is worked out again from both its parts", "доля рассчитывается заново из обеих частей"),
    "rule_M": ("the average or median is taken again from the records",
               "среднее или медиана берётся заново по записям"),
    "donor_codes": ("Donors' own numbers", "Номера у доноров"),
    "sources": ("Breakdowns that are published", "Публикуемые разбивки"),
    "trend_title": ("Over time, against the target", "Динамика и план"),
    "countries_title": ("Countries side by side", "Страны рядом"),
    "countries_lead": ("On one scale. {context}", "В одном масштабе. {context}"),
    "breakdown_title": ("By {breakdown}", "Разбивка: {breakdown}"),
    "breakdown_choose": ("Choose a breakdown", "Выберите разбивку"),
    "breakdown_none": ("This indicator is not broken down.", "У этого показателя нет разбивок."),
}  # fmt: skip
RULES = "SDLRM"


def body(view: View) -> html.Div:
    """The whole page for a view."""
    chosen = view.selection.indicator
    found = total(chosen, view)
    trend = parts.section(
        "over-time", view.say("trend_title"), over_time_table(chosen, view).title, over_time_block(chosen, view)
    )
    first = [headline(found, view), trend, countries(view), breakdown(view)]
    rest = [completeness(view), changed(view, chosen), keys(by_place(view).values(), view), parts.download_all(view)]
    return html.Div([*first, *rest, edition_line(view)])


def headline(found: Cell, view: View) -> html.Section:
    """The figure against its target in a line, and the reference sheet a key press away."""
    code = view.selection.indicator
    value = html.Span(found.value, className="value") if found.is_shown else html.Span(found.why, className="why")
    against = view.say("value_of_target", target=found.target) if found.target else view.say("no_target")
    said = [
        value,
        *parts.lines(found.parts, name="parts"),
        html.Span(against),
        *parts.lines(found.percent, name="percent"),
    ]
    offices = html.P(found.offices, className="small" if found.is_complete else "small incomplete")
    return html.Section(
        [
            *filter(None, [breadcrumb(view, view.title(code))]),
            html.H1([html.Span(view.title(code)), html.Span(code, className="code")]),
            html.P(where(view), className="context"),
            html.Div([parts.state(found), *said], className="big"),
            parts.progress_bar(found),
            offices,
            reference_sheet(code, view),
        ],
        className="headline one",
    )


def reference_sheet(code: str, view: View) -> html.Details:
    """The indicator's reference sheet as the edition keeps it, opened by mouse or keyboard."""
    listed = [item for term, words in sheet(code, view) if words for item in (html.Dt(term), html.Dd(words))]
    return html.Details([html.Summary(view.say("sheet_title")), html.Dl(listed)], className="sheet")


def sheet(code: str, view: View) -> Iterator[tuple[str, str]]:
    """Field and text of the reference sheet, in the order of a PIRS."""
    about = view.published.indicators[code]
    yield view.say("definition"), about[f"definition_{view.lang}"]
    yield view.say("family"), view.label("family", about["family"])
    yield view.say("unit"), view.label("unit", about["unit"])
    yield view.say("direction"), view.say(f"direction_{about['direction']}")
    names = view.published.breakdowns.get(code, [])
    yield view.say("sources"), ", ".join(view.label("breakdown", name) for name in names) or view.say("none")
    for rule in ("rule_time", "rule_place"):
        yield view.say(rule), view.say(f"rule_{about[rule]}") if about[rule] in RULES else ""
    yield view.say("donor_codes"), donor_codes(about, view)
    yield view.say("why"), why_counted(about, view.lang)
    yield view.say("reviewed"), fmt.day(about["reviewed_on"], view.lang) if about["reviewed_on"] else ""


def donor_codes(about: Row, view: View) -> str:
    """The numbers that donors know the indicator by."""
    codes = json.loads(about["donor_codes"] or "{}")
    return "; ".join(f"{view.label('donor', donor)}: {code}" for donor, code in codes.items())


def by_place(view: View) -> dict[str, Cell]:
    """The chosen indicator at every place."""
    chosen, published = view.selection, view.published
    rows = published.totals(chosen.calendar, chosen.period)
    about = published.indicators[chosen.indicator]
    return {place: cell(rows.get((chosen.indicator, place)), about, view.lang) for place in published.places}


def countries_table(view: View) -> Table:
    """The region and the countries one below the other."""
    entries = ((view.label("place", place), found) for place, found in by_place(view).items())
    title = f"{view.title(view.selection.indicator)}: {view.say('tiles_title')}"
    name = f"{slug(view.selection.indicator)}-by-country"
    return of_figures(name, title, view.context, view.say("place"), entries, view.lang)


def countries(view: View) -> html.Section:
    """The countries on one scale; the region, which would dwarf them, stands in the table."""
    found = by_place(view)
    points = {view.label("place", place): found[place] for place in view.published.countries}
    drawn = charts.by_category(points, view.lang)
    block = parts.charted(countries_table(view), drawn, view, charts.height_of(points, view.lang))
    lead = view.say("countries_lead", context=view.context)
    return parts.section("by-country", view.say("countries_title"), lead, block)


def shown_breakdown(view: View) -> str:
    """The breakdown that the address names, else the first that shows a number, else the first."""
    code = view.selection.indicator
    names = view.published.breakdowns.get(code, [])
    if view.selection.by or not names:
        return view.selection.by
    telling = (name for name in names if any(one.is_shown for one in by_category(code, name, view).values()))
    return next(telling, names[0])


def breakdown(view: View) -> html.Section:
    """One breakdown and the way to the others."""
    name, code = shown_breakdown(view), view.selection.indicator
    if not name:
        return parts.section("breakdown", view.say("breakdowns"), view.say("breakdown_none"))
    links = [
        html.Li(parts.link(view.label("breakdown", other), INDICATOR_PATH, view.selection.but(by=other).query,
                           className="here" if other == name else ""))
        for other in view.published.breakdowns[code]
    ]  # fmt: skip
    choice: list[Any] = [html.Nav(html.Ul(links, className="regions"), **{"aria-label": view.say("breakdown_choose")})]
    title = view.say("breakdown_title", breakdown=view.label("breakdown", name))
    return parts.section("breakdown", title, where(view), *choice, breakdown_block(code, name, view))


def tables(view: View) -> list[Table]:
    """What can be downloaded: trend, countries, every breakdown that shows a number."""
    code = view.selection.indicator
    shown = [
        breakdown_table(code, name, view)
        for name in view.published.breakdowns.get(code, [])
        if any(one.is_shown for one in by_category(code, name, view).values())
    ]
    return [over_time_table(code, view), countries_table(view), *shown]


PAGE = Page(
    path=INDICATOR_PATH, order=2, name="indicator_nav", title="indicator_title", body=body, words=WORDS, tables=tables
)
