"""Who is let in: the form, its limits, the session and its end; and that nobody else gets anything."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from dashboards import accounts, kept
from dashboards.accounts import Accounts, Refused
from dashboards.app import create_app
from dashboards.login_words import WORDS
from dashboards.roles import ROLES
from dashboards.serve import WRONG_USE, check_host, serve
from dashboards.sessions import IDLE, LIFE, Sessions
from dashboards.settings import Settings, read
from dashboards.throttle import TRIES_BY_ADDRESS, TRIES_BY_USER, WINDOW, Throttle
from reports.scope import Scope
from tests.logins import PASSWORDS, PEOPLE, UPDATE, callbacks, forged, form_of, make_users, reader, server_of, sign_in
from tests.sample_edition import EDITION_ID

REPOSITORY = Path(__file__).resolve().parent.parent
STRONG = "four plain words together"


@pytest.fixture(scope="module")
def shared_users(tmp_path_factory):
    return make_users(tmp_path_factory.mktemp("login"))


@pytest.fixture(scope="module")
def server(editions, shared_users):
    return server_of(editions, shared_users, hosts=("esep.example.org",))


@pytest.fixture
def users(shared_users, tmp_path):
    """A folder of users of the test's own: hashing anew would take a second each time."""
    (tmp_path / accounts.FILE).write_bytes((shared_users / accounts.FILE).read_bytes())
    (tmp_path / accounts.FILE).chmod(0o600)
    return tmp_path


def cookie_of(answer):
    (line,) = answer.headers.getlist("Set-Cookie")
    return line


# The door


def test_everything_is_closed_but_what_is_listed(server):
    """Every rule of the server, asked by nobody."""
    opened = set()
    for rule in server.url_map.iter_rules():
        path = re.sub("<[^>]+>", "x", rule.rule)
        for method in (rule.methods or set()) - {"OPTIONS", "HEAD"}:
            answer = server.test_client().open(
                path, method=method, json={} if method == "POST" else None, buffered=True
            )
            if answer.status_code == 303:
                assert answer.location.startswith("/login?"), path
            elif answer.status_code != 401:
                opened.add((rule.rule, method))
    assert opened == {
        ("/login", "GET"), ("/login", "POST"), ("/healthz", "GET"), ("/assets/<path:filename>", "GET"),
        ("/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>", "GET"), ("/_favicon.ico", "GET"),
    }  # fmt: skip


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH", "TRACE"])
@pytest.mark.parametrize("path", ["/", "/checks", "/_dash-layout", "/_dash-dependencies", "//", "/login/..", "/login/",
                                  "/healthz/../", "/assets/../_dash-layout", "/%5fdash-layout", "/LOGIN"])  # fmt: skip
def test_no_way_of_writing_an_address_opens_it(server, method, path):
    answer = server.test_client().open(path, method=method)
    body = answer.get_data(as_text=True)
    assert answer.status_code in (301, 303, 308, 401, 404, 405) or (method == "OPTIONS" and not body)
    assert EDITION_ID not in body


def test_a_forged_callback_gets_nothing(server):
    """Every callback, as it is, and with an input renamed to a path that is open: a way past a known add-on."""
    entries = callbacks(reader(server, "admin"))
    assert entries
    nobody = server.test_client()
    for entry in entries:
        for pathname in (None, "/login", "/healthz", "/_dash-layout", "/assets/style.css", "/"):
            values = {"pathname": pathname or "/", "search": "?lang=en"}
            answer = nobody.post(UPDATE, json=forged(entry, values, pathname))
            assert (answer.status_code, answer.mimetype) == (401, "text/html")
            assert "response" not in answer.get_data(as_text=True)
            assert nobody.post(UPDATE + "?x=/login", json=forged(entry, values)).status_code == 401
            assert (
                nobody.post(UPDATE, json=forged(entry, values), headers={"Authorization": "Bearer x"}).status_code
                == 401
            )


def test_what_a_request_says_of_itself_opens_nothing(server):
    for name, value in (("X-Forwarded-User", "admin"), ("Remote-User", "admin"), ("esep.inside", "1"),
                        ("Cookie", "esep=admin"), ("X-Original-Url", "/login"), ("Authorization", "x")):  # fmt: skip
        assert server.test_client().get("/_dash-layout", headers={name: value}).status_code == 401, name


