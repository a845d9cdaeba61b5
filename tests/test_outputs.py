"""What a donor is handed says what the edition says: read back by other readers, for every donor of the folder."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import subprocess
import sys
import zipfile
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import reports.outputs
from indicators.calendars import QUARTER, Quarter
from indicators.facts import LANGUAGES
from reports import format as form
from reports.as_of import as_of
from reports.csv_text import csv_bytes, written
from reports.donor_periods import latest
from reports.donors import DonorProfile, profiles
from reports.edition import SHOWN, STATUSES, SUPPRESSED, Edition
from reports.found import found
from reports.outputs.sdmx import OBS_STATUS, PROVISIONAL
from reports.outputs.trainet import DAYS, HOURS, OPTIONAL, REQUIRED, UNKNOWN, duty
from reports.report import NothingToHandOver, Output, Report, file_name, outputs
from tests.donor_files import BadPackage, Key, dhis2, edition_with, package, plain, sdmx

REPOSITORY = Path(__file__).resolve().parent.parent
# A fourth donor as somebody may write it: nothing but what a profile needs.
MADE_UP = """
code = "embassy"
donor = "US_EMBASSY"
name = { en = "U.S. Embassy", ru = "Посольство США" }
source = "grant letter"
layout = "food_aid"
year = "fiscal_year_to_date"
language = "ru"
due_days = 15
deviation_band = 20
bands = { watch_from = 70, on_track_from = 85, above_after = 120 }

[[table]]
code = "all"
sheet = { en = "Everything", ru = "Всё" }
title = { en = "Everything", ru = "Всё" }
families = ["protection", "reintegration", "capacity", "prevention"]
breakdowns = ["sex"]
columns = { quarter = ["actual"], year = ["target", "actual"], life = ["actual", "percent"] }
"""
CODES = [*profiles(), "embassy"]


@cache
def donors(folder: Path) -> dict[str, DonorProfile]:
    (folder / "embassy.toml").write_text(MADE_UP, encoding="utf-8")
    return {**profiles(), **profiles(folder)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("donors")


def report_of(edition: Edition, donor: DonorProfile, quarter: Quarter | None = None) -> Report:
    quarter = quarter or latest(edition, donor)
    assert quarter is not None
    return Report(as_of(edition, quarter), donor, quarter)


@pytest.fixture(scope="module")
def made(edition: Edition, folder: Path) -> dict[tuple[str, str, str], bytes]:
    """Every file of every donor by donor, form and language; forms with nothing to say are left out."""
    files = {}
    for code, donor in donors(folder).items():
        report = report_of(edition, donor)
        for name, output in outputs().items():
            for language in LANGUAGES if output.by_language else LANGUAGES[:1]:
                try:
                    files[code, name, language] = output.write(report, language)
                except NothingToHandOver as reason:
                    assert str(reason)
    return files


def published(edition: Edition, report: Report) -> dict[Key, dict[str, Any]]:
    """What the donor's tables are about, straight from the edition."""
    chosen = report.handed.indicators
    breakdowns = {"total", *(breakdown for table in report.donor.tables for breakdown in table.breakdowns)}
    calendars = {QUARTER, report.donor.year, "project_life"}
    names = ("indicator", "place", "breakdown", "category", "calendar", "period")
    return {
        tuple(row[name] for name in names): row
        for row in edition.rows("SELECT * FROM figures WHERE period <= ?", [str(report.quarter)])
        if row["indicator"] in chosen and row["breakdown"] in breakdowns and row["calendar"] in calendars
    }


# The folder


def test_a_form_is_a_module_of_the_folder_and_says_so_in_both_languages():
    stems = {path.stem for path in Path(reports.outputs.__path__[0]).glob("*.py")} - {"__init__"}
    assert set(outputs()) == stems
    for output in outputs().values():
        assert set(output.title) == set(LANGUAGES) and all(output.title.values())


def test_a_module_that_is_no_form_is_refused():
    import tests.donor_files as nobody

    stranger = ModuleType("tests")
    stranger.__path__ = [str(Path(nobody.__file__).parent)]
    with pytest.raises(TypeError, match=r"a module of this folder says OUTPUT = Output"):
        found(stranger, "OUTPUT", Output)


@pytest.mark.parametrize("code", CODES)
def test_every_donor_gets_every_form_it_takes_unless_there_is_nothing_to_say(made, folder, code):
    got = {form for donor, form, _ in made if donor == code}
    assert {"iptt", "datapackage", "dhis2", "sdmx"} <= got
    without_outline = {form for form, output in outputs().items() if output.has_texts}
    donor = donors(folder)[code]
    assert set(donor.formats) - got <= {"iati", "trainet"} | (set() if donor.outline else without_outline)


