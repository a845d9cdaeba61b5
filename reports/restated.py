"""The restatements that an edition tells: its own and those of all editions before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reports.edition import Edition

TABLE = "restatements"
ABSENT = "absent"  # a status of these rows alone: that edition had no such figure

# What stands in a row: the edition that says otherwise and the one that said it last, the figure, what was published
# of it then and now, and why. Numbers only where a side is shown.
COLUMNS = {
    "edition_id": "VARCHAR",
    "previous_edition": "VARCHAR",
    "indicator": "VARCHAR",
    "calendar": "VARCHAR",
    "period": "VARCHAR",
    "place": "VARCHAR",
    "breakdown": "VARCHAR",
    "category": "VARCHAR",
    "old_value": "DECIMAL(18, 6)",
    "old_numerator": "DECIMAL(18, 2)",
    "old_denominator": "DECIMAL(18, 2)",
    "old_status": "VARCHAR",
    "new_value": "DECIMAL(18, 6)",
    "new_numerator": "DECIMAL(18, 2)",
    "new_denominator": "DECIMAL(18, 2)",
    "new_status": "VARCHAR",
    "cause": "VARCHAR",
    "other_causes": "VARCHAR[]",
    "submissions": "VARCHAR[]",
    "reported_to": "VARCHAR[]",
    "officer_reason": "VARCHAR",
    "officer_note": "VARCHAR",
}


def restated(edition: Edition) -> list[dict[str, Any]]:
    """Every restatement, oldest edition first; none where the edition was published by a version without them."""
    here = edition.rows("SELECT 1 FROM duckdb_tables() WHERE table_name = ?", [TABLE])
    return edition.rows(f"SELECT * FROM {TABLE}") if here else []
