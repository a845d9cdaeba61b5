"""A small published edition, made by hand, for tests of what reads editions. Not real data.

Six indicators, five countries and the region, two quarters, every calendar and every status. Its
sums hold: a region is the sum of the offices that reported, a year is what its quarters say (for
persons a little less, because somebody came back).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import duckdb

from indicators import calendars
from indicators.calendars import CALENDARS, PROJECT_LIFE, QUARTER, Quarter
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
PLACES = ("KZ", "KG", "TJ", "TM", "UZ")
OFFICES = {"KZ": "kaz", "KG": "kgz", "TJ": "tjk", "TM": "tkm", "UZ": "uzb"}
QUARTERS = (Quarter(2010, 3), Quarter(2010, 4))
LIFE_START = date(2010, 7, 1)
EXPORTS = ("cases", "training", "campaigns")
MISSING = ("TJ", "2010-Q4", "cases")  # the one office, quarter and export that did not come
_POINT_SIX = Decimal("0.000001")

# indicator -> place -> value of 2010-Q3 and 2010-Q4. A pair is numerator and denominator of a share,
# None a number that was not recorded.
Value = int | tuple[int, int] | None
VALUES: dict[str, dict[str, tuple[Value, Value]]] = {
    "P01": {"KZ": (41, 48), "KG": (33, 29), "TJ": (12, 0), "TM": (11, 3), "UZ": (62, 71)},
    "R09": {"KZ": ((6, 20), (5, 28)), "KG": ((0, 0), (0, 0)), "TJ": ((5, 12), (0, 0)), "TM": ((5, 11), (0, 0)),
            "UZ": ((9, 30), (10, 40))},
    "T01": {"KZ": (12, 4), "KG": (3, 2), "TJ": (2, 0), "TM": (1, 1), "UZ": (2, 3)},
    "T02": {"KZ": (372, 96), "KG": (58, 41), "TJ": (44, 0), "TM": (25, None), "UZ": (61, 75)},
    "T09": {"KZ": ((12, 16), (6, 16)), "KG": ((4, 9), (3, 9)), "TJ": ((2, 4), (0, 4)), "TM": ((2, 6), (1, 6)),
            "UZ": ((8, 14), (9, 14))},
    "C02": {"KZ": (2140, 61250), "KG": (980, 1130), "TJ": (640, 715), "TM": (410, 388), "UZ": (1875, 2012)},
}  # fmt: skip
# The target of one quarter; a longer window multiplies it, except for shares.
TARGETS: dict[str, dict[str, str]] = {
    "P01": {"KZ": "45", "KG": "35", "TJ": "15", "TM": "10", "UZ": "60"},
    "R09": {"KZ": "0.2", "KG": "0.2", "TJ": "0.2", "TM": "0.2", "UZ": "0.2"},
    "T01": {"KZ": "4", "KG": "2", "TJ": "2", "TM": "1", "UZ": "2"},
    "T02": {"KZ": "100", "KG": "50", "TJ": "50", "TM": "25", "UZ": "60"},
    "T09": {"KZ": "0.75", "KG": "0.6", "TJ": "0.75", "TM": "0.5", "UZ": "0.6"},
    "C02": {"KZ": "50000", "KG": "1000"},
}
EXPORT_OF = {"P01": "cases", "R09": "cases", "T01": "training", "T02": "training", "T09": "training",
             "C02": "campaigns"}  # fmt: skip
# Women among the identified victims; the rest are men. Turkmenistan's three persons are protected.
WOMEN = {"KZ": (30, 34), "KG": (21, 17), "TJ": (6, 0), "TM": (5, 0), "UZ": (44, 50)}
# (place, period) -> reason. Uzbekistan's quarter is hidden so that Turkmenistan's cannot be subtracted.
HIDDEN = {("TM", "2010-Q4"): "small_number", ("UZ", "2010-Q4"): "protects_another"}
RETURNED = 2  # persons of P01 and T02 seen in both quarters of a country

INDICATORS: dict[str, dict[str, Any]] = {
    "P01": {
        "family": "protection", "unit": "persons", "direction": "increase", "rule_time": "D", "rule_place": "S",
        "title_en": "Victims of trafficking identified", "title_ru": "Выявленные жертвы торговли людьми",
        "definition_en": "Persons with the status of victim, first identified in the period. A person counts once.",
        "definition_ru": "Лица, признанные жертвами и впервые выявленные в периоде. Человек считается один раз.",
        "breakdowns": ["sex"], "adds_up": ["sex"], "numerator": "COUNT(DISTINCT person_ref)",
        "donor_codes": '{"usaid": "PS.5.1-29"}',
    },
    "R09": {
        "family": "reintegration", "unit": "percent", "direction": "decrease", "rule_time": "R", "rule_place": "R",
        "title_en": "Persons lost to follow-up", "title_ru": "Лица, с которыми потеряна связь",
        "definition_en": "Persons who missed two follow-ups in a row, as a share of persons due twice. Lower is better.",
        "definition_ru": "Доля лиц, пропустивших две встречи подряд, среди тех, кому назначены две. Меньше — лучше.",
        "breakdowns": [], "adds_up": [], "numerator": "COUNT(DISTINCT person_ref) FILTER (lost)",
        "denominator": "COUNT(DISTINCT person_ref)",
    },
    "T01": {
        "family": "capacity", "unit": "events", "direction": "increase", "rule_time": "S", "rule_place": "S",
        "title_en": "Training events held", "title_ru": "Проведённые учебные мероприятия",
        "definition_en": "Training events completed in the period. An event of several days counts once.",
        "definition_ru": "Учебные мероприятия, завершённые в периоде. Многодневное мероприятие считается один раз.",
        "breakdowns": [], "adds_up": [], "numerator": "COUNT(*)",
    },
    "T02": {
        "family": "capacity", "unit": "persons", "direction": "increase", "rule_time": "D", "rule_place": "S",
        "title_en": "Persons trained", "title_ru": "Обученные лица",
        "definition_en": "Persons who completed a training event of the period. A judge trained twice counts once.",
        "definition_ru": "Лица, завершившие обучение в периоде. Судья, обученный дважды, считается один раз.",
        "breakdowns": [], "adds_up": [], "numerator": "COUNT(DISTINCT person_ref)",
        "donor_codes": '{"usaid": "PS.5.1-28"}',
    },
    "T09": {
        "family": "capacity", "unit": "percent", "direction": "increase", "rule_time": "R", "rule_place": "R",
        "title_en": "Regions covered by training", "title_ru": "Охват регионов обучением",
        "definition_en": "First-level regions with at least one participant, as a share of all regions of that day.",
        "definition_ru": "Доля регионов первого уровня, из которых был хотя бы один участник.",
        "breakdowns": [], "adds_up": [], "numerator": "COUNT(DISTINCT region)", "denominator": "regions in force",
    },
    "C02": {
        "family": "prevention", "unit": "contacts", "direction": "increase", "rule_time": "S", "rule_place": "S",
        "title_en": "People reached directly by campaigns", "title_ru": "Прямой охват кампаниями",
        "definition_en": "Attendance of campaign activities. One person at two activities makes two contacts.",
        "definition_ru": "Посещения мероприятий кампаний. Один человек на двух мероприятиях — два контакта.",
        "breakdowns": [], "adds_up": [], "numerator": "SUM(attendance)",
    },
}  # fmt: skip

LABELS: dict[str, dict[str, tuple[str, str]]] = {
    "breakdown": {"total": ("Total", "Всего"), "sex": ("Sex as recorded", "Пол (по учёту)")},
    "family": {
        "protection": ("Protection", "Защита"),
        "reintegration": ("Reintegration", "Реинтеграция"),
        "capacity": ("Capacity", "Обучение"),
        "prevention": ("Prevention", "Профилактика"),
    },
    "unit": {
        "persons": ("persons", "лица"),
        "contacts": ("contacts", "контакты"),
        "events": ("events", "мероприятия"),
        "percent": ("per cent", "проценты"),
    },
    "status": {
        SHOWN: ("shown", "показано"),
        SUPPRESSED: ("suppressed", "скрыто"),
        NOT_REPORTED: ("not reported", "нет отчёта"),
        UNKNOWN: ("not recorded", "не учтено"),
        UNDEFINED: ("does not apply", "неприменимо"),
    },
    "calendar": {
        "quarter": ("Quarter", "Квартал"),
        "fiscal_year_to_date": ("US fiscal year to date", "Фискальный год США с начала"),
        "calendar_year_to_date": ("Calendar year to date", "Календарный год с начала"),
        "project_life": ("Life of project", "С начала проекта"),
    },
    "donor": {"usaid": ("USAID", "ЮСАИД")},
    "office": {
        "kaz": ("Almaty office", "Офис в Алматы"),
        "kgz": ("Bishkek office", "Офис в Бишкеке"),
        "tjk": ("Dushanbe office", "Офис в Душанбе"),
        "tkm": ("Ashgabat office", "Офис в Ашхабаде"),
        "uzb": ("Tashkent office", "Офис в Ташкенте"),
    },
}


def make_edition(folder: Path, edition_id: str = EDITION_ID) -> Path:
    """Write `folder`/<edition_id> and point CURRENT at it; return the edition's folder."""
    place = folder / edition_id
    place.mkdir(parents=True)
    _write_database(place / FILE_NAME, edition_id)
    digest = hashlib.sha256((place / FILE_NAME).read_bytes()).hexdigest()
    about = {"edition_id": edition_id, "files": {FILE_NAME: digest}, "code_version": "0.1.0"}
    (place / MANIFEST_NAME).write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    (folder / POINTER_NAME).write_text(edition_id + "\n", encoding="utf-8")
    return place


