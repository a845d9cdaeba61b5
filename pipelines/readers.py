"""A file as sheets of text: header rows in hand, data rows in an aside CSV file that DuckDB can load.

Nothing is guessed: encoding, separating sign, sheets and rows above the header are those the contract
declares. DuckDB's own sniffer is never asked, for it drops rows and swaps day and month.
"""

from __future__ import annotations

import codecs
import csv
import io
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TextIO

from duckdb import DuckDBPyConnection

from pipelines import complaints
from pipelines.findings import Finding
from pipelines.forms import CSV, SUB_HEADER, WORKBOOKS, Sheet, Slot
from pipelines.guards import by_lines

_OTHER_DELIMITERS = ";,\t|"
_ROWS_NAMED = 50
_ODD_SIGNS = "\u00a0\u2007\u2009\u202f\u200b\u2060\ufeff"
_SPACES = re.compile(f"[{_ODD_SIGNS[:4]}]")
_NO_ROOM = re.compile(f"[{_ODD_SIGNS[4:]}]")
_ODD = re.compile(f"[{_ODD_SIGNS}]")
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Grid:
    """One sheet as it stands in the file: what is above the data, and the data aside in `rows`."""

    sheet: Sheet
    titles: tuple[str, ...]
    headers: tuple[str, ...]
    rows: Path
    delimiter: str = ","


@dataclass
class Reading:
    """What came out of opening a file."""

    grids: list[Grid] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


@contextmanager
def reading(slot: Slot, path: Path) -> Iterator[Reading]:
    """Open a file of a slot; the aside files live as long as the context, readable for this user alone."""
    with tempfile.TemporaryDirectory() as folder:
        if path.stat().st_size == 0:
            yield Reading(findings=[complaints.empty_file(path.name)])
        elif slot.form.format == CSV and path.suffix.lower() not in WORKBOOKS:
            too_long = by_lines(path)
            yield Reading(findings=too_long) if too_long else _read_csv(slot, path, Path(folder))
        else:
            from pipelines.workbooks import read_workbook

            yield read_workbook(slot, path, Path(folder))


def load(con: DuckDBPyConnection, table: str, grid: Grid, cells: str, file: str) -> list[Finding]:
    """Load the rows of a sheet into a temporary table: `cells` is what to select of the texts `c0` and on.

    The table's rowid counts rows from 0. A row with another number of cells than the header is a finding.
    """
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(grid.headers)))
    for leftover in ("reading_rejects", "reading_scans"):
        con.execute(f"DROP TABLE IF EXISTS {leftover}")
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT {cells} FROM read_csv(?, columns = {{{columns}}}, delim = ?, "
        """quote = '"', escape = '"', header = false, auto_detect = false, strict_mode = true, null_padding = false, """
        "store_rejects = true, rejects_table = 'reading_rejects', rejects_scan = 'reading_scans')",
        [str(grid.rows), grid.delimiter],
    )
    rejected = [line for (line,) in con.execute("SELECT DISTINCT line FROM reading_rejects ORDER BY 1").fetchall()]
    kept = con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]
    # The rejects hold the raw lines.
    con.execute("DROP TABLE reading_rejects")
    con.execute("DROP TABLE reading_scans")
    return list(_ragged(file, grid, rejected, kept + len(rejected)))


def _ragged(file: str, grid: Grid, lines: Sequence[int], records: int) -> Iterator[Finding]:
    above = grid.sheet.first_row - 1
    for line in lines[:_ROWS_NAMED]:
        yield complaints.ragged_row(file, above + line, len(grid.headers))
    if lines and lines[-1] == records:
        yield complaints.truncated(file, grid.sheet.name, above + records)


