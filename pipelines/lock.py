"""One writer at a time: the operating system's lock on a store, which the kernel gives back when its holder dies."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

LOCK_NAME = "LOCK"
WAIT_SECONDS = 20.0


class WarehouseBusyError(RuntimeError):
    """Another process writes to the store."""


@contextmanager
def locked(curated: Path, wait_seconds: float = WAIT_SECONDS) -> Iterator[None]:
    """Hold the lock of a store; the file says which process does, for whoever waits.

    Raises WarehouseBusyError when another process keeps it longer than `wait_seconds`.
    """
    path = curated / LOCK_NAME
    with path.open("a+", encoding="utf-8") as file:
        path.chmod(0o600)
        _acquire(file, path, time.monotonic() + wait_seconds)
        file.truncate(0)
        file.write(f"process {os.getpid()}")
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)
            fcntl.flock(file, fcntl.LOCK_UN)


def holder(curated: Path) -> str:
    """Who writes to a store at this moment, such as "process 4711"; empty when nobody does. Changes nothing."""
    path = curated / LOCK_NAME
    if not path.exists():
        return ""
    with path.open("r", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return file.read() or "another process"
    return ""


def _acquire(file: TextIO, path: Path, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= deadline:
                file.seek(0)
                raise WarehouseBusyError(
                    f"{path.parent} is in use by {file.read() or 'another process'}; wait until it has ended and run "
                    "this again"
                ) from None
            time.sleep(0.05)
