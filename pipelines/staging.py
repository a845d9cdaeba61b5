"""What the rules of one file may ask: the file's own rows, those that count already, and what is held back.

Everything here is temporary and belongs to the connection; nothing of it is in the warehouse.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from duckdb import DuckDBPyConnection

from indicators.calendars import Quarter
from indicators.facts import Fact, codelists, facts
from pipelines.bulk import insert
from pipelines.findings import Finding
from pipelines.rules import DIRECTORY, Rule

# Facts that rules of other facts ask about, in the order in which their rows must be judged.
ASKED_FIRST = ("organisations", "hotlines", "cases", "assistance", "training_events")

_ASKED = re.compile(r"FROM (known|sent|taken|before)_(\w+)")

# The files in force of the same slot for earlier quarters of the same year, and their rows held back.
_EARLIER = """SELECT s.entry, TRY_CAST(right(s.period, 1) AS INTEGER) AS known_quarter
FROM submissions AS s CROSS JOIN this_file AS this WHERE s.status = 'accepted' AND s.office = this.office
AND s.slot = this.slot AND left(s.period, 4) = left(this.period, 4) AND s.period < this.period"""
_HELD_EARLIER = "SELECT q.fact AS known_fact FROM quarantine AS q JOIN earlier_quarters AS e ON q.entry = e.entry"


@dataclass(frozen=True)
class ThisFile:
    """The file being taken in: what its rows are compared with."""

    office: str
    place: str
    slot: str
    period: str

    @property
    def days(self) -> tuple[date, date] | tuple[None, None]:
        """First and last day of the period; neither for a source that is not sent by the quarter."""
        try:
            quarter = Quarter.parse(self.period)
        except ValueError:
            return None, None
        return quarter.start, quarter.end


def in_order(names: Iterable[str]) -> list[str]:
    """Facts in the order in which they are judged: first those that other rules ask about."""
    return sorted(names, key=lambda name: ASKED_FIRST.index(name) if name in ASKED_FIRST else len(ASKED_FIRST))


def prepare(con: DuckDBPyConnection, file: ThisFile, staged: Sequence[str], rules: Sequence[Rule]) -> None:
    """Make everything that the rules of a file ask, for the staged facts (`stage_<fact>` exist)."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE this_file "
        "(office VARCHAR, place VARCHAR, slot VARCHAR, period VARCHAR, starts_on DATE, ends_on DATE)"
    )
    con.execute("INSERT INTO this_file VALUES (?, ?, ?, ?, ?, ?)", [*_named(file), *file.days])
    con.execute(
        "CREATE OR REPLACE TEMP TABLE held "
        "(fact VARCHAR, sheet VARCHAR, row_number BIGINT, rule VARCHAR, staged BIGINT)"
    )
    _declare_regions(con)
    con.execute(f"CREATE OR REPLACE TEMP VIEW earlier_quarters AS {_EARLIER}")
    con.execute(f"CREATE OR REPLACE TEMP VIEW held_earlier AS {_HELD_EARLIER}")
    asked = {pair for rule in rules for pair in _ASKED.findall(rule.predicate)}
    for kind, name in sorted(asked):
        con.execute(f"CREATE OR REPLACE TEMP VIEW {kind}_{name} AS {_view(kind, facts()[name], name in staged)}")


def _named(file: ThisFile) -> tuple[str, str, str, str]:
    return file.office, file.place, file.slot, file.period


def _declare_regions(con: DuckDBPyConnection) -> None:
    con.execute(
        "CREATE TEMP TABLE IF NOT EXISTS declared_regions "
        "(known_region VARCHAR, known_country VARCHAR, known_from DATE, known_to DATE)"
    )
    if con.execute("SELECT count(*) FROM declared_regions").fetchall() != [(0,)]:
        return
    units = [
        (code.code, code.attributes["country"], code.attributes.get("valid_from", date.min),
         code.attributes.get("valid_to", date.max))
        for code in codelists()["region"].codes.values() if "country" in code.attributes
    ]  # fmt: skip
    con.executemany("INSERT INTO declared_regions VALUES (?, ?, ?, ?)", units)


def _view(kind: str, fact: Fact, is_staged: bool) -> str:
    """Rows that count already and, but for `taken` and `before`, those of this file; columns are `known_<column>`."""
    if kind == "before":
        return _before(fact)
    parts = [_others(fact)]
    if is_staged and kind != "taken":
        parts.append(_staged(fact, without_held=kind == "known"))
    return " UNION ALL ".join(parts)


def _others(fact: Fact) -> str:
    """Rows in force of other files of the office; the directory is asked by every office."""
    columns = ", ".join(f"own.{name} AS known_{name}" for name in fact.columns)
    office = "" if fact.export == DIRECTORY else "AND s.office = this.office "
    return (
        f"SELECT {columns}, s.period AS known_snapshot FROM {fact.name} AS own "
        "JOIN submissions AS s ON own.entry = s.entry CROSS JOIN this_file AS this "
        f"WHERE s.status = 'accepted' {office}"
        "AND NOT (s.office = this.office AND s.slot = this.slot AND s.period = this.period)"
    )


def _before(fact: Fact) -> str:
    """Rows as they were sent in earlier quarters of the same year, with the quarter."""
    columns = ", ".join(f"own.{name} AS known_{name}" for name in fact.columns)
    return (
        f"SELECT {columns}, e.known_quarter FROM {fact.name} AS own JOIN earlier_quarters AS e ON own.entry = e.entry"
    )


