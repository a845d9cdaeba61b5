"""What every answer of the dashboard says to the browser, and under which names the server answers at all.

A request must name a loopback host or one of the names that the settings allow: a page elsewhere that
points its own name at this machine is refused. `serve` allows names for a dashboard with a login alone.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request

from dashboards.settings import Settings

A_YEAR = 365 * 24 * 3600
# Files that are the same for everybody.
SUITES = (
    "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>",
    "/assets/<path:filename>",
    "/_favicon.ico",
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


def protect(server: Flask, script_hashes: Callable[[], list[str]], settings: Settings, has_forms: bool) -> None:
    """Set the headers of every answer and the hosts that are answered. `has_forms` for a server with a login.

    `script_hashes` is asked once the first request has registered every inline script.
    """

    @server.before_request
    def answer_this_machine() -> None:
        try:
            host = urlsplit("//" + request.environ.get("HTTP_HOST", "")).hostname
        except ValueError:
            host = None
        if not is_loopback(host or "") and host not in settings.hosts:
            abort(400, "This dashboard answers 127.0.0.1, localhost and the host names of its settings only.")

    @server.after_request
    def say(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers["Content-Security-Policy"] = policy(script_hashes(), has_forms)
        if settings.https:
            response.headers["Strict-Transport-Security"] = f"max-age={A_YEAR}"
        is_download = "Content-Disposition" in response.headers
        if response.mimetype in ("text/html", "application/json") and not is_download:
            response.headers["Cache-Control"] = "no-store"
        elif request.url_rule is None or request.url_rule.rule not in SUITES:
            # A download is its reader's: no proxy keeps it, and after the way out the browser asks again.
            response.headers["Cache-Control"] = "private, no-cache"
        return response


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's own."""
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def policy(script_hashes: list[str], has_forms: bool) -> str:
    """The content security policy: own files, no eval, no frames, nothing from elsewhere, forms for the login alone."""
    # Mantine and plotly place style elements, hence unsafe-inline for styles only.
    rules = {
        "default-src": "'self'",
        "script-src": " ".join(["'self'", *script_hashes]),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'self'",
        "frame-ancestors": "'none'",
        "form-action": "'self'" if has_forms else "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())
