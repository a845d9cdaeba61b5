"""The day line, cut at every start and end of the windows: what is counted by atom adds up to any window."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from indicators.calendars import Window

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# A source without days has one atom, in which every row lies.
WHOLE = 0


@dataclass(frozen=True)
class Line:
    """The atoms in order, by their first and last day; the windows as (window, span, first atom, last atom).

    Windows that begin on one day are a span: each is what the one before it holds, and more.
    """

    atoms: tuple[tuple[date, date], ...]
    windows: tuple[tuple[Window, int, int, int], ...]

    @property
    def has_days(self) -> bool:
        """Whether rows fall into atoms by their day."""
        return bool(self.atoms)


def line(windows: Sequence[Window]) -> Line:
    """The day line of windows that all have days, or of those of a source that has none."""
    ends = [(w, w.start, w.end) for w in windows if w.start is not None and w.end is not None]
    if not ends:
        return Line((), tuple((window, WHOLE, WHOLE, WHOLE) for window in windows))
    cuts = sorted({start for _, start, _ in ends} | {end + timedelta(days=1) for _, _, end in ends})
    atoms = tuple((first, after - timedelta(days=1)) for first, after in pairwise(cuts))
    begins = {first: number for number, (first, _) in enumerate(atoms)}
    stops = {last: number for number, (_, last) in enumerate(atoms)}
    return Line(atoms, tuple((w, begins[start], begins[start], stops[end]) for w, start, end in ends))


def create_line(con: DuckDBPyConnection, cut: Line) -> None:
    """Create the temporary tables of the line.

    `days` has the atom of each day; `spanned` the windows, by their atoms. `entered` has, for an atom and the atom in
    which a person was met before (-1: none), the first atom of the earliest span entered in it; `held` the windows
    that hold an atom and begin no earlier than a given one.
    """
    atoms: list[tuple[int, date | None, date | None]] = [(number, *ends) for number, ends in enumerate(cut.atoms)] or [
        (WHOLE, None, None)
    ]
    # A row finds its atom by its day alone, which is cheaper than to look between two days.
    con.execute(
        "CREATE OR REPLACE TEMP TABLE days AS SELECT unnest(generate_series(first::DATE, last::DATE, INTERVAL 1 DAY))"
        f"::DATE AS day, atom FROM (VALUES {literals(atoms)}) AS atoms(atom, first, last)"
    )
    spanned = [(n, w.calendar, w.period, first, last) for n, (w, _, first, last) in enumerate(cut.windows)]
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE spanned AS FROM (VALUES {literals(spanned)})"
        " AS w(number, calendar, period, first_atom, last_atom)"
    )
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE entered AS SELECT a.atom::INTEGER AS atom, b.atom::INTEGER AS before,"
        f" min(first_atom) AS since FROM range({len(atoms)}) AS a(atom), range(-1, {len(atoms)}) AS b(atom), spanned"
        " WHERE b.atom < a.atom AND a.atom BETWEEN first_atom AND last_atom AND first_atom > b.atom GROUP BY ALL"
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE held AS SELECT atom, since, number FROM (SELECT atom, since FROM entered"
        " UNION SELECT atom, 0 FROM entered) AS e JOIN spanned ON atom BETWEEN first_atom AND last_atom"
        " AND first_atom >= since"
    )


def literals(rows: Iterable[Sequence[str | int | date | None]]) -> str:
    """Rows of our own calendars as SQL. Nothing that came in a file may go here: that is bound as a parameter.

    The first parameter bound in a process loads pandas, which costs more than to count a quarter.
    """
    return ", ".join(f"({', '.join(map(_literal, row))})" for row in rows)


def _literal(value: str | int | date | None) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"
