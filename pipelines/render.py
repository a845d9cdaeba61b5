"""Rows of facts to the file an office would send: the exact inverse of `pipelines.parse`.

The same records give the same bytes. What the form cannot say (a column it does not have, a word that
means something else, more details than there are groups) is an error, never left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from indicators.facts import Column, facts
from pipelines.cells import word_codes
from pipelines.forms import PERIOD_IN_NAME, XLSX, Block, Contract, Form, Sheet, Slot
from pipelines.layout import Place, Use, layout
from pipelines.writers import MOST_ROWS, Written, write

Record = Mapping[str, Any]
Records = Mapping[str, Sequence[Record]]
# A row of a sheet on its way: the value of each column of each block.
Line = dict[tuple[str, int, str], Any]


class RenderError(ValueError):
    """Records that the form of the office cannot hold."""


def render(contract: Contract, slot: Slot, period: str, records: Records) -> bytes:
    """The bytes of the slot's file. Facts of other slots are left alone; a fact without rows gives none.

    Raises RenderError for what the form cannot say; the message names fact and column, never a value.
    """
    sheets = lay_out(slot, period, records)
    try:
        return write(sheets, slot.form)
    except UnicodeEncodeError as error:
        raise RenderError(f"{contract.office} {slot.name}: {error.encoding} lacks a letter that is needed") from None


def lay_out(slot: Slot, period: str, records: Records) -> list[Written]:
    """The sheets of the slot's file with what stands on them, before it is bytes. Raises RenderError."""
    return [_sheet(sheet, slot.form, period, records) for sheet in slot.sheets]


def _sheet(sheet: Sheet, form: Form, period: str, records: Records) -> Written:
    places = layout(sheet)
    writer = _Cells(form, period)
    lines = list(_lines(sheet, records))
    if form.format == XLSX and len(lines) + sheet.first_row > MOST_ROWS:
        raise RenderError(f"{sheet.name}: an XLSX sheet holds {MOST_ROWS} rows, but there are {len(lines)} to write")
    rows = [[_cell(writer, sheet, place, line, number) for place in places] for number, line in enumerate(lines, 1)]
    return Written(
        name=sheet.name,
        titles=tuple(title.replace(PERIOD_IN_NAME, period) for title in sheet.titles),
        header_rows=sheet.header_rows,
        headers=tuple(place.headers[0] for place in places),
        rows=rows,
        totals=_totals(sheet, places, lines) if sheet.totals else None,
    )


def _lines(sheet: Sheet, records: Records) -> Iterator[Line]:
    """The rows of a sheet: each main record with its details, then details without one."""
    details = _Details(sheet, records)
    for block in sheet.mains:
        for number, record in enumerate(records.get(block.fact, []), start=sheet.first_row):
            _check(block, record, number)
            if sheet.groups:
                _check_main(sheet, block, record)
            line = {(block.fact, 0, name): record.get(name) for name in facts()[block.fact].columns}
            yield line | (details.take(record) if sheet.groups else {})
    yield from details.left()


class _Details:
    """The rows of the detail facts by the key they share with the main fact, given out once each."""

    def __init__(self, sheet: Sheet, records: Records) -> None:
        self.main = sheet.mains[0]
        self.waiting: dict[str, dict[tuple[Any, ...], list[Record]]] = {}
        self.groups = {block.fact: block for block in sheet.groups}
        for block in sheet.groups:
            by_key: dict[tuple[Any, ...], list[Record]] = defaultdict(list)
            for record in records.get(block.fact, []):
                _check(block, record, 0)
                by_key[tuple(record.get(name) for name in block.inherits)].append(record)
            self.waiting[block.fact] = by_key

    def take(self, record: Record) -> Line:
        """The details of a main record."""
        line: Line = {}
        for fact, block in self.groups.items():
            found = self.waiting[fact].pop(tuple(record.get(name) for name in block.inherits), [])
            line |= _placed(block, found)
        return line

    def left(self) -> Iterator[Line]:
        """Rows for details whose main record is in another file: the key alone stands in the main block."""
        keys = {
            tuple(zip(block.inherits, key, strict=True))
            for fact, block in self.groups.items() for key in self.waiting[fact]
        }  # fmt: skip
        for key in sorted(keys, key=repr):
            record = dict(key)
            yield {(self.main.fact, 0, name): value for name, value in record.items()} | self.take(record)


