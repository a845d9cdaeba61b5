"""Whom the server answers: nobody but its users, who sign in; and each with what is theirs to see.

Everything is closed but what `OPEN` lists by the rule of its address: not by what a request says of
itself, which anybody can write. Without a users file there is no login, and `serve` and `security`
keep the server to this machine.
"""

from __future__ import annotations

import math
import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Flask, abort, g, has_request_context, redirect, request, session
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.security import check_password_hash, generate_password_hash
from werkzeug.wrappers import Response as AnyResponse

from dashboards import kept, login_page
from dashboards.accounts import LONGEST, METHOD, Accounts, User
from dashboards.login_words import words
from dashboards.roles import may_open
from dashboards.security import SUITES
from dashboards.sessions import IDLE, Sessions, is_ours, token
from dashboards.settings import Settings
from dashboards.texts import LANGUAGES
from dashboards.throttle import Throttle
from dashboards.view import View
from reports.scope import WHOLE, Scope

OPEN = ("/login", "/healthz", *SUITES)
DOCUMENTS = ("/", "/<path:path>")  # a person who asks for one of these is led to the form
ASSETS = Path(__file__).parent / "assets"
SAFE = ("GET", "HEAD", "OPTIONS")
INSIDE = "esep.inside"  # in the environment of a request that this process makes of itself
_OURS = object()
FORM_BYTES, REQUEST_BYTES = 8 * 1024, 1024 * 1024
ONWARD = re.compile(r"/(?![/\\])[^\\\x00-\x20]*")


