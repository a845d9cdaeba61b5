"""Are we on target? By country first, then over time, then every indicator, then how complete the data are."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from dashboards import charts, parts
from dashboards.cells import GOOD, JUDGED, SHAPES, Cell, cell, word
from dashboards.changes import changed
from dashboards.quality import completeness, edition_line
from dashboards.view import Page, View
from indicators.progress import ABOVE, NO_TARGET, OFF_TRACK, ON_TRACK, WATCH, Bands
from reports.edition import REGION

Cells = dict[tuple[str, str], Cell]


def body(view: View) -> html.Div:
    """The whole page for a view."""
    cells = all_cells(view)
    sections = [headline(cells, view), tiles(cells, view), over_time(view), every_indicator(cells, view), changed(view)]
    return html.Div([*sections, completeness(view), edition_line(view)])


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
    """The answer in a sentence, for the region where there is one."""
    place = REGION if REGION in view.published.places else view.selection.place
    here = [found for (_, where), found in cells.items() if where == place]
    judged = [found for found in here if found.is_judged]
    good = sum(found.state in GOOD for found in judged)
    counts = {"good": str(good), "judged": str(len(judged))}
    answer = view.say("headline" if judged else "headline_none", place=view.label("place", place), **counts)
    rest = view.say("headline_not_judged", count=str(len(here) - len(judged)))
    return html.Section(
        [
            html.H1(view.say("overview_title")),
            html.P(context(view), className="context"),
            html.P(answer, className="answer"),
            html.Div([tally(here, view), html.Span(rest, className="small")], className="answer-detail"),
        ],
        className="headline",
    )


def context(view: View) -> str:
    """Which calendar and period the page shows, in words; it also stands on the printed page."""
    return f"{view.label('calendar', view.selection.calendar)} · {view.period}"


def tally(cells: list[Cell], view: View) -> html.Ul:
    """How many indicators are in each state, with its word and shape."""
    counts = {state: sum(found.state == state for found in cells) for state in JUDGED}
    items = [
        html.Li(parts.shaped(SHAPES[state], f"{word(state, view.lang)}: {n}"), className=f"state {state}")
        for state, n in counts.items()
        if n
    ]
    return html.Ul(items, className="tally")


def tiles(cells: Cells, view: View) -> html.Section:
    """One tile for each country: the chosen indicator, and how its other indicators stand."""
    chosen = view.selection.indicator
    heading = html.H2(view.say("tiles_title"), id="by-country")
    lead = html.P(view.title(chosen), className="lead")
    shown = [tile(place, cells, view) for place in view.published.countries]
    return html.Section([heading, lead, html.Div(shown, className="tiles")], **{"aria-labelledby": "by-country"})


def tile(place: str, cells: Cells, view: View) -> html.Article:
    """A country: number or word, target, per cent, offices, and the tally of all its indicators."""
    found = cells[view.selection.indicator, place]
    others = [cell for (_, where), cell in cells.items() if where == place]
    none_said = found.state == NO_TARGET  # the word of the state already says so
    no_target = "" if none_said else view.say("no_target")
    target = view.say("value_of_target", target=found.target) if found.target else no_target
    link = parts.link(view.label("place", place), "/", view.selection.but(place=place).query)
    if found.is_shown:
        number: list[Any] = [html.Span(found.value, className="value"), *parts.lines(found.parts, name="parts")]
    else:
        number = [html.Span(found.why, className="why")]
    return html.Article(
        [
            html.H3(link),
            parts.state(found),
            html.P(number, className="number"),
            html.P([html.Span(line) for line in (target, found.percent) if line], className="against"),
            parts.progress_bar(found),
            html.P(found.offices, className="small" if found.is_complete else "small incomplete"),
            html.Div([html.Span(view.say("all_indicators"), className="small"), tally(others, view)], className="rest"),
        ],
        className=f"tile {found.state}",
    )


def over_time(view: View) -> html.Section:
    """The chosen indicator and place over all periods, with a sentence and a table that say the same."""
    points = series(view)
    title, place = view.title(view.selection.indicator), view.label("place", view.selection.place)
    said = view.say("chart_summary", indicator=title, place=place, points="; ".join(spoken(points, view)))
    figure = charts.over_time(points, view.lang)
    graph = dcc.Graph(
        id="chart", figure=figure, config=charts.CONFIG, className="chart", style={"height": charts.HEIGHT}
    )
    drawn = html.Div(graph, role="img", **{"aria-label": said})
    return html.Section(
        [
            html.H2(view.say("chart_title"), id="over-time"),
            html.P(view.say("chart_lead", indicator=title, place=place), className="lead"),
            html.Div([drawn, series_table(points, said, view)], className="beside"),
        ],
        **{"aria-labelledby": "over-time"},
    )


def series(view: View) -> dict[str, Cell]:
    """The cells of the chosen indicator and place by the label of their period."""
    published, chosen = view.published, view.selection
    rows = published.series(chosen.indicator, chosen.calendar, chosen.place)
    definition = published.indicators[chosen.indicator]
    return {
        published.period_label(chosen.calendar, period, view.lang): cell(rows.get(period), definition, view.lang)
        for period in published.periods[chosen.calendar]
    }


def spoken(points: dict[str, Cell], view: View) -> list[str]:
    """Each point of the chart as words."""
    return [
        view.say("chart_point" if point.target else "chart_point_no_target", period=period, value=point.said,
                 **({"target": point.target} if point.target else {}))
        for period, point in points.items()
    ]  # fmt: skip


def series_table(points: dict[str, Cell], caption: str, view: View) -> html.Table:
    """The chart as a table."""
    head = [view.say(key) for key in ("period", "actual", "target", "of_target_column", "status_column")]
    body: list[list[Any]] = []
    for period, point in points.items():
        actual = [
            point.value or "–",
            *([] if point.is_complete else parts.lines(point.offices, name="small incomplete")),
        ]
        texts = [
            html.Div(actual, className="flow"),
            point.target or view.say("no_target"),
            point.percent or "–",
            parts.state(point),
        ]
        body.append([period, *([parts.stacked(column), said] for column, said in zip(head[1:], texts, strict=True))])
    return parts.table(head, body, caption, name="series")


def every_indicator(cells: Cells, view: View) -> html.Section:
    """The table of all indicators of the edition against their targets, region and countries."""
    places = view.published.places
    head = [view.say("indicator"), *(view.label("place", place) for place in places)]
    body = [
        [parts.definition(code, view), *(parts.figure(cells[code, place], view, place) for place in places)]
        for code in view.published.indicators
    ]
    caption = f"{view.say('table_title')}. {context(view)}"
    return html.Section(
        [
            html.H2(view.say("table_title"), id="every-indicator"),
            html.P(context(view), className="lead"),
            parts.table(head, body, caption, name="figures"),
            html.P(view.say("table_note"), className="small"),
            keys(cells, view),
        ],
        **{"aria-labelledby": "every-indicator"},
    )


def keys(cells: Cells, view: View) -> html.Details:
    """The rule of the states, and in words what stands in place of a number on this page."""
    bands = Bands()
    limits = {
        OFF_TRACK: view.say("band_below", value=str(bands.watch_from)),
        WATCH: view.say("band_between", low=str(bands.watch_from), high=str(bands.on_track_from - 1)),
        ON_TRACK: view.say("band_between", low=str(bands.on_track_from), high=str(bands.above_after)),
        ABOVE: view.say("band_above", value=str(bands.above_after)),
    }
    absent = {found.state: found.why for found in cells.values() if found.why}
    terms = [
        item
        for state, words in {**limits, **absent}.items()
        for item in (html.Dt(f"{SHAPES[state]} {word(state, view.lang)}", className=f"state {state}"), html.Dd(words))
    ]
    parts_of_rule = [html.Summary(view.say("table_keys")), html.P(view.say("states_rule")), html.Dl(terms)]
    return html.Details(parts_of_rule, className="keys", open=True)


PAGE = Page(path="/", order=1, name="overview_nav", title="overview_title", body=body)
