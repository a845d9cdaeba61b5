"""XLSX workbooks as sheets of text. Cells that Excel keeps as numbers, dates or truth are written in the form's way."""

from __future__ import annotations

import csv
import struct
import zipfile
import zlib
from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from pipelines import complaints
from pipelines.findings import Finding
from pipelines.forms import OWN_SHEETS, Form, Sheet, Slot
from pipelines.heading import DEPTH, find
from pipelines.readers import Grid, Reading, plain_spaces

# What the parts of a workbook may unpack to; a bomb is refused before it is unpacked.
_MOST_BYTES = 2 << 30
_SIGNATURES = (
    (b"\xd0\xcf\x11\xe0", "it is an old .xls or has a password", "это старый .xls или файл с паролем"),
    (b"<", "it is a web page", "это веб-страница"),
    (b"", "it has another format", "это файл другого формата"),
)


def read_xlsx(slot: Slot, path: Path, folder: Path) -> Reading:
    """Every sheet of the form, its rows aside in `folder`."""
    wrong = _container_finding(path)
    if wrong:
        return Reading(findings=[wrong])
    import python_calamine as calamine

    try:
        book = calamine.CalamineWorkbook.from_path(str(path))
        cells = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    except (calamine.CalamineError, OSError):
        return Reading(findings=[complaints.damaged_workbook(path.name)])
    result = Reading()
    for number, sheet in enumerate(slot.sheets):
        _add_sheet(result, slot, sheet, cells, path.name, folder / f"{number}.csv")
    result.findings += _strangers(slot, cells, path.name)
    return result


def _container_finding(path: Path) -> Finding | None:
    with path.open("rb") as file:
        start = file.read(4)
    if start[:2] != b"PK":
        _, en, ru = next(known for known in _SIGNATURES if start.startswith(known[0]))
        return complaints.not_a_workbook(path.name, en, ru)
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if sum(part.file_size for part in archive.infolist()) > _MOST_BYTES or archive.testzip():
                return complaints.damaged_workbook(path.name)
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, RuntimeError):
        return complaints.damaged_workbook(path.name)
    if "xl/workbook.xml" not in names:
        return complaints.not_a_workbook(path.name, "it has another format", "это файл другого формата")
    return None


def _add_sheet(
    result: Reading, slot: Slot, sheet: Sheet, cells: dict[str, list[list[Any]]], file: str, aside: Path
) -> None:
    found = [name for name in cells if _is_of(slot, sheet, name)][:1]
    if not found:
        result.findings.append(complaints.missing_sheet(file, sheet.name, cells))
        return
    rows = [[_text(value, slot.form) for value in row] for row in cells[found[0]]]
    heading, wrong = find(rows[:DEPTH], sheet, slot.form, file)
    result.findings += wrong
    above, headers = (heading.above, heading.headers) if heading else (0, ())
    while headers and not headers[-1]:
        headers = headers[:-1]
    if not headers:
        result.findings.append(complaints.missing_header(file, sheet.name, _first_headers(sheet), None))
        return
    result.findings += _beyond(file, sheet, rows[above:], len(headers))
    with aside.open("w", encoding="utf-8", newline="") as copy:
        writer = csv.writer(copy, lineterminator="\n")
        writer.writerows(_fitted(row, len(headers)) for row in rows[above:])
    titles = heading.titles if heading else ()
    result.grids.append(Grid(sheet, titles, headers, aside, above=above))


def _is_of(slot: Slot, sheet: Sheet, name: str) -> bool:
    """Whether a sheet of the file is this one of the form; a table owed as CSV may have any name."""
    if name in OWN_SHEETS:
        return False
    return not sheet.names or slot.form.fold(name) in set(map(slot.form.fold, sheet.names))


def _first_headers(sheet: Sheet) -> Sequence[str]:
    from pipelines.layout import layout

    return layout(sheet)[0].headers


def _fitted(row: list[str], width: int) -> list[str]:
    return row[:width] + [""] * (width - len(row))


def _beyond(file: str, sheet: Sheet, rows: list[list[str]], width: int) -> list[Finding]:
    """Cells to the right of the last header."""
    positions = sorted({i + 1 for row in rows for i, cell in enumerate(row) if i >= width and cell.strip()})
    return [complaints.no_header(file, sheet.name, position) for position in positions]


def _strangers(slot: Slot, cells: dict[str, list[list[Any]]], file: str) -> list[Finding]:
    read = {next((name for name in cells if _is_of(slot, sheet, name)), "") for sheet in slot.sheets}
    strange = [name for name in cells if name not in (*OWN_SHEETS, *read)]
    return [
        complaints.unknown_sheet(file, name, [sheet.name for sheet in slot.sheets])
        for name in strange
        if any(value not in ("", None) for row in cells[name] for value in row)
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
