"""Calendars: every day in one quarter, years at their edges, windows that nest, names that tell them apart."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.calendars import (
    CALENDAR_YEAR,
    CALENDARS,
    FISCAL_YEAR,
    PROJECT_LIFE,
    PROJECT_QUARTER,
    QUARTER,
    Quarter,
    calendar_label,
    label,
    life_calendar,
    project_quarter,
    project_quarter_at,
    quarters_between,
    side_by_side,
    window,
    windows,
)
from indicators.funding import projects

days = st.dates(date(1990, 1, 1), date(2099, 12, 31))
quarters = days.map(Quarter.of)


@dataclass(frozen=True)
class Award:
    """A project as a calendar sees it."""

    code: str
    first_quarter: Quarter
    last_quarter: Quarter


awards = st.lists(
    st.builds(lambda q, n: (q, q.back(-n)), quarters, st.integers(0, 24)), min_size=1, max_size=5
).map(lambda pairs: [Award(f"P-{i}", *pair) for i, pair in enumerate(pairs)])  # fmt: skip


@given(days)
def test_every_day_lies_in_exactly_one_quarter(day):
    own = Quarter.of(day)
    around = [own.back(2), own.back(1), own, own.next(), own.next().next()]
    assert [q for q in around if q.start <= day <= q.end] == [own]
    assert own.end + timedelta(days=1) == own.next().start


@given(quarters, st.integers(-60, 60))
def test_back_and_forth_is_nowhere(quarter, steps):
    assert quarter.back(steps).back(-steps) == quarter
    assert Quarter.parse(str(quarter)) == quarter


@pytest.mark.parametrize(
    ("day", "quarter", "fiscal", "in_fiscal"),
    [
        (date(2010, 9, 30), "2010-Q3", 2010, 4),
        (date(2010, 10, 1), "2010-Q4", 2011, 1),
        (date(2010, 12, 31), "2010-Q4", 2011, 1),
        (date(2011, 1, 1), "2011-Q1", 2011, 2),
        (date(2012, 2, 29), "2012-Q1", 2012, 2),
    ],
)
def test_edges_of_years(day, quarter, fiscal, in_fiscal):
    own = Quarter.of(day)
    assert (str(own), own.fiscal_year, own.fiscal_number) == (quarter, fiscal, in_fiscal)


@given(quarters)
def test_years_begin_in_october_and_in_january(quarter):
    fiscal, year = (window(c, quarter, quarter.start) for c in (FISCAL_YEAR, CALENDAR_YEAR))
    assert fiscal.start and year.start
    assert (fiscal.start.month, fiscal.start.day, year.start.month, year.start.day) == (10, 1, 1, 1)
    assert len(quarters_between(Quarter.of(fiscal.start), quarter)) == quarter.fiscal_number
    assert len(quarters_between(Quarter.of(year.start), quarter)) == quarter.number


@given(quarters, st.integers(0, 40), st.lists(st.integers(0, 12), max_size=3, unique=True))
def test_windows_hold_whole_quarters(first, length, later):
    """Two windows that end together differ by whole quarters: no slice of days can be worked out."""
    others = [first.back(-n) for n in sorted(later) if n]
    found = windows(quarters_between(first, first.back(-length)), first.start, others)
    assert all(w.start and w.end and w.start == Quarter.of(w.start).start and w.end == Quarter.of(w.end).end
               for w in found)  # fmt: skip
    names = Counter((w.calendar, w.period) for w in found)
    assert max(names.values()) == 1
    assert all(w.start and w.start <= Quarter.parse(w.period).start for w in found), "each holds its last quarter whole"


@given(quarters, st.integers(1, 99))
def test_a_project_quarter_is_a_calendar_quarter(first, number):
    quarter = project_quarter_at(first, f"PQ{number}")
    assert project_quarter(first, quarter) == number
    assert project_quarter_at(first, "PQ1") == first


@pytest.mark.parametrize("name", ["PQ0", "PQ", "5", "PQ1.5", "2010-Q4", "PQ100"])
def test_what_is_no_quarter_of_a_project(name):
    with pytest.raises(ValueError, match="written like PQ5"):
        project_quarter_at(Quarter(2010, 4), name)


@pytest.mark.parametrize(
    ("award", "first"), [(date(2010, 10, 1), "2010-Q4"), (date(2010, 12, 31), "2010-Q4"), (date(2011, 1, 1), "2011-Q1")]
)
def test_the_first_quarter_holds_the_day_of_the_award(award, first):
    project = replace(projects()["REG-USAID"], start_on=award)
    assert str(project.first_quarter) == first


def test_projects_of_one_first_quarter_share_a_calendar():
    start = date(2009, 10, 1)
    assert life_calendar(Quarter(2009, 4), start) == PROJECT_LIFE
    assert life_calendar(Quarter(2011, 1), start) == "project_life_2011-Q1"
    later = window("project_life_2011-Q1", Quarter(2011, 3), start)
    assert (later.start, later.end) == (date(2011, 1, 1), date(2011, 9, 30))
    assert [calendar_label("project_life_2011-Q1", lang) for lang in ("en", "ru")] == [
        "Life of projects from Q1 2011", "С начала проектов с 1-го квартала 2011",
    ]  # fmt: skip
    found = windows(quarters_between(Quarter(2010, 4), Quarter(2011, 1)), start, [Quarter(2011, 1)])
    assert [w.period for w in found if w.calendar == "project_life_2011-Q1"] == ["2011-Q1"]


@given(quarters, awards)
def test_names_tell_calendars_apart(quarter, funded):
    rows = side_by_side(quarter, funded)
    for column in (2, 3):
        assert max(Counter(row[column] for row in rows).values()) == 1
    assert max(Counter(row[0] for row in rows if row[0] != PROJECT_QUARTER).values()) == 1
    numbers = [row for row in rows if row[0] == PROJECT_QUARTER]
    assert len(numbers) == sum(a.first_quarter <= quarter <= a.last_quarter for a in funded)


@given(st.lists(quarters, min_size=2, max_size=2, unique=True), st.sampled_from(CALENDARS))
def test_names_tell_periods_apart(two, calendar):
    one, other = map(str, two)
    assert label(calendar, one, "en") != label(calendar, other, "en")
    assert label(calendar, one, "ru") != label(calendar, other, "ru")


def test_one_figure_in_every_calendar():
    assert side_by_side(Quarter(2010, 4), projects().values()) == [
        (QUARTER, "2010-Q4", "Q4 2010 (FY2011 Q1)", "4-й квартал 2010 (1-й кв. ФГ2011)"),
        (FISCAL_YEAR, "2010-Q4", "FY2011 to the end of Q1", "ФГ2011 по 1-й квартал"),
        (CALENDAR_YEAR, "2010-Q4", "2010 to the end of Q4", "2010 по 4-й квартал"),
        (PROJECT_LIFE, "2010-Q4", "Project life to Q4 2010", "С начала проекта по 4-й квартал 2010"),
        (PROJECT_QUARTER, "PQ5", "Project quarter 5 of REG-USAID", "5-й квартал проекта REG-USAID"),
    ]
