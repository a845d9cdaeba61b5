"""What a column of an office's form asks of whoever fills it in: a check for Excel, and words in two languages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from indicators.calendars import Quarter
from indicators.facts import LANGUAGES, Column, Fact, facts
from pipelines.forms import Block, Contract, Form, Sheet
from pipelines.layout import Place
from pipelines.options import Options, options

Said = Mapping[str, str]  # the same in each language

# What Excel lets a message over a cell be.
LONGEST_TITLE, LONGEST_TEXT = 32, 255
EARLIEST, LATEST = date(1900, 1, 1), date(2100, 12, 31)  # day 1 of Excel, and a day nobody reaches

_NOT_SO = "Не по форме - Not as in the form"
_NUMBERING = {"ru": "Номер строки, уже проставлен; не читается.", "en": "Row number, filled in already; not read."}
_KIND = {
    "ru": "Что за строка. Обязательно. Выберите слово из списка.",
    "en": "What the row is. Required. Choose a word of the list.",
}
_EMPTY = {"ru": "Если не известно, оставьте пустой.", "en": "Leave empty if not known."}
_SEVERAL = {"ru": "Если их несколько, нажмите «ОК».", "en": "If there are several, press OK."}
_OPTIONAL = {"ru": "Может быть пустой.", "en": "May be empty."}
_REQUIRED = {"ru": "Обязательно.", "en": "Required."}
_IF_FILLED = {"ru": "Обязательно, если группа заполнена.", "en": "Required if the group is filled."}


class Fed(NamedTuple):
    """A column of a fact that a column of a sheet feeds; as a flag, one code of it."""

    block: Block
    fact: Fact
    column: Column
    is_flag: bool


@dataclass(frozen=True)
class Ask:
    """What one column of a sheet asks: `rule` is the check in XlsxWriter's words, without source and messages."""

    place: Place
    fed: tuple[Fed, ...]
    required: bool
    rule: Mapping[str, Any]
    options: Options | None
    title: str
    message: str
    error_title: str
    error: str


