"""What `deploy/` has is right as far as this machine can tell: systemd takes the units, nginx answers as configured."""

from __future__ import annotations

import http.client
import re
import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pipelines.cli import main
from pipelines.flows import QUIET
from pipelines.flows.alerts import SETTINGS
from tests.ports import free_port, wait_until_bound

REPOSITORY = Path(__file__).resolve().parent.parent
DEPLOY = REPOSITORY / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
NAMES = [unit.name for unit in SERVICES]
# systemd's own scale from 0 (shut in) to 10 (no limits); 2 is what it calls OK.
MOST_EXPOSURE = 20  # in tenths
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")


def settings(unit: Path) -> dict[str, list[str]]:
    """Name -> values of a unit, comments left out."""
    found: dict[str, list[str]] = {}
    for line in unit.read_text(encoding="utf-8").splitlines():
        if match := re.match(r"([A-Za-z]+)=(.*)", line):
            found.setdefault(match[1], []).append(match[2])
    return found


def environment(name: str, *, with_examples: bool = False) -> dict[str, str]:
    """Name -> value of a file of settings; with its examples, which are commented out, too."""
    start = "#?" if with_examples else ""
    return dict(re.findall(rf"(?m)^{start}([A-Z_]+)=(.*)$", (DEPLOY / name).read_text(encoding="utf-8")))


@pytest.mark.parametrize("unit", SERVICES, ids=NAMES)
def test_a_service_may_do_little(unit):
    said = settings(unit)
    for name, value in {
        "NoNewPrivileges": "yes", "ProtectSystem": "strict", "ProtectHome": "yes", "PrivateTmp": "yes",
        "UMask": "0077", "IPAddressDeny": "any", "CapabilityBoundingSet": "",
    }.items():  # fmt: skip
        assert said.get(name) == [value], name
    assert said["User"] != ["root"]


def test_the_dashboard_sees_published_editions_and_nothing_else_of_the_store():
    said = settings(DEPLOY / "systemd" / "esep-dashboard.service")
    assert said["User"] == ["esep-web"]
    assert said["InaccessiblePaths"] == ["/var/lib/esep"]
    assert said["BindReadOnlyPaths"] == ["/var/lib/esep/data/curated/editions:/srv/esep-editions"]
    assert "ReadWritePaths" not in said
    assert "ESEP_EDITIONS=/srv/esep-editions\n" in (DEPLOY / "dashboard.env").read_text()


def installed(folder: Path) -> list[str]:
    """The units as they would be in /etc/systemd/system, whose programs lie below the folder; their paths."""
    for name in ("prefect", "esep", "python"):
        program = folder / "opt" / ".venv" / "bin" / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8").replace("/opt/esep/", f"{folder}/opt/")
        (folder / unit.name).write_text(text, encoding="utf-8")
    return [str(folder / unit.name) for unit in UNITS]


def verified(units: list[str]) -> str:
    """What systemd says of units; nothing when it takes them as they are."""
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stderr


@needs_systemd
def test_systemd_takes_the_units_and_finds_them_shut_in(tmp_path):
    assert verified(installed(tmp_path)) == ""
    for unit in SERVICES:
        done = subprocess.run(
            ["systemd-analyze", "security", "--offline=true", f"--threshold={MOST_EXPOSURE}", tmp_path / unit.name],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout.splitlines()[-1]


@needs_systemd
def test_systemd_takes_the_way_out_for_alerts_and_the_worker_stays_shut_in(tmp_path):
    installed(tmp_path)
    worker = str(tmp_path / "esep-worker.service")
    drop_in = tmp_path / "esep-worker.service.d" / "alerts.conf"
    drop_in.parent.mkdir()
    text = (DEPLOY / "alerts.conf").read_text(encoding="utf-8")
    # With what is there to be uncommented, too; and systemd does read it: an address that is none is told.
    for said, complaint in ((text, ""), (re.sub("(?m)^#(?=[A-Z])", "", text), ""),
                            (text.replace("192.0.2.25", "mail.example.org"), "Address prefix is invalid")):  # fmt: skip
        drop_in.write_text(said, encoding="utf-8")
        told = verified([worker])
        assert complaint in told and bool(told) == bool(complaint), told
    drop_in.write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", f"--threshold={MOST_EXPOSURE}", worker],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout.splitlines()[-1]


def test_what_the_alerts_are_told_is_what_they_know():
    """A misspelt setting would be an alert that nobody gets."""
    pairs = environment("alerts.env", with_examples=True)
    pairs |= dict(re.findall(r"(?m)^#?Environment=(\w+)=(.*)$", (DEPLOY / "alerts.conf").read_text(encoding="utf-8")))
    assert {"ESEP_ALERT_SMTP", "ESEP_ALERT_WEBHOOK", "ESEP_ALERT_SMTP_PASSWORD_FILE"} <= set(pairs) <= set(SETTINGS)


def test_the_server_is_told_what_prefect_is_told_everywhere():
    """But for what a server started for one run needs."""
    wanted = {name: value for name, value in QUIET.items() if "EPHEMERAL" not in name and "LOGGING" not in name}
    said = environment("esep.env")
    assert "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE" in wanted
    assert {name: said.get(name) for name in wanted} == wanted


def test_the_commands_of_the_units_are_ones_that_esep_has():
    (line,) = settings(DEPLOY / "systemd" / "esep-backup.service")["ExecStart"]
    program, name, *arguments = line.split()
    assert program.endswith("/bin/esep")
    parser = main.commands[name].make_parser(main.make_context("esep", ["backup"], resilient_parsing=True))
    options, rest, _ = parser.parse_args(list(arguments))
    assert (rest, {"curated", "to", "keep"} <= options.keys()) == ([], True)
    (line,) = settings(DEPLOY / "systemd" / "esep-dashboard.service")["ExecStart"]
    assert " -m dashboards " in line


def test_every_file_is_on_the_page_of_operations():
    page = (REPOSITORY / "docs" / "operations.md").read_text(encoding="utf-8")
    files = [path for path in DEPLOY.rglob("*") if path.is_file()]
    assert len(files) > 6
    assert [path.name for path in files if path.name not in page] == []


# nginx, for real: TLS in front, an echo behind


class Echo(BaseHTTPRequestHandler):
    """Says back what it was handed."""

    def do_GET(self) -> None:
        body = "\n".join([self.path, *(f"{name}: {value}" for name, value in self.headers.items())]).encode()
        self.send_response(200)
        self.send_header("Content-Security-Policy", "default-src 'self'")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, int]]:
    """nginx with the configuration of `deploy/`, at ports of its own; gives those of HTTP and TLS."""
    if NGINX is None or shutil.which("openssl") is None:
        pytest.skip("needs nginx and openssl")
    folder = tmp_path_factory.mktemp("nginx")
    echo = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=echo.serve_forever, daemon=True).start()
    plain, tls = free_port(), free_port()
    conf = _configured(folder, plain, tls, echo.server_port)
    subprocess.run([NGINX, "-t", "-q", "-c", conf, "-p", folder], check=True, capture_output=True)
    process = subprocess.Popen([NGINX, "-c", conf, "-p", folder, "-g", "daemon off;"])
    try:
        wait_until_bound(tls)
        yield plain, tls
    finally:
        process.terminate()
        process.wait(300)
        echo.shutdown()
        echo.server_close()


