"""The rules say what they mean: small tables, and the rows each rule finds in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from duckdb import DuckDBPyConnection

from indicators.examples import read_table
from indicators.facts import facts
from pipelines.contracts import contracts
from pipelines.findings import Finding
from pipelines.row_rules import ROW_RULES
from pipelines.rules import NOT_NULL, Rule, literal, rules_digest, rules_for
from pipelines.staging import ThisFile, hold, hold_unreadable, in_order, prepare, rows_breaking
from pipelines.warehouse import open_warehouse
from tests.planted import PERIOD, PRECEDING, accept, stage

OFFICES = list(contracts().values())
KAZ = contracts()["kaz"]
EVERY_RULE = [(c, rule) for c in OFFICES for fact in facts().values() for rule in rules_for(fact, c)]

# What each rule finds: rows are numbered from 2, as in a file with one header row.
CASES = """
case_ref  | person_ref | vot_status | identified_on | sex
KZ-2010-1 | P1         | actual     | 2010-10-10    | F
KZ-2010-2 | P2         | actual     | 2010-11-20    | M
"""
EVENTS = """
event_ref | event_type | start_on   | end_on     | event_status | is_regional
KZ-T1     | training   | 2010-11-01 | 2010-11-02 | completed    | false
KZ-T2     | forum      | 2010-11-05 | 2010-11-06 | completed    | true
"""
EXAMPLES: list[tuple[str, dict[str, str], list[int]]] = [
    ("cases.sex.required", {"cases": "case_ref | sex\n1 | F\n2 |"}, [3]),
    ("cases.sex.code", {"cases": "sex\nF\nfemale\n\nU"}, [3]),
    ("cases.citizenship.codes", {"cases": "citizenship\nKZ; RU\nKZ; Russia\n"}, [3]),
    ("cases.age.range", {"cases": "age\n0\n110\n111\n-1"}, [4, 5]),
    ("cases.case_ref.pattern", {"cases": "case_ref\nKZ-2010-1\nKZ 2010 1\nKZ-2010-1x"}, [3, 4]),
    ("cases.case_ref.office", {"cases": "case_ref\nKZ-2010-1\nKAZ-2010-1\nKG-2010-1\nUZB-2010-1"}, [4, 5]),
    ("cases.key.unique", {"cases": "case_ref\nKZ-2010-1\nKZ-2010-2\nKZ-2010-1"}, [2, 4]),
    # One service is one person, type, day and provider; of two that name no provider nobody can say that they are two.
    (
        "assistance.key.unique",
        {
            "cases": CASES,
            "assistance": "case_ref | assistance_type | delivered_on | organisation_ref\n"
            "KZ-2010-1 | medical | 2010-10-10 | KZ-O1\nKZ-2010-1 | medical | 2010-10-10 | KZ-O2\n"
            "KZ-2010-1 | legal | 2010-10-10 | KZ-O1\nKZ-2010-1 | legal | 2010-10-10 | KZ-O1\n"
            "KZ-2010-1 | shelter | 2010-10-10 |\nKZ-2010-1 | shelter | 2010-10-10 |\n"
            "KZ-2010-1 | shelter | 2010-10-11 |\nKZ-2010-1 | shelter | 2010-10-11 | KZ-O1",
        },
        [4, 5, 6, 7],
    ),
    ("cases.identified_on.period", {"cases": "identified_on\n2010-09-30\n2010-10-01\n2010-12-31\n2011-01-01"}, [2, 5]),
    ("cases.screened_on.future", {"cases": "screened_on\n2009-05-05\n2011-01-01"}, [3]),
    ("cases.region.country", {"cases": "region\nKZ-ALA\nKG-B\nU\n"}, [3]),
    (
        "cases.region.in_force",
        {"cases": "region | identified_on\nKZ-AST | 2010-10-10\nKZ-71 | 2010-10-10\nKZ-71 |"},
        [3],
    ),
    (
        "cases.age_and_group",
        {"cases": "age | age_group_given\n17 | minor\n18 | minor\n17 | adult\n17 | U\n | adult"},
        [3, 4],
    ),
    (
        "cases.identified_on_before_screened_on",
        {"cases": "screened_on | identified_on\n2010-10-01 | 2010-10-01\n2010-10-02 | 2010-10-01"},
        [3],
    ),
    ("assistance.unknown_case", {"cases": CASES, "assistance": "case_ref\nKZ-2010-1\nKZ-2010-3\n"}, [3]),
    (
        "assistance.before_identification",
        {
            "cases": CASES,
            "assistance": "case_ref | delivered_on\nKZ-2010-1 | 2010-10-10\n"
            "KZ-2010-1 | 2010-10-09\nKZ-2010-3 | 2010-10-01",
        },
        [3],
    ),
    (
        "follow_ups.before_assistance",
        {
            "assistance": "case_ref | delivered_on\nKZ-2010-1 | 2010-10-10\nKZ-2010-1 | 2010-12-01",
            "follow_ups": "case_ref | followed_up_on\nKZ-2010-1 | 2010-10-10\n"
            "KZ-2010-1 | 2010-10-09\nKZ-2010-2 | 2010-10-01",
        },
        [3],
    ),
    (
        "follow_ups.without_assistance",
        {
            "cases": CASES,
            "assistance": "case_ref | delivered_on\nKZ-2010-1 | 2010-10-10",
            "follow_ups": "case_ref\nKZ-2010-1\nKZ-2010-2\nKZ-2010-9",
        },
        [3],
    ),
    (
        "referrals.received_on_before_sent_on",
        {"referrals": "sent_on | received_on\n2010-10-10 | 2010-10-10\n2010-10-10 | 2010-10-09\n2010-10-10 |"},
        [3],
    ),
    (
        "referrals.to_organisation_unknown",
        {"organisations": "organisation_ref\nKZ-O1", "referrals": "to_organisation\nKZ-O1\nKZ-O2\n"},
        [3],
    ),
    (
        "hotline_contacts.unknown_hotline",
        {"hotlines": "hotline_ref\nKZ-L1", "hotline_contacts": "hotline_ref\nKZ-L1\nKZ-L2"},
        [3],
    ),
    ("training_events.end_on_before_start_on", {"training_events": "start_on | end_on\n2010-11-02 | 2010-11-01"}, [2]),
    (
        "training_events.region.country",
        {"training_events": "region | is_regional\nKG-Y | false\nKG-Y | true\nKG-Y |\nKZ-ALA | false"},
        [2, 4],
    ),
    ("participants.unknown_event", {"training_events": EVENTS, "participants": "event_ref\nKZ-T1\nKZ-T9"}, [3]),
    (
        "participants.group_beside_persons",
        {"participants": "event_ref | person_ref | headcount\nKZ-T1 | P1 | 1\nKZ-T1 | | 20\nKZ-T2 | | 30\nKZ-T2 | | 5"},
        [3],
    ),
    ("participants.person_is_one", {"participants": "person_ref | headcount\nP1 | 1\nP2 |\nP3 | 2\n | 30"}, [4]),
    (
        "participants.person_twice",
        {"participants": "event_ref | person_ref\nKZ-T1 | P1\nKZ-T2 | P1\nKZ-T1 | P1\nKZ-T1 |\nKZ-T1 |"},
        [2, 4],
    ),
    (
        "participants.region.country",
        {"training_events": EVENTS, "participants": "event_ref | region\nKZ-T1 | KG-Y\nKZ-T2 | KG-Y\nKZ-T1 | KZ-ALA"},
        [2],
    ),
    (
        "participants.region.in_force",
        {"training_events": EVENTS, "participants": "event_ref | region\nKZ-T1 | KZ-75\nKZ-T1 | KZ-ALA\nKZ-T9 | KZ-75"},
        [2],
    ),
    ("recommendations.unknown_event", {"training_events": EVENTS, "recommendations": "event_ref\nKZ-T9\nKZ-T1\n"}, [2]),
    (
        "organisations.region.country",
        {"organisations": "country | region\nKZ | KZ-ALA\nKZ | KG-Y\n | KG-Y\nKZ |"},
        [3],
    ),
    (
        "organisations.regions_covered.country",
        {"organisations": "country | regions_covered\nKZ | KZ-ALA; KZ-AST\nKZ | KZ-ALA; KG-Y\nKZ | U"},
        [3],
    ),
    (
        "organisations.region.in_force",
        {"organisations": "country | region\nKZ | KZ-71\nKZ | KZ-AST"},
        [2],
    ),
    (
        "organisations.member_to_before_member_from",
        {"organisations": "member_from | member_to\n2010-02-01 | 2010-01-01\n2010-02-01 |"},
        [2],
    ),
    (
        "cases.person_of_other_sex",
        {
            "earlier cases": "person_ref | sex\nP1 | F\nP2 | F\nP3 | U",
            "cases": "person_ref | sex\nP1 | M\nP1 | U\nP2 | F\nP3 | F\nP4 | F\nP4 | M\n | M",
        },
        [2, 6, 7],
    ),
    (
        "cases.person_twice_a_day",
        {
            "earlier cases": "case_ref | person_ref | identified_on\nKZ-2010-9 | P9 | 2010-10-09",
            "cases": "case_ref | person_ref | identified_on\nKZ-2010-1 | P1 | 2010-10-10\nKZ-2010-2 | P1 | 2010-10-10\n"
            "KZ-2010-3 | P1 | 2010-10-11\nKZ-2010-4 | P4 |\nKZ-2010-5 | P4 |\n"
            "KZ-2010-8 | P9 | 2010-10-09\nKZ-2010-6 | | 2010-10-10\nKZ-2010-7 | | 2010-10-10",
        },
        [2, 3, 7],
    ),
    (
        "cases.age_goes_back",
        {
            "earlier cases": "person_ref | identified_on | age\nP1 | 2010-08-01 | 30\nP2 | 2010-08-01 | 30",
            "cases": "person_ref | identified_on | age\nP1 | 2010-10-10 | 29\nP2 | 2010-10-10 | 30\n"
            "P3 | 2010-10-10 | 20\nP3 | 2010-10-11 | 19\nP3 | 2010-10-11 |\nP4 | 2010-10-10 | 1",
        },
        [2, 4, 5],
    ),
    (
        "follow_ups.waves_out_of_order",
        {
            "earlier follow_ups": "case_ref | wave | followed_up_on\nKZ-2010-1 | m6 | 2010-08-01",
            "follow_ups": "case_ref | wave | followed_up_on\nKZ-2010-1 | m3 | 2010-10-10\n"
            "KZ-2010-1 | m12 | 2010-10-10\n"
            "KZ-2010-2 | m3 | 2010-10-10\nKZ-2010-2 | m6 | 2010-10-10\nKZ-2010-2 | m12 | 2010-10-09\n"
            "KZ-2010-3 | m3 | 2010-10-10\nKZ-2010-3 | m9 | 2010-10-09",
        },
        [2, 4, 5, 6],
    ),
    (
        "follow_ups.before_due",
        {
            "earlier cases": "case_ref | identified_on\nKZ-2010-1 | 2010-08-31",
            "follow_ups": "case_ref | wave | followed_up_on\nKZ-2010-1 | m3 | 2010-10-31\nKZ-2010-1 | m3 | 2010-10-30\n"
            "KZ-2010-1 | m6 | 2010-12-31\nKZ-2010-2 | m12 | 2010-10-01\nKZ-2010-1 | m9 | 2010-10-01",
        },
        [3, 4],
    ),
    (
        "referrals.before_identification",
        {"cases": CASES, "referrals": "case_ref | sent_on\nKZ-2010-1 | 2010-10-10\nKZ-2010-1 | 2010-10-09\nKZ-9 |"},
        [3],
    ),
    (
        "assistance.after_closing",
        {
            "earlier cases": "case_ref | case_status\nKZ-2010-1 | closed\nKZ-2010-2 | closed_referred\n"
            "KZ-2010-3 | active",
            "cases": "case_ref | case_status\nKZ-2010-4 | closed",
            "assistance": "case_ref\nKZ-2010-1\nKZ-2010-2\nKZ-2010-3\nKZ-2010-4\nKZ-2010-5",
        },
        [2],
    ),
    (
        "assistance.organisation_no_member",
        {
            "organisations": "organisation_ref | is_member | member_from | member_to\nKZ-O1 | true | 2010-11-01 |\n"
            "KZ-O2 | true | | 2010-10-31\nKZ-O3 | false | |\nKZ-O4 | true | |",
            "earlier organisations": "organisation_ref | is_member | member_from\nKZ-O5 | true | 2010-11-01",
            "assistance": "organisation_ref | delivered_on\nKZ-O1 | 2010-10-31\nKZ-O1 | 2010-11-01\n"
            "KZ-O2 | 2010-11-01\nKZ-O3 | 2010-11-01\nKZ-O4 | 2010-11-01\nKZ-O5 | 2010-10-01\nKZ-O9 | 2010-11-01",
        },
        [2, 4, 7],
    ),
    (
        "hotline_contacts.line_not_open",
        {
            "hotlines": "hotline_ref | open_from | open_to\nKZ-L1 | 2010-11-01 | 2010-11-30\nKZ-L2 | |",
            "hotline_contacts": "hotline_ref | received_on\nKZ-L1 | 2010-10-31\nKZ-L1 | 2010-11-01\n"
            "KZ-L1 | 2010-11-30\nKZ-L1 | 2010-12-01\nKZ-L2 | 2010-12-01\nKZ-L3 | 2010-12-01",
        },
        [2, 5],
    ),
    (
        "participants.event_cancelled",
        {
            "training_events": EVENTS.replace("completed    | true", "cancelled    | true"),
            "participants": "event_ref\nKZ-T1\nKZ-T2\nKZ-T9",
        },
        [3],
    ),
    (
        "activities.cancelled_but_reached",
        {"activities": "activity_status | reached\ncancelled | 1\ncancelled | 0\ncancelled |\ncompleted | 5"},
        [2],
    ),
    (
        "assistance.ended_on_before_delivered_on",
        {"assistance": "delivered_on | ended_on\n2010-10-10 | 2010-10-10\n2010-10-10 | 2010-10-09\n2010-10-10 |"},
        [3],
    ),
    (
        "recommendations.referred_on_before_issued_on",
        {"recommendations": "issued_on | referred_on\n2010-10-10 | 2010-10-10\n2010-10-10 | 2010-10-09\n2010-10-10 |"},
        [3],
    ),
    (
        "recommendations.closed_on_before_referred_on",
        {"recommendations": "referred_on | closed_on\n2010-10-10 | 2010-10-10\n2010-10-10 | 2010-10-09\n2010-10-10 |"},
        [3],
    ),
    (
        "cases.plan_started_on_before_identified_on",
        {"cases": "identified_on | plan_started_on\n2010-10-10 | 2010-10-10\n2010-10-10 | 2010-10-09\n2010-10-10 |"},
        [3],
    ),
    (
        "cases.status_without_body",
        {"cases": "formal_status_on | formal_status_by\n2010-10-10 | police\n2010-10-10 |\n | court"},
        [3],
    ),
    (
        "referrals.declined_and_received",
        {"referrals": "received_on | declined\n2010-10-10 | true\n2010-10-10 | false\n | true\n2010-10-10 |"},
        [2],
    ),
    ("trainers.unknown_event", {"training_events": EVENTS, "trainers": "event_ref\nKZ-T1\nKZ-T9"}, [3]),
]


@pytest.fixture
def con(tmp_path: Path) -> Iterator[DuckDBPyConnection]:
    with open_warehouse(tmp_path) as opened:
        yield opened


def rules_of(name: str) -> dict[str, Rule]:
    """The rules of a fact by id: Kazakhstan's where it sends the fact, else those of the first office that does."""
    found: dict[str, Rule] = {}
    for contract in [KAZ, *OFFICES]:
        if any(name in slot.facts for slot in contract.slots.values()):
            found = {**{rule.id: rule for rule in rules_for(facts()[name], contract)}, **found}
    return found


