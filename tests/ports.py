"""Ports for the servers that tests start: of each test process its own, so that no two servers are given the same."""

from __future__ import annotations

import os
import random
import socket
import time
from itertools import count

# Below the ports from which the system itself takes one for every connection that is made.
FIRST, EACH, PROCESSES = 20_000, 1_000, 12
_process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % PROCESSES
_turns = count(random.randrange(EACH))  # another run of the tests on this machine begins elsewhere


def free_port() -> int:
    """A port on which nobody listens and that this process has not given out lately."""
    for turn in _turns:
        port = FIRST + _process * EACH + turn % EACH
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("the count has no end")


def wait_until_bound(port: int, seconds: float = 300) -> None:
    """Until a server listens on the port of this machine. Raises TimeoutError."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError(f"nobody listens on {port}")
