"""Intake: whole or not at all, once or not again, and nothing of one office touches another."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from duckdb import DuckDBPyConnection

from indicators.facts import facts
from pipelines.completeness import completeness
from pipelines.contracts import Contract, Slot, contracts
from pipelines.demo import sample_records
from pipelines.intake import receive
from pipelines.intake_folder import receive_folder
from pipelines.receipts import Receipt
from pipelines.render import render
from pipelines.warehouse import FILE_NAME, LANDING_NAME, open_warehouse

Records = dict[str, list[dict[str, Any]]]

OFFICES = contracts()
KAZ = OFFICES["kaz"]
PERIOD = "2010-Q4"
SAMPLE = sample_records()
TABLES = ["ledger", "findings", "quarantine", "checks", *facts()]


def slot_with(contract: Contract, fact: str) -> Slot:
    return next(slot for slot in contract.slots.values() if fact in slot.facts)


def write(raw: Path, contract: Contract, slot: Slot, records: Records, period: str = PERIOD) -> Path:
    """An office's file as it sends it."""
    path = raw / contract.office / slot.file_name(period)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(render(contract, slot, period, records))
    return path


def sample(fact: str, rows: int, contract: Contract = KAZ, period: str = PERIOD) -> Records:
    """The first rows of a fact of the sample quarter; the other facts of its file are empty."""
    slot = slot_with(contract, fact)
    return {name: SAMPLE[contract.office, period][name][: rows if name == fact else 0] for name in slot.facts}


def count(con: DuckDBPyConnection, table: str) -> int:
    return int(con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])


def contents(con: DuckDBPyConnection) -> dict[str, int]:
    return {table: count(con, table) for table in TABLES}


def rules_of(receipt: Receipt) -> list[str]:
    return sorted({finding.rule for finding in receipt.findings})


@pytest.fixture
def curated(tmp_path: Path) -> Path:
    return tmp_path / "curated"


@pytest.fixture
def con(curated: Path) -> Iterator[DuckDBPyConnection]:
    with open_warehouse(curated) as opened:
        yield opened


@pytest.fixture
def take(con: DuckDBPyConnection, tmp_path: Path, curated: Path) -> Callable[..., Receipt]:
    """Write a Kazakh file with these records and take it in."""

    def taken(records: Records, fact: str = "cases", **named: Any) -> Receipt:
        path = write(tmp_path / "raw", KAZ, slot_with(KAZ, fact), records)
        return receive(con, KAZ, path, curated, **named)

    return taken


# What is accepted


def test_an_accepted_file_is_stored_with_its_origin_and_a_copy(con, take, curated, tmp_path):
    receipt = take(sample("cases", 6))
    assert (receipt.status, receipt.rows_accepted, receipt.rows_quarantined) == ("accepted", 6, 0)
    assert {check.rows_failed for check in receipt.checks if check.rule.severity != "warn"} == {0}
    origin = con.execute("SELECT DISTINCT office, place, submission, snapshot FROM in_force_cases").fetchall()
    assert origin == [("kaz", "KZ", receipt.submission, PERIOD)]
    assert count(con, "in_force_cases") == 6
    assert len({row for (row,) in con.execute("SELECT row_number FROM in_force_cases").fetchall()}) == 6
    (sent,) = (tmp_path / "raw" / "kaz").iterdir()
    assert (curated / LANDING_NAME / receipt.submission).read_bytes() == sent.read_bytes()


def test_the_same_bytes_again_change_nothing_and_are_said_again(con, take, curated):
    first = take(sample("cases", 6))
    before = contents(con)
    again = take(sample("cases", 6))
    assert again.status == "unchanged"
    assert replace(again, status="accepted") == first
    assert contents(con) == before


