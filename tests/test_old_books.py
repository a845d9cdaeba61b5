"""Workbooks of Excel 2003 are read like others, what only has their name is named, typed cells become text."""

from __future__ import annotations

import csv
import io
import struct
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.contracts import contracts, recognise
from pipelines.findings import Finding
from pipelines.parse import parse, records
from pipelines.readers import reading
from tests.databases import quick
from tests.office_books import PERIOD, as_xls, findings, form, good, slots

CON = quick()
SLOTS = slots()
KGZ = good("kgz", "workbook")
XLS = as_xls(KGZ)
DAY = datetime(2010, 10, 2)  # noqa: DTZ001 (cells of workbooks have no time zone)


def parsed(office: str, slot: str, content: bytes, path: Path) -> tuple[list[Finding], dict[str, Any]]:
    contract, one = form(office, slot)
    path.write_bytes(content)
    found = parse(contract, one, PERIOD, path, CON)
    return list(found.findings), {fact: records(CON, fact) for fact in one.facts if not found.findings}


@pytest.mark.parametrize(("office", "slot"), SLOTS)
def test_every_form_is_taken_as_a_workbook_of_excel_2003_and_read_alike(office, slot, tmp_path):
    contract, one = form(office, slot)
    name = Path(one.file_name(PERIOD)).with_suffix(".xls").name
    known = recognise(contract, name)
    assert known is not None
    assert known[0].name == slot
    new = parsed(office, slot, good(office, slot), tmp_path / "new.xlsx")
    assert new[0] == []
    assert parsed(office, slot, as_xls(good(office, slot)), tmp_path / name) == new


def changed(change: Callable[[xlwt.Worksheet], None], **options: Any) -> bytes:
    """An old workbook with the sheets of the Kyrgyz form, the first of which is changed."""
    book = xlwt.Workbook(encoding="utf-8")
    for sheet in form("kgz", "workbook")[1].sheets:
        page = book.add_sheet(sheet.name, cell_overwrite_ok=True)
        page.write(0, 0, "title")
        page.write(3, 0, "header")
    for name, value in options.items():
        setattr(book, name, value)
    change(book.get_sheet(0))
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def _hide_row(page):
    page.row(4).hidden = True
    page.write(4, 0, 1)


def _hide_column(page):
    page.col(0).hidden = True


def _hide_sheet(page):
    page.visibility = 1


OLD = {
    "a formula nobody calculated": (lambda page: page.write(4, 0, xlwt.Formula("1+1")), "formula_without_value"),
    "an error": (lambda page: page.row(4).set_cell_error(0, "#REF!"), "error_in_cell"),
    "merged cells": (lambda page: page.write_merge(4, 5, 0, 0, "x"), "merged_cells"),
    "a hidden row": (_hide_row, "hidden_rows"),
    "a hidden column": (_hide_column, "hidden_columns"),
    "a hidden sheet": (_hide_sheet, "hidden_sheet"),
}  # fmt: skip


@pytest.mark.parametrize("case", OLD)
def test_what_a_reader_of_values_does_not_see_is_said_of_old_workbooks_too(case, tmp_path):
    change, rule = OLD[case]
    assert rule in [one.rule for one in findings("kgz", "workbook", changed(change), tmp_path, ".xls")]
    assert rule not in [one.rule for one in findings("kgz", "workbook", changed(lambda _: None), tmp_path, ".xls")]


def record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def with_record(kind: int, body: bytes, *, in_sheet: bool) -> bytes:
    """One more record at the start of the workbook, or of its first sheet, in place of one of equal length."""
    changed_bytes = bytearray(XLS)
    start = changed_bytes.index(struct.pack("<HHH", 0x0809, 16, 0x0600))
    if in_sheet:
        start = changed_bytes.index(struct.pack("<HHHH", 0x0809, 16, 0x0600, 0x0010))
    at = start + 20
    # The records behind are given up for it: what is asked comes first.
    new = record(kind, body)
    changed_bytes[at : at + len(new)] = new
    rest = 4 + struct.unpack_from("<H", XLS, at + 2)[0]
    while rest < len(new) + 4:
        rest += 4 + struct.unpack_from("<H", XLS, at + rest + 2)[0]
    filler = record(0x00FF, b"\0" * (rest - len(new) - 4))
    changed_bytes[at + len(new) : at + rest] = filler
    return bytes(changed_bytes)


def with_entry(name: str) -> bytes:
    """A folder of this name in the container, in place of an unused entry."""
    changed_bytes = bytearray(XLS)
    root = changed_bytes.index("Root Entry".encode("utf-16-le"))
    entry = next(at for at in range(root, root + 1024, 128) if changed_bytes[at + 66] == 0)
    spelt = name.encode("utf-16-le")
    changed_bytes[entry : entry + len(spelt)] = spelt
    struct.pack_into("<HB", changed_bytes, entry + 64, len(spelt) + 2, 1)
    return bytes(changed_bytes)


