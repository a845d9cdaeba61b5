"""Hidden cells that equations alone give away, and those that one more known number would.

Arithmetic is modulo a large prime, so it is exact and never grows. The answers of a system of equations
form a flat space; three of its points are drawn at random. A cell that is the same in all three is the
same in all answers; two cells whose differences are in one proportion follow from each other. Both would
be wrong only with a chance of about one in 10^18 for each cell.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence

from indicators.disclosure.puzzle import Block, Contradiction

_PRIME = (1 << 61) - 1
_ONE = ""  # the name under which a row keeps its constant

_Row = dict[str, int]


def answers(block: Block) -> tuple[dict[str, int], set[str]]:
    """The cells with one value in every answer, with it; and the cells that follow from one other cell.

    Raises Contradiction when the equations have no answer at all.
    """
    solved = _solved(block)
    draw = random.Random(_PRIME)  # noqa: S311 (no secret: only unlikely to meet a zero by chance)
    first, second, third = (_answer(block.cells, solved, draw) for _ in range(3))
    exact: dict[str, int] = {}
    alike = defaultdict[int, list[str]](list)
    for cell in block.cells:
        one, other = (second[cell] - first[cell]) % _PRIME, (third[cell] - first[cell]) % _PRIME
        if not one and not other:
            exact[cell] = _whole(first[cell])
        elif other:
            alike[one * pow(other, -1, _PRIME) % _PRIME].append(cell)
    return exact, {cell for cells in alike.values() if len(cells) > 1 for cell in cells}


def _whole(residue: int) -> int:
    """The whole number nearest to 0 with this residue: published counts are far smaller than the prime."""
    return residue if residue <= _PRIME // 2 else residue - _PRIME


def _solved(block: Block) -> list[tuple[str, _Row]]:
    """Equations in steps: each gives a cell in terms of cells that no later step gives."""
    rows = [
        {**{cell: factor % _PRIME for cell, factor in s.terms}, _ONE: s.constant % _PRIME}
        for s in block.statements
        if s.is_equal
    ]
    users = defaultdict[str, set[int]](set)
    for number, row in enumerate(rows):
        for cell in row:
            users[cell].add(number)
    steps, waiting = [], set(range(len(rows)))
    while waiting:
        number = min(waiting, key=lambda n: (len(rows[n]), n))
        waiting.discard(number)
        row = rows[number]
        cells = [cell for cell in row if cell != _ONE]
        if not cells:
            if row[_ONE]:
                raise Contradiction("two sums cannot both be true")
            continue
        chosen = min(cells, key=lambda cell: (len(users[cell] & waiting), cell))
        scale = pow(row[chosen], -1, _PRIME)
        row = {cell: factor * scale % _PRIME for cell, factor in row.items()}
        for other in users[chosen] & waiting:
            _take_away(rows[other], row, rows[other][chosen], users, other)
        steps.append((chosen, row))
    return steps


def _take_away(row: _Row, other: _Row, times: int, users: dict[str, set[int]], number: int) -> None:
    for cell, factor in other.items():
        value = (row.get(cell, 0) - times * factor) % _PRIME
        if value or cell == _ONE:
            row[cell] = value
            users[cell].add(number)
        else:
            row.pop(cell, None)
            users[cell].discard(number)


def _answer(cells: Sequence[str], steps: Sequence[tuple[str, _Row]], draw: random.Random) -> dict[str, int]:
    """One answer of the equations; cells that they leave free are drawn."""
    given = {chosen for chosen, _ in steps}
    found = {cell: draw.randrange(_PRIME) for cell in cells if cell not in given}
    found[_ONE] = 1
    for chosen, row in reversed(steps):
        found[chosen] = -sum(factor * found[cell] for cell, factor in row.items() if cell != chosen) % _PRIME
    return found