def figure_rows() -> list[dict[str, Any]]:
    """Every row of the table `figures`."""
    return [
        row
        for indicator in VALUES
        for calendar in CALENDARS
        for quarter in QUARTERS
        for row in _figures(indicator, calendar, quarter)
    ]


def _figures(indicator: str, calendar: str, quarter: Quarter) -> Iterator[dict[str, Any]]:
    """The countries, then the region, then the breakdowns, of one indicator and window."""
    base = {"indicator": indicator, "calendar": calendar, "period": str(quarter), "breakdown": "total"}
    window = _window(calendar, quarter)
    counted = {place: _counted(indicator, place, window) for place in PLACES}
    for place in PLACES:
        shown = _shown(indicator, place, window, counted[place])
        yield {**base, "place": place, "category": "total", **shown, "target": _target(indicator, place, window),
               **_complete(indicator, (place,), window)}  # fmt: skip
    yield {**base, "place": REGION, "category": "total", **_as_figure(_summed(indicator, list(counted.values()))),
           "target": _target(indicator, REGION, window), **_complete(indicator, PLACES, window)}  # fmt: skip
    if indicator == "P01":
        yield from _by_sex(base, window)


def _by_sex(base: dict[str, Any], window: list[Quarter]) -> Iterator[dict[str, Any]]:
    """Women and men among identified victims. Hidden where their total is, or where one of them is small."""
    for place in PLACES:
        women = sum(WOMEN[place][QUARTERS.index(quarter)] for quarter in window)
        total = _counted("P01", place, window)
        for category in ("F", "M"):
            count = women if category == "F" or not isinstance(total, int) else total - women
            figure = _shown("P01", place, window, count)
            yield {**base, "breakdown": "sex", "place": place, "category": category, **figure, "target": None,
                   **_complete("P01", (place,), window)}  # fmt: skip