def _placed(block: Block, found: Sequence[Record]) -> Line:
    """Details put into their groups: by the number that is a column, or one after another."""
    numbers = [record[block.position] for record in found] if block.position else list(range(1, len(found) + 1))
    if len(found) > block.times or len(set(numbers)) < len(numbers) or not set(numbers) <= set(block.instances):
        raise RenderError(f"{block.fact}: {len(found)} rows for one record, but the form has {block.times} groups")
    names = facts()[block.fact].columns
    return {(block.fact, n, name): record.get(name) for n, record in zip(numbers, found, strict=True) for name in names}


def _check(block: Block, record: Record, row: int) -> None:
    """Whether the form has a place for everything the record says."""
    columns = facts()[block.fact].columns
    wrong = [name for name in record if name not in columns]
    for name, value in record.items():
        if name in columns and value not in (None, []) and name not in block.collected:
            wrong.append(name)
    for name, value in block.constants.items():
        wrong += [name] if record.get(name) != value else []
    for name, template in block.generated.items():
        wrong += [name] if record.get(name) != template.replace("{row}", str(row)) else []
    own = [name for name in block.columns if record.get(name) not in (None, [])]
    if block.times and not own:
        raise RenderError(f"{block.fact}: a row says nothing in the columns of its group and would be lost")
    if wrong:
        raise RenderError(f"{block.fact}: the form cannot say what stands in {', '.join(sorted(set(wrong)))}")


def _check_main(sheet: Sheet, block: Block, record: Record) -> None:
    """A main record with the key alone would be read as going on about an earlier one."""
    taken_over = {name for group in sheet.groups for name in group.inherits}
    if not any(record.get(name) not in (None, []) for name in block.columns if name not in taken_over):
        raise RenderError(f"{block.fact}: a row says nothing but its code and would be lost")


def _cell(writer: _Cells, sheet: Sheet, place: Place, line: Line, number: int) -> Any:
    if place.role == "numbering":
        return number
    if place.role == "kind":
        return next(block.kind[0] for block in sheet.mains if any(key[0] == block.fact for key in line))
    for use in place.uses:
        key = (use.block.fact, use.instance, use.column)
        if key in line:
            return writer.value(use, line[key])
    return None


class _Cells:
    """Values to cells by the words of the form; the words of each code list are looked up once."""

    def __init__(self, form: Form, period: str) -> None:
        self.form, self.period = form, period
        self.known: dict[str, dict[str, str]] = {}

    def value(self, use: Use, value: Any) -> Any:
        """What stands in the cell: text, number, day or nothing."""
        column = facts()[use.block.fact].columns[use.column]
        if use.code is not None:
            return self._truth(use.code in value) if use.code in value else None
        if value is None or value == []:
            return self._nothing(use)
        if column.type == "boolean":
            return self._truth(value)
        if column.is_list:
            return self.form.separator.join(self._word(column, code) for code in value)
        return self._word(column, value) if column.type == "code" else value

    def _nothing(self, use: Use) -> None:
        if use.column in use.block.empty_is:
            raise RenderError(f"{use.block.fact}: an empty {use.column} would be read as known")

    def _truth(self, value: bool) -> str:
        return (self.form.true if value else self.form.false)[0]

    def _word(self, column: Column, code: str) -> str:
        name = column.values or ""
        if name not in self.known:
            self.known[name] = word_codes(name, self.form, self.period)
        words = self.form.words[name].get(code, ())
        if not words or self.known[name][self.form.fold(words[0])] != code:
            raise RenderError(f"{column.name}: a code has no word of its own in {self.period}")
        return words[0]


def _totals(sheet: Sheet, places: Iterable[Place], lines: Sequence[Line]) -> list[Any]:
    """The last row: the word, sums and counts under their columns."""
    assert sheet.totals is not None, "asked for by the caller"
    row: list[Any] = []
    for place in places:
        uses = [use for use in place.uses if not use.block.times]
        name = uses[0].column if uses else None
        # Kinds of row may share the column; a line is of one kind.
        values = [line.get((use.block.fact, 0, use.column)) for line in lines for use in uses]
        given = [value for value in values if value is not None and value != []]
        if name == sheet.totals.column:
            row.append(sheet.totals.words[0])
        elif name in sheet.totals.sums:
            row.append(sum(given))
        else:
            row.append(len(given) if name in sheet.totals.counts else None)
    return row
