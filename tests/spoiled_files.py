"""Files of the sample with cells spoiled, for every office and slot, whatever the format of the form."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from functools import cache
from typing import Any

import openpyxl

from indicators.facts import facts
from pipelines.contracts import contracts
from pipelines.demo import sample_records
from pipelines.forms import CSV, Contract, Slot
from pipelines.layout import layout
from pipelines.render import render

SAMPLE = sample_records()
# The offices that have a sample; a new one is tried with random records (`test_parse_render`, `test_templates`).
SLOTS = [(contracts()[o], slot) for o in sorted({o for o, _ in SAMPLE}) for slot in contracts()[o].slots.values()]
NOT_UNDERSTOOD = "=не-то"
# A sheet (its number in the form), a row and a column, both from 1.
Place = tuple[int, int, int]


def named(value: Contract | Slot) -> str:
    return value.office if isinstance(value, Contract) else value.name


def period_of(contract: Contract, slot: Slot) -> str:
    """The last quarter of the sample in which the office has rows for the slot; the last one, if it never has."""
    periods = sorted((period for office, period in SAMPLE if office == contract.office), reverse=True)
    return next((p for p in periods if any(SAMPLE[contract.office, p].get(fact) for fact in slot.facts)), periods[0])


@cache
def _good(office: str, name: str) -> bytes:
    contract = contracts()[office]
    slot = contract.slots[name]
    period = period_of(contract, slot)
    return render(contract, slot, period, SAMPLE[office, period])


def good(contract: Contract, slot: Slot) -> bytes:
    return _good(contract.office, slot.name)


def read(content: bytes, slot: Slot) -> list[dict[tuple[int, int], Any]]:
    """The cells that are not empty, of each sheet of the form, as they stand in the file."""
    if slot.form.format == CSV and content[:2] != b"PK":
        table = list(csv.reader(io.StringIO(content.decode(slot.form.encodings[0])), delimiter=slot.form.delimiter))
        return [{(r, c): v for r, row in enumerate(table, 1) for c, v in enumerate(row, 1) if v}]
    book = openpyxl.load_workbook(io.BytesIO(content))
    pages = [book[sheet.name] for sheet in slot.sheets] if slot.sheets[0].name else [book.worksheets[-1]]
    return [{(c.row, c.column): c.value for row in page for c in row if c.value is not None} for page in pages]


def changed(content: bytes, slot: Slot, values: Mapping[Place, Any]) -> bytes:
    """The file with these cells changed; a text stays a text."""
    if slot.form.format == CSV and content[:2] != b"PK":
        table = list(csv.reader(io.StringIO(content.decode(slot.form.encodings[0])), delimiter=slot.form.delimiter))
        for (_, row, column), value in values.items():
            table[row - 1][column - 1] = value or ""
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=slot.form.delimiter).writerows(table)
        return text.getvalue().encode(slot.form.encodings[0])
    book = openpyxl.load_workbook(io.BytesIO(content))
    for (number, row, column), value in values.items():
        page = book[slot.sheets[number].name] if slot.sheets[0].name else book.worksheets[-1]
        page.cell(row, column).value = value
        if isinstance(value, str):
            page.cell(row, column).data_type = "s"
    return saved(book)


def saved(book: Any) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def spoiled(contract: Contract, slot: Slot) -> dict[Place, Any]:
    """For each column of each sheet that can be misunderstood one cell that is, as far as possible in rows apart."""
    cells = read(good(contract, slot), slot)
    found: dict[Place, Any] = {}
    for number, sheet in enumerate(slot.sheets):
        last = max(row for row, _ in cells[number]) - (1 if sheet.totals else 0)
        for position, place in enumerate(layout(sheet), 1):
            for row in (row for row in range(sheet.first_row, last + 1) if (row, position) in cells[number]):
                if place.role == "data" and all((number, row, c) not in found for c in range(1, position)):
                    found |= _fault(number, row, position, place.uses[0])
                    break
    return found


def _fault(number: int, row: int, position: int, use: Any) -> dict[Place, Any]:
    column = facts()[use.block.fact].columns[use.column]
    if use.code is not None or column.type in ("date", "integer", "decimal", "boolean") or column.values:
        return {(number, row, position): NOT_UNDERSTOOD}
    return {}
