"""The quarterly cycle as plain functions: take in, publish, export. The command line and the flow call these."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from duckdb import DuckDBPyConnection

from indicators.calendars import Quarter
from pipelines import guards, says
from pipelines.checked_files import UNKNOWN_GROUP, checked_files
from pipelines.contracts import Contract, contracts, recognise
from pipelines.exports import export_reports
from pipelines.files import altered, wait_until_settled
from pipelines.identity import KEY_NAME, store_key
from pipelines.inputs import NothingToPublish, of_programme, of_source
from pipelines.intake import receive
from pipelines.intake_folder import in_turn, receive_folder
from pipelines.lives import Standing, lives
from pipelines.preview import Preview, figures_now, preview
from pipelines.publish import EDITIONS, Published, publish
from pipelines.reasons import Reason
from pipelines.receipts import Receipt, refused
from pipelines.retake import retake
from pipelines.store import Confirm
from pipelines.validation_folder import write_pages
from pipelines.warehouse import FILE_NAME, LANDING_NAME, open_warehouse
from reports.edition import POINTER_NAME, NoEdition, open_current

__all__ = ["Cycle", "NothingToPublish", "export_reports", "publish_edition", "run_programme", "run_source", "take_in"]

CHECKS = "checks"
# A file written so short a time ago may still be growing; those who call the cycle on real folders wait for it.
SETTLE_SECONDS = 2.0

Say = Callable[[str], None]
# Shown what a file would change, whoever takes it in says whether it may.
Agree = Callable[[Preview], bool]


@dataclass(frozen=True)
class Cycle:
    """What one run did: a receipt for each file, the edition, and the files written from it."""

    receipts: tuple[Receipt, ...]
    checks_index: Path
    published: Published
    reports: tuple[Path, ...]

    @property
    def refused(self) -> list[Receipt]:
        """Files that were kept out."""
        return [receipt for receipt in self.receipts if receipt.status == "refused"]


def run_programme(
    raw: Path,
    curated: Path,
    out: Path,
    period: str | None = None,
    say: Say = print,
    settle_seconds: float = 0.0,
    reasons: Sequence[Reason] = (),
) -> Cycle:
    """One whole cycle over the landing zone.

    A refused file keeps nobody else out: its office is shown as not reported. Raises
    NothingToPublish when nothing was accepted, and what publishing raises.
    """
    say(f"Taking in the files below {raw}")
    receipts = take_in(raw, curated, say, settle_seconds)
    index = write_checks(receipts, curated, is_whole=True)
    say("Counting, protecting and publishing")
    published = publish_edition(curated, period, receipts, reasons)
    say("Writing the donors’ files")
    return Cycle(tuple(receipts), index, published, tuple(export_reports(published.folder, out)))


def run_source(office: str, path: Path, curated: Path, out: Path, say: Say = print) -> Cycle:
    """One cycle over a published source, in a store of its own below `curated`: it never mixes with the programme.

    Raises KeyError for a source without a contract, and NothingToPublish when its file is refused.
    """
    contract = contracts()[office]
    own = curated / "sources" / office
    say(f"Taking in {path.name} as {office}")
    with open_warehouse(own) as con:
        receipts = [receive(con, contract, path, own)]
        index = write_pages(own / CHECKS, checked_files(con, {office: contract}, receipts))
        say("Counting, protecting and publishing")
        published = publish(con, own, of_source(con, contract, key=store_key(own)))
    say("Writing the tables")
    return Cycle(tuple(receipts), index, published, tuple(export_reports(published.folder, out / office)))


def take_in(raw: Path, curated: Path, say: Say = print, settle_seconds: float = 0.0) -> list[Receipt]:
    """Every file below `raw`, each taken in or refused by itself; those written a moment ago are waited for."""
    with open_warehouse(curated) as con:
        receipts = receive_folder(con, raw, programme_contracts(), curated, settle_seconds=settle_seconds)
    _say_each(receipts, say)
    return receipts


def take_in_night(
    raw: Path, curated: Path, office: str | None, say: Say, quiet_seconds: float
) -> tuple[list[Receipt], int]:
    """What is complete below `raw`, of one office or of all; and how many files were refused for the first time.

    A file that changed less than `quiet_seconds` ago, or that somebody has open, is left for the next night; nobody
    waits for it.
    """
    known = programme_contracts()
    with open_warehouse(curated) as con:
        before = con.execute("SELECT coalesce(max(attempt), 0) FROM attempts").fetchall()[0][0]
        receipts = receive_folder(con, raw, known, curated, settle_seconds=quiet_seconds, only=office, is_patient=False)
        refusals = con.execute("SELECT count(*) FROM attempts WHERE status = 'refused' AND attempt > ?", [before])
        fresh: int = refusals.fetchall()[0][0]
    _say_each(receipts, say)
    # What was turned away before it was read (an unknown name, two for one form) is no try, and counts each night.
    return receipts, fresh + sum(
        one.status == "refused" and not one.submission and not one.is_under_way for one in receipts
    )


def _say_each(receipts: Sequence[Receipt], say: Say) -> None:
    for receipt in receipts:
        said = (
            "still being copied" if receipt.is_under_way else f"{receipt.status}, {_rows(receipt)}{_remarks(receipt)}"
        )
        say(f"  {receipt.office}/{receipt.file_name}: {said}")


def take_in_files(
    files: Sequence[Path],
    curated: Path,
    settle_seconds: float = 0.0,
    *,
    agree: Agree | None = None,
    landed: Path | None = None,
    reinstate: str | None = None,
) -> list[Receipt]:
    """Single files, those that others ask about first; the folder a file lies in names its office, else the office
    that sends files of its name.

    With `agree` each file is shown what it would change before it is stored, and stays out when it says no.
    Files in force that go on from them are judged again; `landed` is a second place to look for their bytes.
    With a reason to `reinstate` them, files that were replaced since come back into force.
    """
    wait_until_settled(files, settle_seconds)
    with open_warehouse(curated) as con:
        ordered = in_turn(files, programme_contracts())
        receipts = [_take_in_file(con, path, curated, settle_seconds, agree, reinstate) for path in ordered]
        return receipts + retake(con, programme_contracts(), receipts, curated, landed)


def check_files(files: Sequence[Path], curated: Path) -> list[Receipt]:
    """What would become of files: they are taken into a copy of the warehouse, which is then thrown away."""
    with tempfile.TemporaryDirectory(prefix="esep-check-") as folder:
        if (curated / FILE_NAME).exists():
            with open_warehouse(curated):  # nobody writes while the copy is made
                for name in (FILE_NAME, KEY_NAME):
                    if (curated / name).exists():
                        shutil.copy2(curated / name, folder)
        # Remarks are written beside the copy, and go with it.
        receipts = take_in_files(files, Path(folder), landed=curated / LANDING_NAME)
        return [replace(receipt, returned=None) for receipt in receipts]


def _take_in_file(
    con: DuckDBPyConnection, path: Path, curated: Path, settle_seconds: float, agree: Agree | None, reason: str | None
) -> Receipt:
    known = programme_contracts()
    # A link is not followed: what counts is where it lies, and it is refused.
    office = path.parent.resolve().name
    senders = [office] if office in known else [name for name, c in known.items() if recognise(c, path.name)]
    if not senders:
        patterns = [slot.file_pattern for contract in known.values() for slot in contract.slots.values()]
        name = guards.shown(path.name)
        return refused("", "", name, (says.unknown_office(name, patterns),))
    confirm = None if agree is None else _asking(con, known, agree)
    return receive(
        con, known[senders[0]], path, curated, settle_seconds=settle_seconds, reinstate=reason, confirm=confirm
    )


def _asking(con: DuckDBPyConnection, known: dict[str, Contract], agree: Agree) -> Confirm:
    """A question with the whole effect of a file: counted now without it, and inside its transaction with it."""
    before = figures_now(con, known)
    return lambda entry: agree(preview(con, known, before, entry))


def standing(raw: Path, curated: Path, period: str | None = None) -> Standing:
    """Where the programme stands today: its edition, and the life of every file owed up to a quarter.

    Raises NoEdition when nothing has ever been taken in or published here, and ValueError for what is no quarter.
    """
    if period is not None:
        Quarter.parse(period)
    if not (curated / FILE_NAME).exists():
        raise NoEdition(f"{curated}: nothing has been taken in here; run `make run` or `esep run` first")
    edition, certificate = "", {}
    if (curated / EDITIONS / POINTER_NAME).exists():
        opened = open_current(curated / EDITIONS)
        edition = opened.edition_id
        certificate = {row["key"]: row["value"] for row in opened.rows("SELECT * FROM certificate ORDER BY key")}
        opened.connection.close()
    with open_warehouse(curated) as con:
        found = lives(con, programme_contracts(), raw, datetime.now(UTC).date(), period)
        changed = altered(curated / LANDING_NAME)
    return Standing(edition, certificate, tuple(found), tuple(changed))


def programme_contracts() -> dict[str, Contract]:
    """The contracts of offices that report each quarter; published sources are run by themselves."""
    return {name: contract for name, contract in contracts().items() if contract.first_period is not None}


def publish_edition(
    curated: Path, period: str | None = None, receipts: Sequence[Receipt] = (), reasons: Sequence[Reason] = ()
) -> Published:
    """The programme's edition up to a quarter (the latest reported, if none is named).

    `receipts` tell a refused file from one that never came. Raises what publishing raises: ReasonNeeded when a
    figure that a donor has would change and none of the `reasons` fits it.
    """
    with open_warehouse(curated) as con:
        inputs = of_programme(con, contracts(), period, receipts, key=store_key(curated))
        return publish(con, curated, inputs, reasons=reasons)


def quarters_to_publish(curated: Path, since: str | None, period: str | None) -> list[str | None]:
    """The quarters to publish, oldest first, so that the last is current: one, or all with files from `since` on.

    Raises ValueError for what is no quarter, and NothingToPublish where none of them has a file in force.
    """
    if since is None:
        return [period]
    last = str(Quarter.parse(period)) if period else None
    with open_warehouse(curated) as con:
        rows = con.execute("SELECT DISTINCT period FROM submissions WHERE status = 'accepted' ORDER BY 1").fetchall()
    first = str(Quarter.parse(since))
    found = [one for (one,) in rows if first <= one and (last is None or one <= last)]
    if not found:
        raise NothingToPublish(f"no file has been accepted of any quarter from {first} to {last or 'today'}")
    return list(found)


def write_checks(receipts: Sequence[Receipt], curated: Path, *, is_whole: bool = False) -> Path:
    """The pages of checks after a run; gives their index.

    The store knows every file but those whose names no contract knows: only a run over the whole landing
    zone (`is_whole`) may take their page away.
    """
    with open_warehouse(curated) as con:
        files = checked_files(con, programme_contracts(), receipts)
    return write_pages(curated / CHECKS, files, () if is_whole else (UNKNOWN_GROUP,))


def _rows(receipt: Receipt) -> str:
    held = f", {receipt.rows_quarantined} held back" if receipt.rows_quarantined else ""
    return f"{receipt.rows_accepted} rows{held}"


def _remarks(receipt: Receipt) -> str:
    return f"; remarks in {receipt.returned}" if receipt.returned else ""
