"""`python -m dashboards --editions FOLDER`: show the current edition to a browser."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path

from dashboards import serve
from dashboards.settings import Settings, read


def main() -> int:
    """Read the options, and what they leave out from the environment; start the server."""
    parser = argparse.ArgumentParser(prog="python -m dashboards", description=__doc__)
    parser.add_argument("--editions", type=Path, help="folder of published editions")
    parser.add_argument("--login", type=Path, help="folder of users and secret; else `dashboard` beside the editions")
    parser.add_argument("--host", default=serve.HOST, help="address to listen on; others than loopback need a login")
    parser.add_argument("--port", type=int, default=serve.PORT)
    parser.add_argument("--workers", type=int, default=serve.WORKERS, help="processes; each holds the edition once")
    parser.add_argument("--allow-host", action="append", dest="hosts", metavar="NAME", help="name browsers come by")
    parser.add_argument("--prefix", help="serve below this path, e.g. /esep")
    parser.add_argument("--https", action="store_true", help="browsers come by TLS, through a proxy in front")
    parser.add_argument("--proxies", type=int, help="how many proxies in front of it name the visitor's address")
    options = parser.parse_args()
    try:
        settings = _settings(options)
    except ValueError as error:
        parser.error(str(error))
    return serve.serve(settings, options.host, options.port, options.workers)


def _settings(options: argparse.Namespace) -> Settings:
    said = {name: getattr(options, name) for name in ("editions", "login", "proxies", "prefix")}
    said["hosts"] = tuple(options.hosts) if options.hosts else None
    said["https"] = options.https or None
    return replace(read(os.environ), **{name: value for name, value in said.items() if value is not None})


if __name__ == "__main__":
    sys.exit(main())
