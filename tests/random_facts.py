"""Random rows for the counted facts: small, skewed, with unknown values and people who come back."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from indicators.facts import codelists

PLACES = ("KZ", "KG", "TJ", "TM", "UZ")
FIRST, LAST = date(2010, 7, 1), date(2010, 12, 31)
SCORES = ("sustainability", "economic_score", "social_score", "psychosocial_score")
Rows = dict[str, list[dict[str, Any]]]


def random_rows(seed: int, size: int = 30) -> Rows:
    """Rows of every counted fact, `size` persons a place; columns as in the counted views."""
    chance = random.Random(seed)
    makers: dict[str, Callable[[random.Random, str, int], dict[str, Any]]] = {
        "cases": _case, "assistance": _service, "referrals": _referral, "follow_ups": _follow_up,
        "participants": _participant, "training_events": _event, "activities": _activity,
        "hotline_contacts": _contact, "recommendations": _recommendation, "organisations": _organisation,
        "instruments": _instrument, "materials": _material, "trainers": _trainer, "owed_files": _owed_file,
        "restated_figures": _restated_figure,
    }  # fmt: skip
    rows = {
        fact: [
            {"place": place, "office": place.lower(), **maker(chance, place, i)}
            for place in PLACES
            for i in range(chance.randint(0, size))
        ]
        for fact, maker in makers.items()
    }
    rows["organisations"] = _directories(random.Random(seed + 1), rows["organisations"])
    return rows


def _directories(chance: random.Random, listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The directories of two quarters; the later lists most of the organisations of the earlier, changed."""
    earlier = [_told(chance, row) for row in listed]
    later = [{**_told(chance, row), "snapshot": "2010-Q4"} for row in listed if chance.random() < 0.85]
    return [*earlier, *later]


def _told(chance: random.Random, row: dict[str, Any]) -> dict[str, Any]:
    """An organisation and what a directory may say of it; one unit of Kazakhstan did not exist yet."""
    place = row["place"]
    first, last = chance.choice((None, None, _day(chance))), chance.choice((None, None, _day(chance)))
    criteria = [code for code in codelists()["criterion"].codes if chance.random() < 0.75]
    covered = [_region(chance, place) for _ in range(chance.choice((0, 1, 2)))] + ["KZ-10"] * (place == "KZ")
    return {
        **row, "country": place, "criteria_met": chance.choice((criteria, criteria, [])),
        "services": _some(chance, "assistance_type") + chance.choice(([], ["shelter"], ["legal", "medical"])),
        "regions_covered": chance.choice(([], sorted({unit for unit in covered if unit}))),
        "member_from": first, "member_to": last,
    }  # fmt: skip


def _day(chance: random.Random) -> date:
    return FIRST + timedelta(days=chance.randint(0, (LAST - FIRST).days))


def _one(chance: random.Random, name: str) -> str:
    """A code, the first ones of the list much more often."""
    codes = list(codelists()[name].codes)
    return codes[min(int(chance.expovariate(0.9)), len(codes) - 1)]


def _some(chance: random.Random, name: str) -> list[str]:
    known = [code for code in codelists()[name].codes if code != "U"]
    return sorted(chance.sample(known[:4], chance.choice((0, 1, 1, 2))))


def _perhaps(chance: random.Random, value: Any) -> Any:
    return value if chance.random() < 0.7 else None


def _yes(chance: random.Random) -> bool | None:
    return chance.choice((True, False, None))


def _region(chance: random.Random, place: str) -> str | None:
    own = [c.code for c in codelists()["region"].codes.values() if c.attributes.get("country") == place]
    return chance.choice([*own[:4], None])


def _person(chance: random.Random, place: str) -> dict[str, Any]:
    number = chance.randint(1, 25)
    fixed = random.Random(f"{place}{number}")
    return {
        "person_ref": f"{place}{number}",
        "sex": fixed.choice("FFFMMOU"),
        "age_group": fixed.choice(("minor", "adult", "adult", "U")),
        "exploitation": _some(fixed, "exploitation"),
    }


