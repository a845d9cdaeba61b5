"""Everything that can be made of an edition and handed on: files by name, each made when somebody asks for it.

The files are those of `esep export` and `esep newsletter`, byte for byte, of each donor's latest quarter. What offices
write is no part of an edition: forms that have a place for it are drafts here, and their names say so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial

from indicators.calendars import Quarter
from indicators.facts import LANGUAGES
from reports.as_of import as_of
from reports.document import Document
from reports.donor_figures import ReportError
from reports.donor_periods import check, latest
from reports.donors import DonorProfile, profiles
from reports.edition import Edition
from reports.edition_tables import tables_zip
from reports.iptt_blocks import reporting_quarter
from reports.narrative import OfficeText
from reports.outlines import NEWSLETTER, outlines
from reports.report import Report, file_name, outputs
from reports.scope import WHOLE, Scope
from reports.target_gaps import check_targets
from reports.workbook import reportable

TABLES = "tables"
DRAFT = "draft"


@dataclass(frozen=True)
class Download:
    """A file that can be made. `language` is empty where the file holds both or needs none.

    `key` names it on its shelf, in every edition alike; `name` is what the file is called, with its edition. A draft
    lacks what offices write. `write` gives the bytes, the same ones whenever it is asked; it may raise ReportError,
    whose message says what to do.
    """

    key: str
    name: str
    title: Mapping[str, str]
    language: str
    is_draft: bool
    write: Callable[[], bytes]

    @property
    def suffix(self) -> str:
        """What its name ends in, without the point."""
        return self.name.rpartition(".")[2]


@dataclass(frozen=True)
class Shelf:
    """Files that belong together: a donor's, the newsletter, the tables of the edition.

    `quarter` is that of the files, the edition's own where it has none; `lacking` are the titles of forms that have
    nothing to say. A `fault` says why nothing can be made.
    """

    code: str
    title: Mapping[str, str]
    quarter: str
    files: tuple[Download, ...] = ()
    lacking: tuple[Mapping[str, str], ...] = ()
    fault: str = ""


def shelves(edition: Edition, scope: Scope = WHOLE) -> list[Shelf]:
    """All that an edition gives: first what donors get, then the newsletter, then its tables.

    A published source without quarters gives its tables alone, and so does an edition that was opened for some places:
    what donors get holds every country. The files use the edition's connection, and those of an
    earlier quarter one of their own: make one at a time.
    """
    tables = _tables(edition, scope)
    if not (scope.is_whole and reportable(edition)):
        return [tables]
    reached = [(donor, quarter) for donor in profiles().values() if (quarter := latest(edition, donor))]
    return [*(_of_donor(edition, *one) for one in reached), _newsletter(edition), tables]


def _of_donor(edition: Edition, donor: DonorProfile, quarter: Quarter) -> Shelf:
    report = Report(as_of(edition, quarter), donor, quarter)
    empty = Shelf(donor.code, donor.name, str(quarter))
    try:
        check(edition, donor, quarter)
        check_targets(edition, donor)
        lacking = [form for form in donor.formats if outputs()[form].lacks(report)]
    except ReportError as fault:
        return replace(empty, fault=str(fault))
    files = (download for form in donor.formats if form not in lacking for download in _files(report, form))
    return replace(empty, files=tuple(files), lacking=tuple(outputs()[form].title for form in lacking))


def _files(report: Report, form: str) -> Iterator[Download]:
    output = outputs()[form]
    for language in LANGUAGES if output.by_language else LANGUAGES[:1]:
        name = file_name(report, form, language)
        if output.has_texts:
            name = name.replace(report.stem, f"{report.stem}_{DRAFT}", 1)
        tongue = language if output.by_language else ""
        key = f"{form}{tongue and '_'}{tongue}.{output.suffix}"
        yield Download(key, name, output.title, tongue, output.has_texts, partial(output.write, report, language))


def newsletter_files(
    edition: Edition, quarter: Quarter, language: str, texts: Iterable[OfficeText] = ()
) -> dict[str, Callable[[], bytes]]:
    """The newsletter of a quarter in a language: what writes each form, by its suffix.

    The first that is called may raise ReportError for a text that names a figure which the edition does not have.
    """

    @cache
    def document() -> Document:
        from reports.newsletter import newsletter_document

        return newsletter_document(as_of(edition, quarter), language, tuple(texts))

    return {suffix: partial(_written, suffix, document) for suffix in ("docx", "pdf", "html")}


def _written(suffix: str, document: Callable[[], Document]) -> bytes:
    if suffix == "docx":
        from reports.docx_file import write_docx

        return write_docx(document(), "")
    if suffix == "pdf":
        from reports.pdf_file import write_pdf

        return write_pdf(document(), "")
    from reports.html_file import write_html

    return write_html(document())


def newsletter_stem(edition: Edition, quarter: Quarter) -> str:
    """How the names of its files begin."""
    return f"{NEWSLETTER}_{quarter}_{edition.edition_id}"


def _newsletter(edition: Edition) -> Shelf:
    quarter, title = reporting_quarter(edition), outlines()[NEWSLETTER].title
    stem = f"{newsletter_stem(edition, quarter)}_{DRAFT}"
    forms: Mapping[str, Mapping[str, str]] = {
        "docx": {"en": "Word", "ru": "Word"},
        "pdf": {"en": "PDF", "ru": "PDF"},
        "html": {"en": "Web page", "ru": "Веб-страница"},
    }
    files = [
        Download(f"{language}.{suffix}", f"{stem}_{language}.{suffix}", forms[suffix], language, True, write)
        for language in LANGUAGES
        for suffix, write in newsletter_files(edition, quarter, language).items()
    ]
    files.sort(key=lambda file: list(forms).index(file.suffix))
    return Shelf(NEWSLETTER, title, str(quarter), tuple(files))


def named(scope: Scope) -> str:
    """The part of a file's name that says whose rows it holds; nothing where it holds them all."""
    return "".join(f"_{place}" for place in sorted(scope.places or ()))


def _tables(edition: Edition, scope: Scope) -> Shelf:
    title = {"en": "The edition itself", "ru": "Сам выпуск"}
    form = {"en": "Every table as CSV", "ru": "Все таблицы в CSV"}
    name = f"edition_{edition.edition_id}{named(scope)}_{TABLES}.zip"
    file = Download(f"{TABLES}.zip", name, form, "", False, partial(tables_zip, edition))
    return Shelf(TABLES, title, str(edition.about()["period"]), (file,))
