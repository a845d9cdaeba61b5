"""Reference sheets: every indicator has every field, what is derived follows its source, and faults are named."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from indicators.definitions import HERE, Definition, definitions
from indicators.facts import DeclarationError, all_facts
from indicators.pirs import Entry, sheet
from indicators.pirs_fields import FIELDS, OWN, PARTS, SAID
from indicators.pirs_words import FILE, SENTENCES, sheet_tables

CATALOGUE = definitions()
TEXT = FILE.read_text(encoding="utf-8")


def fields(definition: Definition, language: str = "en") -> dict[str, Entry]:
    return {entry.field: entry for entry in sheet(definition, language)}


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("definition", CATALOGUE.values(), ids=lambda d: d.code)
def test_every_field_is_there_in_order_and_says_something(definition, language):
    entries = sheet(definition, language)
    assert [(entry.part, entry.field) for entry in entries] == [(p, f) for p, some in PARTS.items() for f in some]
    empty = [entry.field for entry in entries if not entry.lines or not all(line.strip() for line in entry.lines)]
    assert empty == []
    assert [entry.field for entry in entries for line in entry.lines if re.search(r"\{\w*\}", line)] == []


@pytest.mark.parametrize("definition", CATALOGUE.values(), ids=lambda d: d.code)
def test_russian_sheets_are_russian(definition):
    """Dates and codes apart, a Russian sheet says every field in Russian words."""
    codes_only = {"donor_numbers", "updated_on"}
    entries = [entry for entry in sheet(definition, "ru") if entry.field not in codes_only]
    assert [entry.field for entry in entries if not re.search("[а-яё]", " ".join((entry.title, *entry.lines)))] == []


@pytest.mark.parametrize("definition", CATALOGUE.values(), ids=lambda d: d.code)
def test_reasons_and_limits_are_said_in_the_language_of_the_sheet(definition):
    for language in ("en", "ru"):
        entries = fields(definition, language)
        assert entries["rationale"].lines[-1] == definition.why[language]
        assert not definition.limits or definition.limits[language] in entries["limitations"].lines
    assert re.search("[а-яё]", definition.why["ru"]) and not re.search("[а-яё]", definition.why["en"])


@pytest.mark.parametrize("definition", CATALOGUE.values(), ids=lambda d: d.code)
def test_what_is_derived_follows_the_definition(definition):
    entries = fields(definition)
    breakdowns = " ".join(entries["breakdowns"].lines)
    assert [name for name in definition.by if f"`{name}`" not in breakdowns] == []
    assert sum("add up to the whole" in line for line in entries["breakdowns"].lines) == len(definition.adds_up)
    source = " ".join(entries["source"].lines)
    assert [fact for fact in definition.facts if f"`{fact}`" not in source] == []
    assert entries["updated_on"].lines == (definition.reviewed_on.isoformat(),)
    construction = " ".join(entries["construction"].lines)
    assert definition.numerator_text in construction
    assert definition.denominator_text in construction


def test_the_rules_for_what_is_not_known_are_those_of_counting():
    share = " ".join(fields(CATALOGUE["P11"])["known_values"].lines)
    assert "Only rows in which this is known are counted" in share
    assert "A share of nothing does not apply" in share
    assert "fewer than 10 values" in " ".join(fields(CATALOGUE["P10"])["known_values"].lines)
    assert "not smaller" in " ".join(fields(CATALOGUE["P03"])["known_values"].lines)
    assert "not smaller" not in " ".join(fields(CATALOGUE["H01"])["known_values"].lines), "rows have no person to lack"


def test_protection_is_said_where_it_protects():
    assert "survivors" in fields(CATALOGUE["P03"])["protection"].lines[0]
    assert "nobody whose numbers are protected" in fields(CATALOGUE["T01"])["protection"].lines[0]
    assert "nobody whose numbers are protected" in fields(CATALOGUE["T09"])["protection"].lines[0], "regions"


def test_results_and_baselines_are_those_of_the_projects():
    entries = fields(CATALOGUE["T09"])
    assert any(line.startswith("KZ-INL 1 (outcome): ") for line in entries["result"].lines)
    assert any(line.startswith("REG-USAID, Kazakhstan, Uzbekistan: none. ") for line in entries["baseline"].lines)
    assert fields(CATALOGUE["N05"])["baseline"].lines == ("No project has set one.",)


# Donors' own numbers


def test_a_donors_number_holds_on_its_days():
    def on(code: str, day: date) -> list[tuple[str, str]]:
        return [(one["donor"], one["code"]) for one in CATALOGUE[code].donor_codes_on(day)]

    last, first = date(2016, 9, 30), date(2016, 10, 1)
    assert on("P08", last) == [("USAID", "1.5.3"), ("INL", "1.5.3")]
    assert on("P08", first) == [("USAID", "PS.5.1-29"), ("INL", "PS.5.1-29")]
    assert on("T02", first) == [(donor, code) for donor in ("USAID", "INL") for code in ("PS.5.1-28", "PS.5.3-15")]
    assert on("P03", first) == []


def test_a_sheet_says_the_days_of_a_number_and_whether_it_is_a_standard_one():
    entries = fields(CATALOGUE["P08"])
    assert entries["donor_numbers"].lines == (
        "1.5.3 (USAID, INL), until 2016-09-30", "PS.5.1-29 (USAID, INL), from 2016-10-01",
    )  # fmt: skip
    assert entries["plan_and_report"].lines == ("Yes, by the standard numbers PS.5.1-29.",)
    assert fields(CATALOGUE["P03"])["plan_and_report"].lines == ("No.",), (
        "1.5.3 is an element, not a standard indicator"
    )


# What a definition says itself


def test_a_definition_may_say_more_or_something_else(tmp_path: Path) -> None:
    text = (HERE / "definitions" / "H01.toml").read_text(encoding="utf-8")
    own = """[pirs]
