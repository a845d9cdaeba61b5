"""Oracles of the indicators that were there first."""

from __future__ import annotations

from collections.abc import Callable

from oracle.counting import Frame, Numbers, Oracle, persons, rows, total


def _victims(frame: Frame) -> Frame:
    return frame[frame.vot_status == "actual"]


def _completed(column: str) -> Callable[[Frame], Frame]:
    return lambda frame: frame[frame[column] == "completed"]


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


ORACLES: dict[str, Oracle] = {
    "P01": Oracle("cases", _victims, persons, each_once=True),
    "P03": Oracle("assistance", _victims, persons, each_once=True),
    "P05": Oracle("assistance", _victims, persons),
    "P08": Oracle("referrals", _victims, persons, each_once=True),
    "P11": Oracle("cases", _victims, _minors, each_once=True),
    "P14": Oracle("cases", _victims, lambda f: ((f.exploitation.str.len() > 0).sum(),) * 2, each_once=True, whole=True),
    "R03": Oracle("follow_ups", _later_waves, _in_work),
    "T01": Oracle("training_events", _completed("event_status"), rows),
    "T02": Oracle("participants", _trained, persons, each_once=True),
    "T03": Oracle("participants", _completed("event_status"), total("headcount")),
    "T09": Oracle("participants", _completed("event_status"), _regions, by_units=True),
    "C01": Oracle("activities", _completed("activity_status"), rows),
    "C02": Oracle("activities", _completed("activity_status"), total("reached")),
    "H01": Oracle("hotline_contacts", lambda f: f[f.contact_kind == "genuine"], rows),
    "H02": Oracle("hotline_contacts", lambda f: f[(f.contact_kind == "genuine") & (f.topics.str.len() > 0)], rows),
    "L01": Oracle("recommendations", lambda f: f, rows),
}
