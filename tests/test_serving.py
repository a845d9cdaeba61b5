"""The server as it is run: warm from its first request, whole under a change of editions and when told to stop."""

from __future__ import annotations

import gzip
import io
import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from urllib.request import Request, urlopen

import duckdb
import pytest

from dashboards import pages
from dashboards.app import create_app, find_pages, warm
from dashboards.drawing import BASIC
from dashboards.editions import Editions
from dashboards.security import A_YEAR
from dashboards.serve import command
from dashboards.settings import Settings
from pipelines.up import START_SECONDS
from reports.edition import FILE_NAME, POINTER_NAME
from tests.browser import REPOSITORY, running
from tests.logins import UPDATE, callbacks, forged, make_users, reader, server_of
from tests.ports import free_port, wait_until_bound
from tests.sample_edition import EDITION_ID, make_edition

OTHER = "2010-Q4-00000002"
NUMBERS = {EDITION_ID: "12,345", OTHER: "98,765"}
SEARCH = "?lang=en&period=2010-Q4&calendar=quarter&indicator=P01&place=CA"
PLOTLY = "/_dash-component-suites/plotly/package_data/plotly.min.js"


@pytest.fixture(scope="module")
def editions(tmp_path_factory):
    """Two editions, each with one number for every figure, so that an answer made of both would show."""
    folder = tmp_path_factory.mktemp("editions")
    for edition_id, number in reversed(NUMBERS.items()):
        with duckdb.connect(str(make_edition(folder, edition_id) / FILE_NAME)) as con:
            con.execute(f"UPDATE figures SET value = {number.replace(',', '')} WHERE status = 'shown'")
            con.execute("UPDATE figures SET target = NULL")  # a part of it could look like the other number
    return folder


@pytest.fixture(scope="module")
def server(editions):
    return warm(create_app(editions))


def content_request(server, search=SEARCH, path="/"):
    entries = callbacks(server.test_client())
    (entry,) = [entry for entry in entries if "_pages_content.children" in entry["output"]]
    return forged(entry, {"pathname": path, "search": search})


def ask(address, body=None, **headers):
    data = None if body is None else json.dumps(body).encode()
    kind = {} if body is None else {"Content-Type": "application/json"}
    with urlopen(Request(address, data=data, headers={**kind, **headers}), timeout=180) as answer:
        return answer.status, answer.read().decode("utf-8", "replace")


# Under load


def test_fifty_first_requests_at_once(editions, server, tmp_path):
    """Nothing is asked before them, not even health: they wait until the workers are warm."""
    port, gate = free_port(), threading.Barrier(50)
    body = content_request(server)
    paths = ("/", "/_dash-layout", "/_dash-dependencies", UPDATE, "/healthz")

    def one(number):
        path = paths[number % len(paths)]
        gate.wait()
        return path, ask(f"http://127.0.0.1:{port}{path}", body if path == UPDATE else None)[0]

    command = [sys.executable, "-m", "dashboards", "--editions", str(editions), "--port", str(port), "--workers", "2"]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=REPOSITORY, stdout=log, stderr=subprocess.STDOUT)
        try:
            wait_until_bound(port)
            with ThreadPoolExecutor(50) as pool:
                answers = list(pool.map(one, range(50)))
        finally:
            process.terminate()
            process.wait(timeout=180)
    assert [answer for answer in answers if answer[1] != 200] == []
    assert process.returncode == 0


current_id = Editions.current_id


def point_to(folder, edition_id):
    aside = folder / ".CURRENT.new"
    aside.write_text(edition_id + "\n")
    aside.replace(folder / POINTER_NAME)


def test_a_worker_starts_while_an_edition_is_published(editions, monkeypatch):
    """At whichever moment: gunicorn stops the whole server for a worker that does not start."""
    looks = 0

    def look(asked):
        nonlocal looks
        looks += 1
        if looks == moment:
            point_to(editions, OTHER)
        return current_id(asked)

    monkeypatch.setattr(Editions, "current_id", look)
    for moment in count(1):
        point_to(editions, EDITION_ID)
        looks = 0
        warm(create_app(editions))
        if looks < moment:
            break
    assert moment > 5, "it is looked at more than once while a worker starts"


