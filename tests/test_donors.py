"""Donor profiles: every file of the folder is sound, faults are told all at once, a new file is a new donor."""

from __future__ import annotations

import io
import shutil
import tomllib
from pathlib import Path

import openpyxl
import pytest

from indicators.facts import LANGUAGES, DeclarationError
from reports import donors
from reports.donor_faults import BLOCKS
from reports.donors import profiles
from reports.outlines import outlines
from reports.workbook import export

FOLDER = Path(donors.HERE) / "donors"
CODES = sorted(path.stem for path in FOLDER.glob("*.toml"))

NORWAY = """
code = "norway"
donor = "NORWAY"
name = { en = "Norwegian Ministry of Foreign Affairs", ru = "МИД Норвегии" }
source = "final report form of the ministry"
layout = "iptt"
year = "calendar_year_to_date"
language = "ru"
due_days = 60
deviation_band = 15
bands = { watch_from = 70, on_track_from = 85, above_after = 115 }
formats = ["iptt", "sdmx"]
iati = { ref = "NO-1", type = "10", vocabulary = "99" }
outline = "norway"

[[table]]
code = "training"
sheet = { en = "Training", ru = "Обучение" }
title = { en = "Training", ru = "Обучение" }
families = ["capacity"]
columns = { quarter = ["actual"], year = ["actual"] }

[[table]]
code = "victims"
sheet = { en = "Victims", ru = "Пострадавшие" }
title = { en = "Victims identified", ru = "Выявленные жертвы" }
indicators = ["P01"]
breakdowns = ["sex"]
columns = { quarter = ["actual", "of_target", "of_change", "state"] }
"""


def faults_of(folder: Path, text: str, name: str = "norway") -> list[str]:
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    with pytest.raises(DeclarationError) as raised:
        profiles(folder)
    return raised.value.faults


@pytest.mark.parametrize("code", CODES)
def test_every_profile_loads_and_exports_in_every_language(code, edition):
    donor = profiles()[code]
    for language in LANGUAGES:
        book = openpyxl.load_workbook(io.BytesIO(export(edition, donor, language)))
        assert [table.sheet[language] for table in donor.tables] == book.sheetnames[1 : 1 + len(donor.tables)]


@pytest.mark.parametrize("code", CODES)
def test_every_profile_says_where_its_form_comes_from(code):
    assert profiles()[code].source.strip()


def test_usaid_keeps_october_to_september_and_ten_per_cent():
    usaid = profiles()["usaid"]
    assert (usaid.year, usaid.due_days, usaid.deviation_band) == ("fiscal_year_to_date", 30, 10)
    assert set(usaid.tables[0].columns) == set(BLOCKS)
    assert "sex" in usaid.tables[0].breakdowns


@pytest.mark.parametrize(
    ("code", "year", "due_days", "band", "vocabulary"),
    [
        ("usaid", "fiscal_year_to_date", 30, 10, "3"),
        ("inl", "fiscal_year_to_date", 30, 10, "3"),
        ("norway", "calendar_year_to_date", 60, 15, "99"),
    ],
)
def test_each_donor_keeps_its_calendar_deadline_band_and_numbers(code, year, due_days, band, vocabulary):
    donor = profiles()[code]
    assert (donor.year, donor.due_days, donor.deviation_band, donor.iati.vocabulary) == (
        year,
        due_days,
        band,
        vocabulary,
    )
    assert donor.outline in outlines(), "the sections that its form has"
    assert ("trainet" in donor.formats) == (code == "usaid"), "TraiNet is USAID's"


def test_a_new_donor_is_one_new_file(tmp_path, edition):
    shutil.copytree(FOLDER, tmp_path / "donors")
    (tmp_path / "donors" / "norway.toml").write_text(NORWAY, encoding="utf-8")
    norway = profiles(tmp_path / "donors")["norway"]
    book = openpyxl.load_workbook(io.BytesIO(export(edition, norway)))
    assert book.sheetnames[:3] == ["Обложка", "Обучение", "Пострадавшие"]
    shown = {row[0] for row in book["Обучение"].iter_rows(min_row=7, values_only=True)}
    assert shown - {None} == {"T01", "T02", "T09"}
    titles = [cell.value for cell in book["Пострадавшие"][4] if cell.value]
    assert titles[-2:] == ["3-й кв. 2010 г.", "4-й кв. 2010 г."], "quarters of the calendar year, not of a fiscal one"
    assert [cell.value for cell in book["Пострадавшие"][6]][-4:] == [
        "Факт",
        "% от плана",
        "% планового изменения",
        "Статус",
    ]


def test_a_new_table_of_a_donor_is_one_entry(tmp_path, edition):
    entry = """
[[table]]
code = "reach"
sheet = { en = "Reach", ru = "Охват" }
title = { en = "Reach", ru = "Охват" }
indicators = ["C02"]
columns = { life = ["actual"] }
"""
    text = (FOLDER / "usaid.toml").read_text(encoding="utf-8")
    (tmp_path / "usaid.toml").write_text(text + entry, encoding="utf-8")
    book = openpyxl.load_workbook(io.BytesIO(export(edition, profiles(tmp_path)["usaid"], "en")))
    actual = {row[1]: row[-1] for row in book["Reach"].iter_rows(min_row=7, values_only=True) if row[0]}
    assert actual["KZ"] == 2140 + 61250
    assert {"data_iptt", "data_reach", "edition_id"} <= set(book.defined_names)


