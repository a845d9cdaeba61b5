"""The sample quarters hold what the newsletter prints as it is printed, and leave open what it leaves open."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from indicators.calendars import Quarter
from indicators.facts import facts, regions_in_force
from pipelines.contracts import contracts
from pipelines.demo import DIRECTORY_OFFICE, write_demo
from pipelines.demo_facts import STORY_CASE
from pipelines.demo_rows import PERIODS, Row
from tests.sample_rows import COUNTRIES, REPOSITORY, SAMPLE, only, rows

RAW = REPOSITORY / "data" / "raw"


# The newsletter, number by number


def test_kazakhstan_held_twelve_events_and_the_last_ended_in_september_2010():
    events = rows("training_events", "kaz")
    assert len(events) == 12
    assert {e["event_status"] for e in events} == {"completed"}
    assert max(e["end_on"] for e in events).strftime("%Y-%m") == "2010-09"
    assert rows("training_events", "kaz", "2010-Q4") == []


def test_kazakhstan_trained_167_prosecutors_and_205_judges():
    people = rows("participants", "kaz")
    assert Counter(p["profession"] for p in people) == {"prosecutor": 167, "judge": 205}
    assert len({p["person_ref"] for p in people}) == 372
    assert {(p["headcount"], p["completed"]) for p in people} == {(1, True)}
    assert {p["event_ref"] for p in people} == {e["event_ref"] for e in rows("training_events", "kaz")}


def test_kazakhstan_came_from_ten_oblasts_and_the_two_cities():
    regions = {p["region"] for p in rows("participants", "kaz")}
    assert len(regions) == 12
    assert {"KZ-AST", "KZ-ALA"} <= regions
    assert len(regions_in_force("KZ", date(2010, 9, 30))) == 16
    assert regions <= set(regions_in_force("KZ", date(2010, 9, 30)))


def test_kazakhstan_paid_by_inl_and_the_embassy_with_four_topics():
    for event in rows("training_events", "kaz"):
        assert event["donors"] == ["INL", "US_EMBASSY"]
        assert event["topics"] == ["situation", "legislation", "identification", "assistance"]


def test_kazakhstan_referred_three_recommendations_to_three_bodies():
    found = rows("recommendations", "kaz")
    assert {r["topic"] for r in found} == {"corporate_liability", "non_criminalisation", "right_to_work"}
    assert len(found) == 3
    for recommendation in found:
        assert recommendation["addressees"] == ["supreme_court", "general_prosecutor", "interior"]
        assert recommendation["state"] == "referred"
        assert recommendation["issued_on"].strftime("%Y-%m") == "2010-09"


def test_the_turkmen_training_lasted_two_days_in_turkmenbashi():
    (event,) = rows("training_events", "tkm", "2010-Q4")
    assert (event["start_on"], event["end_on"]) == (date(2010, 10, 2), date(2010, 10, 3))
    assert (event["event_type"], event["region"]) == ("training", "TM-B")


def test_the_uzbek_training_of_trainers_lasted_three_days_in_tashkent():
    (event,) = rows("training_events", "uzb", "2010-Q4")
    assert (event["start_on"], event["end_on"]) == (date(2010, 11, 12), date(2010, 11, 14))
    assert (event["event_type"], event["region"]) == ("tot", "UZ-TK")


def test_the_uzbek_volunteers_came_from_nine_of_fourteen_regions():
    volunteers = rows("participants", "uzb", "2010-Q4")
    assert {v["profession"] for v in volunteers} == {"youth_volunteer"}
    regions = [v["region"] for v in volunteers]
    assert len(regions) == len(set(regions)) == 9
    assert len(regions_in_force("UZ", date(2010, 11, 14))) == 14


def test_the_forum_took_two_days_of_november_at_issyk_kul():
    event = only(rows("training_events", "kgz"), event_type="forum")
    assert event["end_on"] - event["start_on"] == timedelta(days=1)
    assert {event["start_on"].strftime("%Y-%m"), event["end_on"].strftime("%Y-%m")} == {"2010-11"}
    assert (event["region"], event["donors"], event["is_regional"]) == ("KG-Y", ["USAID"], True)
    guests = [p for p in rows("participants", "kgz") if p["event_ref"] == event["event_ref"]]
    assert {g["profession"] for g in guests} == {"official", "international", "media", "ngo_staff"}
    assert [e for e in rows("training_events") if e["is_regional"]] == [event]


def test_the_forum_made_six_recommendations():
    event = only(rows("training_events", "kgz"), event_type="forum")
    found = rows("recommendations", "kgz")
    assert [r["topic"] for r in found] == [
        "psychological_standards", "medical_training", "vocational_capacity", "partnerships", "youth",
        "professional_training",
    ]  # fmt: skip
    assert {r["event_ref"] for r in found} == {event["event_ref"]}
    assert len(found) == 6


def test_the_opening_of_the_tajik_centre_is_no_training():
    assert date(2010, 11, 10) not in {day for e in rows("training_events", "tjk") for day in days(e)}


def days(event: Row) -> list[date]:
    return [event["start_on"] + timedelta(days=n) for n in range((event["end_on"] - event["start_on"]).days + 1)]


@pytest.mark.parametrize("period", PERIODS)
def test_fifteen_members_sit_in_five_velayats_and_twelve_in_kazakhstan(period):
    members = [o for o in rows("organisations", DIRECTORY_OFFICE, period) if o["is_member"]]
    of = Counter(o["country"] for o in members)
    assert (of["TM"], of["KZ"]) == (15, 12)
    velayats = ["TM-A", "TM-B", "TM-D", "TM-L", "TM-M"]
    assert sorted({o["region"] for o in members if o["country"] == "TM"}) == velayats
    assert {o["region"] for o in members if o["country"] == "KG"} == set(regions_in_force("KG", date(2010, 12, 31)))
    assert set(of) == set(COUNTRIES.values())


@pytest.mark.parametrize("period", PERIODS)
def test_seven_hotline_numbers(period):
    found = {(h["country"], h["number"], h["access"]) for h in rows("hotlines", DIRECTORY_OFFICE, period)}
    assert found == {
        ("KZ", "8000 8000 15", "landline"),
        ("KZ", "11616", "mobile"),
        ("KG", "+996 312 641334", "U"),
        ("KG", "189", "national"),
        ("TJ", "+992 918 85 34 34", "U"),
        ("TM", "+993 12 463514", "U"),
        ("UZ", "+998 71 276 94 44", "U"),
    }


def test_the_survivor_story_runs_from_the_hotline_to_work():
    case = only(rows("cases", "kgz", "2010-Q3"), case_ref=STORY_CASE)
    call = only(rows("hotline_contacts", "kgz", "2010-Q3"), case_ref=STORY_CASE)
    services = [s for s in rows("assistance", "kgz") if s["case_ref"] == STORY_CASE]
    (talk,) = [f for f in rows("follow_ups", "kgz", "2010-Q4") if f["case_ref"] == STORY_CASE]
    assert (call["caller"], call["topics"], call["is_suspicion"]) == ("self", ["vot_help"], True)
    assert [s["assistance_type"] for s in services] == [
        "psychosocial", "medical", "education_vocational", "livelihood_equipment",
    ]  # fmt: skip
    dates = [call["received_on"], case["identified_on"], *(s["delivered_on"] for s in services), talk["followed_up_on"]]
    assert dates == sorted(dates)
    assert talk["work_status"] == "employed"


def test_the_survivor_story_is_coded_as_printed():
    case = only(rows("cases", "kgz"), case_ref=STORY_CASE)
    printed = {
        "sex": "F", "age": None, "age_group_given": "adult", "citizenship": [], "region": None,
        "education": "lower_secondary", "marital_status": "single", "children": 1, "exploitation": ["sexual"],
        "sexual_form": ["prostitution"], "country_of_exploitation": ["TR"], "duration_band": "0-12",
        "recruiter_relation": ["friend_acquaintance"], "recruitment_method": "friends", "vot_status": "actual",
        "identified_by": "hotline",
    }  # fmt: skip
    assert {name: case[name] for name in printed} == printed
    assert set(case["means_of_control"]) == {
        "debt_bondage", "false_promises", "physical_abuse", "sexual_abuse", "restricts_movement",
        "withholds_necessities", "withholds_documents",
    }  # fmt: skip


# What is not printed


def test_numbers_that_are_not_printed_are_unknown_and_all_others_known():
    unknown = Counter(p["event_ref"] for p in rows("participants") if p["headcount"] is None)
    assert unknown == {"TM-T1": 1, "UZ-T1": 9, "KG-E1": 4}
    for person in rows("participants"):
        if person["headcount"] is None:
            assert (person["person_ref"], person["sex"]) == (None, "U")
    assert {p["region"] for p in rows("participants") if p["event_ref"] in ("TM-T1", "KG-E1")} == {None}


def test_donors_venues_and_the_split_that_are_not_printed_are_empty():
    assert only(rows("training_events"), event_ref="TM-T1")["donors"] == []
    assert only(rows("training_events"), event_ref="UZ-T1")["donors"] == []
    assert {e["region"] for e in rows("training_events", "kaz")} == {None}
    assert {p["sex"] for p in rows("participants", "kaz")} == {"U"}
    turkmen = [o for o in rows("organisations") if o["country"] == "TM" and o["is_member"]]
    assert {o["org_type"] for o in turkmen} == {"U"}
    assert all(r["addressees"] == [] for r in rows("recommendations", "kgz"))


# As the offices send it


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> dict[str, bytes]:
    """The files of the sample as written now: path below the landing zone -> bytes."""
    raw = tmp_path_factory.mktemp("raw")
    return {str(path.relative_to(raw)): path.read_bytes() for path in write_demo(raw)}


def test_the_committed_files_are_those_that_are_written(written):
    committed = {
        str(path.relative_to(RAW)): path.read_bytes()
        for path in RAW.rglob("*")
        if path.is_file() and re.search("2010-Q[34]", path.name)
    }
    assert not written.keys() - committed.keys(), AGAIN
    assert [name for name in written if contents(written[name]) != contents(committed[name])] == [], AGAIN
    assert sum(map(len, written.values())) < 1_000_000


AGAIN = "the sample or a contract changed: write the files again with `esep demo`"


def contents(file: bytes) -> Any:
    """The bytes of a file; of a workbook those of each part, for zlib packs them otherwise on other machines."""
    if not file.startswith(b"PK"):
        return file
    with zipfile.ZipFile(io.BytesIO(file)) as parts:
        return [(part.filename, part.date_time, parts.read(part)) for part in parts.infolist()]


@pytest.mark.parametrize(("office", "period"), SAMPLE, ids=lambda part: str(part))
def test_the_files_read_back_are_the_rows(written, office, period, tmp_path):
    import duckdb

    from pipelines.parse import parse, records

    contract = contracts()[office]
    for slot in contract.slots_at(period).values():
        path = tmp_path / slot.file_name(period)
        path.write_bytes(written[f"{office}/{path.name}"])
        con = duckdb.connect()
        assert list(parse(contract, slot, period, path, con).findings) == []
        for fact in slot.facts:
            assert in_order(records(con, fact), fact) == in_order(SAMPLE[office, period][fact], fact)


def in_order(found: list[Row], fact: str) -> list[Row]:
    """By key: a form that groups details under their case gives them back in its own order."""
    return sorted(found, key=lambda r: tuple(str(r[name]) for name in facts()[fact].key))


def test_every_slot_and_fact_of_the_sample_is_written(written):
    owed = {
        f"{office}/{slot.file_name(period)}"
        for office, period in SAMPLE
        for slot in contracts()[office].slots_at(period).values()
    }
    assert set(written) == owed
    for (office, period), held in SAMPLE.items():
        assert {fact for slot in contracts()[office].slots_at(period).values() for fact in slot.facts} == set(held)


# Counted by the engine


@cache
def figures() -> dict[tuple[str, ...], Any]:
    """(indicator, period, place, breakdown, category) -> quarterly figure, counted from the sample's rows."""
    import duckdb

    from indicators.calendars import QUARTER, window
    from indicators.counted import create_views
    from indicators.definitions import definitions
    from indicators.engine import measure
    from indicators.figures import Reporting

    con = duckdb.connect()
    load(con)
    create_views(con)
    owed = frozenset((place, fact, period) for place in COUNTRIES.values() for fact in facts() for period in PERIODS)
    quarters = [window(QUARTER, Quarter.parse(period), date(2009, 10, 1)) for period in PERIODS]
    counted = measure(con, definitions(), quarters, Reporting(owed, owed))
    return {(f.indicator, f.period, f.place, f.breakdown, f.category): f for f in counted}


