"""Funded projects: who pays, what they are to reach, what was promised for which period, and what was changed.

One TOML file each in `projects/`, found by the folder and checked when loaded; docs/projects.md has every key.
A target belongs to a project, an indicator, a place and a window, never to a result: an indicator that serves
three results is promised once.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from indicators.calendars import PROJECT_QUARTER, Quarter, project_quarter_at
from indicators.facts import DeclarationError
from indicators.funding_shape import shape_faults, texts

HERE = Path(__file__).parent
# From the top down; a result serves one of a level above it.
LEVELS = ("goal", "purpose", "outcome", "output")


@dataclass(frozen=True)
class DonorShare:
    """What part of a project a donor pays from a day until a day; the part is often not known."""

    donor: str
    share: Decimal | None
    from_on: date
    until_on: date


@dataclass(frozen=True)
class Result:
    """One line of the results framework, the result it serves, and the indicators that measure it."""

    code: str
    level: str
    title: Mapping[str, str]
    parent: str | None
    indicators: tuple[str, ...]


@dataclass(frozen=True)
class Baseline:
    """The level before the project, or the reason for which there can be none."""

    indicator: str
    place: str
    value: Decimal | None = None
    on: date | None = None
    not_applicable: Mapping[str, str] | None = None
    note: str = ""


@dataclass(frozen=True)
class Target:
    """What a project promised for an indicator, a place and a period, as it is in force."""

    indicator: str
    calendar: str
    period: str
    place: str
    target: Decimal
    note: str = ""


@dataclass(frozen=True)
class NoTarget:
    """A quarter between targets for which none was set, and why."""

    indicator: str
    calendar: str
    period: str
    place: str
    reason: Mapping[str, str]


@dataclass(frozen=True)
class Change:
    """A target that was changed: when, from what to what, why, and by whom it was decided."""

    on: date
    indicator: str
    calendar: str
    period: str
    place: str
    before: Decimal
    after: Decimal
    reason: Mapping[str, str]
    decided_by: str


@dataclass(frozen=True)
class Project:
    """A funded project. Its quarters are calendar quarters; the first holds the day of the award."""

    code: str
    title: Mapping[str, str]
    start_on: date
    end_on: date
    note: str
    donor_shares: tuple[DonorShare, ...] = ()
    results: tuple[Result, ...] = ()
    baselines: tuple[Baseline, ...] = ()
    targets: tuple[Target, ...] = ()
    no_targets: tuple[NoTarget, ...] = ()
    changes: tuple[Change, ...] = ()

    @property
    def donors(self) -> tuple[str, ...]:
        """Everybody who pays at any time, each once."""
        return tuple(dict.fromkeys(share.donor for share in self.donor_shares))

    @property
    def first_quarter(self) -> Quarter:
        """The quarter that holds the day of the award."""
        return Quarter.of(self.start_on)

    @property
    def last_quarter(self) -> Quarter:
        """The quarter that holds the last day."""
        return Quarter.of(self.end_on)

    def baseline(self, indicator: str, place: str) -> Baseline | None:
        """What is said of the level before the project; None if nothing is."""
        found = (b for b in self.baselines if (b.indicator, b.place) == (indicator, place))
        return next(found, None)


@cache
def projects(folder: Path = HERE / "projects") -> Mapping[str, Project]:
    """All funded projects by code. Raises DeclarationError with every fault of the folder at once."""
    from indicators.funding_faults import faults_of

    loaded: dict[str, Project] = {}
    faults: list[str] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            raw = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=str)
        except tomllib.TOMLDecodeError as error:
            faults.append(f"{path.name}: not TOML: {error}")
            continue
        found = list(shape_faults(raw))
        if not found:
            project = _project(raw)
            loaded[project.code] = project
            found = list(faults_of(path.stem, project))
        faults += [f"{path.name}: {fault}" for fault in found]
    if faults:
        raise DeclarationError(faults)
    return loaded


def life_start() -> date:
    """First day of the quarter in which the earliest project was awarded: where the programme's life begins."""
    return min(project.first_quarter for project in projects().values()).start


def other_lives() -> list[Quarter]:
    """First quarters of projects that were awarded later, each once, in order."""
    firsts = {project.first_quarter for project in projects().values()}
    return sorted(first for first in firsts if first.start > life_start())


def _project(raw: Mapping[str, Any]) -> Project:
    return Project(
        code=raw["code"],
        title=raw["title"],
        start_on=raw["start_on"],
        end_on=raw["end_on"],
        note=raw["note"],
        donor_shares=tuple(_donor(entry, raw) for entry in raw.get("donor", [])),
        results=tuple(_result(entry) for entry in raw.get("result", [])),
        baselines=tuple(baseline for entry in raw.get("baseline", []) for baseline in _baselines(entry)),
        targets=tuple(
            Target(**_window(entry, raw), target=Decimal(entry["target"]), note=entry.get("note", ""))
            for entry in raw.get("target", [])
        ),
        no_targets=tuple(NoTarget(**_window(entry, raw), reason=entry["reason"]) for entry in raw.get("no_target", [])),
        changes=tuple(_change(entry, raw) for entry in raw.get("change", [])),
    )


def _donor(entry: Mapping[str, Any], raw: Mapping[str, Any]) -> DonorShare:
    share = Decimal(entry["share"]) if "share" in entry else None
    return DonorShare(entry["code"], share, entry.get("from", raw["start_on"]), entry.get("until", raw["end_on"]))


def _result(entry: Mapping[str, Any]) -> Result:
    measured = tuple(entry.get("indicators", ()))
    return Result(entry["code"], entry["level"], entry["title"], entry.get("parent"), measured)


def _baselines(entry: Mapping[str, Any]) -> list[Baseline]:
    """One entry may speak of several indicators and places for which the same holds."""
    said = {
        "value": Decimal(entry["value"]) if "value" in entry else None,
        "on": entry.get("on"),
        "not_applicable": entry.get("not_applicable"),
        "note": entry.get("note", ""),
    }
    return [Baseline(i, place, **said) for i in texts(entry["indicator"]) for place in texts(entry["place"])]


def _change(entry: Mapping[str, Any], raw: Mapping[str, Any]) -> Change:
    return Change(
        **_window(entry, raw),
        on=entry["on"],
        before=Decimal(entry["from"]),
        after=Decimal(entry["to"]),
        reason=entry["reason"],
        decided_by=entry["decided_by"],
    )


def _window(entry: Mapping[str, Any], raw: Mapping[str, Any]) -> dict[str, str]:
    """Indicator, place and window of an entry; a project's own quarter is the calendar quarter it is."""
    calendar, period = entry["calendar"], entry["period"]
    if calendar == PROJECT_QUARTER:
        calendar, period = "quarter", str(project_quarter_at(Quarter.of(raw["start_on"]), period))
    return {"indicator": entry["indicator"], "calendar": calendar, "period": period, "place": entry["place"]}
