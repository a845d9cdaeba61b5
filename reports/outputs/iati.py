"""IATI 2.03: an activity with its results for each project of the donor.

An activity of IATI is a project, so a donor without one has no file of this form.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from reports.donor_figures import donor_projects
from reports.edition import REGION
from reports.handed import Row
from reports.iati_words import element, narrated, said, settings
from reports.report import NothingToHandOver, Output, Report

VERSION = "2.03"
IMPLEMENTATION, FINALISATION = "2", "3"  # ActivityStatus
START, END_PLANNED, END_ACTUAL = "2", "3", "4"  # ActivityDateType
FUNDING, IMPLEMENTING = "1", "4"  # OrganisationRole


def write(report: Report, language: str) -> bytes:
    """The file, with narratives in both languages. Raises NothingToHandOver for a donor without a project."""
    from lxml import etree

    if reason := lacks(report):
        raise NothingToHandOver(reason)
    root = etree.Element("iati-activities", version=VERSION)
    root.set("generated-datetime", _made_at(report).isoformat() + "Z")
    for project in _begun(report):
        _activity(root, report, project)
    etree.indent(root)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def lacks(report: Report) -> str:
    """Why there is no file: the donor has no project; empty where it has one."""
    if _begun(report):
        return ""
    return (
        f"{report.donor.code} has no project in edition {report.edition.edition_id}, and IATI tells results of "
        "projects only; add one to indicators/projects"
    )


def _begun(report: Report) -> list[Row]:
    return [
        project for project in donor_projects(report.edition, report.donor) if project["start_on"] <= report.quarter.end
    ]


def _made_at(report: Report) -> datetime:
    """The day of the data: the same edition gives the same bytes, whenever it is written."""
    until: date = report.edition.about()["data_until"] or report.quarter.end
    return datetime.combine(until, time())


def _activity(root: Any, report: Report, project: Row) -> None:
    """Its elements in the order of the schema."""
    from reports.iati_results import results

    publisher = settings()["reporting_org"]
    activity = element(root, "iati-activity", default_currency="USD", hierarchy="1")
    activity.set("last-updated-datetime", _made_at(report).isoformat() + "Z")
    activity.set("{http://www.w3.org/XML/1998/namespace}lang", "en")
    element(activity, "iati-identifier").text = f"{publisher['ref']}-{project['project']}"
    narrated(activity, "reporting-org", publisher["name"], ref=publisher["ref"], type=publisher["type"])
    narrated(activity, "title", {"en": project["title_en"], "ru": project["title_ru"]})
    about = said("description", edition=report.edition.edition_id, period=report.period)
    narrated(activity, "description", about, type="1")
    _organisations(activity, report, project)
    is_over = project["end_on"] <= report.quarter.end
    element(activity, "activity-status", code=FINALISATION if is_over else IMPLEMENTATION)
    element(activity, "activity-date", type=START, iso_date=project["start_on"].isoformat())
    element(activity, "activity-date", type=END_PLANNED, iso_date=project["end_on"].isoformat())
    if is_over:
        element(activity, "activity-date", type=END_ACTUAL, iso_date=project["end_on"].isoformat())
    element(activity, "recipient-region", **settings()["region"])
    _locations(activity, report)
    element(activity, "sector", **settings()["sector"])
    results(activity, report, project)


def _organisations(activity: Any, report: Report, project: Row) -> None:
    """Who pays, and who carries the project out."""
    donor, publisher = report.donor, settings()["reporting_org"]
    known = {"ref": donor.iati.ref} if donor.iati.ref else {}
    narrated(activity, "participating-org", donor.name, **known, type=donor.iati.type, role=FUNDING)
    for other in project["donors"] or []:
        if other.casefold() != donor.donor.casefold():
            names = {language: report.handed.word(language, "donor", other) for language in donor.name}
            narrated(activity, "participating-org", names, type="10", role=FUNDING)
    who = {"ref": publisher["ref"], "type": publisher["type"]}
    narrated(activity, "participating-org", publisher["name"], **who, role=IMPLEMENTING)


def _locations(activity: Any, report: Report) -> None:
    """Every country that a result names, under its ISO code."""
    handed = report.handed
    named = {row["place"] for rows in (handed.figures, handed.targets, handed.baselines) for row in rows}
    for place in sorted(named - {REGION}):
        location = element(activity, "location", ref=place)
        element(location, "location-id", vocabulary=settings()["location"]["vocabulary"], code=place)
        names = {language: handed.word(language, "place", place) for language in ("en", "ru")}
        narrated(location, "name", names)


TITLE = {"en": "IATI 2.03 results", "ru": "Результаты в IATI 2.03"}
OUTPUT = Output(TITLE, "xml", False, write, lacks=lacks)
