"""The SQL that counts indicators, as it is run: recorded on facts without rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from indicators.calendars import CALENDARS, Quarter, Window, window
from indicators.counted import create_example_tables
from indicators.counting import count_all
from indicators.definitions import Definition
from indicators.funding import life_start

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class Recorder:
    """A connection that writes down each statement before it runs it."""

    def __init__(self, connection: DuckDBPyConnection) -> None:
        self._connection = connection
        self.statements: list[str] = []

    def execute(self, query: str, parameters: Sequence[Any] = ()) -> Any:
        """Run a statement as the connection does."""
        self.statements.append(query)
        return self._connection.execute(query, list(parameters))


def sql_of(definition: Definition) -> str:
    """Every statement that counts an indicator, in order; empty for a measure of the network.

    On facts without rows a list has no kinds yet: their number is the one thing that real data change.
    """
    import duckdb

    if definition.numerator is None:
        return ""
    quarter = Quarter.of(max(definition.reviewed_on, life_start()))
    spans: list[Window] = [window(calendar, quarter, life_start()) for calendar in CALENDARS]
    with duckdb.connect() as con:
        create_example_tables(con, {})
        recorder = Recorder(con)
        count_all(recorder, {definition.code: definition}, spans)  # type: ignore[arg-type]
    about = [sql for sql in recorder.statements if "counted_" in sql or "tallied " in sql or "collected " in sql]
    return ";\n\n".join(sql for sql in about if "CREATE OR REPLACE TEMP TABLE tallied (" not in sql) + ";\n"
