"""What should be reached by the end of a window for which a project set no target of its own.

A year or a life of a project grows quarter by quarter. Its target may be set for its end alone; what is due
before is worked out in equal steps (`target_to_date`) and always told apart from what was promised.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from indicators.calendars import QUARTER, WHOLE_SOURCE, Quarter, Window, project_quarter, window
from indicators.definitions import Definition
from indicators.funding import Project, Target
from indicators.progress import target_to_date

# Across time these begin at nothing; shares, medians and levels begin at what they were before.
_COUNTED_UP = ("S", "D")


@dataclass(frozen=True)
class Due:
    """The part of `whole`, promised for `whole_period`, that is due by the end of a window before it."""

    indicator: str
    calendar: str
    period: str
    place: str
    target: Decimal
    whole: Decimal
    whole_period: str


def due_to_date(project: Project, catalogue: Mapping[str, Definition], windows: Iterable[Window]) -> Iterator[Due]:
    """What is due in each window that lies on the way to a target of the same year or life.

    Nothing is said of a window that has a target of its own, and of a share, median or level whose baseline is
    not known: where it began, nobody can say how far it should be.
    """
    plans = dict.fromkeys((t.indicator, t.place, t.calendar) for t in project.targets if t.calendar != QUARTER)
    asked = [w for w in windows if w.calendar not in (QUARTER, WHOLE_SOURCE)]
    for indicator, place, calendar in plans:
        begins = _start(project, catalogue[indicator], place)
        for span in (w for w in asked if w.calendar == calendar and begins is not None):
            targets = _of_plan(project, (indicator, place, calendar), span)
            found = _due(span, targets, _first(project, span), begins or Decimal(0))
            if found:
                yield Due(indicator, calendar, span.period, place, *found)


def _start(project: Project, definition: Definition, place: str) -> Decimal | None:
    if definition.rule_time in _COUNTED_UP:
        return Decimal(0)
    baseline = project.baseline(definition.code, place)
    return baseline.value if baseline else None


def _of_plan(project: Project, plan: tuple[str, str, str], span: Window) -> dict[Quarter, Target]:
    """The targets of the same year or life, by quarter."""
    return {
        Quarter.parse(t.period): t
        for t in project.targets
        if (t.indicator, t.place, t.calendar) == plan and _begins(t, project) == _first(project, span)
    }


def _begins(target: Target, project: Project) -> Quarter:
    quarter = Quarter.parse(target.period)
    return _first(project, window(target.calendar, quarter, project.first_quarter.start))


def _first(project: Project, span: Window) -> Quarter:
    """The first quarter in which the project can do something for a window."""
    return max(Quarter.of(span.start), project.first_quarter) if span.start else project.first_quarter


def _due(
    span: Window, targets: Mapping[Quarter, Target], first: Quarter, begins: Decimal
) -> tuple[Decimal, Decimal, str] | None:
    """Equal steps from the last target before the window, or from the beginning, to the next one after it."""
    now = Quarter.parse(span.period)
    later = min((q for q in targets if q > now), default=None)
    if later is None or now in targets or now < first:
        return None
    earlier = max((q for q in targets if q < now), default=None)
    level = begins if earlier is None else targets[earlier].target
    since = first.back(1) if earlier is None else earlier
    elapsed, planned = project_quarter(since, now) - 1, project_quarter(since, later) - 1
    promised = targets[later].target
    return target_to_date(promised, elapsed, planned, level), promised, str(later)