def broken_rows(con: DuckDBPyConnection, tables: dict[str, str]) -> dict[str, list[int]]:
    """The row numbers that break each rule, in tables staged together; `earlier <fact>` is of the quarter before."""
    staged = {name: text for name, text in tables.items() if " " not in name}
    rules = {name: list(rules_of(name).values()) for name in staged}
    for entry, (name, text) in enumerate(tables.items(), start=1):
        fact = facts()[name.removeprefix("earlier ")]
        some = [{**dict.fromkeys(fact.columns), **row} for row in read_table(fact.name, text, "KZ")]
        if name in staged:
            stage(con, fact, "KZ", some)
        else:
            accept(con, fact, some, entry, "kaz", "KZ", "all", PRECEDING)
    prepare(con, ThisFile("kaz", "KZ", "all", PERIOD), list(staged), [r for some in rules.values() for r in some])
    return {r.id: [row for _, row, _ in rows_breaking(con, r, 99)] for some in rules.values() for r in some}


@pytest.mark.parametrize(("rule", "tables", "found"), EXAMPLES, ids=[example[0] for example in EXAMPLES])
def test_a_rule_finds_these_rows_and_no_other(con, rule, tables, found):
    assert broken_rows(con, tables)[rule] == found


def kind_of(rule: str) -> str:
    """`cases.sex.required` -> `required`; rules that several columns share by their name count as one kind."""
    return re.sub(r"^(\w+_unknown|open_to_before_open_from)$", "shared", rule.rsplit(".", 1)[-1])


