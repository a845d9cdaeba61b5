"""The language of definitions: dates, other denominators, means, derived columns and views, each on rows by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from indicators.definitions import Definition, definitions
from indicators.examples import run_example
from indicators.facts import DeclarationError

HEAD = """
code = "X01"
title = {{ en = "T", ru = "Т" }}
family = "protection"
unit = "{unit}"
fact = "{fact}"
by = {by}
rule_time = "D"
rule_place = "S"
direction = "up"
reviewed_on = 2026-11-01
definition = {{ en = "D", ru = "Д" }}
why = {{ en = "w", ru = "з" }}
"""


def _load(folder: Path, unit: str, fact: str, rest: str, by: str = "[]") -> Definition:
    text = HEAD.format(unit=unit, fact=fact, by=by) + rest
    (folder / "X01.toml").write_text(text, encoding="utf-8")
    return definitions(folder)["X01"]


CASES = {
    "a date of its own": ("persons", "cases", '[]', '''
numerator = "COUNT(DISTINCT person_ref)"
dated_by = "screened_on"
[[example]]
name = "by the day of screening"
period = "2010-Q4"
rows = """
case_ref | person_ref | vot_status | screened_on | identified_on
1        | K1         | actual     | 2010-10-02  | 2011-02-01
2        | K2         | actual     | 2010-08-02  | 2010-12-01
"""
numerator = 1
'''),
    "a denominator of another fact": ("usd", "training_events", '["event_type"]', '''
numerator = "SUM(cost)"
denominator = "COUNT(DISTINCT person_ref) FILTER (WHERE completed)"
denominator_fact = "participants"
[[example]]
name = "money by person"
period = "2010-Q4"
rows = """
event_ref | event_type | end_on     | cost
T1        | training   | 2010-10-02 | 100.50
T2        | training   | 2010-10-03 | 99.50
"""
numerator = 200
denominator = 4
cells = { "event_type=training" = 50 }
[example.tables]
participants = """
event_ref | line | person_ref | completed
T1        | 1    | K1         | true
T2        | 1    | K1         | true
T2        | 2    | K2         | true
T2        | 3    | K3         | false
T2        | 4    | K4         | true
T1        | 5    | K5         | true
"""
'''),
    "a mean": ("days", "referrals", '[]', '''
numerator = "AVG(days_to_service) FILTER (WHERE NOT declined OR NOT is_known(declined))"
[[example]]
name = "half up, unknown values left out"
period = "2010-Q4"
rows = """
sent_on    | received_on | declined
2010-10-01 | 2010-10-02  | false
2010-10-01 | 2010-10-03  |
2010-10-01 | 2010-10-03  |
2010-10-01 | 2010-10-03  |
2010-10-01 | 2010-10-09  | true
2010-10-01 |             | false
"""
value = 1.8
denominator = 4
[[example]]
name = "too few"
period = "2010-Q4"
rows = """
sent_on    | received_on | declined
2010-10-01 | 2010-10-02  | false
"""
status = "suppressed"
'''),
    "a median and a cell": ("days", "referrals", '["assistance_type"]', '''
numerator = "MEDIAN(days_to_service)"
minimum_n = 1
[[example]]
name = "between two"
period = "2010-Q4"
rows = """
sent_on    | received_on | assistance_type
2010-10-01 | 2010-10-02  | medical
2010-10-01 | 2010-10-03  | medical
2010-10-01 | 2010-10-06  | legal
2010-10-01 | 2010-10-09  | legal
"""
value = 3.5
denominator = 4
cells = { "assistance_type=medical" = 1.5, "assistance_type=legal" = 6.5 }
'''),
    "a ninth decile": ("days", "referrals", '[]', '''
numerator = "QUANTILE_CONT(days_to_service, 0.9)"
minimum_n = 1
[[example]]
name = "linear between two"
period = "2010-Q4"
rows = """
sent_on    | received_on
2010-10-01 | 2010-10-02
2010-10-01 | 2010-10-11
"""
value = 9.1
'''),
    "a tie on one day": ("persons", "assistance", '["assistance_type"]', '''
numerator = "COUNT(DISTINCT person_ref)"
pirs = { result = { en = "a", ru = "б" }, changes = [{ on = 2026-01-01, what = { en = "a", ru = "б" } }] }
[[example]]
name = "the order of the list decides, whatever the order of the rows"
period = "2010-Q4"
rows = """
case_ref | person_ref | sex | assistance_type | delivered_on
C1       | K1         | F   | legal           | 2010-10-02
C1       | K1         | F   | shelter         | 2010-10-02
"""
numerator = 1
cells = { "assistance_type=shelter" = 1 }
'''),
    "a derived column over joined rows": ("persons", "assistance", '["client_history"]', '''
numerator = "COUNT(DISTINCT person_ref)"
[[example]]
name = "computed where not given"
period = "2010-Q4"
rows = """
case_ref | assistance_type | delivered_on
C1       | legal           | 2010-10-02
C2       | legal           | 2010-08-02
C2       | legal           | 2010-10-02
"""
numerator = 2
cells = { "client_history=new" = 1, "client_history=continuing" = 1 }
[example.tables]
cases = """
case_ref | person_ref | identified_on
C1       | K1         | 2010-07-01
C2       | K2         | 2010-07-01
"""
'''),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_an_example_of_each(name: str, tmp_path: Path) -> None:
    unit, fact, by, rest = CASES[name]
    definition = _load(tmp_path, unit, fact, rest, by)
    assert [fault for example in definition.examples for fault in run_example(definition, example)] == []


@pytest.mark.parametrize(
    ("unit", "fact", "rest", "said"),
    [
        ("persons", "cases", 'numerator = "SUM(age)"', "not declared as a measure"),
        ("persons", "cases", 'numerator = "AVG(sex)"', "is no number"),
        ("persons", "cases", 'numerator = "QUANTILE_CONT(age, 2)"', "from 0 to 1"),
        ("persons", "cases", 'dated_by = "sex"\nnumerator = "COUNT(*)"', "dated_by: expected a date column"),
        ("persons", "cases", 'minimum_n = "a"\nnumerator = "COUNT(*)"', "minimum_n: expected a whole number"),
        ("persons", "cases", 'pirs = { who = 1 }\nnumerator = "COUNT(*)"', "pirs.who: no such key"),
        (
            "persons", "cases", 'donor_codes = [{ donor = "EU", code = "1" }]\nnumerator = "COUNT(*)"',
            "donor_codes 1: donor: expected one of USAID",
        ),
        (
            "persons", "cases", 'donor_codes = [{ donor = "INL", code = "1", from = "2016" }]\nnumerator = "COUNT(*)"',
            "donor_codes 1: from: expected a date; got '2016'",
        ),
        (
            "persons", "cases",
            'donor_codes = [{ donor = "INL", code = "1", from = 2016-10-01, until = 2016-09-30 }]\n'
            'numerator = "COUNT(*)"',
            "donor_codes 1: until: expected a day from 2016-10-01 on; got 2016-09-30",
        ),
        ("persons", "nothing", 'numerator = "COUNT(*)"', "there is no fact nothing"),
        (
            "percent", "cases",
            'numerator = "COUNT(DISTINCT person_ref) FILTER (WHERE age > 3)"\n'
            'denominator = "COUNT(DISTINCT person_ref)"',
            "age must be a coded or boolean column",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_counted_is_refused(unit: str, fact: str, rest: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match=r"X01\.toml") as caught:
        _load(tmp_path, unit, fact, f"{rest}\nexample = []\n")
    assert said in str(caught.value)
