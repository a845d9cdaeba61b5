"""An outsider's reading of an edition: which sums and bounds its published tables give away.

Only `figures`, `indicators` and `periods` of the file are read (docs/edition.md), never the definitions
or the warehouse behind them. What the file says adds up is believed unless a visible number contradicts it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

from indicators.disclosure.puzzle import Range
from reports.attack_keys import DENOMINATOR, NUMERATOR, FigureKey
from reports.attack_links import Content, Proposal, Reading, at_most, believed, whole_and_parts
from reports.edition import REGION, SHOWN, SUPPRESSED, UNDEFINED

_TOTAL = "total"
_COUNTS = re.compile(r"^(COUNT|SUM)\(")
_ALIKE = 5  # in how many visible places two indicators must agree to be taken for the same count

Key = tuple[str, str, str, str, str, str]  # indicator, calendar, period, place, breakdown, category
Window = tuple[str, str]


class NotAnEdition(ValueError):
    """The file is no edition that can be read; the message says what is missing."""


@dataclass(frozen=True)
class _Published:
    """The published tables. `names` has the cells of a figure by side: its count, and what a share is of.

    `countries` are those whose whole is published, by indicator and window: the region is of them.
    """

    names: Mapping[Key, Mapping[str, str]]
    cells: Mapping[str, Content]
    indicators: Mapping[str, Mapping[str, Any]]
    windows: Mapping[Window, tuple[date, date]]
    countries: Mapping[tuple[str, str, str], frozenset[str]]

    def name(self, key: Key, side: str) -> str:
        """The cell of a figure; an empty name, which no link may have, if there is none."""
        return self.names.get(key, {}).get(side, "")

    def is_of_the_same_countries(self, key: Key, windows: Sequence[Window]) -> bool:
        """Whether a region is of the same countries in other windows: one without a number is not in it."""
        own = self.countries.get(key[:3], frozenset())
        return key[3] != REGION or all(self.countries.get((key[0], *w), frozenset()) == own for w in windows)


def read_edition(file: Path) -> Reading:
    """Read an edition's file. Raises NotAnEdition if it is none."""
    published, hidden, tables = _read(file)
    proposals = [
        *_parts(published),
        *_places(published),
        *_shares(published),
        *_same_days(published),
        *_longer_windows(published),
        *_same_expressions(published),
    ]
    links = believed(proposals, published.cells)
    # What a share is a share of is no secret where another indicator shows it; its numerator is.
    shown_elsewhere = {
        cell
        for link in links
        if len(link.terms) == 2 and link.is_equal and any(isinstance(published.cells[c], int) for c, _ in link.terms)
        for cell, _ in link.terms
        if cell.endswith(DENOMINATOR)
    }
    partners = {
        names[side]: names[other]
        for names in published.names.values()
        if len(names) == 2
        for side, other in ((NUMERATOR, DENOMINATOR), (DENOMINATOR, NUMERATOR))
    }
    keys, adds_up = _keys(published)
    return Reading("figures", tables, published.cells, hidden - shown_elsewhere, links, partners, keys, adds_up)


def _keys(published: _Published) -> tuple[Mapping[str, FigureKey], Mapping[str, frozenset[str]]]:
    """Which figure each cell is, in windows that have days; and what the edition says adds up."""
    keys = {
        name: FigureKey(key[0], *published.windows[key[1], key[2]], *key[3:], side)
        for key, names in published.names.items()
        if (key[1], key[2]) in published.windows
        for side, name in names.items()
    }
    return keys, {code: frozenset(row["adds_up"] or ()) for code, row in published.indicators.items()}


