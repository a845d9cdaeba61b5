"""Workbooks with something in them that is no value of a cell: refused or told, for every form of every office."""

from __future__ import annotations

import io
import re
import struct
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.comments import Comment

from pipelines import limits
from pipelines.book import Kind
from pipelines.new_books import COMMENT_AUTHOR
from tests.office_books import (
    Change,
    findings,
    form,
    good,
    in_book,
    in_part,
    packed,
    parts,
    read,
    records,
    slots,
    with_part,
)

SLOTS = slots()
CANARY = "CANARY-4711"
LAUGHS = b"""<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>"""
OUTSIDE = b"""<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>"""
SHEET, BOOK, STYLES = "xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"
DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
RELATIONS = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">%s</Relationships>'
DRAWN = b"<wsDr><twoCellAnchor><sp><txBody><p><r><t>CANARY-4711</t></r></p></txBody></sp></twoCellAnchor></wsDr>"
COMMENTED = "<comments><authors><author>%s</author></authors><commentList/></comments>"


def inner_zip() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a.txt", "a")
    return target.getvalue()


def archive_of(content: bytes, *more: tuple[str, bytes]) -> bytes:
    """A workbook with parts that a dictionary cannot hold: names twice, names that are paths."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, body in (*parts(content).items(), *more):
            info = zipfile.ZipInfo("x")
            info.filename, info.compress_type = name, zipfile.ZIP_DEFLATED
            archive.writestr(info, body)
    return target.getvalue()


def in_directory(field: int, size: str, value: int) -> Change:
    """Another number in the first line of the directory: what it says of a part is no longer what is there."""

    def change(content: bytes) -> bytes:
        line = content.index(b"PK\x01\x02")
        changed = bytearray(content)
        struct.pack_into(size, changed, line + field, value)
        return bytes(changed)

    return change


def unpacked_size(add: int) -> Change:
    def change(content: bytes) -> bytes:
        (size,) = struct.unpack_from("<I", content, content.index(b"PK\x01\x02") + 24)
        return in_directory(24, "<I", size + add)(content)

    return change


def sharing_bytes(content: bytes) -> bytes:
    """Two lines of the directory for the bytes of one part."""
    changed = bytearray(content)
    first = content.index(b"PK\x01\x02")
    second = content.index(b"PK\x01\x02", first + 4)
    changed[second + 42 : second + 46] = content[first + 42 : first + 46]
    return bytes(changed)


REFUSED: dict[str, tuple[Change, str]] = {
    "macros": (with_part("xl/vbaProject.bin", b"x"), "macros_in_workbook"),
    "a macro sheet": (with_part("xl/macrosheets/sheet1.xml", b"<macrosheet/>"), "macros_in_workbook"),
    "an embedded document": (with_part("xl/embeddings/oleObject1.bin", b"x"), "embedded_objects"),
    "a control": (with_part("xl/activeX/activeX1.xml", b"<ocx/>" + b" " * 9), "embedded_objects"),
    "an archive in it": (with_part("xl/inner.zip", inner_zip()), "embedded_objects"),
    "an archive named XML": (with_part("customXml/item1.xml", inner_zip()), "truncated_file"),
    "a picture": (with_part("xl/media/image1.png", b"\x89PNG"), "pictures_in_workbook"),
    "a preview": (with_part("docProps/thumbnail.jpeg", b"\xff\xd8"), "pictures_in_workbook"),
    "a chart": (with_part("xl/charts/chart1.xml", b"<chartSpace/>"), "pictures_in_workbook"),
    "a text box": (with_part("xl/drawings/drawing1.xml", DRAWN), "pictures_in_workbook"),
    "another file's values": (with_part("xl/externalLinks/externalLink1.xml", b"<externalLink/>"), "external_links"),
    "a connection": (with_part("xl/connections.xml", b"<connections/>"), "data_connections"),
    "a pivot table": (with_part("xl/pivotCache/pivotCacheRecords1.xml", b"<records/>"), "pivot_tables"),
    "a history": (with_part("xl/revisions/revisionLog1.xml", b"<revisions/>"), "change_history"),
    "a conversation": (with_part("xl/threadedComments/threadedComment1.xml", b"<Threads/>"), "comments_in_workbook"),
    "a comment": (with_part("xl/comments1.xml", (COMMENTED % "Ivanova").encode()), "comments_in_workbook"),
    "a link to an address": (
        with_part("xl/worksheets/_rels/sheet9.xml.rels", RELATIONS % b'<Relationship Target="mailto:a@b.kz"/>'),
        "link_to_a_person",
    ),
    "laughing entities": (in_part(STYLES, DECLARATION, DECLARATION + LAUGHS), "xml_declaration"),
    "an entity outside": (in_part(BOOK, DECLARATION, DECLARATION + OUTSIDE), "xml_declaration"),
    "a type in a sheet": (in_part(SHEET, DECLARATION, DECLARATION + b"\n" * 70_000 + LAUGHS), "xml_declaration"),
    "another encoding": (
        lambda c: packed({**parts(c), STYLES: parts(c)[STYLES].decode().encode("utf-16")}), "truncated_file",
    ),
    "an encoding by name": (in_part(STYLES, b"UTF-8", b"UTF-7"), "truncated_file"),
    "cells in a comment": (in_part(SHEET, b"<sheetData>", b"<sheetData><!-- </sheetData> -->"), "truncated_file"),
    "cells under two prefixes": (
        in_part(SHEET, b"<sheetData>", b'<sheetData><y:row r="9" xmlns:y="z"><y:c r="A9"/></y:row>'), "truncated_file",
    ),
    "a way out": (lambda c: archive_of(c, ("../../evil.xml", b"<a/>" * 9)), "truncated_file"),
    "a whole path": (lambda c: archive_of(c, ("/etc/evil.xml", b"<a/>" * 9)), "truncated_file"),
    "a disk": (lambda c: archive_of(c, ("C:/evil.xml", b"<a/>" * 9)), "truncated_file"),
    "a name twice": (lambda c: archive_of(c, (SHEET, parts(c)[SHEET])), "truncated_file"),
    "a name twice, in capitals": (lambda c: archive_of(c, (SHEET.upper(), parts(c)[SHEET])), "truncated_file"),
    "too many parts": (
        lambda c: packed({**parts(c), **{f"customXml/item{n}.xml": b"<a/>" * 3 for n in range(2001)}}),
        "unpacks_too_large",
    ),
    "a ratio of nothing": (with_part("customXml/item1.xml", b"<a>" + b" " * (8 << 20) + b"</a>"), "unpacks_too_large"),
    "more than it says": (unpacked_size(-1), "unpacks_too_large"),
    "less than it says": (unpacked_size(+1), "truncated_file"),
    "another checksum": (in_directory(16, "<I", 7), "truncated_file"),
    "a password on a part": (in_directory(8, "<H", 1), "not_an_xlsx"),
    "another packing": (in_directory(10, "<H", 14), "truncated_file"),
    "parts that share bytes": (sharing_bytes, "truncated_file"),
    "something before it": (lambda c: b"PK" + c, "truncated_file"),
    "something behind it": (lambda c: c[:-2] + b"\4\0more", "truncated_file"),
    "two sheets of one name": (in_part(BOOK, b"</sheets>", b'<sheet name="S" sheetId="8" r:id="rId1"/>'
                                       b'<sheet name="S" sheetId="9" r:id="rId1"/></sheets>'), "truncated_file"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_no_form_of_any_office_takes_what_is_no_value_of_a_cell(case, tmp_path):
    change, rule = REFUSED[case]
    for office, slot in SLOTS:
        found = findings(office, slot, change(good(office, slot)), tmp_path)
        assert rule in [one.rule for one in found], (office, slot, [str(one) for one in found])
        assert {one.severity for one in found} == {"refuse"}
        assert all(one.message_ru != one.message_en and one.file for one in found)
        assert CANARY not in repr(found)


@pytest.mark.parametrize(("office", "slot"), SLOTS)
def test_a_workbook_as_the_office_sends_it_has_none_of_it(office, slot, tmp_path):
    assert findings(office, slot, good(office, slot), tmp_path) == []


@pytest.mark.parametrize(
    "change",
    [
        with_part("xl/comments1.xml", (COMMENTED % COMMENT_AUTHOR).encode()),
        with_part("xl/printerSettings/printerSettings1.bin", b"\0printer"),
        with_part("xl/drawings/drawing1.xml", b"<wsDr></wsDr>"),
        with_part("customXml/item1.xml", b"<label>internal</label>"),
    ],
    ids=["our own comments", "printer settings", "an empty drawing", "a label of the office"],
)
def test_what_programs_leave_in_workbooks_and_harms_nobody_is_passed_over(change, tmp_path):
    assert findings("kgz", "workbook", change(good("kgz", "workbook")), tmp_path) == []


@pytest.mark.parametrize(("author", "rules"), [(COMMENT_AUTHOR, []), ("Ivanova", ["comments_in_workbook"])])
def test_comments_are_those_of_a_returned_workbook_or_none(author, rules, tmp_path):
    """As a real program writes them, and as the return workbook does."""

    def remark(_book, sheet, _row):
        sheet["A1"].comment = Comment(CANARY, author)

    found = findings("kgz", "workbook", in_book(remark)(good("kgz", "workbook"), 5), tmp_path)
    assert [one.rule for one in found] == rules


def test_no_kind_is_without_words_and_ids_say_what_they_are():
    assert all(kind.en and kind.ru and kind.en != kind.ru for kind in Kind)
    assert {kind.rule for kind in Kind} >= {rule for _, rule in REFUSED.values()}


# What on the sheets would be read as something else than the office sees


def unvalued(_book, sheet, row):
    sheet.cell(row, 2).value = "=1+1"


def merged_down(_book, sheet, row):
    sheet.merge_cells(start_row=row, end_row=row + 1, start_column=2, end_column=2)


def merged_across(_book, sheet, row):
    sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=2)


def hidden_row(_book, sheet, row):
    sheet.row_dimensions[row].hidden = True


def hidden_column(_book, sheet, _row):
    sheet.column_dimensions["B"].hidden = True


def hidden_sheet(book, sheet, _row):
    book.create_sheet("Sheet of nothing")
    sheet.sheet_state = "hidden"


def very_hidden_sheet(book, sheet, _row):
    book.create_sheet("Sheet of nothing")
    sheet.sheet_state = "veryHidden"


ON_SHEETS = {
    unvalued: ("formula_without_value", "refuse", "B{row}"),
    merged_down: ("merged_cells", "refuse", "B{row}:B{below}"),
    merged_across: ("merged_cells", "refuse", "A{row}:B{row}"),
    hidden_row: ("hidden_rows", "warn", "row {row}"),
    hidden_column: ("hidden_columns", "warn", "B:B"),
    hidden_sheet: ("hidden_sheet", "warn", "was read"),
    very_hidden_sheet: ("hidden_sheet", "warn", "was read"),
}


@pytest.mark.parametrize("change", ON_SHEETS, ids=lambda change: change.__name__)
def test_what_a_reader_of_values_does_not_see_is_said_and_named(change, tmp_path):
    rule, severity, place = ON_SHEETS[change]
    for office, slot in SLOTS:
        sheet = form(office, slot)[1].sheets[0]
        row = sheet.first_row
        if change is hidden_row and not records(office, slot)[sheet.mains[0].fact]:
            continue  # a hidden row without a value is none
        content = in_book(change)(good(office, slot), row)
        found = [one for one in findings(office, slot, content, tmp_path) if one.rule == rule]
        assert [(one.sheet, one.severity) for one in found] == [(sheet.name, severity)], (office, slot)
        assert place.format(row=row, below=row + 1) in found[0].message_en
        assert found[0].message_ru != found[0].message_en


def with_error(content: bytes, row: int) -> bytes:
    """An error where Excel would keep it: the cell of row and column 2 of the first sheet."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    cell = book.worksheets[0].cell(row, 2)
    cell.value, cell.data_type = "#REF!", "e"
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def test_an_error_of_excel_holds_its_row_back_and_is_no_text(tmp_path):
    for office, slot in SLOTS:
        sheet = form(office, slot)[1].sheets[0]
        found = read(office, slot, with_error(good(office, slot), sheet.first_row), tmp_path)
        (one,) = [one for one in found.findings if one.rule == "error_in_cell"]
        assert (one.severity, one.row, one.column) == ("quarantine", sheet.first_row, 2)
        assert f"B{sheet.first_row}" in one.message_en
    headed = findings("kgz", "workbook", with_error(good("kgz", "workbook"), 1), tmp_path)
    assert [one.severity for one in headed if one.rule == "error_in_cell"] == ["refuse"]


