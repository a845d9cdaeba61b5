"""A whole store in one file, and back: `esep backup` and `esep restore`.

The file is a plain tar archive: the store's files in the order of their names, then the list of them with the SHA-256
of each. The same store gives the same bytes. It holds case-level data and the store's key, and is for its owner alone.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipelines.files import ChangedWhileReadError, fsync_folder, open_plain
from pipelines.lock import LOCK_NAME, WAIT_SECONDS, locked
from pipelines.warehouse import FILE_NAME, LANDING_NAME

LIST_NAME = "backup.json"
FORMAT = 1
_CHUNK = 1 << 20
# What another run makes again, or nobody needs elsewhere: the lock, Prefect's own folder, what DuckDB spilled.
_LEFT_OUT = (LOCK_NAME, "prefect", f"{FILE_NAME}.tmp")
# Who may sign in to the dashboard is backed up. Who is signed in is not: a session that was ended after the backup
# would hold again where the key that signs sessions came back. The dashboard makes these three anew.
_SESSIONS = ("dashboard/secret.key", "dashboard/ended.json", "dashboard/attempts.json")
_COPIES = "warehouse.before-"  # what an upgrade kept is a backup itself
_NAMED = "esep-{:%Y%m%dT%H%M%SZ}.tar"


class BackupError(RuntimeError):
    """A backup cannot be made, or is not what was written; the message says which file and what to do."""


@dataclass(frozen=True)
class Backup:
    """What was written or brought back; `damaged` names copies whose bytes were not those of their names."""

    path: Path
    files: int
    bytes: int
    damaged: tuple[str, ...] = ()


def backup(curated: Path, to: Path, now: datetime, wait_seconds: float = WAIT_SECONDS) -> Backup:
    """Write a store into a file, or into a file named after the time in an existing folder.

    Nobody writes to the store meanwhile; whoever reads editions is not disturbed. Raises WarehouseBusyError when
    somebody keeps the store longer than `wait_seconds`, and BackupError when there is nothing to write or
    something in the way.
    """
    if not (curated / FILE_NAME).exists():
        raise BackupError(f"{curated} has no warehouse: there is nothing to back up. Name the store with --curated")
    target = to / _NAMED.format(now) if to.is_dir() else to
    if target.exists():
        raise BackupError(f"{target} exists, and no backup is written over another: name another file")
    if curated.resolve() in target.resolve().parents:
        raise BackupError(f"{target} lies inside the store: name a place outside, best on another disk")
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f".{target.name}.new")
    try:
        with ExitStack() as held:
            for store in sorted(path.parent for path in curated.rglob(FILE_NAME)):
                held.enter_context(locked(store, wait_seconds))
            made = _write(curated, aside)
        aside.rename(target)
    finally:
        aside.unlink(missing_ok=True)
    fsync_folder(target.parent)
    return Backup(target, *made)


def prune(folder: Path, keep: int) -> list[Path]:
    """Remove all but the newest backups of a folder that are named after their time; those that went."""
    found = sorted(path for path in folder.glob("esep-*Z.tar") if path.is_file())
    gone = found[:-keep]
    for path in gone:
        path.unlink()
    return gone


def _write(curated: Path, aside: Path) -> tuple[int, int, tuple[str, ...]]:
    listed: dict[str, str] = {}
    size = 0
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        with tarfile.open(fileobj=file, mode="w") as archive:
            for path in _contents(curated):
                name = path.relative_to(curated).as_posix()
                if path.is_dir():
                    archive.addfile(_entry(name, path.stat().st_mode, is_folder=True))
                else:
                    listed[name], added = _add(archive, path, name)
                    size += added
            text = json.dumps({"format": FORMAT, "files": listed}, indent=1, sort_keys=True).encode()
            archive.addfile(_entry(LIST_NAME, 0o600, len(text)), io.BytesIO(text))
        file.flush()
        os.fsync(file.fileno())
    damaged = [name for name, digest in listed.items() if _is_copy(name) and Path(name).name != digest]
    return len(listed), size, tuple(damaged)


def _is_copy(name: str) -> bool:
    return Path(name).parent.name == LANDING_NAME


def _contents(curated: Path) -> Iterator[Path]:
    """Folders and files of a store, without what is half made or left out."""
    for path in sorted(curated.rglob("*")):
        parts = path.relative_to(curated).parts
        hidden = any(part.startswith(".") or part.endswith(".new") or part in _LEFT_OUT for part in parts)
        hidden |= path.name.startswith(_COPIES) or path.relative_to(curated).as_posix() in _SESSIONS
        if not hidden and (path.is_dir() or path.is_file()) and not path.is_symlink():
            yield path


def _entry(name: str, mode: int, size: int = 0, *, is_folder: bool = False) -> tarfile.TarInfo:
    """A member that says nothing of when and by whom: those are the machine's."""
    info = tarfile.TarInfo(name)
    info.type = tarfile.DIRTYPE if is_folder else tarfile.REGTYPE
    info.mode, info.size = mode & 0o755, size
    return info


class _Hashed(io.RawIOBase):
    """A file that is hashed as it is read."""

    def __init__(self, file: io.BufferedReader) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """The next bytes, which are added to the hash."""
        chunk = self._file.read(size)
        self.digest.update(chunk)
        return chunk


def _add(archive: tarfile.TarFile, path: Path, name: str) -> tuple[str, int]:
    with open_plain(path) as file:
        status = os.fstat(file.fileno())
        source = _Hashed(file)
        try:
            archive.addfile(_entry(name, status.st_mode, status.st_size), source)
        except OSError as error:
            if error.errno is not None:
                raise
            raise ChangedWhileReadError(name) from None
        if file.read(1):
            raise ChangedWhileReadError(name)
    return source.digest.hexdigest(), status.st_size
