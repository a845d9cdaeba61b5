"""One figure in every calendar that holds its period: quarter, fiscal and calendar year, lives, project quarters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from indicators.calendars import PROJECT_QUARTER, QUARTER, WHOLE_SOURCE, Quarter, side_by_side
from indicators.definitions import Definition
from indicators.funding import projects
from reports import format as form
from reports.edition import SHOWN

if TYPE_CHECKING:
    from reports.edition import Edition


@dataclass(frozen=True)
class InCalendar:
    """The figure of one calendar; `value` is its number in words, and exists only where the status is shown."""

    calendar: str
    period: str
    label: str
    status: str
    status_label: str
    value: str | None


def in_every_calendar(
    definition: Definition, calendar: str, period: str, place: str, edition: Edition, language: str
) -> tuple[InCalendar, ...]:
    """The whole figure of a place in each calendar up to the end of a quarter, as the edition has it.

    A quarter of a project is a calendar quarter and has its figure. A source without days has one window and none
    beside it; a calendar that the edition does not count is left out.
    """
    if calendar == WHOLE_SOURCE:
        return ()
    found = {
        row["calendar"]: row
        for row in edition.rows(
            "SELECT f.*, i.unit FROM figures AS f JOIN indicators AS i USING (indicator)"
            " WHERE indicator = ? AND period = ? AND place = ? AND breakdown = 'total' AND category = 'total'",
            [definition.code, period, place],
        )
    }
    words = edition.labels(language)
    told = []
    for name, called, en, ru in side_by_side(Quarter.parse(period), projects().values()):
        figure = found.get(QUARTER if name == PROJECT_QUARTER else name)
        if figure is not None:
            status = figure["status"]
            label = words.get(("status", status), status)
            told.append(
                InCalendar(name, called, {"en": en, "ru": ru}[language], status, label, value(figure, language))
            )
    return tuple(told)


def value(figure: Mapping[str, Any], language: str) -> str | None:
    """The number of a figure and its `unit`, rounded and written for a reader; None where none is shown."""
    if figure["status"] != SHOWN or figure["value"] is None:
        return None
    exact = form.exact(figure["value"], figure["numerator"], figure["denominator"])
    return form.figure(exact, figure["unit"], language)
