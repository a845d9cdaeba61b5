"""Indicator definitions: one TOML file each, found by their folder, checked when loaded.

A definition owns its meaning (the PIRS fields, the aggregate expression, its own examples); the
engine owns FROM, dates, calendars and grouping.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from indicators import network
from indicators.definition_faults import DEFAULT_MINIMUM_N, REGIONS, SHARES, aggregate, denominator_date, read
from indicators.expressions import AVERAGES, PERSONS, Aggregate, column_names
from indicators.fact_views import counted_facts, sources, views
from indicators.facts import DeclarationError, Derived, codelists, facts

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Example:
    """Rows a programme manager can check by eye, and what the indicator says of them."""

    name: str
    period: str
    calendar: str
    place: str
    tables: Mapping[str, str]
    expected: Mapping[str, Any]


@dataclass(frozen=True)
class Definition:
    """One indicator. `numerator` is None for a measure computed by a function of `network`."""

    code: str
    title: Mapping[str, str]
    family: str
    unit: str
    fact: str
    by: tuple[str, ...]
    rule_time: str
    rule_place: str
    direction: str
    reviewed_on: date
    definition: Mapping[str, str]
    why: Mapping[str, str]
    numerator_text: str
    denominator_text: str
    numerator: Aggregate | None
    denominator: Aggregate | None
    denominator_fact: str
    denominator_by: str
    function: str | None
    distinct_in: frozenset[str]
    donor_codes: tuple[Mapping[str, Any], ...]
    # Another indicator that is at least as large in every cell, or with a cell of it ("P05 assistance_type=legal")
    # at least as large as the whole of this one.
    at_most: str | None
    # Cells that always are the same count as a cell of another indicator: "total" or "breakdown=category",
    # and the other's code with its cell. Protection ties them together.
    same_as: Mapping[str, str]
    # Cells ("breakdown=category") in which a person stands once in a life: they add up over periods.
    once_ever: frozenset[str]
    examples: tuple[Example, ...]
    digest: str
    source: str = ""
    # What it does not show, by language; empty where nothing is said.
    limits: Mapping[str, str] = field(default_factory=dict)
    dated_by: str | None = None
    denominator_dated_by: str | None = None
    minimum_n: int = 0
    pirs: Mapping[str, Any] = field(default_factory=dict)

    def donor_codes_on(self, day: date) -> list[Mapping[str, Any]]:
        """The donors' own numbers that are in force on a day; a donor may have several."""
        return [c for c in self.donor_codes if c.get("from", date.min) <= day <= c.get("until", date.max)]

    @property
    def is_share(self) -> bool:
        """Whether the value is a numerator over a denominator."""
        return self.denominator is not None or self.unit in SHARES

    @property
    def is_average(self) -> bool:
        """Whether the value is a mean, median or other quantile; its denominator is the number of values."""
        return self.numerator is not None and self.numerator.kind in AVERAGES

    @property
    def is_of_the_whole(self) -> bool:
        """Whether it measures a network as one thing, so that nothing adds up to it: no parts, no places."""
        return self.function is not None and self.function not in network.BY_ORGANISATION

    @property
    def has_own_denominator(self) -> bool:
        """Whether the denominator is counted from other rows than the numerator: another fact, day or thing."""
        if self.numerator is None or self.denominator is None or self.denominator.kind == REGIONS:
            return False
        return (self.fact, self.dated_by, self.numerator.kind, self.numerator.argument) != (
            self.denominator_fact, self.denominator_dated_by, self.denominator.kind, self.denominator.argument
        )  # fmt: skip

    @property
    def facts(self) -> tuple[str, ...]:
        """Every fact it is counted from, those joined too of which it reads a column; all must be reported."""
        named = network.FACTS[self.function] if self.function else (self.denominator_fact,)
        every = (name for name in (self.fact, *named) if name != REGIONS)
        return tuple(dict.fromkeys(source for name in every for source in self._sources(name)))

    def _sources(self, name: str) -> tuple[str, ...]:
        if name in views():
            return sources(name)
        return (name, *(join.fact for join in counted_facts()[name].joins if self.reads & {*join.columns}))

    @cached_property
    def reads(self) -> frozenset[str]:
        """The columns that decide its figures.

        Where things are counted once each that is every one: the ties of a day are decided by all columns.
        """
        sides = [side for side in (self.numerator, self.denominator) if side is not None]
        named = [name for name in (self.fact, self.denominator_fact) if name in counted_facts()]
        columns = {name: column for fact in named for name, column in counted_facts()[fact].counted_columns().items()}
        if self.numerator is None or any(side.kind == PERSONS for side in sides):
            return frozenset(columns)
        read = {*self.by, self.dated_by, self.denominator_dated_by, self.denominator_by}
        read |= {counted_facts()[fact].dated_by for fact in named} | {side.argument for side in sides}
        read |= {name for side in sides for condition in side.conditions for name in column_names(condition)}
        derived = [column.sql for name, column in columns.items() if name in read and isinstance(column, Derived)]
        return frozenset({name for name in read if name} | {name for sql in derived for name in column_names(sql)})

    @property
    def facts_of_any_time(self) -> frozenset[str]:
        """Facts whose earlier rows count too: those joined to, and all that a view or a later date looks back on."""
        named = [name for name in (self.fact, self.denominator_fact) if name != REGIONS]
        joined = {source for name in named if name not in views() for source in self._sources(name)[1:]}
        joined |= {join.fact for name in named if name in views() for of in sources(name) for join in facts()[of].joins}
        looks_back = {name for name in named if name in views() and views()[name].looks_back}
        looks_back |= {self.fact} if self.dated_by != counted_facts()[self.fact].dated_by else set()
        every = {source for name in looks_back for source in sources(name)}
        return frozenset(every | joined)

    @property
    def adds_up(self) -> tuple[str, ...]:
        """Breakdowns whose parts sum to the whole: one value a row, each person in one cell."""
        if self.is_share or self.is_average or self.is_of_the_whole:
            return ()
        columns = counted_facts()[self.fact].counted_columns()
        return tuple(b for b in self.by if not columns[b].is_list and b not in self.distinct_in)


