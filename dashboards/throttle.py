"""How often somebody may try to sign in: few times by user, somewhat more by address, counted over all workers.

A try counts before the password is looked at, so that many at once are no way around it; a right password
takes it back. Names are kept under a keyed hash: people type passwords into the wrong box.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import time
from collections.abc import Callable
from pathlib import Path

from dashboards import kept

FILE = "attempts.json"
WINDOW = 15 * 60  # seconds
TRIES_BY_USER, TRIES_BY_ADDRESS = 5, 30
Tries = dict[str, list[float]]


class Throttle:
    """The tries of the last quarter of an hour, in a file that all workers share."""

    def __init__(self, folder: Path, key: str, clock: Callable[[], float] = time.time) -> None:
        self._path, self._key, self._clock = folder / FILE, key.encode(), clock

    def begin(self, name: str, address: str) -> int:
        """Count a try; 0 if it may go on, or after how many seconds another may be made."""
        now = self._clock()
        limits = self._limits(name, address)
        with kept.alone(self._path):
            tries = _recent(kept.read(self._path) or {}, now)
            waits = [_wait(tries.get(who, []), limit, now) for who, limit in limits.items()]
            if any(waits):
                return max(waits)
            for who in limits:
                tries.setdefault(who, []).append(now)
            kept.write(self._path, tries)
        return 0

    def succeed(self, name: str, address: str) -> None:
        """Forget the tries of a user who has signed in, and the last one of the address."""
        user, from_where = self._limits(name, address)
        with kept.alone(self._path):
            tries = kept.read(self._path) or {}
            tries.pop(user, None)
            tries[from_where] = tries.get(from_where, [])[:-1]
            kept.write(self._path, _recent(tries, self._clock()))

    def _limits(self, name: str, address: str) -> dict[str, int]:
        return {
            self._hidden("user", name.strip().lower()): TRIES_BY_USER,
            self._hidden("address", _network(address)): TRIES_BY_ADDRESS,
        }

    def _hidden(self, kind: str, value: str) -> str:
        return f"{kind} {hmac.new(self._key, f'{kind}:{value}'.encode(), hashlib.sha256).hexdigest()[:32]}"


def _recent(tries: Tries, now: float) -> Tries:
    """The tries that count; a clock that was set back leaves some in the future, which count no longer than others."""
    kept_tries = {who: [at for at in times if abs(now - at) < WINDOW] for who, times in tries.items()}
    return {who: times for who, times in kept_tries.items() if times}


def _wait(times: list[float], limit: int, now: float) -> int:
    if len(times) < limit:
        return 0
    return max(1, int(sorted(times)[-limit] + WINDOW - now) + 1)


def _network(address: str) -> str:
    """An IPv6 visitor has a whole network of addresses; it counts as one."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)