def test_a_resubmission_takes_the_place_of_the_earlier_file_and_nothing_is_deleted(con, take, curated):
    first = take(sample("cases", 6))
    second = take(sample("cases", 4))
    assert (second.status, count(con, "in_force_cases"), count(con, "cases")) == ("accepted", 4, 10)
    known = con.execute("SELECT submission, status, superseded_by FROM submissions ORDER BY entry").fetchall()
    assert known == [(first.submission, "superseded", 2), (second.submission, "accepted", None)]
    assert {path.name for path in (curated / LANDING_NAME).iterdir()} == {first.submission, second.submission}


def test_an_old_file_does_not_undo_a_correction_by_accident(con, take):
    take(sample("cases", 6))
    take(sample("cases", 4))
    again = take(sample("cases", 6))
    assert (again.status, rules_of(again)) == ("refused", ["replaced_before"])
    assert count(con, "in_force_cases") == 4
    back = take(sample("cases", 6), reinstate="the office confirmed the first list")
    assert (back.status, count(con, "in_force_cases")) == ("accepted", 6)
    reasons = con.execute("SELECT reason FROM submissions WHERE status = 'accepted'").fetchall()
    assert reasons == [("the office confirmed the first list",)]


def test_a_changed_contract_reads_the_same_bytes_again(con, tmp_path, curated):
    path = write(tmp_path / "raw", KAZ, slot_with(KAZ, "cases"), sample("cases", 6))
    assert receive(con, KAZ, path, curated).status == "accepted"
    assert receive(con, replace(KAZ, digest="of a later version"), path, curated).status == "accepted"
    assert (count(con, "in_force_cases"), count(con, "cases")) == (6, 12)


def test_a_file_without_rows_says_that_there_was_nothing(con, take):
    receipt = take(sample("cases", 0))
    assert (receipt.status, receipt.rows_accepted) == ("accepted", 0)
    assert {check.rows_checked for check in receipt.checks} == {0}


# What is held back


def with_faults(fact: str, rows: int, **fault: Any) -> Records:
    """Sample rows of which the first breaks a rule."""
    records = sample(fact, rows)
    first, *rest = records[fact]
    return {**records, fact: [{**first, **fault}, *rest]}


def test_a_row_that_breaks_a_rule_is_held_back_and_the_others_count(con, take):
    receipt = take(with_faults("cases", 6, age=200))
    assert (receipt.status, receipt.rows_accepted, receipt.rows_quarantined) == ("accepted", 5, 1)
    assert "cases.age.range" in rules_of(receipt)
    (row,) = [finding.row for finding in receipt.findings if finding.rule == "cases.age.range"]
    assert con.execute("SELECT fact, row_number, rule FROM quarantine").fetchall() == [
        ("cases", row, "cases.age.range")
    ]
    assert con.execute("SELECT rows_failed FROM checks WHERE rule = 'cases.age.range'").fetchall() == [(1,)]
    assert con.execute("SELECT max(age) FROM in_force_cases").fetchall()[0][0] < 200


@pytest.mark.parametrize("header", ["Возраст", "Пол"])
def test_a_cell_that_cannot_be_read_holds_its_row_back_and_is_not_called_empty(con, tmp_path, curated, header):
    path = write(tmp_path / "raw", KAZ, slot_with(KAZ, "cases"), sample("cases", 6))
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    position = lines[0].lstrip("\ufeff").strip().split(";").index(header)
    cells = lines[3].split(";")
    cells[position] = "неясно 17"
    lines[3] = ";".join(cells)
    path.write_bytes("".join(lines).encode("utf-8"))
    receipt = receive(con, KAZ, path, curated)
    assert [(f.rule, f.row) for f in receipt.findings if f.severity == "quarantine"] == [("unreadable_cell", 4)]
    assert (receipt.status, receipt.rows_accepted, receipt.rows_quarantined) == ("accepted", 5, 1)
    assert count(con, "in_force_cases WHERE row_number = 4") == 0
    assert "неясно" not in repr(receipt) + repr(con.execute("FROM findings").fetchall())