def test_a_person_is_led_to_the_form_and_back(server):
    client = server.test_client()
    asked = "/?lang=ru&period=2010-Q3&calendar=quarter&indicator=P01&place=KZ"
    answer = client.get(asked)
    assert (answer.status_code, answer.location.split("?")[0]) == (303, "/login")
    form = client.get(answer.location)
    assert form.status_code == 200 and '<html lang="ru">' in form.get_data(as_text=True)
    assert sign_in(client, "kz.viewer", path=answer.location).location == asked
    assert client.get(asked).status_code == 200
    assert client.get("/login").location == "/", "who is signed in needs no form"


@pytest.mark.parametrize("onward", ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)",
                                    "/ok\r\nSet-Cookie: a=b", "\t//evil.example", "", "evil"])  # fmt: skip
def test_the_form_leads_to_pages_of_ours_alone(server, onward):
    from urllib.parse import quote

    answer = sign_in(server.test_client(), "kz.viewer", path=f"/login?lang=en&next={quote(onward)}")
    assert (answer.status_code, answer.location) == (303, "/")


def test_health_says_to_strangers_that_it_is_well_and_no_more(server):
    assert server.test_client().get("/healthz").json == {"status": "ok"}
    assert reader(server, "kz.viewer").get("/healthz").json == {"edition": EDITION_ID}


# The form


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_a_wrong_name_and_a_wrong_password_are_told_alike(server, lang):
    said = set()
    for name in ("officer", "nobody.at.all", "", "x" * 3000, "officer\x00"):
        answer = sign_in(server.test_client(), name, "not the password", path=f"/login?lang={lang}")
        assert answer.status_code == 401
        page = answer.get_data(as_text=True)
        said.add(re.sub(r'value="[^"]+"', "", page))
        assert WORDS["wrong"][lang == "ru"] in page
        assert "x" * 65 not in page, "nothing that was typed comes back"
    assert len(said) == 1


def test_a_form_that_is_not_ours_is_refused(server):
    client = server.test_client()
    form_of(client)
    said = {"name": "officer", "password": PASSWORDS["officer"]}
    for word in ({}, {"form": ""}, {"form": "x"}, {"form": form_of(server.test_client())}):
        answer = client.post("/login", data=said | word)
        assert (answer.status_code, client.get("/_dash-layout").status_code) == (400, 401)
    whole = said | {"form": form_of(client)}
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
                    {"Sec-Fetch-Site": "same-site"}):  # fmt: skip
        assert client.post("/login", data=whole, headers=headers).status_code == 403
    assert client.post("/login", data=whole, headers={"Origin": "http://localhost"}).status_code == 303


def test_a_huge_form_is_not_read(server):
    client = server.test_client()
    said = {"name": "officer", "password": "x" * 100_000, "form": form_of(client)}
    assert client.post("/login", data=said).status_code == 413


