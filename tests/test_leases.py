"""With the settings of `deploy/`, a slot that was held while the server was killed is free again after its lease."""

from __future__ import annotations

import re
import signal
from pathlib import Path
from typing import Any

import pytest

from pipelines.flows.states import LEASE_SECONDS, WAREHOUSE
from tests.prefect_server import REPOSITORY, Server, clean_environment, killable_server, wait_for


def deployed() -> dict[str, str]:
    """What `deploy/esep.env` says to Prefect, but for where it answers and keeps its records."""
    text = (REPOSITORY / "deploy" / "esep.env").read_text(encoding="utf-8")
    said = dict(re.findall(r"(?m)^((?:PREFECT|DO_NOT)\w*)=(.*)$", text))
    return {name: value for name, value in said.items() if name not in ("PREFECT_HOME", "PREFECT_API_URL")}


def limit(server: Server) -> Any:
    return server.ask(f"/v2/concurrency_limits/{WAREHOUSE}")


@pytest.mark.soak
def test_a_slot_that_was_held_while_the_server_was_killed_is_free_again(tmp_path: Path) -> None:
    environment = {name: value for name, value in clean_environment().items() if not name.startswith("PREFECT_")}
    environment |= deployed()
    with killable_server(tmp_path, environment) as (server, process):
        server.ask("/v2/concurrency_limits/", {"name": WAREHOUSE, "limit": 1})
        held = {"names": [WAREHOUSE], "slots": 1, "lease_duration": LEASE_SECONDS}
        assert server.ask("/v2/concurrency_limits/increment-with-lease", held)["lease_id"]
        assert limit(server)["active_slots"] == 1
        process.send_signal(signal.SIGKILL)
        process.wait()
    with killable_server(tmp_path, environment) as (server, _):
        assert limit(server)["active_slots"] == 1, "who held it may be at work still"
        wait_for("free slot", 4 * LEASE_SECONDS, lambda: limit(server)["active_slots"] == 0)
