"""A small published edition, made by hand, for tests of what reads editions. Not real data.

Six indicators, five countries and the region, two quarters, every calendar and every status; what
it says is in `sample_edition.toml`. Its sums hold: a region is the sum of the offices that
reported, a year is what its quarters say (for persons a little less, because somebody came back).
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import duckdb

from indicators import calendars
from indicators.calendars import CALENDARS, FISCAL_YEAR, PROJECT_LIFE, QUARTER, Quarter
from indicators.facts import codelists
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

EDITION_ID = "2010-Q4-3f9c1e7a"
FOLLOWS = "2010-Q4-0b5d2c66"  # the edition before it
SAMPLE = tomllib.loads((Path(__file__).parent / "sample_edition.toml").read_text(encoding="utf-8"))
PLACES = ("KZ", "KG", "TJ", "TM", "UZ")
OFFICES = dict(zip(PLACES, ("kaz", "kgz", "tjk", "tkm", "uzb"), strict=True))
QUARTERS = (Quarter(2010, 3), Quarter(2010, 4))
LIFE_START = date(2010, 7, 1)
EXPORTS = ("cases", "training", "campaigns")
RETURNED = 2  # persons seen in both quarters of a country
NOT_RECORDED = "not recorded"

Row = dict[str, Any]
Value = int | list[int] | str  # a count, numerator and denominator, or NOT_RECORDED


def make_edition(folder: Path, edition_id: str = EDITION_ID) -> Path:
    """Write `folder`/<edition_id> and point CURRENT at it; return the edition's folder."""
    place = folder / edition_id
    place.mkdir(parents=True)
    write_database(place / FILE_NAME, {"edition": [_about(edition_id)], **sample_rows()})
    digest = hashlib.sha256((place / FILE_NAME).read_bytes()).hexdigest()
    about = {"edition_id": edition_id, "files": {FILE_NAME: digest}, "code_version": "0.1.0"}
    (place / MANIFEST_NAME).write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    (folder / POINTER_NAME).write_text(edition_id + "\n", encoding="utf-8")
    return place


def write_database(path: Path, tables: dict[str, list[Row]]) -> None:
    """Create every table of the published format and fill those that are given; missing columns are NULL."""
    with duckdb.connect(str(path)) as con:
        for table, columns in TABLES.items():
            con.execute(f"CREATE TABLE {table} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
        for table, rows in tables.items():
            unknown = {name for row in rows for name in row} - set(TABLES[table])
            if unknown:
                raise ValueError(f"table {table} has no column {sorted(unknown)}")
            filled = [[row.get(name) for name in TABLES[table]] for row in rows]
            marks = ", ".join("?" for _ in TABLES[table])
            con.executemany(f"INSERT INTO {table} VALUES ({marks})", filled)
        con.execute("CHECKPOINT")


def sample_rows() -> dict[str, list[Row]]:
    """Every table but `edition`, as rows."""
    figures = list(_figures())
    hidden = sum(row["status"] == SUPPRESSED for row in figures)
    return {
        "figures": figures,
        "indicators": list(_indicators()),
        "labels": list(_labels()),
        "periods": list(_periods()),
        "projects": [_project()],
        "targets": list(_targets()),
        "training_events": list(_training()),
        "restatements": list(_restatements()),
        "completeness": list(_completeness()),
        "inputs": list(_inputs()),
        "checks": [_check()],
        "policy": [_policy()],
        "certificate": [{"key": "hidden_cells", "value": str(hidden)}],
    }


# Figures


def _figures() -> Iterator[Row]:
    for indicator in SAMPLE["indicators"]:
        for calendar in CALENDARS:
            for quarter in QUARTERS:
                base = {"indicator": indicator, "calendar": calendar, "period": str(quarter)}
                window = _window(calendar, quarter)
                yield from _totals(base, window)
                if indicator == "P01":
                    yield from _by_sex(base, window)


def _totals(base: Row, window: list[Quarter]) -> Iterator[Row]:
    """The countries, then the region, of one indicator and window."""
    indicator = base["indicator"]
    base = {**base, "breakdown": "total", "category": "total"}
    values = {place: _value(indicator, place, window) for place in PLACES}
    for place, value in values.items():
        target = {"target": _target(indicator, place, window)}
        yield {**base, "place": place, **_figure(indicator, place, window, value), **target}
    known = [
        value
        for place, value in values.items()
        if value != NOT_RECORDED and _complete(indicator, place, window)["offices_reported"]
    ]
    offices = {"offices_expected": len(PLACES), "offices_reported": len(known)}
    yield {
        **base,
        "place": REGION,
        **_as_figure(_summed(known)),
        **offices,
        "target": _target(indicator, REGION, window),
    }


def _by_sex(base: Row, window: list[Quarter]) -> Iterator[Row]:
    """Women and men among identified victims, hidden where their total is."""
    for place in PLACES:
        women = sum(SAMPLE["women"][place][QUARTERS.index(quarter)] for quarter in window)
        total = _value("P01", place, window)
        for category, count in (("F", women), ("M", int(total) - women if isinstance(total, int) else NOT_RECORDED)):
            figure = _figure("P01", place, window, count)
            yield {**base, "breakdown": "sex", "place": place, "category": category, **figure}


def _window(calendar: str, quarter: Quarter) -> list[Quarter]:
    """The quarters of this edition that lie in a window."""
    window = calendars.window(calendar, quarter, LIFE_START)
    return [q for q in QUARTERS if window.start is not None and window.start <= q.start and q <= quarter]


def _value(indicator: str, place: str, window: list[Quarter]) -> Value:
    """The value over a window: counts added, persons who came back taken off, shares recomputed."""
    about = SAMPLE["indicators"][indicator]
    values: list[Value] = [about["values"][place][QUARTERS.index(quarter)] for quarter in window]
    if indicator == "T09":  # the regions of one quarter are among those of the other
        return max(values, key=lambda value: value[0] if isinstance(value, list) else 0)
    counts = [value for value in values if isinstance(value, int)]
    came_back = RETURNED if about["unit"] == "persons" and len(counts) > 1 and all(counts) else 0
    summed = NOT_RECORDED if NOT_RECORDED in values else _summed(values)
    return summed - came_back if isinstance(summed, int) else summed


def _summed(values: list[Value]) -> Value:
    """Counts added up, or numerators and denominators; what is not recorded is left out."""
    pairs = [value for value in values if isinstance(value, list)]
    if pairs:
        return [sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)]
    return sum(value for value in values if isinstance(value, int))


