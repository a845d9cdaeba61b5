"""Quarters between targets that have neither a target nor a reason: an office forgot, or a file was cut short."""

from __future__ import annotations

from indicators.calendars import QUARTER, Quarter, quarters_between
from reports.donor_figures import ReportError, donor_projects
from reports.donors import DonorProfile
from reports.edition import Edition

_SHOWN = 5


def check_targets(edition: Edition, donor: DonorProfile) -> None:
    """Raises ReportError when a quarter between two with targets has none and nobody said why.

    A table with a hole would look as if nothing had been promised.
    """
    projects = [project["project"] for project in donor_projects(edition, donor)]
    found = [gap for project in projects for gap in _gaps(edition, project)]
    if found:
        more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        raise ReportError(
            f"targets of {donor.code} have gaps: {'; '.join(found[:_SHOWN])}{more}. "
            "Add a target or a no_target with its reason to the file in indicators/projects, and publish again"
        )


def _gaps(edition: Edition, project: str) -> list[str]:
    promised: dict[tuple[str, str], set[Quarter]] = {}
    said: dict[tuple[str, str], set[Quarter]] = {}
    for table, known in (("targets", promised), ("no_targets", said)):
        for row in edition.rows(f"SELECT * FROM {table} WHERE project = ? AND calendar = ?", [project, QUARTER]):
            known.setdefault((row["indicator"], row["place"]), set()).add(Quarter.parse(row["period"]))
    return [
        f"{project} {indicator} {place} {quarter}"
        for (indicator, place), quarters in sorted(promised.items())
        for quarter in quarters_between(min(quarters), max(quarters))
        if quarter not in quarters | said.get((indicator, place), set())
    ]
