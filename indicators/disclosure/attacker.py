"""The attacker: works out the hidden numbers from everything published, as far as they can be worked out.

Each hidden count is bounded by linear programs (HiGHS) over the relations of the published system,
with the shown numbers put in. The bounds are then narrowed to whole numbers, since people are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from indicators.disclosure.intervals import Bounds, InconsistentSystem, Interval
from indicators.disclosure.moves import Moves
from indicators.disclosure.near_block import NearBlock, Table
from indicators.disclosure.unknowns import Relation, Unknown
from indicators.disclosure.whole_block import WholeBlock

# A block of more inequalities is looked at piece by piece; among equations alone programs of the whole are quick.
_LARGE = 400


class Reader:
    """The relations as a reader keeps them at hand: by the unknown they speak of, and by the whole they divide."""

    def __init__(self, relations: Iterable[Relation]) -> None:
        self.relations = tuple(relations)
        self.of: dict[Unknown, list[Relation]] = defaultdict(list)
        self.parts: dict[Unknown, list[Unknown]] = defaultdict(list)
        for relation in self.relations:
            wholes = [unknown for unknown, factor in relation.terms if factor > 0]
            for unknown, factor in relation.terms:
                self.of[unknown].append(relation)
                if factor < 0 and len(wholes) == 1:
                    self.parts[wholes[0]].append(unknown)

    def parts_of_nothing(self, known: Mapping[Unknown, Decimal]) -> set[Unknown]:
        """Hidden counts that must be zero because the whole they are part of is: no program is needed for them."""
        found: set[Unknown] = set()
        waiting = [whole for whole in self.parts if known.get(whole) == 0]
        while waiting:
            parts = {part for part in self.parts.get(waiting.pop(), ()) if part not in known and part not in found}
            found |= parts
            waiting += parts
        return found

    def blocks(
        self, targets: Iterable[Unknown], known: Mapping[Unknown, Decimal]
    ) -> Iterator[tuple[frozenset[Unknown], list[Relation]]]:
        """Groups of hidden counts that any relation ties together, with their relations: those with a target."""
        seen: set[Unknown] = set()
        for target in targets:
            if target in seen or target in known or target not in self.of:
                continue
            members, own, waiting = {target}, dict[Relation, None](), [target]
            while waiting:
                for relation in self.of[waiting.pop()]:
                    if relation not in own:
                        own[relation] = None
                        fresh = {u for u in relation.unknowns if u not in known and u not in members}
                        members |= fresh
                        waiting += sorted(fresh)
            seen |= members
            yield frozenset(members), list(own)


def attack(
    reader: Reader,
    known: Mapping[Unknown, Decimal],
    bounds: Mapping[Unknown, Bounds],
    widths: Mapping[Unknown, int],
    fitting: Mapping[Unknown, Decimal] | None = None,
    moves: Moves | None = None,
) -> dict[Unknown, Interval]:
    """The intervals of the targets in `widths` that are narrower than the width asked for.

    `known` are the published counts, `bounds` what is given about others (from 0 up if absent), `fitting` a table that
    is known to fit, if there is one: then none is looked for. By what counts of large blocks are wide goes to `moves`.
    Raises InconsistentSystem when no table at all fits.
    """
    none = reader.parts_of_nothing(known)
    if any(bounds.get(unknown, Bounds()).low > 0 for unknown in none):
        raise InconsistentSystem("no table fits what is published: a part of nothing is said to be something")
    known = {**known, **dict.fromkeys(none, Decimal(0))}
    narrow: dict[Unknown, Interval] = {unknown: Interval(0, 0) for unknown in none if unknown in widths}
    free = set(widths) - set(known)
    for block, own in reader.blocks(sorted(free), known):
        targets = {unknown: widths[unknown] for unknown in sorted(block & free)}
        free -= block
        found = _intervals(block, own, known, bounds, targets, fitting, moves)
        narrow |= {u: interval for u, interval in found.items() if not interval.is_wide(widths[u])}
    # A count that no relation ties to another is as free as the rules leave it.
    for unknown in free:
        given = bounds.get(unknown, Bounds())
        if not (interval := Interval(given.low, given.high)).is_wide(widths[unknown]):
            narrow[unknown] = interval
    return narrow


def _intervals(
    block: frozenset[Unknown],
    own: list[Relation],
    known: Mapping[Unknown, Decimal],
    bounds: Mapping[Unknown, Bounds],
    targets: Mapping[Unknown, int],
    fitting: Mapping[Unknown, Decimal] | None,
    moves: Moves | None,
) -> dict[Unknown, Interval]:
    if sum(not relation.is_equality for relation in own) <= _LARGE:
        return WholeBlock(block, own, known, bounds).intervals(targets)
    table: Table = WholeBlock(block, own, known, bounds).fitting() if fitting is None else fitting
    near = NearBlock(block, own, known, bounds, table)
    found = near.intervals(targets)
    if moves is not None:
        near.tell(moves, targets)
    return found
