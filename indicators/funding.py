"""Funded projects: who pays, from when to when, and what was promised for which period."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Target:
    """What a project promised for an indicator, a place and a period. `baseline` may be unknown."""

    indicator: str
    calendar: str
    period: str
    place: str
    target: Any
    baseline: Any = None
    note: str = ""


@dataclass(frozen=True)
class Project:
    """A funded project: who pays, from when to when, and what was promised."""

    code: str
    title: Mapping[str, str]
    donors: tuple[str, ...]
    start_on: date
    end_on: date
    note: str
    targets: tuple[Target, ...] = field(default=())


@cache
def projects(folder: Path = HERE / "projects") -> Mapping[str, Project]:
    """All funded projects by code."""
    loaded = {}
    for path in sorted(folder.glob("*.toml")):
        raw = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=str)
        loaded[raw["code"]] = Project(
            raw["code"], raw["title"], tuple(raw["donors"]), raw["start_on"], raw["end_on"], raw["note"],
            tuple(Target(**target) for target in raw.get("target", [])),
        )  # fmt: skip
    return loaded


def life_start() -> date:
    """First day of the earliest project: where the programme's life begins."""
    return min(project.start_on for project in projects().values())
