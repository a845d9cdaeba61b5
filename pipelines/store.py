"""One accepted file into the warehouse: rows, ledger line, findings, quarantine and checks, all or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from duckdb import DuckDBPyConnection

from indicators.facts import PROVENANCE, facts
from pipelines.bulk import insert
from pipelines.files import copy_by_hash
from pipelines.findings import Finding
from pipelines.staging import ThisFile, is_held
from pipelines.validate import CheckResult
from pipelines.warehouse import ABOUT_FILES, LANDING_NAME, LEDGER


@dataclass(frozen=True)
class Accepted:
    """A file that was read and judged, ready to be stored."""

    file: ThisFile
    exports: tuple[str, ...]
    staged: tuple[str, ...]
    file_name: str
    bytes: int
    submission: str
    contract_digest: str
    rules_digest: str
    rows_accepted: int
    rows_quarantined: int
    findings: tuple[Finding, ...]
    checks: tuple[CheckResult, ...]
    reason: str | None = None


def store(con: DuckDBPyConnection, accepted: Accepted, path: Path, curated: Path) -> None:
    """Store a judged file and a copy of its bytes in one transaction; an error leaves nothing of it.

    The ledger's new line is what puts an earlier file of the same office, slot and period out of
    force. Raises ChangedWhileReadError when the file is no longer the one that was judged.
    """
    landing = curated / LANDING_NAME
    landed = False
    try:
        with _transaction(con):
            entry = con.execute("SELECT nextval('ledger_entry')").fetchall()[0][0]
            insert(con, "ledger", LEDGER, [_ledger_line(entry, accepted)])
            for name in accepted.staged:
                _insert_rows(con, name, entry, accepted)
            _insert_about(con, entry, accepted)
            landed = copy_by_hash(path, landing, accepted.submission)
    except BaseException:
        if landed:
            (landing / accepted.submission).unlink(missing_ok=True)
        raise


@contextmanager
def _transaction(con: DuckDBPyConnection) -> Iterator[None]:
    con.execute("BEGIN TRANSACTION")
    try:
        yield
        con.execute("COMMIT")
    except BaseException:
        con.execute("ROLLBACK")
        raise


def _ledger_line(entry: int, accepted: Accepted) -> tuple[Any, ...]:
    file = accepted.file
    return (
        entry, accepted.submission, file.office, file.place, file.slot, list(accepted.exports), file.period,
        accepted.file_name, accepted.bytes, accepted.contract_digest, accepted.rules_digest,
        accepted.rows_accepted, accepted.rows_quarantined, accepted.reason, datetime.now(UTC).replace(tzinfo=None),
    )  # fmt: skip


def _insert_rows(con: DuckDBPyConnection, name: str, entry: int, accepted: Accepted) -> None:
    """The staged rows of a fact but those held back, in the order of the file."""
    own = ", ".join(f"own.{column}" for column in facts()[name].columns)
    columns = ", ".join(("entry", *PROVENANCE, *facts()[name].columns))
    # Staged rows stand in that order already; only leaving some out may disturb it.
    any_held = con.execute("SELECT count(*) FROM held WHERE fact = ?", [name]).fetchall() != [(0,)]
    kept = f" WHERE NOT {is_held(name)} ORDER BY own.sheet, own.row_number, own.rowid" if any_held else ""
    con.execute(
        f"INSERT INTO {name} ({columns}) SELECT ?, ?, own.place, ?, own.sheet, own.row_number, {own} "
        f"FROM stage_{name} AS own{kept}",
        [entry, accepted.file.office, accepted.submission],
    )


def _insert_about(con: DuckDBPyConnection, entry: int, accepted: Accepted) -> None:
    """What was said about the file: findings, rows held back, and what each rule counted."""
    about = (entry, accepted.submission)
    insert(con, "findings", ABOUT_FILES["findings"], [
        (*about, f.file, f.sheet, f.row, f.field, f.rule, f.severity, f.message_en, f.message_ru, f.count)
        for f in accepted.findings
    ])  # fmt: skip
    insert(con, "checks", ABOUT_FILES["checks"], [
        (*about, accepted.file.office, accepted.file.period, c.rule.fact, c.rule.id, c.rule.severity,
         c.rule.message_en, c.rule.message_ru, c.rows_checked, c.rows_failed)
        for c in accepted.checks
    ])  # fmt: skip
    con.execute(
        "INSERT INTO quarantine SELECT DISTINCT ?, ?, fact, sheet, row_number, rule FROM held ORDER BY ALL", list(about)
    )
