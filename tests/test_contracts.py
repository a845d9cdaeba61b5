"""Contracts are data, checked as a whole when loaded; a new office is one file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from indicators.disclosure import policies
from indicators.facts import codelists, facts
from pipelines.contracts import ContractError, contracts, recognise
from pipelines.demo import sample_records
from pipelines.forms import Contract
from pipelines.layout import layout
from pipelines.render import render
from tests.office_records import in_order, read_back, sayable

OFFICES = Path(__file__).resolve().parent.parent / "pipelines" / "offices"
COUNTRIES = {"kaz": "KZ", "kgz": "KG", "tjk": "TJ", "tkm": "TM", "uzb": "UZ"}
ALL = list(contracts().values())


def by_office(contract: Contract) -> str:
    return contract.office


def test_the_folder_is_what_there_is():
    assert set(contracts()) == {path.stem for path in OFFICES.glob("*.toml")}
    assert {office: contracts()[office].place for office in COUNTRIES} == COUNTRIES


@pytest.mark.parametrize("office", COUNTRIES)
def test_a_country_office_sends_every_fact_but_the_directory(office):
    sent = [name for slot in contracts()[office].slots.values() for name in slot.facts]
    assert sorted(sent) == sorted(name for name, fact in facts().items() if fact.export != "directory")
    assert contracts()[office].disclosure_profile == "default"


def test_the_region_sends_the_directory_and_its_rows_belong_to_their_countries():
    region = contracts()["region"]
    assert region.slots["directory"].exports == ("directory",)
    assert (region.place, region.place_column) == ("CA", "country")


@pytest.mark.parametrize("contract", ALL, ids=by_office)
def test_every_named_profile_of_protection_exists(contract):
    assert contract.disclosure_profile in policies()


@pytest.mark.parametrize("office", COUNTRIES)
def test_an_office_has_a_word_for_every_code_of_the_time(office):
    """Codes of lists that are not regions; regions of the office's own country."""
    slot = next(iter(contracts()[office].slots.values()))
    for name, codelist in codelists().items():
        said = set(sayable(name, slot.form, "2010-Q4"))
        wanted = {code for code in codelist.codes if name != "region" or code.startswith(f"{COUNTRIES[office]}-")}
        if name == "region":
            wanted = {c for c in wanted if "valid_from" not in codelist.codes[c].attributes}
        assert wanted <= said, name


@pytest.mark.parametrize("contract", ALL, ids=by_office)
def test_what_is_not_collected_is_said(contract):
    for slot in contract.slots.values():
        for name in slot.facts:
            sent = contract.collected(name)
            assert sent <= set(facts()[name].columns)
            unsent = {c.name for c in facts()[name].columns.values() if c.required} - sent
            assert unsent <= {"identified_on"}, "only a source without days leaves out a required column"
    assert contract.collected("no such fact") == frozenset()


def test_headers_are_those_of_the_offices():
    """A few of the words that office files 6.3 gives, each in its office's form."""
    expected = {
        "kaz": ["Код дела", "Дата регистрации", "Форма эксплуатации", "Средства контроля", "Охват, чел."],
        "kgz": ["Иштин коду", "Жынысы", "Жарандыгы", "Помощь 1 / Жардам түрү"],
        "tjk": ["Код случая", "Кол-во часов", "Входной тест"],
        "tkm": ["Iş belgisi", "Hasaba alnan senesi", "Raýatlygy", "Gözegçilik serişdeleri", "Başlangyç test"],
        "uzb": ["Ish kodi", "Fuqaroligi", "Nazorat vositalari", "Yollovchi", "Qamrab olinganlar soni"],
    }
    for office, headers in expected.items():
        slots = contracts()[office].slots.values()
        known = {h for slot in slots for sheet in slot.sheets for place in layout(sheet) for h in place.headers}
        assert set(headers) - known == set(), office


# Faults.

KAZ = (OFFICES / "kaz.toml").read_text(encoding="utf-8")
KGZ = (OFFICES / "kgz.toml").read_text(encoding="utf-8")
CTDC = (OFFICES / "ctdc.toml").read_text(encoding="utf-8")