def test_files_are_named_after_donor_period_edition_form_and_language(edition):
    usaid = report_of(edition, profiles()["usaid"])
    assert file_name(usaid, "iptt", "ru") == "usaid_FY2011-Q1_2010-Q4-3f9c1e7a_iptt_ru.xlsx"
    assert file_name(usaid, "iati", "ru") == "usaid_FY2011-Q1_2010-Q4-3f9c1e7a_iati.xml"
    norway = report_of(edition, profiles()["norway"])
    assert file_name(norway, "sdmx", "en") == "norway_2010-Q4_2010-Q4-3f9c1e7a_sdmx.csv"


# The same bytes


def test_written_again_every_file_has_the_same_bytes(made, edition, folder):
    for (code, name, language), data in made.items():
        assert outputs()[name].write(report_of(edition, donors(folder)[code]), language) == data, (code, name)


AGAIN = """
import hashlib, json, sys, time
then = 2_000_000_000.0
real = time.gmtime
time.time = lambda: then
time.gmtime = lambda seconds=None: real(then if seconds is None else seconds)
time.localtime = time.gmtime
from pathlib import Path
from reports.as_of import as_of
from reports.donor_periods import latest
from reports.donors import profiles
from reports.edition import open_edition
from reports.report import NothingToHandOver, Report, outputs
edition, hashes = open_edition(Path(sys.argv[1])), {}
for code, donor in {**profiles(), **profiles(Path(sys.argv[2]))}.items():
    report = Report(as_of(edition, latest(edition, donor)), donor, latest(edition, donor))
    for name, output in outputs().items():
        for language in ("en", "ru") if output.by_language else ("en",):
            try:
                hashes[f"{code} {name} {language}"] = hashlib.sha256(output.write(report, language)).hexdigest()
            except NothingToHandOver:
                pass
print(json.dumps(hashes))
"""


def test_another_process_at_another_time_writes_the_same_bytes(made, edition, folder):
    done = subprocess.run(
        [sys.executable, "-c", AGAIN, str(edition.path.parent), str(folder)],
        cwd=REPOSITORY,
        env={"PYTHONHASHSEED": "7", "TZ": "Asia/Almaty"},
        capture_output=True,
        text=True,
        check=True,
    )
    here = {" ".join(key): hashlib.sha256(data).hexdigest() for key, data in made.items()}
    assert json.loads(done.stdout) == here


# Protection


def test_what_is_hidden_is_in_no_file(tmp_path, folder):
    """Even if an edition held the numbers of what it hides, none may get out."""
    planted = edition_with(
        tmp_path,
        f"UPDATE figures SET value = 987654, numerator = 987655, denominator = 987653 WHERE status <> '{SHOWN}'",
    )
    for donor in donors(folder).values():
        report = report_of(planted, donor)
        for name, output in outputs().items():
            try:
                text = plain(output.write(report, "en"))
            except NothingToHandOver:
                continue
            assert [number for number in ("987654", "987655", "987653", "98765400") if number in text] == [], name
    planted.connection.close()


@pytest.mark.parametrize("code", CODES)
def test_no_cell_of_a_table_for_machines_starts_a_formula(tmp_path, folder, code):
    nasty = edition_with(
        tmp_path,
        "UPDATE indicators SET title_en = '=HYPERLINK(\"http://x\")', definition_en = '@SUM(A1)'",
        "UPDATE labels SET en = '+cmd', ru = '-1+1' WHERE list IN ('place', 'sex', 'region', 'event_type')",
    )
    report = report_of(nasty, donors(folder)[code])
    _, tables = package(outputs()["datapackage"].write(report, "en"))
    cells = [cell for rows in tables.values() for row in rows for cell in row.values() if isinstance(cell, str)]
    cells += [cell for row in sdmx(outputs()["sdmx"].write(report, "en")).values() for cell in row.values()]
    numbers = re.compile(r"-?\d+(\.\d+)?")
    assert [cell for cell in cells if cell[:1] in "=+-@\t\r" and cell and not numbers.fullmatch(cell)] == []
    assert any(cell.startswith("'+cmd") for cell in cells)
    nasty.connection.close()


# SDMX