def _case(chance: random.Random, place: str, i: int) -> dict[str, Any]:
    person = {name: value for name, value in _person(chance, place).items() if name != "age_group"}
    return {
        **person, "case_ref": f"{place}-2010-{i}", "identified_on": _day(chance),
        "vot_status": chance.choice(("actual", "actual", "possible")), "region": _region(chance, place),
        "citizenship": _some(chance, "country"), "country_of_exploitation": _some(chance, "country"),
        "identified_by": chance.choice(("police", "ngo", None)),
        "screened_on": _day(chance), "plan_started_on": _perhaps(chance, _day(chance)), "age": chance.randint(5, 60),
        "formal_status_by": _one(chance, "decided_by"), "formal_status_on": _perhaps(chance, _day(chance)),
        **_age_given(i),
    }  # fmt: skip


def _age_given(i: int) -> dict[str, Any]:
    """Of every fourth case no years are known: a band, or whether of age, or neither."""
    if i % 4:
        return {}
    bands, groups = ("9-17", None, None, "21-23", "U", None), (None, "minor", "adult", None, "minor", None)
    return {"age": None, "age_band_given": bands[i // 4 % 6], "age_group_given": groups[i // 4 % 6]}


def _service(chance: random.Random, place: str, i: int) -> dict[str, Any]:
    return {
        **_person(chance, place), "case_ref": f"{place}-2010-{i}", "delivered_on": _day(chance),
        "vot_status": "possible" if i % 7 == 3 else "actual", "assistance_type": _one(chance, "assistance_type"),
        "identified_on": _day(chance), "service_kind": _one(chance, "service_kind"), "ended_on": _day(chance),
        "certificate": _yes(chance), "organisation_ref": f"{place}-O{chance.randint(0, 5)}",
        "provider_type": _one(chance, "org_type"),
    }  # fmt: skip


def _referral(chance: random.Random, place: str, i: int) -> dict[str, Any]:
    return {
        **_person(chance, place), "case_ref": f"{place}-2010-{i}", "sent_on": _day(chance), "vot_status": "actual",
        "assistance_type": _one(chance, "assistance_type"), "to_org_type": _one(chance, "org_type"),
        "from_organisation": f"{place}-O{chance.randint(0, 5)}", "to_organisation": f"{place}-O{chance.randint(0, 5)}",
        "received_on": _perhaps(chance, _day(chance)), "declined": _yes(chance),
    }  # fmt: skip


def _follow_up(chance: random.Random, place: str, i: int) -> dict[str, Any]:
    return {
        **_person(chance, place), "case_ref": f"{place}-2010-{i}", "followed_up_on": _day(chance),
        "vot_status": "actual", "wave": _one(chance, "follow_up_wave"), "work_status": _one(chance, "work_status"),
        "outcome": _one(chance, "follow_up_outcome"), "retrafficked": _yes(chance), "has_income": _yes(chance),
        "has_housing": _yes(chance), **{name: _score(chance) for name in SCORES},
    }  # fmt: skip


def _score(chance: random.Random) -> Decimal | None:
    return Decimal(chance.randint(0, 100)) / 100 if chance.random() < 0.7 else None


def _participant(chance: random.Random, place: str, i: int) -> dict[str, Any]:
    return {
        "event_ref": f"{place}-T{i}", "line": i, "end_on": _day(chance), "event_status": "completed",
        "has_curriculum": True, "completed": chance.random() < 0.9, "headcount": 1,
        "person_ref": f"{place}{chance.randint(1, 30)}", "profession": _one(chance, "profession"),
        "sex": chance.choice("FFMU"), "region": _region(chance, place),
        "pre_test": Decimal(chance.randint(0, 100)), "post_test": _perhaps(chance, Decimal(chance.randint(0, 100))),
        "hours": Decimal(chance.randint(4, 40)), "event_type": _one(chance, "event_type"),
    }  # fmt: skip


def _event(chance: random.Random, place: str, i: int) -> dict[str, Any]:
    return {
        "event_ref": f"{place}-T{i}", "event_type": _one(chance, "event_type"), "end_on": _day(chance),
        "event_status": chance.choice(("completed", "completed", "cancelled")), "region": _region(chance, place),
        "donors": _some(chance, "donor"),
        "cost": Decimal(chance.randint(0, 10**6)) / 100, "hours": Decimal(chance.randint(4, 40)),
        "members_involved": chance.randint(0, 4), "start_on": FIRST, "has_curriculum": _yes(chance),
        "is_regional": _yes(chance), "topics": _some(chance, "topic"),
    }  # fmt: skip


def _activity(chance: random.Random, place: str, i: int) -> dict[str, Any]:
    return {
        "activity_ref": f"{place}-C{i}", "held_on": _day(chance), "activity_status": "completed",
        "channel": _one(chance, "channel"), "reached": chance.randint(0, 80), "region": _region(chance, place),
        "audience": _some(chance, "audience"),
        "members_involved": chance.randint(0, 4), "estimated_audience": chance.randint(0, 9000),
        "estimate_method": _one(chance, "estimate_method"), "donors": _some(chance, "donor"),
    }  # fmt: skip


def _contact(chance: random.Random, place: str, i: int) -> dict[str, Any]:
    return {
        "contact_ref": f"{place}-H{i}", "received_on": _day(chance), "contact_channel": _one(chance, "contact_channel"),
        "contact_kind": _one(chance, "contact_kind"), "caller": _one(chance, "caller"),
        "topics": _some(chance, "hotline_topic"),
        "answered": _yes(chance), "is_suspicion": _yes(chance), "hotline_ref": f"{place}-L1",
        "case_ref": _perhaps(chance, f"{place}-2010-{chance.randint(0, 20)}"),
    }  # fmt: skip


def _recommendation(chance: random.Random, place: str, i: int) -> dict[str, Any]:
    return {
        "event_ref": f"{place}-T{i}" if i % 3 else None,
        "recommendation_ref": f"{place}-R{i}", "issued_on": _day(chance), "topic": _one(chance, "topic"),
        "addressees": _some(chance, "addressee"),
        "referred_on": _perhaps(chance, _day(chance) - timedelta(days=365)),
        "state": _one(chance, "recommendation_state"),
        "closed_on": _perhaps(chance, _day(chance)),
    }  # fmt: skip


def _organisation(chance: random.Random, place: str, i: int) -> dict[str, Any]:
    return {
        "organisation_ref": f"{place}-O{i}", "is_member": chance.random() < 0.8, "region": _region(chance, place),
        "org_type": _one(chance, "org_type"), "snapshot": "2010-Q3",
    }  # fmt: skip


def _instrument(chance: random.Random, place: str, i: int) -> dict[str, Any]:
    return {
        "instrument_ref": f"{place}-I{i}", "instrument_kind": _one(chance, "instrument_kind"),
        "instrument_stage": _one(chance, "instrument_stage"), "adopted_on": _day(chance),
    }  # fmt: skip


def _material(chance: random.Random, place: str, i: int) -> dict[str, Any]:
    return {
        "material_ref": f"{place}-M{i}", "material_type": _one(chance, "material_type"),
        "material_language": _one(chance, "material_language"), "region": _region(chance, place),
        "handed_out_on": _day(chance), "printed": chance.randint(0, 900), "distributed": chance.randint(0, 900),
        "in_stock": chance.randint(0, 90),
    }  # fmt: skip


def _trainer(chance: random.Random, place: str, i: int) -> dict[str, Any]:
    return {
        "event_ref": f"{place}-T{i}", "person_ref": f"{place}{chance.randint(1, 30)}", "end_on": _day(chance),
        "event_status": "completed", "event_type": _one(chance, "event_type"), "region": _region(chance, place),
    }  # fmt: skip


def _restated_figure(chance: random.Random, place: str, i: int) -> dict[str, Any]:
    quarters = (date(2010, 9, 30), LAST)
    return {
        "edition": f"edition_{chance.randint(0, 3)}", "figure": f"P{i:02d}", "figure_of": chance.choice(quarters),
        "restated_for": chance.choice(quarters), "cause": _one(chance, "cause"),
    }  # fmt: skip


def _owed_file(chance: random.Random, place: str, i: int) -> dict[str, Any]:
    covers_to = chance.choice((date(2010, 9, 30), LAST))
    due_on = covers_to + timedelta(days=30)
    first_on = _perhaps(chance, due_on + timedelta(days=chance.randint(-2, 2)))
    return {
        "slot": f"slot_{i}", "exports": _some(chance, "export") or ["cases"], "covers_to": covers_to, "due_on": due_on,
        "first_on": first_on, "held_for": _some(chance, "held_for") if first_on else [],
    }  # fmt: skip
