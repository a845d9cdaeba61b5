"""The indicator performance tracking table: target, actual and per cent by block; deviations on a sheet apart."""

from __future__ import annotations

from reports.deviation import deviation_sheet
from reports.layout import Layout

LAYOUT = Layout(
    described={
        "code": 6.0, "indicator": 42.0, "donor_code": 11.0, "unit": 15.5, "direction": 9.5, "measure": 12.0,
        "baseline": 10.0,
    },
    sheets={"deviation": deviation_sheet},
)  # fmt: skip
