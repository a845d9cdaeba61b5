"""The sheet of instructions in a blank form: what to do with it, and a table of every column, in two languages."""

from __future__ import annotations

import textwrap
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from indicators.calendars import Quarter
from indicators.facts import codelists, facts
from indicators.labels import words
from pipelines.asks import Ask, Asking, Fed, Said, meant, needed
from pipelines.forms import CSV, GUIDE_SHEET, LISTS_SHEET, SUB_HEADER, Sheet, Slot
from pipelines.options import Options
from pipelines.template_styles import LINE, Styles

_TEXTS = Path(__file__).parent / "guide.toml"
_WIDTHS = (38, 22, 44, 44, 34, 46)  # of the columns of the table; the text takes the first and the last three
_HALF = (sum(_WIDTHS[:3]), sum(_WIDTHS[3:]))
_MOST_WORDS, _LONGEST_WORDS = 8, 160  # that are written out; more are on the sheet of lists


@cache
def guide_texts() -> Mapping[str, Any]:
    """The texts of `guide.toml`."""
    return tomllib.loads(_TEXTS.read_text(encoding="utf-8"))


def write_guide(
    book: Any, styles: Styles, asking: Asking, slot: Slot, asked: Sequence[Sequence[Ask]],
    lists: Mapping[tuple[str, ...], str], file: str, rows: int,
) -> None:  # fmt: skip
    """Write the sheet; `lists` says in which column of the sheet of lists the words of a drop-down stand."""
    page = book.add_worksheet(GUIDE_SHEET)
    for column, width in enumerate(_WIDTHS):
        page.set_column(column, column, width)
    page.write_string(0, 0, file, styles.heading)
    page.set_row(0, 24)
    put_in = _placeholders(asking, slot, file, rows)
    row = _write_sections(page, styles, asking, _features(slot, asked), put_in, 2)
    _write_table(page, styles, asking, slot, asked, lists, row)
    page.hide_gridlines(2)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.protect("", {"format_columns": True, "format_rows": True})


def _placeholders(asking: Asking, slot: Slot, file: str, rows: int) -> dict[str, str]:
    form, quarter = asking.form, Quarter.parse(asking.period)
    first, last = (day.strftime(form.dates[0]) for day in (quarter.start, quarter.end))
    place = words()["place"].get(asking.contract.place) or codelists()["country"].codes[asking.contract.place].label
    return {
        "office_ru": place["ru"], "office_en": place["en"], "folder": asking.contract.office,
        "period": asking.period, "first": first, "last": last, "file": file, "csv": slot.file_name(asking.period),
        "rows": str(rows), "date": last, "iso": quarter.end.isoformat(), "decimal": form.decimal,
        "separator": form.separator.strip() or form.separator, "lists": LISTS_SHEET,
    }  # fmt: skip


def _features(slot: Slot, asked: Sequence[Sequence[Ask]]) -> set[str]:
    """What the form has, for the lines that speak of it."""
    has = {
        "csv": slot.form.format == CSV,
        "totals": any(sheet.totals for sheet in slot.sheets),
        "groups": any(sheet.groups for sheet in slot.sheets),
        "kinds": any(sheet.kind for sheet in slot.sheets),
        "numbering": any(sheet.numbering for sheet in slot.sheets),
        "several": any(ask.options and ask.options.several for asks in asked for ask in asks),
    }
    return {name for name, is_there in has.items() if is_there}


def _write_sections(
    page: Any, styles: Styles, asking: Asking, features: set[str], put_in: Mapping[str, str], row: int
) -> int:
    """Each section with one language on the left and the other on the right; gives the row after it."""
    for section in guide_texts()["section"]:
        row = _write_pair(page, row, section["title"], asking.languages, styles.section)
        for line in section["lines"]:
            if line.get("only", "") in ("", *features):
                said = {language: line[language].format_map(put_in) for language in asking.languages}
                row = _write_pair(page, row, said, asking.languages, styles.said)
        row += 1
    return row


def _write_pair(page: Any, row: int, said: Said, languages: Sequence[str], form: Any) -> int:
    page.merge_range(row, 0, row, 2, said[languages[0]], form)
    page.merge_range(row, 3, row, 5, said[languages[1]], form)
    _set_height(page, row, [(said[language], width) for language, width in zip(languages, _HALF, strict=True)])
    return row + 1


