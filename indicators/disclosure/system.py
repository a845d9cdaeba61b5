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

from indicators.calendars import Quarter, Window, quarters_between
from indicators.definitions import Definition
from indicators.disclosure.relations import relations_between
from indicators.disclosure.unknowns import Quarters, Row, System, Unknown, without_needless
from indicators.expressions import PERSONS
from indicators.fact_views import counted_facts
from indicators.facts import codelists
from indicators.figures import REGION_TOTAL, SHOWN, SUPPRESSED, TOTAL, UNDEFINED, Figure
from indicators.queries import conditions


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
    if counted_facts()[definition.fact].kind == "state":
        quarters = (figure.period,)  # read on the last day, however far back the window reaches
    if definition.function:
        population = f"{definition.code} {definition.function}"
        return Row(figure, Unknown(population, (), quarters, place), None, None)
    population, base = _population(definition)
    split = conditions(definition)
    category = _category(figure, definition)
    numerator = Unknown(population, without_needless({*base, *split.numerator, *category}), quarters, place)
    if not definition.is_share or (definition.denominator and definition.denominator.kind == "regions"):
        return Row(figure, numerator, None, None)
    own = set() if definition.denominator_by == "whole" else category
    denominator = Unknown(population, without_needless({*base, *split.denominator, *own}), quarters, place)
    if numerator == denominator:
        return Row(figure, numerator, denominator, None)
    rest = Unknown(population, (*numerator.extras, "not in the numerator of", *denominator.extras), quarters, place)
    return Row(figure, numerator, denominator, rest)


def _population(definition: Definition) -> tuple[str, frozenset[str]]:
    """Rows and sums share one population per fact: any conditions nest. Persons are pinned by their base."""
    aggregate = definition.numerator
    assert aggregate is not None, "network measures have no expression"
    base = conditions(definition).base
    name = f"{definition.fact} {aggregate.kind} {aggregate.argument or ''}".strip()
    if aggregate.kind == PERSONS:
        return f"{name} where {' and '.join(sorted(base)) or 'true'}", frozenset()
    return name, base


def _category(figure: Figure, definition: Definition) -> set[str]:
    if figure.breakdown == TOTAL:
        return set()
    column = counted_facts()[definition.fact].counted_columns()[figure.breakdown]
    unknown = codelists()[column.values or ""].unknown
    if figure.breakdown in definition.distinct_in:
        return {f"any {figure.breakdown} = '{figure.category}'"}
    if column.is_list and figure.category != unknown:
        return {f"{figure.breakdown} has '{figure.category}'"}
    return {f"{figure.breakdown} = '{figure.category}'"}
