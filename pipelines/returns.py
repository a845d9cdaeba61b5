"""The return workbook: what was found in an office's file, said in its own file, in Russian and English.

The first sheet tells every finding. The office's own rows follow, with the cells coloured and commented, only if the
file was read through and the anonymity gate let it pass; otherwise nothing of the file is repeated.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from pipelines.files import fsync_folder
from pipelines.findings import Finding
from pipelines.forms import Slot
from pipelines.return_words import About

__all__ = ["About", "clear_return", "may_repeat_rows", "return_name", "return_workbook", "write_return"]

# What can be found only in rows that were read. Any other rule, known or yet to come, keeps the rows back, and so
# do the letters of another office in its codes: the file may be that office's, put into the wrong folder.
READ_THROUGH = frozenset(
    {
        "unreadable_cell", "unreadable_column", "cell_of_other_kind", "unknown_kind_of_row", "totals_row_missing",
        "totals_differ", "too_many_rows_held", "hidden_rows", "hidden_columns", "hidden_sheet", "error_in_cell",
        "header_moved", "filled_from_above", "footnote_row", "totals_row_undeclared",
    }
)  # fmt: skip
_OTHER_OFFICE = ".office"


def may_repeat_rows(about: About, findings: Sequence[Finding]) -> bool:
    """Whether the office's own cells may be repeated: the gate let them pass, and every finding is about read rows."""
    return about.may_copy and all(_is_of_read_rows(finding.rule) for finding in findings)


def _is_of_read_rows(rule: str) -> bool:
    """Rules of rows are named `<fact>.<what>`; the others are named here one by one."""
    if "." in rule:
        return not rule.endswith(_OTHER_OFFICE)
    return rule in READ_THROUGH


def return_workbook(about: About, findings: Sequence[Finding], original: Path | None, slot: Slot | None) -> bytes:
    """The bytes of the workbook, the same for the same file and findings.

    Raises OSError when rows are to be repeated and `original` cannot be opened.
    """
    from pipelines.return_book import add_table, as_bytes, new_book
    from pipelines.return_headers import add_headers
    from pipelines.return_marks import marks
    from pipelines.return_summary import add_summary
    from pipelines.return_tables import tables

    is_repeated = original is not None and slot is not None and may_repeat_rows(about, findings)
    given_back = tables(original, slot, findings) if is_repeated and original and slot else ()
    book = new_book()
    for table, marked in zip(given_back, marks(findings, given_back), strict=True):
        add_table(book, table, marked, about.period)
    if slot is not None and not given_back:
        add_headers(book, findings, slot)
    add_summary(book, about, findings, given_back, slot)
    return as_bytes(book)


def return_name(file_name: str) -> str:
    """The name of the workbook that answers a file."""
    return f"{Path(file_name).stem}_return.xlsx"


def write_return(folder: Path, file_name: str, content: bytes) -> Path:
    """Put the workbook into its folder, whole or not at all, readable for this user alone."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / return_name(file_name)
    aside = path.with_name(f"{path.name}.new")
    try:
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            aside.chmod(0o600)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.rename(path)
    finally:
        aside.unlink(missing_ok=True)
    fsync_folder(folder)
    return path


def clear_return(folder: Path, file_name: str) -> None:
    """Take the workbook away: the file has nothing left to put right."""
    path = folder / return_name(file_name)
    if path.exists():
        path.unlink()
        fsync_folder(folder)
