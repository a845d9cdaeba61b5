"""The command `esep`. It only says what there is; each command imports what it needs when it runs."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.cli_attack import attack
from pipelines.cli_box import backup, doctor, encrypt, restore
from pipelines.cli_catalogue import explain, handbook, indicators
from pipelines.cli_editions import diff, editions, verify
from pipelines.cli_export import export
from pipelines.cli_measure import measure
from pipelines.cli_newsletter import newsletter
from pipelines.cli_parts import (
    CURATED,
    JSON,
    NOTE,
    OUT,
    PERIOD,
    RAW,
    REASON,
    REASONS,
    REFUSED,
    UNEXPECTED,
    check_quarter,
    given_reasons,
    guarded,
)  # fmt: skip
from pipelines.cli_runs import overdue, selfcheck, up
from pipelines.cli_trace import trace
from pipelines.cli_user import user

if TYPE_CHECKING:
    from pipelines.cycle import Cycle
    from pipelines.receipts import Receipt


@click.group()
@click.version_option(package_name="esep")
def main() -> None:
    """Donor reporting and indicators of a counter-trafficking programme.

    Exit codes: 0 done, 1 something is damaged, declared wrongly or in the way (the message says what), 2 wrong command
    line, 3 a file was refused, 4 nothing to publish or to read, 5 the protection step found no safe way to publish,
    6 `esep attack` worked hidden numbers out, 7 figures that a donor has would change and nobody gave a reason, 8 an
    edition is not what its inputs make, two engines count differently, or a self-check found something.
    """


@main.command()
@RAW
@CURATED
@OUT
@PERIOD
@REASON
@NOTE
@REASONS
@click.option("--source", help="Run a published source instead of the programme, e.g. ctdc; needs FILE.")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=False)
def run(
    raw: Path, curated: Path, out: Path, period: str | None, reason_code: str | None, note: str | None,
    reasons_file: Path | None, source: str | None, file: Path | None,
) -> None:  # fmt: skip
    """Run the whole cycle: files in, edition and donors' files out."""
    if bool(source) != bool(file):
        raise click.UsageError("--source and FILE go together: esep run --source ctdc FILE")
    if not source and not raw.is_dir():
        raise click.BadParameter(f"there is no folder {raw}; it must hold a folder for each office", param_hint="--raw")
    from pipelines import cycle

    if source and file:
        from pipelines.contracts import contracts

        if source not in contracts():
            raise click.UsageError(f"there is no contract {source}; there are {', '.join(contracts())}")
        done = guarded(lambda: cycle.run_source(source, file, curated, out, say=click.echo))
    else:
        why = given_reasons(reason_code, note, reasons_file)
        done = guarded(lambda: cycle.run_programme(raw, curated, out, period, click.echo, cycle.SETTLE_SECONDS, why))
    _tell(done, curated)


@main.command()
@CURATED
@click.option("--yes", is_flag=True, help="Take the files in without asking.")
@click.option("--breakdowns", is_flag=True, help="List the figures of breakdowns as well.")
@click.argument("files", type=click.Path(path_type=Path, exists=True, dir_okay=False), nargs=-1, required=True)
@click.option("--reinstate", metavar="REASON", help="Put a file that was replaced back into force, and say why.")
def ingest(files: tuple[Path, ...], curated: Path, yes: bool, breakdowns: bool, reinstate: str | None) -> None:
    """Take single files in, after showing what each would change; the folder a file lies in names its office.

    The figures shown are not protected: they are for those who may open the warehouse.
    """
    from pipelines import preview
    from pipelines.cycle import SETTLE_SECONDS, take_in_files, write_checks

    def agree(found: preview.Preview) -> bool:
        for line in preview.told(found, breakdowns):
            click.echo(line)
        return click.confirm("Take it in?")

    asked = None if yes else agree
    receipts = guarded(lambda: take_in_files(files, curated, SETTLE_SECONDS, agree=asked, reinstate=reinstate))
    _tell_receipts(receipts, guarded(lambda: write_checks(receipts, curated)))


