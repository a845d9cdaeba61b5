"""Running totals: what was sent is kept, what a quarter comes to is computed from it, and no stale number stands."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest
from duckdb import DuckDBPyConnection
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.calendars import Quarter, windows
from indicators.counted import create_views
from indicators.definitions import definitions
from indicators.engine import measure
from indicators.facts import facts
from indicators.figures import SHOWN, TOTAL, UNKNOWN, Reporting
from indicators.funding import life_start
from pipelines.contracts import Contract, ContractError, contracts
from pipelines.cycle import check_files, take_in_files
from pipelines.intake import receive
from pipelines.intake_folder import receive_folder
from pipelines.parse import parse, records
from pipelines.receipts import Receipt
from pipelines.render import render
from pipelines.retake import retake
from pipelines.rules import rules_for
from pipelines.running_rules import RISING_LINES
from pipelines.staging import ThisFile, prepare, rows_breaking
from pipelines.warehouse import open_warehouse
from tests.planted import accept, stage
from tests.running_totals import (
    DECLARED,
    WHOLE_FIRST,
    YEAR,
    Numbers,
    activities,
    kaz_text,
    lines,
    run_on,
    running_contract,
)
from tests.running_totals import KAZ as KAZ_FILE

A, B, C = lines(3)
RUNNING = running_contract()
SLOT = RUNNING.slots["activities"]


@pytest.fixture
def curated(tmp_path: Path) -> Path:
    return tmp_path / "curated"


@pytest.fixture
def con(curated: Path) -> Iterator[DuckDBPyConnection]:
    with open_warehouse(curated) as opened:
        yield opened


def write(raw: Path, period: str, numbers: Numbers, contract: Contract = RUNNING) -> Path:
    """A file with these numbers as the office sends them: since January."""
    path = raw / "kaz" / SLOT.file_name(period)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(render(contract, contract.slots["activities"], period, activities(period, numbers)))
    return path


@pytest.fixture
def take(con: DuckDBPyConnection, tmp_path: Path, curated: Path) -> Callable[..., Receipt]:
    def taken(period: str, numbers: Numbers, contract: Contract = RUNNING) -> Receipt:
        return receive(con, contract, write(tmp_path / "raw", period, numbers, contract), curated)

    return taken


def in_force(con: DuckDBPyConnection) -> dict[str, dict[Any, int | None]]:
    """What counts: quarter -> line -> number of the quarter alone."""
    found: dict[str, dict[Any, int | None]] = {}
    rows = con.execute("SELECT snapshot, channel, region, reached FROM in_force_activities ORDER BY ALL").fetchall()
    for period, channel, region, reached in rows:
        found.setdefault(period, {})[channel, region] = reached
    return found


def kinds(receipt: Receipt) -> set[str]:
    """`activities.reached.running_falls` -> `falls`."""
    return {finding.rule.rsplit("running_")[-1] for finding in receipt.findings}


# What a number comes to


def test_each_quarter_counts_what_it_adds_and_the_file_is_kept_as_it_was_sent(con, take):
    for period, number in zip(YEAR, (5, 5, 12, 40), strict=True):
        receipt = take(period, {A: number, B: 10 * number})
        assert (receipt.status, receipt.findings) == ("accepted", ())
    assert {period: of[A] for period, of in in_force(con).items()} == dict(zip(YEAR, (5, 0, 7, 28), strict=True))
    assert {period: of[B] for period, of in in_force(con).items()} == dict(zip(YEAR, (50, 0, 70, 280), strict=True))
    sent = con.execute("SELECT reached FROM activities WHERE channel = ? ORDER BY entry", [A[0]]).fetchall()
    assert [number for (number,) in sent if number % 10] == [5, 5, 12], "the row is what stands in the file"


def test_a_new_year_begins_anew_and_a_new_line_counts_whole(con, take):
    take("2010-Q4", {A: 50}, running_contract("2010-Q4", WHOLE_FIRST))
    take("2011-Q1", {A: 3}, running_contract("2010-Q4", WHOLE_FIRST))
    receipt = take("2011-Q2", {A: 4, B: 7}, running_contract("2010-Q4", WHOLE_FIRST))
    assert receipt.findings == ()
    assert in_force(con) == {"2010-Q4": {A: 50}, "2011-Q1": {A: 3}, "2011-Q2": {A: 1, B: 7}}


def test_a_number_that_is_not_recorded_stays_unknown_and_what_follows_cannot_be_told(con, take):
    assert take("2010-Q1", {A: None, B: 1, C: 1}).findings == ()
    assert kinds(take("2010-Q2", {A: 9, B: 2, C: 3})) == {"gap"}
    assert in_force(con) == {"2010-Q1": {A: None, B: 1, C: 1}, "2010-Q2": {B: 1, C: 2}}


@st.composite
def years(draw: st.DrawFn) -> list[dict[Any, int]]:
    """What each quarter adds to lines that, once there, stay until December."""
    some = draw(st.lists(st.sampled_from(lines(8)), min_size=1, max_size=5, unique=True))
    begins = {line: draw(st.integers(0, 3)) for line in some}
    return [{line: draw(st.integers(0, 500)) for line in some if begins[line] <= quarter} for quarter in range(4)]


@settings(max_examples=5)
@given(years())
def test_a_whole_year_written_as_running_totals_comes_back_quarter_by_quarter(tmp_path_factory, year):
    folder = tmp_path_factory.mktemp("year")
    alone = [activities(period, numbers) for period, numbers in zip(YEAR, year, strict=True)]
    with open_warehouse(folder / "curated") as con:
        for number, period in enumerate(YEAR):
            path = folder / SLOT.file_name(period)
            path.write_bytes(
                render(RUNNING, SLOT, period, run_on(RUNNING, SLOT, period, alone[number], alone[:number]))
            )
            assert receive(con, RUNNING, path, folder / "curated").findings == ()
        names = list(facts()["activities"].columns)
        came = con.execute(f"SELECT {', '.join(names)} FROM in_force_activities ORDER BY activity_ref").fetchall()
        assert [dict(zip(names, row, strict=True)) for row in came] == [r for one in alone for r in one["activities"]]


@settings(max_examples=10)
@given(years())
def test_parsing_gives_back_what_was_rendered_and_a_first_quarter_runs_on_from_nothing(tmp_path_factory, year):
    folder = tmp_path_factory.mktemp("file")
    alone = [activities(period, numbers) for period, numbers in zip(YEAR, year, strict=True)]
    assert run_on(RUNNING, SLOT, YEAR[0], alone[0], []) == alone[0]
    with duckdb.connect() as con:
        for number, period in enumerate(YEAR):
            sent = run_on(RUNNING, SLOT, period, alone[number], alone[:number])
            path = folder / SLOT.file_name(period)
            path.write_bytes(render(RUNNING, SLOT, period, sent))
            assert parse(RUNNING, SLOT, period, path, con).findings == ()
            assert records(con, "activities") == sent["activities"]


# What cannot be differenced


def test_without_an_earlier_quarter_the_file_waits_and_says_which(con, take):
    assert take("2010-Q1", {A: 1}).status == "accepted"
    early = take("2010-Q4", {A: 9, B: 9})
    assert (early.status, kinds(early)) == ("refused", {"needs_q2", "needs_q3", "too_many_rows_held"})
    assert any("Q2" in f.message_en and "Q2" in f.message_ru for f in early.findings)
    assert take("2010-Q2", {A: 2, B: 1}).status == "accepted"
    assert kinds(take("2010-Q4", {A: 9, B: 9})) == {"needs_q3", "too_many_rows_held"}
    take("2010-Q3", {A: 3, B: 1})
    assert take("2010-Q4", {A: 9, B: 9}).findings == ()
    assert in_force(con)["2010-Q4"] == {A: 6, B: 8}


def test_a_first_quarter_in_the_middle_of_a_year_cannot_be_differenced_unless_it_is_declared_whole(con, take):
    contract = running_contract("2010-Q3")
    receipt = take("2010-Q3", {A: 30}, contract)
    assert (receipt.status, kinds(receipt)) == ("refused", {"begins_before", "too_many_rows_held"})
    assert any("2010-Q3" in finding.message_en for finding in receipt.findings)
    assert kinds(take("2010-Q4", {A: 31}, contract)) == {"needs_q3", "too_many_rows_held"}
    assert take("2011-Q1", {A: 2}, contract).findings == ()
    whole = running_contract("2010-Q3", WHOLE_FIRST)
    assert take("2010-Q3", {A: 30}, whole).findings == ()
    assert take("2010-Q4", {A: 31}, whole).findings == ()
    assert in_force(con) == {"2010-Q3": {A: 30}, "2010-Q4": {A: 1}, "2011-Q1": {A: 2}}


@pytest.mark.parametrize(
    ("before", "now", "held"),
    [
        ({A: 5, B: 5, C: 5}, {A: 4, B: 5, C: 6}, {"falls": 1}),
        ({A: 5, B: 5, C: 5}, {A: None, B: 5, C: 6}, {}),
        ({A: None, B: 5, C: 5}, {A: 5, B: 5, C: 6}, {"gap": 1}),
    ],
)
def test_rows_that_cannot_be_differenced_are_held_back(con, take, before, now, held):
    take("2010-Q1", before)
    receipt = take("2010-Q2", now)
    assert (receipt.status, receipt.rows_quarantined) == ("accepted", sum(held.values()))
    assert kinds(receipt) == set(held)


def test_two_rows_for_one_line_are_both_held_back(con, tmp_path, curated):
    some = activities("2010-Q1", {A: 1, B: 2, C: 3, lines(4)[0]: 4, lines(5)[0]: 5})
    some["activities"][1] |= {"channel": A[0], "region": A[1]}
    path = tmp_path / SLOT.file_name("2010-Q1")
    path.write_bytes(render(RUNNING, SLOT, "2010-Q1", some))
    receipt = receive(con, RUNNING, path, curated)
    assert [(f.row, f.rule) for f in receipt.findings] == [(n, "activities.reached.running_double") for n in (2, 3)]
    # The line may be one of those held back, so the next quarter cannot take it for a new one.
    path = tmp_path / SLOT.file_name("2010-Q2")
    path.write_bytes(render(RUNNING, SLOT, "2010-Q2", activities("2010-Q2", {A: 9, C: 4, lines(4)[0]: 4})))
    assert [f.rule for f in receive(con, RUNNING, path, curated).findings] == ["activities.reached.running_gap"]


def test_a_line_that_skips_a_quarter_is_held_back(con, take):
    for period, numbers in zip(YEAR, ({A: 1, B: 1}, {B: 2}, {A: 3, B: 3}), strict=False):
        receipt = take(period, numbers)
    assert (receipt.rows_quarantined, kinds(receipt)) == (1, {"gap"})
    assert in_force(con)["2010-Q3"] == {B: 1}


# Corrections


def people_reached(con: DuckDBPyConnection) -> dict[str, tuple[str, int | None]]:
    """The figure of Kazakhstan for the first two quarters: whether it is shown, and the number."""
    create_views(con)
    quarters = [Quarter.parse(period) for period in YEAR[:2]]
    owed = frozenset(("KZ", "activities", period) for period in YEAR[:2])
    catalogue = {"C02": definitions()["C02"]}
    counted = measure(con, catalogue, windows(quarters, life_start()), Reporting(owed, owed))
    return {
        f.period: (f.status, None if f.numerator is None else int(f.numerator))
        for f in counted if (f.calendar, f.place, f.breakdown) == ("quarter", "KZ", TOTAL)
    }  # fmt: skip


def test_a_corrected_quarter_changes_what_the_next_comes_to(con, take):
    take("2010-Q1", {A: 5, B: 5})
    take("2010-Q2", {A: 9, B: 9})
    take("2010-Q1", {A: 7, B: 5})
    assert in_force(con) == {"2010-Q1": {A: 7, B: 5}, "2010-Q2": {A: 2, B: 4}}


def test_a_number_that_a_correction_makes_impossible_is_unknown_at_once_and_then_held_back(con, take, curated):
    take("2010-Q1", {A: 5, B: 5, C: 1})
    take("2010-Q2", {A: 9, B: 9, C: 2})
    corrected = take("2010-Q1", {A: 12, B: 5, C: 1})
    assert in_force(con)["2010-Q2"] == {A: None, B: 4, C: 1}, "unknown, neither -3 nor 4"
    again = retake(con, {"kaz": RUNNING}, [corrected], curated)
    assert [(r.period, r.status, r.rows_quarantined) for r in again] == [("2010-Q2", "accepted", 1)]
    assert kinds(again[0]) == {"falls"}
    assert in_force(con)["2010-Q2"] == {B: 4, C: 1}
    # And back: the row that waited comes in by itself.
    corrected = take("2010-Q1", {A: 6, B: 5, C: 1})
    assert [r.findings for r in retake(con, {"kaz": RUNNING}, [corrected], curated)] == [()]
    assert in_force(con)["2010-Q2"] == {A: 3, B: 4, C: 1}
    assert retake(con, {"kaz": RUNNING}, [corrected], curated) == [], "nothing is left to change"


def test_where_judging_again_refuses_the_file_its_numbers_stay_unknown(con, take, curated):
    """The figure says so; the file that is in force is neither taken at its word nor dropped without a trace."""
    take("2010-Q1", {A: 5, B: 5})
    take("2010-Q2", {A: 9, B: 9})
    corrected = take("2010-Q1", {A: 20, B: 20})
    (again,) = retake(con, {"kaz": RUNNING}, [corrected], curated)
    assert (again.status, kinds(again)) == ("refused", {"falls", "too_many_rows_held"})
    assert in_force(con)["2010-Q2"] == {A: None, B: None}
    assert people_reached(con) == {"2010-Q1": (SHOWN, 40), "2010-Q2": (UNKNOWN, None)}


def test_a_correction_that_holds_a_line_back_leaves_no_whole_number_in_the_next_quarter(con, tmp_path, curated, take):
    """Without its line of the first quarter, the second would seem to begin it."""
    take("2010-Q1", {A: 5, B: 5, C: 1})
    take("2010-Q2", {A: 9, B: 9, C: 2})
    held = activities("2010-Q1", {A: 5, B: 5, C: 1})
    held["activities"][0]["held_on"] = None
    path = tmp_path / SLOT.file_name("2010-Q1")
    path.write_bytes(render(RUNNING, SLOT, "2010-Q1", held))
    assert receive(con, RUNNING, path, curated).rows_quarantined == 1
    assert in_force(con)["2010-Q2"] == {A: None, B: 4, C: 1}


def test_a_later_quarter_is_judged_again_with_the_folder_even_when_it_no_longer_lies_there(con, tmp_path, curated):
    raw = tmp_path / "raw"
    write(raw, "2010-Q1", {A: 5, B: 5, C: 5})
    later = write(raw, "2010-Q2", {A: 9, B: 9, C: 9})
    assert {r.status for r in receive_folder(con, raw, {"kaz": RUNNING}, curated)} == {"accepted"}
    write(raw, "2010-Q1", {A: 10, B: 5, C: 5})
    found = receive_folder(con, raw, {"kaz": RUNNING}, curated)
    assert [(r.period, r.status, r.rows_quarantined) for r in found] == [
        ("2010-Q1", "accepted", 0), ("2010-Q2", "accepted", 1),
    ]  # fmt: skip
    later.unlink()
    write(raw, "2010-Q1", {A: 5, B: 10, C: 5})
    found = receive_folder(con, raw, {"kaz": RUNNING}, curated)
    assert [(r.period, r.status, kinds(r)) for r in found] == [
        ("2010-Q1", "accepted", set()), ("2010-Q2", "accepted", {"falls"}),
    ]  # fmt: skip
    assert in_force(con)["2010-Q2"] == {A: 4, C: 4}


def test_single_files_and_their_preview_judge_later_quarters_again(tmp_path, curated, monkeypatch):
    monkeypatch.setattr("pipelines.cycle.contracts", lambda: {"kaz": RUNNING})
    raw = tmp_path / "raw"
    sent = [write(raw, "2010-Q1", {A: 5, B: 5, C: 5}), write(raw, "2010-Q2", {A: 9, B: 9, C: 9})]
    take_in_files(sent, curated)
    corrected = write(raw, "2010-Q1", {A: 10, B: 5, C: 5})
    for receipts in (check_files([corrected], curated), take_in_files([corrected], curated)):
        assert [(r.period, r.status, r.rows_quarantined) for r in receipts] == [
            ("2010-Q1", "accepted", 0), ("2010-Q2", "accepted", 1),
        ]  # fmt: skip


# Undeclared running totals


KAZ = contracts()["kaz"]
(SUSPECTED,) = [rule for rule in rules_for(facts()["activities"], KAZ) if rule.id.endswith("running_suspected")]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBPyConnection]:
    """One warehouse for the questions below, which empty it themselves."""
    with open_warehouse(tmp_path_factory.mktemp("store")) as opened:
        yield opened


def suspected(con: DuckDBPyConnection, before: Numbers, now: Numbers) -> int:
    """How many rows of a quarter look like running totals beside the quarter before."""
    fact = facts()["activities"]
    con.execute("TRUNCATE ledger")
    con.execute("TRUNCATE activities")
    accept(con, fact, activities("2010-Q3", before)["activities"], 1, "kaz", "KZ", "activities", "2010-Q3")
    stage(con, fact, "KZ", activities("2010-Q4", now)["activities"])
    prepare(con, ThisFile("kaz", "KZ", "activities", "2010-Q4"), ["activities"], [SUSPECTED])
    return len(rows_breaking(con, SUSPECTED, 1000))


def looks_running(before: Mapping[Any, int], now: Mapping[Any, int]) -> int:
    """The same said in Python."""
    both = [(before[line], now[line]) for line in before.keys() & now.keys()]
    rising = sum(earlier < later for earlier, later in both)
    return rising if rising >= RISING_LINES and all(earlier <= later for earlier, later in both) else 0


@given(st.data())
def test_a_column_is_suspected_exactly_when_many_lines_rise_and_none_falls(store, data):
    numbers = st.dictionaries(st.sampled_from(lines(12)), st.integers(0, 3), min_size=8)
    before = data.draw(numbers)
    steps = st.integers(-1, 2) if data.draw(st.booleans()) else st.integers(0, 2)
    now = {line: max(0, number + data.draw(steps)) for line, number in before.items()}
    now |= data.draw(st.dictionaries(st.sampled_from(lines(14)[:2]), st.integers(0, 3)))
    assert suspected(store, before, now) == looks_running(before, now)


@pytest.mark.parametrize("seed", range(5))
def test_totals_since_january_are_suspected_in_every_quarter_but_the_first(store, seed):
    chance = random.Random(seed)
    some = lines(RISING_LINES + 2)
    year = list(accumulate(({line: chance.randint(1, 90) for line in some} for _ in YEAR), _added))
    assert [suspected(store, before, now) for before, now in pairwise(year)] == [len(some)] * 3


def _added(one: Mapping[Any, int], other: Mapping[Any, int]) -> dict[Any, int]:
    return {line: number + other[line] for line, number in one.items()}


def test_numbers_by_the_quarter_are_suspected_as_rarely_as_is_said(store):
    """One file in 256 at most, at the fewest lines that can raise an alarm; with more lines it is none at all."""
    chance = random.Random(1)
    alarms = {
        number: sum(bool(suspected(store, _quarter(chance, number), _quarter(chance, number))) for _ in range(times))
        for number, times in ((RISING_LINES, 100), (27, 20))
    }
    assert alarms[27] == 0
    assert alarms[RISING_LINES] <= 3, "less than one is expected; more than three come about once in 1 500 runs"


def _quarter(chance: random.Random, number: int) -> dict[Any, int]:
    return {line: chance.randint(0, 500) for line in lines(number)}


def test_a_declared_running_total_is_not_suspected_as_well():
    rules = {rule.id.rsplit(".", 1)[-1] for rule in rules_for(facts()["activities"], RUNNING)}
    assert "running_falls" in rules
    assert "running_suspected" not in rules
    assert "running_begins_before" not in rules, "the office's first quarter is the year's"


# The declaration


FAULTS = [
    ('running = ["reached"]\n', "slot activities: running must be a table"),
    ('running = { column = "reached" }\n', "slot activities: running: there is no key column"),
    ('running = { columns = "reached", by = 1 }\n', "running: by must be a text or a list of texts"),
    (WHOLE_FIRST.replace("true", '"yes"'), "running: first_is_whole must be true or false"),
    ('running = { columns = ["reached"] }\n', "activities: running: columns and by must each name a column"),
    (DECLARED.replace('"reached"', '"hours"'), "columns: hours is nothing that adds up; activities has reached"),
    (DECLARED.replace('"region"', '"place"'), "by: activities gives no column place here"),
    (DECLARED.replace('"region"', '"held_on"'), "by: held_on does not stay the same"),
    (DECLARED.replace('"region"', '"activity_ref"'), "by: activity_ref does not stay the same"),
]


@pytest.mark.parametrize(("declared", "said"), FAULTS, ids=[said for _, said in FAULTS])
def test_a_wrong_declaration_is_said(tmp_path, declared, said):
    (tmp_path / "kaz.toml").write_text(kaz_text(declared=declared), encoding="utf-8")
    with pytest.raises(ContractError, match=re.escape(said)):
        contracts(tmp_path)


def test_every_fault_of_a_declaration_is_said_at_once(tmp_path):
    (tmp_path / "kaz.toml").write_text(
        kaz_text(declared='running = { columns = ["channel"], by = ["held_on", "nothing"] }\n'), encoding="utf-8"
    )
    with pytest.raises(ContractError) as raised:
        contracts(tmp_path)
    assert len(raised.value.faults) == 3


@pytest.mark.parametrize(("begins", "is_right"), [("2011-Q1", True), ("2011-Q2", False)])
def test_numbers_may_begin_to_run_on_with_a_year_only(tmp_path, begins, is_right):
    version = f'[[version]]\nfrom = "{begins}"\n[version.slots.activities]\n{DECLARED}'
    (tmp_path / "kaz.toml").write_text(f"{kaz_text(declared='')}\n{version}", encoding="utf-8")
    if is_right:
        rules = {rule.id for rule in rules_for(facts()["activities"], contracts(tmp_path)["kaz"])}
        assert {f"activities.reached.running_{kind}" for kind in ("falls", "suspected")} <= rules
    else:
        with pytest.raises(ContractError, match="may change with the first quarter of a year, not 2011-Q2"):
            contracts(tmp_path)


def test_a_repeated_group_cannot_hold_running_totals(tmp_path):
    text = KAZ_FILE.with_name("kgz.toml").read_text(encoding="utf-8")
    heading = "[slots.workbook.sheets.training.groups.participants]\n"
    declared = 'running = { columns = ["headcount"], by = ["profession"] }\n'
    (tmp_path / "kgz.toml").write_text(text.replace(heading, heading + declared), encoding="utf-8")
    with pytest.raises(ContractError, match="a repeated group cannot hold running totals"):
        contracts(tmp_path)
