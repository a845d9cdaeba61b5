"""Random records that an office's form can hold, drawn from the declaration of the facts and the contract."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from hypothesis import strategies as st

from indicators.calendars import Quarter
from indicators.facts import Column, codelists, facts
from pipelines.cells import word_codes
from pipelines.forms import WHOLE, Block, Contract, Form, Sheet, Slot
from pipelines.parse import Parsed, parse, records
from pipelines.personal_numbers import passport_pattern

Row = dict[str, Any]
MOST_ROWS = 5


def period_of(slot: Slot) -> str:
    return "2010-Q4" if slot.is_by_period else WHOLE


def slot_records(contract: Contract, slot: Slot) -> st.SearchStrategy[dict[str, list[Row]]]:
    """Records of every fact of a slot."""

    @st.composite
    def drawn(draw: st.DrawFn) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for sheet in slot.sheets:
            found |= _of_sheet(draw, contract, slot, sheet)
        return found

    return drawn()


def _of_sheet(draw: st.DrawFn, contract: Contract, slot: Slot, sheet: Sheet) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for block in sheet.mains:
        key = facts()[block.fact].key
        rows = draw(st.lists(_row(contract, slot, block), max_size=MOST_ROWS, unique_by=_by_key(key)))
        found[block.fact] = [row | _generated(block, sheet.first_row + i) for i, row in enumerate(rows)]
    for block in sheet.groups:
        found[block.fact] = _details(draw, contract, slot, block, found[sheet.mains[0].fact])
    return found


def _by_key(names: tuple[str, ...]) -> Callable[[Row], tuple[str, ...]]:
    return lambda row: tuple(repr(row[name]) for name in names)


def _generated(block: Block, number: int) -> Row:
    return {name: template.replace("{row}", str(number)) for name, template in block.generated.items()}


def _details(draw: st.DrawFn, contract: Contract, slot: Slot, block: Block, mains: list[Row]) -> list[Row]:
    """Details of some of the records and of one of an earlier file, never more than there are groups."""
    elsewhere = draw(_row(contract, slot, block))
    keys = [{name: row[name] for name in block.inherits} for row in (*mains, elsewhere)]
    found: list[Row] = []
    for key in {tuple(key.items()): key for key in keys}.values():
        for number in range(1, draw(st.integers(0, min(block.times, 3))) + 1):
            row = draw(_row(contract, slot, block)) | key
            found.append(row | ({block.position: number} if block.position else {}))
    return found


def _row(contract: Contract, slot: Slot, block: Block) -> st.SearchStrategy[Row]:
    columns = facts()[block.fact].columns
    return st.fixed_dictionaries({name: _value(contract, slot, block, column) for name, column in columns.items()})


def _value(contract: Contract, slot: Slot, block: Block, column: Column) -> st.SearchStrategy[Any]:
    name = column.name
    if name in block.constants:
        return st.just(block.constants[name])
    if name not in block.collected or name in block.generated or name == block.position:
        return st.just([] if column.is_list else None)
    if name in block.flags:
        return st.sets(st.sampled_from(list(block.flags[name]))).map(
            lambda chosen: [code for code in block.flags[name] if code in chosen]
        )
    value = _known(contract, slot.form, period_of(slot), facts()[block.fact].dated_by == name, column)
    is_never_empty = column.required or column.is_list or name in block.empty_is
    return value if is_never_empty else st.none() | value


def _known(contract: Contract, form: Form, period: str, is_dating: bool, column: Column) -> st.SearchStrategy[Any]:
    if column.values:
        said = sayable(column.values, form, period)
        if column.is_list:  # what is not known is in no list
            named = [code for code in said if code != codelists()[column.values].unknown]
            return st.lists(st.sampled_from(named), max_size=3, unique=True)
        return st.sampled_from(said)
    if column.type == "date":
        return _day(period, is_dating)
    if column.type == "boolean":
        return st.booleans()
    if column.type == "integer":
        return st.integers(column.minimum or 0, column.maximum or 10**6)
    if column.type == "decimal":
        return st.integers((column.minimum or 0) * 100, (column.maximum or 1000) * 100).map(lambda n: Decimal(n) / 100)
    if column.type == "text":
        return st.from_regex(column.pattern or "[a-z]+", fullmatch=True).map(str.strip).filter(lambda s: len(s) > 2)
    return _ref(contract, column)


def sayable(name: str, form: Form, period: str) -> list[str]:
    """The codes of a list that the form has a word of their own for in a period."""
    known = word_codes(name, form, period)
    return [code for code, words in form.words[name].items() if words and known[form.fold(words[0])] == code]


def _day(period: str, is_dating: bool) -> st.SearchStrategy[date]:
    if period == WHOLE or not is_dating:
        return st.dates(date(2000, 1, 1), date(2020, 12, 31))
    quarter = Quarter.parse(period)
    return st.integers(0, (quarter.end - quarter.start).days).map(lambda days: quarter.start + timedelta(days=days))


def _ref(contract: Contract, column: Column) -> st.SearchStrategy[str]:
    """Codes as the declaration has them; the office's own letters where a code begins with letters and a dash."""
    pattern = (column.pattern or "[A-Z]{2}-X[0-9]{1,4}").removeprefix("^").removesuffix("$")
    letters = contract.place if not contract.place_column else "KZ"
    drawn = st.from_regex(pattern, fullmatch=True).map(lambda ref: re.sub("^[A-Z]+(?=-)", letters, ref))
    # AN1234567 is a person code by its pattern and a Kyrgyz passport by its shape: the gate refuses it.
    return drawn.filter(lambda ref: not re.fullmatch(passport_pattern(), ref))


def read_back(
    con: duckdb.DuckDBPyConnection, contract: Contract, slot: Slot, period: str, content: bytes, folder: Path
) -> tuple[Parsed, dict[str, list[Row]]]:
    """What comes out of a file of these bytes; no rows of a file that is refused."""
    path = folder / slot.file_name(period)
    path.write_bytes(content)
    parsed = parse(contract, slot, period, path, con)
    is_out = any(finding.severity == "refuse" for finding in parsed.findings)
    return parsed, {} if is_out else {name: records(con, name) for name in slot.facts}


def in_order(rows: list[Row]) -> list[Row]:
    """Rows in an order of their own: groups put the details of one record together."""
    return sorted(rows, key=lambda row: repr(sorted(row.items())))
