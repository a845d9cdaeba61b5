"""The intruder finds what plain masking gives away, claims nothing that is not so, and keeps it to himself."""

from __future__ import annotations

import csv
import itertools
import math
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from indicators.disclosure.intruder import work_out
from indicators.disclosure.puzzle import Link, Range, puzzle
from pipelines.cli import main
from pipelines.cli_parts import BROKEN, NOTHING, REFUSED
from reports.attack import Attacked, attack, files_in
from reports.attack_grid import content
from reports.attack_tables import address
from reports.donors import profiles
from reports.edition import open_edition
from reports.iptt_sheet import DATA
from reports.workbook import export
from tests.sample_edition import make_edition

COUNTRIES = ("Kazakhstan", "Kyrgyzstan", "Tajikistan", "Turkmenistan", "Uzbekistan")
Rows = Sequence[Sequence[Any]]

TWO_PARTS: list[list[Any]] = [
    ["Indicator", "Q1", "Q2", "Q3"],
    ["Victims assisted", 20, 31, 12],
    ["  Male", 8, 11, 9],
    ["  Female", 12, 20, "<5"],
]
SMALL_SUM: list[list[Any]] = [
    ["Показатель", "1 кв.", "2 кв.", "3 кв."],
    ["Всего", 30, 40, 12],
    ["Казахстан", 10, 15, 11],
    ["Узбекистан", 12, 13, "скрыто"],
    ["Таджикистан", 8, 12, "скрыто"],
]
YEAR_LESS_QUARTERS: list[list[Any]] = [
    ["Activity", "Q1 2010", "Q2 2010", "Q3 2010", "Q4 2010", "2010"],
    ["Trainings", 5, 6, 7, 8, 26],
    ["Campaigns", 9, 5, 12, 6, 32],
    ["Consultations", 10, 11, "*", 12, 36],
]
REGION_LESS_COUNTRIES: list[list[Any]] = [
    ["Place", "Category", "Actual"],
    ["Central Asia", "Referred", 44],
    ["Kazakhstan", "Referred", 20],
    ["Kyrgyzstan", "Referred", 21],
    ["Tajikistan", "Referred", "c"],
    ["Central Asia", "Trained", 60],
    ["Kazakhstan", "Trained", 20],
    ["Kyrgyzstan", "Trained", 25],
    ["Tajikistan", "Trained", 15],
]
GIVEN_AWAY = {
    "two parts": (TWO_PARTS, {"D4": 3}),
    "year less quarters": (YEAR_LESS_QUARTERS, {"D4": 3}),
    "region less countries": (REGION_LESS_COUNTRIES, {"C5": 3}),
}


def write_xlsx(file: Path, rows: Rows) -> Path:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = "T"
    for row in rows:
        book.active.append(list(row))
    book.save(file)
    return file


def write_csv(file: Path, rows: Rows, mark: str = ";", encoding: str = "utf-8-sig") -> Path:
    with file.open("w", newline="", encoding=encoding) as out:
        csv.writer(out, delimiter=mark).writerows(rows)
    return file


def attacked(file: Path, width: int = 2) -> Attacked:
    (found,) = attack([file], width, 5)
    assert not found.unreadable, found.unreadable
    return found


def by_address(found: Attacked) -> dict[str, int]:
    return {cell.rsplit("!", 1)[1]: said.low for cell, said in found.exact}


# What plain masking gives away


@pytest.mark.parametrize(("rows", "expected"), GIVEN_AWAY.values(), ids=GIVEN_AWAY)
def test_what_one_subtraction_gives_away_is_found(rows, expected, tmp_path):
    assert by_address(attacked(write_xlsx(tmp_path / "t.xlsx", rows))) == expected
    assert by_address(attacked(write_csv(tmp_path / "t.csv", rows))) == expected


def test_two_hidden_parts_with_a_small_sum_are_bounded(tmp_path):
    file = write_csv(tmp_path / "t.csv", SMALL_SUM, ",", "cp1251")
    found = attacked(file)
    assert (found.hidden, found.exact, found.smallest) == (2, (), 1)
    assert {(cell.rsplit("!", 1)[1], said) for cell, said in found.close} == {("D4", Range(0, 1)), ("D5", Range(0, 1))}
    assert {cell.rsplit("!", 1)[1] for cell in found.insiders} == {"D4", "D5"}
    assert attacked(file, width=1).close == ()


