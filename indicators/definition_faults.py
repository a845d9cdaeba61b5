"""What may stand in a definition, and everything that is wrong with one: field, expected, got."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from indicators import network
from indicators.expressions import PERSONS, STATISTICS, ExpressionError, parse_aggregate
from indicators.fact_views import counted_facts
from indicators.facts import Fact

FAMILIES = ("protection", "reintegration", "capacity", "prevention", "hotline", "network", "policy")
UNITS = (
    "persons", "contacts", "events", "organisations", "regions", "recommendations", "percent", "ratio", "hours",
    "days", "points", "copies", "usd", "cases", "referrals", "instruments", "services", "estimate",
)  # fmt: skip
SHARES = ("percent", "ratio")
RULES = {"S": "sum", "D": "distinct again", "L": "latest", "R": "ratio again", "M": "median again"}
DIRECTIONS = ("up", "down", "neither")
REQUIRED = (
    "code", "title", "family", "unit", "fact", "by", "rule_time", "rule_place", "direction", "reviewed_on",
    "definition", "why", "example",
)  # fmt: skip
ALLOWED = {
    *REQUIRED, "numerator", "denominator", "denominator_fact", "denominator_by", "function", "distinct_in",
    "donor_codes", "at_most", "source", "limits", "dated_by", "denominator_dated_by", "minimum_n", "pirs",
}  # fmt: skip
PIRS_KEYS = ("result", "collection", "responsible", "quality_review_on", "changes")


def faults_of(stem: str, raw: Mapping[str, Any]) -> Iterator[str]:
    """Every fault of one definition, read from `<stem>.toml`."""
    missing = [key for key in REQUIRED if key not in raw]
    if missing:
        yield f"missing: {', '.join(missing)}"
        return
    yield from (f"no such key: {key}" for key in raw if key not in ALLOWED)
    if raw["code"] != stem:
        yield f"the file name is its identifier: code is {raw['code']}"
    yield from _choices(raw)
    yield from _texts(raw)
    yield from _donor_codes(raw)
    if raw["fact"] not in counted_facts():
        yield f"there is no fact {raw['fact']}; there are {', '.join(counted_facts())}"
        return
    if raw.get("denominator_fact", raw["fact"]) not in (*counted_facts(), "regions"):
        yield f"denominator_fact: there is no fact {raw['denominator_fact']}"
        return
    columns = counted_facts()[raw["fact"]].counted_columns()
    yield from (f"by: there is no coded column {b}" for b in raw["by"] if b not in columns or not columns[b].values)
    yield from (f"distinct_in: {b} is not in by" for b in raw.get("distinct_in", ()) if b not in raw["by"])
    yield from _days(raw)
    yield from _expressions(raw)


def _choices(raw: Mapping[str, Any]) -> Iterator[str]:
    for key, allowed in (("family", FAMILIES), ("unit", UNITS), ("direction", DIRECTIONS)):
        if raw[key] not in allowed:
            yield f"{key} must be one of {', '.join(allowed)}, not {raw[key]!r}"
    for key in ("rule_time", "rule_place"):
        if raw[key] not in RULES:
            yield f"{key} must be one of {', '.join(RULES)}, not {raw[key]!r}"


def _texts(raw: Mapping[str, Any]) -> Iterator[str]:
    for key in ("title", "definition"):
        if set(raw[key]) != {"en", "ru"}:
            yield f"{key} needs en and ru"
    pirs = raw.get("pirs", {})
    yield from (f"pirs: no such key: {key}" for key in pirs if key not in PIRS_KEYS)
    for key in ("result", "collection", "responsible"):
        if key in pirs and set(pirs[key]) != {"en", "ru"}:
            yield f"pirs: {key} needs en and ru"
    for change in pirs.get("changes", ()):
        if not isinstance(change.get("on"), date) or set(change.get("what", {})) != {"en", "ru"}:
            yield "pirs: a change needs the day (on) and what changed in en and ru (what)"
    least = raw.get("minimum_n", 1)
    if not isinstance(least, int) or least < 1:
        yield f"minimum_n must be a whole number from 1 up, not {least!r}"


def _donor_codes(raw: Mapping[str, Any]) -> Iterator[str]:
    for given in raw.get("donor_codes", ()):
        if not {"donor", "code"} <= given.keys() or given.keys() - {"donor", "code", "from", "until"}:
            yield "donor_codes: each needs donor and code, and may have from and until"
        elif given.get("from", date.min) > given.get("until", date.max):
            yield f"donor_codes: {given['code']} begins after it ends"


def _days(raw: Mapping[str, Any]) -> Iterator[str]:
    numbers = (("dated_by", raw["fact"]), ("denominator_dated_by", raw.get("denominator_fact", raw["fact"])))
    for key, name in numbers:
        if key not in raw:
            continue
        column = counted_facts()[name].counted_columns().get(raw[key]) if name in counted_facts() else None
        if column is None or column.type != "date":
            yield f"{key}: {name} has no date column {raw[key]}"


def _expressions(raw: Mapping[str, Any]) -> Iterator[str]:
    if "function" in raw:
        if raw["function"] not in network.FACTS:
            yield f"function must be one of {', '.join(network.FACTS)}"
        return
    if "numerator" not in raw:
        yield "numerator: is missing"
        return
    if raw["unit"] in SHARES and "denominator" not in raw:
        yield "a percent or ratio needs a denominator"
    kinds = {}
    for key, name in (("numerator", raw["fact"]), ("denominator", raw.get("denominator_fact", raw["fact"]))):
        if key not in raw or name == "regions":
            continue
        try:
            kinds[key] = parse_aggregate(raw[key], counted_facts()[name].counted_columns())
        except ExpressionError as error:
            yield f"{key}: {error}"
    if "numerator" in kinds and kinds["numerator"].kind in STATISTICS and "denominator" in raw:
        yield "denominator: a mean or a median has its n, and no denominator"
    if len(kinds) == 2 and not _counts_apart(raw) and PERSONS in {k.kind for k in kinds.values()}:
        alone = kinds["numerator"].conditions ^ kinds["denominator"].conditions
        yield from _not_pinned(alone, counted_facts()[raw["fact"]])


def _counts_apart(raw: Mapping[str, Any]) -> bool:
    return raw.get("denominator_fact", raw["fact"]) != raw["fact"] or "denominator_dated_by" in raw


def _not_pinned(conditions: frozenset[str], fact: Fact) -> Iterator[str]:
    """A condition of one number alone is looked at in the person's cell, so it may speak of cells only."""
    import re

    columns = fact.counted_columns()
    for condition in sorted(conditions):
        for word in re.findall(r"[a-z_]+", condition):
            if word in columns and not columns[word].values and columns[word].type != "boolean":
                yield f"{word}: a condition of one number of a share of persons must be on a code or a yes or no"
