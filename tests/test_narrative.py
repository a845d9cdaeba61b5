"""Narrative reports and the newsletter say what the edition says: read back from Word, PDF and HTML."""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import docx
import pypdf
import pytest
from click.testing import CliRunner

from indicators.calendars import Quarter
from indicators.facts import DeclarationError
from indicators.progress import progress
from pipelines.cli import main
from pipelines.exports import export_donor
from pipelines.narratives import narratives, remarks
from reports import format as form
from reports import outlines as outlines_module
from reports.deviation import deviations
from reports.document import ASK, Bullets, Chart, Column, Document, Heading, Paragraph, Row, Table, texts
from reports.docx_file import is_untouched, write_docx
from reports.donor_figures import ReportError
from reports.donors import profiles
from reports.edition import SHOWN, SUPPRESSED, Edition
from reports.html_file import write_html
from reports.iptt import measure
from reports.narrative import NarrativeError, OfficeText, read_narrative
from reports.narrative_report import open_report, whole_table
from reports.newsletter import choice, newsletter_document
from reports.outlines import PARTS, known_sections, outlines
from reports.pdf_file import write_pdf
from reports.report import Report, outputs
from reports.report_parts import MAKERS, report_documents
from reports.report_template import FILE, STYLES, TABLE
from reports.words import REPORT_FILE, report_words, words
from tests.donor_files import edition_with, plain, squeezed

REPOSITORY = Path(__file__).resolve().parent.parent
LANGUAGES = ("en", "ru")
DONORS = {code: donor for code, donor in profiles().items() if donor.outline}
CASES = [(code, language) for code in DONORS for language in LANGUAGES]
OFFICES = frozenset({"kaz", "kgz", "tjk", "tkm", "uzb", "region"})
DIGITS = re.compile(r"\d[\d.,\u00a0]*\d|\d")


@pytest.fixture(scope="module")
def documents(edition: Edition) -> dict[tuple[str, str], Document]:
    """What every donor is told in every language, and the newsletter."""
    reports = {(code, lang): one for code, d in DONORS.items() for lang, one in report_documents(edition, d).items()}
    return reports | {("newsletter", language): newsletter_document(edition, language) for language in LANGUAGES}


@pytest.fixture(scope="module")
def files(documents: dict[tuple[str, str], Document]) -> dict[tuple[str, str, str], bytes]:
    writers = {
        "docx": lambda d: write_docx(d, "Contents"),
        "pdf": lambda d: write_pdf(d, "Contents"),
        "html": write_html,
    }
    return {(*key, kind): write(document) for key, document in documents.items() for kind, write in writers.items()}


def figures_said(edition: Edition, language: str) -> set[str]:
    """Everything that may stand as a number: published figures, targets, and what part of a target is met."""
    units = {row["indicator"]: row for row in edition.rows("SELECT * FROM indicators")}
    shown = edition.rows("SELECT * FROM figures WHERE status = ?", [SHOWN])
    where = ("indicator", "place", "calendar", "period")
    totals = [r for r in shown if r["breakdown"] == "total"]
    exact = {tuple(r[n] for n in where): form.exact(r["value"], r["numerator"], r["denominator"]) for r in totals}
    said = {
        form.figure(form.exact(r["value"], r["numerator"], r["denominator"]), units[r["indicator"]]["unit"], language)
        for r in shown
    }
    for r in edition.rows("SELECT * FROM targets"):
        said.add(form.figure(r["target"], units[r["indicator"]]["unit"], language))
        direction = units[r["indicator"]]["direction"]
        made = progress(exact.get(tuple(r[n] for n in where)), r["target"], r["baseline"], direction)
        share = made.of_change if measure(direction) == "of_change" else made.of_target
        if share is not None:
            said.add(form.percent(share, language))
    for side in ("old", "new"):  # of an edition before this one, too
        for r in edition.rows(f"SELECT * FROM restatements WHERE {side}_status = ?", [SHOWN]):
            said.add(form.figure(r[f"{side}_value"], units[r["indicator"]]["unit"], language))
    return said


