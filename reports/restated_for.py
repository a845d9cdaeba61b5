"""The restatements that concern a donor: of the figures its tables hold, and those it has not been told of yet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from indicators.calendars import QUARTER
from reports import format as form
from reports.donor_figures import TOTAL, Figure, selected
from reports.donors import DonorProfile
from reports.edition import MANIFEST_NAME, SHOWN, Edition, manifest
from reports.iptt_blocks import life_of
from reports.restated import restated

Row = dict[str, Any]


def restated_for(edition: Edition, donor: DonorProfile) -> list[Row]:
    """The restatements of figures that the donor's tables hold, those of the newest edition first, wholes first."""
    shown: dict[str, set[str]] = {}
    for table in donor.tables:
        for one in selected(edition, donor, table):
            shown.setdefault(one["indicator"], {TOTAL}).update(table.breakdowns)
    about = {row["indicator"]: row for row in edition.rows("SELECT * FROM indicators")}
    calendars = (QUARTER, donor.year, life_of(edition, donor))
    rows = restated(edition)
    editions = list(dict.fromkeys(row["edition_id"] for row in rows))
    mine = [
        {**about[row["indicator"]], **row}
        for row in rows
        if row["breakdown"] in shown.get(row["indicator"], ()) and row["calendar"] in calendars
    ]
    return sorted(mine, key=lambda row: (-editions.index(row["edition_id"]), row["breakdown"] != TOTAL))


def not_told_yet(edition: Edition, donor: DonorProfile) -> list[Row]:
    """Those of figures that the donor has been given, since the last edition of which it has files.

    Which that is, the manifests of this edition and of those it follows say. Where they do not reach so far back, every
    one is told: once too often is better than never.
    """
    told = _told(edition, donor)
    return [
        row
        for row in restated_for(edition, donor)
        if donor.code in (row["reported_to"] or ()) and row["edition_id"] not in told
    ]


def side(row: Row, name: str) -> Figure:
    """What one of the two editions (`old`, `new`) said: its number where it showed one, else its status alone."""
    status, value = row[f"{name}_status"], row[f"{name}_value"]
    if status != SHOWN or value is None:
        return Figure(None, status, False)
    return Figure(form.exact(value, row[f"{name}_numerator"], row[f"{name}_denominator"]), status, False)


def _told(edition: Edition, donor: DonorProfile) -> set[str]:
    """The last edition of which the donor has files and those before it, as far as they are known."""
    said = manifest(edition.path.parent)
    given = {edition_id for edition_id, code, _ in said.get("reported", ()) if code == donor.code}
    past = list(_past(edition))
    last = next((number for number, edition_id in enumerate(past) if edition_id in given), len(past))
    return set(past[last:])


def _past(edition: Edition) -> Iterator[str]:
    """The editions that an edition follows, the newest first, as far as their manifests are there."""
    editions, said = edition.path.parent.parent, manifest(edition.path.parent)
    while said.get("follows"):
        edition_id = said["follows"]["edition"]
        yield edition_id
        folder = editions / edition_id
        said = manifest(folder) if (folder / MANIFEST_NAME).exists() else {}