@dataclass(frozen=True)
class Asking:
    """Whom a form asks, and for which quarter."""

    contract: Contract
    form: Form
    period: str

    @property
    def languages(self) -> tuple[str, ...]:
        """English and Russian, in the order of the office's own languages."""
        known = [language for language in self.contract.languages if language in LANGUAGES]
        return tuple(dict.fromkeys((*known, "ru", "en")))

    def ask(self, sheet: Sheet, place: Place) -> Ask:
        """What a column of a sheet asks."""
        fed = tuple(_fed(place))
        chosen = options(self.contract, self.form, self.period, sheet, place)
        how = self._whole_how(fed)
        return Ask(
            place=place,
            fed=fed,
            required=place.role == "kind" or (bool(fed) and all(one.column.required for one in fed)),
            rule={"validate": "list"} if chosen else _rule(fed, self.period),
            options=chosen,
            title=_cut(place.headers[0], LONGEST_TITLE),
            message=self._message(sheet, place, fed, how),
            error_title=_NOT_SO,
            error=self._error(fed, how),
        )

    def _message(self, sheet: Sheet, place: Place, fed: Sequence[Fed], how: Said) -> str:
        if not fed:
            return self._fitted([_NUMBERING if place.role == "numbering" else _KIND])
        label = _joined((one.column.label for one in fed), " / ")
        meaning = _joined(meant(one.column) for one in fed)
        brief = {language: re.split(r"[;:.]", said)[0].rstrip() + "." for language, said in meaning.items()}
        must = needed(sheet, fed)
        what = [_join(_join(label, part, ": "), must) for part in (meaning, brief)]
        called = [_join(_join(label, must, ". "), how), _join(label, how, ". ")]
        return self._fitted([*(_join(said, how) for said in what), *called, how])

    def _error(self, fed: Sequence[Fed], how: Said) -> str:
        """What Excel says of a wrong entry; several values are none, but no entry of the list either."""
        if not fed:
            return self._fitted([_KIND])
        wordings: list[Said] = [how]
        if any(one.column.is_list and not one.is_flag for one in fed):
            wordings.insert(0, _join(how, _SEVERAL))
        if not all(one.column.required for one in fed):
            wordings.insert(0, _join(wordings[0], _EMPTY))
        return self._fitted(wordings)

    def _fitted(self, wordings: Sequence[Said]) -> str:
        """The first wording that is short enough, one paragraph a language."""
        texts = ["\n".join(said[language] for language in self.languages) for said in wordings]
        return next((text for text in texts if len(text) <= LONGEST_TEXT), _cut(texts[-1], LONGEST_TEXT))

    def _whole_how(self, fed: Sequence[Fed]) -> Said:
        """How a cell is written that may feed several facts: their codes in one sentence."""
        codes = [one for one in fed if one.column.type == "ref"]
        written = list(dict.fromkeys(filter(None, map(self._example, codes))))
        others = [self.how(one) for one in fed if one not in codes or not written]
        return _joined([_code_like(written), *others] if written else others)

    def how(self, fed: Fed) -> Said:
        """How a cell is written."""
        column = fed.column
        if fed.is_flag or column.type == "boolean":
            words = f"{self.form.true[0]} / {self.form.false[0]}"
            return {"ru": f"Одно из слов: {words}.", "en": f"One of the words: {words}."}
        if column.values:
            return self._chosen(column)
        if column.type == "date":
            return self._dated(fed.fact, column)
        if column.type in ("integer", "decimal"):
            return self._counted(column)
        return self._written(fed)

    def _chosen(self, column: Column) -> Said:
        if not column.is_list:
            return {"ru": "Одно слово из списка.", "en": "One word of the list."}
        sign = self.form.separator.strip() or self.form.separator
        return {
            "ru": f"Слова из списка, несколько через знак «{sign}».",
            "en": f"Words of the list, several parted by '{sign}'.",
        }

    def _dated(self, fact: Fact, column: Column) -> Said:
        first, last = bounds(fact, column, self.period)
        written = [day.strftime(self.form.dates[0]) for day in (first, last)]
        if first > EARLIEST:
            return {"ru": f"Дата с {written[0]} по {written[1]}.", "en": f"A day from {written[0]} to {written[1]}."}
        if last < LATEST:
            return {"ru": f"Дата не позже {written[1]}.", "en": f"A day not after {written[1]}."}
        example = Quarter.parse(self.period).end.strftime(self.form.dates[0])
        return {"ru": f"Дата вида {example}.", "en": f"A day written like {example}."}

    def _counted(self, column: Column) -> Said:
        low, high = column.minimum or 0, column.maximum
        span_ru = f"не меньше {low}" if high is None else f"от {low} до {high}"
        span_en = f"not below {low}" if high is None else f"from {low} to {high}"
        if column.type == "integer":
            return {"ru": f"Целое число {span_ru}.", "en": f"A whole number {span_en}."}
        example = f"12{self.form.decimal}5"
        return {"ru": f"Число вида {example} ({span_ru}).", "en": f"A number like {example} ({span_en})."}

    def _written(self, fed: Fed) -> Said:
        example = self._example(fed)
        if fed.column.type == "text":
            return {"ru": f"Запись вида {example}.", "en": f"Written like {example}."}
        if not example:
            return {"ru": "Код, без имён и названий.", "en": "A code, never a name."}
        return _code_like([example])

    def _example(self, fed: Fed) -> str:
        return like(fed.column.pattern or "", self._letters(), self.period[:4])

    def _letters(self) -> str:
        """The letters that the office's own codes begin with; of a list of several countries, no country's."""
        return "AB" if self.contract.place_column else self.contract.place


def _code_like(examples: Sequence[str]) -> Said:
    *most, last = examples
    some = ", ".join(most)
    ru, en = (f"{some} или {last}", f"{some} or {last}") if most else (last, last)
    return {"ru": f"Код вида {ru}, без имён.", "en": f"A code like {en}, never a name."}


