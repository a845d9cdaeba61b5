"""The quarters of a donor, in the words of its calendar, and which of them a report can be about."""

from __future__ import annotations

import re
from collections.abc import Callable

from indicators.calendars import FISCAL_YEAR, QUARTER, Quarter
from reports import format as form
from reports.donor_figures import ReportError, donor_projects
from reports.donors import DonorProfile
from reports.edition import Edition
from reports.iptt_blocks import reporting_quarter

_FISCAL = re.compile(r"FY([0-9]{4})-Q([1-4])")


class WrongPeriod(ValueError):
    """What was asked for is no quarter of the donor or of its projects; the message says which there are."""


class NotCounted(ReportError):
    """The edition does not hold the quarter; the message says which it holds."""


def name_of(quarter: Quarter, donor: DonorProfile) -> str:
    """`FY2011-Q1` for a donor with fiscal years, `2010-Q4` for one with calendar years."""
    if donor.year != FISCAL_YEAR:
        return str(quarter)
    return f"FY{quarter.fiscal_year:04d}-Q{quarter.fiscal_number}"


def parse(text: str, donor: DonorProfile) -> Quarter:
    """The quarter a donor means. Raises WrongPeriod, and where the other calendar was written says both names.

    Nothing is guessed: 2011-Q1 is January to March, and FY2011-Q1 is October to December 2010.
    """
    fiscal = _FISCAL.fullmatch(text)
    keeps_fiscal = donor.year == FISCAL_YEAR
    if fiscal and int(fiscal[1]) > 1:
        year, number = int(fiscal[1]), int(fiscal[2])
        quarter = Quarter(year - 1, 4) if number == 1 else Quarter(year, number - 1)
    else:
        try:
            quarter = Quarter.parse(text)
        except ValueError:
            example = name_of(Quarter(2010, 4), donor)
            raise WrongPeriod(f"a quarter of {donor.code} is written like {example}, not {text!r}") from None
    if bool(fiscal) != keeps_fiscal:
        kind = "fiscal years (October to September)" if keeps_fiscal else "calendar years"
        raise WrongPeriod(f"{donor.code} counts in {kind}: {text} is {name_of(quarter, donor)} there; write that")
    return quarter


def check(edition: Edition, donor: DonorProfile, quarter: Quarter) -> None:
    """Whether a report of the quarter can be made.

    Raises WrongPeriod for a quarter outside the donor's projects and NotCounted for one that the edition has not.
    """
    name = name_of(quarter, donor)
    spans = [(Quarter.of(p["start_on"]), Quarter.of(p["end_on"]), p) for p in donor_projects(edition, donor)]
    if spans and not any(first <= quarter <= last for first, last, _ in spans):
        known = "; ".join(
            f"{p['project']} runs {name_of(first, donor)} to {name_of(last, donor)}"
            f" ({form.day(p['start_on'], 'en')} to {form.day(p['end_on'], 'en')})".replace(form.NO_BREAK, " ")
            for first, last, p in spans
        )
        raise WrongPeriod(f"{name} is outside the projects of {donor.code}: {known}")
    check_counted(edition, quarter, lambda one: name_of(one, donor))


def check_counted(edition: Edition, quarter: Quarter, name: Callable[[Quarter], str] = str) -> None:
    """Whether the edition holds a quarter; raises NotCounted, with quarters as `name` calls them."""
    first, last = _counted(edition)
    if not first <= quarter <= last:
        raise NotCounted(
            f"edition {edition.edition_id} counts {name(first)} to {name(last)}, not {name(quarter)}; take in the files"
            " of that quarter and publish"
        )


def latest(edition: Edition, donor: DonorProfile) -> Quarter | None:
    """The last quarter to report on: that of the edition, or the last of the donor's projects where they are over.

    None where the edition holds no quarter of them.
    """
    first, last = _counted(edition)
    projects = donor_projects(edition, donor)
    over = max((Quarter.of(project["end_on"]) for project in projects), default=last)
    begun = min((Quarter.of(project["start_on"]) for project in projects), default=first)
    chosen = min(last, over)
    return chosen if max(first, begun) <= chosen else None


def _counted(edition: Edition) -> tuple[Quarter, Quarter]:
    """The first quarter that the edition counts, and the one it reports on."""
    last = reporting_quarter(edition)
    rows = edition.rows("SELECT min(period) AS first FROM figures WHERE calendar = ?", [QUARTER])
    return Quarter.parse(rows[0]["first"] or str(last)), last
