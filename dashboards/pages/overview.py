"""Are we on target? In one sentence, by country and by objective, before any click; then what to look at."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboards import parts
from dashboards.blocks import indicators_table, where
from dashboards.cells import Cell, cell
from dashboards.changes import changed
from dashboards.keys import keys
from dashboards.objectives import attention, attention_table, objectives, objectives_table
from dashboards.places import breadcrumb, region_block, region_list, region_tables
from dashboards.quality import completeness, edition_line
from dashboards.tables import Table
from dashboards.tally import answer, judged_here, tally
from dashboards.view import Page, View
from indicators.progress import NO_TARGET

Cells = dict[tuple[str, str], Cell]

WORDS = {
    "tiles_lead": ("{indicator}. Each country leads to its own page.",
                   "{indicator}. Название страны ведёт к её странице."),
    "all_indicators": ("All indicators here", "Все показатели страны"),
    "none_judged": ("No indicator here has both a target and a figure", "Показателей с планом и значением здесь нет"),
    "table_title": ("All indicators", "Все показатели"),
    "table_lead": ("{context}. Choose a field of work to see its figures.",
                   "{context}. Выберите направление, чтобы увидеть значения."),
    "table_note": (
        "Where a figure says nothing about offices, every expected office is in it. "
        "The region adds up the offices that have reported.",
        "Если об офисах ничего не сказано, учтены все ожидаемые офисы. "
        "По региону сложены данные офисов, представивших отчёт.",
    ),
}  # fmt: skip


def body(view: View) -> html.Div:
    """The whole page for a view."""
    cells = all_cells(view)
    regions = [region_list(view), region_block(view)]
    first = [headline(cells, view), attention(cells, view), tiles(cells, view), objectives(view)]
    rest = [completeness(view), changed(view), every_indicator(cells, view), parts.download_all(view)]
    return html.Div([*first, *filter(None, regions), *rest, edition_line(view)])


def all_cells(view: View) -> Cells:
    """Every indicator at every place for the chosen calendar and period."""
    published, chosen = view.published, view.selection
    totals = published.totals(chosen.calendar, chosen.period)
    return {
        (code, place): cell(totals.get((code, place)), definition, view.lang)
        for code, definition in published.indicators.items()
        for place in published.places
    }


def headline(cells: Cells, view: View) -> html.Section:
    """The answer in a sentence, for the chosen place."""
    here = [found for (_, place), found in cells.items() if place == view.selection.place]
    return html.Section(
        [
            *filter(None, [breadcrumb(view)]),
            html.H1(view.say("overview_title")),
            html.P(where(view), className="context"),
            *answer(here, view),
        ],
        className="headline",
    )


def tiles(cells: Cells, view: View) -> html.Section:
    """One tile for each country: the chosen indicator, and how its other indicators stand."""
    lead = view.say("tiles_lead", indicator=view.title(view.selection.indicator))
    shown = [tile(place, cells, view) for place in view.published.countries]
    return parts.section("by-country", view.say("tiles_title"), lead, html.Div(shown, className="tiles"))


def tile(place: str, cells: Cells, view: View) -> html.Article:
    """A country: number or word, target, per cent, offices, and the tally of all its indicators."""
    found = cells[view.selection.indicator, place]
    others = [cell for (_, where), cell in cells.items() if where == place]
    none_said = found.state == NO_TARGET  # the word of the state already says so
    no_target = "" if none_said else view.say("no_target")
    target = view.say("value_of_target", target=found.target) if found.target else no_target
    link = parts.link(view.label("place", place), "/", view.selection.but(place=place, region="").query)
    if found.is_shown:
        number: list[Any] = [html.Span(found.value, className="value"), *parts.lines(found.parts, name="parts")]
    else:
        number = [html.Span(found.why, className="why")]
    said = tally(others, view) if judged_here(others) else html.Span(view.say("none_judged"), className="small")
    here = " here" if place == view.selection.place else ""
    return html.Article(
        [
            html.H3(link),
            parts.state(found),
            html.P(number, className="number"),
            html.P([html.Span(line) for line in (target, found.percent) if line], className="against"),
            parts.progress_bar(found),
            html.P(found.offices, className="small" if found.is_complete else "small incomplete"),
            html.Div([html.Span(view.say("all_indicators"), className="small"), said], className="rest"),
        ],
        className=f"tile {found.state}{here}",
    )


def every_indicator(cells: Cells, view: View) -> html.Section:
    """All indicators of the edition by field of work, that of the chosen indicator unfolded."""
    families: dict[str, list[str]] = {}
    for code, about in view.published.indicators.items():
        families.setdefault(about["family"], []).append(code)
    chosen = view.published.indicators[view.selection.indicator]["family"]
    folds = [family_table(family, codes, cells, view) if family == chosen else family_link(family, codes, cells, view)
             for family, codes in families.items()]  # fmt: skip
    return parts.section(
        "every-indicator", view.say("table_title"), view.say("table_lead", context=view.context), *folds,
        html.P(view.say("table_note"), className="small"), keys(cells.values(), view),
    )  # fmt: skip


def family_link(family: str, codes: list[str], cells: Cells, view: View) -> html.Div:
    """A field of work that is folded away: its name leads to its first indicator, which unfolds it."""
    query = view.selection.but(indicator=codes[0]).query
    name = parts.link(parts.shaped("▸", view.label("family", family)), "/", query)
    return html.Div([name, tally(here(codes, cells, view), view)], className="family folded")


def family_table(family: str, codes: list[str], cells: Cells, view: View) -> html.Div:
    """The field of work of the chosen indicator: each of its indicators by place. All of them at once would be slow."""
    places = view.published.places
    name = view.label("family", family)
    head = [view.say("indicator"), *(view.label("place", place) for place in places)]
    body = [
        [parts.definition(code, view), *(parts.figure(cells[code, place], view, place) for place in places)]
        for code in codes
    ]
    top = html.Div([html.H3(name), tally(here(codes, cells, view), view)], className="folded")
    return html.Div([top, parts.table(head, body, f"{name}. {view.context}", name="figures")], className="family")


def here(codes: list[str], cells: Cells, view: View) -> list[Cell]:
    """The figures of some indicators at the chosen place."""
    return [cells[code, view.selection.place] for code in codes]


def tables(view: View) -> list[Table]:
    """What can be downloaded."""
    every = indicators_table("indicators", f"{view.say('table_title')}, {view.place}", view.published.indicators, view)
    cells = all_cells(view)
    return [every, attention_table(cells, view), objectives_table(view), *region_tables(view)]


PAGE = Page(path="/", order=1, name="overview_nav", title="overview_title", body=body, words=WORDS, tables=tables)
