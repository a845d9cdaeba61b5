"""Every relation an attacker may reason from holds for the true counts, whatever kind of indicator it is of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

import duckdb
import pytest

from indicators.counted import create_example_tables
from indicators.definitions import HERE, Definition, definitions
from indicators.disclosure import _check_relations, _values, examine, policies, release
from indicators.disclosure.system import build
from indicators.disclosure.unknowns import Relation, System, Unknown
from indicators.engine import measure
from indicators.facts import DeclarationError
from indicators.figures import SHOWN, SUPPRESSED, Figure
from tests.counting import all_windows, full_reporting
from tests.random_facts import PLACES, random_rows

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
why = {{ en = "w", ru = "з" }}
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


def _counts(catalogue: dict[str, Definition], *codes: str) -> tuple[System, Callable[..., Unknown]]:
    """The system of these indicators, and the count of a cell in a window at a place."""
    chosen = {code: catalogue[code] for code in codes}
    system = build(_figures(chosen, 1), chosen, all_windows())
    by_key = {row.figure.key: row.numerator for row in system.rows}
    return system, lambda *key: by_key[key]


@pytest.mark.parametrize(
    ("code", "of", "breakdown", "category"),
    [
        ("P13", "P05", "assistance_type", "legal"),
        ("P10", "P03", "client_history", "new"),
        ("P10_90", "P03", "client_history", "new"),
        ("T02", "T03", "total", "total"),
    ],
)
def test_what_is_at_most_another_is_known_to_be(
    catalogue: dict[str, Definition], code: str, of: str, breakdown: str, category: str
) -> None:
    system, count = _counts(catalogue, code, of)
    for place in PLACES:
        where = ("quarter", "2010-Q4", place)
        small, large = count(code, *where, "total", "total"), count(of, *where, breakdown, category)
        assert Relation(((large, 1), (small, -1)), False) in system.relations, place


def test_the_first_service_ever_of_a_person_adds_up_over_quarters_and_later_ones_do_not(
    catalogue: dict[str, Definition],
) -> None:
    system, count = _counts(catalogue, "P03")
    for category, adds_up in (("new", True), ("continuing", False)):
        year, *quarters = [
            count("P03", calendar, period, "KZ", "client_history", category)
            for calendar, period in (
                ("calendar_year_to_date", "2010-Q4"),
                ("quarter", "2010-Q3"),
                ("quarter", "2010-Q4"),
            )
        ]
        equal = Relation(((year, 1), *((quarter, -1) for quarter in quarters)), True)
        assert (equal in system.relations) == adds_up, category


def test_a_tie_to_a_cell_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    for name, line in (("X01", 'at_most = "P03 client_history=old"'), ("X02", 'once_ever = ["gender=F"]')):
        text = TEXT.format(code=name, unit="cases", fact="cases", rule="S", by='["sex"]', rest='numerator = "COUNT(*)"')
        Path(tmp_path, f"{name}.toml").write_text(f"{line}\n{text}", encoding="utf-8")
    Path(tmp_path, "P03.toml").write_bytes((HERE / "definitions" / "P03.toml").read_bytes())
    with pytest.raises(DeclarationError) as caught:
        definitions(tmp_path)
    assert caught.value.faults == [
        "X01.toml: at_most: P03 has no cell client_history=old",
        "X02.toml: once_ever: there is no cell gender=F",
    ]


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


def test_two_offices_of_one_country_with_one_code_for_a_person_break_no_relation(
    catalogue: dict[str, Definition],
) -> None:
    services = random_rows(2, 60)["assistance"]
    later = [
        {**row, "office": "other", "delivered_on": min(date(2010, 12, 31), row["delivered_on"] + timedelta(days=70))}
        for row in services
    ]
    chosen = {code: catalogue[code] for code in ("P03", "P05", "P10", "P13")}
    with duckdb.connect() as con:
        create_example_tables(con, {"assistance": [*services, *later]})
        figures = measure(con, chosen, all_windows(), full_reporting())
    system = build(figures, chosen, all_windows())
    _check_relations(system, _values(system))


def _not_said(definition: Definition, breakdown: str) -> Figure:
    """Nobody in the category of those of whom the breakdown is not known."""
    nothing = Decimal(0)
    return Figure(definition.code, "quarter", "2010-Q4", "KZ", breakdown, "U", nothing, nothing, SHOWN, "", 1, 1)


def test_who_must_be_known_is_not_taken_for_those_of_whom_nothing_is_known():
    """Of victims whose form is known nobody stands under "not known"; of all victims some may: these are two counts."""
    asked = []
    for definition in definitions().values():
        if definition.numerator is None or definition.is_average:
            continue
        needs = {c for c in definition.numerator.conditions if c.startswith("is_known(")}
        for breakdown in definition.by:
            (row,) = build([_not_said(definition, breakdown)], definitions(), all_windows()).rows
            said = f"is_known({breakdown})"
            assert (said in row.numerator.extras or said in row.numerator.population) == (said in needs), definition
            asked.append((definition.code, said in needs))
    assert ("P01", False) in asked
    assert ("P14", True) in asked
