"""What the newsletter of November-December 2010 prints, as rows: its own numbers and nothing beside them.

Where a row cannot do without a value that is not printed (a day, a region), the value is ours and
docs/sample-data.md says so; where it can, it is empty. Numbers of participants that are not printed
are empty, which is not zero. None of these rows depends on the scale of the sample.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from pipelines.demo_rows import Chance, Records, Row, row

PROSECUTORS = 167
JUDGES = 205
# 10 oblasts and the two cities; which ten is not printed. The numbers weigh how many came from each (ours).
KZ_REGIONS = {
    "KZ-AST": 5, "KZ-ALA": 6, "KZ-AKM": 3, "KZ-AKT": 2, "KZ-ALM": 4, "KZ-VOS": 3, "KZ-ZHA": 2, "KZ-KAR": 4,
    "KZ-KUS": 2, "KZ-PAV": 2, "KZ-SEV": 1, "KZ-YUZ": 4,
}  # fmt: skip
# Twelve events, the last in September 2010; the days and how the 372 were shared out are ours.
KZ_EVENTS = (
    (date(2010, 7, 6), 28), (date(2010, 7, 13), 33), (date(2010, 7, 20), 30), (date(2010, 7, 27), 34),
    (date(2010, 8, 3), 29), (date(2010, 8, 10), 31), (date(2010, 8, 17), 32), (date(2010, 8, 24), 27),
    (date(2010, 9, 2), 35), (date(2010, 9, 9), 30), (date(2010, 9, 16), 34), (date(2010, 9, 23), 29),
)  # fmt: skip
KZ_TOPICS = ("situation", "legislation", "identification", "assistance")
KZ_RECOMMENDATIONS = ("corporate_liability", "non_criminalisation", "right_to_work")
KZ_BODIES = ("supreme_court", "general_prosecutor", "interior")
PROJECT_END = date(2010, 9, 30)

# Two days in November 2010 at Issyk-Kul; which two is ours.
FORUM_DAYS = (date(2010, 11, 24), date(2010, 11, 25))
FORUM_GUESTS = ("official", "international", "media", "ngo_staff")
FORUM_RECOMMENDATIONS = (
    "psychological_standards", "medical_training", "vocational_capacity", "partnerships", "youth",
    "professional_training",
)  # fmt: skip

# Nine of Uzbekistan's fourteen regions; which nine is ours.
UZ_REGIONS = ("UZ-AN", "UZ-BU", "UZ-FA", "UZ-NG", "UZ-QA", "UZ-SA", "UZ-SU", "UZ-TK", "UZ-XO")


def printed_facts(office: str) -> Records:
    """The newsletter's rows of an office, by fact; an office of which it prints none has none."""
    makers: dict[str, Callable[[], Records]] = {
        "kaz": _prosecutors_and_judges, "kgz": _forum_and_story, "tkm": _turkmenbashi, "uzb": _trainers,
    }  # fmt: skip
    return makers[office]() if office in makers else {}


def _prosecutors_and_judges() -> Records:
    events = [
        row(
            "training_events", event_ref=f"KZ-T{number}", event_type="training", topics=KZ_TOPICS, start_on=day,
            end_on=day, event_status="completed", has_curriculum=True, donors=["INL", "US_EMBASSY"], is_regional=False,
        )
        for number, (day, _) in enumerate(KZ_EVENTS, start=1)
    ]  # fmt: skip
    recommendations = [
        row(
            "recommendations", recommendation_ref=f"KZ-R{number}", issued_on=PROJECT_END, topic=topic,
            addressees=KZ_BODIES, state="referred",
        )
        for number, topic in enumerate(KZ_RECOMMENDATIONS, start=1)
    ]  # fmt: skip
    return {"training_events": events, "participants": _kz_participants(), "recommendations": recommendations}


def _kz_participants() -> list[Row]:
    chance = Chance("prosecutors and judges")
    total = PROSECUTORS + JUDGES
    professions = chance.some(["prosecutor"] * PROSECUTORS + ["judge"] * JUDGES, total)
    # Every region first, so that chance cannot leave one out.
    regions = [*KZ_REGIONS, *(chance.weighed(KZ_REGIONS) for _ in range(total - len(KZ_REGIONS)))]
    regions = chance.some(regions, total)
    places = [(f"KZ-T{n}", line) for n, (_, size) in enumerate(KZ_EVENTS, start=1) for line in range(1, size + 1)]
    return [
        row(
            "participants", event_ref=event, line=line, person_ref=f"KZU{number}", headcount=1,
            profession=profession, sex="U", region=region, completed=True,
        )
        for number, ((event, line), profession, region) in enumerate(zip(places, professions, regions, strict=True), 1)
    ]  # fmt: skip


