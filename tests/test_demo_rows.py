"""The made part of the sample: rows as declared, rules kept, awkward things present, the same every time."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from indicators.calendars import Quarter
from indicators.facts import Column, codelists, facts
from pipelines.demo import DIRECTORY_OFFICE, sample_records
from pipelines.demo_details import LOGS_LOST_CALLS
from pipelines.demo_facts import STORY_CASE, printed_facts
from pipelines.demo_rows import PERIODS, Chance, row
from tests.sample_rows import COUNTRIES, REPOSITORY, SAMPLE, only, rows

PARTS = [(office, period, fact) for (office, period), records in SAMPLE.items() for fact in records]


# Whole and true to the declaration


@pytest.mark.parametrize(("office", "period", "fact"), PARTS, ids=lambda part: str(part))
def test_rows_are_as_declared(office, period, fact):
    columns = facts()[fact].columns
    for r in SAMPLE[office, period][fact]:
        assert list(r) == list(columns)
        assert [name for name, column in columns.items() if not is_as_declared(column, r[name])] == []


PYTHON_TYPES: dict[str, Any] = {"integer": int, "decimal": Decimal, "date": date, "boolean": bool}


def is_as_declared(column: Column, value: Any) -> bool:
    if column.is_list:
        return type(value) is list and set(value) <= set(codelists()[column.values or ""].codes)
    if value is None:
        return not column.required
    if column.type == "code":
        return value in codelists()[column.values or ""].codes
    if type(value) is not PYTHON_TYPES.get(column.type, str):
        return False
    low, high = column.minimum, column.maximum
    in_range = (low is None or value >= low) and (high is None or value <= high)
    return in_range and (column.pattern is None or re.fullmatch(column.pattern, value) is not None)


def test_every_office_and_period_has_every_fact():
    exports = {"cases", "training", "campaigns"}
    named = {f.name for f in facts().values() if f.export in exports}
    assert set(SAMPLE) == {(office, period) for office in (*COUNTRIES, DIRECTORY_OFFICE) for period in PERIODS}
    for (office, _), records in SAMPLE.items():
        assert set(records) == ({"organisations", "hotlines"} if office == DIRECTORY_OFFICE else named)


@pytest.mark.parametrize("office", [*COUNTRIES, DIRECTORY_OFFICE])
def test_keys_are_given_once(office):
    for fact in facts().values():
        # A state is a list sent anew for every period.
        for part in PERIODS if fact.kind == "state" else (None,):
            keys = Counter(tuple(r[name] for name in fact.key) for r in rows(fact.name, office, part))
            assert [key for key, times in keys.items() if times > 1] == []


@pytest.mark.parametrize(("office", "period", "fact"), PARTS, ids=lambda part: str(part))
def test_dates_lie_within_the_period_and_nothing_is_known_before_it_happens(office, period, fact):
    declared, quarter = facts()[fact], Quarter.parse(period)
    dated_by = declared.dated_by or ""
    for r in SAMPLE[office, period][fact] if declared.kind == "event" else []:
        # Participants are dated by their event.
        if dated_by in declared.columns:
            assert quarter.start <= r[dated_by] <= quarter.end
        known = [r[name] for name, column in declared.columns.items() if column.type == "date" and r[name]]
        assert all(day <= quarter.end for day in known)


@pytest.mark.parametrize("office", COUNTRIES)
def test_what_follows_a_case_comes_after_it(office):
    cases = {c["case_ref"]: c for c in rows("cases", office)}
    served: dict[str, date] = {}
    for service in sorted(rows("assistance", office), key=lambda s: s["delivered_on"]):
        assert service["delivered_on"] >= cases[service["case_ref"]]["identified_on"]
        served.setdefault(service["case_ref"], service["delivered_on"])
    for referral in rows("referrals", office):
        assert referral["sent_on"] >= cases[referral["case_ref"]]["identified_on"]
        assert referral["received_on"] is None or referral["received_on"] >= referral["sent_on"]
    for talk in rows("follow_ups", office):
        assert talk["followed_up_on"] > served[talk["case_ref"]]
        due = {"m3": 91, "m6": 183}[talk["wave"]]
        assert abs((talk["followed_up_on"] - cases[talk["case_ref"]]["identified_on"]).days - due) <= 30
    for contact in rows("hotline_contacts", office):
        assert contact["case_ref"] is None or contact["received_on"] <= cases[contact["case_ref"]]["identified_on"]


@pytest.mark.parametrize("period", PERIODS)
def test_organisations_and_hotlines_stand_in_the_directory_of_the_period(period):
    listed = {o["organisation_ref"]: o for o in rows("organisations", DIRECTORY_OFFICE, period)}
    lines = {h["hotline_ref"]: h["country"] for h in rows("hotlines", DIRECTORY_OFFICE, period)}
    for referral in rows("referrals", period=period):
        assert listed[referral["from_organisation"]]["is_member"]
        assert referral["from_organisation"] != referral["to_organisation"]
        assert listed[referral["to_organisation"]]["org_type"] == referral["to_org_type"]
    for service in rows("assistance", period=period):
        provider = listed.get(service["organisation_ref"], {"org_type": None})
        assert (service["organisation_ref"] is None) == (provider["org_type"] is None)
        assert service["provider_type"] == provider["org_type"]
    for office, country in COUNTRIES.items():
        assert {lines[c["hotline_ref"]] for c in rows("hotline_contacts", office, period)} == {country}


@pytest.mark.parametrize("office", COUNTRIES)
def test_codes_and_regions_are_the_country_s_own(office):
    country = COUNTRIES[office]
    for fact in ("cases", "training_events", "activities", "hotline_contacts", "recommendations"):
        assert all(r[facts()[fact].key[0]].startswith(f"{country}-") for r in rows(fact, office))
    for fact in ("cases", "participants", "training_events", "activities"):
        assert {r["region"][:2] for r in rows(fact, office) if r["region"]} <= {country}


@pytest.mark.parametrize("scale", [1, 3])
@pytest.mark.parametrize("period", PERIODS)
def test_the_kyrgyz_form_has_room_for_every_detail(period, scale):
    records = sample_records(scale)["kgz", period]
    room = {("assistance", "case_ref"): 4, ("referrals", "case_ref"): 3, ("follow_ups", "case_ref"): 2,
            ("participants", "event_ref"): 6}  # fmt: skip
    for (fact, owner), most in room.items():
        assert max(Counter(r[owner] for r in records[fact]).values()) <= most


def test_an_event_lists_persons_or_groups_never_both():
    for event in rows("training_events"):
        lines = [p for p in rows("participants") if p["event_ref"] == event["event_ref"]]
        assert lines
        assert len({line["person_ref"] is None for line in lines}) == 1


# What protection and counting need to be tried on


def test_small_cells_occur_in_every_quarter():
    for period in PERIODS:
        cells = Counter((c["sex"], form) for c in rows("cases", period=period) for form in c["exploitation"])
        assert {size for size in cells.values() if size < 5}
        assert cells["M", "sexual"] + cells["O", "sexual"] > 0
    assert any(c["sex"] == "O" for c in rows("cases"))


@pytest.mark.parametrize("office", COUNTRIES)
def test_people_come_back_in_both_quarters_and_have_several_services(office):
    first, second = ({s["case_ref"] for s in rows("assistance", office, period)} for period in PERIODS)
    assert first & second
    assert max(Counter(s["case_ref"] for s in rows("assistance", office, "2010-Q4")).values()) > 1


def test_a_few_persons_have_two_cases():
    cases = Counter((office, c["person_ref"]) for office in COUNTRIES for c in rows("cases", office))
    assert 1 <= sum(times == 2 for times in cases.values()) <= 10
    assert max(cases.values()) == 2


@pytest.mark.parametrize("period", PERIODS)
def test_referrals_are_answered_or_open_at_home_or_abroad(period):
    found = rows("referrals", period=period)
    assert {r["received_on"] is None for r in found} == {True, False}
    assert {r["from_organisation"][:2] == r["to_organisation"][:2] for r in found} == {True, False}
    assert {r["is_member"] for r in rows("organisations", period=period)} == {True, False}


def test_unknown_answers_occur():
    assert "U" in {f["work_status"] for f in rows("follow_ups")}
    assert None in {c["age"] for c in rows("cases")}
    assert [] in [c["exploitation"] for c in rows("cases") if c["vot_status"] != "not_vot"]
    assert [] in [c["topics"] for c in rows("hotline_contacts") if c["contact_kind"] == "genuine"]


@pytest.mark.parametrize("office", COUNTRIES)
def test_the_size_is_that_of_a_small_country_programme(office):
    assert 25 <= len(rows("cases", office)) <= 60


# The further answers and facts


def test_follow_ups_end_in_every_way():
    outcomes = {f["outcome"] for f in rows("follow_ups")}
    assert {"interviewed", "refused", "untraced"} <= outcomes
    for talk in rows("follow_ups"):
        if talk["outcome"] not in ("interviewed", None):
            assert (talk["work_status"], talk["has_income"], talk["has_housing"]) == ("U", None, None)


def test_scores_of_the_survey_are_of_talks_that_were_held():
    scores = ("sustainability", "economic_score", "social_score", "psychosocial_score")
    surveyed = [f for f in rows("follow_ups") if f["sustainability"] is not None]
    assert 0 < len(surveyed) < len([f for f in rows("follow_ups") if f["outcome"] == "interviewed"])
    assert {f["outcome"] for f in surveyed} == {"interviewed"}
    assert all(0 <= f[name] <= 1 for f in surveyed for name in scores)
    assert all(abs(3 * f[scores[0]] - sum(f[name] for name in scores[1:])) < Decimal("0.02") for f in surveyed)


@pytest.mark.parametrize("office", COUNTRIES)
def test_plans_and_decisions_follow_the_registration(office):
    for case in rows("cases", office):
        assert all(case[name] is None or case[name] >= case["identified_on"] for name in AFTER_REGISTRATION)
        assert (case["formal_status_by"] is None) == (case["formal_status_on"] is None)
    assert {case["plan_started_on"] is None for case in rows("cases", office)} == {True, False}


AFTER_REGISTRATION = ("plan_started_on", "formal_status_on")


def test_some_referrals_are_declined_and_none_of_them_was_received():
    assert {r["received_on"] for r in rows("referrals") if r["declined"]} == {None}


def test_only_exchanges_that_log_lost_calls_tell_of_them():
    tell = {office for office in COUNTRIES if {c["answered"] for c in rows("hotline_contacts", office)} != {None}}
    assert tell == set(LOGS_LOST_CALLS)
    lost = [c for c in rows("hotline_contacts") if c["answered"] is False]
    assert {(c["contact_channel"], c["topics"] == [], c["case_ref"]) for c in lost} == {("call", True, None)}


def test_trainers_who_were_trained_lead_later_events_into_a_second_generation():
    events = {e["event_ref"]: e for e in rows("training_events")}
    taught = {p["person_ref"]: p["event_ref"] for p in rows("participants") if p["person_ref"]}
    schools = [
        (events[taught[t["person_ref"]]], events[t["event_ref"]]) for t in rows("trainers") if t["person_ref"] in taught
    ]
    assert all(school["event_type"] == "tot" and school["end_on"] < led["start_on"] for school, led in schools)
    led_by_taught = {led["event_ref"] for _, led in schools}
    assert led_by_taught & {school["event_ref"] for school, _ in schools}


def test_materials_add_up_and_a_law_is_final():
    for hand_out in rows("materials"):
        assert hand_out["printed"] == hand_out["distributed"] + hand_out["in_stock"]
    assert ("law", "final") in {(i["instrument_kind"], i["instrument_stage"]) for i in rows("instruments")}
    assert {i["instrument_stage"] for i in rows("instruments")} == {"final", "draft"}


def test_audiences_are_estimated_for_what_nobody_attends():
    for activity in rows("activities"):
        assert (activity["estimated_audience"] is None) == (activity["estimate_method"] is None)
        assert activity["estimated_audience"] is None or activity["reached"] == 0


def test_nothing_is_made_up_for_what_is_printed():
    story = only(rows("cases"), case_ref=STORY_CASE)
    assert {story[name] for name in (*AFTER_REGISTRATION, "formal_status_by")} == {None}
    printed = {e["event_ref"] for office in PRINTED for e in printed_facts(office).get("training_events", [])}
    for event in rows("training_events"):
        if event["event_ref"] in printed:
            assert (event["cost"], event["members_involved"]) == (None, None)
    assert not printed & {t["event_ref"] for t in rows("trainers")}
    for recommendation in [r for office in PRINTED for r in printed_facts(office).get("recommendations", [])]:
        assert (recommendation["referred_on"], recommendation["closed_on"]) == (None, None)


PRINTED = ("kaz", "kgz", "tkm", "uzb")


# The same every time


def digest(scale: int = 1) -> str:
    return hashlib.sha256(repr(sample_records(scale)).encode()).hexdigest()


def test_the_sample_does_not_depend_on_process_or_hash_seed():
    code = "from tests.test_demo_rows import digest; print(digest())"
    for seed in ("1", "2"):
        run = subprocess.run(
            [sys.executable, "-c", code],
            cwd=REPOSITORY, env={"PYTHONHASHSEED": seed, "PATH": ""}, check=True, capture_output=True, text=True,
        )  # fmt: skip
        assert run.stdout.strip() == digest()


def test_scale_multiplies_what_is_made_and_leaves_what_is_printed():
    scaled = sample_records(3)
    for office in COUNTRIES:
        large = sum(len(scaled[office, period]["hotline_contacts"]) for period in PERIODS)
        assert large == pytest.approx(3 * len(rows("hotline_contacts", office)), abs=3)
        large = sum(len(scaled[office, period]["cases"]) for period in PERIODS)
        assert large == pytest.approx(3 * len(rows("cases", office)), abs=3)
    for fact in ("training_events", "participants", "recommendations"):
        assert scaled["kaz", "2010-Q3"][fact] == SAMPLE["kaz", "2010-Q3"][fact]
        for office in ("kgz", "tkm", "uzb"):
            assert scaled[office, "2010-Q4"][fact] == SAMPLE[office, "2010-Q4"][fact]
    for period in PERIODS:
        assert scaled[DIRECTORY_OFFICE, period] == SAMPLE[DIRECTORY_OFFICE, period]
    assert only(scaled["kgz", "2010-Q3"]["cases"], case_ref=STORY_CASE) == only(rows("cases"), case_ref=STORY_CASE)


def test_a_scale_below_one_is_refused():
    with pytest.raises(ValueError, match="the scale is 1 or more"):
        sample_records(0)


def test_a_row_takes_declared_columns_and_codes_only():
    with pytest.raises(KeyError, match="has no column name"):
        row("cases", name="x")
    with pytest.raises(KeyError, match=r"cases\.sex has no code X"):
        row("cases", sex="X")


def test_chance_keeps_its_word():
    chance = Chance("test")
    assert {chance.whole(2, 4) for _ in range(100)} == {2, 3, 4}
    assert {chance.weighed({"a": 1, "b": 0, "c": 2}) for _ in range(100)} == {"a", "c"}
    assert sorted(chance.some([1, 2, 3], 5)) == [1, 2, 3]
    assert [Chance("x").whole(0, 999)] == [Chance("x").whole(0, 999)] != [Chance("y").whole(0, 999)]


@pytest.mark.parametrize("office", COUNTRIES)
def test_a_closed_case_has_no_later_service(office):
    closed = {
        c["case_ref"]: Quarter.of(c["identified_on"]).end for c in rows("cases", office) if "closed" in c["case_status"]
    }
    assert closed
    for fact, day in (("assistance", "delivered_on"), ("referrals", "sent_on"), ("follow_ups", "followed_up_on")):
        assert all(r[day] <= closed.get(r["case_ref"], r[day]) for r in rows(fact, office))
