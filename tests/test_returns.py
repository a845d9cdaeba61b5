"""The return workbook: every finding on its own cell, everything else as the office sent it, and good to send back."""

from __future__ import annotations

import csv
import io
import re
import stat
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.findings import Finding, Severity
from pipelines.forms import CSV, FINDINGS_SHEET, Contract, Slot
from pipelines.intake import receive
from pipelines.parse import parse, records
from pipelines.return_marks import AUTHOR, TONES
from pipelines.returns import About, clear_return, return_name, return_workbook, write_return
from pipelines.warehouse import open_warehouse
from tests.databases import quick
from tests.spoiled_files import NOT_UNDERSTOOD, SLOTS, Place, changed, good, named, period_of, read, saved, spoiled

CON = quick()
PERIOD = "2010-Q4"
COLOURS = {tone.colour for tone in TONES.values()}
ALL_SLOTS = pytest.mark.parametrize(("contract", "slot"), SLOTS, ids=named)


@dataclass(frozen=True)
class Returned:
    """A spoiled file, what was found in it, and the workbook that goes back."""

    contract: Contract
    slot: Slot
    faults: dict[Place, Any]
    sent: bytes
    path: Path
    about: About
    findings: list[Finding]
    content: bytes

    @cached_property
    def book(self) -> Any:
        return openpyxl.load_workbook(io.BytesIO(self.content))

    def page(self, number: int) -> Any:
        name = self.slot.sheets[number].name
        return self.book[name] if name else self.book.worksheets[-1]


def with_ids(findings: Any) -> list[Finding]:
    return [replace(one, id=f"F-{n:07d}") for n, one in enumerate(findings)]


def about(contract: Contract, slot: Slot, file_name: str, **named: Any) -> About:
    given: dict[str, Any] = {"status": "refused", "may_copy": True} | named
    return About(contract.office, contract.place, file_name, slot.name, period_of(contract, slot), **given)


@pytest.fixture(scope="module")
def answer(tmp_path_factory) -> Iterator[Callable[[Contract, Slot], Returned]]:
    """Spoil the sample's file of a slot, take it in, and answer it; each slot once."""
    known: dict[tuple[str, str], Returned] = {}
    curated = tmp_path_factory.mktemp("curated")
    with open_warehouse(curated) as con:

        def answered(contract: Contract, slot: Slot) -> Returned:
            key = (contract.office, slot.name)
            if key not in known:
                faults = spoiled(contract, slot)
                sent = changed(good(contract, slot), slot, faults)
                path = tmp_path_factory.mktemp(contract.office) / slot.file_name(period_of(contract, slot))
                path.write_bytes(sent)
                receipt = receive(con, contract, path, curated)
                said = about(
                    contract, slot, path.name, status=receipt.status, rows_taken=receipt.rows_accepted,
                    rows_held=receipt.rows_quarantined, fixed=1, left=2, new=3,
                )  # fmt: skip
                found = with_ids(receipt.findings)
                known[key] = Returned(
                    contract, slot, faults, sent, path, said, found, return_workbook(said, found, path, slot)
                )
            return known[key]

        yield answered


def parsed(contract: Contract, slot: Slot, content: bytes, folder: Path, suffix: str) -> tuple[list[Finding], Any]:
    path = (folder / slot.file_name(period_of(contract, slot))).with_suffix(suffix)
    path.write_bytes(content)
    findings = list(parse(contract, slot, period_of(contract, slot), path, CON).findings)
    is_out = any(one.severity == "refuse" for one in findings)
    return findings, None if is_out else {name: records(CON, name) for name in slot.facts}


def marked(page: Any) -> dict[tuple[int, int], Any]:
    """The cells of a sheet that carry a comment of ours."""
    return {(c.row, c.column): c for row in page for c in row if c.comment}


# Every office and slot


