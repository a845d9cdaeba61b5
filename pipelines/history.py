"""The editions of a store in the order in which they were published, and what they said of a figure.

Each manifest names the edition it follows and the hash of that edition's manifest: the order needs no clock, and an
edition that was taken away or altered leaves a gap that shows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from indicators.calendars import Window
from indicators.disclosure import Earlier
from indicators.figures import Key
from pipelines.edition_files import read_figures
from reports.edition import MANIFEST_NAME, SHOWN, Edition, open_edition
from reports.restated import ABSENT

# An indicator, a calendar and a period: what an edition publishes as one.
Table = tuple[str, str, str]


@dataclass(frozen=True)
class Past:
    """A published edition. `made_of` is the hash of its inputs; `follows` is empty for the first."""

    edition_id: str
    folder: Path
    period: str
    made_of: str
    follows: str
    follows_hash: str
    manifest_hash: str


@dataclass(frozen=True)
class Said:
    """What an edition says of a figure: its mark, and numbers where it is shown. `absent` where it says nothing."""

    status: str
    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None

    @property
    def is_nobody(self) -> bool:
        """Whether no number above nothing stands here: a zero, a mark, no figure."""
        return self.status != SHOWN or not (self.value if self.numerator is None else self.numerator)


NOTHING_SAID = Said(ABSENT)


def history(editions: Path) -> list[Past]:
    """Every published edition below a folder, oldest first."""
    found = [_past(path.parent) for path in sorted(editions.glob(f"*/{MANIFEST_NAME}")) if path.parent.name[0] != "."]
    known = {past.edition_id for past in found}
    after: dict[str, list[Past]] = {}
    for past in found:
        after.setdefault(past.follows if past.follows in known else "", []).append(past)
    ordered: list[Past] = []
    waiting = list(reversed(after.get("", [])))
    while waiting:
        ordered.append(waiting.pop())
        waiting += reversed(after.get(ordered[-1].edition_id, []))
    return ordered


def gaps(past: Sequence[Past]) -> list[str]:
    """What is no longer as it was published: editions that another one follows and that are gone or altered."""
    known = {one.edition_id: one.manifest_hash for one in past}
    said = []
    for one in (one for one in past if one.follows):
        if one.follows not in known:
            said.append(f"{one.follows}, which {one.edition_id} follows, is no longer there")
        elif known[one.follows] != one.follows_hash:
            said.append(f"the manifest of {one.follows} is not the one that {one.edition_id} follows")
    return said


def _past(folder: Path) -> Past:
    data = (folder / MANIFEST_NAME).read_bytes()
    said = json.loads(data)
    follows = said.get("follows") or {}
    return Past(
        folder.name, folder, said.get("period", folder.name.rpartition("-")[0]), said.get("made_of", ""),
        follows.get("edition", ""), follows.get("manifest", ""), hashlib.sha256(data).hexdigest(),
    )  # fmt: skip


def figures_of(edition: Edition, tables: Iterable[Table] | None = None) -> dict[Key, Said]:
    """The figures of an edition, or of some of its tables; a number is read only where the figure is shown."""
    wanted = None if tables is None else set(tables)
    rows = edition.connection.cursor().execute(
        "SELECT indicator, calendar, period, place, breakdown, category, status, value, numerator, denominator "
        "FROM figures"
    )
    return {
        row[:6]: Said(row[6], *row[7:]) if row[6] == SHOWN else Said(row[6])
        for row in rows.fetchall()
        if wanted is None or row[:3] in wanted
    }


def last_published(past: Sequence[Past], tables: Iterable[Table]) -> Iterator[tuple[Past, dict[Key, Said]]]:
    """What was last published of tables: editions, newest first, each with the figures that none after it has.

    This is the one way to what earlier editions said. Tables that were never published are in none of them.
    """
    missing = set(tables)
    for one in reversed(past):
        if not missing:
            return
        edition = open_edition(one.folder)
        try:
            here = missing & tables_of(edition)
            if here:
                yield one, figures_of(edition, here)
                missing -= here
        finally:
            edition.connection.close()


def tables_of(edition: Edition) -> set[Table]:
    """The tables of which an edition has figures."""
    rows = edition.connection.cursor().execute("SELECT DISTINCT indicator, calendar, period FROM figures")
    return {(indicator, calendar, period) for indicator, calendar, period in rows.fetchall()}


def differing(old: Mapping[Key, Said], new: Mapping[Key, Said]) -> Iterator[tuple[Key, Said, Said]]:
    """Figures of which two editions say different things, in the order of the old one, then of the new one.

    An edition has rows only for the categories in which somebody is counted somewhere in it. One without a row, in a
    breakdown that is there, is a category of nobody: a zero beside it says nothing else, and a mark no number at all.
    """
    tables = {key[:5] for key in old}, {key[:5] for key in new}
    for key in dict.fromkeys((*old, *new)):
        before, now = old.get(key, NOTHING_SAID), new.get(key, NOTHING_SAID)
        of_nobody = NOTHING_SAID in (before, now) and key[:5] in tables[0] & tables[1]
        if before != now and not (of_nobody and before.is_nobody and now.is_nobody):
            yield key, before, now


def as_published(said: Said) -> dict[str, Any]:
    """The same for programs."""
    numbers = {name: getattr(said, name) for name in ("value", "numerator", "denominator")}
    return {"status": said.status, **{name: None if n is None else f"{n.normalize():f}" for name, n in numbers.items()}}


def said_before(past: Iterable[Past], source: str) -> list[Earlier]:
    """What the editions of a source published, as anybody reads it: protection lays them beside a new one."""
    found = []
    for one in past:
        edition = open_edition(one.folder)
        try:
            if edition.about()["source"] == source:
                spans = edition.rows("SELECT calendar, period, start_on, end_on FROM periods")
                windows = [Window(row["calendar"], row["period"], row["start_on"], row["end_on"]) for row in spans]
                found.append(Earlier(one.edition_id, read_figures(one.folder), windows))
        finally:
            edition.connection.close()
    return found
