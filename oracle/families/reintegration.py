"""Oracles of the reintegration family, from the registry's text: plans, waves that fall due, what became of people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from oracle.counting import Frame, Numbers, Oracle, mean, persons
from oracle.days import months_after
from oracle.families.protection import victims

WAVES = {"m3": 3, "m6": 6, "m12": 12}


def _records(frame: Frame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _dues(tables: dict[str, Frame]) -> Frame:
    talks: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for talk in _records(tables["follow_ups"]):
        talks.setdefault((talk["office"], talk["case_ref"], talk["wave"]), []).append(talk)
    rows = [
        row for case in _records(tables["cases"]) if case["plan_started_on"] is not None for row in _waves(case, talks)
    ]
    columns = ["place", "vot_status", "sex", "wave", "falls_due", "outcome", "retrafficked", "stable", "later", "lost"]
    return pd.DataFrame(rows, columns=columns, dtype=object)


def _waves(case: Mapping[str, Any], talks: Mapping[tuple[str, str, str], list[Mapping[str, Any]]]) -> Iterator[Any]:
    own = {wave: _judged(case, wave, talks.get((case["office"], case["case_ref"], wave), [])) for wave in WAVES}
    order = list(WAVES)
    dead_from = next((n for n, w in enumerate(order) if own[w][1] == "died"), len(order))
    for wave in order[dead_from:]:
        own[wave] = (own[wave][0], "died", own[wave][2])
    again = [own[wave][2].get("retrafficked") for wave in order]
    missed = {wave: outcome in ("untraced", "missed") for wave, (_, outcome, _) in own.items()}
    held = {
        wave: bool(talk) and (talk["outcome"] or "interviewed") == "interviewed" for wave, (_, _, talk) in own.items()
    }
    for number, (wave, (due, outcome, talk)) in enumerate(own.items()):
        came_back = any(held[later] for later in order[number + 1 :])
        yield {
            "place": case["place"], "vot_status": case["vot_status"], "sex": case["sex"], "wave": wave,
            "falls_due": due, "outcome": outcome, "retrafficked": True in again[: number + 1] or again[number],
            "stable": _stable(talk, again[: number + 1]) if held[wave] else None, "later": number > 0,
            "lost": number > 0 and missed[order[number - 1]] and missed[wave] and not came_back,
        }  # fmt: skip


def _judged(case: Mapping[str, Any], wave: str, talks: list[Mapping[str, Any]]) -> tuple[date, str, Mapping[str, Any]]:
    due = months_after(case["plan_started_on"], WAVES[wave])
    if not talks:
        return due, "missed", {}
    assert len(talks) == 1, "the key of a follow-up is its case and wave"
    talk = talks[0]
    said = talk["outcome"] or "interviewed"
    if said == "interviewed":
        off = (talk["followed_up_on"] - due).days
        said = "in_time" if abs(off) <= 30 else "late" if off > 0 else "early"
    return due, {"U": "missed"}.get(said, said), talk


def _stable(talk: Mapping[str, Any], again: Sequence[Any]) -> bool | None:
    parts = [True in again or again[-1], talk.get("has_income"), talk.get("has_housing")]
    return None if None in parts else (not parts[0] and bool(parts[1]) and bool(parts[2]))


def _rate(frame: Frame) -> Numbers:
    stays = frame[~frame.outcome.isin(["refused", "died"])]
    return (stays.outcome == "in_time").sum(), len(stays)


def _at_twelve(column: str) -> Any:
    def measure(frame: Frame) -> Numbers:
        known = [value for value in frame[frame.wave == "m12"][column] if value is not None]
        return sum(known), len(known)

    return measure


def _lost(frame: Frame) -> Numbers:
    again = frame[(frame.later == True) & ~frame.outcome.isin(["refused", "died"])]  # noqa: E712
    return sum(again.lost), len(again)


def _courses(frame: Frame) -> Numbers:
    known = [value for value in frame.certificate if value is not None]
    return sum(known), len(known)


def _taught(frame: Frame) -> Frame:
    return victims(frame).loc[lambda f: f.assistance_type == "education_vocational"]


def _equipped(frame: Frame) -> Frame:
    return victims(frame).loc[lambda f: f.assistance_type == "livelihood_equipment"]


def _stages(tables: dict[str, Frame]) -> Frame:
    """Each case once for every stage it has reached."""
    cases, services, talks = (_records(tables[name]) for name in ("cases", "assistance", "follow_ups"))
    rows = []
    for case in cases:
        own = [s for s in services if (s["office"], s["case_ref"]) == (case["office"], case["case_ref"])]
        held = [t for t in talks if (t["office"], t["case_ref"]) == (case["office"], case["case_ref"])]
        reached = {
            "identified": True, "assisted": bool(own), "plan": case["plan_started_on"] is not None,
            "training": any(s["assistance_type"] == "education_vocational" for s in own),
            "employed": any(t["work_status"] in ("employed", "self_employed") for t in held),
            **{f"followed_{w}": any(t["wave"] == w and (t["outcome"] or "interviewed") == "interviewed" for t in held)
               for w in WAVES},
        }  # fmt: skip
        rows += [{**case, "funnel_stage": stage} for stage, is_there in reached.items() if is_there]
    return pd.DataFrame(rows, columns=[*tables["cases"].columns, "funnel_stage"], dtype=object)


TABLES = {"waves_due": _dues, "stages": _stages}

ORACLES: dict[str, Oracle] = {
    "R01": Oracle("cases", victims, persons, each_once=True, dated_by="plan_started_on"),
    "R02": Oracle("waves_due", victims, _rate, dated_by="falls_due"),
    "R04": Oracle("assistance", _taught, _courses, dated_by="ended_on"),
    "R05": Oracle("assistance", _equipped, persons, each_once=True),
    "R06": Oracle("follow_ups", victims, mean("sustainability", "0.01")),
    "R06_ECONOMIC": Oracle("follow_ups", victims, mean("economic_score", "0.01")),
    "R06_PSYCHOSOCIAL": Oracle("follow_ups", victims, mean("psychosocial_score", "0.01")),
    "R06_SOCIAL": Oracle("follow_ups", victims, mean("social_score", "0.01")),
    "R07": Oracle("waves_due", victims, _at_twelve("stable"), dated_by="falls_due"),
    "R08": Oracle("waves_due", victims, _at_twelve("retrafficked"), dated_by="falls_due"),
    "R09": Oracle("waves_due", victims, _lost, dated_by="falls_due"),
    "R10": Oracle("stages", victims, persons, dated_by="identified_on"),
}