def number_cells(document: Document) -> list[str]:
    """The cells of the columns that are set right: figures and marks."""
    return [
        cell
        for table in document.blocks if isinstance(table, Table)
        for row in table.rows if row.kind != "group"
        for cell, column in zip(row.cells, table.columns, strict=True) if column.align == "right"
    ]  # fmt: skip


def word_cells(data: bytes) -> list[str]:
    found = docx.Document(io.BytesIO(data))
    return [cell.text for table in found.tables for row in table._tbl.tr_lst for cell in _cells(row)]


def _cells(row: Any) -> list[Any]:
    return [
        type("Cell", (), {"text": "".join(t.text or "" for t in tc.iter() if t.tag.endswith("}t"))})
        for tc in row.tc_lst
    ]


# Numbers


@pytest.mark.parametrize(("code", "language"), CASES)
def test_every_number_of_a_table_is_a_figure_a_target_or_a_share_of_one(edition, documents, code, language):
    allowed = figures_said(edition, language)
    cells = [cell.removesuffix("*") for cell in number_cells(documents[code, language])]
    numbers = [cell for cell in cells if re.search(r"\d", cell)]
    marks = {word for key, word in report_words(language).items() if key.startswith(("mark.", "state."))}
    marks |= {label for (name, _), label in edition.labels(language).items() if name == "status"}
    assert [cell for cell in numbers if cell not in allowed] == []
    assert {cell for cell in cells if not re.search(r"\d", cell)} <= marks | {""}
    assert len(numbers) > 30


@pytest.mark.parametrize(("code", "language"), CASES)
def test_the_annex_says_every_target_and_figure_of_the_region(edition, documents, code, language):
    """Straight from the edition, cell by cell: indicator, block, target and actual."""
    words_of = report_words(language)
    table = next(
        b for b in documents[code, language].blocks if isinstance(b, Table) and b.caption == words_of["table.all"]
    )
    rows = {row.cells[0].split(" ")[0]: row.cells[1:] for row in reversed(table.rows) if row.kind != "group"}
    labels = edition.labels(language)
    period = {"usaid": "2010-Q4", "inl": "2010-Q4", "norway": "2010-Q4"}[code]
    calendars = ("quarter", DONORS[code].year)
    checked = 0
    for number, calendar in enumerate(calendars):
        found = edition.rows(
            "SELECT f.*, i.unit FROM figures AS f JOIN indicators AS i USING (indicator)"
            " WHERE place = 'CA' AND breakdown = 'total' AND calendar = ? AND period = ?", [calendar, period]
        )  # fmt: skip
        for row in found:
            if row["indicator"] not in rows:
                continue
            exact = row["status"] == SHOWN and form.exact(row["value"], row["numerator"], row["denominator"])
            said = form.figure(exact, row["unit"], language) if exact is not False else labels["status", row["status"]]
            assert rows[row["indicator"]][2 * number + 1].removesuffix("*") == said, (row["indicator"], calendar)
            checked += 1
    assert checked > 3


@pytest.mark.parametrize("key", [*CASES, *[("newsletter", language) for language in LANGUAGES]])
def test_word_and_web_page_hold_the_cells_of_the_document_and_no_others(documents, files, key):
    document = documents[key]
    tables = [document.cover, *(block for block in document.blocks if isinstance(block, Table))]
    headers = [[c.header for c in table.columns] if any(c.header for c in table.columns) else [] for table in tables]
    wanted = [
        cell
        for table, heads in zip(tables, headers, strict=True)
        for cell in (*heads, *(c for row in table.rows for c in row.cells))
    ]
    assert word_cells(files[*key, "docx"]) == wanted
    page = files[*key, "html"].decode()
    assert len(re.findall("<t[hd][ >]", page)) == len(wanted)


