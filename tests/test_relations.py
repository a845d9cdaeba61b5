"""Every relation an attacker may reason from holds for the true counts, whatever kind of indicator it is of."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from pathlib import Path

import duckdb
import pytest

from indicators.counted import create_example_tables
from indicators.definitions import Definition, definitions
from indicators.disclosure import _check_relations, _values, examine, policies, release
from indicators.disclosure.system import build
from indicators.engine import measure
from indicators.figures import SHOWN, SUPPRESSED, Figure
from tests.counting import all_windows, full_reporting
from tests.random_facts import random_rows

KINDS = {
    "X02": ("ratio", "cases", "R", '["sex"]',
            'numerator = "COUNT(DISTINCT person_ref)"\ndenominator = "COUNT(*)"\ndenominator_fact = "assistance"'),
    "X03": ("cases", "cases", "S", '["sex", "exploitation"]', 'numerator = "COUNT(DISTINCT case_ref)"'),
    "X04": ("cases", "cases", "S", '["sex"]', 'numerator = "COUNT(*)"\ndated_by = "screened_on"'),
    "X05": ("days", "cases", "M", '["sex", "exploitation"]', 'numerator = "MEDIAN(age)"\nminimum_n = 20'),
    "X06": ("days", "cases", "M", '["sex"]', 'numerator = "AVG(age) FILTER (WHERE vot_status = \'actual\')"'),
}  # fmt: skip
TEXT = """code = "{code}"
title = {{ en = "T", ru = "Т" }}
family = "protection"
unit = "{unit}"
fact = "{fact}"
by = {by}
rule_time = "{rule}"
rule_place = "S"
direction = "up"
reviewed_on = 2026-11-01
definition = {{ en = "D", ru = "Д" }}
why = "w"
example = []
{rest}
"""


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Definition]:
    """The catalogue, and one indicator of each kind that it may not hold yet."""
    folder = tmp_path_factory.mktemp("definitions")
    for code, (unit, fact, rule, by, rest) in KINDS.items():
        text = TEXT.format(code=code, unit=unit, fact=fact, rule=rule, by=by, rest=rest)
        Path(folder, f"{code}.toml").write_text(text, encoding="utf-8")
    return {**definitions(), **definitions(folder)}


@cache
def _rows(seed: int) -> dict[str, list[dict[str, object]]]:
    rows = random_rows(seed, 60)
    for number, case in enumerate(rows["cases"]):
        case.update(age=(number * 7) % 60 if number % 5 else None, screened_on=case["identified_on"])
    return rows


def _figures(catalogue: dict[str, Definition], seed: int) -> list[Figure]:
    with duckdb.connect() as con:
        create_example_tables(con, _rows(seed))
        return measure(con, catalogue, all_windows(), full_reporting())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_relation_holds_for_the_true_counts(catalogue: dict[str, Definition], seed: int) -> None:
    system = build(_figures(catalogue, seed), catalogue, all_windows())
    values = _values(system)
    assert sum(all(unknown in values for unknown in relation.unknowns) for relation in system.relations) > 100
    _check_relations(system, values)


def test_means_and_shares_of_two_facts_come_out_protected(catalogue: dict[str, Definition]) -> None:
    policy = policies()["default"]
    kinds = {code: definition for code, definition in catalogue.items() if code in {*KINDS, "P01", "P03"}}
    counted = _figures(kinds, 1)
    released = release(counted, kinds, all_windows(), policy).figures
    examine(released, kinds, all_windows(), policy)
    averages = [figure for figure in released if kinds[figure.indicator].is_average]
    assert {figure.status for figure in averages} >= {SHOWN, SUPPRESSED}
    for figure in averages:
        assert figure.numerator is None
        assert figure.status != SUPPRESSED or (figure.value, figure.denominator) == (None, None)
        least: Decimal = max(Decimal(kinds[figure.indicator].minimum_n), Decimal(policy.threshold))
        assert figure.status != SHOWN or (figure.denominator or Decimal(0)) >= least