INSIDE = {
    "a password": (with_record(0x002F, b"\0" * 6, in_sheet=False), "not_an_xlsx", "password"),
    "another file's values": (with_record(0x01AE, b"\1\0\5\0\0file", in_sheet=False), "external_links", "other files"),
    "a note": (with_record(0x001C, b"\0" * 12, in_sheet=True), "comments_in_workbook", "notes"),
    "a picture": (with_record(0x005D, struct.pack("<HHH", 0x15, 18, 8) + b"\0" * 16, in_sheet=True),
                  "pictures_in_workbook", "picture"),
    "cells without an end": (with_record(0x0200, struct.pack("<IIHHH", 0, 65536, 0, 65535, 0), in_sheet=True),
                             "sheet_too_large", "cells"),
    "rows that end before they begin": (
        with_record(0x0200, struct.pack("<IIHHH", 0xFD200000, 6, 0, 84, 0), in_sheet=True), "sheet_too_large", "cells",
    ),
    "macros": (with_entry("_VBA_PROJECT_CUR"), "macros_in_workbook", "macros"),
    "an embedded document": (with_entry("MBD0001"), "embedded_objects", "embedded"),
    "a pivot table": (with_entry("_SX_DB_CUR"), "pivot_tables", "pivot"),
    "a password on an XLSX": (with_entry("EncryptedPackage"), "not_an_xlsx", "password"),
}  # fmt: skip


@pytest.mark.parametrize("case", INSIDE)
def test_old_workbooks_are_looked_into_before_they_are_read(case, tmp_path):
    content, rule, word = INSIDE[case]
    found = [one for one in findings("kgz", "workbook", content, tmp_path, ".xls") if one.rule == rule]
    assert [one.severity for one in found] == ["refuse"]
    assert word in found[0].message_en


def test_a_fault_of_the_reader_itself_is_a_finding_and_is_not_heard(tmp_path, capfd):
    """More merged cells are announced than there are: the reader gives up with a word of its own."""
    content = with_record(0x00E5, struct.pack("<H", 0x530B) + b"\0" * 8, in_sheet=True)
    (one,) = findings("kgz", "workbook", content, tmp_path, ".xls")
    assert (one.rule, one.severity) == ("truncated_file", "refuse")
    assert capfd.readouterr() == ("", "")


NAMED = {
    "an old workbook named new": (XLS, ".xlsx", "old .xls workbook"),
    "a new workbook named old": (KGZ, ".xls", "Name it .xlsx"),
    "a locked new workbook": (with_entry("EncryptedPackage"), ".xlsx", "has a password"),
    "a web page": (b"\xef\xbb\xbf\r\n<html><table></table></html>", ".xls", "web page"),
    "a web page in wide letters": ("\ufeff<html><table></table></html>".encode("utf-16-le"), ".xls", "web page"),
    "a saved web page": (b"MIME-Version: 1.0\r\nContent-Type: multipart/related", ".xls", "web page"),
    "a table of 2003 in XML": (
        b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>', ".xls", "XML table of Excel 2003",
    ),
    "a text": (b"case;sex\r\n1;F\r\n", ".xls", "another format"),
    "an old container of nothing": (b"\xd0\xcf\x11\xe0" + b"0" * 999, ".xls", "damaged"),
    "excel 95": (XLS.replace(struct.pack("<HHH", 0x0809, 16, 0x0600), struct.pack("<HHH", 0x0809, 16, 0x0500)), ".xls",
                 "Excel 95"),
}  # fmt: skip


@pytest.mark.parametrize("case", NAMED)
def test_what_only_has_the_name_of_a_workbook_is_named_by_what_it_is(case, tmp_path):
    content, suffix, word = NAMED[case]
    (one,) = findings("kgz", "workbook", content, tmp_path, suffix)
    assert one.severity == "refuse"
    assert word in one.message_en


@settings(max_examples=40)
@given(cut=st.integers(1, len(XLS) - 1))
def test_an_old_workbook_cut_anywhere_is_refused_or_whole(cut, tmp_path_factory):
    """Behind its last stream a container may hold nothing but padding."""
    path = tmp_path_factory.mktemp("cut") / "KGZ_2010-Q4.xls"
    found, sent = parsed("kgz", "workbook", XLS[:cut], path)
    assert any(one.severity == "refuse" for one in found) or sent == parsed("kgz", "workbook", XLS, path)[1]


