"""The dated rules a network is measured by: `network.toml`, checked when it is loaded.

Every list of versions holds from a day on until its next version. A quarter is measured by the version in
force on its last day, so a new version changes no figure of a quarter that ended before it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from indicators.facts import DeclarationError, codelists

Version = Mapping[str, Any]
Rules = Mapping[str, Sequence[Version]]
SHIPPED = Path(__file__).parent / "network.toml"

# What a version of each list must say, beside its day and who decided it: key, and the code list its codes are of.
LISTS: dict[str, dict[str, str | None]] = {
    "tie": {"referrals": None},
    "criteria": {"applicable": "criterion", "mandatory": "criterion"},
    "dormancy": {"silent_without": "criterion", "quarters": None},
    "services": {"required": "assistance_type"},
}
_ALWAYS = ("valid_from", "decided_by")


@cache
def rules(path: Path = SHIPPED) -> Rules:
    """Every list of versions, the earliest first. Raises DeclarationError with every fault of the file at once."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise DeclarationError([f"{path.name}: not TOML: {error}"]) from error
    faults = [f"{path.name}: {fault}" for fault in _faults(raw)]
    if faults:
        raise DeclarationError(faults)
    return raw


def in_force(held: Rules, name: str, day: date) -> Version:
    """What is said of ties, criteria, dormancy or services on a day; empty before the first version."""
    begun = [version for version in held[name] if version["valid_from"] <= day]
    return begun[-1] if begun else {}


def _faults(raw: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"no such list: {name}; there are {', '.join(LISTS)}" for name in raw if name not in LISTS)
    yield from (f"{name}: there is no version of it" for name in LISTS if not raw.get(name))
    for name, keys in LISTS.items():
        before = date.min
        for number, version in enumerate(raw.get(name, ()), start=1):
            found = list(_version_faults(version, keys))
            yield from (f"{name} {number}: {fault}" for fault in found)
            if not found and version["valid_from"] <= before:
                yield f"{name} {number}: valid_from must be later than that of the version before it"
            before = version["valid_from"] if not found else before


def _version_faults(version: Version, keys: Mapping[str, str | None]) -> Iterator[str]:
    wanted = {*keys, *_ALWAYS}
    if set(version) != wanted:
        yield f"expected {', '.join(sorted(wanted))}; got {', '.join(sorted(version))}"
        return
    if not isinstance(version["valid_from"], date):
        yield f"valid_from: expected a date, got {version['valid_from']!r}"
    for key, codes in keys.items():
        yield from _value_faults(key, version[key], codes)
    if not set(version.get("mandatory", ())) <= set(version.get("applicable", ())):
        yield "mandatory: names a criterion that is not applicable"


def _value_faults(key: str, value: Any, codes: str | None) -> Iterator[str]:
    if codes is None:
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            yield f"{key}: expected a whole number from 1, got {value!r}"
        return
    for code in [value] if isinstance(value, str) else value:
        if code not in codelists()[codes].codes:
            yield f"{key}: {code!r} is not in the list {codes}"
