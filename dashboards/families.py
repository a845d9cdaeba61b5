"""Pages made of families of indicators: what an edition has of a family is on its page, whether a part names it or not.

A page says which indicators belong together (`Part`) and which breakdowns of them are drawn; an indicator that a part
does not name stands in the last part, and a breakdown that is not drawn stands below as a table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dash import html

from dashboards import blocks, parts
from dashboards.cells import Cell, cell
from dashboards.quality import edition_line
from dashboards.tables import Item, Table
from dashboards.view import View

REST = "rest"


@dataclass(frozen=True)
class Part:
    """A section of a page about indicators that belong together.

    `ident` names it in addresses; the page's words have its title under `<ident>_title` and what a reader should ask of
    it under `<ident>_lead`. `drawn` are the breakdowns shown as charts, in their order; an indicator that is not in it
    has its first one drawn.
    """

    ident: str
    indicators: tuple[str, ...]
    drawn: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def title(self, view: View) -> str:
        """The heading of the section."""
        return view.say("rest_title" if self.ident == REST else f"{self.ident}_title")

    def lead(self, view: View) -> str:
        """The question it answers."""
        return view.say("rest_lead" if self.ident == REST else f"{self.ident}_lead")


def held(families: Iterable[str], named: Sequence[Part], view: View) -> list[Part]:
    """The parts with those of their indicators that the edition has, then one with the rest of the families."""
    known = view.published.indicators
    wanted = set(families)
    given = {code for part in named for code in part.indicators}
    rest = tuple(code for code, row in known.items() if row["family"] in wanted and code not in given)
    found = [
        Part(part.ident, tuple(code for code in part.indicators if code in known), part.drawn)
        for part in (*named, Part(REST, rest))
    ]
    return [part for part in found if part.indicators]


def top(view: View) -> html.Section:
    """The heading of the page, of what it is, and the link to all its tables at once."""
    lead = [html.P(blocks.where(view), className="context"), html.P(view.say("lead"), className="lead")]
    return html.Section([html.H1(view.say("title")), *lead, parts.download_all(view)], className="headline")


def page(view: View, shown: Sequence[Part], *more: Any) -> html.Div:
    """A whole page: the parts, what else the page has, all places side by side, and the edition."""
    return html.Div(
        [
            top(view),
            *(section(part, shown, view) for part in shown),
            *more,
            by_place(codes_of(shown), view),
            edition_line(view),
        ]
    )


def codes_of(shown: Iterable[Part]) -> list[str]:
    """The indicators of the parts, each once."""
    return list(dict.fromkeys(code for part in shown for code in part.indicators))


def section(part: Part, shown: Sequence[Part], view: View, *more: Any) -> html.Section:
    """The part's indicators against their targets, then their breakdowns."""
    title = part.title(view)
    listed = blocks.indicators_block(part.ident, title, part.indicators, view)
    drawn = [_breakdown(code, name, view) for code, name in drawn_of(part, view)]
    return parts.section(part.ident, title, part.lead(view), listed, *more, *drawn, *_others(part, shown, view))


def drawn_of(part: Part, view: View) -> list[tuple[str, str]]:
    """Indicators and breakdowns with a chart."""
    found = view.published.breakdowns
    return [
        (code, name)
        for code in part.indicators
        for name in part.drawn.get(code, tuple(found.get(code, ())[:1]))
        if name in found.get(code, ())
    ]


def _breakdown(code: str, breakdown: str, view: View) -> html.Div:
    heading = f"{view.title(code)}: {view.label('breakdown', breakdown)}"
    return html.Div([html.H3(heading), blocks.breakdown_block(code, breakdown, view)], className="breakdown")


def others_of(part: Part, shown: Sequence[Part], view: View) -> list[tuple[str, str]]:
    """Indicators and breakdowns that no part draws: they stand as tables in the first part of the indicator."""
    drawn = {pair for one in shown for pair in drawn_of(one, view)}
    before = {code for one in shown[: shown.index(part)] for code in one.indicators}
    pairs = [(code, name) for code in part.indicators for name in view.published.breakdowns.get(code, ())]
    return [pair for pair in pairs if pair not in drawn and pair[0] not in before]


def _others(part: Part, shown: Sequence[Part], view: View) -> Iterator[html.Details]:
    tables = [blocks.breakdown_table(code, name, view) for code, name in others_of(part, shown, view)]
    listed = [html.Div([html.H3(table.title), parts.tabled(table, view)]) for table in tables if table.rows]
    if listed:
        yield html.Details([html.Summary(view.say("more_breakdowns")), *listed], className="others")


def by_place_table(codes: Sequence[str], view: View) -> Table:
    """Every place beside every other, for the chosen calendar and period."""
    cells = _cells(codes, view)
    places = view.published.places
    head = (view.say("indicator"), *(view.label("place", place) for place in places))
    rows: list[tuple[Item, ...]]
    rows = [(f"{view.title(code)} ({code})", *(cells[code, place] for place in places)) for code in codes]
    return Table("by-place", view.say("by_place_title"), view.context, head, tuple(rows), view.say("by_place_note"))


def by_place(codes: Sequence[str], view: View) -> html.Section:
    """The places side by side: on the overview, by field of work, and here as a file. Twice would be slow."""
    known, table = view.published.indicators, by_place_table(codes, view)
    first = {known[code]["family"]: code for code in reversed(codes)}
    links = [
        html.Li(parts.link(view.label("family", family), "/", view.selection.but(indicator=code).query))
        for family, code in reversed(first.items())
    ]
    lead = view.say("by_place_lead")
    return parts.section(
        "by-place", table.title, lead, html.Ul(links, className="fields"), parts.downloads(table, view)
    )


def _cells(codes: Iterable[str], view: View) -> dict[tuple[str, str], Cell]:
    rows = view.published.totals(view.selection.calendar, view.selection.period)
    known = view.published.indicators
    return {
        (code, place): cell(rows.get((code, place)), known[code], view.lang)
        for code in codes
        for place in view.published.places
    }


def tables(view: View, shown: Sequence[Part]) -> Iterator[Table]:
    """Every table of the parts, as `/export` gives them."""
    for part in shown:
        yield blocks.indicators_table(part.ident, part.title(view), part.indicators, view)
        for code, name in (*drawn_of(part, view), *others_of(part, shown, view)):
            table = blocks.breakdown_table(code, name, view)
            if table.rows:
                yield table
    yield by_place_table(codes_of(shown), view)