def _forum_and_story() -> Records:
    event = row(
        "training_events", event_ref="KG-E1", event_type="forum", topics=["assistance"], start_on=FORUM_DAYS[0],
        end_on=FORUM_DAYS[1], event_status="completed", region="KG-Y", donors=["USAID"], is_regional=True,
    )  # fmt: skip
    guests = [
        row("participants", event_ref="KG-E1", line=line, profession=profession, sex="U")
        for line, profession in enumerate(FORUM_GUESTS, start=1)
    ]
    recommendations = [
        row(
            "recommendations", recommendation_ref=f"KG-R{number}", event_ref="KG-E1", issued_on=FORUM_DAYS[1],
            topic=topic, state="issued",
        )
        for number, topic in enumerate(FORUM_RECOMMENDATIONS, start=1)
    ]  # fmt: skip
    return {
        "training_events": [event], "participants": guests, "recommendations": recommendations, **_survivor_story(),
    }  # fmt: skip


def _turkmenbashi() -> Records:
    event = row(
        "training_events", event_ref="TM-T1", event_type="training",
        topics=["identification", "assistance", "network"], start_on=date(2010, 10, 2), end_on=date(2010, 10, 3),
        event_status="completed", region="TM-B", has_curriculum=True, is_regional=False,
    )  # fmt: skip
    # One row that stands for all: their number, sex and velayats are not printed.
    people = row("participants", event_ref="TM-T1", line=1, profession="ngo_staff", sex="U", completed=True)
    return {"training_events": [event], "participants": [people]}


def _trainers() -> Records:
    event = row(
        "training_events", event_ref="UZ-T1", event_type="tot", topics=["legislation", "identification", "youth"],
        start_on=date(2010, 11, 12), end_on=date(2010, 11, 14), event_status="completed", region="UZ-TK",
        has_curriculum=True, is_regional=False,
    )  # fmt: skip
    volunteers = [
        row(
            "participants", event_ref="UZ-T1", line=line, profession="youth_volunteer", sex="U", region=region,
            completed=True,
        )
        for line, region in enumerate(UZ_REGIONS, start=1)
    ]  # fmt: skip
    return {"training_events": [event], "participants": volunteers}


STORY_CASE = "KG-2010-1"


def _survivor_story() -> Records:
    """The story "Lending a Hand, We Create Good", coded by the project's lists (standards: HTCDS, CTDC).

    The newsletter names neither her country nor a day: the office and all days are ours. They run so
    that the talk in December lies within 30 days of six months after the first.
    """
    case = row(
        "cases", case_ref=STORY_CASE, person_ref="KGP1", vot_status="actual", screened_on=date(2010, 7, 5),
        identified_on=date(2010, 7, 5), sex="F", age_group_given="adult", education="lower_secondary",
        marital_status="single", children=1, exploitation=["sexual"], sexual_form=["prostitution"],
        country_of_exploitation=["TR"], means_of_control=STORY_MEANS, recruiter_relation=["friend_acquaintance"],
        recruitment_method="friends", duration_band="0-12", identified_by="hotline", case_status="active",
    )  # fmt: skip
    call = row(
        "hotline_contacts", contact_ref="KG-H1", hotline_ref="KG-L1", received_on=date(2010, 7, 2),
        contact_channel="call", contact_kind="genuine", caller="self", topics=["vot_help"], is_suspicion=True,
        case_ref=STORY_CASE,
    )  # fmt: skip
    services = [
        row("assistance", case_ref=STORY_CASE, assistance_type=kind, delivered_on=day, **printed)
        for kind, day, printed in STORY_SERVICES
    ]
    talk = row("follow_ups", case_ref=STORY_CASE, wave="m6", followed_up_on=date(2010, 12, 20), work_status="employed")
    return {"cases": [case], "hotline_contacts": [call], "assistance": services, "follow_ups": [talk]}


STORY_MEANS = (
    "debt_bondage", "physical_abuse", "sexual_abuse", "false_promises", "restricts_movement",
    "withholds_necessities", "withholds_documents",
)  # fmt: skip
# What else is printed of a service: the certificate of the sewing classes, and that a machine was given.
STORY_SERVICES: tuple[tuple[str, date, dict[str, Any]], ...] = (
    ("psychosocial", date(2010, 7, 12), {}),
    ("medical", date(2010, 7, 20), {}),
    ("education_vocational", date(2010, 10, 15), {"certificate": True}),
    ("livelihood_equipment", date(2010, 11, 8), {"service_kind": "equipment"}),
)
