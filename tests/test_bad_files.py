"""Bad files: each is refused, or its row held back, with a message that says where and what to do."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.contracts import contracts
from pipelines.demo import sample_records
from pipelines.findings import Finding
from pipelines.forms import Contract, Slot
from pipelines.identity import identified
from pipelines.layout import layout
from pipelines.parse import parse, records
from pipelines.render import render
from pipelines.staging import ThisFile
from tests.databases import quick

PERIOD = "2010-Q4"
SAMPLE = sample_records()
CON = quick()
CANARY = "CANARY-4711"
Bytes = Callable[[bytes], bytes]


def form(office: str, slot: str) -> tuple[Contract, Slot]:
    return contracts()[office], contracts()[office].slots[slot]


def good(office: str, slot: str) -> bytes:
    contract, one = form(office, slot)
    return render(contract, one, PERIOD, SAMPLE[office, PERIOD])


KAZ, KGZ, TJK = good("kaz", "cases"), good("kgz", "workbook"), good("tjk", "cases")


def findings(office: str, slot: str, content: bytes, folder: Path, period: str = PERIOD) -> list[Finding]:
    contract, one = form(office, slot)
    path = folder / one.file_name(period)
    path.write_bytes(content)
    return list(parse(contract, one, period, path, CON).findings)


def lines(change: Callable[[list[str]], list[str]]) -> Bytes:
    return lambda content: "\r\n".join(change(content.decode("utf-8-sig").split("\r\n"))).encode("utf-8-sig")


def cell(header: str, value: str, row: int = 2) -> Bytes:
    """Put a value under a header of the CSV file of Kazakhstan, in a row as the office counts."""
    return _cells(header, value, slice(row - 1, row))


def column(header: str, value: str) -> Bytes:
    """Put a value under a header of the CSV file of Kazakhstan, in every row."""
    return _cells(header, value, slice(1, None))


def _cells(header: str, value: str, rows: slice) -> Bytes:
    def change(content: bytes) -> bytes:
        table = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
        for row in table[rows]:
            row[table[0].index(header)] = value
        text = io.StringIO()
        csv.writer(text, delimiter=";").writerows(table)
        return text.getvalue().encode("utf-8-sig")

    return change


def sheet(name: str, row: int, column: int, value: object) -> Bytes:
    """Put a value into a cell of a workbook."""

    def change(content: bytes) -> bytes:
        book = openpyxl.load_workbook(io.BytesIO(content))
        book[name].cell(row, column).value = value
        saved = io.BytesIO()
        book.save(saved)
        return saved.getvalue()

    return change


def without_sheet(content: bytes) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(content))
    del book["Обучение"]
    book.create_sheet("Черновик").cell(1, 1).value = CANARY
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def without_last_row(content: bytes) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(content))
    book["Дела"].delete_rows(book["Дела"].max_row)
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def broken_part(content: bytes) -> bytes:
    """A workbook whose container is whole and whose sheet is not."""
    source, target = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for part in source.namelist():
            body = source.read(part)
            archive.writestr(part, body[: len(body) // 2] if part.endswith("sheet1.xml") else body)
    return target.getvalue()


def header(content: bytes) -> str:
    return content.decode("utf-8-sig").split("\r\n")[0]


# How many columns the cases of Kazakhstan have, and the first sheet of Kyrgyzstan.
KAZ_WIDTH, KGZ_WIDTH = (len(layout(form(*one)[1].sheets[0])) for one in (("kaz", "cases"), ("kgz", "workbook")))


REFUSED: list[tuple[str, str, str, bytes, Bytes, str, str]] = [
    ("empty", "kaz", "cases", KAZ, lambda _: b"", "empty_file", "header row"),
    ("only line ends", "kaz", "cases", KAZ, lambda _: b"\r\n\r\n", "empty_file", "empty"),
    ("cut within a cell", "kaz", "cases", KAZ, lambda c: c[:-30], "truncated_file", "cut off"),
    ("cut after a header", "kaz", "cases", KAZ, lambda c: c.split(b"\r\n")[0], "truncated_file", "cut off"),
    ("cut, then a line end", "kaz", "cases", KAZ, lambda c: c[:-90] + b"\r\n", "ragged_row",
     f"not have {KAZ_WIDTH} cells"),
    ("open quote", "kaz", "cases", KAZ, lambda c: c + b'"x\r\n', "open_quote", "not closed"),
    ("one cell too many", "kaz", "cases", KAZ, lines(lambda ls: [*ls[:1], ls[1] + ";x", *ls[2:]]), "ragged_row",
     "cells"),
    ("not text", "kaz", "cases", KAZ, lambda c: c + b"\0\0\r\n", "not_a_text_file", "CSV"),
    ("a workbook named csv", "kaz", "cases", KAZ, lambda _: KGZ + b"\r\n", "wrong_encoding", "utf-8"),
    ("other encoding", "kaz", "cases", KAZ, lambda c: c.decode("utf-8-sig").encode("cp1251"), "wrong_encoding",
     "utf-8"),
    ("UTF-8 for cp1251", "tjk", "cases", TJK, lambda c: c.decode("cp1251").encode(), "wrong_encoding", "It is UTF-8"),
    ("other delimiter", "kaz", "cases", KAZ, lambda c: c.replace(b";", b"\t"), "wrong_delimiter", "'tab'"),
    ("unknown header", "kaz", "cases", KAZ, lambda c: c.replace("Возраст".encode(), "Возрост".encode(), 1),
     "unknown_header", "'Возрост'.*Did you mean 'Возраст'"),
    ("missing header", "kaz", "cases", KAZ, lambda c: c.replace("Возраст".encode(), "Возрост".encode(), 1),
     "missing_header", "'Возраст'.*Did you mean 'Возрост'"),
    ("two candidates", "kaz", "cases", KAZ, lambda c: c.replace("Детей".encode(), "Полных лет".encode(), 1),
     "two_headers_for_one", "Columns .* both stand for 'Возраст'"),
    ("no header at all", "kaz", "cases", KAZ, lines(lambda ls: ls[1:]), "header_not_found", "Row 1 must be the header"),
    ("cells without header", "kaz", "cases", KAZ,
     lines(lambda ls: [ls[0] + ";", *(row + f";{CANARY}" for row in ls[1:-1]), ""]),
     "column_without_header", f"Column {KAZ_WIDTH + 1} "),
    ("another form", "kaz", "cases", KAZ, lambda _: good("kaz", "activities"), "unknown_header|header_not_found", ""),
    ("another quarter", "kaz", "cases", KAZ, lambda c: c.replace(b".2010", b".2008"), "wrong_period", PERIOD),
    ("another office", "kaz", "cases", KAZ, lambda c: c.replace(b"KZ-2010-", b"KG-2010-"), "wrong_office", "kaz"),
    ("no xlsx", "kgz", "workbook", KGZ, lambda _: KAZ, "not_an_xlsx", "another format"),
    ("old xls", "kgz", "workbook", KGZ, lambda _: b"\xd0\xcf\x11\xe0" + b"0" * 99, "not_an_xlsx", "password"),
    ("web page", "kgz", "workbook", KGZ, lambda _: b"<html><table></table></html>", "not_an_xlsx", "web page"),
    ("other archive", "kgz", "workbook", KGZ, lambda _: _zip(), "not_an_xlsx", "another format"),
    ("cut workbook", "kgz", "workbook", KGZ, lambda c: c[: len(c) // 2], "truncated_file", "damaged or cut off"),
    ("broken part", "kgz", "workbook", KGZ, broken_part, "truncated_file", "damaged or cut off"),
    ("missing sheet", "kgz", "workbook", KGZ, without_sheet, "missing_sheet", "'Обучение' is missing"),
    ("unknown sheet", "kgz", "workbook", KGZ, without_sheet, "unknown_sheet", "'Черновик'"),
    ("no totals", "kgz", "workbook", KGZ, without_last_row, "totals_row_missing", "'Итого'"),
    ("wrong totals", "kgz", "workbook", KGZ, sheet("Дела", 5, 14, 19), "totals_differ", "'Детей'"),
    ("title of another quarter", "kgz", "workbook", KGZ, sheet("Дела", 2, 1, "Период: 2010-Q3"), "wrong_period",
     "heading"),
    ("unknown kind of row", "kgz", "workbook", KGZ, sheet("Кампании", 5, 1, CANARY), "unknown_kind_of_row",
     "'Вид записи'"),
    ("right of the table", "kgz", "workbook", KGZ, sheet("Дела", 6, KGZ_WIDTH + 2, CANARY),
     "column_without_header", f"Column {KGZ_WIDTH + 2} "),
]  # fmt: skip


def _zip() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("readme.txt", "no workbook")
    return target.getvalue()


@pytest.mark.parametrize(
    ("office", "slot", "content", "change", "rule", "says"),
    [bad[1:] for bad in REFUSED],
    ids=[bad[0] for bad in REFUSED],
)
def test_a_bad_file_is_refused_and_told_what_to_do(office, slot, content, change, rule, says, tmp_path):
    found = findings(office, slot, change(content), tmp_path)
    ours = [one for one in found if re.fullmatch(rule, one.rule)]
    assert ours, [str(one) for one in found]
    assert all(one.severity == "refuse" for one in ours)
    assert any(re.search(says, one.message_en) for one in ours), [one.message_en for one in ours]
    assert all(one.file and one.message_ru and one.message_ru != one.message_en for one in ours)
    assert CANARY not in repr(found)


UNREAD: list[tuple[str, Bytes, str, str]] = [
    ("a code of no list", cell("Пол", CANARY), "sex", "Женский|женский"),
    ("a letter of another language", cell("Пол", "э"), "sex", "one of the words"),
    ("one of several", cell("Гражданство", f"Россия / {CANARY}"), "citizenship", "several stand apart by ' / '"),
    ("words for a number", cell("Возраст", "около 50"), "age", "a whole number in digits"),
    ("a range", cell("Возраст", "15-20"), "age", "a whole number"),
    ("a fraction of a person", cell("Возраст", "17,5"), "age", "a whole number"),
    ("an exponent", cell("Возраст", "1e1"), "age", "a whole number"),
    ("a day of another form", cell("Дата скрининга", "2010-10-02"), "screened_on", "31.12.2010"),
    ("a day that is none", cell("Дата скрининга", "31.11.2010"), "screened_on", "31.12.2010"),
    ("two figures for the year", cell("Дата скрининга", "02.10.10"), "screened_on", "31.12.2010"),
    ("a serial day not agreed on", cell("Дата скрининга", "40453"), "screened_on", "31.12.2010"),
]


@pytest.mark.parametrize(("change", "field", "says"), [bad[1:] for bad in UNREAD], ids=[bad[0] for bad in UNREAD])
def test_a_cell_that_is_not_understood_is_a_finding_and_never_a_guess(change, field, says, tmp_path):
    found = findings("kaz", "cases", change(KAZ), tmp_path)
    (one,) = found
    assert (one.rule, one.severity, one.row, one.field) == ("unreadable_cell", "quarantine", 2, field)
    assert re.search(says, one.message_en)
    assert one.file == "KAZ_cases_2010-Q4.csv"
    value = records(CON, "cases")[0][field]
    assert value in (None, ["RU"]), "the row is staged without it, for the caller to hold back"
    assert CANARY not in repr(found)
    assert "около" not in repr(found)


def test_every_finding_of_a_file_is_told_at_once(tmp_path):
    content = cell("Возраст", "много", row=4)(cell("Пол", "?", row=4)(cell("Дата скрининга", "вчера", row=3)(KAZ)))
    found = findings("kaz", "cases", content, tmp_path)
    assert [(one.row, one.field) for one in found] == [(3, "screened_on"), (4, "sex"), (4, "age")]


def test_a_cell_of_a_group_is_named_by_its_number(tmp_path):
    book = openpyxl.load_workbook(io.BytesIO(KGZ))
    top = [one.value for one in book["Дела"][3]]
    column = top.index("Помощь 1") + 2
    row = next(r for r in range(5, 40) if book["Дела"].cell(r, column).value)
    (one,) = findings("kgz", "workbook", sheet("Дела", row, column, CANARY)(KGZ), tmp_path)
    assert (one.sheet, one.row, one.field) == ("Дела", row, "delivered_on")
    assert "'Помощь 1 / Дата'" in one.message_en


def test_a_cell_under_a_header_for_other_rows_is_not_dropped(tmp_path):
    book = openpyxl.load_workbook(io.BytesIO(KGZ))
    kinds = [book["Кампании"].cell(row, 1).value for row in range(1, book["Кампании"].max_row)]
    row = kinds.index("обращение") + 1
    below = [one.value for one in book["Кампании"][4]]
    changed = sheet("Кампании", row, below.index("Охват, чел.") + 1, 0)(KGZ)
    found = findings("kgz", "workbook", changed, tmp_path)
    assert [(one.rule, one.sheet, one.row) for one in found] == [("cell_of_other_kind", "Кампании", row)]


def test_a_column_that_is_wrong_as_a_whole_is_one_finding(tmp_path):
    contract, slot = form("kaz", "activities")
    row = SAMPLE["kaz", PERIOD]["activities"][0]
    many = [{**row, "activity_ref": f"KZ-C{n}", "reached": 7} for n in range(1, 1502)]
    content = column("Охват, чел.", "seven")(render(contract, slot, PERIOD, {"activities": many}))
    (one,) = findings("kaz", "activities", content, tmp_path)
    assert (one.rule, one.severity, one.field, one.count) == ("unreadable_column", "refuse", "reached", 1501)


def test_rows_outside_the_quarter_beside_others_are_for_the_checks(tmp_path):
    content = cell("Дата регистрации", "30.09.2010")(KAZ)
    assert findings("kaz", "cases", content, tmp_path) == []
    assert records(CON, "cases")[0]["identified_on"] == date(2010, 9, 30)


def test_a_quarter_before_the_form_is_refused(tmp_path):
    found = findings("kaz", "cases", KAZ, tmp_path, period="2010-Q2")
    assert "before_the_form" in [one.rule for one in found]


def test_a_file_with_a_header_alone_is_a_quarter_without_cases(tmp_path):
    assert findings("kaz", "cases", (header(KAZ) + "\r\n").encode("utf-8-sig"), tmp_path) == []
    assert records(CON, "cases") == []


def test_a_refused_file_leaves_no_rows_of_the_one_before(tmp_path):
    assert findings("kaz", "cases", KAZ, tmp_path) == []
    assert findings("kaz", "cases", b"", tmp_path) != []
    assert CON.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name LIKE '%cases%'").fetchall() == [(0,)]


@settings(max_examples=40)
@given(cut=st.integers(1, len(KAZ) - 1))
def test_a_csv_file_cut_anywhere_but_at_a_line_end_is_refused(cut, tmp_path_factory):
    left = KAZ[:cut]
    found = findings("kaz", "cases", left, tmp_path_factory.mktemp("cut"))
    assert left.endswith((b"\r", b"\n")) or any(one.severity == "refuse" for one in found)


@settings(max_examples=20)
@given(cut=st.integers(1, len(KGZ) - 1))
def test_a_workbook_cut_anywhere_is_refused(cut, tmp_path_factory):
    found = findings("kgz", "workbook", KGZ[:cut], tmp_path_factory.mktemp("cut"))
    assert any(one.severity == "refuse" for one in found)


@settings(max_examples=60)
@given(at=st.integers(0, len(KAZ) - 1), junk=st.binary(min_size=1, max_size=6), keeps=st.booleans())
def test_whatever_the_bytes_there_are_findings_and_no_error(at, junk, keeps, tmp_path_factory):
    content = KAZ[:at] + junk + KAZ[at + (0 if keeps else len(junk)) :]
    for one in findings("kaz", "cases", content, tmp_path_factory.mktemp("junk")):
        assert one.message_en
        assert one.message_ru


@settings(max_examples=20)
@given(at=st.integers(0, len(KGZ) - 1), junk=st.binary(min_size=1, max_size=6))
def test_whatever_the_bytes_of_a_workbook_there_are_findings_and_no_error(at, junk, tmp_path_factory):
    content = KGZ[:at] + junk + KGZ[at + len(junk) :]
    findings("kgz", "workbook", content, tmp_path_factory.mktemp("junk"))


def glued(content: bytes) -> bytes:
    """The break between the header and the first row is lost."""
    return content.replace(b"\r\n", b"", 1)


def half_a_header(content: bytes) -> bytes:
    """Cells of the first row stand over the first half of the header."""
    top, first, *rest = content.decode("utf-8-sig").split("\r\n")
    names, cells = top.split(";"), first.split(";")
    return "\r\n".join([";".join(cells[:6] + names[6:]), first, *rest]).encode("utf-8-sig")


def without_second_row_of_header(content: bytes) -> bytes:
    """The first row of data stands where the lower row of a merged header was."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    for sheet in book:
        for merged in list(sheet.merged_cells.ranges):
            sheet.unmerge_cells(str(merged))
    book.worksheets[0].delete_rows(4)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


