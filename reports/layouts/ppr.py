"""The table of a performance progress report (SF-PPR-A): objective, measure, baseline, target year, target, actual to
date, and the explanation in the same line.
"""

from __future__ import annotations

from reports.layout import Layout

LAYOUT = Layout(
    described={
        "code": 6.0, "objective": 31.0, "indicator": 40.0, "donor_code": 11.0, "unit": 17.0, "measure": 12.0,
        "baseline": 10.0, "target_year": 9.0,
    },
    written={"explanation": 46.0},
)  # fmt: skip
