"""Every file that an office owes, as a workbook, and ways to change one: for the tests of what a workbook may be."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl

from pipelines.contracts import contracts
from pipelines.demo import sample_records
from pipelines.findings import Finding
from pipelines.forms import WHOLE, XLSX, Contract, Slot
from pipelines.readers import Reading, reading
from pipelines.render import render

PERIOD = "2010-Q4"
Change = Callable[[bytes], bytes]
# A few rows of each are enough here, and details stand beside them.
_ROWS = 12


def slots() -> list[tuple[str, str]]:
    """The office and name of every slot of every contract that has sample rows."""
    return [(office, name) for office, c in contracts().items() if (office, PERIOD) in _sample() for name in c.slots]


@cache
def _sample() -> Mapping[tuple[str, str], Mapping[str, list[Any]]]:
    return sample_records()


def as_workbook(slot: Slot) -> Slot:
    """The slot, sent as a workbook."""
    return replace(slot, form=replace(slot.form, format=XLSX))


def form(office: str, slot: str) -> tuple[Contract, Slot]:
    """A contract, and one of its slots as a workbook."""
    return contracts()[office], as_workbook(contracts()[office].slots[slot])


def records(office: str, slot: str) -> dict[str, list[Any]]:
    """Sample rows for a slot: the first of each fact, where no other refers to them by its place."""
    _, one = form(office, slot)
    rows = {fact: _sample()[office, PERIOD].get(fact, []) for fact in one.facts}
    return rows if any(sheet.groups for sheet in one.sheets) else {fact: some[:_ROWS] for fact, some in rows.items()}


@cache
def good(office: str, slot: str) -> bytes:
    """The bytes of a workbook as the office would send it."""
    contract, one = form(office, slot)
    return render(contract, one, PERIOD if one.is_by_period else WHOLE, records(office, slot))


def read(office: str, slot: str, content: bytes, folder: Path, suffix: str = ".xlsx") -> Reading:
    """What reading a workbook gives."""
    _, one = form(office, slot)
    path = (folder / one.file_name(PERIOD)).with_suffix(suffix)
    path.write_bytes(content)
    with reading(one, path) as found:
        return found


def findings(office: str, slot: str, content: bytes, folder: Path, suffix: str = ".xlsx") -> list[Finding]:
    """What is found in a workbook while it is read."""
    return read(office, slot, content, folder, suffix).findings


def parts(content: bytes) -> dict[str, bytes]:
    """The parts of a workbook by name."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(content: Mapping[str, bytes]) -> bytes:
    """Parts as a workbook."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in content.items():
            archive.writestr(name, body)
    return target.getvalue()


def with_part(name: str, body: bytes) -> Change:
    """One more part."""
    return lambda content: packed({**parts(content), name: body})


def in_part(name: str, old: bytes, new: bytes) -> Change:
    """Other bytes in a part; they must be there."""

    def change(content: bytes) -> bytes:
        found = parts(content)
        assert old in found[name], f"{name} has no {old!r}"
        return packed({**found, name: found[name].replace(old, new, 1)})

    return change


def in_book(change: Callable[[Any, Any, int], None]) -> Callable[[bytes, int], bytes]:
    """A change by openpyxl of the first sheet, whose data begin in a given row."""

    def changed(content: bytes, first_row: int) -> bytes:
        book = openpyxl.load_workbook(io.BytesIO(content))
        change(book, book.worksheets[0], first_row)
        saved = io.BytesIO()
        book.save(saved)
        return saved.getvalue()

    return changed


def as_xls(content: bytes) -> bytes:
    """A workbook as Excel 2003 would keep it: the same cells, merged ones included."""
    import xlwt

    source = openpyxl.load_workbook(io.BytesIO(content))
    target = xlwt.Workbook(encoding="utf-8")
    day = xlwt.easyxf(num_format_str="DD.MM.YYYY")
    for sheet in source.worksheets:
        page = target.add_sheet(sheet.title)
        merged = {(one.min_row, one.min_col): one for one in sheet.merged_cells.ranges}
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.value is not None):
            at = merged.get((cell.row, cell.column))
            if at:
                bounds = at.min_row - 1, at.max_row - 1, at.min_col - 1, at.max_col - 1
                page.write_merge(*bounds, label=cell.value)
            elif cell.is_date:
                page.write(cell.row - 1, cell.column - 1, cell.value, day)
            else:
                page.write(cell.row - 1, cell.column - 1, cell.value)
    saved = io.BytesIO()
    target.save(saved)
    return saved.getvalue()