def test_a_worker_may_take_as_long_to_start_as_anybody_waits_for_it():
    """What gunicorn makes of the command: it kills a worker that has said nothing for so long, while it starts too."""
    from gunicorn.config import Config

    options = command("127.0.0.1", free_port())
    understood = Config().parser().parse_args(options[options.index("gunicorn") + 1 :])
    assert understood.timeout is not None and understood.timeout > START_SECONDS


def test_every_answer_is_of_one_edition_while_another_is_published(editions, server, tmp_path):
    """Pages and downloads of two workers, as the pointer is put in place again and again, as publishing does it."""
    body, stop, wrong, seen = content_request(server), threading.Event(), [], set()

    def watch(address, said):
        while not stop.is_set():
            status, text = ask(address, said)
            ids = set(re.findall(r"2010-Q4-[0-9a-f]{8}", text)) & set(NUMBERS)
            plain = {number for number in NUMBERS.values() if number in text or number.replace(",", "") in text}
            current = {NUMBERS[found] for found in ids}
            if status != 200 or len(ids) != 1 or plain != current:
                wrong.append((status, ids, plain))
            seen.update(ids)

    with running(editions, tmp_path / "log", workers=2) as address:
        asked = [(address + UPDATE, body)] * 4 + [(f"{address}/export/overview/indicators.csv?lang=en", None)] * 2
        threads = [threading.Thread(target=watch, args=one) for one in asked]
        for thread in threads:
            thread.start()
        end, turn = time.monotonic() + 180, 0
        # On a busy machine an answer takes long: go on until both editions have been seen.
        while turn < 40 or (seen != set(NUMBERS) and time.monotonic() < end):
            turn += 1
            point_to(editions, list(NUMBERS)[turn % 2])
            time.sleep(0.05)
        stop.set()
        for thread in threads:
            thread.join()
    assert wrong == []
    assert seen == set(NUMBERS)


def test_what_is_under_way_ends_well_when_the_server_is_told_to_stop(editions, server, tmp_path):
    """A workbook is asked for, a slow reader has part of a file, three questions are half asked: all get all."""
    port, body = free_port(), json.dumps(content_request(server)).encode()
    command = [sys.executable, "-m", "dashboards", "--editions", str(editions), "--port", str(port), "--workers", "2"]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=REPOSITORY, stdout=log, stderr=subprocess.STDOUT)
        try:
            wait_until_bound(port)
            ask(f"http://127.0.0.1:{port}/healthz")
            slow = _asking(port, f"GET {PLOTLY}")
            first = slow.recv(4096)
            half = [_asking(port, f"POST {UPDATE}", len(body), body[:50]) for _ in range(3)]
            book = _asking(port, f"GET /export/overview.xlsx{SEARCH}")
            _wait_until_all_are_let_in(port)
            process.send_signal(signal.SIGTERM)
            time.sleep(1)
            assert process.poll() is None, "it waits for them"
            for one in half:
                one.sendall(body[50:])
            answers = [first + _rest(slow), _rest(book), *(_rest(one) for one in half)]
            assert process.wait(timeout=180) == 0
        finally:
            process.kill()
    for answer in answers:
        head, _, content = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200")
        (length,) = re.findall(rb"(?i)content-length: (\d+)", head)
        assert int(length) == len(content) > 5_000
    assert zipfile.is_zipfile(io.BytesIO(answers[1].partition(b"\r\n\r\n")[2]))


def _wait_until_all_are_let_in(port):
    """Until nobody waits in the queue of the port: who still does when it closes is not under way."""
    until, queued = time.monotonic() + 180, None
    while queued != 0 and time.monotonic() < until:
        rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
        (queued,) = [
            int(row[4].split(":")[1], 16) for row in rows if row[1].endswith(f":{port:04X}") and row[3] == "0A"
        ]
        time.sleep(0.01)