def _read_csv(slot: Slot, path: Path, folder: Path) -> Reading:
    sheet, form = slot.sheets[0], slot.form
    if not _ends_a_line(path):
        return Reading(findings=[complaints.truncated(path.name)])
    # UTF-8 first: any bytes at all are text in a single-byte encoding.
    for encoding in sorted(form.encodings, key=lambda name: not _is_utf8(name)):
        if not _is_utf8(encoding) and _decodes(path, "utf-8"):
            return Reading(findings=[complaints.wrong_encoding(path.name, form.encodings, "UTF-8")])
        try:
            with path.open(encoding=encoding, newline=None) as file:
                return _split(file, sheet, form.delimiter, path.name, folder / "rows.csv")
        except UnicodeError:
            continue
    return Reading(findings=[complaints.wrong_encoding(path.name, form.encodings)])


def _ends_a_line(path: Path) -> bool:
    """A file without an end to its last line may be cut within a cell: 12 may have been 120."""
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) in (b"\n", b"\r")


def _is_utf8(encoding: str) -> bool:
    return codecs.lookup(encoding).name.startswith("utf-8")


def _decodes(path: Path, encoding: str) -> bool:
    """Whether the bytes are text in an encoding and more than plain ASCII."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    is_plain = True
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
                is_plain = is_plain and chunk.isascii()
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return not is_plain


def _split(file: TextIO, sheet: Sheet, delimiter: str, name: str, rows: Path) -> Reading:
    """Header rows apart, data rows copied as UTF-8 with plain line ends."""
    count = len(sheet.titles) + sheet.header_rows
    try:
        above = list(islice(csv.reader(file, delimiter=delimiter), count))
    except csv.Error:
        return Reading(findings=[complaints.not_text(name)])
    if len(above) < count or not any(cell.strip() for cell in above[-1]):
        return Reading(findings=[complaints.empty_file(name)])
    headers = joined(above[len(sheet.titles) :])
    line = above[-1][0]
    others = [sign for sign in _OTHER_DELIMITERS if sign != delimiter and sign in line]
    if len(above[-1]) == 1 and others:
        found = max(others, key=line.count)
        return Reading(findings=[complaints.wrong_delimiter(name, delimiter, found)])
    findings = _copy_rows(file, rows, delimiter * (len(headers) - 1) + "\n", name)
    titles = tuple(" ".join(cells) for cells in above[: len(sheet.titles)])
    return Reading([Grid(sheet, titles, headers, rows, delimiter)], findings)


def _copy_rows(file: TextIO, rows: Path, blank: str, name: str) -> list[Finding]:
    """Copy lines; an empty line becomes an empty row, so that the rows after it keep their numbers."""
    quotes = 0
    with rows.open("wb") as copy:
        # Whole lines at a time, looked at as one text: most files need no line of theirs looked at.
        while text := file.read(_CHUNK) + file.readline():
            if text.startswith("\n") or "\n\n" in text:
                text = _with_blank_rows(text, blank, quotes % 2 == 1)
            if any(sign in text for sign in _ODD_SIGNS):
                text = plain_spaces(text)
            if "\0" in text:
                return [complaints.not_text(name)]
            quotes += text.count('"')
            copy.write(text.encode())
    return [complaints.open_quote(name)] if quotes % 2 else []


def _with_blank_rows(text: str, blank: str, is_open: bool) -> str:
    found = []
    for line in io.StringIO(text):
        found.append(blank if line == "\n" and not is_open else line)
        is_open ^= line.count('"') % 2 == 1
    return "".join(found)


def plain_spaces(text: str) -> str:
    """The text with every kind of space a plain one, and without the marks that take no room."""
    return _NO_ROOM.sub("", _SPACES.sub(" ", text)) if _ODD.search(text) else text


def joined(header_rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """One header a column. Of two rows, a blank above takes the cell to its left: that is how merged cells are kept."""
    if len(header_rows) == 1:
        return tuple(" ".join(cell.split()) for cell in header_rows[0])
    width = max(map(len, header_rows))
    upper, lower = ([" ".join(cell.split()) for cell in row] + [""] * (width - len(row)) for row in header_rows)
    found, group = [], ""
    for above, below in zip(upper, lower, strict=True):
        group = above or (group if below else "")
        found.append(SUB_HEADER.join(part for part in (group, below) if part))
    return tuple(found)
