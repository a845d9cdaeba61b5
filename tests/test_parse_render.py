"""Every contract works in both directions: what is rendered is parsed back, for every office and file."""

from __future__ import annotations

import csv
import io
import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.facts import facts
from pipelines.contracts import contracts, recognise
from pipelines.demo import sample_records
from pipelines.demo_rows import row
from pipelines.forms import CSV, Contract, Slot
from pipelines.parse import parse, records
from pipelines.render import RenderError, render
from tests.office_records import in_order, period_of, read_back, slot_records

SLOTS = [(contract, slot) for contract in contracts().values() for slot in contract.slots.values()]
SAMPLE = sample_records()
CON = duckdb.connect()


def named(value: Contract | Slot) -> str:
    return value.office if isinstance(value, Contract) else value.name


@pytest.mark.parametrize(("contract", "slot"), SLOTS, ids=named)
def test_what_is_rendered_is_parsed_back(contract, slot):
    many = settings().max_examples
    examples = many // 5 if slot.form.format == CSV else many // 12

    @settings(max_examples=examples)
    @given(slot_records(contract, slot))
    def check(sent):
        content = render(contract, slot, period_of(slot), sent)
        with tempfile.TemporaryDirectory() as folder:
            parsed, found = read_back(CON, contract, slot, period_of(slot), content, Path(folder))
        assert [str(finding) for finding in parsed.findings] == []
        for name in slot.facts:
            assert in_order(found[name]) == in_order(sent[name]), name

    check()


@pytest.mark.parametrize(("office", "period"), SAMPLE, ids=str)
def test_the_sample_quarters_are_parsed_back(office, period, tmp_path):
    contract = contracts()[office]
    for slot in contract.slots_at(period).values():
        parsed, found = read_back(
            CON, contract, slot, period, render(contract, slot, period, SAMPLE[office, period]), tmp_path
        )
        assert [str(finding) for finding in parsed.findings] == []
        for name in slot.facts:
            assert in_order(found[name]) == in_order(SAMPLE[office, period][name]), name


def test_the_sample_has_every_fact_of_every_slot_somewhere():
    """Or the test above would compare nothing with nothing."""
    sent = {(office, name) for (office, _), rows in SAMPLE.items() for name, some in rows.items() if some}
    owed = {(c.office, name) for c, slot in SLOTS for name in slot.facts if c.first_period}
    assert {name for _, name in owed} == {name for _, name in sent}
    assert {office for office, _ in sent} <= {office for office, _ in owed}


@pytest.mark.parametrize(("contract", "slot"), SLOTS, ids=named)
@settings(max_examples=2)
@given(data=st.data())
def test_the_same_records_give_the_same_bytes(contract, slot, data):
    sent = data.draw(slot_records(contract, slot))
    assert render(contract, slot, period_of(slot), sent) == render(contract, slot, period_of(slot), sent)


# What the files look like to an office.


def rendered(office: str, slot: str, period: str = "2010-Q4") -> bytes:
    contract = contracts()[office]
    return render(contract, contract.slots[slot], period, SAMPLE[office, period])


def test_kazakhstan_is_utf8_with_a_mark_and_semicolons():
    content = rendered("kaz", "cases")
    assert content.startswith("\ufeffКод дела;".encode())
    assert content.endswith(b"\r\n")


def test_tajikistan_is_windows_cyrillic_with_decimal_commas():
    content = rendered("tjk", "training")
    assert content.decode("cp1251").startswith("Вид записи;")
    with pytest.raises(UnicodeDecodeError):
        content.decode("utf-8")
    hours = [row["Кол-во часов"] for row in csv.DictReader(io.StringIO(content.decode("cp1251")), delimiter=";")]
    assert any("," in cell for cell in hours)
    assert not any("." in cell for cell in hours)


def test_uzbekistan_has_latin_words_with_cyrillic_letters_in_them():
    header = rendered("uzb", "cases").decode("utf-8").splitlines()[0].split(",")
    assert "Jin\u0455i" in header
    assert "А" + "yol" in rendered("uzb", "cases").decode("utf-8")


def test_kyrgyzstan_is_one_workbook_with_titles_merged_headers_and_totals():
    book = openpyxl.load_workbook(io.BytesIO(rendered("kgz", "workbook")))
    agreed = contracts()["kgz"].slots["workbook"].sheets
    assert book.sheetnames == [sheet.name for sheet in agreed]
    assert {"Дела", "Обучение", "Кампании"} <= {
        sheet.name for sheet in agreed if sheet.totals and sheet.header_rows == 2
    }
    for page, sheet in zip(book, agreed, strict=True):
        assert "2010-Q4" in page["A2"].value
        assert bool(page.merged_cells.ranges) == (sheet.header_rows == 2)
        assert ("Итого" in [cell.value for cell in page[page.max_row]]) == bool(sheet.totals)
    assert set(contracts()["kgz"].slots["workbook"].facts) == {
        name for name, fact in facts().items() if fact.export != "directory"
    }