def test_a_row_held_back_for_another_comes_in_when_the_other_does(con, take):
    """A service whose case is held back waits for it; the office need not send it again."""
    case = sample("cases", 1)["cases"][0]
    service = {"case_ref": case["case_ref"], "assistance_type": "medical", "delivered_on": case["identified_on"]}
    others = [row for row in sample("assistance", 99)["assistance"] if row["case_ref"] != case["case_ref"]]
    known = {row["case_ref"] for row in sample("cases", 99)["cases"]}
    rest = [row for row in others if row["case_ref"] in known][:4]
    services = {"assistance": [{**dict.fromkeys(facts()["assistance"].columns), **service}, *rest]}
    take(with_faults("cases", 99, sex=None))
    waiting = take(services, "assistance")
    assert waiting.rows_quarantined == 1
    assert "assistance.unknown_case" in rules_of(waiting)
    assert take(services, "assistance").status == "unchanged"
    take(sample("cases", 99))
    cured = take(services, "assistance")
    assert (cured.status, cured.rows_quarantined, cured.rows_accepted) == ("accepted", 0, waiting.rows_accepted + 1)
    assert take(services, "assistance").status == "unchanged"


def test_a_row_that_stays_held_is_not_stored_again(con, take):
    held = take(with_faults("cases", 6, age=200))
    take(sample("activities", 2), "activities")
    before = contents(con)
    assert take(with_faults("cases", 6, age=200)).status == "unchanged"
    assert contents(con) == before
    assert held.rows_quarantined == 1


# What is refused


def refused_leaves_nothing(con: DuckDBPyConnection, curated: Path, receipt: Receipt, rule: str) -> None:
    assert (receipt.status, receipt.rows_accepted, receipt.rows_quarantined) == ("refused", 0, 0)
    assert rule in rules_of(receipt)
    assert {**contents(con), "findings": 0, "checks": 0} == dict.fromkeys(TABLES, 0), "what was said, and no row"
    assert not (curated / LANDING_NAME).exists()


def test_a_file_of_another_quarter_is_refused(con, take, curated):
    refused_leaves_nothing(con, curated, take(sample("cases", 6, period="2010-Q3")), "wrong_period")


def test_a_file_of_which_most_rows_are_wrong_is_refused(con, take, curated):
    rows = [{**row, "age": 200} if number < 4 else row for number, row in enumerate(sample("cases", 6)["cases"])]
    receipt = take({"cases": rows})
    refused_leaves_nothing(con, curated, receipt, "too_many_rows_held")
    assert [check.rows_failed for check in receipt.checks if check.rule.id == "cases.age.range"] == [4]
    half = take({"cases": [*rows, sample("cases", 8)["cases"][7], sample("cases", 7)["cases"][6]]})
    assert (half.status, half.rows_accepted, half.rows_quarantined) == ("accepted", 4, 4), "half is not more than half"


def test_a_file_with_rows_of_another_office_is_refused(con, take, curated):
    receipt = take(with_faults("cases", 6, case_ref="UZ-2010-1"))
    refused_leaves_nothing(con, curated, receipt, "cases.case_ref.office")


def test_a_file_of_an_unknown_name_is_told_the_names(con, tmp_path, curated):
    path = tmp_path / "final (2).csv"
    path.write_bytes(b"x")
    receipt = receive(con, KAZ, path, curated)
    refused_leaves_nothing(con, curated, receipt, "unknown_file_name")
    assert slot_with(KAZ, "cases").file_pattern in receipt.findings[0].message_en


def test_a_file_still_being_copied_is_asked_for_again(con, take, curated):
    refused_leaves_nothing(con, curated, take(sample("cases", 6), settle_seconds=60), "still_being_written")


def test_a_file_that_is_gone_is_a_finding(con, tmp_path, curated):
    missing = tmp_path / slot_with(KAZ, "cases").file_name(PERIOD)
    refused_leaves_nothing(con, curated, receive(con, KAZ, missing, curated), "unreadable_file")


