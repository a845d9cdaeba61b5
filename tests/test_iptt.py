"""The donor workbook says what the edition says: read back cell by cell, in both languages, to the last byte."""

from __future__ import annotations

import hashlib
import io
import math
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.progress import progress
from reports import format as form
from reports.deviation import deviations
from reports.donor_figures import ReportError
from reports.donors import profiles
from reports.edition import FILE_NAME, REGION, SHOWN, SUPPRESSED, Edition, open_edition
from reports.iptt import CHECK, FAMILY, PART, Iptt, iptt, sums
from reports.iptt_sheet import DATA, FIRST, _code_width, first_block
from reports.layout import layout_of
from reports.sheets import (
    MONO,
    Number,
    Text,
    figure,
    measured,
    number_format,
    plain,
    safe,
    share,
    text_lines,
)  # fmt: skip
from reports.words import why_counted, words
from reports.workbook import export, reportable
from tests.donor_files import displayed as displayed_as
from tests.donor_files import sheet_of
from tests.sample_edition import make_edition

REPOSITORY = Path(__file__).resolve().parent.parent
LANGUAGES = ("en", "ru")
USAID = profiles()["usaid"]
TABLE = USAID.tables[0]
FIRST_BLOCK = first_block(layout_of(USAID))
COVER, DEVIATION, RESTATEMENTS, SUPPRESSION, QUALITY = 0, 2, 3, 4, 6  # sheets by position


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_edition(tmp_path_factory.mktemp("editions"))


@pytest.fixture(scope="module")
def edition(made: Path) -> Iterator[Edition]:
    found = open_edition(made)
    yield found


@pytest.fixture
def changed(made: Path, tmp_path: Path) -> Iterator[Callable[..., Edition]]:
    """The hand-made edition with some of its rows changed: a function of SQL statements."""
    editions: list[Edition] = []

    def change(*statements: str) -> Edition:
        copy = tmp_path / made.name
        copy.mkdir()
        shutil.copyfile(made / FILE_NAME, copy / FILE_NAME)
        with duckdb.connect(str(copy / FILE_NAME)) as con:
            for statement in statements:
                con.execute(statement)
        editions.append(open_edition(copy))
        return editions[-1]

    yield change
    for found in editions:
        found.connection.close()


@pytest.fixture(scope="module")
def files(edition: Edition) -> dict[str, bytes]:
    return {language: export(edition, USAID, language) for language in LANGUAGES}


@pytest.fixture(scope="module")
def table(edition: Edition) -> Iptt:
    return iptt(edition, USAID, TABLE)


@cache
def book(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data))


def texts(data: bytes) -> dict[str, str]:
    """Every part of the file as text."""
    parts = zipfile.ZipFile(io.BytesIO(data))
    return {name: parts.read(name).decode("utf-8") for name in parts.namelist()}


def cells(data: bytes, table: Iptt, column: str) -> dict[tuple[str, ...], Any]:
    """Cells of one kind of column by indicator, breakdown, category, place, calendar and period.

    Rows are known by their hidden columns, blocks by their order.
    """
    sheet = sheet_of(book(data), table.table)
    numbers = [
        (first + block.columns.index(column), block)
        for first, block in zip(starts(table), table.blocks, strict=True)
        if column in block.columns
    ]
    return {
        (row[0].value, row[2].value, row[3].value, row[1].value, block.calendar, block.period): row[number]
        for row, line in zip(
            sheet.iter_rows(min_row=DATA + 1, max_row=DATA + len(table.lines)), table.lines, strict=True
        )
        if line.kind not in (FAMILY, CHECK)
        for number, block in numbers
    }


def starts(table: Iptt) -> list[int]:
    return [FIRST_BLOCK + sum(len(block.columns) for block in table.blocks[:n]) for n in range(len(table.blocks))]


def published(edition: Edition, table: Iptt) -> dict[tuple[str, ...], dict[str, Any]]:
    """Every figure of the table's windows, straight from the edition."""
    windows = {(block.calendar, block.period) for block in table.blocks}
    rows = edition.rows(
        "SELECT * FROM figures WHERE breakdown = 'total' OR list_contains(?, breakdown)", [list(TABLE.breakdowns)]
    )
    names = ("indicator", "breakdown", "category", "place", "calendar", "period")
    return {tuple(row[n] for n in names): row for row in rows if (row["calendar"], row["period"]) in windows}


