"""A donor's narrative report as a document: its outline filled with what was written and what was counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from reports import report_notes, report_tables
from reports.document import ASK, Block, Column, Document, Heading, NewPage, Paragraph, Row, Table
from reports.donor_figures import ReportError
from reports.donors import DonorProfile
from reports.edition import Edition
from reports.narrative import REGION_OFFICE, OfficeText
from reports.outlines import Section, outlines
from reports.narrative_report import Report, open_report, pieces

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


def report_document(edition: Edition, donor: DonorProfile, language: str, texts: Iterable[OfficeText] = ()) -> Document:
    """The narrative quarterly report of a donor, in its outline.

    Raises ReportError for a donor without an outline, a text that names a figure which the edition does not have,
    and what `open_report` raises.
    """
    if donor.outline is None:
        raise ReportError(f"{donor.code}.toml names no outline, so there is no narrative report: outline = ...")
    outline = outlines()[donor.outline]
    report = open_report(edition, donor, outline, language, texts)
    blocks = [block for section in outline.sections for block in _section(report, section)]
    until = edition.about()["data_until"] or report.block("quarter").end
    title, period = outline.title[language], report.called("quarter")
    cover = tuple(map(Row, report_notes.cover_facts(report)))
    return Document(
        language, title, period, report.word("page.header", title=title, period=period, edition=edition.edition_id),
        report.word("page.number", page="{page}", pages="{pages}"), edition.edition_id,
        (until.year, until.month, until.day),
        Table("", (Column("", 45), Column("", 125)), cover),
        outline.marking.get(language, ""), tuple(blocks),
    )  # fmt: skip


def _section(report: Report, section: Section) -> Iterator[Block]:
    if section.new_page:
        yield NewPage()
    yield Heading(section.level, section.title[report.language], section.number)
    if section.ask:
        yield from written(report, section, report.texts, report.donor.year)
    for part in section.parts:
        yield from MAKERS[part](report)


def written(report: Report, section: Section, texts: Iterable[OfficeText], year: str) -> Iterator[Block]:
    """What was written for a section in the report's language, office by office; else what is to be written."""
    assert section.ask is not None, "only sections that ask for text come here"
    language = report.language
    found = [text for text in texts if text.sections.get(section.code)]
    own = [text for text in found if text.language == language]
    for text in own:
        if text.office != REGION_OFFICE:
            yield Heading(4, report.label("office", text.office))
        yield from pieces(report, text, section.code, year)
    have = {text.office for text in own}
    for office in dict.fromkeys(text.office for text in found if text.office not in have):
        yield Paragraph(report.word("ask.other_language", office=report.label("office", office)), ASK)
    if not found:
        yield Paragraph(report.word("ask.write", what=section.ask[language]), ASK)
