"""What a frozen catalogue is counted by on other engines, kept to be read: a change of a rewriting shows as text.

`python -m tests.golden_dialects --write` writes it anew.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from duckdb import DuckDBPyConnection

from indicators.calendars import Quarter, windows
from indicators.counted import create_views
from indicators.counting import create_counts
from indicators.definitions import Definition, definitions
from indicators.dialects import POSTGRES, SPARK, rendered
from indicators.funding import life_start
from indicators.queries import tallies
from tests.golden_sql import FROZEN

GOLDEN = Path(__file__).parent / "golden" / "dialects"
OTHERS = (POSTGRES, SPARK)


class Listener:
    """Hears what the engine says, and answers nothing: no engine is needed to render."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def execute(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Listener:
        self.said.append(sql)
        return self


def view_statements() -> list[str]:
    """The views that are counted from, in DuckDB's SQL; they change with the facts, so they are no golden text."""
    listener = Listener()
    create_views(cast(DuckDBPyConnection, listener))
    return listener.said


def statements(catalogue: Mapping[str, Definition]) -> list[str]:
    """Every statement that counts a catalogue over one quarter, in DuckDB's SQL."""
    listener = Listener()
    con = cast(DuckDBPyConnection, listener)
    every = [tally for d in catalogue.values() if d.numerator is not None for tally in tallies(d)]
    create_counts(con, every, windows([Quarter(2010, 4)], life_start()))
    return listener.said


def texts() -> dict[str, str]:
    """The statements for each other engine, one to a line."""
    said = statements(definitions(FROZEN))
    return {engine: "\n".join(f"{one};" for sql in said for one in rendered(sql, engine)) + "\n" for engine in OTHERS}


def write() -> None:
    """Write the statements of every other engine."""
    GOLDEN.mkdir(exist_ok=True)
    for engine, text in texts().items():
        (GOLDEN / f"{engine}.sql").write_text(text, encoding="utf-8")


if __name__ == "__main__" and "--write" in sys.argv:
    write()
