"""What of an edition a reader may see: the whole, or one's own places with the region's totals.

A scoped edition is a connection of its own in which every table is a view that holds back the rows
of others. Whatever is asked of it, by whichever page and from whatever address, is answered from
those rows alone; docs/decisions/0016 says who sees what, and why.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import duckdb

from reports.edition import FILE_NAME, REGION, TABLES, Edition, NoEdition, open_edition

NOT_THE_WHOLE = "seen-in-part"
EVERYTHING = "true"
OWN = "place IN ({places})"
OWN_OR_REGION = f"(place IN ({{places}}) OR place = '{REGION}')"
# A breakdown of the region is for those who answer for the region.
OWN_OR_REGIONS_TOTAL = f"(place IN ({{places}}) OR (place = '{REGION}' AND breakdown = 'total'))"
OWN_OFFICES = "office IN (SELECT office FROM published.completeness WHERE place IN ({places}))"

# Which rows of a table the reader of some places sees. A table that is not named here does not exist for them.
ROWS = {
    "edition": EVERYTHING,
    "indicators": EVERYTHING,
    "labels": EVERYTHING,
    "periods": EVERYTHING,
    "projects": EVERYTHING,
    "results": EVERYTHING,
    "donor_shares": EVERYTHING,
    "policy": EVERYTHING,
    "certificate": EVERYTHING,
    "figures": OWN_OR_REGIONS_TOTAL,
    "restatements": OWN_OR_REGIONS_TOTAL,
    "protected_tables": OWN_OR_REGIONS_TOTAL,
    "targets": OWN_OR_REGION,
    "targets_to_date": OWN_OR_REGION,
    "target_changes": OWN_OR_REGION,
    "no_targets": OWN_OR_REGION,
    "baselines": OWN_OR_REGION,
    "service_coverage": OWN,
    "training_events": OWN,
    "completeness": OWN,
    "inputs": OWN_OFFICES,
    "checks": OWN_OFFICES,
}


@dataclass(frozen=True)
class Scope:
    """The places whose rows are seen, as ISO 3166-1 codes; None is the whole edition.

    Raises ValueError for what is no code, and for none at all.
    """

    places: frozenset[str] | None = None

    def __post_init__(self) -> None:
        if self.places is None:
            return
        wrong = sorted(place for place in self.places if not re.fullmatch("[A-Z]{2}", place))
        if wrong or not self.places or REGION in self.places:
            raise ValueError(
                f"places are ISO codes of countries such as KZ, at least one, not {', '.join(wrong) or 'the region'};"
                " the whole region is a scope without places"
            )

    @property
    def is_whole(self) -> bool:
        """Whether nothing is held back."""
        return self.places is None


WHOLE = Scope()


def open_scoped(folder: Path, scope: Scope, edition_id: str = "") -> Edition:
    """Open an edition folder as its reader may see it; the caller closes `connection`. Raises NoEdition.

    `edition_id` is for a folder that does not bear the id as its name.
    """
    if scope.places is None:
        return open_edition(folder, edition_id)
    file = folder / FILE_NAME
    if not file.exists():
        raise NoEdition(f"{folder}: holds no {FILE_NAME}; name a folder below data/curated/editions")
    connection = duckdb.connect(":memory:")
    quoted = str(file).replace("'", "''")
    connection.execute(f"ATTACH '{quoted}' AS published (READ_ONLY)")
    _narrow(connection, scope.places)
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    # Not the path of the file: whoever opened it again would see the whole.
    return Edition(folder / NOT_THE_WHOLE, edition_id or folder.name, connection)


def _narrow(connection: duckdb.DuckDBPyConnection, places: frozenset[str]) -> None:
    """Put a view before every table that the edition has; an earlier version of the format may lack some."""
    # The codes were checked when the scope was made: two capital letters each.
    listed = ", ".join(f"'{place}'" for place in sorted(places))
    found = connection.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = 'published'").fetchall()
    for table in sorted({name for (name,) in found} & set(TABLES)):
        rows = ROWS.get(table, "false").format(places=listed)
        connection.execute(f"CREATE VIEW {table} AS SELECT * FROM published.{table} WHERE {rows}")
