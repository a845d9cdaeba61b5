"""Findings about cells that were not understood: one for each cell, with the office's own row number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from duckdb import DuckDBPyConnection

from indicators.facts import Column, facts
from pipelines import complaints
from pipelines.blocks import OTHER_KIND, Cell
from pipelines.findings import Finding
from pipelines.forms import Block, Form, Slot

# Above this many cells, and this share of the rows, the column as a whole was not understood.
MOST_CELLS = 1000
MOST_SHARE = 0.1
_EXAMPLE = date(2010, 12, 31)


def unread(con: DuckDBPyConnection, name: str, slot: Slot, file: str, cells: Mapping[Cell, int]) -> list[Finding]:
    """What the bits of `bad` in `stage_<fact>` say; `cells` are the positions of the columns."""
    counts: Counter[int] = Counter()
    for bad, number in con.execute(f"SELECT bad, count(*) FROM stage_{name} WHERE bad <> 0 GROUP BY bad").fetchall():
        counts.update(dict.fromkeys(_bits(bad), number))
    if not counts:
        return []
    rows = con.execute(f"SELECT count(*) FROM stage_{name}").fetchall()[0][0]
    most = max(MOST_CELLS, MOST_SHARE * rows)
    whole = {bit for bit, number in counts.items() if number > most and bit != OTHER_KIND}
    findings = [_of_column(file, slot, name, bit, counts[bit]) for bit in sorted(whole)]
    bad_rows = con.execute(
        f"SELECT sheet, row_number, instance, bad FROM stage_{name} WHERE bad & ~CAST(? AS BIGINT) <> 0 ORDER BY ALL",
        [sum(1 << bit for bit in whole)],
    ).fetchall()
    for sheet, row, instance, bad in bad_rows:
        findings += [
            replace(
                _of_cell(file, slot, name, sheet, row, instance, bit),
                column=cells.get((sheet, name, instance, _column(name, bit))),
            )
            for bit in _bits(bad) if bit not in whole
        ]  # fmt: skip
    return findings


def _column(name: str, bit: int) -> str:
    return "" if bit == OTHER_KIND else list(facts()[name].columns)[bit]


def _bits(bad: int) -> Iterator[int]:
    return (bit for bit in range(OTHER_KIND + 1) if bad >> bit & 1)


def _of_cell(file: str, slot: Slot, name: str, sheet: str, row: int, instance: int, bit: int) -> Finding:
    if bit == OTHER_KIND:
        return complaints.cell_of_other_kind(file, sheet, row)
    column = list(facts()[name].columns.values())[bit]
    header = _header(slot, name, sheet, instance, column)
    return complaints.unread_cell(file, sheet, row, column.name, header, *expected(column, slot.form))


def _of_column(file: str, slot: Slot, name: str, bit: int, count: int) -> Finding:
    column = list(facts()[name].columns.values())[bit]
    sheet, instance = _first_sheet(slot, name)
    header = _header(slot, name, sheet, instance, column)
    return complaints.unread_column(file, sheet, column.name, header, *expected(column, slot.form), count)


def _first_sheet(slot: Slot, name: str) -> tuple[str, int]:
    return next((s.name, b.instances[0]) for s in slot.sheets for b in s.blocks if b.fact == name)


def _header(slot: Slot, name: str, sheet: str, instance: int, column: Column) -> str:
    """The header under which the column stands; a column taken over stands in the main block."""
    blocks = [block for s in slot.sheets if s.name == sheet for block in s.blocks]
    block = next(b for b in blocks if b.fact == name)
    if column.name in block.inherits:
        return next(b.columns[column.name][0] for b in blocks if not b.times and column.name in b.columns)
    return _own_header(block, instance, column)


def _own_header(block: Block, instance: int, column: Column) -> str:
    if column.name in block.flags:
        return next(iter(block.flags[column.name].values()))
    return block.header(block.columns[column.name][0], instance)


def example_day(form: Form) -> str:
    """The day that we name where an office is told how it writes one."""
    return _EXAMPLE.strftime(form.dates[0])


def expected(column: Column, form: Form) -> tuple[str, str]:
    """What a cell of the column should look like, in English and Russian."""
    if column.type == "date":
        example = example_day(form)
        return f"a day written like {example}", f"дата вида {example}"
    if column.type == "integer":
        return "a whole number in digits", "целое число цифрами"
    if column.type == "decimal":
        return f"a number written like 12{form.decimal}5", f"число вида 12{form.decimal}5"
    if column.type == "boolean" or not column.values:
        words = " / ".join((*form.true[:1], *form.false[:1]))
        return f"one of the words {words}", f"одно из слов {words}"
    several = column.is_list
    some = ", ".join(words[0] for words in list(form.words[column.values].values())[:8])
    en = f"one of the words of the list ({some}, ...)" + (f"; several stand apart by '{form.separator}'" * several)
    ru = f"одно из слов списка ({some}, ...)" + (f"; несколько разделяются знаком '{form.separator}'" * several)
    return en, ru
