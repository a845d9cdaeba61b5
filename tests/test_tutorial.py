"""The tutorial says commands that exist, of things that exist; the how-tos of CONTRIBUTING.md are files that load."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from indicators.definitions import definitions
from indicators.disclosure.policy import POLICY_FILE, policies, policy_history
from indicators.labels import words
from pipelines.cli import main
from pipelines.contracts import contracts
from pipelines.reasons import LIST
from reports.donors import profiles

REPOSITORY = Path(__file__).resolve().parent.parent
TUTORIAL = (REPOSITORY / "docs" / "tutorial.md").read_text(encoding="utf-8")
CONTRIBUTING = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^ {4}esep (.+)$", TUTORIAL, re.M)
# What an argument or an option of a command may name.
KNOWN: dict[tuple[str, str], Callable[[], object]] = {
    ("template", "office"): contracts,
    ("explain", "code"): definitions,
    ("trace", "code"): definitions,
    ("export", "donor"): profiles,
    ("publish", "reason"): lambda: words()[LIST],
}


def parsed(said: str) -> tuple[str, dict[str, object]]:
    """A command of the page and what it is given, by parameter. Raises what click raises for a wrong option."""
    name, *given = shlex.split(said)
    command = main.commands[name]
    with click.Context(command, info_name=name) as context:
        values, rest, _ = command.make_parser(context).parse_args(list(given))
        assert rest == [], said
        return name, {
            param.name: param.type_cast_value(context, values[param.name])
            for param in command.params
            if values.get(param.name) is not None and not isinstance(param.type, click.Path)
        }


def test_the_tutorial_goes_from_a_file_to_a_donor_and_back():
    order = ["template", "check", "ingest", "publish", "dashboard", "explain", "export", "verify", "trace"]
    firsts = [next(place for place, said in enumerate(COMMANDS) if said.split()[0] == name) for name in order]
    assert firsts == sorted(firsts)


@pytest.mark.parametrize("said", COMMANDS)
def test_every_command_of_the_tutorial_exists_with_its_options(said):
    name, values = parsed(said)
    unknown = {
        key: values[key]
        for (command, key), known in KNOWN.items()
        if command == name and key in values and values[key] not in known()  # type: ignore[operator]
    }
    assert unknown == {}


def test_a_wrong_option_or_choice_would_be_found():
    for said in ("publish --why late_report", "export usaid --lang fr"):
        with pytest.raises(click.UsageError):
            parsed(said)


def test_every_file_of_an_office_that_the_tutorial_names_is_in_the_sample():
    sample = {path.name for path in (REPOSITORY / "data" / "raw").rglob("*.*")}
    named = set(re.findall(r"\b([A-Z]{3,6}_\w+?-Q\d\.(?:csv|xlsx))", TUTORIAL))
    made = {path.with_suffix(".xlsx").name for path in map(Path, sample)}  # a form may be sent as a workbook
    assert named and named - sample - made == set()


def recipes(kind: str) -> list[str]:
    """The blocks of code of the how-tos, in their order."""
    found = re.findall(rf"^```{kind}\n(.*?)^```", CONTRIBUTING, re.M | re.S)
    assert found
    return found


@pytest.mark.parametrize(
    ("key", "name", "folder", "load"),
    [
        ("office", "geo", "pipelines/offices", contracts),
        ("numerator", "P90", "indicators/definitions", definitions),
        ("due_days", "embassy", "reports/donors", profiles),
    ],
)
def test_the_file_of_a_how_to_loads_beside_those_that_are_there(key, name, folder, load, tmp_path):
    (text,) = [one for one in recipes("toml") if re.search(rf"^{key} = ", one, re.M)]
    shutil.copytree(REPOSITORY / folder, tmp_path / "there")
    (tmp_path / "there" / f"{name}.toml").write_text(text, encoding="utf-8")
    assert name in load(tmp_path / "there")


def test_the_policy_of_the_how_to_is_in_force_once_it_is_added(tmp_path):
    (text,) = [one for one in recipes("toml") if "threshold = " in one]
    file = tmp_path / "disclosure.toml"
    file.write_text(POLICY_FILE.read_text(encoding="utf-8") + text, encoding="utf-8")
    assert policies(file)["default"].threshold == 10 != policies()["default"].threshold
    assert policy_history(file)["default"][:-1] == policy_history()["default"]


def test_the_page_of_the_how_to_is_a_page():
    (text,) = recipes("python")
    held: dict[str, object] = {"__name__": "how_to"}
    exec(compile(text, "CONTRIBUTING.md", "exec"), held)
    page = held["PAGE"]
    assert page.said(page.name, "ru") == "Группы"  # type: ignore[attr-defined]
    assert page.tables is held["tables"] and page.filters == ()  # type: ignore[attr-defined]
