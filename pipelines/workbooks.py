"""Workbooks as sheets of text. Cells that Excel keeps as numbers, dates or truth are written in the form's way.

A workbook is looked into first (`pipelines.book_guards`); only then are its cells read, row by row.
"""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import is_zipfile

from pipelines import complaints
from pipelines.book import Book, BookError, Kind
from pipelines.book_guards import Range, Table, book_findings, look_into, refused, table_findings, too_wide
from pipelines.findings import Finding
from pipelines.forms import GUIDE_SHEET, OWN_SHEETS, WHOLE, Form, Sheet, Slot
from pipelines.heading import DEPTH, find
from pipelines.layout import is_called, layout
from pipelines.quarter_words import quarters_named
from pipelines.readers import Grid, Reading, plain_spaces
from pipelines.screening import of_names, of_notes, of_own_sheet
from pipelines.workbook_notes import notes

_STDERR = 2

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook


def read_workbook(slot: Slot, path: Path, folder: Path) -> Reading:
    """Every sheet of the form, its rows aside in `folder`."""
    try:
        book = look_into(path)
        findings = _at_first_sight(slot, book, path)
        return Reading(findings=findings) if findings else _read(slot, path, folder, book)
    except BookError as error:
        return Reading(findings=[refused(path.name, error.kind)])


def _at_first_sight(slot: Slot, book: Book, path: Path) -> list[Finding]:
    """What keeps the cells from being read at all."""
    beside = notes(path) if is_zipfile(path) else ()
    gate = [*of_names(path.name, list(book.marks)), *of_notes(path.name, beside, slot.form, _period(slot, path))]
    # Findings about sheets quote their names, so such a file is not looked at any further.
    if gate:
        return gate
    large = ((name, marks) for name, marks in book.marks.items() if marks.is_too_large and name not in OWN_SHEETS)
    return [*book_findings(path.name, book, slot.form), *(too_wide(path.name, name, marks) for name, marks in large)]


def _period(slot: Slot, path: Path) -> str:
    return slot.period_of(path.name) or WHOLE


def _read(slot: Slot, path: Path, folder: Path, book: Book) -> Reading:
    result = Reading()
    with _faults_as_damage():
        import python_calamine

        cells = python_calamine.CalamineWorkbook.from_path(str(path))
    names = [name for name in cells.sheet_names if name in book.marks]
    for number, sheet in enumerate(slot.sheets):
        found = next((name for name in names if is_called(sheet, name, slot.form)), None)
        if found is None:
            result.findings.append(complaints.missing_sheet(path.name, sheet.name, names))
            continue
        filled = _sheet(cells, found)
        rows = (tuple(_text(value, slot.form) for value in row) for row in _rows(filled))
        table = _add_sheet(result, slot, sheet, found, rows, path.name, folder / f"{number}.csv")
        if table:
            result.findings += table_findings(path.name, table, book, _merged(filled))
    result.findings += _strangers(slot, cells, names, path.name)
    for name in names:
        if name in OWN_SHEETS:
            # Nobody reads these sheets, but they are kept with the file.
            texts = [str(value) for row in _rows(_sheet(cells, name)) for value in row if value not in ("", None)]
            result.findings += of_own_sheet(path.name, name, texts, slot.form, _period(slot, path))
            result.findings += _form_of_another_quarter(path.name, name, texts, _period(slot, path))
    return result


def _form_of_another_quarter(file: str, name: str, texts: Sequence[str], period: str) -> list[Finding]:
    """A form made for one quarter and renamed to another: its room and its drop-downs are those of the first."""
    made_for = [q for text in texts for q in quarters_named(text)] if name == GUIDE_SHEET and period != WHOLE else []
    is_right = not made_for or any(quarter.may_be(period) for quarter in made_for)
    return [] if is_right else [complaints.other_period_in_title(file, name, period)]


@contextmanager
def _faults_as_damage() -> Iterator[None]:
    """What the reader of workbooks cannot read is damaged, also where the reader itself gives up."""
    import python_calamine

    try:
        with _unheard():
            yield
    except (python_calamine.CalamineError, OSError) as error:
        raise BookError(Kind.DAMAGED) from error
    except BaseException as fault:
        # It is no Exception, so that it would end the run of every office, and it may quote the file.
        if type(fault).__name__ == "PanicException":
            raise BookError(Kind.DAMAGED) from None
        raise