class Login:
    """The login of one server. `is_on` is settled when the server starts: a file that vanishes opens nothing."""

    def __init__(self, settings: Settings) -> None:
        self.settings, folder = settings, settings.folder
        self.accounts = Accounts(folder)
        self.is_on = self.accounts.exist()
        if self.is_on:
            self._key = kept.secret(folder)
            self._throttle = Throttle(folder, self._key)
            self._sessions = Sessions(folder, self.accounts)
            # An unknown name costs as much as a known one.
            self._nobody = generate_password_hash(os.urandom(16).hex(), METHOD)

    def install(self, server: Flask) -> None:
        """Stand before every request of a server, and answer /login and /logout. First of all that asks who it is."""
        server.config["MAX_CONTENT_LENGTH"] = REQUEST_BYTES
        if self.settings.proxies:
            trusted = self.settings.proxies
            server.wsgi_app = ProxyFix(server.wsgi_app, x_for=trusted, x_proto=trusted)  # type: ignore[method-assign]
        if not self.is_on:
            return
        self._configure(server)
        self._log = server.logger
        server.before_request(self._let_in)
        server.add_url_rule("/login", "login", self._show, methods=["GET"])
        server.add_url_rule("/login", "sign_in", self._sign_in, methods=["POST"])
        server.add_url_rule("/logout", "logout", self._sign_out, methods=["POST"])

    def scope(self) -> Scope:
        """What the reader who is asking may see. Ends the request if nobody is signed in."""
        if not self.is_on or not has_request_context() or _is_inside():
            return WHOLE
        user: User | None = g.get("user")
        if user is None:
            abort(401)
        return user.scope

    def reader(self) -> tuple[Any, ...]:
        """What of the reader who is asking the content of a page depends on."""
        user: User | None = g.get("user") if self.is_on else None
        return (user.role if user else "", self.scope())

    def may_open(self, path: str) -> bool:
        """Whether the reader who is asking may see the page of a path."""
        if not self.is_on or not has_request_context() or _is_inside():
            return True
        user: User | None = g.get("user")
        return user is not None and may_open(user.role, user.scope, path)

    def account(self, view: View) -> list[Any]:
        """The line below the header that says who is signed in; none without a login."""
        user: User | None = g.get("user") if self.is_on and has_request_context() else None
        return [login_page.account(user, token(session), self.settings.prefix, view)] if user else []

    def knows_reader(self) -> bool:
        """Whether the request is a user's, or no login is asked for."""
        return not self.is_on or g.get("user") is not None

    def _configure(self, server: Flask) -> None:
        https, prefix = self.settings.https, self.settings.prefix
        name = "esep" if not https else "__Secure-esep" if prefix else "__Host-esep"
        server.secret_key = self._key
        server.config.update(
            SESSION_COOKIE_NAME=name,
            SESSION_COOKIE_PATH=prefix or "/",
            SESSION_COOKIE_SECURE=https,
            SESSION_COOKIE_HTTPONLY=True,
            SESSION_COOKIE_SAMESITE="Lax",
            PERMANENT_SESSION_LIFETIME=timedelta(seconds=IDLE * 2),
        )

    def _let_in(self) -> AnyResponse | None:
        g.user = None
        if _is_inside():
            return None
        rule = request.url_rule.rule if request.url_rule else ""
        if request.method not in SAFE and _is_from_elsewhere():
            abort(403, "This came from another site.")
        if rule in SUITES:
            return None  # nothing here is anybody's, and the cookie would keep caches from holding it
        g.user = self._sessions.user(session)
        if rule in OPEN:
            return None
        if g.user is None:
            return self._turn_away(rule)
        if not may_open(g.user.role, g.user.scope, request.path) and rule not in DOCUMENTS:
            abort(403, words("closed_text", _language()))
        return None

    def _turn_away(self, rule: str) -> AnyResponse:
        if rule not in DOCUMENTS or request.method not in ("GET", "HEAD"):
            abort(401, "Sign in first.")
        asked = request.path + ("?" + request.query_string.decode("latin-1") if request.query_string else "")
        query = urlencode({"lang": _language(), "next": asked})
        return redirect(f"{request.script_root}/login?{query}", 303)

    def _show(self) -> AnyResponse | str:
        if g.user is not None:
            return redirect(request.script_root + _onward(), 303)
        return self._form()

    def _form(self, said: str = "") -> str:
        # As everywhere, the address of a style names its last change, because browsers keep it for a year.
        styles = [
            f"{request.script_root}/assets/{name}?m={(ASSETS / name).stat().st_mtime}"
            for name in ("style.css", "login.css")
        ]
        return login_page.page(_language(), token(session), _onward(), request.script_root, styles, said)

    def _sign_in(self) -> Any:
        request.max_content_length = FORM_BYTES
        lang, name, password = _language(), request.form.get("name", ""), request.form.get("password", "")
        if not is_ours(session, request.form.get("form", "")):
            return self._form(words("stale", lang)), 400
        address = request.remote_addr or ""
        seconds = self._throttle.begin(name, address)
        if seconds:
            self._log.warning("sign-in refused for a while: too many tries, from %s", address)
            said = words("too_often", lang, minutes=str(math.ceil(seconds / 60)))
            return self._form(said), 429, {"Retry-After": str(seconds)}
        user = self._checked(name, password)
        if user is None:
            self._log.warning("sign-in refused, from %s", address)
            return self._form(words("wrong", lang)), 401
        self._throttle.succeed(name, address)
        self._sessions.begin(session, user)
        self._log.info("%s signed in, from %s", user.name, address)
        return redirect(request.script_root + _onward(), 303)

    def _checked(self, name: str, password: str) -> User | None:
        user = self.accounts.users().get(name.strip().lower())
        is_right = check_password_hash(user.password if user else self._nobody, password[: LONGEST + 1])
        return user if is_right else None

    def _sign_out(self) -> AnyResponse:
        if not is_ours(session, request.form.get("form", "")):
            abort(400, words("stale", _language()))
        self._sessions.end(session)
        return redirect(f"{request.script_root}/login", 303)


def inside() -> dict[str, Any]:
    """What this process puts into the environment of a request that it makes of itself; no visitor can."""
    return {INSIDE: _OURS}


def _is_inside() -> bool:
    return request.environ.get(INSIDE) is _OURS


def _is_from_elsewhere() -> bool:
    """Whether a browser says that another site sends this. What is no browser has no cookie to misuse."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return True
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != request.host


def _language() -> str:
    asked = request.args.get("lang", "")
    return asked if asked in LANGUAGES else str(request.accept_languages.best_match(list(LANGUAGES), "en"))


def _onward() -> str:
    """Where to go after the form: a path of this server, whatever the address says."""
    asked = request.args.get("next", "/")
    return asked if ONWARD.fullmatch(asked) else "/"
