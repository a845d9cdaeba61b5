"""The answer to an office: its file with remarks where something is to be put right, and none where nothing is."""

from __future__ import annotations

from pathlib import Path

from pipelines.files import ChangedWhileReadError, sha256_of_settled
from pipelines.forms import Slot
from pipelines.receipts import Receipt
from pipelines.returns import About, clear_return, return_name, return_workbook, write_return

RETURNS = "returns"


def answer(curated: Path, path: Path, slot: Slot, receipt: Receipt, is_screened: bool) -> Path | None:
    """Write the return workbook of a file that was refused or partly held back; take an older one away otherwise.

    `is_screened` says that the anonymity gate has looked at every cell and let it pass: only then may the
    office's rows be repeated. A file taken in before is answered again only if the answer is gone.
    """
    folder = curated / RETURNS / receipt.office / receipt.period
    if receipt.status != "refused" and not receipt.rows_quarantined:
        clear_return(folder, receipt.file_name)
        return None
    known = folder / return_name(receipt.file_name)
    if receipt.status == "unchanged" and known.exists():
        return known
    about = _about(receipt, is_screened and _is_the_same(path, receipt.submission))
    content = return_workbook(about, receipt.findings, path, slot)
    return write_return(folder, receipt.file_name, content)


def _about(receipt: Receipt, may_copy: bool) -> About:
    progress = receipt.progress
    since = {} if progress is None else {"fixed": progress.fixed, "left": progress.left, "new": progress.new}
    return About(
        receipt.office, receipt.place, receipt.file_name, receipt.slot, receipt.period,
        "refused" if receipt.status == "refused" else "accepted",
        receipt.rows_accepted, receipt.rows_quarantined, **since, may_copy=may_copy,
    )  # fmt: skip


def _is_the_same(path: Path, submission: str) -> bool:
    """Whether the file still holds the bytes that were judged; of others nothing may be repeated."""
    try:
        return sha256_of_settled(path) == submission
    except (ChangedWhileReadError, OSError):
        return False
