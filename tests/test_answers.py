"""What an office gets back: its file with remarks while something is wrong, and nothing once it is right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipelines.answers import RETURNS
from pipelines.contracts import Contract, contracts
from pipelines.cycle import check_files, programme_contracts, take_in_files
from pipelines.demo import sample_records
from pipelines.forms import FINDINGS_SHEET, Slot
from pipelines.receipts import Receipt
from pipelines.render import render
from pipelines.returns import return_name

PERIOD = "2010-Q4"
SAMPLE = sample_records()
WITH_CASES = [
    (contract, slot)
    for contract in programme_contracts().values()
    if (contract.office, PERIOD) in SAMPLE
    for slot in contract.slots.values()
    if "cases" in slot.facts
]


def named(value: Contract | Slot) -> str:
    return value.office if isinstance(value, Contract) else value.name


def sent(folder: Path, contract: Contract, slot: Slot, **change: Any) -> Receipt:
    """Take the cases of the sample in, with a change to the first; services may belong to an earlier quarter."""
    first, *rest = SAMPLE[contract.office, PERIOD]["cases"]
    path = folder / "raw" / contract.office / slot.file_name(PERIOD)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(render(contract, slot, PERIOD, {"cases": [{**first, **change}, *rest]}))
    (receipt,) = take_in_files([path], folder / "curated")
    return receipt


def texts(path: Path) -> str:
    book = openpyxl.load_workbook(path)
    return "\n".join(str(cell.value) for row in book[FINDINGS_SHEET].iter_rows() for cell in row if cell.value)


@pytest.mark.parametrize(("contract", "slot"), WITH_CASES, ids=named)
def test_an_office_is_told_what_is_left_until_nothing_is(contract, slot, tmp_path):
    wrong = sent(tmp_path, contract, slot, age=200)
    assert (wrong.status, wrong.rows_quarantined > 0) == ("accepted", True)
    assert wrong.returned is not None
    assert wrong.returned == tmp_path / "curated" / RETURNS / contract.office / PERIOD / return_name(wrong.file_name)
    assert wrong.returned.stat().st_mode & 0o777 == 0o600
    said = texts(wrong.returned)
    assert [finding.id for finding in wrong.findings if finding.id not in said] == []
    again = sent(tmp_path, contract, slot, age=200)
    assert (again.status, again.returned) == ("unchanged", wrong.returned)
    right = sent(tmp_path, contract, slot, age=20)
    assert (right.status, right.findings, right.returned) == ("accepted", (), None)
    assert right.progress is not None
    assert (right.progress.fixed, right.progress.left) == (len(wrong.findings), 0)
    assert not wrong.returned.exists()


def test_an_answer_that_is_gone_is_written_again(tmp_path):
    contract, slot = contracts()["kaz"], contracts()["kaz"].slots["cases"]
    first = sent(tmp_path, contract, slot, age=200)
    assert first.returned is not None
    content = first.returned.read_bytes()
    first.returned.unlink()
    assert sent(tmp_path, contract, slot, age=200).returned == first.returned
    assert first.returned.read_bytes() == content


def test_a_check_answers_in_words_alone(tmp_path):
    slot = contracts()["kaz"].slots["cases"]
    path = tmp_path / "kaz" / slot.file_name(PERIOD)
    path.parent.mkdir()
    path.write_bytes(b"")
    (receipt,) = check_files([path], tmp_path / "curated")
    assert (receipt.status, receipt.returned) == ("refused", None)
    assert not (tmp_path / "curated").exists()
