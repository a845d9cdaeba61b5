"""What every answer of the dashboard says to the browser, and whom the server answers at all.

No login is configured yet, so the server answers this machine only: `serve` refuses any other
address, and a request must name a loopback host (a page elsewhere that points its own name at
127.0.0.1 is refused).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


def protect(server: Flask, script_hashes: Callable[[], list[str]]) -> None:
    """Set the headers of every answer and the hosts that are answered.

    `script_hashes` is asked once the first request has registered every inline script.
    """

    @server.before_request
    def answer_this_machine() -> None:
        try:
            host = urlsplit("//" + request.environ.get("HTTP_HOST", "")).hostname
        except ValueError:
            host = None
        if not is_loopback(host or ""):
            abort(400, "This dashboard answers 127.0.0.1 and localhost only.")

    @server.after_request
    def say(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers["Content-Security-Policy"] = policy(script_hashes())
        if response.mimetype in ("text/html", "application/json"):
            response.headers["Cache-Control"] = "no-store"
        return response


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's own."""
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def policy(script_hashes: list[str]) -> str:
    """The content security policy: own files, no eval, no frames, nothing from elsewhere."""
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
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())
