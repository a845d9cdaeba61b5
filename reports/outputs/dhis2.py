"""DHIS2 data values: one JSON document for `/api/dataValueSets`, with the codes of the edition as identifiers.

A quarter is `2010Q4`. A year is sent only when it is over: DHIS2 knows no "year to date", and part of a year
under the name of the year would be taken for the whole. What is not shown is not sent; it is never 0.
"""

from __future__ import annotations

import json

from indicators.calendars import CALENDAR_YEAR, FISCAL_YEAR, QUARTER, Quarter
from reports import format as form
from reports.edition import SHOWN
from reports.handed import Row, hundredfold, is_partial
from reports.report import Output, Report

TOTAL_OPTION = "default"
# All identifiers of the document are codes; whoever imports has given its objects these codes.
_SCHEMES = ("dataElementIdScheme", "orgUnitIdScheme", "categoryOptionComboIdScheme", "idScheme")
_PARTIAL = "offices reported: {reported} of {expected}"


def period_of(calendar: str, period: str) -> str | None:
    """What DHIS2 calls a window; None for one that it has no name for."""
    quarter = Quarter.parse(period)
    if calendar == QUARTER:
        return f"{quarter.year}Q{quarter.number}"
    if calendar == CALENDAR_YEAR and quarter.number == 4:
        return str(quarter.year)
    if calendar == FISCAL_YEAR and quarter.fiscal_number == 4:
        return f"{quarter.fiscal_year - 1}Oct"
    return None


def write(report: Report, language: str) -> bytes:
    """The document; the same in every language."""
    units = {code: row["unit"] for code, row in report.handed.indicators.items()}
    values = [
        _value(figure, period, units[figure["indicator"]])
        for figure in report.handed.figures
        if figure["status"] == SHOWN and (period := period_of(figure["calendar"], figure["period"]))
    ]
    document = {**dict.fromkeys(_SCHEMES, "CODE"), "dataValues": values}
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def option(breakdown: str, category: str) -> str:
    """The code of a category option combination: `sex:F`; a total has DHIS2's own `default`."""
    return TOTAL_OPTION if breakdown == "total" else f"{breakdown}:{category}"


def _value(figure: Row, period: str, unit: str) -> dict[str, str]:
    said = {
        "dataElement": figure["indicator"],
        "period": period,
        "orgUnit": figure["place"],
        "categoryOptionCombo": option(figure["breakdown"], figure["category"]),
        "value": form.raw(hundredfold(figure["value"], unit)),
    }
    if is_partial(figure):
        offices = {"reported": figure["offices_reported"], "expected": figure["offices_expected"]}
        said["comment"] = _PARTIAL.format(**offices)
    return said


OUTPUT = Output({"en": "DHIS2 data values", "ru": "Значения для DHIS2"}, "json", False, write)
