"""The relations between the counts behind a set of figures, as any reader of an edition can write them down."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

from indicators.definitions import Definition
from indicators.disclosure.unknowns import NOT_KNOWN, ORDER, Quarters, Relation, Row, Unknown, without_needless
from indicators.expressions import PERSONS
from indicators.fact_views import counted_facts
from indicators.figures import REGION_TOTAL, TOTAL

# In the name of a population of keys: none of them recurs in another period, so they add up over time.
ONCE = "each once"


def relations_between(rows: Sequence[Row], catalogue: Mapping[str, Definition]) -> tuple[Relation, ...]:
    """Every relation between the unknowns of the rows, each once."""
    found = (
        *_share_relations(rows),
        *_partitions(rows, catalogue),
        *_places(rows, catalogue),
        *_subsets(rows),
        *_times(rows, catalogue),
        *_at_most(rows, catalogue),
        *_same_counts(rows, catalogue),
    )
    return tuple(dict.fromkeys(relation for relation in found if len(relation.terms) > 1))


def _at_least(big: Iterable[Unknown], small: Iterable[Unknown]) -> Relation:
    """sum(big) - sum(small) >= 0."""
    return Relation(tuple((u, 1) for u in big) + tuple((u, -1) for u in small), False)


def _equal(whole: Unknown, parts: Iterable[Unknown]) -> Relation:
    """whole - sum(parts) = 0."""
    return Relation(((whole, 1), *((part, -1) for part in parts)), True)


def _share_relations(rows: Sequence[Row]) -> Iterator[Relation]:
    for row in rows:
        if row.denominator is not None and row.rest is not None:
            yield _equal(row.denominator, (row.numerator, row.rest))


def _tables(rows: Sequence[Row]) -> dict[tuple[str, str, str, str, str], list[Row]]:
    tables: dict[tuple[str, str, str, str, str], list[Row]] = defaultdict(list)
    for row in rows:
        figure = row.figure
        tables[figure.indicator, figure.calendar, figure.period, figure.place, figure.breakdown].append(row)
    return tables


def _partitions(rows: Sequence[Row], catalogue: Mapping[str, Definition]) -> Iterator[Relation]:
    """Within one table: the whole is the sum of its parts, or at most their sum; known plus unknown is the whole."""
    tables = _tables(rows)
    for (indicator, calendar, period, place, breakdown), parts in tables.items():
        definition = catalogue[indicator]
        whole = tables.get((indicator, calendar, period, place, TOTAL))
        if breakdown == TOTAL or not whole or definition.is_of_the_whole or definition.denominator_by == "whole":
            continue
        is_list = counted_facts()[definition.fact].counted_columns()[breakdown].is_list
        for side in ("numerator", "denominator"):
            total, found = getattr(whole[0], side), [getattr(part, side) for part in parts]
            if total is None or not _of_one_population([total, *found]):
                continue
            if is_list or breakdown in definition.distinct_in:
                yield _at_least(found, [total])
            else:
                yield _equal(total, found)
        if not _of_one_population([row.numerator for row in (*whole, *parts)]):
            continue
        yield from _known_and_unknown(whole[0].numerator, breakdown, [part.numerator for part in parts], is_list)


def _of_one_population(unknowns: Sequence[Unknown | None]) -> bool:
    """Whether all say their count: a share over nothing of another fact says nothing of its numerator."""
    return None not in unknowns and len({unknown.population for unknown in unknowns if unknown}) == 1


def _known_and_unknown(whole: Unknown, breakdown: str, parts: Sequence[Unknown], is_list: bool) -> Iterator[Relation]:
    known = Unknown(
        whole.population, without_needless({*whole.extras, f"is_known({breakdown})"}), whole.quarters, whole.place
    )
    unknown = [part for part in parts if f"{breakdown} = '{NOT_KNOWN}'" in part.extras]
    yield _equal(whole, (known, *unknown))
    if is_list:
        yield _at_least([part for part in parts if part not in unknown], [known])
        yield from (_at_least([known], [part]) for part in parts if part not in unknown)


def _places(rows: Sequence[Row], catalogue: Mapping[str, Definition]) -> Iterator[Relation]:
    """The region is the sum of the countries whose number is in it: those whose whole is known."""
    by_cell: dict[tuple[str, ...], dict[str, Row]] = defaultdict(dict)
    known = {row.figure.key[:4] for row in rows if row.figure.breakdown == TOTAL}
    for row in rows:
        figure = row.figure
        if figure.key[:4] not in known:
            continue
        by_cell[figure.indicator, figure.calendar, figure.period, figure.breakdown, figure.category][figure.place] = row
    for key, places in by_cell.items():
        region = places.get(REGION_TOTAL)
        countries = [row for place, row in places.items() if place != REGION_TOTAL]
        if region is None or not countries or catalogue[key[0]].is_of_the_whole:
            continue
        for side in ("numerator", "denominator"):
            counts = [getattr(row, side) for row in (region, *countries)]
            if counts[0] is not None and _of_one_population(counts):
                yield _equal(counts[0], counts[1:])


def _all_unknowns(rows: Sequence[Row]) -> set[Unknown]:
    return {unknown for row in rows for unknown in (*row.unknowns, *([row.rest] if row.rest else []))}


def _subsets(rows: Sequence[Row]) -> Iterator[Relation]:
    """One more condition can only count fewer."""
    every = _all_unknowns(rows)
    for unknown in sorted(every, key=ORDER):
        for extra in unknown.extras:
            fewer = tuple(e for e in unknown.extras if e != extra)
            wider = Unknown(unknown.population, fewer, unknown.quarters, unknown.place)
            if wider in every:
                yield _at_least([wider], [unknown])
            # Whoever stands in the cell of the first contact is among all who ever had that contact.
            ever = Unknown(unknown.population, tuple(sorted((*fewer, f"any {extra}"))), unknown.quarters, unknown.place)
            if ever in every:
                yield _at_least([ever], [unknown])


def _times(rows: Sequence[Row], catalogue: Mapping[str, Definition]) -> Iterator[Relation]:
    """Rows add up over quarters. Persons are counted again: a longer window lies between its parts and their sum.

    Those of a cell in which a person stands once in a life add up too.
    """
    once_ever = {
        (row.numerator.population, row.numerator.extras)
        for row in rows
        if f"{row.figure.breakdown}={row.figure.category}" in catalogue[row.figure.indicator].once_ever
    }
    groups: dict[tuple[str, tuple[str, ...], str], dict[Quarters, Unknown]] = defaultdict(dict)
    for unknown in sorted(_all_unknowns(rows), key=ORDER):
        groups[unknown.population, unknown.extras, unknown.place][unknown.quarters] = unknown
    for (population, extras, _), spans in groups.items():
        for long, whole in spans.items():
            parts = [spans.get((quarter,)) for quarter in long]
            if len(long) > 1 and None not in parts:
                quarters = [part for part in parts if part is not None]
                again = f" {PERSONS} " in f" {population} " and f" {ONCE} " not in f" {population} "
                if again and (population, extras) not in once_ever:
                    yield _at_least(quarters, [whole])
                else:
                    yield _equal(whole, quarters)
            free = all(extra.startswith("any ") for extra in extras) or (population, extras) in once_ever
            yield from _shorter(whole, spans, free)


def _shorter(whole: Unknown, spans: Mapping[Quarters, Unknown], free: bool) -> Iterator[Relation]:
    """Persons of a part are in the whole; of one category only if the part begins with it (first contact decides)."""
    for short in _inside(tuple(spans))[whole.quarters]:
        if free or short[0] == whole.quarters[0]:
            yield _at_least([whole], [spans[short]])


@cache
def _inside(spans: tuple[Quarters, ...]) -> Mapping[Quarters, Sequence[Quarters]]:
    """For each span those that lie in it and are shorter. Most counts are given for the same few sets of spans."""
    sets = {span: set(span) for span in spans}
    return {long: [short for short in spans if sets[short] < sets[long]] for long in spans}


def _at_most(rows: Sequence[Row], catalogue: Mapping[str, Definition]) -> Iterator[Relation]:
    """An indicator declared to be at most another is so in every cell; at most one cell of another, as a whole."""
    by_key = {row.figure.key: row for row in rows}
    for row in rows:
        figure = row.figure
        code, _, cell = (catalogue[figure.indicator].at_most or "").partition(" ")
        if not code or (cell and figure.breakdown != TOTAL):
            continue
        breakdown, _, category = cell.partition("=")
        wider = by_key.get((code, *figure.key[1:4], breakdown or figure.breakdown, category or figure.category))
        if wider is not None and wider.numerator.place == row.numerator.place:
            yield _at_least([wider.numerator], [row.numerator])


def _same_counts(rows: Sequence[Row], catalogue: Mapping[str, Definition]) -> Iterator[Relation]:
    """Cells declared to be the same count as another indicator's are so wherever both are given."""
    by_key = {row.figure.key: row for row in rows}
    for row in rows:
        figure = row.figure
        own = TOTAL if figure.breakdown == TOTAL else f"{figure.breakdown}={figure.category}"
        code, _, cell = catalogue[figure.indicator].same_as.get(own, "").partition(" ")
        breakdown, _, category = cell.partition("=")
        other = by_key.get((code, *figure.key[1:4], breakdown, category or TOTAL)) if code else None
        if other is not None and other.numerator.place == row.numerator.place:
            yield _equal(row.numerator, [other.numerator])
