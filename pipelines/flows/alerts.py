"""Telling somebody how a run ended, by e-mail or by a webhook: off until an address is set in the environment.

An alert holds the flow, the name of its state, what that means, counts, and the run's name and id. Never the rest of
a message. This is the one module of ours that calls the network, and only to the address that the operator gave.
"""

from __future__ import annotations

import json
import os
import smtplib
import ssl
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from prefect.logging.loggers import flow_run_logger

from pipelines.flows.states import ENDINGS

SECONDS = 20
# How the connection to a mail server is kept from others' eyes.
STARTTLS, TLS, PLAIN = "starttls", "tls", "none"
SETTINGS: Mapping[str, str] = {
    "ESEP_ALERT_WEBHOOK": "an http(s) address that takes JSON with `text`, as Mattermost, Slack and Teams do",
    "ESEP_ALERT_SMTP": "the mail server as host:port",
    "ESEP_ALERT_FROM": "the sender's address",
    "ESEP_ALERT_TO": "the receivers' addresses, with commas between them",
    "ESEP_ALERT_SMTP_SECURITY": "`starttls` (as it is without the setting), `tls` or `none`",
    "ESEP_ALERT_SMTP_USER": "the name to log in with, where the server asks for one",
    "ESEP_ALERT_SMTP_PASSWORD_FILE": "a file that holds the password and that only the service's user can read",
    "ESEP_ALERT_ALL": "`yes` to hear of quiet endings too, such as Published",
}


class AlertError(ValueError):
    """The settings of the alerts do not fit together; the message names them and never a secret."""


@dataclass(frozen=True)
class Alert:
    """What is said of a run; see the module."""

    flow: str
    state: str
    said: str
    run: str
    run_id: str

    @property
    def subject(self) -> str:
        """One line."""
        return f"esep {self.flow}: {self.state}"

    @property
    def text(self) -> str:
        """Everything."""
        meaning = ENDINGS[self.state].meaning if self.state in ENDINGS else "The run did not come to its end."
        said = [meaning] if self.said in ("", meaning) else [meaning, self.said]
        return "\n".join([self.subject, *said, f"run {self.run} ({self.run_id})"])


def alert_of(flow: str, run: str, run_id: str, name: str, message: str) -> Alert:
    """The alert of a run. Of a message only the first line of a state of ours is taken: it holds counts and ids."""
    said = message.partition("\n")[0] if name in ENDINGS else ""
    return Alert(flow, name, said, run, run_id)


def is_wanted(name: str, environment: Mapping[str, str]) -> bool:
    """Whether somebody is to hear of a state: of those that ask for something, or of all."""
    is_quiet = name in ENDINGS and ENDINGS[name].is_quiet
    return not is_quiet or environment.get("ESEP_ALERT_ALL", "").lower() in ("1", "yes", "true")


def send(alert: Alert, environment: Mapping[str, str]) -> list[str]:
    """Send an alert wherever the settings say; gives the ways that were taken.

    Raises AlertError for settings that do not fit, OSError and smtplib.SMTPException where nobody answers.
    """
    ways = []
    if environment.get("ESEP_ALERT_WEBHOOK"):
        _post(environment["ESEP_ALERT_WEBHOOK"], alert)
        ways.append("webhook")
    if environment.get("ESEP_ALERT_SMTP"):
        _mail(environment, alert)
        ways.append("e-mail")
    return ways


def tell(flow: Any, run: Any, state: Any) -> None:
    """The hook of the flows. Whatever goes wrong is one line in the run's log, and nothing else."""
    if not is_wanted(state.name, os.environ):
        return
    try:
        send(alert_of(flow.name, run.name, str(run.id), state.name, state.message or ""), os.environ)
    except Exception as error:  # noqa: BLE001 (an alert never fails a run, and words may hold an address or a password)
        said = str(error) if isinstance(error, AlertError) else type(error).__name__
        flow_run_logger(run, flow).warning("The alert was not sent: %s", said)


ALERTS: dict[str, Any] = {"on_completion": [tell], "on_failure": [tell], "on_crashed": [tell]}


def _post(address: str, alert: Alert) -> None:
    if urlsplit(address).scheme not in ("http", "https"):
        raise AlertError("ESEP_ALERT_WEBHOOK must be an http or https address")
    data = json.dumps({"text": alert.text, **vars(alert)}, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8"}
    request = urllib.request.Request(address, data, headers)  # noqa: S310 (the scheme was looked at)
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
        answer.read(1)


def _mail(environment: Mapping[str, str], alert: Alert) -> None:
    missing = [name for name in ("ESEP_ALERT_FROM", "ESEP_ALERT_TO") if not environment.get(name)]
    host, _, port = environment["ESEP_ALERT_SMTP"].rpartition(":")
    security = environment.get("ESEP_ALERT_SMTP_SECURITY", STARTTLS)
    if missing or not host or not port.isdigit() or security not in (STARTTLS, TLS, PLAIN):
        wrong = missing or ["ESEP_ALERT_SMTP (host:port)", "ESEP_ALERT_SMTP_SECURITY (starttls, tls or none)"]
        raise AlertError(f"for e-mail set {', '.join(wrong)}")
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = (
        alert.subject,
        environment["ESEP_ALERT_FROM"],
        environment["ESEP_ALERT_TO"],
    )
    message.set_content(alert.text)
    with _connected(host, int(port), security) as server:
        if environment.get("ESEP_ALERT_SMTP_USER"):
            server.login(environment["ESEP_ALERT_SMTP_USER"], _password(environment, security))
        server.send_message(message)


def _connected(host: str, port: int, security: str) -> smtplib.SMTP:
    if security == TLS:
        return smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=ssl.create_default_context())
    server = smtplib.SMTP(host, port, timeout=SECONDS)
    if security == STARTTLS:
        try:
            server.starttls(context=ssl.create_default_context())
        except BaseException:
            server.close()
            raise
    return server


def _password(environment: Mapping[str, str], security: str) -> str:
    if security == PLAIN:
        raise AlertError("a password is not sent in clear: set ESEP_ALERT_SMTP_SECURITY to starttls or tls")
    path = environment.get("ESEP_ALERT_SMTP_PASSWORD_FILE")
    if not path:
        raise AlertError("ESEP_ALERT_SMTP_USER needs ESEP_ALERT_SMTP_PASSWORD_FILE")
    return Path(path).read_text(encoding="utf-8").strip()
