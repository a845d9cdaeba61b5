"""One narrative report being written: edition, donor, outline and language, and how its cells read."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from indicators.calendars import PROJECT_LIFE, QUARTER
from indicators.progress import Progress
from reports import format as form
from reports.document import NOTE, Bullets, Paragraph
from reports.document import Block as DocumentBlock
from reports.donor_figures import TOTAL, Figure, ReportError, figures, selected
from reports.donors import DonorProfile
from reports.edition import NOT_REPORTED, REGION, SUPPRESSED, UNDEFINED, UNKNOWN, Edition
from reports.iptt import INDICATOR, PART, PLACE, Entry, Iptt, Line, iptt, measure
from reports.iptt_blocks import Block, reporting_quarter
from reports.iptt_cells import block_title
from reports.narrative import REFERENCE, REGION_OFFICE, OfficeText
from reports.outlines import Outline
from reports.words import Speaker, report_words

PARTIAL_SIGN = "*"
_QUARTER_RU = f"\u2011й{form.NO_BREAK}кв"  # the same with a hyphen and a space at which no line ends
_ALL_COLUMNS = dict.fromkeys(("quarter", "year", "life"), ("target", "actual", "percent"))


@dataclass(frozen=True)
class Report:
    """What a report is made of. `table` has every indicator of the donor's tables, with all three blocks."""

    edition: Edition
    donor: DonorProfile
    outline: Outline
    language: str
    labels: Mapping[tuple[str, str], str]
    positions: Mapping[tuple[str, str], int]
    table: Iptt
    texts: tuple[OfficeText, ...]

    def word(self, key: str, **names: Any) -> str:
        """A text of `report.toml` or `workbook.toml`, with its names filled in."""
        return report_words(self.language)[key].format(**names)

    def label(self, codelist: str, code: str) -> str:
        """The edition's own word for a code, else ours, else the code itself."""
        return self.labels.get((codelist, code)) or report_words(self.language).get(f"{codelist}.{code}", code)

    def block(self, kind: str) -> Block:
        """The quarter, year or project life that ends with the reporting quarter."""
        return self.table.blocks[self.number(kind)]

    def number(self, kind: str) -> int:
        """The position of that block."""
        reported = str(self.table.reported)
        return next(n for n, b in enumerate(self.table.blocks) if b.kind == kind and b.period == reported)

    def entry(self, line: Line, kind: str) -> Entry:
        """What a line says for the quarter, the year to date or the project's life."""
        return line.entries[self.number(kind)]

    def called(self, kind: str) -> str:
        """What the donor calls the time of a block, in one piece where a line must not end."""
        return self.window(self.block(kind))

    def window(self, block: Block) -> str:
        """The same of any quarter, year or project life."""
        return in_one_piece(block_title(self, self.donor, block))

    def position(self, codelist: str, code: str) -> tuple[int, str]:
        """The place of a code in its list, to sort by; what has none comes last."""
        return (self.positions.get((codelist, code), len(self.positions)), code)

    def wholes(self) -> Iterator[Line]:
        """The lines of whole indicators, region first, in the order of the table."""
        return (line for line in self.table.lines if line.kind in (INDICATOR, PLACE))

    def headlines(self) -> list[Line]:
        """Indicators and places with a target that ends with the reporting quarter; without any, the region's all."""
        kinds = ("quarter", "year", "life")
        promised = [line for line in self.wholes() if any(self.entry(line, k).target is not None for k in kinds)]
        return promised or [line for line in self.wholes() if line.place == REGION]

    def parts(self, indicator: str, place: str, breakdown: str) -> list[Line]:
        """The lines of one breakdown of an indicator at a place."""
        return [
            line
            for line in self.table.lines
            if line.kind == PART and (line.indicator, line.place, line.breakdown) == (indicator, place, breakdown)
        ]

    def title(self, indicator: str) -> str:
        """The title of an indicator in the language of the report."""
        return str(self.table.indicators[indicator][f"title_{self.language}"])

    def unit(self, indicator: str) -> str:
        """The unit of an indicator."""
        return str(self.table.indicators[indicator]["unit"])

    def named(self, line: Line) -> str:
        """Indicator and place of a line."""
        place = "" if line.place == REGION else f", {self.label('place', line.place)}"
        return f"{self.title(line.indicator)}{place}"


def open_report(
    edition: Edition,
    donor: DonorProfile,
    outline: Outline,
    language: str,
    table: Iptt,
    texts: Iterable[OfficeText] = (),
) -> Report:
    """Gather what a report is made of; `table` is the donor's `whole_table`."""
    ordered = tuple(sorted(texts, key=lambda text: (text.office != REGION_OFFICE, text.office, text.language)))
    rows = edition.rows("SELECT list, code, position FROM labels")
    positions = {(row["list"], row["code"]): row["position"] for row in rows}
    return Report(edition, donor, outline, language, edition.labels(language), positions, table, ordered)


