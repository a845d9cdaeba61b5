"""Oracles of the protection family, from the registry's text."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from oracle.counting import Frame, Numbers, Oracle, persons, quantile, rows


def victims(frame: Frame) -> Frame:
    """Persons with the status of a victim."""
    return frame[frame.vot_status == "actual"]


def _services(frame: Frame) -> Numbers:
    """The same type, day, provider and person is one service."""
    same = zip(frame.person_ref, frame.assistance_type, frame.delivered_on, frame.organisation_ref, strict=True)
    return len(set(same)), None


def _returns(frame: Frame) -> Frame:
    return victims(frame).loc[lambda f: f.assistance_type == "return_travel"]


def _in_court(frame: Frame) -> Frame:
    return victims(frame).loc[lambda f: (f.assistance_type == "legal") & (f.service_kind == "legal_representation")]


def _granted_by_the_state(frame: Frame) -> Frame:
    return frame[frame.formal_status_by.isin(["police", "court", "other_gov"])]


def _within_30_days(frame: Frame) -> Numbers:
    in_time = [
        bool(received) and received <= sent + timedelta(days=30)
        for received, sent in zip(frame.received_on, frame.sent_on, strict=True)
    ]
    return sum(in_time), len(frame)


def _never_received(frame: Frame) -> Numbers:
    """Neither received, however late, nor declined by the person; over all that fell due."""
    broken = [received is None and declined is not True
              for received, declined in zip(frame.received_on, frame.declined, strict=True)]  # fmt: skip
    return sum(broken), len(frame)


AUTHORITIES = ("law_enforcement", "central_government", "local_government", "immigration")


def _with_the_30th_day(tables: dict[str, Frame]) -> Frame:
    frame = by_pair(tables)
    frame["thirtieth_day"] = [day + timedelta(days=30) for day in frame.sent_on]
    return frame


def by_pair(tables: dict[str, Frame]) -> Frame:
    """The referrals, with what their senders and receivers were when they were sent."""
    frame = tables["referrals"].copy()
    lists = tables["organisations"]
    listed = list(zip(lists.snapshot, lists.organisation_ref, lists.org_type, strict=True))
    senders = [_type_then(listed, who, day) for who, day in zip(frame.from_organisation, frame.sent_on, strict=True)]
    receivers = [
        _type_then(listed, who, day) if given in (None, "U") else given
        for given, who, day in zip(frame.to_org_type, frame.to_organisation, frame.sent_on, strict=True)
    ]
    frame["pair_class"] = [_pair(_kind(one), _kind(other)) for one, other in zip(senders, receivers, strict=True)]
    return frame


def _type_then(listed: list[tuple[str, str, str]], organisation: str, day: date) -> str:
    """The type in the last list up to the quarter of that day."""
    quarter = f"{day.year}-Q{(day.month + 2) // 3}"
    return max((one for one in listed if one[1] == organisation and one[0] <= quarter), default=("", "", "U"))[2]


def _kind(org_type: str) -> str:
    if org_type in ("U", "ngo", "public_organisation"):
        return "U" if org_type == "U" else "ngo"
    return "authority" if org_type in AUTHORITIES else "service"


def _pair(sender: str, receiver: str) -> str:
    """Who refers to whom: any pair that an NGO begins, an authority that turns to an NGO, or another."""
    if "U" in (sender, receiver):
        return "U"
    known = sender == "ngo" or (sender, receiver) == ("authority", "ngo")
    return f"{sender}_to_{receiver}" if known else "other"


def _first_services(tables: dict[str, Frame]) -> Frame:
    """The very first service of each person: by day, then type, then case; and the days since the registration."""
    frame = tables["assistance"].sort_values(["delivered_on", "assistance_type", "case_ref"], kind="stable")
    frame = frame.drop_duplicates(["place", "person_ref"]).copy()
    waited = [(d - i).days for d, i in zip(frame.delivered_on, frame.identified_on, strict=True)]
    frame["waited"] = pd.Series([days if days >= 0 else None for days in waited], frame.index, dtype=object)
    return frame


TABLES = {"referrals_by_30th_day": _with_the_30th_day, "first_services": _first_services}

ORACLES: dict[str, Oracle] = {
    "P02": Oracle("cases", lambda f: f, persons, each_once=True, dated_by="screened_on"),
    "P03_POSSIBLE": Oracle("assistance", lambda f: f[f.vot_status == "possible"], persons, each_once=True),
    "P04": Oracle("assistance", victims, _services),
    "P07": Oracle("assistance", _returns, persons, each_once=True),
    "P09": Oracle("referrals_by_30th_day", victims, _within_30_days, dated_by="thirtieth_day"),
    "N16": Oracle("referrals_by_30th_day", victims, _never_received, dated_by="thirtieth_day"),
    "N17": Oracle("referrals_by_30th_day", victims, rows, dated_by="thirtieth_day"),
    "P10": Oracle("first_services", victims, quantile("waited", "0.5"), dated_by="delivered_on"),
    "P10_90": Oracle("first_services", victims, quantile("waited", "0.9"), dated_by="delivered_on"),
    "P12": Oracle("cases", _granted_by_the_state, persons, each_once=True, dated_by="formal_status_on"),
    "P13": Oracle("assistance", _in_court, persons, each_once=True),
}
