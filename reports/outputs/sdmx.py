"""SDMX-CSV 2.0: one observation for each figure, also for one that is not shown, which says why.

Codes of OBS_STATUS are those of the cross-domain code list CL_OBS_STATUS.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reports.csv_text import csv_bytes
from reports.edition import NOT_REPORTED, SHOWN, SUPPRESSED, UNDEFINED, UNKNOWN
from reports.handed import is_partial
from reports.report import Output, Report

STRUCTURE_ID = "ESEP:FIGURES(1.0.0)"
HEADER = (
    "STRUCTURE", "STRUCTURE_ID", "ACTION", "INDICATOR", "REF_AREA", "BREAKDOWN", "CATEGORY", "CALENDAR",
    "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS", "UNIT_MEASURE", "NUMERATOR", "DENOMINATOR", "DONOR_CODE",
    "OFFICES_EXPECTED", "OFFICES_REPORTED",
)  # fmt: skip
# Normal; provisional, because an office is missing; suppressed; exists and was not collected; missing; cannot exist.
OBS_STATUS = {SHOWN: "A", SUPPRESSED: "Q", NOT_REPORTED: "L", UNKNOWN: "O", UNDEFINED: "M"}
PROVISIONAL = "P"


def write(report: Report, language: str) -> bytes:
    """The file; the same in every language."""
    return csv_bytes(HEADER, _rows(report))


def _rows(report: Report) -> Iterator[list[Any]]:
    handed = report.handed
    for figure in handed.figures:
        status = PROVISIONAL if is_partial(figure) else OBS_STATUS[figure["status"]]
        code = figure["indicator"]
        place = [figure[name] for name in ("place", "breakdown", "category", "calendar", "period", "value")]
        parts = [figure["numerator"], figure["denominator"]]
        offices = [figure["offices_expected"], figure["offices_reported"]]
        numbers = " ".join(handed.codes[code])
        unit = handed.indicators[code]["unit"]
        yield ["dataflow", STRUCTURE_ID, "I", code, *place, status, unit, *parts, numbers, *offices]


OUTPUT = Output({"en": "SDMX-CSV 2.0", "ru": "SDMX-CSV 2.0"}, "csv", False, write)