def test_set_in_by_format_and_by_words_is_seen(tmp_path):
    file = write_xlsx(tmp_path / "t.xlsx", [[str(cell).strip() for cell in row] if i == 2 else row
                                             for i, row in enumerate(TWO_PARTS)])  # fmt: skip
    book = openpyxl.load_workbook(file)
    sheet = book.worksheets[0]
    for number, (label, value) in enumerate((("Adults", 8), ("Minors", 12)), start=3):
        sheet.cell(number, 1, label).alignment = openpyxl.styles.Alignment(indent=1)
        sheet.cell(number, 2, value)
    for place, value in enumerate((11, 9), start=3):
        sheet.cell(3, place, value)
    book.save(file)
    assert by_address(attacked(file)) == {"D4": 3}


@pytest.mark.parametrize("broken", [1, -2])
def test_a_sum_that_visible_numbers_contradict_is_not_believed(broken, tmp_path):
    """Persons are counted once in a year, however many quarters they appear in."""
    rows = [list(row) for row in YEAR_LESS_QUARTERS]
    rows[1][5] += broken
    found = attacked(write_csv(tmp_path / "t.csv", rows))
    assert (found.hidden, found.exact, found.close) == (1, (), ())


def test_a_sum_that_only_its_place_suggests_must_be_seen_twice(tmp_path):
    rows: list[list[Any]] = [
        ["Indicator", "Q1", "Q2"],
        ["Trained", 20, 30],
        ["Judges", 8, 26],
        ["Prosecutors", 12, "<5"],
    ]
    assert attacked(write_csv(tmp_path / "t.csv", rows)).exact == ()
    rows = [[*row, more] for row, more in zip(rows, ("Q3", 31, 14, 17), strict=True)]
    assert by_address(attacked(write_csv(tmp_path / "t.csv", rows))) == {"C4": 4}


def test_protected_tables_give_nothing_away(tmp_path):
    rows = [list(row) for row in TWO_PARTS]
    rows[2][3] = "<5"
    rows[1][3] = "*"
    found = attacked(write_xlsx(tmp_path / "t.xlsx", rows))
    assert (found.hidden, found.exact, found.close, found.contradictory) == (3, (), (), 0)


def test_columns_of_marks_alone_are_columns_of_counts(tmp_path):
    rows: list[list[Any]] = [["Indicator", "Q1", "Q2"], ["Total", "<5", 9], ["A", "<5", 5], ["B", "<5", "<5"]]
    found = attacked(write_csv(tmp_path / "t.csv", rows))
    assert (found.hidden, by_address(found)) == (4, {"C4": 4})


def test_targets_and_percentages_are_no_counts(tmp_path):
    rows: list[list[Any]] = [
        ["Indicator", "Target", "Actual", "% met"],
        ["Total", 30, 30, 1.0],
        ["Kazakhstan", 20, 26, 1.3],
        ["Kyrgyzstan", "*", "*", "*"],
    ]
    assert attacked(write_csv(tmp_path / "t.csv", rows)).hidden == 1
    rows[3][2], rows[2][2], rows[1][2] = "*", 0.6, 0.7
    assert attacked(write_csv(tmp_path / "t.csv", rows)).hidden == 0


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("<5", Range(0, 4)), ("≤ 5", Range(0, 5)), ("1-4", Range(1, 4)), ("suppressed", Range()), ("Скрыто", Range()),
        ("*", Range()), ("c", Range()), ("1 234", 1234), ("1,234", 1234), (7.0, 7), ("12.0", 12), (0.5, None),
        (-1, None), (True, None), ("not reported", None), ("10-2010", None), ("", None), ("12%", None),
    ],
)  # fmt: skip
def test_what_a_cell_says(value, said):
    assert content(value) == said


# Random tables with small counts hidden and nothing besides


def iptt_like(seed: int, mean: float) -> list[list[Any]]:
    """A region, its countries and sexes by quarter and year, of random counts with that mean."""
    draw = random.Random(seed)

    def count() -> int:
        left, number = draw.random(), 0
        while left > math.exp(-mean):
            left, number = left * draw.random(), number + 1
        return number

    def quarters() -> list[int]:
        found = [count() for _ in range(4)]
        return [*found, sum(found)]

    def together(*rows: Sequence[int]) -> list[int]:
        return [sum(cells) for cells in zip(*rows, strict=True)]

    parts = {(place, sex): quarters() for place in COUNTRIES for sex in ("Female", "Male")}
    women, men = (together(*(parts[place, sex] for place in COUNTRIES)) for sex in ("Female", "Male"))
    rows: list[list[Any]] = [["Indicator", "Q1", "Q2", "Q3", "Q4", "2010"]]
    rows += [["Central Asia", *together(women, men)], ["  Female", *women], ["  Male", *men]]
    for place in COUNTRIES:
        own = [parts[place, sex] for sex in ("Female", "Male")]
        rows += [[place, *together(*own)], ["  Female", *own[0]], ["  Male", *own[1]]]
    return rows


