"""The rows of a sheet into rows of its facts: one SELECT for every block and repetition, put together per fact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from duckdb import DuckDBPyConnection

from indicators.facts import Column, codelists, facts
from pipelines.cells import Reader, is_coded, literal, reader, understood
from pipelines.forms import Block, Contract, Form
from pipelines.layout import Place, Use
from pipelines.readers import Grid

# The bit of `bad` for a cell that belongs to another kind of row; the others are columns in their order.
OTHER_KIND = 62

# The different cells under each coded column, by its position on the sheet.
Words = Mapping[int, Sequence[str]]

# A column of a fact on a sheet: sheet, fact, number of the group (0 outside groups), column.
Cell = tuple[str, str, int, str]


@dataclass(frozen=True)
class Loaded:
    """A sheet in the temporary table `table`: `k<i>` is the cleaned cell of column i.

    `columns` are the columns of the form with their positions.
    """

    grid: Grid
    table: str
    columns: Sequence[tuple[Place, int]]
    period: str
    words: Words

    def position(self, block: Block, instance: int, column: str, code: str | None = None) -> int:
        """The position of a column of a block; KeyError when the sheet does not have it."""
        for place, position in self.columns:
            for use in place.uses:
                if use.block is block and (use.instance, use.column, use.code) == (instance, column, code):
                    return position
        raise KeyError(column)

    def positions(self) -> dict[Cell, int]:
        """Where each column of each fact stands on this sheet, from 1; a column taken over stands in the main block."""
        found: dict[Cell, int] = {}
        for place, position in self.columns:
            for use in place.uses:
                found.setdefault((self.grid.sheet.name, use.block.fact, use.instance, use.column), position + 1)
        for block in self.grid.sheet.groups:
            main = self.grid.sheet.mains[0]
            for instance, name in ((n, name) for n in block.instances for name in block.inherits):
                where = found.get((self.grid.sheet.name, main.fact, 0, name))
                if where is not None:
                    found[self.grid.sheet.name, block.fact, instance, name] = where
        return found

    @property
    def row_number(self) -> str:
        """SQL for the number of a row as the office sees it."""
        return f"(rowid + {self.grid.first_row})"

    @property
    def kind_position(self) -> int | None:
        """Where the word stands that says what a row is."""
        return next((position for place, position in self.columns if place.role == "kind"), None)


def stage(con: DuckDBPyConnection, contract: Contract, form: Form, name: str, loaded: Sequence[Loaded]) -> None:
    """Make `stage_<fact>`: place, sheet, row_number, the fact's columns, `instance`; and for the findings `bad`.

    `bad` has a bit for each column of the fact whose cell was not understood.
    """
    parts = [
        _select(contract, form, sheet, block)
        for sheet in loaded for block in sheet.grid.sheet.blocks if block.fact == name
    ]  # fmt: skip
    groups = sum(len(b.instances) for sheet in loaded for b in sheet.grid.sheet.blocks if b.fact == name)
    order = " ORDER BY sheet, row_number, instance" if groups > 1 else ""
    together = " UNION ALL ".join(f"({part})" for part in parts) if len(parts) > 1 else parts[0]
    con.execute(f"CREATE OR REPLACE TEMP TABLE stage_{name} AS {together}{order}")


def _select(contract: Contract, form: Form, sheet: Loaded, block: Block) -> str:
    columns = facts()[block.fact].columns
    read = {name: _reader(form, sheet, block, column) for name, column in columns.items()}
    values = [f"CAST({one.value} AS {columns[name].sql_type}) AS {name}" for name, one in read.items()]
    # A value is worked out once and looked at twice: DuckDB would do it again within every CASE.
    bits = [
        (bit, one.is_bad_given(name)) for bit, (name, one) in enumerate(read.items()) if one.bad != "false"
    ]  # fmt: skip
    bits += [(OTHER_KIND, condition) for condition in _cells_of_other_kinds(sheet, block)]
    bad = " + ".join(f"CASE WHEN {condition} THEN {1 << bit} ELSE 0 END" for bit, condition in bits) or "0"
    # How a cell is read is said once for all groups of a block; each group only says where its cells stand.
    groups = " UNION ALL ".join(_group(form, sheet, block, instance) for instance in block.instances)
    # Laid down first, so that what reads the cells is prepared once, and not for each group.
    source = "cells" if len(block.instances) > 1 else f"({groups})"
    return (
        f"{f'WITH cells AS MATERIALIZED ({groups}) ' if len(block.instances) > 1 else ''}"
        f"SELECT {_place(contract, columns)} AS place, {literal(sheet.grid.sheet.name)} AS sheet, row_number, "
        f"{', '.join(columns)}, instance, CAST({bad} AS BIGINT) AS bad "
        f"FROM (SELECT *, {', '.join(values)} FROM {source})"
    )


def _group(form: Form, sheet: Loaded, block: Block, instance: int) -> str:
    """SELECT of one repetition of a block: the number of the row and of the group, and its cells by their names."""
    cells = {
        _named(use.column, use.code): position
        for place, position in sheet.columns for use in place.uses
        if use.block is block and use.instance == instance
    }  # fmt: skip
    cells |= {_named(name): sheet.position(sheet.grid.sheet.mains[0], 0, name) for name in block.inherits}
    named = "".join(f", k{position} AS {name}" for name, position in cells.items())
    others = "".join(f", k{position}" for position in _positions_of_other_kinds(sheet, block))
    return (
        f"SELECT {sheet.row_number} AS row_number, {instance} AS instance{named}{others} "
        f"FROM {sheet.table} WHERE {_is_filled(form, sheet, block, instance)}"
    )


def _named(column: str, code: str | None = None) -> str:
    """The name of a cell of a block, whichever group it stands in."""
    return f'"{column} {code or ""}"'


def _place(contract: Contract, columns: Mapping[str, Column]) -> str:
    column = columns.get(contract.place_column or "")
    if column is None:
        return literal(contract.place)
    unknown = codelists()[column.values or ""].unknown or ""
    return f"coalesce({column.name}{'[1]' if column.is_list else ''}, {literal(unknown)})"


def _reader(form: Form, sheet: Loaded, block: Block, column: Column) -> Reader:
    name = column.name
    if name in block.constants:
        return Reader(_constant(block.constants[name]))
    if name in block.generated:
        before, after = block.generated[name].split("{row}")
        return Reader(f"{literal(before)} || row_number || {literal(after)}")
    if name == block.position:
        return Reader("instance")
    if name in block.flags:
        return _flags(form, block, name)
    if name in block.inherits:
        return _cell(form, sheet, column, [sheet.position(sheet.grid.sheet.mains[0], 0, name)])
    if name not in block.columns:
        return Reader("[]" if column.is_list else "NULL")
    found = _cell(form, sheet, column, [sheet.position(block, instance, name) for instance in block.instances])
    if name not in block.empty_is:
        return found
    empty = literal(block.empty_is[name])
    nothing, empty = ("= []", f"[{empty}]") if column.is_list else ("IS NULL", empty)
    # A cell that was not understood is held back in any case.
    return Reader(f"CASE WHEN {found.value} {nothing} THEN {empty} ELSE {found.value} END", found.is_bad)


def _constant(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_constant(one) for one in value)}]"
    return str(value).lower() if isinstance(value, bool) else literal(str(value))


def _cell(form: Form, sheet: Loaded, column: Column, positions: Sequence[int]) -> Reader:
    if not is_coded(column):
        return reader(column, _named(column.name), form)
    words = list(dict.fromkeys(word for position in positions for word in sheet.words[position]))
    return reader(column, _named(column.name), form, understood(column, words, form, sheet.period))


def _flags(form: Form, block: Block, name: str) -> Reader:
    true = ", ".join(literal(word.lower()) for word in form.true)
    known = ", ".join(literal(word.lower()) for word in (*form.true, *form.false, *form.missing))
    cells = {code: f"lower({_named(name, code)})" for code in block.flags[name]}
    codes = [f"CASE WHEN list_contains([{true}], {cell}) THEN {literal(code)} END" for code, cell in cells.items()]
    bad = " OR ".join(f"({cell} IS NOT NULL AND NOT list_contains([{known}], {cell}))" for cell in cells.values())
    return Reader(f"list_filter([{', '.join(codes)}], lambda code: code IS NOT NULL)", f"({bad})")


def _is_filled(form: Form, sheet: Loaded, block: Block, instance: int) -> str:
    """SQL: whether a row of the sheet holds a row of the block."""
    own = _any(sheet, block, instance)
    if block.kind:
        return kind_is(form, sheet, [block])
    if block.times:
        return own
    if not sheet.grid.sheet.groups:
        return "true"
    # A row with the key alone goes on about a record of an earlier file, unless nothing stands beside it.
    taken_over = {name for group in sheet.grid.sheet.groups for name in group.inherits}
    groups = " OR ".join(_any(sheet, group, n) for group in sheet.grid.sheet.groups for n in group.instances)
    return f"{_any(sheet, block, 0, taken_over)} OR NOT ({groups})"


def kind_is(form: Form, sheet: Loaded, blocks: Sequence[Block]) -> str:
    """SQL: whether a row says that it is of one of these kinds."""
    wanted = {form.fold(word) for block in blocks for word in block.kind}
    texts = [text for text in sheet.words[sheet.kind_position or 0] if form.fold(text) in wanted]
    return f"coalesce(list_contains([{', '.join(map(literal, texts))}]::VARCHAR[], k{sheet.kind_position}), false)"


def different_cells(table: str, positions: Sequence[int]) -> str:
    """SELECT of the different cells that are not empty: `position`, `cell`.

    One DISTINCT for all columns: to plan a hundred of them takes longer than to read a small file, and over a million
    rows one costs a quarter more.
    """
    cells = ", ".join(f"k{position}" for position in positions)
    return (
        f"SELECT DISTINCT position, cell FROM (SELECT unnest({list(positions)}) AS position, "
        f"unnest([{cells}]) AS cell FROM {table}) WHERE cell IS NOT NULL"
    )


def words_of(con: DuckDBPyConnection, table: str, columns: Sequence[tuple[Place, int]]) -> Words:
    """The different cells under each coded column of a sheet: few, whatever the number of rows."""
    coded = [
        position for place, position in columns
        if place.role == "kind" or any(_is_coded(use) for use in place.uses)
    ]  # fmt: skip
    if not coded:
        return {}
    found = con.execute(f"{different_cells(table, coded)} ORDER BY ALL").fetchall()
    words: dict[int, list[str]] = {position: [] for position in coded}
    for position, cell in found:
        words[position].append(cell)
    return words


def _is_coded(use: Use) -> bool:
    return use.code is None and is_coded(facts()[use.block.fact].columns[use.column])


def _any(sheet: Loaded, block: Block, instance: int, leaving_out: set[str] | None = None) -> str:
    cells = [
        f"k{position}"
        for place, position in sheet.columns for use in place.uses
        if use.block is block and use.instance == instance and use.column not in (leaving_out or ())
    ]  # fmt: skip
    return f"coalesce({', '.join(cells)}) IS NOT NULL" if cells else "false"


def _cells_of_other_kinds(sheet: Loaded, block: Block) -> Iterator[str]:
    """SQL: whether a row of one kind has something under a header that is for other kinds only."""
    cells = [f"k{position}" for position in _positions_of_other_kinds(sheet, block)]
    if cells:
        yield f"coalesce({', '.join(cells)}) IS NOT NULL"


def _positions_of_other_kinds(sheet: Loaded, block: Block) -> list[int]:
    return [
        position for place, position in sheet.columns
        if block.kind and place.role == "data" and all(use.block is not block for use in place.uses)
    ]  # fmt: skip
