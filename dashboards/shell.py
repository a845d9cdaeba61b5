"""The frame around every page: header, filters, and what fills them from the address.

The filters stand in the frame, so they keep the focus while a page below them is drawn anew. The
address is the state: filters write it, and everything is drawn from it.
"""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import html, page_container

from dashboards import parts
from dashboards.freshness import badge
from dashboards.state import CURRENT, FILTERED, Selection
from dashboards.texts import LANGUAGES
from dashboards.view import Page, View

LOCATION = "_pages_location"  # the one address component, which dash.page_container brings
THEME = {"primaryColor": "teal", "fontFamily": "inherit", "defaultRadius": "sm"}


def frame() -> dmc.MantineProvider:
    """The layout: empty filters, which the first answer fills in the reader's language."""
    filters = [filter_box(name) for name in FILTERED]
    return dmc.MantineProvider(
        html.Div(
            [
                html.Div(id="header"),
                html.Nav(filters, id="filters", className="filters", hidden=True),
                html.Div(id="edition-note"),
                html.Main(page_container, id="main", tabIndex="-1"),
            ],
            className="page",
        ),
        theme=THEME,
        forceColorScheme="light",
    )


def filter_box(name: str) -> html.Div:
    """One filter; without a blank choice, because the address always says everything."""
    box = dmc.Select(
        id=f"filter-{name}", data=[], allowDeselect=False, checkIconPosition="right", className="filter",
        comboboxProps={"transitionProps": {"duration": 0}}, maxDropdownHeight=360, size="md",
    )  # fmt: skip
    return html.Div(box, id=f"box-filter-{name}", className=f"box {name}", hidden=True)


def is_hidden(name: str, page: Page, view: View) -> bool:
    """Whether a page goes without a filter. The edition is offered everywhere as soon as there is more than one."""
    return len(view.editions) < 2 if name == "edition" else name not in page.filters


def edition_note(view: View, path: str) -> html.P | None:
    """The warning over every page of an older edition, and the way to the current one."""
    if not view.selection.edition:
        return None
    words = [html.Span("◆ ", className="shape", **{"aria-hidden": "true"}), html.Span(view.say("edition_older")), " "]
    home = parts.link(view.say("edition_to_current"), path, view.selection.but(edition="").query)
    return html.P([*words, home], className="older")


def header(view: View, pages: list[Page], path: str) -> html.Header:
    """Programme, pages and languages; the links carry what is selected."""
    query = view.selection.query
    menu = [
        parts.link(page.said(page.name, view.lang), page.path, query, className="here" if page.path == path else "")
        for page in pages
    ]
    return html.Header(
        [
            html.A(view.say("skip"), href="#main", className="skip"),
            html.Span(view.say("programme"), className="programme"),
            html.Nav(menu, className="menu", **{"aria-label": view.say("pages")}),
            *filter(None, [badge(view)]),
            html.Nav(languages(view.selection, path), className="languages", **{"aria-label": view.say("language")}),
        ],
        className="header",
    )


def languages(selection: Selection, path: str) -> list[html.A]:
    """Plain links that load the page anew, so that the whole document is in the other language."""
    return [
        html.A(words, href=path + selection.but(lang=lang).query, lang=lang, hrefLang=lang,
               className="here" if lang == selection.lang else "")
        for lang, words in LANGUAGES.items()
    ]  # fmt: skip


def choices(view: View) -> dict[str, list[Any]]:
    """What each filter offers: what the edition holds, and nothing else."""
    published, chosen = view.published, view.selection
    periods = [
        {"value": period, "label": published.period_label(chosen.calendar, period, view.lang)}
        for period in reversed(list(published.periods[chosen.calendar]))
    ]
    calendars = [{"value": code, "label": view.label("calendar", code)} for code in published.periods]
    places = [{"value": code, "label": view.label("place", code)} for code in published.places]
    current, *older = view.editions
    editions = [
        {"value": CURRENT, "label": view.say("edition_current", edition=current)},
        *({"value": edition, "label": edition} for edition in older),
    ]
    offered = {"period": periods, "calendar": calendars, "indicator": _indicators(view)}
    return {**offered, "place": places, "edition": editions}


def _indicators(view: View) -> list[dict[str, Any]]:
    """Indicators under the names of their families."""
    families: dict[str, list[dict[str, str]]] = {}
    for code, about in view.published.indicators.items():
        families.setdefault(about["family"], []).append({"value": code, "label": view.title(code)})
    return [{"group": view.label("family", family), "items": items} for family, items in families.items()]
