"""Blank forms: empty they are a quarter without records, filled in they are read as what was filled in."""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from openpyxl.utils import range_boundaries
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from indicators.calendars import Quarter
from indicators.facts import codelists, facts
from pipelines.asks import Ask, Asking, like
from pipelines.cells import understood
from pipelines.cli import main
from pipelines.contracts import contracts, recognise
from pipelines.demo import sample_records
from pipelines.forms import CSV, GUIDE_SHEET, LISTS_SHEET, OWN_SHEETS, Contract, Sheet, Slot
from pipelines.layout import layout
from pipelines.parse import parse, records
from pipelines.render import written
from pipelines.template_guide import guide_texts
from pipelines.templates import DATA_SHEET, ROWS, file_name, template, templates
from tests.office_records import in_order, period_of, slot_records

OFFICES = [contract for contract in contracts().values() if contract.first_period]
# A quarter of the sample, one in which the regions of Kazakhstan were reformed, and one of today.
PERIODS = ("2010-Q4", "2022-Q2", "2026-Q4")
FORMS = [
    (contract, slot, period) for contract in OFFICES for period in PERIODS
    for slot in contract.slots_at(period).values()
]  # fmt: skip
SLOTS = [(contract, slot) for contract in OFFICES for slot in contract.slots.values()]
SAMPLE = sample_records()
CON = duckdb.connect()


def named(value: Contract | Slot | str) -> str:
    return value.office if isinstance(value, Contract) else value.name if isinstance(value, Slot) else value


over_forms = pytest.mark.parametrize(("contract", "slot", "period"), FORMS, ids=named)


@cache
def blank(office: str, slot: str, period: str) -> bytes:
    contract = contracts()[office]
    return template(contract, contract.slots_at(period)[slot], period)