@pytest.mark.parametrize("code", CODES)
def test_sdmx_holds_every_figure_with_its_status(made, edition, folder, code):
    observations = sdmx(made[code, "sdmx", "en"])
    wanted = published(edition, report_of(edition, donors(folder)[code]))
    assert set(observations) == set(wanted) and wanted
    for key, row in wanted.items():
        observation = observations[key]
        is_shown = row["status"] == SHOWN
        partial = is_shown and row["offices_reported"] < row["offices_expected"]
        assert observation["OBS_STATUS"] == (PROVISIONAL if partial else OBS_STATUS[row["status"]])
        assert (observation["OBS_VALUE"] != "") == is_shown
        if is_shown:
            assert Decimal(observation["OBS_VALUE"]) == row["value"]
            assert Decimal(observation["NUMERATOR"] or 0) == (row["numerator"] or 0)
        else:
            assert observation["NUMERATOR"] == observation["DENOMINATOR"] == ""


def test_sdmx_csv_begins_as_the_standard_says(made):
    for (_, name, _), data in made.items():
        if name == "sdmx":
            lines = data.decode("utf-8").split("\r\n")
            assert lines[0].startswith("STRUCTURE,STRUCTURE_ID,ACTION,")
            assert {line[: line.index(",I,")] for line in lines[1:-1]} == {"dataflow,ESEP:FIGURES(1.0.0)"}


def test_every_status_has_a_code_of_its_own():
    assert set(OBS_STATUS) == set(STATUSES) and len({*OBS_STATUS.values(), PROVISIONAL}) == len(STATUSES) + 1


# DHIS2


@pytest.mark.parametrize("code", CODES)
def test_dhis2_holds_what_is_shown_of_quarters_and_whole_years(made, edition, folder, code):
    report = report_of(edition, donors(folder)[code])
    wanted = {}
    for (indicator, place, breakdown, category, calendar, period), row in published(edition, report).items():
        year, number = int(period[:4]), period[-1]
        names = {
            QUARTER: f"{year}Q{number}",
            "calendar_year_to_date": str(year) if number == "4" else None,
            "fiscal_year_to_date": f"{year - 1}Oct" if number == "3" else None,
        }
        if row["status"] == SHOWN and names.get(calendar):
            scale = 100 if report.handed.indicators[indicator]["unit"] == "percent" else 1
            wanted[indicator, place, breakdown, category, names[calendar]] = row["value"] * scale
    values = dhis2(made[code, "dhis2", "en"])
    assert {key: Decimal(value["value"]) for key, value in values.items()} == wanted
    assert all(re.fullmatch(r"\d{4}(Q[1-4]|Oct)?", value["period"]) for value in values.values())
    assert wanted


def test_dhis2_says_when_an_office_is_missing(made, edition):
    values = dhis2(made["usaid", "dhis2", "en"])
    partial = [value for value in values.values() if "comment" in value]
    assert {value["comment"] for value in partial} == {"offices reported: 4 of 5"}
    assert {value["orgUnit"] for value in partial} == {"CA"}


# Data Package


@pytest.mark.parametrize("code", CODES)
def test_a_data_package_keeps_to_its_description_and_holds_every_figure(made, edition, folder, code):
    descriptor, tables = package(made[code, "datapackage", "en"])
    assert re.fullmatch(r"[a-z0-9._/-]+", descriptor["name"])
    names = ("indicator", "place", "breakdown", "category", "calendar", "period")
    rows = {tuple(row[name] for name in names): row for row in tables["figures"]}
    wanted = published(edition, report_of(edition, donors(folder)[code]))
    assert set(rows) == set(wanted)
    for key, row in wanted.items():
        numbers = [row[name] if row["status"] == SHOWN else None for name in ("value", "numerator", "denominator")]
        assert [rows[key][name] for name in ("value", "numerator", "denominator")] == numbers
        assert rows[key]["status"] == row["status"]


def test_targets_of_a_package_are_those_of_the_donors_projects(made, edition):
    _, tables = package(made["usaid", "datapackage", "en"])
    promised = {
        (r["indicator"], r["calendar"], r["period"], r["place"]): r["target"]
        for r in edition.rows("SELECT * FROM targets")
    }
    given_ = {(r["indicator"], r["calendar"], r["period"], r["place"]): r["target"] for r in tables["targets"]}
    assert given_ == promised


def test_the_reader_of_packages_finds_what_is_wrong(made):
    source = zipfile.ZipFile(io.BytesIO(made["usaid", "datapackage", "en"]))
    figures = source.read("data/figures.csv").decode()
    for old, new in (("shown", "visible"), ("P01,", "P99,"), (",48,", ",4e1,")):
        assert old in figures
        spoiled = io.BytesIO()
        with zipfile.ZipFile(spoiled, "w") as target:
            for name in source.namelist():
                data = source.read(name)
                target.writestr(name, figures.replace(old, new, 1) if name == "data/figures.csv" else data)
        with pytest.raises(BadPackage):
            package(spoiled.getvalue())


