"""A figure: indicator x calendar x period x place x breakdown x category."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from indicators import network
from indicators.calendars import Quarter, Window, quarters_between
from indicators.definitions import Definition
from indicators.fact_views import counted_facts, sources
from indicators.facts import facts

TOTAL = "total"
REGION_TOTAL = "CA"
SHOWN, SUPPRESSED, NOT_REPORTED, UNKNOWN, UNDEFINED = "shown", "suppressed", "not_reported", "unknown", "undefined"
TOO_FEW = "too_few_for_average"  # the reason of a mean or median of fewer values than its definition allows
_MILLIONTH = Decimal("0.000001")

Key = tuple[str, str, str, str, str, str]


@dataclass(frozen=True)
class Figure:
    """One number, or the word that stands in its place.

    Before protection `shown` means counted. `offices_expected` is how many offices should be in it,
    `offices_reported` how many are: a missing office is never a zero. `average` is a mean or median, rounded;
    its denominator is of how many values, and it has no numerator.
    """

    indicator: str
    calendar: str
    period: str
    place: str
    breakdown: str
    category: str
    numerator: Decimal | None
    denominator: Decimal | None
    status: str
    reason: str
    offices_expected: int
    offices_reported: int
    average: Decimal | None = None

    @property
    def key(self) -> Key:
        """What the figure is about."""
        return (self.indicator, self.calendar, self.period, self.place, self.breakdown, self.category)

    @property
    def value(self) -> Decimal | None:
        """The number to show: the count, the mean or median, or the share as a fraction of 1, half up to six places."""
        if self.average is not None:
            return self.average
        if self.numerator is None:
            return None
        if self.denominator is None:
            return self.numerator
        return (self.numerator / self.denominator).quantize(_MILLIONTH, ROUND_HALF_UP)


@dataclass(frozen=True)
class Reporting:
    """Which place should have sent which fact for which period, and which did.

    `makes_a_region`: whether the places together are a whole that a regional figure may speak of.
    """

    expected: frozenset[tuple[str, str, str]]
    received: frozenset[tuple[str, str, str]]
    makes_a_region: bool = True

    @property
    def places(self) -> list[str]:
        """Places with any expectation, in order."""
        return sorted({place for place, _, _ in self.expected})

    def expects(self, definition: Definition, window: Window, place: str) -> bool:
        """Whether the place owes rows of what is counted: who sends cases only has no figure of services, not zero."""
        periods = _periods(window, counted_facts()[definition.fact].kind)
        needed = sources(definition.fact)[:1]
        return any((place, fact, period) in self.expected for fact in needed for period in periods)

    def has(self, definition: Definition, window: Window, place: str) -> bool:
        """Whether everything the place owes to this figure has been accepted.

        A window with one quarter missing is not reported: part of a year is not a year.
        """
        owed = self._owed(definition, window, place)
        return bool(owed) and owed <= self.received

    def _owed(self, definition: Definition, window: Window, place: str) -> set[tuple[str, str, str]]:
        kinds = {fact: counted_facts()[fact].kind for fact in definition.facts}
        owed = {(place, fact, period) for fact, kind in kinds.items() for period in _periods(window, kind)}
        # A service of this quarter may belong to a case of any earlier one: without that file it would not count.
        owed |= {(place, fact, period) for fact, period in _looked_back_on(definition, window)}
        earlier = definition.facts_of_any_time
        owed |= {cell for cell in self.expected if cell[0] == place and cell[1] in earlier and cell[2] <= window.period}
        return owed & self.expected


def _looked_back_on(definition: Definition, window: Window) -> Iterator[tuple[str, str]]:
    """The quarters of events, before those of the window, of which a network measure is made."""
    if definition.function and window.end is not None:
        last = Quarter.of(window.end)
        for fact in network.FACTS[definition.function]:
            if facts()[fact].kind == "event":
                yield from ((fact, str(last.back(quarters))) for quarters in range(network.LOOKS_BACK))


def _periods(window: Window, kind: str) -> Iterable[str]:
    if window.start is None or window.end is None or kind == "state":
        return [window.period]
    return [str(q) for q in quarters_between(Quarter.of(window.start), Quarter.of(window.end))]
