"""The sentences of the return workbook, each in Russian and English."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Both = tuple[str, str]

TITLE: Both = ("Замечания к файлу", "What was found in the file")
HEADINGS: tuple[Both, ...] = (
    ("Номер", "Id"), ("Важность", "Severity"), ("Лист", "Sheet"), ("Ячейка", "Cell"), ("Строка", "Row"),
    ("Столбец", "Column"), ("Что не так и что сделать", "по-русски"), ("What is wrong and what to do", "in English"),
    ("Сколько", "Count"),
)  # fmt: skip
OFFICE: Both = ("Офис", "Office")
FILE: Both = ("Файл", "File")
FORM: Both = ("Форма", "Form")
PERIOD: Both = ("Период", "Period")
OUTCOME: Both = ("Что стало с файлом", "What became of the file")
ROWS: Both = ("Строк учтено / задержано", "Rows taken / held back")
SINCE: Both = ("С прошлого раза", "Since the last try")
NEXT: Both = ("Что делать дальше", "What to do next")
FOUND: Both = ("Замечаний", "Findings")
REGION: Both = ("Регион", "Region")
PRESENT, MISSING, TWICE, UNKNOWN, PERSONAL = (
    "", "НЕТ В ФАЙЛЕ / MISSING", "ДВАЖДЫ / TWICE", "НЕТ В ФОРМЕ / NOT IN THE FORM", "ЛИЧНЫЕ ДАННЫЕ / PERSONAL DATA",
)  # fmt: skip
HEADERS_TITLE: Both = ("Заголовки, которые требует форма, по порядку", "The headers of the form, in order")
HEADERS: tuple[Both, ...] = (
    ("Лист", "Sheet"), ("Столбец", "Column"), ("Заголовок формы", "Header of the form"),
    ("Также принимается", "Also accepted"), ("Что с ним", "State"),
)  # fmt: skip


@dataclass(frozen=True)
class About:
    """What the first sheet says of a file beside its findings.

    `place` is the country's code, or a name. `fixed`, `left` and `new` compare the findings with those of the
    office's last try, None for a first one. `may_copy` says that the anonymity gate looked at every cell and
    let the file pass; without it no cell of the office is repeated.
    """

    office: str
    place: str
    file_name: str
    slot: str
    period: str
    status: Literal["accepted", "refused"]
    rows_taken: int = 0
    rows_held: int = 0
    fixed: int | None = None
    left: int | None = None
    new: int | None = None
    may_copy: bool = False


def both(words: Both, mark: str = " / ") -> str:
    """The Russian and the English words in one line."""
    return mark.join(words)


def place_name(place: str) -> Both:
    """The country in words."""
    from indicators.facts import codelists

    code = codelists()["country"].codes.get(place)
    if code is not None:
        return code.label["ru"], code.label["en"]
    return REGION if place == "CA" else (place, place)


def outcome(about: About) -> Both:
    """What became of the file, in one sentence."""
    if about.status == "refused":
        return "Файл не принят: из него ничего не сохранено.", "The file was refused: nothing of it is stored."
    if about.rows_held:
        return (
            f"Файл принят частично: учтено строк: {about.rows_taken}, задержано: {about.rows_held}; задержанные не "
            "входят ни в один показатель, пока не исправлены.",
            f"The file was accepted in part: rows taken: {about.rows_taken}, held back: {about.rows_held}; rows held "
            "back are in no figure until they are put right.",
        )
    return (
        f"Файл принят: учтено строк: {about.rows_taken}. Предупреждения ниже стоит проверить.",
        f"The file was accepted: rows taken: {about.rows_taken}. The warnings below are worth a look.",
    )


def what_next(about: About, has_tables: bool, is_extract: bool) -> Both:
    """What the office does now."""
    if is_extract:
        return (
            "В файле слишком много строк, чтобы вернуть их все: на листе ниже только строки с замечаниями, их номера "
            f"стоят в первом столбце. Исправьте свой файл и отправьте его снова под именем {about.file_name}.",
            "The file has too many rows to give them all back: the sheet has those with findings alone, their numbers "
            f"stand in its first column. Correct your own file and send it again under the name {about.file_name}.",
        )
    if has_tables:
        return _correct_here(about)
    return (
        "Строки вашего файла здесь не повторены: он не был прочитан до конца или не прошёл проверку на персональные "
        f"данные. Исправьте свой файл и отправьте его снова под именем {about.file_name}.",
        "The rows of your file are not repeated here: it was not read to the end, or did not pass the check for "
        f"personal data. Correct your own file and send it again under the name {about.file_name}.",
    )


def _correct_here(about: About) -> Both:
    here, own = Path(about.file_name).with_suffix(".xlsx").name, about.file_name
    name_ru = f"под именем {here}" if here == own else f"под именем {here} (свой файл: {own}); отправьте один из двух"
    name_en = f"under the name {here}" if here == own else f"under the name {here} (your own file: {own}); send one"
    return (
        "Исправьте закрашенные ячейки здесь или в своём файле: замечание стоит в примечании к ячейке. Формулы здесь "
        f"заменены их значениями. Сохраните и отправьте файл снова {name_ru}. Этот лист, цвет и примечания можно "
        "оставить: они не читаются.",
        "Correct the coloured cells here or in your own file: the comment of a cell says what is wrong. Formulas stand "
        f"here as their values. Save the file and send it again {name_en}. This sheet, the colours and the comments "
        "may stay: they are not read.",
    )