def test_every_kind_of_rule_has_an_example():
    """`taken` has its own tests below, and running totals theirs in `test_running.py`: they ask for files in force."""
    shown = {kind_of(example[0]) for example in EXAMPLES} | {"taken", "running_suspected"}
    assert {kind_of(rule.id) for _, rule in EVERY_RULE} - shown == set()


@pytest.mark.parametrize(("period", "found"), [("2010-Q4", [2]), ("2010-Q3", [2])])
def test_a_key_in_force_in_another_file_is_taken(con, period, found):
    con.execute("INSERT INTO ledger (entry, office, slot, period) VALUES (1, 'kaz', 'others', ?)", [period])
    con.execute("INSERT INTO cases (entry, office, case_ref) VALUES (1, 'kaz', 'KZ-2010-1')")
    assert broken_rows(con, {"cases": "case_ref\nKZ-2010-1\nKZ-2010-2"})["cases.key.taken"] == found


@pytest.mark.parametrize(("provider", "found"), [("KZ-O1", [2]), (None, [4])])
def test_a_key_of_which_part_is_empty_is_taken_by_one_that_lacks_the_same(con, provider, found):
    con.execute("INSERT INTO ledger (entry, office, slot, period) VALUES (1, 'kaz', 'others', '2010-Q4')")
    con.execute(
        "INSERT INTO assistance (entry, office, case_ref, assistance_type, delivered_on, organisation_ref)"
        " VALUES (1, 'kaz', 'KZ-2010-1', 'medical', '2010-10-10', ?)",
        [provider],
    )
    services = """
case_ref  | assistance_type | delivered_on | organisation_ref
KZ-2010-1 | medical         | 2010-10-10   | KZ-O1
KZ-2010-1 | medical         | 2010-10-10   | KZ-O2
KZ-2010-1 | medical         | 2010-10-10   |
"""
    assert broken_rows(con, {"cases": CASES, "assistance": services.strip()})["assistance.key.taken"] == found


