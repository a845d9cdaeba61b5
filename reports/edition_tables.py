"""Every table of an edition as CSV, in one ZIP file: all that is published, for whoever wants to count on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reports import format as form
from reports.csv_text import csv_bytes
from reports.edition import SHOWN, TABLES, Edition
from reports.zip_file import zipped

README = {
    "en": """# Edition {edition}, data until {until}

Each file below `data` is a table of the edition as it was published; `docs/edition.md` of the programme's software
describes every column.

- A figure without a value is not zero: `status` says why there is none (suppressed, not_reported, unknown, undefined).
- Persons of a year and of the region are counted again; quarters of persons must not be added up.
- Shares are fractions of 1. Several codes in a cell are parted by spaces.
- Texts that could start a formula in a spreadsheet have an apostrophe before them.
""",
    "ru": """# Выпуск {edition}, данные по {until}

Каждый файл в папке `data` — таблица выпуска в том виде, в каком она опубликована; столбцы описаны в документации
программы (`docs/edition.md`).

- Значение без числа — не ноль; почему числа нет, сказано в `status`: suppressed (скрыто для защиты людей), not_reported
  (нет отчёта), unknown (не учтено), undefined (доля от нуля).
- Лица за год и по региону посчитаны заново; кварталы лиц складывать нельзя.
- Доли записаны как часть единицы. Несколько кодов в ячейке разделены пробелом.
- Перед текстом, который таблица могла бы принять за формулу, стоит апостроф.
""",
}
# Columns that hold a number only where the status beside them says that it is shown.
_GUARDED: dict[str, dict[str, tuple[str, ...]]] = {
    "figures": {"status": ("value", "numerator", "denominator")},
    "restatements": {
        f"{side}_status": tuple(f"{side}_{name}" for name in ("value", "numerator", "denominator"))
        for side in ("old", "new")
    },
}


def tables_zip(edition: Edition) -> bytes:
    """The ZIP file, the same bytes whenever it is asked of the same edition."""
    about = edition.about()
    files = {"README.md": "\n".join(_readme(about, language) for language in README).encode()}
    held = edition.tables()
    return zipped({**files, **{f"data/{table}.csv": _csv(edition, table) for table in TABLES if table in held}})


def _readme(about: dict[str, Any], language: str) -> str:
    until = form.day(about["data_until"], language) if about["data_until"] else "–"
    return README[language].format(edition=about["edition_id"], until=until)


def _csv(edition: Edition, table: str) -> bytes:
    rows = edition.rows(f"SELECT * {_replaced(table)} FROM {table} ORDER BY ALL")
    header = list(rows[0]) if rows else list(TABLES[table])
    return csv_bytes(header, (list(_cells(row)) for row in rows))


def _replaced(table: str) -> str:
    """A hidden number must not leave even if a publisher left one in its row."""
    masked = [
        f"CASE WHEN {status} = '{SHOWN}' THEN {name} END AS {name}"
        for status, names in _GUARDED.get(table, {}).items()
        for name in names
    ]
    return f"REPLACE ({', '.join(masked)})" if masked else ""


def _cells(row: dict[str, Any]) -> Iterator[Any]:
    for cell in row.values():
        yield " ".join(map(str, cell)) if isinstance(cell, list) else cell
