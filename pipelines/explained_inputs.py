"""Which files a figure needs, by office and quarter, and which of them an edition was made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from indicators.calendars import Quarter, quarters_between
from indicators.definitions import Definition
from indicators.facts import facts, kept_facts
from reports.edition import REGION

if TYPE_CHECKING:
    from pipelines.contracts import Contract
    from reports.edition import Edition


@dataclass(frozen=True)
class NeededFile:
    """One file an office owes to a figure. `file_name` is empty when none is in force; days may be unknown.

    `status` is `accepted`, `refused` or `missing`; `facts` names what the figure reads from the file.
    """

    office: str
    export: str
    period: str
    facts: tuple[str, ...]
    status: str
    file_name: str
    held_back: bool
    due_on: date | None
    first_on: date | None
    received_on: date | None

    def as_json(self) -> dict[str, Any]:
        """The same for programs; days are written as ISO 8601 has them."""
        days = {name: day.isoformat() if day else None for name, day in asdict(self).items() if name.endswith("_on")}
        return {**asdict(self), **days, "facts": list(self.facts)}


def needed_files(
    definition: Definition, calendar: str, period: str, place: str, edition: Edition, contracts: Mapping[str, Contract]
) -> tuple[NeededFile, ...]:
    """Every file that the figure of a window needs, in the order of quarters and offices.

    The same rule as for whether a figure is reported: all facts of the definition in every quarter of its window,
    and of any earlier quarter those that rows are joined to. A figure about the files themselves needs every file that
    an office owes for a quarter of its window; the region's own belong to no office.
    """
    (window,) = edition.rows(
        "SELECT start_on, end_on FROM periods WHERE calendar = ? AND period = ?", [calendar, period]
    )
    owed = edition.rows("SELECT * FROM completeness ORDER BY period, office, export")
    sent = {(row["office"], row["slot"], row["period"]): row for row in edition.rows("SELECT * FROM inputs")}
    found: dict[tuple[str, str, str], NeededFile] = {}
    for row in owed:
        if place in (REGION, row["place"]) or row["place"] == REGION:
            about_files = any(name in kept_facts() for name in definition.facts)
            wanted = _every(window, row) if about_files else _facts(definition, window, period, row["period"])
            for slot, read in _slots(contracts.get(row["office"]), row, wanted):
                key = (row["office"], slot, row["period"])
                found.setdefault(key, _needed(row, read, sent.get(key)))
    return tuple(found.values())


def _every(window: Mapping[str, Any], row: Mapping[str, Any]) -> list[str]:
    """All facts, of a file of an office and a quarter of the window."""
    if window["start_on"] is None or row["place"] == REGION:
        return []
    end = Quarter.parse(row["period"]).end
    return list(facts()) if window["start_on"] <= end <= window["end_on"] else []


def _facts(definition: Definition, window: Mapping[str, Any], last: str, period: str) -> list[str]:
    """The facts of the definition that a file of a quarter brings to the window."""
    if window["start_on"] is None or period == last:
        return list(definition.facts)
    if period > last:
        return []
    within = {str(q) for q in quarters_between(Quarter.of(window["start_on"]), Quarter.of(window["end_on"]))}
    return [
        name
        for name in definition.facts
        if name in definition.facts_of_any_time or (period in within and facts()[name].kind != "state")
    ]


def _slots(
    contract: Contract | None, row: Mapping[str, Any], wanted: Iterable[str]
) -> Iterable[tuple[str, tuple[str, ...]]]:
    """The slots of an export that hold any of the facts, each with those; the export itself where none is known."""
    of_export = [name for name in wanted if facts()[name].export == row["export"]]
    if not of_export:
        return []
    slots = contract.slots_at(row["period"]) if contract else {}
    read = {name: tuple(fact for fact in of_export if fact in slot.facts) for name, slot in slots.items()}
    if any(read.values()):
        return [(name, some) for name, some in read.items() if some]
    return [] if contract else [(row["export"], tuple(of_export))]


def _needed(row: Mapping[str, Any], read: tuple[str, ...], file: Mapping[str, Any] | None) -> NeededFile:
    return NeededFile(
        office=row["office"],
        export=row["export"],
        period=row["period"],
        facts=read,
        status="accepted" if file else row["status"],
        file_name=file["file_name"] if file else "",
        held_back=bool(file and file["has_rows_held_back"]),
        due_on=row["due_on"],
        first_on=row["first_on"],
        received_on=row["received_on"],
    )