@ALL_SLOTS
def test_the_cells_of_the_findings_are_marked_and_no_others(contract, slot, answer):
    one = answer(contract, slot)
    for number, sheet in enumerate(slot.sheets):
        cells = marked(one.page(number))
        own = [f for f in one.findings if f.sheet == sheet.name and (f.row is not None or len(slot.sheets) == 1)]
        exact = {(f.row, f.column) for f in own if f.row is not None and f.column is not None}
        assert {(r, c) for n, r, c in one.faults if n == number} <= exact <= set(cells)
        rows = {f.row for f in own if f.row is not None} | {sheet.first_row - 1, sheet.first_row - 2}
        assert {row for row, _ in cells} <= rows
        coloured = {(c.row, c.column) for row in one.page(number) for c in row if c.fill.fgColor.rgb in COLOURS}
        assert coloured == set(cells)
        for (row, column), cell in cells.items():
            said = [f for f in own if (f.row, f.column) == (row, column)]
            assert all(f.id in cell.comment.text for f in said)
            assert all(f.message_ru in cell.comment.text and f.message_en in cell.comment.text for f in said)
            assert cell.comment.author == AUTHOR
            assert cell.comment.text.startswith(tuple(tone.word for tone in TONES.values()))


@ALL_SLOTS
def test_everything_else_is_as_the_office_sent_it(contract, slot, answer):
    one = answer(contract, slot)
    assert read(one.content, slot) == read(one.sent, slot)


@ALL_SLOTS
def test_the_first_sheet_names_every_finding_in_both_languages_with_a_way_to_its_cell(contract, slot, answer):
    one = answer(contract, slot)
    page = one.book.active
    assert page.title == FINDINGS_SHEET == one.book.sheetnames[0]
    rows = {row[0].value: row for row in page.iter_rows() if row[0].value}
    texts = "\n".join(str(c.value) for row in page for c in row if c.value)
    for finding in one.findings:
        assert finding.id in rows
        assert finding.message_ru in texts
        assert finding.message_en in texts
        link = rows[finding.id][3].hyperlink
        if finding.row is not None and finding.column is not None:
            name, _, cell = link.location.rpartition("!")
            found = one.book[name.strip("'")][cell]
            assert (found.row, found.column) == (finding.row, finding.column)
            assert finding.id in found.comment.text
    assert not re.search(r"[a-z_]+\.[a-z_]+\.[a-z_]+|[0-9a-f]{40}", texts), "rule ids and hashes are ours alone"
    assert one.path.name in texts


@ALL_SLOTS
def test_the_corrected_workbook_is_good_to_send_back(contract, slot, answer, tmp_path):
    one = answer(contract, slot)
    whole = read(good(contract, slot), slot)
    repaired = changed(one.content, slot, {p: whole[p[0]][p[1:]] for p in one.faults})
    findings, found = parsed(contract, slot, repaired, tmp_path, ".xlsx")
    assert [str(f) for f in findings] == []
    own = parsed(contract, slot, good(contract, slot), tmp_path, Path(slot.file_pattern).suffix)
    assert found == own[1]


@ALL_SLOTS
def test_what_comes_back_unchanged_has_the_same_findings_and_keeps_no_old_marks(contract, slot, answer, tmp_path):
    one = answer(contract, slot)
    before = parse(contract, slot, period_of(contract, slot), one.path, CON).findings
    path = one.path.with_suffix(".xlsx") if slot.form.format == CSV else tmp_path / one.path.name
    path.write_bytes(one.content)
    again = parse(contract, slot, period_of(contract, slot), path, CON).findings
    assert [replace(f, file="") for f in again] == [replace(f, file="") for f in before]
    fewer = with_ids(again)[:1]
    second = return_workbook(about(contract, slot, path.name), fewer, path, slot)
    assert read(second, slot) == read(one.sent, slot)
    pages = openpyxl.load_workbook(io.BytesIO(second)).worksheets[1:]
    assert sum(len(marked(page)) for page in pages) == len(fewer)
    assert sum(c.fill.fgColor.rgb in COLOURS for page in pages for row in page for c in row) == len(fewer)


@ALL_SLOTS
def test_the_same_file_gives_the_same_bytes(contract, slot, answer):
    one = answer(contract, slot)
    assert return_workbook(one.about, one.findings, one.path, slot) == one.content


@ALL_SLOTS
def test_findings_without_ids_are_told_all_the_same(contract, slot, answer):
    one = answer(contract, slot)
    content = return_workbook(one.about, [replace(f, id="") for f in one.findings], one.path, slot)
    page = openpyxl.load_workbook(io.BytesIO(content)).active
    texts = "\n".join(str(c.value) for row in page for c in row if c.value)
    assert all(f.message_ru in texts for f in one.findings)


# One form or the other

