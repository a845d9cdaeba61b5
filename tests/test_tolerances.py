"""What a contract may tolerate, key by key: faults when it is loaded, and files read by contracts made for it."""

from __future__ import annotations

import csv
import re
import tomllib
from pathlib import Path

import duckdb
import pytest

from indicators.facts import facts
from pipelines import vocabulary
from pipelines.contracts import HERE, ContractError, contracts
from pipelines.findings import Finding
from pipelines.forms import Contract, Slot
from pipelines.heading import find, readings
from pipelines.layout import layout
from pipelines.parse import parse, records
from pipelines.render import render
from pipelines.writers import write
from tests.mess_tools import draft, sixth_office

KAZ = (HERE / "offices" / "kaz.toml").read_text(encoding="utf-8")
CON = duckdb.connect()
SIXTH = sixth_office()


def loaded(folder: Path, *changes: tuple[str, str]) -> Contract:
    """Kazakhstan's contract with changes."""
    text = KAZ
    for old, new in changes:
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1)
    (folder / "kaz.toml").write_text(text, encoding="utf-8")
    return contracts(folder)["kaz"]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"footnotes"]', '"footnote"]', "tolerates: there is no footnote; there are moved_header"),
        ('delimiter = ";"', 'delimiter = [";", "::"]', "delimiter must be one sign"),
        ('delimiter = ";"', "delimiter = []", "delimiter must be one sign"),
        ('separator = " / "', 'separator = [" / ", ""]', "separator must be a sign"),
        ('separator = " / "', 'separator = [" / ", ","]', "holds the sign that separates several values"),
        ('["%d.%m.%Y"]', '["%d.%m.%Y", "%d %B %y"]', "must give day, month and year"),
        ('["%d.%m.%Y"]', '["%d %B %Y"]', "the first is the one that is written"),
        ('fact = "participants"', 'fact = "participants"\nfill_down = ["x"]', "participants has no column x"),
        ('missing = [', 'missing = ["1", ', ""),
    ],
)  # fmt: skip
def test_a_wrong_tolerance_is_a_fault_of_the_contract(old, new, says, tmp_path):
    if not says:
        assert loaded(tmp_path, (old, new)).office == "kaz", "the change alone is no fault"
        return
    with pytest.raises(ContractError, match=re.escape(says)):
        loaded(tmp_path, (old, new))


def test_an_empty_cell_of_groups_or_kinds_is_never_filled(tmp_path):
    text = (HERE / "offices" / "tjk.toml").read_text(encoding="utf-8")
    changed = text.replace('kind = "Вид записи"', 'kind = "Вид записи"\nfill_down = "case_ref"', 1)
    (tmp_path / "tjk.toml").write_text(changed, encoding="utf-8")
    with pytest.raises(ContractError, match="fill_down cannot stand beside groups or kinds"):
        contracts(tmp_path)


# Real files: one table of published statistics, saved twice.

REAL = """
office = "mvd"
place = "CA"
place_column = "citizenship"
time_zone = "Asia/Almaty"
languages = ["ru"]
disclosure_profile = "default"
[form]
format = "csv"
encodings = ["utf-8", "cp1251"]
delimiter = [";", "\\t"]
dates = ["%Y-%m-%d"]
[slots.table]
file = "112_*.csv"
fact = "cases"
ignored = ["month", "ind_robbery", "ind_rape", "ind_steal", "ind_drugs", "ind_peculation", "ind_brigadary",
    "ind_death", "ind_harm", "ind_ruffian"]
not_collected = ["vot_status", "sex", "identified_on"]
[slots.table.columns]
case_ref = "unit"
registered_year = "year"
person_ref = "ind_bribery"
[slots.table.constants]
citizenship = ["RU"]
"""


