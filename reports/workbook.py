"""The donor workbook: one edition and one donor profile in, the bytes of an XLSX file out.

The same edition, profile and language always give the same bytes. The file has no formulas, no
macros, no links and no comments; numbers are numbers, and what is hidden in the edition is nowhere
in the file.
"""

from __future__ import annotations

import io
from datetime import datetime, time
from typing import Any

from indicators.facts import LANGUAGES
from reports.cover_sheet import cover_sheet
from reports.donor_figures import ReportError
from reports.donors import DonorProfile
from reports.edition import Edition
from reports.iptt import iptt
from reports.iptt_blocks import reporting_quarter
from reports.iptt_sheet import iptt_sheet
from reports.layout import layout_of
from reports.note_sheets import about_sheet, suppression_sheet
from reports.pirs_sheet import pirs_sheet
from reports.quality_sheet import quality_sheet
from reports.restatement_sheet import restatement_sheet
from reports.sheets import FONT, Book


def export(edition: Edition, donor: DonorProfile, language: str | None = None) -> bytes:
    """The workbook of a donor, in the donor's own language if none is named.

    Raises ReportError for a language that is not there, an edition without quarters, and targets
    of two projects for the same cell.
    """
    import xlsxwriter

    language = language or donor.language
    if language not in LANGUAGES:
        raise ReportError(f"there is no language {language!r}; there are {', '.join(LANGUAGES)}")
    layout = layout_of(donor)
    tables = [iptt(edition, donor, table, layout.marks_dna) for table in donor.tables]
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, options()) as workbook:
        book = Book(edition, language, workbook, edition.labels(language))
        workbook.set_properties(properties(book, f"{donor.tables[0].title[language]}: {donor.name[language]}"))
        cover_sheet(book, donor)
        for table in tables:
            iptt_sheet(book, donor, table)
        for draw in layout.sheets.values():
            draw(book, donor, tables)
        restatement_sheet(book, donor)
        suppression_sheet(book, tables)
        pirs_sheet(book, donor, tables)
        quality_sheet(book, tables)
        about_sheet(book, donor, tables)
    return buffer.getvalue()


def reportable(edition: Edition) -> bool:
    """Whether there is anything to report to a donor: a published source without quarters is no programme."""
    try:
        reporting_quarter(edition)
    except ReportError:
        return False
    return True


def options() -> dict[str, Any]:
    """Texts stay texts, whatever they look like; nothing is written to disk. New each time: the writer changes them."""
    texts = {f"strings_to_{kind}": False for kind in ("formulas", "numbers", "urls")}
    return {"in_memory": True, "default_format_properties": dict(FONT), **texts}


def properties(book: Book, title: str) -> dict[str, Any]:
    """Title and day of the file: the day of the data, so that the same edition gives the same bytes."""
    until = book.edition.about()["data_until"] or reporting_quarter(book.edition).end
    return {
        "title": title,
        "subject": book.edition.edition_id,
        "author": "esep",
        "created": datetime.combine(until, time()),  # the format knows no time zone
    }
