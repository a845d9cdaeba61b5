"""The edition: a frozen, protected set of figures, and the only thing reports and pages read.

The tables below are a public format (docs/edition.md). The publisher creates them from this
declaration; readers open the file read-only and never write.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from reports.restated import COLUMNS as RESTATEMENTS

FILE_NAME = "edition.duckdb"
MANIFEST_NAME = "manifest.json"
POINTER_NAME = "CURRENT"
REGION = "CA"

# What a figure may say instead of a number. Only `shown` has a value.
SHOWN = "shown"
SUPPRESSED = "suppressed"  # the number, or one that gives it away, is too small to publish
NOT_REPORTED = "not_reported"  # no office of the place has reported
UNKNOWN = "unknown"  # reported, but the number was not recorded
UNDEFINED = "undefined"  # a share of nothing
STATUSES = (SHOWN, SUPPRESSED, NOT_REPORTED, UNKNOWN, UNDEFINED)

# No table says how many rows a file had or broke a rule: an office's number of case rows gives away
# the counts that are hidden.
TABLES: dict[str, dict[str, str]] = {
    "edition": {
        "edition_id": "VARCHAR",
        "source": "VARCHAR",
        "period": "VARCHAR",
        "data_until": "DATE",
        "code_version": "VARCHAR",
        "duckdb_version": "VARCHAR",
        "follows": "VARCHAR",
        "definitions_hash": "VARCHAR",
        "policy_hash": "VARCHAR",
        "figures_hash": "VARCHAR",
    },
    "figures": {
        "indicator": "VARCHAR",
        "calendar": "VARCHAR",
        "period": "VARCHAR",
        "place": "VARCHAR",
        "breakdown": "VARCHAR",
        "category": "VARCHAR",
        "value": "DECIMAL(18, 6)",
        "numerator": "DECIMAL(18, 2)",
        "denominator": "DECIMAL(18, 2)",
        "status": "VARCHAR",
        "reason": "VARCHAR",
        "offices_expected": "INTEGER",
        "offices_reported": "INTEGER",
        "target": "DECIMAL(18, 6)",
    },
    "indicators": {
        "indicator": "VARCHAR",
        "family": "VARCHAR",
        "title_en": "VARCHAR",
        "title_ru": "VARCHAR",
        "unit": "VARCHAR",
        "direction": "VARCHAR",
        "definition_en": "VARCHAR",
        "definition_ru": "VARCHAR",
        "why": "VARCHAR",
        "why_ru": "VARCHAR",
        "numerator": "VARCHAR",
        "denominator": "VARCHAR",
        "breakdowns": "VARCHAR[]",
        "adds_up": "VARCHAR[]",
        "rule_time": "VARCHAR",
        "rule_place": "VARCHAR",
        "donor_codes": "JSON",
        "reviewed_on": "DATE",
        "definition_hash": "VARCHAR",
    },
    "labels": {"list": "VARCHAR", "code": "VARCHAR", "position": "INTEGER", "en": "VARCHAR", "ru": "VARCHAR"},
    "periods": {
        "calendar": "VARCHAR",
        "period": "VARCHAR",
        "start_on": "DATE",
        "end_on": "DATE",
        "label_en": "VARCHAR",
        "label_ru": "VARCHAR",
    },
    "projects": {
        "project": "VARCHAR",
        "title_en": "VARCHAR",
        "title_ru": "VARCHAR",
        "donors": "VARCHAR[]",
        "start_on": "DATE",
        "end_on": "DATE",
        "note": "VARCHAR",
    },
    "targets": {
        "project": "VARCHAR",
        "indicator": "VARCHAR",
        "calendar": "VARCHAR",
        "period": "VARCHAR",
        "place": "VARCHAR",
        "baseline": "DECIMAL(18, 6)",
        "target": "DECIMAL(18, 6)",
        "note": "VARCHAR",
    },
    "targets_to_date": {
        "project": "VARCHAR",
        "indicator": "VARCHAR",
        "calendar": "VARCHAR",
        "period": "VARCHAR",
        "place": "VARCHAR",
        "target": "DECIMAL(18, 6)",
        "whole": "DECIMAL(18, 6)",
        "whole_period": "VARCHAR",
    },
    "target_changes": {
        "project": "VARCHAR",
        "changed_on": "DATE",
        "indicator": "VARCHAR",
        "calendar": "VARCHAR",
        "period": "VARCHAR",
        "place": "VARCHAR",
        "before": "DECIMAL(18, 6)",
        "after": "DECIMAL(18, 6)",
        "reason_en": "VARCHAR",
        "reason_ru": "VARCHAR",
        "decided_by": "VARCHAR",
    },
    "no_targets": {
        "project": "VARCHAR",
        "indicator": "VARCHAR",
        "calendar": "VARCHAR",
        "period": "VARCHAR",
        "place": "VARCHAR",
        "reason_en": "VARCHAR",
        "reason_ru": "VARCHAR",
    },
    "baselines": {
        "project": "VARCHAR",
        "indicator": "VARCHAR",
        "place": "VARCHAR",
        "baseline": "DECIMAL(18, 6)",
        "measured_on": "DATE",
        "not_applicable_en": "VARCHAR",
        "not_applicable_ru": "VARCHAR",
        "note": "VARCHAR",
    },
    "donor_shares": {
        "project": "VARCHAR",
        "donor": "VARCHAR",
        "share": "DECIMAL(18, 6)",
        "from_on": "DATE",
        "until_on": "DATE",
    },
    "results": {
        "project": "VARCHAR",
        "result": "VARCHAR",
        "position": "INTEGER",
        "level": "VARCHAR",
        "parent": "VARCHAR",
        "title_en": "VARCHAR",
        "title_ru": "VARCHAR",
        "indicators": "VARCHAR[]",
    },
    "restatements": RESTATEMENTS,
    "service_coverage": {
        "period": "VARCHAR",
        "place": "VARCHAR",
        "region": "VARCHAR",
        "service": "VARCHAR",
        "members": "INTEGER",
    },
    "training_events": {
        "event": "VARCHAR",
        "place": "VARCHAR",
        "period": "VARCHAR",
        "event_type": "VARCHAR",
        "topics": "VARCHAR[]",
        "start_on": "DATE",
        "end_on": "DATE",
        "event_status": "VARCHAR",
        "region": "VARCHAR",
        "days": "INTEGER",
        "hours": "DECIMAL(18, 2)",
        "donors": "VARCHAR[]",
        "cost": "DECIMAL(18, 2)",
    },
    "completeness": {
        "office": "VARCHAR",
        "place": "VARCHAR",
        "export": "VARCHAR",
        "period": "VARCHAR",
        "status": "VARCHAR",
        "due_on": "DATE",
        "first_on": "DATE",
        "received_on": "DATE",
    },
    "inputs": {
        "submission": "VARCHAR",
        "office": "VARCHAR",
        "slot": "VARCHAR",
        "period": "VARCHAR",
        "file_name": "VARCHAR",
        "has_rows_held_back": "BOOLEAN",
        "contract_hash": "VARCHAR",
    },
    "checks": {
        "office": "VARCHAR",
        "period": "VARCHAR",
        "fact": "VARCHAR",
        "rule": "VARCHAR",
        "severity": "VARCHAR",
        "message_en": "VARCHAR",
        "message_ru": "VARCHAR",
        "has_failed": "BOOLEAN",
    },
    "policy": {"key": "VARCHAR", "value": "VARCHAR", "meaning_en": "VARCHAR", "meaning_ru": "VARCHAR"},
    "certificate": {"key": "VARCHAR", "value": "VARCHAR"},
    "protected_tables": {
        "indicator": "VARCHAR",
        "calendar": "VARCHAR",
        "period": "VARCHAR",
        "place": "VARCHAR",
        "breakdown": "VARCHAR",
        "figures": "INTEGER",
        "figures_hidden": "INTEGER",
        "smallest_interval": "INTEGER",
    },
}


class NoEdition(FileNotFoundError):
    """There is no published edition to read; the message says how to make one."""


@dataclass(frozen=True)
class Edition:
    """One published edition, opened read-only."""

    path: Path
    edition_id: str
    connection: duckdb.DuckDBPyConnection
    has_views: bool = False  # temporary views, which belong to this connection and not to others over the file

    def rows(self, sql: str, parameters: Iterable[Any] = ()) -> list[dict[str, Any]]:
        """Rows of a query over the edition's tables, as dictionaries. Values are bound, never formatted in."""
        cursor = self.connection if self.has_views else self.connection.cursor()
        cursor.execute(sql, list(parameters))
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def tables(self) -> set[str]:
        """The tables it has: one that was published by an earlier version may lack some."""
        return {row["table_name"] for row in self.rows("SELECT DISTINCT table_name FROM duckdb_tables()")}

    def about(self) -> dict[str, Any]:
        """The one row that says what this edition is."""
        return self.rows("SELECT * FROM edition")[0]

    def labels(self, language: str) -> dict[tuple[str, str], str]:
        """Words by (list, code): categories, places, donors, families, units."""
        return {(row["list"], row["code"]): row[language] for row in self.rows("SELECT * FROM labels")}


def current_path(editions: Path) -> Path:
    """Folder of the current edition. Raises NoEdition when nothing was published there."""
    pointer = editions / POINTER_NAME
    if not pointer.exists():
        raise NoEdition(f"{editions}: no edition has been published here; run `make run` or `esep run` first")
    return editions / pointer.read_text(encoding="utf-8").strip()


def open_edition(folder: Path, edition_id: str = "") -> Edition:
    """Open an edition folder read-only; the caller closes `connection`. Raises NoEdition if it is not one.

    `edition_id` is for a folder that does not bear the id as its name.
    """
    file = folder / FILE_NAME
    if not file.exists():
        raise NoEdition(f"{folder}: holds no {FILE_NAME}; name a folder below data/curated/editions")
    connection = duckdb.connect(str(file), read_only=True)
    return Edition(file, edition_id or folder.name, connection)


def open_current(editions: Path) -> Edition:
    """Open the edition that CURRENT names. Raises NoEdition."""
    return open_edition(current_path(editions))


def manifest(folder: Path) -> dict[str, Any]:
    """The manifest of an edition folder: file hashes, inputs, versions."""
    loaded: dict[str, Any] = json.loads((folder / MANIFEST_NAME).read_text(encoding="utf-8"))
    return loaded
