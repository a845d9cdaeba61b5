"""`esep explain`: one figure of the edition in words; never a number that the edition hides."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from indicators.calendars import PROJECT_QUARTER, QUARTER, Quarter, side_by_side
from indicators.definitions import definitions
from indicators.funding import projects
from indicators.queries import sql_of
from pipelines.cli import main
from pipelines.cli_parts import NOTHING
from pipelines.contracts import Contract, contracts
from pipelines.explain import Explanation, Question, explain, words
from pipelines.explain_text import told
from reports import format as form
from reports.edition import FILE_NAME, POINTER_NAME, SHOWN, STATUSES, SUPPRESSED, Edition, open_current
from tests.sample_edition import EDITION_ID, make_edition, sample_rows, write_database

CATALOGUE = definitions()


@pytest.fixture(scope="module")
def curated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("explain")
    make_edition(folder / "editions")
    return folder


def write_edition(curated: Path, rows: dict[str, list[dict[str, Any]]], period: str = "2010-Q4") -> None:
    folder = curated / "editions" / EDITION_ID
    folder.mkdir(parents=True)
    write_database(folder / FILE_NAME, {"edition": [{"edition_id": EDITION_ID, "period": period}], **rows})
    (folder.parent / POINTER_NAME).write_text(EDITION_ID + "\n", encoding="utf-8")


def run(curated: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["explain", "--curated", str(curated), *arguments])


@pytest.fixture(scope="module")
def edition(curated: Path) -> Iterator[Edition]:
    opened = open_current(curated / "editions")
    yield opened
    opened.connection.close()


def as_json(curated: Path, *arguments: str) -> dict[str, Any]:
    done = run(curated, *arguments, "--json")
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.output)
    return found


def explained(
    edition: Edition, row: dict[str, Any], language: str = "en", contracts: Mapping[str, Contract] = contracts()
) -> Explanation:
    question = Question(row["period"], row["place"], row["calendar"])
    return explain(CATALOGUE[row["indicator"]], language, question, edition, contracts)


# What it says


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_shown_figure_with_its_meaning_files_rule_and_sql(curated, language):
    done = run(curated, "P01", "--period", "2010-Q4", "--place", "KZ", "--language", language)
    assert done.exit_code == 0, done.output
    definition = CATALOGUE["P01"]
    flat = " ".join(done.output.split())
    assert definition.title[language] in flat
    assert definition.definition[language] in flat
    assert definition.numerator_text in flat
    assert f"{words()['value'][language]}: 48" in flat
    assert "kaz_cases_2010-Q4.csv" in flat
    assert EDITION_ID in flat
    assert " ".join(sql_of(definition).split()) in flat


def test_without_period_or_place_it_is_the_editions_last_quarter_and_the_region(curated):
    found = as_json(curated, "T01")["published"]
    assert (found["period"], found["place"], found["calendar"]) == ("2010-Q4", "CA", "quarter")


def test_places_are_known_by_name_in_both_languages_and_codes_in_any_case(curated):
    for name in ("kz", "Kazakhstan", "казахстан"):
        assert as_json(curated, "p01", "--place", name)["published"]["place"] == "KZ"


def test_a_longer_window_needs_the_files_of_all_its_quarters(curated):
    def quarters(calendar: str) -> set[str]:
        return {file["period"] for file in as_json(curated, "T01", "--place", "KZ", "--calendar", calendar)["files"]}

    assert quarters("quarter") == {"2010-Q4"}
    assert quarters("calendar_year_to_date") == {"2010-Q3", "2010-Q4"}


def test_cases_of_earlier_quarters_are_needed_where_services_are_joined_to_them(curated):
    files = as_json(curated, "P03", "--place", "KZ", "--period", "2010-Q4")["files"]
    needed = {(file["period"], fact) for file in files for fact in file["facts"]}
    assert needed == {("2010-Q3", "cases"), ("2010-Q4", "cases"), ("2010-Q4", "assistance")}


def test_a_missing_file_is_named_and_the_figure_not_reported(curated):
    found = as_json(curated, "P01", "--place", "TJ", "--period", "2010-Q4")
    assert found["published"]["status"] == "not_reported"
    assert found["published"]["value"] is None
    (file,) = [file for file in found["files"] if file["period"] == "2010-Q4"]
    assert (file["office"], file["status"], file["file_name"]) == ("tjk", "missing", "")
    told = " ".join(run(curated, "P01", "--place", "TJ").output.split())
    assert "no file in force" in told
    assert "missing is not zero" in told


def test_the_region_needs_the_files_of_every_office(curated):
    assert {file["office"] for file in as_json(curated, "P01")["files"]} == {"kaz", "kgz", "tjk", "tkm", "uzb"}


def test_files_of_an_office_whose_contract_is_gone_are_found_by_their_export(edition):
    row = {"indicator": "P01", "calendar": "quarter", "period": "2010-Q4", "place": "KG"}
    (file,) = explained(edition, row, contracts={}).files
    assert (file.file_name, file.held_back) == ("kgz_cases_2010-Q4.csv", True)


def test_the_rule_says_the_threshold_where_people_are_protected_and_only_there(curated):
    assert "from 1 to 4" in as_json(curated, "P01", "--place", "KZ")["published"]["rule"]
    assert "No threshold applies" in as_json(curated, "T01", "--place", "KZ")["published"]["rule"]


def test_a_share_has_its_two_numbers_and_is_rounded_from_them_once(curated):
    found = as_json(curated, "R09", "--place", "KZ", "--period", "2010-Q4")["published"]
    assert (found["value"], found["numerator"], found["denominator"]) == ("17.9%", "5", "28")


def test_a_definition_that_changed_since_is_pointed_out(curated, tmp_path):
    assert as_json(curated, "P01", "--place", "KZ")["published"]["definition_changed"] is True
    rows = sample_rows()
    rows["indicators"] = [{**row, "definition_hash": CATALOGUE[row["indicator"]].digest} for row in rows["indicators"]]
    write_edition(tmp_path, rows)
    assert as_json(tmp_path, "P01", "--place", "KZ")["published"]["definition_changed"] is False


def test_an_edition_of_a_published_source_has_one_window_without_days(tmp_path):
    cell = {"indicator": "P01", "calendar": "whole_source", "period": "all", "place": "KZ"}
    whole = {"breakdown": "total", "category": "total", "status": SHOWN, "value": Decimal(48), "numerator": Decimal(48)}
    file = {"office": "ctdc", "slot": "cases", "period": "all", "file_name": "ctdc.csv", "has_rows_held_back": False}
    owed = {"office": "ctdc", "place": "KZ", "export": "cases", "period": "all", "status": "accepted"}
    rows = sample_rows()
    rows.update(figures=[{**cell, **whole}], inputs=[file], completeness=[owed])
    rows["periods"] = [{"calendar": "whole_source", "period": "all", "label_en": "All", "label_ru": "Все"}]
    write_edition(tmp_path, rows, period="all")
    for more in ([], ["--period", "all"]):
        found = as_json(tmp_path, "P01", *more)
        assert (found["published"]["place"], found["published"]["value"]) == ("KZ", "48")
        assert [one["file_name"] for one in found["files"]] == ["ctdc.csv"]


def test_one_figure_side_by_side_in_every_calendar_of_the_edition(curated, edition):
    found = as_json(curated, "P01", "--period", "2010-Q4", "--place", "KZ")["calendars"]
    held = {row["calendar"] for row in edition.rows("SELECT * FROM figures WHERE indicator = 'P01' AND place = 'KZ'")}
    assert {one["calendar"] for one in found} == {*held, PROJECT_QUARTER}, "a project's quarter is a quarter"
    own = {one["calendar"]: one for one in found}
    for row in edition.rows(
        "SELECT * FROM figures WHERE indicator = 'P01' AND place = 'KZ' AND period = '2010-Q4' AND breakdown = 'total'"
    ):
        shown = own[row["calendar"]]
        assert shown["status"] == row["status"]
        assert shown["value"] == (form.figure(row["value"], "persons", "en") if row["status"] == SHOWN else None)
    quarter, of_project = (own[name] for name in (QUARTER, PROJECT_QUARTER))
    assert (quarter["status"], quarter["value"]) == (of_project["status"], of_project["value"])


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_text_has_a_line_for_each_calendar_whichever_was_asked_for(curated, language):
    asked = [(), ("--calendar", "fiscal_year_to_date")]
    texts = [run(curated, "P01", "--place", "KZ", "--language", language, *more).output for more in asked]
    title = words()["calendars"][language]
    sections = [text.split(title)[1].split("\n\n")[0].strip().splitlines() for text in texts]
    assert sections[0] == sections[1]
    labels = [found[2 + (language == "ru")] for found in side_by_side(Quarter(2010, 4), projects().values())]
    assert [line.strip().rsplit(": ", 1)[0] for line in sections[0]] == labels


# What it must never say


@pytest.mark.parametrize("language", ["en", "ru"])
def test_no_figure_that_is_not_shown_has_a_number(edition, language):
    seen = set()
    for row in edition.rows("SELECT * FROM figures WHERE breakdown = 'total' AND calendar = 'quarter'"):
        published = explained(edition, row, language).published
        assert published is not None
        numbers = (published.value, published.numerator, published.denominator)
        if row["status"] == SHOWN:
            assert published.value is not None
        else:
            assert numbers == (None, None, None)
        every = explained(edition, row, language).calendars
        assert {one.value is not None for one in every if one.calendar == row["calendar"]} == {row["status"] == SHOWN}
        assert not [one for one in every if one.value is not None and one.status != SHOWN]
        seen.add(row["status"])
    assert seen == set(STATUSES), "the edition must have every status"


def test_a_hidden_figure_is_hidden_even_from_an_edition_that_holds_its_number(curated, tmp_path):
    """An edition whose row has a number beside the mark: the mark decides, in text and in JSON."""
    rows = sample_rows()
    for row in rows["figures"]:
        if row["status"] == SUPPRESSED:
            row.update(value=Decimal(987), numerator=Decimal(987), denominator=Decimal(9876))
    write_edition(tmp_path, rows)
    for more in ([], ["--json"]):
        done = run(tmp_path, "P01", "--place", "TM", *more)
        assert done.exit_code == 0
        assert "987" not in done.output.replace(",", "").replace("\u00a0", "")
    told = run(tmp_path, "P01", "--place", "TM").output
    assert "Value: hidden" in told
    assert "Hidden by protection" in told


def test_the_text_of_a_hidden_figure_has_no_digits_beside_those_of_its_window_and_policy(edition):
    row = next(r for r in edition.rows("SELECT * FROM figures WHERE breakdown = 'total'") if r["status"] == SUPPRESSED)
    lines = list(told(explained(edition, row)))
    start = lines.index("The figure as published")
    about = " ".join(lines[start + 1 : lines.index("Files it needs, and which came")])
    for allowed in (EDITION_ID, r"Q\d 2010", r"\(?FY2011[^)]*\)?", r"2010[^,]*?Q\d", "from 1 to 4", "1 of 1"):
        about = re.sub(allowed, "", about)
    assert re.findall(r"\d", about) == [], about


# What it refuses


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["P3"], "there is no indicator P3; nearest: "),
        (["PS.5.1-29"], "there is no indicator PS.5.1-29; nearest: P08"),
        (["N07"], "nearest: N07_IN, N07_OUT"),
        (["XYZZY"], "`esep indicators` lists them"),
        (["P01", "--period", "2010"], "a period is written like 2010-Q4"),
        (["P01", "--period", "2012-Q1"], "2012-Q1 is not in edition 2010-Q4-3f9c1e7a; it holds 2010-Q3, 2010-Q4"),
        (["P01", "--place", "FR"], "FR is no place of edition"),
        (["P01", "--place", "FR"], "KZ (Kazakhstan)"),
        (["P01", "--calendar", "lunar"], "lunar is no calendar of edition"),
    ],
)
def test_what_is_not_there_is_a_wrong_command_line_that_says_what_is(curated, arguments, said):
    done = run(curated, *arguments)
    assert done.exit_code == 2
    assert said in " ".join(re.sub("[│╭╰─╮╯]", "", done.output).split())


def test_an_indicator_that_the_edition_does_not_count_is_explained_all_the_same(curated):
    done = run(curated, "R03", "--place", "KZ")
    assert done.exit_code == 0
    assert CATALOGUE["R03"].title["en"] in done.output
    assert "does not count the indicator" in " ".join(done.output.split())


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_without_an_edition_the_meaning_is_told_and_what_to_run(tmp_path, more):
    done = CliRunner().invoke(main, ["explain", "P03", "--curated", str(tmp_path), *more])
    assert done.exit_code == NOTHING
    assert CATALOGUE["P03"].title["en"] in done.stdout
    assert "COUNT(DISTINCT person_ref)" in done.stdout
    assert "`esep run`" in done.stderr
    assert not more or json.loads(done.stdout)["published"] is None


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("definition", CATALOGUE.values(), ids=lambda d: d.code)
def test_every_indicator_can_be_explained(edition, definition, language):
    text = "\n".join(told(explain(definition, language, Question(), edition, contracts())))
    assert definition.title[language] in text
    said = " ".join(text.split())
    assert definition.why[language] in said
    assert definition.limits.get(language, "") in said
    assert (definition.numerator is None) == (words()["no_sql"][language] in text)