def test_turkmenistan_has_turkmen_headers_and_real_dates():
    sheet = openpyxl.load_workbook(io.BytesIO(rendered("tkm", "cases")))["Işler"]
    header = [cell.value for cell in sheet[1]]
    assert header[0] == "Iş belgisi"
    day = sheet.cell(2, header.index("Hasaba alnan senesi") + 1)
    assert day.is_date
    assert day.number_format == "dd.mm.yyyy"


def test_formulas_of_other_programs_stay_text():
    sheet = openpyxl.load_workbook(io.BytesIO(rendered("region", "directory")))["Hotlines"]
    assert {cell.data_type for column in sheet.columns for cell in column if cell.value is not None} <= {"s", "n", "d"}


# Tolerances that a contract asks for.


def kaz_row(**cells: str) -> tuple[bytes, list[str]]:
    """The sample's cases of Kazakhstan with some cells of the first row replaced."""
    lines = list(csv.reader(io.StringIO(rendered("kaz", "cases").decode("utf-8-sig")), delimiter=";"))
    for header, value in cells.items():
        lines[1][lines[0].index(header.replace("_", " "))] = value
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows(lines)
    return text.getvalue().encode("utf-8-sig"), lines[0]


@pytest.mark.parametrize(
    ("header", "cell", "column", "value"),
    [
        ("Пол", "ж", "sex", "F"),
        ("Пол", " МУЖ. ", "sex", "M"),
        ("Пол", "не указано", "sex", "U"),
        ("Возраст", "н/д", "age", None),
        ("Возраст", "\u00a017 ", "age", 17),
        ("Дата_скрининга", "1.9.2010", "screened_on", date(2010, 9, 1)),
        ("Дата_скрининга", "…", "screened_on", None),
        ("Гражданство", "Россия/Турция", "citizenship", ["RU", "TR"]),
        ("Гражданство", "Россия / Россия", "citizenship", ["RU"]),
        ("Гражданство", "-", "citizenship", []),
        ("Семейное_положение", "-", "marital_status", None),
        ("Область", "Алматинская\u00a0область", "region", "KZ-ALM"),
    ],
)
def test_what_the_contract_allows_is_read(header, cell, column, value, tmp_path):
    content, _ = kaz_row(**{header: cell})
    contract = contracts()["kaz"]
    parsed, found = read_back(CON, contract, contract.slots["cases"], "2010-Q4", content, tmp_path)
    assert parsed.findings == ()
    assert found["cases"][0][column] == value


def test_a_word_for_regions_of_several_times_means_the_one_in_force(tmp_path):
    contract = contracts()["kaz"]
    slot = contract.slots["activities"]
    for period, day, region in (("2010-Q4", date(2010, 12, 1), "KZ-ALM"), ("2024-Q4", date(2024, 12, 1), "KZ-19")):
        sent = row(
            "activities", activity_ref="KZ-C1", channel="web", held_on=day, activity_status="completed", region=region
        )
        content = render(contract, slot, period, {"activities": [sent]})
        assert "Алматинская область" in content.decode("utf-8-sig")
        assert read_back(CON, contract, slot, period, content, tmp_path)[1]["activities"] == [sent]


@pytest.mark.parametrize("mark", ["ʻ", "ʼ", "‘", "’", "'", "`"])
def test_any_apostrophe_and_either_alphabet_is_read_where_the_contract_folds_them(mark, tmp_path):
    text = rendered("uzb", "cases").decode("utf-8")
    header, _, rest = text.partition("\r\n")
    header = header.replace("Jin\u0455i", "Jinsi").replace("Ro'yxat", f"Ro{mark}yxat")
    changed = header + "\r\n" + rest.replace("А" + "yol", "Ayol").replace("UZ-2010-", "U" + "Z-2010-")
    contract = contracts()["uzb"]
    slot = contract.slots["cases"]
    as_sent = read_back(CON, contract, slot, "2010-Q4", text.encode(), tmp_path)
    folded = read_back(CON, contract, slot, "2010-Q4", changed.encode(), tmp_path)
    assert folded[0].findings == ()
    assert folded[1] == as_sent[1]


def test_codes_typed_with_cyrillic_letters_are_put_right_only_where_asked(tmp_path):
    for office, refs in (("uzb", {"KZP1"}), ("kaz", {"КZP1"})):
        contract = contracts()[office]
        slot = contract.slots["cases"]
        own = SAMPLE[office, "2010-Q4"]["cases"][:1]
        content = render(contract, slot, "2010-Q4", {"cases": [{**own[0], "person_ref": "КZP1"}]})
        found = read_back(CON, contract, slot, "2010-Q4", content, tmp_path)[1]["cases"]
        assert {row["person_ref"] for row in found} == refs


