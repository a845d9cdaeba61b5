"""Great Expectations and the quarantine count the same rows for every rule of every office."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from duckdb import DuckDBPyConnection

from indicators.facts import facts
from pipelines.contracts import Contract, contracts
from pipelines.rules import EXPECTATIONS, PERIOD_END, PERIOD_START, Rule, rules_for
from pipelines.staging import ThisFile, hold, in_order, prepare
from pipelines.validate import CheckFailedError, validate, whole_outcome
from pipelines.warehouse import open_warehouse
from tests.planted import PERIOD, PRECEDING, QUARTER, accept, rows, stage
from tests.running_totals import rising, running_contract

LIMITS = {PERIOD_START: QUARTER.start, PERIOD_END: QUARTER.end}
OFFICES = [*contracts().values(), running_contract("2010-Q2")]
SLOT = "this one"
KAZ = contracts()["kaz"]


def place_of(contract: Contract) -> str:
    return "KZ" if contract.place_column or not contract.place else contract.place


def facts_of(contract: Contract) -> list[str]:
    return in_order({name for slot in contract.slots.values() for name in slot.facts})


@pytest.fixture
def con(tmp_path: Path) -> Iterator[DuckDBPyConnection]:
    with open_warehouse(tmp_path) as opened:
        yield opened


def plant(con: DuckDBPyConnection, contract: Contract) -> dict[str, tuple[Rule, ...]]:
    """Stage rows with faults of every kind beside others that count already; the rules of every fact."""
    place = place_of(contract)
    file = ThisFile(contract.office, place, SLOT, PERIOD)
    rules = {name: rules_for(facts()[name], contract) for name in facts_of(contract)}
    for entry, fact in enumerate(facts().values(), start=1):
        accept(con, fact, rows(fact, place, seed=2), entry, contract.office, place)
        accept(con, fact, rows(fact, place, seed=3), 100 + entry, contract.office, place, period=PRECEDING)
        some = rows(fact, place, seed=1, number=150)
        stage(con, fact, place, some)
        accept(con, fact, rising(some, fact.name, 12), 200, contract.office, place, SLOT, PRECEDING)
    prepare(con, file, list(rules), [rule for some in rules.values() for rule in some])
    return rules


@pytest.mark.parametrize("contract", OFFICES, ids=lambda contract: contract.office)
def test_both_counts_agree_for_every_rule_and_none_is_absent(con, contract):
    rules = plant(con, contract)
    broken: dict[str, int] = {}
    for name, some in rules.items():
        broken |= hold(con, name, some)
    checks = validate(con, {f"stage_{name}": some for name, some in rules.items()}, LIMITS)
    assert [check.rule for check in checks] == [rule for some in rules.values() for rule in some]
    assert {check.rule.id: check.rows_failed for check in checks} == broken
    assert {check.rows_checked for check in checks} == {150}
    held = dict(con.execute("SELECT rule, count(*) FROM held GROUP BY rule").fetchall())
    quarantine = {check.rule.id: check.rows_failed for check in checks if check.rule.severity == "quarantine"}
    assert held == {rule: number for rule, number in quarantine.items() if number}


def test_the_planted_rows_break_and_keep_every_rule(con):
    """Or the test above would compare zeros."""
    rules = plant(con, KAZ)
    broken: dict[str, int] = {}
    for name, some in rules.items():
        broken |= hold(con, name, some)
    assert {rule: number for rule, number in broken.items() if not 0 < number < 150} == {}
    assert {rule.expectation for some in rules.values() for rule in some} == set(EXPECTATIONS)


def test_results_hold_no_value_of_a_row(con):
    """The library's own results quote failing values; ours must not even fetch them."""
    canary = "CANARY-4711"
    fact = facts()["cases"]
    some = rows(fact, "KZ", seed=1, number=5)
    for row in some:
        row |= {"case_ref": canary, "sex": canary, "citizenship": [canary]}
    stage(con, fact, "KZ", some)
    rules = rules_for(fact, KAZ)
    prepare(con, ThisFile("kaz", "KZ", "cases", PERIOD), ["cases"], rules)
    outcome = whole_outcome(con, "stage_cases", rules, LIMITS)
    assert sum(result.result["unexpected_count"] or 0 for result in outcome.results) > 10
    assert canary not in json.dumps(outcome.to_json_dict(), default=repr)


def test_a_rule_that_cannot_be_computed_is_no_rule_that_was_kept(con):
    fact = facts()["cases"]
    stage(con, fact, "KZ", rows(fact, "KZ", seed=1, number=5))
    broken = Rule("cases.impossible", "warn", "cases", "sex", "no_such_column = 1", "en", "ru")
    with pytest.raises(CheckFailedError, match=r"the rule cases\.impossible could not be computed"):
        validate(con, {"stage_cases": [broken]}, LIMITS)


@pytest.mark.parametrize("number", [0, 1])
def test_few_rows_are_checked_like_many(con, number):
    fact = facts()["referrals"]
    stage(con, fact, "KZ", rows(fact, "KZ", seed=1, number=number))
    rules = rules_for(fact, KAZ)
    prepare(con, ThisFile("kaz", "KZ", "referrals", PERIOD), ["referrals"], rules)
    broken = hold(con, "referrals", rules)
    checks = validate(con, {"stage_referrals": rules}, LIMITS)
    assert [(check.rows_checked, check.rows_failed) for check in checks] == [(number, broken[r.id]) for r in rules]


def test_rows_staged_anew_are_counted_anew(con):
    """The library remembers tables by their name; what it counted in them it must not."""
    fact = facts()["cases"]
    rules = [rule for rule in rules_for(fact, KAZ) if rule.id == "cases.sex.required"]
    for number in (3, 7):
        stage(con, fact, "KZ", [dict.fromkeys(fact.columns)] * number)
        (check,) = validate(con, {"stage_cases": rules}, LIMITS)
        assert (check.rows_checked, check.rows_failed) == (number, number)


def test_checking_leaves_the_transaction_of_the_intake_alone(con):
    fact = facts()["cases"]
    stage(con, fact, "KZ", rows(fact, "KZ", seed=1, number=5))
    con.execute("BEGIN TRANSACTION")
    con.execute("INSERT INTO ledger (entry) VALUES (1)")
    validate(con, {"stage_cases": [r for r in rules_for(fact, KAZ) if r.id == "cases.sex.required"]}, LIMITS)
    assert con.execute("SELECT count(*) FROM ledger").fetchall() == [(1,)]
    con.execute("ROLLBACK")
    assert con.execute("SELECT count(*) FROM ledger").fetchall() == [(0,)]


def test_great_expectations_is_loaded_only_when_rows_are_checked():
    code = "import sys, pipelines.intake, pipelines.validation_page; print('great_expectations' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