def _counted(indicator: str, place: str, window: list[Quarter]) -> Value:
    """The value over a window: counts added, persons who came back taken off, shares recomputed."""
    values = [VALUES[indicator][place][QUARTERS.index(quarter)] for quarter in window]
    if None in values:
        return None
    if indicator == "T09":  # the regions of one quarter are among those of the other
        return max(values, key=lambda value: value[0] if isinstance(value, tuple) else 0)
    if isinstance(values[0], tuple):
        pairs = [value for value in values if isinstance(value, tuple)]
        return sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)
    counts = [value for value in values if isinstance(value, int)]
    persons = INDICATORS[indicator]["unit"] == "persons"
    back = RETURNED if persons and len(counts) > 1 and all(counts) else 0
    return sum(counts) - back


def _summed(indicator: str, values: list[Value]) -> Value:
    """The region: the sum of what its countries counted; what is not recorded is left out."""
    if INDICATORS[indicator]["unit"] == "percent":
        pairs = [value for value in values if isinstance(value, tuple)]
        return sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)
    return sum(value for value in values if isinstance(value, int))


def _shown(indicator: str, place: str, window: list[Quarter], value: Value) -> dict[str, Any]:
    """A figure of a country with the status it is published under."""
    if EXPORT_OF[indicator] == MISSING[2] and place == MISSING[0] and [str(q) for q in window] == [MISSING[1]]:
        return _blank(NOT_REPORTED, "office_missing")
    reasons = [HIDDEN[place, str(quarter)] for quarter in window if (place, str(quarter)) in HIDDEN]
    if indicator == "P01" and reasons:
        return _blank(SUPPRESSED, reasons[0])
    return _as_figure(value)


