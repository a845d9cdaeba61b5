"""The command that attacks published files as an outsider would."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.cli_parts import BROKEN, NOTHING, REFUSED, stop

if TYPE_CHECKING:
    from reports.attack import Attacked


@click.command()
@click.argument("paths", type=click.Path(path_type=Path, exists=True), nargs=-1, required=True, metavar="PATH...")
@click.option("--width", type=click.IntRange(1), help="Closer than this is found; without it, that of the policy.")
@click.option("--threshold", type=click.IntRange(2), help="Counts below this are small; without it, as in the policy.")
@click.option(
    "--show",
    is_flag=True,
    help="Print what was worked out. Without it only where: such a number may be about one person, and a terminal"
    " or a log keeps it.",
)
@click.option("--insider", is_flag=True, help="Count as found, too, what one hidden number gives away of another.")
@click.option("--language", type=click.Choice(["en", "ru"]), default="en", show_default=True, help="In which language.")
def attack(
    paths: tuple[Path, ...], width: int | None, threshold: int | None, show: bool, insider: bool, language: str
) -> None:
    """Try to work out the hidden numbers of published files: editions, workbooks (IPTT), CSV; ours or anybody's.

    Each file is read as an outsider reads it: labels, visible numbers, marks in place of numbers. Then all are laid
    side by side: figures of the same indicator, days, place and breakdown are one number. Exit code 6 when something
    was worked out, 3 when nothing was but a file could not be read, 4 when there was no file.
    """
    from indicators.disclosure import policies
    from pipelines.attack_text import told, told_together, words
    from reports.attack import attack as attack_files
    from reports.attack import attack_together, files_in

    policy = policies()["default"]
    closer = width if width is not None else policy.interval_width
    files = files_in(paths)
    if not files:
        stop(NOTHING, words(language)["nothing"])
    small = threshold if threshold is not None else policy.threshold
    every: list[Attacked] = []
    for found in attack_files(files, closer, small):
        every.append(found)
        if found.unreadable:
            click.echo(f"esep: {found.unreadable}", err=True)
        else:
            click.echo("\n".join(told(found, closer, language, show)))
    is_unreadable = any(found.unreadable for found in every)
    if both := attack_together(every, closer, small):
        every.append(both.found)
        click.echo("\n".join(told_together(both, closer, language, show)))
    if any(found.is_broken or (insider and bool(found.insiders)) for found in every):
        click.echo(words(language)["broken"])
        sys.exit(BROKEN)
    if is_unreadable:
        sys.exit(REFUSED)
    click.echo(words(language)["safe"])