def load(con: Any) -> None:
    """Create `in_force_<fact>` from the sample, as accepted submissions would fill them."""
    for fact in facts().values():
        columns = {"office": "VARCHAR", "place": "VARCHAR", "snapshot": "VARCHAR"}
        columns |= {name: column.sql_type for name, column in fact.columns.items()}
        con.execute(f"CREATE TABLE in_force_{fact.name} ({', '.join(f'{n} {t}' for n, t in columns.items())})")
        marks = ", ".join("?" for _ in columns)
        stored = [
            [office, COUNTRIES.get(office) or r["country"], period, *r.values()]
            for (office, period), records in SAMPLE.items()
            for r in records.get(fact.name, [])
        ]
        con.executemany(f"INSERT INTO in_force_{fact.name} VALUES ({marks})", stored)


@pytest.mark.parametrize(
    ("code", "period", "place", "value"),
    [
        ("T01", "2010-Q3", "KZ", "12"),
        ("T02", "2010-Q3", "KZ", "372"),
        ("T03", "2010-Q3", "KZ", "372"),
        ("T09", "2010-Q3", "KZ", "0.75"),
        ("T01", "2010-Q4", "KZ", "0"),
        ("T01", "2010-Q4", "KG", "1"),
        ("T01", "2010-Q4", "TM", "1"),
        ("T01", "2010-Q4", "UZ", "1"),
        ("T09", "2010-Q4", "UZ", "0.642857"),
        ("L01", "2010-Q3", "KZ", "3"),
        ("L01", "2010-Q4", "KG", "6"),
        ("N01", "2010-Q4", "TM", "15"),
        ("N01", "2010-Q4", "KZ", "12"),
        ("N03", "2010-Q4", "TM", "0.833333"),
        ("N03", "2010-Q4", "KG", "1"),
    ],
)
def test_the_newsletter_s_figures_come_out(code, period, place, value):
    assert figures()[code, period, place, "total", "total"].value == Decimal(value)


