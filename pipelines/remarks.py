"""What the tolerances of a form say: what was put right or left out, and refusals that name the cause.

As in `pipelines.complaints` headers may be quoted, cells never.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.complaints import refusal
from pipelines.findings import Finding


def converted_twice(file: str, declared: Sequence[str]) -> Finding:
    """Text that a program took for another encoding and saved again."""
    names = " / ".join(declared)
    return refusal(
        file, "", "wrong_encoding",
        "The letters were converted twice: a program took the file for another encoding and saved it anew, so words "
        f"like 'Îñòàòêè' stand in it. Export it again from the source, in {names}.",
        "Буквы перекодированы дважды: программа приняла файл за файл в другой кодировке и сохранила его заново, "
        f"поэтому в нём слова вида «Îñòàòêè». Выгрузите его заново из источника, в кодировке {names}.",
    )  # fmt: skip


def header_moved(file: str, sheet: str, row: int, expected: int) -> Finding:
    """The header was found in another row than the form has it."""
    return Finding(
        file, sheet, row, "", "header_moved", "warn",
        f"The header stands in row {row}; the form has it in row {expected}. It was read from where it stands; please "
        "keep to the form.",
        f"Заголовок стоит в строке {row}, а по форме — в строке {expected}. Он прочитан там, где стоит; просим "
        "придерживаться формы.",
    )  # fmt: skip


def header_elsewhere(file: str, sheet: str, row: int, expected: int) -> Finding:
    """The header stands in another row, and the form does not let it."""
    return refusal(
        file, sheet, "header_not_found",
        f"Row {expected} must be the header, but it stands in row {row}: rows were added or deleted above it, or the "
        "table was sorted with its header. Restore the rows as in the form.",
        f"Заголовок должен быть в строке {expected}, а стоит в строке {row}: над ним добавлены или удалены строки "
        "либо таблица отсортирована вместе с заголовком. Восстановите строки как в форме.", row=expected,
    )  # fmt: skip


def rows_above_header(file: str, sheet: str, row: int) -> Finding:
    """A row above the header that looks like a row of data."""
    return refusal(
        file, sheet, "rows_above_header",
        f"Row {row} stands above the header and looks like a row of data: the table was probably sorted with its "
        "header. Put the header above all rows.",
        f"Строка {row} стоит над заголовком и похожа на строку данных: вероятно, таблицу отсортировали вместе с "
        "заголовком. Поставьте заголовок над всеми строками.", row=row,
    )  # fmt: skip


def totals_undeclared(file: str, sheet: str, row: int) -> Finding:
    """A row of totals or subtotals where the form has none."""
    return Finding(
        file, sheet, row, "", "totals_row_undeclared", "quarantine",
        "The row begins with a word for totals: it is no row of data and was not taken. Delete totals and subtotals; "
        "the form does not have them here.",
        "Строка начинается со слова «итого» или подобного: это не строка данных, она не учтена. Удалите итоги и "
        "промежуточные итоги: в форме их здесь нет.",
    )  # fmt: skip


def footnote_row(file: str, sheet: str, row: int, is_agreed: bool) -> Finding:
    """A row at the foot of the table that is a note."""
    return Finding(
        file, sheet, row, "", "footnote_row", "warn" if is_agreed else "quarantine",
        "The row below the table is a footnote, no row of data; it was not taken. Nothing in it is read or stored.",
        "Строка под таблицей — сноска, а не строка данных; она не учтена. Её содержание не читается и не хранится.",
    )  # fmt: skip


def filled_down(file: str, sheet: str, header: str, row: int, count: int) -> Finding:
    """Empty cells that took the value above."""
    return Finding(
        file, sheet, row, header, "filled_from_above", "warn",
        f"'{header}': {count} empty cells took the value of the cell above, as the form allows; the first is in row "
        f"{row}. Check that none was left out by mistake.",
        f"«{header}»: пустых ячеек, взявших значение из ячейки выше, как допускает форма: {count}; первая в строке "
        f"{row}. Проверьте, что ни одна не пропущена по ошибке.", count,
    )  # fmt: skip
