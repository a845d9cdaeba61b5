"""Answers that were given before: an edition never changes, so what was drawn of it once need not be drawn again.

Kept as they left, compressed, for the same question over the same editions, on the same day (a page says how fresh its
figures are), to a reader of the same role and scope. Only the content of pages is kept: nothing else is without a name
or a word of its reader's. Each process keeps its own, the last few megabytes of them.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, g, request

MOST_BYTES = 16 * 1024 * 1024
LARGEST_QUESTION = 16 * 1024  # bytes; a browser's has some hundred
UPDATE, CONTENT = "/_dash-update-component", ".._pages_content.children"
Key = tuple[Any, ...]


class Answers:
    """The answers of one process. `reader` is what of the reader an answer depends on, `editions` all ids there are."""

    def __init__(self, reader: Callable[[], tuple[Any, ...]], editions: Callable[[], list[str]]) -> None:
        self._reader, self._editions = reader, editions
        self._kept: OrderedDict[Key, tuple[bytes, list[tuple[str, str]]]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def keep(self, server: Flask) -> None:
        """Keep what leaves. To be called before all that changes answers, so that it comes after them."""

        @server.after_request
        def remember(response: Response) -> Response:
            key = g.pop("answer_key", None)
            is_whole = response.status_code == 200 and not response.is_streamed
            # Not if an edition was published meanwhile: the answer may be of this one or the one before.
            if key is not None and is_whole and key == self._key(request.get_data()):
                self._put(key, response.get_data(), list(response.headers))
            return response

    def give(self, server: Flask) -> None:
        """Give what is kept. To be called after the login, which says who may ask."""

        @server.before_request
        def recall() -> Response | None:
            if request.path != UPDATE or request.method != "POST" or (request.content_length or 0) > LARGEST_QUESTION:
                return None
            asked = request.get_json(silent=True)
            if not isinstance(asked, dict) or not str(asked.get("output")).startswith(CONTENT):
                return None
            key = self._key(request.get_data())
            with self._lock:
                found = self._kept.get(key)
                if found:
                    self._kept.move_to_end(key)
            if found is None:
                g.answer_key = key
                return None
            content, headers = found
            return Response(content, headers=dict(headers))

    def _key(self, question: bytes) -> Key:
        coding = bool(request.accept_encodings["gzip"])
        today = datetime.now(UTC).date()
        return (hashlib.sha256(question).digest(), coding, today, tuple(self._editions()), *self._reader())

    def _put(self, key: Key, content: bytes, headers: list[tuple[str, str]]) -> None:
        with self._lock:
            if key in self._kept:
                return
            self._kept[key] = content, headers
            self._bytes += len(content)
            while self._bytes > MOST_BYTES:
                _, (dropped, _) = self._kept.popitem(last=False)
                self._bytes -= len(dropped)
