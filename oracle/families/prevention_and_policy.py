"""Oracles of the prevention, hotline and policy families and of the network's rows, from the registry's text."""

from __future__ import annotations

import pandas as pd

from oracle.counting import Frame, Numbers, Oracle, quantile, rows, total
from oracle.days import months_after
from oracle.families.protection import by_pair, victims


def _genuine(frame: Frame) -> Frame:
    return frame[frame.contact_kind == "genuine"]


def _suspicious(frame: Frame) -> Frame:
    return _genuine(frame).loc[lambda f: f.is_suspicion == True]  # noqa: E712


def _with_a_case(frame: Frame) -> Frame:
    return _genuine(frame).loc[lambda f: f.case_ref.notna()]


def _cases(frame: Frame) -> Numbers:
    return frame.case_ref.nunique(), None


def _answered(frame: Frame) -> Numbers:
    calls = frame[frame.contact_channel == "call"]
    known = [value for value in calls.answered if value is not None]
    return sum(known), len(known)


def _held(tables: dict[str, Frame]) -> Frame:
    """Campaign activities by their day and trainings by their last, one under the other."""
    columns = ["place", "joint_kind", "status", "day", "members_involved"]
    campaigns = tables["activities"].assign(joint_kind="campaign")
    trainings = tables["training_events"].assign(joint_kind="training")
    campaigns = campaigns.rename(columns={"activity_status": "status", "held_on": "day"})
    trainings = trainings.rename(columns={"event_status": "status", "end_on": "day"})
    return pd.concat([campaigns[columns], trainings[columns]], ignore_index=True)


def _joint(frame: Frame) -> Frame:
    return frame[(frame.status == "completed") & (frame.members_involved >= 2)]


def _abroad(frame: Frame) -> Frame:
    here = victims(frame)
    return here[here.from_organisation.str[:2] != here.to_organisation.str[:2]]


def _waited(tables: dict[str, Frame]) -> Frame:
    frame = by_pair(tables)
    frame["waited"] = pd.Series(
        [None if r is None else (r - s).days for s, r in zip(frame.sent_on, frame.received_on, strict=True)],
        frame.index, dtype=object,
    )  # fmt: skip
    return frame


def _a_year_on(tables: dict[str, Frame]) -> Frame:
    frame = tables["recommendations"].copy()
    frame["year_is_over"] = pd.Series(
        [None if day is None else months_after(day, 12) for day in frame.referred_on], frame.index, dtype=object
    )
    return frame


def _implemented(frame: Frame) -> Numbers:
    done = [
        state == "implemented" and closed is not None and closed <= over
        for state, closed, over in zip(frame.state, frame.closed_on, frame.year_is_over, strict=True)
    ]
    return sum(done), len(frame)


TABLES = {"held": _held, "waited_for": _waited, "a_year_on": _a_year_on}

ORACLES: dict[str, Oracle] = {
    "C04": Oracle("materials", lambda f: f, total("distributed")),
    "H03": Oracle("hotline_contacts", _suspicious, rows),
    "H04": Oracle("hotline_contacts", _with_a_case, _cases, each_once=True, dated_by="identified_on", key="case_ref"),
    "H05": Oracle(
        "hotline_contacts",
        _with_a_case,
        _cases,
        dated_by="identified_on",
        other=Oracle("hotline_contacts", _genuine, rows),
    ),
    "H06": Oracle("hotline_contacts", lambda f: f, _answered),
    "L02": Oracle("a_year_on", lambda f: f, _implemented, dated_by="year_is_over"),
    "L03": Oracle("instruments", lambda f: f[f.instrument_stage == "final"], rows),
    "N09": Oracle("waited_for", victims, quantile("waited", "0.5"), dated_by="received_on"),
    "N09_90": Oracle("waited_for", victims, quantile("waited", "0.9"), dated_by="received_on"),
    "N10": Oracle("referrals", _abroad, rows),
    "N12": Oracle("held", _joint, rows, dated_by="day"),
}
