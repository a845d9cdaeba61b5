"""Times of day: what happened before midnight in the office stays in its day and quarter, whatever clock tells it."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.calendars import Quarter
from indicators.facts import facts
from pipelines.cells import reader
from pipelines.contracts import HERE, ContractError, contracts
from pipelines.forms import Form

CON = duckdb.connect()
TIMES = '["%d.%m.%Y", "%d.%m.%Y %H:%M", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M%z"]'
COLUMN = facts()["cases"].columns["identified_on"]


@pytest.fixture(scope="module")
def form(tmp_path_factory):
    """Tajikistan's form, with times allowed."""
    return contracts(changed(tmp_path_factory.mktemp("times"), TIMES))["tjk"].slots["cases"].form


def changed(folder, dates):
    text = (HERE / "offices" / "tjk.toml").read_text(encoding="utf-8")
    lines = [f"dates = {dates}" if line.startswith("dates =") else line for line in text.splitlines()]
    assert lines != text.splitlines()
    (folder / "tjk.toml").write_text("\n".join(lines), encoding="utf-8")
    return folder


def read(cell: str, form: Form) -> tuple[date | None, bool]:
    how = reader(COLUMN, "cell", form)
    row = CON.execute(f"SELECT {how.value}, {how.is_bad} FROM (SELECT ? AS cell)", [cell]).fetchone()
    assert row is not None
    return row


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("31.12.2010", date(2010, 12, 31)),
        ("31.12.2010 23:30", date(2010, 12, 31)),
        ("2010-12-31T18:30:00Z", date(2010, 12, 31)),
        ("2010-12-31T18:30:00+00:00", date(2010, 12, 31)),
        ("2010-12-31T23:30:00+0500", date(2010, 12, 31)),
        ("2011-01-01T00:30:00+06:00", date(2010, 12, 31)),
        ("2010-12-31T18:59:59Z", date(2010, 12, 31)),
        ("2010-12-31T19:00:00Z", date(2011, 1, 1)),
        ("2010-12-31 23:30:00", date(2010, 12, 31)),
        ("2010-12-31T18:30+05", date(2010, 12, 31)),
    ],
)
def test_half_past_eleven_on_the_last_day_of_the_year_in_dushanbe(cell, day, form):
    assert form.time_zone == "Asia/Dushanbe"
    assert read(cell, form) == (day, False)
    assert str(Quarter.of(day)) == ("2010-Q4" if day.year == 2010 else "2011-Q1")


@pytest.mark.parametrize(
    "cell",
    ["31.12.2010 25:00", "31.12.2010 23.30", "2010-12-31T18:30:00", "2010-12-31T18:30:00 UTC", "2010-12-31T18:30:00+5"],
)
def test_a_time_that_is_not_as_agreed_is_not_read(cell, form):
    assert read(cell, form) == (None, True)


def test_a_form_that_declares_no_times_reads_none():
    for contract in contracts().values():
        for slot in contract.slots.values():
            if not any("%H" in how for how in slot.form.dates):
                assert read("31.12.2010 23:30", slot.form) == (None, True), contract.office


@given(st.integers(0, 40 * 365 * 24 * 3600), st.integers(-12 * 60, 14 * 60))
def test_the_day_is_that_of_the_office(form, seconds, minutes):
    """As the time zone database of Python says, for any clock."""
    told = datetime(1995, 1, 1, tzinfo=timezone(timedelta(minutes=minutes))) + timedelta(seconds=seconds)
    assert read(told.isoformat(), form) == (told.astimezone(ZoneInfo(form.time_zone)).date(), False)


@pytest.mark.parametrize(
    ("dates", "says"),
    [
        ('["%d.%m.%Y %H:%M"]', "the first is the one that is written"),
        ('["%d.%m.%Y", "%d.%m.%Y %H"]', "must give day, month and year"),
        ('["%d.%m.%Y", "%d.%m.%Y %z"]', "must give day, month and year"),
        ('["%d.%m.%Y", "%d %B %Y %H:%M"]', "must give day, month and year"),
    ],
)
def test_half_a_time_is_a_fault_of_the_contract(dates, says, tmp_path):
    with pytest.raises(ContractError, match=says):
        contracts(changed(tmp_path, dates))
