"""Sheets of anybody's files as grids of cells: what each says of a count, and how far a row is set in."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indicators.disclosure.puzzle import Range

WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
TEXTS = (".csv", ".tsv")
_HIDDEN = re.compile(
    r"\*{1,3}|c|с|s|x|х|\(c\)|\(s\)|suppressed|confidential|conf\.?|masked|hidden|redacted|withheld"
    r"|скрыто|скр\.?|конфиденциально|не публикуется",
    re.IGNORECASE,
)
_DASH = re.compile(r"[-‐‑‒–—−]{1,3}")
_BELOW = re.compile(r"(<|<=|≤|less than|менее|меньше)\s*(\d{1,3})", re.IGNORECASE)
_BETWEEN = re.compile(r"(\d{1,3})\s*[-–—]\s*(\d{1,3})")
_NUMBER = re.compile(r"\d{1,3}(?:[ \u00a0\u202f,]\d{3})+|\d+(?:[.,]0+)?")
_WIDEST_CLASS = 20  # a mark such as 1-4 is a range; 10-2010 is a date


class UnreadableFile(ValueError):
    """A file that cannot be read as a sheet; the message says what to do."""


@dataclass(frozen=True)
class Grid:
    """One sheet: its cells by row, which of them are percentages, and how far each row's label is set in."""

    name: str
    rows: Sequence[Sequence[Any]]
    percentages: frozenset[tuple[int, int]] = frozenset()
    indents: Mapping[int, int] | None = None


def content(value: Any) -> int | Range | None:
    """What a cell says of a count: a whole number, that it is hidden and within what, or nothing (None)."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return int(value) if value >= 0 and value == int(value) else None
    text = str(value).strip()
    if _NUMBER.fullmatch(text):
        return int(re.sub(r"[.,]0{1,2}$|[^\d]", "", text))
    if below := _BELOW.fullmatch(text):
        most = int(below[2]) - (below[1] not in ("<=", "≤"))
        return Range(0, max(0, most))
    if between := _BETWEEN.fullmatch(text):
        low, high = int(between[1]), int(between[2])
        return Range(low, high) if low < high <= low + _WIDEST_CLASS else None
    return Range() if _HIDDEN.fullmatch(text) else None


def is_dash(value: Any) -> bool:
    """Whether a cell holds nothing but a dash."""
    return isinstance(value, str) and bool(_DASH.fullmatch(value.strip()))


def grids(file: Path) -> Iterator[Grid]:
    """Every sheet of a workbook, or the one table of a text file. Raises UnreadableFile."""
    suffix = file.suffix.lower()
    if suffix in TEXTS:
        yield Grid(file.name, _text_rows(file))
    elif suffix in (".xlsx", ".xlsm"):
        yield from _modern(file)
    else:
        yield from _other(file)


def _text_rows(file: Path) -> list[list[str]]:
    data = file.read_bytes()
    for encoding in ("utf-8-sig", "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", "cp1251"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        break
    else:
        raise UnreadableFile(f"{file}: neither UTF-8 nor Windows-1251 text; save it as CSV in UTF-8")
    if "\0" in text:
        raise UnreadableFile(f"{file}: no text, though its name says so; save it as CSV in UTF-8")
    lines = [line for line in text.splitlines() if line.strip()]
    # The mark that most lines have, and have most often; a sniffer guesses by the first lines only.
    mark = max((";", "\t", ","), key=lambda m: (sum(m in line for line in lines), text.count(m)))
    try:
        return list(csv.reader(io.StringIO(text), delimiter=mark, strict=True))
    except csv.Error as error:
        raise UnreadableFile(
            f"{file}: not a CSV table ({error}); open it in a spreadsheet and save it again"
        ) from error


def _modern(file: Path) -> Iterator[Grid]:
    import zipfile
    from xml.etree.ElementTree import ParseError

    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(file, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, ParseError, OSError) as error:
        raise UnreadableFile(
            f"{file}: not a readable workbook ({error}); open it in Excel and save it again"
        ) from error
    for sheet in book.worksheets:
        rows: list[list[Any]] = []
        percentages: set[tuple[int, int]] = set()
        indents: dict[int, int] = {}
        for number, cells in enumerate(sheet.iter_rows()):
            rows.append([cell.value for cell in cells])
            for place, cell in enumerate(cells):
                if cell.value is None:
                    continue
                if "%" in (cell.number_format or ""):
                    percentages.add((number, place))
                if isinstance(cell.value, str) and cell.alignment.indent:
                    indents.setdefault(number, int(cell.alignment.indent))
        yield Grid(sheet.title, rows, frozenset(percentages), indents)


def _other(file: Path) -> Iterator[Grid]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(file)
        found = [Grid(name, book.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in book.sheet_names]
    except (CalamineError, OSError) as error:
        raise UnreadableFile(f"{file}: not a readable workbook ({error}); save it as .xlsx") from error
    yield from found
