"""IATI files: valid against the schema where it is, and against code lists and rules that the schema does not hold."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from indicators.calendars import Quarter
from reports.as_of import as_of
from reports.donor_periods import latest
from reports.donors import profiles
from reports.edition import SHOWN, Edition
from reports.report import NothingToHandOver, Report, outputs
from tests.donor_files import edition_with, iati, iati_cell

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
# Code lists of IATI 2.03 by the attribute that takes its codes from them; those of DAC in part.
CODES = {
    "activity-status/@code": set("123456"),
    "activity-date/@type": set("1234"),
    "reporting-org/@type": {"10", "15", "21", "22", "23", "24", "30", "40", "60", "70", "71", "72", "73", "80", "90"},
    "participating-org/@type": {"10", "11", "15", "21", "22", "23", "24", "30", "40", "60", "70", "80", "90"},
    "participating-org/@role": set("1234"),
    "description/@type": set("1234"),
    "recipient-region/@vocabulary": {"1", "2", "99"},
    "recipient-region/@code": {"619"},
    "location/location-id/@vocabulary": {"A1", "A2", "A3", "A4", "G1", "G2"},
    "location/location-id/@code": {"KZ", "KG", "TJ", "TM", "UZ"},
    "sector/@vocabulary": {"1", "2", "99"},
    "sector/@code": {"15130", "15160", "15180", "15190"},
    "result/@type": {"1", "2", "3", "9"},
    "result/reference/@vocabulary": {"99"},
    "result/indicator/@measure": set("12345"),
    "result/indicator/reference/@vocabulary": {*"123456789", "99"},
}


def written(edition: Edition, code: str, quarter: Quarter | None = None) -> Any:
    donor = profiles()[code]
    quarter = quarter or latest(edition, donor)
    assert quarter is not None
    report = Report(as_of(edition, quarter), donor, quarter)
    return etree.fromstring(outputs()["iati"].write(report, "en"))


@pytest.fixture(scope="module")
def files(edition: Edition) -> dict[str, Any]:
    return {code: written(edition, code) for code in ("usaid", "inl")}


def test_files_are_valid_against_the_schema(files, real):
    schema = etree.XMLSchema(etree.parse(str(Path(real) / "iati" / "iati-activities-schema.xsd")))
    for code, root in files.items():
        assert schema.validate(root), (code, list(schema.error_log))


def test_every_code_is_one_of_its_list(files):
    for root in files.values():
        assert root.get("version") == "2.03"
        for activity in root:
            found = {path: set(map(str, activity.xpath(path))) for path in CODES}
            assert {path: codes - CODES[path] for path, codes in found.items() if codes - CODES[path]} == {}
            assert set(activity.xpath("result/indicator/@ascending")) <= {"0", "1"}
    assert files["usaid"].xpath("//indicator/@measure"), "nothing was looked at"


def test_an_activity_keeps_the_rules_of_the_standard(files):
    for root in files.values():
        for activity in root:
            publisher = activity.find("reporting-org").get("ref")
            assert activity.findtext("iati-identifier").startswith(f"{publisher}-")
            days = {
                node.get("type"): date.fromisoformat(node.get("iso-date")) for node in activity.findall("activity-date")
            }
            assert {"2", "3"} <= set(days) and days["2"] < days["3"]
            assert activity.xpath("participating-org[@role='1']") and activity.xpath("participating-org[@role='4']")
            assert all(node.xpath("narrative") for node in activity.xpath(".//title | .//description | .//comment"))
            narratives = activity.xpath(".//narrative")
            assert {node.get(XML_LANG) for node in narratives} == {None, "ru"}
            assert all(node.text and node.text.strip() for node in narratives)


def test_results_keep_the_rules_of_the_standard(files):
    seen = 0
    for root in files.values():
        for activity in root:
            known = {node.get("ref") for node in activity.findall("location")}
            for indicator in activity.xpath("result/indicator"):
                assert all(
                    r.get("indicator-uri") for r in indicator.findall("reference") if r.get("vocabulary") == "99"
                )
                for node in indicator.xpath(".//baseline | .//target | .//actual"):
                    assert Decimal(node.get("value")).is_finite() and "e" not in node.get("value").lower()
                    assert {place.get("ref") for place in node.findall("location")} <= known
                    seen += 1
                for period in indicator.findall("period"):
                    days = [period.find(f"period-{end}").get("iso-date") for end in ("start", "end")]
                    assert days[0] <= days[1]
                    for kind in ("target", "actual"):
                        cells = [iati_cell(node) for node in period.findall(kind)]
                        assert len(set(cells)) == len(cells), "one value for each place and dimension"
                windows = [tuple(node.get("iso-date") for node in period[:2]) for period in indicator.findall("period")]
                assert len(set(windows)) == len(windows), "the same days are one period"
    assert seen > 100


def test_every_actual_is_a_figure_that_is_shown_and_no_other(edition, files):
    labels = edition.labels("en")
    days = {(r["calendar"], r["period"]): (str(r["start_on"]), str(r["end_on"])) for r in edition.rows("FROM periods")}
    rules = {r["indicator"]: r for r in edition.rows("FROM indicators")}
    calendars = ("quarter", "fiscal_year_to_date", "project_life")
    wanted = {}
    for row in edition.rows("SELECT * FROM figures WHERE list_contains(?, calendar)", [list(calendars)]):
        unit = rules[row["indicator"]]["unit"]
        named = (row["breakdown"], labels.get((row["breakdown"], row["category"]), row["category"]))
        parts = () if row["breakdown"] == "total" else named
        if row["status"] == SHOWN:
            key = (row["indicator"], *days[row["calendar"], row["period"]], row["place"], *parts)
            wanted[key] = row["value"] * (100 if unit == "percent" else 1)
    actuals = iati(files["usaid"])
    assert actuals == wanted and len(actuals) > 150


def test_what_is_not_shown_has_no_actual_and_its_target_says_why(edition, files):
    hidden = {
        (row["indicator"], row["place"]): row["status"]
        for row in edition.rows("SELECT * FROM figures WHERE calendar = 'quarter' AND period = '2010-Q4'")
        if row["breakdown"] == "total" and row["status"] != SHOWN
    }
    labels = {language: edition.labels(language) for language in ("en", "ru")}
    commented = 0
    for indicator in files["usaid"].xpath("//indicator"):
        code = indicator.xpath("reference[@vocabulary='99']/@code")[0]
        for target in indicator.xpath(
            "period[period-start/@iso-date='2010-10-01'][period-end/@iso-date='2010-12-31']/target"
        ):
            status, comment = hidden.get((code, iati_cell(target)[0])), target.find("comment")
            assert (comment is None) == (status is None)
            if comment is not None and status:
                said = {node.get(XML_LANG, "en"): node.text for node in comment}
                assert all(labels[language]["status", status] in said[language] for language in labels)
                commented += 1
    assert commented > 3
    description = files["usaid"].xpath("//indicator[reference/@code='P01']/description/narrative[1]")[0].text
    assert "which does not mean zero" in description and "suppressed (Turkmenistan, Uzbekistan" in description


def test_a_baseline_that_was_not_measured_is_absent_and_not_nought(files):
    lost = files["usaid"].xpath("//indicator[reference/@code='R09']/baseline")
    assert [(node.get("value"), node.get("year"), node.get("iso-date"), iati_cell(node)) for node in lost] == [
        ("40", "2009", "2009-12-31", ("KZ",))
    ]
    assert files["usaid"].xpath("//indicator[reference/@code='T01']/baseline") == []


def test_the_donors_numbers_have_the_donors_vocabulary(files, edition):
    numbers = files["usaid"].xpath("//indicator/reference[@vocabulary='3']/@code")
    assert sorted(numbers) == ["PS.5.1-28", "PS.5.1-29"]
    assert files["inl"].xpath("//indicator/reference[@vocabulary='3']") == [], "those are USAID's"


def test_an_indicator_stands_once_under_the_first_result_it_measures(files):
    results = {
        node.xpath("title/narrative/text()")[0]: node.xpath("indicator/reference[@vocabulary='99']/@code")
        for node in files["usaid"].xpath("//result")
    }
    assert results["Victims are found"] == ["P01", "R09"] and results["Events are held"] == ["T01"]
    every = [code for codes in results.values() for code in codes]
    assert len(set(every)) == len(every)
    kinds = files["usaid"].xpath("//result/@type")
    assert kinds == ["2", "1", "9"], "outcome, output, and what serves no result"


def test_persons_and_windows_that_overlap_are_never_suitable_for_adding_up(edition, files):
    rules = {row["indicator"]: row for row in edition.rows("FROM indicators")}
    flagged = set()
    for root in files.values():
        for indicator in root.xpath("//indicator"):
            code = indicator.xpath("reference[@vocabulary='99']/@code")[0]
            windows = sorted(
                tuple(node.get("iso-date") for node in period[:2]) for period in indicator.findall("period")
            )
            overlap = any(one[1] >= other[0] for one, other in pairwise(windows))
            additive = (rules[code]["rule_time"], rules[code]["rule_place"]) == ("S", "S")
            assert indicator.get("aggregation-status") == ("1" if additive and not overlap else "0"), code
            flagged.add(indicator.get("aggregation-status"))
        for result in root.xpath("//result"):
            own = set(result.xpath("indicator/@aggregation-status"))
            assert result.get("aggregation-status") == ("1" if own == {"1"} else "0")
    assert flagged == {"0", "1"}


def test_a_project_that_is_over_is_said_to_be_and_has_no_later_period(files):
    (activity,) = files["inl"]
    assert activity.find("activity-status").get("code") == "3"
    assert max(activity.xpath("result/indicator/period/period-end/@iso-date")) == "2010-09-30"
    assert activity.xpath("participating-org[@role='1']/@ref") == ["US-GOV-11"]
    assert len(activity.xpath("participating-org[@role='1']")) == 2, "both funders"


def test_a_donor_without_a_project_has_no_activity_to_tell_of(edition):
    with pytest.raises(NothingToHandOver, match=r"norway has no project in edition .*add one to indicators/projects"):
        written(edition, "norway")


def test_two_targets_for_the_same_days_that_differ_are_both_iati(tmp_path):
    """The first quarter of a fiscal year is also its year to date; neither promise may go missing."""
    where = "indicator = 'P01' AND place = 'KZ' AND period = '2010-Q4' AND calendar = 'fiscal_year_to_date'"
    differing = edition_with(tmp_path, f"UPDATE targets SET target = target + 1 WHERE {where}")
    days = "[period-start/@iso-date='2010-10-01'][period-end/@iso-date='2010-12-31']"
    path = f"//indicator[reference/@code='P01']/period{days}/target[location/@ref='KZ']/@value"
    assert written(differing, "usaid").xpath(path) == ["45", "46"]
    differing.connection.close()


def test_control_characters_do_not_break_the_file(tmp_path):
    odd = edition_with(tmp_path, "UPDATE indicators SET title_en = 'a' || chr(7) || '<b>&'")
    assert "a<b>&" in written(odd, "usaid").xpath("//indicator/title/narrative/text()")
    odd.connection.close()