def test_a_file_on_which_the_reader_fails_is_refused_and_its_words_are_not_repeated(con, tmp_path, curated):
    """A fault of the program in one office's file keeps nobody else out."""
    slot = slot_with(KAZ, "cases")
    odd = replace(slot, form=replace(slot.form, encodings=("no-such-codec",)))
    versions = (replace(KAZ.versions[-1], slots={slot.name: odd}),)
    path = write(tmp_path / "raw", KAZ, slot, sample("cases", 6))
    receipt = receive(con, replace(KAZ, versions=versions), path, curated)
    refused_leaves_nothing(con, curated, receipt, "reader_failed")
    assert "LookupError" in receipt.findings[0].message_en
    assert "no-such-codec" not in repr(receipt)


def test_of_a_refused_file_the_store_holds_what_was_said_and_nothing_of_the_file(tmp_path, curated):
    """Offered again just as it was it leaves every byte of the store as it is."""
    good = write(tmp_path / "good", KAZ, slot_with(KAZ, "cases"), sample("cases", 6))
    canary = "KZ-2010-47114711"
    earlier = [{**row, "case_ref": canary} for row in sample("cases", 1, period="2010-Q3")["cases"]]
    bad = write(tmp_path / "bad", KAZ, slot_with(KAZ, "cases"), {"cases": earlier})
    with open_warehouse(curated) as con:
        receive(con, KAZ, good, curated)
    landed = sorted((curated / LANDING_NAME).iterdir())
    with open_warehouse(curated) as con:
        assert receive(con, KAZ, bad, curated).status == "refused"
    before = (curated / FILE_NAME).read_bytes()
    assert sorted((curated / LANDING_NAME).iterdir()) == landed
    assert b"KZ-2010-" in before
    assert canary.encode() not in before
    with open_warehouse(curated) as con:
        assert receive(con, KAZ, bad, curated).status == "refused"
    assert (curated / FILE_NAME).read_bytes() == before


def test_an_error_in_the_middle_of_the_transaction_leaves_nothing(con, take, curated):
    """The rows are in, the copy cannot be made: a full disk looks the same."""
    (curated / LANDING_NAME).write_bytes(b"a file where the folder should be")
    with pytest.raises(FileExistsError):
        take(sample("cases", 6))
    assert contents(con) == dict.fromkeys(TABLES, 0)
    (curated / LANDING_NAME).unlink()
    assert take(sample("cases", 6)).status == "accepted"


# The landing zone


def landing_zone(raw: Path) -> None:
    """Every office's files of both sample quarters."""
    for (office, period), records in SAMPLE.items():
        for slot in OFFICES[office].slots.values():
            write(raw, OFFICES[office], slot, {name: records[name] for name in slot.facts}, period)


def test_one_offices_refusal_leaves_the_others_as_they_are(con, tmp_path, curated):
    raw = tmp_path / "raw"
    slots = {office: slot_with(OFFICES[office], "cases") for office in ("kaz", "kgz", "uzb")}
    for office, slot in slots.items():
        write(raw, OFFICES[office], slot, {name: SAMPLE[office, PERIOD][name] for name in slot.facts})
    (broken,) = (raw / "kgz").iterdir()
    broken.write_bytes(b"\x00 not what it says it is")
    (raw / "kaz" / "notes.txt").write_text("not for the program")
    (raw / "kaz" / ".hidden").write_text("passed over")
    (raw / "atlantis").mkdir()
    receipts = receive_folder(con, raw, OFFICES, curated)
    assert [(r.office, r.status) for r in receipts if r.slot] == [
        ("kaz", "accepted"), ("kgz", "refused"), ("uzb", "accepted")
    ]  # fmt: skip
    assert sorted(rule for r in receipts if not r.slot for rule in rules_of(r)) == [
        "unknown_file_name",
        "unknown_office",
    ]
    offices = con.execute("SELECT DISTINCT office FROM in_force_cases ORDER BY office").fetchall()
    assert offices == [("kaz",), ("uzb",)]
    owed = completeness(con, OFFICES, ["2010-Q3", PERIOD], receipts)
    statuses = {(o.office, o.period): o.status for o in owed if "cases" in o.facts}
    assert statuses["kgz", PERIOD] == "refused"
    assert statuses["kaz", PERIOD] == statuses["uzb", PERIOD] == "accepted"
    assert statuses["tjk", PERIOD] == statuses["kaz", "2010-Q3"] == "missing"


