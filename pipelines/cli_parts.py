"""What the commands of `esep` share: exit codes, options, and how an error ends a command."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeVar

import click

if TYPE_CHECKING:
    from pipelines.reasons import Reason

T = TypeVar("T")

FAILING = (
    "the disk does not read or write any more, or may only be read. What was published before is as it was. Look into"
    " the disk, and run this again: it ends where it would have ended"
)
DAMAGED = (
    "the warehouse is damaged: a block of it is not as it was written. Nothing was read from it or changed. Move"
    " warehouse.duckdb, and warehouse.duckdb.wal if it is there, away; then put the last backup back, or run this again"
    " without one: the offices’ files are taken in anew"
)

# Exit codes an operator can act on; 2 is click's own for a wrong command line.
UNEXPECTED, REFUSED, NOTHING, UNSAFE, BROKEN, NO_REASON, DIFFERS = 1, 3, 4, 5, 6, 7, 8

RAW = click.option(
    "--raw", type=click.Path(path_type=Path), default=Path("data/raw"), show_default=True,
    help="Landing zone: a folder for each office.",
)  # fmt: skip
CURATED = click.option(
    "--curated", type=click.Path(path_type=Path), default=Path("data/curated"), show_default=True,
    help="Warehouse and editions.",
)  # fmt: skip
OUT = click.option(
    "--out", type=click.Path(path_type=Path), default=Path("data/curated/reports"), show_default=True,
    help="Where donors' files are written.",
)  # fmt: skip
PERIOD = click.option("--period", help="A quarter such as 2010-Q4; without it, the latest reported.")


REASON = click.option(
    "--reason", "reason_code", metavar="CODE", help="Why figures that a donor has change; goes with --note."
)
NOTE = click.option(
    "--note", help="The reason in a sentence, which donors read; nothing in it may be about one person."
)
REASONS = click.option(
    "--reasons", "reasons_file", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A TOML file of reasons for some figures each; --reason and --note go to what it leaves.",
)  # fmt: skip
LANGUAGE = click.option(
    "--language", type=click.Choice(["en", "ru"]), default="en", show_default=True, help="In which language."
)
JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")


def given_reasons(code: str | None, note: str | None, file: Path | None) -> tuple[Reason, ...]:
    """The officer's reasons, those of the file first.

    Half of one, or one that may not be published, is a wrong command line.
    """
    from datetime import UTC, datetime

    from pipelines.reasons import ReasonRefused, reason
    from pipelines.reasons_file import read_reasons

    if bool(code) != bool(note):
        raise click.UsageError("--reason and --note go together: esep publish --reason late_report --note TEXT")
    today = datetime.now(UTC).date()
    try:
        some = read_reasons(file, today) if file else ()
        return (*some, reason(code, note, today)) if code and note else some
    except ReasonRefused as error:
        raise click.UsageError(str(error)) from None


def check_quarter(period: str | None) -> None:
    """Refuse what is no quarter, as a wrong command line."""
    from indicators.calendars import Quarter

    try:
        Quarter.parse(period or "2010-Q4")
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--period") from None


def guarded(work: Callable[[], T]) -> T:
    """Run a step; an error that says what to do ends the command with its message and exit code."""
    from indicators.disclosure import InconsistentSystem, Unprotectable, Unsafe
    from indicators.facts import DeclarationError
    from pipelines.backup import BackupError
    from pipelines.engine_facts import EngineMissing
    from pipelines.files import (
        AlteredCopyError,
        ChangedWhileReadError,
        DiskFullError,
        is_damaged,
        is_disk_failing,
        is_disk_full,
    )
    from pipelines.inputs import NothingToPublish
    from pipelines.lock import WarehouseBusyError
    from pipelines.migrate import WarehouseOutdatedError
    from pipelines.reasons import ReasonNeeded
    from pipelines.sealed import WarehouseKeyError
    from reports.donor_figures import ReportError
    from reports.donor_periods import NotCounted
    from reports.edition import NoEdition
    from reports.intact import DamagedEdition
    from reports.report import NothingToHandOver

    try:
        return work()
    except (NothingToPublish, NoEdition, NotCounted, NothingToHandOver) as error:
        stop(NOTHING, error)
    except (Unsafe, Unprotectable, InconsistentSystem) as error:
        stop(UNSAFE, error)
    except ReasonNeeded as error:
        stop(NO_REASON, error)
    except (WarehouseBusyError, WarehouseKeyError, WarehouseOutdatedError, AlteredCopyError, DiskFullError) as error:
        stop(UNEXPECTED, error)
    except (BackupError, DamagedEdition, DeclarationError, EngineMissing, ReportError) as error:
        stop(UNEXPECTED, error)
    except ChangedWhileReadError as error:
        stop(UNEXPECTED, f"{error} changed while it was read: somebody is still writing it. Run this again")
    except Exception as error:
        if is_disk_full(error):
            stop(UNEXPECTED, "there is no room left on the disk. Free some space and run this again")
        if is_disk_failing(error):
            stop(UNEXPECTED, FAILING)
        if is_damaged(error):
            stop(UNEXPECTED, DAMAGED)
        if isinstance(error, OSError) and error.filename:
            stop(UNEXPECTED, f"{error.filename}: {error.strerror}; look into that and run this again")
        raise


def stop(code: int, error: Exception | str) -> NoReturn:
    """End the command with a message on standard error and an exit code."""
    click.echo(f"esep: {error}", err=True)
    sys.exit(code)
