"""`make lint` and the packages: whether the lock file is one that may be installed. Asks nobody outside.

What is known to be bad stands here with its reason, so that no lock can go back to it. Faults that became known since
are asked for with `make audit`, which needs a network.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

LOCK = Path(__file__).resolve().parent.parent / "requirements.lock"
# Package -> versions that are never locked, and why: the first three were tried, the others are published advisories.
BAD: Mapping[str, tuple[str, str]] = {
    "fastapi": (
        ">=0.151.dev0",
        "deploying with Prefect 3.8 stops after one deployment; from 0.155 its server does not start",
    ),
    "sqlalchemy": (">=2.1.dev0", "the scheduler of Prefect 3.8 silently creates no runs"),
    "duckdb": (">=1.5.6.dev0", "its Python interface is another, and encrypted files cannot be written offline"),
    "jinja2": ("<3.1.6", "templates reach out of their sandbox"),
    "werkzeug": ("<3.0.6", "a form of many parts takes all memory"),
    "gunicorn": ("<22", "requests can be smuggled past a proxy"),
    "cryptography": ("<43.0.1", "it brings an OpenSSL with known faults"),
    "requests": ("<2.32.4", "credentials of a .netrc go to other hosts"),
    "urllib3": ("<2.5", "redirects are followed where they were switched off"),
    "certifi": ("<2024.7.4", "it trusts a root that lost its trust"),
    "starlette": ("<0.47.2", "large forms block the server"),
    "h11": ("<0.16", "requests can be smuggled past a proxy"),
    "pyarrow": ("<14.0.1", "reading a file can run code"),
}
# What a licence may ask of whoever installs this on a server: notices, and sources of the package itself.
GOOD_LICENCES = re.compile(
    r"MIT|BSD|Apache|ISC|PSF|Python|MPL|Mozilla|Zlib|ZLIB|0BSD|Unlicense|CC0|HPND|LGPL|Public Domain|Historical",
    re.I,
)
# Named by hand: their metadata say nothing, or in words of their own; read in their repositories.
READ_LICENCES: Mapping[str, str] = {
    "axe-playwright-python": "MIT by the file in the wheel, and MPL 2.0 for the axe-core in it; tests alone use it",
    "text-unidecode": "Artistic or GPL, as whoever takes it chooses; Prefect brings it and nothing here changes it",
}
_PIN = re.compile(r"^(\S+?)(\[[^\]]*\])?==([^\s;\\]+)(.*)$")
_HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def faults(text: str, declared: Iterable[str]) -> list[str]:
    """What is wrong with a lock: a line without pin or hash, a host, a bad version, a dependency that is missing."""
    found = [f"it names a host or another place: {word}" for word in re.findall(r"\S*(?:://|git\+|file:)\S*", text)]
    pins: dict[str, list[Version]] = {}
    for block in (block for block in re.split(r"\n(?=\S)", text.strip()) if not block.startswith("#")):
        first = block.splitlines()[0].rstrip(" \\")
        match = _PIN.match(first)
        if match is None:
            found.append(f"{first}: it is not pinned to one version (==)")
            continue
        if not _HASH.search(block):
            found.append(f"{match[1]}: it has no SHA-256")
        try:
            pins.setdefault(_name(match[1]), []).append(Version(match[3]))
        except InvalidVersion:
            found.append(f"{first}: {match[3]} is no version")
    return [*found, *_bad(pins), *_missing(pins, declared)]


def _name(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _bad(pins: Mapping[str, list[Version]]) -> list[str]:
    return [
        f"{name} {version} is known to be bad: {why}"
        for name, (versions, why) in BAD.items()
        for version in pins.get(name, [])
        if version in SpecifierSet(versions, prereleases=True)
    ]


def _missing(pins: Mapping[str, list[Version]], declared: Iterable[str]) -> list[str]:
    wishes = [Requirement(one) for one in declared]
    return [f"{wish.name} is declared and not locked" for wish in wishes if _name(wish.name) not in pins]


def unknown_licences(installed: Iterable[Distribution], text: str) -> list[str]:
    """Locked packages that are installed under a licence that is not on the list."""
    locked = {_name(name) for name in re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==", text, re.M)}
    found = []
    for one in installed:
        name = _name(one.metadata["Name"] or "")
        if name in locked and name not in READ_LICENCES and not GOOD_LICENCES.search(_licence(one)):
            found.append(f"{name}: its licence is not on the list: {_licence(one)[:60] or 'it says none'}")
    return sorted(set(found))


def _licence(one: Distribution) -> str:
    said = [line[:200] for name in ("License-Expression", "License") for line in one.metadata.get_all(name) or []]
    said += [line for line in one.metadata.get_all("Classifier") or [] if line.startswith("License")]
    return "; ".join(word for word in said if word and word != "UNKNOWN")


def declared_here() -> list[str]:
    """Every dependency that the project declares, development's too."""
    import tomllib

    project = tomllib.loads((LOCK.parent / "pyproject.toml").read_text(encoding="utf-8"))
    return [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]


def main() -> int:
    """Say what is wrong; 1 when something is."""
    text = LOCK.read_text(encoding="utf-8")
    found = [*faults(text, declared_here()), *unknown_licences(distributions(), text)]
    for line in found:
        sys.stderr.write(f"requirements.lock: {line}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