def _write_table(
    page: Any, styles: Styles, asking: Asking, slot: Slot, asked: Sequence[Sequence[Ask]],
    lists: Mapping[tuple[str, ...], str], row: int,
) -> None:  # fmt: skip
    """Every column of every sheet; groups once, for all their repetitions."""
    texts = guide_texts()["table"]
    row = _write_pair(page, row, texts["title"], asking.languages, styles.section)
    for sheet, asks in zip(slot.sheets, asked, strict=True):
        title = _sheet_title(sheet, asking.languages)
        page.merge_range(row, 0, row, 5, title, styles.group)
        for column, said in enumerate(_in_order(texts["columns"], asking.languages)):
            page.write_string(row + 1, column, said, styles.header)
        page.set_row(row + 1, 2 * LINE + 4)
        row += 2
        for cells in _entries(asking, sheet, asks, lists):
            for column, text in enumerate(cells):
                page.write_string(row, column, text, styles.entry)
            _set_height(page, row, list(zip(cells, _WIDTHS, strict=True)))
            row += 1
        row += 1


def _sheet_title(sheet: Sheet, languages: Sequence[str]) -> str:
    titles = [facts()[block.fact].title for block in sheet.blocks]
    said = " - ".join(", ".join(dict.fromkeys(title[language] for title in titles)) for language in languages)
    return f"{sheet.name}: {said}" if sheet.name else said


def _in_order(columns: Sequence[Said], languages: Sequence[str]) -> list[str]:
    """The headers of the table; the two columns of meanings stand in the order of the languages."""
    meanings = {"ru": columns[2], "en": columns[3]}
    ordered = [*columns[:2], *(meanings[language] for language in languages), *columns[4:]]
    return [_both(said, languages, "\n") for said in ordered]


def _entries(
    asking: Asking, sheet: Sheet, asks: Sequence[Ask], lists: Mapping[tuple[str, ...], str]
) -> Iterator[list[str]]:
    """A line for each column of a fact that the sheet asks for, as it stands under its first header."""
    told = set()
    for ask in asks:
        if not ask.fed:
            note, must = ask.message.split("\n"), _both(_OF_OTHERS[ask.place.role], asking.languages, "\n")
            yield [ask.place.headers[0], must, *note, "", _words(asking, ask.options, lists)]
        for fed in ask.fed:
            key = (fed.fact.name, fed.column.name, ask.place.headers[0] if fed.is_flag else "")
            if key not in told:
                told.add(key)
                yield [
                    _header(ask, fed),
                    _both(needed(sheet, [fed]), asking.languages, "\n"),
                    *(meant(fed.column)[language] for language in asking.languages),
                    _both(asking.how(fed), asking.languages, "\n"),
                    _words(asking, ask.options, lists),
                ]


_OF_OTHERS: Mapping[str, Said] = {
    "numbering": {"ru": "Уже проставлен.", "en": "Filled in already."},
    "kind": {"ru": "Обязательно.", "en": "Required."},
}


def _header(ask: Ask, fed: Fed) -> str:
    """The header as it stands; of a repeated group, for all its numbers at once."""
    header, block = ask.place.headers[0], fed.block
    if block.times:
        below = header.removeprefix(block.header("", 1))
        return block.heading.replace("{n}", f"1-{block.times}") + SUB_HEADER + below
    return f"{header} ({block.kind[0]})" if block.kind else header


def _words(asking: Asking, options: Options | None, lists: Mapping[tuple[str, ...], str]) -> str:
    if options is None:
        return ""
    written = "\n".join(options.words)
    if len(options.words) <= _MOST_WORDS and len(written) <= _LONGEST_WORDS:
        return written
    where = {"lists": LISTS_SHEET, "column": lists[options.words]}
    see = guide_texts()["table"]["see_list"]
    return "\n".join(see[language].format_map(where) for language in asking.languages)


def _both(said: Said, languages: Sequence[str], between: str) -> str:
    return between.join(dict.fromkeys(said[language] for language in languages))


def _set_height(page: Any, row: int, texts: Sequence[tuple[str, float]]) -> None:
    """Room for the longest text of a row: Excel finds it itself neither for merged nor for written cells."""
    most = max(_lines(text, int(width)) for text, width in texts)
    page.set_row(row, most * LINE + 3)


def _lines(text: str, width: int) -> int:
    return sum(max(len(textwrap.wrap(part, width)), 1) for part in text.split("\n"))
