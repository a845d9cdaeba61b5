"""The flow `overdue`: who has not reported by which donor's deadline."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from prefect import flow

from indicators.calendars import Quarter
from pipelines.flows import steps
from pipelines.flows.alerts import ALERTS
from pipelines.flows.guard import check
from pipelines.flows.notes import outstanding_rows
from pipelines.flows.paths import CURATED
from pipelines.flows.states import Outcome, ended, one_at_a_time


@flow(name="overdue", **ALERTS)
def overdue(
    curated: Path = CURATED,
    period: str | None = None,
    on: date | None = None,
    time_zone: str = "Asia/Almaty",
) -> Any:
    """Hold every owed file of a quarter to every donor's deadline; without one, of the last quarter that is over.

    `on` is the day to look from; without it, today in `time_zone`.
    """
    today = on or datetime.now(ZoneInfo(time_zone)).date()
    with one_at_a_time():
        return ended(lambda: _overdue(curated, period, today))


def _overdue(curated: Path, period: str | None, today: date) -> Outcome:
    check(quarters=[period])
    quarter = Quarter.parse(period) if period else Quarter.of(today).back(1)
    found = steps.outstanding(curated, today, str(quarter))
    steps.table(key="overdue", table=outstanding_rows(found), description=f"Outstanding for {quarter} on {today}")
    missed = sorted({donor for file in found for donor in file.missed})
    offices = sorted({file.office for file in found})
    counts = f"{quarter}: {len(found)} files of {', '.join(offices) or 'nobody'} are outstanding"
    if missed:
        return Outcome("Overdue", f"{counts}; the deadline of {', '.join(missed)} has passed")
    return Outcome("Outstanding" if found else "AllReported", counts)
