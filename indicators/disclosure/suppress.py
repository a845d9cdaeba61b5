"""The suppressor: hides small counts, and the cheapest others so that no hidden count can be worked out.

First the small counts themselves, then breakdowns that would be mostly hidden. Then, for every small count, another
table is looked for that fits everything still published and gives the count another value, far enough from the
true one; the counts it changes are hidden too (`search.py`). What is left hidden although anybody can tell it is shown
again, and what is narrow though not small gets a table of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from indicators.disclosure.attacker import Reader, attack
from indicators.disclosure.completion import completed
from indicators.disclosure.components import components
from indicators.disclosure.moves import Moves
from indicators.disclosure.policy import Policy
from indicators.disclosure.protection import Protection, Task, Values, worst_case
from indicators.disclosure.unknowns import Row, System, Unknown
from indicators.figures import REGION_TOTAL, TOTAL

# What the loss of a figure costs: a cell of a table 1; a total, a regional number, one that a donor asks for more.
_TOTAL, _REGION, _DONOR = 8.0, 3.0, 2.0


@dataclass(frozen=True)
class Pattern:
    """Which counts stay hidden: the small ones, those of breakdowns left out (`blank`), and others beside them.

    `tables` is how many other tables stand behind it, `coarser` how many counts were left out for want of one,
    and `lost` how many small counts and remainders have none whatever is hidden, because earlier editions have given
    them away.
    """

    small: frozenset[Unknown]
    blank: frozenset[Unknown]
    hidden: frozenset[Unknown]
    tables: int
    coarser: int = 0
    lost: int = 0

    def hides(self, row: Row) -> bool:
        """Whether a figure must be hidden: one of its counts is."""
        return any(unknown in self.hidden for unknown in row.unknowns)


def suppress(
    system: System,
    values: Values,
    policy: Policy,
    asked_for: Collection[str] = (),
    known: Values | None = None,
    remainders: Collection[Unknown] = (),
) -> Pattern:
    """The pattern under which no small count can be worked out more closely than the policy allows.

    `values` holds the true count of every unknown of the rows and of the `remainders` beside those of shares,
    `asked_for` the indicators that donors ask for, `known` the counts that earlier editions showed, which nothing can
    hide any more. Raises Unprotectable.
    """
    reader = Reader(system.relations)
    left = frozenset(remainders).union(row.rest for row in system.rows if row.rest is not None)
    left = frozenset(unknown for unknown in left if unknown in values and policy.is_small(values[unknown]))
    small = frozenset(unknown for unknown, value in values.items() if policy.is_small(value)) - left
    blank = _mostly_hidden(_tables(system.rows), values, small, policy) | _inside_small(system, values, small, policy)
    # Some counts stand in relations only, between published ones; nothing shows them, so nothing hides them.
    blank &= values.keys()
    # What is small today is hidden today, whoever showed it under another policy.
    known = {unknown: value for unknown, value in (known or {}).items() if unknown not in small | left}
    found = list(components(system, system.rows, _weight(asked_for)))
    closed = small | left | blank
    counts = sum(len(one.unknowns) for one in found if not closed.isdisjoint(one.unknowns))
    every = completed(system.relations, {**values, **known})
    task = Task(reader, every, small, policy, _tables_of(system.rows), known, counts, left)
    searches = [Protection(task, component, blank) for component in found]
    pinned = _widen_others(task, searches, system.rows, values)
    hidden = {unknown for one in searches for unknown in one.hidden}
    blank = {unknown for one in searches for unknown in one.blank} | (blank - {u for s in searches for u in s.places})
    # What bounds or earlier editions give away anyhow is shown: hiding it says nothing. No table moves it.
    harmless = (pinned | {unknown for one in searches for unknown in one.known}) & hidden
    tables = sum(len(one.search.tables) for one in searches if one.search)
    return Pattern(
        small | left, frozenset(blank - harmless), frozenset(hidden - harmless), tables,
        sum(one.coarser for one in searches), sum(len(one.lost) for one in searches),
    )  # fmt: skip


def _weight(asked_for: Collection[str]) -> Callable[[Row], float]:
    def weight(row: Row) -> float:
        figure = row.figure
        found = _TOTAL if figure.breakdown == TOTAL else 1.0
        found *= _REGION if figure.place.startswith(REGION_TOTAL) else 1.0
        return found * (_DONOR if figure.indicator in asked_for else 1.0)

    return weight


def _widen_others(task: Task, searches: Sequence[Protection], rows: Sequence[Row], values: Values) -> set[Unknown]:
    """Give room to hidden counts that are not small: a zero known to be 0 or 1 is as bad as a small count known.

    Returns those that anybody can tell exactly, so that hiding them is of no use.
    """
    owner = {unknown: one for one in searches if one.search for unknown in one.places}
    before = {unknown: value for one in searches for unknown, value in one.known.items()}
    width, settled, tried, pinned = task.policy.interval_width, set[Unknown](), set[Unknown](), set[Unknown]()
    moves = Moves()
    while True:
        hidden = {unknown for one in searches for unknown in one.hidden}
        blank = {unknown for one in searches for unknown in one.blank}
        # Hiding more leaves every table that fitted before: what was found wide stays wide.
        settled |= {unknown for one in searches for unknown in one.reached(width)}
        known = {unknown: values[unknown] for unknown in _shown(rows, hidden)} | before
        looked_at = dict.fromkeys(hidden - task.small - settled - before.keys(), width)
        # No mark says of a remainder that there is one.
        marked = hidden - task.remainders - before.keys()
        given = worst_case(marked, task.small, blank, values, task.policy)
        narrow = attack(task.reader, known, given, looked_at, task.values, moves)
        settled |= looked_at.keys() - narrow.keys()
        pinned = {unknown for unknown, interval in narrow.items() if interval.low == interval.high}
        again = sorted(narrow.keys() - pinned - tried)
        if not again:
            return _shown_again(task, searches, rows, known, pinned, moves)
        tried |= set(again)
        for one in dict.fromkeys(owner[unknown] for unknown in again):
            one.widen([unknown for unknown in again if owner[unknown] is one])


def _shown_again(
    task: Task, searches: Sequence[Protection], rows: Sequence[Row], known: Values, pinned: set[Unknown], moves: Moves
) -> set[Unknown]:
    """The `pinned` counts, and those that follow once these are shown again.

    A figure that is shown again may say another count, which no table moves and only hidden figures had said. The
    tables of the small counts stand as they are; a larger count that no table moves may be given away by it. Those that
    `moves` says were seen to be wide are so still, unless by a table that changes what is known now.
    """
    width, pinned, before = task.policy.interval_width, set(pinned), known.keys()
    hidden = {unknown for one in searches for unknown in one.hidden}
    blank = {unknown for one in searches for unknown in one.blank}
    moved = {unknown for one in searches for unknown in one.reached(width)}
    while said := _shown(rows, hidden - pinned) - known.keys() - pinned:
        known = {**known, **{unknown: task.values[unknown] for unknown in (said | pinned)}}
        wide = moved | moves.standing(known.keys() - before)
        looked_at = dict.fromkeys(hidden - task.small - wide - known.keys(), width)
        given = worst_case(hidden - task.remainders - known.keys(), task.small, blank, task.values, task.policy)
        narrow = attack(task.reader, known, given, looked_at, task.values, moves)
        pinned |= {unknown for unknown, interval in narrow.items() if interval.low == interval.high}
    return pinned


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


def _inside_small(system: System, values: Values, small: frozenset[Unknown], policy: Policy) -> set[Unknown]:
    """Every count that a small one is the sum of, zeros too: zeros alone would say how large the whole must be.

    That one count is at most another says nothing of the other when it is zero. And countries of which nobody is
    counted may say so where so few have somebody that the small sum of the region stays wide all the same.
    """
    totals = {unknown for row in system.rows if row.figure.breakdown == TOTAL for unknown in row.unknowns}
    most = policy.threshold - 1 - policy.interval_width
    found: set[Unknown] = set()
    for relation in system.relations:
        wholes = [unknown for unknown, factor in relation.terms if factor > 0]
        if not relation.is_equality or len(wholes) != 1 or wholes[0] not in small:
            continue
        parts = {unknown for unknown, factor in relation.terms if factor < 0}
        are_countries = parts <= totals and all(part.place != wholes[0].place for part in parts)
        if not are_countries or sum(1 for part in parts if values.get(part)) > most:
            found |= parts
    return found


def _shown(rows: Iterable[Row], hidden: set[Unknown]) -> set[Unknown]:
    """Counts that some shown figure gives away."""
    return {u for row in rows if not any(v in hidden for v in row.unknowns) for u in row.unknowns}


def _tables_of(rows: Sequence[Row]) -> dict[Unknown, list[frozenset[Unknown]]]:
    found: dict[Unknown, list[frozenset[Unknown]]] = defaultdict(list)
    for table in _tables(rows):
        cells = frozenset(row.numerator for row in table)
        for row in table:
            for unknown in (*row.unknowns, *([row.rest] if row.rest else [])):
                found[unknown].append(cells)
    # The totals of the countries are a table as well, and what the region's total is in need of.
    countries: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        if row.figure.breakdown == TOTAL:
            countries[row.figure.key[:3]].append(row)
    for table in countries.values():
        cells = frozenset(row.numerator for row in table if row.figure.place != REGION_TOTAL)
        for row in table:
            found[row.numerator].append(cells)
    return found
