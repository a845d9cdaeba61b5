"""The donor's workbook, in the layout of its profile."""

from __future__ import annotations

from reports.report import Output, Report


def write(report: Report, language: str) -> bytes:
    """The workbook in a language."""
    from reports.workbook import export

    return export(report.edition, report.donor, language)


OUTPUT = Output({"en": "Donor table", "ru": "Таблица донора"}, "xlsx", True, write)
