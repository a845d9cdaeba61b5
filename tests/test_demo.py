"""The sample quarters: what the newsletter prints as printed, what it leaves open left open, rules kept."""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import sys
import zipfile
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from indicators.calendars import Quarter
from indicators.facts import Column, codelists, facts, regions_in_force
from pipelines.contracts import contracts
from pipelines.demo import DIRECTORY_OFFICE, sample_records, write_demo
from pipelines.demo_facts import STORY_CASE
from pipelines.demo_rows import PERIODS, Chance, Row, row

REPOSITORY = Path(__file__).resolve().parent.parent
RAW = REPOSITORY / "data" / "raw"
COUNTRIES = {"kaz": "KZ", "kgz": "KG", "tjk": "TJ", "tkm": "TM", "uzb": "UZ"}
SAMPLE = sample_records()
PARTS = [(office, period, fact) for (office, period), records in SAMPLE.items() for fact in records]


def rows(fact: str, office: str | None = None, period: str | None = None) -> list[Row]:
    """The sample's rows of a fact, of one office or period or of all."""
    return [
        r
        for (o, p), records in SAMPLE.items()
        if (office in (None, o)) and (period in (None, p))
        for r in records.get(fact, [])
    ]


def only(found: list[Row], **values: Any) -> Row:
    """The one row with these values."""
    (one,) = [r for r in found if all(r[name] == value for name, value in values.items())]
    return one


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
    assert len(rows("recommendations")) == 6 + 3


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
    assert {s["organisation_ref"] for s in rows("assistance", period=period)} - {None} <= set(listed)
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


# The same every time


def digest(scale: int = 1) -> str:
    return hashlib.sha256(repr(sample_records(scale)).encode()).hexdigest()


def test_the_sample_does_not_depend_on_process_or_hash_seed():
    code = "from tests.test_demo import digest; print(digest())"
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
    assert sorted(committed) == sorted(written), AGAIN
    assert [name for name in written if contents(written[name]) != contents(committed[name])] == [], AGAIN
    assert sum(map(len, committed.values())) < 1_000_000


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
