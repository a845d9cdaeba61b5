"""The narrative report as a PDF, as it stands."""

from __future__ import annotations

from reports.report import Output, Report, without_outline


def write(report: Report, language: str) -> bytes:
    """The report in a language. Raises NothingToHandOver for a donor without an outline."""
    from reports.pdf_file import write_pdf
    from reports.words import report_words

    return write_pdf(report.narratives[language], report_words(language)["page.contents"])


TITLE = {"en": "Narrative report (PDF)", "ru": "Описательный отчёт (PDF)"}
OUTPUT = Output(TITLE, "pdf", True, write, has_texts=True, lacks=without_outline)
