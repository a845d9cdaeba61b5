"""Running totals: columns whose numbers run on since the start of the calendar year.

The warehouse keeps what was sent, as of every column, and beside it which line of the year each number
belongs to; what a number comes to in its own quarter is computed when it is read (`running_since` of
`pipelines.warehouse`), so that no difference can be older than what it is taken from.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from indicators.facts import facts
from pipelines.forms import Block, Contract, Running, Slot

# What may tell lines apart: the same words in every quarter.
LINE_TYPES = ("code", "codes", "ref", "boolean")


@dataclass(frozen=True)
class Stretch:
    """The periods, from `first` to before `end`, in which an office sends a fact with the same running totals."""

    running: Running | None
    slot: str
    first: str
    end: str

    @property
    def by(self) -> tuple[str, ...]:
        """The columns that tell lines apart; none where nothing runs on."""
        return self.running.by if self.running else ()

    @property
    def holds(self) -> str:
        """SQL over `this_file`: whether the file is of this stretch."""
        return f"period >= '{self.first}'" + (f" AND period < '{self.end}'" if self.end else "")


def stretches(contract: Contract, fact: str) -> tuple[Stretch, ...]:
    """How the running totals of a fact were declared from period to period, in their order."""
    starts = [version.applies_from or "" for version in contract.versions]
    found: list[Stretch] = []
    for version, start, end in zip(contract.versions, starts, [*starts[1:], ""], strict=True):
        for slot in (slot for slot in version.slots.values() if fact in slot.facts):
            running = _of_slot(slot, fact)
            is_same = found and (found[-1].running, found[-1].slot) == (running, slot.name)
            first = found.pop().first if is_same else start
            found.append(Stretch(running, slot.name, first, end))
    return tuple(found)


def running_at(contract: Contract, slot: Slot, period: str) -> dict[str, Running]:
    """The facts of a slot that hold running totals in a period."""
    declared = {name: _of_slot(contract.slots_at(period)[slot.name], name) for name in slot.facts}
    return {name: running for name, running in declared.items() if running is not None}


def _of_slot(slot: Slot, fact: str) -> Running | None:
    return next((block.running for block in blocks(slot) if block.fact == fact and block.running), None)


def blocks(slot: Slot) -> Iterator[Block]:
    """Every block of a slot."""
    yield from (block for sheet in slot.sheets for block in sheet.blocks)


def line_of(fact: str, by: Sequence[str], prefix: str = "") -> str:
    """SQL: one text for the line of a row, the same whenever its columns say the same; no code holds the bar."""
    columns = facts()[fact].columns
    cells = (f"list_sort({prefix}{n})" if columns[n].is_list else f"{prefix}{n}" for n in by)
    return " || '|' || ".join(f"coalesce(CAST({cell} AS VARCHAR), '')" for cell in cells)
