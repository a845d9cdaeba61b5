"""Files that must be whole or not there: hashing, copying into place, and making it last."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import signal
import stat
import time
from collections.abc import Container, Iterable
from io import BufferedReader
from pathlib import Path

_CHUNK = 1 << 20
# How long a run waits at most for files that were written a moment ago.
_MOST_WAIT = 15.0
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FAILING = (errno.EIO, errno.EROFS, errno.ENXIO, errno.ENODEV)
_NO_LONGER = ("Input/output error", "Read-only file system", "fsync failed")
# What DuckDB says of a file in which a block is not as it was written, or which breaks off.
_DAMAGED = ("Corrupt database file", "not a valid DuckDB database file", "Could not read enough bytes")

# What tells one state of a file from another: nobody can set the last of them back.
Stamp = tuple[int, int, int, int, int]


class ChangedWhileReadError(RuntimeError):
    """A file is no longer what it was a moment ago: somebody is still writing it."""


class NoPlainFileError(OSError):
    """A link, a folder, a pipe or a device stands where a file should."""


class AlteredCopyError(RuntimeError):
    """The bytes of a copy in the landing folder are not those of its name."""


class DiskFullError(RuntimeError):
    """There is no room for what had to be written."""


def stamp(path: Path) -> Stamp:
    """The state of a file, links not followed."""
    status = path.lstat()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def sha256_of_settled(path: Path, settle_seconds: float = 0.0) -> str:
    """The SHA-256 of a file's bytes, in hex.

    Raises ChangedWhileReadError when the file changed during the reading, or less than
    `settle_seconds` ago, or is open for writing: somebody may still be copying it.
    """
    before = stamp(path)
    if 0 <= time.time() - path.lstat().st_mtime < settle_seconds:
        raise ChangedWhileReadError(path.name)
    with open_plain(path) as file:
        if _is_being_written(file):
            raise ChangedWhileReadError(path.name)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if stamp(path) != before:
        raise ChangedWhileReadError(path.name)
    return digest


def wait_until_settled(paths: Iterable[Path], settle_seconds: float) -> None:
    """Wait until none of the files was written in the last `settle_seconds`, but not without an end."""
    deadline = time.monotonic() + max(_MOST_WAIT, settle_seconds)
    watched = list(paths)
    while settle_seconds and time.monotonic() < deadline:
        ages = [time.time() - path.lstat().st_mtime for path in watched if path.exists()]
        # A clock that was put back makes a file of the future; it is as settled as it will be.
        youngest = min((age for age in ages if age >= 0), default=settle_seconds)
        if youngest >= settle_seconds:
            return
        time.sleep(settle_seconds - youngest)


def open_plain(path: Path) -> BufferedReader:
    """Open a file to read; links are not followed and pipes not waited for. Raises NoPlainFileError for either."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):
            raise NoPlainFileError(error.errno, "not a file", path.name) from None
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise NoPlainFileError(errno.EINVAL, "not a file", path.name)
    return os.fdopen(descriptor, "rb")


def _is_being_written(file: BufferedReader) -> bool:
    """Whether some process has the file open for writing, as far as the system tells: asked by a lease, given back."""
    if not hasattr(fcntl, "F_SETLEASE"):
        return False
    try:
        # The signal for a broken lease would end this process; this one is ignored by all that do not ask for it.
        fcntl.fcntl(file, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        # Of others' files and on network disks nothing is told.
        return error.errno == errno.EAGAIN
    return False


def copy_by_hash(path: Path, folder: Path, expected: str) -> bool:
    """Copy a file to `folder/<sha256>`, for this user to read alone; False when it is there already.

    The copy is written aside, synced and renamed, so that it is whole or not there, and cannot be
    written to. Raises ChangedWhileReadError when the bytes are not those of `expected`, and
    AlteredCopyError when the copy that is there has other bytes than its name says.
    """
    folder.mkdir(exist_ok=True)
    folder.chmod(0o700)
    landed = folder / expected
    if landed.exists():
        _check_copy(landed)
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
    """Write a file aside and rename it, so that a reader finds the old one or the new one, whole.

    Where that fails nothing is left aside.
    """
    aside = target.with_name(f".{target.name}.new")
    try:
        aside.write_bytes(data)
        aside.replace(target)
    except OSError:
        aside.unlink(missing_ok=True)
        raise


def sweep(folder: Path, known: Container[str]) -> None:
    """Remove what a killed process left behind: copies half made, and whole ones of files that were never accepted."""
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name not in known:
            path.unlink()


def altered(folder: Path) -> list[str]:
    """The names of copies whose bytes are no longer those of their names; every byte is read."""
    return [path.name for path in sorted(folder.glob("*")) if path.suffix != ".new" and not _is_whole(path)]


def _is_whole(landed: Path) -> bool:
    with open_plain(landed) as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == landed.name


def _check_copy(landed: Path) -> None:
    if not _is_whole(landed):
        raise AlteredCopyError(
            f"{landed} does not hold the bytes of its name: the disk is failing, or somebody changed it. Look into "
            "that, move it away, and run this again; it is then made anew from the file that the office sent"
        )


def _copy(path: Path, aside: Path, expected: str) -> None:
    digest = hashlib.sha256()
    with open_plain(path) as source, aside.open("wb") as target:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            target.write(chunk)
        target.flush()
        aside.chmod(0o400)
        os.fsync(target.fileno())
    if digest.hexdigest() != expected:
        raise ChangedWhileReadError(path.name)


def is_disk_full(error: BaseException) -> bool:
    """Whether an error of ours, of the system or of DuckDB says that there is no room left."""
    if isinstance(error, OSError):
        return error.errno in _FULL
    words = str(error)
    return _is_of_duckdb(error) and (
        "No space left" in words or "File too large" in words or "quota exceeded" in words.lower()
    )


def is_disk_failing(error: BaseException) -> bool:
    """Whether an error of ours, of the system or of DuckDB says that a disk no longer reads or writes."""
    if isinstance(error, OSError):
        return error.errno in _FAILING
    words = str(error)
    return _is_of_duckdb(error) and any(one in words for one in _NO_LONGER)


def is_damaged(error: BaseException) -> bool:
    """Whether an error of DuckDB says that a file of its own is not as it was written."""
    return _is_of_duckdb(error) and any(words in str(error) for words in _DAMAGED)


def _is_of_duckdb(error: BaseException) -> bool:
    return type(error).__module__.partition(".")[0] in ("duckdb", "_duckdb")


def fsync_folder(folder: Path) -> None:
    """Make renames and removals in a folder last through a crash of the machine."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
