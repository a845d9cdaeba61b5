"""Files that must be whole or not there: hashing, copying into place, and making it last."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Container
from pathlib import Path

_CHUNK = 1 << 20


class ChangedWhileReadError(RuntimeError):
    """A file is no longer what it was a moment ago: somebody is still writing it."""


def sha256_of_settled(path: Path, settle_seconds: float = 0.0) -> str:
    """The SHA-256 of a file's bytes, in hex.

    Raises ChangedWhileReadError when the file changed during the reading, or less than
    `settle_seconds` ago: somebody may still be copying it.
    """
    before = path.stat()
    if 0 <= time.time() - before.st_mtime < settle_seconds:
        raise ChangedWhileReadError(path.name)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    after = path.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise ChangedWhileReadError(path.name)
    return digest


def copy_by_hash(path: Path, folder: Path, expected: str) -> bool:
    """Copy a file to `folder/<sha256>`, readable for this user alone; False when it is there already.

    The copy is written aside, synced and renamed, so that it is whole or not there. Raises
    ChangedWhileReadError when the bytes are not those of `expected`.
    """
    folder.mkdir(exist_ok=True)
    folder.chmod(0o700)
    landed = folder / expected
    if landed.exists():
        return False
    aside = folder / f"{expected}.new"
    try:
        _copy(path, aside, expected)
        aside.rename(landed)
    finally:
        aside.unlink(missing_ok=True)
    fsync_folder(folder)
    return True


def replace(target: Path, data: bytes) -> None:
    """Write a file aside and rename it, so that a reader finds the old one or the new one, whole."""
    aside = target.with_name(f".{target.name}.new")
    aside.write_bytes(data)
    aside.replace(target)


def sweep(folder: Path, known: Container[str]) -> None:
    """Remove what a killed process left behind: copies half made, and whole ones of files that were never accepted."""
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name not in known:
            path.unlink()


def _copy(path: Path, aside: Path, expected: str) -> None:
    digest = hashlib.sha256()
    with path.open("rb") as source, aside.open("wb") as target:
        aside.chmod(0o600)
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            target.write(chunk)
        target.flush()
        os.fsync(target.fileno())
    if digest.hexdigest() != expected:
        raise ChangedWhileReadError(path.name)


def fsync_folder(folder: Path) -> None:
    """Make renames and removals in a folder last through a crash of the machine."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
