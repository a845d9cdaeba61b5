"""The quarterly cycle as plain functions: take in, publish, export. The command line and the flow call these."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from duckdb import DuckDBPyConnection

from pipelines import guards, says
from pipelines.contracts import Contract, contracts, recognise
from pipelines.files import wait_until_settled
from pipelines.inputs import NothingToPublish, of_programme, of_source, store_key
from pipelines.intake import receive
from pipelines.intake_folder import receive_folder
from pipelines.publish import Published, publish
from pipelines.receipts import Receipt, refused
from pipelines.validation_page import validation_page
from pipelines.warehouse import FILE_NAME, open_warehouse
from reports.donors import profiles
from reports.edition import open_edition
from reports.workbook import export, file_name, reportable

__all__ = ["Cycle", "NothingToPublish", "export_reports", "publish_edition", "run_programme", "run_source", "take_in"]

# A file written so short a time ago may still be growing; those who call the cycle on real folders wait for it.
SETTLE_SECONDS = 2.0
CHECKS_PAGE = "checks.html"
LANGUAGES = ("en", "ru")

Say = Callable[[str], None]


@dataclass(frozen=True)
class Cycle:
    """What one run did: a receipt for each file, the edition, and the files written from it."""

    receipts: tuple[Receipt, ...]
    checks_page: Path
    published: Published
    reports: tuple[Path, ...]

    @property
    def refused(self) -> list[Receipt]:
        """Files that were kept out."""
        return [receipt for receipt in self.receipts if receipt.status == "refused"]


def run_programme(
    raw: Path, curated: Path, out: Path, period: str | None = None, say: Say = print, settle_seconds: float = 0.0
) -> Cycle:
    """One whole cycle over the landing zone.

    A refused file keeps nobody else out: its office is shown as not reported. Raises
    NothingToPublish when nothing was accepted, and what publishing raises.
    """
    say(f"Taking in the files below {raw}")
    receipts = take_in(raw, curated, say, settle_seconds)
    page = write_checks_page(receipts, curated)
    say("Counting, protecting and publishing")
    published = publish_edition(curated, period, receipts)
    say("Writing the donor tables")
    return Cycle(tuple(receipts), page, published, tuple(export_reports(published.folder, out)))


def run_source(office: str, path: Path, curated: Path, out: Path, say: Say = print) -> Cycle:
    """One cycle over a published source, in a store of its own below `curated`: it never mixes with the programme.

    Raises KeyError for a source without a contract, and NothingToPublish when its file is refused.
    """
    contract = contracts()[office]
    own = curated / "sources" / office
    say(f"Taking in {path.name} as {office}")
    with open_warehouse(own) as con:
        receipts = [receive(con, contract, path, own)]
        page = write_checks_page(receipts, own)
        say("Counting, protecting and publishing")
        published = publish(con, own, of_source(con, contract, key=store_key(own)))
    say("Writing the tables")
    return Cycle(tuple(receipts), page, published, tuple(export_reports(published.folder, out / office)))


def take_in(raw: Path, curated: Path, say: Say = print, settle_seconds: float = 0.0) -> list[Receipt]:
    """Every file below `raw`, each taken in or refused by itself; those written a moment ago are waited for."""
    with open_warehouse(curated) as con:
        receipts = receive_folder(con, raw, programme_contracts(), curated, settle_seconds=settle_seconds)
    for receipt in receipts:
        say(f"  {receipt.office}/{receipt.file_name}: {receipt.status}, {_rows(receipt)}")
    return receipts


def take_in_files(files: Sequence[Path], curated: Path, settle_seconds: float = 0.0) -> list[Receipt]:
    """Single files; the folder a file lies in names its office, else the office that sends files of its name."""
    wait_until_settled(files, settle_seconds)
    with open_warehouse(curated) as con:
        return [_take_in_file(con, path, curated, settle_seconds) for path in files]


def check_files(files: Sequence[Path], curated: Path) -> list[Receipt]:
    """What would become of files: they are taken into a copy of the warehouse, which is then thrown away."""
    with tempfile.TemporaryDirectory(prefix="esep-check-") as folder:
        store = curated / FILE_NAME
        if store.exists():
            with open_warehouse(curated):  # nobody writes while the copy is made
                shutil.copy2(store, folder)
        return take_in_files(files, Path(folder))


def _take_in_file(con: DuckDBPyConnection, path: Path, curated: Path, settle_seconds: float) -> Receipt:
    known = programme_contracts()
    # A link is not followed: what counts is where it lies, and it is refused.
    office = path.parent.resolve().name
    senders = [office] if office in known else [name for name, c in known.items() if recognise(c, path.name)]
    if not senders:
        patterns = [slot.file_pattern for contract in known.values() for slot in contract.slots.values()]
        name = guards.shown(path.name)
        return refused("", "", name, (says.unknown_office(name, patterns),))
    return receive(con, known[senders[0]], path, curated, settle_seconds=settle_seconds)


def programme_contracts() -> dict[str, Contract]:
    """The contracts of offices that report each quarter; published sources are run by themselves."""
    return {name: contract for name, contract in contracts().items() if contract.first_period is not None}


def publish_edition(curated: Path, period: str | None = None, receipts: Sequence[Receipt] = ()) -> Published:
    """The programme's edition up to a quarter (the latest reported, if none is named).

    `receipts` tell a refused file from one that never came.
    """
    with open_warehouse(curated) as con:
        return publish(con, curated, of_programme(con, contracts(), period, receipts, key=store_key(curated)))


def export_reports(edition_folder: Path, out: Path) -> list[Path]:
    """Each donor's tables of an edition, in both languages; files are replaced whole.

    A published source has no quarters, so no donor's table can be made of it: there is nothing to write.
    """
    edition = open_edition(edition_folder)
    written = []
    try:
        out.mkdir(parents=True, exist_ok=True)
        for donor in profiles().values() if reportable(edition) else ():
            for language in LANGUAGES:
                target = out / file_name(edition, donor, language)
                _replace(target, export(edition, donor, language))
                written.append(target)
    finally:
        edition.connection.close()
    return written


def write_checks_page(receipts: Sequence[Receipt], curated: Path) -> Path:
    """The page that says what was checked and found in this run."""
    page = curated / CHECKS_PAGE
    _replace(page, validation_page(receipts).encode("utf-8"))
    return page


def _replace(target: Path, data: bytes) -> None:
    aside = target.with_name(f".{target.name}.new")
    aside.write_bytes(data)
    aside.replace(target)


def _rows(receipt: Receipt) -> str:
    held = f", {receipt.rows_quarantined} held back" if receipt.rows_quarantined else ""
    return f"{receipt.rows_accepted} rows{held}"