@pytest.mark.parametrize(
    ("office", "slot", "period", "found"),
    [("region", "others", "2010-Q4", [2]), ("region", "others", "2010-Q3", []), ("kaz", "all", "2010-Q4", [])],
)
def test_a_list_sent_anew_may_repeat_another_quarter_and_the_file_it_replaces(con, office, slot, period, found):
    con.execute("INSERT INTO ledger (entry, office, slot, period) VALUES (1, ?, ?, ?)", [office, slot, period])
    con.execute("INSERT INTO hotlines (entry, office, hotline_ref) VALUES (1, ?, 'KZ-L1')", [office])
    assert broken_rows(con, {"hotlines": "hotline_ref\nKZ-L1\nKZ-L2"})["hotlines.key.taken"] == found


def test_what_belongs_to_a_row_that_is_held_back_is_held_back_with_it(con):
    """Or a service would count for a case that does not."""
    tables = {
        "cases": CASES.replace("| F", "| no such code"),
        "assistance": "case_ref | assistance_type | delivered_on\n"
        "KZ-2010-1 | medical | 2010-12-01\nKZ-2010-2 | medical | 2010-12-01",
    }
    assert broken_rows(con, tables)["assistance.unknown_case"] == [], "nothing is held yet"
    for name in in_order(tables):
        hold(con, name, list(rules_of(name).values()))
    held = con.execute("SELECT fact, row_number, rule FROM held ORDER BY ALL").fetchall()
    assert held == [("assistance", 2, "assistance.unknown_case"), ("cases", 2, "cases.sex.code")]


