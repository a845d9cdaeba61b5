"""Published numbers as a puzzle: which cells are hidden, and what the visible ones say about them.

A reader of any file can set one up; nothing here knows how the programme counts or what it hides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Range:
    """The whole numbers from `low` to `high`; without `high` there is no upper end."""

    low: int = 0
    high: int | None = None

    @property
    def is_exact(self) -> bool:
        """Whether one number only is left."""
        return self.low == self.high

    @property
    def width(self) -> int | None:
        """How far apart both ends are; None without an upper end."""
        return None if self.high is None else self.high - self.low

    def is_narrower_than(self, width: int) -> bool:
        """Whether both ends are less than so far apart."""
        return self.high is not None and self.high - self.low < width

    def holds(self, value: int) -> bool:
        """Whether a number lies in the range."""
        return self.low <= value and (self.high is None or value <= self.high)


class Contradiction(ValueError):
    """No whole numbers fit what is published, so nothing may be concluded from it."""


@dataclass(frozen=True)
class Link:
    """What ties cells together: the sum of factor times cell is 0 (`is_equal`) or at least 0."""

    terms: tuple[tuple[str, int], ...]
    is_equal: bool = True


@dataclass(frozen=True)
class Statement:
    """A link with its visible numbers put in: hidden terms plus `constant` is 0, or at least 0."""

    terms: tuple[tuple[str, int], ...]
    constant: int
    is_equal: bool


@dataclass(frozen=True)
class Block:
    """Hidden cells that statements tie together; no statement reaches out of it."""

    cells: tuple[str, ...]
    statements: tuple[Statement, ...]


@dataclass(frozen=True)
class Puzzle:
    """Hidden cells under one name for all that are the same number, and what is said of them.

    `same` gives the name of a hidden cell; `ranges` is what the marks themselves say, by name.
    """

    same: Mapping[str, str]
    ranges: Mapping[str, Range]
    statements: tuple[Statement, ...]

    def blocks(self) -> Iterator[Block]:
        """The blocks of the puzzle, in the order of their first cell."""
        groups = _Groups(self.ranges)
        for statement in self.statements:
            for cell, _ in statement.terms[1:]:
                groups.join(statement.terms[0][0], cell)
        cells, statements = defaultdict[str, list[str]](list), defaultdict[str, list[Statement]](list)
        for cell in self.ranges:
            cells[groups.of(cell)].append(cell)
        for statement in self.statements:
            statements[groups.of(statement.terms[0][0])].append(statement)
        for name, members in cells.items():
            yield Block(tuple(members), tuple(statements[name]))


def puzzle(cells: Mapping[str, int | Range], links: Iterable[Link]) -> Puzzle:
    """Put the visible numbers into the links. A cell of a link that is in no file makes the link worthless."""
    links = [link for link in links if all(cell in cells for cell, _ in link.terms)]
    groups = _Groups(cell for cell, content in cells.items() if isinstance(content, Range))
    for link in links:
        pair = _same_number(link, cells)
        if pair:
            groups.join(*pair)
    same = {cell: groups.of(cell) for cell, content in cells.items() if isinstance(content, Range)}
    statements = [statement for link in links if (statement := _put_in(link, cells, same)) is not None]
    ranges: dict[str, Range] = {}
    for cell, name in same.items():
        content = cells[cell]
        assert isinstance(content, Range), "only hidden cells have a name"
        ranges[name] = _both(ranges.get(name, Range()), content)
    return Puzzle(same, ranges, tuple(dict.fromkeys(statements)))


def _same_number(link: Link, cells: Mapping[str, int | Range]) -> tuple[str, str] | None:
    """The two hidden cells that the link says are equal, if it says that and no more."""
    factors = sorted(factor for _, factor in link.terms)
    hidden = all(isinstance(cells[cell], Range) for cell, _ in link.terms)
    return (link.terms[0][0], link.terms[1][0]) if link.is_equal and hidden and factors == [-1, 1] else None


def _put_in(link: Link, cells: Mapping[str, int | Range], same: Mapping[str, str]) -> Statement | None:
    constant, factors = 0, defaultdict[str, int](int)
    for cell, factor in link.terms:
        content = cells[cell]
        if isinstance(content, Range):
            factors[same[cell]] += factor
        else:
            constant += factor * content
    terms = tuple((cell, factor) for cell, factor in factors.items() if factor)
    return Statement(terms, constant, link.is_equal) if terms else None


def _both(one: Range, other: Range) -> Range:
    highs = [high for high in (one.high, other.high) if high is not None]
    return Range(max(one.low, other.low), min(highs, default=None))


class _Groups:
    """Which names belong together (union-find)."""

    def __init__(self, names: Iterable[str]) -> None:
        self.parent = {name: name for name in names}

    def of(self, name: str) -> str:
        """The name that stands for the group of a name."""
        while self.parent[name] != name:
            self.parent[name] = self.parent[self.parent[name]]
            name = self.parent[name]
        return name

    def join(self, one: str, other: str) -> None:
        """Make two groups one."""
        self.parent[self.of(other)] = self.of(one)