def test_two_files_for_one_form_and_period_are_both_refused(con, tmp_path, curated):
    """Names are read in either case; which of two files counts is not guessed."""
    path = write(tmp_path / "raw", KAZ, slot_with(KAZ, "cases"), sample("cases", 6))
    path.with_name(path.name.upper()).write_bytes(path.read_bytes())
    receipts = receive_folder(con, tmp_path / "raw", OFFICES, curated)
    assert [(r.status, r.period, rules_of(r)) for r in receipts] == [("refused", PERIOD, ["two_files_for_one"])] * 2
    assert contents(con) == dict.fromkeys(TABLES, 0)


@pytest.fixture(scope="module")
def whole_sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, list[Receipt]]:
    """The landing zone of the sample quarters, taken in once for the tests below."""
    folder = tmp_path_factory.mktemp("sample")
    landing_zone(folder / "raw")
    with open_warehouse(folder / "curated") as con:
        return folder / "raw", folder / "curated", receive_folder(con, folder / "raw", OFFICES, folder / "curated")


def test_the_sample_quarters_are_accepted_without_a_finding(whole_sample):
    _, _, receipts = whole_sample
    assert {receipt.status for receipt in receipts} == {"accepted"}
    assert [str(finding) for receipt in receipts for finding in receipt.findings] == []


def test_every_sample_row_counts_once(whole_sample):
    _, curated, _ = whole_sample
    with open_warehouse(curated) as con:
        for name in facts():
            stored = con.execute(
                f"SELECT office, snapshot, count(*) FROM in_force_{name} GROUP BY ALL ORDER BY ALL"
            ).fetchall()
            sent = sorted((*key, len(records[name])) for key, records in SAMPLE.items() if records.get(name))
            assert stored == sent, name


def test_a_second_run_finds_nothing_to_do_and_loads_no_checks(whole_sample):
    raw, curated, receipts = whole_sample
    code = (
        "import sys; from pathlib import Path; from pipelines.contracts import contracts\n"
        "from pipelines.intake_folder import receive_folder; from pipelines.warehouse import open_warehouse\n"
        "raw, curated = map(Path, sys.argv[1:])\n"
        "with open_warehouse(curated) as con: some = receive_folder(con, raw, contracts(), curated)\n"
        "print(sorted({r.status for r in some}), len(some), 'great_expectations' in sys.modules)"
    )
    before = (curated / FILE_NAME).read_bytes()
    done = subprocess.run([sys.executable, "-c", code, raw, curated], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"['unchanged'] {len(receipts)} False"
    assert (curated / FILE_NAME).read_bytes() == before


def test_two_runs_at_once_take_each_file_in_once(tmp_path):
    raw, curated = tmp_path / "raw", tmp_path / "curated"
    write(raw, KAZ, slot_with(KAZ, "cases"), sample("cases", 6))
    code = (
        "import sys; from pathlib import Path; from pipelines.contracts import contracts\n"
        "from pipelines.intake_folder import receive_folder; from pipelines.warehouse import open_warehouse\n"
        "raw, curated = map(Path, sys.argv[1:])\n"
        "with open_warehouse(curated, wait_seconds=60) as con:\n"
        "    print(*(r.status for r in receive_folder(con, raw, contracts(), curated)))"
    )
    runs = [
        subprocess.Popen([sys.executable, "-c", code, raw, curated], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = sorted(run.communicate()[0].strip() for run in runs)
    assert [run.returncode for run in runs] == [0, 0]
    assert said == ["accepted", "unchanged"]
    with open_warehouse(curated) as con:
        assert (count(con, "ledger"), count(con, "in_force_cases")) == (1, 6)