def masked(rows: Rows) -> list[list[Any]]:
    return [["<5" if isinstance(cell, int) and 0 < cell < 5 else cell for cell in row] for row in rows]


@pytest.mark.parametrize("mean", [3, 8])
def test_most_tables_with_small_counts_hidden_alone_are_broken_and_no_claim_is_wrong(mean, tmp_path):
    broken = claims = 0
    for seed in range(60):
        rows = iptt_like(seed, mean)
        found = attacked(write_csv(tmp_path / "t.csv", masked(rows)))
        true = {address(i, j): cell for i, row in enumerate(rows) for j, cell in enumerate(row)}
        for cell, said in (*found.exact, *found.close):
            assert said.holds(true[cell.rsplit("!", 1)[1]]), (seed, cell)
            claims += 1
        assert found.contradictory == 0
        broken += bool(found.exact)
    assert broken > 50
    assert claims > 200


# The arithmetic


@st.composite
def tables(draw: st.DrawFn) -> tuple[dict[str, int], dict[str, Range], list[Link]]:
    """A table with its margins: the true numbers, which are hidden with what their mark says, and the sums."""
    height, width = draw(st.integers(2, 3)), draw(st.integers(2, 3))
    inner = {(i, j): draw(st.integers(0, 4)) for i in range(height) for j in range(width)}
    true = {f"{i}{j}": number for (i, j), number in inner.items()}
    links = []
    for i in range(height):
        true[f"r{i}"] = sum(inner[i, j] for j in range(width))
        links.append(Link(((f"r{i}", 1), *((f"{i}{j}", -1) for j in range(width)))))
    for j in range(width):
        true[f"c{j}"] = sum(inner[i, j] for i in range(height))
        links.append(Link(((f"c{j}", 1), *((f"{i}{j}", -1) for i in range(height)))))
    hidden = draw(st.lists(st.sampled_from(sorted(true)), min_size=1, max_size=6, unique=True))
    marks = {cell: draw(st.sampled_from([Range(), Range(0, max(4, true[cell]))])) for cell in hidden}
    return true, marks, links


@given(tables(), st.integers(1, 40))
def test_every_claim_holds_the_true_number_and_no_sharper_one_would(table, width):
    true, marks, links = table
    found = work_out(puzzle({**true, **marks}, links), width)
    assert found.contradictory == 0
    assert all(said.holds(true[cell]) for cell, said in found.ranges.items())
    assert all(said.is_narrower_than(width) for said in found.ranges.values())
    for cell, said in found.ranges.items():
        assert said == least_and_most(cell, true, marks, links)


def least_and_most(cell: str, true: dict[str, int], marks: dict[str, Range], links: list[Link]) -> Range:
    """By trying everything: hidden inner cells are at most 12 wherever a claim is made, margins follow."""
    inner = [name for name in marks if name[0].isdigit()]
    fits = []
    for numbers in itertools.product(range(13), repeat=len(inner)) if 13 ** len(inner) < 30_000 else ():
        tried = {**true, **dict(zip(inner, numbers, strict=True))}
        for link in links:
            whole = link.terms[0][0]
            tried[whole] = sum(tried[part] for part, _ in link.terms[1:]) if whole in marks else tried[whole]
        adds_up = all(sum(tried[c] * f for c, f in link.terms) == 0 for link in links)
        if adds_up and all(mark.holds(tried[name]) for name, mark in marks.items()):
            fits.append(tried[cell])
    return Range(min(fits), max(fits)) if fits else work_out(puzzle({**true, **marks}, links), 99).ranges[cell]


def test_numbers_that_contradict_one_another_are_told_and_nothing_is_concluded():
    link = Link((("whole", 1), ("a", -1), ("b", -1)))
    found = work_out(puzzle({"whole": 9, "a": Range(0, 4), "b": Range(0, 4)}, [link]), 5)
    assert (found.ranges, found.contradictory) == ({}, 1)