def test_the_readme_of_a_package_speaks_both_languages(made):
    text = plain(made["norway", "datapackage", "en"])
    assert "A figure without a value is not zero" in text and "Значение без числа — не ноль" in text
    assert "Norwegian Ministry of Foreign Affairs" in text and "Министерство иностранных дел Норвегии" in text


cells = st.one_of(
    st.none(),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20),
    st.decimals(allow_nan=False, allow_infinity=False),
)


@given(st.lists(cells, min_size=2, max_size=5))
def test_a_cell_of_csv_comes_back_and_starts_no_formula(row):
    text = csv_bytes(["c"] * len(row), [row]).decode("utf-8")
    back = list(csv.reader(io.StringIO(text, newline="")))[1]
    assert back == [written(cell) for cell in row]
    assert not any(cell.startswith(("=", "+", "@")) for cell in back)


def test_a_float_is_refused():
    with pytest.raises(TypeError, match="a cell is text, a number or a day, not float"):
        written(0.1)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=6))
def test_a_number_for_machines_is_the_number(value):
    text = form.raw(value)
    assert Decimal(text) == value
    assert re.fullmatch(r"-?(0|[1-9]\d*)(\.\d*[1-9])?", text) and text != "-0"


# TraiNet


@pytest.mark.parametrize(
    ("days", "hours", "wanted"),
    [
        (DAYS, None, REQUIRED), (DAYS - 1, HOURS, REQUIRED), (DAYS - 1, HOURS - Decimal("0.01"), OPTIONAL),
        (1, None, UNKNOWN), (None, HOURS, REQUIRED), (None, Decimal(2), UNKNOWN), (1, Decimal(0), OPTIONAL),
    ],
)  # fmt: skip
def test_three_days_or_fifteen_hours_are_to_be_reported(days, hours, wanted):
    assert duty(days, hours) == wanted


SAID = {
    "en": ("yes", "ask for the hours", "not required"),
    "ru": ("да", "уточнить часы", "не обязательно"),
}


@pytest.mark.parametrize(("language", "words"), SAID.items(), ids=SAID)
def test_trainet_lists_the_donors_events_of_the_quarter(made, language, words):
    sheet = openpyxl.load_workbook(io.BytesIO(made["usaid", "trainet", language])).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]
    assert [(row[0], row[1]) for row in rows] == [
        (words[0], "KZ-T1"), (words[0], "KG-T1"), (words[1], "TJ-T1"), (words[2], "UZ-T1"),
    ]  # fmt: skip
    by_event = {row[1]: row for row in rows}
    assert (by_event["KG-T1"][8], by_event["KG-T1"][9], by_event["KZ-T1"][11]) == (2, 15, 12500.5)
    missing = {by_event["KZ-T1"][9], by_event["KG-T1"][11], by_event["TJ-T1"][9]}
    assert len(missing) == 1 and isinstance(missing.pop(), str), "not recorded is a word, not 0"
    assert {row[12] for row in rows} | {row[13] for row in rows} == {None}, "who took part is not in the edition"


def test_an_edition_of_an_earlier_version_has_no_events(edition, tmp_path):
    old = edition_with(tmp_path, "DROP TABLE training_events")
    with pytest.raises(NothingToHandOver, match="no training event"):
        outputs()["trainet"].write(report_of(old, profiles()["usaid"], Quarter(2010, 3)), "en")
    old.connection.close()


# An earlier quarter


@pytest.mark.parametrize("code", ["usaid", "norway", "embassy"])
def test_a_report_of_an_earlier_quarter_holds_nothing_later(edition, folder, code):
    report = report_of(edition, donors(folder)[code], Quarter(2010, 3))
    observations = sdmx(outputs()["sdmx"].write(report, "en"))
    assert {key[5] for key in observations} == {"2010-Q3"} and len(observations) > 100
    assert report.edition.about()["data_until"] == Quarter(2010, 3).end
    text = plain(outputs()["iptt"].write(report, "en"))
    assert "FY2011 Q1" not in text and "Q4 2010" not in text
    assert edition.about()["period"] == "2010-Q4", "the edition itself stays as it is"


def test_a_profile_without_machine_settings_is_a_donor_like_any_other(folder):
    embassy = donors(folder)["embassy"]
    assert embassy.formats == tuple(sorted(outputs())) and embassy.iati.vocabulary == "99" and embassy.outline is None


@pytest.mark.parametrize("code", profiles())
def test_suppressed_is_said_in_every_form_that_has_a_place_for_it(made, edition, code):
    assert edition.rows("SELECT 1 FROM figures WHERE status = ? LIMIT 1", [SUPPRESSED])
    assert ",suppressed," in plain(made[code, "datapackage", "en"])
