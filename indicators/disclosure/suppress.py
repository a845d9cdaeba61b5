"""The suppressor: hides small counts, and enough others that no small count can be worked out.

First the small counts themselves, then breakdowns that would be mostly hidden, then, as long as the
attacker narrows a small count below the policy's width, one more count beside each that he found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from indicators.disclosure.attacker import Bounds, Interval, Reader, attack
from indicators.disclosure.elimination import determined
from indicators.disclosure.policy import Policy
from indicators.disclosure.unknowns import Relation, Row, System, Unknown
from indicators.figures import REGION_TOTAL, TOTAL

Values = Mapping[Unknown, Decimal]

# A total, and a regional number, is worth more than a cell of a table: how much dearer it is to hide.
_TOTAL_COST, _REGION_COST = 20, 5


class Unprotectable(RuntimeError):
    """The search ended without a safe pattern; nothing may be published."""


@dataclass(frozen=True)
class Pattern:
    """Which counts stay hidden: the small ones, those of breakdowns left out (`blank`), and others beside them."""

    small: frozenset[Unknown]
    blank: frozenset[Unknown]
    hidden: frozenset[Unknown]
    rounds: int

    def hides(self, row: Row) -> bool:
        """Whether a figure must be hidden: one of its counts is."""
        return any(unknown in self.hidden for unknown in row.unknowns)


def suppress(system: System, values: Values, policy: Policy) -> Pattern:
    """The pattern under which no small count can be worked out more closely than the policy allows.

    `values` holds the true count of every unknown of the rows. Raises Unprotectable.
    """
    reader = Reader(system.relations)
    small = frozenset(unknown for unknown, value in values.items() if policy.is_small(value))
    blank = _mostly_hidden(_tables(system.rows), values, small, policy) | _inside_small(reader, small)
    # Some counts stand in relations only, between published ones: nothing shows them, so nothing hides them.
    blank &= values.keys()
    hidden = set(small) | blank
    ties = Ties(reader.of, _tables_of(system.rows))
    unsafe = dict.fromkeys(small, policy.interval_width)
    freed: set[Unknown] = set()
    for round_number in range(1, 2 * len(values) + 2):
        shown = _shown(system.rows, hidden)
        known = {unknown: values[unknown] for unknown in shown}
        narrow = attack(reader, known, worst_case(hidden, small, blank, policy), unsafe)
        if narrow:
            one_by_one, together = _remedies(narrow, shown - freed, ties, values, policy)
            hidden |= one_by_one | together
            blank |= together | {unknown for unknown in one_by_one if not values[unknown]}
            # Hiding more leaves every table that fitted before: what was wide stays wide.
            unsafe = dict.fromkeys(narrow, policy.interval_width)
        elif harmless := _follows(reader, system.rows, values, hidden) - small:
            # What equations give away changes nothing of what can be worked out about others.
            hidden, blank, freed, unsafe = hidden - harmless, blank - harmless, freed | harmless, {}
        elif harmless := _found_out(reader, system.rows, values, hidden, small):
            # Whole numbers found one by one say more together: look at every small count again. What is
            # freed is never hidden again, so that this ends.
            hidden, blank, freed = hidden - harmless, blank - harmless, freed | harmless
            unsafe = dict.fromkeys(small, policy.interval_width)
        else:
            return Pattern(small, frozenset(blank), frozenset(hidden), round_number)
    raise Unprotectable(f"no safe pattern after {round_number} rounds")


def _tables(rows: Iterable[Row]) -> list[list[Row]]:
    """Each breakdown of an indicator at a place in a window."""
    tables: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        f = row.figure
        if f.breakdown != TOTAL:
            tables[f.indicator, f.calendar, f.period, f.place, f.breakdown].append(row)
    return list(tables.values())


def _mostly_hidden(
    tables: Iterable[list[Row]], values: Values, small: frozenset[Unknown], policy: Policy
) -> set[Unknown]:
    """All counts, zeros too, of breakdowns that would say little: too fine for so few people."""
    coarse: set[Unknown] = set()
    for parts in tables:
        filled = [row for row in parts if values[row.numerator]]
        hidden = sum(1 for row in filled if any(unknown in small for unknown in row.unknowns))
        if filled and Decimal(hidden) / len(filled) > policy.mostly_hidden:
            coarse |= {row.numerator for row in parts}
    return coarse


def _inside_small(reader: Reader, small: frozenset[Unknown]) -> set[Unknown]:
    """Every count that is a part of a small one, zeros too: zeros alone would say how large the whole must be."""
    return {part for whole in small for part in reader.parts.get(whole, ())}


def _shown(rows: Iterable[Row], hidden: set[Unknown]) -> set[Unknown]:
    """Counts that some shown figure gives away."""
    return {u for row in rows if not any(v in hidden for v in row.unknowns) for u in row.unknowns}


def worst_case(
    hidden: Iterable[Unknown], small: frozenset[Unknown], blank: set[Unknown], policy: Policy
) -> dict[Unknown, Bounds]:
    """What the rules themselves give away: a small count is small.

    The worst is assumed: that the attacker knows which of the hidden counts are the small ones. Of the
    others he knows nothing, for zeros are hidden among them; nor of a breakdown left out altogether.
    """
    least = 0 if policy.hide_zeros else 1
    return {u: Bounds(least, policy.threshold - 1) for u in hidden if u in small and u not in blank}


@dataclass(frozen=True)
class Ties:
    """What surrounds each unknown: the relations it takes part in, and the breakdowns it is a cell of."""

    relations: Mapping[Unknown, list[Relation]]
    tables: Mapping[Unknown, list[frozenset[Unknown]]]


def _tables_of(rows: Iterable[Row]) -> dict[Unknown, list[frozenset[Unknown]]]:
    found: dict[Unknown, list[frozenset[Unknown]]] = defaultdict(list)
    for table in _tables(rows):
        cells = frozenset(row.numerator for row in table)
        for row in table:
            for unknown in (*row.unknowns, *([row.rest] if row.rest else [])):
                found[unknown].append(cells)
    return found


def _remedies(
    narrow: Mapping[Unknown, Interval], shown: set[Unknown], ties: Ties, values: Values, policy: Policy
) -> tuple[set[Unknown], set[Unknown]]:
    """For each small count that was found, what to hide: one more count, or a whole breakdown (second set).

    A cell beside it is cheapest. Before a total is given up, the breakdown that betrays it is.
    """
    chosen: set[Unknown] = set()
    together: set[Unknown] = set()
    for unknown in sorted(narrow):
        candidates = _neighbours(unknown, shown, ties.relations, values)
        if not candidates:
            raise Unprotectable(f"nothing left to hide around a count of {unknown.population} at {unknown.place}")
        if candidates & (chosen | together):
            continue
        best = min(candidates, key=lambda c: (_cost(c, values, policy), c))
        betraying = {u for table in _betraying(unknown, candidates, ties) for u in table if u in shown}
        if _is_total(best) and betraying:
            together |= betraying
        else:
            chosen.add(best)
    return chosen, together


def _betraying(unknown: Unknown, candidates: set[Unknown], ties: Ties) -> list[frozenset[Unknown]]:
    """The breakdowns the count is a cell of; for a total, those of the totals it could be subtracted from."""
    own = ties.tables.get(unknown, [])
    if own:
        return own
    parts = {u for c in candidates for relation in ties.relations.get(c, []) for u in relation.unknowns}
    return [table for part in parts if part.place == unknown.place for table in ties.tables.get(part, [])]


def _is_total(unknown: Unknown) -> bool:
    return not any(" = '" in extra or " has '" in extra or extra.startswith("any ") for extra in unknown.extras)


def _neighbours(
    start: Unknown, shown: set[Unknown], by_unknown: Mapping[Unknown, list[Relation]], values: Values
) -> set[Unknown]:
    """Shown counts tied to this one: by an equation if there is one, in wider circles if not, zeros last.

    Where the equations offer totals alone, what is tied by a bound is offered too: it may do as well and costs less.
    """
    circle, seen, zeros = {start}, {start}, set()
    while circle:
        relations = [relation for unknown in sorted(circle) for relation in by_unknown.get(unknown, [])]
        tied = {exact: {u for r in relations if r.is_equality is exact for u in r.unknowns} for exact in (True, False)}
        by_equation, by_bound = tied[True] & shown, tied[False] & shown
        equal, bounding = ({u for u in those if values[u]} for those in (by_equation, by_bound))
        if equal and not all(_is_total(unknown) for unknown in equal):
            return equal
        if equal or bounding:
            return equal | bounding
        zeros |= by_equation | by_bound
        circle = {u for r in relations for u in r.unknowns} - seen
        seen |= circle
    return zeros


def _cost(unknown: Unknown, values: Values, policy: Policy) -> Decimal:
    """What is lost by hiding a count: its size, more for totals and for the region."""
    cost = values[unknown] + 1
    if values[unknown] < policy.interval_width:
        cost += 1000  # too small to give the other count room
    if _is_total(unknown):
        cost *= _TOTAL_COST
    return cost * _REGION_COST if unknown.place.startswith(REGION_TOTAL) else cost


def _follows(reader: Reader, rows: Iterable[Row], values: Values, hidden: set[Unknown]) -> set[Unknown]:
    """Hidden counts that equations alone give away, or that are parts of nothing: hiding them says nothing."""
    known = {unknown: values[unknown] for unknown in _shown(rows, hidden)}
    zeros = reader.parts_of_nothing(known)
    return hidden & (determined(reader.relations, known.keys() | zeros) | zeros)


def _found_out(
    reader: Reader, rows: Iterable[Row], values: Values, hidden: set[Unknown], small: frozenset[Unknown]
) -> set[Unknown]:
    """Hidden counts that are not small and that bounds give away, as anyone can tell with linear programs."""
    known = {unknown: values[unknown] for unknown in _shown(rows, hidden)}
    narrow = attack(reader, known, {}, dict.fromkeys(hidden - small, 1))
    return {unknown for unknown, interval in narrow.items() if interval.low == interval.high == values[unknown]}
