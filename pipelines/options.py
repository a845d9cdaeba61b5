"""The words that a column of an office's form is chosen from, for drop-downs: each means its code and no other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from indicators.calendars import Quarter
from indicators.facts import Code, Column, codelists, facts
from pipelines.cells import word_codes
from pipelines.forms import Contract, Form, Sheet
from pipelines.layout import Place, Use
from pipelines.row_rules import ABROAD_ALLOWED

YES_OR_NO = {"en": "Yes or no", "ru": "Да или нет"}


@dataclass(frozen=True)
class Options:
    """The words of one drop-down; `several` of them may stand in a cell."""

    title: Mapping[str, str]
    words: tuple[str, ...]
    several: bool = False


def options(contract: Contract, form: Form, period: str, sheet: Sheet, place: Place) -> Options | None:
    """What stands in the cells of a column, or None where it is no choice. Kinds of row share a column's words."""
    if place.role == "kind":
        words = tuple(block.kind[0] for block in sheet.mains)
        return Options({"en": f"Kind of row: {place.headers[0]}", "ru": f"Вид строки: {place.headers[0]}"}, words)
    found = [_of(contract, form, period, use) for use in place.uses]
    chosen = [one for one in found if one]
    if not chosen or len(chosen) < len(found):
        return None
    words = tuple(dict.fromkeys(word for one in chosen for word in one.words))
    return Options(chosen[0].title, words, any(one.several for one in chosen))


def _of(contract: Contract, form: Form, period: str, use: Use) -> Options | None:
    column = facts()[use.block.fact].columns[use.column]
    if use.code is not None or column.type == "boolean":
        return Options(YES_OR_NO, (form.true[0], form.false[0]))
    if column.values is None:
        return None
    country = _country(contract, use)
    words = tuple(_words(column, form, period, country))
    title = codelists()[column.values].title
    if column.values == "region" and country:
        title = {language: f"{said} ({country})" for language, said in title.items()}
    return Options(title, words, column.is_list)


def _country(contract: Contract, use: Use) -> str | None:
    """The country to whose first-level units a column is bound by the rules; None where it is not."""
    is_bound = use.column == "region" and use.block.fact not in ABROAD_ALLOWED and not contract.place_column
    return contract.place if is_bound else None


def _words(column: Column, form: Form, period: str, country: str | None) -> Iterator[str]:
    """The first word of its own of each code in force in the quarter."""
    name = column.values or ""
    known = word_codes(name, form, period)
    for code, entry in codelists()[name].codes.items():
        if _is_in_force(entry, period) and country in (None, entry.attributes.get("country", country)):
            own = [word for word in form.words[name][code] if known[form.fold(word)] == code]
            yield from own[:1]


def _is_in_force(code: Code, period: str) -> bool:
    quarter = Quarter.parse(period)
    attributes: Mapping[str, Any] = code.attributes
    return bool(
        attributes.get("valid_from", date.min) <= quarter.end and attributes.get("valid_to", date.max) >= quarter.start
    )