def test_numbers_and_days_that_excel_keeps_as_text_or_as_serial_are_read(tmp_path):
    contract = contracts()["kgz"]
    slot = contract.slots["workbook"]
    path = tmp_path / slot.file_name("2010-Q4")
    book = openpyxl.load_workbook(io.BytesIO(rendered("kgz", "workbook")))
    sheet = book["Дела"]
    header = [cell.value for cell in sheet[3]]
    registered, age = header.index("Дата регистрации") + 1, header.index("Возраст") + 1
    sheet.cell(5, registered).value = 40453
    sheet.cell(5, registered).number_format = "General"
    sheet.cell(6, registered).value = "31/12/2010"
    sheet.cell(5, age).value = "20"
    book.save(path)
    assert parse(contract, slot, "2010-Q4", path, CON).findings == ()
    first, second = records(CON, "cases")[:2]
    assert (first["identified_on"], second["identified_on"]) == (date(2010, 10, 2), date(2010, 12, 31))
    assert first["age"] == 20


def test_details_of_an_earlier_case_stand_in_a_row_of_their_own(tmp_path):
    contract = contracts()["kgz"]
    slot = contract.slots["workbook"]
    helped = row("assistance", case_ref="KG-2009-7", assistance_type="legal", delivered_on=date(2010, 10, 5))
    sent = {"assistance": [helped]}
    parsed, found = read_back(CON, contract, slot, "2010-Q4", render(contract, slot, "2010-Q4", sent), tmp_path)
    assert parsed.findings == ()
    assert found["assistance"] == sent["assistance"]
    assert found["cases"] == []


def test_rows_carry_the_numbers_that_the_office_sees(tmp_path):
    content = rendered("kaz", "cases").decode("utf-8-sig").split("\r\n")
    with_gaps = "\r\n".join([content[0], "", content[1], ";" * (content[0].count(";")), content[2], "", ""])
    contract = contracts()["kaz"]
    parsed, found = read_back(
        CON, contract, contract.slots["cases"], "2010-Q4", with_gaps.encode("utf-8-sig"), tmp_path
    )
    assert parsed.findings == ()
    assert len(found["cases"]) == 2
    assert CON.execute("SELECT row_number FROM stage_cases ORDER BY 1").fetchall() == [(3,), (5,)]


# What a form cannot say is an error.


def case(**values: object) -> dict[str, object]:
    return {**SAMPLE["kgz", "2010-Q4"]["cases"][0], **values}


def help_on(*days: int) -> list[dict[str, object]]:
    about = {"case_ref": "KG-2010-99", "assistance_type": "legal", "organisation_ref": None}
    return [{**about, "delivered_on": date(2010, 10, day)} for day in days]


@pytest.mark.parametrize(
    ("office", "slot", "records", "says"),
    [
        ("kgz", "workbook", {"assistance": help_on(*range(1, 8))}, "assistance: 7 rows .* 6 groups"),
        ("kgz", "workbook", {"cases": [case(registered_year=2010)]}, "cases: .* cannot say .* registered_year"),
        ("kgz", "workbook", {"cases": [{"case_ref": "KG-2010-99"}]}, "cases: a row says nothing but its code"),
        ("kgz", "workbook", {"cases": [case(region="KZ-19")]}, "region: a code has no word of its own in 2010-Q4"),
        ("kgz", "workbook", {"cases": [case(shoe_size=38)]}, "cases: .* cannot say .* shoe_size"),
        ("tjk", "campaigns", {"hotline_contacts": [{"contact_ref": "Ҷ"}]}, "lacks a letter"),
    ],
)
def test_what_the_form_cannot_say_is_an_error(office, slot, records, says):
    contract = contracts()[office]
    with pytest.raises(RenderError, match=says):
        render(contract, contract.slots[slot], "2010-Q4", records)


def test_decimals_are_never_rounded(tmp_path):
    contract = contracts()["tjk"]
    slot = contract.slots["training"]
    row = {
        **dict.fromkeys(facts()["participants"].columns), "event_ref": "TJ-T1", "line": 1, "profession": "judge",
        "sex": "F", "pre_test": Decimal("33.33"),
    }  # fmt: skip
    content = render(contract, slot, "2010-Q4", {"participants": [row]})
    assert b"33,33" in content
    assert read_back(CON, contract, slot, "2010-Q4", content, tmp_path)[1]["participants"] == [row]
    parsed, _ = read_back(CON, contract, slot, "2010-Q4", content.replace(b"33,33", b"33,333"), tmp_path)
    assert [(f.rule, f.severity, f.row, f.field) for f in parsed.findings] == [
        ("unreadable_cell", "quarantine", 2, "pre_test")
    ]


@pytest.mark.parametrize(("contract", "slot"), SLOTS, ids=named)
def test_a_file_is_recognised_by_its_name_alone(contract, slot):
    name = slot.file_name(period_of(slot))
    assert recognise(contract, name) == (slot, period_of(slot))
    assert recognise(contract, name.lower()) == (slot, period_of(slot))
    if slot.is_by_period:
        others = [other for other in contracts().values() if other.office != contract.office and other.first_period]
        assert [other.office for other in others if recognise(other, name)] == []
        assert recognise(contract, name.replace("Q4", "Q5")) is None
