"""Where an indicator is further from its target than the donor accepts, over as well as under."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from indicators.progress import OFF_TRACK, Progress
from reports.donors import DonorProfile
from reports.iptt import INDICATOR, PLACE, Entry, Iptt, Line, measure
from reports.iptt_blocks import Block
from reports.iptt_cells import block_title, entry_cell, title
from reports.sheets import INPUT, LINE, Book, Cell, Text, grid, heading, new_sheet, paragraph, share

OVER, UNDER = "over", "under"
_COLUMNS = (
    "code", "title", "place", "period", "target", "actual", "percent", "deviation", "side", "explanation", "action",
)  # fmt: skip
_WIDTHS = (6, 36, 15, 23, 10, 10, 9, 11, 18, 42, 38)


@dataclass(frozen=True)
class Deviation:
    """One prompt: this indicator, place and time needs an explanation. `by` is how far off, 0.2 = 20 %.

    `by` is None where no percentage exists and the target was missed.
    """

    line: Line
    block: Block
    entry: Entry
    by: Decimal | None
    side: str


def deviations(donor: DonorProfile, iptt: Iptt) -> Iterator[Deviation]:
    """Every deviation of the blocks that end with the reporting quarter, in the order of the table.

    The same target of the same days is said once: in a first quarter the year to date repeats it.
    """
    for line in iptt.lines:
        if line.kind in (INDICATOR, PLACE):
            direction = iptt.indicators[line.indicator]["direction"]
            for block, entry in _current(iptt, line):
                found = _outside(entry.progress, direction, donor.deviation_band)
                if found:
                    yield Deviation(line, block, entry, *found)


def _current(iptt: Iptt, line: Line) -> Iterator[tuple[Block, Entry]]:
    seen = set()
    for block, entry in zip(iptt.blocks, line.entries, strict=True):
        window = (block.start, block.end, entry.target)
        if block.period == str(iptt.reported) and window not in seen:
            seen.add(window)
            yield block, entry


def _outside(made: Progress | None, direction: str, band: int) -> tuple[Decimal | None, str] | None:
    """How far outside the band and on which side, judged on the whole per cent that is printed."""
    if made is None:
        return None
    share = made.of_change if measure(direction) == "of_change" else made.of_target
    if share is None:
        return (None, UNDER) if made.state == OFF_TRACK else None
    percent = (share * 100).quantize(Decimal(1), ROUND_HALF_UP)
    if abs(percent - 100) <= band:
        return None
    return share - 1, OVER if percent > 100 else UNDER


def deviation_sheet(book: Book, donor: DonorProfile, tables: Sequence[Iptt]) -> None:
    """The prompts, with yellow cells for the office to write in."""
    sheet = new_sheet(book, book.word("sheet.deviation"), _WIDTHS, landscape=True)
    row = heading(book, sheet, 0, book.word("deviation.title"), _WIDTHS, size=16)
    row = paragraph(book, sheet, row, book.word("deviation.intro", band=donor.deviation_band), _WIDTHS)
    rows = [_row(book, donor, iptt, found) for iptt in tables for found in deviations(donor, iptt)]
    headers = [book.word(f"column.{name}") for name in _COLUMNS]
    sheet.freeze_panes(row + 2, 2)
    sheet.repeat_rows(row + 1)
    end = grid(book, sheet, row + 1, headers, rows, _WIDTHS)
    if not rows:
        paragraph(book, sheet, end, book.word("deviation.none"), _WIDTHS, italic=True)


def _row(book: Book, donor: DonorProfile, iptt: Iptt, found: Deviation) -> list[Cell]:
    indicator: Any = iptt.indicators[found.line.indicator]
    written = [entry_cell(book, column, found.entry, indicator) for column in ("target", "actual", "percent")]
    yellow = Text("", {"bg_color": INPUT, "border": 1, "border_color": LINE, "locked": False})
    return [
        found.line.indicator,
        title(book, indicator),
        book.label("place", found.line.place),
        block_title(book, donor, found.block),
        *written,
        "–" if found.by is None else share(found.by, found.entry.figure.partial),
        book.word(f"deviation.{found.side}"),
        yellow,
        yellow,
    ]