@pytest.mark.parametrize(
    ("field", "held"),
    [
        ("followed_up_on", [("follow_ups", 1)]),
        ("citizenship", [("cases", 0)]),
        ("sex", [("cases", 0), ("follow_ups", 0), ("follow_ups", 1)]),
        ("", [("cases", 0), ("follow_ups", 0), ("follow_ups", 1)]),
    ],
)
def test_a_cell_that_could_not_be_read_holds_back_the_rows_it_stands_in(con, field, held):
    """A row of a sheet may be a case and its follow-ups; where the cell is nowhere empty, all of them are meant."""
    tables = {"cases": "case_ref | sex\nKZ-2010-1 | F", "follow_ups": "wave | followed_up_on\nm3 | 2010-10-10\nm6 |"}
    broken_rows(con, tables)
    con.execute("UPDATE stage_follow_ups SET row_number = 2")
    unread = Finding("f.xlsx", "", 2, field, "unreadable_cell", "quarantine", "en", "ru")
    hold_unreadable(con, list(tables), [unread, replace(unread, severity="warn", row=3)])
    assert con.execute("SELECT fact, staged FROM held ORDER BY ALL").fetchall() == held


def test_no_rule_trusts_an_inequality_inside_exists():
    """DuckDB 1.5 takes `EXISTS (... WHERE a = x AND b <> y)` for true where y is empty."""
    assert [rule.id for _, rule in EVERY_RULE if re.search(r"EXISTS \([^()]*(<>|!=)", rule.predicate)] == []