def _asking(port, what, length=0, content=b""):
    """A connection over which something has been asked, maybe in part; it takes in little at a time."""
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    one.settimeout(180)
    one.connect(("127.0.0.1", port))
    more = f"Content-Type: application/json\r\nContent-Length: {length}\r\n" if length else ""
    one.sendall(f"{what} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{more}\r\n".encode() + content)
    return one


def _rest(one):
    got = b""
    while part := one.recv(65536):
        got += part
    one.close()
    return got


# Below a prefix


@pytest.fixture(scope="module")
def below(editions, tmp_path_factory):
    return server_of(editions, make_users(tmp_path_factory.mktemp("login")), prefix="/esep")


def test_everything_stands_below_the_prefix(below):
    """Addresses in documents and in every page's content, redirections, cookie; nothing answers above it."""
    client = reader(below, "officer", path="/esep/login?lang=en")
    assert client.get_cookie("esep", path="/esep") is not None
    assert below.test_client().get("/").status_code == 404
    assert below.test_client().get("/esep/").location.startswith("/esep/login?")
    whole = client.get("/esep/", buffered=True)
    assert whole.location.startswith("/esep/?lang=")
    document = client.get(whole.location).get_data(as_text=True)
    linked = re.findall(r'(?:src|href)="(/[^"]*)"', document)
    assert len(linked) > 5 and all(address.startswith("/esep/") for address in linked)
    assert client.get(linked[0], buffered=True).status_code == 200
    entries = client.get("/esep/_dash-dependencies").json
    addresses = 0
    for entry in (entry for entry in entries if not entry["clientside_function"]):
        for page in find_pages(pages).values():
            said = forged(entry, {"pathname": "/esep" + page.path, "search": SEARCH})
            answer = client.post("/esep" + UPDATE, json=said)
            assert answer.status_code == 200, page.path
            for address in re.findall(r'"(?:href|action|src)": "(/[^"]*)"', json.dumps(answer.json)):
                addresses += 1
                assert address.startswith("/esep/"), (page.path, address)
                assert not address.startswith("/esep/esep/"), address
    assert addresses > 20
    exported = client.get("/esep/export/overview.xlsx" + SEARCH)
    assert exported.status_code == 200


def test_the_form_leads_back_below_the_prefix(below):
    from tests.logins import sign_in

    client = below.test_client()
    asked = "/esep/" + SEARCH
    assert sign_in(client, "officer", path=client.get(asked).location).location == asked
    page = client.get("/esep/login", follow_redirects=False)
    assert page.location == "/esep/"


# Fewer bytes, and none twice


@pytest.mark.parametrize("path", ["/" + SEARCH, "/_dash-layout", "/assets/style.css", PLOTLY])
def test_answers_are_compressed_for_those_who_read_it(server, path):
    client = server.test_client()
    plain, small = (
        client.get(path, buffered=True),
        client.get(path, buffered=True, headers={"Accept-Encoding": "gzip, deflate, br"}),
    )
    assert "Content-Encoding" not in plain.headers
    assert small.headers["Content-Encoding"] == "gzip"
    assert len(small.data) < len(plain.data) and int(small.headers["Content-Length"]) == len(small.data)
    assert gzip.decompress(small.data)[:5000] == plain.data[:5000]
    assert all("Accept-Encoding" in answer.headers["Vary"] for answer in (plain, small))
    refused = client.get(path, buffered=True, headers={"Accept-Encoding": "gzip;q=0, identity"})
    assert "Content-Encoding" not in refused.headers


def test_files_are_kept_a_year_and_answers_are_not(server):
    client = server.test_client()
    document = client.get("/" + SEARCH).get_data(as_text=True)
    files = re.findall(r'(?:src|href)="(/[^"]*)"', document)
    for address in files:
        answer = client.get(address, buffered=True)
        assert answer.status_code == 200
        assert f"max-age={A_YEAR}" in answer.headers["Cache-Control"], address
        assert re.search(r"[?&]m=|v\d", address), f"{address}: kept for a year, so it must name its version"
        if "ETag" not in answer.headers:
            continue  # named by its content
        again = client.get(
            address, buffered=True, headers={"If-None-Match": answer.headers["ETag"], "Accept-Encoding": "gzip"}
        )
        assert again.status_code == 304, address
    for address in ("/" + SEARCH, "/_dash-layout", "/_dash-dependencies", "/healthz"):
        assert client.get(address).headers["Cache-Control"] == "no-store", address
    assert client.get("/export/overview.xlsx" + SEARCH).headers["Cache-Control"] == "private, no-cache"