def test_one_real_table_is_the_same_in_two_encodings(real, tmp_path):
    """By a contract made for it; the statistics stand under columns of ours only to be read.

    The header of the place is another one, for a column called a name of something is refused.
    """
    (tmp_path / "mvd.toml").write_text(REAL, encoding="utf-8")
    contract = contracts(tmp_path)["mvd"]
    slot = contract.slots["table"]
    read = []
    for path in sorted((real / "messy").glob("*.csv")):
        (tmp_path / path.name).write_bytes(path.read_bytes().replace(b"reg_name", b"unit", 1))
        found = parse(contract, slot, "all", tmp_path / path.name, CON).findings
        assert [str(one) for one in found] == []
        read.append(records(CON, "cases"))
    assert len(read) == 2
    assert read[0] == read[1]
    with (real / "messy" / "112_ru_mvdstats.csv").open(encoding="utf-8", newline="") as file:
        expected = [row["reg_name"].strip() for row in csv.DictReader(file, delimiter="\t")]
    assert [row["case_ref"] for row in read[0]] == expected


# Encodings


def findings(contract: Contract, slot: Slot, content: bytes, folder: Path, period: str = "2010-Q4") -> list[Finding]:
    path = folder / slot.file_name(period)
    path.write_bytes(content)
    return list(parse(contract, slot, period, path, CON).findings)


@pytest.mark.parametrize(
    ("encoding", "called"),
    [("cp1251", "Windows-1251"), ("mac_cyrillic", "Mac Cyrillic"), ("cp866", "DOS"), ("koi8-r", "KOI8-R"),
     ("utf-16", "UTF-16")],
)  # fmt: skip
def test_a_refusal_names_the_encoding_that_the_file_seems_to_be_in(encoding, called, tmp_path):
    contract = contracts()["kaz"]
    slot = contract.slots["assistance"]
    content = render(contract, slot, "2010-Q4", {}).decode("utf-8-sig").encode(encoding)
    (one,) = findings(contract, slot, content, tmp_path)
    assert one.rule == "wrong_encoding"
    assert called in one.message_en
    assert called in one.message_ru


def test_text_converted_twice_is_told_from_text_in_another_encoding(tmp_path):
    contract = contracts()["kaz"]
    slot = contract.slots["assistance"]
    text = render(contract, slot, "2010-Q4", {}).decode("utf-8-sig")
    (one,) = findings(contract, slot, text.encode("cp1251").decode("latin-1").encode(), tmp_path)
    assert one.rule == "wrong_encoding"
    assert "converted twice" in one.message_en
    assert "перекодированы дважды" in one.message_ru


# Headers


HEADER = [place.headers[0] for place in layout(contracts()["kaz"].slots["assistance"].sheets[0])]
HALF = (len(HEADER) + 1) // 2
# A row with every cell, and one with none but those that must be filled.
ROW = ["KZ-2010-1", "Приют", "01.10.2010", "KZ-O1", *["иное"] * (len(HEADER) - 4)]
LEAST = ["KZ-2010-1", "Приют", "01.10.2010", *[""] * (len(HEADER) - 3)]
SYSTEM_NAMES = [f"field_{number}" for number in range(len(HEADER))]


@pytest.mark.parametrize(
    ("rows", "above", "rule"),
    [
        ([HEADER, ROW], 1, None),
        ([["Отчёт № 7"], [], HEADER, ROW], 3, "header_moved"),
        ([SYSTEM_NAMES, HEADER, ROW], 2, "header_moved"),
        ([ROW, HEADER, ROW], 2, "rows_above_header"),
        ([LEAST, HEADER, ROW], 2, "rows_above_header"),
        ([["№ 7", "", "2010"], HEADER, ROW], 2, "header_moved"),
        ([["№ 7"], [*HEADER[:HALF], *["Иное"] * (len(HEADER) - HALF)], ROW], 2, "header_moved"),
        ([["№ 7"], [*HEADER[: HALF - 1], *["Иное"] * (len(HEADER) - HALF + 1)], ROW], 1, None),
        ([["№ 7"]] * 40 + [HEADER], 1, None),
    ],
)
def test_the_header_is_found_by_its_names_and_never_below_a_row_of_data(rows, above, rule):
    slot = contracts()["kaz"].slots["assistance"]
    heading, found = find(rows[:30], slot.sheets[0], slot.form, "a.csv")
    assert heading is not None
    assert heading.above == above
    assert [one.rule for one in found] == ([rule] if rule else [])


