"""Files laid side by side: what one shows helps against the other, and nothing is joined that contradicts itself."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner

from indicators.calendars import Quarter
from indicators.disclosure.puzzle import Range
from pipelines.cli import main
from pipelines.cli_parts import BROKEN
from reports.attack import Together, attack, attack_together
from reports.attack_keys import FigureKey, days_in, days_of
from reports.attack_sheets import read_sheets
from reports.donors import profiles
from reports.edition import open_edition
from reports.iptt_sheet import DATA
from reports.report import Report, outputs
from reports.workbook import export
from tests.sample_edition import make_edition
from tests.test_attack import write_csv, write_xlsx

QUARTER = "1 October 2010 – 31 December 2010"
MACHINE = ["indicator", "place", "breakdown", "category", "Name", "Actual"]
LISTED = ["indicator", "period", "place", "breakdown", "category", "value", "status"]


def book(file: Path, rows: list[tuple[str, str, str, str, Any]], days: str = QUARTER) -> Path:
    """A workbook in the shape of ours: four columns that name each row, and a block of one quarter."""
    heads = [["", "", "", "", "Table", ""], ["", "", "", "", "x", days], MACHINE]
    return write_xlsx(file, [*heads, *([*row[:4], " ".join(row[:4]), row[4]] for row in rows)])


def listed(file: Path, rows: list[tuple[str, str, str, str, str, Any]]) -> Path:
    """A list of figures; one without a number is suppressed."""
    said = [[*row, "shown" if row[5] != "" else "suppressed"] for row in rows]
    return write_csv(file, [LISTED, *said], ",")


def together(*files: Path, width: int = 2) -> Together:
    alone = list(attack(files, width, 5))
    assert [one.unreadable for one in alone if one.unreadable] == []
    found = attack_together(alone, width, 5)
    assert found is not None
    assert found.found.contradictory == 0
    return found


WHOLE = ("P01", "KZ", "total", "total")
WOMEN, MEN = ("P01", "KZ", "sex", "F"), ("P01", "KZ", "sex", "M")


def in_list(key: tuple[str, str, str, str], value: Any) -> tuple[str, str, str, str, str, Any]:
    return (key[0], "2010-Q4", *key[1:], value)


def test_a_figure_that_another_file_shows_is_found(tmp_path):
    one = book(tmp_path / "usaid.xlsx", [(*WHOLE, 20), (*WOMEN, "suppressed"), (*MEN, "suppressed")])
    other = book(tmp_path / "inl.xlsx", [(*WHOLE, 20), (*WOMEN, 17)])
    assert [found.exact for found in attack([one, other], 2, 5)] == [(), ()]
    found = together(one, other)
    assert found.laid.joined == 2
    assert dict(found.found.exact) == {"usaid.xlsx: T!F5": Range(17, 17)}


def test_what_one_file_shows_gives_away_what_both_hide(tmp_path):
    """Women are hidden in one file, men in the other: with the whole each gives the other away."""
    one = book(tmp_path / "usaid.xlsx", [(*WHOLE, 20), (*WOMEN, "suppressed"), (*MEN, "suppressed"),
                                         ("P01", "KG", "total", "total", 9), ("P01", "KG", "sex", "F", 4),
                                         ("P01", "KG", "sex", "M", 5), ("P01", "UZ", "total", "total", 12),
                                         ("P01", "UZ", "sex", "F", 10), ("P01", "UZ", "sex", "M", 2)])  # fmt: skip
    other = listed(tmp_path / "figures.csv", [in_list(WOMEN, 17), in_list(MEN, "")])
    found = together(one, other)
    cells = dict(found.found.exact)
    assert cells["usaid.xlsx: T!F6"] == cells["figures.csv: figures.csv!F3"] == Range(3, 3)
    assert cells["usaid.xlsx: T!F5"] == Range(17, 17)


def test_an_edition_and_a_workbook_made_of_it_by_another_hand(tmp_path):
    edition_file = make_edition(tmp_path / "editions") / "edition.duckdb"
    edition = open_edition(edition_file.parent)
    try:
        hidden = edition.rows("SELECT * FROM figures WHERE indicator = 'P01' AND status = 'suppressed'"
                              " AND calendar = 'quarter' AND place = 'TM' AND breakdown = 'total'")  # fmt: skip
    finally:
        edition.connection.close()
    assert hidden and hidden[0]["period"] == "2010-Q4"
    other = book(tmp_path / "partner.xlsx", [("P01", "TM", "total", "total", 3), ("P01", "KZ", "total", "total", 48)])
    found = together(edition_file, other)
    named = [cell for cell, said in found.found.exact if said == Range(3, 3)]
    assert "edition.duckdb: P01 quarter 2010-Q4 TM total total, numerator" in named
    uzbekistan = "edition.duckdb: P01 quarter 2010-Q4 UZ total total, numerator"
    assert uzbekistan in dict(found.found.exact), "the region less the others is the country that was hidden for it"


def test_figures_that_contradict_one_another_are_named_and_nothing_beside_them_is_joined(tmp_path):
    one = book(
        tmp_path / "a.xlsx", [(*WHOLE, 20), (*WOMEN, "suppressed"), ("P01", "KG", "total", "total", "suppressed")]
    )
    other = book(tmp_path / "b.xlsx", [(*WHOLE, 21), (*WOMEN, 17), ("P01", "KG", "total", "total", 4)])
    found = together(one, other)
    assert found.laid.contradicting == ("P01 2010-10-01–2010-12-31 KZ",)
    assert dict(found.found.exact) == {"a.xlsx: T!F6": Range(4, 4)}, "Kyrgyzstan is another table"
    done = run(one, other)
    assert "P01 2010-10-01–2010-12-31 KZ" in done.output
    assert "T!F5" not in done.output


def test_the_same_names_on_other_days_are_another_figure(tmp_path):
    one = book(tmp_path / "a.xlsx", [(*WHOLE, 20), (*WOMEN, "suppressed")])
    other = book(tmp_path / "b.xlsx", [(*WHOLE, 31), (*WOMEN, 17)], "1 July 2010 – 31 December 2010")
    found = together(one, other)
    assert (found.laid.joined, found.laid.contradicting, found.found.exact) == (0, (), ())


def test_a_file_that_names_no_figures_is_said_to_stand_apart(tmp_path):
    one = book(tmp_path / "a.xlsx", [(*WHOLE, 20), (*WOMEN, "suppressed")])
    other = book(tmp_path / "b.xlsx", [(*WOMEN, 17)])
    plain = write_csv(tmp_path / "plain.csv", [["Country", "Q4"], ["Total", 9], ["A", "*"], ["B", "*"]])
    found = together(one, other, plain)
    assert found.laid.apart == (plain,)
    done = run(tmp_path)
    assert done.exit_code == BROKEN
    assert f"none of its cells says which figure it is: {plain}" in " ".join(done.output.split())
    assert "a.xlsx: T!F5" in done.output and "a.xlsx: T!F5:" not in done.output
    assert "a.xlsx: T!F5: 17 and nothing else" in run("--show", tmp_path).output
    assert "a.xlsx: T!F5: только 17" in run("--show", "--language", "ru", tmp_path).output


def test_files_that_name_no_figures_are_not_laid_together(tmp_path):
    plain = [write_csv(tmp_path / f"{n}.csv", [["Country", "Q4"], ["Total", 9], ["A", "*"], ["B", n]]) for n in (4, 5)]
    assert attack_together(list(attack(plain, 2, 5)), 2, 5) is None


def test_a_median_in_a_list_is_no_whole_of_its_parts(tmp_path):
    head = [*LISTED[:6], "numerator", "denominator", "status"]
    rows = [["P10", "2010-Q4", "KZ", "total", "total", 12, 12, 40, "shown"],
            ["P10", "2010-Q4", "KZ", "assistance_type", "medical", 15, 15, 20, "shown"]]  # fmt: skip
    (reading,) = read_sheets(write_csv(tmp_path / "l.csv", [head, *rows], ","))
    assert (reading.cells, reading.links) == ({}, ())


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("FY2011 Q1 | 1\u00a0October\u00a02010 – 31\u00a0December\u00a02010 | Actual", True),
        ("1-й кв. | 1\u00a0октября\u00a02010\u00a0г. – 31\u00a0декабря\u00a02010\u00a0г. | Факт", True),
        ("2010-10-01/2010-12-31", True), ("01.10.2010–31.12.2010", True), ("Q4 2010", False),
        ("2010-13-01 2010-12-31", False), ("31 December 2010", False),
    ],
)  # fmt: skip
def test_the_days_of_a_heading(text, days):
    assert days_in(text) == ((date(2010, 10, 1), date(2010, 12, 31)) if days else None)
    assert days_of("2010-Q4") == (date(2010, 10, 1), date(2010, 12, 31))


# Our own files


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is handed out of one edition: its file, every donor's workbook in both languages, and data packages."""
    folder = tmp_path_factory.mktemp("ours")
    made = make_edition(folder / "editions")
    (folder / "edition.duckdb").write_bytes((made / "edition.duckdb").read_bytes())
    edition = open_edition(made)
    try:
        for name, donor in profiles().items():
            for language in ("en", "ru"):
                (folder / f"{name}_{language}.xlsx").write_bytes(export(edition, donor, language))
            (folder / "package.zip").write_bytes(
                outputs()["datapackage"].write(Report(edition, donor, Quarter(2010, 4)), "en")
            )
            with zipfile.ZipFile(folder / "package.zip") as package:
                package.extractall(folder / name)
    finally:
        edition.connection.close()
    return folder


