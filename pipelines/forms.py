"""What an office promises about its files, as values: form, sheets, blocks of columns, slots, contract.

A slot is one file an office owes for a period. A file has sheets (a CSV file is one sheet without a
name). A sheet has blocks: a block feeds one fact. The main block is one row of the sheet a row of the
fact; a group is a block of columns repeated to the right, each filled one a row of a detail fact; kinds
are main blocks that share a sheet, told apart by the word in one column.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from indicators.facts import Fact, facts
from pipelines.folding import fold

CSV, XLSX = "csv", "xlsx"
WHOLE = "all"  # the period of a source that is not sent by the quarter
EXCEL_SERIAL = "excel-serial"  # among the forms of dates: the number of days by which Excel keeps a date
MONTH = "%B"  # in a form of dates: the name of the month in a language of the office
SUB_HEADER = " / "  # between the two parts of a merged two-row header

PERIOD_IN_NAME = "{period}"

# What a form may let pass that is not as agreed but can be told for certain.
MOVED_HEADER, BILINGUAL_HEADERS, FOOTNOTES = "moved_header", "bilingual_headers", "footnotes"
LEADING_ZEROS = "leading_zeros"
TOLERANCES = (MOVED_HEADER, BILINGUAL_HEADERS, FOOTNOTES, LEADING_ZEROS)
_FOOTNOTE_MARKS = re.compile(r"(?<=.)(?:\s*(?:[*†‡¹²³⁰⁴-⁹]|\[[0-9*]{1,2}\]))+$", re.DOTALL)

# A table that an office owes as CSV is also taken as a workbook of one sheet: that is what a template is. Workbooks
# of Excel 2003 are read like others; .xlsb, .xlsm and .ods are not taken: their parts would need guards of their own.
OLD_WORKBOOK = ".xls"
WORKBOOKS = (f".{XLSX}", OLD_WORKBOOK)
SUFFIXES = {CSV: (f".{CSV}", *WORKBOOKS), XLSX: WORKBOOKS}
# Sheets that we ourselves put into workbooks for offices; they are no part of a form and are not read.
GUIDE_SHEET, LISTS_SHEET, FINDINGS_SHEET = "Инструкция - Guide", "Списки - Lists", "Замечания - Findings"
HEADERS_SHEET = "Заголовки - Headers"
OWN_SHEETS = (GUIDE_SHEET, LISTS_SHEET, FINDINGS_SHEET, HEADERS_SHEET)


@dataclass(frozen=True)
class Form:
    """How cells are written. Of several forms, signs or words the first is written, all are read.

    `words` says for each code list and code the words that mean it, `months` the number of each month's
    name, `time_zone` where days begin. `folds` are the tolerances for letters: `homoglyphs`, `apostrophes`;
    `tolerates` those for the table (`docs/contracts.md`).
    """

    format: str
    encodings: tuple[str, ...]
    delimiters: tuple[str, ...]
    dates: tuple[str, ...]
    decimal: str
    thousands: tuple[str, ...]
    true: tuple[str, ...]
    false: tuple[str, ...]
    missing: tuple[str, ...]
    separators: tuple[str, ...]
    folds: frozenset[str]
    words: Mapping[str, Mapping[str, tuple[str, ...]]]
    tolerates: frozenset[str] = frozenset()
    months: Mapping[str, int] = field(default_factory=dict)
    time_zone: str = "UTC"

    @property
    def delimiter(self) -> str:
        """The sign that is written between cells."""
        return self.delimiters[0]

    @property
    def separator(self) -> str:
        """The sign that is written between several values of a cell."""
        return self.separators[0]

    def fold(self, text: str) -> str:
        """A header or word in the form in which it is compared."""
        folded = fold(text, self.folds)
        if FOOTNOTES in self.tolerates:
            folded = unmarked(folded)
        if LEADING_ZEROS in self.tolerates and folded.isdecimal():
            folded = folded.lstrip("0") or "0"
        return folded


def unmarked(text: str) -> str:
    """The text without the marks of footnotes at its end."""
    return _FOOTNOTE_MARKS.sub("", text)


@dataclass(frozen=True)
class Running:
    """Columns whose numbers run on since the start of the calendar year, line by line.

    A line is what the columns in `by` say; it is the same in every quarter. With `first_is_whole` the
    office's first quarter is no quarter 1 and yet its numbers begin with it.
    """

    columns: tuple[str, ...]
    by: tuple[str, ...]
    first_is_whole: bool = False


@dataclass(frozen=True)
class Block:
    """The columns of one fact on a sheet.

    `columns` gives the header words of each column of the fact. `flags` are list columns spread over
    columns of their own, one a code. `constants` hold for every row; `generated` are made from the
    row's number; `empty_is` is the code an empty cell means. A group (`times` > 0) is repeated under
    headings with its number for `{n}`, takes the columns in `inherits` from the main block, and its
    number may itself be a column (`position`). `running` says which columns hold running totals.
    """

    fact: str
    columns: Mapping[str, tuple[str, ...]]
    flags: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    generated: Mapping[str, str] = field(default_factory=dict)
    empty_is: Mapping[str, str] = field(default_factory=dict)
    not_collected: frozenset[str] = frozenset()
    kind: tuple[str, ...] = ()
    heading: str = ""
    times: int = 0
    inherits: tuple[str, ...] = ()
    position: str | None = None
    running: Running | None = None

    @property
    def instances(self) -> range:
        """The numbers of the block's repetitions: 1 to `times` for a group, 0 alone for a main block."""
        return range(1, self.times + 1) if self.times else range(1)

    @property
    def collected(self) -> frozenset[str]:
        """The columns of the fact that this block gives."""
        parts = (self.columns, self.flags, self.constants, self.generated, self.inherits)
        named = {name for part in parts for name in part}
        return frozenset(named | ({self.position} if self.position else set()))

    def header(self, words: str, instance: int) -> str:
        """The full header of one of its columns, in the given repetition."""
        return f"{self.heading.replace('{n}', str(instance))}{SUB_HEADER}{words}" if self.times else words