def test_the_form_is_not_kept_or_compressed(server):
    answer = server.test_client().get("/login", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Content-Encoding" not in answer.headers


def test_every_word_of_the_login_is_there_in_both_languages():
    for key, (en, ru) in WORDS.items():
        assert re.findall(r"\{\w+\}", en) == re.findall(r"\{\w+\}", ru), key
        assert not re.search("[A-Za-z]", re.sub(r"\{\w+\}", "", ru)), key
    assert all(re.search("[а-я]", role.ru) for role in ROLES.values())


# The session


def test_the_cookie(editions, users):
    for settings, name, path, is_secure in (
        ({}, "esep", "/", False),
        ({"https": True}, "__Host-esep", "/", True),
        ({"https": True, "prefix": "/esep"}, "__Secure-esep", "/esep", True),
    ):
        server = server_of(editions, users, **settings)
        prefix = settings.get("prefix", "")
        options = {"base_url": "https://localhost"} if is_secure else {}
        line = cookie_of(sign_in(server.test_client(), "officer", path=f"{prefix}/login", **options))
        parts = {part.strip().lower() for part in line.split(";")[1:]}
        assert line.startswith(name + "=")
        assert parts >= {"httponly", "samesite=lax", f"path={path}"}
        assert ("secure" in parts) == is_secure
        assert not any(part.startswith(("expires", "max-age", "domain")) for part in parts), "it goes with the browser"


def test_what_is_in_the_cookie_before_signing_in_is_gone_after(server):
    client = server.test_client()
    before = form_of(client)
    old = client.get_cookie("esep").value
    sign_in(client, "officer")
    assert client.get_cookie("esep").value != old
    assert before not in json.dumps(dict(_content(server, client)))
    client.set_cookie("esep", old)
    assert client.get("/_dash-layout").status_code == 401


def _content(server, client):
    from flask.sessions import SecureCookieSessionInterface

    signer = SecureCookieSessionInterface().get_signing_serializer(server)
    assert signer is not None
    return signer.loads(client.get_cookie("esep").value)


def test_the_cookie_holds_no_password_and_no_hash(server):
    content = json.dumps(_content(server, reader(server, "officer")))
    assert PASSWORDS["officer"] not in content and "scrypt" not in content


def test_a_changed_cookie_is_none(server):
    client = reader(server, "kz.viewer")
    value = client.get_cookie("esep").value
    for changed in (value[:-2] + ("aa" if value[-2:] != "aa" else "bb"), value[1:], "", value.split(".")[0]):
        client.set_cookie("esep", changed)
        assert client.get("/_dash-layout").status_code == 401


def test_the_way_out_is_for_good(server):
    client = reader(server, "officer")
    copied = client.get_cookie("esep").value
    assert client.get("/logout").status_code in (404, 405) or "html" in client.get("/logout").mimetype
    assert client.post("/logout").status_code == 400, "another site cannot sign anybody out"
    assert client.get("/_dash-layout").status_code == 200
    answer = client.post("/logout", data={"form": _content(server, client)["form"]})
    assert (answer.status_code, answer.location) == (303, "/login")
    thief = server.test_client()
    thief.set_cookie("esep", copied)
    assert [one.get("/_dash-layout").status_code for one in (client, thief)] == [401, 401]


@pytest.mark.parametrize("change", ["password", "remove"])
def test_a_session_ends_with_the_password_or_the_user(editions, users, change):
    server = server_of(editions, users)
    client, other = reader(server, "kz.viewer"), reader(server, "officer")
    if change == "password":
        accounts.set_password(users, "kz.viewer", STRONG)
    else:
        accounts.remove(users, "kz.viewer")
    assert client.get("/_dash-layout").status_code == 401
    assert other.get("/_dash-layout").status_code == 200
    assert sign_in(server.test_client(), "kz.viewer", STRONG).status_code == (303 if change == "password" else 401)


def test_a_session_ends_by_itself(users):
    now = [1_000_000.0]
    sessions = Sessions(users, Accounts(users), clock=lambda: now[0])
    user = Accounts(users).users()["officer"]
    cookie: dict[str, object] = {}
    sessions.begin(cookie, user)
    idle = dict(cookie)
    now[0] += IDLE - 1
    assert sessions.user(idle) == user
    now[0] += 2
    assert sessions.user(dict(cookie)) is None, "idle"
    used = dict(idle)
    while now[0] < 1_000_000.0 + LIFE:
        assert sessions.user(used) == user
        now[0] += IDLE / 2
    assert sessions.user(used) is None, "however often it is used"


# The limits


def test_a_user_may_be_tried_few_times(editions, users, tmp_path):
    server = server_of(editions, users)
    for _ in range(TRIES_BY_USER):
        assert sign_in(server.test_client(), "officer", "wrong").status_code == 401
    answer = sign_in(server.test_client(), "Officer ", PASSWORDS["officer"])
    assert answer.status_code == 429, "not even the right password, or it would say that it is right"
    assert 0 < int(answer.headers["Retry-After"]) <= WINDOW + 1
    assert sign_in(server.test_client(), "kz.viewer").status_code == 303, "others may"
    again = server_of(editions, users)
    assert sign_in(again.test_client(), "officer").status_code == 429, "another worker knows"


class Clock:
    def __init__(self):
        self.now = 1_000_000.0

    def __call__(self):
        return self.now


def test_tries_are_counted_by_user_and_address_and_forgotten(tmp_path):
    clock = Clock()
    throttle = Throttle(tmp_path, "k", clock)
    for n in range(TRIES_BY_ADDRESS):
        assert throttle.begin(f"user{n}", "192.0.2.7") == 0
    assert throttle.begin("another", "192.0.2.7") == WINDOW + 1
    assert throttle.begin("another", "192.0.2.8") == 0
    clock.now += WINDOW + 1
    assert throttle.begin("another", "192.0.2.7") == 0
    for n in range(TRIES_BY_ADDRESS):
        assert throttle.begin(f"v6user{n}", f"2001:db8::{n:x}") == 0
    assert throttle.begin("v6", "2001:db8::ffff") > 0, "a visitor has a whole network of version 6"
    clock.now -= 10 * WINDOW
    assert throttle.begin("v6", "2001:db8::ffff") == 0, "a clock that was set back locks nobody out"


def test_a_right_password_takes_the_try_back(tmp_path):
    throttle = Throttle(tmp_path, "k", Clock())
    for _ in range(10 * TRIES_BY_ADDRESS):
        assert throttle.begin("officer", "192.0.2.7") == 0
        throttle.succeed("officer", "192.0.2.7")


def test_many_tries_at_once_are_not_more_tries(tmp_path):
    """Twenty threads, each with a counter of its own over the same file."""
    clock, waits, gate = Clock(), [], threading.Barrier(20)

    def one():
        throttle = Throttle(tmp_path, "k", clock)
        gate.wait()
        waits.append(throttle.begin("officer", "192.0.2.7"))

    threads = [threading.Thread(target=one) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(wait == 0 for wait in waits) == TRIES_BY_USER


def test_what_is_typed_is_nowhere(editions, users, caplog):
    """A password typed into the wrong box is in no log, no file and no answer."""
    server = server_of(editions, users)
    typed = "my-secret-typed-as-name"
    answer = sign_in(server.test_client(), typed, typed + "2")
    assert typed not in answer.get_data(as_text=True)
    assert typed not in caplog.text and "sign-in refused" in caplog.text
    sign_in(server.test_client(), "officer")
    assert PASSWORDS["officer"] not in caplog.text
    assert all(typed.encode() not in path.read_bytes() for path in users.rglob("*") if path.is_file())


# The users file


def test_private_files_are_private(editions, users):
    reader(server_of(editions, users), "officer")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in users.iterdir()}
    assert {"users.json", "secret.key", "attempts.json"} <= set(modes)
    assert set(modes.values()) == {0o600}


def test_a_file_that_others_can_read_is_not_used(editions, users):
    (users / accounts.FILE).chmod(0o644)
    with pytest.raises(kept.NotPrivate, match="chmod 600"):
        Accounts(users).users()
    assert serve(Settings(editions=editions, login=users)) == WRONG_USE
    (users / accounts.FILE).chmod(0o600)
    kept.secret(users)
    (users / "secret.key").chmod(0o640)
    with pytest.raises(kept.NotPrivate):
        create_app(editions, settings=Settings(login=users))


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        '{"users": {"a": {}}}',
        '{"users": []}',
        '{"users": {"a": {"role": "god", "places": null, "password": "x", "stamp": "y"}}}',
    ],
)
def test_a_users_file_that_is_damaged_lets_nobody_in(editions, users, content, capsys):
    (users / accounts.FILE).write_text(content)
    assert serve(Settings(editions=editions, login=users)) == WRONG_USE
    assert str(users / accounts.FILE) in capsys.readouterr().err


