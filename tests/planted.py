"""Rows with faults of every kind, for tests of the rules: drawn from small pools so that they meet each other."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from duckdb import DuckDBPyConnection

from indicators.calendars import Quarter
from indicators.facts import Column, Fact, codelists, facts
from pipelines.bulk import insert

PRECEDING, PERIOD = "2010-Q3", "2010-Q4"
QUARTER = Quarter.parse(PERIOD)
DAYS = [
    date(1900, 1, 1), date(2010, 9, 30), QUARTER.start, date(2010, 11, 15), date(2010, 11, 15), date(2010, 11, 16),
    QUARTER.end, date(2011, 1, 1), None,
]  # fmt: skip
NUMBERS = [0, 1, 2, 9, 17, 18, 2009, 2010, None]
PREFIXES = {"KZ": "KG", "KG": "TJ", "TJ": "TM", "TM": "UZ", "UZ": "KZ"}


def _refs(column: Column, place: str) -> list[str | None]:
    """Codes that are right, of another office, not written as agreed, and none."""
    kind = (column.pattern or "").partition("-")[2][:1]
    other = PREFIXES.get(place, "KZ")
    if column.name == "case_ref":
        own = [f"{place}-2010-{number}" for number in range(1, 5)]
    elif column.name == "person_ref":
        own = [f"P{number}" for number in range(1, 4)]
    else:
        letter = {"[": "T", "": "O"}.get(kind, kind)
        own = [f"{place}-{letter}{number}" for number in range(1, 5)]
    return [*own, *own, own[0].replace(place, other, 1), "not as agreed", None]


def pool(column: Column, place: str) -> list[Any]:
    """Values of a column, good and bad."""
    if column.type in ("ref", "text"):
        return _refs(column, place)
    if column.type == "date":
        return DAYS
    if column.type == "boolean":
        return [True, False, None]
    if column.values:
        return _codes(column, place)
    bounds = [column.minimum, column.maximum]
    beyond = [bound + step for bound in bounds if bound is not None for step in (-1, 0, 1)]
    return [*NUMBERS, *beyond]


def _codes(column: Column, place: str) -> list[Any]:
    codes = list(codelists()[column.values or ""].codes)
    some = codes[:4] + codes[-2:]
    if column.values in ("region", "country"):
        other = PREFIXES.get(place, "KZ")
        some = [c for country in (place, other, "KZ") for c in [c for c in codes if c.startswith(country)][:4]]
        some += [*[c for c in codes if c.startswith("KZ-")][-2:], "U"]
    if column.is_list:
        return [[], some[:1], some[-2:], [some[0], "no such code"], [None], None]
    return [*some, "no such code", None]


def rows(fact: Fact, place: str, seed: int, number: int = 60) -> list[dict[str, Any]]:
    """Rows of a fact with every kind of fault; the same for the same seed. Each seed has codes of its own as well."""
    chance = random.Random(f"{fact.name} {place} {seed}")
    pools = {column.name: pool(column, place) for column in fact.columns.values()}
    absent = str(1 + list(facts()).index(fact.name) % 4)
    for name, values in pools.items():
        if fact.columns[name].type == "ref":
            # Each fact lacks a code that others have, and each seed has one of its own.
            there = [v for v in values if not (str(v).startswith(place) and str(v).endswith(absent))]
            pools[name] = [*there, f"{values[0]}0{seed}"]
    return [_late(fact, {name: chance.choice(values) for name, values in pools.items()}) for _ in range(number)]


def _late(fact: Fact, row: dict[str, Any]) -> dict[str, Any]:
    """Nobody of one case was helped before the quarter; with some help in 1900, nothing is before all help."""
    day = row.get("delivered_on")
    is_moved = fact.name == "assistance" and str(row["case_ref"]).endswith("-1") and day and day < QUARTER.start
    return row | {"delivered_on": QUARTER.start} if is_moved else row


def stage(con: DuckDBPyConnection, fact: Fact, place: str, some: Sequence[Mapping[str, Any]], sheet: str = "") -> None:
    """Put rows where parse puts them."""
    declared = ", ".join(f"{name} {column.sql_type}" for name, column in fact.columns.items())
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE stage_{fact.name} (place VARCHAR, sheet VARCHAR, row_number BIGINT, {declared}, "
        "instance INTEGER DEFAULT 0)"
    )
    values = [[place, sheet, number, *(row[n] for n in fact.columns)] for number, row in enumerate(some, start=2)]
    insert(con, f"stage_{fact.name}", ["place", "sheet", "row_number", *fact.columns], values)


def accept(
    con: DuckDBPyConnection, fact: Fact, some: Sequence[Mapping[str, Any]], entry: int, office: str, place: str,
    slot: str | None = None, period: str = PERIOD,
) -> None:  # fmt: skip
    """Rows of another file of the office that counts already; several facts of one entry are of one file."""
    con.execute(
        "INSERT INTO ledger (entry, submission, office, place, slot, exports, period) "
        "SELECT $1, $2, $3, $4, $5, $6, $7 WHERE NOT EXISTS (SELECT 1 FROM ledger WHERE entry = $1)",
        [entry, f"sha-{entry}", office, place, slot or f"another of {fact.name}", [fact.export], period],
    )
    names = ["entry", "office", "place", "submission", "sheet", "row_number", *fact.columns]
    about = [entry, office, place, f"sha-{entry}", ""]
    values = [[*about, number, *(row[n] for n in fact.columns)] for number, row in enumerate(some, start=2)]
    insert(con, fact.name, names, values)
