"""Whatever is done to an office's file: each of its rows counts, is held back by name, or the whole file is refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from duckdb import DuckDBPyConnection
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.contracts import Contract
from pipelines.cycle import programme_contracts
from pipelines.demo import sample_records
from pipelines.forms import Sheet, Slot
from pipelines.intake import receive
from pipelines.intake_folder import receive_folder
from pipelines.layout import layout
from pipelines.render import written
from pipelines.warehouse import open_warehouse
from pipelines.writers import Written, write
from tests.spoiled_files import SLOTS, named, period_of

SAMPLE = sample_records()
Row = list[Any]
Place = tuple[str, int]
# What is typed into a cell where something else should stand; nothing that names a person.
JUNK: list[Any] = [
    None, "", " ", "-", "не-то", "???", "=1+1", "1,234", "1e5", "-99", "999", "40453", "31.02.2010", "02/10/10", "NULL",
    "да/нет", "Всего", "около 50", -7, 0, 10**9, date(1999, 12, 31), date(2030, 1, 1),
]  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DuckDBPyConnection, Path]]:
    """The sample quarters, taken in: rows refer to each other."""
    folder = tmp_path_factory.mktemp("store")
    for (office, period), records in SAMPLE.items():
        contract = programme_contracts()[office]
        for slot in contract.slots_at(period).values():
            path = folder / "raw" / office / slot.file_name(period)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(write(written(slot, period, records), slot.form))
    with ExitStack() as stack:
        con = stack.enter_context(open_warehouse(folder / "curated"))
        receive_folder(con, folder / "raw", programme_contracts(), folder / "curated")
        yield con, folder


@st.composite
def mutated(draw: st.DrawFn, slot: Slot, clean: list[Written]) -> list[Written]:
    """The sheets of a file after some hands have been at it."""
    return [_mutated(draw, sheet, page) for sheet, page in zip(slot.sheets, clean, strict=True)]


def _mutated(draw: st.DrawFn, sheet: Sheet, page: Written) -> Written:
    headers, rows = list(page.headers), [list(row) for row in page.rows]
    for _ in range(draw(st.integers(0, 3))):
        draw(st.sampled_from(HANDS))(draw, headers, rows)
    return replace(page, headers=tuple(headers), rows=rows, totals=page.totals and _totals(sheet, page, rows))


def _cell(draw: st.DrawFn, headers: list[str], rows: list[Row]) -> None:
    if rows:
        draw(st.sampled_from(rows))[draw(st.integers(0, len(headers) - 1))] = draw(st.sampled_from(JUNK))


def _cells_swapped(draw: st.DrawFn, headers: list[str], rows: list[Row]) -> None:
    if rows:
        row = draw(st.sampled_from(rows))
        one, other = (draw(st.integers(0, len(headers) - 1)) for _ in range(2))
        row[one], row[other] = row[other], row[one]


def _row_twice(draw: st.DrawFn, headers: list[str], rows: list[Row]) -> None:
    if rows:
        rows.insert(draw(st.integers(0, len(rows))), list(draw(st.sampled_from(rows))))


def _row_gone(draw: st.DrawFn, headers: list[str], rows: list[Row]) -> None:
    if rows:
        rows.pop(draw(st.integers(0, len(rows) - 1)))


def _odd_row(draw: st.DrawFn, headers: list[str], rows: list[Row]) -> None:
    filled = {
        draw(st.integers(0, len(headers) - 1)): draw(st.sampled_from(JUNK)) for _ in range(draw(st.integers(0, 2)))
    }
    rows.insert(draw(st.integers(0, len(rows))), [filled.get(i) for i in range(len(headers))])


def _columns_swapped(draw: st.DrawFn, headers: list[str], rows: list[Row]) -> None:
    """Two columns with their headers: a form filled in another order, where the header has one row."""
    one, other = (draw(st.integers(0, len(headers) - 1)) for _ in range(2))
    for cells in (headers, *rows):
        cells[one], cells[other] = cells[other], cells[one]


def _header_misspelt(draw: st.DrawFn, headers: list[str], rows: list[Row]) -> None:
    at = draw(st.integers(0, len(headers) - 1))
    headers[at] = draw(st.sampled_from([headers[at] + "*", headers[at][:-1], headers[at].upper(), "Прочее"]))


# Cells are spoiled most often; the others are rarer in life too.
HANDS = [
    *[_cell] * 6,
    *[_row_twice] * 2,
    *[_odd_row] * 2,
    _row_gone,
    _cells_swapped,
    _columns_swapped,
    _header_misspelt,
]


def _totals(sheet: Sheet, page: Written, rows: list[Row]) -> Row:
    """The last row as Excel would work it out from what stands above."""
    assert sheet.totals is not None
    assert page.totals is not None
    names = [place.uses[0].column if place.uses else "" for place in layout(sheet)]
    found: Row = list(page.totals)
    for at, name in enumerate(names):
        values = [row[at] for row in rows if row[at] not in (None, "")]
        if name in sheet.totals.sums:
            found[at] = sum(value for value in values if isinstance(value, int))
        elif name in sheet.totals.counts:
            found[at] = len(values)
    return found


def rows_in(slot: Slot, pages: list[Written]) -> set[Place]:
    """Sheet and number of every row with something in it, but for the office's running number."""
    found = set()
    for sheet, page in zip(slot.sheets, pages, strict=True):
        running = {i for i, place in enumerate(layout(sheet)) if place.role == "numbering"}
        for number, row in enumerate(page.rows, start=sheet.first_row):
            if any(str(v).strip() for i, v in enumerate(row) if i not in running and v is not None):
                found.add((sheet.name, number))
    return found


