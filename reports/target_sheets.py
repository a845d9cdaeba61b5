"""Where base values and targets come from: sources, comments, changes, and quarters without a target."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from indicators.calendars import QUARTER, Quarter
from reports import format as form
from reports.donor_figures import donor_projects
from reports.donors import DonorProfile
from reports.iptt import Iptt
from reports.iptt_blocks import Block
from reports.iptt_cells import block_title, title
from reports.sheets import Book, Cell, Text, figure, grid, heading, new_sheet, paragraph

_BASE = (6.0, 40.0, 19.0, 12.0, 20.0, 62.0)
_TARGET = (6.0, 34.0, 19.0, 24.0, 11.0, 11.0, 20.0, 58.0)


def base_value_sheet(book: Book, donor: DonorProfile, tables: Sequence[Iptt]) -> None:
    """Every base value with its day and source, or why there is none."""
    sheet = new_sheet(book, book.word("sheet.base_value"), _BASE, landscape=True)
    row = heading(book, sheet, 0, book.word("sheet.base_value"), _BASE, size=16)
    row = paragraph(book, sheet, row, book.word("base_value.intro"), _BASE) + 1
    sheet.repeat_rows(row)
    headers = [book.word(f"column.{name}") for name in ("code", "title", "place", "baseline", "measured_on", "source")]
    rows = list(_base_values(book, donor, tables))
    end = grid(book, sheet, row, headers, rows, _BASE)
    if not rows:
        paragraph(book, sheet, end, book.word("base_value.none"), _BASE, italic=True)


def target_comment_sheet(book: Book, donor: DonorProfile, tables: Sequence[Iptt]) -> None:
    """What the projects note on their targets, how targets were changed, and why a quarter has none."""
    sheet = new_sheet(book, book.word("sheet.target_comment"), _TARGET, landscape=True)
    row = heading(book, sheet, 0, book.word("sheet.target_comment"), _TARGET, size=16)
    row = paragraph(book, sheet, row, book.word("target_comment.intro"), _TARGET) + 1
    sheet.repeat_rows(row)
    names = ("code", "title", "place", "period", "before", "target", "decided", "comment")
    headers = [book.word(f"column.{name}") for name in names]
    rows = list(_comments(book, donor, tables))
    end = grid(book, sheet, row, headers, rows, _TARGET)
    if not rows:
        paragraph(book, sheet, end, book.word("target_comment.none"), _TARGET, italic=True)


def _indicators(tables: Sequence[Iptt]) -> dict[str, Any]:
    return {code: about for table in tables for code, about in table.indicators.items()}


def _of_projects(book: Book, donor: DonorProfile, tables: Sequence[Iptt], table: str) -> Iterator[dict[str, Any]]:
    """Rows about the indicators of the workbook, from a table of what the donor's projects say."""
    projects = [project["project"] for project in donor_projects(book.edition, donor)]
    known = list(_indicators(tables))
    yield from book.edition.rows(
        f"SELECT t.* FROM {table} AS t LEFT JOIN labels AS l ON l.list = 'place' AND l.code = t.place"
        " WHERE list_contains(?, project) AND list_contains(?, indicator)"
        " ORDER BY indicator, l.position NULLS LAST, t.*",
        [projects, known],
    )


def _base_values(book: Book, donor: DonorProfile, tables: Sequence[Iptt]) -> Iterator[list[Cell]]:
    indicators = _indicators(tables)
    for row in _of_projects(book, donor, tables, "baselines"):
        about = indicators[row["indicator"]]
        none = Text(book.word("mark.absent"), {})
        value: Cell = none if row["baseline"] is None else figure(row["baseline"], about["unit"])
        on = form.day(row["measured_on"], book.language) if row["measured_on"] else none
        why = row[f"not_applicable_{book.language}"] or row["note"] or ""
        yield [row["indicator"], title(book, about), book.label("place", row["place"]), value, on, why]


def _comments(book: Book, donor: DonorProfile, tables: Sequence[Iptt]) -> Iterator[list[Cell]]:
    noted = [row for row in _of_projects(book, donor, tables, "targets") if row["note"]]
    said = (
        *((row, None, row["target"], "", row["note"]) for row in noted),
        *(_change(book, row) for row in _of_projects(book, donor, tables, "target_changes")),
        *(
            (row, None, None, "", row[f"reason_{book.language}"])
            for row in _of_projects(book, donor, tables, "no_targets")
        ),
    )  # fmt: skip
    indicators = _indicators(tables)
    for row, before, target, decided, comment in said:
        about = indicators[row["indicator"]]
        place, unit = book.label("place", row["place"]), about["unit"]
        numbers = [_level(book, before, unit), _level(book, target, unit)]
        yield [row["indicator"], title(book, about), place, _when(book, donor, row), *numbers, decided, comment]


def _change(book: Book, row: dict[str, Any]) -> tuple[dict[str, Any], Decimal, Decimal, str, str]:
    decided = f"{form.day(row['changed_on'], book.language)}, {row['decided_by']}"
    return row, row["before"], row["after"], decided, row[f"reason_{book.language}"]


def _level(book: Book, value: Decimal | None, unit: str) -> Cell:
    return Text(book.word("mark.absent"), {}) if value is None else figure(value, unit)


def _when(book: Book, donor: DonorProfile, row: dict[str, Any]) -> str:
    quarter = Quarter.parse(row["period"])
    kind = "quarter" if row["calendar"] == QUARTER else "year"
    return block_title(book, donor, Block(kind, row["calendar"], row["period"], quarter.start, quarter.end, ()))
