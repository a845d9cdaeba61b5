"""Every word an edition carries beside its figures: (list, code) -> English and Russian, in order."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from indicators.calendars import calendar_label, life_calendar
from indicators.definitions import Definition
from indicators.fact_views import counted_facts
from indicators.facts import CodeList, Column, codelists
from indicators.funding import life_start, other_lives

Label = tuple[str, str, int, str, str]  # list, code, position, en, ru
# The category of rows in which a column whose list has no word for "not known" is empty.
NOT_GIVEN = "U"
_WORDS = Path(__file__).parent / "words.toml"


@cache
def words() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """The words of `words.toml` by list and code; exports and causes are called what their code lists call them."""
    loaded: Mapping[str, Mapping[str, Mapping[str, str]]] = tomllib.loads(_WORDS.read_text(encoding="utf-8"))
    listed = {name: {c.code: c.label for c in codelists()[name].codes.values()} for name in ("cause", "export")}
    return {**loaded, **listed}


def labels(catalogue: Iterable[Definition], places: Iterable[str], offices: Mapping[str, str]) -> list[Label]:
    """Labels for the catalogue's breakdowns, the places, and the offices (office -> its place)."""
    found: list[Label] = []
    for name, codes in words().items():
        if name != "place":
            more = _later_lives() if name == "calendar" else []
            found += _numbered(name, [*((code, said["en"], said["ru"]) for code, said in codes.items()), *more])
    found += _numbered("place", ((place, *_place(place)) for place in ("CA", *_in_order(places))))
    found += _numbered("office", ((office, *_office(place)) for office, place in offices.items()))
    breakdowns = {name: fact for fact, name in sorted({(d.fact, b) for d in catalogue for b in d.by})}
    titles = [(name, *_title(fact, name)) for name, fact in sorted(breakdowns.items())]
    found += _numbered("breakdown", [("total", "Total", "Всего"), *titles])
    for name, fact in sorted(breakdowns.items()):
        found += _numbered(name, _codes(_codelist(fact, name)))
    return found


def _later_lives() -> list[tuple[str, str, str]]:
    calendars = [life_calendar(first, life_start()) for first in other_lives()]
    return [(name, calendar_label(name, "en"), calendar_label(name, "ru")) for name in calendars]


def _numbered(name: str, codes: Iterable[tuple[str, str, str]]) -> Iterator[Label]:
    for position, (code, en, ru) in enumerate(codes):
        yield name, code, position, en, ru


def _in_order(places: Iterable[str]) -> list[str]:
    """Countries as their code list has them: by their own codes Kyrgyzstan would come before Kazakhstan."""
    listed = list(codelists()["country"].codes)
    return sorted(places, key=lambda place: (listed.index(place) if place in listed else len(listed), place))


def _place(place: str) -> tuple[str, str]:
    named = words()["place"].get(place) or codelists()["country"].codes[place].label
    return named["en"], named["ru"]


def _office(place: str) -> tuple[str, str]:
    en, ru = _place(place)
    return f"{en} office", f"Офис: {ru}"


def _codelist(fact: str, name: str) -> CodeList:
    return codelists()[counted_facts()[fact].counted_columns()[name].values or ""]


def _title(fact: str, name: str) -> tuple[str, str]:
    """A column is called what its fact calls it; a derived one, what its code list is called."""
    column = counted_facts()[fact].counted_columns()[name]
    title = column.label if isinstance(column, Column) else _codelist(fact, name).title
    return title["en"], title["ru"]


def _codes(codelist: CodeList) -> Iterator[tuple[str, str, str]]:
    """Codes in the list's order, what is not known last."""
    known = [code for code in codelist.codes.values() if code.code != codelist.unknown]
    last = [code for code in codelist.codes.values() if code.code == codelist.unknown]
    for code in (*known, *last):
        yield code.code, code.label["en"], code.label["ru"]
    if codelist.unknown is None:
        yield NOT_GIVEN, "Not recorded", "Не указано"
