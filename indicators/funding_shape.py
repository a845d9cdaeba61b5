"""Which keys a project file may hold and of what kind: a misspelt or missing key is a fault, never ignored."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from indicators.calendars import CALENDARS, PROJECT_QUARTER, Quarter
from indicators.facts import LANGUAGES

TEXT, TEXTS, BOTH, DAY, AMOUNT, CALENDAR, PERIOD, TABLES = (
    "a text that is not empty", "a text or a list of texts", "a text in en and ru", "a day such as 2010-10-01",
    'a number such as 12 or "0.75"', f"one of {', '.join((*CALENDARS, PROJECT_QUARTER))}",
    f"a quarter such as 2010-Q4, or for {PROJECT_QUARTER} one such as PQ5", "tables",
)  # fmt: skip

_WINDOW = {"indicator": TEXT, "calendar": CALENDAR, "period": PERIOD, "place": TEXT}
# For each part of a project file its keys; those with a `?` may be left out.
KEYS: Mapping[str, Mapping[str, str]] = {
    "project": {
        "code": TEXT, "title": BOTH, "start_on": DAY, "end_on": DAY, "note": TEXT, "donor": TABLES, "result?": TABLES,
        "baseline?": TABLES, "target?": TABLES, "no_target?": TABLES, "change?": TABLES,
    },
    "donor": {"code": TEXT, "share?": AMOUNT, "from?": DAY, "until?": DAY},
    "result": {"code": TEXT, "level": TEXT, "title": BOTH, "parent?": TEXT, "indicators?": TEXTS},
    "baseline": {
        "indicator": TEXTS, "place": TEXTS, "value?": AMOUNT, "on?": DAY, "not_applicable?": BOTH, "note?": TEXT,
    },
    "target": {**_WINDOW, "target": AMOUNT, "note?": TEXT},
    "no_target": {**_WINDOW, "reason": BOTH},
    "change": {**_WINDOW, "on": DAY, "from": AMOUNT, "to": AMOUNT, "reason": BOTH, "decided_by": TEXT},
}  # fmt: skip


def texts(value: Any) -> tuple[str, ...]:
    """A text or a list of texts as a tuple."""
    return (value,) if isinstance(value, str) else tuple(value)


def shape_faults(raw: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the keys of a project file, before anything is made of it."""
    yield from _keys("", raw, KEYS["project"])
    for part in KEYS:
        entries = raw.get(part, [])
        for number, entry in enumerate(entries if _is_tables(entries) else [], start=1):
            yield from _keys(f"{part} {number}: ", entry, KEYS[part])
            yield from _period_faults(f"{part} {number}: ", entry)


def _keys(where: str, entry: Mapping[str, Any], known: Mapping[str, str]) -> Iterator[str]:
    kinds = {key.rstrip("?"): kind for key, kind in known.items()}
    yield from (f"{where}{key} is missing" for key in known if not key.endswith("?") and key not in entry)
    for key, value in entry.items():
        if key not in kinds:
            yield f"{where}there is no key {key}; there are {', '.join(sorted(kinds))}"
        elif not _IS[kinds[key]](value):
            yield f"{where}{key} must be {kinds[key]}, not {value!r}"


def _period_faults(where: str, entry: Mapping[str, Any]) -> Iterator[str]:
    """A quarter by its own name and one of the project go with their own calendars."""
    calendar, period = entry.get("calendar"), entry.get("period")
    if isinstance(period, str) and _is_period(period) and (calendar == PROJECT_QUARTER) != period.startswith("PQ"):
        yield f"{where}period {period} is none of calendar {calendar}; it must be {PERIOD}"


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_texts(value: Any) -> bool:
    return _is_text(value) or (isinstance(value, list) and bool(value) and all(map(_is_text, value)))


def _is_both(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == set(LANGUAGES) and all(map(_is_text, value.values()))


def _is_amount(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return False
    try:
        return Decimal(value).is_finite()
    except InvalidOperation:
        return False


def _is_period(value: Any) -> bool:
    if isinstance(value, str) and re.fullmatch("PQ[1-9][0-9]?", value):
        return True
    try:
        Quarter.parse(str(value))
    except ValueError:
        return False
    return True


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(entry, dict) for entry in value)


_IS: Mapping[str, Callable[[Any], bool]] = {
    TEXT: _is_text,
    TEXTS: _is_texts,
    BOTH: _is_both,
    DAY: lambda value: isinstance(value, date) and not isinstance(value, datetime),
    AMOUNT: _is_amount,
    CALENDAR: lambda value: value in (*CALENDARS, PROJECT_QUARTER),
    PERIOD: _is_period,
    TABLES: _is_tables,
}
