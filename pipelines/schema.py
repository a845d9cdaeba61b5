"""The tables of the warehouse and the views over them: their DDL, generated from the declaration of the facts."""

from __future__ import annotations

import hashlib

from indicators.facts import PROVENANCE, Fact, facts

# One line for each accepted file. `entry` orders the ledger, never the clock; two equal files
# (a directory that did not change) are two lines with one submission.
LEDGER = {
    "entry": "BIGINT",
    "submission": "VARCHAR",
    "office": "VARCHAR",
    "place": "VARCHAR",
    "slot": "VARCHAR",
    "exports": "VARCHAR[]",
    "period": "VARCHAR",
    "file_name": "VARCHAR",
    "bytes": "BIGINT",
    "contract_digest": "VARCHAR",
    "rules_digest": "VARCHAR",
    "rows_accepted": "BIGINT",
    "rows_quarantined": "BIGINT",
    "reason": "VARCHAR",
    "received_at": "TIMESTAMP",
}

# One line for each try at a file, accepted (then with its entry of the ledger) or refused. The counts compare
# its findings with those of the try before: put right, still there, new.
ATTEMPTS = {
    "attempt": "BIGINT",
    "office": "VARCHAR",
    "place": "VARCHAR",
    "slot": "VARCHAR",
    "exports": "VARCHAR[]",
    "period": "VARCHAR",
    "file_name": "VARCHAR",
    "submission": "VARCHAR",
    "contract_digest": "VARCHAR",
    "rules_digest": "VARCHAR",
    "status": "VARCHAR",
    "entry": "BIGINT",
    "fixed": "BIGINT",
    "remaining": "BIGINT",
    "fresh": "BIGINT",
    "received_at": "TIMESTAMP",
}

# What was said about each try: names, numbers and messages, never the value of a cell. Which rows were held
# back is kept of accepted files alone.
ABOUT_FILES = {
    "findings": {
        "attempt": "BIGINT",
        "entry": "BIGINT",
        "submission": "VARCHAR",
        "finding": "VARCHAR",
        "file": "VARCHAR",
        "sheet": "VARCHAR",
        "row_number": "BIGINT",
        "column_number": "BIGINT",
        "field": "VARCHAR",
        "rule": "VARCHAR",
        "severity": "VARCHAR",
        "message_en": "VARCHAR",
        "message_ru": "VARCHAR",
        "count": "BIGINT",
    },
    "quarantine": {
        "entry": "BIGINT",
        "submission": "VARCHAR",
        "fact": "VARCHAR",
        "sheet": "VARCHAR",
        "row_number": "BIGINT",
        "rule": "VARCHAR",
    },
    # The lines of an accepted file whose number runs on since January: what was sent, and which line it is.
    "running": {
        "entry": "BIGINT",
        "submission": "VARCHAR",
        "fact": "VARCHAR",
        "field": "VARCHAR",
        "sheet": "VARCHAR",
        "row_number": "BIGINT",
        "line": "VARCHAR",
        "number": "BIGINT",
    },
    "checks": {
        "attempt": "BIGINT",
        "entry": "BIGINT",
        "submission": "VARCHAR",
        "office": "VARCHAR",
        "period": "VARCHAR",
        "fact": "VARCHAR",
        "rule": "VARCHAR",
        "severity": "VARCHAR",
        "message_en": "VARCHAR",
        "message_ru": "VARCHAR",
        "rows_checked": "BIGINT",
        "rows_failed": "BIGINT",
    },
}


def table_columns(fact: Fact) -> dict[str, str]:
    """Column -> DuckDB type of a stored fact: the ledger's entry, provenance, then the fact's own."""
    own = {name: column.sql_type for name, column in fact.columns.items()}
    return {"entry": "BIGINT", **PROVENANCE, **own}


def tables() -> dict[str, dict[str, str]]:
    """Every table of the warehouse that holds something about files: column -> DuckDB type, in the declared order."""
    stored = {fact.name: table_columns(fact) for fact in facts().values()}
    return {"ledger": LEDGER, "attempts": ATTEMPTS, **ABOUT_FILES, **stored}


