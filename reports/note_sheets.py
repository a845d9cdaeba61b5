"""The sheets that say how to read the table: how small numbers are protected, and about the numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from reports.donors import DonorProfile
from reports.iptt import FAMILY, Iptt
from reports.iptt_cells import cells, mark, status_mark, title
from reports.sheets import MONO, Book, Cell, Text, grid, heading, new_sheet, paragraph

_STATUSES = ("suppressed", "not_reported", "unknown", "undefined")
_MARKS = ("absent", "dna", "target_zero", "less_is_better", "no_baseline", "no_change_planned")
_CODE = {"font_name": MONO, "font_size": 8}


def suppression_sheet(book: Book, tables: Sequence[Iptt]) -> None:
    """How small numbers are protected, the policy of the edition, and what every mark means."""
    widths = [32.0, 22.0, 72.0]
    sheet = new_sheet(book, book.word("sheet.suppression"), widths)
    row = heading(book, sheet, 0, book.word("suppression.title"), widths, size=16)
    row = paragraph(book, sheet, row, book.word("suppression.intro"), widths) + 1
    row = heading(book, sheet, row, book.word("suppression.policy"), widths)
    for meaning in _policy(book):
        row = paragraph(book, sheet, row, f"• {meaning}", widths)
    row += 1
    row = heading(book, sheet, row, book.word("suppression.marks"), widths)
    row = grid(book, sheet, row, _headers(book, "mark", "cells", "meaning"), _marks(book, tables), widths) + 1
    row = heading(book, sheet, row, book.word("suppression.dna"), widths)
    missing = list(_unpublished(book, tables))
    row = paragraph(book, sheet, row, book.word("suppression.dna_intro" if missing else "suppression.dna_none"), widths)
    if missing:
        grid(book, sheet, row, _headers(book, "title", "breakdown", "places"), missing, widths)


def about_sheet(book: Book, donor: DonorProfile, tables: Sequence[Iptt]) -> None:
    """How to read the numbers, and from which versions they come."""
    widths = [34.0, 84.0]
    sheet = new_sheet(book, book.word("sheet.about"), widths)
    row = heading(book, sheet, 0, book.word("about.title"), widths, size=16)
    row = heading(book, sheet, row, book.word("about.reading"), widths)
    for text in _reading(book, donor):
        row = paragraph(book, sheet, row, text, widths)
    row = heading(book, sheet, row + 1, book.word("about.versions"), widths)
    grid(book, sheet, row, [], _versions(book, donor, tables), widths)


def shown_figures(tables: Sequence[Iptt]) -> int:
    """How many figures of the edition the tables hold as numbers."""
    return sum(entry.figure.value is not None for iptt in tables for line in iptt.lines for entry in line.entries)


def _headers(book: Book, *columns: str) -> list[str]:
    return [book.word(f"column.{column}") for column in columns]


def _policy(book: Book) -> list[str]:
    """Each rule in a sentence; what has none is a name of ours."""
    rows = book.edition.rows("SELECT * FROM policy ORDER BY key, value")
    return [row[f"meaning_{book.language}"] for row in rows if row[f"meaning_{book.language}"]]


def _marks(book: Book, tables: Sequence[Iptt]) -> Iterator[list[Cell]]:
    """Every mark there is, how often it stands in this workbook, and what it says."""
    lines = [(iptt, line) for iptt in tables for line in iptt.lines if line.kind != FAMILY]
    found = Counter(cell.text for iptt, line in lines for cell in cells(book, iptt, line) if isinstance(cell, Text))
    partial = sum(entry.figure.partial for _, line in lines for entry in line.entries)
    for code in (*_STATUSES, *_MARKS):
        written = status_mark(book, code) if code in _STATUSES else mark(book, code)
        yield [written.text, found[written.text], book.word(f"meaning.{code}")]
    yield [mark(book, "partial").text, partial, book.word("meaning.partial")]
    yield [mark(book, "blank").text, "", book.word("meaning.blank")]


def _unpublished(book: Book, tables: Sequence[Iptt]) -> Iterator[list[Cell]]:
    for iptt in tables:
        for code, breakdown, places in iptt.unpublished:
            name = f"{code} {title(book, iptt.indicators[code])}"
            yield [name, book.label("breakdown", breakdown), ", ".join(book.label("place", place) for place in places)]


def _reading(book: Book, donor: DonorProfile) -> Iterator[str]:
    bands = donor.bands
    light = {"watch": bands.watch_from, "track": bands.on_track_from, "above": bands.above_after}
    for key in ("persons", "again", "missing", "rounding", "percent", "targets"):
        yield book.word(f"about.{key}")
    yield book.word("about.light", **light)
    yield book.word("about.calendar", year=book.word(f"about.{donor.year}"))
    yield book.word("about.machine")


def _versions(book: Book, donor: DonorProfile, tables: Sequence[Iptt]) -> Iterator[list[Cell]]:
    about, word = book.edition.about(), book.word
    yield [word("cover.edition"), about["edition_id"]]
    yield [word("about.source"), book.label("source", about["source"] or "")]
    yield [word("about.figures"), Text(str(shown_figures(tables)), {})]
    yield [word("about.code"), about["code_version"] or ""]
    yield [word("about.duckdb"), about["duckdb_version"] or ""]
    hashes = {"definitions": "definitions_hash", "policy": "policy_hash", "hash": "figures_hash"}
    for name, column in hashes.items():
        yield [word(f"about.{name}"), Text(about[column] or "", _CODE)]
    yield [word("about.profile"), Text(donor.digest, _CODE)]