@pytest.mark.parametrize("key", [*CASES, *[("newsletter", language) for language in LANGUAGES]])
def test_the_pdf_says_the_same_numbers_as_the_document_and_no_other(documents, files, key):
    document = documents[key]
    reader = pypdf.PdfReader(io.BytesIO(files[*key, "pdf"]))
    pages = [page.extract_text() for page in reader.pages]
    read = Counter(number for page in pages for number in DIGITS.findall(page.replace("\n", " ")))
    meant = Counter(number for text in texts(document) for number in DIGITS.findall(text))
    page_numbers = {str(number) for number in range(1, len(pages) + 1)}
    furniture = set(DIGITS.findall(document.header)) | page_numbers
    assert meant - read == Counter(), "every number is in the PDF as often as it should be"
    assert set(read - meant) <= furniture | {
        n for b in document.blocks if isinstance(b, Heading) for n in DIGITS.findall(b.number)
    }
    whole = squeezed("".join(pages))
    assert [text for text in texts(document) if text and squeezed(text) not in whole and len(text) < 40] == []


def test_a_hidden_number_is_in_no_file(tmp_path):
    """Even if an edition held the numbers of hidden figures, none may get out: not in a text, a chart or a property."""
    marked = edition_with(
        tmp_path,
        f"UPDATE figures SET value = 987654, numerator = 987654, denominator = 1 WHERE status = '{SUPPRESSED}'",
    )
    for language in LANGUAGES:
        for document in (report_documents(marked, DONORS["usaid"])[language], newsletter_document(marked, language)):
            made = (write_docx(document, ""), write_pdf(document, ""), write_html(document))
            everything = "\n".join([*map(plain, made), *texts(document)])
            assert not re.search("987.?654", everything)
            bars = [bar for block in document.blocks if isinstance(block, Chart) for bar in block.bars]
            assert all(bar.length is None for bar in bars if not re.search(r"\d", bar.text.split("(")[0]))
    marked.connection.close()


@pytest.mark.parametrize(("code", "language"), CASES)
def test_what_is_hidden_or_missing_is_a_mark_with_a_note_beside_it(edition, documents, code, language):
    labels, blocks = edition.labels(language), documents[code, language].blocks
    marks = [labels["status", status] for status in (SUPPRESSED, "not_reported")]
    for number, block in enumerate(blocks):
        if isinstance(block, Table) and any(column.align == "right" for column in block.columns):
            used = [mark for mark in marks if any(mark in row.cells for row in block.rows)]
            after = blocks[number + 1]
            assert not used or (isinstance(after, Paragraph) and all(mark in after.text for mark in used)), (
                block.caption
            )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_office_that_has_not_reported_is_named(edition, documents, language):
    items = [
        item for block in documents["usaid", language].blocks if isinstance(block, Bullets) for item in block.items
    ]
    office, export = edition.labels(language)["office", "tjk"], edition.labels(language).get(("export", "cases"))
    export = export or report_words(language)["export.cases"]
    assert report_words(language)["complete.missing"].format(office=office, export=export) in items
    assert report_words(language)["complete.not_zero"] in list(texts(documents["usaid", language]))


# Files