@pytest.mark.parametrize(
    ("office", "slot", "change"),
    [("kaz", "cases", glued), ("kaz", "cases", half_a_header), ("kgz", "workbook", without_second_row_of_header)],
)
def test_a_row_in_the_place_of_the_header_is_not_repeated(office, slot, change, tmp_path):
    found = findings(office, slot, change(good(office, slot)), tmp_path)
    assert "unknown_header" in {one.rule for one in found}
    first = SAMPLE[office, PERIOD]["cases"][0]
    said = "\n".join(f"{one.field} {one.message_en} {one.message_ru}" for one in found)
    words = ("женский", "мужской", "Кыргызстан", "Казахстан", "Среднее", "Жертва торговли людьми")
    assert not [value for value in (first["case_ref"], first["person_ref"], *words) if value in said]
    assert all(one.column for one in found if one.rule == "unknown_header"), "by its position it is found"


def test_headers_that_are_not_repeated_are_told_apart_by_their_place(tmp_path):
    con, file = duckdb.connect(), ThisFile("kaz", "KZ", "cases", PERIOD)
    both = findings("kaz", "cases", lines(lambda ls: [f"{ls[0]};K-1;K-2", *ls[1:]])(KAZ), tmp_path)
    first, last = KAZ_WIDTH + 1, KAZ_WIDTH + 2
    second = [one for one in both if one.column == last]
    ids = {one.column: one.id for one in identified(con, file, (), both, b"key")}
    assert set(ids) == {first, last}
    assert [one.id for one in identified(con, file, (), second, b"key")] == [ids[last]]
