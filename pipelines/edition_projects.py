"""The rows of an edition's tables about projects: who pays, what was promised, and what was changed. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from indicators.calendars import WHOLE_SOURCE, Window
from indicators.definitions import Definition
from indicators.funding import Baseline, Project, projects
from indicators.plans import due_to_date

Rows = list[Sequence[Any]]
_MILLIONTH = Decimal("0.000001")


def project_rows(
    windows: Sequence[Window], places: Collection[str], catalogue: Mapping[str, Definition]
) -> dict[str, Rows]:
    """Rows by table. Of targets those for the windows and places of the edition, of all else everything."""
    every = list(projects().values())
    return {
        "projects": [
            (p.code, p.title["en"], p.title["ru"], [d.lower() for d in p.donors], p.start_on, p.end_on, p.note)
            for p in every
        ],
        "targets": targets_of(every, windows, places),
        "targets_to_date": [row for p in every for row in _to_date(p, windows, places, catalogue)],
        "target_changes": [row for p in every for row in _changes(p)],
        "no_targets": [
            (p.code, n.indicator, n.calendar, n.period, n.place, n.reason["en"], n.reason["ru"])
            for p in every for n in p.no_targets
        ],
        "baselines": [_baseline(p, b) for p in every for b in p.baselines],
        "donor_shares": [
            (p.code, s.donor.lower(), s.share, s.from_on, s.until_on) for p in every for s in p.donor_shares
        ],
        "results": [
            (p.code, r.code, n, r.level, r.parent, r.title["en"], r.title["ru"], list(r.indicators))
            for p in every for n, r in enumerate(p.results)
        ],
    }  # fmt: skip


def targets_of(every: Iterable[Project], windows: Sequence[Window], places: Collection[str]) -> Rows:
    """What the projects promised for the windows of the edition, each once, with its baseline if known."""
    known = {(window.calendar, window.period) for window in windows if window.calendar != WHOLE_SOURCE}
    return [
        (p.code, t.indicator, t.calendar, t.period, t.place, _level(p, t.indicator, t.place), t.target, t.note)
        for p in every
        for t in p.targets
        if (t.calendar, t.period) in known and t.place in places
    ]


def _level(project: Project, indicator: str, place: str) -> Decimal | None:
    baseline = project.baseline(indicator, place)
    return baseline.value if baseline else None


def _to_date(
    project: Project, windows: Sequence[Window], places: Collection[str], catalogue: Mapping[str, Definition]
) -> Rows:
    return [
        (
            project.code, due.indicator, due.calendar, due.period, due.place,
            due.target.quantize(_MILLIONTH, ROUND_HALF_UP), due.whole, due.whole_period,
        )
        for due in due_to_date(project, catalogue, windows)
        if due.place in places
    ]  # fmt: skip


def _changes(project: Project) -> Rows:
    return [
        (
            project.code, c.on, c.indicator, c.calendar, c.period, c.place, c.before, c.after, c.reason["en"],
            c.reason["ru"], c.decided_by,
        )
        for c in sorted(project.changes, key=lambda change: change.on)
    ]  # fmt: skip


def _baseline(project: Project, baseline: Baseline) -> Sequence[Any]:
    reason = baseline.not_applicable or {}
    return (
        project.code, baseline.indicator, baseline.place, baseline.value, baseline.on, reason.get("en"),
        reason.get("ru"), baseline.note,
    )  # fmt: skip
