"""A table as a value: what a page draws, what its chart says in words, and what a reader downloads.

One value serves all three, so that the screen and the file cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from dashboards.cells import Cell
from dashboards.texts import text
from reports import format as fmt

SHARE = "share"  # the unit of a part of a target, in whole per cent


@dataclass(frozen=True)
class Amount:
    """A number that is no figure of its own: a target, a part of it, a count of offices."""

    number: Decimal
    unit: str

    def said(self, language: str) -> str:
        """As a reader sees it."""
        if self.unit == SHARE:
            return fmt.percent(self.number, language)
        return fmt.figure(self.number, self.unit, language)


@dataclass(frozen=True)
class State:
    """How a figure stands against its target: shape and word on a page, the word in a file."""

    cell: Cell

    def said(self, language: str) -> str:
        """The word, which is in the language of the cell."""
        del language
        return self.cell.word


Item = str | Cell | Amount | State


@dataclass(frozen=True)
class Table:
    """Named columns and rows whose first item names the row.

    `name` is its part of an address (small letters, digits, hyphens), `context` the period, calendar and
    place of what it says, `note` what a reader must know of it (that it does not add up, say).
    """

    name: str
    title: str
    context: str
    head: tuple[str, ...]
    rows: tuple[tuple[Item, ...], ...]
    note: str = ""

    def spoken(self, language: str) -> str:
        """The table in a sentence, for whoever does not see the chart."""
        rows = [
            f"{said(row[0], language)}: "
            + ", ".join(f"{name} {said(item, language)}" for name, item in zip(self.head[1:], row[1:], strict=True))
            for row in self.rows
        ]
        return f"{self.title}. {self.context}. {'; '.join(rows)}."


def said(item: Item, language: str) -> str:
    """An item as text: the number, or the word that stands in its place."""
    if isinstance(item, str):
        return item
    return item.said if isinstance(item, Cell) else item.said(language)


def of_figures(
    name: str, title: str, context: str, stub: str, entries: Iterable[tuple[str, Cell]], language: str, note: str = ""
) -> Table:
    """Figures one below the other, with their targets and states where any of them has a target."""
    listed = list(entries)
    head = [stub, text("actual", language)]
    has_targets = any(cell.target_number is not None for _, cell in listed)
    if has_targets:
        head += [text(key, language) for key in ("target", "of_target_column", "status_column")]
    rows = [(label, cell, *(_against(cell, language) if has_targets else ())) for label, cell in listed]
    return Table(name, title, context, tuple(head), tuple(rows), note)


def _against(cell: Cell, language: str) -> tuple[Item, Item, Item]:
    """Target, part of it and state of a figure."""
    target = text("no_target", language) if cell.target_number is None else Amount(cell.target_number, cell.unit)
    share: Item = "–" if cell.share is None else Amount(cell.share, SHARE)
    return target, share, State(cell)
