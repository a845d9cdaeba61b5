"""What makes a signed cookie a session: whose it is, since when, and whether it has been ended.

The cookie is signed and not secret: it holds a name, times and random words, never a password or its hash.
"""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections.abc import Callable, Mapping, MutableMapping
from pathlib import Path
from typing import Any

from dashboards import kept
from dashboards.accounts import Accounts, User

FILE = "ended.json"
IDLE, LIFE = 60 * 60, 10 * 60 * 60  # seconds: without a request, and altogether
NOTICED = 60  # seconds after which a request is written into the cookie


class Sessions:
    """Begins, recognises and ends the sessions of a folder's users, for all workers."""

    def __init__(self, folder: Path, accounts: Accounts, clock: Callable[[], float] = time.time) -> None:
        self._path, self._accounts, self._clock = folder / FILE, accounts, clock
        self._lock = threading.Lock()
        self._seen: tuple[int, int, int] | None = None
        self._ended: Mapping[str, float] = {}

    def begin(self, cookie: MutableMapping[str, Any], user: User) -> None:
        """Fill an empty cookie for a user who has just signed in; nothing of what was there stays."""
        cookie.clear()
        now = self._clock()
        cookie.update(user=user.name, stamp=user.stamp, id=secrets.token_hex(16), since=now, seen=now)
        token(cookie)

    def user(self, cookie: MutableMapping[str, Any]) -> User | None:
        """Whose session the cookie is, if it still is one."""
        now = self._clock()
        user = self._accounts.users().get(str(cookie.get("user", "")))
        if user is None or not hmac.compare_digest(user.stamp, str(cookie.get("stamp", ""))):
            return None
        since, seen = float(cookie.get("since", 0)), float(cookie.get("seen", 0))
        is_over = now - since >= LIFE or now - seen >= IDLE or str(cookie.get("id")) in self._over()
        if is_over:
            return None
        if now - seen > NOTICED:
            cookie["seen"] = now
        return user

    def end(self, cookie: MutableMapping[str, Any]) -> None:
        """End a session for good, so that a copy of its cookie is worth nothing either."""
        now = self._clock()
        if cookie.get("id"):
            with kept.alone(self._path):
                ended = {name: until for name, until in (kept.read(self._path) or {}).items() if until > now}
                kept.write(self._path, {**ended, str(cookie["id"]): now + LIFE})
        cookie.clear()

    def _over(self) -> Mapping[str, float]:
        with self._lock:
            stamp = kept.stamp(self._path)
            if stamp != self._seen:
                self._ended, self._seen = kept.read(self._path) or {}, stamp
            return self._ended


def token(cookie: MutableMapping[str, Any]) -> str:
    """The word that a form must bring back, to show that it was ours."""
    if "form" not in cookie:
        cookie["form"] = secrets.token_urlsafe(24)
    return str(cookie["form"])


def is_ours(cookie: Mapping[str, Any], brought: str) -> bool:
    """Whether a form was made for the browser that sends it."""
    return bool(cookie.get("form")) and hmac.compare_digest(str(cookie["form"]).encode(), brought.encode())
