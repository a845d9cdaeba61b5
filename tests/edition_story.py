"""A small store whose quarter is published again and again, each time for another cause. Not real data.

One office, a few files and four indicators, so that an edition is made in about a second.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from indicators.definitions import Definition, definitions
from pipelines.contracts import contracts
from pipelines.cycle import take_in_files
from pipelines.demo import sample_records
from pipelines.handed_over import of_tables
from pipelines.identity import store_key
from pipelines.inputs import of_programme
from pipelines.publish import Published, publish
from pipelines.reasons import Reason, reason
from pipelines.render import render
from pipelines.warehouse import open_warehouse
from reports.donors import profiles
from reports.edition import open_edition

KAZ = contracts()["kaz"]
RECORDS = sample_records()
CATALOGUE: Mapping[str, Definition] = {code: definitions()[code] for code in ("P01", "P03", "H01", "Q03")}
# P01 as if somebody had decided to count something else.
REDEFINED = {**CATALOGUE, "P01": replace(definitions()["P02"], code="P01")}
REASON = reason("office_correction", "Three cases were listed twice.", date(2011, 1, 31))
LAST = "2010-Q4"


class Story:
    """A store below a folder, and what can happen to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.curated = folder / "curated"

    def send(self, slot: str, period: str = LAST, without: int = 0) -> None:
        """The office sends a file of the sample, without its first rows."""
        (fact,) = KAZ.slots[slot].facts
        path = self.folder / "kaz" / KAZ.slots[slot].file_name(period)
        path.parent.mkdir(exist_ok=True, parents=True)
        rows: dict[str, list[dict[str, Any]]] = {fact: RECORDS["kaz", period][fact][without:]}
        path.write_bytes(render(KAZ, KAZ.slots[slot], period, rows))
        (receipt,) = take_in_files([path], self.curated)
        assert receipt.status == "accepted", receipt

    def publish(
        self,
        *why: Reason,
        catalogue: Mapping[str, Definition] = CATALOGUE,
        threshold: int | None = None,
        period: str | None = None,
    ) -> Published:
        """Publish the quarter; with another threshold the policy is another one."""
        with open_warehouse(self.curated) as con:
            inputs = of_programme(con, contracts(), period, key=store_key(self.curated))
            if threshold:
                policy = replace(inputs.policy, threshold=threshold, digest=f"threshold {threshold}")
                inputs = replace(inputs, policy=policy)
            return publish(con, self.curated, inputs, catalogue, reasons=why)

    def hand_over(self, published: Published) -> None:
        """A donor's tables are written from an edition."""
        edition = open_edition(published.folder)
        of_tables(edition, profiles()["usaid"]).write(self.curated)
        edition.connection.close()


def rows_of(published: Published, sql: str = "SELECT * FROM restatements") -> list[dict[str, Any]]:
    """Rows of a query over an edition."""
    edition = open_edition(published.folder)
    try:
        return edition.rows(sql)
    finally:
        edition.connection.close()