def _read(file: Path) -> tuple[_Published, frozenset[str], int]:
    import duckdb

    try:
        with duckdb.connect(str(file), read_only=True) as con:
            figures, indicators, periods = (
                _rows(con, f"SELECT * FROM {table}") for table in ("figures", "indicators", "periods")
            )
    except duckdb.Error as error:
        raise NotAnEdition(f"{file}: no edition can be read from it ({str(error).splitlines()[0]})") from error
    counted = {row["indicator"]: row for row in indicators if _COUNTS.match(row["numerator"] or "")}
    names: dict[Key, dict[str, str]] = {}
    cells: dict[str, Content] = {}
    hidden: set[str] = set()
    for row in (row for row in figures if row["indicator"] in counted):
        key = tuple(row[column] for column in ("indicator", "calendar", "period", "place", "breakdown", "category"))
        sides = [NUMERATOR, *([DENOMINATOR] if counted[key[0]]["denominator"] else [])]
        for side in sides:
            content = _content(row, side)
            if content is not None:
                name = f"{' '.join(key)}, {side}"
                names.setdefault(key, {})[side] = name
                cells[name] = content
                if row["status"] == SUPPRESSED:
                    hidden.add(name)
    windows = {(row["calendar"], row["period"]): (row["start_on"], row["end_on"]) for row in periods if row["start_on"]}
    tables = {(key[0], *key[1:5]) for key in names}
    wholes = defaultdict[tuple[str, str, str], set[str]](set)
    for indicator, calendar, period, place, breakdown, _ in names:
        if place != REGION and breakdown == _TOTAL:
            wholes[indicator, calendar, period].add(place)
    countries = {key: frozenset(places) for key, places in wholes.items()}
    return _Published(names, cells, counted, windows, countries), frozenset(hidden), len(tables)


def _rows(con: Any, query: str) -> list[dict[str, Any]]:
    cursor = con.execute(query)
    columns = [column[0] for column in cursor.description]
    return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def _content(row: Mapping[str, Any], side: str) -> Content | None:
    """What a figure says of its count: a whole number, that it is hidden, or nothing (None)."""
    if row["status"] == SHOWN and row[side] is not None and row[side] == int(row[side]):
        return int(Decimal(row[side]))
    if row["status"] == UNDEFINED:
        return 0 if side == DENOMINATOR else None  # of another table than what it is a share of, it may be anything
    return Range() if row["status"] == SUPPRESSED else None


def _sides(published: _Published, indicator: str) -> tuple[str, ...]:
    return (NUMERATOR, DENOMINATOR) if published.indicators[indicator]["denominator"] else (NUMERATOR,)


def _tables(published: _Published) -> Mapping[tuple[str, ...], list[Key]]:
    tables: dict[tuple[str, ...], list[Key]] = defaultdict(list)
    for key in published.names:
        tables[key[:5]].append(key)
    return tables


def _parts(published: _Published) -> Iterator[Proposal]:
    """A part is at most its whole; the parts that are said to add up do. Those of a share if counts always do."""
    everywhere = _always_add_up(published)
    for (indicator, calendar, period, place, breakdown), keys in _tables(published).items():
        whole = (indicator, calendar, period, place, _TOTAL, _TOTAL)
        if breakdown == _TOTAL:
            continue
        said = breakdown in (published.indicators[indicator]["adds_up"] or [])
        for side in _sides(published, indicator):
            total, parts = published.name(whole, side), [published.name(key, side) for key in keys]
            for part in parts:
                yield Proposal(("part", indicator, breakdown, side), at_most(part, [total]), 0)
            if said or breakdown in everywhere:
                needs = 0 if said else 2
                yield Proposal(("parts", indicator, breakdown, side), whole_and_parts(total, parts), needs)


def _always_add_up(published: _Published) -> set[str]:
    """Breakdowns that add up in every count that has them: those that give each row one category."""
    counts = [row for row in published.indicators.values() if not row["denominator"]]
    having = {breakdown for row in counts for breakdown in row["adds_up"] or []}
    return having - {name for row in counts for name in row["breakdowns"] or [] if name not in (row["adds_up"] or [])}


def _places(published: _Published) -> Iterator[Proposal]:
    """The region is the sum of its countries, where every country with a figure has that number too."""
    countries: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for indicator, calendar, period, place, *_ in published.names:
        if place != REGION:
            countries[indicator, calendar, period].add(place)
    for key in published.names:
        if key[3] != REGION:
            continue
        declared = published.indicators[key[0]]["rule_place"] == "S"
        for side in _sides(published, key[0]):
            places = sorted(countries[key[:3]])
            parts = [published.name((*key[:3], place, *key[4:]), side) for place in places]
            # A country whose whole is not known is not in the region, though parts of it may be published.
            if parts and all(published.name((*key[:3], place, _TOTAL, _TOTAL), side) for place in places):
                link = whole_and_parts(published.name(key, side), parts)
                yield Proposal(("places", key[0], key[4], side), link, 0 if declared else 2)


