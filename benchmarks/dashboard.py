"""What the dashboard's answers cost: beside the same pages over a dictionary in memory, and for twenty people at once.

The dictionary has every answer of the database ready, so the ratio is what asking a database costs a page. The
twenty people look at each answer for two seconds, as people do; a click asks for the page and for its frame.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from benchmarks.clock import REPOSITORY

RATIO_LIMIT, P95_LIMIT = 2.0, 0.300  # times the dictionary; seconds
USERS, THINK_SECONDS, LOAD_SECONDS, WORKERS = 20, 2.0, 40.0, 2
ROUNDS = 7
OPENED = "open_scoped"  # what opens an edition for the pages
MARKS = itertools.count()
UPDATE = "/_dash-update-component"
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Load:
    """Seconds of every click of the people, and how many failed."""

    seconds: Sequence[float]
    failed: int

    @property
    def p95(self) -> float:
        """Nineteen of twenty clicks were quicker."""
        return statistics.quantiles(self.seconds, n=20)[-1]


@dataclass
class DashboardBench:
    """The table and whether it keeps to its limits."""

    lines: list[str] = field(default_factory=list)
    is_within: bool = True

    def add(self, name: str, value: str, limit: str, is_within: bool) -> None:
        """One line of the table."""
        self.lines.append(f"{name:52}{value:>14}{limit:>12}" + ("" if is_within else "  above"))
        self.is_within &= is_within


def dashboard_bench() -> DashboardBench:
    """Publish the sample quarters aside and measure the pages over them."""
    with tempfile.TemporaryDirectory() as folder:
        curated = Path(folder) / "curated"
        command = [
            str(Path(sys.executable).with_name("esep")),
            "run",
            "--curated",
            str(curated),
            "--out",
            folder + "/out",
        ]
        subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, stdin=subprocess.DEVNULL)
        return measure(curated / "editions")


def measure(editions: Path) -> DashboardBench:
    """Ratio of the callbacks, then the load."""
    bench = DashboardBench()
    ours, dictionary = callback_seconds(editions)
    bench.add("dashboard: a page's answer / over a dictionary", f"{ours / dictionary:.2f}x", f"{RATIO_LIMIT:.0f}x",
              ours / dictionary <= RATIO_LIMIT)  # fmt: skip
    bench.add("dashboard: processor time of a page's answer", f"{ours * 1000:.0f} ms", "", True)
    load = load_of(editions)
    half = statistics.median(load.seconds)
    bench.add(f"dashboard: {USERS} people, median of {len(load.seconds)} clicks", f"{half * 1000:.0f} ms", "", True)
    bench.add(f"dashboard: {USERS} people, 95th percentile", f"{load.p95 * 1000:.0f} ms", f"{P95_LIMIT * 1000:.0f} ms",
              load.p95 <= P95_LIMIT)  # fmt: skip
    bench.add("dashboard: failed clicks", str(load.failed), "0", load.failed == 0)
    return bench


def callback_seconds(editions: Path) -> tuple[float, float]:
    """Processor seconds of one answer of every page, from the edition and from a dictionary: medians, by turns."""
    from dashboards.app import create_app, warm

    with _answers_from_a_dictionary():
        dictionary = warm(create_app(editions)).test_client()
        asked = list(clicks(dictionary))
        _answer(dictionary, asked)  # fills it
    ours = warm(create_app(editions)).test_client()
    _answer(ours, asked)
    seconds = [(_answer(ours, asked), _answer(dictionary, asked)) for _ in range(ROUNDS)]
    answers = len(asked)
    return statistics.median(a for a, _ in seconds) / answers, statistics.median(b for _, b in seconds) / answers


def clicks(client: Any, times: int = 2) -> Iterator[dict[str, Any]]:
    """Requests for the content of every page, so many times, each with other filters than the one before."""
    from dashboards import pages
    from dashboards.app import find_pages

    places, periods = itertools.cycle(("CA", "KZ", "KG", "TJ", "UZ")), itertools.cycle(("2010-Q4", "2010-Q3"))
    indicators = itertools.cycle(("P01", "P03", "P07", "T01", "T02", "V01", "H01"))
    for _ in range(times):
        for page in find_pages(pages).values():
            search = (
                f"?lang=en&period={next(periods)}&calendar=quarter&indicator={next(indicators)}&place={next(places)}"
            )
            yield request_of(client, "_pages_content.children", page.path, search)


def request_of(client: Any, output: str, path: str, search: str) -> dict[str, Any]:
    """What the browser sends for a part of the page."""
    (entry,) = [entry for entry in client.get("/_dash-dependencies").json if output in entry["output"]]
    said = {"pathname": path, "search": search}
    names = [name.rsplit(".", 1) for name in entry["output"].strip(".").split("...")]
    return {
        "output": entry["output"],
        "outputs": [{"id": name, "property": part} for name, part in names],
        "inputs": [{**one, "value": said.get(one["property"])} for one in entry["inputs"]],
        "changedPropIds": [],
    }


def _answer(client: Any, asked: Iterable[dict[str, Any]]) -> float:
    start = time.process_time()
    for body in asked:
        # Marked anew each time, so that no answer is one that was kept.
        body = {**body, "changedPropIds": [f"{next(MARKS)}.search"]}
        if client.post(UPDATE, json=body).status_code != 200:
            raise RuntimeError(f"{body['inputs']}: a page did not answer")
    return time.process_time() - start


@contextmanager
def _answers_from_a_dictionary() -> Iterator[None]:
    """Servers that are made meanwhile keep the rows of every question they are asked."""
    home = import_module("dashboards.editions")
    opened = getattr(home, OPENED)

    def remembered(*arguments: Any) -> Any:
        return Remembered(opened(*arguments))

    setattr(home, OPENED, remembered)
    try:
        yield
    finally:
        setattr(home, OPENED, opened)


class Remembered:
    """An edition that asks its database once for each question."""

    def __init__(self, edition: Any) -> None:
        self._edition = edition
        self._rows: dict[tuple[str, tuple[Any, ...]], Rows] = {}

    def rows(self, sql: str, parameters: Iterable[Any] = ()) -> Rows:
        """The rows of a question, from memory from the second time on."""
        asked = sql, tuple(parameters)
        if asked not in self._rows:
            self._rows[asked] = self._edition.rows(sql, asked[1])
        return self._rows[asked]

    def about(self) -> dict[str, Any]:
        """As of an edition."""
        return self.rows("SELECT * FROM edition")[0]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._edition, name)


def load_of(editions: Path) -> Load:
    """Twenty people with a page in front of them, each on its own clock, against the server as it is run."""
    from dashboards.app import create_app, warm

    client = warm(create_app(editions)).test_client()
    contents = list(clicks(client, 60))
    frame = request_of(client, "header.children", "/", "?lang=en")
    seconds: list[float] = []
    failed: list[str] = []
    with _served(editions) as address:
        until = time.monotonic() + LOAD_SECONDS

        def person(number: int) -> None:
            chance = random.Random(number)  # noqa: S311 only spreads the clicks
            time.sleep(chance.random() * THINK_SECONDS)
            while time.monotonic() < until:
                start = time.perf_counter()
                for body in (chance.choice(contents), frame):
                    _post(address, body, failed.append)
                seconds.append(time.perf_counter() - start)
                time.sleep(THINK_SECONDS)

        people = [threading.Thread(target=person, args=(number,)) for number in range(USERS)]
        for one in people:
            one.start()
        for one in people:
            one.join()
    return Load(seconds, len(failed))


def _post(address: str, body: dict[str, Any], fail: Callable[[str], None]) -> None:
    request = Request(  # noqa: S310 an address of this machine
        address + UPDATE, data=json.dumps(body).encode(), headers={"Content-Type": "application/json"}
    )
    try:
        with urlopen(request, timeout=30) as answer:  # noqa: S310
            answer.read()
    except (URLError, OSError) as error:
        fail(str(error))


@contextmanager
def _served(editions: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "dashboards", "--editions", str(editions), "--port", str(port)]
    command += ["--workers", str(WORKERS)]
    server = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.DEVNULL, env={**os.environ})
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_until_warm(address)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=90)


def _wait_until_warm(address: str) -> None:
    for _ in range(600):
        try:
            with urlopen(address + "/healthz", timeout=10):  # noqa: S310
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError("the dashboard did not start")


if __name__ == "__main__":
    print("\n".join(measure(Path(sys.argv[1])).lines))