def test_errors_everywhere_are_one_finding(tmp_path):
    plain = parts(good("kaz", "cases"))
    rows = b"".join(b'<row r="%d"><c r="B%d" t="e"><v>#N/A</v></c></row>' % (n, n) for n in range(2000, 2300))
    content = packed({**plain, SHEET: plain[SHEET].replace(b"</sheetData>", rows + b"</sheetData>")})
    (one,) = findings("kaz", "cases", content, tmp_path)
    assert (one.rule, one.severity, one.count) == ("error_in_cell", "refuse", 300)
    assert "Columns B:" in one.message_en


def test_a_formula_with_a_value_is_its_value_once_a_spreadsheet_calculated_it(tmp_path):
    """XlsxWriter puts a 0 where nothing was calculated, and says so in the workbook alone."""
    plain = parts(good("kgz", "workbook"))
    old = plain[SHEET]
    start = old.index(b"<v>", old.index(b'r="A5"'))
    formula = old[:start] + b"<f>1+0</f>" + old[start:]
    as_written = packed({**plain, SHEET: formula})
    calculated = packed({**plain, SHEET: formula, BOOK: plain[BOOK].replace(b' fullCalcOnLoad="1"', b"")})
    assert [one.rule for one in findings("kgz", "workbook", as_written, tmp_path)] == ["formula_without_value"]
    assert findings("kgz", "workbook", calculated, tmp_path) == []
    unvalued_text = formula.replace(b"<f>1+0</f><v>1</v>", b'<f>""</f><v></v>', 1)
    assert unvalued_text != formula
    typed = packed({**plain, SHEET: unvalued_text, BOOK: plain[BOOK].replace(b' fullCalcOnLoad="1"', b"")})
    assert [one.rule for one in findings("kgz", "workbook", typed, tmp_path)] == ["formula_without_value"]