def table_ddl(name: str, columns: dict[str, str]) -> str:
    """The statement that makes a table."""
    return f"CREATE TABLE {name} ({_declared(columns)})"


def views() -> list[str]:
    """The statements that make the views. They hold nothing, so that they may be made anew at any time."""
    return [_submissions(), _since_the_quarter_before(), *(_in_force(fact) for fact in facts().values())]


def views_hash() -> str:
    """A hash of the views: when it changes, a store makes them anew."""
    return hashlib.sha256("\n".join(views()).encode()).hexdigest()


def _declared(columns: dict[str, str]) -> str:
    return ", ".join(f"{name} {sql_type}" for name, sql_type in columns.items())


def _submissions() -> str:
    """The ledger read: which file is in force for each office, slot and period, and what replaced the others."""
    return """CREATE VIEW submissions AS
WITH replaced AS (
  SELECT *, lead(entry) OVER (PARTITION BY office, slot, period ORDER BY entry) AS superseded_by FROM ledger
)
SELECT *, CASE WHEN superseded_by IS NULL THEN 'accepted' ELSE 'superseded' END AS status FROM replaced"""


def _since_the_quarter_before() -> str:
    """What each running total in force comes to in its own quarter, computed from what was sent whenever it is read.

    So a corrected earlier quarter changes it at once. It is empty, and the figure unknown, where the
    quarter before gives no number for the line and an earlier one did or held rows back, or where the
    total falls: rows that are to be judged again.
    """
    return """CREATE VIEW running_since AS
WITH sent AS (
  SELECT running.*, s.office, s.slot, left(s.period, 4) AS year, TRY_CAST(right(s.period, 1) AS INTEGER) AS quarter
  FROM running JOIN submissions AS s ON running.entry = s.entry WHERE s.status = 'accepted'
), held_back AS (
  SELECT s.office, s.slot, q.fact, left(s.period, 4) AS year, min(TRY_CAST(right(s.period, 1) AS INTEGER)) AS quarter
  FROM quarantine AS q JOIN submissions AS s ON q.entry = s.entry WHERE s.status = 'accepted' GROUP BY ALL
), after AS (
  SELECT *, lag(quarter) OVER line_by_line AS earlier, lag(number) OVER line_by_line AS earlier_number FROM sent
  WINDOW line_by_line AS (PARTITION BY office, slot, fact, field, year, line ORDER BY quarter)
)
SELECT after.entry, after.fact, after.field, after.sheet, after.row_number,
  CASE WHEN after.earlier IS NULL AND (held_back.quarter IS NULL OR held_back.quarter >= after.quarter) THEN number
    WHEN after.earlier = after.quarter - 1 AND number >= earlier_number THEN number - earlier_number END AS since
FROM after LEFT JOIN held_back USING (office, slot, fact, year)"""


def _in_force(fact: Fact) -> str:
    """The rows that count; a running total counts as what it comes to in its quarter."""
    measures = [column.name for column in fact.columns.values() if column.measure]
    columns = ", ".join(
        f"CASE WHEN of_{name}.entry IS NULL THEN own.{name} ELSE of_{name}.since END AS {name}"
        if name in measures
        else f"own.{name}"
        for name in (*PROVENANCE, *fact.columns)
    )
    joined = "".join(
        f"\nLEFT JOIN running_since AS of_{name} ON of_{name}.fact = '{fact.name}' AND of_{name}.field = '{name}' "
        f"AND of_{name}.entry = own.entry AND of_{name}.row_number = own.row_number "
        f"AND of_{name}.sheet IS NOT DISTINCT FROM own.sheet"
        for name in measures
    )
    return f"""CREATE VIEW in_force_{fact.name} AS
SELECT {columns}, submissions.period AS snapshot
FROM {fact.name} AS own JOIN submissions ON own.entry = submissions.entry{joined}
WHERE submissions.status = 'accepted'"""
