"""The dashboard as a Flask server: pages found in their folder, one address that says everything."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import dash
from dash import ClientsideFunction, Dash, Input, Output
from flask import Flask, Response, abort, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from dashboards import downloads, export, shell
from dashboards import pages as own_pages
from dashboards.answers import Answers
from dashboards.compress import compress
from dashboards.document import document, titled
from dashboards.drawing import draw_with_less
from dashboards.editions import Editions
from dashboards.login import Login, inside
from dashboards.login_page import closed
from dashboards.moved import below, mount
from dashboards.parts import HOME
from dashboards.security import A_YEAR, protect
from dashboards.settings import Settings
from dashboards.state import FILTERED, parse, select
from dashboards.texts import LANGUAGES, text
from dashboards.view import Page, View
from reports.edition import NoEdition

DRAWN = "esep-pages"  # where the server keeps the functions that draw its pages
PREFIX = "esep-prefix"  # and below which path they stand
MOST_STEPS = 20  # redirections in a row, after which they are taken for a circle
BODY = """<body>
{app_entry}
{config}{scripts}{renderer}
</body>"""


def create_app(folder: Path, package: ModuleType = own_pages, settings: Settings | None = None) -> Flask:
    """The server over a folder of editions, with the pages of a package. Raises ValueError for a login that is broken.

    `settings` say how it is served; their folder of editions is `folder`.
    """
    settings = replace(settings or Settings(), editions=folder)
    login = Login(settings)
    editions = Editions(folder, login.scope)
    found = find_pages(package)
    by_path = {page.path: page for page in found.values()}
    app = _Document(editions, by_path, settings.prefix)
    dash.page_registry.clear()  # it is global, and tests make more than one server
    layouts = {module: _layout(page, editions, login) for module, page in found.items()}
    for module, page in found.items():
        described = {"order": page.order, "name": page.said(page.name, "en"), "title": _title(page)}
        dash.register_page(module, path=page.path, layout=layouts[module], **described)
    app.layout = shell.frame()
    _connect(app, editions, by_path, [page for page in sorted_pages(found) if page.order is not None], login)
    server: Flask = app.server
    answers = Answers(login.reader, editions.ids)
    answers.keep(server)
    compress(server)
    protect(server, app.csp_hashes, settings, login.is_on)
    login.install(server)
    draw_with_less(server)
    answers.give(server)
    _routes(server, editions, by_path, login)
    downloads.routes(server, editions.chosen)
    mount(server, settings.prefix)
    server.extensions[DRAWN] = list(layouts.values())
    server.extensions[PREFIX] = settings.prefix
    return server


def warm(server: Flask) -> Flask:
    """Make the first requests of a new server and draw every page. Raises RuntimeError if one of them fails.

    Dash registers its callbacks during the first request; several first requests at once find them
    missing and fail.
    """
    for path in ("/_dash-dependencies", "/_dash-layout", "/"):
        status = _asked_inside(server, server.extensions[PREFIX] + path)
        if status != 200:
            raise RuntimeError(f"the dashboard did not start: {path} answered {status}")
    for draw in server.extensions[DRAWN]:
        draw()
    return server


def _asked_inside(server: Flask, address: str) -> int:
    """The status where an address leads, asked by this process of itself.

    Not `follow_redirects`: the mark of such a request is lost on the way. And more than one step, for an edition that
    is published between two of them moves the whole address on.
    """
    client, status = server.test_client(), 302
    for _ in range(MOST_STEPS):
        answer = client.get(address, environ_overrides=inside())
        status = answer.status_code
        if status != 302:
            break
        address = answer.location
    return status


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

    def __init__(self, editions: Editions, by_path: dict[str, Page], prefix: str) -> None:
        super().__init__(
            "dashboards", backend="flask", assets_folder=str(Path(__file__).parent / "assets"), use_pages=True,
            pages_folder="", suppress_callback_exceptions=True, include_pages_meta=False, update_title="",
            serve_locally=True, enable_mcp=False, title=text("programme", "en"), add_log_handler=False,
            requests_pathname_prefix=prefix + "/", routes_pathname_prefix="/",
        )  # fmt: skip
        self._editions, self._by_path = editions, by_path

    def interpolate_index(self, **pieces: str) -> str:
        """The document around the app; the query has been made whole before it comes here."""
        lang = request.args.get("lang", "en")
        lang = lang if lang in LANGUAGES else "en"
        page = self._by_path.get(request.path)
        words = page.said(page.title, lang) if page else text("not_found_title", lang)
        body = BODY.format(**{name: pieces[name] for name in ("app_entry", "config", "scripts", "renderer")})
        return document(lang, words, pieces["css"], body)


def _layout(page: Page, editions: Editions, login: Login) -> Callable[..., Any]:
    """The content of a page from the names and values of its address, none of which is trusted."""

    def layout(**query: Any) -> Any:
        view = view_of(query, editions, page)
        return below(login.settings.prefix, page.body(view) if login.may_open(page.path) else closed(view.lang))

    return layout


def view_of(query: Mapping[str, Any], editions: Editions, page: Page | None = None, language: str = "en") -> View:
    """What an address asks of a page, every part of it checked. Raises NoEdition."""
    ids = editions.ids()  # once: a question that begins in one edition must not end in the next
    published = editions.chosen(query.get("edition"), ids)
    selection = select(query, published, language, ids[0])
    path, words = (page.path, page.words) if page else ("/", {})
    return View(published, selection, path, words, tuple(ids))


def _title(page: Page) -> Callable[[], str]:
    def title() -> str:
        lang = parse(dash.ctx.inputs.get(f"{shell.LOCATION}.search")).get("lang", "en")
        lang = lang if lang in LANGUAGES else "en"
        return titled(page.said(page.title, lang), lang)

    return title


def _connect(app: Dash, editions: Editions, by_path: Mapping[str, Page], menu: list[Page], login: Login) -> None:
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
        Output("edition-note", "children"),
        Output("filters", "hidden"),
        Output("filters", "aria-label"),
        *(Output(f"box-{name}", "hidden") for name in filters),
        *(Output(name, "label") for name in filters),
        *(Output(name, "data") for name in filters),
        Input(shell.LOCATION, "search"),
        Input(shell.LOCATION, "pathname"),
    )
    def fill_frame(search: str | None, path: str | None) -> list[Any]:
        here = by_path.get((path or "").removeprefix(login.settings.prefix), menu[0])
        view = view_of(parse(search), editions, here)
        offered = shell.choices(view)
        hidden = [shell.is_hidden(name, here, view) for name in FILTERED]
        labels = [view.say(f"filter_{name}") for name in FILTERED]
        opened = [page for page in menu if login.may_open(page.path)]
        header = [shell.header(view, opened, here.path), *login.account(view)]
        frame = below(login.settings.prefix, [header, shell.edition_note(view, here.path)])
        return [*frame, all(hidden), view.say("filters"), *hidden, *labels, *(offered[name] for name in FILTERED)]


def _routes(server: Flask, editions: Editions, by_path: dict[str, Page], login: Login) -> None:
    server.config["SEND_FILE_MAX_AGE_DEFAULT"] = A_YEAR  # files carry the time of their last change in their address

    @server.before_request
    def make_address_whole() -> AnyResponse | None:
        """Send a page's address that leaves something open, or asks for what is not there, to the whole one."""
        if request.method != "GET" or request.path not in by_path:
            return None
        language = request.accept_languages.best_match(list(LANGUAGES), "en")
        whole = view_of(request.args, editions, language=str(language)).query
        asked = "?" + request.query_string.decode("latin-1")
        return None if asked == whole else redirect(request.script_root + request.path + whole)

    @server.get("/export/<path:page>.<kind>", defaults={"name": ""})
    @server.get("/export/<path:page>/<name>.<kind>")
    def give_file(page: str, name: str, kind: str) -> AnyResponse:
        """A table of a page, or all of them, as a file that stays the same while edition and address do."""
        shown = by_path.get("/" if page == HOME else f"/{page}")
        if shown is None:
            abort(404)
        if not login.may_open(shown.path):
            abort(403)
        view = view_of(request.args, editions, shown)
        content = export.file_of(shown.tables(view), name, kind, view, shown.path + view.query)
        if content is None:
            abort(404)
        answer = Response(content, mimetype=export.MIMETYPES[kind])
        named = "-".join(filter(None, (page.replace("/", "-"), name, view.published.edition.edition_id)))
        answer.headers["Content-Disposition"] = f'attachment; filename="{named}.{kind}"'
        answer.headers["Cache-Control"] = "private, no-cache"
        answer.add_etag()
        return answer.make_conditional(request)

    @server.errorhandler(NoEdition)
    def nothing_published(_: NoEdition) -> Response:
        words = "\n".join(text("no_edition", lang) for lang in LANGUAGES)
        return Response(words + "\n", status=503, mimetype="text/plain")

    @server.get("/healthz")
    def health() -> dict[str, str]:
        edition_id = editions.current_id()
        return {"edition": edition_id} if login.knows_reader() else {"status": "ok"}
