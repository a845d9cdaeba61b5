"""What taking a file in would change, before it is taken in: its rows, and every figure that would move.

The figures are counted from case level, unprotected: a preview is for whoever may open the warehouse,
and is never written anywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from duckdb import DuckDBPyConnection

from indicators.counted import create_views
from indicators.definitions import definitions
from indicators.engine import measure
from indicators.facts import Fact, facts
from indicators.figures import SHOWN, TOTAL, Figure, Key
from pipelines.contracts import Contract
from pipelines.inputs import NothingToPublish, of_programme


@dataclass(frozen=True)
class RowChanges:
    """Rows of one fact against those of the file in force: by their keys added, changed, removed, and as they were."""

    fact: str
    added: int
    changed: int
    removed: int
    same: int


@dataclass(frozen=True)
class Moved:
    """A figure before and after: a number, or the word that stands in its place."""

    key: Key
    before: str
    after: str


@dataclass(frozen=True)
class Preview:
    """What a file would change. `replaces` is the name of the file it would put out of force."""

    file_name: str
    replaces: str
    held: int
    rows: tuple[RowChanges, ...]
    figures: tuple[Moved, ...]


def figures_now(con: DuckDBPyConnection, contracts: Mapping[str, Contract]) -> list[Figure]:
    """Every figure as the store stands, before protection; none while nothing has been accepted."""
    try:
        inputs = of_programme(con, contracts, None, key=b"")
    except NothingToPublish:
        return []
    create_views(con, inputs.kept)
    return measure(con, definitions(), inputs.windows, inputs.reporting)


def preview(
    con: DuckDBPyConnection, contracts: Mapping[str, Contract], before: Sequence[Figure], entry: int
) -> Preview:
    """What an entry of the ledger that is not yet committed changes; `before` are the figures without it."""
    office, slot, period, name, held = con.execute(
        "SELECT office, slot, period, file_name, rows_quarantined FROM ledger WHERE entry = ?", [entry]
    ).fetchall()[0]
    earlier = con.execute(
        "SELECT entry, file_name FROM ledger WHERE office = ? AND slot = ? AND period = ? AND entry < ? "
        "ORDER BY entry DESC LIMIT 1",
        [office, slot, period, entry],
    ).fetchall()
    replaced, replaces = earlier[0] if earlier else (-1, "")
    names = contracts[office].slots_at(period)[slot].facts
    rows = tuple(row_changes(con, facts()[fact], replaced, entry) for fact in names)
    return Preview(name, replaces, held, rows, tuple(moved(before, figures_now(con, contracts))))


def row_changes(con: DuckDBPyConnection, fact: Fact, old: int, new: int) -> RowChanges:
    """Compare the rows of two entries; rows of the same key are matched in order, as are rows without a key."""
    then, now = _by_key(con, fact, old), _by_key(con, fact, new)
    added = sum(max(_size(now, key) - _size(then, key), 0) for key in now)
    removed = sum(max(_size(then, key) - _size(now, key), 0) for key in then)
    same = sum((rows & now.get(key, Counter())).total() for key, rows in then.items())
    changed = sum(min(_size(then, key), _size(now, key)) for key in then) - same
    return RowChanges(fact.name, added, changed, removed, same)


def _size(rows: Mapping[Any, Counter[Any]], key: Any) -> int:
    return rows.get(key, Counter()).total()


def _by_key(con: DuckDBPyConnection, fact: Fact, entry: int) -> dict[Any, Counter[Any]]:
    """How often each content stands under each key; contents as hashes, for only their sameness matters."""
    columns = ", ".join(fact.columns)
    found: dict[Any, Counter[Any]] = {}
    rows = con.execute(
        f"SELECT hash({', '.join(fact.key)}), hash({columns}), count(*) FROM {fact.name} WHERE entry = ? GROUP BY ALL",
        [entry],
    )
    for key, content, number in rows.fetchall():
        found.setdefault(key, Counter())[content] = number
    return found


def moved(before: Sequence[Figure], after: Sequence[Figure]) -> Iterator[Moved]:
    """Figures that differ, in the order of the catalogue; one that was or will not be there has no number then."""
    then = {figure.key: figure for figure in before}
    now = {figure.key: figure for figure in after}
    for key in dict.fromkeys((*then, *now)):
        old, new = (_said(figures.get(key)) for figures in (then, now))
        if old != new:
            yield Moved(key, old, new)


def _said(figure: Figure | None) -> str:
    if figure is None:
        return "–"
    if figure.status != SHOWN or figure.value is None:
        return figure.status.replace("_", " ")
    number = _plain(figure.value)
    if figure.denominator is None:
        return number
    return f"{number} ({_plain(figure.numerator)}/{_plain(figure.denominator)})"


def _plain(number: Decimal | None) -> str:
    return "–" if number is None else f"{number.normalize():f}"


def told(found: Preview, with_breakdowns: bool) -> Iterator[str]:
    """A preview as lines of text. Figures of breakdowns are counted unless asked for."""
    yield f"{found.file_name} " + (
        f"would replace {found.replaces}" if found.replaces else "would be the first of its kind"
    )
    for rows in found.rows:
        yield (
            f"  {rows.fact:18} {rows.added} rows added, {rows.changed} changed, {rows.removed} removed, "
            f"{rows.same} as they were"
        )
    if found.held:
        yield f"  {found.held} rows would be held back (see the findings)"
    shown = [one for one in found.figures if with_breakdowns or one.key[4] == TOTAL]
    yield f"  {len(found.figures)} figures would move" + (":" if shown else "")
    for one in shown:
        indicator, calendar, period, place, breakdown, category = one.key
        cell = "" if breakdown == TOTAL else f" {breakdown}={category}"
        yield f"    {indicator:5} {place:3} {period:8} {calendar:24}{cell} {one.before} -> {one.after}"
    if len(shown) < len(found.figures):
        yield f"    and {len(found.figures) - len(shown)} in breakdowns (--breakdowns lists them)"
