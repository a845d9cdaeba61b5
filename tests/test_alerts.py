"""How runs end and who hears of it: states with names, alerts by mail and webhook with counts and ids alone."""

from __future__ import annotations

import email
import email.policy
import smtplib
import urllib.error
from datetime import date
from pathlib import Path

import pytest

from indicators.calendars import Quarter
from pipelines.completeness import completeness
from pipelines.cycle import programme_contracts
from pipelines.flows.alerts import SETTINGS, AlertError, alert_of, is_wanted, send
from pipelines.flows.guard import WrongParameter, check
from pipelines.flows.states import ENDINGS, NAMES, Outcome, ended, exit_code
from pipelines.overdue import deadlines_of, overdue, told
from pipelines.warehouse import open_warehouse
from reports.donors import profiles
from reports.edition import NoEdition
from tests.edition_story import KAZ, LAST, Story
from tests.listeners import mail_server, web_server
from tests.ports import free_port

OPERATIONS = (Path(__file__).resolve().parent.parent / "docs" / "operations.md").read_text(encoding="utf-8")
SECRET = "P01 KZ: 7 -> 9"
ALERT = alert_of("quarterly", "brisk-owl", "0000-01", "ReasonNeeded", f"2 figures of 1 donor\n{SECRET}")


# States


@pytest.mark.parametrize("name", ENDINGS)
def test_every_ending_is_explained_to_the_operator(name):
    assert f"| `{name}` |" in OPERATIONS


@pytest.mark.parametrize(("kind", "name"), NAMES, ids=[kind.__name__ for kind, _ in NAMES])
def test_an_error_of_ours_is_an_ending_with_its_words(kind, name):
    def failing() -> Outcome:
        error = kind.__new__(kind)
        Exception.__init__(error, "what to do about it")
        raise error

    state = ended(failing)
    assert (state.name, state.is_failed()) == (name, True)
    assert state.message.splitlines()[0] == ENDINGS[name].meaning
    assert exit_code(state) == ENDINGS[name].exit_code != 0


def test_an_error_that_nobody_foresaw_is_no_ending():
    def failing() -> Outcome:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ended(failing)


def test_counts_come_first_in_a_message():
    state = ended(lambda: Outcome("TextRefused", "3 files written", "line 4 of kaz.md", is_failure=True))
    assert state.message == "3 files written\nline 4 of kaz.md"
    assert ended(lambda: Outcome("Published", "35 files written")).is_completed()


def test_parameters_that_cannot_be_meant_are_named():
    check("kaz", ["2010-Q4", None])
    with pytest.raises(WrongParameter, match="no office 'xyz'; there are kaz"):
        check("xyz")
    with pytest.raises(WrongParameter, match="2010-Q5"):
        check(quarters=["2010-Q5"])


# Alerts


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_is_in_the_handbook(name):
    assert f"| `{name}` |" in OPERATIONS


def test_without_an_address_nothing_is_sent():
    assert send(ALERT, {}) == []


def test_a_webhook_hears_counts_and_ids_and_nothing_else():
    with web_server() as (address, received):
        assert send(ALERT, {"ESEP_ALERT_WEBHOOK": address}) == ["webhook"]
    (said,) = received
    assert said["state"] == "ReasonNeeded"
    assert said["text"].splitlines() == [
        "esep quarterly: ReasonNeeded", ENDINGS["ReasonNeeded"].meaning, "2 figures of 1 donor",
        "run brisk-owl (0000-01)",
    ]  # fmt: skip
    assert SECRET not in str(said)


def test_a_mail_says_the_same():
    with mail_server() as (address, received):
        settings = {
            "ESEP_ALERT_SMTP": address, "ESEP_ALERT_SMTP_SECURITY": "none", "ESEP_ALERT_FROM": "esep@example.org",
            "ESEP_ALERT_TO": "me@example.org, it@example.org",
        }  # fmt: skip
        assert send(ALERT, settings) == ["e-mail"]
    message = email.message_from_string(received[0], policy=email.policy.default)
    assert message["Subject"] == "esep quarterly: ReasonNeeded"
    assert message["To"] == "me@example.org, it@example.org"
    assert message.get_content().split() == ALERT.text.split()
    assert SECRET not in received[0]


