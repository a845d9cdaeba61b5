"""Users, settings and readers of a dashboard with a login, for tests. Passwords are made up for each run."""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import Any

from dashboards import accounts
from dashboards.app import create_app, warm
from dashboards.settings import Settings

# Everybody the tests know: role, and the country they are kept to.
PEOPLE = {
    "region.viewer": ("viewer", None),
    "kz.viewer": ("viewer", frozenset({"KZ"})),
    "kg.viewer": ("viewer", frozenset({"KG"})),
    "kz.officer": ("officer", frozenset({"KZ"})),
    "officer": ("officer", None),
    "admin": ("administrator", None),
}
PASSWORDS = {name: secrets.token_urlsafe(12) for name in PEOPLE}
UPDATE = "/_dash-update-component"


def make_users(folder: Path) -> Path:
    """A folder with everybody in its users file."""
    for name, (role, places) in PEOPLE.items():
        accounts.add(folder, name, PASSWORDS[name], role, places)
    return folder


def server_of(editions: Path, login: Path, **settings: Any) -> Any:
    """A warm server with a login."""
    return warm(create_app(editions, settings=Settings(login=login, **settings)))


def form_of(client: Any, path: str = "/login?lang=en", **options: Any) -> str:
    """The hidden word of the form."""
    (word,) = re.findall(r'name="form" value="([^"]+)"', client.get(path, **options).get_data(as_text=True))
    return str(word)


def sign_in(client: Any, name: str, password: str | None = None, path: str = "/login?lang=en", **options: Any) -> Any:
    """Fill in the form as a person would; the answer to it."""
    word = form_of(client, path, **options)
    said = {"name": name, "password": PASSWORDS.get(name, "") if password is None else password, "form": word}
    return client.post(path, data=said, **options)


def reader(server: Any, name: str, **options: Any) -> Any:
    """A client that has signed in."""
    client = server.test_client()
    assert sign_in(client, name, **options).status_code == 303
    return client


def callbacks(client: Any) -> list[dict[str, Any]]:
    """Every callback that the server answers, as it tells the browser; those the browser computes alone left out."""
    return [entry for entry in client.get("/_dash-dependencies").json if not entry["clientside_function"]]


def forged(entry: dict[str, Any], values: dict[str, Any], pathname_too: str | None = None) -> dict[str, Any]:
    """A request for a callback with values by property or by `id.property`; unknown inputs get None.

    `pathname_too` renames the property of one more input to `pathname` with this value, which opens a widely used
    add-on for logins.
    """
    inputs = [
        {"id": one["id"], "property": one["property"], "value": values.get(f"{one['id']}.{one['property']}",
                                                                           values.get(one["property"]))}
        for one in entry["inputs"]
    ]  # fmt: skip
    if pathname_too is not None and inputs:
        inputs = [*inputs[:-1], {**inputs[-1], "property": "pathname", "value": pathname_too}]
    names = [name.rsplit(".", 1) for name in entry["output"].strip(".").split("...")]
    outputs: Any = [{"id": name, "property": prop.split("@")[0]} for name, prop in names]
    return {
        "output": entry["output"],
        "outputs": outputs if entry["output"].startswith("..") else outputs[0],
        "inputs": inputs,
        "changedPropIds": [f"{one['id']}.{one['property']}" for one in inputs[:1]],
        "state": [{"id": one["id"], "property": one["property"], "value": values.get(one["property"])}
                  for one in entry["state"]],
    }  # fmt: skip
