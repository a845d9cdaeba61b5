"""A good file in the wrong place: of another office, of another quarter, from before the form was agreed."""

from __future__ import annotations

from duckdb import DuckDBPyConnection

from indicators.calendars import Quarter
from indicators.facts import codelists, facts
from pipelines import complaints
from pipelines.cells import literal
from pipelines.findings import Finding
from pipelines.forms import WHOLE, Contract, Slot
from pipelines.quarter_words import quarters_named
from pipelines.readers import Grid


def by_period(contract: Contract, file: str, period: str) -> list[Finding]:
    """The file is for a quarter before the form applies."""
    if contract.first_period is None or period >= contract.first_period:
        return []
    return [complaints.before_form(file, period, contract.first_period)]


def by_title(file: str, grid: Grid, period: str) -> list[Finding]:
    """The rows above the header name another quarter than the file name."""
    named = [quarter for title in grid.titles for quarter in quarters_named(title)] if period != WHOLE else []
    is_other = any(not quarter.may_be(period) for quarter in named)
    return [complaints.other_period_in_title(file, grid.sheet.name, period)] if is_other else []


def by_rows(con: DuckDBPyConnection, contract: Contract, slot: Slot, period: str, file: str) -> list[Finding]:
    """No row at all lies in the quarter, or no code at all is the office's own while some are another's."""
    findings = []
    dated, inside = _dated(con, slot, period)
    if dated and not inside:
        findings.append(complaints.wrong_period(file, period, dated))
    own, others = _coded(con, contract, slot)
    if others and not own:
        findings.append(complaints.wrong_office(file, contract.office, others))
    return findings


def _dated(con: DuckDBPyConnection, slot: Slot, period: str) -> tuple[int, int]:
    """Rows with a day, and rows whose day lies in the quarter."""
    if period == WHOLE:
        return 0, 0
    quarter = Quarter.parse(period)
    total = within = 0
    for fact in (facts()[name] for name in slot.facts):
        if fact.kind == "event" and fact.dated_by in fact.columns:
            counted = con.execute(
                f"SELECT count({fact.dated_by}), count(*) FILTER ({fact.dated_by} BETWEEN ? AND ?) "
                f"FROM stage_{fact.name}", [quarter.start, quarter.end],
            ).fetchall()[0]  # fmt: skip
            total, within = total + counted[0], within + counted[1]
    return total, within


def _coded(con: DuckDBPyConnection, contract: Contract, slot: Slot) -> tuple[int, int]:
    """Rows whose code begins with the office's own letters, and rows with those of another office's."""
    countries = {code.attributes["country"] for code in codelists()["region"].codes.values() if code.attributes}
    if contract.place not in countries or contract.place_column:
        return 0, 0
    letters = {c: f"{c}|{codelists()['country'].codes[c].attributes['iso3']}" for c in sorted(countries)}
    own = f"^({letters.pop(contract.place)})-"
    others = f"^({'|'.join(letters.values())})-"
    mine = theirs = 0
    for fact in (facts()[name] for name in slot.facts):
        if fact.columns[fact.key[0]].type == "ref":
            counted = con.execute(
                f"SELECT count(*) FILTER (regexp_matches({fact.key[0]}, {literal(own)})), "
                f"count(*) FILTER (regexp_matches({fact.key[0]}, {literal(others)})) FROM stage_{fact.name}"
            ).fetchall()[0]
            mine, theirs = mine + counted[0], theirs + counted[1]
    return mine, theirs