def exact(row: dict[str, Any]) -> Fraction:
    return Fraction(row["numerator"]) / Fraction(row["denominator"]) if row["denominator"] else Fraction(row["value"])


def stored(number: Number) -> float:
    """The number as the file holds it: in 16 significant digits."""
    return float(f"{plain(number):.16G}")


# What the edition says, and nothing else


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_of_the_edition_is_in_the_table_and_every_number_is_one(edition, files, table, language):
    actual = cells(files[language], table, "actual")
    figures = published(edition, table)
    shown = {key: exact(row) for key, row in figures.items() if row["status"] == SHOWN}
    assert len(shown) > 150
    written = {key: cell.value for key, cell in actual.items() if cell.data_type == "n" and cell.value is not None}
    assert written == {key: pytest.approx(float(value), rel=1e-14) for key, value in shown.items()}
    assert all(math.isclose(shown[key], figures[key]["value"], abs_tol=5e-7) for key in shown)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_not_shown_says_why_in_the_words_of_the_edition(edition, files, table, language):
    actual, labels = cells(files[language], table, "actual"), edition.labels(language)
    hidden = {key: row["status"] for key, row in published(edition, table).items() if row["status"] != SHOWN}
    assert {key: actual[key].value for key in hidden} == {
        key: labels["status", status] for key, status in hidden.items()
    }
    explained = {row[0].value for row in book(files[language]).worksheets[SUPPRESSION].iter_rows()}
    assert {labels["status", status] for status in hidden.values()} <= explained


@pytest.mark.parametrize("language", LANGUAGES)
def test_targets_are_those_of_the_donors_projects(edition, files, table, language):
    written = {
        key: cell.value for key, cell in cells(files[language], table, "target").items() if cell.data_type == "n"
    }
    windows = {(block.calendar, block.period) for block in table.blocks}
    promised = {
        (row["indicator"], "total", "total", row["place"], row["calendar"], row["period"]): float(row["target"])
        for row in edition.rows("SELECT * FROM targets")
        if (row["calendar"], row["period"]) in windows
    }
    assert {key: value for key, value in written.items() if value is not None} == promised
    assert len(promised) > 100


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_share_met_is_that_of_the_one_function(edition, files, table, language):
    met, figures = cells(files[language], table, "percent"), published(edition, table)
    promised: dict[tuple[str, ...], Any] = {
        (r["indicator"], r["place"], r["calendar"], r["period"]): r for r in edition.rows("SELECT * FROM targets")
    }
    seen = set()
    for key, cell in met.items():
        goal, row = promised.get(key[:1] + key[3:]), figures.get(key)
        if cell.data_type != "n" or cell.value is None:
            assert key[1] != "total" or goal is None or row is None or row["status"] != SHOWN, key
            continue
        assert goal and row
        direction = table.indicators[key[0]]["direction"]
        made = progress(row["value"], goal["target"], goal["baseline"], direction)
        wanted = made.of_change if direction == "down" else made.of_target
        assert wanted is not None and cell.value == pytest.approx(float(wanted), abs=1e-5)
        assert cell.number_format.rstrip('"*').endswith("%")
        seen.add(direction)
    assert seen == {"up", "down"}


def test_nought_of_fifty_is_nought_per_cent(files, table):
    met = cells(files["en"], table, "percent")["T02", "total", "total", "TJ", "quarter", "2010-Q4"]
    assert (met.value, met.number_format) == (0, "#,##0%")


def test_61250_of_50000_is_123_per_cent_and_80_per_cent_is_not_8000(files, table):
    met = cells(files["en"], table, "percent")
    assert met["C02", "total", "total", "KZ", "quarter", "2010-Q4"].value == pytest.approx(1.225)
    assert met["P01", "total", "total", "TJ", "quarter", "2010-Q3"].value == 0.8
    assert max(cell.value for cell in met.values() if cell.data_type == "n" and cell.value is not None) < 10


@pytest.mark.parametrize("language", LANGUAGES)
def test_counts_are_integers_and_shares_fractions(files, table, language):
    for key, cell in cells(files[language], table, "actual").items():
        if cell.data_type == "n" and cell.value is not None:
            if table.indicators[key[0]]["unit"] == "percent":
                assert 0 <= cell.value <= 1 and "0.0" in cell.number_format
            else:
                assert isinstance(cell.value, int) and "." not in cell.number_format