SLOT = {(c.office, s.name): (c, s) for c, s in SLOTS}
KAZ, CASES = SLOT["kaz", "cases"]
KGZ, WORKBOOK = SLOT["kgz", "workbook"]


def answered(contract: Contract, slot: Slot, content: bytes, folder: Path) -> tuple[Any, list[Finding]]:
    path = folder / slot.file_name(period_of(contract, slot))
    path.write_bytes(content)
    found = with_ids(parse(contract, slot, period_of(contract, slot), path, CON).findings)
    done = return_workbook(about(contract, slot, path.name), found, path, slot)
    return openpyxl.load_workbook(io.BytesIO(done)), found


def test_a_wrong_total_is_marked_in_the_row_of_totals(tmp_path):
    cells = read(good(KGZ, WORKBOOK), WORKBOOK)[0]
    last = max(row for row, _ in cells)
    (column,) = [c for r, c in cells if r == 3 and cells[r, c] == "Детей"]
    book, found = answered(KGZ, WORKBOOK, changed(good(KGZ, WORKBOOK), WORKBOOK, {(0, last, column): 99}), tmp_path)
    assert [f.rule for f in found] == ["totals_differ"]
    assert list(marked(book["Дела"])) == [(last, column)]


def test_a_missing_row_of_totals_is_told_on_the_first_sheet_alone(tmp_path):
    book = openpyxl.load_workbook(io.BytesIO(good(KGZ, WORKBOOK)))
    book["Дела"].delete_rows(book["Дела"].max_row)
    given_back, found = answered(KGZ, WORKBOOK, saved(book), tmp_path)
    assert [f.rule for f in found] == ["totals_row_missing"]
    assert marked(given_back["Дела"]) == {}


def test_a_finding_about_a_column_marks_its_header_even_in_a_merged_one(tmp_path):
    path = tmp_path / WORKBOOK.file_name(PERIOD)
    path.write_bytes(good(KGZ, WORKBOOK))
    column = Finding(path.name, "Дела", None, "sex", "unreadable_column", "refuse", "en", "ru", 1200)
    rest = Finding(path.name, "", None, "delivered_on", "assistance.delivered_on.period", "quarantine", "en2", "ru2", 7)
    content = return_workbook(about(KGZ, WORKBOOK, path.name), with_ids([column, rest]), path, WORKBOOK)
    page = openpyxl.load_workbook(io.BytesIO(content))["Дела"]
    cells = marked(page)
    assert {cell.value for cell in cells.values()} == {"Пол", "Дата"}
    assert {row for row, _ in cells} == {3, 4}, "a merged header shows in its upper cell"


def test_several_findings_of_one_cell_are_one_comment_with_the_worst_first(tmp_path):
    path = tmp_path / CASES.file_name(PERIOD)
    path.write_bytes(good(KAZ, CASES))
    severities: tuple[Severity, ...] = ("warn", "refuse", "quarantine")
    found = [Finding(path.name, "", 3, "age", "cases.age.range", s, f"{s} en", f"{s} ru", column=7) for s in severities]
    row = Finding(path.name, "", 4, "", "cell_of_other_kind", "quarantine", "row en", "row ru")
    content = return_workbook(about(KAZ, CASES, path.name), with_ids([*found, row]), path, CASES)
    cells = marked(openpyxl.load_workbook(io.BytesIO(content)).worksheets[1])
    assert set(cells) == {(3, 7), (4, 1)}
    text = cells[3, 7].comment.text
    assert text.startswith(TONES["refuse"].word)
    assert text.index("refuse ru") < text.index("quarantine ru") < text.index("warn ru")
    assert cells[3, 7].fill.fgColor.rgb == TONES["refuse"].colour
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        (drawing,) = (parts.read(name).decode() for name in parts.namelist() if name.endswith(".vml"))
    heights = [int(height) for height in re.findall(r"height:(\d+)px", drawing)]
    assert min(heights) >= 60
    assert max(heights) >= 180, "eleven lines are to be read"