@settings(max_examples=60)
@given(at=st.integers(0, len(XLS) - 1), junk=st.binary(min_size=1, max_size=6))
def test_whatever_the_bytes_of_an_old_workbook_there_are_findings_and_no_error(at, junk, tmp_path_factory):
    content = XLS[:at] + junk + XLS[at + len(junk) :]
    for one in findings("kgz", "workbook", content, tmp_path_factory.mktemp("junk"), ".xls"):
        assert one.message_en
        assert one.message_ru


# What Excel keeps typed, as text of the form


def new_book(values: list[tuple[Any, str]], **options: Any) -> bytes:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_numbers": False, **options})
    for sheet in form("kgz", "workbook")[1].sheets:
        page = book.add_worksheet(sheet.name)
        page.write_row(3, 0, [f"h{n}" for n in range(len(values))])
        for n, (value, shape) in enumerate(values):
            page.write(4, n, value, book.add_format({"num_format": shape}))
    book.close()
    return target.getvalue()


def old_book(values: list[tuple[Any, str]], **options: Any) -> bytes:
    def fill(page):
        for n in range(len(values)):
            page.write(3, n, f"h{n}")
        for n, (value, shape) in enumerate(values):
            page.write(4, n, value, xlwt.easyxf(num_format_str=shape))

    return changed(fill, **options)


TYPED = [
    (DAY, "dd.mm.yyyy", "02.10.2010"),
    (DAY, "d mmmm yyyy", "02.10.2010"),
    (DAY + timedelta(hours=12), "dd.mm.yyyy hh:mm", "2010-10-02 12:00:00"),
    (40453, "General", "40453"),
    (0, "dd.mm.yyyy", "00:00:00"),
    (0.5, "hh:mm", "12:00:00"),
    (1.5, "[h]:mm", "1 day, 12:00:00"),
    (3_000_000, "dd.mm.yyyy", "3000000"),
    (True, "General", "да"),
    (False, "General", "нет"),
    (12, "0", "12"),
    (-3.5, "0.0", "-3,5"),
    (0.1 + 0.2, "General", "0,3"),
    ("12", "@", "12"),
    ("  1\u00a0088 ", "@", "1 088"),
    ("a\nb", "@", "a\nb"),
]


@pytest.mark.parametrize(("write", "suffix"), [(new_book, ".xlsx"), (old_book, ".xls")], ids=["xlsx", "xls"])
def test_a_cell_becomes_what_the_office_would_have_typed_or_what_no_form_takes(write, suffix, tmp_path):
    """A day with an hour, a day 0, a time and a duration are no days: no form reads their text."""
    path = (tmp_path / "book").with_suffix(suffix)
    path.write_bytes(write([(value, shape) for value, shape, _ in TYPED]))
    with reading(form("kgz", "workbook")[1], path) as found, found.grids[0].rows.open(newline="") as aside:
        rows = list(csv.reader(aside))
    assert rows == [[text for _, _, text in TYPED]]


@pytest.mark.parametrize("typed", [one for one in TYPED if isinstance(one[0], datetime | int | float)], ids=repr)
def test_what_is_no_day_is_a_finding_under_the_header_of_a_day(typed, tmp_path):
    value, shape, text = typed
    book = openpyxl.load_workbook(io.BytesIO(KGZ))
    header = [cell.value for cell in book.worksheets[0][3]].index("Дата скрининга") + 1
    cell = book.worksheets[0].cell(5, header)
    cell.value, cell.number_format = value, shape
    saved = io.BytesIO()
    book.save(saved)
    found, _ = parsed("kgz", "workbook", saved.getvalue(), tmp_path / "KGZ_2010-Q4.xlsx")
    is_day = text in ("02.10.2010", "40453")
    assert [(one.rule, one.row, one.field) for one in found if one.rule != "merged_cells"] == (
        [] if is_day else [("unreadable_cell", 5, "screened_on")]
    )


@pytest.mark.parametrize(
    ("content", "suffix"),
    [(new_book([(DAY, "dd.mm.yyyy")], date_1904=True), ".xlsx"), (old_book([(DAY, "dd.mm.yyyy")], dates_1904=True),
                                                                  ".xls")],
    ids=["xlsx", "xls"],
)  # fmt: skip
def test_days_from_1904_are_right_or_refused(content, suffix, tmp_path):
    """A day in the shape of a day is converted; of a bare number nobody knows from when it counts."""
    path = (tmp_path / "book").with_suffix(suffix)
    path.write_bytes(content)
    assert [one.rule for one in findings("kgz", "workbook", content, tmp_path, suffix)] == ["days_from_1904"]
    typed = next(name for name, c in contracts().items() for s in c.slots.values()
                 if "excel-serial" not in s.form.dates and s.form.dates[0] == "%d.%m.%Y")  # fmt: skip
    slot = next(iter(contracts()[typed].slots.values()))
    with reading(slot, path) as found:
        assert "days_from_1904" not in [one.rule for one in found.findings]