def test_the_memory_of_compressed_files_does_not_grow_with_addresses(editions, monkeypatch):
    """Whoever varies an address without end, which anybody can, has the same file compressed once."""
    client = create_app(editions).test_client()
    compressed, really = [], gzip.compress

    def counted(content, *how, **more):
        compressed.append(content)
        return really(content, *how, **more)

    monkeypatch.setattr(gzip, "compress", counted)
    for number in range(4):
        answer = client.get(f"{PLOTLY}?m={number}", buffered=True, headers={"Accept-Encoding": "gzip"})
        assert answer.headers["Content-Encoding"] == "gzip"
    assert compressed == [BASIC.read_bytes()]


# The charts' library


def test_the_small_library_of_charts_is_of_the_version_of_the_large_one():
    """It is served in place of the one that the package brings, which is four times as large."""
    import importlib.resources

    head = BASIC.read_text(encoding="utf-8")[:400]
    whole = importlib.resources.files("plotly") / "package_data" / "plotly.min.js"
    (large,) = re.findall(r"plotly\.js v([\d.]+)", whole.read_text(encoding="utf-8")[:400])
    (small,) = re.findall(r"plotly\.js \(basic - minified\) v([\d.]+)", head)
    assert small == large, "get the bundle of this version: docs/dashboard-login.md says how"
    assert "MIT" in head


def test_the_small_library_is_given_for_the_large_one(server):
    """At the address that the package has for it, to be asked again each time: the address names no version."""
    client = server.test_client()
    answer = client.get(PLOTLY, buffered=True)
    assert answer.data == BASIC.read_bytes()
    assert "no-cache" in answer.headers["Cache-Control"]
    named = PLOTLY.replace("plotly.min", "plotly.v7_1_0m1795706880.min")
    again = client.get(named, buffered=True, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_no_page_draws_what_the_small_library_cannot(server):
    drawn = set()
    for page in find_pages(pages).values():
        sent = json.dumps(server.test_client().post(UPDATE, json=content_request(server, path=page.path)).json)
        for figure in re.findall(r'"figure": \{"data": (\[.*?\}\]), "layout"', sent):
            drawn |= {trace.get("type", "scatter") for trace in json.loads(figure)}
    assert drawn, "no chart was found"
    assert drawn <= {"scatter", "bar", "pie"}


# What every answer says


def test_every_answer_says_the_same_to_the_browser(editions, tmp_path):
    """Refusals, redirections, files and pages alike; and that the way here is TLS, where it is."""
    server = server_of(editions, make_users(tmp_path), https=True)
    options = {"base_url": "https://localhost"}
    client = reader(server, "officer", **options)
    asked = [
        server.test_client().get(path, buffered=True, **options)
        for path in ("/", "/_dash-layout", "/login", "/assets/style.css")
    ]
    asked += [client.get(path, **options) for path in ("/", "/nowhere", "/healthz", "/export/x.csv", "/logout")]
    asked += [client.post("/logout", **options), client.get("/", headers={"Host": "evil.example"})]
    for answer in asked:
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe-eval" not in policy and "form-action 'self'" in policy and "script-src 'self'" in policy
        assert answer.headers["Strict-Transport-Security"] == f"max-age={A_YEAR}"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "Server" not in answer.headers and "X-Powered-By" not in answer.headers
    without = warm(create_app(editions, settings=Settings())).test_client().get("/healthz")
    assert "form-action 'none'" in without.headers["Content-Security-Policy"]
    assert "Strict-Transport-Security" not in without.headers