def test_a_program_that_writes_a_prefix_before_every_name_is_read_alike(tmp_path):
    plain = parts(good("kaz", "cases"))
    sheet = plain[SHEET]
    head = sheet.index(b"<worksheet")
    body = sheet[head:].replace(b"</", b"\1").replace(b"<", b"<x:").replace(b"\1", b"</x:")
    prefixed = sheet[:head] + body.replace(b"xmlns=", b"xmlns:x=", 1)
    before, after = (read("kaz", "cases", packed({**plain, SHEET: s}), tmp_path) for s in (sheet, prefixed))
    assert after.findings == []
    assert after.grids[0].headers == before.grids[0].headers
    unnamed = with_error(packed({**plain, SHEET: sheet}), 2)
    shifted = parts(unnamed)
    shifted[SHEET] = re.sub(rb'(<c) r="[A-Z]+[0-9]+"', rb"\1", shifted[SHEET])
    (one,) = [f for f in findings("kaz", "cases", packed(shifted), tmp_path) if f.rule == "error_in_cell"]
    assert (one.row, one.column) == (2, 2), "cells without references are counted from the left"


# Memory stays bounded, whatever the file says

CHILD = """
import resource, sys, time
from pathlib import Path
from pipelines.contracts import contracts
from pipelines.readers import reading
import python_calamine
resource.setrlimit(resource.RLIMIT_AS, (900 << 20, 900 << 20))
with reading(contracts()[sys.argv[2]].slots[sys.argv[3]], Path(sys.argv[1])) as found:
    print(*[one.rule for one in found.findings])
# The most memory this program ever had; what `getrusage` says includes the process that started it.
print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
"""


