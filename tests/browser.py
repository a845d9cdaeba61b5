"""A real browser and a real server for tests of the dashboard.

The browser is Debian's chromium. Where there is none, a machine on which we may install it gets it;
elsewhere the tests are skipped with a reason, but never where CI is set: there a missing browser is a
failure.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
REPOSITORY = Path(__file__).resolve().parent.parent
START_SECONDS = 60

# What would be cut off: text wider than its box where the box hides what does not fit, a child that
# reaches beyond its tile or cell, or anything beyond the right edge of the window.
CLIPPED = """() => {
  const bad = [], edge = document.documentElement.clientWidth;
  const seen = (e) => e.offsetParent !== null && getComputedStyle(e).visibility !== "hidden";
  for (const e of document.querySelectorAll("main *, header *, nav *")) {
    if (!seen(e) || e.closest("svg, .unseen, .skip")) continue;
    const style = getComputedStyle(e), box = e.getBoundingClientRect();
    const say = (what) => bad.push(`${what}: <${e.tagName.toLowerCase()} class="${e.className}"> ${e.textContent.slice(0, 40)}`);
    if (box.right > edge + 1 || box.left < -1) say("outside the window");
    if (style.overflowX !== "visible" && e.tagName !== "INPUT" && e.scrollWidth > e.clientWidth + 1) say("cut off");
    const frame = e.closest(".tile, td, th");
    if (frame && frame !== e && box.width > 0 && box.right > frame.getBoundingClientRect().right + 1) say("wider than its box");
  }
  return bad;
}"""  # noqa: E501


def find_chromium() -> str:
    """Path of a browser, installed if need be and allowed; skips the test, or fails it under CI, if there is none."""
    found = _on_path() or _install()
    if found:
        return found
    reason = "no chromium on this machine: install it (apt-get install chromium) to run the browser tests"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def _on_path() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def _install() -> str | None:
    """Debian's chromium, where we are root and apt-get is there."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-q"],
        ["apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium"],
    ):
        if subprocess.run(command, env=quiet, capture_output=True, check=False, timeout=600).returncode != 0:
            return None
    return _on_path()


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(editions: Path, log: Path, workers: int = 1) -> Iterator[str]:
    """The dashboard as `python -m dashboards` starts it; yields its address, stops it afterwards."""
    port = free_port()
    arguments = ["--editions", str(editions), "--port", str(port), "--workers", str(workers)]
    with log.open("w", encoding="utf-8") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "dashboards", *arguments], cwd=REPOSITORY, stdout=out, stderr=subprocess.STDOUT
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(server, address + "/healthz", log)
            yield address
        finally:
            server.terminate()
            server.wait(timeout=30)


def _wait_for(server: subprocess.Popen[bytes], address: str, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            with urlopen(address, timeout=5):
                return
        except (URLError, ConnectionError):
            time.sleep(0.1)
    raise RuntimeError(f"the dashboard did not start:\n{log.read_text(encoding='utf-8')}")


class Watched:
    """A page of the browser that remembers everything that should not happen."""

    def __init__(self, browser: Any, address: str, **options: Any) -> None:
        self.address = address
        self.faults: list[str] = []
        self.context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        self.page = self.context.new_page()
        self.page.on("console", self._note_console)
        self.page.on("pageerror", lambda error: self.faults.append(f"error in the page: {error}"))
        self.page.on("request", self._note_request)
        self.page.on("requestfailed", lambda request: self.faults.append(f"failed: {request.url} {request.failure}"))
        self.page.on("response", self._note_response)

    def open(self, path: str = "/") -> Any:
        """Go to a path and wait until the page is drawn."""
        self.page.goto(self.address + path)
        self.drawn()
        return self.page

    def drawn(self) -> None:
        """Wait for filters, tiles and chart."""
        self.page.wait_for_selector("#filters:not([hidden])")
        self.page.wait_for_selector(".tile")
        self.page.wait_for_selector(".chart .xtick")

    def _note_console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(f"console {message.type}: {message.text}")

    def _note_request(self, request: Any) -> None:
        url = urlsplit(request.url)
        if url.scheme not in ("data", "blob") and not request.url.startswith(self.address):
            self.faults.append(f"asked outside: {request.url}")

    def _note_response(self, response: Any) -> None:
        if response.status >= 400:
            self.faults.append(f"HTTP {response.status}: {response.url}")


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser, for as many readers as are wanted."""
    path = find_chromium()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield launched
        launched.close()


@contextmanager
def watching(browser: Any, address: str) -> Iterator[Watched]:
    """A fresh reader; nothing in the console, no failed answer, no request to anywhere else."""
    reader = Watched(browser, address)
    yield reader
    reader.context.close()
    assert reader.faults == []
