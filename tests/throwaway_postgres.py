"""A PostgreSQL of its own for a test: a fresh cluster behind a socket in a folder, no port, gone afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_ACCOUNT = "postgres"  # a server refuses to run as root; the package of the system has made this account


def programs() -> Path:
    """The folder of the newest server programs; skips the test where there are none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    if not found and on_path is None:
        pytest.skip("needs the server programs of PostgreSQL: apt-get install postgresql")
    return found[-1].parent if found else Path(str(on_path)).parent


@contextmanager
def postgres(locale: str = "C") -> Iterator[str]:
    """Start a server; gives the connection string."""
    binaries = programs()
    folder = Path(tempfile.mkdtemp(prefix="esep-pg-"))
    as_account = []
    if os.geteuid() == 0:
        if shutil.which("runuser") is None:
            pytest.skip("PostgreSQL does not run as root, and there is no runuser here to start it as another account")
        shutil.chown(folder, _ACCOUNT)
        as_account = ["runuser", "-u", _ACCOUNT, "--"]
    data = folder / "data"

    def run(*command: str) -> None:
        subprocess.run([*as_account, *command], check=True, capture_output=True, stdin=subprocess.DEVNULL, cwd=folder)

    run(str(binaries / "initdb"), "-D", str(data), "-A", "trust", "-U", "esep", "--locale", locale, "-E", "UTF8")
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
    run(str(binaries / "pg_ctl"), "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start")
    try:
        yield f"host={folder} user=esep dbname=postgres"
    finally:
        run(str(binaries / "pg_ctl"), "-D", str(data), "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)
