"""The workbook that the UN's migration agency publishes for the data standard, as an office would fill it.

Its header has two rows, the first one hidden, with one of the standard's own names misspelt; several answers stand in
one cell; and it asks for names and telephones, for which the gate keeps it out as it comes.
"""

from __future__ import annotations

import io
import re
import warnings
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from pipelines.contracts import Contract, contracts
from pipelines.findings import Finding
from pipelines.forms import WHOLE
from pipelines.headers import match
from pipelines.parse import parse, records
from pipelines.readers import reading

SHEET = "Case Sheet"
MISSPELT = "vic_TraffickinStatusDecisionMakingOrg / Trafficking Status Decision Making Organization"
CONTRACT = """
office = "htcds"
place = "KG"
time_zone = "Asia/Bishkek"
languages = ["en"]
disclosure_profile = "default"

[form]
format = "xlsx"
dates = ["%d/%m/%Y"]
true = ["Yes"]
false = ["No"]
missing = ["n/a"]
separator = ";"
labels = ["en"]

[words.sex]
F = "Feminine"
M = "Masculine"
[words.vot_status]
actual = "Actual victim of trafficking"
[words.exploitation]
labour = "Forced labour"
sexual = "Sexual exploitation"
[words.identified_by]
police = "Police"

[slots.cases]
file = "*.xlsx"

[slots.cases.sheets.cases]
name = "Case Sheet"
header_rows = 2
numbering = "No."
fact = "cases"
not_collected = ["identified_on"]
generated = { case_ref = "HTCDS-0000-{row}", person_ref = "H{row}" }
ignored = [IGNORED]
[slots.cases.sheets.cases.columns]
sex = "prs_Gender / Gender"
citizenship = "prs_Citizenship / Citizenship"
vot_status = "vic_TraffickingStatus / Trafficking Status"
identified_by = "vic_TraffickinStatusDecisionMakingOrg / Trafficking Status Decision Making Organization"
exploitation = "vic_TypeOfExploitation / Type of Exploitation"
screened_on = "cas_IncomingReferralDate / Incoming Referral Date"
"""
FILLED = {
    "Gender": ("Feminine", "Masculine"),
    "Citizenship": ("Kyrgyzstan;Kazakhstan", "Tajikistan"),
    "Trafficking Status": ("Actual victim of trafficking", "Actual victim of trafficking"),
    "Trafficking Status Decision Making Organization": ("Police", None),
    "Type of Exploitation": ("Forced labour;Sexual exploitation", "Forced labour"),
    "Incoming Referral Date": ("02/10/2010", None),
}


@pytest.fixture(scope="module")
def template(real: Path) -> Path:
    files = list((real / "htcds").glob("*.xlsx"))
    if not files:
        pytest.skip("needs the published HTCDS template, which is not on this machine")
    return files[0]


def opened(template: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of drop-downs that openpyxl cannot keep
        return openpyxl.load_workbook(template)


def contract(ignored: list[str], folder: Path) -> Contract:
    path = folder / "offices" / "htcds.toml"
    path.parent.mkdir(exist_ok=True)
    named = ", ".join(f'"{header}"' for header in ignored)
    path.write_text(CONTRACT.replace("IGNORED", named), encoding="utf-8")
    contracts.cache_clear()
    try:
        return contracts(path.parent)["htcds"]
    finally:
        contracts.cache_clear()


def parsed(content: bytes, ignored: list[str], folder: Path) -> tuple[list[Finding], duckdb.DuckDBPyConnection]:
    path = folder / "template.xlsx"
    path.write_bytes(content)
    con = duckdb.connect()
    made = contract(ignored, folder)
    return list(parse(made, made.slots["cases"], WHOLE, path, con).findings), con


def saved(book: Any) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def without_persons(template: Path, folder: Path) -> tuple[Any, list[str]]:
    """The template without what its findings ask to delete, and the headers that the contract does not read."""
    found, _ = parsed(template.read_bytes(), [], folder)
    personal = {int(re.findall("[0-9]+", one.message_en)[0]) for one in found if one.rule == "personal_data_header"}
    book = opened(template)
    for name in {one.sheet for one in found if one.rule == "unknown_sheet"}:
        del book[name]
    sheet = book[SHEET]
    for position in sorted(personal, reverse=True):
        sheet.delete_cols(position)
    sheet.cell(2, 1).value = "No."
    path = folder / "emptied.xlsx"
    path.write_bytes(saved(book))
    made = contract([], folder)
    with reading(made.slots["cases"], path) as read:
        (grid,) = read.grids
        _, wrong = match(grid, made.slots["cases"].form, path.name)
    return book, [grid.headers[(one.column or 0) - 1] for one in wrong if one.rule == "unknown_header"]


def test_as_it_comes_it_asks_for_persons_and_stays_outside(template, tmp_path):
    found, con = parsed(template.read_bytes(), [], tmp_path)
    rules = [one.rule for one in found]
    assert rules.count("personal_data_header") >= 4, "two names, the day of birth, the address of electronic mail"
    assert {one.sheet for one in found if one.rule == "unknown_sheet"} == {"validation", "about"}
    assert con.execute("SELECT count(*) FROM duckdb_tables()").fetchall() == [(0,)]


def test_filled_in_without_them_it_is_read_with_the_misspelt_name_and_several_answers(template, tmp_path):
    book, ignored = without_persons(template, tmp_path)
    sheet = book[SHEET]
    labels = {sheet.cell(2, column).value: column for column in range(1, sheet.max_column + 1)}
    for label, values in FILLED.items():
        for row, value in enumerate(values, start=3):
            sheet.cell(row, labels[label]).value = value
    found, con = parsed(saved(book), ignored, tmp_path)
    assert [str(one) for one in found] == []
    rows = records(con, "cases")[:2]
    assert [(row["sex"], row["citizenship"], row["exploitation"], row["identified_by"]) for row in rows] == [
        ("F", ["KG", "KZ"], ["labour", "sexual"], "police"), ("M", ["TJ"], ["labour"], None),
    ]  # fmt: skip
    assert rows[0]["screened_on"].isoformat() == "2010-10-02"
    assert MISSPELT not in ignored


def test_its_hidden_header_row_is_no_hidden_row_of_the_table(template, tmp_path):
    found, _ = parsed(template.read_bytes(), [], tmp_path)
    assert "hidden_rows" not in [one.rule for one in found]
    assert opened(template)[SHEET].row_dimensions[1].hidden
