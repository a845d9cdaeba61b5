"""An edition that keeps its answers: it never changes, so neither do they."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from reports.edition import Edition

MOST_ANSWERS, MOST_ROWS = 256, 1000  # answers that are kept, and rows of one that is worth keeping


@dataclass(frozen=True)
class Remembered(Edition):
    """The same edition through the same connection, asked once for each question of a page.

    What is kept belongs to this connection: a reader who sees less has another one.
    """

    _answers: OrderedDict[tuple[str, str], list[dict[str, Any]]] = field(
        default_factory=OrderedDict, init=False, repr=False, compare=False
    )
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False, compare=False)

    def rows(self, sql: str, parameters: Iterable[Any] = ()) -> list[dict[str, Any]]:
        """Rows of a query; every caller gets rows of its own."""
        asked = list(parameters)
        key = sql, repr(asked)
        with self._lock:
            found = self._answers.get(key)
            if found is not None:
                self._answers.move_to_end(key)
        if found is None:
            found = super().rows(sql, asked)
            if len(found) <= MOST_ROWS:
                self._keep(key, found)
        return [dict(row) for row in found]

    def _keep(self, key: tuple[str, str], found: list[dict[str, Any]]) -> None:
        with self._lock:
            self._answers[key] = found
            while len(self._answers) > MOST_ANSWERS:
                self._answers.popitem(last=False)


def remembered(edition: Edition) -> Remembered:
    """An edition that has just been opened, from now on with a memory."""
    return Remembered(edition.path, edition.edition_id, edition.connection, edition.has_views)
