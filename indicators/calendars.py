"""Periods: the quarter is the shared atom, every other calendar is a view on it.

A figure belongs to a calendar and a period. The period is always the quarter up to which the
figure counts; the calendar says how far back it reaches (`window`). USAID and INL report fiscal
years from October to September, Norway calendar years, projects from the quarter of their award.
A project's quarters are calendar quarters too (docs/decisions/0012): no window ends or begins within one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

QUARTER = "quarter"
FISCAL_YEAR = "fiscal_year_to_date"
CALENDAR_YEAR = "calendar_year_to_date"
PROJECT_LIFE = "project_life"
WHOLE_SOURCE = "whole_source"
CALENDARS = (QUARTER, FISCAL_YEAR, CALENDAR_YEAR, PROJECT_LIFE)
# A project's own name for a calendar quarter: PQ5 is the fifth, counted from that of the award.
PROJECT_QUARTER = "project_quarter"

FISCAL_YEAR_FIRST_MONTH = 10
_PERIOD = re.compile(r"([0-9]{4})-Q([1-4])")
_OF_PROJECT = re.compile(r"PQ([1-9][0-9]?)")


@dataclass(frozen=True, order=True)
class Quarter:
    """A calendar quarter, written `2010-Q4`."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Quarter:
        """Read `2010-Q4`; raises ValueError for anything else."""
        match = _PERIOD.fullmatch(text)
        if not match:
            raise ValueError(f"a period is written like 2010-Q4, not {text!r}")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, day: date) -> Quarter:
        """The quarter a day lies in."""
        return cls(day.year, (day.month + 2) // 3)

    def __str__(self) -> str:
        return f"{self.year:04d}-Q{self.number}"

    @property
    def start(self) -> date:
        """First day."""
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def end(self) -> date:
        """Last day."""
        return self.next().start - timedelta(days=1)

    def next(self) -> Quarter:
        """The quarter after this one."""
        return Quarter(self.year + 1, 1) if self.number == 4 else Quarter(self.year, self.number + 1)

    def back(self, quarters: int) -> Quarter:
        """The quarter so many quarters earlier."""
        years, number = divmod(self.year * 4 + self.number - 1 - quarters, 4)
        return Quarter(years, number + 1)

    @property
    def fiscal_year(self) -> int:
        """US fiscal year: October to September, named by the year it ends in."""
        return self.year + (self.number == 4)

    @property
    def fiscal_number(self) -> int:
        """Number of the quarter in the US fiscal year; October to December is 1."""
        return self.number % 4 + 1


class Funded(Protocol):
    """What a calendar has to know of a project: its code, and the quarters of its first and last day."""

    @property
    def code(self) -> str:
        """The code of the project."""

    @property
    def first_quarter(self) -> Quarter:
        """The quarter that holds the day of the award."""

    @property
    def last_quarter(self) -> Quarter:
        """The quarter that holds the last day."""


@dataclass(frozen=True)
class Window:
    """The days a figure counts: both ends belong to it. `None` is open (a source without dates)."""

    calendar: str
    period: str
    start: date | None
    end: date | None


def quarters_between(first: Quarter, last: Quarter) -> list[Quarter]:
    """All quarters from the first to the last, both included."""
    quarters = []
    while first <= last:
        quarters.append(first)
        first = first.next()
    return quarters


def window(calendar: str, quarter: Quarter, life_start: date) -> Window:
    """The window of a calendar up to the end of a quarter.

    Raises ValueError for an unknown calendar. A project's life that begins after the quarter ends
    has no window; `windows` leaves it out.
    """
    starts = {
        QUARTER: quarter.start,
        FISCAL_YEAR: date(quarter.fiscal_year - 1, FISCAL_YEAR_FIRST_MONTH, 1),
        CALENDAR_YEAR: date(quarter.year, 1, 1),
        PROJECT_LIFE: life_start,
    }
    if calendar.startswith(_LATER_LIFE):
        return Window(calendar, str(quarter), _first_of(calendar).start, quarter.end)
    if calendar not in starts:
        raise ValueError(f"no calendar {calendar!r}; there are {', '.join(starts)}")
    return Window(calendar, str(quarter), starts[calendar], quarter.end)


def windows(quarters: list[Quarter], life_start: date, other_lives: Sequence[Quarter] = ()) -> list[Window]:
    """Every window of every calendar over the quarters, in order.

    `other_lives` are the first quarters of projects awarded after the earliest; each is a calendar of its own.
    """
    calendars = (*CALENDARS, *(life_calendar(first, life_start) for first in other_lives))
    every = (window(calendar, quarter, life_start) for quarter in quarters for calendar in calendars)
    return [w for w in every if w.start is not None and w.end is not None and w.start <= w.end]


def life_calendar(first: Quarter, life_start: date) -> str:
    """The calendar of a project's life; projects that begin in the same quarter share it."""
    return PROJECT_LIFE if first.start <= life_start else f"{_LATER_LIFE}{first}"


def project_quarter(first: Quarter, quarter: Quarter) -> int:
    """Which quarter of a project a quarter is; that of the award is 1, and one before it is 0 or less."""
    return (quarter.year - first.year) * 4 + quarter.number - first.number + 1


def project_quarter_at(first: Quarter, name: str) -> Quarter:
    """The calendar quarter that a project's `PQ5` is. Raises ValueError for anything else."""
    match = _OF_PROJECT.fullmatch(name)
    if not match:
        raise ValueError(f"a quarter of a project is written like PQ5, not {name!r}")
    return first.back(1 - int(match[1]))


def side_by_side(quarter: Quarter, projects: Iterable[Funded]) -> list[tuple[str, str, str, str]]:
    """What a quarter is called in every calendar: (calendar, period, label en, label ru).

    The quarter, the years and lives up to its end, then its number in each project that runs in it. The figure of a
    `project_quarter` is that of the quarter itself; the other rows have figures of their own.
    """
    begun = sorted((p for p in projects if p.first_quarter <= quarter), key=lambda p: (p.first_quarter, p.code))
    lives = dict.fromkeys(life_calendar(p.first_quarter, begun[0].first_quarter.start) for p in begun)
    calendars = [QUARTER, FISCAL_YEAR, CALENDAR_YEAR, *lives]
    rows = [(c, str(quarter), label(c, str(quarter), "en"), label(c, str(quarter), "ru")) for c in calendars]
    for project in (p for p in begun if quarter <= p.last_quarter):
        number = project_quarter(project.first_quarter, quarter)
        words = (f"Project quarter {number} of {project.code}", f"{number}-й квартал проекта {project.code}")
        rows.append((PROJECT_QUARTER, f"PQ{number}", *words))
    return rows


def whole_source() -> Window:
    """The one window of a source that gives no days."""
    return Window(WHOLE_SOURCE, "all", None, None)


def label(calendar: str, period: str, language: str) -> str:
    """A period in the words of a reader, e.g. `FY2011 Q1` or `2010, 4-й квартал`."""
    if calendar == WHOLE_SOURCE:
        return {"en": "All years of the source", "ru": "Все годы источника"}[language]
    quarter = Quarter.parse(period)
    if calendar.startswith(_LATER_LIFE):
        return _LATER[language].format(q=quarter, first=_first_of(calendar))
    return _LABELS[language][calendar].format(q=quarter)


def calendar_label(calendar: str, language: str) -> str:
    """The name of the calendar of a project's life that begins later than the earliest."""
    return _LATER_NAME[language].format(first=_first_of(calendar))


def _first_of(calendar: str) -> Quarter:
    return Quarter.parse(calendar.removeprefix(_LATER_LIFE))


_LATER_LIFE = f"{PROJECT_LIFE}_"
_LATER_NAME = {
    "en": "Life of projects from Q{first.number} {first.year}",
    "ru": "С начала проектов с {first.number}-го квартала {first.year}",
}
_LATER = {
    "en": "Project life from Q{first.number} {first.year} to Q{q.number} {q.year}",
    "ru": "С начала проекта ({first.number}-й квартал {first.year}) по {q.number}-й квартал {q.year}",
}


_LABELS = {
    "en": {
        QUARTER: "Q{q.number} {q.year} (FY{q.fiscal_year} Q{q.fiscal_number})",
        FISCAL_YEAR: "FY{q.fiscal_year} to the end of Q{q.fiscal_number}",
        CALENDAR_YEAR: "{q.year} to the end of Q{q.number}",
        PROJECT_LIFE: "Project life to Q{q.number} {q.year}",
    },
    "ru": {
        QUARTER: "{q.number}-й квартал {q.year} ({q.fiscal_number}-й кв. ФГ{q.fiscal_year})",
        FISCAL_YEAR: "ФГ{q.fiscal_year} по {q.fiscal_number}-й квартал",
        CALENDAR_YEAR: "{q.year} по {q.number}-й квартал",
        PROJECT_LIFE: "С начала проекта по {q.number}-й квартал {q.year}",
    },
}