def _as_figure(value: Value) -> dict[str, Any]:
    if value is None:
        return _blank(UNKNOWN, "not_recorded")
    if isinstance(value, int):
        return {"value": Decimal(value), "numerator": Decimal(value), "denominator": None, "status": SHOWN,
                "reason": None}  # fmt: skip
    if value[1] == 0:
        return _blank(UNDEFINED, "empty_denominator")
    share = (Decimal(value[0]) / value[1]).quantize(_POINT_SIX, ROUND_HALF_UP)
    return {"value": share, "numerator": Decimal(value[0]), "denominator": Decimal(value[1]), "status": SHOWN,
            "reason": None}  # fmt: skip


def _blank(status: str, reason: str) -> dict[str, Any]:
    return {"value": None, "numerator": None, "denominator": None, "status": status, "reason": reason}


def _target(indicator: str, place: str, window: list[Quarter]) -> Decimal | None:
    """Target of the window; the region's is the sum of its countries', or the mean of shares."""
    of = TARGETS[indicator]
    if place == REGION:
        if set(of) != set(PLACES):
            return None
        total = sum((Decimal(target) for target in of.values()), Decimal(0))
        return total / len(PLACES) if INDICATORS[indicator]["unit"] == "percent" else total * len(window)
    if place not in of:
        return None
    return Decimal(of[place]) * (1 if INDICATORS[indicator]["unit"] == "percent" else len(window))


def _complete(indicator: str, places: tuple[str, ...], window: list[Quarter]) -> dict[str, int]:
    """Offices expected, and those of them that sent every quarter of the window."""
    missing = [
        place
        for place in places
        if EXPORT_OF[indicator] == MISSING[2] and place == MISSING[0] and MISSING[1] in [str(q) for q in window]
    ]
    return {"offices_expected": len(places), "offices_reported": len(places) - len(missing)}


def _window(calendar: str, quarter: Quarter) -> list[Quarter]:
    """The quarters of this edition that lie in a window."""
    window = calendars.window(calendar, quarter, LIFE_START)
    return [q for q in QUARTERS if window.start is not None and window.start <= q.start and q <= quarter]


