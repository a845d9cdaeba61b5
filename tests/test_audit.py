"""The lock file is one that may be installed, and each thing that can be wrong with one is said."""

from __future__ import annotations

import sys
from email.message import Message
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

import pytest

from pipelines.audit import BAD, LOCK, declared_here, faults, main, unknown_licences

HASH = f" \\\n    --hash=sha256:{'a' * 64}\n"
GOOD = f"click==8.5.0{HASH}duckdb==1.5.5{HASH}"


def test_the_lock_here_has_no_fault(capsys):
    assert main() == 0, capsys.readouterr().err


WRONG = {
    "no pin": (f"click>=8{HASH}", "click>=8: it is not pinned to one version (==)"),
    "no hash": ("click==8.5.0\n", "click: it has no SHA-256"),
    "a short hash": ("click==8.5.0 \\\n    --hash=sha256:abc\n", "click: it has no SHA-256"),
    "an older hash": (f"click==8.5.0 \\\n    --hash=md5:{'a' * 32}\n", "click: it has no SHA-256"),
    "a host": (
        f"--find-links https://example.org/simple\n{GOOD}",
        "names a host or another place: https://example.org",
    ),
    "a repository": (f"click @ git+ssh://example.org/click{HASH}", "names a host or another place"),
    "a file": (f"click @ file:///somewhere/click.whl{HASH}", "names a host or another place"),
    "no version": (f"click==latest{HASH}", "latest is no version"),
    "bad, in capitals": (f"FastAPI==0.160.0{HASH}", "fastapi 0.160.0 is known to be bad"),
    "bad, before it is out": (f"sqlalchemy==2.1.0b1{HASH}", "sqlalchemy 2.1.0b1 is known to be bad"),
    "one of two is bad": (f"urllib3==2.6.0 ; python_version > '3.11'{HASH}urllib3==1.26.0{HASH}", "urllib3 1.26.0 is"),
}


@pytest.mark.parametrize(("text", "said"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_with_a_lock_is_said(text, said):
    assert faults(GOOD, []) == []
    found = faults(text, [])
    assert [one for one in found if said in one], found


def test_what_is_declared_must_be_locked():
    assert faults(GOOD, ["click>=8", "Duck_DB>=1", "duckdb"]) == ["Duck_DB is declared and not locked"]
    assert len(declared_here()) > 30


def test_every_reason_is_given_and_every_range_excludes_something():
    for name, (versions, why) in BAD.items():
        assert why
        assert versions[0] in "<>=!", name


class Package(Distribution):
    """An installed package that says of itself what it is told to."""

    def __init__(self, **said: str) -> None:
        self._said = said

    @property
    def metadata(self) -> Any:
        message = Message()
        for name, value in self._said.items():
            message[name.replace("_", "-")] = value
        return message

    def read_text(self, filename: str) -> str | None:
        return None

    def locate_file(self, path: Any) -> Any:
        return Path(path)


@pytest.mark.parametrize(
    ("said", "is_known"),
    [
        ({"License_Expression": "MIT"}, True), ({"License": "Apache 2.0"}, True), ({"License": "UNKNOWN"}, False),
        ({}, False),
        ({"Classifier": "License :: OSI Approved :: BSD License"}, True), ({"License": "GPL-3.0-only"}, False),
        ({"License": "Proprietary"}, False), ({"License_Expression": "AGPL-3.0"}, False),
    ],
)  # fmt: skip
def test_a_licence_that_is_not_on_the_list_is_said(said, is_known):
    package = Package(Name="Some.Package", **said)
    found = unknown_licences([package], f"some-package==1.0{HASH}")
    assert (found == []) == is_known
    assert unknown_licences([package], GOOD) == [], "it is not locked"


def test_installed_packages_are_looked_at():
    text = LOCK.read_text(encoding="utf-8")
    names = {one.metadata["Name"] for one in distributions()}
    assert len(names) > 50, sys.path
    assert unknown_licences(distributions(), text) == []
