"""What an edition says beside its figures: coverage by service, events held, submissions, broken rules.

Asked like `dashboards.data`: read-only, of the edition as its reader may see it. None of these tables is about a case.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from dashboards.data import Published, Row

# An edition of an earlier version, or one whose policy protects organisations, lacks a table.
_EVENTS, _COVERAGE = "training_events", "service_coverage"


def has_coverage(published: Published) -> bool:
    """Whether the edition says which services there are at all."""
    return _COVERAGE in published.edition.tables()


def coverage(published: Published, period: str) -> dict[str, dict[str, dict[str, int]]]:
    """Place, region, service -> members that offer it there; a place without a directory is not in it."""
    if not has_coverage(published):
        return {}
    rows = published.edition.rows(
        "SELECT c.place, c.region, c.service, c.members FROM service_coverage c"
        " LEFT JOIN labels p ON p.list = 'place' AND p.code = c.place"
        " LEFT JOIN labels r ON r.list = 'region' AND r.code = c.region"
        " LEFT JOIN labels s ON s.list = 'assistance_type' AND s.code = c.service"
        " WHERE c.period = ? ORDER BY p.position NULLS LAST, r.position NULLS LAST, c.region,"
        " s.position NULLS LAST, c.service",
        [period],
    )
    found: dict[str, dict[str, dict[str, int]]] = {}
    for row in rows:
        found.setdefault(row["place"], {}).setdefault(row["region"], {})[row["service"]] = row["members"]
    return found


def events(published: Published, start: date | None, end: date | None, places: list[str]) -> list[Row]:
    """Training events of some places whose last day lies in a window, by place and day."""
    if _EVENTS not in published.edition.tables():
        return []
    return published.edition.rows(
        "SELECT e.* FROM training_events e LEFT JOIN labels l ON l.list = 'place' AND l.code = e.place"
        " WHERE list_contains(?, e.place) AND e.end_on >= COALESCE(?, e.end_on) AND e.end_on <= COALESCE(?, e.end_on)"
        " ORDER BY l.position NULLS LAST, e.place, e.end_on, e.event",
        [places, start, end],
    )


def submissions(published: Published, period: str) -> list[Row]:
    """Every export that an office owes for a quarter: status, day due, first whole, last received."""
    rows = published.edition.rows("SELECT * FROM completeness WHERE period = ? ORDER BY office, export", [period])
    days = ("due_on", "first_on", "received_on")  # which an edition of an earlier version does not have
    return [{**dict.fromkeys(days), **row} for row in rows]


def broken_rules(published: Published, period: str) -> list[Row]:
    """The rules that some row of a quarter broke, with the offices whose rows did: the gravest first."""
    return published.edition.rows(
        "SELECT rule, fact, severity, any_value(message_en) AS message_en, any_value(message_ru) AS message_ru,"
        " list(DISTINCT office ORDER BY office) AS offices FROM checks WHERE period = ? AND has_failed"
        " GROUP BY rule, fact, severity"
        " ORDER BY list_position(['refuse', 'quarantine', 'warn'], severity), fact, rule",
        [period],
    )


def counts_of_rules(published: Published, period: str) -> Mapping[str, int]:
    """How many rules were checked for a quarter, and how many of them some office's rows broke."""
    (row,) = published.edition.rows(
        "SELECT COUNT(DISTINCT (fact, rule)) AS checked,"
        " COUNT(DISTINCT (fact, rule)) FILTER (WHERE has_failed) AS broken FROM checks WHERE period = ?",
        [period],
    )
    return row
