"""Intake of one file: it is known already, or read, judged, and stored whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from duckdb import DuckDBPyConnection

from indicators.facts import facts
from pipelines import guards, says
from pipelines.answers import answer
from pipelines.attempts import Attempt, attempt_of, findings_of, progress_of, record
from pipelines.contracts import Contract, Slot, recognise
from pipelines.files import ChangedWhileReadError, DiskFullError, Stamp, is_disk_full, sha256_of_settled, stamp
from pipelines.findings import Finding, refuses
from pipelines.forms import Running
from pipelines.identity import identified, store_key
from pipelines.judge import checked, judge
from pipelines.migrate import transaction
from pipelines.parse import Parsed, parse
from pipelines.receipts import Receipt, receipt, refused
from pipelines.rules import DIRECTORY, Rule, rules_digest, rules_for
from pipelines.running import running_at
from pipelines.staging import ThisFile, in_order
from pipelines.store import Accepted, Confirm, DeclinedError, store
from pipelines.validate import CheckResult


@dataclass(frozen=True)
class _Offer:
    """A file of an office, recognised by its name and hashed."""

    contract: Contract
    slot: Slot
    file: ThisFile
    path: Path
    submission: str
    seen: Stamp
    rules: Mapping[str, Sequence[Rule]]
    key: bytes

    @property
    def running(self) -> Mapping[str, Running]:
        """The facts of the file that hold running totals."""
        return running_at(self.contract, self.slot, self.file.period)

    @property
    def identity(self) -> tuple[str, str, str]:
        """What makes another reading of the file pointless: its bytes, its contract, its rules."""
        return self.submission, self.contract.digest, rules_digest(self.rules.values())


@dataclass(frozen=True)
class _Earlier:
    """The file in force for an office, slot and period."""

    entry: int
    identity: tuple[str, str, str]
    rows_accepted: int
    rows_quarantined: int


def receive(
    con: DuckDBPyConnection,
    contract: Contract,
    path: Path,
    curated: Path,
    *,
    settle_seconds: float = 0.0,
    reinstate: str | None = None,
    confirm: Confirm | None = None,
) -> Receipt:
    """Take one file of an office into the warehouse.

    The same bytes as the file in force change nothing. A file with a finding of severity `refuse`
    leaves nothing behind. An accepted one takes the place of the earlier file of its slot and period,
    whose rows stay but no longer count. A file that was itself replaced before comes back only with a
    reason (`reinstate`). With `settle_seconds` a file changed a moment ago is refused: try again.
    `confirm` is asked, with the new entry of the ledger, when everything is stored and nothing is
    committed; when it says no, nothing of the file stays. Raises DiskFullError, of which no office is to blame.
    """
    known = recognise(contract, path.name)
    unfit = _at_the_door(path)
    if known is None or guards.by_name(path.name):
        name = guards.shown(path.name)
        return refused(contract.office, contract.place, name, unfit or (says.unknown_name(contract, name),))
    slot, period = known
    file = ThisFile(contract.office, contract.place, slot.name, period)
    if unfit:
        return _refused(file, path, "", unfit)
    try:
        seen, submission = stamp(path), sha256_of_settled(path, settle_seconds)
    except ChangedWhileReadError:
        return _refused(file, path, "", (says.still_written(path.name),))
    except OSError as error:
        return _refused(file, path, "", (says.unreadable(path.name, error),))
    rules = {name: rules_for(facts()[name], contract) for name in in_order(slot.facts)}
    offer = _Offer(contract, slot, file, path, submission, seen, rules, store_key(curated))
    try:
        return _receive(con, offer, curated, reinstate, confirm)
    except Exception as error:
        if not is_disk_full(error):
            raise
        raise DiskFullError(
            f"There is no room left on the disk for {path.name}; nothing of it was stored. Free some space and run "
            "this again"
        ) from error


def _at_the_door(path: Path) -> tuple[Finding, ...]:
    """What keeps a file out before it is opened."""
    try:
        return tuple(guards.by_name(path.name) or guards.by_kind(path))
    except OSError as error:
        return (says.unreadable(guards.shown(path.name), error),)


def _receive(
    con: DuckDBPyConnection, offer: _Offer, curated: Path, reinstate: str | None, confirm: Confirm | None
) -> Receipt:
    before = _earlier(con, offer.file)
    is_same = before is not None and before.identity == offer.identity
    if before and is_same and not _may_judge_otherwise(con, offer, before):
        return _answered(curated, offer, _unchanged(con, offer, before), is_screened=True)
    if not is_same and not reinstate and _was_replaced(con, offer):
        return _refused(offer.file, offer.path, offer.submission, (says.replaced(offer.path.name),))
    read = _read(con, offer)
    # What was read must be what was hashed, also where somebody put other bytes there in between.
    if stamp(offer.path) != offer.seen:
        return _refused(offer.file, offer.path, offer.submission, (says.still_written(offer.path.name),))
    if refuses(list(read.findings)):
        refusal = _refuse(con, offer, identified(con, offer.file, (), read.findings, offer.key))
        return _answered(curated, offer, refusal, read.is_screened)
    judged = judge(con, offer.file, offer.path.name, offer.rules, read)
    if before and is_same and _held_now(con) == _held_then(con, before):
        return _answered(curated, offer, _unchanged(con, offer, before), read.is_screened)
    checks = checked(con, offer.file, offer.rules, judged.broken)
    findings = identified(con, offer.file, tuple(offer.rules), judged.findings, offer.key)
    if refuses(list(findings)):
        return _answered(curated, offer, _refuse(con, offer, findings, checks), read.is_screened)
    accepted = Accepted(
        offer.file, offer.slot.exports, tuple(offer.rules), offer.path.name, offer.path.stat().st_size,
        *offer.identity, judged.rows - judged.held, judged.held, findings, checks, reinstate, offer.running,
    )  # fmt: skip
    try:
        progress = store(con, accepted, offer.path, curated, confirm)
    except ChangedWhileReadError:
        return _refused(offer.file, offer.path, offer.submission, (says.still_written(offer.path.name),))
    except DeclinedError:
        return replace(receipt(accepted), status="declined")
    return _answered(curated, offer, replace(receipt(accepted), progress=progress), read.is_screened)


def _answered(curated: Path, offer: _Offer, said: Receipt, is_screened: bool) -> Receipt:
    """The receipt, with the office's file given back where something is to be put right."""
    return replace(said, returned=answer(curated, offer.path, offer.slot, said, is_screened))