@dataclass(frozen=True)
class Totals:
    """A last row with sums: `words` stand in `column`; it holds sums of some columns and counts of others."""

    words: tuple[str, ...]
    column: str
    sums: tuple[str, ...]
    counts: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """One table of a file. `titles` are rows above the header; `ignored` headers are known and not read.

    In the columns of `fill_down` an empty cell means the one above it.
    """

    names: tuple[str, ...]
    titles: tuple[str, ...]
    header_rows: int
    blocks: tuple[Block, ...]
    numbering: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    totals: Totals | None = None
    fill_down: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name that is written; empty for a CSV file."""
        return self.names[0] if self.names else ""

    @property
    def mains(self) -> tuple[Block, ...]:
        """The blocks that are not groups."""
        return tuple(block for block in self.blocks if not block.times)

    @property
    def groups(self) -> tuple[Block, ...]:
        """The repeated blocks."""
        return tuple(block for block in self.blocks if block.times)

    @property
    def first_row(self) -> int:
        """The number of the first row of data as the form has it; a `Grid` knows where it is in a file."""
        return len(self.titles) + self.header_rows + 1

    @property
    def is_numbered_by_place(self) -> bool:
        """Whether keys are made from row numbers, so that an empty row is still a row."""
        return any(block.generated for block in self.blocks)


@dataclass(frozen=True)
class Slot:
    """One file an office owes for a period."""

    name: str
    file_pattern: str
    form: Form
    sheets: tuple[Sheet, ...]

    @property
    def facts(self) -> tuple[str, ...]:
        """The facts its file feeds, in the order in which they stand in it."""
        return tuple(dict.fromkeys(block.fact for sheet in self.sheets for block in sheet.blocks))

    @property
    def exports(self) -> tuple[str, ...]:
        """The exports these facts belong to."""
        return tuple(dict.fromkeys(facts()[name].export for name in self.facts))

    @property
    def is_by_period(self) -> bool:
        """Whether the file is sent for each quarter; a published source is not."""
        return PERIOD_IN_NAME in self.file_pattern

    def file_name(self, period: str) -> str:
        """The name of the file for a period."""
        return self.file_pattern.replace(PERIOD_IN_NAME, period).replace("*", period)

    def period_of(self, file_name: str) -> str | None:
        """The period a file name speaks of, or None when it is not a name of this slot."""
        parts = {re.escape(PERIOD_IN_NAME): "(?P<period>[0-9]{4}-Q[1-4])", re.escape("*"): ".*"}
        stem, suffix = Path(self.file_pattern).stem, Path(self.file_pattern).suffix
        suffixes = dict.fromkeys((suffix, *SUFFIXES[self.form.format]))
        pattern = f"{re.escape(stem)}({'|'.join(map(re.escape, suffixes))})"
        for part, expression in parts.items():
            pattern = pattern.replace(part, expression)
        match = re.fullmatch(pattern, file_name, re.IGNORECASE)
        if match is None:
            return None
        return match["period"].upper() if self.is_by_period else WHOLE


@dataclass(frozen=True)
class Version:
    """The slots as they stand from a period on."""

    applies_from: str | None
    slots: Mapping[str, Slot]


@dataclass(frozen=True)
class Contract:
    """What one office promises. `place_column` names the column rows take their place from, if any does.

    `digest` changes with the contract's own bytes and with the words it takes over from code lists.
    """

    office: str
    place: str
    place_column: str | None
    time_zone: str
    languages: tuple[str, ...]
    first_period: str | None
    disclosure_profile: str
    versions: tuple[Version, ...]
    digest: str

    @property
    def slots(self) -> Mapping[str, Slot]:
        """The slots of the latest version by name."""
        return self.versions[-1].slots

    def slots_at(self, period: str) -> Mapping[str, Slot]:
        """The slots as the form stood for a period; before the first version, as in the first."""
        stood = [v for v in self.versions if v.applies_from is None or v.applies_from <= period]
        return (stood or list(self.versions[:1]))[-1].slots

    def collected(self, fact: str) -> frozenset[str]:
        """The columns of a fact that the office gives; none for a fact it does not send."""
        blocks = (block for slot in self.slots.values() for sheet in slot.sheets for block in sheet.blocks)
        return frozenset().union(*(block.collected for block in blocks if block.fact == fact))

    def public_headers(self) -> frozenset[str]:
        """Headers of columns declared public: an institution's hotline number is no personal data."""
        found: set[str] = set()
        for version in self.versions:
            for slot in version.slots.values():
                for block in (block for sheet in slot.sheets for block in sheet.blocks):
                    found |= _public(facts()[block.fact], block)
        return frozenset(found)


def _public(fact: Fact, block: Block) -> set[str]:
    return {
        block.header(word, n)
        for name, words in block.columns.items() if fact.columns[name].public for word in words for n in block.instances
    }  # fmt: skip
