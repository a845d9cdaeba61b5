"""What is published, as one set of linear relations between the counts behind it.

An *unknown* here is one count: of a population (a fact and the conditions common to an indicator's
numbers), under further conditions (a category of a breakdown, or a condition of one number), over
the quarters that hold data, at a place. Two figures that count the same thing share one unknown,
whatever indicator, calendar or table they stand in: a fiscal year that holds one quarter is that
quarter, and the minors of a share are the minors of the count.

Everything is built from what a reader of the edition knows: the definitions, the windows, which
places reported. No value takes part in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from indicators.calendars import Quarter, Window, quarters_between
from indicators.conditions import conditions
from indicators.definitions import Definition
from indicators.disclosure.relations import relations_between
from indicators.disclosure.unknowns import Quarters, Row, System, Unknown, without_needless
from indicators.expressions import PERSONS, ROWS, STATISTICS, Aggregate
from indicators.fact_views import counted_facts
from indicators.facts import codelists
from indicators.figures import REGION_TOTAL, SHOWN, SUPPRESSED, TOTAL, UNDEFINED, Figure


def build(figures: Iterable[Figure], catalogue: Mapping[str, Definition], windows: Sequence[Window]) -> System:
    """The system of the figures that count something (shown, hidden, or a share of nothing)."""
    data = _quarters_with_data(figures := list(figures), windows)
    counted = [figure for figure in figures if figure.status in (SHOWN, SUPPRESSED, UNDEFINED)]
    places = _places_counted(counted)
    rows = tuple(
        _row(figure, catalogue[figure.indicator], data[figure.calendar, figure.period], places[figure.key[:4]])
        for figure in counted
    )
    return System(rows, relations_between(rows, catalogue))


def _quarters_with_data(figures: Sequence[Figure], windows: Sequence[Window]) -> dict[tuple[str, str], Quarters]:
    """Quarters of each window from the first quarter of the edition on: before it there is nothing to count."""
    spans = {(w.calendar, w.period): w for w in windows}
    first = min((Quarter.parse(f.period) for f in figures if f.period != "all"), default=None)
    found: dict[tuple[str, str], Quarters] = {}
    for key, span in spans.items():
        if span.start is None or span.end is None or first is None:
            found[key] = (span.period,)
        else:
            begin = max(first, Quarter.of(span.start))
            found[key] = tuple(str(q) for q in quarters_between(begin, Quarter.of(span.end)))
    return found


def _places_counted(figures: Sequence[Figure]) -> dict[tuple[str, ...], str]:
    """The place of each table; for the region with the countries in it, since regions of other countries differ."""
    countries: dict[tuple[str, ...], list[str]] = defaultdict(list)
    found = {}
    for figure in figures:
        found[figure.key[:4]] = figure.place
        if figure.breakdown == TOTAL and figure.place != REGION_TOTAL:
            countries[figure.key[:3]].append(figure.place)
    return {
        key: f"{place} of {','.join(sorted(countries[key[:3]]))}" if place == REGION_TOTAL else place
        for key, place in found.items()
    }


def _row(figure: Figure, definition: Definition, quarters: Quarters, place: str) -> Row:
    if definition.counted.kind == "state":
        quarters = (figure.period,)  # read on the last day, however far back the window reaches
    if definition.function:
        population = f"{definition.code} {definition.function}"
        return Row(figure, Unknown(population, (), quarters, place), None, None)
    assert definition.numerator is not None, "the network has been dealt with"
    split = conditions(definition)
    counted = Population(definition.fact, definition.dated_by, definition.numerator, definition.rule_time, split.base)
    population, base = counted.named()
    category = _category(figure, definition, definition.fact)
    numerator = Unknown(population, without_needless({*base, *split.numerator, *category}), quarters, place)
    if not definition.is_share or (definition.denominator and definition.denominator.kind == "regions"):
        return Row(figure, numerator, None, None)
    if definition.is_two_counts:
        return Row(figure, numerator, _other_count(figure, definition, quarters, place), None)
    own = set() if definition.denominator_by == "whole" else category
    denominator = Unknown(population, without_needless({*base, *split.denominator, *own}), quarters, place)
    if numerator == denominator:
        return Row(figure, numerator, denominator, None)
    rest = Unknown(population, (*numerator.extras, "not in the numerator of", *denominator.extras), quarters, place)
    return Row(figure, numerator, denominator, rest)


def _other_count(figure: Figure, definition: Definition, quarters: Quarters, place: str) -> Unknown:
    """The second number where it is counted from other rows: a count of its own, tied to the first by nothing."""
    second = definition.denominator
    assert second is not None, "two counts have two numbers"
    base = frozenset(c for c in second.conditions if not c.startswith("is_known("))
    counted = Population(
        definition.denominator_fact, definition.denominator_dated_by, second, definition.rule_time, base
    )
    population, shared = counted.named()
    category = _category(figure, definition, definition.denominator_fact)
    extras = without_needless({*shared, *(second.conditions - base), *category})
    return Unknown(population, extras, quarters, place)


@dataclass(frozen=True)
class Population:
    """What is counted: of which fact, dated by which day, and for persons under which base conditions."""

    fact: str
    day: str
    aggregate: Aggregate
    rule_time: str
    base: frozenset[str]

    def named(self) -> tuple[str, frozenset[str]]:
        """The population's name, and those base conditions that stand beside it.

        Rows and sums share one population per fact and day: any conditions nest. Persons are pinned by
        their base. Keys that never come again in another period add up over time as rows do. Of a mean
        or a quantile the rows with a known value are counted.
        """
        kind, argument = self.aggregate.kind, self.aggregate.argument or ""
        if kind in STATISTICS:
            return self._with_day(ROWS, ""), self.base | {f"{argument} IS NOT NULL"}
        if kind == PERSONS:
            kind = PERSONS if self.rule_time == "D" or self.rule_time == "R" else "keys"
            name = self._with_day(kind, argument)
            return f"{name} where {' and '.join(sorted(self.base)) or 'true'}", frozenset()
        return self._with_day(kind, argument), self.base

    def _with_day(self, kind: str, argument: str) -> str:
        usual = counted_facts()[self.fact].dated_by or ""
        by_day = f" by {self.day}" if self.day != usual else ""
        return f"{self.fact} {kind} {argument}".strip() + by_day


def _category(figure: Figure, definition: Definition, fact: str) -> set[str]:
    if figure.breakdown == TOTAL:
        return set()
    column = counted_facts()[fact].counted_columns()[figure.breakdown]
    unknown = codelists()[column.values or ""].unknown
    if figure.breakdown in definition.distinct_in:
        return {f"any {figure.breakdown} = '{figure.category}'"}
    if column.is_list and figure.category != unknown:
        return {f"{figure.breakdown} has '{figure.category}'"}
    return {f"{figure.breakdown} = '{figure.category}'"}
