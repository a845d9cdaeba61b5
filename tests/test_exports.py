"""Handing over: which quarter, which files, whole or not at all, and what is said when it cannot be done."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from indicators.calendars import Quarter
from indicators.facts import DeclarationError
from indicators.funding import projects
from pipelines.cli import main
from pipelines.cli_parts import guarded
from pipelines.exports import export_donor, export_reports
from pipelines.files import replace as replace_file
from reports.donor_figures import ReportError
from reports.donor_periods import NotCounted, WrongPeriod, check, latest, name_of, parse
from reports.donors import profiles
from reports.edition import FILE_NAME, MANIFEST_NAME
from reports.intact import DamagedEdition, check_intact
from reports.report import outputs
from tests.donor_files import edition_with

DONORS = profiles()
GAP = """INSERT INTO targets SELECT project, indicator, calendar, '2011-Q2', place, baseline, target, note
    FROM targets WHERE indicator = 'T01' AND place = 'KZ' AND calendar = 'quarter' AND period = '2010-Q4'"""
TWO_PROJECTS = (
    "INSERT INTO projects SELECT 'second', * EXCLUDE project FROM projects WHERE project = 'demo'",
    "INSERT INTO targets SELECT 'second', * EXCLUDE project FROM targets WHERE project = 'demo'",
)  # fmt: skip


@pytest.fixture(scope="module")
def curated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("curated")
    (folder / "editions").mkdir()
    edition_with(folder / "editions").connection.close()
    return folder


def run(curated: Path, to: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["export", "--curated", str(curated), "--to", str(to), *words])


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


# Quarters


@given(st.integers(2, 9000), st.integers(1, 4), st.sampled_from(sorted(DONORS)))
def test_what_a_donor_calls_a_quarter_is_read_back(year, number, code):
    quarter = Quarter(year, number)
    assert parse(name_of(quarter, DONORS[code]), DONORS[code]) == quarter


def test_november_2010_is_the_first_quarter_of_2011_for_the_americans_and_the_last_of_2010_for_norway():
    assert {code: name_of(Quarter(2010, 4), donor) for code, donor in DONORS.items()} == {
        "usaid": "FY2011-Q1",
        "inl": "FY2011-Q1",
        "norway": "2010-Q4",
    }


@pytest.mark.parametrize(
    ("code", "text", "said"),
    [
        ("usaid", "2010-Q4", r"2010-Q4 is FY2011-Q1 there; write that"),
        ("norway", "FY2011-Q1", r"norway counts in calendar years: FY2011-Q1 is 2010-Q4 there"),
        ("usaid", "FY2011", r"written like FY2011-Q1, not 'FY2011'"),
        ("norway", "2010-Q5", r"written like 2010-Q4, not '2010-Q5'"),
        ("usaid", "FY2011-Q1 ", r"not 'FY2011-Q1 '"),
    ],
)
def test_another_calendar_or_no_quarter_is_refused_and_the_right_name_is_told(code, text, said):
    with pytest.raises(WrongPeriod, match=said):
        parse(text, DONORS[code])


@given(st.text(max_size=12))
def test_whatever_is_written_is_a_quarter_or_refused(text):
    for donor in DONORS.values():
        try:
            assert name_of(parse(text, donor), donor) == text
        except WrongPeriod as refused:
            assert repr(text) in str(refused) or text in str(refused)


def test_the_latest_quarter_is_the_editions_or_the_last_of_the_projects(edition):
    assert {code: str(latest(edition, donor)) for code, donor in DONORS.items()} == {
        "usaid": "2010-Q4",
        "inl": "2010-Q3",
        "norway": "2010-Q4",
    }


def test_a_quarter_outside_the_projects_or_the_edition_is_refused(edition):
    with pytest.raises(WrongPeriod, match=r"FY2011-Q1 is outside .* inl: done runs FY2010-Q1 to FY2010-Q4"):
        check(edition, DONORS["inl"], Quarter(2010, 4))
    with pytest.raises(NotCounted, match=r"counts FY2010-Q4 to FY2011-Q1, not FY2011-Q2"):
        check(edition, DONORS["usaid"], Quarter(2011, 1))
    with pytest.raises(NotCounted, match=r"counts 2010-Q3 to 2010-Q4, not 2010-Q2"):
        check(edition, DONORS["norway"], Quarter(2010, 2))
    check(edition, DONORS["usaid"], Quarter(2010, 3))


def test_an_edition_before_the_projects_began_has_no_quarter_of_theirs(tmp_path):
    early = edition_with(tmp_path, "UPDATE projects SET start_on = DATE '2012-01-01', end_on = DATE '2013-01-01'")
    assert latest(early, DONORS["usaid"]) is None
    with pytest.raises(ReportError, match="holds no quarter of the projects of usaid"):
        export_donor(early, DONORS["usaid"], tmp_path / "out")
    assert names(tmp_path / "out") == set()
    early.connection.close()


# Files


def test_every_donors_files_are_written_and_nothing_else_is_left(curated, tmp_path):
    written = export_reports(curated / "editions" / "2010-Q4-3f9c1e7a", tmp_path)
    assert names(tmp_path) == {path.name for path in written}
    for code, donor in DONORS.items():
        own = [path.name for path in written if path.name.startswith(f"{code}_")]
        tables = [name for name in own if "_iptt_" in name]
        assert not any(name.endswith(("docx", "pdf")) for name in own), "offices write for these when they see figures"
        assert len(tables) == 2 and len(own) >= len(donor.formats) - 3
    before = {path: path.read_bytes() for path in written}
    assert export_reports(curated / "editions" / "2010-Q4-3f9c1e7a", tmp_path) == written
    assert {path: path.read_bytes() for path in written} == before


def test_a_report_that_cannot_be_made_leaves_no_file(tmp_path):
    both = edition_with(tmp_path, *TWO_PROJECTS)
    with pytest.raises(ReportError, match=r"name the one that is meant in usaid\.toml"):
        export_donor(both, DONORS["usaid"], tmp_path / "out")
    assert names(tmp_path / "out") == set()
    both.connection.close()


def test_a_hole_between_targets_stops_the_report_unless_somebody_said_why(tmp_path):
    gap = edition_with(tmp_path / "gap", GAP)
    with pytest.raises(ReportError, match=r"usaid have gaps: demo T01 KZ 2011-Q1\. Add a target or a no_target"):
        export_donor(gap, DONORS["usaid"], tmp_path / "out")
    gap.connection.close()
    said = edition_with(
        tmp_path / "said",
        GAP,
        "INSERT INTO no_targets VALUES ('demo', 'T01', 'quarter', '2011-Q1', 'KZ', 'Not agreed.', 'Не согласовано.')",
    )
    assert export_donor(said, DONORS["usaid"], tmp_path / "out", forms=["sdmx"]).written
    said.connection.close()


def test_a_targets_file_with_a_hole_ends_a_command_with_its_words(tmp_path, repository, capsys):
    text = (repository / "indicators" / "projects" / "reg_usaid.toml").read_text(encoding="utf-8")
    line = '{ indicator = "P01", calendar = "quarter", period = "2010-Q4", place = "CA", target = 90 }'
    assert line in text
    (tmp_path / "reg_usaid.toml").write_text(text.replace(line, line.replace("2010-Q4", "2011-Q1")), encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        guarded(lambda: projects(tmp_path))
    assert ended.value.code == 1
    assert "reg_usaid.toml: " in capsys.readouterr().err
    with pytest.raises(DeclarationError):
        projects(tmp_path)


# A damaged edition


@pytest.mark.parametrize("what", ["bytes", "missing", "manifest"])
def test_a_damaged_edition_is_not_handed_over(tmp_path, what):
    edition_with(tmp_path / "editions").connection.close()
    folder = tmp_path / "editions" / "2010-Q4-3f9c1e7a"
    check_intact(folder)
    if what == "bytes":
        data = bytearray((folder / FILE_NAME).read_bytes())
        data[len(data) // 2] ^= 1
        (folder / FILE_NAME).write_bytes(bytes(data))
    else:
        (folder / (FILE_NAME if what == "missing" else MANIFEST_NAME)).unlink()
    with pytest.raises(DamagedEdition, match="is damaged: "):
        export_reports(folder, tmp_path / "out")
    said = run(tmp_path, tmp_path / "out", "usaid")
    assert said.exit_code == 1 and "2010-Q4-3f9c1e7a is damaged" in said.stderr and "Nothing was written" in said.stderr
    assert names(tmp_path / "out") == set()


# The command


def test_the_command_of_the_handbook(curated, tmp_path):
    done = run(curated, tmp_path / "to", "usaid", "--period", "FY2011-Q1", "--lang", "ru")
    assert done.exit_code == 0, done.output
    stem = "usaid_FY2011-Q1_2010-Q4-3f9c1e7a"
    assert names(tmp_path / "to") == {
        f"{stem}_iptt_ru.xlsx", f"{stem}_iati.xml", f"{stem}_datapackage.zip", f"{stem}_dhis2.json", f"{stem}_sdmx.csv",
        f"{stem}_trainet_ru.xlsx", f"{stem}_ru.docx", f"{stem}_ru.pdf",
    }  # fmt: skip
    assert {Path(line).name for line in done.stdout.splitlines()} == names(tmp_path / "to")


def test_json_tells_every_file_with_its_hash_and_what_was_left_out(curated, tmp_path):
    done = run(curated, tmp_path, "norway", "--json")
    ((told,),) = [json.loads(done.stdout)]
    assert (told["donor"], told["period"], told["edition"]) == ("norway", "2010-Q4", "2010-Q4-3f9c1e7a")
    assert {file["form"] for file in told["files"]} == {"iptt", "docx", "pdf", "datapackage", "dhis2", "sdmx"}
    for file in told["files"]:
        assert hashlib.sha256(Path(file["path"]).read_bytes()).hexdigest() == file["sha256"]
    assert [left["form"] for left in told["left_out"]] == ["iati"] and "has no project" in told["left_out"][0]["reason"]


def test_forms_and_languages_can_be_chosen(curated, tmp_path):
    assert run(curated, tmp_path, "inl", "--format", "sdmx, iptt", "--lang", "en").exit_code == 0
    assert {name.split("3f9c1e7a_")[1] for name in names(tmp_path)} == {"sdmx.csv", "iptt_en.xlsx"}
    assert run(curated, tmp_path / "all", "usaid", "--format", "all").exit_code == 0
    by_language = [output for output in outputs().values() if output.by_language]
    assert len(names(tmp_path / "all")) == len(outputs()) + len(by_language)


def test_without_a_donor_everyone_gets_their_files(curated, tmp_path):
    assert run(curated, tmp_path, "--format", "iati").exit_code == 0
    assert {name.partition("_")[0] for name in names(tmp_path)} == {"usaid", "inl"}


def test_an_edition_can_be_named(curated, tmp_path):
    assert run(curated, tmp_path, "norway", "--edition", "2010-Q4-3f9c1e7a", "--format", "sdmx").exit_code == 0
    said = run(curated, tmp_path, "norway", "--edition", "2009-Q1-0")
    assert said.exit_code == 4 and "there is no such edition" in said.stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["nobody"], 2, "there is no donor 'nobody'; there are inl, norway, usaid"),
        (["usaid", "--period", "FY2011-Q2"], 4, "counts FY2010-Q4 to FY2011-Q1, not FY2011-Q2"),
        (["usaid", "--period", "2010-Q4"], 2, "is FY2011-Q1 there"),
        (["inl", "--period", "FY2011-Q1"], 2, "outside the projects of inl"),
        (["norway", "--format", "iati"], 4, "norway has no project"),
        (["usaid", "--format", "odt"], 2, "there is no form 'odt'; there are datapackage, dhis2, docx, iati"),
        (["usaid", "--lang", "kk"], 2, "'kk' is not one of 'en', 'ru'"),
        (["--period", "FY2011-Q1"], 2, "name the donor too"),
    ],
)
def test_what_cannot_be_done_is_said_and_writes_nothing(curated, tmp_path, words, code, said):
    done = run(curated, tmp_path / "to", *words)
    assert (done.exit_code, said in " ".join(done.stderr.split())) == (code, True), done.stderr
    assert names(tmp_path / "to") == set()


def newsletter(curated: Path, to: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["newsletter", "--curated", str(curated), "--to", str(to), *words])


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--period", "2010-Q9"], 2, "2010-Q9"),
        (["--period", "2011-Q1"], 4, "counts 2010-Q3 to 2010-Q4, not 2011-Q1"),
        (["--edition", "2009-Q1-0"], 4, "there is no such edition"),
        (["--lang", "kk"], 2, "'kk' is not one of 'en', 'ru'"),
    ],
)
def test_a_newsletter_that_cannot_be_made_is_said_and_writes_nothing(curated, tmp_path, words, code, said):
    done = newsletter(curated, tmp_path / "to", *words)
    assert (done.exit_code, said in " ".join(done.stderr.split())) == (code, True), done.stderr
    assert names(tmp_path / "to") == set()
    assert newsletter(tmp_path, tmp_path / "to").exit_code == 4, "nothing was published there"


def test_a_text_about_a_person_or_with_an_unknown_figure_leaves_no_file(curated, tmp_path):
    texts = tmp_path / "texts" / "2010-Q4"
    texts.mkdir(parents=True)
    written = {"## progress\n## news\nMail someone@example.org\n": 3, "## progress\n{T99 KZ}\n## news\n{T99}\n": 1}
    for text, code in written.items():
        (texts / "kaz.en.md").write_text(text, encoding="utf-8")
        for done in (
            run(curated, tmp_path / "to", "usaid", "--narratives", str(texts.parent)),
            newsletter(curated, tmp_path / "to", "--narratives", str(texts.parent)),
        ):
            assert (done.exit_code, "kaz.en.md, line" in done.stderr) == (code, True), done.stderr
            assert "someone" not in done.output and "Traceback" not in done.output
    assert names(tmp_path / "to") == set()


def test_a_file_that_cannot_be_put_in_its_place_leaves_nothing_and_says_where(curated, tmp_path):
    (tmp_path / "sdmx.csv").mkdir()
    with pytest.raises(OSError, match=r"sdmx\.csv"):
        replace_file(tmp_path / "sdmx.csv", b"text")
    assert names(tmp_path) == {"sdmx.csv"}
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    for done in (run(curated, tmp_path / "taken" / "to", "usaid"), newsletter(curated, tmp_path / "taken" / "to")):
        assert done.exit_code == 1 and f"esep: {tmp_path / 'taken'}" in done.stderr and "Traceback" not in done.output


def test_where_nothing_was_published_there_is_nothing_to_hand_over(tmp_path):
    done = run(tmp_path, tmp_path / "to", "usaid")
    assert done.exit_code == 4 and "no edition has been published here" in done.stderr


def test_a_source_without_quarters_gives_donors_nothing(tmp_path):
    source = "UPDATE edition SET period = 'all', data_until = NULL"
    edition_with(tmp_path / "editions", source).connection.close()
    done = run(tmp_path, tmp_path / "to")
    assert done.exit_code == 4 and "without quarters" in done.stderr
    assert export_reports(tmp_path / "editions" / "2010-Q4-3f9c1e7a", tmp_path / "to") == []
