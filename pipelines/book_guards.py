"""A workbook before and after its cells are read: what it is, and what on its sheets would be read wrongly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines import limits
from pipelines.book import Book, BookError, Kind
from pipelines.complaints import refusal
from pipelines.compound import SIGNATURE
from pipelines.findings import Finding
from pipelines.forms import EXCEL_SERIAL, OLD_WORKBOOK, Form, Sheet
from pipelines.new_books import look_into_xlsx
from pipelines.old_books import look_into_xls
from pipelines.sheet_marks import Marks, Place, column_letters

_XML_2003 = (b"urn:schemas-microsoft-com:office:spreadsheet", b'progid="Excel.Sheet"')
_START_BYTES = 4096
# Rows and columns from 1: the first cell of a range and its last.
Range = tuple[Place, Place]


@dataclass(frozen=True)
class Table:
    """Where the table of a sheet lies: its name in the file, the number of rows above its data, its headers.

    `filled_down` are the columns (from 1) in which a label holds for the empty cells below it.
    """

    sheet: Sheet
    name: str
    above: int
    headers: Sequence[str]
    filled_down: frozenset[int] = frozenset()


def look_into(path: Path) -> Book:
    """What is in a workbook beside values. Raises BookError where it must not be opened."""
    with path.open("rb") as file:
        start = file.read(_START_BYTES)
    is_named_old = path.suffix.lower() == OLD_WORKBOOK
    if start.startswith(b"PK"):
        book = look_into_xlsx(path)
        if is_named_old:
            raise BookError(Kind.NEW_NAMED_OLD)
        return book
    if start.startswith(SIGNATURE[:4]):
        return _old(path, is_named_old)
    raise BookError(_other(start))


def _old(path: Path, is_named_old: bool) -> Book:
    try:
        book = look_into_xls(path)
    except BookError as error:
        if error.kind is Kind.DAMAGED and not is_named_old:
            raise BookError(Kind.OLD_NAMED_NEW) from error
        raise
    if not is_named_old:
        raise BookError(Kind.OLD_NAMED_NEW)
    return book


def _other(start: bytes) -> Kind:
    """What else it is that has the name of a workbook."""
    if any(sign in start for sign in _XML_2003):
        return Kind.XML_2003
    text = start.replace(b"\0", b"").removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").lstrip()
    is_page = text.startswith(b"<") or text[:13].lower() == b"mime-version:"
    return Kind.WEB_PAGE if is_page else Kind.OTHER_FORMAT


def refused(file: str, kind: Kind) -> Finding:
    """The finding of a kind."""
    return refusal(file, "", kind.rule, kind.en, kind.ru)


def book_findings(file: str, book: Book, form: Form) -> list[Finding]:
    """What is in the workbook that must not be, and whether its days are counted as the form takes it."""
    findings = [refused(file, kind) for kind in sorted(book.found, key=lambda kind: kind.name)]
    if book.counts_from_1904 and EXCEL_SERIAL in form.dates:
        findings.append(refusal(
            file, "", "days_from_1904",
            "The workbook counts days from 1904, so that a day kept as a number would be four years off. Turn that off "
            "(File, Options, Advanced, Use 1904 date system), check the days, and save it again.",
            "Книга считает дни от 1904 года, и дата, записанная числом, сдвинулась бы на четыре года. Отключите это "
            "(Файл, Параметры, Дополнительно, Система дат 1904), проверьте даты и сохраните её снова.",
        ))  # fmt: skip
    return findings


def too_wide(file: str, sheet: str, marks: Marks) -> Finding:
    """A sheet whose rectangle of cells does not fit into memory."""
    cells = marks.last_row * marks.last_column
    return refusal(
        file, sheet, "sheet_too_large",
        f"The sheet reaches to row {marks.last_row}, column {column_letters(marks.last_column)}: {cells:,} cells, more "
        f"than {limits.MOST_CELLS:,}. Delete the empty rows and columns behind the table (with their formats) and "
        f"save.",
        f"Лист доходит до строки {marks.last_row}, столбца {column_letters(marks.last_column)}: ячеек {cells}, больше "
        f"{limits.MOST_CELLS}. Удалите пустые строки и столбцы за таблицей (вместе с форматами) и сохраните книгу.",
        count=cells,
    )  # fmt: skip


def table_findings(file: str, table: Table, book: Book, merged: Sequence[Range]) -> Iterator[Finding]:
    """What on a sheet of the form would be read as something else than the office sees."""
    marks = book.marks[table.name]
    yield from _formulas(file, table, marks, book.is_uncalculated)
    yield from _errors(file, table, marks)
    yield from _merges(file, table, merged)
    yield from _hidden(file, table, book, marks)


def _formulas(file: str, table: Table, marks: Marks, is_uncalculated: bool) -> Iterator[Finding]:
    sheet = table.sheet.name
    if marks.unvalued:
        cells = _cells(marks.unvalued)
        yield refusal(
            file, sheet, "formula_without_value",
            f"Cells {cells}: the formula was never calculated, so there is no value to read. Open the workbook in "
            "Excel, let it calculate, and save it.",
            f"Ячейки {cells}: формула не вычислялась, значения нет. Откройте книгу в Excel, дайте ей пересчитаться и "
            "сохраните.", row=marks.unvalued[0][0], count=len(marks.unvalued),
        )  # fmt: skip
    elif marks.formulas and is_uncalculated and not _is_in_totals_alone(table, marks):
        yield refusal(
            file, sheet, "formula_without_value",
            f"The sheet has {marks.formulas} formulas, and the program that wrote it did not calculate them: their "
            "values are only put in for show. Open the workbook in Excel and save it.",
            f"На листе формул: {marks.formulas}; программа, записавшая книгу, их не вычисляла, значения условные. "
            "Откройте книгу в Excel и сохраните.", count=marks.formulas,
        )  # fmt: skip


def _is_in_totals_alone(table: Table, marks: Marks) -> bool:
    """Totals are compared with the rows above: those of a form sent blank are right as they were written."""
    return table.sheet.totals is not None and marks.first_formula == marks.last_row


def _errors(file: str, table: Table, marks: Marks) -> Iterator[Finding]:
    """One for each row of the table: an error is no value, and an empty cell would pass for "not known"."""
    by_row: dict[int, list[Place]] = {}
    for row, column in marks.errors:
        if row <= table.above or column <= len(table.headers):
            by_row.setdefault(row, []).append((row, column))
    if len(by_row) > limits.MOST_ERROR_ROWS or len(marks.errors) >= limits.PLACES_NOTED:
        yield _errors_everywhere(file, table, sorted(marks.errors))
        return
    for row, places in sorted(by_row.items()):
        cells, column = _cells(places), places[0][1]
        yield Finding(
            file, table.sheet.name, row, "", "error_in_cell", "quarantine" if row > table.above else "refuse",
            f"Cells {cells}: an error of Excel (such as #REF! or #DIV/0!) stands in place of a value. Correct the "
            "formula, or write the value.",
            f"Ячейки {cells}: вместо значения ошибка Excel (например #ССЫЛКА! или #ДЕЛ/0!). Исправьте формулу или "
            "впишите значение.", len(places), column,
        )  # fmt: skip


def _errors_everywhere(file: str, table: Table, places: Sequence[Place]) -> Finding:
    columns = ", ".join(column_letters(column) for column in sorted({column for _, column in places}))
    return refusal(
        file, table.sheet.name, "error_in_cell",
        f"Columns {columns}: errors of Excel (such as #REF! or #DIV/0!) stand in more than {limits.MOST_ERROR_ROWS} "
        "rows. Correct the formulas, or write the values, and send the file again.",
        f"Столбцы {columns}: ошибки Excel (например #ССЫЛКА! или #ДЕЛ/0!) более чем в {limits.MOST_ERROR_ROWS} "
        "строках. Исправьте формулы или впишите значения и отправьте файл снова.", count=len(places),
    )  # fmt: skip


def _merges(file: str, table: Table, merged: Sequence[Range]) -> Iterator[Finding]:
    """Only the first cell of a merged range has the value; the others would pass for "not known"."""
    wrong = [
        one for one in merged
        if one[1][0] > table.above and one[0][1] <= len(table.headers) and not _is_filled_down(table, one)
    ]  # fmt: skip
    if wrong:
        named = ", ".join(f"{_cell(first)}:{_cell(last)}" for first, last in wrong[: limits.PLACES_NAMED])
        yield refusal(
            file, table.sheet.name, "merged_cells",
            f"Cells are merged within the table ({named}): only the first of them has a value. Unmerge them and write "
            "the value into each row it holds for.",
            f"В таблице есть объединённые ячейки ({named}): значение есть только в первой. Разъедините их и впишите "
            "значение в каждую строку, к которой оно относится.", row=wrong[0][0][0], count=len(wrong),
        )  # fmt: skip


def _is_filled_down(table: Table, merged: Range) -> bool:
    """Whether it is a label over the rows it holds for, in a column that the form fills downwards."""
    (_, first), (_, last) = merged
    return first == last and first in table.filled_down


def _hidden(file: str, table: Table, book: Book, marks: Marks) -> Iterator[Finding]:
    """Hidden rows count like others: a filter that was left on hides them from the eye, not from the quarter."""
    sheet, rows = table.sheet.name, [row for row in marks.hidden_rows if row > table.above]
    columns = [one for one in marks.hidden_columns if one[0] <= len(table.headers)]
    if rows:
        yield _warning(
            file, sheet, "hidden_rows",
            f"{len(rows)} rows of the table are hidden, the first is row {rows[0]}; they were read and count. Show "
            "them (clear the filter) and check whether they belong to the quarter.",
            f"Скрыто строк таблицы: {len(rows)}, первая из них {rows[0]}; они прочитаны и учитываются. Покажите их "
            "(снимите фильтр) и проверьте, относятся ли они к кварталу.", rows[0], len(rows),
        )  # fmt: skip
    if columns:
        named = ", ".join(f"{column_letters(first)}:{column_letters(last)}" for first, last in columns)
        yield _warning(
            file, sheet, "hidden_columns",
            f"Columns {named} are hidden; they were read and count. Show them and check what stands in them.",
            f"Столбцы {named} скрыты; они прочитаны и учитываются. Покажите их и проверьте, что в них стоит.",
            None, len(columns),
        )  # fmt: skip
    if table.name in book.hidden:
        yield _warning(
            file, sheet, "hidden_sheet",
            "The sheet is hidden; it was read and counts. Show it and check what stands on it.",
            "Лист скрыт; он прочитан и учитывается. Покажите его и проверьте, что на нём.", None, 1,
        )  # fmt: skip


def _warning(file: str, sheet: str, rule: str, en: str, ru: str, row: int | None, count: int) -> Finding:
    return Finding(file, sheet, row, "", rule, "warn", en, ru, count)


def _cells(places: Sequence[Place]) -> str:
    named = ", ".join(map(_cell, places[: limits.PLACES_NAMED]))
    return named + (f", ... ({len(places)})" if len(places) > limits.PLACES_NAMED else "")


def _cell(place: Place) -> str:
    return f"{column_letters(place[1])}{place[0]}"