def accounted(con: DuckDBPyConnection, slot: Slot, entry: int) -> tuple[set[Place], set[Place]]:
    """The rows of an entry that count, and those held back, by sheet and number."""
    kept: set[Place] = set()
    for name in slot.facts:
        kept |= set(con.execute(f"SELECT DISTINCT sheet, row_number FROM {name} WHERE entry = ?", [entry]).fetchall())
    held = con.execute("SELECT DISTINCT sheet, row_number FROM quarantine WHERE entry = ?", [entry])
    return kept, set(held.fetchall())


def in_tables(con: DuckDBPyConnection, slot: Slot) -> int:
    return sum(con.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0] for name in slot.facts)


@pytest.mark.parametrize(("contract", "slot"), SLOTS, ids=named)
def test_no_row_is_lost_without_a_finding(contract: Contract, slot: Slot, store: Any) -> None:
    con, folder = store
    period = period_of(contract, slot)
    clean = written(slot, period, SAMPLE[contract.office, period])

    outcomes: set[str] = set()

    @settings(max_examples=max(settings().max_examples // 8, 4))
    @given(mutated(slot, clean))
    def check(pages: list[Written]) -> None:
        path = folder / slot.file_name(period)
        try:
            path.write_bytes(write(pages, slot.form))
        except UnicodeEncodeError:
            return
        before, seen = in_tables(con, slot), []

        def look(entry: int) -> bool:
            """Inside the transaction; a no then rolls it back, so that each example finds the same store."""
            seen.append((accounted(con, slot, entry), in_tables(con, slot)))
            return False

        receipt = receive(con, contract, path, folder / "curated", confirm=look)
        outcomes.add(receipt.status)
        if receipt.status == "unchanged":
            assert pages == clean or rows_in(slot, pages) == rows_in(slot, clean)
        elif receipt.status == "refused":
            assert any(finding.severity == "refuse" for finding in receipt.findings)
        else:
            (((kept, held), now),) = seen
            notes = {(f.sheet, f.row) for f in receipt.findings if f.rule == "footnote_row" and f.severity == "warn"}
            assert kept | held | notes == rows_in(slot, pages)
            assert now == before + receipt.rows_accepted, "the rows of the file that was replaced are all still there"
            named_rows = {(f.sheet, f.row) for f in receipt.findings if f.severity == "quarantine"}
            assert held <= named_rows, "each row held back is named to the office"

    check()
    assert len(outcomes) > 1, "the hands do nothing, or spoil everything"
