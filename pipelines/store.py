"""One accepted file into the warehouse: rows, ledger line, findings, quarantine and checks, all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from duckdb import DuckDBPyConnection

from indicators.facts import PROVENANCE, facts
from pipelines.attempts import Attempt, Progress, record
from pipelines.bulk import insert
from pipelines.files import copy_by_hash
from pipelines.findings import Finding
from pipelines.forms import Running
from pipelines.migrate import transaction
from pipelines.running import line_of
from pipelines.schema import LEDGER
from pipelines.staging import ThisFile, is_held
from pipelines.validate import CheckResult
from pipelines.warehouse import LANDING_NAME, next_number


@dataclass(frozen=True)
class Accepted:
    """A file that was read and judged, ready to be stored; `running` are its facts with running totals."""

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
    running: Mapping[str, Running] = field(default_factory=dict)


class DeclinedError(RuntimeError):
    """Whoever was asked does not want the file: nothing of it was stored."""


# Asked when everything is stored and nothing is committed, with the new entry: whether to go on.
Confirm = Callable[[int], bool]


def store(
    con: DuckDBPyConnection, accepted: Accepted, path: Path, curated: Path, confirm: Confirm | None = None
) -> Progress | None:
    """Store a judged file and a copy of its bytes in one transaction; an error leaves nothing of it.

    The ledger's new line is what puts an earlier file of the same office, slot and period out of
    force. Gives what the office has put right since its last try. Raises ChangedWhileReadError when the
    file is no longer the one that was judged, and DeclinedError when `confirm` says no.
    """
    landing = curated / LANDING_NAME
    landed = False
    try:
        with transaction(con):
            entry = next_number(con, "ledger", "entry")
            insert(con, "ledger", LEDGER, [_ledger_line(entry, accepted)])
            for name in accepted.staged:
                _insert_rows(con, name, entry, accepted)
            for name, running in accepted.running.items():
                _insert_lines(con, name, entry, accepted.submission, running)
            progress = _insert_about(con, entry, accepted)
            if confirm is not None and not confirm(entry):
                raise DeclinedError(accepted.file_name)
            landed = copy_by_hash(path, landing, accepted.submission)
    except BaseException:
        if landed:
            (landing / accepted.submission).unlink(missing_ok=True)
        raise
    return progress


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


def _insert_lines(con: DuckDBPyConnection, name: str, entry: int, submission: str, running: Running) -> None:
    """Which line of the year each running total is, for `running_since` to compute with."""
    for column in running.columns:
        con.execute(
            f"INSERT INTO running SELECT ?, ?, ?, ?, own.sheet, own.row_number, {line_of(name, running.by, 'own.')}, "
            f"own.{column} FROM stage_{name} AS own WHERE NOT {is_held(name)} ORDER BY own.sheet, own.row_number",
            [entry, submission, name, column],
        )


def _insert_about(con: DuckDBPyConnection, entry: int, accepted: Accepted) -> Progress | None:
    """What was said about the file, and which rows are held back."""
    con.execute(
        "INSERT INTO quarantine SELECT DISTINCT ?, ?, fact, sheet, row_number, rule FROM held ORDER BY ALL",
        [entry, accepted.submission],
    )
    return record(con, Attempt(
        accepted.file, accepted.exports, accepted.file_name, accepted.submission, accepted.contract_digest,
        accepted.rules_digest, "accepted", accepted.findings, accepted.checks, entry,
    ))  # fmt: skip