@main.command()
@CURATED
@click.argument("files", type=click.Path(path_type=Path, exists=True, dir_okay=False), nargs=-1, required=True)
def check(files: tuple[Path, ...], curated: Path) -> None:
    """Say what would become of files, storing nothing."""
    from pipelines.cycle import check_files

    _tell_receipts(guarded(lambda: check_files(files, curated)))


@main.command()
@CURATED
@PERIOD
@REASON
@NOTE
@REASONS
def publish(
    curated: Path, period: str | None, reason_code: str | None, note: str | None, reasons_file: Path | None
) -> None:
    """Publish the edition of a quarter from what has been taken in.

    Where a figure changes that a donor has been given, somebody has to say why: with --reason and
    --note for all such figures, or with --reasons for some each.
    """
    from pipelines.cycle import publish_edition

    why = given_reasons(reason_code, note, reasons_file)
    published = guarded(lambda: publish_edition(curated, period, reasons=why))
    click.echo(f"{'Published' if published.is_new else 'Already published:'} {published.folder}")


@main.command()
@RAW
@CURATED
@PERIOD
@JSON
def status(raw: Path, curated: Path, period: str | None, as_json: bool) -> None:
    """Say which edition is current, and where each file stands that an office owes."""
    from pipelines import lives
    from pipelines.cycle import standing
    from pipelines.warehouse import LANDING_NAME

    check_quarter(period)
    found = guarded(lambda: standing(raw, curated, period))
    if as_json:
        click.echo(json.dumps(found.as_json(), ensure_ascii=False))
        return
    click.echo(f"Current edition: {found.edition or 'none yet'}")
    for life in found.lives:
        click.echo(lives.told(life))
    for name in found.altered:
        click.echo(
            f"esep: {curated / LANDING_NAME / name} does not hold the bytes of its name: the disk is failing, or"
            " somebody changed it. Look into that and move it away; the same file, sent again, makes it anew",
            err=True,
        )


@main.command()
@RAW
@click.option(
    "--scale", type=click.IntRange(1, 10_000), default=1, show_default=True, help="How many times the people."
)
def demo(raw: Path, scale: int) -> None:
    """Write the sample quarters as the offices would send them."""
    from pipelines.demo import write_demo

    for path in write_demo(raw, scale):
        click.echo(path)


@main.command()
@click.argument("office")
@click.option("--export", "export_name", help="One export alone, such as cases; without it, all that the office sends.")
@click.option("--period", help="A quarter such as 2026-Q4; without it, the current one.")
@click.option("--to", type=click.Path(path_type=Path), help="Where to; without it, data/templates/<office>.")
def template(office: str, export_name: str | None, period: str | None, to: Path | None) -> None:
    """Write the blank workbooks that an office fills in."""
    from pipelines.templates import TemplateError, current_quarter, templates

    try:
        blanks = templates(office, period or current_quarter(office), export_name)
    except TemplateError as error:
        raise click.UsageError(str(error)) from None
    folder = to or Path("data/templates") / office
    paths = [(folder / name, content) for name, content in blanks.items()]
    # A form that lies there may have been filled in.
    changed = [str(path) for path, content in paths if path.exists() and path.read_bytes() != content]
    if changed:
        raise click.UsageError(f"other files are there, maybe filled in; move them away: {', '.join(changed)}")
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in paths:
        path.write_bytes(content)
        click.echo(path)


