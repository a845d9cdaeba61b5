"""The folder of the pages of checks: an index, a page for each office and quarter, and no value of a row on any."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from pipelines import cycle
from pipelines.cli import main
from pipelines.cli_parts import REFUSED
from pipelines.demo import write_demo
from pipelines.receipts import Receipt
from pipelines.validation_folder import INDEX, UNKNOWN
from tests.test_validation_page import Outline

CANARY = "CANARY-4711"
QUARTERS = ("2010-Q3", "2010-Q4")
OFFICES = sorted(cycle.programme_contracts())
STRAY = "notes of a meeting.docx"


def plant(path: Path, office: str) -> None:
    """Put the canary into every cell of the last row of a file."""
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path)
        for sheet in book.worksheets:
            for cell in sheet[sheet.max_row]:
                if cell.value is not None:
                    cell.value = CANARY
        book.save(path)
        return
    form = next(iter(cycle.programme_contracts()[office].slots.values())).form
    lines = path.read_bytes().decode(form.encodings[0]).rstrip("\r\n").split("\n")
    if len(lines) > 1:
        lines[-1] = form.delimiter.join([CANARY] * len(lines[-1].split(form.delimiter)))
    path.write_bytes(("\n".join(lines) + "\n").encode(form.encodings[0]))


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample quarters with a canary in every file, one refused, one missing, one of an unknown name."""
    folder = tmp_path_factory.mktemp("checks") / "raw"
    write_demo(folder)
    for path in sorted(folder.rglob("*_2010-Q4*")):
        plant(path, path.parent.name)
    (folder / "uzb" / "UZB_hotline_2010-Q4.csv").write_text(f"ФИО;Телефон\r\n{CANARY};{CANARY}\r\n", "utf-8-sig")
    (folder / "tjk" / "TJK_training_2010-Q4.csv").unlink()
    (folder / "kaz" / STRAY).write_text(CANARY)
    return folder


@pytest.fixture(scope="module")
def ran(raw: Path) -> tuple[Path, Sequence[Receipt]]:
    receipts = cycle.take_in(raw, raw.parent / "curated", say=lambda _: None)
    return cycle.write_checks(receipts, raw.parent / "curated", is_whole=True).parent, receipts


@pytest.fixture
def copy(ran: tuple[Path, Sequence[Receipt]], tmp_path: Path) -> Path:
    """A store of one's own after the run; gives its folder of pages."""
    shutil.copytree(ran[0].parent, tmp_path / "curated")
    return tmp_path / "curated" / ran[0].name


def texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def page_for(receipt: Receipt) -> str:
    return f"{receipt.office}-{receipt.period}.html" if receipt.period else UNKNOWN


@pytest.mark.parametrize(
    ("office", "period"),
    [(o, p) for o in OFFICES for p in QUARTERS if p >= str(cycle.programme_contracts()[o].first_period)],
)
def test_every_office_and_quarter_has_a_page_that_the_index_leads_to(ran, office, period):
    name = f"{office}-{period}.html"
    index = Outline((ran[0] / INDEX).read_text(encoding="utf-8"))
    assert name in [attributes.get("href") for _, attributes in index.tags]
    page = (ran[0] / name).read_text(encoding="utf-8")
    for slot, one in cycle.programme_contracts()[office].slots_at(period).items():
        assert one.file_name(period).casefold() in page.casefold(), slot
        assert f"<code>{slot}</code>" in page


def test_every_finding_and_rule_of_every_receipt_is_on_its_page(ran):
    folder, receipts = ran
    assert {receipt.status for receipt in receipts} == {"accepted", "refused"}
    assert sum(len(receipt.findings) for receipt in receipts) > len(OFFICES), "the canaries were found"
    outlines = {name: Outline(page).text for name, page in texts(folder).items()}
    for receipt in receipts:
        page = outlines[page_for(receipt)]
        assert receipt.file_name in page
        for finding in receipt.findings:
            for words in (
                finding.rule,
                finding.message_en.split(" (and in ")[0],
                finding.message_ru.split(" (и ещё")[0],
            ):
                assert words in page, (receipt.file_name, finding.rule)
        for check in receipt.checks:
            assert {
                word for word in (check.rule.id, check.rule.message_en, check.rule.message_ru) if word not in page
            } == set()


def test_no_value_of_a_row_is_on_any_page(ran, raw):
    held = [path for path in raw.rglob("*.csv") if CANARY in path.read_text(encoding="latin-1")]
    assert len(held) > 10, "the canaries are there"
    pages = texts(ran[0])
    assert len(pages) == 2 + len(OFFICES) * len(QUARTERS)
    assert [name for name, page in pages.items() if CANARY.casefold() in page.casefold()] == []


