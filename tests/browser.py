"""A real browser and a real server for tests of the dashboard.

The browser is Debian's chromium. Where there is none, a machine on which we may install it gets it;
elsewhere the tests are skipped with a reason, but never where CI is set: there a missing browser is a
failure.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from tests.ports import free_port

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
START_SECONDS = 180
FOLLOW_SECONDS = 180
PATIENCE = 180_000  # milliseconds: a page of a machine that does much else beside
TURN, QUIET_TURNS = 50, 3  # milliseconds between two looks whether a page still asks, and how many must find it silent
# In a page that is busy with an answer this takes longer: it has not asked its next question yet.
LET_IT_WORK = f"() => new Promise((done) => setTimeout(done, {TURN}))"

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
  for (const e of document.querySelectorAll(".chart svg text")) {
    const box = e.getBoundingClientRect(), frame = e.closest(".chart").getBoundingClientRect();
    if (box.width > 0 && (box.right > frame.right + 1 || box.left < frame.left - 1 || box.bottom > frame.bottom + 1)) {
      bad.push(`words of a chart cut off: ${e.textContent.slice(0, 60)}`);
    }
  }
  return bad;
}"""  # noqa: E501


def cut_off(page: Any, width: int) -> list[str]:
    """What of a page is cut off in a window so wide, once its charts have followed the window.

    They follow a while after it, on a busy machine a long while: what is still cut off after that is cut off.
    """
    page.set_viewport_size({"width": width, "height": 900})
    until = time.monotonic() + FOLLOW_SECONDS
    page.wait_for_timeout(350)
    while (found := _beyond(page, width)) and time.monotonic() < until:
        page.wait_for_timeout(500)
    return found


def _beyond(page: Any, width: int) -> list[str]:
    scrolled = page.evaluate("document.documentElement.scrollWidth")
    wider = [f"the page is {scrolled} wide in a window of {width}"] if scrolled > width else []
    return wider + list(page.evaluate(CLIPPED))


# WCAG 2.2, levels A and AA: what a machine can tell.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def barriers(page: Any) -> list[str]:
    """What keeps people out of a page, by the rules of axe-core."""
    import axe_playwright_python

    (folder,) = axe_playwright_python.__path__
    if not page.evaluate("typeof window.axe !== 'undefined'"):
        page.evaluate((Path(folder) / "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("(tags) => axe.run(document, {runOnly: {type: 'tag', values: tags}})", RULES)
    return [
        f"{barrier['id']}: {barrier['help']}: {node['html'][:160]}"
        for barrier in found["violations"]
        for node in barrier["nodes"][:3]
    ]


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


@contextmanager
def running(
    editions: Path, log: Path, workers: int = 1, prefix: str = "", options: Sequence[str] = ()
) -> Iterator[str]:
    """The dashboard as `python -m dashboards` starts it; yields its address, stops it afterwards."""
    port = free_port()
    arguments = ["--editions", str(editions), "--port", str(port), "--workers", str(workers), *options]
    arguments += [f"--prefix={prefix}"] if prefix else []
    with log.open("w", encoding="utf-8") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "dashboards", *arguments], cwd=REPOSITORY, stdout=out, stderr=subprocess.STDOUT
        )
        try:
            address = f"http://127.0.0.1:{port}{prefix}"
            _wait_for(server, address + "/healthz", log)
            yield address
        finally:
            server.terminate()
            server.wait(timeout=START_SECONDS)


