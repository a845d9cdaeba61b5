"""What the cells of the performance tracking table say, in the words of a language and a donor's calendar."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from indicators.calendars import CALENDAR_YEAR, PROJECT_LIFE, QUARTER, Quarter
from reports import format as form
from reports.donor_figures import donor_code
from reports.donors import DonorProfile
from reports.iptt import CHECK, DNA, FAMILY, PART, PLACE, Entry, Iptt, Line, measure
from reports.iptt_blocks import Block
from reports.sheets import GREY, STATE_COLOURS, Book, Cell, Text, figure, share
from reports.words import Speaker

_MARK: dict[str, Any] = {"italic": True, "bold": False, "indent": 0, "font_size": 8, "font_color": GREY}
# What a line of a country repeats of the line of the region above it.
_AT_PLACE = ("code", "indicator", "baseline")


def described(book: Book, donor: DonorProfile, iptt: Iptt, line: Line, columns: Sequence[str]) -> tuple[Cell, ...]:
    """The cells that say what a line is about, one for each of the columns; a family and a part have a name alone."""
    if line.kind == FAMILY:
        return (book.label("family", line.category), *[""] * (len(columns) - 1))
    if line.kind in (PART, CHECK):
        return tuple(_part(book, line) if column == "indicator" else "" for column in columns)
    at_place = line.kind == PLACE
    return tuple(
        "" if at_place and column not in _AT_PLACE else _about(book, donor, iptt, line, column) for column in columns
    )


def _about(book: Book, donor: DonorProfile, iptt: Iptt, line: Line, column: str) -> Cell:
    """One describing column of an indicator at a place. Raises KeyError for a column that is not known."""
    indicator = iptt.indicators[line.indicator]
    place, direction = book.label("place", line.place), indicator["direction"]
    said: dict[str, Callable[[], Cell]] = {
        "code": lambda: line.indicator,
        "indicator": lambda: place if line.kind == PLACE else f"{title(book, indicator)}\n{place}",
        "objective": lambda: iptt.objectives.get(line.indicator, {}).get(book.language, ""),
        "donor_code": lambda: donor_code(indicator, donor) or "",
        "unit": lambda: book.label("unit", indicator["unit"]),
        "direction": lambda: book.word(f"direction.{direction}"),
        "measure": lambda: book.word(f"measure.{measure(direction)}"),
        "baseline": lambda: "" if line.baseline is None else figure(line.baseline, indicator["unit"]),
        "target_year": lambda: _target_year(book, donor, iptt),
    }
    return said[column]()


def _target_year(book: Book, donor: DonorProfile, iptt: Iptt) -> Cell:
    """The donor's year in which its projects end."""
    if iptt.last is None:
        return ""
    return str(iptt.last.year) if donor.year == CALENDAR_YEAR else book.word("block.fiscal_year", q=iptt.last)


def cells(book: Book, iptt: Iptt, line: Line) -> Iterator[Cell]:
    """The cells of all blocks of a line."""
    for number, block in enumerate(iptt.blocks):
        for column in block.columns:
            if line.kind == FAMILY:
                yield ""
            elif line.kind == CHECK:
                yield _sum(book, column, line.sums[number])
            else:
                yield entry_cell(book, column, line.entries[number], iptt.indicators[line.indicator])


def entry_cell(book: Book, column: str, entry: Entry, indicator: Mapping[str, Any]) -> Cell:
    """One cell of a block: a number, or the word that says why there is none."""
    if column == "actual":
        return _actual(book, entry, indicator["unit"])
    made = entry.progress
    if made is None:
        return ""
    if column == "target":
        return mark(book, "no_target") if entry.target is None else figure(entry.target, indicator["unit"])
    if column == "state":
        return Text(book.word(f"state.{made.state}"), {"font_color": STATE_COLOURS.get(made.state, GREY)})
    which = measure(indicator["direction"]) if column == "percent" else column
    if which == "of_change":
        value, reason = made.of_change, made.of_change_reason
    else:
        value, reason = made.of_target, made.of_target_reason
    return mark(book, str(reason)) if value is None else share(value, entry.figure.partial)


def mark(book: Book, code: str) -> Text:
    """A word of ours in place of a number."""
    return Text(book.word(f"mark.{code}"), _MARK)


def status_mark(book: Book, status: str) -> Text:
    """What a figure says in place of a number: the edition's own word for its status, else ours."""
    return Text(book.labels.get(("status", status)) or book.label("mark", status), _MARK)


def title(book: Speaker, indicator: Mapping[str, Any]) -> str:
    """The title of an indicator in the language of the workbook."""
    return str(indicator[f"title_{book.language}"])


def reported_block(book: Speaker) -> Block:
    """The quarter the edition reports on, as a block without columns."""
    quarter = Quarter.parse(book.edition.about()["period"])
    return Block("quarter", QUARTER, str(quarter), quarter.start, quarter.end, ())


def block_title(book: Speaker, donor: DonorProfile, block: Block) -> str:
    """What the donor calls the time of a block: `FY2011 Q1`, `2010 to the end of Q4`."""
    # A project that began later than the first has a calendar of its own, `project_life_2010-Q4`, and the same words.
    key = PROJECT_LIFE if block.calendar.startswith(PROJECT_LIFE) else block.calendar
    if key == QUARTER:
        key = "calendar_quarter" if donor.year == CALENDAR_YEAR else "fiscal_quarter"
    return book.word(f"block.{key}", q=Quarter.parse(block.period))


def block_days(book: Speaker, block: Block) -> str:
    """The days of a block; the line may break between the two days, not within one."""
    end = form.day(block.end, book.language)
    if block.start is None:
        return book.word("block.until", end=end)
    return f"{form.day(block.start, book.language)} – {end}"


def _actual(book: Book, entry: Entry, unit: str) -> Cell:
    if entry.figure.value is None:
        return status_mark(book, entry.figure.status)
    return figure(entry.figure.value, unit, entry.figure.partial)


def _sum(book: Book, column: str, adds_up: bool | None) -> Cell:
    if column != "actual" or adds_up is None:
        return ""
    return book.word("iptt.adds_up" if adds_up else "iptt.differs")


def _part(book: Book, line: Line) -> str:
    name = book.label("breakdown", line.breakdown)
    if line.category == DNA:
        return book.word("iptt.dna", breakdown=name)
    if line.kind == CHECK:
        return book.word("iptt.check", breakdown=name)
    return f"{name}: {book.label(line.breakdown, line.category)}"
