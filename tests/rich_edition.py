"""A published edition with every indicator and breakdown of the catalogue, for tests of pages. Not real data.

Every number of it is large and like no other: what a page shows can be told to be a figure of the
edition, and a sum or a hidden number is found at once. Rows that are not `shown` keep a number too,
which no reader may ever see.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import duckdb

from indicators.calendars import CALENDARS, QUARTER
from indicators.definitions import Definition, definitions
from indicators.labels import labels
from pipelines.bulk import insert
from pipelines.edition_tables import _indicator
from reports.edition import (
    FILE_NAME,
    MANIFEST_NAME,
    NOT_REPORTED,
    POINTER_NAME,
    REGION,
    SHOWN,
    SUPPRESSED,
    TABLES,
    UNDEFINED,
    UNKNOWN,
)
from tests.sample_edition import OFFICES, PLACES, QUARTERS, sample_rows, write_database

RICH_ID, OLDER_ID = "2010-Q4-51c8aa20", "2010-Q3-77aa01f3"
SMALLEST = 100_003  # of the shown numbers; each has a distance of its own to the next
SECRET = 31_337  # what the hidden rows begin with
MOST_CATEGORIES = 5
REASONS = {SUPPRESSED: "small_numbers", UNKNOWN: "not_recorded", UNDEFINED: "nothing_to_share",
           NOT_REPORTED: "not_received"}  # fmt: skip
PATTERN = (SHOWN, SHOWN, SUPPRESSED, SHOWN, SHOWN, UNKNOWN, SHOWN, SUPPRESSED, SHOWN, UNDEFINED, SHOWN)
MISSING = ("TJ", "2010-Q4")  # a country whose office has not reported
PROJECT = ("demo", "Counter-trafficking in Central Asia", "Противодействие торговле людьми в Центральной Азии")

Row = dict[str, Any]


def make_rich_edition(folder: Path, edition_id: str = RICH_ID, start: int = SMALLEST, follows: str = OLDER_ID) -> Path:
    """Write `folder`/<edition_id> and point CURRENT at it; return its folder. Another start gives other numbers."""
    place = folder / edition_id
    place.mkdir(parents=True)
    tables = sample_rows()
    about = {"edition_id": edition_id, "source": "offices", "period": str(QUARTERS[-1]), "follows": follows,
             "data_until": QUARTERS[-1].end, "code_version": "0.1.0", "figures_hash": "f" * 64}  # fmt: skip
    kept = ("periods", "projects", "training_events", "completeness", "inputs", "checks", "restatements")
    restated = [row | {"edition_id": edition_id} for row in tables["restatements"]]
    write_database(
        place / FILE_NAME, {**{name: tables[name] for name in kept}, "restatements": restated, "edition": [about]}
    )
    catalogue = definitions()
    with duckdb.connect(str(place / FILE_NAME)) as con:
        _fill(con, "indicators", [_indicator(definition, date.max) for definition in catalogue.values()])
        words = labels(catalogue.values(), PLACES, {office: place for place, office in OFFICES.items()})
        _fill(con, "labels", words)
        rows = list(figures(catalogue, con, start))
        _fill(con, "figures", [[row.get(name) for name in TABLES["figures"]] for row in rows])
        _fill(con, "targets", [[row.get(name) for name in TABLES["targets"]] for row in targets(rows)])
        _fill(con, "results", list(results(catalogue)))
        _fill(con, "policy", list(policy()))
        counts = {"figures_hidden": 123, "figures_attacked": 123, "figures_worked_out": 0}
        counts |= {"remainders_given_away_by_earlier_editions": 7}
        _fill(con, "certificate", [(key, str(count)) for key, count in counts.items()])
        con.execute("UPDATE projects SET donors = ['usaid']")
    digest = hashlib.sha256((place / FILE_NAME).read_bytes()).hexdigest()
    manifest = {"edition_id": edition_id, "files": {FILE_NAME: digest}, "code_version": "0.1.0"}
    (place / MANIFEST_NAME).write_text(json.dumps(manifest) + "\n", encoding="utf-8")
    (folder / POINTER_NAME).write_text(edition_id + "\n", encoding="utf-8")
    return place


def make_rich_editions(folder: Path) -> Path:
    """An older edition and the current one; returns the folder of both."""
    make_rich_edition(folder, OLDER_ID, SMALLEST + 5_000_000, "")
    make_rich_edition(folder)
    return folder


def figures(catalogue: Mapping[str, Definition], con: duckdb.DuckDBPyConnection, start: int) -> Iterator[Row]:
    """Every indicator and breakdown at every place, with statuses by turns and numbers like no others."""
    number = start
    for turn, (base, definition) in enumerate(_keys(catalogue, con)):
        status = PATTERN[turn % len(PATTERN)]
        if (base["place"], base["period"]) == MISSING and definition.family in ("protection", "reintegration"):
            status = NOT_REPORTED
        number += 7 + 2 * (turn % 3)
        yield {**base, **_said(definition, status, number, base), **_offices(base, status)}


def _keys(catalogue: Mapping[str, Definition], con: duckdb.DuckDBPyConnection) -> Iterator[tuple[Row, Definition]]:
    held: dict[str, list[str]] = {}
    for name, code in con.execute("SELECT list, code FROM labels ORDER BY list, position").fetchall():
        held.setdefault(name, []).append(code)
    for code, definition in catalogue.items():
        for place in (REGION, *PLACES):
            for quarter in map(str, QUARTERS):
                for calendar in CALENDARS:
                    key = {"indicator": code, "calendar": calendar, "period": quarter, "place": place}
                    yield {**key, "breakdown": "total", "category": "total"}, definition
                key["calendar"] = QUARTER
                for name in definition.by:
                    listed = [c for c in held[name] if name != "region" or place == REGION or c.startswith(place)]
                    for category in listed[:MOST_CATEGORIES] if name != "funnel_stage" else listed[:6]:
                        yield {**key, "breakdown": name, "category": category}, definition


def _said(definition: Definition, status: str, number: int, base: Row) -> Row:
    """Value and parts; a row that is not shown says a number all the same, to be hidden from readers."""
    if status != SHOWN:
        secret = Decimal(SECRET * 1000 + number % 1000)
        return {
            "status": status,
            "reason": REASONS[status],
            "value": secret,
            "numerator": secret,
            "denominator": secret + 1,
        }
    # On track, far off track, somewhat behind, without a target, by turns.
    part = (Decimal(1), Decimal(2), Decimal("1.2"), None)[number % 4]
    target = None if part is None or base["breakdown"] != "total" else (number * part + 1).quantize(Decimal(1))
    if not definition.is_share:
        return {"status": status, "value": Decimal(number), "numerator": Decimal(number), "target": target}
    parts = Decimal(number), Decimal(number) * 2 + 1
    share = (parts[0] / parts[1]).quantize(Decimal("0.000001"), ROUND_HALF_UP)
    goal = None if target is None else Decimal("0.45")
    return {"status": status, "value": share, "numerator": parts[0], "denominator": parts[1], "target": goal}


def _offices(base: Row, status: str) -> Row:
    expected = len(PLACES) if base["place"] == REGION else 1
    return {"offices_expected": expected, "offices_reported": 0 if status == NOT_REPORTED else expected}


def targets(rows: list[Row]) -> Iterator[Row]:
    """The targets that the figures carry."""
    for row in rows:
        if row.get("target") is not None:
            yield {"project": PROJECT[0], "baseline": Decimal(0), **row}


def results(catalogue: Mapping[str, Definition]) -> Iterator[tuple[Any, ...]]:
    """Two objectives of the one project."""
    chosen = [code for code in ("P03", "T02", "R03", "C01", "N01") if code in catalogue]
    yield PROJECT[0], "1", 0, "outcome", None, "People are protected", "Люди защищены", chosen[:3]
    yield PROJECT[0], "2", 1, "outcome", None, "People know the risks", "Люди знают о рисках", chosen[3:]


def policy() -> Iterator[tuple[str, str, str, str]]:
    """The rules as the publisher writes them."""
    rules = {"decided_on": "2026-11-01", "threshold": "5", "protects": "callers, professionals, survivors",
             "hide_zeros": "False", "interval_width": "2", "mostly_hidden": "0.5"}  # fmt: skip
    for key, value in rules.items():
        yield key, value, f"What {key} means.", f"Смысл правила {key}."


def shown_numbers(edition: Path) -> set[str]:
    """Every shown number, numerator, denominator and target of an edition as its digits."""
    with duckdb.connect(str(edition / FILE_NAME), read_only=True) as con:
        rows = con.execute(
            "SELECT value, numerator, denominator, target FROM figures WHERE status = ?"
            " UNION ALL SELECT NULL, NULL, NULL, target FROM figures", [SHOWN]
        ).fetchall()  # fmt: skip
    return {str(int(n)) for row in rows for n in row if n is not None and n >= SMALLEST}


def _fill(con: duckdb.DuckDBPyConnection, table: str, rows: list[Any]) -> None:
    insert(con, table, TABLES[table], rows)
