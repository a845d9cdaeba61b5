"""What reading a file finds wrong, in English and Russian: file, sheet, row, field, what was expected, what to do.

Headers and sheet names may be quoted, for they are no case data; a cell never is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pipelines.findings import Finding


def refusal(
    file: str, sheet: str, rule: str, en: str, ru: str, *, row: int | None = None, field: str = "", count: int = 1,
    column: int | None = None,
) -> Finding:  # fmt: skip
    """A finding that keeps the whole file out."""
    return Finding(file, sheet, row, field, rule, "refuse", en, ru, count, column)


def empty_file(file: str) -> Finding:
    """Nothing in it, not even a header."""
    return refusal(
        file, "", "empty_file",
        "The file is empty. A quarter without cases is sent as a file with the header row and no other.",
        "Файл пуст. Если за квартал случаев не было, отправьте файл со строкой заголовков без других строк.",
    )  # fmt: skip


def wrong_encoding(file: str, declared: Sequence[str], found: str = "") -> Finding:
    """Bytes that are not text in the form's encoding, or clearly text in another."""
    names = " / ".join(declared)
    seems_en, seems_ru = (f" It is {found}.", f" Он в кодировке {found}.") if found else ("", "")
    return refusal(
        file, "", "wrong_encoding",
        f"The file is not text in {names}, as the form says.{seems_en} Save it again in that encoding.",
        f"Файл не в кодировке {names}, как требует форма.{seems_ru} Сохраните его в этой кодировке.",
    )  # fmt: skip


def truncated(file: str, sheet: str = "", row: int | None = None) -> Finding:
    """It ends in the middle: of a line, of a quoted cell, of the table."""
    return refusal(
        file, sheet, "truncated_file",
        "The file ends in the middle: the copy was cut off. Export it again and send it whole.",
        "Файл обрывается: копия неполная. Выгрузите его заново и отправьте целиком.", row=row,
    )  # fmt: skip


def open_quote(file: str) -> Finding:
    """A quotation mark that is never closed swallows the rows after it."""
    return refusal(
        file, "", "open_quote",
        "A quotation mark is not closed: the file is cut off, or a row holds a single one. Export it again.",
        "Кавычка не закрыта: файл обрывается или в строке лишняя кавычка. Выгрузите файл заново.",
    )  # fmt: skip


def ragged_row(file: str, row: int, expected: int) -> Finding:
    """A row with more or fewer cells than the header."""
    return refusal(
        file, "", "ragged_row",
        f"The row does not have {expected} cells, as the header has. Correct it; a cell with the separating sign in "
        "it must stand in quotation marks.",
        f"В строке не {expected} ячеек, как в заголовке. Исправьте её; ячейку с разделителем внутри нужно заключить "
        "в кавычки.", row=row,
    )  # fmt: skip


def not_text(file: str) -> Finding:
    """Bytes that no text has."""
    return refusal(
        file, "", "not_a_text_file",
        "The file is no CSV text: it holds bytes that text does not have. Save the table as CSV.",
        "Это не текстовый файл CSV. Сохраните таблицу в формате CSV.",
    )  # fmt: skip


def wrong_delimiter(file: str, declared: Sequence[str], found: str) -> Finding:
    """Cells separated by another sign than the form's."""
    words = {"\t": "tab"}
    signs = " / ".join(words.get(sign, sign) for sign in declared)
    return refusal(
        file, "", "wrong_delimiter",
        f"The cells are separated by '{words.get(found, found)}', but the form says '{signs}'. "
        "Save the file again with that sign.",
        f"Ячейки разделены знаком '{words.get(found, found)}', а форма требует '{signs}'. "
        "Сохраните файл с этим разделителем.",
    )  # fmt: skip


def missing_sheet(file: str, expected: str, found: Iterable[str]) -> Finding:
    """A sheet of the form that is not there."""
    names = ", ".join(found)
    return refusal(
        file, expected, "missing_sheet",
        f"The sheet '{expected}' is missing; the file has: {names}. Restore it, or rename it as in the form.",
        f"Нет листа «{expected}»; в файле есть: {names}. Восстановите его или назовите как в форме.",
    )  # fmt: skip


