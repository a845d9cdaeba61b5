"""The sheet of restatements: every figure of the workbook that an earlier edition said otherwise, and why.

The edition carries the restatements of all editions before it, so a donor who was given an older table
finds each change since, the newest first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.donor_figures import TOTAL
from reports.donors import DonorProfile
from reports.iptt_cells import mark, status_mark
from reports.restated import ABSENT
from reports.restated_for import restated_for, side
from reports.sheets import Book, Cell, figure, grid, heading, new_sheet, paragraph

_WIDTHS = (40.0, 14.0, 22.0, 26.0, 13.0, 13.0, 30.0, 44.0, 22.0)
_COLUMNS = ("title", "place", "period", "breakdown", "was", "now", "cause", "officer", "edition")


def restatement_sheet(book: Book, donor: DonorProfile) -> None:
    """Draw the sheet; it says so when no figure of the workbook was restated."""
    sheet = new_sheet(book, book.word("sheet.restatements"), _WIDTHS, landscape=True)
    row = heading(book, sheet, 0, book.word("restatements.title"), _WIDTHS, size=16)
    rows = restated_for(book.edition, donor)
    row = paragraph(book, sheet, row, book.word("restatements.intro" if rows else "restatements.none"), _WIDTHS) + 1
    if rows:
        times = _times(book)
        sheet.freeze_panes(row + 1, 0)
        sheet.repeat_rows(row)
        headers = [book.word(f"column.{name}") for name in _COLUMNS]
        grid(book, sheet, row, headers, (_line(book, times, one) for one in rows), _WIDTHS)


def _line(book: Book, times: Mapping[tuple[str, str], str], row: dict[str, Any]) -> list[Cell]:
    whole = row["breakdown"] == TOTAL
    part = "" if whole else f"{book.label('breakdown', row['breakdown'])}: "
    calendar, period = row["calendar"], row["period"]
    causes = [row["cause"], *(row["other_causes"] or [])]
    code, note = row["officer_reason"], row["officer_note"]
    return [
        f"{row['indicator']} {row[f'title_{book.language}']}",
        book.label("place", row["place"]),
        # An earlier edition's window may not be in this one.
        times.get((calendar, period)) or f"{period} ({book.label('calendar', calendar)})",
        f"{part}{book.label('breakdown' if whole else row['breakdown'], row['category'])}",
        _said(book, row, "old"),
        _said(book, row, "new"),
        " ".join(book.label("cause", cause) for cause in causes),
        f"{book.label('officer_reason', code)}: {note}" if code else "",
        row["edition_id"],
    ]


def _times(book: Book) -> dict[tuple[str, str], str]:
    """What the edition calls each of its windows: a longer one says what it counts from and until when."""
    rows = book.edition.rows(f"SELECT calendar, period, label_{book.language} AS label FROM periods")
    return {(row["calendar"], row["period"]): row["label"] for row in rows}


def _said(book: Book, row: dict[str, Any], name: str) -> Cell:
    """The number where that edition showed one; else its mark."""
    said = side(row, name)
    if said.value is not None:
        return figure(said.value, row["unit"])
    return mark(book, ABSENT) if said.status == ABSENT else status_mark(book, said.status)