def swap(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text, "the change does not apply"
        return text.replace(old, new, 1)

    return change


FAULTS: list[tuple[str, Callable[[str], str], str]] = [
    ("kaz", swap('office = "kaz"', 'office = "kz"'), "office must be kaz"),
    ("kaz", swap('place = "KZ"', 'place = "QQ"'), "place: QQ is neither a country code nor CA"),
    ("kaz", swap("Asia/Almaty", "Asia/Alma-Ata"), "no time zone Asia/Alma-Ata"),
    ("kaz", swap('"2010-Q3"', '"2010"'), "a period is written like 2010-Q4"),
    ("kaz", swap('first_period = "2010-Q3"', ""), "first_period go together"),
    ("kaz", swap("[form]", "[forms]"), "there is no key forms"),
    ("kaz", swap('format = "csv"', 'format = "pdf"'), "format must be csv or xlsx"),
    ("kaz", swap('["utf-8-sig"]', '["utf-9"]'), "no encoding utf-9"),
    ("kaz", swap('delimiter = ";"', 'delimiter = ";;"'), "delimiter must be one sign"),
    ("kaz", swap('["%d.%m.%Y"]', '["%d.%m"]'), "must give day, month and year"),
    ("kaz", swap('decimal = ","', 'decimal = "_"'), "decimal must be a point or a comma"),
    ("kaz", swap('false = ["нет"]', 'false = ["Да"]'), "a word means both true and false"),
    ("kaz", swap('separator = " / "', 'separator = ","'), "holds the sign that separates several values"),
    ("kaz", swap('missing = [', 'missing = ["Женский", '), "also means that the value is missing"),
    ("kaz", swap('M = ["мужской"', 'M = ["жен"'), "'жен' means F, M"),
    ("kaz", swap("[words.sex]", "[words.gender]"), "no code list gender"),
    ("kaz", swap('\nM = ["', '\nH = ["'), "words of sex: there is no code H"),
    ("kaz", swap('fact = "cases"', 'fact = "case"'), "there is no fact case"),
    ("kaz", swap('age = ["Возраст"', 'ages = ["Возраст"'), "cases: there is no column ages"),
    ("kaz", swap('sex = "Пол"', ""), "sex is required and stands under no header"),
    ("kaz", swap('sex = "Пол"', 'sex = "Код  ДЕЛА"'), "the header 'код дела' stands for two columns"),
    ("kaz", swap('sex = "Пол"', "sex = 1"), "columns: sex must be a text or a list of texts"),
    ("kaz", swap('children = "Детей"', 'children = "Адрес"'), "the header 'Адрес' asks for personal data"),
    ("kaz", swap("KAZ_assistance_", "KAZ_cases_"), "its file name is that of another slot too"),
    ("kaz", swap('fact = "assistance"', 'fact = "assistance"\nsize = 3'), "slot assistance: there is no key size"),
    ("kaz", swap('fact = "cases"', 'fact = "cases"\nconstants = { sex = "F" }'), "sex is given in two ways"),
    ("kgz", swap('heading = "Помощь {n}"', 'heading = "Помощь"'), "heading must hold {n}"),
    ("kgz", swap('inherits = ["case_ref"]', 'inherits = ["wave"]'), "inherits: cases has no column wave"),
    ("kgz", swap("header_rows = 2", "header_rows = 3"), "header_rows must be 1 or 2"),
    ("kgz", swap('sums = ["children"]', 'sums = ["sex"]'), "totals: sex is no number"),
    ("kgz", swap('sums = ["children"]', 'sums = ["wages"]'), "totals: cases has no column wages"),
    ("kgz", swap('name = ["Дела", "Иштер"]', ""), "every sheet needs a name"),
    ("kgz", swap('name = ["Обучение"', 'name = ["Дела"'), "дела is named twice"),
    ("ctdc", swap('place_column = "citizenship"', 'place_column = "sex"'), "gives no column sex with countries"),
    ("ctdc", swap('vot_status = "actual"', 'vot_status = "real"'), "vot_status: there is no code real"),
    ("ctdc", swap('labour = "isForcedLabour"', 'lab = "isForcedLabour"'), "exploitation: there is no code lab"),
    ("ctdc", swap('"CTDC-0000-{row}"', '"CTDC-0000"'), "case_ref must hold {row} once"),
    ("ctdc", swap('empty_is = { sex = "U" }', 'empty_is = { sex = "X" }'), "sex: there is no code X"),
    ("ctdc", swap("[form]", "[form"), "cannot be read"),
]  # fmt: skip


@pytest.mark.parametrize(("office", "change", "says"), FAULTS, ids=[fault[2] for fault in FAULTS])
def test_a_fault_is_found_when_the_contract_is_loaded(office, change, says, tmp_path):
    text = {"kaz": KAZ, "kgz": KGZ, "ctdc": CTDC}[office]
    (tmp_path / f"{office}.toml").write_text(change(text), encoding="utf-8")
    with pytest.raises(ContractError) as raised:
        contracts(tmp_path)
    found = [fault for fault in raised.value.faults if says in fault and fault.startswith(f"{office}.toml: ")]
    assert found, str(raised.value)


def test_all_faults_of_a_folder_are_raised_at_once(tmp_path):
    broken = swap('sex = "Пол"', "")(swap("Asia/Almaty", "Asia/Alma-Ata")(KAZ))
    (tmp_path / "kaz.toml").write_text(broken, encoding="utf-8")
    (tmp_path / "kgz.toml").write_text(swap('place = "KG"', 'place = "QQ"')(KGZ), encoding="utf-8")
    (tmp_path / "ctdc.toml").write_text(CTDC, encoding="utf-8")
    with pytest.raises(ContractError) as raised:
        contracts(tmp_path)
    assert [fault.split(":")[0] for fault in raised.value.faults] == ["kaz.toml", "kaz.toml", "kgz.toml"]


def test_the_digest_changes_with_the_file_and_with_the_words_it_takes_over(tmp_path):
    digests = []
    for number, text in enumerate([KAZ, KAZ + "\n# a word\n"]):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "kaz.toml").write_text(text, encoding="utf-8")
        digests.append(contracts(folder)["kaz"].digest)
    assert digests[0] == contracts()["kaz"].digest != digests[1]


