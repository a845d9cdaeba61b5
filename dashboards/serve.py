"""Start the server for this machine: checks first, then gunicorn."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

from dashboards.security import is_loopback
from reports.edition import NoEdition, open_current

EDITIONS_VARIABLE = "ESEP_EDITIONS"
EDITIONS = Path("data/curated/editions")
HOST, PORT, WORKERS, THREADS = "127.0.0.1", 8050, 2, 4
NO_EDITION, WRONG_USE = 4, 2  # exit codes


def check_host(host: str) -> str:
    """The address to listen on. Raises ValueError for one that other machines can reach."""
    if not is_loopback(host):
        raise ValueError(
            f"the dashboard listens on this machine only, not on {host!r}: no login is configured, and whoever "
            "reaches the port would read every page. Use 127.0.0.1, and let others in through an SSH tunnel."
        )
    return host


def check_editions(folder: Path) -> str:
    """The id of the edition that will be shown. Raises NoEdition with what to do."""
    edition = open_current(folder)
    edition.connection.close()
    return edition.edition_id


def command(host: str, port: int, workers: int = WORKERS) -> list[str]:
    """The command line of the server."""
    bind = f"[{host}]:{port}" if ":" in host and not host.startswith("[") else f"{host}:{port}"
    options = ["--bind", bind, "--workers", str(workers), "--threads", str(THREADS), "--worker-class", "gthread"]
    # The control socket would be a file in the home folder through which the server can be told things.
    return [sys.executable, "-m", "gunicorn", "--no-control-socket", "--log-level", "warning", *options,
            "dashboards.wsgi:application"]  # fmt: skip


def serve(editions: Path, host: str = HOST, port: int = PORT, workers: int = WORKERS) -> int:
    """Become the server, so that it alone gets the signals to stop; an exit code if it may not start."""
    try:
        check_host(host)
    except ValueError as error:
        print(error, file=sys.stderr)  # noqa: T201 the command line speaks here
        return WRONG_USE
    try:
        edition = check_editions(editions)
    except NoEdition as error:
        print(error, file=sys.stderr)  # noqa: T201
        return NO_EDITION
    print(f"Edition {edition}: open http://{host}:{port}/ (Ctrl+C stops the server)", flush=True)  # noqa: T201
    os.environ[EDITIONS_VARIABLE] = str(editions.resolve())
    return _become(command(host, port, workers))


def _become(arguments: list[str]) -> NoReturn:
    os.execv(arguments[0], arguments)
