"""What a reader of published numbers may believe: sums and bounds that no visible number contradicts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from indicators.disclosure.puzzle import Link, Range

if TYPE_CHECKING:
    from reports.attack_keys import FigureKey

Content = int | Range


@dataclass(frozen=True)
class Proposal:
    """A link that may hold. All links of one pattern hold, or none is believed.

    `needs` is in how many different visible places it must be seen to hold: 0 where the file itself says so.
    """

    pattern: Hashable
    link: Link
    needs: int


@dataclass(frozen=True)
class Reading:
    """What was read in one file or sheet: numbers and hidden cells by name, and the links to be believed.

    `partners` are the other sides of shares: the count by what it is a share of, and the other way round.
    `keys` says which figure a cell is, where the file does; `adds_up` which breakdowns of an indicator it says add up.
    """

    name: str
    tables: int
    cells: Mapping[str, Content]
    hidden: frozenset[str]
    links: tuple[Link, ...]
    partners: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, FigureKey] = field(default_factory=dict)
    adds_up: Mapping[str, frozenset[str]] = field(default_factory=dict)


def whole_and_parts(whole: str, parts: Iterable[str]) -> Link:
    """The whole is the sum of its parts."""
    return Link(((whole, 1), *((part, -1) for part in parts)))


def at_most(small: str, big: Iterable[str]) -> Link:
    """One number is at most the sum of others."""
    return Link(((small, -1), *((cell, 1) for cell in big)), False)


def believed(proposals: Iterable[Proposal], cells: Mapping[str, Content]) -> tuple[Link, ...]:
    """The links of the patterns that nothing visible contradicts and that enough of it bears out."""
    patterns = defaultdict[Hashable, list[Proposal]](list)
    for proposal in proposals:
        if all(cell in cells for cell, _ in proposal.link.terms):
            patterns[proposal.pattern].append(proposal)
    found = (
        proposal.link
        for alike in patterns.values()
        if not any(_is_contradicted(proposal.link, cells) for proposal in alike)
        and len({seen for p in alike if (seen := _seen(p.link, cells))}) >= max(p.needs for p in alike)
        for proposal in alike
    )
    return tuple(dict.fromkeys(found))


def _is_contradicted(link: Link, cells: Mapping[str, Content]) -> bool:
    """Whether the link fails whatever stands behind the hidden cells."""
    least, most = 0.0, 0.0
    for cell, factor in link.terms:
        content = cells[cell]
        low, high = (content.low, content.high) if isinstance(content, Range) else (content, content)
        ends = (factor * low, factor * (float("inf") if high is None else high))
        least, most = least + min(ends), most + max(ends)
    return most < 0 or (link.is_equal and least > 0)


def _seen(link: Link, cells: Mapping[str, Content]) -> tuple[int, ...]:
    """The numbers of a link all of which are visible, if they say something: 5 = 5 + 0 does not."""
    numbers = tuple(content for cell, _ in link.terms if isinstance(content := cells[cell], int))
    says_something = sum(1 for number in numbers if number) >= min(3, len(link.terms))
    return numbers if len(numbers) == len(link.terms) and says_something else ()
