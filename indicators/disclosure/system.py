"""What is published, as one set of linear relations between the counts behind it.

A *unknown* here is one count: of a population (a fact and the conditions common to an indicator's
numbers), under further conditions (a category of a breakdown, or a condition of one number), over
the quarters that hold data, at a place. Two figures that count the same thing share one unknown,
whatever indicator, calendar or table they stand in: a fiscal year that holds one quarter is that
quarter, and the minors of a share are the minors of the count.

Everything is built from what a reader of the edition knows: the definitions, the windows, which
places reported. No value takes part in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from indicators.calendars import Quarter, Window, quarters_between
from indicators.definitions import Definition
from indicators.expressions import PERSONS
from indicators.facts import codelists, facts
from indicators.figures import REGION_TOTAL, SHOWN, SUPPRESSED, TOTAL, UNDEFINED, Figure
from indicators.queries import conditions

Quarters = tuple[str, ...]


@dataclass(frozen=True, order=True)
class Unknown:
    """One count that somebody may know or want to know."""

    population: str
    extras: tuple[str, ...]
    quarters: Quarters
    place: str

    def __post_init__(self) -> None:
        # The attacker looks unknowns up millions of times; hashing four fields each time was half his time.
        object.__setattr__(self, "_hash", hash((self.population, self.extras, self.quarters, self.place)))

    def __hash__(self) -> int:
        found: int = self._hash  # type: ignore[attr-defined]
        return found


@dataclass(frozen=True)
class Relation:
    """`low <= sum(coefficient * unknown) <= high`; `high` None is no upper bound."""

    terms: tuple[tuple[Unknown, int], ...]
    is_equality: bool

    @property
    def unknowns(self) -> list[Unknown]:
        """The unknowns of the relation."""
        return [unknown for unknown, _ in self.terms]


@dataclass(frozen=True)
class Row:
    """A figure as unknowns: its number, the number it is a share of, and what is left of the two."""

    figure: Figure
    numerator: Unknown
    denominator: Unknown | None
    rest: Unknown | None

    @property
    def unknowns(self) -> list[Unknown]:
        """The unknowns that showing the figure makes known."""
        return [u for u in (self.numerator, self.denominator) if u is not None]


@dataclass(frozen=True)
class System:
    """The rows and all relations between their unknowns."""

    rows: tuple[Row, ...]
    relations: tuple[Relation, ...]


def build(figures: Iterable[Figure], catalogue: Mapping[str, Definition], windows: Sequence[Window]) -> System:
    """The system of the figures that count something (shown, hidden, or a share of nothing)."""
    data = _quarters_with_data(figures := list(figures), windows)
    counted = [figure for figure in figures if figure.status in (SHOWN, SUPPRESSED, UNDEFINED)]
    places = _places_counted(counted)
    rows = tuple(
        _row(figure, catalogue[figure.indicator], data[figure.calendar, figure.period], places[figure.key[:4]])
        for figure in counted
        if figure.key[:4] in places
    )
    relations = dict.fromkeys(
        relation
        for relation in (
            *_share_relations(rows),
            *_partitions(rows, catalogue),
            *_places(rows, catalogue),
            *_subsets(rows),
            *_times(rows),
            *_at_most(rows, catalogue),
        )
        if len(relation.terms) > 1
    )
    return System(rows, tuple(relations))


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
        if figure.breakdown == TOTAL:
            found[figure.key[:4]] = figure.place
            if figure.place != REGION_TOTAL:
                countries[figure.key[:3]].append(figure.place)
    return {
        key: f"{place} of {','.join(sorted(countries[key[:3]]))}" if place == REGION_TOTAL else place
        for key, place in found.items()
    }


def _row(figure: Figure, definition: Definition, quarters: Quarters, place: str) -> Row:
    if facts()[definition.fact].kind == "state":
        quarters = (figure.period,)  # read on the last day, however far back the window reaches
    if definition.function:
        population = f"{definition.code} {definition.function}"
        return Row(figure, Unknown(population, (), quarters, place), None, None)
    population, base = _population(definition)
    split = conditions(definition)
    category = _category(figure, definition)
    numerator = Unknown(population, _extras({*base, *split.numerator, *category}), quarters, place)
    if not definition.is_share or (definition.denominator and definition.denominator.kind == "regions"):
        return Row(figure, numerator, None, None)
    own = set() if definition.denominator_by == "whole" else category
    denominator = Unknown(population, _extras({*base, *split.denominator, *own}), quarters, place)
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
    column = facts()[definition.fact].counted_columns()[figure.breakdown]
    unknown = codelists()[column.values or ""].unknown
    if figure.breakdown in definition.distinct_in:
        return {f"any {figure.breakdown} = '{figure.category}'"}
    if column.is_list and figure.category != unknown:
        return {f"{figure.breakdown} has '{figure.category}'"}
    return {f"{figure.breakdown} = '{figure.category}'"}


def _extras(found: set[str]) -> tuple[str, ...]:
    """A known category is known: `is_known(c)` beside `c = 'x'` says nothing more."""
    named = {c.split()[0] for c in found if " = '" in c or " has '" in c}
    return tuple(sorted(c for c in found if not (c.startswith("is_known(") and c[9:-1] in named)))


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
        if breakdown == TOTAL or not whole or definition.function or definition.denominator_by == "whole":
            continue
        is_list = facts()[definition.fact].counted_columns()[breakdown].is_list
        for side in ("numerator", "denominator"):
            total, found = getattr(whole[0], side), [getattr(part, side) for part in parts]
            if total is None:
                continue
            if is_list or breakdown in definition.distinct_in:
                yield _at_least(found, [total])
            else:
                yield _equal(total, found)
        yield from _known_and_unknown(whole[0].numerator, breakdown, [part.numerator for part in parts], is_list)


def _known_and_unknown(whole: Unknown, breakdown: str, parts: Sequence[Unknown], is_list: bool) -> Iterator[Relation]:
    known = Unknown(whole.population, _extras({*whole.extras, f"is_known({breakdown})"}), whole.quarters, whole.place)
    unknown = [part for part in parts if f"{breakdown} = 'U'" in part.extras]
    yield _equal(whole, (known, *unknown))
    if is_list:
        yield _at_least([part for part in parts if part not in unknown], [known])
        yield from (_at_least([known], [part]) for part in parts if part not in unknown)


def _places(rows: Sequence[Row], catalogue: Mapping[str, Definition]) -> Iterator[Relation]:
    """The region is the sum of the countries whose number is in it: those whose whole is known."""
    by_cell: dict[tuple[str, ...], dict[str, Row]] = defaultdict(dict)
    for row in rows:
        figure = row.figure
        by_cell[figure.indicator, figure.calendar, figure.period, figure.breakdown, figure.category][figure.place] = row
    for key, places in by_cell.items():
        region = places.get(REGION_TOTAL)
        countries = [row for place, row in places.items() if place != REGION_TOTAL]
        if region is None or not countries or catalogue[key[0]].function:
            continue
        for side in ("numerator", "denominator"):
            if getattr(region, side) is not None:
                yield _equal(getattr(region, side), [getattr(row, side) for row in countries])


def _all_unknowns(rows: Sequence[Row]) -> set[Unknown]:
    return {unknown for row in rows for unknown in (*row.unknowns, *([row.rest] if row.rest else []))}


def _subsets(rows: Sequence[Row]) -> Iterator[Relation]:
    """One more condition can only count fewer."""
    every = _all_unknowns(rows)
    for unknown in sorted(every):
        for extra in unknown.extras:
            fewer = tuple(e for e in unknown.extras if e != extra)
            wider = Unknown(unknown.population, fewer, unknown.quarters, unknown.place)
            if wider in every:
                yield _at_least([wider], [unknown])


def _times(rows: Sequence[Row]) -> Iterator[Relation]:
    """Rows add up over quarters. Persons are counted again: a longer window lies between its parts and their sum."""
    groups: dict[tuple[str, tuple[str, ...], str], dict[Quarters, Unknown]] = defaultdict(dict)
    for unknown in sorted(_all_unknowns(rows)):
        groups[unknown.population, unknown.extras, unknown.place][unknown.quarters] = unknown
    for (population, extras, _), spans in groups.items():
        for long, whole in spans.items():
            parts = [spans.get((quarter,)) for quarter in long]
            if len(long) > 1 and None not in parts:
                quarters = [part for part in parts if part is not None]
                if f" {PERSONS} " in f" {population} ":
                    yield _at_least(quarters, [whole])
                else:
                    yield _equal(whole, quarters)
            yield from _shorter(whole, spans, extras)


def _shorter(whole: Unknown, spans: Mapping[Quarters, Unknown], extras: tuple[str, ...]) -> Iterator[Relation]:
    """Persons of a part are in the whole; of one category only if the part begins with it (first contact decides)."""
    free = all(extra.startswith("any ") for extra in extras)
    for short, part in spans.items():
        inside = len(short) < len(whole.quarters) and set(short) < set(whole.quarters)
        if inside and (free or short[0] == whole.quarters[0]):
            yield _at_least([whole], [part])


def _at_most(rows: Sequence[Row], catalogue: Mapping[str, Definition]) -> Iterator[Relation]:
    """An indicator declared to be at most another is so in every cell."""
    by_key = {row.figure.key: row for row in rows}
    for row in rows:
        other = catalogue[row.figure.indicator].at_most
        wider = by_key.get((other, *row.figure.key[1:])) if other else None
        if wider is not None and wider.numerator.place == row.numerator.place:
            yield _at_least([wider.numerator], [row.numerator])