def book_of(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


@cache
def blank_book(office: str, slot: str, period: str) -> openpyxl.Workbook:
    """The blank form to look at; nobody writes into it."""
    return book_of(blank(office, slot, period))


def page_of(book: openpyxl.Workbook, sheet: Sheet) -> Worksheet:
    return book[sheet.name or DATA_SHEET]


def asks_of(contract: Contract, slot: Slot, period: str) -> Iterator[tuple[Sheet, int, Ask]]:
    """Every column of every sheet with its place from 1."""
    asking = Asking(contract, slot.form, period)
    for sheet in slot.sheets:
        for number, place in enumerate(layout(sheet), start=1):
            yield sheet, number, asking.ask(sheet, place)


def check_over(page: Worksheet, row: int, column: int) -> DataValidation:
    """The check over a cell; there is exactly one."""
    (found,) = [
        check
        for check in page.data_validations.dataValidation
        for box in (range_boundaries(str(one)) for one in check.sqref.ranges)
        if box[0] <= column <= box[2] and box[1] <= row <= box[3]
    ]
    return found


def is_locked(page: Worksheet, row: int, column: int) -> bool:
    """As Excel sees a cell: by its own format, or that of its column where the file does not have the cell."""
    if (row, column) in page._cells:
        return bool(page.cell(row, column).protection.locked)
    for dimension in page.column_dimensions.values():
        if dimension.min is not None and dimension.min <= column <= dimension.max:
            return bool(dimension.protection.locked)
    return True


def listed(book: openpyxl.Workbook, formula: str) -> list[str]:
    """The words to which a drop-down points."""
    match = re.fullmatch(rf"'?{re.escape(LISTS_SHEET)}'?!(\$[A-Z]+\$[0-9]+:\$[A-Z]+\$[0-9]+)", formula)
    assert match, formula
    return [cell.value for (cell,) in book[LISTS_SHEET][match[1].replace("$", "")]]


def filled(content: bytes, slot: Slot, period: str, sent: Mapping[str, Any]) -> bytes:
    """The form with the values that the office's file has, and the totals as Excel would count them."""
    book = book_of(content)
    for sheet, values in zip(slot.sheets, written(slot, period, sent), strict=True):
        page = page_of(book, sheet)
        assert len(values.rows) <= ROWS
        last = [] if values.totals is None else [(sheet.first_row + ROWS, values.totals)]
        for number, row in (*enumerate(values.rows, start=sheet.first_row), *last):
            for column, value in enumerate(row, start=1):
                if value is not None:
                    page.cell(number, column).value = value
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def read(contract: Contract, slot: Slot, period: str, content: bytes) -> tuple[list[str], dict[str, list[Any]]]:
    """The findings, and the records of each fact."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / file_name(slot, period)
        path.write_bytes(content)
        parsed = parse(contract, slot, period, path, CON)
    findings = [f"{finding.rule}: {finding.message_en}" for finding in parsed.findings]
    return findings, {} if findings else {name: records(CON, name) for name in slot.facts}


# What becomes of a form


@over_forms
def test_a_blank_form_is_a_quarter_without_records(contract, slot, period):
    found = read(contract, slot, period, blank(contract.office, slot.name, period))
    assert found == ([], {name: [] for name in slot.facts})


@over_forms
def test_its_name_is_that_of_the_offices_file(contract, slot, period):
    assert recognise(contract, file_name(slot, period)) == (slot, period)


@pytest.mark.parametrize(("office", "period"), SAMPLE, ids=str)
def test_a_form_filled_with_the_sample_is_read_as_the_sample(office, period):
    contract = contracts()[office]
    for slot in contract.slots_at(period).values():
        content = filled(blank(office, slot.name, period), slot, period, SAMPLE[office, period])
        findings, found = read(contract, slot, period, content)
        assert findings == []
        for name in slot.facts:
            assert in_order(found[name]) == in_order(SAMPLE[office, period][name]), name


@pytest.mark.parametrize(("contract", "slot"), SLOTS, ids=named)
def test_a_form_filled_with_anything_it_can_say_is_read_as_that(contract, slot):
    period = period_of(slot)

    @settings(max_examples=max(settings().max_examples // 17, 1))
    @given(slot_records(contract, slot))
    def check(sent):
        findings, found = read(
            contract, slot, period, filled(blank(contract.office, slot.name, period), slot, period, sent)
        )
        assert findings == []
        for name in slot.facts:
            assert in_order(found[name]) == in_order(sent[name]), name

    check()


@over_forms
def test_the_same_form_is_the_same_bytes(contract, slot, period):
    assert template(contract, slot, period) == blank(contract.office, slot.name, period)


def test_a_version_of_the_form_has_its_own_headers(tmp_path):
    here = Path(__file__).resolve().parent.parent / "pipelines" / "offices" / "kaz.toml"
    later = '\n[[version]]\nfrom = "2026-Q1"\n[version.slots.cases.columns]\nsex = "Пол лица"\nchildren = []\n'
    (tmp_path / "kaz.toml").write_text(here.read_text(encoding="utf-8") + later, encoding="utf-8")
    contract = contracts(tmp_path)["kaz"]
    agreed = len(contracts()["kaz"].slots["cases"].sheets[0].blocks[0].columns)
    for period, header, columns in (("2025-Q4", "Пол", agreed), ("2026-Q1", "Пол лица", agreed - 1)):
        slot = contract.slots_at(period)["cases"]
        content = template(contract, slot, period)
        headers = [cell.value for cell in book_of(content)[DATA_SHEET][1]]
        assert header in headers
        assert len(headers) == columns
        assert read(contract, slot, period, content) == ([], {"cases": []})


# What is in a form


@over_forms
def test_headers_and_titles_are_locked_and_cells_are_not(contract, slot, period):
    book = blank_book(contract.office, slot.name, period)
    for sheet, column, _ in asks_of(contract, slot, period):
        page = page_of(book, sheet)
        assert page.protection.sheet
        assert not page.protection.password
        assert all(is_locked(page, row, column) for row in range(1, sheet.first_row))
        last = sheet.first_row + ROWS - 1
        assert not any(is_locked(page, row, column) for row in (sheet.first_row, sheet.first_row + 1, last))
        assert is_locked(page, last + 1, column) == (sheet.totals is not None)
    assert all(book[name].protection.sheet for name in (GUIDE_SHEET, LISTS_SHEET))


@over_forms
def test_headers_stay_in_sight(contract, slot, period):
    book = blank_book(contract.office, slot.name, period)
    for sheet in slot.sheets:
        assert re.fullmatch(rf"[BC]{sheet.first_row}", page_of(book, sheet).freeze_panes)


@over_forms
def test_every_choice_has_a_list_whose_words_are_understood(contract, slot, period):
    """Each word is read as its own code, and no code in force is without its word."""
    book = blank_book(contract.office, slot.name, period)
    seen = set()
    for sheet, number, ask in asks_of(contract, slot, period):
        check = check_over(page_of(book, sheet), sheet.first_row, number)
        enumerated = [one for one in ask.fed if one.column.values or one.column.type == "boolean"]
        assert (check.type == "list") == bool(enumerated or ask.place.role == "kind")
        for one in enumerated:
            words = listed(book, check.formula1)
            known = understood(one.column, words, slot.form, period).known
            # Of a list, the word for "not known" leaves it empty.
            nothing = codelists()[one.column.values].unknown if one.column.values else None
            codes = {
                word: (meant[0] if meant else nothing) if isinstance(meant, tuple) else meant
                for word, meant in known.items()
            }
            assert len(set(codes.values())) == len(codes) == len(words)
            assert None not in codes.values()
            assert set(codes.values()) == expected_codes(contract, slot, period, one.fact.name, one.column)
            assert check.errorStyle == ("information" if one.column.is_list else None)
            seen.add((one.fact.name, one.column.name))
    assert seen == choices(slot)


def choices(slot: Slot) -> set[tuple[str, str]]:
    """The facts and columns of a form that are answered with a word of a list."""
    asked = {
        (block.fact, name) for sheet in slot.sheets for block in sheet.blocks for name in (*block.columns, *block.flags)
    }
    columns = {(fact, name): facts()[fact].columns[name] for fact, name in asked}
    return {asked for asked, column in columns.items() if column.values or column.type == "boolean"}


def test_some_forms_ask_for_choices_and_some_for_none():
    """Or the test above would compare nothing with nothing."""
    assert {bool(choices(slot)) for _, slot in SLOTS} == {True, False}


def expected_codes(contract: Contract, slot: Slot, period: str, fact: str, column: Any) -> set[str]:
    """What may be said: every code in force that has a word; first-level units of the office's country where bound."""
    if column.type == "boolean":
        return {"true", "false"}
    quarter, sayable = Quarter.parse(period), set()
    # Of a list, the word for "not known" leaves it empty.
    empty = {codelists()[column.values].unknown: ()} if column.is_list else {}
    for code, entry in codelists()[column.values].codes.items():
        about = entry.attributes
        is_abroad = column.name == "region" and about.get("country", contract.place) != contract.place
        is_bound = fact not in ("training_events", "participants") and not contract.place_column
        is_there = about.get("valid_from", date.min) <= quarter.end and about.get("valid_to", date.max) >= quarter.start
        # A word that two units of one time shared means the later one: the earlier has none of its own.
        has_word = any(
            understood(column, [word], slot.form, period).known[word] in (code, empty.get(code, (code,)))
            for word in slot.form.words[column.values][code]
        )
        if is_there and has_word and not (is_abroad and is_bound):
            sayable.add(code)
    return sayable


@over_forms
def test_days_are_checked_as_the_rules_check_them(contract, slot, period):
    book = blank_book(contract.office, slot.name, period)
    epoch, quarter = date(1899, 12, 30), Quarter.parse(period)
    for sheet, number, ask in asks_of(contract, slot, period):
        check = check_over(page_of(book, sheet), sheet.first_row, number)
        for one in ask.fed:
            if one.column.type != "date":
                continue
            assert (check.type, check.errorStyle, check.operator) == ("date", None, None)
            first, last = int(check.formula1), int(check.formula2)
            if one.fact.kind == "event":
                assert last == (quarter.end - epoch).days
                assert (first == (quarter.start - epoch).days) == (one.column.name == one.fact.dated_by)
            else:
                assert last > (date(2100, 1, 1) - epoch).days


@over_forms
def test_numbers_are_checked_by_their_bounds(contract, slot, period):
    book = blank_book(contract.office, slot.name, period)
    for sheet, number, ask in asks_of(contract, slot, period):
        check = check_over(page_of(book, sheet), sheet.first_row, number)
        for one in ask.fed:
            if one.column.type in ("integer", "decimal") and one.column.maximum is not None:
                assert check.type == {"integer": "whole", "decimal": "decimal"}[one.column.type]
                assert (float(check.formula1), float(check.formula2)) == (one.column.minimum or 0, one.column.maximum)


@over_forms
def test_every_column_says_what_is_asked_in_both_languages_within_excels_limits(contract, slot, period):
    book = blank_book(contract.office, slot.name, period)
    for sheet, number, ask in asks_of(contract, slot, period):
        check = check_over(page_of(book, sheet), sheet.first_row, number)
        assert (check.promptTitle, check.prompt, check.error) == (ask.title, ask.message, ask.error)
        for text in (ask.message, ask.error):
            assert len(text) <= 255
            assert "…" not in text
            assert sorted(map(is_russian, own_words(text, slot).split("\n"))) == [False, True], text
        assert all(one.column.label[language] in ask.message for one in ask.fed for language in ("en", "ru"))
        is_required = ask.required or not ask.fed
        assert is_required != ("Leave empty" in ask.error), ask.error
        assert bool(ask.options and ask.options.several) == ("press OK" in ask.error)
        assert 0 < len(ask.title) <= 32 and len(ask.error_title) <= 32
    for page in book:
        for check in page.data_validations.dataValidation:
            assert len(check.error or "") <= 255 and len(check.errorTitle or "") <= 32


def own_words(text: str, slot: Slot) -> str:
    """A note without the words that it quotes from the form."""
    for word in (*slot.form.true[:1], *slot.form.false[:1]):
        text = re.sub(rf"(: |/ ){re.escape(word)}( |\.)", "", text)
    return re.sub("«[^»]*»", "", text)


def is_russian(text: str) -> bool:
    return bool(re.search("[а-яё]", text))


@over_forms
def test_codes_in_the_notes_are_written_as_the_rules_ask(contract, slot, period):
    for _, _, ask in asks_of(contract, slot, period):
        for one in ask.fed:
            if one.column.pattern:
                example = like(one.column.pattern, "AB" if contract.place_column else contract.place, period[:4])
                assert re.fullmatch(one.column.pattern.strip("^$"), example)
                assert example in ask.message


@over_forms
def test_totals_are_counted_by_excel_over_all_the_room(contract, slot, period):
    book = blank_book(contract.office, slot.name, period)
    for sheet, number, ask in asks_of(contract, slot, period):
        if sheet.totals is None:
            continue
        page, row = page_of(book, sheet), sheet.first_row + ROWS
        column = page.cell(row, number).column_letter
        cells = f"({column}{sheet.first_row}:{column}{row - 1}"
        names = {one.column.name for one in ask.fed if not one.block.times}
        value = str(page.cell(row, number).value or "")
        if names & {sheet.totals.column}:
            assert value == sheet.totals.words[0]
        elif names & set(sheet.totals.sums):
            assert value == f"=SUM{cells})"
        elif names & set(sheet.totals.counts):
            assert value.startswith(f"=COUNTA{cells})")
            assert value.count("COUNTIF") == len(slot.form.missing)
        else:
            assert value == ""
        assert check_over(page, row + 1, number).type == "custom"


@over_forms
def test_its_sheets_are_those_of_the_form_between_our_own(contract, slot, period):
    names = blank_book(contract.office, slot.name, period).sheetnames
    assert names == [GUIDE_SHEET, *(sheet.name or DATA_SHEET for sheet in slot.sheets), LISTS_SHEET]
    assert set(names) & set(OWN_SHEETS) == {GUIDE_SHEET, LISTS_SHEET}
    assert all(len(name) <= 31 for name in names)


@pytest.mark.parametrize(("contract", "slot"), SLOTS, ids=named)
def test_what_is_written_on_our_own_sheets_is_not_read(contract, slot):
    book = book_of(filled(blank(contract.office, slot.name, "2010-Q4"), slot, "2010-Q4", {}))
    for name in (GUIDE_SHEET, LISTS_SHEET):
        book[name].cell(40, 9).value = "note"
    target = io.BytesIO()
    book.save(target)
    assert read(contract, slot, "2010-Q4", target.getvalue()) == ([], {name: [] for name in slot.facts})


@over_forms
def test_running_numbers_are_there_where_the_form_has_them(contract, slot, period):
    book = blank_book(contract.office, slot.name, period)
    for sheet in slot.sheets:
        first = [page_of(book, sheet).cell(sheet.first_row + i, 1).value for i in range(ROWS)]
        assert first == (list(range(1, ROWS + 1)) if sheet.numbering else [None] * ROWS)


# The instructions


@over_forms
def test_the_guide_names_every_column_and_speaks_both_languages(contract, slot, period):
    book = blank_book(contract.office, slot.name, period)
    guide = book[GUIDE_SHEET]
    cells = [str(cell.value) for row in guide.iter_rows() for cell in row if cell.value is not None]
    said = "\n".join(cells)
    assert file_name(slot, period) in said and period in said
    assert "{" not in said
    for fact in (facts()[name] for name in slot.facts):
        block = next(b for sheet in slot.sheets for b in sheet.blocks if b.fact == fact.name)
        for name in block.columns:
            assert fact.columns[name].meaning in cells
            assert fact.columns[name].meaning_ru in cells
    headers = {place.headers[0].rsplit(" / ", 1)[-1] for sheet in slot.sheets for place in layout(sheet)}
    assert [header for header in headers if header not in said] == []
    # Languages in the office's order, side by side.
    is_english_first = contract.languages[0] == "en"
    titles = guide_texts()["section"][0]["title"]
    assert guide["A3"].value == titles["en" if is_english_first else "ru"]
    assert guide["D3"].value == titles["ru" if is_english_first else "en"]


@over_forms
def test_the_guide_speaks_only_of_what_the_form_has(contract, slot, period):
    guide = blank_book(contract.office, slot.name, period)[GUIDE_SHEET]
    said = {str(cell.value)[:20] for column in ("A", "D") for cell in guide[column]}
    has = {
        "csv": slot.form.format == CSV,
        "totals": any(sheet.totals for sheet in slot.sheets),
        "groups": any(sheet.groups for sheet in slot.sheets),
        "kinds": any(sheet.kind for sheet in slot.sheets),
        "numbering": any(sheet.numbering for sheet in slot.sheets),
    }
    lines = [line for section in guide_texts()["section"] for line in section["lines"] if line.get("only") in has]
    assert {line["only"] for line in lines} == set(has)
    for line in lines:
        assert {line[language][:20] in said for language in ("en", "ru")} == {has[line["only"]]}, line["only"]


def test_every_text_of_the_guide_is_in_both_languages():
    texts = guide_texts()
    pairs = [text for section in texts["section"] for text in (section["title"], *section["lines"])]
    pairs += [texts["table"]["title"], texts["table"]["see_list"], *texts["table"]["columns"]]
    for pair in pairs:
        assert (is_russian(pair["ru"]), is_russian(pair["en"])) == (True, False)
        assert set(re.findall(r"\{[a-z_]+\}", pair["ru"])) - {"{office_ru}"} == set(
            re.findall(r"\{[a-z_]+\}", pair["en"])
        ) - {"{office_en}"}


def test_every_column_of_the_facts_has_its_meaning_in_russian():
    assert [
        f"{fact.name}.{name}" for fact in facts().values() for name, c in fact.columns.items() if not c.meaning_ru
    ] == []


# The command


def run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["template", *map(str, arguments)])
    return result.exit_code, result.output


