"""What `esep attack` says of each file. A number that was worked out is told only where it is asked for."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from indicators.disclosure.puzzle import Range
from reports.attack import Attacked, Together

_FILE = Path(__file__).parent / "attack.toml"
_PLACES = 10  # how many cells are named without --show


@cache
def words(language: str) -> Mapping[str, str]:
    """Every text by key."""
    found = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {key: text[language] for key, text in found["attack"].items()}


def told(found: Attacked, width: int, language: str, is_shown: bool) -> Iterator[str]:
    """The lines of a file: counts, then where something was worked out, and what, if `is_shown`."""
    say = words(language)
    yield str(found.file)
    yield from _counts(found, width, say)
    yield from _cells(found, say, is_shown)


def told_together(both: Together, width: int, language: str, is_shown: bool) -> Iterator[str]:
    """The lines of all files side by side: what was joined, what was not, and what follows from that alone."""
    say, laid = words(language), both.laid
    yield say["together"]
    yield f"  {say['joined']:<33} {laid.joined}"
    yield from _counts(both.found, width, say)
    if laid.contradicting:
        yield f"  {len(laid.contradicting)} {say['differing']}"
        yield from (f"    {figure}" for figure in laid.contradicting[:_PLACES])
        if len(laid.contradicting) > _PLACES:
            yield f"    {say['others'].format(count=len(laid.contradicting) - _PLACES)}"
    yield from (f"  {say['apart'].format(file=file)}" for file in laid.apart)
    if laid.unnamed:
        yield f"  {laid.unnamed} {say['unnamed']}"
    yield from _cells(both.found, say, is_shown)


def _counts(found: Attacked, width: int, say: Mapping[str, str]) -> Iterator[str]:
    smallest = say["wide"].format(width=width) if found.smallest is None else str(found.smallest)
    counts = [
        (say["tables"], str(found.tables)),
        (say["hidden"], str(found.hidden)),
        (say["exact"], str(len(found.exact))),
        (say["close"].format(width=width), str(len(found.close))),
        (say["smallest"], smallest if found.hidden else "–"),
        (say["insiders"], str(len(found.insiders))),
    ]
    yield from (f"  {name:<33} {number}" for name, number in counts)
    if found.contradictory:
        yield f"  {found.contradictory} {say['contradictory']}"


def _cells(found: Attacked, say: Mapping[str, str], is_shown: bool) -> Iterator[str]:
    cells = [*found.exact, *found.close]
    for cell, interval in cells if is_shown else cells[:_PLACES]:
        yield f"    {cell}" + (f": {_said(interval, say)}" if is_shown else "")
    if not is_shown and len(cells) > _PLACES:
        yield f"    {say['more'].format(count=len(cells) - _PLACES)}"


def _said(found: Range, say: Mapping[str, str]) -> str:
    if found.is_exact:
        return say["only"].format(number=found.low)
    return say["between"].format(low=found.low, high=found.high)
