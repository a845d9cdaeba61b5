"""Made trainers, materials, instruments and recommendations of the sample quarters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from indicators.facts import regions_in_force
from pipelines.demo_profiles import Profile
from pipelines.demo_rows import FIRST_DAY, LAST_DAY, Chance, Records, Row, row

# Here trainers are trained who then lead the events after theirs, the last as a second generation.
TRAINS_TRAINERS = "tjk"
HAND_OUTS = {"kaz": 7, "kgz": 6, "tjk": 5, "tkm": 3, "uzb": 8}
LANGUAGES = {"kaz": "kk", "kgz": "ky", "tjk": "tg", "tkm": "tk", "uzb": "uz"}
MATERIALS = {"leaflet": 40, "booklet": 18, "poster": 16, "card": 16, "souvenir": 8, "other": 2}
# Kind, stage and day: made, like everything of this module.
INSTRUMENTS = {
    "kgz": (("action_plan", "draft", date(2010, 8, 19)),),
    "tjk": (("law", "final", date(2010, 12, 9)), ("bylaw", "final", date(2010, 9, 14))),
    "uzb": (("agreement", "final", date(2010, 11, 3)), ("law", "draft", date(2010, 10, 21))),
}
# Topic, bodies, day of issue, of referral and of closing, state.
RECOMMENDATIONS = {
    "tjk": (
        ("medical_training", ("interior",), date(2010, 7, 30), date(2010, 8, 6), date(2010, 9, 24), "implemented"),
        ("partnerships", ("general_prosecutor",), date(2010, 8, 27), date(2010, 9, 3), date(2010, 9, 29), "rejected"),
        ("youth", ("interior",), date(2010, 11, 19), date(2010, 12, 1), None, "referred"),
    ),
    "uzb": (("right_to_work", ("supreme_court",), date(2010, 9, 10), date(2010, 9, 17), None, "referred"),),
}  # fmt: skip


def taught_trainers(profile: Profile, made: Records) -> Records:
    """The made events and who led them: where trainers are trained, all but the last event are theirs."""
    events = made["training_events"]
    if profile.office != TRAINS_TRAINERS:
        return {"training_events": events, "trainers": list(_hired(profile, events))}
    last = max(events, key=lambda event: (event["start_on"], event["event_ref"]))
    taught = [event if event is last else {**event, "event_type": "tot"} for event in events]
    return {"training_events": taught, "trainers": list(_generations(profile, taught, made["participants"]))}


def _hired(profile: Profile, events: list[Row]) -> Iterator[Row]:
    chance = Chance("trainers", profile.office)
    for event in events:
        for number in sorted(chance.some(range(1, 6), chance.whole(1, 2))):
            yield _leads(event, f"{profile.country}T{number}")


def _generations(profile: Profile, events: list[Row], participants: list[Row]) -> Iterator[Row]:
    """Each event is led by people of the one that ended last before it, the first by trainers from outside."""
    chance = Chance("trainers", profile.office)
    for event in events:
        before = [e for e in events if e["event_type"] == "tot" and e["end_on"] < event["start_on"]]
        if not before:
            yield _leads(event, f"{profile.country}T1")
            continue
        school = max(before, key=lambda e: e["end_on"])["event_ref"]
        passed = [p["person_ref"] for p in participants if p["event_ref"] == school and p["completed"]]
        yield from (_leads(event, person) for person in chance.some(passed, 2))


def _leads(event: Row, person_ref: str) -> Row:
    return row("trainers", event_ref=event["event_ref"], person_ref=person_ref)


def materials(profile: Profile, scale: int) -> list[Row]:
    """Hand-outs over both quarters, numbered by day."""
    chance = Chance("materials", profile.office, scale)
    days = sorted(chance.day(FIRST_DAY, LAST_DAY) for _ in range(HAND_OUTS[profile.office] * scale))
    return [_hand_out(chance, profile, f"{profile.country}-M{n}", day) for n, day in enumerate(days, start=1)]


def _hand_out(chance: Chance, profile: Profile, material_ref: str, day: date) -> Row:
    printed = chance.whole(2, 40) * 50
    handed_out = printed * chance.whole(40, 100) // 100
    return row(
        "materials", material_ref=material_ref, material_type=chance.weighed(MATERIALS),
        material_language=chance.weighed({LANGUAGES[profile.office]: 6, "ru": 4}),
        region=chance.pick(regions_in_force(profile.country, day)), handed_out_on=day, printed=printed,
        distributed=handed_out, in_stock=printed - handed_out,
    )  # fmt: skip


def instruments(profile: Profile) -> list[Row]:
    """Laws, plans and agreements of a country, drafts among them."""
    return [
        row(
            "instruments", instrument_ref=f"{profile.country}-I{number}", instrument_kind=kind,
            instrument_stage=stage, adopted_on=day,
        )
        for number, (kind, stage, day) in enumerate(INSTRUMENTS.get(profile.office, ()), start=1)
    ]  # fmt: skip


def recommendations(profile: Profile) -> list[Row]:
    """Recommendations beside those that are printed: referred, and some of them closed."""
    return [
        row(
            "recommendations", recommendation_ref=f"{profile.country}-R{number}", issued_on=issued, topic=topic,
            addressees=bodies, state=state, referred_on=referred, closed_on=closed,
        )
        for number, (topic, bodies, issued, referred, closed, state) in enumerate(
            RECOMMENDATIONS.get(profile.office, ()), start=1
        )
    ]  # fmt: skip