def _staged(fact: Fact, without_held: bool) -> str:
    columns = ", ".join(f"own.{name} AS known_{name}" for name in fact.columns)
    tables = f"stage_{fact.name} AS own CROSS JOIN this_file AS this"
    selected = f"SELECT {columns}, this.period AS known_snapshot FROM {tables}"
    return f"{selected} WHERE NOT {is_held(fact.name)}" if without_held else selected


def is_held(fact_name: str) -> str:
    """SQL: whether the row `own` of a staged fact is held back."""
    return f"EXISTS (SELECT 1 FROM held WHERE held.fact = '{fact_name}' AND held.staged = own.rowid)"


# What was said of a cell that could not be read.
_UNREAD = {
    "unread_number": "BIGINT",
    "unread_rule": "VARCHAR",
    "unread_sheet": "VARCHAR",
    "unread_row": "BIGINT",
    "unread_field": "VARCHAR",
}


def hold_unreadable(con: DuckDBPyConnection, staged: Sequence[str], findings: Sequence[Finding]) -> None:
    """Hold back the rows with a cell that could not be read.

    A row of a sheet may hold rows of several facts, and several rows of one; those are meant whose
    field is empty, as an unread cell is. Where none is, every row made from that row of the sheet is. A row
    from which none was made (of totals, a footnote) is held back under the negative of its number: it is
    no row of data, and is not lost.
    """
    said = [
        (number, finding.rule, finding.sheet, finding.row, finding.field)
        for number, finding in enumerate(findings) if finding.severity == "quarantine" and finding.row is not None
    ]  # fmt: skip
    if not said:
        return
    # One statement for all: there may be a finding for each tenth row of a large file.
    con.execute(f"CREATE OR REPLACE TEMP TABLE unread ({', '.join(map(' '.join, _UNREAD.items()))})")
    insert(con, "unread", _UNREAD, said)
    fields = {finding[-1] for finding in said}
    emptied = [
        _rows_of_unread(name, f"unread_field = '{field}' AND {_is_empty(name, field)}")
        for name in staged for field in facts()[name].columns if field in fields
    ]  # fmt: skip
    rows = " UNION ALL ".join(emptied or [_rows_of_unread(staged[0], "false")])
    con.execute(f"CREATE OR REPLACE TEMP TABLE meant AS {rows}")
    others = [_rows_of_unread(name, "unread_number NOT IN (SELECT unread_number FROM meant)") for name in staged]
    for meant in ("FROM meant", *(f"FROM ({rows})" for rows in others)):
        con.execute(f"INSERT INTO held SELECT * EXCLUDE (unread_number) {meant}")
    made = " UNION ALL ".join(f"SELECT coalesce(sheet, '') AS sheet, row_number FROM stage_{name}" for name in staged)
    con.execute(
        f"INSERT INTO held SELECT '{staged[0]}', unread_sheet, unread_row, unread_rule, -unread_row FROM unread "
        f"WHERE NOT EXISTS (SELECT 1 FROM ({made}) WHERE sheet = unread_sheet AND row_number = unread_row)"
    )


def rows_without_data(con: DuckDBPyConnection) -> int:
    """How many of the rows held back are no rows of data."""
    counted = con.execute("SELECT count(*) FROM (SELECT DISTINCT sheet, row_number FROM held WHERE staged < 0)")
    return int(counted.fetchall()[0][0])


def _rows_of_unread(name: str, condition: str) -> str:
    """SQL for the staged rows that stem from a row of the sheet with an unread cell."""
    return (
        f"SELECT unread_number, '{name}' AS fact, sheet, row_number, unread_rule, own.rowid AS staged "
        f"FROM stage_{name} AS own JOIN unread ON coalesce(sheet, '') = unread_sheet AND row_number = unread_row "
        f"WHERE {condition}"
    )


def _is_empty(fact_name: str, column: str) -> str:
    return (
        f"(len({column}) = 0 OR {column} IS NULL)"
        if facts()[fact_name].columns[column].is_list
        else f"{column} IS NULL"
    )


def hold(con: DuckDBPyConnection, fact_name: str, rules: Sequence[Rule]) -> dict[str, int]:
    """Hold back the rows of a staged fact that break a quarantine rule; rows that break each rule, by its id."""
    counted = ", ".join(f"count(*) FILTER ({rule.predicate})" for rule in rules) or "0"
    numbers = con.execute(f"SELECT {counted} FROM stage_{fact_name}").fetchall()[0]
    broken = {rule.id: number for rule, number in zip(rules, numbers, strict=False)}
    for rule in rules:
        if rule.severity == "quarantine" and broken[rule.id]:
            con.execute(
                f"INSERT INTO held SELECT '{fact_name}', sheet, row_number, ?, rowid FROM stage_{fact_name} "
                f"WHERE {rule.predicate}",
                [rule.id],
            )
    return broken


def rows_breaking(con: DuckDBPyConnection, rule: Rule, most: int) -> list[tuple[str, int, int]]:
    """Sheet, row number and number of the group of the first staged rows that break a rule, in order."""
    return con.execute(
        f"SELECT sheet, row_number, instance FROM stage_{rule.fact} WHERE {rule.predicate} ORDER BY ALL LIMIT ?", [most]
    ).fetchall()
