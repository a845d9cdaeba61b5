"""A report: one donor, one quarter, one edition; and the forms in which it is handed over, found by their folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

from indicators.calendars import Quarter
from reports.donor_figures import ReportError
from reports.donor_periods import name_of
from reports.donors import DonorProfile
from reports.edition import Edition
from reports.handed import Handed, handed


class NothingToHandOver(ReportError):
    """This form has nothing to say in this report; the message says why. The other forms are not concerned."""


@dataclass(frozen=True)
class Report:
    """What is handed over: `edition` is the edition as of the quarter (`reports.as_of`)."""

    edition: Edition
    donor: DonorProfile
    quarter: Quarter

    @property
    def period(self) -> str:
        """What the donor calls the quarter: `FY2011-Q1`, or `2010-Q4` where its year is the calendar year."""
        return name_of(self.quarter, self.donor)

    @cached_property
    def handed(self) -> Handed:
        """What it hands over to machines, gathered once for all forms."""
        return handed(self.edition, self.donor)

    @property
    def stem(self) -> str:
        """How the names of all its files begin: donor, period, edition."""
        return f"{self.donor.code}_{self.period}_{self.edition.edition_id}"


@dataclass(frozen=True)
class Output:
    """A form in which a report is handed over; a module of `reports/outputs` says `OUTPUT = Output(...)`.

    `write` gives the bytes of the file in a language, the same bytes whenever it is asked, and may raise
    NothingToHandOver. A form with `by_language` is written once for each language; any other holds both.
    """

    title: Mapping[str, str]
    suffix: str
    by_language: bool
    write: Callable[[Report, str], bytes]


@cache
def outputs() -> Mapping[str, Output]:
    """Every form by its name, which is that of its module."""
    import reports.outputs
    from reports.found import found

    return found(reports.outputs, "OUTPUT", Output)


def file_name(report: Report, form: str, language: str) -> str:
    """What a file is called: donor, period, edition, form and, where there is one for each, language."""
    output = outputs()[form]
    tongue = f"_{language}" if output.by_language else ""
    return f"{report.stem}_{form}{tongue}.{output.suffix}"
