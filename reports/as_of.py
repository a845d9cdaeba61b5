"""An edition as of an earlier quarter: what a report of that quarter may show, and nothing later."""

from __future__ import annotations

from dataclasses import replace

from indicators.calendars import Quarter
from reports.edition import Edition
from reports.iptt_blocks import reporting_quarter

# Tables whose rows belong to a quarter.
_OF_A_QUARTER = (
    "figures", "periods", "completeness", "inputs", "checks", "service_coverage", "training_events", "restatements",
)  # fmt: skip


def as_of(edition: Edition, quarter: Quarter) -> Edition:
    """The same edition, reporting on an earlier quarter: its figures, files, checks and restatements up to then.

    Figures are those of the edition, with everything that was corrected since. Targets stay, also of later
    quarters: they were promised then. The caller closes the connection of its own.
    """
    if quarter == reporting_quarter(edition):
        return edition
    connection = edition.connection.cursor()
    name = edition.rows("SELECT current_database() AS name")[0]["name"]
    # A temporary view stands before the table of its name, and leaves the file as it is.
    for table in sorted(edition.tables().intersection(_OF_A_QUARTER)):
        connection.execute(f"CREATE TEMP VIEW {table} AS FROM {name}.main.{table} WHERE period <= '{quarter}'")
    connection.execute(
        f"CREATE TEMP VIEW edition AS SELECT * REPLACE ('{quarter}' AS period,"
        f" least(data_until, DATE '{quarter.end}') AS data_until) FROM {name}.main.edition"
    )
    return replace(edition, connection=connection, has_views=True)