def _rows() -> dict[str, list[dict[str, Any]]]:
    """Every table but `edition`, as rows; columns left out are NULL."""
    return {
        "figures": figure_rows(),
        "indicators": [
            {"indicator": code, "why": "It says whether the programme reaches people.", "reviewed_on": date(2010, 12, 1),
             "definition_hash": hashlib.sha256(code.encode()).hexdigest(), "donor_codes": "{}", **about}
            for code, about in INDICATORS.items()
        ],
        "labels": list(_labels()),
        "periods": [
            {"calendar": calendar, "period": str(quarter), "start_on": window.start, "end_on": window.end,
             "label_en": calendars.label(calendar, str(quarter), "en"),
             "label_ru": calendars.label(calendar, str(quarter), "ru")}
            for calendar in CALENDARS
            for quarter in QUARTERS
            for window in [calendars.window(calendar, quarter, LIFE_START)]
        ],
        "projects": [
            {"project": "demo", "title_en": "Counter-trafficking in Central Asia",
             "title_ru": "Противодействие торговле людьми в Центральной Азии", "donors": ["usaid"],
             "start_on": LIFE_START, "end_on": date(2012, 6, 30), "note": "Made by hand for tests."}
        ],
        "targets": list(_targets()),
        "completeness": [
            {"office": OFFICES[place], "place": place, "export": export, "period": str(quarter),
             "status": "missing" if (place, str(quarter), export) == MISSING else "reported"}
            for place in PLACES
            for export in EXPORTS
            for quarter in QUARTERS
        ],
        "inputs": [
            {"submission": hashlib.sha256(f"{place}{export}{quarter}".encode()).hexdigest(), "office": OFFICES[place],
             "slot": export, "period": str(quarter), "file_name": f"{OFFICES[place]}_{export}_{quarter}.csv",
             "rows_accepted": 100, "rows_quarantined": 1 if place == "KG" else 0, "contract_hash": "0" * 64}
            for place in PLACES
            for export in EXPORTS
            for quarter in QUARTERS
            if (place, str(quarter), export) != MISSING
        ],
        "checks": [
            {"office": "kgz", "period": "2010-Q4", "fact": "cases", "rule": "case_key_twice", "severity": "quarantine",
             "message_en": "The same case is given twice", "message_ru": "Один случай указан дважды",
             "rows_checked": 101, "rows_failed": 1}
        ],
        "policy": [
            {"key": "threshold", "value": "5", "meaning_en": "Counts of persons from 1 to 4 are not published.",
             "meaning_ru": "Число лиц от 1 до 4 не публикуется."}
        ],
        "certificate": [{"key": "hidden_cells", "value": str(sum(r["status"] == SUPPRESSED for r in figure_rows()))}],
    }  # fmt: skip


def _targets() -> Iterator[dict[str, Any]]:
    for indicator in TARGETS:
        for calendar in (QUARTER, PROJECT_LIFE):
            for quarter in QUARTERS:
                for place in (*PLACES, REGION):
                    target = _target(indicator, place, _window(calendar, quarter))
                    if target is not None:
                        baseline = Decimal("0.4") if indicator == "R09" else Decimal(0)
                        yield {"project": "demo", "indicator": indicator, "calendar": calendar, "period": str(quarter),
                               "place": place, "baseline": baseline, "target": target, "note": None}  # fmt: skip


def _labels() -> Iterator[dict[str, Any]]:
    lists = {name: [(code, *words) for code, words in codes.items()] for name, codes in LABELS.items()}
    country, sex = codelists()["country"], codelists()["sex"]
    lists["place"] = [(code, country.label(code, "en"), country.label(code, "ru")) for code in PLACES]
    lists["place"].append((REGION, "Central Asia", "Центральная Азия"))
    lists["sex"] = [(code, sex.label(code, "en"), sex.label(code, "ru")) for code in ("F", "M")]
    for name, codes in lists.items():
        for position, (code, en, ru) in enumerate(codes):
            yield {"list": name, "code": code, "position": position, "en": en, "ru": ru}


def _write_database(path: Path, edition_id: str) -> None:
    """Create every table of the published format and fill it."""
    about = {"edition_id": edition_id, "source": "offices", "period": str(QUARTERS[-1]), "data_until": QUARTERS[-1].end,
             "code_version": "0.1.0", "duckdb_version": duckdb.__version__, "definitions_hash": "1" * 64,
             "policy_hash": "2" * 64, "figures_hash": "3" * 64}  # fmt: skip
    with duckdb.connect(str(path)) as con:
        for table, columns in TABLES.items():
            con.execute(f"CREATE TABLE {table} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
        for table, rows in {"edition": [about], **_rows()}.items():
            names = list(TABLES[table])
            unknown = {name for row in rows for name in row} - set(names)
            if unknown:
                raise ValueError(f"table {table} has no column {sorted(unknown)}")
            marks = ", ".join("?" for _ in names)
            con.executemany(
                f"INSERT INTO {table} VALUES ({marks})", [[row.get(name) for name in names] for row in rows]
            )
        con.execute("CHECKPOINT")
