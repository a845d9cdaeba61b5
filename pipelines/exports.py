"""Writes what donors are handed: the forms of `reports/outputs` that a profile names, each file whole or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from indicators.calendars import Quarter
from pipelines.files import replace as replace_file
from pipelines.handed_over import of_tables
from reports.as_of import as_of
from reports.donor_figures import ReportError
from reports.donor_periods import check, check_counted, latest
from reports.donors import DonorProfile, profiles
from reports.downloads import newsletter_files, newsletter_stem
from reports.edition import Edition
from reports.intact import open_intact
from reports.narrative import OfficeText
from reports.report import NothingToHandOver, Report, file_name, outputs
from reports.target_gaps import check_targets
from reports.workbook import reportable

LANGUAGES = ("en", "ru")
EDITED = "somebody has written in {path}, so it was left as it is; move it away to get a new one"


@dataclass(frozen=True)
class Written:
    """A file that was handed over, known by its SHA-256. `language` is empty where the file holds both."""

    donor: str
    period: str
    form: str
    language: str
    path: Path
    sha256: str


@dataclass(frozen=True)
class Exported:
    """What was written for a donor, and which forms had nothing to say, with the reason."""

    edition_id: str
    donor: str
    period: str
    written: tuple[Written, ...]
    left_out: tuple[tuple[str, str], ...]


def export_reports(edition_folder: Path, out: Path) -> list[Path]:
    """Every donor's files of an edition but its narrative reports, in both languages; files are replaced whole.

    Each donor gets its latest quarter: that of the edition, or the last of its projects. What a donor now has is
    written down beside the editions. A published source has no quarters, so no donor's file can be made of it: there
    is nothing to write. Raises DamagedEdition.
    """
    edition = open_intact(edition_folder)
    try:
        donors = profiles().values() if reportable(edition) else ()
        reached = [(donor, _without_texts(donor)) for donor in donors if latest(edition, donor) is not None]
        done = []
        for donor, forms in reached:
            if forms:
                done.append(export_donor(edition, donor, out, forms=forms, is_strict=False))
                of_tables(edition, donor).write(edition_folder.parent.parent)
    finally:
        edition.connection.close()
    return [written.path for one in done for written in one.written]


def export_donor(
    edition: Edition,
    donor: DonorProfile,
    out: Path,
    quarter: Quarter | None = None,
    languages: Sequence[str] = LANGUAGES,
    forms: Collection[str] = (),
    is_strict: bool = True,
    texts: Sequence[OfficeText] = (),
) -> Exported:
    """Write a donor's files of a quarter (its latest, if none is named) into a folder.

    Without `forms` those of the profile are written, and one with nothing to say is left out; one that was asked for
    raises NothingToHandOver, if `is_strict`. Everything is made before anything is written. A Word file in which
    somebody has written is left as it is. `texts` are what offices wrote for the quarter. Raises WrongPeriod,
    NotCounted, and ReportError where the report cannot be made.
    """
    quarter = quarter or latest(edition, donor)
    if quarter is None:
        raise ReportError(f"edition {edition.edition_id} holds no quarter of the projects of {donor.code}")
    check(edition, donor, quarter)
    check_targets(edition, donor)
    report = Report(as_of(edition, quarter), donor, quarter, tuple(texts))
    left_out: dict[str, str] = {}

    def leave(form: str, reason: NothingToHandOver) -> None:
        if forms and is_strict:
            raise reason
        left_out[form] = str(reason)

    try:
        made = list(_made(report, forms or donor.formats, languages, leave))
    finally:
        if report.edition is not edition:
            report.edition.connection.close()
    out.mkdir(parents=True, exist_ok=True)
    edited = {one[:2]: path for one in made if is_edited(path := out / file_name(report, *one[:2]))}
    for form in dict.fromkeys(form for form, _ in edited):
        paths = ", ".join(str(path) for (kind, _), path in edited.items() if kind == form)
        left_out[form] = EDITED.format(path=paths)
    written = tuple(_write(report, out, *one) for one in made if one[:2] not in edited)
    return Exported(edition.edition_id, donor.code, report.period, written, tuple(left_out.items()))


def _without_texts(donor: DonorProfile) -> tuple[str, ...]:
    return tuple(form for form in donor.formats if not outputs()[form].has_texts)


def is_edited(path: Path) -> bool:
    """Whether a Word file is there in which somebody has written since it was made."""
    if path.suffix != ".docx" or not path.exists():
        return False
    from reports.docx_file import is_untouched

    return not is_untouched(path.read_bytes())


def _made(
    report: Report, forms: Collection[str], languages: Sequence[str], leave: Callable[[str, NothingToHandOver], None]
) -> Iterator[tuple[str, str, bytes]]:
    """Form, language and bytes of every file."""
    for form in forms:
        output = outputs()[form]
        try:
            for language in languages if output.by_language else languages[:1]:
                yield form, language, output.write(report, language)
        except NothingToHandOver as reason:
            leave(form, reason)


def _write(report: Report, out: Path, form: str, language: str, data: bytes) -> Written:
    path = out / file_name(report, form, language)
    replace_file(path, data)
    tongue = language if outputs()[form].by_language else ""
    return Written(report.donor.code, report.period, form, tongue, path, hashlib.sha256(data).hexdigest())


def write_newsletter(
    edition: Edition, out: Path, quarter: Quarter, languages: Sequence[str], texts: Sequence[OfficeText]
) -> tuple[list[Path], list[str]]:
    """The regional newsletter of a quarter as Word, PDF and web page: paths written, and why others were left.

    Raises NotCounted, and ReportError for a text that names a figure which the edition does not have.
    """
    check_counted(edition, quarter)
    made = {
        out / f"{newsletter_stem(edition, quarter)}_{language}.{suffix}": write()
        for language in languages
        for suffix, write in newsletter_files(edition, quarter, language, texts).items()
    }
    out.mkdir(parents=True, exist_ok=True)
    kept = [path for path in made if is_edited(path)]
    for path, data in made.items():
        if path not in kept:
            replace_file(path, data)
    return [path for path in made if path not in kept], [EDITED.format(path=path) for path in kept]