# Versions of a form.

NEW_FORM = """
[[version]]
from = "2011-Q2"
[version.form]
delimiter = ","
[version.slots.cases.columns]
sex = "Жынысы"
children = []
"""


def test_a_form_may_change_from_a_quarter_on(tmp_path):
    (tmp_path / "kaz.toml").write_text(KAZ + NEW_FORM, encoding="utf-8")
    contract = contracts(tmp_path)["kaz"]
    before, after = (recognise(contract, f"KAZ_cases_{period}.csv") for period in ("2011-Q1", "2011-Q2"))
    assert before is not None and after is not None
    assert before[0].form.delimiter == ";"
    assert after[0].form.delimiter == ","
    assert after[0].sheets[0].blocks[0].columns["sex"] == ("Жынысы",)
    assert before[0].sheets[0].blocks[0].columns["sex"] == ("Пол",)
    assert "children" not in contract.collected("cases")
    assert contract.slots["cases"] == after[0]
    assert recognise(contract, "KAZ_assistance_2012-Q1.csv") == (contract.slots["assistance"], "2012-Q1")


@pytest.mark.parametrize(
    ("version", "says"),
    [
        ('[[version]]\nfrom = "2009-Q1"\n', "versions must stand in the order of their periods"),
        ('[[version]]\n[version.form]\ndelimiter = ","\n', "from is missing"),
        ('[[version]]\nfrom = "2011-Q1"\n[version.slots.cases.columns]\nsex = []\n', "sex is required"),
        ('[[version]]\nfrom = "2011-Q1"\n[version.slots.calls]\nfact = "activities"\n', "slot calls: file is missing"),
    ],
)
def test_a_wrong_version_is_a_fault(version, says, tmp_path):
    (tmp_path / "kaz.toml").write_text(KAZ + "\n" + version, encoding="utf-8")
    with pytest.raises(ContractError, match=re.escape(says)):
        contracts(tmp_path)


# A sixth office.


def sixth_office() -> str:
    """Kazakhstan's contract under another country, with its own headers, sign between cells and form of days."""
    text = KAZ.replace('"kaz"', '"kyr"', 1).replace('place = "KZ"', 'place = "TR"').replace("KAZ_", "KYR_")
    text = text.replace("Asia/Almaty", "Europe/Istanbul").replace('delimiter = ";"', 'delimiter = "\\t"')
    text = text.replace('["%d.%m.%Y"]', '["%Y-%m-%d"]').replace("utf-8-sig", "utf-8")
    return re.sub(r'^(\w+) = (?:"|\[")([А-Я№][^"]*)', r'\1 = ["Yeni \2", "\2', text, flags=re.MULTILINE)


def closed(text: str) -> str:
    """Close the lists that the change above opened around single texts."""
    return re.sub(r'^(\w+ = \["Yeni [^"]*", "[^"]*")$', r"\1]", text, flags=re.MULTILINE)


def test_a_sixth_office_is_one_file(tmp_path):
    (tmp_path / "kyr.toml").write_text(closed(sixth_office()), encoding="utf-8")
    contract = contracts(tmp_path)["kyr"]
    con = duckdb.connect()
    sample = {
        name: [{key: as_of_turkey(value) for key, value in row.items()} for row in rows]
        for name, rows in sample_records()["kaz", "2010-Q4"].items()
    }
    for slot in contract.slots.values():
        content = render(contract, slot, "2010-Q4", sample)
        assert content.startswith(b"Yeni ")
        parsed, found = read_back(con, contract, slot, "2010-Q4", content, tmp_path)
        assert parsed.findings == ()
        for name in slot.facts:
            assert in_order(found[name]) == in_order(sample[name])
            assert con.execute(f"SELECT count(*) FROM stage_{name} WHERE place <> 'TR'").fetchall() == [(0,)]


def as_of_turkey(value: Any) -> Any:
    return value.replace("KZ-2010", "TR-2010") if isinstance(value, str) else value


def test_a_contract_is_plain_data():
    for path in OFFICES.glob("*.toml"):
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        assert raw["office"] == path.stem
