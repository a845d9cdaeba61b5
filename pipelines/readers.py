"""A file as sheets of text: header rows in hand, data rows in an aside CSV file that DuckDB can load.

Nothing is guessed: encoding, separating sign, sheets and rows above the header are those the contract
declares; of several declared it is the one that shows the form's own header. DuckDB's own sniffer is
never asked, for it drops rows and swaps day and month.
"""

from __future__ import annotations

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

from pipelines import complaints, encodings
from pipelines.findings import Finding
from pipelines.forms import CSV, WORKBOOKS, Form, Sheet, Slot
from pipelines.guards import by_lines
from pipelines.heading import DEPTH, Heading, find, known
from pipelines.layout import layout

_OTHER_DELIMITERS = ";,\t|"
_ROWS_NAMED = 50
_ODD_SIGNS = "\u00a0\u2007\u2009\u202f\u200b\u2060\ufeff"
_SPACES = re.compile(f"[{_ODD_SIGNS[:4]}]")
_NO_ROOM = re.compile(f"[{_ODD_SIGNS[4:]}]")
_ODD = re.compile(f"[{_ODD_SIGNS}]")
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Grid:
    """One sheet as it stands in the file: what is above the data, and the data aside in `rows`.

    `above` is how many rows of the file stand above the data, where that is not as the form has it.
    """

    sheet: Sheet
    titles: tuple[str, ...]
    headers: tuple[str, ...]
    rows: Path
    delimiter: str = ","
    above: int | None = None

    @property
    def first_row(self) -> int:
        """The number of the first row of data, as the office sees it."""
        return self.sheet.first_row if self.above is None else self.above + 1


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


def load(con: DuckDBPyConnection, table: str, grid: Grid, texts: str, file: str, cells: str = "*") -> list[Finding]:
    """Load the rows of a sheet into a temporary table.

    `texts` is what to select of the texts `c0` and on, `cells` what to select of that. The table's rowid counts rows
    from 0. A row with another number of cells than the header is a finding.
    """
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(grid.headers)))
    for leftover in ("reading_rejects", "reading_scans"):
        con.execute(f"DROP TABLE IF EXISTS {leftover}")
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT {cells} FROM (SELECT {texts} "
        f"FROM read_csv(?, columns = {{{columns}}}, delim = ?, "
        """quote = '"', escape = '"', header = false, auto_detect = false, strict_mode = true, null_padding = false, """
        "store_rejects = true, rejects_table = 'reading_rejects', rejects_scan = 'reading_scans'))",
        [str(grid.rows), grid.delimiter],
    )
    rejected = [line for (line,) in con.execute("SELECT DISTINCT line FROM reading_rejects ORDER BY 1").fetchall()]
    kept = con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]
    # The rejects hold the raw lines.
    con.execute("DROP TABLE reading_rejects")
    con.execute("DROP TABLE reading_scans")
    return list(_ragged(file, grid, rejected, kept + len(rejected)))


def _ragged(file: str, grid: Grid, lines: Sequence[int], records: int) -> Iterator[Finding]:
    above = grid.first_row - 1
    for line in lines[:_ROWS_NAMED]:
        yield complaints.ragged_row(file, above + line, len(grid.headers))
    if lines and lines[-1] == records:
        yield complaints.truncated(file, grid.sheet.name, above + records)


def _read_csv(slot: Slot, path: Path, folder: Path) -> Reading:
    sheet, form = slot.sheets[0], slot.form
    if not _ends_a_line(path):
        return Reading(findings=[complaints.truncated(path.name)])
    encoding, findings = encodings.choose(path, form, [place.headers for place in layout(sheet)])
    if findings:
        return Reading(findings=findings)
    try:
        return _split(path, encoding, sheet, form, folder / "rows.csv")
    except UnicodeError:
        return Reading(findings=[complaints.wrong_encoding(path.name, form.encodings)])


def _ends_a_line(path: Path) -> bool:
    """A file without an end to its last line may be cut within a cell: 12 may have been 120."""
    with path.open("rb") as file:
        file.seek(-min(2, path.stat().st_size), os.SEEK_END)
        end = file.read()
    # With two bytes to a letter the last one may be empty.
    return end.removesuffix(b"\0")[-1:] in (b"\n", b"\r")


def _split(path: Path, encoding: str, sheet: Sheet, form: Form, rows: Path) -> Reading:
    """Header rows apart, data rows copied as UTF-8 with plain line ends."""
    try:
        first = {sign: _first_rows(path, encoding, sign) for sign in form.delimiters}
    except csv.Error:
        return Reading(findings=[complaints.not_text(path.name)])
    found = {sign: find(some, sheet, form, path.name) for sign, some in first.items()}
    # Under the right sign the header falls into the columns of the form.
    delimiter = max(found, key=lambda sign: _columns_known(found[sign][0], sheet, form))
    heading, findings = found[delimiter]
    if heading is None:
        return Reading(findings=[complaints.empty_file(path.name)])
    line = first[delimiter][heading.above - 1]
    if not known(heading, sheet, form) and (seen := _other_delimiter(path, encoding, line, sheet, form)):
        return Reading(findings=[complaints.wrong_delimiter(path.name, form.delimiters, seen)])
    with path.open(encoding=encoding, newline=None) as file:
        for _ in islice(csv.reader(file, delimiter=delimiter), heading.above):
            pass
        findings += _copy_rows(file, rows, delimiter * (len(heading.headers) - 1) + "\n", path.name)
    return Reading([Grid(sheet, heading.titles, heading.headers, rows, delimiter, heading.above)], findings)


def _other_delimiter(path: Path, encoding: str, line: Sequence[str], sheet: Sheet, form: Form) -> str | None:
    """The sign that parts the cells instead of the form's: under it the form's header is seen, or one cell is many.

    The form's sign may stand in the name of a column, so that the header falls into more than one cell.
    """
    others = [sign for sign in _OTHER_DELIMITERS if sign not in form.delimiters and any(sign in cell for cell in line)]
    seen = {sign: _columns_under(sign, path, encoding, sheet, form) for sign in others}
    best = max(others, key=lambda sign: (seen[sign], line[0].count(sign)), default=None)
    return best if best and (seen[best] > 0 or len(line) == 1) else None


def _columns_under(delimiter: str, path: Path, encoding: str, sheet: Sheet, form: Form) -> int:
    try:
        rows = _first_rows(path, encoding, delimiter)
    except csv.Error:
        return -1
    return _columns_known(find(rows, sheet, form, path.name)[0], sheet, form)


def _columns_known(heading: Heading | None, sheet: Sheet, form: Form) -> int:
    return known(heading, sheet, form) if heading else -1


def _first_rows(path: Path, encoding: str, delimiter: str) -> list[list[str]]:
    with path.open(encoding=encoding, newline=None) as file:
        return list(islice(csv.reader(file, delimiter=delimiter), DEPTH))


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
