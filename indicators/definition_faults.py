"""What a definition may say, and every fault of one that says something else.

Nothing is raised here one by one: the loader collects the faults of the whole folder.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from indicators import network
from indicators.expressions import AVERAGES, PERSONS, Aggregate, ExpressionError, column_names, parse_aggregate
from indicators.fact_views import counted_facts
from indicators.facts import Column, Derived, codelists
from indicators.pirs_fields import override_faults, words_faults

FAMILIES = ("protection", "reintegration", "capacity", "prevention", "hotline", "network", "policy", "quality")
UNITS = (
    "persons", "contacts", "events", "organisations", "regions", "recommendations", "percent", "ratio", "hours",
    "days", "points", "copies", "usd", "cases", "referrals", "instruments", "files", "figures", "rows", "score",
    "services",
)  # fmt: skip
SHARES = ("percent", "ratio")
RULES = {"S": "sum", "D": "distinct again", "L": "latest", "R": "ratio again", "M": "median again"}
DIRECTIONS = ("up", "down", "neither")
REGIONS = "regions"  # not a fact: the first-level units in force on the last day
DEFAULT_MINIMUM_N = 10  # a mean or median of fewer people says too much about each of them
REQUIRED = (
    "code", "title", "family", "unit", "fact", "by", "rule_time", "rule_place", "direction", "reviewed_on",
    "definition", "why", "example",
)  # fmt: skip
ALLOWED = {
    *REQUIRED, "numerator", "denominator", "denominator_fact", "denominator_by", "function", "distinct_in",
    "donor_codes", "at_most", "source", "limits", "default_threshold", "same_as", "dated_by", "denominator_dated_by",
    "minimum_n", "pirs", "once_ever",
}  # fmt: skip


def read(path: Path) -> tuple[dict[str, Any], list[str]]:
    """The definition of a file as it stands there, and its faults."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        return {}, [f"not TOML: {error}"]
    return raw, list(_faults(path.stem, raw))


def aggregate(raw: Mapping[str, Any], key: str) -> Aggregate | None:
    """The numerator or denominator, taken apart; None for one that is computed by a function or not there.

    Raises ExpressionError.
    """
    if key not in raw:
        if key == "numerator" and "function" not in raw:
            raise ExpressionError("is missing")
        return None
    fact = raw.get("denominator_fact", raw["fact"]) if key == "denominator" else raw["fact"]
    if fact == REGIONS:
        return Aggregate(REGIONS, None, frozenset())
    return parse_aggregate(raw[key], counted_facts()[fact].counted_columns())


def denominator_date(raw: Mapping[str, Any]) -> str | None:
    """The column by which the denominator's rows fall into a period."""
    fact = raw.get("denominator_fact", raw["fact"])
    if fact == REGIONS:
        return None
    inherited = raw.get("dated_by") if fact == raw["fact"] else None
    return raw.get("denominator_dated_by") or inherited or counted_facts()[fact].dated_by


def _faults(stem: str, raw: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"no such key: {key}" for key in raw if key not in ALLOWED)
    missing = [key for key in REQUIRED if key not in raw]
    if missing:
        yield f"missing: {', '.join(missing)}"
        return
    if raw["code"] != stem:
        yield f"code: the file name is its identifier, expected {stem}, got {raw['code']}"
    yield from _choice_faults(raw)
    yield from _value_faults(raw)
    wrong = [name for name in ("fact", "denominator_fact") if name in raw and not _is_fact(name, raw[name])]
    yield from (f"{n}: there is no fact {raw[n]}; there are {', '.join(counted_facts())}" for n in wrong)
    if not wrong:
        yield from _breakdown_faults(raw)
        yield from _date_faults(raw)
        yield from _expression_faults(raw)


def _is_fact(key: str, name: str) -> bool:
    return name in counted_facts() or (key == "denominator_fact" and name == REGIONS)


def _choice_faults(raw: Mapping[str, Any]) -> Iterator[str]:
    choices = {
        "family": FAMILIES, "unit": UNITS, "direction": DIRECTIONS, "rule_time": RULES, "rule_place": RULES,
        "denominator_by": ("category", "whole"),
    }  # fmt: skip
    for key, allowed in choices.items():
        if key in raw and raw[key] not in allowed:
            yield f"{key} must be one of {', '.join(allowed)}; got {raw[key]!r}"


