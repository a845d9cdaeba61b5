"""`esep newsletter`: the regional newsletter of a quarter, and how commands read what offices wrote."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.cli_parts import CURATED, NOTHING, REFUSED, check_quarter, guarded, stop

if TYPE_CHECKING:
    from indicators.calendars import Quarter
    from reports.narrative import OfficeText

NARRATIVES = click.option(
    "--narratives", type=click.Path(path_type=Path, file_okay=False), default=Path("data/narratives"),
    show_default=True, help="Where offices' texts lie, a folder for each quarter.",
)  # fmt: skip


@click.command()
@CURATED
@click.option(
    "--to", type=click.Path(path_type=Path, file_okay=False), default=Path("data/curated/reports"),
    show_default=True, help="The folder to write into.",
)  # fmt: skip
@click.option("--period", help="A quarter such as 2010-Q4; without it, that of the edition.")
@click.option("--lang", "language", type=click.Choice(("en", "ru")), help="One language; without it, both.")
@click.option("--edition", "edition_id", help="An edition by its id; without it, the current one.")
@NARRATIVES
def newsletter(
    curated: Path, to: Path, period: str | None, language: str | None, edition_id: str | None, narratives: Path
) -> None:
    """Write the regional newsletter: country by country what was done, as Word, PDF and web page.

    Figures are those of a published edition; offices' texts are screened for personal data first.
    """
    check_quarter(period)
    languages = (language,) if language else ("en", "ru")
    for line in guarded(lambda: _write(curated, to, period, languages, edition_id, narratives)):
        click.echo(line)


def _write(
    curated: Path, to: Path, period: str | None, languages: tuple[str, ...], edition_id: str | None, narratives: Path
) -> list[str]:
    from indicators.calendars import Quarter
    from pipelines.exports import write_newsletter
    from pipelines.publish import EDITIONS
    from reports.edition import current_path
    from reports.intact import open_intact
    from reports.iptt_blocks import reporting_quarter
    from reports.workbook import reportable

    editions = curated / EDITIONS
    edition = open_intact(editions / edition_id if edition_id else current_path(editions))
    try:
        if not reportable(edition):
            stop(NOTHING, f"edition {edition.edition_id} is of a source without quarters; it has no newsletter")
        quarter = Quarter.parse(period) if period else reporting_quarter(edition)
        written, kept = write_newsletter(edition, to, quarter, languages, office_texts(narratives, quarter))
    finally:
        edition.connection.close()
    for reason in kept:
        click.echo(f"esep: newsletter: {reason}", err=True)
    return [str(path) for path in written]


def office_texts(folder: Path, quarter: Quarter) -> list[OfficeText]:
    """What offices wrote for a quarter, with remarks on standard error; ends the command when a text is refused."""
    from pipelines.contracts import contracts
    from pipelines.narratives import narratives, remarks
    from reports.narrative import NarrativeError

    offices = frozenset(name for name, contract in contracts().items() if contract.first_period is not None)
    try:
        texts = narratives(folder, str(quarter), offices)
    except NarrativeError as error:
        stop(REFUSED, str(error))
    for line in remarks(folder, str(quarter)):
        click.echo(f"esep: {line}", err=True)
    return texts
