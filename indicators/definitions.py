"""Indicator definitions: one TOML file each, found by their folder, checked when loaded.

A definition owns its meaning (the PIRS fields, the aggregate expression, its own examples); the
engine owns FROM, dates, calendars and grouping.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from indicators import network
from indicators.definition_faults import faults_of
from indicators.expressions import QUANTILE, STATISTICS, Aggregate, parse_aggregate
from indicators.fact_views import counted_facts
from indicators.facts import DeclarationError, Fact

HERE = Path(__file__).parent
SHARES = ("percent", "ratio")
# A mean or a median of fewer than this is not published, unless a definition asks for more.
MINIMUM_N = 10


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
    why: str
    numerator_text: str
    denominator_text: str
    numerator: Aggregate | None
    denominator: Aggregate | None
    denominator_fact: str
    denominator_by: str
    function: str | None
    distinct_in: frozenset[str]
    donor_codes: tuple[Mapping[str, Any], ...]
    at_most: str | None
    examples: tuple[Example, ...]
    digest: str
    dated_by: str
    denominator_dated_by: str
    minimum_n: int
    source: str = ""
    limits: str = ""
    pirs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_share(self) -> bool:
        """Whether the value is a numerator over a denominator."""
        return bool(self.denominator_text) or (self.function is not None and self.unit in SHARES)

    @property
    def is_statistic(self) -> bool:
        """Whether the value is a mean or a quantile of n known values."""
        return self.numerator is not None and self.numerator.kind in STATISTICS

    @property
    def is_quantile(self) -> bool:
        """Whether the value is a median or another quantile."""
        return self.numerator is not None and self.numerator.kind == QUANTILE

    @property
    def is_two_counts(self) -> bool:
        """Whether the two numbers of a share are counted from different rows, or by different days."""
        if self.denominator is None or self.denominator.kind == "regions":
            return False
        return (self.denominator_fact, self.denominator_dated_by) != (self.fact, self.dated_by)

    @property
    def main_fact(self) -> str:
        """The stored fact whose senders owe the figure."""
        return self.counted.sources[0]

    @property
    def counted(self) -> Fact:
        """The fact or view the numerator is counted from."""
        return counted_facts()[self.fact]

    @property
    def facts(self) -> tuple[str, ...]:
        """Every stored fact it is counted from; all must be reported for the figure to exist."""
        extra = network.FACTS[self.function] if self.function else (self.denominator_fact,)
        named = (self.fact, *(name for name in extra if name != "regions"))
        return tuple(dict.fromkeys(source for name in named for source in counted_facts()[name].sources))

    @property
    def read_from_the_beginning(self) -> frozenset[str]:
        """Facts that a row of any earlier quarter may come from: joined ones, and those a view reads."""
        named = (self.fact, *(() if self.denominator_fact == "regions" else (self.denominator_fact,)))
        found = (counted_facts()[name] for name in named)
        return frozenset(name for fact in found for name in (fact.sources if fact.sql else fact.sources[1:]))

    @property
    def adds_up(self) -> tuple[str, ...]:
        """Breakdowns whose parts sum to the whole: one value a row, each person in one cell."""
        if self.numerator is None or self.is_share or self.is_statistic:
            return ()
        columns = self.counted.counted_columns()
        return tuple(b for b in self.by if not columns[b].is_list and b not in self.distinct_in)


@cache
def definitions(folder: Path = HERE / "definitions") -> Mapping[str, Definition]:
    """All definitions by code. Raises DeclarationError with every fault of the folder at once."""
    loaded: dict[str, Definition] = {}
    faults: list[str] = []
    for path in sorted(folder.glob("*.toml")):
        raw = _read(path, faults)
        if not raw:
            continue
        problems = [f"{path.name}: {problem}" for problem in faults_of(path.stem, raw)]
        faults += problems
        if not problems:
            loaded[raw["code"]] = _definition(raw, path)
    faults += [
        f"{d.code}.toml: at_most names no indicator {d.at_most}"
        for d in loaded.values()
        if d.at_most and d.at_most not in loaded
    ]
    if faults:
        raise DeclarationError(faults)
    return loaded


def digest(catalogue: Mapping[str, Definition]) -> str:
    """One hash over all definitions, in order."""
    return hashlib.sha256("".join(d.digest for d in catalogue.values()).encode()).hexdigest()


def _read(path: Path, faults: list[str]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        faults.append(f"{path.name}: not TOML: {error}")
        return {}


def _aggregate(raw: Mapping[str, Any], key: str) -> Aggregate | None:
    if key not in raw:
        return None
    fact = raw.get("denominator_fact", raw["fact"]) if key == "denominator" else raw["fact"]
    if fact == "regions":
        return Aggregate("regions", None, frozenset())
    return parse_aggregate(raw[key], counted_facts()[fact].counted_columns())


def _definition(raw: Mapping[str, Any], path: Path) -> Definition:
    numerator = _aggregate(raw, "numerator")
    other = raw.get("denominator_fact", raw["fact"])
    dated_by = raw.get("dated_by", counted_facts()[raw["fact"]].dated_by or "")
    same = other in (raw["fact"], "regions")
    other_day = dated_by if same else counted_facts()[other].dated_by or ""
    least = MINIMUM_N if numerator is not None and numerator.kind in STATISTICS else 0
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
        why=raw["why"].strip(),
        numerator_text=raw.get("numerator", raw.get("function", "")),
        denominator_text=raw.get("denominator", ""),
        numerator=numerator,
        denominator=_aggregate(raw, "denominator"),
        denominator_fact=other,
        denominator_by=raw.get("denominator_by", "category"),
        function=raw.get("function"),
        distinct_in=frozenset(raw.get("distinct_in", ())),
        donor_codes=tuple(raw.get("donor_codes", ())),
        at_most=raw.get("at_most"),
        examples=tuple(_example(e, raw) for e in raw["example"]),
        digest=hashlib.sha256(path.read_bytes()).hexdigest(),
        source=raw.get("source", ""),
        limits=raw.get("limits", ""),
        dated_by=dated_by,
        denominator_dated_by=raw.get("denominator_dated_by", other_day),
        minimum_n=raw.get("minimum_n", least),
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
        tables={counted_facts()[definition["fact"]].sources[0]: raw.get("rows", ""), **raw.get("tables", {})},
        expected={key: value for key, value in raw.items() if key not in _EXAMPLE_SETTINGS},
    )