def test_two_hundred_equal_findings_are_one_line_that_opens(tmp_path):
    path = tmp_path / CASES.file_name(PERIOD)
    path.write_bytes(good(KAZ, CASES))
    found = with_ids(
        Finding(path.name, "", row, "age", "cases.age.range", "quarantine", "too old", "велик", column=7)
        for row in range(2, 202)
    )
    page = openpyxl.load_workbook(io.BytesIO(return_workbook(about(KAZ, CASES, path.name), found, path, CASES))).active
    lines = [row for row in page.iter_rows() if row[6].value == "велик"]
    assert [row[8].value for row in lines] == [200]
    at = lines[0][0].row
    assert page.row_dimensions[at].collapsed
    below = [page.row_dimensions[n] for n in range(at + 1, at + 201)]
    assert all(row.hidden and row.outlineLevel == 1 for row in below)
    assert [page.cell(n, 1).value for n in range(at + 1, at + 201)] == [one.id for one in found]


SIGNS = ["=1+1", "+1", "-x", "@SUM(A1)", '=HYPERLINK("a";"b")', "_x0041_", "\tx", "x\x0by"]
IN_A_WORKBOOK = [sign for sign in SIGNS if sign.isprintable()]


@pytest.mark.parametrize(
    ("contract", "slot", "sign"),
    [*((KAZ, CASES, sign) for sign in SIGNS), *((KGZ, WORKBOOK, sign) for sign in IN_A_WORKBOOK)],
)
def test_a_cell_never_becomes_a_formula(contract, slot, sign, tmp_path):
    place = next(p for p, value in spoiled(contract, slot).items() if value == NOT_UNDERSTOOD)
    book, found = answered(contract, slot, changed(good(contract, slot), slot, {place: sign}), tmp_path)
    cell = book.worksheets[1].cell(place[1], place[2])
    assert found
    assert cell.data_type == "s"
    assert cell.value.strip().replace("\ufffd", "\x0b") == sign.strip()
    assert cell.quotePrefix == (sign[0] in "=+-@\t")


def test_only_what_the_form_knows_is_given_back(tmp_path):
    book = openpyxl.load_workbook(io.BytesIO(good(KGZ, WORKBOOK)))
    page = book["Дела"]
    book.properties.creator = book.properties.title = "CANARY-4711"
    page["A1"].value = "Составила: CANARY-4711"
    page["B6"].comment = openpyxl.comments.Comment("CANARY-4711", "esep")
    page["B6"].hyperlink = "https://example.org/CANARY-4711"
    page["C6"].number_format = '0" CANARY-4711"'
    page["G5"].value = "не то"
    page.oddFooter.center.text = "CANARY-4711"
    page.row_dimensions[7].hidden = True
    check = openpyxl.worksheet.datavalidation.DataValidation(type="list", formula1='"CANARY-4711"')
    check.add("D6")
    page.add_data_validation(check)
    book.defined_names["CANARY4711"] = openpyxl.workbook.defined_name.DefinedName("CANARY4711", attr_text="'Дела'!$A$1")
    book.create_sheet("Замечания - Findings")["A1"] = "CANARY-4711"
    path = tmp_path / WORKBOOK.file_name(PERIOD)
    path.write_bytes(saved(book))
    found = with_ids(parse(KGZ, WORKBOOK, PERIOD, path, CON).findings)
    content = return_workbook(about(KGZ, WORKBOOK, path.name), found, path, WORKBOOK)
    assert sorted(f.rule for f in found) == ["hidden_rows", "unreadable_cell"]
    assert not canary_in(content)
    given_back = openpyxl.load_workbook(io.BytesIO(content))
    assert given_back.sheetnames == [FINDINGS_SHEET, *(sheet.name for sheet in WORKBOOK.sheets)]
    assert not given_back["Дела"].row_dimensions[7].hidden
    assert given_back["Дела"]["A1"].value == WORKBOOK.sheets[0].titles[0]


