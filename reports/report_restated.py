"""The part of a report that says which figures a donor was given before and finds otherwise now, with the reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from indicators.calendars import PROJECT_LIFE, QUARTER, Quarter
from reports.document import GROUP, NOTE, RIGHT, Block, Column, Paragraph, Table
from reports.document import Row as Line
from reports.donor_figures import TOTAL
from reports.edition import REGION
from reports.iptt_blocks import Block as Window
from reports.narrative_report import Report, legend, said
from reports.restated_for import Row, not_told_yet, side

_SIDES = ("old", "new")


def restatements(report: Report) -> Iterator[Block]:
    """Figures that changed since the last edition that the donor has, by cause and the officer's reason.

    Wholes with their numbers; of breakdowns, of which one file may change hundreds, which they are: the numbers are in
    the workbook.
    """
    rows = not_told_yet(report.edition, report.donor)
    if not rows:
        yield Paragraph(report.word("restated.none"))
        return
    yield Paragraph(report.word("restated.intro"))
    wholes = [row for row in rows if row["breakdown"] == TOTAL]
    if wholes:
        yield _table(report, wholes)
        yield from legend(report, (side(row, name) for row in wholes for name in _SIDES))
    yield from _parts(report, [row for row in rows if row["breakdown"] != TOTAL])


def _table(report: Report, rows: Sequence[Row]) -> Table:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(_why(report, row), []).append(row)
    lines = []
    for about, some in groups.items():
        lines.append(Line((about,), GROUP))
        lines += [_line(report, row) for row in sorted(some, key=lambda row: _place(report, row))]
    columns = (
        Column(report.word("column.indicator_place"), 82), Column(report.word("column.period"), 40),
        Column(report.word("column.was"), 24, RIGHT), Column(report.word("column.now"), 24, RIGHT),
    )  # fmt: skip
    return Table(report.word("table.restated"), columns, tuple(lines))


def _why(report: Report, row: Row) -> str:
    """What the rows of a group have in common: the edition, the cause, and what the officer says."""
    causes = [row["cause"], *(row["other_causes"] or ())]
    names = {
        "edition": row["edition_id"],
        "cause": " ".join(report.label("cause", cause) for cause in causes),
        "reason": report.label("officer_reason", row["officer_reason"] or ""),
        "note": row["officer_note"],
    }
    return report.word("restated.group" if row["officer_reason"] else "restated.unsaid", **names)


def _line(report: Report, row: Row) -> Line:
    name = str(row[f"title_{report.language}"])
    if row["place"] != REGION:
        name = f"{name}, {report.label('place', row['place'])}"
    numbers = (said(report, side(row, name), row["unit"]) for name in _SIDES)
    return Line((name, _time(report, row["calendar"], row["period"]), *numbers))


def _time(report: Report, calendar: str, period: str) -> str:
    """What the donor calls the time; of a project's life also until when, because several may have changed."""
    quarter, told = (
        report.window(Window("", one, period, None, Quarter.parse(period).end, ())) for one in (QUARTER, calendar)
    )
    return report.word("restated.life", life=told, quarter=quarter) if calendar.startswith(PROJECT_LIFE) else told


def _place(report: Report, row: Row) -> tuple[Any, ...]:
    """Where a figure stands in its group: by indicator, region first, then by period, the quarter first."""
    return (
        row["indicator"], row["place"] != REGION, report.position("place", row["place"]), row["period"],
        row["calendar"] != QUARTER, row["calendar"].startswith(PROJECT_LIFE),
    )  # fmt: skip


def _parts(report: Report, rows: Sequence[Row]) -> Iterator[Block]:
    """The breakdowns that changed: indicators with places and breakdowns, without their numbers."""
    names = []
    for code in sorted({row["indicator"] for row in rows}):
        found = [row for row in rows if row["indicator"] == code]
        places, breakdowns = (_labels(report, name, {row[name] for row in found}) for name in ("place", "breakdown"))
        title = found[0][f"title_{report.language}"]
        names.append(report.word("restated.other", title=title, places=places, breakdowns=breakdowns))
    if names:
        sheet = report.word("sheet.restatements")
        yield Paragraph(report.word("restated.others", sheet=sheet, names="; ".join(names)), NOTE)


def _labels(report: Report, codelist: str, codes: set[str]) -> str:
    ordered = sorted(codes, key=lambda code: report.position(codelist, code))
    return ", ".join(report.label(codelist, code) for code in ordered)