def test_of_a_run_that_broke_only_its_state_is_said():
    """The message of a state that is not ours may be a library's."""
    alert = alert_of("nightly", "owl", "1", "Crashed", SECRET)
    assert SECRET not in alert.text
    assert "did not come to its end" in alert.text


def test_quiet_endings_raise_no_alert_unless_all_are_wanted():
    assert [name for name in ENDINGS if is_wanted(name, {"ESEP_ALERT_ALL": "yes"})] == list(ENDINGS)
    loud = {name for name in ENDINGS if is_wanted(name, {})}
    assert {"FilesRefused", "Overdue", "Differs", "ReasonNeeded", "Broken"} <= loud
    assert not loud & {"Published", "TakenIn", "NothingNew", "AllAgree", "AllReported", "StillRefused"}
    assert is_wanted("Crashed", {})


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"ESEP_ALERT_WEBHOOK": "file:///etc/passwd"}, "http or https"),
        ({"ESEP_ALERT_SMTP": "mail:25"}, "ESEP_ALERT_FROM, ESEP_ALERT_TO"),
        ({"ESEP_ALERT_SMTP": "mail", "ESEP_ALERT_FROM": "a@b.c", "ESEP_ALERT_TO": "a@b.c"}, "host:port"),
    ],
)
def test_settings_that_do_not_fit_are_named(settings, words):
    with pytest.raises(AlertError, match=words):
        send(ALERT, settings)


def test_a_password_is_never_sent_in_clear(tmp_path):
    (tmp_path / "password").write_text("hunter2")
    with mail_server() as (address, received):
        settings = {
            "ESEP_ALERT_SMTP": address, "ESEP_ALERT_SMTP_SECURITY": "none", "ESEP_ALERT_FROM": "a@example.org",
            "ESEP_ALERT_TO": "a@example.org", "ESEP_ALERT_SMTP_USER": "esep",
            "ESEP_ALERT_SMTP_PASSWORD_FILE": str(tmp_path / "password"),
        }  # fmt: skip
        with pytest.raises(AlertError, match="not sent in clear") as caught:
            send(ALERT, settings)
        assert "hunter2" not in str(caught.value)
        with pytest.raises(smtplib.SMTPException):  # this server offers no encryption, so nothing is said to it
            send(ALERT, {**settings, "ESEP_ALERT_SMTP_SECURITY": "starttls"})
    assert received == []


def test_a_server_that_refuses_or_is_not_there_is_an_error_of_its_own():
    with web_server(500) as (address, _), pytest.raises(urllib.error.HTTPError) as refused:
        send(ALERT, {"ESEP_ALERT_WEBHOOK": address})
    refused.value.close()
    with pytest.raises(OSError):
        send(ALERT, {"ESEP_ALERT_WEBHOOK": f"http://127.0.0.1:{free_port()}/"})


# Who has not reported


def test_deadlines_are_those_of_the_donors_that_fund_the_quarter():
    quarter = Quarter(2010, 4)
    found = deadlines_of(quarter, date(2011, 1, 31))
    assert found
    for one in found:
        due = profiles()[one.donor].due_days
        assert ((one.due_on - quarter.end).days, one.days_left) == (due, due - 31)
        assert one.is_past == (due < 31)
    assert [one.due_on for one in found] == sorted(one.due_on for one in found)
    assert deadlines_of(Quarter(1990, 1), date(1990, 4, 1)) == ()


def test_what_is_outstanding_is_every_owed_file_but_those_in_force(tmp_path):
    story = Story(tmp_path)
    with pytest.raises(NoEdition):
        overdue(story.curated, date(2011, 1, 10))
    story.send("cases")
    early, late = (overdue(story.curated, day) for day in (date(2011, 1, 10), date(2011, 6, 30)))
    with open_warehouse(story.curated) as con:
        owed = completeness(con, programme_contracts(), [LAST])
    assert len(early) == len(owed) - 1
    assert not any((one.office, one.slot) == (KAZ.office, "cases") for one in early)
    assert {one.missed for one in early} == {()}
    # Half a year later the last quarter that is over is another one.
    assert {one.period for one in late} == {"2011-Q1"}
    last = overdue(story.curated, date(2011, 6, 30), LAST)
    assert {one.missed for one in last} == {tuple(one.donor for one in last[0].deadlines)} != {()}
    lines = told(last, Quarter(2010, 4), date(2011, 6, 30))
    assert lines[-1] == f"{len(last)} files are outstanding"