def test_the_same_edition_gives_the_same_bytes(documents, files, edition):
    """Twice here, and once in another process with another order of hashes."""
    again = newsletter_document(edition, "ru")
    assert write_docx(again, "Contents") == files["newsletter", "ru", "docx"]
    assert write_pdf(again, "Contents") == files["newsletter", "ru", "pdf"]
    assert write_html(again) == files["newsletter", "ru", "html"]
    code = f"""
import hashlib, pathlib
from reports.donors import profiles
from reports.edition import open_edition
from reports.report import Report, outputs
from indicators.calendars import Quarter
edition = open_edition(pathlib.Path({str(edition.path.parent)!r}))
report = Report(edition, profiles()["usaid"], Quarter(2010, 4))
print(*[hashlib.sha256(outputs()[kind].write(report, "ru")).hexdigest() for kind in ("docx", "pdf")])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env={"PYTHONHASHSEED": "4711", "PYTHONPATH": str(REPOSITORY), "TZ": "Asia/Almaty"},
    )  # fmt: skip
    report = Report(edition, DONORS["usaid"], Quarter(2010, 4))
    here = [hashlib.sha256(outputs()[kind].write(report, "ru")).hexdigest() for kind in ("docx", "pdf")]
    assert done.stdout.split() == here


@pytest.mark.parametrize("key", [*CASES, *[("newsletter", language) for language in LANGUAGES]])
def test_the_pdf_is_tagged_titled_and_in_its_language_and_claims_pdf_ua(documents, files, key):
    reader = pypdf.PdfReader(io.BytesIO(files[*key, "pdf"]))
    root: Any = reader.trailer["/Root"]
    assert root["/Lang"] == key[1] and root["/MarkInfo"]["/Marked"] and "/StructTreeRoot" in root
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata is not None and reader.metadata.title == documents[key].title
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()
    pages: list[Any] = list(reader.pages)
    fonts = {str(f.get_object()["/BaseFont"]) for page in pages for f in page["/Resources"]["/Font"].values()}
    assert {re.sub("^/[A-Z]{6}[+]|-.*", "", font) for font in fonts} <= {"LiberationSans", "DejaVuSansMono"}


def nodes(data: bytes) -> Iterator[tuple[str, Any]]:
    """The tags of a PDF in reading order."""
    root: Any = pypdf.PdfReader(io.BytesIO(data)).trailer["/Root"]
    waiting = [root["/StructTreeRoot"]["/K"]]
    while waiting:
        node = waiting.pop()
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            waiting += reversed(node)
        elif isinstance(node, dict):
            if "/S" in node:
                yield str(node["/S"]), node
            waiting += [node["/K"]] if "/K" in node else []


@pytest.mark.parametrize("key", [*CASES, *[("newsletter", language) for language in LANGUAGES]])
def test_the_tags_of_the_pdf_are_those_a_reader_by_ear_needs(documents, files, key):
    """What can be asked without a validator: steps of headings, texts of charts, headers of tables, lists."""
    document, tags = documents[key], list(nodes(files[*key, "pdf"]))
    levels = [int(tag[2:]) for tag, _ in tags if re.fullmatch(r"/H[1-6]", tag)]
    assert levels == [b.level for b in document.blocks if isinstance(b, Heading)]
    assert all(low + 1 >= high for low, high in pairwise([0, *levels])), "no level is left out on the way down"
    charts = [b for b in document.blocks if isinstance(b, Chart)]
    assert [str(node["/Alt"]) for tag, node in tags if tag == "/Figure"] == [chart.alt for chart in charts]
    tables = [b for b in (document.cover, *document.blocks) if isinstance(b, Table) and b.rows]
    assert sum(tag == "/Table" for tag, _ in tags) >= len(tables)
    heads = [node for tag, node in tags if tag == "/TH"]
    assert all(any("/Scope" in one.get_object() for one in node["/A"]) for node in heads)
    headed = sum(any(column.header for column in table.columns) for table in tables)
    assert sum(tag == "/THead" for tag, _ in tags) >= headed > 0


@pytest.mark.parametrize("key", [*CASES, *[("newsletter", language) for language in LANGUAGES]])
def test_the_word_file_keeps_headings_styles_headers_and_alternative_texts(documents, files, key):
    document, word = documents[key], docx.Document(io.BytesIO(files[*key, "docx"]))
    headings = [(p.style.name, p.text) for p in word.paragraphs if p.style and str(p.style.name).startswith("Heading")]
    wanted = [b for b in document.blocks if isinstance(b, Heading)]
    assert headings == [(f"Heading {b.level}", f"{b.number}  {b.text}".strip()) for b in wanted]
    assert document.header in [p.text for p in word.sections[0].header.paragraphs]
    fields = re.findall(r'w:instr="(\w+)"', plain(files[*key, "docx"]))
    assert {"PAGE", "NUMPAGES"} <= set(fields)
    charts = [b for b in document.blocks if isinstance(b, Chart)]
    assert [shape._inline.docPr.get("descr") for shape in word.inline_shapes] == [chart.alt for chart in charts]
    assert all(table.style is not None and table.style.name == TABLE for table in word.tables)
    core = word.core_properties
    assert (core.author, core.title, core.created.date() if core.created else None) == (
        "esep", document.title, Quarter(2010, 4).end,
    )  # fmt: skip


def test_the_template_has_every_style_and_a_report_says_which_it_lacks(documents, tmp_path):
    assert {*STYLES, TABLE} <= {style.name for style in docx.Document(str(FILE)).styles}
    broken = docx.Document(str(FILE))
    broken.styles["Report note"].delete()
    broken.save(str(tmp_path / "report.docx"))
    with pytest.raises(ReportError, match="lacks the styles Report note"):
        write_docx(documents["usaid", "en"], "", tmp_path / "report.docx")


def test_a_template_that_was_changed_in_word_changes_the_report(documents, tmp_path):
    changed = docx.Document(str(FILE))
    changed.styles["Heading 1"].font.size = docx.shared.Pt(31)
    changed.sections[0].header.paragraphs[0].text = "Our office · {header}"
    changed.save(str(tmp_path / "report.docx"))
    word = docx.Document(io.BytesIO(write_docx(documents["usaid", "ru"], "", tmp_path / "report.docx")))
    assert word.styles["Heading 1"].font.size == docx.shared.Pt(31)
    assert word.sections[0].header.paragraphs[0].text == f"Our office · {documents['usaid', 'ru'].header}"


def test_a_word_file_in_which_somebody_wrote_is_kept_and_said(edition, tmp_path):
    def write(*forms: str) -> Any:
        return export_donor(edition, DONORS["usaid"], tmp_path, languages=("en",), forms=forms)

    (first,) = write("docx").written
    assert is_untouched(first.path.read_bytes())
    assert write("docx").left_out == ()
    word = docx.Document(str(first.path))
    word.paragraphs[-1].add_run("Our explanation.")
    word.save(str(first.path))
    edited = first.path.read_bytes()
    assert not is_untouched(edited)
    done = write("docx", "pdf")
    assert first.path.read_bytes() == edited
    assert [written.form for written in done.written] == ["pdf"]
    assert [form_name for form_name, reason in done.left_out if "somebody has written in" in reason] == ["docx"]


# Outlines and words


def test_every_part_that_an_outline_may_name_is_made_and_every_outline_is_of_a_donor():
    assert set(PARTS) == set(MAKERS)
    assert {donor.outline for donor in DONORS.values()} == set(outlines_module.outline_codes())


@pytest.mark.parametrize("code", sorted(outlines()))
def test_every_outline_says_where_its_form_comes_from_and_what_is_to_be_written(code, edition):
    outline = outlines()[code]
    assert outline.source
    for section in outline.sections:
        assert section.ask is None or all(section.ask.values())


@pytest.mark.parametrize(("code", "language"), CASES)
def test_what_nobody_wrote_is_asked_for(documents, code, language):
    asks = [b.text for b in documents[code, language].blocks if isinstance(b, Paragraph) and b.kind == ASK]
    outline = outlines()[str(DONORS[code].outline)]
    for section in outline.sections:
        if section.ask:
            assert report_words(language)["ask.write"].format(what=section.ask[language]) in asks


def test_faults_of_an_outline_are_told_together(tmp_path):
    good = (outlines_module.HERE / "norway.toml").read_text(encoding="utf-8")
    bad = good.replace('parts = ["framework"]', 'parts = ["poem"]').replace("level = 2", "level = 9", 1)
    (tmp_path / "norway.toml").write_text(bad.replace(', ru = "Реализация"', ""), encoding="utf-8")
    with pytest.raises(DeclarationError) as raised:
        outlines(tmp_path)
    told = "\n".join(raised.value.faults)
    assert "there is no part 'poem'" in told and "level must be 1 to 3" in told and "title needs en and ru" in told


def test_no_outline_of_a_donor_leaves_out_what_changed(tmp_path):
    for name in ("norway", "newsletter"):
        good = (outlines_module.HERE / f"{name}.toml").read_text(encoding="utf-8")
        (tmp_path / f"{name}.toml").write_text(good.replace('parts = ["restatements"]\n', ""), encoding="utf-8")
    with pytest.raises(DeclarationError) as raised:
        outlines(tmp_path)
    assert [fault for fault in raised.value.faults if "a donor is told which of its figures changed" in fault] == list(
        raised.value.faults
    )
    assert len(raised.value.faults) == 1


def test_the_words_are_in_both_languages_and_russian_ones_in_russian():
    english, russian = words("en", REPORT_FILE), words("ru", REPORT_FILE)
    assert english.keys() == russian.keys()
    bare = {key: re.sub("{.*?}", "", text) for key, text in russian.items()}
    assert [key for key, text in bare.items() if re.search("[a-z]", text) and not re.search("[а-я]", text)] == []


PAGE = (REPOSITORY / "docs" / "reports.md").read_text(encoding="utf-8")


def test_every_part_and_key_of_an_outline_is_on_the_page():
    assert [part for part in PARTS if f"| `{part}` |" not in PAGE] == []
    described = set(re.findall(r"^    (\w+) = ", PAGE, re.M)) | {"marking"}
    assert {key.rstrip("*") for key in (*outlines_module._SECTION, "marking")} <= described


# What offices write

TEXT = """# Kazakhstan

