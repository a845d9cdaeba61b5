"""Further answers about the made rows: plans, kinds of service, outcomes, costs, estimates.

They are drawn apart from the rows themselves, so that the rows stay as they are when a column is added. What
the newsletter prints never passes through here. Nothing is known before it has happened: what comes after the
quarter of its row is empty.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from indicators.calendars import Quarter
from pipelines.demo_profiles import Profile
from pipelines.demo_rows import Chance, Records, Row

# Offices whose exchange logs the calls that nobody took.
LOGS_LOST_CALLS = ("kaz", "uzb")
DECIDED_BY = {"police": 5, "court": 3, "other_gov": 2, "ngo": 1, "io": 1, "U": 1}
SERVICE_KINDS: dict[str, dict[str, int]] = {
    "legal": {"legal_consultation": 7, "legal_representation": 3},
    "education_vocational": {"short_course": 4, "vocational_course": 6},
    "livelihood_equipment": {"equipment": 8, "startup_grant": 2},
}
COURSES = ("short_course", "vocational_course")
# Why a talk told nothing of the person's work.
WITHOUT_ANSWER = {"refused": 4, "untraced": 4, "died": 2, "interviewed": 2}
ESTIMATES = {"television": "rating", "radio": "rating", "print": "print_run", "web": "impressions"}
AUDIENCES = {"television": (8000, 60000), "radio": (3000, 25000), "print": (500, 6000), "web": (300, 4000)}
MEMBERS = {0: 50, 1: 24, 2: 18, 3: 8}


def with_details(profile: Profile, scale: int, made: Records) -> Records:
    """The made rows of an office, each with the further answers of its fact."""
    chance = Chance("details", profile.office, scale)
    survey = Chance("sustainability survey", profile.office, scale)
    assisted = {service["case_ref"] for service in made["assistance"]}
    return {
        **made,
        "cases": [_case(chance, case, case["case_ref"] in assisted) for case in made["cases"]],
        "assistance": [_service(chance, service) for service in made["assistance"]],
        "referrals": [_referral(chance, referral) for referral in made["referrals"]],
        "follow_ups": [_surveyed(survey, _talk(chance, talk)) for talk in made["follow_ups"]],
        "training_events": [_event(chance, event) for event in made["training_events"]],
        "activities": [_activity(chance, activity) for activity in made["activities"]],
        "hotline_contacts": [_contact(chance, profile, contact) for contact in made["hotline_contacts"]],
    }


def _in_quarter_of(first: date, day: date) -> date | None:
    return day if day <= Quarter.of(first).end else None


def _case(chance: Chance, case: Row, is_assisted: bool) -> Row:
    day = case["identified_on"]
    # A plan begins within two days of the registration: the talks are due three and six months after it.
    plan = _in_quarter_of(day, day + timedelta(days=chance.whole(0, 2))) if is_assisted else None
    decided = None
    if case["vot_status"] == "actual" and chance.happens(0.35):
        decided = _in_quarter_of(day, day + timedelta(days=chance.whole(0, 40)))
    body = chance.weighed(DECIDED_BY) if decided else None
    return {**case, "plan_started_on": plan, "formal_status_by": body, "formal_status_on": decided}


def _service(chance: Chance, service: Row) -> Row:
    kinds = SERVICE_KINDS.get(service["assistance_type"])
    if not kinds:
        return service
    kind, day = chance.weighed(kinds), service["delivered_on"]
    if kind not in COURSES:
        return {**service, "service_kind": kind}
    ended = _in_quarter_of(day, day + timedelta(days=chance.whole(5, 45)))
    certificate = chance.happens(0.85) if ended else None
    return {**service, "service_kind": kind, "ended_on": ended, "certificate": certificate}


def _referral(chance: Chance, referral: Row) -> Row:
    return {**referral, "declined": referral["received_on"] is None and chance.happens(0.2)}


def _talk(chance: Chance, talk: Row) -> Row:
    is_unknown = talk["work_status"] == "U" or (talk["work_status"] == "not_working" and chance.happens(0.3))
    outcome = chance.weighed(WITHOUT_ANSWER) if is_unknown else "interviewed"
    answers: dict[str, Any] = {"work_status": "U"} if is_unknown else {}
    if outcome == "interviewed":
        works = talk["work_status"] in ("employed", "self_employed")
        answers |= {
            "retrafficked": chance.happens(0.03),
            "has_income": works or chance.happens(0.3),
            "has_housing": None if chance.happens(0.05) else chance.happens(0.85),
        }
    return {**talk, "outcome": outcome, **answers}


def _surveyed(chance: Chance, talk: Row) -> Row:
    """The scores of the survey, which most of those who answered filled in; whoever works stands firmer."""
    if talk["outcome"] != "interviewed" or not chance.happens(0.85):
        return talk
    works = 20 if talk["work_status"] in ("employed", "self_employed") else 0
    parts = [Decimal(chance.whole(25 + more, 75 + more)) / 100 for more in (works, 5, 10)]
    whole = (sum(parts, Decimal(0)) / 3).quantize(Decimal("0.01"), ROUND_HALF_UP)
    names = ("economic_score", "social_score", "psychosocial_score")
    return {**talk, "sustainability": whole, **dict(zip(names, parts, strict=True))}


def _event(chance: Chance, event: Row) -> Row:
    days = (event["end_on"] - event["start_on"]).days + 1
    cost = None if chance.happens(0.1) else Decimal(days * chance.whole(450, 1200))
    return {**event, "cost": cost, "members_involved": chance.weighed(MEMBERS)}


def _activity(chance: Chance, activity: Row) -> Row:
    if activity["activity_status"] != "completed":
        return activity
    members = {"members_involved": chance.weighed(MEMBERS)}
    method = ESTIMATES.get(activity["channel"])
    if method is None:
        return {**activity, **members}
    low, high = AUDIENCES[activity["channel"]]
    # An estimate is a round number.
    audience = chance.whole(low // 100, high // 100) * 100
    return {**activity, **members, "estimated_audience": audience, "estimate_method": method}


def _contact(chance: Chance, profile: Profile, contact: Row) -> Row:
    """Whether a call was answered; a lost one is among the silent, for nobody spoke."""
    if profile.office not in LOGS_LOST_CALLS or contact["contact_channel"] != "call":
        return contact
    return {**contact, "answered": contact["contact_kind"] != "silent" or chance.happens(0.4)}
