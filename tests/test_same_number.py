"""One figure is one number: on the screen, in the workbook, in Word, in PDF and in every file for machines.

Read back from the bytes of every form in the folder of outputs; a form without a reader here fails.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

import docx
import openpyxl
import pypdf
import pytest
from lxml import etree

from dashboards.cells import cell
from reports import format as form
from reports.as_of import as_of
from reports.donor_periods import latest
from reports.donors import profiles
from reports.edition import SHOWN, Edition
from reports.report import NothingToHandOver, Report, outputs
from reports.words import report_words
from tests.donor_files import dhis2, displayed, edition_with, iati, package, sdmx, sheet_of, squeezed

LANGUAGES = ("en", "ru")
DONORS = {code: donor for code, donor in profiles().items() if donor.outline}
Place = tuple[str, str]  # indicator and place


@dataclass(frozen=True)
class Made:
    """A report with the bytes of its forms in one language."""

    report: Report
    language: str
    files: Mapping[str, bytes]


# Readers: what a form says of whole figures of the quarter, printed, or as a number where it is for machines


def of_workbook(made: Made) -> dict[Place, str]:
    """From the cells: hidden columns say what a row is about; a number is what its format shows of it."""
    words, year = report_words(made.language), "fiscal" if "fiscal" in made.report.donor.year else "calendar"
    quarter, actual = words[f"block.{year}_quarter"].format(q=made.report.quarter), words["column.actual"]
    book = openpyxl.load_workbook(io.BytesIO(made.files["iptt"]))
    found = {}
    for table in made.report.donor.tables:
        sheet = sheet_of(book, table)
        (first,) = [cell.column for cell in sheet[4] if cell.value == quarter]
        column = next(cell.column for cell in sheet[6][first - 1 :] if cell.value == actual)
        for row in sheet.iter_rows(min_row=7):
            value = row[column - 1]
            if row[2].value == "total" and value.data_type == "n" and value.value is not None:
                found[row[0].value, row[1].value] = displayed(value.value, value.number_format)
    return found if made.language == "en" else {key: _russian(text) for key, text in found.items()}


def _russian(text: str) -> str:
    """What a program set to Russian shows under the same format."""
    return text.replace(",", form.NO_BREAK).replace(".", ",")


def of_word(made: Made) -> dict[Place, str]:
    """From the table of all indicators: `P01 title, country`, then target and figure of the quarter."""
    labels = {
        label: code for (name, code), label in made.report.edition.labels(made.language).items() if name == "place"
    }
    titles = made.report.edition.rows(f"SELECT indicator, title_{made.language} AS title FROM indicators")
    known = {f"{row['indicator']} {row['title']}": (row["indicator"], "CA") for row in titles}
    known |= {f"{name}, {label}": (code, place) for name, (code, _) in list(known.items())
              for label, place in labels.items()}  # fmt: skip
    rows = (cells for cells in _word_rows(made.files["docx"]) if cells[0] in known)
    return {known[cells[0]]: cells[2].removesuffix("*") for cells in rows}


def _word_rows(data: bytes) -> Iterator[list[str]]:
    for table in docx.Document(io.BytesIO(data)).tables:
        for row in table._tbl.tr_lst:
            yield ["".join(t.text or "" for t in tc.iter() if t.tag.endswith("}t")) for tc in row.tc_lst]


def of_pdf(made: Made) -> dict[Place, str]:
    """The rows of the Word file that stand in the PDF as well, cell after cell."""
    pages = pypdf.PdfReader(io.BytesIO(made.files["pdf"])).pages
    text = squeezed("".join(page.extract_text() for page in pages))
    found = of_word(made)
    standing = {cells[0].split(" ")[0] for cells in _word_rows(made.files["docx"]) if squeezed("".join(cells)) in text}
    return {key: said for key, said in found.items() if key[0] in standing}


def of_sdmx(made: Made) -> dict[Place, Decimal]:
    return {
        key[:2]: Decimal(row["OBS_VALUE"])
        for key, row in sdmx(made.files["sdmx"]).items()
        if (key[2], *key[4:]) == ("total", "quarter", str(made.report.quarter)) and row["OBS_VALUE"]
    }


def of_dhis2(made: Made) -> dict[Place, Decimal]:
    values = {key[:2]: Decimal(row["value"]) for key, row in dhis2(made.files["dhis2"]).items()
              if (key[2], key[4]) == ("total", str(made.report.quarter).replace("-", ""))}  # fmt: skip
    return _as_fractions(made, values)


def of_package(made: Made) -> dict[Place, Decimal]:
    _, tables = package(made.files["datapackage"])
    wanted = ("total", "quarter", str(made.report.quarter))
    return {
        (row["indicator"], row["place"]): row["value"]
        for row in tables["figures"]
        if (row["breakdown"], row["calendar"], row["period"]) == wanted and row["value"] is not None
    }


def of_iati(made: Made) -> dict[Place, Decimal]:
    root = etree.fromstring(made.files["iati"])
    days = (str(made.report.quarter.start), str(made.report.quarter.end))
    return _as_fractions(made, {(key[0], key[3]): value for key, value in iati(root).items()
                                if key[1:3] == days and len(key) == 4})  # fmt: skip


def _as_fractions(made: Made, values: Mapping[Place, Decimal]) -> dict[Place, Decimal]:
    """Shares are per cent in these forms."""
    units = {code: row["unit"] for code, row in made.report.handed.indicators.items()}
    return {key: value / 100 if units[key[0]] == "percent" else value for key, value in values.items()}


READERS: dict[str, Callable[[Made], Mapping[Place, str] | Mapping[Place, Decimal]]] = {
    "iptt": of_workbook, "docx": of_word, "pdf": of_pdf, "sdmx": of_sdmx, "dhis2": of_dhis2,
    "datapackage": of_package, "iati": of_iati,
}  # fmt: skip
NO_FIGURES = {"trainet"}  # it lists events


def test_every_form_has_a_reader():
    assert set(READERS) | NO_FIGURES == set(outputs())


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edition]:
    """With a half that binary numbers lose, thousands, and a share of thirds."""
    opened = edition_with(
        tmp_path_factory.mktemp("same"),
        "UPDATE figures SET value = 0.5125, numerator = 41, denominator = 80 WHERE indicator = 'T09' AND place = 'KZ'"
        " AND calendar = 'quarter' AND breakdown = 'total'",
        "UPDATE figures SET value = 1234567 WHERE indicator = 'C02' AND place = 'KZ' AND calendar = 'quarter'",
    )  # fmt: skip
    yield opened
    opened.connection.close()


@cache
def made_of(edition: Edition, code: str, language: str) -> Made:
    quarter = latest(edition, DONORS[code])
    assert quarter is not None
    report = Report(as_of(edition, quarter), DONORS[code], quarter)
    files = {}
    for name, output in outputs().items():
        try:
            files[name] = output.write(report, language)
        except NothingToHandOver as reason:
            assert str(reason)
    return Made(report, language, files)


def shown(edition: Edition, report: Report) -> dict[Place, dict[str, Any]]:
    """The whole figures of the quarter that the edition shows, of the donor's indicators."""
    rows = edition.rows(
        "SELECT * FROM figures WHERE breakdown = 'total' AND calendar = 'quarter' AND period = ? AND status = ?"
        " AND list_contains(?, indicator)", [str(report.quarter), SHOWN, list(report.handed.indicators)]
    )  # fmt: skip
    return {(row["indicator"], row["place"]): row for row in rows}


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", DONORS)
def test_a_figure_is_the_same_number_in_every_form(edition, code, language, name):
    made = made_of(edition, code, language)
    if name not in made.files:
        assert name == "iati" and code == "norway", "only a donor without a project has no such file"
        return
    rows, indicators = shown(edition, made.report), made.report.handed.indicators
    told = READERS[name](made)
    found = {key: said for key, said in told.items() if not isinstance(said, str) or re.search(r"[0-9]", said)}
    assert found
    for key, said in found.items():
        row, indicator = rows[key], dict(indicators[key[0]])
        exact = form.exact(row["value"], row["numerator"], row["denominator"])
        screen = cell({**row, "baseline": None}, indicator, language).value
        assert screen == form.figure(exact, indicator["unit"], language), key
        assert said == (screen if isinstance(said, str) else row["value"]), (key, name)
    region = {key for key in rows if key[1] == "CA"}
    places = {"docx": region, "pdf": region, "iati": set(found)}.get(name, set(rows))
    assert set(found) >= places, "none is left out"