use = { en = "Only for us.", ru = "Только для нас." }
limitations = { en = "One line is often busy.", ru = "Линия часто занята." }
quality_review_on = 2026-03-01
changes = [{ on = 2026-02-01, what = { en = "Pranks left out.", ru = "Шутки исключены." } }]

"""
    (tmp_path / "H01.toml").write_text(text.replace("[[example]]", own + "[[example]]", 1), encoding="utf-8")
    entries = fields(definitions(tmp_path)["H01"])
    assert entries["use"].lines == ("Only for us.",)
    assert entries["limitations"].lines[0] == "One line is often busy."
    assert entries["quality_review"].lines == ("Assessed on 2026-03-01.",)
    assert entries["changes"].lines == ("2026-02-01: Pranks left out.",)
    assert fields(CATALOGUE["H01"])["changes"].lines == ("None recorded.",)


def test_a_definition_need_not_repeat_what_its_family_says():
    """What stands in a `[pirs]` is another sentence than the one that would stand there without it."""
    tables = sheet_tables()
    repeated = [
        f"{d.code}: {field}"
        for d in CATALOGUE.values()
        for field in SAID
        if field in d.pirs and d.pirs[field] in (tables["family"][d.family].get(field), tables["every"].get(field))
    ]
    assert repeated == []
    assert [d.code for d in CATALOGUE.values() if d.pirs], "no definition says anything of its own: this tests nothing"


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ("who = 1", "pirs.who: no such key; expected one of result, rationale"),
        ('use = { en = "a" }', "pirs.use: expected en and ru; got en"),
        ('use = "a"', "pirs.use: expected en and ru; got 'a'"),
        ('use = { en = "a", ru = " " }', "pirs.use.ru: expected a sentence, got ' '"),
        ('quality_review_on = "May"', "pirs.quality_review_on: expected a date, got 'May'"),
        ('changes = [{ on = "May", what = { en = "a", ru = "b" } }]', "pirs.changes 1: expected on (a date)"),
        ('changes = "many"', "pirs.changes: expected a list, got 'many'"),
    ],
)
def test_faults_of_a_definition_name_the_file_the_field_and_what_was_expected(own, said, tmp_path):
    text = (HERE / "definitions" / "H01.toml").read_text(encoding="utf-8")
    changed = text.replace("[[example]]", f"[pirs]\n{own}\n\n[[example]]", 1)
    (tmp_path / "H01.toml").write_text(changed, encoding="utf-8")
    with pytest.raises(DeclarationError) as caught:
        definitions(tmp_path)
    assert [fault for fault in caught.value.faults if fault.startswith("H01.toml: ") and said in fault], caught.value


# The file of defaults


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        (
            'frequency = { en = "Each',
            'freqency = { en = "Each',
            "every.freqency: no such field; expected one of result, rationale",
        ),
        ("\nassistance = {", "\nasistance = {", "fact.asistance: no such field; expected one of activities"),
        ("[family.policy]", "[family.polity]", "family.polity: no such field; expected one of protection"),
        ("\nbaseline = {", "\nbase = {", "field.base: no such field; expected one of name"),
        ("\nbaseline = {", "\nbase = {", "field.baseline: is missing"),
        ("no_limits = { en", "no_limits = { de", "sentence.no_limits: expected en and ru; got de, ru"),
        ('en = "from {day}"', 'en = "from {date}"', "sentence.from.en: expected the gaps day; got date"),
        ("reviewed_on = 2026", 'reviewed_on = "x" # ', "reviewed_on: expected a date, got 'x'"),
        ("reviewed_on = 2026", "reviewed_on 2026", "not TOML"),
    ],
)
def test_faults_of_the_defaults_name_the_file_the_field_and_what_was_expected(good, bad, said, tmp_path):
    assert good in TEXT
    file = tmp_path / "pirs.toml"
    file.write_text(TEXT.replace(good, bad, 1), encoding="utf-8")
    with pytest.raises(DeclarationError) as caught:
        sheet_tables(file)
    assert [fault for fault in caught.value.faults if fault.startswith(f"pirs.toml: {said}")], caught.value


@pytest.mark.parametrize("fact", all_facts())
def test_every_fact_says_how_its_rows_come_about_on_the_sheets_that_count_it(fact):
    said = sheet_tables()["fact"].get(fact)
    assert said, f"pirs.toml: [fact] says nothing of {fact}"
    for definition in CATALOGUE.values():
        assert (said["en"] in fields(definition)["collection"].lines) == (fact in definition.facts), definition.code


def test_every_sentence_is_used():
    modules = "\n".join(
        path.read_text(encoding="utf-8") for path in HERE.glob("pirs*.py") if path.name != "pirs_words.py"
    )
    rules = {name for name in SENTENCES if re.match(r"(time|place)_[A-Z]$", name)}
    assert [name for name in SENTENCES if name not in rules and f'"{name}"' not in modules] == []


def test_every_field_and_what_a_definition_may_say_of_it_is_on_the_page():
    page = (Path(__file__).resolve().parent.parent / "docs" / "explaining.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \|", page, re.M)
    assert [field for field, _ in rows if field in FIELDS] == list(FIELDS)
    assert {field for field, said in rows if "`pirs`" in said} == {*SAID, "changes"}
    assert [key for key in OWN if f"`{key}`" not in page] == []