@pytest.mark.parametrize("column", ["actual", "percent"])
def test_numbers_that_lack_an_office_carry_an_asterisk(edition, files, table, column):
    found, figures = cells(files["en"], table, column), published(edition, table)
    numbers = {key for key, cell in found.items() if cell.data_type == "n" and cell.value is not None}
    lacking = {key for key in numbers if figures[key]["offices_reported"] < figures[key]["offices_expected"]}
    assert {key for key in numbers if "*" in found[key].number_format} == lacking != set()


def test_persons_of_a_year_are_not_the_sum_of_its_quarters(table):
    """The life of the project counts who came back once; the table shows that number, not a sum."""
    life = [
        e.figure.value
        for line in table.lines
        for e in line.entries[-1:]
        if (line.indicator, line.place) == ("P01", "KZ")
    ]
    assert life[0] == 41 + 48 - 2


# Protection


def test_a_hidden_number_is_nowhere_in_the_file(changed):
    """Even if an edition held the numbers of hidden figures, or counts of rows about persons, none may get out."""
    marked = changed(
        f"UPDATE figures SET value = 987654, numerator = 987654, denominator = 1 WHERE status = '{SUPPRESSED}'",
        "UPDATE inputs SET file_name = 'Secret Name.csv'",
    )
    for language in LANGUAGES:
        everything = "\n".join(texts(export(marked, USAID, language)).values())
        planted = ("987654", "0.987654", "Secret Name")
        assert [number for number in planted if number in everything] == []


def test_no_share_or_deviation_is_given_of_a_hidden_number(edition, files, table):
    hidden = {key for key, row in published(edition, table).items() if row["status"] == SUPPRESSED}
    for column in ("percent", "state"):
        found = cells(files["en"], table, column)
        assert {found[key].value for key in hidden if key in found and key[1] == "total"} == {"–"}
    prompted = {(d.line.indicator, d.line.place, d.block.calendar, d.block.period) for d in deviations(USAID, table)}
    assert prompted & {(key[0], *key[3:]) for key in hidden} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_an_earlier_table_said_otherwise_is_listed_the_newest_first(edition, files, language):
    sheet = book(files[language]).worksheets[RESTATEMENTS]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=5) if row[0].value]
    labels, said = edition.labels(language), words(language)
    shown = [row for row in edition.rows("SELECT * FROM restatements") if row["indicator"] in ("P01", "T01")]
    assert len(rows) == len(shown) == 5
    assert [row[8] for row in rows] == [edition.edition_id] * 4 + ["2010-Q4-0b5d2c66"]
    corrected, late, protected, part, before = rows
    assert corrected[4:7] == [41, 46, labels["cause", "correction"]]
    assert corrected[7] == f"{labels['officer_reason', 'office_correction']}: Пять случаев не были учтены."
    assert late[4:7] == [said["mark.not_reported"], 9, labels["cause", "late_data"]]
    assert protected[4:7] == [8, said["mark.suppressed"], labels["cause", "protection"]]
    assert part[3:6] == [f"{labels['breakdown', 'sex']}: {labels['sex', 'F']}", said["mark.absent"], 30]
    assert before[4:6] == [11, 12]


@pytest.mark.parametrize("statement", ["DELETE FROM restatements", "DROP TABLE restatements"])
def test_without_restatements_the_sheet_says_so(changed, statement):
    sheet = book(export(changed(statement), USAID, "en")).worksheets[RESTATEMENTS]
    assert sheet["A2"].value == words("en")["restatements.none"]


def test_whoever_is_missing_is_told_on_the_cover_and_missing_is_not_nought(files, table):
    cover = [[cell.value for cell in row] for row in book(files["en"]).worksheets[COVER].iter_rows()]
    assert ["Dushanbe office", "Cases", "reported", "missing"] in [row[:4] for row in cover]
    assert ["Exports that have come", "29 of 30"] in [row[:2] for row in cover]
    assert (
        cells(files["en"], table, "actual")["P01", "total", "total", "TJ", "quarter", "2010-Q4"].value == "not reported"
    )


def test_a_disaggregation_that_is_not_published_is_named(files):
    note = [row[0].value for row in book(files["en"]).worksheets[SUPPRESSION].iter_rows()]
    assert "P01 Victims of trafficking identified" in note


