"""Random facts counted by the engine, for tests of protection and of whatever reads figures."""

from __future__ import annotations

from functools import cache

import duckdb

from indicators.calendars import Quarter, Window, windows
from indicators.counted import create_example_tables
from indicators.definitions import definitions
from indicators.engine import measure
from indicators.figures import Figure, Reporting
from indicators.funding import life_start
from tests.random_facts import PLACES, random_rows

QUARTERS = [Quarter(2010, 3), Quarter(2010, 4)]


def all_windows() -> list[Window]:
    """Every window of the two quarters."""
    return windows(QUARTERS, life_start())


def full_reporting() -> Reporting:
    """Every place has sent every fact of both quarters."""
    names = {name for definition in definitions().values() for name in definition.facts}
    owed = frozenset((place, name, str(quarter)) for place in PLACES for name in names for quarter in QUARTERS)
    return Reporting(owed, owed)


@cache
def random_figures(seed: int, size: int = 30) -> list[Figure]:
    """All figures of the catalogue over random rows."""
    with duckdb.connect() as con:
        create_example_tables(con, random_rows(seed, size))
        return measure(con, definitions(), all_windows(), full_reporting())
