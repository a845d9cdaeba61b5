"""An outsider's reading of workbooks and CSV files: which sums their labels and visible numbers give away.

A sum that the words say (total, region, male and female) is believed unless a number contradicts it; one
that only its place suggests must be seen to hold in two places besides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from indicators.disclosure.puzzle import Link, Range
from reports.attack_grid import grids
from reports.attack_keys import FigureKey, days_in
from reports.attack_links import Proposal, Reading, at_most, believed, whole_and_parts
from reports.attack_listed import is_listed, read_listed
from reports.attack_tables import Column, Row, Table, says, table_in

_SAID, _SEEN = 0, 2
_LONGEST_RUN = 8
_TOTAL = "total"
_REGION = "CA"


def read_sheets(file: Path) -> Iterator[Reading]:
    """Every sheet of a file that holds counts. Raises UnreadableFile."""
    for grid in grids(file):
        if is_listed(grid):
            yield read_listed(grid, file)
            continue
        table = table_in(grid)
        if table is not None:
            yield read_table(table)


def read_table(table: Table) -> Reading:
    """What the words and numbers of a table give away."""
    if machine := table.machine():
        groups = list(_named(table, *machine))
    else:
        groups = [*_crossed(table), *_below_one_another(table)]
    proposals = [
        Proposal(("rows", *pattern), _link(table, [(row, column) for row in (whole, *parts)], is_equal), needs)
        for pattern, whole, parts, needs, is_equal in groups
        for column in table.columns
    ]
    proposals += _across(table)
    hidden = frozenset(cell for cell, said in table.cells.items() if isinstance(said, Range))
    return Reading(
        table.name, 1, table.cells, hidden, believed(proposals, table.cells), {}, _keys(table), _adds_up(table)
    )


def _adds_up(table: Table) -> dict[str, frozenset[str]]:
    """By indicator the breakdowns under which our own workbooks put a check line; nothing in one without such lines."""
    found = defaultdict[str, set[str]](set)
    for row in table.rows if table.checks and table.machine() else ():
        indicator, _, breakdown, _ = (row.labels[i] for i in table.machine())
        found[indicator] |= {breakdown} if row.number in table.checks else set()
    return {indicator: frozenset(breakdowns) for indicator, breakdowns in found.items()}


def _keys(table: Table) -> dict[str, FigureKey]:
    """Which figure a cell is, in our own workbooks: rows are named by four columns, blocks by their days."""
    machine, keys = table.machine(), {}
    for column in table.columns if machine else ():
        days = days_in(column.header)
        for row in table.rows if days else ():
            indicator, place, breakdown, category = (row.labels[i] for i in machine)
            cell = table.cell(row, column)
            is_check = row.number in table.checks or (breakdown != _TOTAL and category == _TOTAL)
            if days and indicator and cell in table.cells and not is_check:
                keys[cell] = FigureKey(indicator, *days, place, breakdown, category)
    return keys


_Group = tuple[tuple[object, ...], Row, Sequence[Row], int, bool]


def _link(table: Table, places: Sequence[tuple[Row, Column]], is_equal: bool = True) -> Link:
    whole, *parts = (table.cell(*place) for place in places)
    return whole_and_parts(whole, parts) if is_equal else at_most(parts[0], [whole])


def _named(table: Table, indicator: int, place: int, breakdown: int, category: int) -> Iterator[_Group]:
    """Our own workbooks: rows named by four columns, and check lines under the parts that add up."""
    rows = {tuple(row.labels[i] for i in (indicator, place, breakdown, category)): row for row in table.rows}
    checked = {key[2] for key, row in rows.items() if row.number in table.checks}
    parts, places = defaultdict[tuple[str, ...], list[Row]](list), defaultdict[tuple[str, ...], list[Row]](list)
    for key, row in rows.items():
        if row.number in table.checks or (key[2] != _TOTAL and key[3] == _TOTAL):
            continue
        if key[2] != _TOTAL:
            parts[key[:3]].append(row)
        if key[1] != _REGION:
            places[key[0], *key[2:]].append(row)
    for (code, where, name), found in parts.items():
        whole = rows.get((code, where, _TOTAL, _TOTAL))
        if whole is None:
            continue
        yield from ((("part", code, name), whole, [row], _SAID, False) for row in found)
        if name in checked:
            yield (("parts", code, name), whole, found, _SAID, True)
    everywhere = {
        code: {key[1] for key in rows if key[0] == code and key[1] != _REGION} for code in {k[0] for k in rows}
    }
    for (code, name, which), found in places.items():
        region = rows.get((code, _REGION, name, which))
        if region is not None and len(found) == len(everywhere[code]):
            yield (("places", code, name), region, found, _SEEN, True)


def _crossed(table: Table) -> Iterator[_Group]:
    """Several label columns: rows alike in all but one, of which one is the total of the others."""
    for place in range(len(table.heads)) if len(table.heads) > 1 else ():
        groups = defaultdict[tuple[object, ...], list[Row]](list)
        for row in table.rows:
            groups[*row.labels[:place], *row.labels[place + 1 :]].append(row)
        for rows in groups.values():
            totals = [row for row in rows if _is_total(row.labels[place])]
            parts = [row for row in rows if row not in totals and row.labels[place]]
            if len(totals) == 1 and len(parts) > 1 and len({row.labels[place] for row in parts}) == len(parts):
                yield (("crossed", place, _names(parts)), totals[0], parts, _SAID, True)


def _below_one_another(table: Table) -> Iterator[_Group]:
    """Rows under or above their whole: set in, of a breakdown that leaves nobody out, or beside a total."""
    runs = defaultdict[int, list[Row]](list)
    for row in table.rows:
        runs[row.run].append(row)
    for rows in runs.values():
        children = {number: _children(rows, number) for number in range(len(rows))}
        for number, parts in children.items():
            if len(parts) > 1:
                yield (("set in", _names(parts)), rows[number], parts, _needs(rows[number], parts), True)
        inner = {row.number for parts in children.values() for row in parts}
        outer = [number for number, row in enumerate(rows) if row.number not in inner]
        yield from _beside_totals(rows, outer, children)
        for length in range(2, _LONGEST_RUN + 1):
            for start in range(len(rows) - length):
                parts = rows[start + 1 : start + 1 + length]
                yield (("run", _names(parts), length), rows[start], parts, _SEEN, True)


def _children(rows: Sequence[Row], number: int) -> list[Row]:
    """The rows right below that are set in more deeply, by the least of it; else a run of men, women and the like."""
    deeper: list[Row] = []
    for row in rows[number + 1 :]:
        if row.depth <= rows[number].depth:
            break
        deeper.append(row)
    if deeper:
        return [row for row in deeper if row.depth == deeper[0].depth]
    if says("sex", rows[number].label):
        return []
    found: list[Row] = []
    for row in rows[number + 1 :]:
        if not says("sex", row.label):
            break
        found.append(row)
    return found


def _needs(whole: Row, parts: Sequence[Row]) -> int:
    """Words that leave nobody out are believed; what only stands below must be seen to add up."""
    return _SAID if all(says("sex", row.label) for row in parts) or _is_total(whole.label) else _SEEN


def _beside_totals(rows: Sequence[Row], outer: Sequence[int], children: dict[int, list[Row]]) -> Iterator[_Group]:
    """A total row and the rows before it, or after it where it comes first; and their parts of the same name."""
    totals = [number for number in outer if _is_total(rows[number].label)]
    comes_first = bool(totals) and totals[0] == outer[0]
    edges = [*totals, outer[-1] + 1] if comes_first else [outer[0] - 1, *totals]
    for one, other in pairwise(edges):
        total, between = (one, (one, other)) if comes_first else (other, (one, other))
        parts = [number for number in outer if between[0] < number < between[1]]
        if len(parts) < 2:
            continue
        found = [rows[number] for number in parts]
        yield (("total", _names(found)), rows[total], found, _SAID, True)
        for child in children[total]:
            alike = [next((c for c in children[n] if c.label == child.label), None) for n in parts]
            same = [row for row in alike if row is not None]
            if len(same) == len(parts):
                yield (("total", child.label, _names(found)), child, same, _SAID, True)


def _is_total(label: str) -> bool:
    return says("total", label) or says("region", label)


def _names(rows: Sequence[Row]) -> tuple[str, ...]:
    return tuple(row.label.casefold() for row in rows)


def _across(table: Table) -> Iterator[Proposal]:
    """Columns that are the sum of others: a total of its neighbours, a year or longer of its quarters."""
    unit = next((place for place, head in enumerate(table.heads) if says("unit", head)), None)
    for whole, parts, needs in _column_sums(table.columns):
        for row in table.rows:
            counted = row.labels[unit] if unit is not None else ""
            if needs and says("persons", counted):
                continue
            link = _link(table, [(row, column) for column in (whole, *parts)])
            yield Proposal(("columns", whole.place, len(parts), counted), link, needs)


def _column_sums(columns: Sequence[Column]) -> Iterator[tuple[Column, Sequence[Column], int]]:
    quarters: list[Column] = []
    own: list[Column] = []
    for place, column in enumerate(columns):
        is_quarter = says("quarter", column.header) and not says("up_to", column.header)
        if not is_quarter and (says("longer", column.header) or (_is_total(column.header) and quarters)):
            if len(own) > 1:
                yield column, own, _SEEN
            if len(quarters) > len(own) and len(quarters) > 1:
                yield column, quarters, _SEEN
            own = []
        elif is_quarter:
            quarters, own = [*quarters, column], [*own, column]
        elif _is_total(column.header) and len(parts := _neighbours(columns, place)) > 1:
            yield column, parts, _SAID


def _neighbours(columns: Sequence[Column], place: int) -> list[Column]:
    """The columns before a total, back to the last one; for the first column, those after it up to the next."""
    step = -1 if place else 1
    found: list[Column] = []
    at = place + step
    while 0 <= at < len(columns) and not _is_total(columns[at].header):
        found.append(columns[at])
        at += step
    return found