## progress
Training for {T01 KZ} groups, {P01 KZ life} persons so far.

- first
- second,
  longer
## Plan for the next quarter
A forum in Almaty.
## hotline
11616
"""


def office_text(text: str = TEXT, language: str = "en") -> OfficeText:
    return read_narrative("kaz", language, f"kaz.{language}.md", text.encode(), known_sections())


def test_a_text_stands_in_its_section_with_figures_of_the_edition(edition):
    document = report_documents(edition, DONORS["usaid"], [office_text()])["en"]
    said = list(texts(document))
    values = {
        (r["indicator"], r["calendar"]): r["value"]
        for r in edition.rows("SELECT * FROM figures WHERE place = 'KZ' AND period = '2010-Q4' AND breakdown = 'total'")
    }
    events, life = values["T01", "quarter"], values["P01", "project_life"]
    assert f"Training for {events:.0f} groups, {life:.0f} persons so far." in said
    assert {"first", "second, longer", "A forum in Almaty."} <= set(said)
    assert hashlib.sha256(TEXT.encode()).hexdigest()[:16] in said, "the report names the text by its hash"
    place = said.index("2.1 Progress narrative")
    assert place < said.index("first") < said.index("2.2 Implementation status")
    assert f"Training for {events:.0f} groups" in plain(write_pdf(document, "Contents"))


def test_the_life_that_a_text_names_is_that_of_the_donors_project(tmp_path):
    later = edition_with(
        tmp_path, "UPDATE projects SET start_on = DATE '2010-10-01' WHERE project = 'demo'",
        "INSERT INTO periods SELECT * REPLACE ('project_life_2010-Q4' AS calendar, DATE '2010-10-01' AS start_on)"
        " FROM periods WHERE calendar = 'project_life' AND period = '2010-Q4'",
        "INSERT INTO figures SELECT * REPLACE ('project_life_2010-Q4' AS calendar) FROM figures"
        " WHERE calendar = 'quarter' AND period = '2010-Q4'",
    )  # fmt: skip
    text = office_text("## progress\n{P01 KZ} and {P01 KZ life} persons.\n")
    assert "48 and 48 persons." in list(texts(report_documents(later, DONORS["usaid"], [text])["en"]))
    later.connection.close()


def test_a_text_of_the_other_language_is_to_be_translated(edition):
    document = report_documents(edition, DONORS["usaid"], [office_text()])["ru"]
    asks = [b.text for b in document.blocks if isinstance(b, Paragraph) and b.kind == ASK]
    office = edition.labels("ru")["office", "kaz"]
    assert report_words("ru")["ask.other_language"].format(office=office) in asks
    assert "first" not in list(texts(document))


def test_a_hidden_figure_is_a_mark_in_a_text_too_and_an_unknown_one_stops_the_report(edition):
    said = list(texts(report_documents(edition, DONORS["usaid"], [office_text("## progress\n{P01 TM}\n")])["en"]))
    assert "suppressed" in said
    with pytest.raises(ReportError, match=r"kaz.en.md, line 2: {T99 KZ}: this edition has no such figure"):
        report_documents(edition, DONORS["usaid"], [office_text("## progress\n{T99 KZ}\n")])


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("hello\n", "line 1: text before the first section"),
        ("## progres\nx\n", "line 1: no outline has this section; there are challenges"),
        ("## progress\n{T02 kz}\n", "line 2: braces hold a figure"),
        ("## progress\n{T02\n", "line 2: braces hold a figure"),
    ],
)
def test_faults_of_a_text_name_the_line(text, fault):
    with pytest.raises(NarrativeError, match=re.escape(f"kaz.en.md, {fault}")):
        office_text(text)


def test_text_that_is_not_utf_8_is_refused():
    with pytest.raises(NarrativeError, match="not UTF-8"):
        read_narrative("kaz", "ru", "kaz.ru.md", "## progress\nКазахстан".encode("cp1251"), known_sections())


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("## progress\n\nIt was opened by Gulnara Seitova.\n", "line 3: seems to hold a person's name"),
        ("## news\nA.B. is reached at someone@example.org.\n", "line 2: seems to hold an e-mail address"),
        ("## progress\nCall +7 701 234 56 78.\n", "line 2: seems to hold a telephone number"),
        ("## progress\nCall +7 701\n234 56 78.\n", "line 3: seems to hold a telephone number"),
    ],
)  # fmt: skip
def test_personal_data_keeps_a_text_back_and_is_never_repeated(tmp_path, text, kind):
    (tmp_path / "2010-Q4").mkdir()
    (tmp_path / "2010-Q4" / "kaz.en.md").write_text(text, encoding="utf-8")
    with pytest.raises(NarrativeError) as raised:
        narratives(tmp_path, "2010-Q4", OFFICES)
    assert f"kaz.en.md, {kind}" in str(raised.value)
    assert not re.search("Gulnara|Seitova|someone|701", str(raised.value))


def test_public_numbers_may_stand_under_hotline_alone(tmp_path, edition):
    (tmp_path / "2010-Q4").mkdir()
    path = tmp_path / "2010-Q4" / "uzb.en.md"
    path.write_text("## hotline\n+998 71 276 94 44\n", encoding="utf-8")
    found = narratives(tmp_path, "2010-Q4", OFFICES)
    assert "+998 71 276 94 44" in list(texts(newsletter_document(edition, "en", found)))
    assert remarks(tmp_path, "2010-Q4") == []
    path.write_text("## hotline\n11616\n## news\n\n{T01 UZ} trainings.\nIn all 17 students.\n", encoding="utf-8")
    assert remarks(tmp_path, "2010-Q4") == [
        "uzb.en.md: numbers typed by hand (lines 6); a reference such as {T02 KZ} stays true"
    ]
    assert narratives(tmp_path, "2010-Q3", OFFICES) == []
    path.rename(path.with_name("nobody.en.md"))
    with pytest.raises(NarrativeError, match="a text is named <office>"):
        narratives(tmp_path, "2010-Q4", OFFICES)


@pytest.mark.parametrize("period", sorted(path.name for path in (REPOSITORY / "data" / "narratives").iterdir()))
def test_the_sample_texts_are_clean_and_stand_in_every_report_that_asks_for_them(edition, period):
    found = narratives(REPOSITORY / "data" / "narratives", period, OFFICES)
    assert {text.language for text in found} == set(LANGUAGES) and remarks(
        REPOSITORY / "data" / "narratives", period
    ) == []
    for code, donor in DONORS.items():
        for language, document in report_documents(edition, donor, found).items():
            asked = {section.code for section in outlines()[code].sections if section.ask}
            written = [text for text in found if text.language == language and asked & text.sections.keys()]
            heads = [b.text for b in document.blocks if isinstance(b, Heading)]
            assert {edition.labels(language)["office", text.office] for text in written} <= set(heads)
            assert write_pdf(document, "")


# The newsletter


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_newsletter_tells_of_every_country_what_the_edition_says(edition, documents, language):
    document = documents["newsletter", language]
    heads = [b.text for b in document.blocks if isinstance(b, Heading) and b.level == 1]
    labels = edition.labels(language)
    assert heads[1:] == [labels["place", place] for place in ("KZ", "KG", "TJ", "TM", "UZ")]
    rows = edition.rows(
        "SELECT f.place, f.value, i.title_en, i.title_ru FROM figures AS f JOIN indicators AS i USING (indicator)"
        " WHERE indicator = 'T01' AND calendar = 'quarter' AND period = '2010-Q4' AND breakdown = 'total'"
    )
    said = [item for block in document.blocks if isinstance(block, Bullets) for item in block.items]
    for row in rows:
        if row["place"] != "CA":
            begin = f"{row[f'title_{language}']}: {form.number(Decimal(row['value']), language)};"
            assert any(item.startswith(begin) for item in said), row["place"]


def test_the_newsletter_says_what_it_has_not(documents):
    said = list(texts(documents["newsletter", "en"]))
    assert report_words("en")["newsletter.hotline_numbers"] in said


def test_the_page_needs_nothing_from_anywhere(files):
    page = files["newsletter", "ru", "html"].decode()
    assert '<html lang="ru">' in page and "<script" not in page
    assert re.findall(r'(?:src|href)="(?!data:image/svg)', page) == []


def test_the_command_writes_the_newsletter_and_screens_first(tmp_path):
    (tmp_path / "curated" / "editions").mkdir(parents=True)
    edition_with(tmp_path / "curated" / "editions").connection.close()
    words_of = ["newsletter", "--curated", str(tmp_path / "curated"), "--to", str(tmp_path / "to"), "--lang", "en"]
    done = CliRunner().invoke(main, words_of)
    assert done.exit_code == 0, done.output
    assert {path.suffix for path in (tmp_path / "to").iterdir()} == {".docx", ".pdf", ".html"}
    folder = tmp_path / "texts" / "2010-Q4"
    folder.mkdir(parents=True)
    (folder / "kaz.en.md").write_text("## news\nMail someone@example.org\n", encoding="utf-8")
    for command in (words_of, ["export", "usaid", *words_of[1:], "--format", "pdf"]):
        told = CliRunner().invoke(main, [*command, "--narratives", str(folder.parent)])
        assert (told.exit_code, "line 2: seems to hold an e-mail" in told.stderr, "someone" in told.output) == (
            3,
            True,
            False,
        )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_number_of_a_hotline_stands_in_its_countrys_section(edition, language):
    texts_of = [office_text("## hotline\n11616\n", language)]
    blocks = newsletter_document(edition, language, texts_of).blocks
    (place,) = [number for number, block in enumerate(blocks) if isinstance(block, Paragraph) and block.text == "11616"]
    heads = [block.text for block in blocks[:place] if isinstance(block, Heading)]
    (topic,) = [one["title"][language] for one in choice()["topic"] if one.get("text") == "hotline"]
    assert heads[-1] == topic and edition.labels(language)["place", "KZ"] in heads
    assert edition.labels(language)["place", "KG"] not in heads


@pytest.mark.parametrize(("code", "language"), CASES)
def test_a_deviation_says_of_which_time_it_is(edition, documents, code, language):
    """A target of the project's life may be missed in a quarter that met its own."""
    caption = report_words(language)["table.deviations"]
    rows = [
        r for b in documents[code, language].blocks if isinstance(b, Table) and b.caption == caption for r in b.rows
    ]
    report = open_report(edition, DONORS[code], outlines()[code], language, whole_table(edition, DONORS[code]))
    found = list(deviations(DONORS[code], report.table))
    assert [row.cells[1] for row in rows] == [report.window(one.block) for one in found]


def test_only_a_table_of_half_a_page_is_kept_whole():
    columns = (Column("", 30), Column("", 140))
    assert Table("", columns, (Row(("a", "b")),) * 24).is_short
    assert not Table("", columns, (Row(("a", "b")),) * 25).is_short
    assert not Table("", columns, (Row(("a", "word " * 60)),) * 8).is_short