def _refuse(
    con: DuckDBPyConnection, offer: _Offer, findings: tuple[Finding, ...], checks: tuple[CheckResult, ...] = ()
) -> Receipt:
    """Write down that the file was refused and why, and keep nothing else of it."""
    attempt = Attempt(
        offer.file, offer.slot.exports, offer.path.name, *offer.identity, "refused", findings, checks
    )  # fmt: skip
    with transaction(con):
        progress = record(con, attempt)
    refusal = _refused(offer.file, offer.path, offer.submission, findings, checks)
    return replace(refusal, progress=progress)


def _read(con: DuckDBPyConnection, offer: _Offer) -> Parsed:
    """Stage the rows of the file; what was found in reading it.

    A file on which the reader itself fails is refused and said to be a fault of the program: it must
    not keep the other offices out. Faults of judging and storing concern every file, and are raised.
    """
    try:
        return parse(offer.contract, offer.slot, offer.file.period, offer.path, con)
    except Exception as fault:  # (whatever else it is, this file is refused and the finding says so)
        if is_disk_full(fault):
            raise
        return Parsed(offer.slot, offer.file.period, (), (says.reader_failed(offer.path.name, fault),))


def _earlier(con: DuckDBPyConnection, file: ThisFile) -> _Earlier | None:
    rows = con.execute(
        "SELECT entry, submission, contract_digest, rules_digest, rows_accepted, rows_quarantined FROM submissions "
        "WHERE status = 'accepted' AND office = ? AND slot = ? AND period = ?",
        [file.office, file.slot, file.period],
    ).fetchall()
    return _Earlier(rows[0][0], rows[0][1:4], *rows[0][4:]) if rows else None


def _may_judge_otherwise(con: DuckDBPyConnection, offer: _Offer, before: _Earlier) -> bool:
    """Whether a file that is known may now have other rows held back than when it was taken in."""
    return _may_be_cured(con, offer.file, before) or (bool(offer.running) and _runs_on_from_newer(con, offer, before))


def _runs_on_from_newer(con: DuckDBPyConnection, offer: _Offer, before: _Earlier) -> bool:
    """Whether the file of an earlier quarter of the year, whose totals this one continues, was sent anew since."""
    file = offer.file
    newer = con.execute(
        "SELECT count(*) FROM ledger "
        "WHERE entry > ? AND office = ? AND slot = ? AND left(period, 4) = ? AND period < ?",
        [before.entry, file.office, file.slot, file.period[:4], file.period],
    ).fetchall()[0][0]
    return bool(newer)


def _may_be_cured(con: DuckDBPyConnection, file: ThisFile, before: _Earlier) -> bool:
    """Whether rows were held back and something newer came that they may have been waiting for."""
    newer = con.execute(
        "SELECT count(*) FROM ledger WHERE entry > ? AND (office = ? OR list_contains(exports, ?))",
        [before.entry, file.office, DIRECTORY],
    ).fetchall()[0][0]
    return before.rows_quarantined > 0 and newer > 0


def _held_now(con: DuckDBPyConnection) -> set[tuple[str, str, int, str]]:
    return set(con.execute("SELECT fact, sheet, row_number, rule FROM held").fetchall())


def _held_then(con: DuckDBPyConnection, before: _Earlier) -> set[tuple[str, str, int, str]]:
    held = con.execute("SELECT fact, sheet, row_number, rule FROM quarantine WHERE entry = ?", [before.entry])
    return set(held.fetchall())


def _was_replaced(con: DuckDBPyConnection, offer: _Offer) -> bool:
    """Whether these bytes were once in force for the slot and period, and are not now."""
    file = offer.file
    found = con.execute(
        "SELECT status FROM submissions WHERE office = ? AND slot = ? AND period = ? AND submission = ?",
        [file.office, file.slot, file.period, offer.submission],
    ).fetchall()
    return bool(found) and ("accepted",) not in found


def _unchanged(con: DuckDBPyConnection, offer: _Offer, before: _Earlier) -> Receipt:
    """The receipt of a file that is in force already, with what was said of it when it was taken in."""
    file = offer.file
    attempt = attempt_of(con, before.entry)
    counted = {
        rule: (rows_checked, rows_failed)
        for rule, rows_checked, rows_failed in con.execute(
            "SELECT rule, rows_checked, rows_failed FROM checks WHERE entry = ?", [before.entry]
        ).fetchall()
    }
    rules = [rule for some in offer.rules.values() for rule in some]
    return Receipt(
        file.office, file.place, file.slot, file.period, offer.submission, offer.path.name, "unchanged",
        before.rows_accepted, before.rows_quarantined, findings_of(con, attempt),
        tuple(CheckResult(rule, *counted[rule.id]) for rule in rules), progress_of(con, attempt),
    )  # fmt: skip


def _refused(
    file: ThisFile, path: Path, submission: str, findings: tuple[Finding, ...], checks: tuple[CheckResult, ...] = ()
) -> Receipt:
    return refused(file.office, file.place, path.name, findings, file.slot, file.period, submission, checks)
