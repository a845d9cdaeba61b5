"""The files of an edition over HTTP: made when somebody asks for the first time, then kept while the edition is open.

`/files/<shelf>/<key>` is the file of the current edition, so a script or a spreadsheet can keep the address;
`?edition=` asks for an older one. The name under which it is saved has the edition in it.
"""

from __future__ import annotations

import hashlib
import mimetypes
import threading
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from flask import Flask, Response, request
from werkzeug.wrappers import Response as AnyResponse

from reports.donor_figures import ReportError
from reports.downloads import Download, Shelf, named, shelves
from reports.edition import Edition
from reports.intact import DamagedEdition, check_intact
from reports.scope import WHOLE, Scope
from reports.zip_file import zipped

if TYPE_CHECKING:
    from dashboards.data import Published

FOLDER = "/files"
EVERYTHING = "everything.zip"
SUMS = "SHA256SUMS"
# The machine's own list of kinds may be short or wrong.
KINDS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


class Files:
    """What one edition gives, and the bytes of what was asked for so far.

    One file is made at a time: they share a connection, and two readers who ask for the same one make it once.
    """

    def __init__(self, edition: Edition, scope: Scope = WHOLE) -> None:
        self._edition, self._scope = edition, scope
        self._lock = threading.Lock()
        self._made: dict[str, bytes] = {}

    @cached_property
    def shelves(self) -> list[Shelf]:
        """All that can be made. Raises DamagedEdition where the edition is not what was published."""
        check_intact(self._edition.path.parent)
        return shelves(self._edition, self._scope)

    def data(self, shelf: str, key: str) -> tuple[str, bytes]:
        """Name and bytes of a file. Raises KeyError for one that is not there, DamagedEdition and ReportError."""
        file = self._find(shelf, key)
        return file.name, self._bytes(shelf, file)

    def everything(self) -> tuple[str, bytes]:
        """Name and bytes of a ZIP of all files with their SHA-256, each shelf a folder."""
        files = {
            f"{shelf.code}/{file.name}": self._bytes(shelf.code, file) for shelf in self.shelves for file in shelf.files
        }
        sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {path}\n" for path, data in files.items())
        return f"esep_{self._edition.edition_id}{named(self._scope)}.zip", zipped({**files, SUMS: sums.encode()})

    def _find(self, shelf: str, key: str) -> Download:
        return {(one.code, file.key): file for one in self.shelves for file in one.files}[shelf, key]

    def _bytes(self, shelf: str, file: Download) -> bytes:
        with self._lock:
            if file.name not in self._made:
                self._made[file.name] = file.write()
            return self._made[file.name]


def routes(server: Flask, chosen: Callable[[object], Published]) -> None:
    """Serve the files. `chosen` gives the edition of an id as its reader may see it, the current one without an id."""

    @server.get(f"{FOLDER}/{EVERYTHING}")
    def give_everything() -> AnyResponse:
        return _answer(chosen(request.args.get("edition")).downloads.everything)

    @server.get(f"{FOLDER}/<shelf>/<key>")
    def give(shelf: str, key: str) -> AnyResponse:
        files = chosen(request.args.get("edition")).downloads
        return _answer(lambda: files.data(shelf, key))


def _answer(make: Callable[[], tuple[str, bytes]]) -> AnyResponse:
    """A file to save, or why there is none."""
    try:
        name, data = make()
    except KeyError:
        return Response("There is no such file. / Такого файла нет.\n", status=404, mimetype="text/plain")
    except (ReportError, DamagedEdition) as fault:
        return Response(f"{fault}\n", status=409, mimetype="text/plain")
    suffix = name.rpartition(".")[2]
    answer = Response(data, mimetype=KINDS.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.set_etag(hashlib.sha256(data).hexdigest())
    return answer.make_conditional(request)
