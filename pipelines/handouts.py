"""What donors are handed beside their tables: narrative reports and the newsletter, with what offices wrote."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipelines.contracts import contracts
from pipelines.exports import LANGUAGES, export_donor, write_newsletter
from pipelines.narratives import narratives
from reports.donor_periods import latest
from reports.donors import profiles
from reports.intact import open_intact
from reports.iptt_blocks import reporting_quarter
from reports.narrative import OfficeText
from reports.report import outputs
from reports.workbook import reportable


def write_handouts(edition_folder: Path, out: Path, texts: Path) -> list[Path]:
    """Every donor's narrative report of its latest quarter and the newsletter of the edition's, in both languages.

    `texts` holds what offices wrote, a folder for each quarter; where there is none, the reports are written without.
    A Word file in which somebody has written stays as it is. Raises NarrativeError for a text that is refused, and
    DamagedEdition.
    """
    edition = open_intact(edition_folder)
    try:
        if not reportable(edition):
            return []
        paths: list[Path] = []
        for donor in profiles().values():
            forms = tuple(form for form in donor.formats if outputs()[form].has_texts)
            quarter = latest(edition, donor)
            if forms and quarter is not None:
                written = _texts(texts, str(quarter))
                done = export_donor(edition, donor, out, quarter, forms=forms, is_strict=False, texts=written)
                paths += [one.path for one in done.written]
        own = reporting_quarter(edition)
        letters, _ = write_newsletter(edition, out, own, LANGUAGES, _texts(texts, str(own)))
        return paths + letters
    finally:
        edition.connection.close()


def _texts(folder: Path, period: str) -> Sequence[OfficeText]:
    offices = frozenset(name for name, contract in contracts().items() if contract.first_period is not None)
    return narratives(folder, period, offices) if folder.is_dir() else ()