def test_whole_numbers_are_reasoned_about_together():
    """2a + 2b = 5 has broken answers only; a linear program alone would take them."""
    twice = Link((("five", 1), ("a", -2), ("b", -2)))
    assert work_out(puzzle({"five": 5, "a": Range(0, 4), "b": Range(0, 4)}, [twice]), 9).contradictory == 1
    odd = Link((("seven", 1), ("a", -2), ("b", -3), ("c", -6)))
    found = work_out(puzzle({"seven": 7, "a": Range(), "b": Range(), "c": Range()}, [odd]), 9)
    assert {cell: said.low for cell, said in found.ranges.items() if said.is_exact} == {"a": 2, "b": 1, "c": 0}


# Our own workbooks


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("donor", sorted(profiles()))
def test_nothing_false_is_said_of_our_own_workbooks(donor, language, tmp_path):
    edition = open_edition(make_edition(tmp_path))
    try:
        (tmp_path / "ours.xlsx").write_bytes(export(edition, profiles()[donor], language))
    finally:
        edition.connection.close()
    found = attacked(tmp_path / "ours.xlsx")
    assert found.tables > 0
    assert found.contradictory == 0


def test_every_claim_about_our_own_workbook_with_more_of_it_hidden_is_true(tmp_path):
    """Counts below 6 are hidden in it by hand; what they were is known."""
    edition = open_edition(make_edition(tmp_path))
    try:
        (tmp_path / "ours.xlsx").write_bytes(export(edition, profiles()["usaid"], "en"))
    finally:
        edition.connection.close()
    book = openpyxl.load_workbook(tmp_path / "ours.xlsx")
    sheet = book["IPTT"]
    actual = [cell.column for row in sheet.iter_rows(max_row=DATA) for cell in row if cell.value == "Actual"]
    true = {}
    for row in sheet.iter_rows(min_row=DATA + 1):
        for cell in row:
            if cell.column in actual and isinstance(cell.value, int) and 0 < cell.value < 6:
                true[f"IPTT!{cell.coordinate}"] = cell.value
                cell.value = "suppressed"
    book.save(tmp_path / "hidden.xlsx")
    found = attacked(tmp_path / "hidden.xlsx", width=5)
    claims = [(cell, said) for cell, said in (*found.exact, *found.close) if cell in true]
    assert len(found.exact) > 1
    assert [cell for cell, said in claims if not said.holds(true[cell])] == []


# The command


def run(*arguments: object) -> Any:
    return CliRunner().invoke(main, ["attack", *map(str, arguments)])


def test_the_command_says_where_and_tells_the_number_only_if_asked(tmp_path):
    file = write_xlsx(tmp_path / "t.xlsx", [["Indicator", "Q1", "Q2"], ["Total", 1030, 50], ["A", 1027, 20],
                                             ["B", "<5", 30]])  # fmt: skip
    done = run(file)
    assert done.exit_code == BROKEN
    assert "T!B4" in done.output
    assert "T!B4: " not in done.output
    assert "T!B4: 3 and nothing else" in run("--show", file).output
    assert "T!B4: только 3" in run("--show", "--language", "ru", file).output


def test_a_folder_is_searched_and_an_unreadable_file_is_told_and_stops_nothing(tmp_path):
    write_csv(tmp_path / "safe.csv", [["Indicator", "Q1"], ["Total", 9], ["A", "*"], ["B", "*"]])
    assert run(tmp_path).exit_code == 0
    (tmp_path / "bad.xlsx").write_text("no workbook", encoding="utf-8")
    (tmp_path / "~$safe.xlsx").write_text("lock", encoding="utf-8")
    done = run(tmp_path)
    assert done.exit_code == REFUSED
    assert "bad.xlsx: not a readable workbook" in done.output
    assert "safe.csv" in done.output
    assert [file.name for file in files_in([tmp_path])] == ["bad.xlsx", "safe.csv"]
    write_csv(tmp_path / "two.csv", TWO_PARTS)
    assert run(tmp_path).exit_code == BROKEN


def test_nothing_to_read_has_its_own_exit_code(tmp_path):
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    assert run(tmp_path).exit_code == NOTHING
    assert run(tmp_path / "notes.txt").exit_code == REFUSED


def test_an_insider_counts_only_if_asked(tmp_path):
    file = write_csv(tmp_path / "t.csv", [["Indicator", "Q1"], ["Total", 9], ["A", "*"], ["B", "*"]])
    assert run(file).exit_code == 0
    assert run("--insider", file).exit_code == BROKEN
    assert run("--width", 10, file).exit_code == BROKEN
