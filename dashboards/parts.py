"""Pieces of pages: how a figure, a definition or a table is drawn, in plain HTML."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from dash import dcc, html

from dashboards import charts
from dashboards.cells import Cell
from dashboards.data import Row
from dashboards.tables import Item, State, Table, said
from dashboards.view import View
from reports import format as fmt

HOME = "overview"  # what the page at `/` is called in the address of a file
WIDE = 5  # columns; a table of more takes the whole width, and stacks its cells on a narrower screen than a desk's
FULL = 150  # per cent of the target at the end of a progress bar


def shaped(shape: str, words: str) -> list[html.Span]:
    """A shape, for the eye only, before words."""
    return [html.Span(shape, className="shape", **{"aria-hidden": "true"}), html.Span(words)]


def state(cell: Cell) -> html.Span:
    """Shape and word of a state."""
    return html.Span(shaped(cell.shape, cell.word), className=f"state {cell.state}")


def stacked(words: str) -> html.Span:
    """The column's name inside a cell, for narrow screens that stack the cells."""
    return html.Span(words, className="stacked-label", **{"aria-hidden": "true"})


def lines(*texts: str, name: str) -> list[html.Span]:
    """One line for each text that is not empty."""
    return [html.Span(line, className=name) for line in texts if line]


def figure(cell: Cell, view: View, place: str) -> list[Any]:
    """A figure in a table cell: number or word, state, target, offices where some are missing."""
    if cell.is_shown:
        shown: list[Any] = [html.Span([html.Span(cell.value, className="value"), *lines(cell.parts, name="parts")])]
        shown += [state(cell)] if cell.is_judged else lines(cell.word, name="small")
    else:
        shown = [html.Span(state(cell), title=cell.why), *lines(cell.brief, name="small")]
    against = [view.say("value_of_target", target=cell.target)] if cell.target else []
    shown += lines(*against, cell.percent, name="small")
    shown += [] if cell.is_complete else lines(cell.offices, name="small incomplete")
    return [stacked(view.label("place", place)), html.Div(shown, className="flow")]


def definition(code: str, view: View) -> html.Details:
    """An indicator's title that opens its definition, by mouse or keyboard."""
    about = view.published.indicators[code]
    terms = [
        (view.say("definition"), about[f"definition_{view.lang}"]),
        (view.say("unit"), view.label("unit", about["unit"])),
        (view.say("direction"), view.say(f"direction_{about['direction']}")),
        (view.say("breakdowns"), _breakdowns(about, view)),
        (view.say("reviewed"), fmt.day(about["reviewed_on"], view.lang) if about["reviewed_on"] else ""),
    ]
    listed = [item for term, words in terms if words for item in (html.Dt(term), html.Dd(words))]
    title = [html.Span(about[f"title_{view.lang}"]), html.Span(code, className="code")]
    return html.Details([html.Summary(title), html.Dl(listed)], className="definition")


def progress_bar(cell: Cell) -> html.Div:
    """The share of the target as a bar with a mark at 100 %, for the eye only.

    Hatched where there is no number, blank where a number has nothing to be measured against.
    """
    if cell.share is None:
        return html.Div(className="bar none" if cell.is_shown else "bar empty", **{"aria-hidden": "true"})
    width = min(max(cell.share, Decimal(0)) * 100, Decimal(FULL)) * 100 / FULL
    fill = html.Div(className=f"fill {cell.state}", style={"width": f"{width:.0f}%"})
    return html.Div([fill, html.Div(className="goal")], className="bar", **{"aria-hidden": "true"})


def table(head: list[Any], body: list[list[Any]], caption: str, name: str = "") -> html.Table:
    """A table whose first column names its rows. Roles are said because narrow screens stack the cells."""
    header = html.Tr([html.Th(cell, scope="col", role="columnheader") for cell in head], role="row")
    rows = [
        html.Tr(
            [html.Th(row[0], scope="row", role="rowheader"), *(html.Td(cell, role="cell") for cell in row[1:])],
            role="row",
        )
        for row in body
    ]
    parts = [
        html.Caption(caption, className="unseen"),
        html.Thead(header, role="rowgroup"),
        html.Tbody(rows, role="rowgroup"),
    ]
    return html.Table(parts, className=name, role="table")


def section(ident: str, title: str, lead: str, *content: Any) -> html.Section:
    """A part of a page under a heading that names it; `ident` is unique on the page."""
    top = [html.H2(title, id=ident), *([html.P(lead, className="lead")] if lead else [])]
    return html.Section([*top, *content], **{"aria-labelledby": ident})


def charted(of: Table, drawn: dict[str, Any], view: View, height: str = charts.HEIGHT) -> html.Div:
    """A chart of `dashboards.charts`, always with its sentence, its table and its files."""
    graph = dcc.Graph(id=f"chart-{of.name}", figure=drawn, config=charts.config(view.lang), className="chart",
                      style={"height": height})  # fmt: skip
    picture = html.Div(graph, role="figure", className="picture", **{"aria-label": of.spoken(view.lang)})
    beside = "beside wide" if len(of.head) > WIDE else "beside"
    return html.Div([picture, tabled(of, view)], className=beside)


def tabled(of: Table, view: View) -> html.Div:
    """A table with its note and its files."""
    note = [html.P(of.note, className="small")] if of.note else []
    return html.Div([drawn_table(of, view), *note, downloads(of, view)], className="tabled")


def drawn_table(shown: Table, view: View) -> html.Table:
    """A table as HTML: the same words and numbers as in its files."""
    body = [
        [row[0], *([stacked(name), item_cell(item, view)] for name, item in zip(shown.head[1:], row[1:], strict=True))]
        for row in shown.rows
    ]
    name = "figures" if len(shown.head) > WIDE else "series"
    return table(list(shown.head), body, f"{shown.title}. {shown.context}", name=name)


def item_cell(item: Item, view: View) -> Any:
    """One item of a table; a figure with its parts or the word in its place, and its offices where some are missing."""
    if isinstance(item, State):
        return state(item.cell)
    if not isinstance(item, Cell):
        return said(item, view.lang)
    shown: list[Any] = [item.value] if item.is_shown else [html.Span(state(item), title=item.why)]
    shown += lines(item.parts, name="small") + (
        [] if item.is_complete else lines(item.offices, name="small incomplete")
    )
    return html.Div(shown, className="flow")


def downloads(of: Table, view: View) -> html.P:
    """The links to the files of a table; plain addresses, so that a script or a spreadsheet can ask for them too."""
    links = [
        html.A(kind.upper(), href=f"{export_path(view)}/{of.name}.{kind}{view.query}", download="",
               **{"aria-label": view.say("download_of", kind=kind.upper(), title=of.title)})
        for kind in ("csv", "xlsx")
    ]  # fmt: skip
    return html.P([html.Span(view.say("download") + ": "), *links], className="small downloads")


def download_all(view: View) -> html.P:
    """The link to one workbook with every table of the page."""
    href = f"{export_path(view)}.xlsx{view.query}"
    return html.P(html.A(view.say("download_all") + " (XLSX)", href=href, download=""), className="small downloads")


def export_path(view: View) -> str:
    """Where the files of the page are."""
    return f"/export/{view.path.strip('/') or HOME}"


def link(words: Any, path: str, query: str, **properties: Any) -> dcc.Link:
    """A link inside the dashboard that keeps what is selected."""
    return dcc.Link(words, href=path + query, **properties)


def _breakdowns(about: Row, view: View) -> str:
    return ", ".join(view.label("breakdown", name) for name in about["breakdowns"] or []) or view.say("none")