def test_links_between_the_pages_lead_somewhere(ran):
    pages = {name: Outline(page) for name, page in texts(ran[0]).items()}
    ids = {name: {a["id"] for _, a in page.tags if "id" in a} for name, page in pages.items()}
    links = [(name, a["href"] or "") for name, page in pages.items() for tag, a in page.tags if tag == "a"]
    assert len(links) > 100
    for name, link in links:
        target, _, place = link.partition("#")
        assert (target or name) in pages, link
        assert not place or place in ids[target or name], (name, link)


def test_every_page_is_whole_and_needs_nothing_from_anywhere(ran):
    for name, page in texts(ran[0]).items():
        outline = Outline(page)
        assert outline.open == [], name
        assert re.findall(r"(?:https?:)?//|url\(|@import|<script|\{(?:style|title|body)\}", page) == [], name
        assert "default-src 'none'" in page
        assert [i for i in outline.tags if i[0] == "th" and i[1].get("scope") not in ("col", "row", "rowgroup")] == []


def test_the_index_says_every_state_in_words_and_counts(ran):
    folder, receipts = ran
    index = Outline((folder / INDEX).read_text(encoding="utf-8")).text
    for words in ("Accepted", "Принят", "Refused", "Отказано", "Not received", "Не получен", STRAY):
        assert words in index
    stored = sum(receipt.rows_accepted for receipt in receipts)
    held = sum(receipt.rows_quarantined for receipt in receipts)
    assert held > 0
    assert f"Rows that count: {stored:,}; held back: {held}.".replace(",", "\u202f") in index


def test_a_second_run_says_unchanged_and_keeps_what_was_found(copy, raw):
    before = texts(copy)
    receipts = cycle.take_in(raw, copy.parent, say=lambda _: None)
    cycle.write_checks(receipts, copy.parent, is_whole=True)
    after = texts(copy)
    assert after.keys() == before.keys()
    for receipt in receipts:
        assert all(
            finding.message_ru.split(" (и ещё")[0] in Outline(after[page_for(receipt)]).text
            for finding in receipt.findings
        )
    assert "Unchanged" in after["kaz-2010-Q3.html"]


def test_pages_that_a_run_did_not_touch_stay_and_stay_in_the_index(copy, raw):
    before = texts(copy)
    done = CliRunner().invoke(main, ["ingest", "--curated", str(copy.parent), str(raw / "kgz" / "KGZ_2010-Q3.xlsx")])
    assert f"Checks    {copy / INDEX}" in done.output
    after = texts(copy)
    assert {name for name in before if before[name] != after.get(name)} <= {INDEX, "kgz-2010-Q3.html"}
    assert "Unchanged" in after["kgz-2010-Q3.html"]
    links = {a.get("href") for _, a in Outline(after[INDEX]).tags}
    assert set(after) - {INDEX} <= links


def test_a_refused_resend_stands_beside_the_file_in_force(copy, tmp_path):
    (tmp_path / "kaz").mkdir()
    resent = tmp_path / "kaz" / "KAZ_cases_2010-Q3.csv"
    resent.write_text("Фамилия;Телефон\r\n", "utf-8-sig")
    done = CliRunner().invoke(main, ["ingest", "--curated", str(copy.parent), str(resent)])
    assert done.exit_code == REFUSED
    page = Outline((copy / "kaz-2010-Q3.html").read_text(encoding="utf-8")).text
    assert "the file accepted before it stays in force" in page
    assert page.count(resent.name) >= 4, "both are listed and both have their part"


def test_a_run_over_everything_leaves_no_page_of_what_is_gone(copy, raw):
    (copy / "kaz-1999-Q1.html").write_text("of a file that is gone", encoding="utf-8")
    receipts = [one for one in cycle.take_in(raw, copy.parent, say=lambda _: None) if one.file_name != STRAY]
    cycle.write_checks(receipts, copy.parent, is_whole=True)
    assert not {"kaz-1999-Q1.html", UNKNOWN} & set(texts(copy))


def test_nothing_half_written_is_left(ran):
    assert [path.name for path in ran[0].iterdir() if path.suffix != ".html" or path.name.startswith(".")] == []


def test_a_store_without_a_file_has_an_index_too(tmp_path):
    index = cycle.write_checks([], tmp_path / "curated", is_whole=True)
    assert "Files in force: 0" in Outline(index.read_text(encoding="utf-8")).text
