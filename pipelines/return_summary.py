"""The first sheet of the return workbook: what became of the file, every finding, and what to do next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines import return_words as words
from pipelines.findings import Finding
from pipelines.forms import FINDINGS_SHEET, Slot
from pipelines.layout import layout
from pipelines.return_book import LINE, font, put
from pipelines.return_marks import TONES, WORST_FIRST, Spot, spot, worst
from pipelines.return_tables import Table
from pipelines.return_words import About, Both, both

_WIDTHS = (14, 19, 17, 9, 8, 26, 54, 54, 11)
_CELLS_NAMED = 6
_OPEN_UP_TO = 5  # findings of one kind; more of them are folded away under the line that says what is wrong


@dataclass(frozen=True)
class _Placed:
    finding: Finding
    where: Spot | None
    column: str

    @property
    def sheet(self) -> str:
        """The sheet to look on."""
        return self.where.table.name if self.where else self.finding.sheet


def add_summary(
    book: Any, about: About, findings: Sequence[Finding], tables: Sequence[Table], slot: Slot | None
) -> None:
    """Write the sheet; it comes first and is the one that opens."""
    page = book.create_sheet(FINDINGS_SHEET, 0)
    book.active = 0
    _dress(page)
    put(page.cell(1, 1), both(words.TITLE))
    page.cell(1, 1).font = font(bold=True, size=14)
    row = _about(page, 3, about)
    row = _counts(page, row + 1, findings)
    row = _paragraph(page, row, words.NEXT, words.what_next(about, bool(tables), any(t.numbers for t in tables)))
    placed = [_Placed(one, spot(one, tables), _header(one, tables, slot)) for one in worst(findings)]
    _table(page, row + 1, placed, tables)


def _dress(page: Any) -> None:
    from openpyxl.utils import get_column_letter

    for number, width in enumerate(_WIDTHS, start=1):
        page.column_dimensions[get_column_letter(number)].width = width
    page.sheet_view.showGridLines = False
    page.sheet_properties.outlinePr.summaryBelow = False
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", 9
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0


def _about(page: Any, row: int, about: About) -> int:
    name = both(words.place_name(about.place))
    for label, text in (
        (words.OFFICE, f"{name} ({about.office})"), (words.FILE, about.file_name), (words.PERIOD, about.period),
    ):  # fmt: skip
        row = _pair(page, row, label, text)
    row = _paragraph(page, row, words.OUTCOME, words.outcome(about))
    row = _pair(page, row, words.ROWS, f"{about.rows_taken} / {about.rows_held}")
    if about.left is not None:
        since = (
            f"исправлено / fixed: {about.fixed or 0};  осталось / left: {about.left};  новых / new: {about.new or 0}"
        )
        row = _pair(page, row, words.SINCE, since)
    return row


def _counts(page: Any, row: int, findings: Sequence[Finding]) -> int:
    """How many findings there are of each severity, which is the key to the colours as well."""
    from openpyxl.styles import PatternFill

    counted = Counter(one.severity for one in findings)
    for severity in (one for one in WORST_FIRST if counted[one]):
        label = words.FOUND if severity == next(s for s in WORST_FIRST if counted[s]) else ("", "")
        row = _pair(page, row, label, f"{TONES[severity].word}: {counted[severity]}")
        page.cell(row - 1, 4).fill = PatternFill("solid", fgColor=TONES[severity].colour)
    return row


def _pair(page: Any, row: int, label: Both, text: str) -> int:
    from openpyxl.styles import Alignment

    page.merge_cells(start_row=row, end_row=row, start_column=1, end_column=3)
    page.merge_cells(start_row=row, end_row=row, start_column=4, end_column=8)
    put(page.cell(row, 1), both(label) if any(label) else "")
    put(page.cell(row, 4), text)
    page.cell(row, 1).font, page.cell(row, 4).font = font(bold=True), font()
    page.cell(row, 1).alignment = Alignment(wrap_text=True, vertical="top")
    page.cell(row, 4).alignment = Alignment(wrap_text=True, vertical="top")
    page.row_dimensions[row].height = LINE * max(_lines(text, sum(_WIDTHS[3:8])), 1) + 3
    return row + 1


def _paragraph(page: Any, row: int, label: Both, text: Both) -> int:
    return _pair(page, row, label, "\n".join(text))


def _lines(text: str, width: int) -> int:
    """How many lines a text takes in a column of this width; Cyrillic letters are a little wider than digits."""
    return sum(1 + int(len(line) * 1.1) // width for line in text.split("\n"))


def _header(finding: Finding, tables: Sequence[Table], slot: Slot | None) -> str:
    """The header of the column a finding is about, in the words of the file or the form."""
    where = spot(finding, tables)
    if where is not None and (finding.field or finding.column) and where.column <= len(where.table.headers):
        return where.table.headers[where.column - 1]
    if slot is None or not finding.field:
        return ""
    named = [(place, use.column) for sheet in slot.sheets for place in layout(sheet) for use in place.uses]
    of_fact = next((place.headers[0] for place, column in named if column == finding.field), "")
    return of_fact or finding.field


def _table(page: Any, row: int, placed: Sequence[_Placed], tables: Sequence[Table]) -> None:
    from openpyxl.styles import Alignment, PatternFill

    for column, heading in enumerate(words.HEADINGS, start=1):
        cell = page.cell(row, column)
        put(cell, "\n".join(heading))
        cell.font, cell.fill = font(bold=True), PatternFill("solid", fgColor="FFE8E8E8")
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    page.row_dimensions[row].height = 2 * LINE + 3
    page.print_title_rows = f"{row}:{row}"
    for group in _groups(placed):
        row = _group(page, row + 1, group)


def _groups(placed: Sequence[_Placed]) -> Iterator[list[_Placed]]:
    """Findings of one rule in one column, which say the same, together; in the order of the first of each."""
    found: dict[tuple[object, ...], list[_Placed]] = {}
    for one in placed:
        f = one.finding
        found.setdefault((f.severity, f.sheet, f.rule, one.column, f.message_ru, f.message_en), []).append(one)
    yield from found.values()


def _group(page: Any, row: int, group: Sequence[_Placed]) -> int:
    """One line for a finding; for several that say the same one line, with a line for each below it. The last row."""
    first = group[0]
    finding, is_one = first.finding, len(group) == 1
    cells = ", ".join(_address(one) for one in group[:_CELLS_NAMED]) + (", ..." if len(group) > _CELLS_NAMED else "")
    column = first.column if is_one or not _address(first) else f"{first.column}\n{cells}"
    _write(page, row, (
        finding.id if is_one else f"{both(words.FOUND)}: {len(group)} [+]", TONES[finding.severity].word, first.sheet,
        _address(first), finding.row if is_one else None, column, finding.message_ru, finding.message_en,
        sum(one.finding.count for one in group),
    ))  # fmt: skip
    _colour(page, row, first)
    _link(page, row, first)
    if is_one:
        return row
    is_folded = len(group) > _OPEN_UP_TO
    page.row_dimensions[row].collapsed = is_folded
    for number, one in enumerate(group, start=row + 1):
        _write(page, number, (one.finding.id, "", one.sheet, _address(one), one.finding.row, one.column, "", "", ""))
        page.row_dimensions[number].outlineLevel, page.row_dimensions[number].hidden = 1, is_folded
        _link(page, number, one)
    return row + len(group)


def _write(page: Any, row: int, values: Sequence[Any]) -> None:
    from openpyxl.styles import Alignment, Border, Side

    for column, value in enumerate(values, start=1):
        cell = page.cell(row, column)
        put(cell, value if value != "" else None)
        cell.alignment = Alignment(wrap_text=True, vertical="top", horizontal="left")
        cell.font = font()
        cell.border = Border(bottom=Side("thin", color="FFBFBFBF"))
    texts = [_lines(str(value), width) for value, width in zip(values, _WIDTHS, strict=False) if value is not None]
    page.row_dimensions[row].height = LINE * max(texts, default=1) + 3


def _colour(page: Any, row: int, placed: _Placed) -> None:
    from openpyxl.styles import PatternFill

    page.cell(row, 2).fill = PatternFill("solid", fgColor=TONES[placed.finding.severity].colour)


def _address(placed: _Placed) -> str:
    """The cell as a person names it, also where its sheet is not given back."""
    from openpyxl.utils import get_column_letter

    if placed.where is not None:
        return f"{get_column_letter(placed.where.column)}{placed.where.row}"
    finding = placed.finding
    column = get_column_letter(finding.column) if finding.column else ""
    return f"{column}{finding.row or ''}" if column else ""


def _link(page: Any, row: int, placed: _Placed) -> None:
    """A jump to the cell on its sheet."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.hyperlink import Hyperlink

    if placed.where is None:
        return
    table = placed.where.table
    at_row, at_column = table.returned(placed.where.row, placed.where.column)
    cell = page.cell(row, 4)
    quoted = table.name.replace("'", "''")
    target = f"'{quoted}'!{get_column_letter(at_column)}{at_row}"
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=target)
    cell.font = font(color="FF0563C1", underline="single")