@pytest.mark.parametrize("contract", OFFICES, ids=named)
def test_the_command_writes_the_forms_of_an_office_and_prints_their_paths(contract, tmp_path):
    code, output = run(contract.office, "--period", "2010-Q4", "--to", tmp_path)
    assert code == 0
    paths = [tmp_path / file_name(slot, "2010-Q4") for slot in contract.slots_at("2010-Q4").values()]
    assert output.splitlines() == [str(path) for path in paths]
    assert sorted(tmp_path.iterdir()) == sorted(paths)
    assert run(contract.office, "--period", "2010-Q4", "--to", tmp_path) == (0, output)


def test_one_export_alone_and_the_current_quarter(tmp_path):
    code, output = run("kaz", "--export", "campaigns", "--to", tmp_path)
    assert code == 0
    (now,) = set(re.findall(r"[0-9]{4}-Q[1-4]", output))
    slots = contracts()["kaz"].slots_at(now)
    asked = {file_name(slot, now) for slot in slots.values() if "campaigns" in slot.exports}
    assert {path.name for path in tmp_path.iterdir()} == asked
    assert {f"KAZ_activities_{now}.xlsx", f"KAZ_hotline_{now}.xlsx"} <= asked
    assert len(asked) < len(slots)
    assert Quarter.parse(now) >= Quarter(2026, 1)


