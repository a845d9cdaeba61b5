"""The anonymity gate, second half: cells, titles, headers and sheet names that hold data about a named person.

SQL keeps back what is plainly fine for its column (a code that is understood, a day under a date, a reference
written as agreed); only the different texts that are left are looked at one by one. A hit refuses the file
before anything is staged. What is said of it is place, kind and number, never the text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from duckdb import DuckDBPyConnection

from indicators.calendars import Quarter
from indicators.facts import Column, facts
from pipelines.anonymity import kinds, personal_kind
from pipelines.blocks import Loaded, different_cells
from pipelines.cells import is_coded, literal, reader, understood
from pipelines.findings import Finding
from pipelines.forms import WHOLE, Contract, Form
from pipelines.identity import ID_PATTERN
from pipelines.layout import Place
from pipelines.personal_numbers import passport_pattern
from pipelines.personal_values import kind_of, kind_within, personal
from pipelines.readers import Grid
from pipelines.unread import example_day

RULE = "personal_data_value"
_ROWS_NAMED = 10
_RUNNING_NUMBER = "[0-9]{1,7}[.)]?"
_LISTED = re.compile(r" / |\n|,")
_OWN_ID = re.compile(ID_PATTERN)


def screen(
    con: DuckDBPyConnection, file: str, sheets: Sequence[Loaded], form: Form, contract: Contract
) -> list[Finding]:
    """One refusing finding for each column and kind of personal data in the cells of loaded sheets.

    Every column is looked at, those that are not read too.
    """
    return [finding for sheet in sheets for finding in _of_sheet(con, file, sheet, form)]


def above(file: str, grid: Grid, contract: Contract, period: str) -> list[Finding]:
    """One refusing finding for each title row and each header that holds personal data."""
    until, name = _end_of(period), grid.sheet.name
    titles = [(row, kind_of(title, until)) for row, title in enumerate(grid.titles, start=1)]
    headers = [
        (position, kind_of(header, until))
        for position, header in enumerate(grid.headers, start=1)
        if header not in contract.public_headers() and not personal_kind(header)
    ]
    return [
        *(_finding(file, name, f"Row {row} above the header", f"Строка {row} над заголовком", kind, row=row)
          for row, kind in titles if kind),
        *(_finding(file, name, f"The header of column {position}", f"Заголовок столбца {position}", kind)
          for position, kind in headers if kind),
    ]  # fmt: skip


def of_names(file: str, names: Sequence[str]) -> list[Finding]:
    """One refusing finding for each sheet of a workbook whose name holds personal data."""
    found = ((number, kind_of(name)) for number, name in enumerate(names, start=1))
    return [
        _finding(file, "", f"The name of sheet {number}", f"Название листа {number}", kind)
        for number, kind in found if kind
    ]  # fmt: skip


def of_notes(file: str, notes: Sequence[str], form: Form, period: str) -> list[Finding]:
    """One refusing finding for each kind of personal data in what stands in no cell of a workbook."""
    en, ru = "comments, properties, lists, page headers", "примечания, свойства, списки, колонтитулы"
    return [
        _finding(file, "", f"What stands beside the cells ({en}; {number})", f"Записи вне ячеек ({ru}; {number})", kind)
        for kind, number in sorted(_kinds_in(notes, form, period).items())
    ]


def of_own_sheet(file: str, sheet: str, texts: Iterable[str], form: Form, period: str) -> list[Finding]:
    """One refusing finding for each kind of personal data on a sheet that we put there and that is not read."""
    found = _kinds_in(dict.fromkeys(texts), form, period)
    return [
        _finding(file, sheet, "This sheet", "Этот лист", kind, number) for kind, number in sorted(found.items())
    ]  # fmt: skip


def _kinds_in(texts: Iterable[str], form: Form, period: str) -> Counter[str]:
    """What texts hold, some of which we wrote: an id of a finding or a place of a list is no name, nor our day a birth.

    Somebody may have answered within our own sentences, so these are looked at like all others.
    """
    day = example_day(form)
    words = {word for codes in form.words.values() for some in codes.values() for word in some}
    others = (
        _OWN_ID.sub(" ", text).replace(day, " ")
        for text in texts
        if not words.issuperset(_LISTED.split(text.strip('"')))
    )
    return Counter(kind for kind in (kind_within(text, _end_of(period)) for text in others) if kind)


def quotes_a_person(finding: Finding, grid: Grid) -> bool:
    """Whether a finding repeats a header of which the gate has spoken: it may be somebody's name."""
    quoted = (finding.field, *(h for h in grid.headers if h and f"'{h}'" in finding.message_en))
    return any(personal_kind(header) or kind_of(header) for header in quoted)


def _end_of(period: str) -> date | None:
    return None if period == WHOLE else Quarter.parse(period).end


