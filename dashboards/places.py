"""From the region to a country to one of its regions: where a reader is, and what leads further."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboards import parts
from dashboards.blocks import to_indicator
from dashboards.cells import Cell, cell
from dashboards.tables import Table, of_figures
from dashboards.view import View
from reports.edition import REGION

BREAKDOWN = "region"


def breadcrumb(view: View, last: str = "") -> html.Nav | None:
    """The way back up; nothing at the top. `last` is a page below the place."""
    chosen = view.selection
    steps: list[Any] = []
    if REGION in view.published.places and (chosen.place != REGION or last):
        steps.append(parts.link(view.label("place", REGION), "/", chosen.but(place=REGION, region="").query))
    if chosen.place != REGION:
        query = chosen.but(region="").query
        steps.append(parts.link(view.place, "/", query) if chosen.region or last else html.Span(view.place))
    if chosen.region:
        name = view.label(BREAKDOWN, chosen.region)
        steps.append(parts.link(name, "/", chosen.query) if last else html.Span(name))
    steps += [html.Span(last)] if last else []
    if len(steps) < 2:
        return None
    items = [html.Li(step) for step in steps[:-1]] + [html.Li(steps[-1], **{"aria-current": "page"})]
    return html.Nav(html.Ol(items), className="crumbs", **{"aria-label": view.say("crumbs")})


def region_list(view: View) -> html.Section | None:
    """The regions of a country that figures are broken down by, each a link; nothing for the whole region."""
    chosen = view.selection
    found = [] if chosen.place == REGION else view.published.regions(chosen.place)
    if not found:
        return None
    links = [
        html.Li(parts.link(view.label(BREAKDOWN, code), "/", chosen.but(region=code).query,
                           className="here" if code == chosen.region else ""))
        for code in found
    ]  # fmt: skip
    title = view.say("regions_title", place=view.place)
    return parts.section("regions", title, view.say("regions_lead"), html.Ul(links, className="regions"))


def in_region(view: View) -> dict[str, Cell]:
    """The figures of every indicator that is counted by region, for the chosen one."""
    chosen, known = view.selection, view.published.indicators
    rows = view.published.of_category(BREAKDOWN, chosen.region, chosen.calendar, chosen.period, chosen.place)
    return {code: cell(rows[code], known[code], view.lang) for code in known if code in rows}


def region_block(view: View) -> html.Section | None:
    """What is known of the chosen region; each indicator leads to its page, by region."""
    if not view.selection.region:
        return None
    table = region_table(view)
    body: list[list[Any]] = []
    for code, row in zip(in_region(view), table.rows, strict=True):
        definition = [parts.definition(code, view), to_indicator(code, view, by=BREAKDOWN)]
        cells = zip(table.head[1:], row[1:], strict=True)
        body.append([definition, *([parts.stacked(head), parts.item_cell(item, view)] for head, item in cells)])
    drawn = parts.table(list(table.head), body, f"{table.title}. {table.context}", name="series list")
    return parts.section("in-region", table.title, table.context, drawn, parts.downloads(table, view))


def region_table(view: View) -> Table:
    """The same as a table."""
    name = view.label(BREAKDOWN, view.selection.region)
    entries = [(f"{view.title(code)} ({code})", found) for code, found in in_region(view).items()]
    context = f"{view.place} · {view.context}"
    return of_figures("in-region", name, context, view.say("indicator"), entries, view.lang)


def region_tables(view: View) -> list[Table]:
    """The table of the chosen region, if one is chosen."""
    return [region_table(view)] if view.selection.region else []
