"""Start the server: checks first, then gunicorn."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

from dashboards import kept
from dashboards.accounts import Accounts, Refused
from dashboards.security import is_loopback
from dashboards.settings import Settings
from reports.edition import NoEdition, open_current

HOST, PORT, WORKERS, THREADS = "127.0.0.1", 8050, 2, 4
GRACE = 60  # seconds for what is under way when the server is told to stop
# So long a worker may say nothing. It says nothing while it loads and draws every page, which takes long on a busy
# machine or with a large edition; a worker that were killed for it would be followed by one that needs as long.
SILENCE = 300
NO_EDITION, WRONG_USE = 4, 2  # exit codes


def check_host(host: str, settings: Settings) -> str:
    """The address to listen on. Raises ValueError for settings under which others could read the pages."""
    has_users = bool(Accounts(settings.folder).users())
    if settings.hosts and not has_users:
        raise ValueError(
            f"no login is configured, so host names ({', '.join(settings.hosts)}) are not answered: whoever reaches "
            "the port would read every page. Add a user first: esep user add NAME --role viewer"
        )
    if is_loopback(host):
        return host
    if not has_users:
        raise ValueError(
            f"the dashboard listens on this machine only, not on {host!r}: no login is configured, and whoever "
            "reaches the port would read every page. Use 127.0.0.1, and let others in through an SSH tunnel; "
            "or add users first: esep user add NAME --role viewer"
        )
    if not settings.https or not settings.hosts:
        raise ValueError(
            f"to listen on {host!r} the dashboard needs --https (a proxy in front of it that speaks TLS, or passwords "
            "cross the network in clear) and --allow-host NAME (the name by which browsers come)."
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
    options = ["--bind", bind, "--workers", str(workers), "--threads", str(THREADS), "--worker-class", "gthread",
               "--graceful-timeout", str(GRACE), "--timeout", str(SILENCE)]  # fmt: skip
    # The control socket would be a file in the home folder through which the server can be told things.
    return [sys.executable, "-m", "gunicorn", "--no-control-socket", "--log-level", "warning", *options,
            "dashboards.wsgi:application"]  # fmt: skip


def serve(settings: Settings, host: str = HOST, port: int = PORT, workers: int = WORKERS) -> int:
    """Become the server, so that it alone gets the signals to stop; an exit code if it may not start."""
    try:
        check_host(host, settings)
        if Accounts(settings.folder).exist():
            kept.secret(settings.folder)  # made here, once, and not by each worker
    except (ValueError, Refused, kept.NotPrivate) as error:
        print(error, file=sys.stderr)  # noqa: T201 the command line speaks here
        return WRONG_USE
    try:
        edition = check_editions(settings.editions)
    except NoEdition as error:
        print(error, file=sys.stderr)  # noqa: T201
        return NO_EDITION
    address = f"http://{host}:{port}{settings.prefix}/"
    print(f"Edition {edition}: open {address} (Ctrl+C stops the server)", flush=True)  # noqa: T201
    os.environ.update(settings.environment())
    return _become(command(host, port, workers))


def _become(arguments: list[str]) -> NoReturn:
    os.execv(arguments[0], arguments)