def unknown_sheet(file: str, name: str, expected: Iterable[str]) -> Finding:
    """A sheet with something on it that no form has."""
    names = ", ".join(expected)
    return refusal(
        file, name, "unknown_sheet",
        f"The sheet '{name}' is not part of the form ({names}) and is not empty. Delete it, or put its rows where "
        "they belong.",
        f"Листа «{name}» нет в форме ({names}), и он не пуст. Удалите его или перенесите строки на нужный лист.",
    )  # fmt: skip


def no_headers(file: str, sheet: str, row: int, expected: Sequence[str]) -> Finding:
    """Not one header of the form stands where the header should be."""
    some = ", ".join(expected[:6])
    return refusal(
        file, sheet, "header_not_found",
        f"Row {row} must be the header ({some}, ...), but holds none of it: another form, or rows were added or "
        "deleted above the header.",
        f"В строке {row} должен быть заголовок ({some}, ...), но ничего из него там нет: это другая форма или над "
        "заголовком добавлены либо удалены строки.", row=row,
    )  # fmt: skip


def missing_header(
    file: str, sheet: str, expected: Sequence[str], near: str | None, position: int | None = None
) -> Finding:
    """A column of the form that is not there; perhaps it is the one called `near`, or the one at `position`."""
    also_en = f" (or: {', '.join(expected[1:])})" if len(expected) > 1 else ""
    also_ru = f" (или: {', '.join(expected[1:])})" if len(expected) > 1 else ""
    maybe_en, maybe_ru = _did_you_mean(near)
    if near is None and position is not None:
        maybe_en, maybe_ru = f" Is it column {position}?", f" Возможно, это столбец {position}?"
    return refusal(
        file, sheet, "missing_header",
        f"The column '{expected[0]}'{also_en} is missing.{maybe_en} Restore the column as in the form.",
        f"Нет столбца «{expected[0]}»{also_ru}.{maybe_ru} Восстановите столбец как в форме.", field=expected[0],
    )  # fmt: skip


def unknown_header(file: str, sheet: str, position: int, header: str, near: str | None) -> Finding:
    """A column that the form does not have; `header` is empty where it may be a cell of a row about a person."""
    maybe_en, maybe_ru = _did_you_mean(near)
    said_en, said_ru = (f", '{header}',", f", «{header}»,") if header else ("", "")
    return refusal(
        file, sheet, "unknown_header",
        f"Column {position}{said_en} is not part of the form.{maybe_en} Rename it as in the form, or delete it.",
        f"Столбца {position}{said_ru} нет в форме.{maybe_ru} Переименуйте его как в форме или удалите.",
        field=header, column=position,
    )  # fmt: skip


def _did_you_mean(near: str | None) -> tuple[str, str]:
    return (f" Did you mean '{near}'?", f" Возможно, это «{near}»?") if near else ("", "")


def two_headers(file: str, sheet: str, expected: str, positions: Sequence[int]) -> Finding:
    """Two columns for one of the form's."""
    where = ", ".join(map(str, positions))
    return refusal(
        file, sheet, "two_headers_for_one",
        f"Columns {where} both stand for '{expected}'; which one is right cannot be told. Leave one.",
        f"Столбцы {where} означают одно и то же: «{expected}»; какой верен, неизвестно. Оставьте один.",
        field=expected,
    )  # fmt: skip


def no_header(file: str, sheet: str, position: int) -> Finding:
    """Cells in a column without a header."""
    return refusal(
        file, sheet, "column_without_header",
        f"Column {position} has no header but is not empty. Give it the header of the form, or empty it.",
        f"У столбца {position} нет заголовка, но он не пуст. Дайте ему заголовок из формы или очистите его.",
        column=position,
    )  # fmt: skip


def unknown_kind(file: str, sheet: str, rows: Sequence[int], header: str, words: Sequence[str]) -> Finding:
    """Rows that do not say what they are; `rows` are their numbers."""
    named = ", ".join(map(str, rows[:20])) + (", ..." if len(rows) > 20 else "")
    expected = ", ".join(words)
    return refusal(
        file, sheet, "unknown_kind_of_row",
        f"Rows {named}: the cell under '{header}' must be one of: {expected}.",
        f"Строки {named}: в столбце «{header}» должно стоять одно из: {expected}.",
        row=rows[0], field=header, count=len(rows),
    )  # fmt: skip


