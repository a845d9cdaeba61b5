"""Blocks that several pages show: an indicator over time, by place, by a breakdown, and lists of indicators.

Each gives its table first (`..._table`), so that a page offers the same for download that it draws.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from dash import html

from dashboards import charts, parts
from dashboards.cells import Cell, cell
from dashboards.data import TOTAL
from dashboards.tables import Table, of_figures
from dashboards.view import View
from reports.edition import SUPPRESSED

# Nobody would add these up, so nobody has to be told that they do not add up.
MEASURES = ("percent", "ratio", "days", "points", "usd", "score")
MOST_BARS = 12  # of a chart; its table has every category
INDICATOR_PATH = "/indicator"


def total(indicator: str, view: View) -> Cell:
    """The whole figure of an indicator at the chosen place, calendar and period."""
    return totals([indicator], view)[indicator]


def totals(codes: Iterable[str], view: View) -> dict[str, Cell]:
    """The whole figures of those of the indicators that the edition has, at the chosen place, calendar and period."""
    rows = view.published.totals(view.selection.calendar, view.selection.period)
    known = view.published.indicators
    return {
        code: cell(rows.get((code, view.selection.place)), known[code], view.lang) for code in codes if code in known
    }


def by_category(indicator: str, breakdown: str, view: View) -> dict[str, Cell]:
    """The figures of a breakdown by category code, here and now; empty if there are none."""
    chosen, definition = view.selection, view.published.indicators.get(indicator)
    if definition is None:
        return {}
    rows = view.published.by_category(indicator, breakdown, chosen.calendar, chosen.period, chosen.place)
    return {category: cell(row, definition, view.lang) for category, row in rows.items()}


def over_time(indicator: str, view: View) -> dict[str, Cell]:
    """The whole figures of an indicator at the chosen place by the label of their period, oldest first."""
    published, chosen = view.published, view.selection
    rows = published.series(indicator, chosen.calendar, chosen.place)
    definition = published.indicators[indicator]
    return {
        published.period_label(chosen.calendar, period, view.lang): cell(rows.get(period), definition, view.lang)
        for period in published.periods[chosen.calendar]
    }


def over_time_table(indicator: str, view: View) -> Table:
    """An indicator over all periods of the chosen calendar."""
    title = f"{view.title(indicator)}, {view.place}"
    context = view.label("calendar", view.selection.calendar)
    return of_figures(
        f"{slug(indicator)}-over-time",
        title,
        context,
        view.say("period"),
        over_time(indicator, view).items(),
        view.lang,
    )


def over_time_block(indicator: str, view: View) -> html.Div:
    """An indicator over time with the line of its targets."""
    drawn = charts.over_time(over_time(indicator, view), view.lang)
    return parts.charted(over_time_table(indicator, view), drawn, view)


def breakdown_table(indicator: str, breakdown: str, view: View) -> Table:
    """An indicator by a breakdown at the chosen place, calendar and period; without rows if there are no figures."""
    labelled = {view.label(breakdown, code): found for code, found in by_category(indicator, breakdown, view).items()}
    title = f"{view.title(indicator)}: {view.label('breakdown', breakdown)}"
    about = view.published.indicators[indicator]
    adds_up = breakdown in (about["adds_up"] or []) or about["unit"] in MEASURES
    return of_figures(
        f"{slug(indicator)}-by-{slug(breakdown)}", title, where(view), view.label("breakdown", breakdown),
        labelled.items(), view.lang, note="" if adds_up else view.say("does_not_add_up"),
    )  # fmt: skip


def breakdown_block(indicator: str, breakdown: str, view: View) -> html.Div:
    """Chart, table and files of a breakdown; a sentence where there is nothing to draw."""
    if indicator not in view.published.indicators:
        return html.Div(html.P(view.say("no_indicator"), className="small"))
    found = by_category(indicator, breakdown, view)
    if not any(one.is_shown for one in found.values()):
        return html.Div(html.P(nothing_shown(found.values(), view), className="protected"))
    table = breakdown_table(indicator, breakdown, view)
    points = bars({view.label(breakdown, code): one for code, one in found.items()})
    return parts.charted(table, charts.by_category(points, view.lang), view, charts.height_of(points, view.lang))


def bars(points: Mapping[str, Cell]) -> dict[str, Cell]:
    """What a chart draws: every category, or of many the largest, largest first."""
    if len(points) <= MOST_BARS:
        return dict(points)
    shown = sorted(
        (item for item in points.items() if item[1].number), key=lambda item: -(item[1].number or Decimal(0))
    )
    return dict(shown[:MOST_BARS])


def nothing_shown(cells: Iterable[Cell], view: View) -> str:
    """Why a breakdown has no number at all."""
    states = {one.state for one in cells}
    if not states:
        return view.say("no_breakdown")
    return view.say("all_hidden" if SUPPRESSED in states else "all_without_number")


def indicators_table(name: str, title: str, codes: Iterable[str], view: View) -> Table:
    """A list of indicators at the chosen place, calendar and period against their targets."""
    entries = ((f"{view.title(code)} ({code})", found) for code, found in totals(codes, view).items())
    return of_figures(name, title, where(view), view.say("indicator"), entries, view.lang)


def indicators_block(name: str, title: str, codes: Iterable[str], view: View) -> html.Div:
    """The list with each definition a key press away and a link to the indicator's own page, and its files."""
    found = totals(codes, view)
    table = indicators_table(name, title, found, view)
    body: list[list[Any]] = []
    for code, row in zip(found, table.rows, strict=True):
        cells = zip(table.head[1:], row[1:], strict=True)
        shown = [[parts.stacked(head), parts.item_cell(item, view)] for head, item in cells]
        body.append([[parts.definition(code, view), to_indicator(code, view)], *shown])
    drawn = parts.table(list(table.head), body, f"{table.title}. {table.context}", name="series list")
    return html.Div([drawn, parts.downloads(table, view)], className="tabled")


def to_indicator(code: str, view: View, words: str = "", **changes: str) -> Any:
    """The link to the page of an indicator; `words` are its own, or say that it leads there."""
    query = view.selection.but(indicator=code, **changes).query
    # Many links of the same words: whose they are is said to whoever hears them out of their row.
    said = words or [html.Span(view.say("to_indicator")), html.Span(f": {view.title(code)}", className="unseen")]
    return parts.link(said, INDICATOR_PATH, query, className="more")


def where(view: View) -> str:
    """Place, calendar and period in words: of what a table is."""
    return f"{view.place} · {view.context}"


def slug(code: str) -> str:
    """A code as a part of an address."""
    return code.lower().replace("_", "-")


def is_broken_down(indicator: str, breakdown: str, view: View) -> bool:
    """Whether the edition has figures of this breakdown at all."""
    return breakdown != TOTAL and breakdown in view.published.breakdowns.get(indicator, [])