def _of_sheet(con: DuckDBPyConnection, file: str, sheet: Loaded, form: Form) -> Iterator[Finding]:
    places = {position: place for place, position in sheet.columns}
    for position, texts in sorted(_left_over(con, sheet, places, form).items()):
        hits = personal(texts, _end_of(sheet.period), _without(places.get(position)))
        for kind, rows in sorted(_rows(con, sheet, position, hits).items()):
            named = ", ".join(map(str, rows[:_ROWS_NAMED])) + (", ..." if len(rows) > _ROWS_NAMED else "")
            found = _finding(
                file, sheet.grid.sheet.name, f"Column {position + 1} (rows {named})",
                f"Столбец {position + 1} (строки {named})", kind, len(rows),
            )  # fmt: skip
            yield replace(found, column=position + 1)


def _rows(con: DuckDBPyConnection, sheet: Loaded, position: int, hits: Mapping[str, str]) -> dict[str, list[int]]:
    """The numbers of the rows whose cell holds each kind, as the office sees them."""
    if not hits:
        return {}
    found: dict[str, list[int]] = {}
    rows = con.execute(
        f"SELECT k{position}, {sheet.row_number} FROM {sheet.table} "
        f"WHERE list_contains($hits::VARCHAR[], k{position}) ORDER BY rowid",
        {"hits": list(hits)},
    ).fetchall()
    for text, row in rows:
        found.setdefault(hits[text], []).append(row)
    return found


def _left_over(
    con: DuckDBPyConnection, sheet: Loaded, places: Mapping[int, Place], form: Form
) -> Mapping[int, Sequence[str]]:
    """By position, the different texts of a column that are not plainly fine for it."""
    found: dict[int, list[str]] = {}
    alike: dict[str, list[int]] = {}
    for position in range(len(sheet.grid.headers)):
        place = places.get(position)
        columns = _columns(place)
        if place and (place.role == "kind" or any(map(is_coded, columns))):
            found[position] = _not_understood(sheet, position, place, columns, form)
        else:
            fine = " OR ".join(_fine(place, column, form) for column in tuple(columns) or (None,))
            alike.setdefault(fine, []).append(position)
    # One query for all columns, and what is fine said once for columns of one kind: a small file would spend most of
    # its time on the planning.
    queries = (
        f"SELECT position, cell FROM ({different_cells(sheet.table, positions)}) WHERE NOT coalesce({fine}, false)"
        for fine, positions in alike.items()
    )
    for position, text in con.execute(" UNION ALL ".join(queries)).fetchall() if alike else ():
        found.setdefault(position, []).append(text)
    return found


def _columns(place: Place | None) -> list[Column]:
    """The columns of facts that a place feeds with its words; flags have none of their own."""
    uses = place.uses if place else ()
    return [facts()[use.block.fact].columns[use.column] for use in uses if use.code is None]


def _not_understood(sheet: Loaded, position: int, place: Place, columns: Sequence[Column], form: Form) -> list[str]:
    """The whole cells of a coded column with a part that no code list of the column knows."""
    cells = sheet.words[position]
    fine = {
        cell for column in filter(is_coded, columns) for cell in understood(column, cells, form, sheet.period).known
    }
    if place.role == "kind":
        kinds_of_rows = {form.fold(word) for block in sheet.grid.sheet.blocks for word in block.kind}
        fine |= {cell for cell in cells if form.fold(cell) in kinds_of_rows}
    return [cell for cell in cells if cell not in fine]


def _fine(place: Place | None, column: Column | None, form: Form) -> str:
    """SQL: whether a text is plainly fine: a number, a day, a reference written as agreed."""
    if column is None:
        is_numbering = place is not None and place.role == "numbering"
        return f"regexp_full_match(cell, '{_RUNNING_NUMBER}')" if is_numbering else "false"
    value = reader(column, "cell", form).value
    if column.type in ("ref", "text"):
        if not column.pattern:
            return "false"
        is_agreed = f"regexp_full_match({value}, {literal(column.pattern)})"
        return f"({is_agreed} AND NOT regexp_full_match({value}, {literal(passport_pattern())}))"
    if column.maximum is not None:
        return f"({value} <= {column.maximum})"
    return f"({value} IS NOT NULL)"


def _without(place: Place | None) -> frozenset[str]:
    """Kinds that a column may hold: days under a date are no births, and a public number is an institution's."""
    columns = _columns(place)
    birth = {"birth"} if any(column.type == "date" for column in columns) else set()
    return frozenset(birth | ({"phone"} if place and place.is_public else set()))


def _finding(file: str, sheet: str, en: str, ru: str, kind: str, number: int = 0, row: int | None = None) -> Finding:
    said = kinds()[kind]
    cells_en, cells_ru = (f" (cells: {number})", f" (ячеек: {number})") if number else ("", "")
    what: dict[str, Any] = {"count": number or 1}
    return Finding(
        file, sheet, row, "", RULE, "refuse",
        f"{en} seems to hold {said.en}{cells_en}. Expected: codes and words of the form alone. Personal data must "
        "never leave the office: take it out and send the file again. Nothing of this file was stored.",
        f"{ru}: похоже, здесь {said.ru}{cells_ru}. Ожидаются только коды и слова формы. Персональные данные не должны "
        "покидать офис: удалите их и отправьте файл снова. Из этого файла ничего не сохранено.", **what,
    )  # fmt: skip
