"""The commands about published editions: which there are, whether one is what it was made of, how two differ."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from pipelines.cli_parts import CURATED, DIFFERS, JSON, guarded


@click.command()
@CURATED
@JSON
def editions(curated: Path, as_json: bool) -> None:
    """List the published editions, oldest first, with what each was made of and what it restates."""
    from pipelines.edition_list import listed, told

    found = guarded(lambda: listed(curated))
    text = json.dumps([one.as_json() for one in found], ensure_ascii=False) if as_json else "\n".join(told(found))
    click.echo(text)


@click.command()
@CURATED
@JSON
@click.argument("edition_id", metavar="ID")
def verify(edition_id: str, curated: Path, as_json: bool) -> None:
    """Make an edition again from its recorded files and compare it, row by row; exit code 8 when it differs."""
    from pipelines.verify import told
    from pipelines.verify import verify as verify_edition

    found = guarded(lambda: verify_edition(curated, edition_id))
    click.echo(json.dumps(found.as_json(), ensure_ascii=False) if as_json else "\n".join(told(found)))
    sys.exit(0 if found.is_good else DIFFERS)


@click.command()
@CURATED
@JSON
@click.option("--to", type=click.Path(path_type=Path, dir_okay=False), help="A CSV file to write instead.")
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
def diff(first: str, second: str, curated: Path, to: Path | None, as_json: bool) -> None:
    """Say figure by figure what edition B says otherwise than edition A; marks stand as words."""
    from pipelines import edition_list
    from pipelines.files import replace

    found = guarded(lambda: edition_list.differences(curated, first, second))
    if to:
        to.parent.mkdir(parents=True, exist_ok=True)
        replace(to, edition_list.difference_csv(found))
        click.echo(f"{len(found)} figures differ: {to}")
    elif as_json:
        click.echo(json.dumps(edition_list.difference_json(found), ensure_ascii=False))
    else:
        click.echo("\n".join([*edition_list.difference_lines(found), f"{len(found)} figures differ"]))
