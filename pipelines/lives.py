"""The life of every file that is owed, as an operator reads it: due, received, refused, in force, replaced."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from duckdb import DuckDBPyConnection

from indicators.calendars import Quarter, quarters_between
from pipelines.completeness import Owed, State, completeness
from pipelines.contracts import Contract, recognise
from pipelines.files import ChangedWhileReadError, sha256_of_settled
from pipelines.intake_folder import visible


@dataclass(frozen=True)
class Life:
    """One owed file on a day: `waiting` names a file in the landing zone that nobody has taken in yet."""

    owed: Owed
    state: State
    waiting: str = ""


@dataclass(frozen=True)
class Standing:
    """Where a store stands: its current edition (empty when there is none) and every owed file.

    `altered` names the store's copies of files that no longer hold the bytes they were taken in with.
    """

    edition: str
    certificate: Mapping[str, str]
    lives: tuple[Life, ...]
    altered: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The same for programs; days are written as ISO 8601 has them."""
        return {
            "edition": self.edition or None,
            "certificate": dict(self.certificate),
            "altered_copies": list(self.altered),
            "files": [_plain(life) for life in self.lives],
        }


def _plain(life: Life) -> dict[str, Any]:
    owed = life.owed
    days = {"due_on": owed.due_on, "first_on": owed.first_on, "received_on": owed.received_on}
    return {
        "office": owed.office, "exports": list(owed.exports), "slot": owed.slot, "period": owed.period,
        "state": life.state, "waiting": life.waiting, "file_name": owed.file_name,
        "rows_quarantined": owed.rows_quarantined, "superseded": owed.superseded, "tries": owed.tries,
        "is_late": owed.is_late, "resend_refused": owed.resend_refused,
        **{name: day.isoformat() if day else None for name, day in days.items()},
    }  # fmt: skip


def lives(
    con: DuckDBPyConnection, contracts: Mapping[str, Contract], raw: Path, today: date, last: str | None = None
) -> list[Life]:
    """Every file owed from the first quarter of the contracts to `last`; if none is named, to the latest anybody sent.

    `raw` is the landing zone, looked at for files that are there and were never offered.
    """
    waiting = _waiting(con, contracts, raw)
    found = []
    for owed in completeness(con, contracts, _quarters(con, contracts, last)):
        file = waiting.get((owed.office, owed.slot, owed.period), "")
        is_first = bool(file) and owed.status != "accepted"
        found.append(Life(owed, "received" if is_first else owed.state(today), file))
    return found


def _quarters(con: DuckDBPyConnection, contracts: Mapping[str, Contract], last: str | None) -> list[str]:
    first = min(contract.first_period for contract in contracts.values() if contract.first_period)
    tried = con.execute("SELECT max(period) FROM attempts").fetchall()[0][0]
    return [str(one) for one in quarters_between(Quarter.parse(first), Quarter.parse(last or tried or first))]


def _waiting(con: DuckDBPyConnection, contracts: Mapping[str, Contract], raw: Path) -> dict[tuple[str, str, str], str]:
    """Files of the landing zone whose bytes were never offered, by office, slot and period.

    What intake would not open (a link, a pipe) or is still being copied is no file that waits.
    """
    tried = set(con.execute("SELECT office, slot, period, submission FROM attempts").fetchall())
    found = {}
    for contract, path in _files(contracts, raw):
        known = recognise(contract, path.name)
        if known:
            key = (contract.office, known[0].name, known[1])
            try:
                is_new = (*key, sha256_of_settled(path)) not in tried
            except (OSError, ChangedWhileReadError):
                continue
            if is_new:
                found[key] = path.name
    return found


def _files(contracts: Mapping[str, Contract], raw: Path) -> Iterator[tuple[Contract, Path]]:
    for office, contract in contracts.items():
        folder = raw / office
        for path in visible(folder) if folder.is_dir() and not folder.is_symlink() else ():
            yield contract, path


def told(life: Life) -> str:
    """A life as one line."""
    owed = life.owed
    said: list[str] = [life.state]
    if life.waiting and life.state != "received":
        said.append(f"a newer file waits ({life.waiting})")
    if owed.rows_quarantined:
        said.append(f"{owed.rows_quarantined} rows held back")
    if owed.received_on:
        said.append(f"received {owed.first_on}" + (" (late)" if owed.is_late else ""))
    if owed.superseded:
        said.append(f"corrected {owed.received_on}, {owed.superseded} superseded")
    if owed.resend_refused:
        said.append("a later file was refused")
    if not owed.received_on:
        said.append(f"due {owed.due_on}" + (f", {owed.tries} tries" if owed.tries else ""))
    export = "+".join(owed.exports)
    return f"  {owed.office:8} {export:28} {owed.slot:18} {owed.period}  {', '.join(said)}"