def cell_of_other_kind(file: str, sheet: str, row: int) -> Finding:
    """Something stands where rows of this kind have nothing."""
    return Finding(
        file, sheet, row, "", "cell_of_other_kind", "quarantine",
        "A cell is filled under a header that is not for this kind of row. Empty it, or correct the kind.",
        "Заполнена ячейка в столбце, который не относится к этому виду записи. Очистите её или исправьте вид.",
    )  # fmt: skip


def unread_cell(file: str, sheet: str, row: int, column: str, header: str, en: str, ru: str) -> Finding:
    """A cell that is not empty and was not understood."""
    return Finding(
        file, sheet, row, column, "unreadable_cell", "quarantine",
        f"'{header}': the cell was not understood. Expected: {en}. Correct the cell, or leave it empty if it is "
        "not known.",
        f"«{header}»: значение не распознано. Ожидается: {ru}. Исправьте ячейку или оставьте пустой, если "
        "сведений нет.",
    )  # fmt: skip


def unread_column(file: str, sheet: str, column: str, header: str, en: str, ru: str, count: int) -> Finding:
    """So many cells of a column that the column was not understood."""
    return refusal(
        file, sheet, "unreadable_column",
        f"'{header}': {count} cells were not understood. Expected: {en}. Correct the column and send the file again.",
        f"«{header}»: не распознано ячеек: {count}. Ожидается: {ru}. Исправьте столбец и отправьте файл снова.",
        field=column, count=count,
    )  # fmt: skip


def no_totals(file: str, sheet: str, words: Sequence[str]) -> Finding:
    """The form ends with a row of totals and the sheet does not."""
    return refusal(
        file, sheet, "totals_row_missing",
        f"The last row must be the totals ('{words[0]}'): the sheet is cut off, or the row was deleted. Restore it.",
        f"Последней строкой должны быть итоги («{words[0]}»): лист обрывается или строка удалена. Восстановите её.",
    )  # fmt: skip


def totals_differ(file: str, sheet: str, row: int, header: str) -> Finding:
    """The row of totals says another number than the rows give."""
    return refusal(
        file, sheet, "totals_differ",
        f"'{header}': the total is not what the rows above give. Rows are missing, hidden or double, or the total "
        "is wrong; correct it.",
        f"«{header}»: итог не совпадает с суммой строк выше. Строки пропущены, скрыты или повторены, либо неверен "
        "итог; исправьте.", row=row, field=header,
    )  # fmt: skip


def before_form(file: str, period: str, first: str) -> Finding:
    """A quarter before the office agreed to this form."""
    return refusal(
        file, "", "before_the_form",
        f"The file is for {period}, but the form applies from {first}. Check the period in the file name.",
        f"Файл за {period}, а форма действует с {first}. Проверьте период в имени файла.",
    )  # fmt: skip


def other_period_in_title(file: str, sheet: str, period: str) -> Finding:
    """The heading of the sheet names another quarter."""
    return refusal(
        file, sheet, "wrong_period",
        f"The heading names another quarter than the file name ({period}). Correct whichever is wrong.",
        f"В заголовке листа указан другой квартал, чем в имени файла ({period}). Исправьте то, что неверно.",
    )  # fmt: skip


def wrong_period(file: str, period: str, rows: int) -> Finding:
    """Not one row lies in the quarter of the file."""
    return refusal(
        file, "", "wrong_period",
        f"None of its {rows} dated rows lies in {period}: this is the file of another quarter. Send it under its "
        "own period, or send the right file.",
        f"Ни одна из строк с датой ({rows}) не относится к {period}: это файл другого квартала. Отправьте его под "
        "верным периодом или отправьте нужный файл.", count=rows,
    )  # fmt: skip


def wrong_office(file: str, office: str, rows: int) -> Finding:
    """The codes are all another office's."""
    return refusal(
        file, "", "wrong_office",
        f"The codes in it are those of another office, none is of {office}. Put the file where it belongs.",
        f"Коды в файле принадлежат другому офису, кодов {office} нет. Поместите файл в папку того офиса.", count=rows,
    )  # fmt: skip