def test_a_users_file_that_vanishes_opens_nothing(editions, users):
    server = server_of(editions, users)
    client = reader(server, "officer")
    (users / accounts.FILE).unlink()
    assert client.get("/_dash-layout").status_code == 401
    assert server.test_client().get("/_dash-layout").status_code == 401


def test_the_secret(tmp_path, monkeypatch):
    made = kept.secret(tmp_path)
    assert len(made) >= kept.SHORTEST_SECRET and kept.secret(tmp_path) == made
    assert kept.secret(tmp_path / "other") != made
    monkeypatch.setenv(kept.SECRET_VARIABLE, "short")
    with pytest.raises(ValueError, match=kept.SECRET_VARIABLE):
        kept.secret(tmp_path)
    monkeypatch.setenv(kept.SECRET_VARIABLE, "s" * 40)
    assert kept.secret(tmp_path) == "s" * 40


@pytest.mark.parametrize(
    ("name", "password", "role", "places", "says"),
    [
        ("Ы", STRONG, "viewer", None, "user name"),
        ("../x", STRONG, "viewer", None, "user name"),
        ("a", "short", "viewer", None, "12 to 200"),
        ("a", "x" * 201, "viewer", None, "12 to 200"),
        ("a", "aaaaaaaaaaaaaaaa", "viewer", None, "different"),
        ("administrators", "administrators", "viewer", None, "not the user's name"),
        ("a", STRONG, "king", None, "no role"),
        ("a", STRONG, "administrator", frozenset({"KZ"}), "whole region"),
        ("a", STRONG, "viewer", frozenset({"CA"}), "ISO codes"),
        ("a", STRONG, "viewer", frozenset({"K'"}), "ISO codes"),
        ("a", STRONG, "viewer", frozenset(), "at least one"),
    ],
)
def test_what_no_user_can_be(tmp_path, name, password, role, places, says):
    with pytest.raises(Refused, match=says):
        accounts.add(tmp_path, name, password, role, places)
    assert not (tmp_path / accounts.FILE).exists()


