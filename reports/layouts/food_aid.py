"""The tracking table of food aid programmes: base values and targets have sheets that say where they come from.

Their fixed workbook has Annual Monitoring Indicators, Base Value Data Source, Target Comment and Deviation
Narrative; disaggregates that are not available are marked DNA.
"""

from __future__ import annotations

from reports.deviation import deviation_sheet
from reports.layout import Layout
from reports.target_sheets import base_value_sheet, target_comment_sheet

LAYOUT = Layout(
    described={"code": 6.0, "indicator": 46.0, "donor_code": 11.0, "unit": 15.5, "direction": 9.5, "baseline": 11.0},
    sheets={
        "base_value": base_value_sheet,
        "target_comment": target_comment_sheet,
        "deviation": deviation_sheet,
    },
    marks_dna=True,
)
