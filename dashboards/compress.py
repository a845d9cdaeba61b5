"""Answers in fewer bytes, by gzip, which every browser reads and Python brings.

Ours and not a library's, because files that stay the same are compressed once in each process, by what they hold
(an address can be varied without end), and because the form to sign in is left alone: from the lengths of
compressed answers its secret word could be guessed.
"""

from __future__ import annotations

import gzip
import hashlib
import threading

from flask import Flask, Response, request

from dashboards.security import SUITES

TEXTS = (
    "text/html", "text/css", "text/csv", "text/plain", "text/javascript", "application/javascript",
    "application/json", "image/svg+xml",
)  # fmt: skip
SMALLEST = 500  # bytes; less fits into one packet anyway
LEVEL, LEVEL_ONCE = 6, 9
ASKED = ("GET", "POST")
HOLD_SECRETS = ("/login", "/logout")


def compress(server: Flask) -> None:
    """Compress what can be. To be called before anything else that changes answers, so that it comes last."""
    files: dict[bytes, bytes] = {}
    lock = threading.Lock()

    def once(content: bytes) -> bytes:
        mark = hashlib.sha256(content).digest()
        with lock:
            if mark not in files:
                files[mark] = gzip.compress(content, LEVEL_ONCE, mtime=0)
            return files[mark]

    @server.after_request
    def squeeze(response: Response) -> Response:
        if response.mimetype in TEXTS:
            response.vary.add("Accept-Encoding")
        is_file = request.url_rule is not None and request.url_rule.rule in SUITES
        if not _can_be(response) or (response.is_streamed and not is_file):
            return response
        response.direct_passthrough = False
        content = response.get_data()
        if len(content) < SMALLEST:
            return response
        response.set_data(once(content) if is_file else gzip.compress(content, LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
        etag, _ = response.get_etag()
        if etag:  # the same to read, not the same to the byte
            response.set_etag(etag, weak=True)
        return response


def _can_be(response: Response) -> bool:
    return (
        response.mimetype in TEXTS
        and response.status_code == 200
        and request.method in ASKED
        and request.path not in HOLD_SECRETS
        and bool(request.accept_encodings["gzip"])
        and "Content-Encoding" not in response.headers
    )
