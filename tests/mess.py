"""The kinds of mess of real office files, each a change of a clean file, and what must become of it.

The numbers are those of the list of what offices, ministries and open data portals really send; what the list
names at its end has the number 0. A kind looks at what a contract declares, never at its name, so that a new office
gets every kind that its form can have. `python -m tests.mess --write` writes the golden record of all of them anew.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import tempfile
import tomllib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from indicators.calendars import Quarter
from indicators.facts import codelists, facts
from pipelines.anonymity import personal_kind
from pipelines.cells import word_codes
from pipelines.encodings import is_utf8
from pipelines.folding import APOSTROPHE_SIGNS, APOSTROPHES, CYRILLIC, HOMOGLYPHS, LATIN
from pipelines.forms import (
    BILINGUAL_HEADERS,
    EXCEL_SERIAL,
    FOOTNOTES,
    LEADING_ZEROS,
    MOVED_HEADER,
    PERIOD_IN_NAME,
    SUB_HEADER,
)
from pipelines.layout import layout
from pipelines.rules import rules_for
from pipelines.vocabulary import WORDS, totals_words
from pipelines.warehouse import open_warehouse
from pipelines.writers import as_text
from tests.databases import make_quick
from tests.mess_tools import Draft, Read, Spot, Where, a_spot, draft, read, slots, spots


@dataclass(frozen=True)
class Outcome:
    """What must become of a messy file.

    `understood`: the rows are those of the clean file. `finding`: the rows concerned are named, all others are those
    of the clean file. `refusal`: the file stays out. `rules` are the rules that are told; one that begins with a point
    is the end of a row rule's id. Nothing else is told.
    """

    kind: str
    rules: frozenset[str]


def understood(*warnings: str) -> Outcome:
    return Outcome("understood", frozenset(warnings))


def finding(*rules: str) -> Outcome:
    return Outcome("finding", frozenset(rules))


def refusal(*rules: str) -> Outcome:
    return Outcome("refusal", frozenset(rules))


def read_if(condition: object, otherwise: Outcome) -> Outcome:
    return understood() if condition else otherwise


@dataclass(frozen=True)
class Messed:
    """A messy file beside the clean one that says the same.

    `was` and `now` are the rows concerned in the one and in the other.
    """

    clean: Draft
    messy: Draft
    outcome: Outcome
    was: frozenset[Where] = frozenset()
    now: frozenset[Where] = frozenset()


@dataclass(frozen=True)
class Kind:
    """One kind of mess: `mess` makes it of a clean file, or gives None where the form cannot have it.

    The shapes of a kind take turns: every file has some of them, so that the tests stay quick.
    """

    number: int
    name: str
    mess: Callable[[Draft], Messed | None]
    turn: int = 0
    turns: int = 1


# Kinds that no file of these forms can have, with the reason.
NOT_EXPRESSIBLE = {
    24: "running totals in columns of quarters: every form has a row for an event or a record, none has such columns; "
    "a count that was added up over the quarters is a number like any other",
    33: "one person under two case codes: without names nothing in the rows can show it; only the office can",
}

KINDS: list[Kind] = []
Mess = Callable[[Draft], Messed | None]
MOST_TURNS = 6


def kind(number: int, name: str) -> Callable[[Mess], Mess]:
    def add(mess: Mess) -> Mess:
        KINDS.append(Kind(number, name, mess))
        return mess

    return add


def kinds_for(number: int, names: Collection[str]) -> Callable[[Callable[[Draft, str], Messed | None]], None]:
    """A kind in several shapes, each under its own name."""

    def add(mess: Callable[[Draft, str], Messed | None]) -> None:
        turns = min(len(names), MOST_TURNS) if len(names) > 2 else 1
        for turn, name in enumerate(names):
            called = f"{mess.__name__.replace('_', ' ')}: {name}"
            KINDS.append(Kind(number, called, partial(_in_shape, mess, name), turn % turns, turns))

    return add


def _in_shape(mess: Callable[[Draft, str], Messed | None], shape: str, one: Draft) -> Messed | None:
    return mess(one, shape)


def made(kind: Kind) -> list[Messed]:
    """The files that can have a kind of mess: where form, encoding and sample have a place for it."""
    cases = (kind.mess(draft(contract, slot, kind.name)) for contract, slot in slots())
    found = [case for case in cases if case is not None and _can_be_written(case.messy)]
    return found if len(found) <= kind.turns else found[kind.turn :: kind.turns]


def _can_be_written(one: Draft) -> bool:
    try:
        return bool(one.content)
    except UnicodeEncodeError:
        return False


# Cells


def in_cell(
    one: Draft, wanted: Callable[[Spot], bool], clean: Any, messy: Any, outcome: Callable[[Spot], Outcome]
) -> Messed | None:
    """Another value in some cell; values may be made from the cell they replace."""
    spot = a_spot(one, wanted)
    if spot is None:
        return None
    before = clean(spot) if callable(clean) else clean
    after = messy(spot) if callable(messy) else messy
    where = frozenset([spot.where])
    return Messed(one.put(spot, before), one.put(spot, after), outcome(spot), where, where)


def as_it_is(spot: Spot) -> Any:
    return spot.value


def is_filled(*types: str) -> Callable[[Spot], bool]:
    return lambda spot: spot.value is not None and spot.column.type in types


def is_optional(spot: Spot) -> bool:
    """Whether a cell may be empty without its row saying nothing."""
    return spot.value is not None and not spot.column.required and not spot.use.block.times


def unreadable(spot: Spot) -> Outcome:
    return finding("unreadable_cell")


def day_as(how: str) -> Callable[[Spot], str]:
    return lambda spot: spot.value.strftime(how)


# 1-5: encodings


def in_encoding(one: Draft, encoding: str) -> Messed | None:
    """The file in another encoding, where that has all its letters and they differ in it."""
    if not one.is_csv:
        return None
    text = one.content.decode(one.form.encodings[0])
    try:
        content = text.encode(encoding)
    except UnicodeEncodeError:
        return None
    if content.isascii() and encoding != "utf-16":
        return None
    own = {name for name in one.slot.form.encodings if is_utf8(name) == is_utf8(encoding)}
    is_declared = own if is_utf8(encoding) else encoding in own
    return Messed(one, replace(one, spoil=lambda _: content), read_if(is_declared, refusal("wrong_encoding")))


@kinds_for(1, ["cp1251"])
def another_encoding(one: Draft, encoding: str) -> Messed | None:
    return in_encoding(one, encoding)


@kinds_for(2, ["utf-8-sig", "utf-8"])
def utf_8_with_a_mark_or_without(one: Draft, encoding: str) -> Messed | None:
    return in_encoding(one, encoding)


@kinds_for(3, ["mac_cyrillic", "utf-16"])
def encoding_of_another_system(one: Draft, encoding: str) -> Messed | None:
    return in_encoding(one, encoding)


@kinds_for(4, ["cp866", "koi8-r"])
def encoding_of_an_old_program(one: Draft, encoding: str) -> Messed | None:
    return in_encoding(one, encoding)


@kinds_for(5, ["cp1251 latin-1", "utf-8 cp1252"])
def converted_twice(one: Draft, way: str) -> Messed | None:
    real, taken_for = way.split()
    words = " ".join(header for header in one.sheets[0].headers)
    if not one.is_csv or words.isascii():
        return None
    text = one.content.decode(one.form.encodings[0]).lstrip("\ufeff")
    try:
        content = text.encode(real).decode(taken_for, "replace").encode("utf-8")
    except UnicodeEncodeError:
        return None
    return Messed(one, replace(one, spoil=lambda _: content), refusal("wrong_encoding"))


# 6-8: ends of lines and signs between cells


def respelt(one: Draft, change: Callable[[str], str]) -> Draft:
    name = one.form.encodings[0]
    return replace(one, spoil=lambda content: change(content.decode(name)).encode(name))


@kind(6, "ends of lines of an old system")
def ends_of_lines(one: Draft) -> Messed | None:
    return Messed(one, respelt(one, lambda text: text.replace("\r\n", "\r")), understood()) if one.is_csv else None


@kind(6, "a stray end of line within a row")
def stray_end_of_line(one: Draft) -> Messed | None:
    if not one.is_csv or not one.sheets[0].rows or len(one.sheets[0].headers) < 2:
        return None
    sign = one.form.delimiter

    def change(text: str) -> str:
        header, row, rest = text.split("\r\n", 2)
        return "\r\n".join([header, row.replace(sign, f"\r{sign}", 1), rest])

    return Messed(one, respelt(one, change), refusal("ragged_row"))


@kind(7, "separated by tabs")
def tabs(one: Draft) -> Messed | None:
    return separated(one, "\t", one.form.decimal)


@kind(8, "separated by semicolons, with decimal commas")
def semicolons(one: Draft) -> Messed | None:
    return separated(one, ";", ",")


def separated(one: Draft, sign: str, decimal: str) -> Messed | None:
    if not one.is_csv:
        return None
    decimals = any(isinstance(spot.value, Decimal) and spot.value % 1 for spot in spots(one))
    misread = decimals and decimal != one.slot.form.decimal
    if misread:
        return None
    is_declared = sign in one.slot.form.delimiters
    messy = one.written_as(delimiters=(sign,), decimal=decimal)
    return Messed(one, messy, read_if(is_declared, refusal("wrong_delimiter")))


# 9-10: numbers and codes in digits


@kinds_for(9, ["\u00a0", "\u202f"])
def thousands_apart(one: Draft, space: str) -> Messed | None:
    is_read = " " in one.slot.form.thousands
    return in_cell(
        one, is_filled("integer"), 1088, f"1{space}088", lambda spot: read_if(is_read, unreadable(spot))
    )  # fmt: skip


@kind(10, "a number with a leading zero")
def zero_before_a_number(one: Draft) -> Messed | None:
    return in_cell(one, is_filled("integer"), as_it_is, lambda spot: f"0{spot.value}", lambda _: understood())


@kind(10, "a code that lost its leading zero")
def code_without_its_zero(one: Draft) -> Messed | None:
    is_read = LEADING_ZEROS in one.slot.form.tolerates
    return in_cell(
        one, lambda spot: is_filled("code")(spot) and bool(re.fullmatch("0+[1-9]", str(spot.value))), as_it_is,
        lambda spot: int(spot.value), lambda spot: read_if(is_read, unreadable(spot)),
    )  # fmt: skip


# 11-14: days and quarters


@kind(11, "a day as a number of Excel")
def serial_day(one: Draft) -> Messed | None:
    is_read = EXCEL_SERIAL in one.slot.form.dates
    return in_cell(
        one, is_filled("date"), as_it_is, lambda spot: (spot.value - date(1899, 12, 30)).days,
        lambda spot: read_if(is_read, unreadable(spot)),
    )  # fmt: skip


@kinds_for(12, ["%d/%m/%y", "%d.%m.%y", "%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y"])
def day_in_another_form(one: Draft, how: str) -> Messed | None:
    is_read = how in one.slot.form.dates
    return in_cell(one, is_filled("date"), as_it_is, day_as(how), lambda spot: read_if(is_read, unreadable(spot)))


MONTHS = tomllib.loads(WORDS.read_text(encoding="utf-8"))["months"]


def in_words(one: Draft, how: str, words: Sequence[str], spot: Spot) -> Messed:
    word = one.chance.choice(list(words))
    cell = spot.value.strftime(how.replace("%B", word))
    is_read = how in one.slot.form.dates and word in one.slot.form.months
    where = frozenset([spot.where])
    return Messed(one, one.put(spot, cell), read_if(is_read, finding("unreadable_cell")), where, where)


@kind(12, "a day with year first and a Kazakh month")
def kazakh_day(one: Draft) -> Messed | None:
    spot = a_spot(one, is_filled("date"))
    return None if spot is None else in_words(one, "%Y ж. %d %B", MONTHS["kk"][spot.value.month - 1], spot)


@kinds_for(13, [*MONTHS, "a slip"])
def month_in_words(one: Draft, language: str) -> Messed | None:
    spot = a_spot(one, is_filled("date"))
    if spot is None:
        return None
    words = ["августейший"] if language == "a slip" else MONTHS[language][spot.value.month - 1]
    return in_words(one, "%d %B %Y", words, spot)


QUARTERS = [
    "{r} кв. {y}", "{n}-й квартал {y} года", "{n}-чейрек {y}", "{r} тоқсан {y}", "{k} тоқсан {y}", "{n}-nji çärýek {y}",
    "{n}-chorak {y}", "Ч{n} {y}", "Q{n} {y}",
]  # fmt: skip


@kinds_for(14, ["the same", "another"])
def quarter_in_words(one: Draft, which: str) -> Messed | None:
    """In a title that names the quarter; where the form has none, in a row above its header."""
    quarter = Quarter.parse(one.period)
    number = quarter.number if which == "the same" else quarter.number % 4 + 1
    roman = ("I", "II", "III", "IV")[number - 1]
    said = one.chance.choice(QUARTERS).format(n=number, r=roman, k=roman.replace("I", "\u0406"), y=quarter.year)
    for position, sheet in enumerate(one.slot.sheets):
        titles = [title.replace(PERIOD_IN_NAME, said) for title in sheet.titles]
        if any(PERIOD_IN_NAME in title for title in sheet.titles):
            messy = one.with_sheet(position, titles=tuple(titles))
            return Messed(one, messy, read_if(which == "the same", refusal("wrong_period")))
    if MOVED_HEADER not in one.slot.form.tolerates:
        return None
    moved = above(one, [[f"Отчётный период: {said}"]])
    outcome = understood("header_moved") if which == "the same" else refusal("wrong_period", "header_moved")
    return moved and replace(moved, outcome=outcome)


# 15-19: headers


def above(one: Draft, rows: Sequence[Sequence[str]]) -> Messed | None:
    """Rows above the header of the first sheet; they count when rows are numbered."""
    sheet = one.sheets[0]
    if len(layout(one.slot.sheets[0])) < 2:
        return None
    messy = one.with_sheet(0, above=tuple(map(tuple, rows)))
    clean_rows = {(sheet.name, number + sheet.header_rows + sheet.top + 1) for number in range(len(sheet.rows))}
    shifted = {(name, number + len(rows)) for name, number in clean_rows}
    is_read = MOVED_HEADER in one.slot.form.tolerates
    outcome = understood("header_moved") if is_read else refusal("header_not_found")
    if is_read and max(sum(map(bool, row)) for row in rows) > len(layout(one.slot.sheets[0])) // 2:
        # Two cells over a table of two columns may be a row of it: better sent again than left out.
        outcome = refusal("rows_above_header")
    return Messed(one, messy, outcome, frozenset(clean_rows), frozenset(shifted))


@kind(15, "title rows and a report number above the header")
def titles(one: Draft) -> Messed | None:
    return above(one, [["Форма № 7"], ["Сведения за отчётный период"], [""]])


@kind(16, "a row of headings above the header")
def headings(one: Draft) -> Messed | None:
    return above(one, [["Общие сведения", "", "Подробно"]])


@kind(17, "line breaks and double blanks in a header")
def broken_header(one: Draft) -> Messed | None:
    return with_header(one, lambda header: " " in header, lambda header: header.replace(" ", "  \n"), understood())


@kind(18, "a header in two languages")
def bilingual_header(one: Draft) -> Messed | None:
    is_read = BILINGUAL_HEADERS in one.slot.form.tolerates
    return with_header(
        one, lambda header: not personal_kind(f"{header} / Category"), lambda header: f"{header} / Category",
        read_if(is_read, refusal("unknown_header", "missing_header")),
    )  # fmt: skip


@kind(19, "a row of system names above the header")
def system_names(one: Draft) -> Messed | None:
    names = [place.uses[0].column if place.uses else "n" for place in layout(one.slot.sheets[0])]
    moved = above(one, [names])
    is_read = MOVED_HEADER in one.slot.form.tolerates
    return moved and replace(moved, outcome=understood("header_moved") if is_read else moved.outcome)


def with_header(
    one: Draft, wanted: Callable[[str], bool], change: Callable[[str], str], outcome: Outcome
) -> Messed | None:
    """Another spelling of some header that stands in one row."""
    found = [
        (number, position) for number, sheet in enumerate(one.sheets) for position, header in enumerate(sheet.headers)
        if SUB_HEADER not in header and wanted(header) and change(header) != header
    ]  # fmt: skip
    if not found:
        return None
    number, position = one.chance.choice(found)
    headers = list(one.sheets[number].headers)
    headers[position] = change(headers[position])
    return Messed(one, one.with_sheet(number, headers=tuple(headers)), outcome)


# 20-23: rows that are no rows of data, and cells that mean the one above


def with_row(one: Draft, number: int, at: int, cells: Sequence[Any], outcome: Outcome) -> Messed:
    """A row more on a sheet; the rows below it move down."""
    sheet = one.sheets[number]
    first = sheet.top + sheet.header_rows + 1
    rows = [*sheet.rows[:at], list(cells), *sheet.rows[at:]]
    was = frozenset((sheet.name, first + row) for row in range(at, len(sheet.rows)))
    now = frozenset((name, row + 1) for name, row in was)
    return Messed(one, one.with_sheet(number, rows=rows), outcome, was, now | {(sheet.name, first + at)})


def row_with(one: Draft, number: int, text: str, role: str = "data") -> list[Any]:
    """A row that holds a text under the first column of a role, and nothing else."""
    places = layout(one.slot.sheets[number])
    at = next(i for i, place in enumerate(places) if place.role == role)
    return [text if i == at else None for i in range(len(places))]


def first_role(one: Draft, number: int) -> str:
    return "kind" if one.slot.sheets[number].kind else "data"


@kind(20, "a subtotal among the rows")
def subtotal(one: Draft) -> Messed | None:
    number = one.chance.randrange(len(one.sheets))
    if not one.sheets[number].rows:
        return None
    word = one.chance.choice([w for w in totals_words() if is_writable(one, w)]).capitalize()
    at = one.chance.randrange(len(one.sheets[number].rows))
    row = row_with(one, number, f"{word}:", first_role(one, number))
    return with_row(one, number, at, row, finding("totals_row_undeclared"))


@kind(20, "a word for a total in place of a code")
def total_for_a_code(one: Draft) -> Messed | None:
    """Where the form has totals, they no longer agree with the rows that are left."""

    def outcome(spot: Spot) -> Outcome:
        has_totals = one.slot.sheets[spot.sheet].totals
        return refusal("totals_row_undeclared", "totals_differ") if has_totals else finding("totals_row_undeclared")

    return in_cell(
        one, lambda spot: is_filled("code")(spot) and not spot.use.block.times, as_it_is, "Всего", outcome
    )  # fmt: skip


def is_writable(one: Draft, text: str) -> bool:
    try:
        text.encode(one.form.encodings[0] if one.is_csv else "utf-8")
    except UnicodeEncodeError:
        return False
    return True


@kind(21, "totals at the foot that the form does not have")
def totals_at_the_foot(one: Draft) -> Messed | None:
    found = [number for number, sheet in enumerate(one.slot.sheets) if not sheet.totals]
    if not found:
        return None
    number = one.chance.choice(found)
    cells = row_with(one, number, "ИТОГО", first_role(one, number))
    cells[-1] = len(one.sheets[number].rows)
    return with_row(one, number, len(one.sheets[number].rows), cells, finding("totals_row_undeclared"))


@kinds_for(21, ["as text", "of an empty quarter"])
def totals_of_the_form(one: Draft, how: str) -> Messed | None:
    found = [number for number, sheet in enumerate(one.sheets) if sheet.totals]
    if not found:
        return None
    number = one.chance.choice(found)
    clean = one
    if how == "of an empty quarter":
        totals = [cell if isinstance(cell, str) or cell is None else 0 for cell in one.sheets[number].totals or ()]
        clean = one.with_sheet(number, rows=[], totals=totals)
    as_words = [None if cell is None else str(cell) for cell in clean.sheets[number].totals or ()]
    return Messed(clean, clean.with_sheet(number, totals=as_words), understood())


@kind(22, "labels only in the first row of their group")
def only_the_first_label(one: Draft) -> Messed | None:
    found = [
        spot for spot in spots(one)
        if spot.value is not None and spot.row and spot.column.required and not spot.use.block.times
        and spot.value == one.sheets[spot.sheet].rows[spot.row - 1][spot.position] and spot.column.type == "ref"
    ]  # fmt: skip
    if not found:
        return None
    spot = one.chance.choice(found)
    is_read = spot.use.column in one.slot.sheets[spot.sheet].fill_down
    outcome = understood("filled_from_above") if is_read else finding(f".{spot.use.column}.required")
    return Messed(one, one.put(spot, None), outcome, frozenset([spot.where]), frozenset([spot.where]))


@kind(23, "a footnote star at a header")
def starred_header(one: Draft) -> Messed | None:
    outcome = read_if(FOOTNOTES in one.slot.form.tolerates, refusal("unknown_header", "missing_header"))
    return with_header(one, lambda _: True, lambda header: f"{header}*", outcome)


@kinds_for(23, ["code", "ref"])
def starred_cell(one: Draft, kind_of_cell: str) -> Messed | None:
    is_read = FOOTNOTES in one.slot.form.tolerates
    rule = "unreadable_cell" if kind_of_cell == "code" else ".pattern"
    return in_cell(
        one, lambda spot: is_filled(kind_of_cell)(spot) and (kind_of_cell == "code" or bool(spot.column.pattern)),
        as_it_is, lambda spot: f"{spot.value}*", lambda _: read_if(is_read, finding(rule)),
    )  # fmt: skip


@kind(23, "a footnote below the table")
def footnote(one: Draft) -> Messed | None:
    number = one.chance.randrange(len(one.sheets))
    sheet = one.sheets[number]
    is_read = FOOTNOTES in one.slot.form.tolerates
    note = row_with(one, number, "* по данным партнёров", first_role(one, number))
    rows = [*sheet.rows, *([sheet.totals] if sheet.totals else [])]
    last = (sheet.name, sheet.top + sheet.header_rows + 1 + len(rows))
    outcome = understood("footnote_row") if is_read else finding("footnote_row")
    messy = one.with_sheet(number, rows=[*rows, note], totals=None)
    return Messed(one, messy, outcome, frozenset(), frozenset([last]))


# 25-31: words for values

MISSING = ["н/д", "нет данных", "-", "--", ".", "…", "x", "NULL", "ZZ", "00", "не указано", "-99", "мәлімет жоқ"]


@kinds_for(25, MISSING)
def a_word_for_missing(one: Draft, word: str) -> Messed | None:
    """Under a day, where none of them can be a value."""
    if not is_writable(one, word):
        return None
    is_read = one.slot.form.fold(word) in map(one.slot.form.fold, one.slot.form.missing)
    return in_cell(
        one, lambda spot: is_filled("date")(spot) and is_optional(spot), None, word,
        lambda spot: read_if(is_read, unreadable(spot)),
    )  # fmt: skip


@kind(25, "a number below zero for missing")
def number_for_missing(one: Draft) -> Messed | None:
    return in_cell(
        one, lambda spot: is_filled("integer")(spot) and spot.column.minimum is not None, as_it_is, -99,
        lambda _: finding(".range"),
    )  # fmt: skip


SEXES = ["м", "ж", "муж", "жен", "мужской", "1", "2", "э", "а", "ә", "аял", "зан", "aýal", "ayol", "м и ж", "m", "f"]


@kinds_for(26, SEXES)
def sex_written_as(one: Draft, word: str) -> Messed | None:
    if not is_writable(one, word):
        return None
    code = word_codes("sex", one.slot.form, one.period).get(one.slot.form.fold(word))
    return in_cell(
        one, lambda spot: is_filled("code")(spot) and spot.column.values == "sex",
        lambda spot: one.slot.form.words["sex"][code][0] if code else spot.value, word,
        lambda spot: read_if(code, unreadable(spot)),
    )  # fmt: skip


def look_alike(text: str) -> str:
    """The text with its first letter that has one put in the other alphabet."""
    signs = str.maketrans(CYRILLIC + CYRILLIC.upper() + LATIN + LATIN.upper(),
                          LATIN + LATIN.upper() + CYRILLIC + CYRILLIC.upper())  # fmt: skip
    for i, letter in enumerate(text):
        if letter.translate(signs) != letter:
            return text[:i] + letter.translate(signs) + text[i + 1 :]
    return text


@kind(27, "a look-alike letter in a header")
def look_alike_header(one: Draft) -> Messed | None:
    is_read = HOMOGLYPHS in one.slot.form.folds
    outcome = read_if(is_read, refusal("unknown_header", "missing_header"))
    return with_header(one, lambda header: is_writable(one, look_alike(header)), look_alike, outcome)


@kinds_for(27, ["code", "ref"])
def look_alike_in(one: Draft, kind_of_cell: str) -> Messed | None:
    is_read = HOMOGLYPHS in one.slot.form.folds
    rule = "unreadable_cell" if kind_of_cell == "code" else ".pattern"

    def can(spot: Spot) -> bool:
        return (
            is_filled(kind_of_cell)(spot)
            and (kind_of_cell == "code" or bool(spot.column.pattern and not set(str(spot.value)[:1]) & set(LATIN_ONLY)))
            and look_alike(str(spot.value)) != spot.value
            and is_writable(one, look_alike(str(spot.value)))
        )

    return in_cell(
        one, can, as_it_is, lambda spot: look_alike(spot.value), lambda _: read_if(is_read, finding(rule))
    )  # fmt: skip


# Capital letters that have no Cyrillic look-alike among those a form folds in codes.
LATIN_ONLY = "DFGLNQRUVWZ"


@kinds_for(28, ["header", "code"])
def another_apostrophe(one: Draft, where: str) -> Messed | None:
    signs = f"'{APOSTROPHE_SIGNS}"

    def other(text: str) -> str:
        return re.sub(f"[{signs}]", lambda sign: signs[(signs.index(sign[0]) + 1) % 6], text)

    is_read = APOSTROPHES in one.slot.form.folds
    if where == "header":
        outcome = read_if(is_read, refusal("unknown_header", "missing_header"))
        return with_header(one, lambda header: is_writable(one, other(header)), other, outcome)
    return in_cell(
        one, lambda spot: is_filled("code")(spot) and other(spot.value) != spot.value, as_it_is,
        lambda spot: other(spot.value), lambda spot: read_if(is_read, unreadable(spot)),
    )  # fmt: skip


@kind(29, "another declared word for the same code")
def another_word(one: Draft) -> Messed | None:
    """In the other alphabet or language: whatever words the form has for a code mean the same."""
    form = one.slot.form

    def others(spot: Spot) -> list[str]:
        known = word_codes(spot.column.values or "", form, one.period)
        code = known[form.fold(spot.value)]
        return [w for w in form.words[spot.column.values or ""][code][1:]
                if known[form.fold(w)] == code and is_writable(one, w)]  # fmt: skip

    return in_cell(
        one, lambda spot: is_filled("code")(spot) and bool(others(spot)), as_it_is,
        lambda spot: one.chance.choice(others(spot)), lambda _: understood(),
    )  # fmt: skip


@kinds_for(29, ["Алма-Ата", "Aqmola", "Жалал-Абад", "Ысык-Көл"])
def a_place_by_another_name(one: Draft, word: str) -> Messed | None:
    form = one.slot.form
    if not is_writable(one, word) or form.fold(word) in word_codes("region", form, one.period):
        return None
    return in_cell(
        one, lambda spot: is_filled("code")(spot) and spot.column.values == "region", as_it_is, word, unreadable
    )  # fmt: skip


TRUTHS = ["да", "нет", "иә", "жоқ", "ооба", "ҳа", "не", "hawa", "ýok", "ha", "yo‘q", "y", "n", "yes", "no", "1", "+"]


@kinds_for(30, TRUTHS)
def truth_written_as(one: Draft, word: str) -> Messed | None:
    form = one.slot.form
    if not is_writable(one, word):
        return None
    meant = [words[0] for words in (form.true, form.false) if form.fold(word) in map(form.fold, words)]
    return in_cell(
        one, is_filled("boolean"), lambda spot: meant[0] if meant else spot.value, word,
        lambda spot: read_if(meant, unreadable(spot)),
    ) if any(is_filled("boolean")(spot) for spot in spots(one)) else None  # fmt: skip


@kinds_for(31, ["12,5", "12.5", "1,234", "1.234"])
def a_decimal(one: Draft, text: str) -> Messed | None:
    value = Decimal(text.replace(",", "."))
    mark = "," if "," in text else "."
    is_read = mark == one.slot.form.decimal and len(text) == 4
    return in_cell(
        one, lambda spot: spot.column.type == "decimal" and not spot.use.block.times,
        as_text(value, one.slot.form) if is_read else None, text, lambda spot: read_if(is_read, unreadable(spot)),
    )  # fmt: skip


# 32-36: rows and values


@kind(32, "a row sent twice")
def a_row_twice(one: Draft) -> Messed | None:
    """Totals of the form no longer agree; without them both rows are held back."""
    found = [
        number for number, sheet in enumerate(one.slot.sheets)
        if one.sheets[number].rows and not sheet.kind and _has_unique_key(one, sheet.mains[0].fact)
    ]  # fmt: skip
    if not found:
        return None
    number = one.chance.choice(found)
    sheet = one.sheets[number]
    first = sheet.top + sheet.header_rows + 1
    rows = [*sheet.rows, sheet.rows[0]]
    outcome = refusal("totals_differ") if sheet.totals else finding(".key.unique")
    now = frozenset([(sheet.name, first), (sheet.name, first + len(sheet.rows))])
    return Messed(one, one.with_sheet(number, rows=rows), outcome, frozenset([(sheet.name, first)]), now)


def _has_unique_key(one: Draft, fact: str) -> bool:
    return any(rule.id.endswith(".key.unique") for rule in rules_for(facts()[fact], one.contract))


@kinds_for(34, [";", ",", "/", "\n", "|"])
def several_values_apart_by(one: Draft, sign: str) -> Messed | None:
    form = one.slot.form

    def words(spot: Spot) -> list[str]:
        known = word_codes(spot.column.values or "", form, one.period)
        firsts = [
            some[0]
            for code, some in form.words[spot.column.values or ""].items()
            if some and known[form.fold(some[0])] == code and sign not in some[0] and is_writable(one, some[0])
        ]
        return firsts[:2]  # fmt: skip

    is_read = sign in {separator.strip() or separator for separator in form.separators}
    return in_cell(
        one, lambda spot: is_filled("codes")(spot) and len(words(spot)) == 2,
        lambda spot: form.separator.join(words(spot)), lambda spot: f"{sign} ".join(words(spot)),
        lambda spot: read_if(is_read, unreadable(spot)),
    )  # fmt: skip


@kind(34, "a comma within one value")
def comma_within(one: Draft) -> Messed | None:
    return in_cell(one, is_filled("codes"), as_it_is, "Mining, Quarrying, Oil/Gas", unreadable)


@kinds_for(35, ["около 50", "более 100", "15-20", "167+205", "Several teenage girls*", "1e2", "двенадцать"])
def words_for_a_number(one: Draft, text: str) -> Messed | None:
    return in_cell(one, is_filled("integer"), as_it_is, text, unreadable)


@kinds_for(36, ["Woman", "09--17", "Южно-Казахстанская"])
def a_word_of_another_release(one: Draft, word: str) -> Messed | None:
    form = one.slot.form
    return in_cell(
        one,
        lambda spot: is_filled("code")(spot)
        and form.fold(word) not in word_codes(spot.column.values or "", form, one.period)
        and form.fold(word) not in map(form.fold, form.missing),
        as_it_is, word, unreadable,
    )  # fmt: skip


# The end of the list


@kind(0, "a day in the future")
def future_day(one: Draft) -> Messed | None:
    def has_rule(spot: Spot) -> bool:
        ids = [rule.id for rule in rules_for(facts()[spot.use.block.fact], one.contract)]
        return any(f"{spot.use.block.fact}.{spot.use.column}.{end}" in ids for end in ("period", "future"))

    return in_cell(
        one, lambda spot: is_filled("date")(spot) and has_rule(spot) and len(one.sheets[spot.sheet].rows) > 1, as_it_is,
        date(2031, 1, 1),
        lambda spot: finding(f".{spot.use.column}.period", f".{spot.use.column}.future"),
    )  # fmt: skip


@kinds_for(0, ["00.01.1900", "1900-01-00", "31.12.1899"])
def the_day_zero(one: Draft, text: str) -> Messed | None:
    return in_cell(one, is_filled("date"), as_it_is, text, unreadable)


@kind(0, "two tables on a sheet")
def two_tables(one: Draft) -> Messed | None:
    """The header again among the rows. A sheet with kinds or totals is refused, any other keeps its rows."""
    number = one.chance.randrange(len(one.sheets))
    sheet, form = one.sheets[number], one.slot.form
    row = list(sheet.headers)
    if form.fold(row[0]) in {form.fold(w) for block in one.slot.sheets[number].mains for w in block.kind}:
        return None
    outcome = (
        refusal("unknown_kind_of_row") if one.slot.sheets[number].kind else finding(*_told_of_headers(one, number))
    )
    if sheet.totals and not one.slot.sheets[number].kind:
        outcome = refusal("totals_differ", "unreadable_cell")
    return with_row(one, number, len(sheet.rows) // 2, row, outcome) if sheet.rows else None


def _told_of_headers(one: Draft, number: int) -> list[str]:
    """What is told of headers in a row of data: cells that cannot be read; of codes alone, that they are written so."""
    uses = [use for place in layout(one.slot.sheets[number]) for use in place.uses]
    columns = [facts()[use.block.fact].columns[use.column] for use in uses]
    if any(column.type not in ("ref", "text") for column in columns):
        return ["unreadable_cell"]
    return [f".{column.name}.pattern" for column in columns if column.pattern]


@kind(0, "a sheet for a month")
def sheet_for_a_month(one: Draft) -> Messed | None:
    if one.is_csv:
        return None
    number = one.chance.randrange(len(one.sheets))
    return Messed(one, one.with_sheet(number, name="Октябрь"), refusal("missing_sheet", "unknown_sheet"))


@kinds_for(0, ["an old workbook or one with a password", "a web page"])
def no_workbook(one: Draft, what: str) -> Messed | None:
    content = (
        b"<html><table><tr><td>1</td></tr></table></html>" if "page" in what else b"\xd0\xcf\x11\xe0" + b"\0" * 600
    )
    return None if one.is_csv else Messed(one, replace(one, spoil=lambda _: content), refusal("not_an_xlsx"))


@kind(0, "NA for Namibia")
def namibia(one: Draft) -> Messed | None:
    """Never a word for missing; it is read only where the form says so."""
    if "NA" not in codelists()["country"].codes:
        return None
    form = one.slot.form
    is_read = form.fold("NA") in word_codes("country", form, one.period)
    return in_cell(
        one, lambda spot: is_filled("codes", "code")(spot) and spot.column.values == "country",
        lambda spot: form.words["country"]["NA"][0] if is_read else spot.value, "NA",
        lambda spot: read_if(is_read, unreadable(spot)),
    )  # fmt: skip


# The golden record

GOLDEN = Path(__file__).parent / "golden" / "mess.toml"
HOW = "python -m tests.mess --write"


def golden() -> str:
    """What becomes of every messy file, as a record to be compared: outcome, rules, and a digest of the rows read.

    With it stands the version of the library that reads workbooks, for another one may read other rows.
    """
    lines = [
        "# What becomes of every messy file of the catalogue: outcome, rules told, digest of the rows read.",
        f"# Written by `{HOW}`; never edited by hand.",
        f'python-calamine = "{version("python-calamine")}"',
    ]
    with tempfile.TemporaryDirectory() as folder, open_warehouse(Path(folder) / "curated") as con:
        make_quick(con)
        for one in KINDS:
            lines += ["", f"[{json.dumps(title(one), ensure_ascii=False)}]"]
            for case in made(one):
                found = became(read(con, case.messy, Path(folder), row_rules(case)))
                lines.append(f"{called(case)} = {json.dumps(found, ensure_ascii=False)}")
    return "\n".join(lines) + "\n"


def title(one: Kind) -> str:
    return f"{one.number} {one.name}"


def called(case: Messed) -> str:
    return f"{case.messy.contract.office}-{case.messy.slot.name}"


def row_rules(case: Messed) -> list[str]:
    """The ends of the ids of row rules that an outcome names."""
    return sorted(rule for rule in case.outcome.rules if rule.startswith("."))


def became(found: Read) -> list[Any]:
    """Outcome, rules told, digest of the rows."""
    is_held = any(one.severity == "quarantine" for one in found.findings)
    outcome = "refusal" if found.is_refused else "finding" if is_held else "understood"
    digest = hashlib.sha256(repr(sorted(found.rows.items())).encode()).hexdigest()[:12]
    return [outcome, sorted({one.rule for one in found.findings}), digest]


def main(arguments: Sequence[str]) -> int:
    """Write the golden record anew, or say how."""
    if list(arguments) != ["--write"]:
        print(f"The golden record of the messy files is written by: {HOW}")
        return 2
    GOLDEN.parent.mkdir(exist_ok=True)
    GOLDEN.write_text(golden(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
