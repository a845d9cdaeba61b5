"""Rows for TraiNet, USAID's training system: the donor's training events, and which of them it asks for.

A programme of at least three days or fifteen contact hours is to be reported, a shorter one need not be (ADS 253).
Who took part is not in the file: the number of one event's participants can point to one of them, so their
cells are left for the office, which has the lists.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from indicators.facts import codelists
from reports import format as form
from reports.handed import Row
from reports.iptt_cells import block_title, reported_block
from reports.report import NothingToHandOver, Output, Report
from reports.sheets import INPUT, LINE, Book, Cell, Number, Text, grid, heading, new_sheet, paragraph

DAYS, HOURS = 3, Decimal(15)
REQUIRED, OPTIONAL, UNKNOWN = "required", "optional", "unknown"
COLUMNS = (
    "report", "event", "country", "region", "event_type", "topics", "start_on", "end_on", "days", "hours",
    "event_status", "cost", "women", "men",
)  # fmt: skip
_WIDTHS = (16.0, 10.0, 15.0, 20.0, 17.0, 30.0, 18.0, 18.0, 7.0, 10.0, 14.0, 13.0, 12.0, 12.0)
_YELLOW = Text("", {"bg_color": INPUT, "border": 1, "border_color": LINE, "locked": False})


def duty(days: int | None, hours: Decimal | None) -> str:
    """Whether an event is to be reported, by its days or hours; unknown where what is not recorded would decide."""
    if (days is not None and days >= DAYS) or (hours is not None and hours >= HOURS):
        return REQUIRED
    return UNKNOWN if days is None or hours is None else OPTIONAL


def events(report: Report) -> list[Row]:
    """The events of the quarter that the donor paid for; those to be reported first."""
    if "training_events" not in report.edition.tables():
        return []
    rows = report.edition.rows(
        "SELECT e.* FROM training_events AS e LEFT JOIN labels AS l ON l.list = 'place' AND l.code = e.place"
        " WHERE period = ? AND list_contains(donors, ?) ORDER BY l.position NULLS LAST, end_on, event",
        [str(report.quarter), report.donor.donor],
    )
    order = (REQUIRED, UNKNOWN, OPTIONAL)
    return sorted(rows, key=lambda row: order.index(duty(row["days"], row["hours"])))


def lacks(report: Report) -> str:
    """Why there is no workbook: the donor paid for no event that ended in the quarter; empty where it did."""
    return "" if events(report) else f"no training event that {report.donor.donor} paid for ended in {report.period}"


def write(report: Report, language: str) -> bytes:
    """The workbook. Raises NothingToHandOver when the donor paid for no event that ended in the quarter."""
    import xlsxwriter

    from reports.workbook import options, properties

    if reason := lacks(report):
        raise NothingToHandOver(reason)
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, options()) as workbook:
        book = Book(report.edition, language, workbook, report.handed.words[language])
        workbook.set_properties(properties(book, f"TraiNet: {report.donor.name[language]}"))
        _sheet(book, report, events(report))
    return buffer.getvalue()


def _sheet(book: Book, report: Report, found: list[Row]) -> None:
    sheet = new_sheet(book, "TraiNet", _WIDTHS, landscape=True)
    period = block_title(book, report.donor, reported_block(book))
    title = book.word("trainet.title", donor=report.donor.donor, period=period)
    row = heading(book, sheet, 0, title, _WIDTHS, size=16)
    row = paragraph(book, sheet, row, book.word("trainet.intro", edition=report.edition.edition_id), _WIDTHS)
    headers = [book.word(f"trainet.{column}") for column in COLUMNS]
    sheet.freeze_panes(row + 1, 2)
    sheet.repeat_rows(row)
    grid(book, sheet, row, headers, (list(_cells(book, event)) for event in found), _WIDTHS)


def _cells(book: Book, event: Row) -> Iterator[Cell]:
    """One event; what was not recorded says so."""
    yield book.word(f"trainet.{duty(event['days'], event['hours'])}")
    yield event["event"]
    yield book.label("place", event["place"])
    yield book.label("region", event["region"]) if event["region"] else _not_recorded(book)
    yield _code(book, "event_type", event["event_type"])
    yield ", ".join(_code(book, "topic", topic) for topic in event["topics"] or []) or _not_recorded(book)
    yield form.day(event["start_on"], book.language)
    yield form.day(event["end_on"], book.language)
    yield event["days"]
    yield _number(book, event["hours"])
    yield _code(book, "event_status", event["event_status"])
    yield _number(book, event["cost"])
    yield _YELLOW
    yield _YELLOW


def _code(book: Book, codelist: str, code: str) -> str:
    """The edition's word, or that of the code list where the edition counts nothing by it."""
    named = codelists()[codelist].codes.get(code)
    return book.labels.get((codelist, code)) or (named.label[book.language] if named else code)


def _number(book: Book, value: Decimal | None) -> Cell:
    return _not_recorded(book) if value is None else Number(value, form.figure(value, "hours", "en"))


def _not_recorded(book: Book) -> Any:
    return Text(book.label("status", "unknown"), {"italic": True})


OUTPUT = Output({"en": "Rows for TraiNet", "ru": "Строки для TraiNet"}, "xlsx", True, write, lacks=lacks)
