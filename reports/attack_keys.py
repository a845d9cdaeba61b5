"""Which figure a cell of a file is: by this two files are known to speak of the same number.

Days and not names make a window: the first quarter of a fiscal year and the fourth of a calendar year are one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from indicators.calendars import Quarter
from reports.attack_links import Proposal, at_most, whole_and_parts

TOTAL, REGION = "total", "CA"
NUMERATOR, DENOMINATOR = "numerator", "denominator"
_SAID, _SEEN = 0, 2
_MONTHS = (
    "january|января", "february|февраля", "march|марта", "april|апреля", "may|мая", "june|июня", "july|июля",
    "august|августа", "september|сентября", "october|октября", "november|ноября", "december|декабря",
)  # fmt: skip
_NAMED_DAY = re.compile(rf"\b(\d{{1,2}})\s+({'|'.join(_MONTHS)})\s+(\d{{4}})\b", re.IGNORECASE)
_ISO_DAY = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_NUMBER_DAY = re.compile(r"\b(\d{2})\.(\d{2})\.(\d{4})\b")

Days = tuple[date, date]


@dataclass(frozen=True, order=True)
class FigureKey:
    """A count by its indicator, first and last day, place, breakdown and category, and by its `side` of a share."""

    indicator: str
    start: date
    end: date
    place: str
    breakdown: str = TOTAL
    category: str = TOTAL
    side: str = NUMERATOR

    def __str__(self) -> str:
        """As it is named to a reader."""
        part = "" if self.breakdown == TOTAL else f" {self.breakdown}={self.category}"
        side = "" if self.side == NUMERATOR else f", {self.side}"
        return f"{self.indicator} {self.start}–{self.end} {self.place}{part}{side}"

    @property
    def whole(self) -> FigureKey:
        """The whole that it is a part of, or itself."""
        return replace(self, breakdown=TOTAL, category=TOTAL)

    @property
    def table(self) -> tuple[str, date, date, str]:
        """What all breakdowns of an indicator at a place and in a window have in common."""
        return self.indicator, self.start, self.end, self.place


def days_in(text: str) -> Days | None:
    """The two days that a heading names, first and last; None unless it names two."""
    named = [
        (year, next(n for n, names in enumerate(_MONTHS, 1) if month.casefold() in names.split("|")), day)
        for day, month, year in _NAMED_DAY.findall(text)
    ]
    written = [*_ISO_DAY.findall(text), *((y, m, d) for d, m, y in _NUMBER_DAY.findall(text)), *named]
    found = [day for one in written if (day := _day(*one)) is not None]
    return (found[0], found[1]) if len(found) == 2 and found[0] <= found[1] else None


def days_of(period: str) -> Days | None:
    """The days of a quarter that is written as such; None for any other name."""
    try:
        quarter = Quarter.parse(period)
    except ValueError:
        return days_in(period)
    return quarter.start, quarter.end


def keyed_proposals(names: Mapping[FigureKey, str], adds_up: Mapping[str, frozenset[str]]) -> Iterator[Proposal]:
    """What named figures may say of one another: a part is at most its whole; parts and countries may add up.

    `adds_up` has the breakdowns of an indicator that do, if any file says so much of it; else they must be seen to.
    """
    parts, places = defaultdict[tuple[FigureKey, str], list[FigureKey]](list), defaultdict[FigureKey, list[str]](list)
    for key in sorted(names):
        if key.breakdown != TOTAL:
            parts[key.whole, key.breakdown].append(key)
        if key.place != REGION:
            places[replace(key, place=REGION)].append(key.place)
    for (whole, breakdown), found in parts.items():
        if whole in names:
            about = (whole.indicator, breakdown, whole.side)
            cells = [names[key] for key in found]
            yield from (Proposal(("part", *about), at_most(cell, [names[whole]]), _SAID) for cell in cells)
            said = adds_up.get(whole.indicator)
            if said is None or breakdown in said:
                yield Proposal(
                    ("parts", *about), whole_and_parts(names[whole], cells), _SEEN if said is None else _SAID
                )
    for region, countries in places.items():
        if region in names and set(countries) >= set(places.get(region.whole, ())) and len(countries) > 1:
            cells = [names[replace(region, place=place)] for place in countries]
            about = (region.indicator, region.breakdown, region.side)
            yield Proposal(("places", *about), whole_and_parts(names[region], cells), _SEEN)


def _day(year: str, month: str | int, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