def _configured(folder: Path, plain: int, tls: int, behind: int) -> Path:
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=esep.example.org", "-keyout", folder / "key.pem", "-out", folder / "fullchain.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    text = (DEPLOY / "nginx" / "esep.conf").read_text(encoding="utf-8")
    for then, now in {
        "listen [::]:80;": "", "listen [::]:443 ssl http2;": "", "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{tls} ssl http2;", "127.0.0.1:8050": f"127.0.0.1:{behind}",
        "/etc/esep/tls": str(folder), "/etc/nginx/esep.proxy": str(DEPLOY / "nginx" / "esep.proxy"),
        "/var/log/nginx": str(folder),
    }.items():  # fmt: skip
        assert then in text
        text = text.replace(then, now)
    paths = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in
                    ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))  # fmt: skip
    conf = folder / "nginx.conf"
    start = f"pid {folder}/pid; error_log {folder}/start.log; events {{}}\nhttp {{ {paths}\n"
    conf.write_text(start + text + "}\n", encoding="utf-8")
    return conf


def get(port: int, path: str, **headers: str) -> tuple[int, dict[str, str], str]:
    context = ssl._create_unverified_context()
    connection = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=300)
    connection.request("GET", path, headers={"Host": "esep.example.org", **headers})
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, dict(answer.getheaders()), body


def test_the_proxy_speaks_tls_alone_and_passes_the_path_on(proxy):
    plain, tls = proxy
    connection = http.client.HTTPConnection("127.0.0.1", plain, timeout=300)
    connection.request("GET", "/esep/?lang=ru", headers={"Host": "esep.example.org"})
    answer = connection.getresponse()
    connection.close()
    assert (answer.status, answer.headers["Location"]) == (308, "https://esep.example.org/esep/?lang=ru")
    status, headers, body = get(tls, "/esep/training?lang=ru")
    assert (status, body.splitlines()[0]) == (200, "/esep/training?lang=ru")
    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    assert headers["Content-Security-Policy"] == "default-src 'self'", "what the dashboard says is passed on"
    assert "/" not in headers["Server"], "its version is nobody's business"


def test_the_proxy_says_whom_it_saw_and_not_what_he_says_of_himself(proxy):
    spoofed = {"X-Forwarded-For": "10.9.8.7", "X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example"}
    _, _, body = get(proxy[1], "/esep/", **spoofed)
    assert "X-Forwarded-For: 127.0.0.1" in body
    assert "X-Forwarded-Proto: https" in body
    assert not [word for word in ("10.9.8.7", "evil.example") if word in body]


def test_the_proxy_lets_nobody_guess_passwords_quickly(proxy):
    """Eleven at once, and ten more with each minute that the asking takes."""
    started = time.monotonic()
    answers = [get(proxy[1], "/esep/login")[0] for _ in range(30)]
    minutes = (time.monotonic() - started) / 60
    assert answers[0] == 200
    assert set(answers) <= {200, 429}
    assert answers.count(200) <= 11 + 10 * minutes
