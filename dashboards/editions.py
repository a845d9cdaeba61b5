"""Which editions there are, and which one a reader looks at: the current one, unless an older one is asked for.

A connection is opened once per process, edition and scope of readers; each question gets its own cursor. CURRENT is
looked at (one stat) for every request, so a new edition shows without a restart, while requests
under way finish on the old one. The last few editions that were asked for stay open.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path

from dashboards.data import Published
from dashboards.remembered import remembered
from reports.edition import FILE_NAME, MANIFEST_NAME, POINTER_NAME, NoEdition, current_path
from reports.scope import WHOLE, Scope, open_scoped

_OPEN = 16  # editions that stay open, each as the whole region and as each country sees it


class Editions:
    """A folder of editions; `current` is what CURRENT names at this moment.

    `scope` says what the reader who is asking may see. Nothing that is asked can widen it.
    """

    def __init__(self, folder: Path, scope: Callable[[], Scope] = lambda: WHOLE) -> None:
        self.folder, self._scope = folder, scope
        self._lock = threading.Lock()
        self._seen: tuple[int, int, int] | None = None
        self._current_id = ""
        self._open: OrderedDict[tuple[str, Scope], Published] = OrderedDict()

    def current(self) -> Published:
        """The current edition. Raises NoEdition if there is none."""
        return self._opened(self.current_id())

    def chosen(self, edition_id: object = "", ids: Sequence[str] = ()) -> Published:
        """The edition of this id if the folder holds it, else the current one. Raises NoEdition if there is none.

        `ids` is what `ids()` said to who asked before.
        """
        known = ids or self.ids()
        # Never a path: only a name that was read from the folder.
        return self._opened(next((one for one in known if one == edition_id), known[0]))

    def ids(self) -> list[str]:
        """Ids of the complete editions: the current one, then the others, the last published first."""
        current = self.current_id()
        found = [
            (manifest.stat().st_mtime_ns, manifest.parent.name)
            for manifest in self.folder.glob(f"*/{MANIFEST_NAME}")
            if not manifest.parent.name.startswith(".") and (manifest.parent / FILE_NAME).exists()
        ]
        return [current, *(name for _, name in sorted(found, reverse=True) if name != current)]

    def current_id(self) -> str:
        """The id of the current edition. Raises NoEdition."""
        stamp = self._stamp()
        with self._lock:
            if stamp != self._seen:
                self._current_id, self._seen = current_path(self.folder).name, stamp
            return self._current_id

    def _opened(self, edition_id: str) -> Published:
        """An edition as its reader may see it, opened at most once while it stays open."""
        asked = edition_id, self._scope()
        with self._lock:
            if asked not in self._open:
                self._open[asked] = Published(remembered(open_scoped(self.folder / edition_id, asked[1])), asked[1])
            self._open.move_to_end(asked)
            while len(self._open) > _OPEN:
                # The connection closes when the last request that holds it is done.
                self._open.popitem(last=False)
            return self._open[asked]

    def _stamp(self) -> tuple[int, int, int]:
        try:
            stat = (self.folder / POINTER_NAME).stat()
        except FileNotFoundError:
            raise NoEdition(f"{self.folder}: no edition has been published here; run `make run` first") from None
        return stat.st_ino, stat.st_mtime_ns, stat.st_size