# Parts and wholes


def test_parts_add_up_where_nothing_is_hidden(edition, table):
    figures = published(edition, table)
    checked = 0
    for (indicator, breakdown, _, *where), row in figures.items():
        if breakdown == "total" or row["category"] != "F":
            continue
        parts = [r for key, r in figures.items() if key[:2] == (indicator, breakdown) and list(key[3:]) == where]
        if all(part["status"] == SHOWN for part in parts):
            checked += 1
            assert sum(part["value"] for part in parts) == figures[indicator, "total", "total", *where]["value"]
    assert sums([table]) == [True] * checked and checked > 10


def test_a_sum_that_does_not_add_up_is_seen(changed):
    wrong = changed("UPDATE figures SET value = value + 1 WHERE breakdown = 'sex' AND place = 'KZ' AND category = 'F'")
    found = iptt(wrong, USAID, TABLE)
    assert not any(good for line in found.lines if line.kind == CHECK and line.place == "KZ" for good in line.sums)
    shown = {cell.value for row in book(export(wrong, USAID, "en"))["IPTT"].iter_rows() for cell in row}
    assert "≠" in shown


# Deviation narrative


def test_over_and_under_are_both_to_be_explained(edition, table):
    """Against the rule worked out again: the printed whole per cent is more than 10 away from 100."""
    figures, wanted = published(edition, table), {}
    latest = [b for b in table.blocks if b.period == "2010-Q4" and b.calendar != "fiscal_year_to_date"]
    for row in edition.rows("SELECT * FROM targets WHERE period = '2010-Q4'"):
        found = figures.get((row["indicator"], "total", "total", row["place"], row["calendar"], "2010-Q4"))
        if not found or found["status"] != SHOWN or row["calendar"] not in [b.calendar for b in latest]:
            continue
        actual, target, baseline = exact(found), Fraction(row["target"]), Fraction(row["baseline"])
        down = table.indicators[row["indicator"]]["direction"] == "down"
        met = (actual - baseline) / (target - baseline) if down else actual / target
        printed = math.floor(met * 100 + Fraction(1, 2))
        if abs(printed - 100) > 10:
            wanted[row["indicator"], row["place"], row["calendar"]] = "over" if printed > 100 else "under"
    prompts = {(d.line.indicator, d.line.place, d.block.calendar): d.side for d in deviations(USAID, table)}
    assert prompts == wanted
    assert set(wanted.values()) == {"over", "under"}


def test_every_prompt_is_a_line_with_room_to_write(files, table):
    sheet = book(files["en"]).worksheets[DEVIATION]
    lines = [row for row in sheet.iter_rows(min_row=5) if row[0].value]
    assert len(lines) == len(list(deviations(USAID, table)))
    assert all(cell.value is None and cell.fill.fgColor.rgb == "FFFFF8D6" for row in lines for cell in row[9:11])


def test_nothing_to_explain_is_said(changed):
    calm = changed("DELETE FROM targets")
    shown = [row[0].value for row in book(export(calm, USAID, "en")).worksheets[DEVIATION].iter_rows()]
    assert words("en")["deviation.none"] in shown


# The file


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_edition_gives_the_same_bytes(edition, files, language):
    assert export(edition, USAID, language) == files[language]


