"""What every answer of the dashboard says to the browser, and whom the server answers at all.

No login is configured yet, so the server answers this machine only: `serve` refuses any other
address, and a request must name a loopback host (a page elsewhere that points its own name at
127.0.0.1 is refused).
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, Response, request

LOOPBACK_HOSTS = ["127.0.0.1", "localhost", "[::1]"]

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
    server.config["TRUSTED_HOSTS"] = LOOPBACK_HOSTS

    @server.before_request
    def answer_known_hosts() -> None:
        # Flask would notice only after the other functions of this kind, which already answer.
        request.host  # noqa: B018 raises SecurityError (400)

    @server.after_request
    def say(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers["Content-Security-Policy"] = policy(script_hashes())
        if response.mimetype in ("text/html", "application/json"):
            response.headers["Cache-Control"] = "no-store"
        return response


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
