"""The cover: programme, donor, period in the donor's calendar, edition, and who has reported."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from indicators.calendars import Quarter
from reports import format as form
from reports.donor_figures import donor_projects
from reports.donors import DonorProfile
from reports.iptt_cells import block_days, block_title, reported_block
from reports.layout import layout_of
from reports.sheets import Book, Cell, Text, grid, heading, new_sheet, put, row_height

_FIELD, _VALUE, _PERIODS = 26.0, 34.0, 6
CAME = ("accepted", "reported")
_MISSING = {"bold": True, "font_color": "#9B2226"}


def cover_sheet(book: Book, donor: DonorProfile) -> None:
    """Draw the cover; `edition_id` is a defined name for the cell that names the edition."""
    periods = [row["period"] for row in book.edition.rows("SELECT DISTINCT period FROM completeness ORDER BY period")]
    periods = periods[-_PERIODS:]
    widths = [_FIELD, _VALUE, *[16.0] * max(len(periods), 1)]
    sheet = new_sheet(book, book.word("sheet.cover"), widths)
    row = heading(book, sheet, 0, donor.tables[0].title[book.language], widths, size=16)
    row = heading(book, sheet, row, donor.name[book.language], widths, size=12) + 1
    fields = list(_fields(book, donor))
    edition_row = row + [name for name, _ in fields].index(book.word("cover.edition"))
    for name, value in fields:
        row = _field(book, sheet, row, name, value, widths)
    book.workbook.define_name("edition_id", f"='{book.word('sheet.cover')}'!$B${edition_row + 1}")
    row = heading(book, sheet, row + 1, book.word("cover.completeness"), widths)
    headers = [book.word("column.office"), book.word("column.export"), *(periods or ["–"])]
    row = grid(book, sheet, row, headers, _completeness(book, periods), widths)
    row = heading(book, sheet, row + 1, book.word("cover.sheets"), widths)
    for name, text in _sheets(book, donor):
        row = _field(book, sheet, row, name, text, widths)


def _field(book: Book, sheet: Any, row: int, name: str, value: str, widths: list[float]) -> int:
    """A name and a value that may run over the columns to the right."""
    sheet.merge_range(row, 1, row, len(widths) - 1, "", book.style(text_wrap=True, valign="top"))
    put(book, sheet, row, 0, name, bold=True, text_wrap=True, valign="top")
    put(book, sheet, row, 1, value, text_wrap=True, valign="top")
    sheet.set_row(row, row_height([(name, widths[0]), (value, sum(widths[1:]))]))
    return row + 1


def _fields(book: Book, donor: DonorProfile) -> Iterator[tuple[str, str]]:
    about, word = book.edition.about(), book.word
    block = reported_block(book)
    until = about["data_until"] or Quarter.parse(about["period"]).end
    counts = book.edition.rows("SELECT count(DISTINCT submission) AS files FROM inputs")[0]
    statuses = [row["status"] for row in book.edition.rows("SELECT status FROM completeness")]
    came = sum(status in CAME for status in statuses)
    yield word("cover.programme"), "\n".join(_projects(book, donor)) or word("cover.no_project")
    yield word("cover.donor"), donor.name[book.language]
    yield word("cover.period"), f"{block_title(book, donor, block)} ({block_days(book, block)})"
    yield word("cover.due"), form.day(due(donor, block.end), book.language)
    yield word("cover.until"), form.day(until, book.language)
    yield word("cover.edition"), book.edition.edition_id
    yield word("cover.inputs"), word("cover.inputs_value", count=counts["files"], sheet=word("sheet.quality"))
    yield word("cover.complete"), word("cover.complete_value", reported=came, expected=len(statuses))


def due(donor: DonorProfile, period_end: date) -> date:
    """The day on which the donor expects the report of a period."""
    return period_end + timedelta(days=donor.due_days)


def _projects(book: Book, donor: DonorProfile) -> Iterator[str]:
    for project in donor_projects(book.edition, donor):
        days = {name: form.day(project[f"{name}_on"], book.language) for name in ("start", "end")}
        yield book.word("cover.dates", title=project[f"title_{book.language}"], **days)


def _completeness(book: Book, periods: list[str]) -> Iterator[list[Cell]]:
    """One line per office and export, one column per quarter; what is missing stands out."""
    rows = book.edition.rows(
        "SELECT c.* FROM completeness AS c LEFT JOIN labels AS l ON l.list = 'place' AND l.code = c.place"
        " ORDER BY l.position NULLS LAST, c.office, c.export, c.period"
    )
    status = {(row["office"], row["export"], row["period"]): row["status"] for row in rows}
    for office, export in dict.fromkeys((row["office"], row["export"]) for row in rows):
        found = [status.get((office, export, period), "not_expected") for period in periods]
        words = [
            Text(book.label("completeness", one), {} if one in (*CAME, "not_expected") else _MISSING) for one in found
        ]
        yield [book.label("office", office), book.label("export", export), *words]


def _sheets(book: Book, donor: DonorProfile) -> Iterator[tuple[str, str]]:
    for table in donor.tables:
        yield table.sheet[book.language], book.word("about_sheet.iptt")
    for key in (*layout_of(donor).sheets, "restatements", "suppression", "pirs", "quality", "about"):
        yield book.word(f"sheet.{key}"), book.word(f"about_sheet.{key}")
