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
        _select(contract, form, sheet, block, instance)
        for sheet in loaded for block in sheet.grid.sheet.blocks if block.fact == name for instance in block.instances
    ]  # fmt: skip
    order = " ORDER BY sheet, row_number, instance" if len(parts) > 1 else ""
    con.execute(f"CREATE OR REPLACE TEMP TABLE stage_{name} AS {' UNION ALL '.join(parts)}{order}")


def _select(contract: Contract, form: Form, sheet: Loaded, block: Block, instance: int) -> str:
    columns = facts()[block.fact].columns
    read = {name: _reader(form, sheet, block, instance, column) for name, column in columns.items()}
    values = [f"CAST({one.value} AS {columns[name].sql_type}) AS {name}" for name, one in read.items()]
    # A value is worked out once and looked at twice: DuckDB would do it again within every CASE.
    bits = [
        (bit, one.is_bad_given(name)) for bit, (name, one) in enumerate(read.items()) if one.bad != "false"
    ]  # fmt: skip
    bits += [(OTHER_KIND, condition) for condition in _cells_of_other_kinds(sheet, block)]
    bad = " + ".join(f"CASE WHEN {condition} THEN {1 << bit} ELSE 0 END" for bit, condition in bits) or "0"
    return (
        f"SELECT {_place(contract, columns)} AS place, {literal(sheet.grid.sheet.name)} AS sheet, row_number, "
        f"{', '.join(columns)}, {instance} AS instance, CAST({bad} AS BIGINT) AS bad "
        f"FROM (SELECT *, {sheet.row_number} AS row_number, {', '.join(values)} "
        f"FROM {sheet.table} WHERE {_is_filled(form, sheet, block, instance)})"
    )


def _place(contract: Contract, columns: Mapping[str, Column]) -> str:
    column = columns.get(contract.place_column or "")
    if column is None:
        return literal(contract.place)
    unknown = codelists()[column.values or ""].unknown or ""
    return f"coalesce({column.name}{'[1]' if column.is_list else ''}, {literal(unknown)})"


def _reader(form: Form, sheet: Loaded, block: Block, instance: int, column: Column) -> Reader:
    name = column.name
    if name in block.constants:
        return Reader(_constant(block.constants[name]))
    if name in block.generated:
        before, after = block.generated[name].split("{row}")
        return Reader(f"{literal(before)} || {sheet.row_number} || {literal(after)}")
    if name == block.position:
        return Reader(str(instance))
    if name in block.flags:
        return _flags(form, sheet, block, instance, name)
    if name in block.inherits:
        main = sheet.grid.sheet.mains[0]
        return _cell(form, sheet, column, sheet.position(main, 0, name))
    if name not in block.columns:
        return Reader("[]" if column.is_list else "NULL")
    found = _cell(form, sheet, column, sheet.position(block, instance, name))
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


def _cell(form: Form, sheet: Loaded, column: Column, position: int) -> Reader:
    if not is_coded(column):
        return reader(column, f"k{position}", form)
    return reader(column, f"k{position}", form, understood(column, sheet.words[position], form, sheet.period))


def _flags(form: Form, sheet: Loaded, block: Block, instance: int, name: str) -> Reader:
    true = ", ".join(literal(word.lower()) for word in form.true)
    known = ", ".join(literal(word.lower()) for word in (*form.true, *form.false, *form.missing))
    cells = {code: f"lower(k{sheet.position(block, instance, name, code)})" for code in block.flags[name]}
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


def words_of(con: DuckDBPyConnection, table: str, columns: Sequence[tuple[Place, int]]) -> Words:
    """The different cells under each coded column of a sheet: few, whatever the number of rows."""
    coded = [
        position for place, position in columns
        if place.role == "kind" or any(_is_coded(use) for use in place.uses)
    ]  # fmt: skip
    if not coded:
        return {}
    cells = ", ".join(f"k{position}" for position in coded)
    found = con.execute(
        f"SELECT DISTINCT position, cell FROM (SELECT unnest({coded}) AS position, unnest([{cells}]) AS cell "
        f"FROM {table}) WHERE cell IS NOT NULL ORDER BY ALL"
    ).fetchall()
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
    if not block.kind:
        return
    cells = [
        f"k{position}" for place, position in sheet.columns
        if place.role == "data" and all(use.block is not block for use in place.uses)
    ]  # fmt: skip
    if cells:
        yield f"coalesce({', '.join(cells)}) IS NOT NULL"
