"""XLS workbooks (Excel 97 to 2003) looked at record by record, for what the reader of workbooks does not tell."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from pipelines.book import Book, BookError, Kind
from pipelines.compound import Compound, CompoundError
from pipelines.sheet_marks import Marks, note

_STREAM = "Workbook"
_BOF, _EOF = 0x0809, 0x000A
_BIFF8 = 0x0600
_BOUNDSHEET, _DATEMODE, _FILEPASS, _SUPBOOK = 0x0085, 0x0022, 0x002F, 0x01AE
_RECALCULATED = 0x01C1  # which Excel it was that calculated the formulas; programs that do not calculate leave it out
_NOTE, _OBJ = 0x001C, 0x005D
_DIMENSIONS, _ROW, _COLINFO, _FORMULA, _BOOLERR, _MULRK = 0x0200, 0x0208, 0x007D, 0x0006, 0x0205, 0x00BD
# Records that begin with row and column and have a value: numbers, texts, truths.
_VALUES = {0x0203, 0x0204, 0x00D6, 0x00FD, 0x027E, _FORMULA, _BOOLERR, _MULRK}
# Workbooks link to themselves and to functions by the same record as to other files.
_LINKS_INSIDE = (b"\x01\x04", b"\x01\x3a")
_DROP_DOWN, _COMMENT = 0x14, 0x19
_SHEET_KINDS = {0: None, 1: Kind.MACROS, 2: Kind.PICTURES, 6: Kind.MACROS}
_STORAGES: dict[str, Kind] = {
    "_vba_project_cur": Kind.MACROS, "vba": Kind.MACROS, "_sx_db_cur": Kind.PIVOTS, "ctls": Kind.EMBEDDED,
    "revision log": Kind.REVISIONS, "user names": Kind.REVISIONS, "objectpool": Kind.EMBEDDED,
}  # fmt: skip

Record = tuple[int, bytes]


def look_into_xls(path: Path) -> Book:
    """What is in an XLS beside values. Raises BookError for what is no such workbook, or cannot be read."""
    try:
        container = Compound(path)
        names = {entry.name.lower() for entry in container.entries}
        if names & {"encryptedpackage", "encryptioninfo"}:
            raise BookError(Kind.PASSWORD)
        if _STREAM.lower() not in names:
            raise BookError(Kind.EXCEL_95 if "book" in names else Kind.OTHER_FORMAT)
        found = {kind for name, kind in _STORAGES.items() if name in names}
        found |= {Kind.EMBEDDED for name in names if name.startswith("mbd")}
        return _book(container.stream(_STREAM), found)
    except (CompoundError, struct.error, IndexError, UnicodeDecodeError) as error:
        raise BookError(Kind.DAMAGED) from error


def _book(content: bytes, found: set[Kind]) -> Book:
    marks: dict[str, Marks] = {}
    hidden: set[str] = set()
    counts_from_1904 = is_calculated = False
    for kind, body in _records(content, 0):
        if kind == _BOF and struct.unpack_from("<H", body)[0] != _BIFF8:
            raise BookError(Kind.EXCEL_95)
        if kind == _FILEPASS:
            raise BookError(Kind.PASSWORD)
        if kind == _SUPBOOK and body[2:4] not in _LINKS_INSIDE:
            found.add(Kind.EXTERNAL_LINKS)
        counts_from_1904 = counts_from_1904 or (kind == _DATEMODE and body[:1] == b"\1")
        is_calculated = is_calculated or kind == _RECALCULATED
        if kind == _BOUNDSHEET:
            name, start = _sheet_name(body), struct.unpack_from("<I", body)[0]
            strange = _SHEET_KINDS.get(body[5], Kind.EMBEDDED)
            found |= {strange} if strange else set()
            hidden |= {name} if body[4] & 3 else set()
            marks[name] = _marks(content, start, found)
    for seen in marks.values():
        seen.unvalued = [] if is_calculated else seen.unvalued
    return Book(marks, frozenset(hidden), frozenset(found), counts_from_1904)


def _records(content: bytes, at: int) -> Iterator[Record]:
    """The records of a sheet, or of what stands before the sheets; charts within it are passed over."""
    depth = 0
    while at + 4 <= len(content):
        kind, size = struct.unpack_from("<HH", content, at)
        body = content[at + 4 : at + 4 + size]
        if len(body) < size:
            raise BookError(Kind.DAMAGED)
        depth += (kind == _BOF) - (kind == _EOF)
        if depth <= 0:
            return
        if depth == 1:
            yield kind, body
        at += 4 + size
    raise BookError(Kind.DAMAGED)


def _sheet_name(body: bytes) -> str:
    length, is_wide = body[6], body[7] & 1
    return body[8 : 8 + length * (2 if is_wide else 1)].decode("utf-16-le" if is_wide else "latin-1")


def _marks(content: bytes, start: int, found: set[Kind]) -> Marks:
    marks, filled = Marks(), set[int]()
    hidden: list[int] = []
    for kind, body in _records(content, start):
        if kind == _NOTE:
            found.add(Kind.COMMENTS)
        elif kind == _OBJ and struct.unpack_from("<H", body, 4)[0] not in (_DROP_DOWN, _COMMENT):
            found.add(Kind.PICTURES)
        elif kind == _DIMENSIONS:
            # The reader makes room for what is said here, whatever there is, and subtracts the first from the last.
            rows, columns = struct.unpack_from("<II", body), struct.unpack_from("<HH", body, 8)
            marks.see(max(rows), max(columns))
        elif kind == _ROW and struct.unpack_from("<H", body, 12)[0] & 0x20:
            hidden.append(struct.unpack_from("<H", body)[0] + 1)
        elif kind == _COLINFO and struct.unpack_from("<H", body, 8)[0] & 1:
            first, last = struct.unpack_from("<HH", body)
            marks.hidden_columns.append((first + 1, last + 1))
        elif kind in _VALUES:
            filled.add(_see_value(marks, kind, body))
    marks.hidden_rows = sorted(filled.intersection(hidden))
    return marks


def _see_value(marks: Marks, kind: int, body: bytes) -> int:
    """Take note of a cell with a value; the number of its row."""
    row, column = (int(number) + 1 for number in struct.unpack_from("<HH", body))
    last = struct.unpack_from("<H", body, len(body) - 2)[0] + 1 if kind == _MULRK else column
    marks.see(row, max(column, last))
    is_error = kind == _BOOLERR and body[7] == 1
    if kind == _FORMULA:
        marks.see_formula(row)
        is_special = body[12:14] == b"\xff\xff"
        is_error = is_special and body[6] == 2
        # An empty text is also what a formula has that was never calculated.
        if is_special and body[6] == 3:
            note(marks.unvalued, (row, column))
    if is_error:
        note(marks.errors, (row, column))
    return row