def test_the_file_says_what_was_put_in(shared_users):
    users = Accounts(shared_users).users()
    assert {name: (user.role, user.scope) for name, user in users.items()} == {
        name: (role, Scope(places)) for name, (role, places) in PEOPLE.items()
    }
    text = (shared_users / accounts.FILE).read_text()
    assert not any(password in text for password in PASSWORDS.values())
    assert text.count("scrypt:32768:8:1$") == len(PEOPLE)


def test_the_command_line(tmp_path):
    def esep(*arguments, said="", code=0):
        command = [
            sys.executable,
            "-c",
            "from pipelines.cli import main; main()",
            "user",
            "--curated",
            str(tmp_path),
            *arguments,
        ]
        done = subprocess.run(command, cwd=REPOSITORY, input=said, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr

    assert "No user yet" in esep("list")
    assert "Added aigul: viewer, KZ" in esep(
        "add", "Aigul", "--role", "viewer", "--place", "kz", "--stdin", said=STRONG
    )
    said = esep("add", "boss", "--role", "administrator", "--generate")
    (made,) = re.findall(r"Password: (\S+)", said)
    assert esep("list").splitlines() == ["aigul  viewer, KZ", "boss  administrator, the whole region"]
    assert "already" in esep("add", "boss", "--role", "viewer", "--stdin", said=STRONG, code=2)
    assert "no country QQ" in esep("add", "x", "--role", "viewer", "--place", "QQ", "--stdin", said=STRONG, code=2)
    assert "Changed" in esep("password", "boss", "--stdin", said="another good password")
    assert made not in (tmp_path / "dashboard" / accounts.FILE).read_text()
    assert "Removed" in esep("remove", "aigul")
    assert "no such user" in esep("remove", "aigul", code=2)
    assert "Usage: esep user" in esep("--help")


# Where it listens


@pytest.mark.parametrize(
    ("host", "has_users", "settings", "says"),
    [
        ("0.0.0.0", False, {}, "no login is configured"),
        ("0.0.0.0", True, {}, "--https"),
        ("0.0.0.0", True, {"https": True}, "--allow-host"),
        ("0.0.0.0", True, {"https": True, "hosts": ("esep.example.org",)}, ""),
        ("127.0.0.1", True, {}, ""),
        ("127.0.0.1", False, {"hosts": ("esep.example.org",)}, "no login is configured"),
        ("127.0.0.1", False, {}, ""),
    ],
)
def test_where_it_may_listen(users, tmp_path_factory, host, has_users, settings, says):
    asked = Settings(login=users if has_users else tmp_path_factory.mktemp("none"), **settings)
    if says:
        with pytest.raises(ValueError, match=says):
            check_host(host, asked)
    else:
        assert check_host(host, asked) == host


def test_the_names_it_answers_to(server):
    client = reader(server, "officer")
    for host, status in (("esep.example.org", 200), ("esep.example.org:8443", 200), ("localhost", 200),
                         ("evil.example", 400), ("esep.example.org.evil.example", 400), ("", 400)):  # fmt: skip
        assert client.get("/healthz", headers={"Host": host}).status_code == status, host


@pytest.mark.parametrize(
    "environment",
    [{"ESEP_HOSTS": "a b"}, {"ESEP_PREFIX": "esep"}, {"ESEP_PREFIX": "/a/../b"}, {"ESEP_HTTPS": "yes"},
     {"ESEP_PROXIES": "-1"}, {"ESEP_PROXIES": "many"}, {"ESEP_HOSTS": "*"}],
)  # fmt: skip
def test_a_setting_that_cannot_be_meant_is_named(environment):
    (name,) = environment
    with pytest.raises(ValueError, match=name):
        read(environment)


def test_settings_are_read_back_from_the_environment(tmp_path):
    settings = Settings(tmp_path, tmp_path / "login", ("a.example", "b.example"), "/esep", True, 1)
    assert read(settings.environment()) == settings
    assert read({}) == Settings()
    assert os.environ.get("ESEP_HOSTS") is None


def test_the_visitor_is_named_by_our_proxies_alone(editions, users):
    """Without a proxy what a visitor says of its address is not believed; with one the last word counts."""
    for proxies, blocked in ((0, True), (1, False)):
        for path in users.glob("attempts.json"):
            path.unlink()
        server = server_of(editions, users, proxies=proxies)
        answers = [
            sign_in(server.test_client(), f"u{n}", "wrong", headers={"X-Forwarded-For": f"198.51.100.{n}"})
            for n in range(TRIES_BY_ADDRESS + 1)
        ]
        assert (answers[-1].status_code == 429) == blocked
