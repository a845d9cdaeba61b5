"""A report: one donor, one quarter, one edition; and the forms in which it is handed over, found by their folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

from indicators.calendars import Quarter
from reports.document import Document
from reports.donor_figures import ReportError
from reports.donor_periods import name_of
from reports.donors import DonorProfile
from reports.edition import Edition
from reports.handed import Handed, handed
from reports.narrative import OfficeText


class NothingToHandOver(ReportError):
    """This form has nothing to say in this report; the message says why. The other forms are not concerned."""


@dataclass(frozen=True)
class Report:
    """What is handed over: `edition` is the edition as of the quarter (`reports.as_of`), `texts` what offices wrote."""

    edition: Edition
    donor: DonorProfile
    quarter: Quarter
    texts: tuple[OfficeText, ...] = ()

    @property
    def period(self) -> str:
        """What the donor calls the quarter: `FY2011-Q1`, or `2010-Q4` where its year is the calendar year."""
        return name_of(self.quarter, self.donor)

    @cached_property
    def handed(self) -> Handed:
        """What it hands over to machines, gathered once for all forms."""
        return handed(self.edition, self.donor)

    @cached_property
    def narratives(self) -> Mapping[str, Document]:
        """The narrative report by language, made once for all forms. Raises NothingToHandOver without an outline."""
        from reports.report_parts import report_documents

        if reason := without_outline(self):
            raise NothingToHandOver(reason)
        return report_documents(self.edition, self.donor, self.texts)

    @property
    def stem(self) -> str:
        """How the names of all its files begin: donor, period, edition."""
        return f"{self.donor.code}_{self.period}_{self.edition.edition_id}"


def without_outline(report: Report) -> str:
    """Why the donor has no narrative report; empty where it has one."""
    return "" if report.donor.outline else f"{report.donor.code}.toml names no outline, so there is no narrative report"


def _nothing(report: Report) -> str:
    return ""


@dataclass(frozen=True)
class Output:
    """A form in which a report is handed over; a module of `reports/outputs` says `OUTPUT = Output(...)`.

    `write` gives the bytes of the file in a language, the same bytes whenever it is asked. Where the form has nothing
    to say it raises NothingToHandOver with the reason that `lacks` gives beforehand (empty where there is none). A form
    with `by_language` is written once for each language; any other holds both. One that `has_texts` holds what offices
    wrote, and is written when somebody asks for it, not by every run.
    """

    title: Mapping[str, str]
    suffix: str
    by_language: bool
    write: Callable[[Report, str], bytes]
    has_texts: bool = False
    lacks: Callable[[Report], str] = _nothing


@cache
def outputs() -> Mapping[str, Output]:
    """Every form by its name, which is that of its module."""
    import reports.outputs
    from reports.found import found

    return found(reports.outputs, "OUTPUT", Output)


def file_name(report: Report, form: str, language: str) -> str:
    """What a file is called: donor, period, edition, form and, where there is one for each, language.

    A form that its suffix names already is not named twice.
    """
    output = outputs()[form]
    tongue = f"_{language}" if output.by_language else ""
    kind = "" if form == output.suffix else f"_{form}"
    return f"{report.stem}{kind}{tongue}.{output.suffix}"
