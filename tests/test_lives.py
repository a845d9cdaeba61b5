"""The life of an owed file: due, overdue, received, refused, quarantined, accepted, superseded; late stays late."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from indicators.calendars import Quarter
from pipelines.cli import main
from pipelines.completeness import STATES, due_on, local_day
from pipelines.contracts import contracts
from pipelines.cycle import programme_contracts, standing, take_in
from pipelines.demo import sample_records
from pipelines.lives import Life, lives, told
from pipelines.render import render
from pipelines.warehouse import LANDING_NAME, open_warehouse
from reports.donors import profiles
from reports.edition import NoEdition

KAZ = contracts()["kaz"]
PERIOD = "2010-Q4"
CASES = sample_records()["kaz", PERIOD]["cases"]
SENT = ("kaz", "cases", PERIOD)


def write(folder: Path, rows: list[dict[str, Any]]) -> Path:
    path = folder / "raw" / "kaz" / KAZ.slots["cases"].file_name(PERIOD)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(render(KAZ, KAZ.slots["cases"], PERIOD, {"cases": rows}))
    return path


def receive(folder: Path, rows: list[dict[str, Any]]) -> None:
    write(folder, rows)
    take_in(folder / "raw", folder / "curated", say=lambda _: None)


def life(folder: Path, today: date = date(2011, 1, 10), key: tuple[str, str, str] = SENT) -> Life:
    with open_warehouse(folder / "curated") as con:
        found = lives(con, programme_contracts(), folder / "raw", today, PERIOD)
    (one,) = [one for one in found if (one.owed.office, one.owed.slot, one.owed.period) == key]
    return one


def test_a_file_is_due_until_the_first_donors_day_and_then_overdue(tmp_path):
    receive(tmp_path, CASES[:4])
    other = ("kgz", "workbook", PERIOD)
    last = due_on(PERIOD)
    assert last == date(2010, 12, 31) + timedelta(days=min(donor.due_days for donor in profiles().values()))
    assert life(tmp_path, last, other).state == "due"
    assert life(tmp_path, last + timedelta(days=1), other).state == "overdue"


def test_every_state_of_a_file_on_its_way(tmp_path):
    (tmp_path / "raw").mkdir()
    seen = [life(tmp_path).state, life(tmp_path, date(2012, 1, 1)).state]
    write(tmp_path, CASES[:4])
    seen.append(life(tmp_path).state)
    receive(tmp_path, [{**row, "age": 200} for row in CASES[:4]])
    seen.append(life(tmp_path).state)
    receive(tmp_path, [{**CASES[0], "age": 200}, *CASES[1:4]])
    seen.append(life(tmp_path).state)
    receive(tmp_path, CASES[:4])
    seen.append(life(tmp_path).state)
    assert tuple(seen) == STATES
    assert (life(tmp_path).owed.superseded, life(tmp_path).owed.tries) == (1, 3)


def test_a_refused_correction_leaves_the_file_in_force_and_is_said(tmp_path):
    receive(tmp_path, CASES[:4])
    receive(tmp_path, [{**row, "age": 200} for row in CASES[:4]])
    now = life(tmp_path)
    assert (now.state, now.owed.resend_refused, now.waiting) == ("accepted", True, "")
    assert "a later file was refused" in told(now)
    write(tmp_path, CASES[:3])
    assert life(tmp_path).waiting == KAZ.slots["cases"].file_name(PERIOD)
    assert "a newer file waits" in told(life(tmp_path))


def test_a_late_and_corrected_file_keeps_both_days(tmp_path):
    receive(tmp_path, CASES[:4])
    receive(tmp_path, CASES[:5])
    with open_warehouse(tmp_path / "curated") as con:
        con.execute("UPDATE ledger SET received_at = TIMESTAMP '2011-01-20 06:00' WHERE entry = 1")
        con.execute("UPDATE ledger SET received_at = TIMESTAMP '2011-03-05 06:00' WHERE entry = 2")
    owed = life(tmp_path).owed
    assert (owed.first_on, owed.received_on, owed.superseded) == (date(2011, 1, 20), date(2011, 3, 5), 1)
    assert not owed.is_late, "the first file was in time, whatever was corrected later"
    with open_warehouse(tmp_path / "curated") as con:
        con.execute("UPDATE ledger SET received_at = TIMESTAMP '2011-02-20 06:00' WHERE entry = 1")
    assert life(tmp_path).owed.is_late
    assert "(late)" in told(life(tmp_path))


def test_what_intake_would_not_open_does_not_wait_and_stops_nobody(tmp_path):
    receive(tmp_path, CASES[:4])
    folder = tmp_path / "raw" / "kgz"
    folder.mkdir()
    (folder / "KGZ_2010-Q4.xlsx").symlink_to("/etc/hostname")
    assert life(tmp_path, key=("kgz", "workbook", PERIOD)).state == "due"


@given(
    hours=st.integers(0, 20 * 365 * 24),
    contract=st.sampled_from(list(contracts().values())),
)
def test_days_are_the_offices_own(hours, contract):
    """The store keeps UTC, and every office is ahead of it by some hours."""
    instant = datetime.fromisoformat("2010-01-01") + timedelta(hours=hours)
    day = local_day(contract, instant)
    assert day in (instant.date(), instant.date() + timedelta(days=1))
    assert (day == instant.date()) or instant.hour >= 18


@given(st.integers(2010, 2030), st.integers(1, 4))
def test_every_quarter_is_due_after_its_end(year, number):
    quarter = Quarter(year, number)
    assert due_on(str(quarter)) > quarter.end


def test_the_status_of_everything_owed_is_told_and_given_to_programs(tmp_path):
    receive(tmp_path, CASES[:4])
    folders = ["--raw", str(tmp_path / "raw"), "--curated", str(tmp_path / "curated")]
    text = CliRunner().invoke(main, ["status", *folders])
    assert text.exit_code == 0, text.output
    found = json.loads(CliRunner().invoke(main, ["status", *folders, "--json"]).output)
    owed = standing(tmp_path / "raw", tmp_path / "curated").lives
    assert len(found["files"]) == len(owed) == len(text.output.splitlines()) - 1
    assert {file["state"] for file in found["files"]} == {"accepted", "overdue"}
    assert (found["edition"], found["altered_copies"]) == (None, [])
    offices = {contract.office for contract in programme_contracts().values()}
    assert {file["office"] for file in found["files"]} == offices


def test_status_names_a_copy_that_somebody_changed(tmp_path):
    receive(tmp_path, CASES[:4])
    folders = ["--raw", str(tmp_path / "raw"), "--curated", str(tmp_path / "curated")]
    (copy,) = (tmp_path / "curated" / LANDING_NAME).iterdir()
    copy.chmod(0o600)
    copy.write_bytes(copy.read_bytes() + b"\n")
    told = CliRunner().invoke(main, ["status", *folders])
    assert told.exit_code == 0
    assert str(copy) in told.stderr
    assert json.loads(CliRunner().invoke(main, ["status", *folders, "--json"]).stdout)["altered_copies"] == [copy.name]


def test_status_of_an_empty_store_says_what_to_do_and_makes_none(tmp_path):
    with pytest.raises(NoEdition, match="esep run"):
        standing(tmp_path / "raw", tmp_path / "curated")
    done = CliRunner().invoke(main, ["status", "--curated", str(tmp_path / "curated")])
    assert (done.exit_code, (tmp_path / "curated").exists()) == (4, False)
    wrong = CliRunner().invoke(main, ["status", "--period", "2010"])
    assert wrong.exit_code == 2
    assert "2010-Q4" in wrong.output


def test_states_are_those_that_are_documented(repository):
    page = (repository / "docs" / "checks.md").read_text(encoding="utf-8")
    assert [state for state in (*STATES, "superseded") if f"| `{state}` |" not in page] == []
