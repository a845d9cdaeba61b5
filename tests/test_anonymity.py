"""The gate: headers that ask for personal data refuse the file, in every language; the offices' own do not."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import duckdb
import pytest

from pipelines.anonymity import RULE, header_findings, kinds, personal_kind
from pipelines.contracts import Contract, contracts
from pipelines.demo import sample_records
from pipelines.layout import layout
from pipelines.render import render
from tests.office_records import read_back

SAMPLE = sample_records()

CATALOGUE = {
    "name": {
        "en": ["Name", "Full name", "First name", "Surname", "Victim's name", "Participant name"],
        "ru": ["ФИО", "Ф.И.О.", "Фамилия", "Имя", "Отчество", "Имя пострадавшей", "Ф.И.О. участника"],
        "kk": ["Аты-жөні", "Тегі", "Әкесінің аты", "Есімі"],
        "ky": ["Аты-жөнү", "Фамилиясы", "Атасынын аты"],
        "tg": ["Ному насаб", "Насаб", "Номи падар", "Ном"],
        "tk": ["Familiýasy", "Ady", "Ady, familiýasy", "Atasynyň ady"],
        "uz": ["Ism", "Familiyasi", "Ismi, familiyasi", "Otasining ismi", "F.I.Sh."],
        "uz-cyrl": ["Исм", "Фамилияси", "Отасининг исми"],
    },
    "phone": {
        "en": ["Phone", "Phone number", "Telephone", "Mobile", "WhatsApp"],
        "ru": ["Телефон", "Тел.", "Моб. номер", "Номер телефона", "Контактный номер", "Номер звонившего"],
        "kk": ["Телефон нөмірі", "Ұялы телефон"],
        "ky": ["Телефону", "Байланыш номери"],
        "tg": ["Телефон", "Рақами тамос"],
        "tk": ["Telefon belgisi", "El telefony"],
        "uz": ["Telefon raqami", "Aloqa raqami"],
        "uz-cyrl": ["Телефон рақами", "Алоқа рақами"],
    },
    "identity": {
        "en": ["Passport", "Passport no.", "ID", "ID card", "National ID", "Document number"],
        "ru": ["Паспорт", "Серия и номер паспорта", "ИИН", "ИНН", "Удостоверение личности", "Номер документа"],
        "kk": ["ЖСН", "Жеке куәлік нөмірі", "Төлқұжат, паспорт"],
        "ky": ["ПИН", "Паспорттун номери", "Инсан күбөлүгү"],
        "tg": ["Шиноснома", "Рақами ҳуҷҷат", "РМА"],
        "tk": ["Pasport", "Pasport belgisi", "Şahsyýetnama"],
        "uz": ["Pasport", "JSHSHIR", "Pasport seriyasi"],
        "uz-cyrl": ["Паспорт рақами", "ЖШШИР"],
    },
    "email": {
        "en": ["E-mail", "Email address", "email"],
        "ru": ["Электронная почта", "Эл. почта", "Имейл"],
        "kk": ["Электрондық пошта"],
        "ky": ["Электрондук почта"],
        "tg": ["Почтаи электронӣ"],
        "tk": ["Elektron poçta"],
        "uz": ["Elektron pochta"],
        "uz-cyrl": ["Электрон почта"],
    },
    "birth": {
        "en": ["Date of birth", "Birth date", "DOB", "Birthdate", "Place of birth"],
        "ru": ["Дата рождения", "Год рождения", "Место рождения"],
        "kk": ["Туған күні"],
        "ky": ["Туулган күнү"],
        "tg": ["Санаи таваллуд"],
        "tk": ["Doglan senesi"],
        "uz": ["Tugʻilgan sanasi", "Tug'ilgan sanasi", "Tug`ilgan yili"],
        "uz-cyrl": ["Туғилган санаси"],
    },
    "address": {
        "en": ["Address", "Home address", "Street", "Place of residence"],
        "ru": ["Адрес", "Адрес проживания", "Место жительства", "Улица", "Прописка"],
        "kk": ["Мекен-жайы", "Тұрғылықты жері"],
        "ky": ["Дареги", "Жашаган жери"],
        "tg": ["Суроға", "Ҷойи истиқомат"],
        "tk": ["Salgysy", "Ýaşaýan ýeri"],
        "uz": ["Manzil", "Yashash joyi"],
        "uz-cyrl": ["Манзили", "Яшаш жойи"],
    },
    "free_text": {
        "en": ["Notes", "Comments", "Remarks", "Case description"],
        "ru": ["Примечание", "Комментарий", "Описание случая", "Обстоятельства дела"],
        "kk": ["Ескерту"],
        "ky": ["Эскертүү"],
        "tg": ["Шарҳ", "Эзоҳ"],
        "tk": ["Bellik", "Teswir"],
        "uz": ["Izoh"],
        "uz-cyrl": ["Изоҳ"],
    },
}
PERSONAL = [
    (kind, language, header)
    for kind, languages in CATALOGUE.items()
    for language, headers in languages.items()
    for header in headers
]


def own_headers(contract: Contract) -> list[str]:
    slots = [slot for version in contract.versions for slot in version.slots.values()]
    return [h for slot in slots for sheet in slot.sheets for place in layout(sheet) for h in place.headers]


@pytest.mark.parametrize(("kind", "language", "header"), PERSONAL)
def test_a_header_that_asks_for_personal_data_is_recognised(kind, language, header):
    found = personal_kind(header)
    assert found is not None
    assert found.name == kind


def test_the_catalogue_has_every_kind_in_every_language():
    languages = {"en", "ru", "kk", "ky", "tg", "tk", "uz", "uz-cyrl"}
    assert set(CATALOGUE) == set(kinds())
    assert {kind: set(found) for kind, found in CATALOGUE.items()} == dict.fromkeys(CATALOGUE, languages)


@pytest.mark.parametrize(
    "how", [str.upper, str.lower, lambda h: f"  {h}\n", lambda h: f"{h} / X", lambda h: f"1. {h}:"]
)
@pytest.mark.parametrize("header", ["ФИО", "Телефон", "Date of birth", "Адрес", "Примечание"])
def test_writing_it_otherwise_does_not_help(how, header):
    assert personal_kind(how(header)) is not None


@pytest.mark.parametrize("header", ["Tелeфон", "ПАCПOРТ", "Аddrеss", "Phоne"])
def test_letters_of_the_other_alphabet_do_not_help(header):
    assert personal_kind(header) is not None


@pytest.mark.parametrize("contract", contracts().values(), ids=lambda contract: contract.office)
def test_no_header_of_a_contract_is_taken_for_personal_data(contract):
    headers = own_headers(contract)
    assert headers
    assert [header for header in headers if personal_kind(header)] == []
    assert header_findings("file", "", headers, contract) == []


def test_a_header_declared_public_is_let_through_only_where_the_contract_has_it():
    """The hotline's number is an institution's; the same header in a case file would be a caller's."""
    region, kaz = contracts()["region"], contracts()["kaz"]
    slot = region.slots["directory"]
    hotlines = slot.sheets[1]
    block = replace(hotlines.blocks[0], columns={**hotlines.blocks[0].columns, "number": ("Телефон",)})
    sheets = (slot.sheets[0], replace(hotlines, blocks=(block,)))
    version = replace(region.versions[0], slots={"directory": replace(slot, sheets=sheets)})
    changed = replace(region, versions=(version,))
    assert header_findings("f", "", ["Телефон"], changed) == []
    assert [f.rule for f in header_findings("f", "", ["Телефон"], kaz)] == [RULE]


