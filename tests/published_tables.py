"""The example tables of the literature on cell suppression, with their totals, as systems of relations."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from pathlib import Path

from benchmarks.generated_tables import PLACE, Table, row_of, sum_of
from indicators.disclosure.unknowns import System

Record = Mapping[str, str]
ALL = ""


@dataclass(frozen=True)
class Example:
    """A file, its column of counts (none: one a line), its ways and the columns that group the parts of a way."""

    file: str
    count: str | None
    ways: tuple[str, ...]
    groups: Mapping[str, tuple[str, ...]]
    is_finest: Callable[[Record], bool] = lambda record: True


REGIONS = {"region": ("fylke", "kostragr")}
EXAMPLES = {
    "z1": Example("ssb_z1.csv", "ant", ("region", "hovedint"), {}),
    "z2": Example("ssb_z2.csv", "ant", ("region", "hovedint"), REGIONS),
    "z3": Example("ssb_z3.csv", "ant", ("region", "hovedint", "mnd"), {**REGIONS, "mnd": ("mnd2",)}),
    "d2": Example("ssb_d2.csv", "freq", ("region", "main_income"), {"region": ("county", "k_group")}),
    "accidents": Example("ssb_mun_accidents.csv", "freq", ("mun", "inj"), {}),
    "example1": Example("ssb_example1.csv", "freq", ("geo", "age", "year"), {"geo": ("eu",)}),
    "microdata1": Example("sdctable_microdata1.csv", None, ("region", "gender"), {}),
    "datatest1": Example(
        "rtauargus_datatest1.csv", "nb_obs_rnd", ("A10", "treff", "cj", "type_distrib"), {},
        lambda record: "Total" not in record.values(),
    ),
}  # fmt: skip


def published_table(folder: Path, name: str) -> Table:
    """The finest counts of the example, summed up along every way and group."""
    example = EXAMPLES[name]
    with (folder / example.file).open(encoding="utf-8", newline="") as file:
        records = [record for record in csv.DictReader(file) if example.is_finest(record)]
    counts: Counter[tuple[str, ...]] = Counter()
    for record in records:
        counts[tuple(record[way] for way in example.ways)] += int(record[example.count]) if example.count else 1
    ways = [_Way(way, records, example.groups.get(way, ())) for way in example.ways]
    return _table(ways, counts)


class _Way:
    """The nodes of a way with the finest parts in each, and which nodes add up to which."""

    def __init__(self, name: str, records: Iterable[Record], groups: Iterable[str]) -> None:
        self.name = name
        finest = list(dict.fromkeys(record[name] for record in records))
        self.members = {ALL: finest, **{part: [part] for part in finest}}
        self.sums = [(ALL, finest)]
        for group in groups:
            parts: dict[str, list[str]] = defaultdict(list)
            for part, of in dict.fromkeys((record[name], record[group]) for record in records):
                parts[f"{group} {of}"].append(part)
            self.members |= parts
            self.sums += [(ALL, list(parts)), *parts.items()]


def _table(ways: list[_Way], counts: Mapping[tuple[str, ...], int]) -> Table:
    rows = {}
    for cell in product(*(way.members for way in ways)):
        finest = product(*(way.members[node] for way, node in zip(ways, cell, strict=True)))
        names = (PLACE, *(way.name for way in ways[1:]))
        count = sum(counts.get(leaf, 0) for leaf in finest)
        rows[cell] = row_of({name: node for name, node in zip(names, cell, strict=True) if node}, count)
    relations = tuple(
        sum_of(row.numerator, [rows[(*cell[:i], part, *cell[i + 1 :])].numerator for part in parts])
        for i, way in enumerate(ways)
        for whole, parts in way.sums
        for cell, row in rows.items()
        if cell[i] == whole
    )
    values = {row.numerator: row.figure.numerator or Decimal(0) for row in rows.values()}
    return Table(System(tuple(rows.values()), relations), values)
