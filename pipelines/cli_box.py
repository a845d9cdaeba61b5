"""The commands about the machine and the store as a whole: is everything well, and where is the copy."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from pipelines.cli_parts import CURATED, JSON, UNEXPECTED, guarded, stop


@click.command()
@CURATED
@JSON
def doctor(curated: Path, as_json: bool) -> None:
    """Look at this machine and the store, change nothing, and say what to do; exit code 1 when something is wrong."""
    from datetime import UTC, datetime

    from pipelines.doctor import examine, is_healthy, told

    lines = examine(curated, datetime.now(UTC).date())
    if as_json:
        document = {"is_healthy": is_healthy(lines), "lines": [line.as_json() for line in lines]}
        click.echo(json.dumps(document, ensure_ascii=False))
    else:
        click.echo("\n".join(told(lines)))
    sys.exit(0 if is_healthy(lines) else UNEXPECTED)


@click.command()
@CURATED
@click.option(
    "--to", type=click.Path(path_type=Path), required=True,
    help="A new file, or a folder: the file is then named after the time.",
)  # fmt: skip
@click.option("--keep", type=click.IntRange(1), help="With a folder: remove all but the newest so many backups there.")
@click.option(
    "--wait", type=click.FloatRange(0), default=600.0, show_default=True, help="Seconds to wait for a run that writes."
)
def backup(curated: Path, to: Path, keep: int | None, wait: float) -> None:
    """Write the whole store into one file: warehouse, copies of files, editions, keys, reports.

    The file holds case-level data: keep it where only those may look who may open the warehouse.
    """
    from datetime import UTC, datetime

    from pipelines.backup import backup as write_backup
    from pipelines.backup import prune

    if keep and not to.is_dir():
        raise click.UsageError("--keep goes with a folder that exists: esep backup --to DIR --keep 30")
    made = guarded(lambda: write_backup(curated, to, datetime.now(UTC), wait))
    click.echo(f"{made.path}: {made.files} files, {made.bytes} bytes")
    for path in prune(to, keep) if keep else []:
        click.echo(f"removed {path}")
    for name in made.damaged:
        click.echo(f"esep: {curated / name} does not hold the bytes of its name; the backup has it as it is", err=True)
    sys.exit(UNEXPECTED if made.damaged else 0)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--to", type=click.Path(path_type=Path), required=True, help="A folder that is empty or not there yet.")
def restore(file: Path, to: Path) -> None:
    """Bring a store back out of a backup, into a new folder; every file is compared with the backup's list."""
    from pipelines.restore import restore as bring_back

    made = guarded(lambda: bring_back(file, to))
    click.echo(f"{made.path}: {made.files} files, {made.bytes} bytes, all as they were backed up")
    click.echo(f"Look at it with `esep doctor --curated {made.path}`")


@click.command()
@CURATED
@click.option("--off", is_flag=True, help="Write the warehouse without encryption again.")
@click.option(
    "--new-key-file", type=click.Path(path_type=Path, dir_okay=False),
    help="Encrypt under the key in this file instead of the one in use.",
)  # fmt: skip
def encrypt(curated: Path, off: bool, new_key_file: Path | None) -> None:
    """Encrypt the warehouse at rest, under the key that ESEP_WAREHOUSE_KEY_FILE or ESEP_WAREHOUSE_KEY gives.

    Tables are compared row by row before the old file goes. Make a backup first, and keep the key apart from it.
    """
    from pipelines.encrypt import rewrite
    from pipelines.sealed import KEY_FILE_VARIABLE, WarehouseKeyError, warehouse_key

    if off and new_key_file:
        raise click.UsageError("--off and --new-key-file exclude each other")
    key = guarded(warehouse_key)
    if key is None:
        said = f"there is no key: make one with `openssl rand -base64 32`, name its file in {KEY_FILE_VARIABLE}"
        stop(UNEXPECTED, WarehouseKeyError(said))
    if new_key_file:
        new = guarded(lambda: warehouse_key({KEY_FILE_VARIABLE: str(new_key_file)}))
        done = guarded(lambda: rewrite(curated, key, new))
    else:
        done = guarded(lambda: rewrite(curated, key, None) if off else rewrite(curated, None, key))
    for path in sorted(curated.glob("*.before-*.duckdb")) if not off else []:
        click.echo(f"esep: {path} is a copy from before an upgrade, under the key it had or none: remove it", err=True)
    click.echo(
        f"{done.path}: {'no longer encrypted' if off else 'encrypted'}; {done.rows} rows in {done.tables} tables"
    )