def whole_table(edition: Edition, donor: DonorProfile) -> Iptt:
    """All tables of a donor as one, with every block: a report says quarter, year and project life of each figure.

    Raises ReportError for an edition without quarters, and for two targets for one cell.
    """
    chosen = {row["indicator"] for table in donor.tables for row in selected(edition, donor, table)}
    breakdowns = dict.fromkeys(name for table in donor.tables for name in table.breakdowns)
    table = dataclasses.replace(
        donor.tables[0], columns=_ALL_COLUMNS, indicators=tuple(sorted(chosen)), families=(), having=(),
        breakdowns=tuple(breakdowns),
    )  # fmt: skip
    return iptt(edition, donor, table)


def in_one_piece(period: str) -> str:
    """The name of a quarter such that no line ends within `4-й кв`."""
    return period.replace("-й кв", _QUARTER_RU)


# How cells read


def said(speaker: Speaker, figure: Figure, unit: str) -> str:
    """A figure in words: its number, with an asterisk where an office is missing, or the mark of its status."""
    if figure.value is None:
        return str(speaker.labels.get(("status", figure.status)) or speaker.label("mark", figure.status))
    return form.figure(figure.value, unit, speaker.language) + (PARTIAL_SIGN if figure.partial else "")


def target_said(report: Report, entry: Entry, unit: str) -> str:
    """The target of a cell, or a dash."""
    return report.word("mark.no_target") if entry.target is None else form.figure(entry.target, unit, report.language)


def met(entry: Entry, direction: str) -> Decimal | None:
    """The part of the target, or of the planned change where less is better, that is met; None if there is none."""
    made = entry.progress or Progress(None, None, None, None, "no_data")
    return made.of_change if measure(direction) == "of_change" else made.of_target


def met_said(report: Report, entry: Entry, direction: str) -> str:
    """That part in whole per cent, or why there is none."""
    share = met(entry, direction)
    if share is not None:
        return form.percent(share, report.language) + (PARTIAL_SIGN if entry.figure.partial else "")
    made = entry.progress
    reason = made and (made.of_change_reason if measure(direction) == "of_change" else made.of_target_reason)
    return report.word(f"mark.{reason}") if reason else ""


def legend(speaker: Speaker, shown: Iterable[Figure]) -> Iterator[Paragraph]:
    """One note that says what the marks of a table mean; nothing if it has none."""
    found = list(shown)
    marks = [status for status in (SUPPRESSED, NOT_REPORTED, UNKNOWN, UNDEFINED) if _has(found, status)]
    notes = [speaker.word(f"note.{status}", mark=said(speaker, Figure(None, status, False), "")) for status in marks]
    if any(figure.partial for figure in found):
        notes.append(speaker.word("note.partial"))
    if notes:
        yield Paragraph(" ".join(notes), NOTE)


def _has(found: Iterable[Figure], status: str) -> bool:
    return any(figure.status == status for figure in found)


# References in texts


def filled(speaker: Speaker, text: str, where: str, calendars: Mapping[str, str]) -> str:
    """A text with its references replaced by what the edition says.

    `calendars` are those that `year` and `life` mean. Raises ReportError for an indicator or place that the edition
    does not have.
    """
    cache: dict[str, Any] = {}

    def say(found: Any) -> str:
        code, place, kind = found[1], found[2] or REGION, found[3] or "quarter"
        if code not in cache:
            cache[code] = figures(speaker.edition, [code], ())
        window = {"quarter": QUARTER, **calendars}[kind]
        key = (code, TOTAL, TOTAL, place, window, str(reporting_quarter(speaker.edition)))
        if key not in cache[code]:
            raise ReportError(f"{where}: {{{found[0][1:-1]}}}: this edition has no such figure")
        units = speaker.edition.rows("SELECT unit FROM indicators WHERE indicator = ?", [code])
        return said(speaker, cache[code][key], units[0]["unit"])

    return REFERENCE.sub(say, text)


def pieces(
    speaker: Speaker, text: OfficeText, code: str, year: str, life: str = PROJECT_LIFE
) -> Iterator[DocumentBlock]:
    """What an office wrote for a section, with its references filled in; `year` and `life` are calendars."""
    calendars = {"year": year, "life": life}
    for piece in text.sections.get(code, ()):
        where = f"{text.name}, line {piece.line}"
        if piece.items:
            yield Bullets(tuple(filled(speaker, item, where, calendars) for item in piece.items))
        else:
            yield Paragraph(filled(speaker, piece.text, where, calendars))
