"""Generated trainings, campaign activities and hotline contacts of the sample quarters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from indicators.calendars import Quarter
from indicators.facts import regions_in_force
from pipelines.demo_directory import hotlines
from pipelines.demo_profiles import Profile
from pipelines.demo_rows import FIRST_DAY, LAST_DAY, PERIODS, Chance, Records, Row, row

# The Kyrgyz form sends numbers by profession, the other forms one line a person.
SENDS_GROUPS = ("kgz",)
AUDIENCES = (
    {"police": 5, "prosecutor": 2, "official": 2},
    {"ngo_staff": 5, "psychologist": 2, "lawyer": 1, "medical": 1},
    {"student": 6, "youth_volunteer": 2},
)
TOPICS = ("situation", "legislation", "identification", "assistance", "youth", "network")
DONORS = {("USAID",): 5, ("NORWAY",): 2, ("INL",): 2, ("USAID", "NORWAY"): 1}
# Nobody attends a broadcast or a poster: direct contacts are truly none there.
AT_A_DISTANCE = ("television", "radio", "print", "web")
CHANNELS = {
    "roadshow": 18, "seminar": 30, "school": 26, "theatre": 8, "radio": 7, "television": 4, "print": 5, "web": 2,
}  # fmt: skip
TARGET_GROUPS = {"general_public": 26, "youth": 34, "migrants": 22, "rural": 12, "professionals": 6}
# One office did not record the attendance of one activity: its quarter is then unknown, not smaller.
UNRECORDED = ("TJ-C1",)
KINDS = {"genuine": 85, "silent": 8, "prank": 5, "test": 2}
CALLERS = {"self": 60, "family": 24, "ngo": 7, "police": 4, "other": 3, "U": 2}
QUESTIONS = {
    "work": 44, "documents": 22, "study": 10, "missing_person": 8, "marriage": 6, "vot_help": 6, "other": 4,
}  # fmt: skip


def trainings(profile: Profile, scale: int, first_number: int) -> Records:
    """Training events and their participants; event numbers begin at `first_number`."""
    chance = Chance("trainings", profile.office, scale)
    events: list[Row] = []
    participants: list[Row] = []
    for period, count in profile.trainings.items():
        for _ in range(count * scale):
            event = _event(chance, profile, Quarter.parse(period), first_number + len(events))
            events.append(event)
            attend = _groups if profile.office in SENDS_GROUPS else _attendance
            participants += attend(chance, profile, event, participants)
    return {"training_events": events, "participants": participants}


def _event(chance: Chance, profile: Profile, quarter: Quarter, number: int) -> Row:
    start = chance.day(quarter.start + timedelta(days=5), quarter.end - timedelta(days=10))
    days = chance.whole(1, 3)
    return row(
        "training_events",
        event_ref=f"{profile.country}-T{number}",
        event_type=chance.weighed({"training": 7, "seminar": 3}),
        topics=chance.some(TOPICS, chance.whole(2, 4)),
        start_on=start,
        end_on=start + timedelta(days=days - 1),
        event_status="completed",
        region=chance.pick(regions_in_force(profile.country, start)),
        hours=days * Decimal("6.5"),
        has_curriculum=True,
        donors=chance.weighed(DONORS),
        is_regional=False,
    )


def _attendance(chance: Chance, profile: Profile, event: Row, earlier: list[Row]) -> Iterator[Row]:
    """One row a person; a few were at an event before and keep their code, profession and region."""
    audience = chance.pick(AUDIENCES)
    came_before = chance.some(earlier, 3) if chance.happens(0.8) else []
    known = {p["person_ref"]: p for p in came_before}
    new_numbers = range(len(earlier) + 1, len(earlier) + chance.whole(16, 26) - len(known) + 1)
    for line, person_ref in enumerate([*known, *(f"{profile.country}U{n}" for n in new_numbers)], start=1):
        before = known.get(person_ref)
        yield row(
            "participants",
            event_ref=event["event_ref"],
            line=line,
            person_ref=person_ref,
            headcount=1,
            profession=before["profession"] if before else chance.weighed(audience),
            sex=before["sex"] if before else chance.weighed({"F": 48, "M": 50, "U": 2}),
            region=before["region"] if before else chance.pick(regions_in_force(profile.country, event["end_on"])),
            **_result(chance),
        )


def _result(chance: Chance) -> dict[str, Any]:
    """Whether the person completed, and the tests; who left early has no final one."""
    completed = chance.happens(0.92)
    if chance.happens(0.1):
        return {"completed": completed}
    before = chance.whole(60, 140)
    after = min(before + chance.whole(-6, 60), 200)
    return {
        "completed": completed,
        "pre_test": Decimal(before) / 2,
        "post_test": Decimal(after) / 2 if completed else None,
    }


def _groups(chance: Chance, profile: Profile, event: Row, earlier: list[Row]) -> Iterator[Row]:
    """Numbers by profession: persons cannot be told apart."""
    for line, profession in enumerate(chance.pick(AUDIENCES), start=1):
        yield row(
            "participants", event_ref=event["event_ref"], line=line, headcount=chance.whole(3, 14),
            profession=profession, sex="U", completed=True,
        )  # fmt: skip


def activities(profile: Profile, scale: int) -> list[Row]:
    """Campaign activities over both quarters, numbered by day."""
    chance = Chance("activities", profile.office, scale)
    days = sorted(chance.day(FIRST_DAY, LAST_DAY) for _ in range(profile.activities * scale))
    return [_activity(chance, profile, f"{profile.country}-C{number}", day) for number, day in enumerate(days, start=1)]


def _activity(chance: Chance, profile: Profile, activity_ref: str, day: date) -> Row:
    channel = "roadshow" if activity_ref in UNRECORDED else chance.weighed(CHANNELS)
    is_held = activity_ref in UNRECORDED or chance.happens(0.95)
    reached = 0 if channel in AT_A_DISTANCE else chance.whole(15, 140)
    return row(
        "activities",
        activity_ref=activity_ref,
        channel=channel,
        held_on=day,
        activity_status="completed" if is_held else "cancelled",
        region=None if channel in AT_A_DISTANCE else chance.pick(regions_in_force(profile.country, day)),
        audience=[chance.weighed(TARGET_GROUPS)],
        donors=chance.weighed(DONORS),
        reached=reached if is_held and activity_ref not in UNRECORDED else None,
    )


def hotline_contacts(profile: Profile, scale: int, cases: list[Row], first_number: int) -> list[Row]:
    """Contacts over both quarters, numbered by day: those from which a case came, and many others."""
    chance = Chance("hotline", profile.office, scale)
    lines = [line["hotline_ref"] for line in hotlines() if line["country"] == profile.country]
    contacts = [_about_a_case(chance, lines, case) for case in cases if case["identified_by"] == "hotline"]
    while len(contacts) < profile.contacts * scale:
        contacts.append(_other_contact(chance, lines))
    contacts.sort(key=lambda contact: contact["received_on"])
    return [{**c, "contact_ref": f"{profile.country}-H{n}"} for n, c in enumerate(contacts, start=first_number)]


def _about_a_case(chance: Chance, lines: list[str], case: Row) -> Row:
    # Within the case's quarter, so that contact and case are in the same exports.
    longest = (case["identified_on"] - Quarter.of(case["identified_on"]).start).days
    return row(
        "hotline_contacts",
        hotline_ref=chance.pick(lines),
        received_on=case["identified_on"] - timedelta(days=min(chance.whole(0, 6), longest)),
        contact_channel="call",
        contact_kind="genuine",
        caller=chance.weighed({"self": 6, "family": 3, "ngo": 1}),
        topics=["vot_help", *(["documents"] if chance.happens(0.2) else [])],
        is_suspicion=True,
        case_ref=case["case_ref"],
    )


def _other_contact(chance: Chance, lines: list[str]) -> Row:
    kind = chance.weighed(KINDS)
    is_genuine = kind == "genuine"
    topics = {chance.weighed(QUESTIONS) for _ in range(chance.weighed({0: 8, 1: 74, 2: 18}))} if is_genuine else set()
    return row(
        "hotline_contacts",
        hotline_ref=chance.pick(lines),
        received_on=Quarter.parse(chance.pick(PERIODS)).start + timedelta(days=chance.whole(0, 91)),
        contact_channel=chance.weighed({"call": 88, "message": 8, "visit": 4}),
        contact_kind=kind,
        caller=chance.weighed(CALLERS) if is_genuine else "U",
        topics=topics,
        is_suspicion=chance.happens(0.06) if is_genuine else None,
    )
