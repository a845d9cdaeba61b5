"""The frame around every page: header, filters, and what fills them from the address.

The filters stand in the frame, so they keep the focus while a page below them is drawn anew. The
address is the state: filters write it, and everything is drawn from it.
"""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import html, page_container

from dashboards import parts
from dashboards.state import FILTERED, Selection
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
                html.Main(page_container, id="main", tabIndex="-1"),
            ],
            className="page",
        ),
        theme=THEME,
        forceColorScheme="light",
    )


def filter_box(name: str) -> dmc.Select:
    """One filter; without a blank choice, because the address always says everything."""
    return dmc.Select(
        id=f"filter-{name}", data=[], allowDeselect=False, checkIconPosition="right", className=f"filter {name}",
        comboboxProps={"transitionProps": {"duration": 0}}, maxDropdownHeight=360, size="md",
    )  # fmt: skip


def header(view: View, pages: list[Page], path: str) -> html.Header:
    """Programme, pages and languages; the links carry what is selected."""
    query = view.selection.query
    menu = [
        parts.link(page.words(page.name, view.lang), page.path, query, className="here" if page.path == path else "")
        for page in pages
    ]
    return html.Header(
        [
            html.A(view.say("skip"), href="#main", className="skip"),
            html.Span(view.say("programme"), className="programme"),
            html.Nav(menu, className="menu", **{"aria-label": view.say("pages")}),
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
    return {"period": periods, "calendar": calendars, "indicator": _indicators(view), "place": places}


def _indicators(view: View) -> list[dict[str, Any]]:
    """Indicators under the names of their families."""
    families: dict[str, list[dict[str, str]]] = {}
    for code, about in view.published.indicators.items():
        families.setdefault(about["family"], []).append({"value": code, "label": view.title(code)})
    return [{"group": view.label("family", family), "items": items} for family, items in families.items()]
