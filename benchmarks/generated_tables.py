"""Made-up tables with totals along every way, as systems of relations: what the ways of suppressing are run on.

A table has three to five ways (place, sex, age, form, status), each a tree from its total down to its finest
parts. Every combination of nodes is a cell; every cell is the sum of its children along each way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import Any

from indicators.disclosure.unknowns import Relation, Row, System, Unknown
from indicators.figures import REGION_TOTAL, SHOWN, TOTAL, Figure

PLACE = "place"
Node = tuple[int, ...]
Cell = tuple[Node, ...]

# By the number of cells asked for, how many children a node of each depth has along each way.
SHAPES: Mapping[int, Mapping[str, tuple[int, ...]]] = {
    100: {PLACE: (2, 2), "sex": (2,), "age": (4,)},
    1_000: {PLACE: (3, 3), "sex": (2,), "age": (4,), "form": (4,)},
    10_000: {PLACE: (3, 4), "sex": (2,), "age": (4,), "form": (2, 2), "status": (5,)},
    40_000: {PLACE: (4, 5), "sex": (2,), "age": (3, 2), "form": (2, 3), "status": (5,)},
}
# How uneven parts are: the shape of the gamma weights of the parts of a way, and of each finest cell.
_UNEVEN_PARTS, _UNEVEN_CELLS = 2.0, 1.5


@dataclass(frozen=True)
class Table:
    """The cells as a system, and their true counts."""

    system: System
    values: Mapping[Unknown, Decimal]


def generated_table(size: int, mean: float = 3.0, seed: int = 1) -> Table:
    """The table of about `size` cells whose finest cells hold `mean` on average; the same for the same seed."""
    return table_of(SHAPES[size], mean, seed)


def table_of(shape: Mapping[str, Sequence[int]], mean: float, seed: int) -> Table:
    """A table of this shape: counts are Poisson with gamma weights, so many are small and a few are large."""
    import numpy as np

    trees = {way: _Tree(tuple(children)) for way, children in shape.items()}
    draw = np.random.default_rng(seed)
    expected = np.array(mean)
    for tree in trees.values():
        weights = draw.gamma(_UNEVEN_PARTS, size=len(tree.finest))
        expected = np.multiply.outer(expected, weights / weights.mean())
    unevenness = draw.gamma(_UNEVEN_CELLS, 1 / _UNEVEN_CELLS, size=expected.shape)
    sums: Any = draw.poisson(expected * unevenness)
    for tree in trees.values():
        # The first axis is summed up and goes to the end; after all of them the axes stand as before.
        sums = np.tensordot(sums, np.array(tree.membership()), axes=(0, 1))
    return _table(trees, sums.ravel().tolist())


class _Tree:
    """The nodes of one way, each as its path from the total."""

    def __init__(self, children: tuple[int, ...]) -> None:
        self.nodes: list[Node] = [()]
        self.children: dict[Node, list[Node]] = {}
        level: list[Node] = [()]
        for count in children:
            for node in level:
                self.children[node] = [(*node, i + 1) for i in range(count)]
            level = [child for node in level for child in self.children[node]]
            self.nodes += level
        self.finest = level

    def membership(self) -> list[list[int]]:
        """For each node, which of the finest are in it."""
        return [[int(leaf[: len(node)] == node) for leaf in self.finest] for node in self.nodes]


def _table(trees: Mapping[str, _Tree], counts: Sequence[int]) -> Table:
    ways = list(trees)
    rows: dict[Cell, Row] = {}
    for cell, count in zip(product(*(tree.nodes for tree in trees.values())), counts, strict=True):
        rows[cell] = row_of({way: _label(way, node) for way, node in zip(ways, cell, strict=True) if node}, count)
    unknowns = {cell: row.numerator for cell, row in rows.items()}
    relations = tuple(relation for i, tree in enumerate(trees.values()) for relation in _sums(unknowns, i, tree))
    values = {row.numerator: row.figure.numerator or Decimal(0) for row in rows.values()}
    return Table(System(tuple(rows.values()), relations), values)


def _sums(unknowns: Mapping[Cell, Unknown], axis: int, tree: _Tree) -> Iterator[Relation]:
    for cell, whole in unknowns.items():
        if parts := tree.children.get(cell[axis]):
            yield sum_of(whole, [unknowns[(*cell[:axis], part, *cell[axis + 1 :])] for part in parts])


def _label(way: str, node: Node) -> str:
    return f"{way} {'.'.join(map(str, node))}"


def row_of(categories: Mapping[str, str], count: int) -> Row:
    """The cell of these categories; a way that is not named is at its total."""
    place = categories.get(PLACE, REGION_TOTAL)
    others = sorted((way, value) for way, value in categories.items() if way != PLACE)
    # Parts of one depth along the same ways stand in one breakdown.
    breakdown = " x ".join(f"{way}{value.count('.')}" for way, value in others) or TOTAL
    category = " x ".join(value for _, value in others)
    figure = Figure(
        "generated_table", "quarterly", "2026-Q1", place, breakdown, category, Decimal(count), None, SHOWN, "", 1, 1
    )
    extras = tuple(f"{way} = '{value}'" for way, value in others)
    return Row(figure, Unknown("generated rows", extras, ("2026-Q1",), place), None, None)


def sum_of(whole: Unknown, parts: Sequence[Unknown]) -> Relation:
    """The whole is the sum of its parts."""
    return Relation(((whole, 1), *((part, -1) for part in parts)), True)