def meant(column: Column) -> Said:
    """What the column means, in both languages."""
    return {"en": column.meaning, "ru": column.meaning_ru or column.label["ru"]}


def needed(sheet: Sheet, fed: Sequence[Fed]) -> Said:
    """Whether a cell must be filled: always, never, in a filled group, or in some kinds of row."""
    is_required = all(one.column.required for one in fed)
    if any(one.block.times for one in fed):
        return _IF_FILLED if is_required else _OPTIONAL
    for_kinds = [one.block.kind[0] for one in fed if one.block.kind]
    must = [one.block.kind[0] for one in fed if one.block.kind and one.column.required]
    if not for_kinds or (len(for_kinds) == len(sheet.mains) and len(must) in (0, len(for_kinds))):
        return _REQUIRED if is_required else _OPTIONAL
    only, of = ", ".join(f"«{kind}»" for kind in for_kinds), ", ".join(f"«{kind}»" for kind in must)
    if len(for_kinds) == len(sheet.mains):
        return {"ru": f"Обязательно для {of}.", "en": f"Required for {of}."}
    if must == for_kinds:
        return {"ru": f"Обязательно и только для {only}.", "en": f"Required, and only for {only}."}
    if not must:
        return {"ru": f"Только для {only}; может быть пустой.", "en": f"Only for {only}; may be empty."}
    return {"ru": f"Только для {only}; обязательно для {of}.", "en": f"Only for {only}; required for {of}."}


def bounds(fact: Fact, column: Column, period: str) -> tuple[date, date]:
    """The first and last day that the rules take in a column of days."""
    quarter = Quarter.parse(period)
    if fact.kind != "event":
        return EARLIEST, LATEST
    return (quarter.start if column.name == fact.dated_by else EARLIEST), quarter.end


def like(pattern: str, letters: str, year: str) -> str:
    """A code that is written as the pattern says; empty for no pattern."""
    written = ""
    for literal, some, least in re.findall(r"([^\[\]{}^$])|\[([^\]]*)\](?:\{([0-9]+)(?:,[0-9]+)?\})?", pattern):
        if literal:
            written += literal
        elif "0-9" in some:
            written += year if least == "4" else "123"[: max(int(least or 1), 1)]
        else:
            # The country's letters begin a code that goes on with a dash; elsewhere one letter does.
            written += letters[: int(least)] if int(least or 1) > 1 else some[0]
    return written


def _fed(place: Place) -> Iterator[Fed]:
    for use in place.uses:
        fact = facts()[use.block.fact]
        yield Fed(use.block, fact, fact.columns[use.column], use.code is not None)


def _rule(fed: Sequence[Fed], period: str) -> dict[str, Any]:
    """Excel's check of a column that is no choice: as wide as the widest of the columns it feeds."""
    kinds = {one.column.type for one in fed}
    if kinds == {"date"}:
        spans = [bounds(one.fact, one.column, period) for one in fed]
        return _between("date", min(first for first, _ in spans), max(last for _, last in spans))
    if kinds in ({"integer"}, {"decimal"}):
        highs = [one.column.maximum for one in fed if one.column.maximum is not None]
        if len(highs) == len(fed):
            return _between(kinds.pop(), min(one.column.minimum or 0 for one in fed), max(highs))
    return {"validate": "any"}


def _between(kind: str, low: Any, high: Any) -> dict[str, Any]:
    return {"validate": kind, "criteria": "between", "minimum": low, "maximum": high}


def _joined(parts: Iterable[Said], between: str = " ") -> dict[str, str]:
    every = list(parts)
    return {language: between.join(dict.fromkeys(part[language] for part in every)) for language in LANGUAGES}


def _join(first: Said, second: Said, between: str = " ") -> dict[str, str]:
    return {language: f"{first[language]}{between}{second[language]}" for language in LANGUAGES}


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
