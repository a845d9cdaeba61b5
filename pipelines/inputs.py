"""What an edition is made of: the files in force, who owes what, and the windows to count."""

from __future__ import annotations

import hmac
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from duckdb import DuckDBPyConnection

from indicators.calendars import Quarter, Window, quarters_between, whole_source, windows
from indicators.disclosure import Policy, policies
from indicators.facts import codelists, facts, kept_facts
from indicators.figures import REGION_TOTAL, Reporting
from indicators.funding import life_start, other_lives
from pipelines.completeness import Owed, completeness
from pipelines.contracts import Contract
from pipelines.kept import Row, kept_rows
from pipelines.receipts import Receipt

WHOLE = "all"


class NothingToPublish(RuntimeError):
    """No file has been accepted from which an edition could be made."""


@dataclass(frozen=True)
class Inputs:
    """See the module. `files` and `completeness` are rows of the edition's tables of those names.

    `kept` gives the rows of the facts that the programme keeps itself.

    `key` is the store's own secret. The form of a file is public, and a short file has few possible
    contents: its plain hash would let anybody try them all.
    """

    period: str
    source: str
    last_day: date | None
    files: tuple[tuple[Any, ...], ...]
    completeness: tuple[tuple[Any, ...], ...]
    reporting: Reporting
    windows: tuple[Window, ...]
    places: tuple[str, ...]
    offices: Mapping[str, str]
    policy: Policy
    key: bytes
    kept: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)

    def name_of(self, submission: str) -> str:
        """The name of a file in what is published: its hash under the store's key."""
        return hmac.new(self.key, submission.encode(), "sha256").hexdigest()


def of_programme(
    con: DuckDBPyConnection,
    contracts: Mapping[str, Contract],
    period: str | None,
    receipts: Sequence[Receipt] = (),
    *,
    key: bytes,
) -> Inputs:
    """The inputs of the programme's edition up to a quarter; without one, the latest anybody reported.

    Raises NothingToPublish when no file of that quarter is in force.
    """
    offices = {name: contract for name, contract in contracts.items() if contract.first_period is not None}
    known = _periods(con)
    if not known or (period is not None and period not in known):
        raise NothingToPublish(
            f"no file of {period or 'any quarter'} has been accepted; see the findings, correct the files and run again"
        )
    last = period or max(known)
    first = min(str(contract.first_period) for contract in offices.values())
    quarters = quarters_between(Quarter.parse(first), Quarter.parse(last))
    owed = completeness(con, offices, [str(quarter) for quarter in quarters], receipts)
    places = tuple(sorted({contract.place for contract in offices.values()} - {REGION_TOTAL}))
    return Inputs(
        period=last,
        source="programme",
        last_day=Quarter.parse(last).end,
        files=_files(con, {str(quarter) for quarter in quarters}),
        completeness=_completeness(owed),
        reporting=_reporting(owed, places),
        windows=tuple(windows(quarters, life_start(), other_lives())),
        places=places,
        offices={name: contract.place for name, contract in offices.items()},
        policy=_policy(offices),
        key=key,
        kept=kept_rows(owed),
    )


def of_source(con: DuckDBPyConnection, contract: Contract, *, key: bytes) -> Inputs:
    """The inputs of an edition of one published source that gives no days: one window, all of it."""
    if WHOLE not in _periods(con):
        raise NothingToPublish(f"the file of {contract.office} was not accepted; see the findings")
    names = sorted({name for slot in contract.slots.values() for name in slot.facts})
    places = _places(con, names)
    owed = frozenset((place, name, WHOLE) for place in places for name in names)
    rows = tuple((contract.office, place, "cases", WHOLE, "accepted", None, None, None) for place in places)
    return Inputs(
        period=WHOLE,
        source=contract.office,
        last_day=None,
        files=_files(con, {WHOLE}),
        completeness=rows,
        # People grouped by citizenship are no region: a sum would need a second country hidden beside each small one.
        reporting=Reporting(owed, owed, makes_a_region=False),
        windows=(whole_source(),),
        places=places,
        offices={contract.office: REGION_TOTAL},
        policy=_policy({contract.office: contract}),
        key=key,
    )


def _periods(con: DuckDBPyConnection) -> set[str]:
    return {period for (period,) in con.execute("SELECT DISTINCT period FROM submissions").fetchall()}


def _files(con: DuckDBPyConnection, periods: set[str]) -> tuple[tuple[Any, ...], ...]:
    rows = con.execute(
        """SELECT submission, office, slot, period, file_name, rows_quarantined > 0, contract_digest
        FROM submissions WHERE status = 'accepted' ORDER BY office, slot, period"""
    ).fetchall()
    return tuple(row for row in rows if row[3] in periods)


def _completeness(owed: Sequence[Owed]) -> tuple[tuple[Any, ...], ...]:
    """One row for each office, export and period: accepted when every file of it is, on the day the last one came."""
    files: dict[tuple[str, str, str, str], list[Owed]] = defaultdict(list)
    for file in owed:
        for export in file.exports:
            files[file.office, file.place, export, file.period].append(file)
    return tuple((*key, *_together(some)) for key, some in files.items())


def _together(files: Sequence[Owed]) -> tuple[Any, ...]:
    """Status, due day, and the days on which the export was first whole and last changed; no days of half an export."""
    status = max((file.status for file in files), key=("accepted", "missing", "refused").index)
    if status != "accepted":
        return status, files[0].due_on, None, None
    days = [[day for day in (file.first_on, file.received_on) if day] for file in files]
    return status, files[0].due_on, max(day[0] for day in days), max(day[-1] for day in days)


def _reporting(owed: Sequence[Owed], places: Sequence[str]) -> Reporting:
    """The regional directory is owed by nobody but counts for every place; what the programme keeps is always there."""
    expected: set[tuple[str, str, str]] = set()
    missing: set[tuple[str, str, str]] = set()
    for file in owed:
        for place in places if file.place == REGION_TOTAL else (file.place,):
            cells = {(place, fact, file.period) for fact in file.facts}
            expected |= cells
            missing |= cells if file.status != "accepted" else set()
    ours = [file for file in owed if file.place != REGION_TOTAL]
    kept = {(file.place, fact, file.period) for file in ours for fact in kept_facts()}
    return Reporting(frozenset(expected | kept), frozenset((expected - missing) | kept))


def _places(con: DuckDBPyConnection, names: Sequence[str]) -> tuple[str, ...]:
    """Places of the rows that are countries of the programme: those with first-level units of their own."""
    ours = {code.attributes["country"] for code in codelists()["region"].codes.values() if code.attributes}
    found: set[str] = set()
    for name in names:
        rows = con.execute(f"SELECT DISTINCT place FROM in_force_{facts()[name].name}").fetchall()
        found |= {place for (place,) in rows}
    return tuple(sorted(found & ours))


def _policy(contracts: Mapping[str, Contract]) -> Policy:
    """The strictest of the profiles that the contracts name."""
    named = {contract.disclosure_profile for contract in contracts.values()}
    return max((policies()[name] for name in sorted(named)), key=lambda policy: policy.threshold)
