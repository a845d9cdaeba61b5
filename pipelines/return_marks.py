"""Where a finding stands on the sheets that go back, and what is written beside the cell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipelines.findings import Finding, Severity
from pipelines.layout import Place
from pipelines.return_tables import Table

AUTHOR = "esep"
_SIGNS_IN_A_LINE, _LINE_HEIGHT, _BOX_WIDTH, _TALLEST_BOX = 56, 18, 430, 620


@dataclass(frozen=True)
class Tone:
    """How a severity is shown: by words, which lead, and by the colour of the cell.

    The colours are no palette's own, so that they are known again when the workbook comes back.
    """

    ru: str
    en: str
    colour: str

    @property
    def word(self) -> str:
        """Both words."""
        return f"{self.ru} / {self.en}"


TONES: Mapping[Severity, Tone] = {
    "refuse": Tone("ОТКАЗ", "REFUSED", "FFF6A7A1"),
    "quarantine": Tone("ЗАДЕРЖАНО", "HELD BACK", "FFFFD863"),
    "warn": Tone("ПРЕДУПРЕЖДЕНИЕ", "WARNING", "FFC6DFF3"),
}
WORST_FIRST: tuple[Severity, ...] = tuple(TONES)


@dataclass(frozen=True)
class Spot:
    """A cell of an office's sheet, by the numbers the office sees."""

    table: Table
    row: int
    column: int


@dataclass(frozen=True)
class Mark:
    """What a cell is marked with: the worst severity, and one comment for all its findings."""

    severity: Severity
    text: str

    @property
    def box(self) -> tuple[int, int]:
        """Height and width of a comment that can be read without scrolling."""
        lines = sum(1 + len(line) // _SIGNS_IN_A_LINE for line in self.text.split("\n"))
        return min(_LINE_HEIGHT * (lines + 1), _TALLEST_BOX), _BOX_WIDTH


def spot(finding: Finding, tables: Sequence[Table]) -> Spot | None:
    """The cell of a finding: the header where no row is meant, the first cell where no column is; None for a file."""
    for table in tables:
        if finding.sheet and finding.sheet != table.sheet.name:
            continue
        column = finding.column or _column(table, finding)
        if finding.row is not None and (finding.sheet or len(tables) == 1):
            return Spot(table, finding.row, column or 1)
        if finding.row is None and column is not None:
            return Spot(table, table.header_row, column)
    return None


def marks(findings: Sequence[Finding], tables: Sequence[Table]) -> list[dict[tuple[int, int], Mark]]:
    """For each table every cell to be marked, by row and column as the office counts them."""
    together: dict[tuple[int, int, int], list[Finding]] = defaultdict(list)
    for finding in findings:
        where = spot(finding, tables)
        if where is not None:
            number = next(i for i, table in enumerate(tables) if table is where.table)
            together[number, where.row, where.column].append(finding)
    found: list[dict[tuple[int, int], Mark]] = [{} for _ in tables]
    for (number, row, column), some in together.items():
        found[number][row, column] = _mark(some)
    return found


def worst(findings: Sequence[Finding]) -> list[Finding]:
    """The findings with the worst first, otherwise as they came."""
    return sorted(findings, key=lambda one: WORST_FIRST.index(one.severity))


def _mark(findings: Sequence[Finding]) -> Mark:
    ordered = worst(findings)
    return Mark(ordered[0].severity, "\n\n".join("\n".join(_lines(one)) for one in ordered))


def _lines(finding: Finding) -> Iterator[str]:
    yield " · ".join(part for part in (TONES[finding.severity].word, finding.id) if part)
    yield finding.message_ru
    yield finding.message_en


def _column(table: Table, finding: Finding) -> int | None:
    """The position (from 1) of the column a finding names: by its header, or by the column of a fact it feeds."""
    if not finding.field:
        return None
    word = table.form.fold(finding.field)
    for place, position in table.columns:
        if word in map(table.form.fold, place.headers):
            return position + 1
    fact = finding.rule.partition(".")[0] if "." in finding.rule else None
    return next((position + 1 for place, position in table.columns if _feeds(place, fact, finding.field)), None)


def _feeds(place: Place, fact: str | None, column: str) -> bool:
    return any(use.column == column and fact in (None, use.block.fact) for use in place.uses)