def test_files_made_of_one_edition_agree_and_give_no_more_away_together(ours):
    """The sample edition is written by hand and gives some figures away by itself; files beside it add nothing."""
    files = [ours / "edition.duckdb", *sorted(ours.rglob("*.xlsx")), *sorted(ours.rglob("figures.csv"))]
    found = together(*files)
    assert found.laid.contradicting == ()
    assert found.laid.joined > 100


def test_a_number_hidden_in_one_workbook_is_taken_from_the_others(ours, tmp_path):
    """A count that all of ours show is hidden in one; the file of another donor shows it still."""
    book = openpyxl.load_workbook(ours / "usaid_en.xlsx")
    sheet = book["IPTT"]
    row = next(r for r in sheet.iter_rows(min_row=DATA + 1) if [c.value for c in r[:4]] == ["P01", "KZ", "sex", "M"])
    actual = [cell.column for cells in sheet.iter_rows(max_row=DATA) for cell in cells if cell.value == "Actual"]
    true = {f"usaid.xlsx: IPTT!{row[n - 1].coordinate}": row[n - 1].value for n in actual}
    for n in actual:
        row[n - 1].value = "suppressed"
        below = sheet.cell(row[0].row - 1, n)
        below.value = "suppressed"
    book.save(tmp_path / "usaid.xlsx")
    found = together(tmp_path / "usaid.xlsx", ours / "norway_ru.xlsx")
    told = {cell: said.low for cell, said in found.found.exact}
    assert len(true.keys() & told.keys()) > 1
    assert [cell for cell in true.keys() & told.keys() if told[cell] != true[cell]] == []


def test_a_package_of_data_is_read_with_its_windows(ours):
    (reading,) = read_sheets(ours / "usaid" / "data" / "figures.csv")
    assert FigureKey("P01", date(2010, 10, 1), date(2010, 12, 31), "KZ", "sex", "F") in reading.keys.values()
    assert reading.hidden and reading.links and reading.adds_up["P01"]


def run(*arguments: object) -> Any:
    return CliRunner().invoke(main, ["attack", *map(str, arguments)])
