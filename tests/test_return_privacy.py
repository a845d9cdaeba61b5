"""The return workbook repeats nothing that nobody looked at: whole files stay out, and what a file leaves is told."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from pipelines.findings import Finding
from pipelines.forms import FINDINGS_SHEET, HEADERS_SHEET, Contract, Slot
from pipelines.layout import layout
from pipelines.parse import parse
from pipelines.returns import READ_THROUGH, About, may_repeat_rows, return_workbook
from pipelines.rulebook import reading_findings
from tests.databases import quick
from tests.spoiled_files import SLOTS, changed, good, named, period_of, read, saved

CON = quick()
CANARY = "CANARY-4711"
PIPELINES = Path(__file__).resolve().parent.parent / "pipelines"
LOOKED_AT = About("kaz", "KZ", "KAZ_cases_2010-Q4.csv", "cases", "2010-Q4", "refused", may_copy=True)


# Every rule that a module of the intake names itself; rules of rows are named `<fact>.<what>` by `rules`.
RULES = {found.rule for found in reading_findings()}


def finding(rule: str) -> Finding:
    return Finding("KAZ_cases_2010-Q4.csv", "", 2, "", rule, "refuse", "en", "ru", column=1)


def test_the_rules_are_found():
    assert {"personal_data_header", "wrong_office", "unknown_file_name", "totals_differ", "unreadable_cell"} <= RULES
    assert len(RULES) >= 30
    assert READ_THROUGH <= RULES


@pytest.mark.parametrize("rule", sorted(RULES | {"personal_data_header", "personal_data_value", "a_rule_to_come"}))
def test_rows_are_repeated_only_after_rules_that_read_them(rule):
    assert may_repeat_rows(LOOKED_AT, [finding(rule)]) == (rule in READ_THROUGH)
    assert may_repeat_rows(LOOKED_AT, [finding("cases.age.range"), finding(rule)]) == (rule in READ_THROUGH)


def test_of_the_rules_that_refuse_a_file_these_alone_are_about_rows_that_were_read():
    assert {
        "unreadable_cell", "unreadable_column", "cell_of_other_kind", "unknown_kind_of_row", "totals_row_missing",
        "totals_differ", "too_many_rows_held", "hidden_rows", "hidden_columns", "hidden_sheet", "error_in_cell",
        "header_moved", "filled_from_above", "footnote_row", "totals_row_undeclared",
    } == READ_THROUGH  # fmt: skip


def test_rows_with_codes_of_another_office_are_not_repeated_to_this_one():
    assert may_repeat_rows(LOOKED_AT, [finding("cases.age.range")])
    assert not may_repeat_rows(LOOKED_AT, [finding("cases.case_ref.office")])


def test_without_the_word_of_the_gate_nothing_is_repeated():
    unknown = About("kaz", "KZ", "KAZ_cases_2010-Q4.csv", "cases", "2010-Q4", "accepted")
    assert not may_repeat_rows(unknown, [])


# Files of every office and slot that nobody read to the end


def with_canaries(contract: Contract, slot: Slot) -> bytes:
    """The sample's file with the canary in the first row of each sheet."""
    values = {
        (number, sheet.first_row, column): CANARY
        for number, sheet in enumerate(slot.sheets) for column in range(1, len(layout(sheet)) + 1)
        if any(row > sheet.first_row for row, _ in read(good(contract, slot), slot)[number])
    }  # fmt: skip
    return changed(good(contract, slot), slot, values)


def other_header(word: str) -> Callable[[Contract, Slot, bytes], bytes]:
    """Another word in the place of the last header of each sheet."""

    def change(contract: Contract, slot: Slot, content: bytes) -> bytes:
        del contract
        heads = {(n, s.first_row - 1): read(content, slot)[n] for n, s in enumerate(slot.sheets)}
        values = {(n, row, max(c for r, c in cells if r == row)): word for (n, row), cells in heads.items()}
        return changed(content, slot, values)

    return change


def without_head(contract: Contract, slot: Slot, content: bytes) -> bytes:
    del contract
    if content[:2] == b"PK":
        book = openpyxl.load_workbook(io.BytesIO(content))
        for sheet in slot.sheets:
            for merged in list(book[sheet.name].merged_cells.ranges):
                book[sheet.name].unmerge_cells(merged.coord)
            book[sheet.name].delete_rows(1, sheet.first_row - 1)
        return saved(book)
    return content.split(b"\n", 1)[1]


def cut(contract: Contract, slot: Slot, content: bytes) -> bytes:
    del contract, slot
    return content[:-30]


CHANGES = {
    "a name asked for": other_header("ФИО"),
    "an unknown header": other_header("Такого нет"),
    "no header": without_head,
    "cut off": cut,
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(("contract", "slot"), SLOTS, ids=named)
def test_nothing_of_a_file_that_was_not_read_through_is_in_any_part(contract, slot, change, tmp_path):
    content = CHANGES[change](contract, slot, with_canaries(contract, slot))
    path = tmp_path / slot.file_name(period_of(contract, slot))
    path.write_bytes(content)
    findings = parse(contract, slot, period_of(contract, slot), path, CON).findings
    assert any(one.severity == "refuse" for one in findings)
    # The gate itself may say no; the rows stay back even where the caller did not listen to it.
    said = About(contract.office, contract.place, path.name, slot.name, path.stem, "refused", may_copy=True)
    answer = return_workbook(said, findings, path, slot)
    with zipfile.ZipFile(io.BytesIO(answer)) as parts:
        assert [name for name in parts.namelist() if CANARY.encode() in parts.read(name)] == []
    book = openpyxl.load_workbook(io.BytesIO(answer))
    assert set(book.sheetnames) <= {FINDINGS_SHEET, HEADERS_SHEET}
    assert book.active.title == FINDINGS_SHEET
    if change == "an unknown header":
        _says_which_headers(book[HEADERS_SHEET], slot)


def _says_which_headers(page, slot: Slot) -> None:
    lines = [[cell.value for cell in row] for row in page.iter_rows(min_row=4)]
    form = [place.headers[0] for sheet in slot.sheets for place in layout(sheet)]
    assert [line[2] for line in lines if line[4] is None or "MISSING" in line[4]] == form
    assert sum("MISSING" in (line[4] or "") for line in lines) == len(slot.sheets)
    assert sum("NOT IN THE FORM" in (line[4] or "") for line in lines) == len(slot.sheets)


def test_a_file_of_no_form_is_answered_with_the_first_sheet_alone():
    one = Finding("x.csv", "", None, "", "unknown_file_name", "refuse", "Rename it.", "Переименуйте.")
    book = openpyxl.load_workbook(io.BytesIO(return_workbook(LOOKED_AT, [one], None, None)))
    assert book.sheetnames == [FINDINGS_SHEET]
    assert "Переименуйте." in {cell.value for row in book.active for cell in row}
