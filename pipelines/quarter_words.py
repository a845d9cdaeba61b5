"""Quarters named in words: "IV кв. 2010", "4-чейрек", "І тоқсан", "1-nji çärýek", "4-chorak", "Ч4", "Q4 FY2011".

Only what is certain is read. A fiscal year (FY) is the programme's, from October to September; a number beside a
word that is no quarter's, and a quarter without a year in an abbreviation, name nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from indicators.calendars import Quarter
from pipelines.folding import fold

_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "1": 1, "2": 2, "3": 3, "4": 4}
# Kazakh typists use the Cyrillic letter, and others 1 or l, for the Roman number.
_LOOKS_ROMAN = str.maketrans({"і": "i", "ӏ": "i", "ⅰ": "i"})
_NUMBER = r"(?<![\w.,/])(?P<number>iv|i{1,3}|[1-4])"
_ENDING = r"(?:\s?-?\s?(?:й|ый|ой|го|ий|чи|чү|ші|шi|шы|инчи|нчи|ум|юм|nji|njy|inchi|nchi|st|nd|rd|th))?\.?\s?-?\s?"
_WHOLE = r"квартал\w*|тоқсан\w*|чейре[кг]\w*|семоҳа\w*|чоряк\w*|чорак\w*|çärýe[kg]\w*|chorak\w*|quarter\w*"
_SHORT = r"кв\b|тқс\b|чей\b|çär\b|ç\b|(?<=-)ch\b|чор\b"
_AFTER = re.compile(rf"{_NUMBER}{_ENDING}(?P<word>{_WHOLE}|{_SHORT})\.?")
_RANGE = re.compile(
    rf"(?<![\w.,/])(?P<from>iv|i{{1,3}}|[1-4])\s?[-–—]\s?(?P<number>iv|i{{1,3}}|[1-4]){_ENDING}"
    rf"(?P<word>{_WHOLE}|{_SHORT})\.?"
)
_BEFORE = re.compile(rf"(?<!\w)(?P<word>{_WHOLE}|кв\.?|ч|q)\s?№?\s?(?P<number>iv|i{{1,3}}|[1-4])(?!\w)")
_FISCAL = r"fy|фг|ф\.\s?г|фин\w*\.?\s?год\w*|fiscal year"
_YEAR = re.compile(
    rf"(?<!\d)(?P<fiscal>(?:{_FISCAL})\s?'?)?(?P<year>(?:19|20)?\d\d)(?!\d)(?P<fiscal_after>\s?(?:{_FISCAL})(?!\w))?"
)
# Between a quarter and its year stand signs and words for "year", nothing else.
_BETWEEN = re.compile(r"[\s,.()/«»\"'-]*(?:of|года?|г|жыл\w*|ж|соли?|с|ýyl\w*|ý|yil\w*|y)?[\s,.()/«»\"'-]*")


@dataclass(frozen=True)
class Named:
    """A quarter that a text names; the year may be left out."""

    number: int
    year: int | None = None

    def may_be(self, period: str) -> bool:
        """Whether a period, written like 2010-Q4, is this quarter."""
        quarter = Quarter.parse(period)
        return quarter.number == self.number and self.year in (None, quarter.year)


def quarters_named(text: str) -> list[Named]:
    """Every quarter that a text names, in the order in which they stand; both ends of a range."""
    said = fold(text).translate(_LOOKS_ROMAN)
    found: dict[Named, None] = {}
    for first, last, numbers, is_whole in _mentions(said):
        year = _year(said, first, last)
        if year is None and not is_whole:
            continue
        for number in numbers:
            found[_named(number, year)] = None
    return list(found)


def _mentions(said: str) -> Iterator[tuple[int, int, list[int], bool]]:
    """Where a quarter is named, its number (two for a range), and whether the word for it is written out."""
    spans: list[tuple[int, int, list[int], bool]] = []
    for expression in (_RANGE, _AFTER, _BEFORE):
        for match in expression.finditer(said):
            start, end = match.span()
            if any(start < other_end and end > other_start for other_start, other_end, _, _ in spans):
                continue
            numbers = [_ROMAN[match[part]] for part in ("from", "number") if part in match.re.groupindex]
            spans.append((start, end, numbers, bool(re.fullmatch(_WHOLE, match["word"]))))
    yield from sorted(spans)


def _year(said: str, first: int, last: int) -> tuple[int, bool] | None:
    """The year next to a quarter, after it or before, and whether it is a fiscal one."""
    years = [match for match in _YEAR.finditer(said) if len(match["year"]) == 4 or match["fiscal"]]
    after = [match for match in years if match.start() >= last and _BETWEEN.fullmatch(said, last, match.start())]
    before = [match for match in years if match.end() <= first and _BETWEEN.fullmatch(said, match.end(), first)]
    for match in (*after[:1], *before[-1:]):
        year = match["year"] if len(match["year"]) == 4 else f"20{match['year']}"
        return int(year), bool(match["fiscal"] or match["fiscal_after"])
    return None


def _named(number: int, year: tuple[int, bool] | None) -> Named:
    if year is None:
        return Named(number)
    if not year[1]:
        return Named(number, year[0])
    # The first quarter of a fiscal year is the last of the calendar year before.
    return Named(4, year[0] - 1) if number == 1 else Named(number - 1, year[0])