def test_a_header_that_moved_is_refused_with_its_row_where_the_form_does_not_let_it(tmp_path):
    contract = contracts()["uzb"]
    slot = contract.slots["assistance"]
    content = "Hisobot № 7,,,\r\n".encode() + render(contract, slot, "2010-Q4", {})
    (one,) = findings(contract, slot, content, tmp_path)
    assert (one.rule, one.row) == ("header_not_found", 1)
    assert "it stands in row 2" in one.message_en
    assert "стоит в строке 2" in one.message_ru


def test_rows_below_a_moved_header_keep_the_numbers_that_the_office_sees(tmp_path):
    one = draft(SIXTH, SIXTH.slots["cases"], "numbers").with_sheet(0, above=(("Отчёт № 7",), ("за IV кв. 2010 г.",)))
    assert [f.rule for f in findings(SIXTH, one.slot, write(one.sheets, one.form), tmp_path)] == ["header_moved"]
    assert CON.execute("SELECT min(row_number), count(*) FROM stage_cases").fetchall() == [(4, 8)]


@pytest.mark.parametrize(
    ("header", "meant"),
    [("Пол / Sex", "Пол"), ("Sex/Пол", "Пол"), ("Пол (Sex)", "Пол"), ("Sex\nПол", "Пол"), ("Sex | Пол", "Пол"),
     ("Помощь 1 / Вид / Type", "Помощь 1 / Вид")],
)  # fmt: skip
def test_a_header_in_two_languages_says_each_of_its_parts(header, meant):
    assert meant in [name for some in readings(header, SIXTH.slots["cases"].form) for name in some]


def test_a_header_whose_parts_are_two_columns_is_neither(tmp_path):
    contract = contracts()["kaz"]
    slot = contract.slots["assistance"]
    content = render(contract, slot, "2010-Q4", {}).replace(
        "Вид помощи".encode(), "Вид помощи / Дата оказания".encode()
    )
    assert {one.rule for one in findings(contract, slot, content, tmp_path)} == {"unknown_header", "missing_header"}


@pytest.mark.parametrize(("header", "column"), [("Ҷинс", "Пол"), ("Жынысы", "Пол"), ("Түсі", None)])
def test_a_header_in_another_language_is_a_suggestion_and_never_a_column(header, column, tmp_path):
    contract = contracts()["kaz"]
    slot = contract.slots["cases"]
    content = render(contract, slot, "2010-Q4", {}).replace(";Пол;".encode(), f";{header};".encode())
    found = {one.rule: one for one in findings(contract, slot, content, tmp_path)}
    assert set(found) == {"unknown_header", "missing_header"}
    assert ("Did you mean 'Пол'?" in found["unknown_header"].message_en) == bool(column)
    assert (f"Did you mean '{header}'?" in found["missing_header"].message_en) == bool(column)


# Words


def test_a_word_of_the_vocabulary_means_one_thing():
    languages = ("ru", "kk", "ky", "tg", "tk", "uz", "en")
    for one in languages:
        months = vocabulary.month_words([one])
        assert set(months.values()) == set(range(1, 13)), one
        assert all(vocabulary.month_words(languages)[word] == number for word, number in months.items())
    assert not set(vocabulary.totals_words()) & set(vocabulary.note_words())


def test_suggested_columns_are_columns_of_facts():
    known = {column for fact in facts().values() for column in fact.columns}
    assert set(tomllib.loads(vocabulary.WORDS.read_text(encoding="utf-8"))["headers"]) - known == set()


def test_namibia_is_read_where_the_form_has_its_letters(tmp_path):
    contract = loaded(tmp_path, ("[slots.cases]\n", '[words.country]\nNA = "NA"\n\n[slots.cases]\n'))
    slot = contract.slots["cases"]
    one = draft(contracts()["kaz"], contracts()["kaz"].slots["cases"], "namibia")
    position = one.sheets[0].headers.index("Гражданство")
    rows = [[*row[:position], "NA", *row[position + 1 :]] for row in one.sheets[0].rows]
    assert findings(contract, slot, write(one.with_sheet(0, rows=rows).sheets, one.form), tmp_path) == []
    assert {tuple(row["citizenship"]) for row in records(CON, "cases")} == {("NA",)}
