"""Our own sentences in a workbook that comes back are no personal data; what somebody answered within them may be."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import duckdb
import openpyxl
import pytest
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from indicators.facts import facts
from pipelines.contracts import contracts
from pipelines.demo import sample_records
from pipelines.findings import Finding
from pipelines.forms import Form
from pipelines.identity import identified
from pipelines.parse import parse
from pipelines.personal_values import kind_of
from pipelines.render import render
from pipelines.rulebook import reading_findings
from pipelines.rules import rules_for
from pipelines.screening import of_notes, of_own_sheet
from pipelines.staging import ThisFile
from pipelines.unread import expected

ANSWERS = ("Это Садыкова Айгуль", "+7 701 123 45 67", "asked by aigul@mail.kz")


def of_everything_we_write(form: Form) -> Iterator[str]:
    """Every sentence that a returned workbook or a template may hold."""
    for rule in reading_findings():
        yield from (rule.message_en, rule.message_ru)
    for contract in contracts().values():
        for fact in facts().values():
            for one in rules_for(fact, contract):
                yield from (one.message_en, one.message_ru)
    for fact in facts().values():
        for column in fact.columns.values():
            if not column.values or column.values in form.words:
                yield from expected(column, form)


@pytest.mark.parametrize("office", [name for name, one in contracts().items() if one.first_period])
def test_what_we_write_ourselves_is_no_personal_data_and_an_answer_within_it_is(office):
    for slot in contracts()[office].slots.values():
        sentences = list(dict.fromkeys(of_everything_we_write(slot.form)))
        assert of_notes("a.xlsx", sentences, slot.form, "2026-Q4") == []
        for answer in ANSWERS:
            assert len(of_notes("a.xlsx", [f"{sentences[0]} {answer}"], slot.form, "2026-Q4")) == 1
            assert len(of_own_sheet("a.xlsx", "s", [f"{sentences[0]} {answer}"], slot.form, "2026-Q4")) == 1


def test_ids_of_findings_are_no_names():
    """Letters at random are names now and then: without this, long answers could not be sent in again."""
    con, form = duckdb.connect(), contracts()["kaz"].slots["cases"].form
    many = [Finding("a.csv", "", number, "age", "r", "warn", "", "") for number in range(5000)]
    ids = [one.id for one in identified(con, ThisFile("kaz", "KZ", "cases", "2010-Q4"), (), many, b"key")]
    assert any(map(kind_of, ids)), "else this says nothing"
    assert of_own_sheet("a.xlsx", "s", ids, form, "2010-Q4") == []
    assert of_notes("a.xlsx", [f"ЗАДЕРЖАНО / HELD BACK · {one}" for one in ids], form, "2010-Q4") == []


def to_properties(book: Any, text: str) -> None:
    book.properties.description = text


def to_page(book: Any, text: str) -> None:
    book.worksheets[0].oddFooter.center.text = text


def to_drop_down(book: Any, text: str) -> None:
    rule = DataValidation(type="list", formula1='"1,2"', promptTitle="1", prompt=text)
    rule.add("B7")
    book.worksheets[0].add_data_validation(rule)


def to_list(book: Any, text: str) -> None:
    rule = DataValidation(type="list", formula1=f'"да,{text}"')
    rule.add("B7")
    book.worksheets[0].add_data_validation(rule)


def to_named_formula(book: Any, text: str) -> None:
    book.defined_names["x"] = DefinedName("x", attr_text=f'"{text}"')


@pytest.mark.parametrize("put", [to_properties, to_page, to_drop_down, to_list, to_named_formula])
def test_what_stands_in_no_cell_is_looked_at_for_it_is_kept_with_the_file(put, tmp_path):
    contract = contracts()["kgz"]
    slot = contract.slots["workbook"]
    for text, expected_rules in (("Форма отчёта", []), ("Садыкова Айгуль", ["personal_data_value"])):
        book = openpyxl.load_workbook(io.BytesIO(render(contract, slot, "2010-Q4", sample_records()["kgz", "2010-Q4"])))
        put(book, text)
        path = tmp_path / slot.file_name("2010-Q4")
        book.save(path)
        found = parse(contract, slot, "2010-Q4", path, duckdb.connect()).findings
        assert [one.rule for one in found] == expected_rules
        assert "Айгуль" not in repr(found)