def test_recommendations_of_kazakhstan_reach_each_body():
    for body in ("supreme_court", "general_prosecutor", "interior"):
        assert figures()["L01", "2010-Q3", "KZ", "addressees", body].value == 3


@pytest.mark.parametrize(
    ("code", "period", "place"),
    [
        ("T03", "2010-Q4", "UZ"),
        ("T02", "2010-Q4", "UZ"),
        ("T03", "2010-Q4", "TM"),
        ("T02", "2010-Q4", "TM"),
        ("T09", "2010-Q4", "TM"),
        ("T03", "2010-Q4", "KG"),
        ("T09", "2010-Q4", "KG"),
        ("C02", "2010-Q3", "TJ"),
    ],
)
def test_unknown_numbers_are_unknown_figures(code, period, place):
    figure = figures()[code, period, place, "total", "total"]
    assert (figure.status, figure.value) == ("unknown", None)


@pytest.mark.parametrize("place", COUNTRIES.values())
def test_every_country_has_something_to_count(place):
    for code in ("P01", "P03", "P05", "P08", "H01", "H02", "C01"):
        assert figures()[code, "2010-Q4", place, "total", "total"].value > 0
    assert figures()["R03", "2010-Q4", place, "total", "total"].denominator > 0
    assert figures()["N05", "2010-Q4", place, "total", "total"].value > 0
