"""What is known of every file: those in force, those a run refused, and those that are owed and have not come.

The pages of checks are drawn from these and from nothing else. Names, numbers and messages, never the
value of a cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from duckdb import DuckDBPyConnection

from indicators.calendars import Quarter, quarters_between
from pipelines.attempts import attempt_of, findings_of
from pipelines.completeness import completeness
from pipelines.contracts import Contract
from pipelines.findings import Finding, Severity
from pipelines.receipts import Receipt

State = Literal["accepted", "unchanged", "refused", "missing"]
_Key = tuple[str, str, str]  # office, slot, period


@dataclass(frozen=True)
class Checked:
    """What one rule counted on one file."""

    rule: str
    severity: Severity
    message_en: str
    message_ru: str
    rows_checked: int
    rows_failed: int


@dataclass(frozen=True)
class CheckedFile:
    """A file and everything that was said of it.

    `accepted` and `unchanged` are in force. `missing` is a file that is owed: its name is the one it
    should have. `office` and `period` are empty where no contract knows the name. `has_earlier` says of a
    refused file that the one before it is still in force.
    """

    office: str
    period: str
    slot: str
    exports: tuple[str, ...]
    file_name: str
    state: State
    rows_accepted: int = 0
    rows_quarantined: int = 0
    findings: tuple[Finding, ...] = ()
    checks: tuple[Checked, ...] = ()
    has_earlier: bool = False

    @property
    def group(self) -> tuple[str, str]:
        """The office and quarter it is for; both empty where no contract knows the name."""
        return group_of(self.office, self.period)


UNKNOWN_GROUP = ("", "")


def group_of(office: str, period: str) -> tuple[str, str]:
    """The office and quarter of a page; a file of an office whose name says no quarter has neither."""
    return (office, period) if office and period else UNKNOWN_GROUP


def checked_files(
    con: DuckDBPyConnection, contracts: Mapping[str, Contract], receipts: Sequence[Receipt]
) -> list[CheckedFile]:
    """Every file in force, every one whose last try was refused, and every one owed up to the last quarter in force.

    `receipts` of this run add the files that could not be tried at all.
    """
    in_force = list(_in_force(con, receipts))
    keys = {(file.office, file.slot, file.period) for file in in_force}
    refused = [*_refused(con, keys), *_not_tried(con, contracts, receipts, keys)]
    return [*in_force, *refused, *_missing(con, contracts, receipts)]


def _in_force(con: DuckDBPyConnection, receipts: Sequence[Receipt]) -> Iterator[CheckedFile]:
    """The files in force, with what was said of them on the day they were taken in."""
    seen_again = {(r.office, r.slot, r.period) for r in receipts if r.status == "unchanged"}
    rows = con.execute(
        "SELECT entry, office, period, slot, exports, file_name, rows_accepted, rows_quarantined "
        "FROM submissions WHERE status = 'accepted' ORDER BY office, period, slot"
    ).fetchall()
    for entry, office, period, slot, exports, file_name, accepted, held in rows:
        state: State = "unchanged" if (office, slot, period) in seen_again else "accepted"
        about = (office, period, slot, tuple(exports), file_name, state, accepted, held)
        attempt = attempt_of(con, entry)
        yield CheckedFile(*about, findings_of(con, attempt), _checks_of(con, attempt))


def _checks_of(con: DuckDBPyConnection, attempt: int) -> tuple[Checked, ...]:
    rows = con.execute(
        "SELECT rule, severity, message_en, message_ru, rows_checked, rows_failed FROM checks "
        "WHERE attempt = ? ORDER BY rowid",
        [attempt],
    ).fetchall()
    return tuple(Checked(*row) for row in rows)


def _refused(con: DuckDBPyConnection, in_force: set[_Key]) -> Iterator[CheckedFile]:
    """The files whose last try was refused, whenever that was."""
    rows = con.execute(
        "SELECT attempt, office, period, slot, exports, file_name FROM attempts WHERE status = 'refused' "
        "AND attempt IN (SELECT max(attempt) FROM attempts GROUP BY office, slot, period) ORDER BY office, period, slot"
    ).fetchall()
    for attempt, office, period, slot, exports, file_name in rows:
        yield CheckedFile(
            office, period, slot, tuple(exports), file_name, "refused", 0, 0, findings_of(con, attempt),
            _checks_of(con, attempt), (office, slot, period) in in_force,
        )  # fmt: skip


def _not_tried(
    con: DuckDBPyConnection, contracts: Mapping[str, Contract], receipts: Sequence[Receipt], in_force: set[_Key]
) -> Iterator[CheckedFile]:
    """Files that this run turned away before they were a try: of an unknown name, still being copied, two for one."""
    tried = set(
        con.execute("SELECT office, slot, period, submission FROM attempts WHERE status = 'refused'").fetchall()
    )
    for r in receipts:
        if r.status == "refused" and (r.office, r.slot, r.period, r.submission) not in tried:
            exports = contracts[r.office].slots_at(r.period)[r.slot].exports if r.slot else ()
            yield CheckedFile(
                r.office, r.period, r.slot, exports, r.file_name, "refused", 0, 0, r.findings,
                has_earlier=(r.office, r.slot, r.period) in in_force,
            )  # fmt: skip


def _missing(
    con: DuckDBPyConnection, contracts: Mapping[str, Contract], receipts: Sequence[Receipt]
) -> Iterator[CheckedFile]:
    """What is owed and neither in force nor refused; nothing is owed for quarters after the last in force."""
    firsts = [contract.first_period for contract in contracts.values() if contract.first_period]
    ((last,),) = con.execute("SELECT max(period) FROM submissions WHERE period LIKE '%-Q%'").fetchall()
    if not firsts or last is None:
        return
    quarters = map(str, quarters_between(Quarter.parse(min(firsts)), Quarter.parse(last)))
    for owed in completeness(con, contracts, quarters, receipts):
        if owed.status == "missing":
            expected = contracts[owed.office].slots_at(owed.period)[owed.slot].file_name(owed.period)
            yield CheckedFile(owed.office, owed.period, owed.slot, owed.exports, expected, "missing")