@pytest.mark.parametrize("header", ["ФИО", "Примечание", "Дата рождения"])
def test_the_file_is_out_and_no_message_repeats_what_it_holds(header, tmp_path):
    """Whatever else is right with it; neither header nor value is repeated, for either may be a person's."""
    canary = "CANARY-4711"
    contract = contracts()["kaz"]
    slot = contract.slots["cases"]
    text = render(contract, slot, "2010-Q4", SAMPLE["kaz", "2010-Q4"]).decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text), delimiter=";"))
    added = io.StringIO()
    csv.writer(added, delimiter=";").writerows([[*row, header if i == 0 else canary] for i, row in enumerate(lines)])
    con = duckdb.connect()
    parsed, _ = read_back(con, contract, slot, "2010-Q4", added.getvalue().encode("utf-8-sig"), tmp_path)
    (gate,) = [finding for finding in parsed.findings if finding.rule == RULE]
    assert gate.severity == "refuse"
    assert f"Column {len(lines[0]) + 1} " in gate.message_en
    assert f"Столбец {len(lines[0]) + 1}:" in gate.message_ru
    assert header not in repr(parsed.findings)
    assert canary not in repr(parsed.findings)
    assert con.execute("SELECT count(*) FROM duckdb_tables()").fetchall() == [(0,)], "nothing was loaded"