def test_a_form_that_may_be_filled_in_is_never_written_over(tmp_path):
    (tmp_path / "KGZ_2010-Q4.xlsx").write_bytes(b"filled in")
    code, output = run("kgz", "--period", "2010-Q4", "--to", tmp_path)
    assert (code, "KGZ_2010-Q4.xlsx" in output) == (2, True)
    assert (tmp_path / "KGZ_2010-Q4.xlsx").read_bytes() == b"filled in"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["atlantis"], f"no office 'atlantis' fills in forms; there are {SLOTS[0][0].office}"),
        (["ctdc"], "no office 'ctdc' fills in forms"),
        (["kaz", "--export", "directory"], "kaz sends no export 'directory'; it sends cases, training, campaigns"),
        (["kaz", "--period", "2010-Q2"], "the form of kaz applies from 2010-Q3, not for 2010-Q2"),
        (["kaz", "--period", "2010"], "a period is written like 2010-Q4"),
    ],
)
def test_what_there_is_no_form_for_is_a_wrong_command_line(arguments, says, tmp_path):
    code, output = run(*arguments, "--to", tmp_path)
    assert code == 2
    assert says in " ".join(output.split())
    assert list(tmp_path.iterdir()) == []


def test_a_workbook_with_all_exports_is_the_form_of_each():
    assert templates("kgz", "2010-Q4", "cases") == templates("kgz", "2010-Q4")


@pytest.mark.parametrize(("contract", "slot"), SLOTS, ids=named)
def test_a_form_of_another_quarter_under_a_new_name_is_refused(contract, slot):
    """Left blank it would pass for a quarter in which there was nothing."""
    found, _ = read(contract, slot, "2011-Q1", blank(contract.office, slot.name, "2010-Q4"))
    assert "wrong_period" in {finding.split(":")[0] for finding in found}
