"""What is wrong with the running totals that a contract declares."""

from __future__ import annotations

from collections.abc import Iterator

from indicators.facts import Fact, facts
from pipelines.forms import Block, Contract, Running, Slot
from pipelines.running import LINE_TYPES, blocks, stretches


def running_faults(contract: Contract) -> Iterator[str]:
    """Every fault of the running totals of a contract, one line each."""
    for version in contract.versions:
        where = f"version from {version.applies_from}: " if len(contract.versions) > 1 else ""
        for slot in version.slots.values():
            yield from (f"{where}slot {slot.name}: {fault}" for fault in _slot_faults(slot))
    for fact in facts():
        changes = stretches(contract, fact)
        if any(stretch.running for stretch in changes):
            # A year in which the numbers run on in some quarters only could not be differenced.
            for stretch in (stretch for stretch in changes[1:] if not stretch.first.endswith("Q1")):
                yield f"{fact}: running (and its slot) may change with the first quarter of a year, not {stretch.first}"


def _slot_faults(slot: Slot) -> Iterator[str]:
    for block in blocks(slot):
        fact = facts().get(block.fact)
        if block.running and fact:
            faults = _faults(fact, block, block.running, slot)
            yield from (f"{block.fact}: running: {fault}" for fault in faults)
    for name in slot.facts:
        if len({block.running for block in blocks(slot) if block.fact == name}) > 1:
            yield f"{name}: running: every block of the fact must say the same"


def _faults(fact: Fact, block: Block, running: Running, slot: Slot) -> Iterator[str]:
    if not running.columns or not running.by:
        yield "columns and by must each name a column"
    if block.times:
        yield "a repeated group cannot hold running totals"
    if not slot.is_by_period:
        yield "only a file that is sent for each quarter can hold running totals"
    measures = [column.name for column in fact.columns.values() if column.measure]
    for name in running.columns:
        if name not in measures:
            yield f"columns: {name} is nothing that adds up; {fact.name} has {', '.join(measures) or 'no such column'}"
        elif name not in block.columns:
            yield f"columns: {name} stands under no header"
    for name in running.by:
        column = fact.columns.get(name)
        if column is None or name not in block.collected:
            yield f"by: {fact.name} gives no column {name} here"
        elif column.type not in LINE_TYPES or name in fact.key:
            yield f"by: {name} does not stay the same from quarter to quarter"
