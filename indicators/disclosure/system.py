"""What is published, as one set of linear relations between the counts behind it.

An *unknown* here is one count: of a population (a fact, the day it is dated by, and the conditions
common to an indicator's numbers), under further conditions (a category of a breakdown, or a condition
of one number), over the quarters that hold data, at a place. Two figures that count the same thing share one unknown,
whatever indicator, calendar or table they stand in: a fiscal year that holds one quarter is that
quarter, and the minors of a share are the minors of the count.

Everything is built from what a reader of the edition knows: the definitions, the windows, which
places reported. No value takes part in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from indicators.calendars import Quarter, Window, quarters_between
from indicators.definition_faults import REGIONS
from indicators.definitions import Definition
from indicators.disclosure.relations import ONCE, relations_between
from indicators.disclosure.unknowns import NOT_KNOWN, Quarters, Row, System, Unknown, without_needless
from indicators.expressions import AVERAGES, PERSONS, ROWS
from indicators.fact_views import counted_facts
from indicators.facts import codelists
from indicators.figures import REGION_TOTAL, SHOWN, SUPPRESSED, TOTAL, UNDEFINED, Figure
from indicators.queries import Tally, tallies


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
    if definition.function:
        when = (figure.period,) if counted_facts()[definition.fact].kind == "state" else quarters
        extras = tuple(_category(figure, definition))
        return Row(figure, Unknown(f"{definition.code} {definition.function}", extras, when, place), None, None)
    first, *others = tallies(definition)
    split = first.split
    category = _category(figure, definition)
    if definition.is_average:
        # What a reader learns of people from a mean is of how many values it is.
        known = {*split.base, *split.numerator, *category, f"is_known({first.aggregate.argument})"}
        return Row(figure, _unknown(definition, first, known, figure, quarters, place), None, None, counts_values=True)
    numerator = _unknown(definition, first, {*split.base, *split.numerator, *category}, figure, quarters, place)
    if not definition.is_share or (definition.denominator and definition.denominator.kind == REGIONS):
        return Row(figure, numerator, None, None)
    own = set() if definition.denominator_by == "whole" else category
    if others:
        other = others[0]
        below = _unknown(definition, other, {*other.split.base, *other.split.numerator, *own}, figure, quarters, place)
        # Over nothing of another fact the figure says that there is nothing of it, and no word of its numerator.
        return Row(figure, below, None, None) if figure.status == UNDEFINED else Row(figure, numerator, below, None)
    denominator = _unknown(definition, first, {*split.base, *split.denominator, *own}, figure, quarters, place)
    if numerator == denominator:
        return Row(figure, numerator, denominator, None)
    # One condition, so that leaving it out gives the denominator and nothing else.
    extras = (*denominator.extras, f"not ({' and '.join(numerator.extras)})")
    return Row(figure, numerator, denominator, Unknown(numerator.population, extras, numerator.quarters, place))


def _unknown(
    definition: Definition, tally: Tally, conditions: set[str], figure: Figure, quarters: Quarters, place: str
) -> Unknown:
    if counted_facts()[tally.fact].kind == "state":
        quarters = (figure.period,)  # read on the last day, however far back the window reaches
    population, implied = _population(definition, tally)
    return Unknown(population, without_needless(conditions - implied), quarters, place)


def _population(definition: Definition, tally: Tally) -> tuple[str, frozenset[str]]:
    """Rows and sums share one population per fact and date: any conditions nest. Persons are pinned by their base."""
    kind, argument = tally.aggregate.kind, tally.aggregate.argument
    if kind in AVERAGES:
        kind, argument = ROWS, None
    name = f"{tally.fact} by {tally.dated_by} {kind} {argument or ''}".strip()
    if kind != PERSONS:
        return name, frozenset()
    once = f" {ONCE}" if definition.rule_time == "S" else ""
    return f"{name}{once} where {' and '.join(sorted(tally.split.base)) or 'true'}", tally.split.base


def _category(figure: Figure, definition: Definition) -> set[str]:
    if figure.breakdown == TOTAL:
        return set()
    column = counted_facts()[definition.fact].counted_columns()[figure.breakdown]
    unknown = codelists()[column.values or ""].unknown or NOT_KNOWN
    if figure.breakdown in definition.distinct_in:
        return {f"any {figure.breakdown} = '{figure.category}'"}
    if column.is_list and figure.category != unknown:
        return {f"{figure.breakdown} has '{figure.category}'"}
    return {f"{figure.breakdown} = '{figure.category}'"}
