"""What intake says of a whole file or a broken rule, in English and Russian; never a value of a row."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipelines.contracts import Contract
from pipelines.findings import Finding
from pipelines.rules import Rule

# Findings name this many rows for each rule; the rest is one more finding with their number. The
# quarantine has every row.
ROWS_NAMED = 200


def _whole_file(file_name: str, rule: str, en: str, ru: str) -> Finding:
    return Finding(file_name, "", None, "", rule, "refuse", en, ru)


def unknown_name(contract: Contract, file_name: str) -> Finding:
    """No form of the office has a file of this name."""
    expected = ", ".join(slot.file_pattern for slot in contract.slots.values())
    return _whole_file(
        file_name, "unknown_file_name",
        f"{contract.office} sends no file of this name. Rename it to one of: {expected}; "
        "a period is written like 2010-Q4.",
        f"{contract.office}: файл с таким именем не ожидается. Переименуйте его по образцу: {expected}; "
        "период пишется так: 2010-Q4.",
    )  # fmt: skip


def unknown_office(folder: str, offices: Sequence[str]) -> Finding:
    """A folder beside those of the offices."""
    expected = ", ".join(offices)
    return _whole_file(
        folder, "unknown_office",
        f"No office has a folder of this name. Put its files into one of: {expected}.",
        f"Офиса с такой папкой нет. Поместите файлы в одну из папок: {expected}.",
    )  # fmt: skip


def still_written(file_name: str) -> Finding:
    """The file changed a moment ago, or while it was read."""
    return _whole_file(
        file_name, "still_being_written",
        "The file was still being copied. Try again when the copy is complete.",
        "Файл ещё копировался. Повторите, когда копирование закончится.",
    )  # fmt: skip


def unreadable(file_name: str, error: OSError) -> Finding:
    """The operating system does not give the file out."""
    return _whole_file(
        file_name, "unreadable_file",
        f"The file cannot be opened ({error.strerror or type(error).__name__}). Check its rights and copy it again.",
        f"Файл не открывается ({error.strerror or type(error).__name__}). Проверьте права и скопируйте его снова.",
    )  # fmt: skip


def reader_failed(file_name: str, fault: Exception) -> Finding:
    """The program failed on the file. Its own words may quote a cell, so only kind and place are told."""
    last = traceback.extract_tb(fault.__traceback__)[-1]
    where = f"{type(fault).__name__}, {Path(last.filename).name}:{last.lineno}"
    return _whole_file(
        file_name, "reader_failed",
        f"The program failed while reading this file ({where}). Nothing of it was stored. Report this with the file "
        "name; a copy of the office's form filled in anew may go through.",
        f"Программа не смогла прочитать этот файл ({where}). Из него ничего не сохранено. Сообщите об этом с именем "
        "файла; заново заполненная форма офиса может быть принята.",
    )  # fmt: skip


def two_files(file_name: str, others: Sequence[str]) -> Finding:
    """Several files for one slot and period: which of them counts is not for the program to guess."""
    return _whole_file(
        file_name, "two_files_for_one",
        f"Several files are for the same form and period (also {', '.join(others)}). Leave only the right one.",
        f"Для одной формы и одного периода есть несколько файлов (ещё {', '.join(others)}). Оставьте один верный.",
    )  # fmt: skip


def replaced(file_name: str) -> Finding:
    """The bytes are those of a file that a later one replaced."""
    return _whole_file(
        file_name, "replaced_before",
        "This very file was accepted earlier and then replaced by a later one. Send the latest file; if the older "
        "one is right after all, take it in again with a reason (esep ingest --reinstate).",
        "Именно этот файл уже принимался и был заменён более поздним. Отправьте последний файл; если всё же верен "
        "прежний, примите его повторно с указанием причины (esep ingest --reinstate).",
    )  # fmt: skip


def too_many_held(file_name: str, held: int, rows: int) -> Finding:
    """So many rows are wrong that the file is."""
    return _whole_file(
        file_name, "too_many_rows_held",
        f"{held} of {rows} rows would be held back, more than half: the file itself is wrong. Correct it and send "
        "it again; nothing of it was stored.",
        f"Пришлось бы задержать {held} из {rows} строк, больше половины: неверен сам файл. Исправьте и отправьте "
        "его снова; из него ничего не сохранено.",
    )  # fmt: skip


def rule_broken(
    file_name: str, rule: Rule, rows: Sequence[tuple[str, int, int | None]], number: int
) -> Iterator[Finding]:
    """One finding for each of the first ROWS_NAMED rows that break a rule, and one for the rest of the `number`.

    A row is its sheet, its number and the position of the rule's column on the sheet.
    """
    named = rows[:ROWS_NAMED]
    for sheet, row, column in named:
        yield Finding(
            file_name, sheet or "", row, rule.column, rule.id, rule.severity, rule.message_en, rule.message_ru,
            column=column,
        )  # fmt: skip
    rest = number - len(named)
    if rest > 0:
        yield Finding(
            file_name, "", None, rule.column, rule.id, rule.severity,
            f"{rule.message_en} (and in {rest} more rows)", f"{rule.message_ru} (и ещё в строках: {rest})", rest,
        )  # fmt: skip