@pytest.mark.parametrize("contract", OFFICES, ids=lambda contract: contract.office)
def test_columns_an_office_does_not_collect_have_no_rule_and_all_others_do(contract):
    for name in {name for slot in contract.slots.values() for name in slot.facts}:
        fact, sent = facts()[name], contract.collected(name)
        rules = rules_for(fact, contract)
        assert {rule.column for rule in rules} <= sent
        required = {column.name for column in fact.columns.values() if column.required} & sent
        assert {rule.column for rule in rules if rule.expectation == NOT_NULL} == required
        coded = {column.name for column in fact.columns.values() if column.values} & sent
        assert {rule.column for rule in rules if rule.id.endswith((".code", ".codes"))} == coded


@pytest.mark.parametrize("contract", OFFICES, ids=lambda contract: contract.office)
def test_rules_have_one_id_each_and_words_in_both_languages(contract):
    rules = [rule for fact in facts().values() for rule in rules_for(fact, contract)]
    assert len({rule.id for rule in rules}) == len(rules)
    for rule in rules:
        assert re.search("[а-я]", rule.message_ru), rule.id
        assert not re.search("[а-я]", rule.message_en), rule.id
        assert rule.message_en[-1] in ".)", rule.id
        assert rule.message_ru[-1] in ".)", rule.id


def test_rules_ask_only_about_facts_that_were_judged_before():
    """`known_<fact>` leaves out rows held back, so these must be known by then; DuckDB would not complain."""
    order = in_order(facts())
    for _, rule in EVERY_RULE:
        for asked in re.findall(r"FROM known_(\w+)", rule.predicate):
            assert order.index(asked) < order.index(rule.fact), rule.id


def test_every_row_rule_stands_for_some_office():
    """A rule whose columns nobody collects, or that names a column that is not there, would never be asked."""
    known = {rule.id for _, rule in EVERY_RULE}
    assert {f"{rule.fact}.{rule.name}" for rule in ROW_RULES} - known == set()


def test_a_changed_rule_changes_the_digest():
    rules = rules_for(facts()["cases"], KAZ)
    assert rules_digest([rules]) == rules_digest([tuple(rules)])
    assert rules_digest([rules]) != rules_digest([rules[1:]])


def test_codes_with_a_quote_cannot_end_their_string():
    assert literal("o'quv") == "'o''quv'"
