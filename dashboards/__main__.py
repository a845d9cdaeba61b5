"""`python -m dashboards --editions FOLDER`: show the current edition to a browser on this machine."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from dashboards import serve


def main() -> int:
    """Read the options and start the server."""
    parser = argparse.ArgumentParser(prog="python -m dashboards", description=__doc__)
    parser.add_argument("--editions", type=Path, default=serve.EDITIONS, help="folder of published editions")
    parser.add_argument("--host", default=serve.HOST, help="loopback address to listen on")
    parser.add_argument("--port", type=int, default=serve.PORT)
    parser.add_argument("--workers", type=int, default=serve.WORKERS, help="processes; each holds the edition once")
    options = parser.parse_args()
    return serve.serve(options.editions, options.host, options.port, options.workers)


if __name__ == "__main__":
    sys.exit(main())
