"""Indicator definitions: one TOML file each, found by their folder, checked when loaded.

A definition owns its meaning (the PIRS fields, the aggregate expression, its own examples); the
engine owns FROM, dates, calendars and grouping.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from indicators import network
from indicators.expressions import Aggregate, ExpressionError, parse_aggregate
from indicators.facts import DeclarationError, facts

HERE = Path(__file__).parent
FAMILIES = ("protection", "reintegration", "capacity", "prevention", "hotline", "network", "policy")
UNITS = (
    "persons", "contacts", "events", "organisations", "regions", "recommendations", "percent", "ratio",
)  # fmt: skip
SHARES = ("percent", "ratio")
RULES = {"S": "sum", "D": "distinct again", "L": "latest", "R": "ratio again"}
DIRECTIONS = ("up", "down", "neither")
REQUIRED = (
    "code", "title", "family", "unit", "fact", "by", "rule_time", "rule_place", "direction", "reviewed_on",
    "definition", "why", "example",
)  # fmt: skip
ALLOWED = {
    *REQUIRED, "numerator", "denominator", "denominator_fact", "denominator_by", "function", "distinct_in",
    "donor_codes", "at_most", "source", "limits", "default_threshold",
}  # fmt: skip


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
    source: str = ""
    limits: str = ""

    @property
    def is_share(self) -> bool:
        """Whether the value is a numerator over a denominator."""
        return self.unit in SHARES

    @property
    def facts(self) -> tuple[str, ...]:
        """Every fact it is counted from, joined ones too; all must be reported for the figure to exist."""
        extra = network.FACTS[self.function] if self.function else (self.denominator_fact,)
        joined = (join.fact for join in facts()[self.fact].joins)
        return tuple(dict.fromkeys((self.fact, *(name for name in extra if name != "regions"), *joined)))

    @property
    def adds_up(self) -> tuple[str, ...]:
        """Breakdowns whose parts sum to the whole: one value a row, each person in one cell."""
        if self.numerator is None or self.is_share:
            return ()
        columns = facts()[self.fact].counted_columns()
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
        problems = [f"{path.name}: {problem}" for problem in _faults(path.stem, raw)]
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


def _faults(stem: str, raw: Mapping[str, Any]) -> Iterator[str]:
    missing = [key for key in REQUIRED if key not in raw]
    if missing:
        yield f"missing: {', '.join(missing)}"
        return
    yield from (f"no such key: {key}" for key in raw if key not in ALLOWED)
    if raw["code"] != stem:
        yield f"the file name is its identifier: code is {raw['code']}"
    yield from _choice_faults(raw)
    if raw["fact"] not in facts():
        yield f"there is no fact {raw['fact']}; there are {', '.join(facts())}"
        return
    columns = facts()[raw["fact"]].counted_columns()
    yield from (f"by: there is no coded column {b}" for b in raw["by"] if b not in columns or not columns[b].values)
    yield from _expression_faults(raw)


def _choice_faults(raw: Mapping[str, Any]) -> Iterator[str]:
    for key, allowed in (("family", FAMILIES), ("unit", UNITS), ("direction", DIRECTIONS)):
        if raw[key] not in allowed:
            yield f"{key} must be one of {', '.join(allowed)}"
    for key in ("rule_time", "rule_place"):
        if raw[key] not in RULES:
            yield f"{key} must be one of {', '.join(RULES)}"
    for key in ("title", "definition"):
        if set(raw[key]) != {"en", "ru"}:
            yield f"{key} needs en and ru"


def _expression_faults(raw: Mapping[str, Any]) -> Iterator[str]:
    if "function" in raw:
        if raw["function"] not in network.FACTS:
            yield f"function must be one of {', '.join(network.FACTS)}"
        return
    if ("denominator" in raw) != (raw["unit"] in SHARES):
        yield "a percent or ratio needs a denominator, and nothing else has one"
    for key in ("numerator", "denominator"):
        if key not in raw and key == "denominator":
            continue
        try:
            _aggregate(raw, key)
        except (ExpressionError, KeyError) as error:
            yield f"{key}: {error}"


def _aggregate(raw: Mapping[str, Any], key: str) -> Aggregate | None:
    if key not in raw:
        if key == "numerator" and "function" not in raw:
            raise ExpressionError("is missing")
        return None
    fact = raw.get("denominator_fact", raw["fact"]) if key == "denominator" else raw["fact"]
    if fact == "regions":
        return Aggregate("regions", None, frozenset())
    return parse_aggregate(raw[key], facts()[fact].counted_columns())


def _definition(raw: Mapping[str, Any], path: Path) -> Definition:
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
        numerator=_aggregate(raw, "numerator"),
        denominator=_aggregate(raw, "denominator"),
        denominator_fact=raw.get("denominator_fact", raw["fact"]),
        denominator_by=raw.get("denominator_by", "category"),
        function=raw.get("function"),
        distinct_in=frozenset(raw.get("distinct_in", ())),
        donor_codes=tuple(raw.get("donor_codes", ())),
        at_most=raw.get("at_most"),
        examples=tuple(_example(e, raw) for e in raw["example"]),
        digest=hashlib.sha256(path.read_bytes()).hexdigest(),
        source=raw.get("source", ""),
        limits=raw.get("limits", ""),
    )


_EXAMPLE_SETTINGS = ("name", "period", "calendar", "place", "rows", "tables")


def _example(raw: Mapping[str, Any], definition: Mapping[str, Any]) -> Example:
    return Example(
        name=raw["name"],
        period=raw["period"],
        calendar=raw.get("calendar", "quarter"),
        place=raw.get("place", "KZ"),
        tables={definition["fact"]: raw.get("rows", ""), **raw.get("tables", {})},
        expected={key: value for key, value in raw.items() if key not in _EXAMPLE_SETTINGS},
    )


@dataclass(frozen=True)
class Target:
    """What a project promised for an indicator, a place and a period. `baseline` may be unknown."""

    indicator: str
    calendar: str
    period: str
    place: str
    target: Any
    baseline: Any = None
    note: str = ""


@dataclass(frozen=True)
class Project:
    """A funded project: who pays, from when to when, and what was promised."""

    code: str
    title: Mapping[str, str]
    donors: tuple[str, ...]
    start_on: date
    end_on: date
    note: str
    targets: tuple[Target, ...] = field(default=())


@cache
def projects(folder: Path = HERE / "projects") -> Mapping[str, Project]:
    """All funded projects by code."""
    loaded = {}
    for path in sorted(folder.glob("*.toml")):
        raw = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=str)
        loaded[raw["code"]] = Project(
            raw["code"], raw["title"], tuple(raw["donors"]), raw["start_on"], raw["end_on"], raw["note"],
            tuple(Target(**target) for target in raw.get("target", [])),
        )  # fmt: skip
    return loaded


def life_start() -> date:
    """First day of the earliest project: where the programme's life begins."""
    return min(project.start_on for project in projects().values())
