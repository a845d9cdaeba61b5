"""The dashboard as a Flask server: pages found in their folder, one address that says everything."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from html import escape
from pathlib import Path
from types import ModuleType
from typing import Any

import dash
from dash import ClientsideFunction, Dash, Input, Output
from flask import Flask, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from dashboards import pages as own_pages
from dashboards import shell
from dashboards.data import Editions
from dashboards.security import protect
from dashboards.state import FILTERED, parse, select
from dashboards.texts import LANGUAGES, text
from dashboards.view import Page, View
from reports.edition import NoEdition

DRAWN = "esep-pages"  # where the server keeps the functions that draw its pages
A_YEAR = 365 * 24 * 3600  # files carry the time of their last change in their address
DOCUMENT = """<!DOCTYPE html>
<html lang="{lang}">
<head>
<meta charset="UTF-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
<link rel="icon" href="data:,">
{css}
</head>
<body>
{app_entry}
{config}{scripts}{renderer}
</body>
</html>"""


def create_app(folder: Path, package: ModuleType = own_pages) -> Flask:
    """The server over a folder of editions, with the pages of a package."""
    editions = Editions(folder)
    found = find_pages(package)
    by_path = {page.path: page for page in found.values()}
    app = _Document(editions, by_path)
    dash.page_registry.clear()  # it is global, and tests make more than one server
    layouts = {module: _layout(page, editions) for module, page in found.items()}
    for module, page in found.items():
        described = {"order": page.order, "name": page.words(page.name, "en"), "title": _title(page)}
        dash.register_page(module, path=page.path, layout=layouts[module], **described)
    app.layout = shell.frame()
    _connect(app, editions, [page for page in sorted_pages(found) if page.order is not None])
    server: Flask = app.server
    protect(server, app.csp_hashes)
    _routes(server, editions, by_path)
    server.extensions[DRAWN] = list(layouts.values())
    return server


def warm(server: Flask) -> Flask:
    """Make the first requests of a new server and draw every page. Raises RuntimeError if one of them fails.

    Dash registers its callbacks during the first request; several first requests at once find them
    missing and fail.
    """
    client = server.test_client()
    for path in ("/_dash-dependencies", "/_dash-layout", "/"):
        answer = client.get(path, follow_redirects=True)
        if answer.status_code != 200:
            raise RuntimeError(f"the dashboard did not start: {path} answered {answer.status_code}")
    for draw in server.extensions[DRAWN]:
        draw()
    return server


def find_pages(package: ModuleType) -> dict[str, Page]:
    """Every page of a package by the name of its module. Raises TypeError for a module without a PAGE."""
    pages = {}
    for info in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        page = getattr(importlib.import_module(info.name), "PAGE", None)
        if not isinstance(page, Page):
            raise TypeError(f"{info.name}: a page module says PAGE = Page(...)")
        pages[info.name] = page
    return pages


def sorted_pages(found: dict[str, Page]) -> list[Page]:
    """Pages in the order of the menu."""
    return sorted(found.values(), key=lambda page: (page.order is None, page.order or 0, page.path))


class _Document(Dash):
    """Dash with the document in the reader's language."""

    def __init__(self, editions: Editions, by_path: dict[str, Page]) -> None:
        super().__init__(
            "dashboards", backend="flask", assets_folder=str(Path(__file__).parent / "assets"), use_pages=True,
            pages_folder="", suppress_callback_exceptions=True, include_pages_meta=False, update_title="",
            serve_locally=True, enable_mcp=False, title=text("programme", "en"), add_log_handler=False,
        )  # fmt: skip
        self._editions, self._by_path = editions, by_path

    def interpolate_index(self, **pieces: str) -> str:
        """The document around the app; the query has been made whole before it comes here."""
        lang = request.args.get("lang", "en")
        lang = lang if lang in LANGUAGES else "en"
        page = self._by_path.get(request.path)
        words = page.words(page.title, lang) if page else text("not_found_title", lang)
        kept = {name: pieces[name] for name in ("css", "app_entry", "config", "scripts", "renderer")}
        return DOCUMENT.format(lang=lang, title=escape(_document_title(words, lang)), **kept)


def _layout(page: Page, editions: Editions) -> Callable[..., Any]:
    """The content of a page from the names and values of its address, none of which is trusted."""

    def layout(**query: Any) -> Any:
        published = editions.current()
        return page.body(View(published, select(query, published)))

    return layout


def _title(page: Page) -> Callable[[], str]:
    def title() -> str:
        lang = parse(dash.ctx.inputs.get(f"{shell.LOCATION}.search")).get("lang", "en")
        lang = lang if lang in LANGUAGES else "en"
        return _document_title(page.words(page.title, lang), lang)

    return title


def _document_title(words: str, lang: str) -> str:
    return f"{words} · {text('programme', lang)}"


def _connect(app: Dash, editions: Editions, menu: list[Page]) -> None:
    """Address and filters follow each other in the browser; the frame's words come from here."""
    filters = [f"filter-{name}" for name in FILTERED]
    app.clientside_callback(
        ClientsideFunction("address", "follow"),
        Output(shell.LOCATION, "search"),
        *(Output(name, "value") for name in filters),
        Input(shell.LOCATION, "search"),
        *(Input(name, "value") for name in filters),
    )

    @app.callback(
        Output("header", "children"),
        Output("filters", "hidden"),
        Output("filters", "aria-label"),
        *(Output(name, "label") for name in filters),
        *(Output(name, "data") for name in filters),
        Input(shell.LOCATION, "search"),
        Input(shell.LOCATION, "pathname"),
    )
    def fill_frame(search: str | None, path: str | None) -> list[Any]:
        published = editions.current()
        view = View(published, select(parse(search), published))
        here = next((page for page in menu if page.path == path), menu[0])
        labels = [view.say(f"filter_{name}") for name in FILTERED]
        offered = shell.choices(view)
        frame = [shell.header(view, menu, here.path), not here.has_filters, view.say("filters")]
        return [*frame, *labels, *(offered[name] for name in FILTERED)]


def _routes(server: Flask, editions: Editions, by_path: dict[str, Page]) -> None:
    server.config["SEND_FILE_MAX_AGE_DEFAULT"] = A_YEAR

    @server.before_request
    def make_address_whole() -> AnyResponse | None:
        """Send a page's address that leaves something open, or asks for what is not there, to the whole one."""
        if request.method != "GET" or request.path not in by_path:
            return None
        language = request.accept_languages.best_match(list(LANGUAGES), "en")
        whole = select(request.args, editions.current(), str(language)).query
        asked = "?" + request.query_string.decode("latin-1")
        return None if asked == whole else redirect(request.path + whole)

    @server.errorhandler(NoEdition)
    def nothing_published(_: NoEdition) -> Response:
        words = "\n".join(text("no_edition", lang) for lang in LANGUAGES)
        return Response(words + "\n", status=503, mimetype="text/plain")

    @server.get("/healthz")
    def health() -> dict[str, str]:
        return {"edition": editions.current().edition.edition_id}
