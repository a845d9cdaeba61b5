"""The correspondence with an office: every try at a file of a slot and period, accepted or refused.

The ledger knows accepted files alone. Here stands what was said each time, so that the next answer can
tell the office what it has put right since. Of a refused file its name, its hash and the findings are
kept, and no row of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from duckdb import DuckDBPyConnection

from pipelines.bulk import insert
from pipelines.findings import Finding
from pipelines.schema import ABOUT_FILES, ATTEMPTS
from pipelines.staging import ThisFile
from pipelines.validate import CheckResult
from pipelines.warehouse import next_number


@dataclass(frozen=True)
class Progress:
    """Findings of the try before that are gone, that are still there, and those that are new."""

    fixed: int
    left: int
    new: int


@dataclass(frozen=True)
class Attempt:
    """One try: the file, what it was judged by, what became of it, and what was said."""

    file: ThisFile
    exports: tuple[str, ...]
    file_name: str
    submission: str
    contract_digest: str
    rules_digest: str
    status: Literal["accepted", "refused"]
    findings: tuple[Finding, ...]
    checks: tuple[CheckResult, ...]
    entry: int | None = None


def record(con: DuckDBPyConnection, attempt: Attempt) -> Progress | None:
    """Write a try down, inside the caller's transaction; what was put right since the one before, if there was one.

    A refused file that is offered again just as it was changes nothing: it still lies in the landing zone.
    """
    before = _last(con, attempt.file)
    progress = None if before is None else _progress(con, before, attempt.findings)
    if before is not None and attempt.status == "refused" and _is_the_same(con, before, attempt):
        return progress_of(con, before)
    number = next_number(con, "attempts", "attempt")
    insert(con, "attempts", ATTEMPTS, [_line(number, attempt, progress)])
    _insert_said(con, number, attempt)
    return progress


def attempt_of(con: DuckDBPyConnection, entry: int) -> int:
    """The number of the try that became an entry of the ledger."""
    number: int = con.execute("SELECT max(attempt) FROM attempts WHERE entry = ?", [entry]).fetchall()[0][0]
    return number


def progress_of(con: DuckDBPyConnection, number: int) -> Progress | None:
    """What a try had put right, as it was said then; None for the first."""
    counts = con.execute("SELECT fixed, remaining, fresh FROM attempts WHERE attempt = ?", [number]).fetchall()[0]
    return None if counts[0] is None else Progress(*counts)


def findings_of(con: DuckDBPyConnection, number: int) -> tuple[Finding, ...]:
    """What was said about a try."""
    said = con.execute(
        "SELECT file, sheet, row_number, field, rule, severity, message_en, message_ru, count, column_number, finding "
        "FROM findings WHERE attempt = ? ORDER BY rowid",
        [number],
    ).fetchall()
    return tuple(Finding(*one) for one in said)


def _last(con: DuckDBPyConnection, file: ThisFile) -> int | None:
    number: int | None = con.execute(
        "SELECT max(attempt) FROM attempts WHERE office = ? AND slot = ? AND period = ?",
        [file.office, file.slot, file.period],
    ).fetchall()[0][0]
    return number


def _is_the_same(con: DuckDBPyConnection, number: int, attempt: Attempt) -> bool:
    known = con.execute(
        "SELECT submission, contract_digest, rules_digest, status FROM attempts WHERE attempt = ?", [number]
    ).fetchall()[0]
    now = (attempt.submission, attempt.contract_digest, attempt.rules_digest, attempt.status)
    return known == now and _ids(con, number) == {finding.id for finding in attempt.findings}


def _progress(con: DuckDBPyConnection, number: int, findings: Sequence[Finding]) -> Progress:
    then, now = _ids(con, number), {finding.id for finding in findings}
    return Progress(len(then - now), len(then & now), len(now - then))


def _ids(con: DuckDBPyConnection, number: int) -> set[str]:
    return {one for (one,) in con.execute("SELECT finding FROM findings WHERE attempt = ?", [number]).fetchall()}


def _line(number: int, attempt: Attempt, progress: Progress | None) -> tuple[object, ...]:
    file = attempt.file
    counts = (None, None, None) if progress is None else (progress.fixed, progress.left, progress.new)
    return (
        number, file.office, file.place, file.slot, list(attempt.exports), file.period, attempt.file_name,
        attempt.submission, attempt.contract_digest, attempt.rules_digest, attempt.status, attempt.entry, *counts,
        datetime.now(UTC).replace(tzinfo=None),
    )  # fmt: skip


def _insert_said(con: DuckDBPyConnection, number: int, attempt: Attempt) -> None:
    """The findings, and what each rule counted."""
    about, file = (number, attempt.entry, attempt.submission), attempt.file
    insert(con, "findings", ABOUT_FILES["findings"], [
        (*about, f.id, f.file, f.sheet, f.row, f.column, f.field, f.rule, f.severity, f.message_en, f.message_ru,
         f.count)
        for f in attempt.findings
    ])  # fmt: skip
    insert(con, "checks", ABOUT_FILES["checks"], [
        (*about, file.office, file.period, c.rule.fact, c.rule.id, c.rule.severity, c.rule.message_en,
         c.rule.message_ru, c.rows_checked, c.rows_failed)
        for c in attempt.checks
    ])  # fmt: skip