def test_another_process_gives_the_same_bytes(edition, files):
    """Nothing depends on the order of a set or the time of day."""
    program = (
        "import hashlib, sys; from pathlib import Path\n"
        "from reports.donors import profiles; from reports.edition import open_edition\n"
        "from reports.workbook import export\n"
        "data = export(open_edition(Path(sys.argv[1])), profiles()['usaid'], 'ru')\n"
        "print(hashlib.sha256(data).hexdigest())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(edition.path.parent)],
        cwd=REPOSITORY,
        env={"PYTHONHASHSEED": "7", "TZ": "Asia/Almaty"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == hashlib.sha256(files["ru"]).hexdigest()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_formula_macro_link_or_comment(files, language):
    parts = texts(files[language])
    assert [name for name in parts if re.search(r"vba|external|comment|drawing|hyperlink|media", name, re.I)] == []
    for name, text in parts.items():
        assert not re.search(r"<f[ >]|<hyperlink|TargetMode|DDE", text), name


def test_a_text_can_not_start_a_formula(changed):
    nasty = changed(
        "UPDATE indicators SET title_en = '=HYPERLINK(\"http://x\")' WHERE indicator = 'T01'",
        "UPDATE indicators SET definition_en = '@SUM(A1)', numerator = '-1+1' WHERE indicator = 'T01'",
        "UPDATE labels SET en = '+cmd' WHERE list = 'place' AND code = 'KZ'",
    )
    found = book(export(nasty, USAID, "en"))
    strings = [cell for sheet in found for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert [cell.value for cell in strings if cell.value.startswith(("=", "+", "-", "@"))] == []
    assert {"'+cmd", "'@SUM(A1)", "'-1+1", '\'=HYPERLINK("http://x")'} <= {
        cell.value.split("\n")[0] for cell in strings
    }
    assert {cell.data_type for cell in strings} == {"s"}


@given(st.text(max_size=40))
def test_safe_text_is_the_text_unless_it_could_start_a_formula(text):
    assert safe(text)[:1] not in ("=", "+", "-", "@", "\t", "\r") or not text
    assert safe(text) in (text, f"'{text}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sheets(edition, files, language):
    names = [
        words(language)[f"sheet.{key}"]
        for key in ("cover", "deviation", "restatements", "suppression", "pirs", "quality", "about")
    ]
    found = book(files[language])
    assert found.sheetnames == [names[0], "IPTT", *names[1:]]
    assert found.properties.created.date() == edition.about()["data_until"]
    assert all(sheet.max_row > 1 for sheet in found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_reference_sheets_say_why_in_the_language_of_the_workbook(edition, files, language):
    sheet = book(files[language])[words(language)["sheet.pirs"]]
    said = [row[1] for row in sheet.iter_rows(values_only=True) if row[0] == words(language)["pirs.why"]]
    (about, *_) = edition.rows("SELECT why, why_ru FROM indicators LIMIT 1")
    assert said and set(said) == {about["why" if language == "en" else "why_ru"]}


def test_an_edition_without_russian_reasons_gives_none():
    assert why_counted({"why": "It counts."}, "en") == "It counts."
    assert why_counted({"why": "It counts."}, "ru") == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_is_set_up_for_reading_printing_and_machines(files, table, language):
    found = book(files[language])
    sheet = found["IPTT"]
    assert [sheet.cell(DATA, column).value for column in range(1, FIRST + 1)] == [
        "indicator",
        "place",
        "breakdown",
        "category",
    ]
    assert sheet.column_dimensions["A"].hidden and sheet.freeze_panes == "G7"
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)
    assert sheet.print_title_rows == "$4:$6"
    assert found.defined_names["data_iptt"].attr_text.startswith("'IPTT'!$A$6:")
    ((sheet_name, cell),) = found.defined_names["edition_id"].destinations
    assert found[sheet_name][cell].value == "2010-Q4-3f9c1e7a"
    # LibreOffice takes the flag on a summary row above its group for the end of the group before, and hid countries.
    assert "collapsed=" not in "".join(texts(files[language]).values())
    for row, line in enumerate(table.lines, DATA + 1):
        dimension = sheet.row_dimensions[row]
        assert (dimension.outlineLevel or 0, bool(dimension.hidden)) == (line.level, line.level == 2)


def test_the_region_comes_first_then_the_countries_each_with_its_parts(table):
    lines = [(line.indicator, line.place) for line in table.lines if line.kind not in (FAMILY, PART, CHECK)]
    assert [place for code, place in lines if code == "P01"] == [REGION, "KZ", "KG", "TJ", "TM", "UZ"]
    parts = [(line.place, line.category) for line in table.lines if line.kind == PART]
    assert parts[:2] == [("KZ", "F"), ("KZ", "M")]


def test_periods_are_called_as_the_donor_calls_them(files):
    heads = [cell.value for cell in book(files["en"])["IPTT"][4] if cell.value]
    assert heads[-5:] == [
        "FY2010 Q4",
        "FY2010 to the end of Q4",
        "FY2011 Q1",
        "FY2011 to the end of Q1",
        "Life of project to date",
    ]


def test_a_planned_quarter_is_shown_before_it_is_over(changed):
    ahead = changed("INSERT INTO targets VALUES ('demo', 'T01', 'quarter', '2011-Q2', 'KZ', 0, 9, '')")
    blocks = [(block.kind, block.period) for block in iptt(ahead, USAID, TABLE).blocks]
    assert blocks[2:5] == [("quarter", "2010-Q4"), ("quarter", "2011-Q2"), ("year", "2010-Q4")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_wrapped_text_is_cut_off(files, language):
    """A lower bound on the lines a text needs: Arial letters are on average no narrower than 0.72 digits."""
    for sheet in book(files[language]):
        merged = {r.coord.split(":")[0]: r for r in sheet.merged_cells.ranges}
        for row in sheet.iter_rows():
            for cell in row:
                if not isinstance(cell.value, str) or not cell.alignment.wrap_text:
                    continue
                area = merged.get(cell.coordinate)
                columns = [c[1] for c in area.left] and range(area.min_col, area.max_col + 1) if area else [cell.column]
                rows = range(area.min_row, area.max_row + 1) if area else [cell.row]
                width = sum(sheet.column_dimensions[openpyxl.utils.get_column_letter(n)].width for n in columns)
                height = sum(sheet.row_dimensions[n].height or 15 for n in rows)
                size = cell.font.sz / 10
                lines = sum(max(1, math.ceil(len(line) * 0.72 * size / width)) for line in cell.value.split("\n"))
                assert height >= lines * 11.5 * size, (sheet.title, cell.coordinate, cell.value)


def test_every_word_of_the_russian_workbook_is_russian(files):
    """Latin letters only in codes, hashes and names that have no other form."""
    allowed = r"P?IPTT|PIRS|USAID|DNA|DuckDB|SHA-256|[A-Z]\d\d|PS[\d.-]+|\d{4}-Q\d\S*|offices|threshold|[0-9a-f]{64}"
    english = {"It says whether the programme reaches people."}
    sql = re.compile(r"COUNT|SUM|regions in force")
    for sheet in book(files["ru"]):
        for row in sheet.iter_rows(min_col=FIRST + 1 if sheet.title == "IPTT" else 1):
            for cell in row:
                if isinstance(cell.value, str) and cell.value not in english and not sql.search(cell.value):
                    assert not re.search("[A-Za-z]", re.sub(allowed, "", cell.value)), (sheet.title, cell.value)


def test_the_two_languages_hold_the_same_numbers(files):
    def numbers(data: bytes) -> list[tuple[str, Any]]:
        return [
            (f"{n}!{cell.coordinate}", cell.value)
            for n, sheet in enumerate(book(data))
            for row in sheet.iter_rows()
            for cell in row
            if cell.data_type == "n" and cell.value is not None
        ]

    assert numbers(files["en"]) == numbers(files["ru"])


# How a number is shown


def displayed(number: Number, language: str) -> str:
    """A number as every spreadsheet shows what the workbook holds of it."""
    return displayed_as(stored(number), number_format(number, language))


amounts = st.one_of(
    st.decimals(min_value=-(10**7), max_value=10**7, places=3),
    st.fractions(min_value=-20, max_value=20, max_denominator=400).map(
        lambda f: Decimal(f.numerator) / Decimal(f.denominator)
    ),
)


@given(amounts, st.sampled_from(["persons", "percent", "ratio"]), st.booleans())
def test_a_figure_is_displayed_as_the_one_formatter_prints_it(value, unit, partial):
    number = figure(value, unit, partial)
    assert displayed(number, "en") == form.figure(value, unit, "en")
    russian = displayed(number, "ru").replace(",", form.NO_BREAK).replace(".", ",")
    assert russian == form.figure(value, unit, "ru")


@given(amounts)
def test_a_share_met_is_displayed_as_the_one_formatter_prints_it(value):
    assert displayed(share(value), "en") == form.percent(value, "en")


@given(amounts)
def test_a_written_number_is_the_number(value):
    assert stored(figure(value, "percent")) == pytest.approx(float(value), rel=1e-14)
    assert isinstance(plain(figure(value, "persons")), int) == (value == value.to_integral_value())


def test_a_small_loss_is_not_minus_nought():
    assert number_format(Number(Decimal("-0.004"), form.percent(Decimal("-0.004"), "en")), "en") == "#,##0%;#,##0%"


# Editions of every kind


def test_an_empty_programme_gives_a_workbook_that_says_so(changed):
    empty = changed(*(f"DELETE FROM {name}" for name in (
        "figures", "indicators", "targets", "projects", "completeness", "inputs", "checks", "policy")))  # fmt: skip
    for language in LANGUAGES:
        shown = {cell.value for row in book(export(empty, USAID, language))["IPTT"].iter_rows() for cell in row}
        assert words(language)["iptt.nothing"] in shown


def test_an_edition_of_noughts_shows_noughts(changed):
    noughts = changed(f"UPDATE figures SET value = 0, numerator = 0 WHERE status = '{SHOWN}'")
    found = iptt(noughts, USAID, TABLE)
    actual = cells(export(noughts, USAID, "en"), found, "actual")
    assert {cell.value for cell in actual.values() if cell.data_type == "n"} - {None} == {0}


def test_a_target_of_nought_has_no_share(changed):
    zero = changed("UPDATE targets SET target = 0 WHERE indicator = 'T01'")
    met = cells(export(zero, USAID, "en"), iptt(zero, USAID, TABLE), "percent")
    assert met["T01", "total", "total", "KZ", "quarter", "2010-Q4"].value == "target 0"


def test_two_projects_with_a_target_for_the_same_cell_are_refused(changed):
    both = changed(
        "INSERT INTO projects SELECT 'second', title_en, title_ru, donors, start_on, end_on, note FROM projects",
        "INSERT INTO targets SELECT 'second', * EXCLUDE project FROM targets WHERE project = 'demo'",
    )
    with pytest.raises(ReportError, match=r"name the one that is meant in usaid\.toml: projects"):
        export(both, USAID, "en")


def test_targets_of_another_donor_are_not_shown(changed):
    other = changed("UPDATE projects SET donors = ['norway']")
    found = iptt(other, USAID, TABLE)
    assert set(found.indicators) == {"P01", "T02"}, "only what has a number of USAID"
    assert {entry.target for line in found.lines for entry in line.entries} == {None}


def test_a_source_without_quarters_has_no_donor_table(changed, edition):
    source = changed("UPDATE edition SET period = 'all', data_until = NULL, source = 'ctdc'")
    assert reportable(edition) and not reportable(source)
    with pytest.raises(ReportError, match="has no quarters"):
        export(source, USAID, "en")


def test_an_unknown_language_is_refused(edition):
    with pytest.raises(ReportError, match="there is no language 'kk'; there are en, ru"):
        export(edition, USAID, "kk")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_project_that_began_later_than_the_first_has_its_own_life_and_the_words_of_any_other(changed, language):
    """Its life is a calendar of its own, which no list of words can know."""
    later = changed(
        "UPDATE projects SET start_on = DATE '2010-10-01'",
        "INSERT INTO periods SELECT * REPLACE ('project_life_2010-Q4' AS calendar, DATE '2010-10-01' AS start_on)"
        " FROM periods WHERE calendar = 'project_life' AND period = '2010-Q4'",
        "INSERT INTO figures SELECT * REPLACE ('project_life_2010-Q4' AS calendar) FROM figures"
        " WHERE calendar = 'quarter' AND period = '2010-Q4'",
    )
    life = iptt(later, USAID, TABLE)
    found = cells(export(later, USAID, language), life, "actual")
    assert found["P01", "total", "total", "KZ", "project_life_2010-Q4", "2010-Q4"].value == 48
    headers = {cell.value for row in book(export(later, USAID, language))["IPTT"].iter_rows() for cell in row}
    assert words(language)["block.project_life"] in headers


@given(st.text("COUNT(*) 'm12'_", min_size=1, max_size=400), st.floats(20, 90))
def test_a_formula_in_letters_of_one_width_has_room_for_each_of_them(text, width):
    """Each of its letters takes 0.6 of its height, a digit of the other font 0.556: words do not matter."""
    size = 9
    lines = text_lines(*measured(Text(text, {"font_name": MONO, "font_size": size}), width))
    letters_of_a_line = width * 10 * 0.556 / (size * 0.6)
    longest = max(len(word) for word in text.split(" "))
    assert lines * letters_of_a_line >= len(text.strip()) or longest > letters_of_a_line


def test_every_code_stands_in_one_line():
    assert _code_width(["P01"]) == 6
    assert text_lines("N07_OUT", _code_width(["P01", "N07_OUT"]), bold=True) == 1