@main.command()
@CURATED
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Others than loopback need a login, see `esep user`."
)
@click.option("--port", type=click.IntRange(1, 65535), default=8050, show_default=True)
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True)
@click.option("--allow-host", "hosts", multiple=True, metavar="NAME", help="A name by which browsers come.")
@click.option("--prefix", help="Serve below this path, e.g. /esep.")
@click.option("--https", is_flag=True, help="Browsers come by TLS, through a proxy in front.")
@click.option("--proxies", type=click.IntRange(0, 9), help="How many proxies in front name the visitor's address.")
def dashboard(
    curated: Path, host: str, port: int, workers: int, hosts: tuple[str, ...], prefix: str | None, https: bool,
    proxies: int | None,
) -> None:  # fmt: skip
    """Serve the dashboard of the current edition."""
    # Another process on purpose: the dashboard can open published editions and nothing else.
    command = [sys.executable, "-m", "dashboards", "--editions", str(curated / "editions"), "--host", host]
    command += ["--port", str(port), "--workers", str(workers), *(f"--allow-host={name}" for name in hosts)]
    command += [f"--prefix={prefix}"] if prefix is not None else []
    command += [f"--proxies={proxies}"] if proxies is not None else []
    os.execv(sys.executable, [*command, *(["--https"] if https else [])])


@main.command()
@click.option("--check", "only_check", is_flag=True, help="Change nothing; fail if a page is out of date.")
@click.option("--docs", type=click.Path(path_type=Path), default=Path("docs"), show_default=True)
def docs(docs: Path, only_check: bool) -> None:
    """Write the pages of the handbook that are made from the declarations."""
    from pipelines.handbook import pages

    stale = []
    for name, text in pages().items():
        page = docs / name
        if not page.exists() or page.read_text(encoding="utf-8") != text:
            stale.append(name)
            if not only_check:
                page.write_text(text, encoding="utf-8")
    click.echo(f"{'Out of date' if only_check else 'Written'}: {', '.join(stale) or 'none'}")
    sys.exit(UNEXPECTED if only_check and stale else 0)


_COMMANDS = (
    attack, backup, diff, doctor, editions, encrypt, explain, export, handbook, indicators, measure, newsletter,
    restore, trace, user, verify, selfcheck, overdue, up,
)  # fmt: skip
for _command in _COMMANDS:
    main.add_command(_command)


def _tell(done: Cycle, curated: Path) -> None:
    _tell_findings(list(done.receipts))
    click.echo(f"\nEdition   {done.published.folder}" + ("" if done.published.is_new else "  (unchanged)"))
    click.echo(f"Checks    {done.checks_index}")
    for path in done.reports:
        click.echo(f"Report    {path}")
    click.echo(f"Dashboard make dashboard, or: esep dashboard --curated {curated}")
    sys.exit(REFUSED if done.refused else 0)


def _tell_receipts(receipts: list[Receipt], checks: Path | None = None) -> None:
    for receipt in receipts:
        remarks = f"; remarks in {receipt.returned}" if receipt.returned else ""
        click.echo(f"{receipt.office}/{receipt.file_name}: {receipt.status}{remarks}")
    _tell_findings(receipts)
    if checks:
        click.echo(f"Checks    {checks}")
    sys.exit(REFUSED if any(receipt.status in ("refused", "declined") for receipt in receipts) else 0)


def _tell_findings(receipts: list[Receipt]) -> None:
    """Each thing wrong once, with the rows it concerns; the pages of checks have them too."""
    for receipt in receipts:
        alike: dict[tuple[str, ...], list[int]] = {}
        for f in receipt.findings:
            said = (f.severity, f.file, f.sheet, f.field, f.message_en, f.rule)
            alike.setdefault(said, []).extend([] if f.row is None else [f.row])
        for (severity, file, sheet, field, message, rule), rows in alike.items():
            places = [file, f"sheet {sheet}" if sheet else "", _rows(rows), f"field {field}" if field else ""]
            click.echo(f"  [{severity}] {', '.join(p for p in places if p)}: {message} ({rule})", err=True)


def _rows(rows: list[int]) -> str:
    named = ", ".join(map(str, sorted(set(rows))[:8]))
    more = f" and {len(set(rows)) - 8} more" if len(set(rows)) > 8 else ""
    return f"row{'s' if len(set(rows)) > 1 else ''} {named}{more}" if rows else ""
