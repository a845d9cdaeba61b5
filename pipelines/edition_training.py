"""The rows of an edition's table of training events: what USAID's training system asks for, without participants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from duckdb import DuckDBPyConnection

from indicators.calendars import QUARTER, Quarter
from indicators.facts import facts
from pipelines.inputs import Inputs

FACT = "training_events"
_COLUMNS = ("event_type", "topics", "start_on", "end_on", "event_status", "region", "days", "hours", "donors", "cost")


def training_rows(con: DuckDBPyConnection, inputs: Inputs) -> list[Sequence[Any]]:
    """Every event of the edition's quarters, by place and last day.

    A row of an event is about nobody, and nothing of the participants is in it: who took part is counted, and
    protected, in figures only. A policy that protects what events are about gets no such table. `con` must hold
    the `counted_*` views.
    """
    windows = [window for window in inputs.windows if window.calendar == QUARTER]
    if not windows or facts()[FACT].about in inputs.policy.protects:
        return []
    days = [min(w.start for w in windows if w.start), max(w.end for w in windows if w.end)]
    found = con.execute(
        f"SELECT office, event_ref, {', '.join(_COLUMNS)} FROM counted_{FACT}"
        " WHERE end_on BETWEEN ? AND ? ORDER BY office, end_on, event_ref",
        days,
    ).fetchall()
    return [
        (event, inputs.offices[office], str(Quarter.of(about[_COLUMNS.index("end_on")])), *about)
        for office, event, *about in found
        if office in inputs.offices
    ]
