"""Which rows of which files stand behind a figure: submission, sheet and row number, and never a value of a row.

This reads the warehouse, so it is for those who may open it; no page and no edition can reach it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from indicators.calendars import Window
from indicators.counted import create_views, create_windows
from indicators.fact_views import views
from indicators.facts import codelists, kept_facts
from indicators.figures import REGION_TOTAL, TOTAL
from indicators.queries import Tally, rows_sql, tallies

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from indicators.definitions import Definition


@dataclass(frozen=True)
class Cell:
    """The figure that is asked about; `breakdown` is `total` for the whole."""

    window: Window
    place: str
    breakdown: str = TOTAL
    category: str = TOTAL


@dataclass(frozen=True)
class Traced:
    """The rows of one sheet behind one number of a figure. `number` is `numerator` or `denominator`."""

    number: str
    office: str
    submission: str
    file_name: str
    period: str
    sheet: str
    rows: tuple[int, ...]

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        return {**vars(self), "rows": list(self.rows)}


def untraceable(definition: Definition) -> str:
    """Why the rows of an indicator cannot be named; empty when they can."""
    if definition.numerator is None:
        return "it is measured on the whole network, not on single rows"
    facts = {tally.fact for tally in tallies(definition)}
    if kept := sorted(facts & kept_facts().keys()):
        return f"it is counted over {', '.join(kept)}, which no office sends"
    over = sorted(facts & views().keys())
    return f"it is counted over {', '.join(over)}, which joins rows of several files" if over else ""


def trace(con: DuckDBPyConnection, definition: Definition, cell: Cell) -> list[Traced]:
    """The rows in force behind a figure, by number, file and sheet.

    Of a person who appears in several rows it is the row that decides in which cell the person counts.
    """
    create_views(con)
    create_windows(con, [cell.window])
    found: dict[tuple[str, ...], list[int]] = {}
    for position, tally in enumerate(tallies(definition)):
        for number, row in _rows(con, tally, cell, definition, position):
            found.setdefault((number, row["office"], row["submission"], row["sheet"] or ""), []).append(
                row["row_number"]
            )
    names = _names(con)
    return [
        Traced(number, office, submission, *names[office, submission], sheet, tuple(sorted(rows)))
        for (number, office, submission, sheet), rows in sorted(found.items())
    ]


def _rows(
    con: DuckDBPyConnection, tally: Tally, cell: Cell, definition: Definition, position: int
) -> list[tuple[str, Mapping[str, Any]]]:
    """Each row with the number it is in; a denominator of its own is the second tally."""
    breakdown = cell.breakdown if cell.breakdown in tally.by else ""
    cursor = con.execute(rows_sql(tally, breakdown))
    names = [column[0] for column in cursor.description or []]
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    mine = [row for row in rows if cell.place in (REGION_TOTAL, row["place"])
            and (not breakdown or cell.category in _categories(row, breakdown, tally))]  # fmt: skip
    if position == 1:
        return [("denominator", row) for row in mine if row["in_numerator"]]
    found: list[tuple[str, Mapping[str, Any]]] = [("numerator", row) for row in mine if row["in_numerator"]]
    if definition.denominator is not None and not definition.has_own_denominator:
        found += [("denominator", row) for row in mine if row["in_denominator"]]
    return found


def _categories(row: Mapping[str, Any], breakdown: str, tally: Tally) -> list[str]:
    from indicators.fact_views import counted_facts

    column = counted_facts()[tally.fact].counted_columns()[breakdown]
    unknown = codelists()[column.values or ""].unknown or "U"
    return [unknown if code is None else code for code in row["category"] or [None]]


def _names(con: DuckDBPyConnection) -> dict[tuple[str, str], tuple[str, str]]:
    """File name and quarter of each submission in force, by office and hash."""
    rows = con.execute("SELECT office, submission, file_name, period FROM submissions WHERE status = 'accepted'")
    return {(office, submission): (name, period) for office, submission, name, period in rows.fetchall()}


def told(found: list[Traced]) -> list[str]:
    """What was found, as lines; runs of rows are drawn together."""
    return [
        f"{one.number}: {one.office} {one.file_name} ({one.period})"
        + (f", sheet {one.sheet}" if one.sheet else "")
        + f", rows {_runs(one.rows)}\n    SHA-256 {one.submission}"
        for one in found
    ]


def _runs(rows: tuple[int, ...]) -> str:
    runs: list[list[int]] = []
    for row in sorted(set(rows)):
        if runs and runs[-1][1] == row - 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)
