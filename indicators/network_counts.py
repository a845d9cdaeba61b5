"""The measures of the network, computed over the counted facts for every window and place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from indicators import network
from indicators.calendars import Quarter, Window
from indicators.counts import Cell, Count, Counts
from indicators.definitions import Definition
from indicators.fact_views import counted_facts
from indicators.facts import codelists
from indicators.figures import REGION_TOTAL, TOTAL
from indicators.network import Network
from indicators.network_rules import in_force, rules

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Rows = list[dict[str, Any]]


def count_network(
    con: DuckDBPyConnection, definition: Definition, windows: Sequence[Window], places: Sequence[str]
) -> Counts:
    """A network measure is computed again at each place, and for the region over all its members."""
    assert definition.function is not None, "checked when the definition was loaded"
    facts = network.FACTS[definition.function]
    cells: dict[tuple[str, str, str], dict[Cell, Count]] = {}
    for window in windows:
        if window.end is not None:
            for place, found in networks(con, window, places, facts).items():
                cells[window.calendar, window.period, place] = dict(_cells(definition, found))
    return Counts(cells)


def networks(
    con: DuckDBPyConnection, window: Window, places: Sequence[str], facts: Sequence[str]
) -> dict[str, Network]:
    """The network of each place, and of the region, on the last day of a window that has one; of the facts named."""
    assert window.end is not None, "network measures need a last day"
    rows = {name: _rows(con, name, window) for name in facts}
    earlier = [_directory(con, period) for period in _periods_before(window)]
    return {
        place: Network(
            window.end,
            _of_place(rows["organisations"], place),
            _of_place(rows.get("referrals", []), place),
            countries=tuple(places) if place == REGION_TOTAL else (place,),
            earlier=[_of_place(table, place) for table in earlier],
        )
        for place in (*places, REGION_TOTAL)
    }


def _cells(definition: Definition, whole: Network) -> Iterator[tuple[Cell, Count]]:
    """The whole network, and each part of it that the breakdowns of the definition tell apart."""
    yield (TOTAL, TOTAL), _count(definition, whole)
    columns = counted_facts()[definition.fact].counted_columns()
    for breakdown in definition.by:
        unknown = codelists()[columns[breakdown].values or ""].unknown or "U"
        for category in dict.fromkeys(row[breakdown] or unknown for row in whole.organisations):
            part = [row for row in whole.organisations if (row[breakdown] or unknown) == category]
            yield (breakdown, category), _count(definition, replace(whole, organisations=part))


def _count(definition: Definition, measured: Network) -> Count:
    assert definition.function is not None, "checked when the definition was loaded"
    numerator, denominator = network.FUNCTIONS[definition.function](measured)
    return Count(_decimal(numerator), Decimal(int(denominator)))


def _decimal(number: int | Fraction) -> Decimal:
    """A whole number, or the sum of a few shares to six places."""
    exact = Fraction(number)
    return (Decimal(exact.numerator) / exact.denominator).quantize(Decimal("0.000001" if exact.denominator > 1 else 1))


def _of_place(rows: Rows, place: str) -> Rows:
    return [row for row in rows if place in (row["place"], REGION_TOTAL)]


def _periods_before(window: Window) -> list[str]:
    """The quarters before the last one whose directories decide who is dormant."""
    assert window.end is not None, "network measures need a last day"
    quarters = in_force(rules(), "dormancy", window.end).get("quarters", 1)
    return [str(Quarter.of(window.end).back(number)) for number in range(1, quarters)]


def _directory(con: DuckDBPyConnection, period: str) -> Rows:
    """The members of a quarter's own directory."""
    return _fetched(con, "organisations", "snapshot = $period AND is_member", {"period": period})


def _rows(con: DuckDBPyConnection, fact_name: str, window: Window) -> Rows:
    fact = counted_facts()[fact_name]
    assert window.end is not None, "network measures need a last day"
    if fact.kind == "state":
        where = f"coalesce({fact.valid_from} <= $day, true) AND coalesce({fact.valid_to} >= $day, true)"
        latest = f"(SELECT max(snapshot) FROM counted_{fact.name} WHERE snapshot <= $period)"
        where += f" AND coalesce(snapshot = {latest}, snapshot IS NULL)"
        return _fetched(con, fact_name, where, {"day": window.end, "period": window.period})
    first = Quarter.of(window.end).back(network.LOOKS_BACK - 1).start
    return _fetched(con, fact_name, f"{fact.dated_by} BETWEEN $first AND $day", {"first": first, "day": window.end})


def _fetched(con: DuckDBPyConnection, fact_name: str, where: str, parameters: Mapping[str, Any]) -> Rows:
    columns = ", ".join(counted_facts()[fact_name].columns)
    cursor = con.execute(f"SELECT place, {columns} FROM counted_{fact_name} WHERE {where}", dict(parameters))
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