def _wait_for(server: subprocess.Popen[bytes], address: str, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            with urlopen(address, timeout=30):
                return
        except (URLError, ConnectionError, TimeoutError):  # it listens before it answers
            time.sleep(0.1)
    raise RuntimeError(f"the dashboard did not start:\n{log.read_text(encoding='utf-8')}")


class Watched:
    """A page of the browser that remembers everything that should not happen."""

    def __init__(self, browser: Any, address: str, **options: Any) -> None:
        self.address = address
        self.faults: list[str] = []
        self.under_way: set[Any] = set()  # requests that were begun and have neither ended nor failed
        self.context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        self.page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.on("console", self._note_console)
        self.page.on("pageerror", lambda error: self.faults.append(f"error in the page: {error}"))
        self.page.on("request", self._note_request)
        self.page.on("requestfinished", lambda request: self.under_way.discard(request))
        self.page.on("requestfailed", self._note_failure)
        self.page.on("response", self._note_response)

    def open(self, path: str = "/") -> Any:
        """Go to a path and wait until the page is drawn."""
        self.page.goto(self.address + path)
        self.drawn()
        return self.page

    def drawn(self) -> None:
        """Wait for header, content, every chart, and the end of every request: to leave earlier cuts an answer off."""
        self.page.wait_for_selector("#header .menu")
        self.page.wait_for_load_state("networkidle")
        self.page.wait_for_selector("main h1")
        self.at_rest()
        charts = self.page.locator("main .chart")
        for number in range(charts.count()):
            charts.nth(number).locator(".main-svg").first.wait_for(state="attached")
        self.at_rest()

    def at_rest(self) -> None:
        """Wait until no request has been under way for a while; one answer often makes the page ask the next."""
        from playwright.sync_api import Error

        until, quiet = time.monotonic() + PATIENCE / 1000, 0
        while quiet < QUIET_TURNS:
            assert time.monotonic() < until, f"no end of {sorted(request.url for request in self.under_way)}"
            try:
                self.page.evaluate(LET_IT_WORK)
                quiet = 0 if self.under_way else quiet + 1
            except Error:  # another document has taken the place of the one that was asked
                self.page.wait_for_timeout(TURN)
                quiet = 0

    def close(self) -> None:
        """Leave, once everything that was asked has been answered: what is cut off would count as a fault."""
        self.at_rest()
        self.context.close()

    def _note_console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(f"console {message.type}: {message.text}")

    def _note_request(self, request: Any) -> None:
        if urlsplit(request.url).scheme in ("data", "blob"):
            return
        self.under_way.add(request)
        if not request.url.startswith(self.address):
            self.faults.append(f"asked outside: {request.url}")

    def _note_failure(self, request: Any) -> None:
        self.under_way.discard(request)
        self.faults.append(f"failed: {request.url} {request.failure}")

    def _note_response(self, response: Any) -> None:
        if response.status >= 400:
            self.faults.append(f"HTTP {response.status}: {response.url}")


def arrived(page: Any, *parts: str) -> None:
    """Wait until the page's address contains these parts, one after the other.

    `wait_for_url` is an error where a loading is broken off by the next one, which a browser may do at any time.
    """
    from playwright.sync_api import expect

    expect(page).to_have_url(re.compile(".*".join(re.escape(part) for part in parts)))


def says(locator: Any, words: str) -> None:
    """Wait until an element says the words. (Waiting on an expression would need eval, which the policy forbids.)"""
    from playwright.sync_api import expect

    expect(locator).to_contain_text(words)


def holds(locator: Any, value: str) -> None:
    """Wait until a box holds a value: the frame comes in an answer of its own, before the content or after it."""
    from playwright.sync_api import expect

    expect(locator).to_have_value(value)


def pick(watched: Watched, name: str, option: str) -> None:
    """Choose an option of a filter with the mouse and wait for frame and content to be drawn anew."""
    watched.page.click(f"#filter-{name}")
    with watched.page.expect_response("**/_dash-update-component*"):
        watched.page.get_by_role("option", name=option, exact=True).click()
    watched.at_rest()


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser, for as many readers as are wanted."""
    path = find_chromium()
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield launched
        launched.close()


@contextmanager
def watching(browser: Any, address: str) -> Iterator[Watched]:
    """A fresh reader; nothing in the console, no failed answer, no request to anywhere else."""
    reader = Watched(browser, address)
    yield reader
    reader.close()
    assert reader.faults == [], reader.faults
