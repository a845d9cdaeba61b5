"""Who has not reported by which donor's deadline: every file that is owed, held to the days of every donor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from indicators.calendars import Quarter
from indicators.funding import projects
from pipelines.completeness import State, completeness
from pipelines.cycle import programme_contracts
from pipelines.warehouse import FILE_NAME, open_warehouse
from reports.donors import DonorProfile, profiles
from reports.edition import NoEdition


@dataclass(frozen=True)
class Deadline:
    """A donor's deadline for a quarter. `days_left` counts from the day asked about; below zero it has passed."""

    donor: str
    period: str
    due_on: date
    days_left: int

    @property
    def is_past(self) -> bool:
        """Whether the day is over."""
        return self.days_left < 0


@dataclass(frozen=True)
class Outstanding:
    """A file that is owed and not in force, and the donors' deadlines that wait for it, the first first."""

    office: str
    slot: str
    period: str
    state: State
    tries: int
    deadlines: tuple[Deadline, ...]

    @property
    def missed(self) -> tuple[str, ...]:
        """The donors whose deadlines have passed."""
        return tuple(one.donor for one in self.deadlines if one.is_past)

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        deadlines = [{**vars(one), "due_on": one.due_on.isoformat()} for one in self.deadlines]
        return {**{name: getattr(self, name) for name in ("office", "slot", "period", "state", "tries")},
                "missed": list(self.missed), "deadlines": deadlines}  # fmt: skip


def overdue(curated: Path, today: date, period: str | None = None) -> list[Outstanding]:
    """The files of a quarter that are not in force on a day; without a quarter, of the last one that is over.

    A refused file counts as not reported, and says so in its `state`. Nobody owes anything for a quarter that is
    still running. Raises ValueError for what is no quarter, and NoEdition where nothing was ever taken in.
    """
    quarter = Quarter.parse(period) if period else Quarter.of(today).back(1)
    deadlines = deadlines_of(quarter, today)
    if not (curated / FILE_NAME).exists():
        raise NoEdition(f"{curated}: nothing has been taken in here; run `make run` or `esep run` first")
    with open_warehouse(curated) as con:
        owed = completeness(con, programme_contracts(), [str(quarter)])
    return [
        Outstanding(one.office, one.slot, one.period, one.state(today), one.tries, deadlines)
        for one in owed
        if one.status != "accepted"
    ]


def deadlines_of(quarter: Quarter, today: date) -> tuple[Deadline, ...]:
    """The deadlines of donors that fund a project in a quarter, by `due_days` of their profiles, the first first."""
    found = [
        Deadline(profile.code, str(quarter), due, (due - today).days)
        for profile in profiles().values()
        if _funds(profile, quarter)
        for due in (quarter.end + timedelta(days=profile.due_days),)
    ]
    return tuple(sorted(found, key=lambda one: (one.due_on, one.donor)))


def _funds(profile: DonorProfile, quarter: Quarter) -> bool:
    return any(
        profile.donor in project.donors
        and (not profile.projects or project.code in profile.projects)
        and project.first_quarter <= quarter <= project.last_quarter
        for project in projects().values()
    )


def told(found: Sequence[Outstanding], quarter: Quarter, today: date) -> list[str]:
    """What is outstanding, as lines: the donors' days first."""
    lines = [f"{quarter}, on {today}:"]
    for one in deadlines_of(quarter, today):
        lines.append(f"  {one.donor:10} due {one.due_on}, {_days(one)}")
    for file in found:
        tries = f" after {file.tries} tries" if file.tries else ""
        missed = f"; missed for {', '.join(file.missed)}" if file.missed else ""
        lines.append(f"  {file.office:8} {file.slot:18} {file.state}{tries}{missed}")
    return [*lines, f"{len(found)} files are outstanding"]


def _days(one: Deadline) -> str:
    return f"{-one.days_left} days ago" if one.is_past else f"{one.days_left} days left"