def _shares(published: _Published) -> Iterator[Proposal]:
    """The count behind a percentage is at most what it is a percentage of, if both count the same thing."""
    alike = {
        code
        for code, row in published.indicators.items()
        if row["unit"] == "percent" and row["denominator"] and _counted(row[NUMERATOR]) == _counted(row[DENOMINATOR])
    }
    for key, names in published.names.items():
        if key[0] in alike and len(names) == 2:
            link = at_most(names[NUMERATOR], [names[DENOMINATOR]])
            yield Proposal(("share", key[0]), link, 0)


def _counted(expression: str) -> str:
    """What an expression counts, without its conditions."""
    return expression.split(" FILTER ")[0]


def _quarters_in(published: _Published) -> Mapping[Window, tuple[Window, ...]]:
    """The published quarters that lie in each window, in order."""
    quarters = sorted(window for window in published.windows if window[0] == "quarter")
    return {
        window: tuple(q for q in quarters if start <= published.windows[q][0] and published.windows[q][1] <= end)
        for window, (start, end) in published.windows.items()
    }


def _same_days(published: _Published) -> Iterator[Proposal]:
    """Windows with the same quarters say the same: a year to date with one quarter in it is that quarter."""
    groups: dict[tuple[Window, ...], list[Window]] = defaultdict(list)
    for window, quarters in _quarters_in(published).items():
        if quarters:
            groups[quarters].append(window)
    others = {window: group[0] for group in groups.values() for window in group[1:]}
    for key, names in published.names.items():
        other = others.get((key[1], key[2]))
        for side, name in names.items() if other and published.is_of_the_same_countries(key, [other]) else ():
            twin = published.name((key[0], *(other or ()), *key[3:]), side)
            yield Proposal(("same days", other, key[1], key[2]), whole_and_parts(name, [twin]), 2)


def _longer_windows(published: _Published) -> Iterator[Proposal]:
    """Rows add up over quarters; persons of a longer window are at most their sum and at least those of each."""
    inside = _quarters_in(published)
    for key in published.names:
        quarters = inside.get((key[1], key[2]), ())
        if len(quarters) < 2 or not published.is_of_the_same_countries(key, quarters):
            continue
        row = published.indicators[key[0]]
        for side in _sides(published, key[0]):
            name = published.name(key, side)
            parts = [published.name((key[0], *quarter, *key[3:]), side) for quarter in quarters]
            pattern = (key[0], key[1], key[2], side)
            if row["rule_time"] == "S" and side == NUMERATOR:
                yield Proposal(("sum", *pattern), whole_and_parts(name, parts), 0)
            elif row["rule_time"] == "R" and row[side].startswith("COUNT(*)"):
                yield Proposal(("sum", *pattern), whole_and_parts(name, parts), 2)
            elif row["rule_time"] == "D":
                yield Proposal(("at most", *pattern), at_most(name, parts), 0)
                yield from (
                    Proposal(("at least", *pattern), at_most(part, [name]), 0) for part in _surely_inside(parts, key)
                )


def _surely_inside(parts: Sequence[str], key: Key) -> Sequence[str]:
    """Quarters whose persons are all in the longer window. The first contact there decides on the category of a
    person, so of one category these are only those of the first quarter."""
    return parts if key[4] == _TOTAL else parts[:1]


def _same_expressions(published: _Published) -> Iterator[Proposal]:
    """What a share is made of may be another indicator: counted by the same expression, and the same where visible.

    Wholes alone: an expression does not say by what date and of which rows its parts are counted.
    """
    shares = [code for code, row in published.indicators.items() if row["denominator"]]
    counts = [code for code in published.indicators if code not in shares]
    wholes = defaultdict[str, list[Key]](list)
    for key in published.names:
        if key[4] == _TOTAL:
            wholes[key[0]].append(key)
    for share, side, count in product(shares, (NUMERATOR, DENOMINATOR), counts):
        if published.indicators[share][side] == published.indicators[count][NUMERATOR]:
            for key in wholes[share]:
                link = whole_and_parts(published.name(key, side), [published.name((count, *key[1:]), NUMERATOR)])
                yield Proposal(("same", share, side, count), link, _ALIKE)
