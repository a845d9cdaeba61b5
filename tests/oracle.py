"""The independent oracle: every indicator counted in pandas, from its PIRS text and not from its SQL.

Each function takes the rows of one place inside one window (or in force on its last day) and gives
the rows that count, or the two numbers. Cells follow the rule of the registry: a person stands in
the cell of the first row of the period.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import pandas as pd

from indicators.calendars import Window
from indicators.facts import codelists, facts

Frame = pd.DataFrame
Numbers = tuple[float, float | None]

DATES = {
    "cases": "identified_on", "assistance": "delivered_on", "referrals": "sent_on", "follow_ups": "followed_up_on",
    "training_events": "end_on", "participants": "end_on", "activities": "held_on",
    "hotline_contacts": "received_on", "recommendations": "issued_on",
}  # fmt: skip
UNITS_OF_2010 = {"KZ": 16, "KG": 9, "TJ": 5, "TM": 6, "UZ": 14}


@dataclass(frozen=True)
class Oracle:
    """How an indicator is counted: the fact, who counts, and how the rows become numbers."""

    fact: str
    counts: Callable[[Frame], Frame]
    measure: Callable[[Frame], Numbers]
    each_once: bool = False


def _victims(frame: Frame) -> Frame:
    return frame[frame.vot_status == "actual"]


def _completed(column: str) -> Callable[[Frame], Frame]:
    return lambda frame: frame[frame[column] == "completed"]


def _persons(frame: Frame) -> Numbers:
    return frame.person_ref.nunique(), None


def _rows(frame: Frame) -> Numbers:
    return len(frame), None


def _minors(frame: Frame) -> Numbers:
    return (frame.age_group == "minor").sum(), frame.age_group.isin(["minor", "adult"]).sum()


def _in_work(frame: Frame) -> Numbers:
    known = frame[frame.work_status.isin(["employed", "self_employed", "studying", "not_working"])]
    return known.work_status.isin(["employed", "self_employed"]).sum(), len(known)


def _later_waves(frame: Frame) -> Frame:
    victims = _victims(frame)
    return victims[victims.wave.isin(["m6", "m12"])]


def _trained(frame: Frame) -> Frame:
    done = frame[(frame.event_status == "completed") & (frame.has_curriculum == True)]  # noqa: E712
    return done[done.completed == True]  # noqa: E712


def _regions(frame: Frame) -> Numbers:
    return frame.region.dropna().nunique(), None


def _members(frame: Frame) -> Frame:
    return frame[frame.is_member == True]  # noqa: E712


ORACLES: dict[str, Oracle] = {
    "P01": Oracle("cases", _victims, _persons, each_once=True),
    "P03": Oracle("assistance", _victims, _persons, each_once=True),
    "P05": Oracle("assistance", _victims, _persons),
    "P08": Oracle("referrals", _victims, _persons, each_once=True),
    "P11": Oracle("cases", _victims, _minors, each_once=True),
    "P14": Oracle("cases", _victims, lambda f: ((f.exploitation.str.len() > 0).sum(),) * 2, each_once=True),
    "R03": Oracle("follow_ups", _later_waves, _in_work),
    "T01": Oracle("training_events", _completed("event_status"), _rows),
    "T02": Oracle("participants", _trained, _persons, each_once=True),
    "T03": Oracle("participants", _completed("event_status"), lambda f: (f.headcount.sum(), None)),
    "T09": Oracle("participants", _completed("event_status"), _regions),
    "C01": Oracle("activities", _completed("activity_status"), _rows),
    "C02": Oracle("activities", _completed("activity_status"), lambda f: (f.reached.sum(), None)),
    "H01": Oracle("hotline_contacts", lambda f: f[f.contact_kind == "genuine"], _rows),
    "H02": Oracle("hotline_contacts", lambda f: f[(f.contact_kind == "genuine") & (f.topics.str.len() > 0)], _rows),
    "N01": Oracle("organisations", _members, lambda f: (f.organisation_ref.nunique(), None)),
    "N03": Oracle("organisations", _members, _regions),
    "N05": Oracle("organisations", _members, _rows),
    "L01": Oracle("recommendations", lambda f: f, _rows),
}

# Breakdowns in which a person may stand in several cells, as the definitions say.
IN_EVERY_CELL = {("P05", "assistance_type"), ("P08", "assistance_type"), ("P08", "to_org_type")}


def frames(rows: dict[str, list[dict[str, Any]]]) -> dict[str, Frame]:
    """The random rows as frames."""
    return {fact: pd.DataFrame(table) for fact, table in rows.items()}


def counted(code: str, tables: dict[str, Frame], window: Window, place: str) -> Numbers:
    """The two numbers of an indicator at a place in a window; the second is None where there is none."""
    oracle = ORACLES[code]
    frame = oracle.counts(_here(tables[oracle.fact], oracle.fact, window, place))
    if code == "N05":
        return _density(frame, tables["referrals"], window, place)
    first = _first(frame, oracle) if oracle.each_once else frame
    numbers = oracle.measure(first)
    return (numbers[0], UNITS_OF_2010[place]) if code in ("T09", "N03") else numbers


def cell(
    code: str, tables: dict[str, Frame], window: Window, place: str, breakdown: str, category: str, is_list: bool
) -> Numbers:
    """The two numbers of one cell of a breakdown."""
    oracle = ORACLES[code]
    frame = oracle.counts(_here(tables[oracle.fact], oracle.fact, window, place))
    if oracle.each_once and (code, breakdown) not in IN_EVERY_CELL:
        frame = _first(frame, oracle)
    if is_list:
        inside = frame.loc[[category in (found or ["U"]) for found in frame[breakdown]]]
    else:
        inside = frame[frame[breakdown].fillna("U") == category]
    numerator, denominator = oracle.measure(inside)
    return (numerator, oracle.measure(frame)[1]) if code == "P14" else (numerator, denominator)


def _here(frame: Frame, fact: str, window: Window, place: str) -> Frame:
    here = frame[frame.place == place]
    if fact == "organisations":
        return here
    days = here[DATES[fact]]
    return here[(days >= window.start) & (days <= window.end)]


def _first(frame: Frame, oracle: Oracle) -> Frame:
    """The first row of each person; on one day the one whose codes come first, in declared order, unknown last."""
    columns = facts()[oracle.fact].counted_columns()
    ranked = {DATES[oracle.fact]: frame[DATES[oracle.fact]]}
    for name, column in columns.items():
        if name in frame and (column.values or column.type == "boolean"):
            ranked[name] = frame[name].map(partial(_rank, column))
    ordered = pd.DataFrame(ranked, index=frame.index).sort_values(list(ranked), kind="stable").index
    return frame.loc[ordered].drop_duplicates("person_ref")


def _rank(column: Any, value: Any) -> tuple[int, str]:
    """Where a value stands among those of its column."""
    if column.is_list:
        words = ";".join(sorted(value)) if isinstance(value, list) else ""
        return (1, "") if not words else (0, words)
    if column.type == "boolean":
        return ({True: 0, False: 1}.get(value, 2), "")
    listed = codelists()[column.values]
    codes = [code for code in listed.codes if code != listed.unknown] + ([listed.unknown] if listed.unknown else [])
    return (codes.index(value) if value in codes else len(codes), "")


def _density(members: Frame, referrals: Frame, window: Window, place: str) -> Numbers:
    assert window.end is not None
    year_before = date(window.end.year - 1, window.end.month, window.end.day)
    inside = referrals[
        (referrals.place == place) & (referrals.sent_on > year_before) & (referrals.sent_on <= window.end)
    ]
    known = set(members.organisation_ref)
    ties = {
        (sender, receiver)
        for sender, receiver in zip(inside.from_organisation, inside.to_organisation, strict=True)
        if sender in known and receiver in known and sender != receiver
    }
    return len(ties), len(known) * (len(known) - 1)