def test_all_faults_of_a_folder_are_told_at_once(tmp_path):
    (tmp_path / "broken.toml").write_text("code = ", encoding="utf-8")
    found = faults_of(tmp_path, 'code = "other"\ncolour = "red"\n')
    assert [fault for fault in found if fault.startswith("broken.toml: not TOML")]
    assert "norway.toml: no such key: colour" in found
    assert {f"norway.toml: missing: {key}" for key in ("donor", "name", "table", "bands")} <= set(found)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('code = "norway"', 'code = "norge"', "the file name is its identifier: code is 'norge'"),
        ('"NORWAY"', '"NO"', "donor: there is no 'NO'; there are USAID"),
        ('"iptt"', '"free"', "layout: there is no 'free'"),
        ('["iptt", "sdmx"]', '["iptt", "odt"]', "formats: there is no 'odt'; there are datapackage, dhis2, docx, iati"),
        ('["iptt", "sdmx"]', '"iptt"', "formats must be list, not str"),
        ('type = "10"', 'type = "12"', "iati: type: there is no '12'"),
        ('vocabulary = "99"', 'vocabulary = "x"', "iati: vocabulary: there is no 'x'"),
        ('ref = "NO-1"', 'reference = "NO-1"', "iati: no such key: reference"),
        ('outline = "norway"', 'outline = "oslo"', "outline: there is no 'oslo'; there are inl, norway, usaid"),
        ('outline = "norway"', 'outline = "newsletter"', "outline: there is no 'newsletter'"),
        ("calendar_year_to_date", "quarter", "year: there is no 'quarter'"),
        ('language = "ru"', 'language = "kk"', "language: there is no 'kk'"),
        (', ru = "МИД Норвегии"', "", "name needs en and ru"),
        ("due_days = 60", "due_days = -1", "due_days must be 0 to 365, not -1"),
        ("due_days = 60", 'due_days = "60"', "due_days must be int, not str"),
        ("deviation_band = 15", "deviation_band = true", "deviation_band must be int, not bool"),
        ("deviation_band = 15", "deviation_band = 0", "deviation_band must be 1 to 100"),
        ("watch_from = 70", "watch_from = 99", "bands must rise"),
        ("watch_from = 70, ", "", "bands: missing: watch_from"),
        ('["capacity"]', '["capcity"]', "table training: families: there is no 'capcity'"),
        ('["P01"]', '["P99"]', "table victims: indicators: there is no 'P99'"),
        ('["sex"]', '["gender"]', "table victims: breakdowns: there is no 'gender'"),
        ('"of_change"', '"change"', "table victims: columns.quarter: there is no 'change'"),
        ('quarter = ["actual", "of', 'week = ["actual", "of', "table victims: columns: there is no 'week'"),
        ('{ quarter = ["actual"], year = ["actual"] }', "{}", "table training: columns names no column"),
        ('families = ["capacity"]\n', "", "table training: needs indicators, families or having"),
        ('code = "victims"', 'code = "training"', "two tables have the code training"),
        ('en = "Victims", ru', 'en = "TRAINING", ru', "two tables have the sheet training"),
        ('ru = "Пострадавшие"', 'ru = "Обучение"', "two tables have the sheet обучение"),
        (
            'sheet = { en = "Victims", ru = "Пострадавшие" }',
            'sheet = "Victims"',
            "table victims: sheet must be dict, not str",
        ),
        ('en = "Victims", ru', 'en = "Vic/tims", ru', "table victims: sheet must have 1 to 31 characters"),
        ('en = "Victims", ru', 'en = "pirs", ru', "table victims: sheet pirs is one that every workbook has"),
    ],
)
def test_each_fault_is_named(tmp_path, old, new, fault):
    assert old in NORWAY
    found = faults_of(tmp_path, NORWAY.replace(old, new))
    assert [line for line in found if line.startswith(f"norway.toml: {fault}")], found


def test_the_example_itself_has_no_fault(tmp_path):
    (tmp_path / "norway.toml").write_text(NORWAY, encoding="utf-8")
    assert list(profiles(tmp_path)) == ["norway"]


def test_a_changed_profile_has_another_digest(tmp_path):
    for name, text in (("one", NORWAY), ("two", NORWAY.replace("60", "61"))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "norway.toml").write_text(text, encoding="utf-8")
    assert profiles(tmp_path / "one")["norway"].digest != profiles(tmp_path / "two")["norway"].digest


def test_the_words_are_there_in_both_languages():
    file = donors.HERE / "workbook.toml"
    words = tomllib.loads(file.read_text(encoding="utf-8"))
    for section, keys in words.items():
        for key, text in keys.items():
            assert set(text) == set(LANGUAGES), f"{section}.{key}"
            fields = [sorted(part.split("}")[0] for part in text[lang].split("{")[1:]) for lang in LANGUAGES]
            assert set(fields[0]) == set(fields[1]), f"{section}.{key} fills in different names"
