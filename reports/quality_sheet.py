"""The data quality sheet: checks, sums and files, without any number of rows.

How many rows an office sends about persons says how many persons there are, also where the figure
is hidden. So this sheet says what passed and what did not, and never how many rows there were.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from indicators.facts import facts
from reports.iptt import Iptt, sums
from reports.sheets import MONO, Book, Cell, Text, grid, heading, new_sheet, paragraph

_WIDTHS = (22.0, 11.0, 26.0, 62.0, 22.0)
_HASH = {"font_name": MONO, "font_size": 8}


def quality_sheet(book: Book, tables: Sequence[Iptt]) -> None:
    """Draw the sheet: sums, failing checks, all checks, files."""
    sheet = new_sheet(book, book.word("sheet.quality"), _WIDTHS, landscape=True)
    row = heading(book, sheet, 0, book.word("quality.title"), _WIDTHS, size=16)
    row = paragraph(book, sheet, row, book.word("quality.intro"), _WIDTHS) + 1
    row = heading(book, sheet, row, book.word("quality.sums"), _WIDTHS)
    row = paragraph(book, sheet, row, _sums(book, tables), _WIDTHS) + 1
    row = heading(book, sheet, row, book.word("quality.failing"), _WIDTHS)
    failing = list(_failing(book))
    if failing:
        row = grid(book, sheet, row, _headers(book, "fact", "check", "severity"), failing, _WIDTHS)
    else:
        row = paragraph(book, sheet, row, book.word("quality.none_failing"), _WIDTHS)
    row = heading(book, sheet, row + 1, book.word("quality.checks"), _WIDTHS)
    row = grid(book, sheet, row, _headers(book, "fact", "checks", "result"), _checks(book), _WIDTHS)
    row = heading(book, sheet, row + 1, book.word("quality.submissions"), _WIDTHS)
    grid(book, sheet, row, _headers(book, "slot", "submission", "rows"), _files(book), _WIDTHS)


def _headers(book: Book, *columns: str) -> list[str]:
    return [book.word(f"column.{column}") for column in ("office", "period", *columns)]


def _sums(book: Book, tables: Sequence[Iptt]) -> str:
    found = sums(tables)
    return book.word("quality.sums_value", good=sum(found), all=len(found))


def _failing(book: Book) -> Iterator[list[Cell]]:
    for row in book.edition.rows("SELECT * FROM checks WHERE has_failed ORDER BY office, period, fact, rule"):
        message = row[f"message_{book.language}"] or row["rule"]
        words = [_fact(book, row["fact"]), message, book.label("severity", row["severity"])]
        yield [book.label("office", row["office"]), row["period"], *words]


def _checks(book: Book) -> Iterator[list[Cell]]:
    rows = book.edition.rows(
        "SELECT office, period, fact, count(*) AS ran, count(*) FILTER (has_failed) AS failed"
        " FROM checks GROUP BY office, period, fact ORDER BY office, period, fact"
    )
    for row in rows:
        counts = book.word("quality.checks_value", all=row["ran"], failed=row["failed"])
        result = book.word("quality.some_failed" if row["failed"] else "quality.passed")
        yield [book.label("office", row["office"]), row["period"], _fact(book, row["fact"]), counts, result]


def _fact(book: Book, name: str) -> str:
    """The title of a fact; its name, where this version no longer has it."""
    found = facts().get(name)
    return found.title[book.language] if found else name


def _slot(book: Book, name: str) -> str:
    """What a file holds: an export by its label, a single fact by its title."""
    label = book.label("export", name)
    return _fact(book, name) if label == name else label


def _files(book: Book) -> Iterator[list[Cell]]:
    for row in book.edition.rows("SELECT * FROM inputs ORDER BY office, period, slot, submission"):
        held = book.word("quality.quarantined" if row["has_rows_held_back"] else "quality.accepted")
        file: list[Cell] = [_slot(book, row["slot"]), Text(row["submission"], _HASH), held]
        yield [book.label("office", row["office"]), row["period"], *file]
