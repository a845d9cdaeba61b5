"""Oracles of the capacity family, from the registry's text: hours, tests, trainers and their cascade."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from oracle.counting import Frame, Numbers, Oracle, mean, persons, rows, total
from oracle.days import months_after
from oracle.tables import cents


def _completed(frame: Frame) -> Frame:
    return frame[frame.event_status == "completed"]


def _tested(frame: Frame) -> Frame:
    """Completed events' participants with both tests, and what they gained."""
    both = _completed(frame).loc[lambda f: f.pre_test.notna() & f.post_test.notna()].copy()
    both["gained"] = [post - pre for pre, post in zip(both.pre_test, both.post_test, strict=True)]
    possible = [
        None if pre == 100 else cents(100 * (post - pre) / (100 - pre))
        for pre, post in zip(both.pre_test, both.post_test, strict=True)
    ]
    both["of_possible"] = pd.Series(possible, both.index, dtype=object)
    return both


def _improved(frame: Frame) -> Numbers:
    return sum(gain > 0 for gain in frame.gained), len(frame)


def _prepared(frame: Frame) -> Frame:
    done = _completed(frame)
    return done[(done.event_type == "tot") & (done.completed == True)]  # noqa: E712


def _trained(frame: Frame) -> Frame:
    done = _completed(frame)
    return done[(done.has_curriculum == True) & (done.completed == True)]  # noqa: E712


def _reportable(frame: Frame) -> Frame:
    done = _completed(frame)
    days = [(last - first).days + 1 for first, last in zip(done.start_on, done.end_on, strict=True)]
    long = [d >= 3 or (h is not None and h >= 15) for d, h in zip(days, done.hours, strict=True)]
    return done.loc[long]


def _trainers(tables: dict[str, Frame]) -> Frame:
    """Each prepared trainer once, at the first training of trainers completed, judged six months later."""
    prepared = _prepared(tables["participants"]).sort_values(["end_on", "event_ref", "line"], kind="stable")
    first = prepared[prepared.person_ref.notna()].drop_duplicates(["office", "person_ref"]).copy()
    first["falls_due"] = [months_after(day, 6) for day in first.end_on]
    led = list(_completed(tables["trainers"])[["office", "person_ref", "end_on"]].itertuples(index=False))
    first["active"] = [
        any((o, w) == (row.office, row.person_ref) and row.end_on < day <= row.falls_due for o, w, day in led)
        for row in first.itertuples()
    ]
    return first


def _generations(learnt: set[tuple[str, str]], led: set[tuple[str, str]]) -> dict[str, int]:
    """The generation of everybody who completed a training of trainers, found by looking one step further each time."""
    leaders = {event: {who for e, who in led if e == event} for event, _ in learnt}
    people = {who for _, who in learnt}
    found = {
        who: 1 for event, who in learnt if not any(leader in people and leader != who for leader in leaders[event])
    }
    for generation in range(2, 9):
        known = {who for who, number in found.items() if number == generation - 1}
        for event, who in learnt:
            if who not in found and (leaders[event] - {who}) & known:
                found[who] = generation
    # A circle that nobody outside began.
    return {**dict.fromkeys(people - set(found), 1), **found}


def _cascade(tables: dict[str, Frame]) -> Frame:
    participants, trainers = tables["participants"], tables["trainers"]
    rows = []
    for office in participants.office.unique():
        prepared = _prepared(participants[participants.office == office])
        learnt = {(e, w) for e, w in zip(prepared.event_ref, prepared.person_ref, strict=True) if w is not None}
        own = trainers[trainers.office == office]
        done = _completed(own)
        generations = _generations(learnt, set(zip(done.event_ref, done.person_ref, strict=True)))
        lowest: dict[str, int] = {}
        for event, who in zip(own.event_ref, own.person_ref, strict=True):
            if who in generations:
                lowest[event] = min(lowest.get(event, 99), generations[who])
        for row in participants[participants.office == office].to_dict("records"):
            if row["event_ref"] in lowest:
                rows.append({**row, "generation": f"g{min(4, lowest[row['event_ref']])}"})
    return pd.DataFrame(rows, columns=[*participants.columns, "generation"], dtype=object)


def _first_by_generation(frame: Frame) -> Frame:
    """Each person at the first event; of several on a day, the earliest generation."""
    done = _completed(frame)
    return done.sort_values(["end_on", "generation"], kind="stable").drop_duplicates("person_ref")


def _share(of: str) -> Callable[[Frame], Numbers]:
    return lambda frame: (sum(frame[of]), len(frame))


def _all(frame: Frame) -> Any:
    return frame


TABLES = {"trainers_due": _trainers, "led": _cascade}

ORACLES: dict[str, Oracle] = {
    "T04": Oracle("training_events", _completed, total("hours")),
    "T05": Oracle("participants", _tested, mean("gained")),
    "T05_NORM": Oracle("participants", _tested, mean("of_possible")),
    "T05_SHARE": Oracle("participants", _tested, _improved),
    "T06": Oracle("participants", _prepared, persons, each_once=True),
    "T07": Oracle("trainers_due", _all, _share("active"), dated_by="falls_due"),
    "T08": Oracle("led", _first_by_generation, persons, dated_by="end_on"),
    "T10": Oracle("training_events", _completed, total("cost"), other=Oracle("participants", _trained, persons)),
    "T11": Oracle("training_events", _reportable, rows),
}
