"""The sheet of restatements: every figure of the workbook that an earlier edition said otherwise, and why.

The edition carries the restatements of all editions before it, so a donor who was given an older table
finds each change since, the newest first.
"""

from __future__ import annotations

from typing import Any

from reports import format as form
from reports.donor_figures import TOTAL, selected
from reports.donors import DonorProfile
from reports.edition import SHOWN
from reports.iptt_cells import mark, status_mark
from reports.restated import ABSENT, restated
from reports.sheets import Book, Cell, figure, grid, heading, new_sheet, paragraph

_WIDTHS = (40.0, 14.0, 22.0, 26.0, 13.0, 13.0, 30.0, 44.0, 22.0)
_COLUMNS = ("title", "place", "period", "breakdown", "was", "now", "cause", "officer", "edition")
_QUARTER, _LIFE = "quarter", "project_life"


def restatement_sheet(book: Book, donor: DonorProfile) -> None:
    """Draw the sheet; it says so when no figure of the workbook was restated."""
    sheet = new_sheet(book, book.word("sheet.restatements"), _WIDTHS, landscape=True)
    row = heading(book, sheet, 0, book.word("restatements.title"), _WIDTHS, size=16)
    rows = restated_for(book, donor)
    row = paragraph(book, sheet, row, book.word("restatements.intro" if rows else "restatements.none"), _WIDTHS) + 1
    if rows:
        headers = [book.word(f"column.{name}") for name in _COLUMNS]
        grid(book, sheet, row, headers, (_line(book, one) for one in rows), _WIDTHS)


def restated_for(book: Book, donor: DonorProfile) -> list[dict[str, Any]]:
    """The restatements of figures that the donor's tables hold, those of the newest edition first, wholes first."""
    shown: dict[str, set[str]] = {}
    for table in donor.tables:
        for one in selected(book.edition, donor, table):
            shown.setdefault(one["indicator"], {TOTAL}).update(table.breakdowns)
    about = {row["indicator"]: row for row in book.edition.rows("SELECT * FROM indicators")}
    rows = restated(book.edition)
    editions = list(dict.fromkeys(row["edition_id"] for row in rows))
    mine = [
        {**about[row["indicator"]], **row}
        for row in rows
        if row["breakdown"] in shown.get(row["indicator"], ()) and _has(donor, row["calendar"])
    ]
    return sorted(mine, key=lambda row: (-editions.index(row["edition_id"]), row["breakdown"] != TOTAL))


def _has(donor: DonorProfile, calendar: str) -> bool:
    return calendar in (_QUARTER, donor.year) or calendar.startswith(_LIFE)


def _line(book: Book, row: dict[str, Any]) -> list[Cell]:
    whole = row["breakdown"] == TOTAL
    part = "" if whole else f"{book.label('breakdown', row['breakdown'])}: "
    causes = [row["cause"], *(row["other_causes"] or [])]
    code, note = row["officer_reason"], row["officer_note"]
    return [
        f"{row['indicator']} {row[f'title_{book.language}']}",
        book.label("place", row["place"]),
        _period(book, row["calendar"], row["period"]),
        f"{part}{book.label('breakdown' if whole else row['breakdown'], row['category'])}",
        _said(book, row, "old"),
        _said(book, row, "new"),
        " ".join(book.label("cause", cause) for cause in causes),
        f"{book.label('officer_reason', code)}: {note}" if code else "",
        row["edition_id"],
    ]


def _period(book: Book, calendar: str, period: str) -> str:
    """The quarter in words; a longer window says what it counts from and until when."""
    asked = f"SELECT label_{book.language} AS label FROM periods WHERE calendar = ? AND period = ?"
    found = book.edition.rows(asked, [calendar, period])
    return str(found[0]["label"]) if found else f"{period} ({book.label('calendar', calendar)})"


def _said(book: Book, row: dict[str, Any], side: str) -> Cell:
    """The number where that edition showed one; else its mark."""
    status, value = row[f"{side}_status"], row[f"{side}_value"]
    if status == SHOWN and value is not None:
        exact = form.exact(value, row[f"{side}_numerator"], row[f"{side}_denominator"])
        return figure(exact, row["unit"])
    return mark(book, ABSENT) if status == ABSENT else status_mark(book, status)
