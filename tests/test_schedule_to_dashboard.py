"""From a due schedule to what a reader sees: server, worker and dashboard all run, and none is started anew."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path
from urllib.request import urlopen

import pytest

from pipelines.cycle import publish_edition, take_in
from pipelines.demo import sample_records
from pipelines.render import render
from reports.edition import current_path
from tests import browser, prefect_server
from tests.killed_intake import CASES, KAZ, PERIOD, write
from tests.killed_output import ACTIVITIES
from tests.prefect_server import clean_environment
from tests.test_two_workers import deploy, run_of

# The figures of the country in the quarter.
SHOWN = "export/overview/indicators.csv?lang=en&period=2010-Q4&calendar=quarter&place=KZ"


def shown(address: str) -> tuple[str, str]:
    """The edition that the dashboard shows at this moment, and how many offices it counts the victims identified of."""
    with urlopen(f"{address}/{SHOWN}", timeout=60) as answer:
        header, *rows = csv.reader(io.StringIO(answer.read().decode("utf-8-sig")))
    (row,) = [dict(zip(header, row, strict=True)) for row in rows if "(P01)" in row[0]]
    return row["Edition"], row["Actual: offices counted"]


@pytest.mark.soak
def test_a_scheduled_run_publishes_and_the_dashboard_that_runs_shows_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    raw, curated = home / "data" / "raw", home / "data" / "curated"
    path = raw / "kaz" / ACTIVITIES.file_name(PERIOD)
    path.parent.mkdir(parents=True)
    path.write_bytes(render(KAZ, ACTIVITIES, PERIOD, {"activities": sample_records()["kaz", PERIOD]["activities"]}))
    take_in(raw, curated, say=lambda _: None)
    before = publish_edition(curated)
    write(raw, CASES[:12])
    for path in (raw / "kaz").iterdir():
        os.utime(path, (0, 1_300_000_000))
    environment = {
        **clean_environment(), "ESEP_HOME": str(home), "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "5",
    }  # fmt: skip
    with (
        browser.running(curated / "editions", tmp_path / "dashboard.log") as address,
        prefect_server.server(tmp_path / "server", environment) as server,
        prefect_server.worker(server, "host-a", tmp_path / "worker", tmp_path / "worker-home"),
    ):
        assert shown(address) == (before.edition_id, "0 of 1")
        deployed = deploy(server, home, ["quarterly"])
        run = run_of(server, deployed["quarterly"])
        assert (run["state_name"], run["auto_scheduled"]) == ("Published", True), run["state"]["message"]
        after = current_path(curated / "editions").name
        assert after != before.edition_id
        assert shown(address) == (after, "1 of 1")
