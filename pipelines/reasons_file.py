"""Reasons for some figures each, in a TOML file: `esep publish --reasons FILE`.

[[reason]]
indicator = ["P01", "P03"]
place = ["KZ", "CA"]
reason = "office_correction"
note = "Three cases had been listed twice."
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from pipelines.reasons import PATTERNS, Reason, ReasonRefused, reason

_NEEDED = ("reason", "note")


def read_reasons(path: Path, until: date) -> tuple[Reason, ...]:
    """The reasons of a file, in its order. Raises ReasonRefused with every fault of the file, never with a note."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        what = error if isinstance(error, tomllib.TOMLDecodeError) else "not UTF-8"
        raise ReasonRefused(f"{path.name}: no TOML file: {what}") from None
    groups = raw.get("reason")
    if list(raw) != ["reason"] or not isinstance(groups, list) or not all(isinstance(one, dict) for one in groups):
        raise ReasonRefused(f"{path.name}: it holds [[reason]] tables and nothing else")
    found: list[Reason] = []
    faults: list[str] = []
    for number, group in enumerate(groups, start=1):
        wrong = list(_faults(group))
        try:
            found += [] if wrong else [_reason(group, until)]
        except ReasonRefused as error:
            wrong = [str(error)]
        faults += [f"{path.name}, reason {number}: {fault}" for fault in wrong]
    if faults:
        raise ReasonRefused("\n".join(faults))
    return tuple(found)


def _reason(group: Mapping[str, Any], until: date) -> Reason:
    of = {name: tuple(_list(group[name])) for name in PATTERNS if name in group}
    return reason(group["reason"], group["note"], until, of)


def _faults(group: Mapping[str, Any]) -> Iterator[str]:
    for name in group:
        if name not in (*_NEEDED, *PATTERNS):
            yield f"no such key: {name}; there are {', '.join((*PATTERNS, *_NEEDED))}"
    yield from (f"missing: {name}" for name in _NEEDED if name not in group)
    yield from (f"{name} must be a text" for name in _NEEDED if name in group and not isinstance(group[name], str))
    for name in PATTERNS:
        some = _list(group.get(name, "*"))
        if not some or not all(isinstance(one, str) and one for one in some):
            yield f"{name} must be a pattern such as P0*, or a list of them"


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