def as_calculated(content: bytes) -> bytes:
    """A workbook as Excel saves it: the program that wrote it asks for its formulas to be calculated first."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w") as copy:
        for part in source.infolist():
            copy.writestr(part, source.read(part).replace(b' fullCalcOnLoad="1"', b""))
    return target.getvalue()


def test_the_values_of_formulas_stand_in_their_place(tmp_path):
    import xlsxwriter

    target = io.BytesIO()
    contract, slot = SLOT["region", "directory"]
    whole = openpyxl.load_workbook(io.BytesIO(good(contract, slot)))
    with xlsxwriter.Workbook(target) as book:
        for page in whole:
            copy = book.add_worksheet(page.title)
            for cell in (cell for row in page for cell in row if cell.value is not None):
                copy.write(cell.row - 1, cell.column - 1, str(cell.value))
            copy.write_formula(1, 0, '="OR"&"G"', None, "ORG-X")
    path = tmp_path / slot.file_name(period_of(contract, slot))
    path.write_bytes(as_calculated(target.getvalue()))
    found = [Finding(path.name, slot.sheets[0].name, 2, "", "cell_of_other_kind", "quarantine", "en", "ru")]
    content = return_workbook(about(contract, slot, path.name), found, path, slot)
    cell = openpyxl.load_workbook(io.BytesIO(content)).worksheets[1]["A2"]
    assert (cell.value, cell.data_type) == ("ORG-X", "s")


def test_of_a_very_long_file_only_the_rows_with_findings_come_back(tmp_path, monkeypatch):
    monkeypatch.setattr("pipelines.return_tables.MOST_ROWS", 10)
    faults = {p: v for p, v in spoiled(KAZ, CASES).items() if v == NOT_UNDERSTOOD}
    (place, *_) = faults
    content = changed(good(KAZ, CASES), CASES, {(0, 12, place[2]): NOT_UNDERSTOOD, (0, 5, place[2]): NOT_UNDERSTOOD})
    book, found = answered(KAZ, CASES, content, tmp_path)
    page = book.worksheets[1]
    sent = read(content, CASES)[0]
    assert [page.cell(r, 1).value for r in (2, 3)] == [5, 12]
    assert page.max_row == 3
    for at, row in ((2, 5), (3, 12)):
        assert [page.cell(at, c + 1).value for c in range(1, 24)] == [sent.get((row, c)) for c in range(1, 24)]
    assert set(marked(page)) == {(2, place[2] + 1), (3, place[2] + 1)}
    links = {row[0].value: row[3] for row in book.active.iter_rows() if row[0].value}
    assert links[found[1].id].hyperlink.location.endswith(f"{page.cell(3, place[2] + 1).coordinate}")
    assert any("слишком много строк" in str(c.value) for row in book.active for c in row)


def test_a_cell_longer_than_a_sheet_holds_is_never_cut(tmp_path):
    book, _ = answered(KAZ, CASES, changed(good(KAZ, CASES), CASES, {(0, 2, 7): "9" * 40_000}), tmp_path)
    assert book.sheetnames == [FINDINGS_SHEET]


def canary_in(content: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return [name for name in parts.namelist() if b"CANARY" in parts.read(name) + name.encode()]


@settings(max_examples=20)
@given(
    texts=st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=30), min_size=23, max_size=23
    )
)
def test_whatever_the_rows_they_come_back_as_they_were_sent(texts, tmp_path_factory):
    folder = tmp_path_factory.mktemp("any")
    path = folder / CASES.file_name(PERIOD)
    header = good(KAZ, CASES).decode("utf-8-sig").split("\r\n")[0]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL).writerow(texts)
    path.write_bytes(f"{header}\r\n{text.getvalue()}".encode("utf-8-sig"))
    findings = parse(KAZ, CASES, PERIOD, path, CON).findings
    content = return_workbook(about(KAZ, CASES, path.name), findings, path, CASES)
    again = path.with_suffix(".xlsx")
    again.write_bytes(content)
    if len(openpyxl.load_workbook(io.BytesIO(content)).sheetnames) > 1:
        found = {f.rule for f in parse(KAZ, CASES, PERIOD, again, CON).findings}
        assert found == {f.rule for f in findings}


# In its folder


def test_a_workbook_is_put_into_its_folder_for_this_user_alone_and_taken_away_again(tmp_path):
    folder = tmp_path / "returns" / "kaz" / PERIOD
    path = write_return(folder, "KAZ_cases_2010-Q4.csv", b"one")
    assert path.name == return_name("KAZ_cases_2010-Q4.csv") == "KAZ_cases_2010-Q4_return.xlsx"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    write_return(folder, "KAZ_cases_2010-Q4.csv", b"two")
    assert [p.name for p in folder.iterdir()] == [path.name]
    assert path.read_bytes() == b"two"
    clear_return(folder, "KAZ_cases_2010-Q4.csv")
    clear_return(folder, "KAZ_cases_2010-Q4.csv")
    assert list(folder.iterdir()) == []