@cache
def definitions(folder: Path = HERE / "definitions") -> Mapping[str, Definition]:
    """All definitions by code. Raises DeclarationError with every fault of the folder at once."""
    loaded: dict[str, Definition] = {}
    faults: list[str] = []
    for path in sorted(folder.glob("*.toml")):
        raw, problems = read(path)
        faults += [f"{path.name}: {problem}" for problem in problems]
        if not problems:
            loaded[raw["code"]] = _definition(raw, path)
    faults += [f"{d.code}.toml: {fault}" for d in loaded.values() for fault in _link_faults(d, loaded)]
    if faults:
        raise DeclarationError(faults)
    return loaded


def _link_faults(definition: Definition, loaded: Mapping[str, Definition]) -> Iterator[str]:
    """What a definition says of its cells and of other indicators' that names no indicator or no cell."""
    named = [("at_most", definition.at_most)] if definition.at_most else []
    named += [("same_as", other) for other in definition.same_as.values()]
    for key, said in named:
        code, _, cell = said.partition(" ")
        if code not in loaded:
            yield f"{key} names no indicator {code}"
        elif not _has_cell(loaded[code], cell):
            yield f"{key}: {code} has no cell {cell}"
    for key, cells in (("same_as", definition.same_as), ("once_ever", definition.once_ever)):
        yield from (f"{key}: there is no cell {cell}" for cell in cells if not _has_cell(definition, cell))


def _has_cell(definition: Definition, cell: str) -> bool:
    """Whether there is a cell "breakdown=category"; the whole, or no cell at all, is always there."""
    breakdown, _, category = cell.partition("=")
    if cell in ("", "total") or breakdown not in definition.by:
        return cell in ("", "total")
    return category in codelists()[counted_facts()[definition.fact].counted_columns()[breakdown].values or ""].codes


def digest(catalogue: Mapping[str, Definition]) -> str:
    """One hash over all definitions, in order."""
    return hashlib.sha256("".join(d.digest for d in catalogue.values()).encode()).hexdigest()


def _definition(raw: Mapping[str, Any], path: Path) -> Definition:
    numerator = aggregate(raw, "numerator")
    averages = numerator is not None and numerator.kind in AVERAGES
    return Definition(
        code=raw["code"],
        title=raw["title"],
        family=raw["family"],
        unit=raw["unit"],
        fact=raw["fact"],
        by=tuple(raw["by"]),
        rule_time=raw["rule_time"],
        rule_place=raw["rule_place"],
        direction=raw["direction"],
        reviewed_on=raw["reviewed_on"],
        definition=raw["definition"],
        why=raw["why"],
        numerator_text=raw.get("numerator", raw.get("function", "")),
        denominator_text=raw.get("denominator", ""),
        numerator=numerator,
        denominator=aggregate(raw, "denominator"),
        denominator_fact=raw.get("denominator_fact", raw["fact"]),
        denominator_by=raw.get("denominator_by", "category"),
        function=raw.get("function"),
        distinct_in=frozenset(raw.get("distinct_in", ())),
        donor_codes=tuple(raw.get("donor_codes", ())),
        at_most=raw.get("at_most"),
        same_as=raw.get("same_as", {}),
        once_ever=frozenset(raw.get("once_ever", ())),
        examples=tuple(_example(e, raw) for e in raw["example"]),
        digest=hashlib.sha256(path.read_bytes()).hexdigest(),
        source=raw.get("source", ""),
        limits=raw.get("limits", {}),
        dated_by=raw.get("dated_by") or counted_facts()[raw["fact"]].dated_by,
        denominator_dated_by=denominator_date(raw),
        minimum_n=raw.get("minimum_n", DEFAULT_MINIMUM_N if averages else 0),
        pirs=raw.get("pirs", {}),
    )


_EXAMPLE_SETTINGS = ("name", "period", "calendar", "place", "rows", "tables")


def _example(raw: Mapping[str, Any], definition: Mapping[str, Any]) -> Example:
    return Example(
        name=raw["name"],
        period=raw["period"],
        calendar=raw.get("calendar", "quarter"),
        place=raw.get("place", "KZ"),
        # The rows of a view are those of the first fact it reads.
        tables={sources(definition["fact"])[0]: raw.get("rows", ""), **raw.get("tables", {})},
        expected={key: value for key, value in raw.items() if key not in _EXAMPLE_SETTINGS},
    )