def _value_faults(raw: Mapping[str, Any]) -> Iterator[str]:
    for key in ("title", "definition", "why", "limits"):
        yield from words_faults(key, raw[key]) if key in raw else ()
    if not isinstance(raw["reviewed_on"], date):
        yield f"reviewed_on: expected a date, got {raw['reviewed_on']!r}"
    if not isinstance(raw.get("minimum_n", 1), int) or raw.get("minimum_n", 1) < 1:
        yield f"minimum_n: expected a whole number from 1, got {raw['minimum_n']!r}"
    for number, code in enumerate(raw.get("donor_codes", ()), start=1):
        yield from (f"donor_codes {number}: {fault}" for fault in _donor_code_faults(code))
    yield from override_faults(raw.get("pirs", {}))


def _donor_code_faults(code: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with one of a donor's own numbers; no day means that it holds for good."""
    if not {"donor", "code"} <= set(code) <= {"donor", "code", "from", "until"}:
        yield f"expected donor, code and perhaps from and until; got {', '.join(code)}"
        return
    if code["donor"] not in codelists()["donor"].codes:
        yield f"donor: expected one of {', '.join(codelists()['donor'].codes)}; got {code['donor']!r}"
    days = {key: code[key] for key in ("from", "until") if key in code}
    wrong = [key for key, day in days.items() if not isinstance(day, date)]
    yield from (f"{key}: expected a date; got {days[key]!r}" for key in wrong)
    if len(days) == 2 and not wrong and days["from"] > days["until"]:
        yield f"until: expected a day from {days['from']} on; got {days['until']}"


def _own_denominator_fact(raw: Mapping[str, Any]) -> str | None:
    """The other fact that the denominator's cells are counted from, if there is one."""
    other: str = raw.get("denominator_fact", raw["fact"])
    return None if other in (raw["fact"], REGIONS) or raw.get("denominator_by") == "whole" else other


def _breakdown_faults(raw: Mapping[str, Any]) -> Iterator[str]:
    columns = counted_facts()[raw["fact"]].counted_columns()
    yield from (f"by: there is no coded column {b}" for b in raw["by"] if b not in columns or not columns[b].values)
    yield from (f"distinct_in: {b} is no breakdown of `by`" for b in raw.get("distinct_in", ()) if b not in raw["by"])
    other = _own_denominator_fact(raw)
    if other is not None:
        there = counted_facts()[other].counted_columns()
        yield from (f"by: {other}, the denominator's fact, has no column {b}" for b in raw["by"] if b not in there)


def _date_faults(raw: Mapping[str, Any]) -> Iterator[str]:
    for key, fact in (("dated_by", raw["fact"]), ("denominator_dated_by", raw.get("denominator_fact", raw["fact"]))):
        if key not in raw or fact == REGIONS:
            continue
        column = counted_facts()[fact].counted_columns().get(raw[key])
        if column is None or column.type != "date":
            yield f"{key}: expected a date column of {fact}, got {raw[key]!r}"


def _expression_faults(raw: Mapping[str, Any]) -> Iterator[str]:
    if "function" in raw:
        if raw["function"] not in network.FACTS:
            yield f"function must be one of {', '.join(network.FACTS)}; got {raw['function']!r}"
        elif raw["by"] and raw["function"] not in network.BY_ORGANISATION:
            yield f"by: {raw['function']} is measured of the whole network and has no parts"
        return
    if raw["unit"] in SHARES and "denominator" not in raw:
        yield "a percent or ratio needs a denominator"
    found: dict[str, Aggregate | None] = {}
    for key in ("numerator", "denominator"):
        try:
            found[key] = aggregate(raw, key)
        except (ExpressionError, KeyError) as error:
            yield f"{key}: {error}"
    if len(found) == 2:
        yield from _pair_faults(raw, found["numerator"], found["denominator"])


def _pair_faults(raw: Mapping[str, Any], numerator: Aggregate | None, denominator: Aggregate | None) -> Iterator[str]:
    if numerator is None or denominator is None:
        return
    if numerator.kind in AVERAGES or denominator.kind in AVERAGES:
        yield "denominator: a mean or median has none of its own; the number of values is its denominator"
    same = raw.get("denominator_fact", raw["fact"]) == raw["fact"]
    if numerator.kind == PERSONS and denominator.kind == PERSONS and same:
        columns = counted_facts()[raw["fact"]].counted_columns()
        for condition in sorted(numerator.conditions ^ denominator.conditions):
            for name in sorted(column_names(condition)):
                if not decides_cells(columns[name]):
                    yield (
                        f"the condition {condition} stands in one of the two numbers only: {name} must be a coded or"
                        " boolean column, so that it is part of the cell a person stands in; declare a derived one"
                    )


def decides_cells(column: Column | Derived) -> bool:
    """Whether the column is part of the cell a row stands in, and orders the rows of one day."""
    return column.values is not None or column.type == "boolean"
