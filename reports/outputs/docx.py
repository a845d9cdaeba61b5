"""The narrative report as a Word file, which the officer goes on writing in."""

from __future__ import annotations

from reports.report import Output, Report, without_outline


def write(report: Report, language: str) -> bytes:
    """The report in a language. Raises NothingToHandOver for a donor without an outline."""
    from reports.docx_file import write_docx
    from reports.words import report_words

    return write_docx(report.narratives[language], report_words(language)["page.contents"])


TITLE = {"en": "Narrative report (Word)", "ru": "Описательный отчёт (Word)"}
OUTPUT = Output(TITLE, "docx", True, write, has_texts=True, lacks=without_outline)
