"""The small private files of the login: written whole, for their owner alone, by one process at a time."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SECRET_FILE = "secret.key"  # noqa: S105 a name, not a secret
SECRET_VARIABLE = "ESEP_SECRET_KEY"  # noqa: S105 a name, not a secret
SHORTEST_SECRET = 32  # characters


class NotPrivate(PermissionError):
    """A file of the login can be read by others; the message says how to mend it."""


def read(path: Path) -> Any:
    """What a private file holds; None if there is none. Raises NotPrivate, ValueError for what is no JSON."""
    try:
        check_private(path)
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except json.JSONDecodeError as error:
        raise ValueError(f"{path}: not readable as JSON (line {error.lineno}); restore it from a backup") from None


def write(path: Path, content: Any) -> None:
    """Put a private file in place of the old one, whole or not at all."""
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with _new(aside) as file:
            json.dump(content, file, ensure_ascii=False, indent=2)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Nobody else changes the file meanwhile, in this process or another. Makes its folder."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # A lock on the file itself would be a lock on what is about to be replaced.
    handle = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def stamp(path: Path) -> tuple[int, int, int]:
    """Tells one state of a file from the next; zeros where there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0, 0, 0
    return found.st_ino, found.st_mtime_ns, found.st_size


def secret(folder: Path) -> str:
    """The key that signs sessions: of the environment, or of a file made once. Raises ValueError, NotPrivate."""
    said = os.environ.get(SECRET_VARIABLE, "")
    path = folder / SECRET_FILE
    if not said:
        with alone(path):
            if not path.exists():
                with _new(path.with_name(".secret.new")) as file:
                    file.write(secrets.token_hex(SHORTEST_SECRET))
                path.with_name(".secret.new").replace(path)
        check_private(path)
        said = path.read_text(encoding="ascii").strip()
    if len(said) < SHORTEST_SECRET:
        where = path if path.exists() and not os.environ.get(SECRET_VARIABLE) else SECRET_VARIABLE
        raise ValueError(f"{where}: the secret needs {SHORTEST_SECRET} characters or more; delete it to have one made")
    return said


def check_private(path: Path) -> None:
    """Raises NotPrivate for a file that anybody but its owner may read or write, FileNotFoundError for none."""
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise NotPrivate(f"{path}: others on this machine can read it; run: chmod 600 {path}")


def _new(path: Path) -> Any:
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    return os.fdopen(handle, "w", encoding="utf-8")
