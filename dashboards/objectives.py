"""How the objectives of the projects stand at a place, and which figures need somebody's attention."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dash import html

from dashboards import parts
from dashboards.blocks import INDICATOR_PATH, totals, where
from dashboards.cells import Cell
from dashboards.data import Row
from dashboards.tables import Amount, Item, State, Table, of_figures
from dashboards.tally import tally
from dashboards.view import View
from indicators.progress import OFF_TRACK, WATCH
from reports.edition import REGION

Cells = Mapping[tuple[str, str], Cell]


def objectives(view: View) -> html.Section:
    """A card for each objective that is measured, with its indicators at the chosen place."""
    found = list(grouped(view))
    codes = {code for _, group in found for row in group for code in row["indicators"]}
    cells = totals(codes, view)
    content: list[Any] = []
    for title, group in found:
        content += [html.H3(title)] if title else []
        content.append(html.Div([card(row, cells, view) for row in group], className="objectives"))
    files = parts.downloads(objectives_table(view), view)
    return parts.section("by-objective", view.say("objectives_title"), where(view), *content, files)


def grouped(view: View) -> Iterator[tuple[str, list[Row]]]:
    """Projects with their measured objectives; the fields of work where no project has a target at the place."""
    results: dict[str, list[Row]] = {}
    for row in view.published.results(view.selection.place):
        results.setdefault(row[f"project_{view.lang}"], []).append({**row, "title": row[f"title_{view.lang}"]})
    if results:
        yield from results.items()
        return
    families: dict[str, list[str]] = {}
    for code, about in view.published.indicators.items():
        families.setdefault(about["family"], []).append(code)
    yield (
        "",
        [
            {"result": "", "title": view.label("family", family), "indicators": codes}
            for family, codes in families.items()
        ],
    )


def card(row: Row, cells: Mapping[str, Cell], view: View) -> html.Article:
    """An objective, how many of its indicators are where, and each with its figure; those with a target first."""
    mine = {code: cells[code] for code in row["indicators"] if code in cells}
    title = f"{row['result']} {row['title']}".strip()
    listed = sorted(mine, key=lambda code: not mine[code].is_judged)
    lines = [html.Li(line(code, mine[code], view)) for code in listed]
    return html.Article([html.H4(title), tally(mine.values(), view), html.Ul(lines)], className="objective")


def line(code: str, found: Cell, view: View, place: str = "") -> list[Any]:
    """An indicator as a link to its page, its figure, its target and its state."""
    chosen = view.selection.but(indicator=code, by="", region="", place=place or view.selection.place)
    name = parts.link(view.title(code), INDICATOR_PATH, chosen.query)
    against = [html.Span(view.say("value_of_target", target=found.target), className="small")] if found.target else []
    value = [html.Span(found.value, className="value")] if found.is_shown else []
    return [name, html.Span([*value, *against, parts.state(found)], className="said")]


def objectives_table(view: View) -> Table:
    """The objectives and their indicators as a table."""
    found = [row for _, group in grouped(view) for row in group]
    cells = totals({code for row in found for code in row["indicators"]}, view)
    entries = [
        (f"{row['result']} {row['title']}: {view.title(code)} ({code})".strip(), cells[code])
        for row in found
        for code in row["indicators"]
        if code in cells
    ]
    title = view.say("objectives_title")
    return of_figures("objectives", title, where(view), view.say("objective"), entries, view.lang)


def needing(cells: Cells, view: View) -> list[tuple[str, str, Cell]]:
    """Indicator, place and figure of what is off track or at risk, off track first: at the place, or everywhere."""
    chosen = view.selection.place
    found = [
        (code, place, one)
        for (code, place), one in cells.items()
        if one.state in (OFF_TRACK, WATCH) and chosen in (REGION, place)
    ]
    return sorted(found, key=lambda item: item[2].state != OFF_TRACK)


def attention(cells: Cells, view: View) -> html.Section:
    """What is off track or at risk, each with the way to its page; or that nothing is."""
    found = needing(cells, view)
    if not found:
        return parts.section("attention", view.say("attention_title"), view.say("attention_none"))
    lines = [
        html.Li([html.Span(view.label("place", place), className="place"), *line(code, one, view, place)])
        for code, place, one in found
    ]
    files = parts.downloads(attention_table(cells, view), view)
    return parts.section("attention", view.say("attention_title"), "", html.Ul(lines, className="attention"), files)


def attention_table(cells: Cells, view: View) -> Table:
    """The same as a table."""
    head = tuple(view.say(key) for key in ("indicator", "place", "actual", "target", "status_column"))
    rows: list[tuple[Item, ...]] = [
        (f"{view.title(code)} ({code})", view.label("place", place), one,
         Amount(one.target_number, one.unit) if one.target_number is not None else "–", State(one))
        for code, place, one in needing(cells, view)
    ]  # fmt: skip
    return Table("attention", view.say("attention_title"), view.context, head, tuple(rows))
