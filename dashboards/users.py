"""`python -m dashboards.users`, which `esep user` runs: who may sign in to the dashboard."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable
from pathlib import Path

import click

from dashboards import accounts, kept
from dashboards.roles import ROLES
from indicators.facts import codelists

GENERATED_BYTES = 15  # twenty characters, 120 bits
WRONG = 2  # exit code
FROM_STDIN = click.option("--stdin", "from_stdin", is_flag=True, help="Read the password from standard input.")
GENERATE = click.option("--generate", is_flag=True, help="Make a password and print it, once.")


@click.group()
@click.option(
    "--login", "folder", type=click.Path(path_type=Path), default=Path("data/curated/dashboard"), show_default=True,
    help="Folder of users and secret.",
)  # fmt: skip
@click.pass_context
def main(context: click.Context, folder: Path) -> None:
    """Who may sign in to the dashboard. With the first user, the dashboard asks for a login at its next start."""
    context.obj = folder


@main.command()
@click.argument("name")
@click.option("--role", type=click.Choice(list(ROLES)), required=True)
@click.option("--place", "places", multiple=True, metavar="CODE", help="Show this country's rows only, e.g. KZ.")
@FROM_STDIN
@GENERATE
@click.pass_obj
def add(folder: Path, name: str, role: str, places: tuple[str, ...], from_stdin: bool, generate: bool) -> None:
    """Add a user; asks for the password."""
    scope = frozenset(place.upper() for place in places) or None

    def work() -> None:
        unknown = sorted((scope or frozenset()) - set(codelists()["country"].codes))
        if unknown:
            raise accounts.Refused(
                f"there is no country {', '.join(unknown)}; the codes are those of ISO 3166, e.g. KZ"
            )
        secret = _password(accounts.checked_name(name), from_stdin, generate)
        user = accounts.add(folder, name, secret, role, scope)
        click.echo(f"Added {user.name}: {_said(user)}")
        _tell(secret, generate)

    _guarded(work)


@main.command("list")
@click.pass_obj
def list_users(folder: Path) -> None:
    """List the users with role and countries."""

    def work() -> None:
        users = accounts.Accounts(folder).users()
        for user in users.values():
            click.echo(f"{user.name}  {_said(user)}")
        if not users:
            click.echo("No user yet: esep user add NAME --role viewer", err=True)

    _guarded(work)


@main.command()
@click.argument("name")
@click.pass_obj
def remove(folder: Path, name: str) -> None:
    """Remove a user; open sessions end at once."""

    def work() -> None:
        accounts.remove(folder, name)
        click.echo("Removed")

    _guarded(work)


@main.command()
@click.argument("name")
@FROM_STDIN
@GENERATE
@click.pass_obj
def password(folder: Path, name: str, from_stdin: bool, generate: bool) -> None:
    """Give a user another password; open sessions end at once."""

    def work() -> None:
        secret = _password(name, from_stdin, generate)
        accounts.set_password(folder, name, secret)
        click.echo("Changed")
        _tell(secret, generate)

    _guarded(work)


def _password(name: str, from_stdin: bool, generate: bool) -> str:
    """Never an argument of the command line: others on the machine can read those."""
    if generate:
        return secrets.token_urlsafe(GENERATED_BYTES)
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    asked: str = click.prompt(f"Password of {name}", hide_input=True, confirmation_prompt=True)
    return asked


def _tell(secret: str, generated: bool) -> None:
    if generated:
        click.echo(f"Password: {secret}")


def _said(user: accounts.User) -> str:
    places = "the whole region" if user.scope.places is None else ", ".join(sorted(user.scope.places))
    return f"{user.role}, {places}"


def _guarded(work: Callable[[], None]) -> None:
    try:
        work()
    except (accounts.Refused, kept.NotPrivate, ValueError) as error:
        click.echo(f"esep: {error}", err=True)
        sys.exit(WRONG)


if __name__ == "__main__":
    main(prog_name="esep user")
