"""`esep export`: a donor's files of a quarter, in the forms and languages that are asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.cli_newsletter import NARRATIVES, office_texts
from pipelines.cli_parts import CURATED, NOTHING, guarded, stop

if TYPE_CHECKING:
    from pipelines.exports import Exported
    from reports.donors import DonorProfile
    from reports.edition import Edition


@click.command()
@click.argument("donor", required=False)
@CURATED
@click.option(
    "--to", "--out", "to", type=click.Path(path_type=Path, file_okay=False), default=Path("data/curated/reports"),
    show_default=True, help="The folder to write into.",
)  # fmt: skip
@click.option("--period", help="A quarter in the donor's calendar, FY2011-Q1 or 2010-Q4; without it, its latest.")
@click.option("--lang", "language", type=click.Choice(("en", "ru")), help="One language; without it, both.")
@click.option("--format", "forms", help="Forms by name, parted by commas; without it, those that the donor takes.")
@click.option("--edition", "edition_id", help="An edition by its id; without it, the current one.")
@NARRATIVES
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def export(
    donor: str | None, curated: Path, to: Path, period: str | None, language: str | None, forms: str | None,
    edition_id: str | None, narratives: Path, as_json: bool,
) -> None:  # fmt: skip
    """Write what a DONOR is handed, or every donor where none is named: tables and files for machines.

    Figures are those of a published edition that is still what was published. Every file is written aside and
    renamed, so that it is whole or not there; the same edition gives the same bytes.
    """
    from reports.donors import profiles

    known = guarded(profiles)
    if donor is not None and donor not in known:
        raise click.BadParameter(f"there is no donor {donor!r}; there are {', '.join(known)}", param_hint="DONOR")
    if period and donor is None:
        raise click.UsageError("--period is written in the calendar of a donor: name the donor too")
    chosen = [known[donor]] if donor else list(known.values())
    languages = (language,) if language else ("en", "ru")
    done = guarded(lambda: _export(chosen, curated, to, period, languages, _forms(forms), edition_id, narratives))
    _tell(done, as_json)


def _forms(forms: str | None) -> tuple[str, ...]:
    """The forms that were named, each once. Raises BadParameter for one that is not there."""
    from reports.report import outputs

    named = tuple(dict.fromkeys(form.strip() for form in (forms or "").split(",") if form.strip()))
    unknown = [form for form in named if form not in (*outputs(), "all")]
    if unknown:
        said = f"there is no form {unknown[0]!r}; there are {', '.join(outputs())}, and all"
        raise click.BadParameter(said, param_hint="--format")
    return () if "all" in named else named


def _export(
    chosen: list[DonorProfile], curated: Path, to: Path, period: str | None, languages: tuple[str, ...],
    forms: tuple[str, ...], edition_id: str | None, narratives: Path,
) -> list[Exported]:  # fmt: skip
    from pipelines.exports import export_donor
    from pipelines.handed_over import of_tables
    from pipelines.publish import EDITIONS
    from reports.donor_periods import WrongPeriod, latest, parse
    from reports.edition import current_path
    from reports.intact import open_intact

    editions = curated / EDITIONS
    edition = open_intact(editions / edition_id if edition_id else current_path(editions))
    try:
        _check_reportable(edition)
        quarters = [(donor, parse(period, donor) if period else latest(edition, donor)) for donor in chosen]
        # Of several donors, one whose projects the edition does not reach has no files.
        wanted = [(donor, quarter) for donor, quarter in quarters if quarter or len(chosen) == 1]
        is_one = len(chosen) == 1
        texts = {quarter: office_texts(narratives, quarter) for _, quarter in wanted if quarter}
        done = []
        for donor, quarter in wanted:
            office = texts[quarter] if quarter else ()
            done.append(export_donor(edition, donor, to, quarter, languages, forms, is_one, office))
            of_tables(edition, donor).write(curated)
        return done
    except WrongPeriod as error:
        raise click.BadParameter(str(error), param_hint="--period") from None
    finally:
        edition.connection.close()


def _check_reportable(edition: Edition) -> None:
    from reports.workbook import reportable

    if not reportable(edition):
        stop(NOTHING, f"edition {edition.edition_id} is of a source without quarters; donors get none of it")


def _tell(done: list[Exported], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps([_as_json(one) for one in done], ensure_ascii=False))
        return
    for one in done:
        for written in one.written:
            click.echo(written.path)
        for form, reason in one.left_out:
            click.echo(f"esep: {one.donor}, {form} left out: {reason}", err=True)


def _as_json(one: Exported) -> dict[str, object]:
    files = [
        {"form": w.form, "language": w.language or None, "path": str(w.path), "sha256": w.sha256} for w in one.written
    ]
    left_out = [{"form": form, "reason": reason} for form, reason in one.left_out]
    about = {"edition": one.edition_id, "donor": one.donor, "period": one.period}
    return {**about, "files": files, "left_out": left_out}
