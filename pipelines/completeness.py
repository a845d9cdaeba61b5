"""Which office owes which file by when, and what became of it: missing is not zero."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from duckdb import DuckDBPyConnection

from indicators.calendars import Quarter
from pipelines.contracts import Contract, Slot
from pipelines.receipts import Receipt
from reports.donors import profiles

# What became of a file that is owed, in the order of a good life.
STATES = ("due", "overdue", "received", "refused", "quarantined", "accepted")
State = Literal["due", "overdue", "received", "refused", "quarantined", "accepted"]


@dataclass(frozen=True)
class Owed:
    """One file that an office owes for a period.

    `accepted` means a file is in force, whatever became of a later one (`resend_refused`). A file is
    `refused` when the last try was, and nothing is in force; both `refused` and `missing` count as not
    reported. `due_on` is the day of the first donor's report. `first_on` and `received_on` are the days,
    in the office's time zone, on which the first accepted file and the one in force came: a late or
    corrected file changes the second and never the first. `superseded` counts the files it replaced,
    `tries` every reception. `rules_broken` names the rules for which rows of the file in force are held back.
    """

    office: str
    place: str
    slot: str
    exports: tuple[str, ...]
    facts: tuple[str, ...]
    period: str
    due_on: date
    status: Literal["accepted", "refused", "missing"]
    submission: str = ""
    file_name: str = ""
    rows_accepted: int = 0
    rows_quarantined: int = 0
    first_on: date | None = None
    received_on: date | None = None
    superseded: int = 0
    tries: int = 0
    resend_refused: bool = False
    rules_broken: tuple[str, ...] = ()

    @property
    def is_late(self) -> bool:
        """Whether the first accepted file came after the day it was due."""
        return self.first_on is not None and self.first_on > self.due_on

    def state(self, today: date) -> State:
        """Where the file stands in its life on a day."""
        if self.status == "accepted":
            return "quarantined" if self.rows_quarantined else "accepted"
        if self.status == "refused":
            return "refused"
        return "overdue" if today > self.due_on else "due"


def due_on(period: str) -> date:
    """The day by which an office's files of a quarter are needed: that of the first donor's report."""
    days = min(profile.due_days for profile in profiles().values())
    return Quarter.parse(period).end + timedelta(days=days)


def completeness(
    con: DuckDBPyConnection,
    contracts: Mapping[str, Contract],
    quarters: Iterable[str],
    receipts: Sequence[Receipt] = (),
) -> list[Owed]:
    """Every file owed for the quarters, in the order of the contracts, with what became of it.

    `receipts` of this run tell of files that were refused before they could be written down.
    """
    in_force, tried = _in_force(con), _tried(con)
    turned_away = {(r.office, r.slot, r.period) for r in receipts if r.status == "refused"}
    turned_away |= {key for key, (_, last) in tried.items() if last == "refused"}
    return [
        _owed(contract, slot, period, in_force.get(key), tried.get(key, (0, ""))[0], key in turned_away)
        for contract, slot, period in _due(contracts.values(), list(quarters))
        for key in [(contract.office, slot.name, period)]
    ]


def local_day(contract: Contract, instant: datetime) -> date:
    """The day of an instant, which the store keeps in UTC, in the office's time zone."""
    return instant.replace(tzinfo=UTC).astimezone(ZoneInfo(contract.time_zone)).date()


_Key = tuple[str, str, str]


def _in_force(con: DuckDBPyConnection) -> dict[_Key, tuple[Any, ...]]:
    rows = con.execute(
        """WITH files AS (
          SELECT office, slot, period, min(received_at) AS first_at, count(DISTINCT submission) - 1 AS superseded
          FROM ledger GROUP BY ALL
        ), held AS (
          SELECT entry, list_sort(list(DISTINCT rule)) AS rules FROM quarantine GROUP BY ALL
        )
        SELECT s.office, s.slot, s.period, s.submission, s.file_name, s.rows_accepted, s.rows_quarantined,
          f.first_at, s.received_at, f.superseded, coalesce(h.rules, [])
        FROM submissions AS s JOIN files AS f USING (office, slot, period)
        LEFT JOIN held AS h USING (entry)
        WHERE s.status = 'accepted'"""
    ).fetchall()
    return {row[:3]: row[3:] for row in rows}


def _tried(con: DuckDBPyConnection) -> dict[_Key, tuple[int, str]]:
    """How often a file was offered, and what became of it the last time."""
    rows = con.execute(
        "SELECT office, slot, period, count(*), arg_max(status, attempt) FROM attempts GROUP BY ALL"
    ).fetchall()
    return {row[:3]: row[3:] for row in rows}


def _due(contracts: Iterable[Contract], quarters: Sequence[str]) -> Iterator[tuple[Contract, Slot, str]]:
    for contract in contracts:
        for period in quarters:
            if contract.first_period is not None and period >= contract.first_period:
                yield from ((contract, slot, period) for slot in contract.slots_at(period).values())


def _owed(
    contract: Contract, slot: Slot, period: str, found: tuple[Any, ...] | None, tries: int, turned_away: bool
) -> Owed:
    about = (contract.office, contract.place, slot.name, slot.exports, slot.facts, period, due_on(period))
    if not found:
        return Owed(*about, "refused" if turned_away else "missing", tries=tries)
    submission, file_name, accepted, quarantined, first_at, received_at, superseded, rules = found
    days = (local_day(contract, first_at), local_day(contract, received_at))
    return Owed(
        *about, "accepted", submission, file_name, accepted, quarantined, *days, superseded, tries, turned_away,
        tuple(rules),
    )  # fmt: skip