def in_a_child(content: bytes, folder: Path, office: str = "kgz", slot: str = "workbook") -> tuple[list[str], int]:
    """The rules that reading a workbook finds in a process with 900 MB, and the MB it took."""
    path = folder / "book.xlsx"
    path.write_bytes(content)
    command = [sys.executable, "-c", CHILD, str(path), office, slot]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr[-2000:]
    rules, most = done.stdout.splitlines()
    return rules.split(), int(most) >> 10


def bomb(content: bytes) -> bytes:
    """Hundreds of megabytes of blanks in a part of a few hundred kilobytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts(content).items():
            archive.writestr(name, body)
        with archive.open("xl/theme/theme2.xml", "w", force_zip64=True) as part:
            part.write(b"<a>")
            for _ in range(300):
                part.write(b" " * (1 << 20))
    return target.getvalue()


FAR = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
BOMBS: dict[str, tuple[Change, str]] = {
    "blanks without an end": (bomb, "unpacks_too_large"),
    "blanks that are denied": (lambda c: deny_size(bomb(c)), "unpacks_too_large"),
    "a cell in the last corner": (in_part(SHEET, b"</sheetData>", FAR), "sheet_too_large"),
    "a cell that its row denies": (in_part(SHEET, b"</sheetData>", FAR.replace(b'row r="1048576"', b'row r="50"')),
                                   "sheet_too_large"),
    "a row beyond all rows": (in_part(SHEET, b"</sheetData>", FAR.replace(b"1048576", b"9" * 12)), "sheet_too_large"),
    "a place in small letters": (in_part(SHEET, b"</sheetData>", FAR.replace(b"XFD", b"xfd")), "sheet_too_large"),
    "texts without an end": (
        with_part("xl/comments9.xml", b"<comments>" + bytes(range(65, 91)) * (1 << 20) + b"</comments>"),
        "unpacks_too_large",
    ),
}  # fmt: skip


def deny_size(content: bytes) -> bytes:
    """The largest part says that it unpacks to a hundred bytes."""
    changed = bytearray(content)
    line = content.rindex(b"PK\x01\x02")
    struct.pack_into("<I", changed, line + 24, 100)
    return bytes(changed)


@pytest.mark.parametrize("case", BOMBS)
def test_a_bomb_is_refused_in_little_memory(case, tmp_path):
    change, rule = BOMBS[case]
    rules, most = in_a_child(change(good("kgz", "workbook")), tmp_path)
    assert rules == [rule]
    assert most < 400, "MB"


def test_a_long_sheet_is_read_row_by_row(tmp_path):
    """200,000 rows of a form of 23 columns; held as lists of texts they alone would take half a gigabyte."""
    cells = b"".join(b'<c r="%c%%d"><v>40453</v></c>' % letter for letter in b"ABCDEFGH")
    rows = b"".join((b'<row r="%d">' + cells + b"</row>") % ((n,) * 9) for n in range(101, 200_101))
    content = in_part(SHEET, b"</sheetData>", rows + b"</sheetData>")(good("kaz", "cases"))
    rules, most = in_a_child(content, tmp_path, "kaz", "cases")
    assert rules == []
    assert most < 340, "MB"


def test_the_children_can_read_a_good_workbook(tmp_path):
    """Otherwise the limits of the tests above would prove nothing."""
    assert in_a_child(good("kgz", "workbook"), tmp_path)[0] == []


# The handbook


def test_the_handbook_has_every_limit_and_every_id_of_these_findings(repository):
    text = (repository / "docs" / "checks.md").read_text(encoding="utf-8")
    section = text[text.index("## What a file may be") : text.index("## Severities")]
    sources = [repository / "pipelines" / name for name in ("guards.py", "book_guards.py")]
    written = {rule for path in sources for rule in re.findall(r', "([a-z0-9_]+)",', path.read_text(encoding="utf-8"))}
    ids = {kind.rule for kind in Kind} | written - {"refuse", "quarantine", "warn"}
    assert len(ids) > 20
    assert [rule for rule in sorted(ids) if f"`{rule}`" not in section] == []
    megabytes = (limits.MOST_BYTES_CSV, limits.MOST_BYTES_XLSX, limits.MOST_BYTES_XLS)
    assert f"{', '.join(str(most // limits.MB) for most in megabytes)} MB" in section
    assert f"{limits.MOST_PARTS:,}; {limits.MOST_UNPACKED >> 30} GB; {limits.MOST_RATIO}" in section
    assert f"{limits.MOST_CELLS // 1_000_000} million" in section
    assert f"{limits.MOST_ROWS_CSV // 1_000_000} million" in section