@contextmanager
def _unheard() -> Iterator[None]:
    """The reader writes of its own faults to the standard error, and may quote a cell there: nobody hears it."""
    sys.stderr.flush()
    kept, nowhere = os.dup(_STDERR), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, _STDERR)
        yield
    finally:
        os.dup2(kept, _STDERR)
        os.close(kept)
        os.close(nowhere)


def _sheet(cells: CalamineWorkbook, name: str) -> CalamineSheet:
    with _faults_as_damage():
        return cells.get_sheet_by_name(name)


def _rows(sheet: CalamineSheet) -> Iterator[list[Any]]:
    """The rows of a sheet from its first row and column on; the reader leaves out empty columns on the left alone."""
    left = [""] * (sheet.start or (0, 0))[1]
    return (left + row for row in sheet.iter_rows()) if left else iter(sheet.iter_rows())


def _merged(sheet: CalamineSheet) -> list[Range]:
    ranges = sheet.merged_cell_ranges or []
    return [((top + 1, left + 1), (bottom + 1, right + 1)) for (top, left), (bottom, right) in ranges]


def _add_sheet(
    result: Reading, slot: Slot, sheet: Sheet, name: str, rows: Iterator[tuple[str, ...]], file: str, aside: Path
) -> Table | None:
    """Put the rows of a sheet aside; where its table lies, or None when it has no header."""
    first = list(islice(rows, DEPTH))
    heading, wrong = find(first, sheet, slot.form, file)
    result.findings += wrong
    headers = heading.headers if heading else ()
    while headers and not headers[-1]:
        headers = headers[:-1]
    if heading is None or not headers:
        result.findings.append(complaints.missing_header(file, sheet.name, _first_headers(sheet), None))
        return None
    beyond = _put_aside(chain(first[heading.above :], rows), len(headers), aside)
    result.findings += [complaints.no_header(file, sheet.name, position) for position in beyond]
    result.grids.append(Grid(sheet, heading.titles, headers, aside, above=heading.above))
    return Table(sheet, name, heading.above, headers, _filled_down(sheet, headers, slot.form))


def _filled_down(sheet: Sheet, headers: Sequence[str], form: Form) -> frozenset[int]:
    """The positions of columns in which an empty cell means the one above: merged cells are how that is typed."""
    words = {form.fold(word) for name in sheet.fill_down for word in sheet.mains[0].columns[name]}
    return frozenset(position for position, header in enumerate(headers, start=1) if form.fold(header) in words)


def _put_aside(rows: Iterable[tuple[str, ...]], width: int, aside: Path) -> list[int]:
    """Write the rows as text; the positions of columns without a header in which something stands."""
    beyond: set[int] = set()
    with aside.open("w", encoding="utf-8", newline="") as copy:
        writer = csv.writer(copy, lineterminator="\n")
        for row in rows:
            beyond.update(i + 1 for i, cell in enumerate(row[width:], width) if cell.strip())
            writer.writerow(row[:width] + ("",) * (width - len(row)))
    return sorted(beyond)


def _first_headers(sheet: Sheet) -> Sequence[str]:
    return layout(sheet)[0].headers


def _strangers(slot: Slot, cells: CalamineWorkbook, names: Sequence[str], file: str) -> list[Finding]:
    read = {next((name for name in names if is_called(sheet, name, slot.form)), "") for sheet in slot.sheets}
    return [
        complaints.unknown_sheet(file, name, [sheet.name for sheet in slot.sheets])
        for name in names
        if name not in (*OWN_SHEETS, *read)
        and any(value not in ("", None) for row in _rows(_sheet(cells, name)) for value in row)
    ]


def _text(value: Any, form: Form) -> str:
    """A cell in the words of the form, so that what Excel keeps typed is read like what was typed as text."""
    if value is None or isinstance(value, str):
        return plain_spaces((value or "").replace("\r\n", "\n").replace("\r", "\n").strip())
    if isinstance(value, bool):
        return next(iter(form.true if value else form.false), str(value))
    if isinstance(value, int | float):
        # 15 digits are what Excel keeps; more would show the binary fraction behind 0.1.
        return format(value, ".15g").replace(".", form.decimal)
    if isinstance(value, datetime):
        return value.strftime(form.dates[0]) if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.strftime(form.dates[0])
    return str(value)