def _figure(indicator: str, place: str, window: list[Quarter], value: Value) -> Row:
    """A figure of a country under the status it is published with, and its completeness."""
    complete = _complete(indicator, place, window)
    if complete["offices_reported"] == 0:
        return {"status": NOT_REPORTED, "reason": "not_received", **complete}
    reasons = [SAMPLE["hidden"].get(str(quarter), {}).get(place) for quarter in window]
    if indicator == "P01" and any(reasons):
        return {"status": SUPPRESSED, "reason": next(filter(None, reasons)), **complete}
    return {**_as_figure(value), **complete}


def _as_figure(value: Value) -> Row:
    if isinstance(value, str):
        return {"status": UNKNOWN, "reason": "not_recorded"}
    if isinstance(value, int):
        return {"value": Decimal(value), "numerator": Decimal(value), "status": SHOWN}
    if value[1] == 0:
        return {"status": UNDEFINED, "reason": "nothing_to_share"}
    share = (Decimal(value[0]) / value[1]).quantize(Decimal("0.000001"), ROUND_HALF_UP)
    return {"value": share, "numerator": Decimal(value[0]), "denominator": Decimal(value[1]), "status": SHOWN}


def _complete(indicator: str, place: str, window: list[Quarter]) -> dict[str, int]:
    """One office expected; it has reported when every quarter of the window came."""
    missing = SAMPLE["missing"]
    concerned = SAMPLE["indicators"][indicator]["export"] == missing["export"] and missing["place"] == place
    late = concerned and missing["period"] in [str(quarter) for quarter in window]
    return {"offices_expected": 1, "offices_reported": int(not late)}


def _target(indicator: str, place: str, window: list[Quarter]) -> Decimal | None:
    """Target of the window; the region's is the sum of its countries', or the mean of shares."""
    about = SAMPLE["indicators"][indicator]
    targets = {name: Decimal(target) for name, target in about["targets"].items()}
    quarters = 1 if about["unit"] == "percent" else len(window)
    if place != REGION:
        return targets[place] * quarters if place in targets else None
    if set(targets) != set(PLACES):
        return None
    return sum(targets.values(), Decimal(0)) * quarters / (len(PLACES) if about["unit"] == "percent" else 1)


# The tables around the figures


def _about(edition_id: str) -> Row:
    hashes = {name: str(n) * 64 for n, name in enumerate(("definitions_hash", "policy_hash", "figures_hash"))}
    last = QUARTERS[-1]
    names = {"edition_id": edition_id, "source": "offices", "period": str(last), "data_until": last.end}
    names["follows"] = FOLLOWS
    return {**names, "code_version": "0.1.0", "duckdb_version": duckdb.__version__, **hashes}


def _indicators() -> Iterator[Row]:
    for code, about in SAMPLE["indicators"].items():
        defaults = {"indicator": code, "donor_codes": "{}", "reviewed_on": date(2010, 12, 1)}
        why = {
            "why": "It says whether the programme reaches people.",
            "why_ru": "Говорит, доходит ли программа до людей.",
        }
        columns = {name: value for name, value in about.items() if name in TABLES["indicators"]}
        yield {**defaults, **why, "definition_hash": hashlib.sha256(code.encode()).hexdigest(), **columns}


