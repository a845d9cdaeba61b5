"""The results of an IATI activity: results, indicators, baselines, periods with targets and actuals.

Elements stand in the order of the 2.03 schema, which is not the same everywhere: a baseline has its
locations, dimensions and last its comment, a target its comment after its dimensions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from indicators.calendars import QUARTER
from indicators.progress import NEITHER, UP
from reports import format as form
from reports.donor_figures import TOTAL
from reports.edition import REGION, SHOWN
from reports.handed import Handed, Row, hundredfold, is_partial
from reports.iati_words import element, narrated, said, settings
from reports.report import Report

UNIT, PERCENTAGE = "1", "2"  # IndicatorMeasure
OWN = "99"  # a vocabulary of the publisher
ADDITIVE = "S"

Days = tuple[date, date]


@dataclass(frozen=True)
class Measured:
    """An indicator as an activity tells it: its windows, and by window the figures and targets."""

    about: Row
    figures: Mapping[Days, Sequence[Row]]
    targets: Mapping[Days, Sequence[Row]]

    @property
    def windows(self) -> list[Days]:
        """The windows in which there is anything, earliest first."""
        return sorted({*self.figures, *self.targets})

    @property
    def is_additive(self) -> bool:
        """Whether values may be added up: never persons, and no windows that overlap."""
        counted = self.about["rule_time"] == ADDITIVE and self.about["rule_place"] == ADDITIVE
        windows = self.windows
        apart = all(one[1] < other[0] for one, other in pairwise(windows))
        return counted and apart


def results(activity: Any, report: Report, project: Row) -> None:
    """Append a result for each result of the project with indicators, and one for all others, to the activity.

    An indicator stands under the first result that it measures: it was promised once, and is told once.
    """
    handed = report.handed
    left = dict(handed.indicators)
    for result in handed.results:
        own = [code for code in result["indicators"] or [] if code in left] if _is_of(result, project) else []
        if own:
            titles = {"en": result["title_en"], "ru": result["title_ru"]}
            kind = settings()["result_type"][result["level"]]
            _result(activity, report, project, kind, titles, result["result"], [left.pop(code) for code in own])
    if left:
        _result(activity, report, project, settings()["result_type"]["other"], said("other"), "", list(left.values()))


def _is_of(row: Row, project: Row) -> bool:
    return bool(row["project"] == project["project"])


def _result(
    activity: Any, report: Report, project: Row, kind: str, titles: Mapping[str, str], code: str, indicators: list[Row]
) -> None:
    measured = [_measured(report.handed, project, about) for about in indicators]
    additive = all(one.is_additive for one in measured)
    result = element(activity, "result", type=kind, aggregation_status=_flag(additive))
    narrated(result, "title", titles)
    if code:
        element(result, "reference", code=code, vocabulary=OWN)
    for one in measured:
        _indicator(result, report, project, one)


def _measured(handed: Handed, project: Row, about: Row) -> Measured:
    """Quarters alone where values add up and nothing was promised for longer; else every window."""
    code = about["indicator"]
    targets = [row for row in handed.targets if row["indicator"] == code and _is_of(row, project)]
    sums = about["rule_time"] == ADDITIVE and about["rule_place"] == ADDITIVE
    longer = not sums or any(row["calendar"] != QUARTER for row in targets)
    figures = [row for row in handed.figures if row["indicator"] == code and (longer or row["calendar"] == QUARTER)]
    return Measured(about, _by_days(handed, project, figures), _by_days(handed, project, targets))


def _by_days(handed: Handed, project: Row, rows: Sequence[Row]) -> dict[Days, list[Row]]:
    """Rows by first and last day, within the project. Windows of the same days are one: the first quarter of a year.

    What both say alike is said once; two targets that differ are both told.
    """
    found: dict[Days, dict[tuple[Any, ...], Row]] = {}
    for row in sorted(rows, key=lambda row: row["calendar"] != QUARTER):
        window = row["calendar"], row["period"]
        start, end = handed.starts.get(window), handed.ends.get(window)
        if start and end and start <= project["end_on"] and end >= project["start_on"]:
            cell = tuple(row.get(name) for name in ("place", "breakdown", "category", "target"))
            found.setdefault((start, end), {}).setdefault(cell, row)
    return {days: list(cells.values()) for days, cells in found.items()}


def _indicator(result: Any, report: Report, project: Row, measured: Measured) -> None:
    about, handed = measured.about, report.handed
    code, unit = about["indicator"], about["unit"]
    attributes = {"measure": PERCENTAGE if unit == "percent" else UNIT}
    if about["direction"] != NEITHER:
        attributes["ascending"] = _flag(about["direction"] == UP)
    indicator = element(result, "indicator", **attributes, aggregation_status=_flag(measured.is_additive))
    narrated(indicator, "title", {"en": about["title_en"], "ru": about["title_ru"]})
    narrated(indicator, "description", _description(report, measured))
    for number in handed.codes[code]:
        element(indicator, "reference", vocabulary=report.donor.iati.vocabulary, code=number)
    element(
        indicator,
        "reference",
        vocabulary=OWN,
        code=code,
        indicator_uri=settings()["indicator"]["uri"].format(code=code),
    )
    for row in handed.baselines:
        # A baseline that was not measured is absent: 0 would say that somebody looked and found nothing.
        if row["indicator"] == code and _is_of(row, project) and row["baseline"] is not None and row["measured_on"]:
            _baseline(indicator, row, unit)
    for days in measured.windows:
        _period(indicator, report, measured, days)


def _description(report: Report, measured: Measured) -> dict[str, str]:
    """The definition, and which values are absent and why."""
    cells = {language: "; ".join(_absent(report.handed, measured, language)) for language in ("en", "ru")}
    told = said("absent", cells=cells) if cells["en"] else {"en": "", "ru": ""}
    return {
        language: f"{(measured.about[f'definition_{language}'] or '').strip()} {told[language]}".strip() or "–"
        for language in ("en", "ru")
    }


def _absent(handed: Handed, measured: Measured, language: str) -> Iterator[str]:
    """A phrase for each window and status whose values are not given, with the places; parts are named once."""
    parts: dict[str, None] = {}
    for (start, end), rows in sorted(measured.figures.items()):
        grouped: dict[str, dict[str, None]] = {}
        for row in rows:
            if row["status"] == SHOWN:
                continue
            if row["breakdown"] == TOTAL:
                grouped.setdefault(row["status"], {})[row["place"]] = None
            else:
                parts[handed.word(language, "breakdown", row["breakdown"])] = None
        for status, places in grouped.items():
            named = ", ".join(handed.word(language, "place", place) for place in places)
            days = {"start": start.isoformat(), "end": end.isoformat()}
            yield said("cell", status=handed.word(language, "status", status), places=named, **days)[language]
    if parts:
        yield said("parts", breakdowns=", ".join(sorted(parts)))[language]


def _baseline(indicator: Any, row: Row, unit: str) -> None:
    on = row["measured_on"]
    value = form.raw(hundredfold(row["baseline"], unit))
    baseline = element(indicator, "baseline", year=str(on.year), iso_date=on.isoformat(), value=value)
    _location(baseline, row["place"])


def _period(indicator: Any, report: Report, measured: Measured, days: Days) -> None:
    """Targets before actuals, as the schema wants. What is not shown has no `actual`: its target says why."""
    unit = measured.about["unit"]
    period = element(indicator, "period")
    for name, day in zip(("period-start", "period-end"), days, strict=True):
        element(period, name, iso_date=day.isoformat())
    figures = measured.figures.get(days, ())
    missing = {row["place"]: row["status"] for row in figures if row["breakdown"] == TOTAL and row["status"] != SHOWN}
    for row in measured.targets.get(days, ()):
        target = element(period, "target", value=form.raw(hundredfold(row["target"], unit)))
        _location(target, row["place"])
        if status := missing.get(row["place"]):
            words = {language: report.handed.word(language, "status", status) for language in ("en", "ru")}
            narrated(target, "comment", said("no_actual", status=words))
    for row in figures:
        if row["status"] == SHOWN:
            _actual(period, report.handed, row, unit)


def _actual(period: Any, handed: Handed, row: Row, unit: str) -> None:
    actual = element(period, "actual", value=form.raw(hundredfold(row["value"], unit)))
    _location(actual, row["place"])
    if row["breakdown"] != TOTAL:
        category = handed.word("en", row["breakdown"], row["category"])
        element(actual, "dimension", name=row["breakdown"], value=category)
    if is_partial(row):
        offices = {"reported": row["offices_reported"], "expected": row["offices_expected"]}
        narrated(actual, "comment", said("partial", **offices))


def _location(parent: Any, place: str) -> None:
    """The country, by the name under which the activity lists it; the region is the whole activity."""
    if place != REGION:
        element(parent, "location", ref=place)


def _flag(value: bool) -> str:
    return "1" if value else "0"
