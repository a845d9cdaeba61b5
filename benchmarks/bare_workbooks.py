"""Writes the cells of finished workbooks again with a bare library: no formats, no edition to read, no checks.

What remains is the least that a program can pay for files with these cells.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

# A workbook is a list of sheets; a sheet its name and rows of cells.
Sheet = tuple[str, list[list[Any]]]
LIBRARIES = ("xlsxwriter", "openpyxl")


def remember(books: Sequence[Path], cells: Path) -> None:
    """Read the cells of workbooks and keep them in a JSON file."""
    import openpyxl

    found = {}
    for path in books:
        book = openpyxl.load_workbook(path)
        found[path.name] = [(sheet.title, [[cell.value for cell in row] for row in sheet]) for sheet in book]
    cells.write_text(json.dumps(found), encoding="utf-8")


def command(library: str, cells: Path) -> list[str]:
    """The command that writes the remembered cells with a library."""
    return [sys.executable, "-m", "benchmarks.bare_workbooks", library, str(cells)]


def write(library: str, cells: Path) -> None:
    """Write every remembered workbook into a folder beside the cells."""
    out = cells.parent / library
    out.mkdir(exist_ok=True)
    writer = _with_xlsxwriter if library == "xlsxwriter" else _with_openpyxl
    for name, sheets in json.loads(cells.read_text(encoding="utf-8")).items():
        writer(out / name, sheets)


def _with_xlsxwriter(path: Path, sheets: Sequence[Sheet]) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        for title, rows in sheets:
            sheet = book.add_worksheet(title)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)


def _with_openpyxl(path: Path, sheets: Sequence[Sheet]) -> None:
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)


if __name__ == "__main__":
    write(sys.argv[1], Path(sys.argv[2]))
