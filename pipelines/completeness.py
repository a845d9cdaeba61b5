"""Which office owes which file, and what became of it: missing is not zero."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from duckdb import DuckDBPyConnection

from pipelines.contracts import Contract, Slot
from pipelines.receipts import Receipt


@dataclass(frozen=True)
class Owed:
    """One file that an office owes for a period.

    `accepted` means a file is in force, whatever became of a later one (`resend_refused`). Nothing of a
    refused file is stored, so a file is `refused` only where this run's receipts say so; both `refused`
    and `missing` count as not reported.
    """

    office: str
    place: str
    slot: str
    exports: tuple[str, ...]
    facts: tuple[str, ...]
    period: str
    status: Literal["accepted", "refused", "missing"]
    submission: str = ""
    file_name: str = ""
    rows_accepted: int = 0
    rows_quarantined: int = 0
    resend_refused: bool = False


def completeness(
    con: DuckDBPyConnection,
    contracts: Mapping[str, Contract],
    quarters: Iterable[str],
    receipts: Sequence[Receipt] = (),
) -> list[Owed]:
    """Every file owed for the quarters, in the order of the contracts, with what became of it."""
    rows = con.execute(
        "SELECT office, slot, period, submission, file_name, rows_accepted, rows_quarantined "
        "FROM submissions WHERE status = 'accepted'"
    ).fetchall()
    in_force = {row[:3]: row[3:] for row in rows}
    turned_away = {(r.office, r.slot, r.period) for r in receipts if r.status == "refused"}
    return [
        _owed(contract, slot, period, in_force.get(key), key in turned_away)
        for contract, slot, period in _due(contracts.values(), list(quarters))
        for key in [(contract.office, slot.name, period)]
    ]


def _due(contracts: Iterable[Contract], quarters: Sequence[str]) -> Iterator[tuple[Contract, Slot, str]]:
    for contract in contracts:
        for period in quarters:
            if contract.first_period is not None and period >= contract.first_period:
                yield from ((contract, slot, period) for slot in contract.slots_at(period).values())


def _owed(
    contract: Contract, slot: Slot, period: str, found: tuple[str, str, int, int] | None, turned_away: bool
) -> Owed:
    about = (contract.office, contract.place, slot.name, slot.exports, slot.facts, period)
    if found:
        return Owed(*about, "accepted", *found, turned_away)
    return Owed(*about, "refused" if turned_away else "missing")
