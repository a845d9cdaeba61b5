"""Scheduled runs: Prefect wiring over the plain functions of `pipelines.cycle`, without logic of its own.

Importing this package, before Prefect itself is imported, keeps Prefect at home: no telemetry, no
look-ups outside, and its own database (run states and log lines) in a folder that only this user
can read. Whatever the environment already says stays as it is.
"""

from __future__ import annotations

import os
from pathlib import Path

PREFECT_HOME = Path("data/curated/prefect")

# The server's heartbeat and the SDK's analytics are two channels, each with its own switch.
QUIET = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_LOGGING_SERVER_LEVEL": "CRITICAL",
    # A slot that is held is known on disk: kept in memory, it would never be free again once the server had stopped.
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
    # A busy machine needs longer than the usual 20 seconds to start the temporary server.
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "300",
}


def keep_prefect_at_home() -> None:
    """Set what the environment does not say yet; a folder chosen here is made for this user alone."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    if "PREFECT_HOME" not in os.environ:
        PREFECT_HOME.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.environ["PREFECT_HOME"] = str(PREFECT_HOME.resolve())


keep_prefect_at_home()
