"""Every layout draws the same table: each number and word that is written is read back and is the edition's."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import reports.layouts
from indicators.facts import LANGUAGES
from reports.as_of import as_of
from reports.deviation import deviations
from reports.donor_periods import latest
from reports.donors import DonorProfile, DonorTable, profiles
from reports.edition import SHOWN, Edition
from reports.iptt import CHECK, DNA, FAMILY, Iptt, iptt
from reports.iptt_sheet import DATA, FIRST, first_block
from reports.layout import layout_of, layouts
from reports.words import words
from reports.workbook import export
from tests.donor_files import edition_with, sheet_of

USAID = profiles()["usaid"]
# Each donor as it is, and the widest table in every layout.
DONORS = {
    **profiles(),
    **{f"usaid as {name}": replace(USAID, layout=name) for name in layouts() if name != USAID.layout},
}
# Codes and names that have no other form, and what the hand-made edition says in English only.
LATIN = (
    r"IPTT|SF-PPR-A|PIRS|USAID|INL|DNA|DuckDB|SHA-256|[A-Z]\d\d|PS[\d.-]+|\d{4}-Q\d\S*|offices|threshold|[0-9a-f]{64}"
    r"|survey|donor and programme manager"
)
FOUND, HELD = ("Victims are found", "Жертв находят"), ("Events are held", "Мероприятия проводятся")
OBJECTIVES = {"P01": FOUND, "R09": FOUND, "T01": HELD}
CHANGE = """INSERT INTO target_changes VALUES ('demo', DATE '2010-08-02', 'P01', 'quarter', '2010-Q4', 'KZ', 50, 45,
  '=One office fewer', '=Одним офисом меньше', 'donor and programme manager')"""
REASON = "INSERT INTO no_targets VALUES ('demo', 'P01', 'quarter', '2011-Q1', 'KZ', 'Not agreed.', 'Не согласовано.')"


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edition]:
    opened = edition_with(tmp_path_factory.mktemp("editions"), CHANGE, REASON)
    yield opened
    opened.connection.close()


def as_reported(edition: Edition, donor: DonorProfile) -> Edition:
    quarter = latest(edition, donor)
    assert quarter is not None
    return as_of(edition, quarter)


@cache
def drawn(edition: Edition, name: str, language: str) -> Any:
    donor = DONORS[name]
    return openpyxl.load_workbook(io.BytesIO(export(as_reported(edition, donor), donor, language)))


def table_of(edition: Edition, donor: DonorProfile, table: DonorTable) -> Iptt:
    return iptt(as_reported(edition, donor), donor, table, layout_of(donor).marks_dna)


def rows_of(book: Any, donor: DonorProfile, table: Iptt) -> Iterator[tuple[Any, dict[tuple[str, str, str], Any]]]:
    """Each line of a table with its cells, by calendar, period and column."""
    sheet, first = sheet_of(book, table.table), first_block(layout_of(donor))
    columns = [(b.calendar, b.period, column) for b in table.blocks for column in b.columns]
    rows = sheet.iter_rows(min_row=DATA + 1, max_row=DATA + len(table.lines))
    for line, row in zip(table.lines, rows, strict=True):
        yield line, dict(zip(columns, row[first : first + len(columns)], strict=True))


def test_a_layout_is_a_module_of_the_folder():
    stems = {path.stem for path in Path(reports.layouts.__path__[0]).glob("*.py")} - {"__init__"}
    assert set(layouts()) == stems >= {profile.layout for profile in profiles().values()}


@pytest.mark.parametrize("name", DONORS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cell_that_is_written_is_the_editions(edition, name, language):
    donor = DONORS[name]
    book, known = drawn(edition, name, language), as_reported(edition, donor)
    names = ("indicator", "place", "breakdown", "category", "calendar", "period")
    figures = {tuple(row[n] for n in names): row for row in known.rows("FROM figures")}
    projects = [p["project"] for p in known.rows("FROM projects") if donor.donor.casefold() in p["donors"]]
    promised = {
        tuple(row[n] for n in ("indicator", "place", "calendar", "period")): row["target"]
        for row in known.rows("SELECT * FROM targets WHERE list_contains(?, project)", [projects])
    }
    labels, seen = known.labels(language), 0
    for table in donor.tables:
        for line, cells in rows_of(book, donor, table_of(edition, donor, table)):
            if line.kind in (FAMILY, CHECK):
                continue
            for (calendar, period, column), cell in cells.items():
                figure = figures.get((line.indicator, line.place, line.breakdown, line.category, calendar, period))
                if column == "actual" and figure and figure["status"] == SHOWN:
                    assert cell.value == pytest.approx(float(figure["value"]), abs=5e-7), (line, cell.coordinate)
                    seen += 1
                elif column == "actual" and figure:
                    assert cell.value == labels["status", figure["status"]]
                elif column == "actual":
                    assert cell.value in ("–", "DNA")
                elif column == "target" and line.breakdown == "total":
                    target = promised.get((line.indicator, line.place, calendar, period))
                    assert cell.value == ("–" if target is None else pytest.approx(float(target)))
    assert seen >= len(donor.tables), "nothing was read"  # a donor may have one short table


@pytest.mark.parametrize("name", DONORS)
def test_a_check_stands_under_every_table(edition, name):
    donor = DONORS[name]
    book = drawn(edition, name, "en")
    for table in donor.tables:
        lines = len(table_of(edition, donor, table).lines)
        foot = sheet_of(book, table).cell(DATA + max(lines, 1) + 1, FIRST + 1).value
        assert foot.startswith("Check: ") and foot.endswith("add up to their whole.")


@pytest.mark.parametrize("name", DONORS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_cover_names_every_sheet(edition, name, language):
    book = drawn(edition, name, language)
    cover = {row[0].value for row in book.worksheets[0].iter_rows()}
    assert set(book.sheetnames[1:]) <= cover
    extra = [words(language)[f"sheet.{key}"] for key in layout_of(DONORS[name]).sheets]
    after = 1 + len(DONORS[name].tables)
    assert book.sheetnames[after : after + len(extra)] == extra


def test_food_aid_marks_disaggregates_that_are_not_available(edition):
    donor = DONORS["usaid as food_aid"]
    table = table_of(edition, donor, donor.tables[0])
    book = drawn(edition, "usaid as food_aid", "en")
    marked = [(line, cells) for line, cells in rows_of(book, donor, table) if line.category == DNA]
    assert {(line.indicator, line.breakdown) for line, _ in marked} == {
        (indicator, breakdown) for indicator, breakdown, _ in table.unpublished
    }
    assert {cell.value for _, cells in marked for key, cell in cells.items() if key[2] == "actual"} == {"DNA"}
    assert not any(line.category == DNA for line in iptt(edition, USAID, USAID.tables[0]).lines)


@pytest.mark.parametrize(("language", "reason"), [("en", "'=One office fewer"), ("ru", "'=Одним офисом меньше")])
def test_food_aid_says_where_base_values_and_targets_come_from(edition, language, reason):
    book = drawn(edition, "usaid as food_aid", language)
    base = [[cell.value for cell in row] for row in book[words(language)["sheet.base_value"]].iter_rows(min_row=5)]
    measured = {(row[0], row[3]): row[5] for row in base}
    assert measured["R09", 0.4] == "survey" and measured["T01", "–"]
    comments = [[c.value for c in row] for row in book[words(language)["sheet.target_comment"]].iter_rows(min_row=5)]
    assert [row[4:8] for row in comments if row[4] == 50] == [[50, 45, comments[0][6], reason]]
    assert len(comments) == 2, "the change, and the quarter without a target"


@pytest.mark.parametrize("language", LANGUAGES)
def test_ppr_has_objective_target_year_and_the_explanation_in_its_line(edition, language):
    donor = DONORS["usaid as ppr"]
    table = table_of(edition, donor, donor.tables[0])
    book, columns = drawn(edition, "usaid as ppr", language), layout_of(donor).columns
    sheet = sheet_of(book, table.table)
    asked = {found.line for found in deviations(donor, table)}
    yellow = set()
    for line, row in zip(table.lines, sheet.iter_rows(min_row=DATA + 1), strict=False):
        cells = dict(zip(columns, row[FIRST:], strict=False))
        if line.kind == "indicator":
            assert cells["target_year"].value == {"en": "FY2012", "ru": "ФГ2012"}[language]
            said = OBJECTIVES.get(line.indicator, ("", ""))[LANGUAGES.index(language)]
            assert (cells["objective"].value or "") == said
        if row[-1].fill.fgColor.rgb == "FFFFF8D6":
            assert row[-1].value is None
            yellow.add(line)
    assert yellow == asked != set()
    assert words(language)["sheet.deviation"] not in book.sheetnames


@pytest.mark.parametrize("name", DONORS)
def test_every_word_of_the_russian_workbook_is_russian(edition, name):
    skipped = {"It says whether the programme reaches people."}
    sql = re.compile(r"COUNT|SUM|regions in force")
    tables = {table.sheet["ru"] for table in DONORS[name].tables}
    for sheet in drawn(edition, name, "ru"):
        for row in sheet.iter_rows(min_col=FIRST + 1 if sheet.title in tables else 1):
            for cell in row:
                if isinstance(cell.value, str) and cell.value not in skipped and not sql.search(cell.value):
                    assert not re.search("[A-Za-z]", re.sub(LATIN, "", cell.value)), (sheet.title, cell.value)