def _labels() -> Iterator[Row]:
    country, sex = codelists()["country"], codelists()["sex"]
    lists = {
        **SAMPLE["labels"],
        "place": {code: country.codes[code].label for code in PLACES} | {REGION: SAMPLE["region"]},
        "sex": {code: sex.codes[code].label for code in ("F", "M")},
    }
    for name, codes in lists.items():
        for position, (code, words) in enumerate(codes.items()):
            yield {"list": name, "code": code, "position": position, "en": words["en"], "ru": words["ru"]}


def _periods() -> Iterator[Row]:
    for quarter in QUARTERS:
        for window in (calendars.window(calendar, quarter, LIFE_START) for calendar in CALENDARS):
            labels = {f"label_{lang}": calendars.label(window.calendar, window.period, lang) for lang in ("en", "ru")}
            days = {"start_on": window.start, "end_on": window.end}
            yield {"calendar": window.calendar, "period": window.period, **days, **labels}


def _project() -> Row:
    titles = {
        "title_en": "Counter-trafficking in Central Asia",
        "title_ru": "Противодействие торговле людьми в Центральной Азии",
    }
    dates = {"start_on": LIFE_START, "end_on": date(2012, 6, 30)}
    return {"project": "demo", **titles, "donors": ["usaid"], **dates, "note": "Made by hand for tests."}


def _targets() -> Iterator[Row]:
    for indicator in SAMPLE["indicators"]:
        baseline = Decimal("0.4") if indicator == "R09" else Decimal(0)
        for calendar in (QUARTER, FISCAL_YEAR, PROJECT_LIFE):
            for quarter in QUARTERS:
                base = {"project": "demo", "indicator": indicator, "calendar": calendar, "period": str(quarter)}
                for place in (*PLACES, REGION):
                    target = _target(indicator, place, _window(calendar, quarter))
                    if target is not None:
                        yield {**base, "place": place, "baseline": baseline, "target": target}


def _training() -> Iterator[Row]:
    for event in SAMPLE["training"]:
        days = (event["end_on"] - event["start_on"]).days + 1
        hours, cost = (Decimal(event[name]) if name in event else None for name in ("hours", "cost"))
        yield {**event, "period": str(Quarter.of(event["end_on"])), "days": days, "hours": hours, "cost": cost}


def _restatements() -> Iterator[Row]:
    """Two editions have said P01 and T01 otherwise: one before this, and this one."""
    cell = {"breakdown": "total", "category": "total", "calendar": QUARTER, "period": "2010-Q3", "other_causes": []}
    for about in SAMPLE["restatements"]:
        numbers = {name: Decimal(about[name]) for name in ("old_value", "new_value") if name in about}
        numerators = {name.replace("value", "numerator"): number for name, number in numbers.items()}
        statuses = {f"{side}_status": SHOWN for side in ("old", "new") if f"{side}_value" in about}
        ids = {"edition_id": EDITION_ID, "previous_edition": FOLLOWS}
        yield {**cell, **ids, **statuses, **about, **numbers, **numerators}


def _sent() -> Iterator[tuple[str, str, str, bool]]:
    """Place, export, quarter, and whether it came."""
    for place in PLACES:
        for export in EXPORTS:
            for quarter in map(str, QUARTERS):
                yield place, export, quarter, SAMPLE["missing"] != {"place": place, "period": quarter, "export": export}


def _completeness() -> Iterator[Row]:
    for place, export, quarter, came in _sent():
        status = "reported" if came else "missing"
        yield {"office": OFFICES[place], "place": place, "export": export, "period": quarter, "status": status}


def _inputs() -> Iterator[Row]:
    for place, export, quarter, came in _sent():
        if came:
            digest = hashlib.sha256(f"{place}{export}{quarter}".encode()).hexdigest()
            name = f"{OFFICES[place]}_{export}_{quarter}.csv"
            origin = {"submission": digest, "office": OFFICES[place], "slot": export, "period": quarter}
            held = (place, export, quarter) == ("KG", "cases", "2010-Q4")
            yield {
                **origin,
                "file_name": name,
                "has_rows_held_back": held,
                "contract_hash": "0" * 64,
            }


def _check() -> Row:
    where = {"office": "kgz", "period": "2010-Q4", "fact": "cases", "rule": "case_key_twice"}
    words = {"message_en": "The same case is given twice", "message_ru": "Один случай указан дважды"}
    return {**where, "severity": "quarantine", **words, "has_failed": True}


def _policy() -> Row:
    words = {
        "meaning_en": "Numbers of persons from 1 to 4 are not published.",
        "meaning_ru": "Число лиц от 1 до 4 не публикуется.",
    }
    return {"key": "threshold", "value": "5", **words}
