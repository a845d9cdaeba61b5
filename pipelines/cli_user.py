"""`esep user`: who may sign in to the dashboard."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from pipelines.cli_parts import CURATED


@click.command(
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False, "help_option_names": []}
)
@CURATED
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def user(curated: Path, arguments: tuple[str, ...]) -> None:
    """Say who may sign in to the dashboard: add, list, remove, password."""
    # Another process, as for `esep dashboard`: the users file is the dashboard's, and one place knows its form.
    command = [sys.executable, "-m", "dashboards.users", "--login", str(curated / "dashboard"), *arguments]
    os.execv(sys.executable, command)
