"""The rows of an edition's table of services by region: who offers what, where. Pure but for reading the facts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from duckdb import DuckDBPyConnection

from indicators.calendars import QUARTER, Window
from indicators.network import coverage
from indicators.network_counts import networks
from pipelines.inputs import Inputs

DIRECTORY = "organisations"


def coverage_rows(con: DuckDBPyConnection, inputs: Inputs) -> list[Sequence[Any]]:
    """For each quarter and country with a directory: how many members offer each required service in each unit.

    0 is a gap, 1 a service that hangs on one member. Counted from the directory alone, which is public: no
    row of a case takes part. A policy that protects organisations too gets no such table. `con` must hold the
    `counted_*` views.
    """
    if DIRECTORY in inputs.policy.protects:
        return []
    return [row for window in inputs.windows if window.calendar == QUARTER for row in _of_quarter(con, inputs, window)]


def _of_quarter(con: DuckDBPyConnection, inputs: Inputs, window: Window) -> Iterator[Sequence[Any]]:
    sent = {place for place, fact, period in inputs.reporting.received if (fact, period) == (DIRECTORY, window.period)}
    found = networks(con, window, inputs.places, (DIRECTORY,))
    for place in (place for place in inputs.places if place in sent):
        for (region, service), members in coverage(found[place]).items():
            yield window.period, place, region, service, len(members)
