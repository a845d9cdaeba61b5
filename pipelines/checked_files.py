"""What is known of every file: those in force, those a run refused, and those that are owed and have not come.

The pages of checks are drawn from these and from nothing else. Names, numbers and messages, never the
value of a cell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from duckdb import DuckDBPyConnection

from indicators.calendars import Quarter, quarters_between
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


def group_of(office: str, period: str) -> tuple[str, str]:
    """The office and quarter of a page; a file of an office whose name says no quarter has neither."""
    return (office, period) if office and period else ("", "")


def checked_files(
    con: DuckDBPyConnection, contracts: Mapping[str, Contract], receipts: Sequence[Receipt]
) -> list[CheckedFile]:
    """Every file in force, every one that this run refused, and every one owed up to the last quarter in force."""
    in_force = list(_in_force(con, receipts))
    keys = {(file.office, file.slot, file.period) for file in in_force}
    return [*in_force, *_refused(contracts, receipts, keys), *_missing(con, contracts, receipts)]


def _in_force(con: DuckDBPyConnection, receipts: Sequence[Receipt]) -> Iterator[CheckedFile]:
    """The files in force, with what was said of them on the day they were taken in."""
    seen_again = {(r.office, r.slot, r.period) for r in receipts if r.status == "unchanged"}
    findings, checks = _findings(con), _checks(con)
    rows = con.execute(
        "SELECT entry, office, period, slot, exports, file_name, rows_accepted, rows_quarantined "
        "FROM submissions WHERE status = 'accepted' ORDER BY office, period, slot"
    ).fetchall()
    for entry, office, period, slot, exports, file_name, accepted, held in rows:
        state: State = "unchanged" if (office, slot, period) in seen_again else "accepted"
        about = (office, period, slot, tuple(exports), file_name, state, accepted, held)
        yield CheckedFile(*about, tuple(findings[entry]), tuple(checks[entry]))


def _findings(con: DuckDBPyConnection) -> Mapping[int, list[Finding]]:
    found: dict[int, list[Finding]] = defaultdict(list)
    for entry, *said in con.execute(
        "SELECT f.entry, f.file, f.sheet, f.row_number, f.field, f.rule, f.severity, f.message_en, f.message_ru, "
        "f.count FROM findings AS f JOIN submissions AS s ON f.entry = s.entry "
        "WHERE s.status = 'accepted' ORDER BY f.entry, f.rowid"
    ).fetchall():
        found[entry].append(Finding(*said))
    return found


def _checks(con: DuckDBPyConnection) -> Mapping[int, list[Checked]]:
    found: dict[int, list[Checked]] = defaultdict(list)
    for entry, *said in con.execute(
        "SELECT c.entry, c.rule, c.severity, c.message_en, c.message_ru, c.rows_checked, c.rows_failed "
        "FROM checks AS c JOIN submissions AS s ON c.entry = s.entry "
        "WHERE s.status = 'accepted' ORDER BY c.entry, c.rowid"
    ).fetchall():
        found[entry].append(Checked(*said))
    return found


def _refused(
    contracts: Mapping[str, Contract], receipts: Sequence[Receipt], in_force: set[_Key]
) -> Iterator[CheckedFile]:
    """The files that this run kept out: of them the warehouse knows nothing."""
    for r in receipts:
        if r.status == "refused":
            exports = contracts[r.office].slots_at(r.period)[r.slot].exports if r.slot else ()
            checks = tuple(
                Checked(c.rule.id, c.rule.severity, c.rule.message_en, c.rule.message_ru, c.rows_checked, c.rows_failed)
                for c in r.checks
            )
            yield CheckedFile(
                r.office, r.period, r.slot, exports, r.file_name, "refused", 0, 0, r.findings, checks,
                (r.office, r.slot, r.period) in in_force,
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
