"""The table of a performance progress report (SF-PPR-A): objective, measure, baseline, target year, target, actual to
date, and the explanation in the same line.
"""

from __future__ import annotations

from reports.layout import Layout

LAYOUT = Layout(
    described={
        "code": 6.0, "objective": 27.0, "indicator": 40.0, "donor_code": 11.0, "unit": 15.5, "measure": 12.0,
        "baseline": 10.0, "target_year": 9.0,
    },
    written={"explanation": 46.0},
)  # fmt: skip
