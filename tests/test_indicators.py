"""Every definition of the catalogue: its own examples, its checks at load, and the documentation it carries."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from indicators.calendars import Quarter, window
from indicators.definitions import HERE, Definition, Example, definitions
from indicators.engine import sql_of
from indicators.examples import run_example
from indicators.facts import DeclarationError
from indicators.figures import Reporting
from indicators.funding import life_start

CATALOGUE = definitions()
EXAMPLES = [(definition, example) for definition in CATALOGUE.values() for example in definition.examples]


@pytest.mark.parametrize(("definition", "example"), EXAMPLES, ids=lambda x: getattr(x, "code", getattr(x, "name", "")))
def test_example_holds(definition: Definition, example: Example) -> None:
    assert run_example(definition, example) == []


@pytest.mark.parametrize("definition", CATALOGUE.values(), ids=lambda d: d.code)
def test_review_is_not_overdue(definition: Definition) -> None:
    assert date(2026, 1, 1) < definition.reviewed_on, f"{definition.code} was last reviewed on {definition.reviewed_on}"


def test_every_family_is_counted() -> None:
    families = {"protection", "reintegration", "capacity", "prevention", "hotline", "network", "policy", "quality"}
    assert {definition.family for definition in CATALOGUE.values()} == families


def test_a_wrong_expectation_in_an_example_is_found() -> None:
    definition = CATALOGUE["P01"]
    example = definition.examples[0]
    wrong = Example(example.name, example.period, example.calendar, example.place, example.tables, {"numerator": 3})
    assert run_example(definition, wrong) == [f"P01, {example.name}: numerator is 2, expected 3"]


BAD = {
    "unknown_column": ("person_ref", "person_key", "there is no column person_key"),
    "unknown_code": ("'actual'", "'real'", "'real' is not in the list vot_status"),
    "other_table": ("vot_status = 'actual'", "person_ref IN (SELECT 1)", "the engine owns FROM"),
    "function": ("vot_status = 'actual'", "read_text('x') = 'a'", "not one a definition may use"),
    "not_an_aggregate": ("COUNT(DISTINCT person_ref)", "MAX(age)", "must be COUNT"),
    "unit": ('unit = "persons"', 'unit = "people"', "unit must be one of"),
    "breakdown": ('"sex"', '"gender"', "no coded column gender"),
    "share": ('unit = "persons"', 'unit = "percent"', "needs a denominator"),
    "reason_in_another_language": ("why = { en", "why = { de", "why: expected en and ru; got de, ru"),
    "typing_error": ("[[example]]", 'treshold = 3\n[[example]]', "no such key: treshold"),
    "no_toml": ("code =", "code ", "not TOML"),
}  # fmt: skip


def test_all_faults_of_the_folder_are_named_at_once(tmp_path: Path) -> None:
    text = (HERE / "definitions" / "P01.toml").read_text(encoding="utf-8")
    for name, (good, bad, _) in BAD.items():
        changed = text.replace(good, bad, 1).replace('code = "P01"', f'code = "{name}"')
        (tmp_path / f"{name}.toml").write_text(changed, encoding="utf-8")
    with pytest.raises(DeclarationError) as caught:
        definitions(tmp_path)
    for name, (_, _, message) in BAD.items():
        assert any(f"{name}.toml" in fault and message in fault for fault in caught.value.faults), name


def test_a_new_indicator_is_one_file(tmp_path: Path) -> None:
    text = (HERE / "definitions" / "H01.toml").read_text(encoding="utf-8")
    new = text.replace('code = "H01"', 'code = "H03"').replace("'genuine'", "'genuine' AND is_suspicion")
    (tmp_path / "H03.toml").write_text(new.split("[[example]]")[0] + _H03_EXAMPLE, encoding="utf-8")
    loaded = definitions(tmp_path)["H03"]
    assert run_example(loaded, loaded.examples[0]) == []


_H03_EXAMPLE = '''
[[example]]
name = "only contacts with a suspicion"
period = "2010-Q4"
rows = """
contact_ref | contact_kind | received_on | is_suspicion
KZ-H1       | genuine      | 2010-10-01  | true
KZ-H2       | genuine      | 2010-10-01  | false
"""
numerator = 1
'''


def test_sql_is_bound_to_declared_names() -> None:
    for definition in CATALOGUE.values():
        if definition.numerator is not None:
            assert f"counted_{definition.fact}" in sql_of(definition)


def test_who_owes_no_services_has_no_figure_of_services() -> None:
    """An office whose form has cases only: its cases count, and of services it says nothing, not zero."""
    span = window("quarter", Quarter.parse("2010-Q4"), life_start())
    cases_only = frozenset({("GE", "cases", "2010-Q4")})
    reporting = Reporting(cases_only, cases_only)
    assert reporting.expects(CATALOGUE["P01"], span, "GE")
    assert not reporting.expects(CATALOGUE["P03"], span, "GE")
