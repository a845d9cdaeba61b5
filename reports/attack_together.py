"""Several files laid side by side: cells that are the same figure are one number, whichever file shows it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from indicators.disclosure.puzzle import Link, Range
from reports.attack_keys import FigureKey, keyed_proposals
from reports.attack_links import Content, Reading, believed, whole_and_parts


@dataclass(frozen=True)
class Laid:
    """The files as one reading, whose cells begin with the name of their file.

    `joined` counts figures that stand in more than one table. `contradicting` are figures of which two tables show
    different numbers; nothing of their indicator, place and window is joined. `apart` are files of which no
    cell says which figure it is, and `unnamed` counts such cells of all others.
    """

    reading: Reading
    joined: int
    contradicting: tuple[str, ...]
    apart: tuple[Path, ...]
    unnamed: int


def lay_together(readings: Sequence[tuple[Path, Reading]]) -> Laid:
    """Lay what was read of files side by side."""
    named = names_of([file for file, _ in readings])
    cells: dict[str, Content] = {}
    hidden: set[str] = set()
    partners: dict[str, str] = {}
    links: list[Link] = []
    places = defaultdict[FigureKey, list[str]](list)
    for file, reading in readings:
        full = {cell: f"{named[file]}: {cell}" for cell in reading.cells}
        cells |= {full[cell]: said for cell, said in reading.cells.items()}
        hidden |= {full[cell] for cell in reading.hidden}
        partners |= {full[cell]: full[other] for cell, other in reading.partners.items()}
        links += [_renamed(link, full) for link in reading.links if all(cell in full for cell, _ in link.terms)]
        for cell, key in reading.keys.items():
            places[key].append(full[cell])
    contradicting = [key for key in sorted(places) if _differs(cells, places[key])]
    spoilt = {key.table for key in contradicting}
    sound = {key: found for key, found in places.items() if key.table not in spoilt}
    # What one file holds to be no secret (what a share is of, and another figure shows) is none in the others.
    open_keys = {
        key for key, found in sound.items() if any(isinstance(cells[c], Range) and c not in hidden for c in found)
    }
    hidden -= {cell for key in open_keys for cell in sound[key]}
    joins, across = _joins(sound.values()), _across(sound, cells, readings)
    reading = Reading(
        "together", sum(one.tables for _, one in readings), cells, frozenset(hidden),
        tuple(dict.fromkeys([*links, *joins, *across])), partners,
    )  # fmt: skip
    keyed, counted = Counter[Path](), Counter[Path]()
    for file, one in readings:
        keyed[file] += len(one.keys)
        counted[file] += len(one.cells)
    apart = tuple(file for file in counted if not keyed[file])
    return Laid(
        reading,
        joined=sum(len(found) > 1 for found in sound.values()),
        contradicting=tuple(map(str, contradicting)),
        apart=apart,
        unnamed=sum(counted[file] - keyed[file] for file in counted if file not in apart),
    )


def names_of(files: Iterable[Path]) -> Mapping[Path, str]:
    """A name for each file: its own, or its path where two files have the same."""
    known = dict.fromkeys(files)
    often = Counter(file.name for file in known)
    return {file: file.name if often[file.name] == 1 else str(file) for file in known}


def _renamed(link: Link, names: Mapping[str, str]) -> Link:
    return Link(tuple((names[cell], factor) for cell, factor in link.terms), link.is_equal)


def _differs(cells: Mapping[str, Content], found: Sequence[str]) -> bool:
    """Whether the cells of a figure cannot all be the same number."""
    low, high = 0, float("inf")
    for cell in found:
        said = cells[cell]
        one = said if isinstance(said, Range) else Range(said, said)
        low, high = max(low, one.low), min(high, float("inf") if one.high is None else one.high)
    return low > high


def _joins(sound: Iterable[Sequence[str]]) -> Iterable[Link]:
    """Each cell of a figure is the same number as its first."""
    return [whole_and_parts(found[0], [other]) for found in sound for other in found[1:]]


def _across(
    sound: Mapping[FigureKey, Sequence[str]], cells: Mapping[str, Content], readings: Sequence[tuple[Path, Reading]]
) -> tuple[Link, ...]:
    """Sums and bounds of figures of which each table has some only, or too few to be believed by itself."""
    adds_up = defaultdict[str, frozenset[str]](frozenset)
    for _, reading in readings:
        for indicator, breakdowns in reading.adds_up.items():
            adds_up[indicator] |= breakdowns
    names = {key: min(found, key=lambda cell: (isinstance(cells[cell], Range), cell)) for key, found in sound.items()}
    return believed(keyed_proposals(names, adds_up), cells)
