"""Tries: what was said each time, what the office has put right since, and ids that outlive a new try."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from duckdb import DuckDBPyConnection
from hypothesis import given
from hypothesis import strategies as st

from pipelines.attempts import Progress, attempt_of, findings_of
from pipelines.contracts import contracts
from pipelines.demo import sample_records
from pipelines.findings import Finding
from pipelines.identity import identified
from pipelines.intake import receive
from pipelines.receipts import Receipt
from pipelines.render import render
from pipelines.staging import ThisFile
from pipelines.warehouse import open_warehouse

KAZ = contracts()["kaz"]
PERIOD = "2010-Q4"
SLOT = KAZ.slots["cases"]
CASES = sample_records()["kaz", PERIOD]["cases"][:8]
HEADER = 1


@pytest.fixture
def con(tmp_path: Path) -> Iterator[DuckDBPyConnection]:
    with open_warehouse(tmp_path / "curated") as opened:
        yield opened


def sent(con: DuckDBPyConnection, folder: Path, *rows: dict[str, Any], change: Any = None) -> Receipt:
    path = folder / SLOT.file_name(PERIOD)
    content = render(KAZ, SLOT, PERIOD, {"cases": rows})
    path.write_bytes(change(content) if change else content)
    return receive(con, KAZ, path, folder / "curated")


def wrong(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "age": 200}


def without_a_column(content: bytes) -> bytes:
    return content.replace("Возраст".encode(), "Лета".encode(), 1)


def ids(receipt: Receipt, rule: str = "") -> list[str]:
    return [finding.id for finding in receipt.findings if finding.rule.startswith(rule)]


def tries(con: DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return con.execute("SELECT status, fixed, remaining, fresh FROM attempts ORDER BY attempt").fetchall()


def test_a_file_put_right_step_by_step_is_told_what_is_left(con, tmp_path):
    a, b, *good = CASES
    first = sent(con, tmp_path, a, b, *good, change=without_a_column)
    assert (first.status, first.progress) == ("refused", None)
    second = sent(con, tmp_path, wrong(a), wrong(b), *good)
    assert (second.status, second.rows_quarantined) == ("accepted", 2)
    assert second.progress == Progress(len(first.findings), 0, len(second.findings))
    third = sent(con, tmp_path, a, wrong(b), *good)
    assert third.progress == Progress(fixed=1, left=1, new=0)
    fourth = sent(con, tmp_path, a, b, *good)
    assert fourth.progress == Progress(fixed=1, left=0, new=0)
    assert fourth.findings == ()
    assert [status for status, *_ in tries(con)] == ["refused", "accepted", "accepted", "accepted"]


def test_the_id_of_a_finding_outlives_rows_put_in_above_it(con, tmp_path):
    a, b, c, *good = CASES
    before = sent(con, tmp_path, wrong(c), *good)
    after = sent(con, tmp_path, a, b, wrong(c), *good)
    assert ids(before, "cases.age.range") == ids(after, "cases.age.range")
    assert [finding.row for finding in after.findings] != [finding.row for finding in before.findings]


def test_ids_differ_within_a_file_and_from_store_to_store(con, tmp_path):
    a, b, *good = CASES
    here = sent(con, tmp_path, wrong(a), wrong(b), *good)
    assert len(set(ids(here))) == len(here.findings) == 2
    with open_warehouse(tmp_path / "other" / "curated") as other:
        there = sent(other, tmp_path / "other", wrong(a), wrong(b), *good)
    assert not set(ids(here)) & set(ids(there)), "the key of a row cannot be tried out against an id"


def test_a_refused_file_offered_again_is_one_try(con, tmp_path):
    for _ in range(3):
        receipt = sent(con, tmp_path, *CASES, change=without_a_column)
    assert tries(con) == [("refused", None, None, None)]
    assert findings_of(con, 1) == receipt.findings
    assert {finding.file for finding in receipt.findings} == {SLOT.file_name(PERIOD)}


def test_an_unchanged_file_says_again_what_it_was_told(con, tmp_path):
    a, *good = CASES
    first = sent(con, tmp_path, wrong(a), *good)
    again = sent(con, tmp_path, wrong(a), *good)
    assert (again.status, again.findings, again.progress) == ("unchanged", first.findings, first.progress)
    assert findings_of(con, attempt_of(con, 1)) == first.findings


def test_a_finding_about_a_cell_says_where_it_stands(con, tmp_path):
    (found,) = sent(con, tmp_path, *CASES[1:], wrong(CASES[0])).findings
    header = render(KAZ, SLOT, PERIOD, {"cases": []}).decode("utf-8-sig").strip().split(";")
    assert found.column is not None
    assert (header[found.column - 1], found.row) == ("Возраст", len(CASES) + HEADER)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 3), st.sampled_from(["age", "sex"])), max_size=12))
def test_ids_are_different_however_alike_the_findings_are(told):
    file = ThisFile("kaz", "KZ", "cases", PERIOD)
    findings = [Finding("f", "", row, field, rule, "warn", "en", "ru") for rule, row, field in told]
    con: Any = None  # no row has a key here: nothing is staged
    found = identified(con, file, (), findings, b"key")
    assert len({finding.id for finding in found}) == len(findings)
    assert found == identified(con, file, (), findings, b"key")
