"""A donor's narrative report as a document: its outline filled with what was written and what was counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from indicators.facts import LANGUAGES
from reports import report_notes, report_restated, report_tables
from reports.document import ASK, Block, Column, Document, Heading, NewPage, Paragraph, Row, Table, stepwise
from reports.donor_figures import ReportError
from reports.donors import DonorProfile
from reports.edition import Edition
from reports.narrative import REGION_OFFICE, OfficeText
from reports.narrative_report import Report, open_report, pieces, whole_table
from reports.outlines import Section, outlines

Part = Callable[[Report], Iterator[Block]]

# What an outline may name: `reports.outlines.PARTS`.
MAKERS: Mapping[str, Part] = {
    "acronyms": report_notes.acronyms,
    "project": report_notes.project,
    "framework": report_notes.framework,
    "summary": report_tables.summary,
    "progress_chart": report_tables.progress_chart,
    "results": report_tables.results,
    "by_sex": report_tables.by_sex,
    "deviations": report_tables.deviation_table,
    "target_changes": report_notes.target_changes,
    "restatements": report_restated.restatements,
    "completeness": report_notes.completeness,
    "checks": report_notes.checks,
    "network": report_tables.network,
    "all_indicators": report_tables.all_indicators,
    "breakdowns": report_tables.breakdown_tables,
    "definitions": report_notes.definitions,
    "marks": report_notes.marks,
    "about": report_notes.about,
    "signature": report_notes.signature,
}


def report_documents(edition: Edition, donor: DonorProfile, texts: Iterable[OfficeText] = ()) -> dict[str, Document]:
    """The narrative quarterly report of a donor by language, in its outline.

    Raises ReportError for a donor without an outline, a text that names a figure which the edition does not have,
    an edition without quarters, and two targets for one cell.
    """
    if donor.outline is None:
        raise ReportError(f"{donor.code}.toml names no outline, so there is no narrative report: outline = ...")
    outline, table = outlines()[donor.outline], whole_table(edition, donor)
    return {language: _document(open_report(edition, donor, outline, language, table, texts)) for language in LANGUAGES}


def _document(report: Report) -> Document:
    blocks = [block for section in report.outline.sections for block in _section(report, section)]
    until = report.edition.about()["data_until"] or report.block("quarter").end
    title, period, name = report.outline.title[report.language], report.called("quarter"), report.edition.edition_id
    cover = tuple(map(Row, report_notes.cover_facts(report)))
    return Document(
        report.language, title, period, report.word("page.header", title=title, period=period, edition=name),
        report.word("page.number", page="{page}", pages="{pages}"), name, (until.year, until.month, until.day),
        Table("", (Column("", 45), Column("", 125)), cover), report.outline.marking.get(report.language, ""),
        stepwise(blocks),
    )  # fmt: skip


def _section(report: Report, section: Section) -> Iterator[Block]:
    if section.new_page:
        yield NewPage()
    yield Heading(section.level, section.title[report.language], section.number)
    if section.ask:
        yield from written(report, section)
    for part in section.parts:
        yield from MAKERS[part](report)


def written(report: Report, section: Section) -> Iterator[Block]:
    """What was written for a section in the report's language, office by office; else what is to be written."""
    assert section.ask is not None, "only sections that ask for text come here"
    language = report.language
    found = [text for text in report.texts if text.sections.get(section.code)]
    own = [text for text in found if text.language == language]
    for text in own:
        if text.office != REGION_OFFICE:
            yield Heading(4, report.label("office", text.office), listed=False)
        yield from pieces(report, text, section.code, report.donor.year, report.block("life").calendar)
    have = {text.office for text in own}
    for office in dict.fromkeys(text.office for text in found if text.office not in have):
        yield Paragraph(report.word("ask.other_language", office=report.label("office", office)), ASK)
    if not found:
        yield Paragraph(report.word("ask.write", what=section.ask[language]), ASK)
