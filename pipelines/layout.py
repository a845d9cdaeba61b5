"""The columns of a sheet in order, and what each of them feeds: the plan that reading and writing share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from indicators.facts import facts
from pipelines.forms import OWN_SHEETS, Block, Form, Sheet


@dataclass(frozen=True)
class Use:
    """What a column of a sheet feeds: a column of a block's fact; with `code`, one flag of a list column."""

    block: Block
    instance: int
    column: str
    code: str | None = None


@dataclass(frozen=True)
class Place:
    """One column of a sheet. The first of `headers` is written, all are read. Kinds of row may share it.

    `role` is `data`, `numbering` (the office's running number) or `kind` (what the row is).
    """

    headers: tuple[str, ...]
    role: str
    uses: tuple[Use, ...] = ()

    @property
    def is_public(self) -> bool:
        """Whether everything it feeds is declared public."""
        columns = [facts()[use.block.fact].columns.get(use.column) for use in self.uses]
        return bool(columns) and all(column is not None and column.public for column in columns)


def layout(sheet: Sheet) -> list[Place]:
    """Every column that the form has, from left to right."""
    places: dict[str, Place] = {}
    if sheet.numbering:
        places[sheet.numbering[0]] = Place(sheet.numbering, "numbering")
    if sheet.kind:
        places[sheet.kind[0]] = Place(sheet.kind, "kind")
    repeated: list[Place] = []
    for block in sheet.blocks:
        for place in _places(block):
            shared = places.get(place.headers[0])
            if shared and _is_another_kind(shared, block):
                headers = tuple(dict.fromkeys((*shared.headers, *place.headers)))
                places[place.headers[0]] = Place(headers, "data", (*shared.uses, *place.uses))
            elif shared:
                repeated.append(place)  # a fault, found when the contract is loaded
            else:
                places[place.headers[0]] = place
    return [*places.values(), *repeated]


def _is_another_kind(place: Place, block: Block) -> bool:
    return place.role == "data" and bool(block.kind) and all(use.block.fact != block.fact for use in place.uses)


def _places(block: Block) -> Iterator[Place]:
    for instance in block.instances:
        for name, words in block.columns.items():
            headers = tuple(block.header(word, instance) for word in words)
            yield Place(headers, "data", (Use(block, instance, name),))
        for name, flags in block.flags.items():
            for code, header in flags.items():
                yield Place((block.header(header, instance),), "data", (Use(block, instance, name, code),))


def is_called(sheet: Sheet, name: str, form: Form) -> bool:
    """Whether a sheet of a workbook is this one of the form; a table owed as CSV may have any name."""
    if name in OWN_SHEETS:
        return False
    return not sheet.names or form.fold(name) in set(map(form.fold, sheet.names))
