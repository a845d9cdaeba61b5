"""The commands of `esep` that say what is counted: a figure explained, the catalogue searched, the sheets written."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.cli_parts import CURATED, JSON, LANGUAGE, NOTHING, check_quarter, guarded, stop

if TYPE_CHECKING:
    from indicators.definitions import Definition
    from pipelines.explain import Explanation, Question
    from reports.edition import Edition


@click.command()
@CURATED
@click.argument("code")
@click.option("--period", default="", help="A quarter such as 2010-Q4; without it, the last of the edition.")
@click.option("--place", default="", help="A country such as KZ, by code or name; without it, the region.")
@click.option("--calendar", default="", help="How far back it counts, e.g. fiscal_year_to_date; without it, a quarter.")
@LANGUAGE
@JSON
def explain(code: str, curated: Path, period: str, place: str, calendar: str, language: str, as_json: bool) -> None:
    """Explain one figure of the current edition: what it means, what it was made of, and why it says what it says.

    Nothing but the published edition is read, so a hidden number stays hidden here too.
    """
    from pipelines.explain import Question

    check_quarter(period if period != "all" else None)
    definition = definition_of(code)
    edition, missing = _current(curated)
    found = _explained(definition, language, Question(period, place, calendar), edition)
    if as_json:
        click.echo(json.dumps(found.as_json(), ensure_ascii=False))
    else:
        from pipelines.explain_text import told

        click.echo("\n".join(told(found)))
    if missing:
        stop(NOTHING, missing)


@click.command()
@click.argument("words", nargs=-1)
@click.option("--family", help="Those of a family, e.g. protection.")
@click.option("--donor", help="Those that have a number of a donor's own, e.g. USAID.")
@LANGUAGE
@JSON
def indicators(words: tuple[str, ...], family: str | None, donor: str | None, language: str, as_json: bool) -> None:
    """List the indicators, or those in which all WORDS are found: words of either language, codes, donors' numbers."""
    from indicators.definition_faults import FAMILIES
    from indicators.definitions import definitions
    from indicators.facts import codelists
    from indicators.search import find
    from pipelines.indicator_list import as_rows, told

    donors = {name.casefold(): name for name in codelists()["donor"].codes}
    if family and family not in FAMILIES:
        raise click.BadParameter(f"there is no family {family}; there are {', '.join(FAMILIES)}", param_hint="--family")
    if donor and donor.casefold() not in donors:
        there = ", ".join(donors.values())
        raise click.BadParameter(f"there is no donor {donor}; there are {there}", param_hint="--donor")
    found = find(definitions(), words, family, donor)
    if as_json:
        click.echo(json.dumps(as_rows(found), ensure_ascii=False))
    elif found:
        click.echo("\n".join(told(found, language)))
    else:
        click.echo("esep: no indicator has all of that; `esep indicators` alone lists them all", err=True)
    sys.exit(0 if found else NOTHING)


@click.command()
@click.option(
    "--to",
    type=click.Path(path_type=Path),
    default=Path("docs/handbook"),
    show_default=True,
    help="The folder to write.",
)
def handbook(to: Path) -> None:
    """Write the reference sheets: a page for each indicator, an index, and pages by donors' own numbers."""
    from indicators.definitions import definitions
    from pipelines.contracts import contracts
    from pipelines.reference_folder import NotOurs, replace_folder
    from pipelines.reference_pages import pages

    try:
        count = guarded(lambda: replace_folder(to, pages(definitions(), contracts())))
    except NotOurs as error:
        raise click.BadParameter(str(error), param_hint="--to") from None
    click.echo(f"{count} pages, from {to / 'README.md'}")


def definition_of(code: str) -> Definition:
    """The definition of a code, however it is capitalised; else a wrong command line that names what is near."""
    from indicators.definitions import definitions
    from indicators.search import nearest

    found = definitions().get(code.upper())
    if found is None:
        near = nearest(definitions(), code)
        hint = f"nearest: {', '.join(near)}" if near else "`esep indicators` lists them"
        raise click.BadParameter(f"there is no indicator {code}; {hint}", param_hint="CODE")
    return found


def _current(curated: Path) -> tuple[Edition | None, str]:
    """The current edition; or None and what to do about it."""
    from pipelines.publish import EDITIONS
    from reports.edition import NoEdition, open_current

    try:
        return open_current(curated / EDITIONS), ""
    except NoEdition as error:
        return None, str(error)


def _explained(definition: Definition, language: str, question: Question, edition: Edition | None) -> Explanation:
    from pipelines.contracts import contracts
    from pipelines.explain import NoSuchCell, explain

    try:
        return explain(definition, language, question, edition, contracts())
    except NoSuchCell as error:
        raise click.BadParameter(str(error), param_hint=f"--{error.asked}") from None
    finally:
        if edition is not None:
            edition.connection.close()
