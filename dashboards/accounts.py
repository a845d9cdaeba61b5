"""The users file: who may sign in, as what, for which countries. Passwords are kept as salted scrypt hashes alone."""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashboards import kept
from dashboards.roles import ROLES
from reports.scope import Scope

FILE = "users.json"
NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")
SHORTEST, LONGEST, FEWEST_SIGNS = 12, 200, 5
# 32 MiB and some 50 ms a guess. A change lets old hashes stand: each says how it was made.
METHOD = "scrypt:32768:8:1"


class Refused(ValueError):
    """Something asked of the users file cannot be done; the message says why and what can."""


@dataclass(frozen=True)
class User:
    """One user. `stamp` changes with everything else, and a session of another stamp is at its end."""

    name: str
    password: str  # the hash
    role: str
    scope: Scope
    stamp: str


class Accounts:
    """The users of a folder, read again when the file has changed."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self._lock = threading.Lock()
        self._seen: tuple[int, int, int] | None = None
        self._users: Mapping[str, User] = {}

    def exist(self) -> bool:
        """Whether a login is configured: there is a users file."""
        return self.path.exists()

    def users(self) -> Mapping[str, User]:
        """Every user by name. Raises kept.NotPrivate, Refused for a file that does not say who."""
        with self._lock:
            stamp = kept.stamp(self.path)
            if stamp != self._seen:
                self._users, self._seen = _read(self.path), stamp
            return self._users


def add(folder: Path, name: str, password: str, role: str, places: frozenset[str] | None) -> User:
    """Put a new user into the file, which it makes if need be. Raises Refused, kept.NotPrivate."""
    name = checked_name(name)
    with kept.alone(folder / FILE):
        users = _read(folder / FILE)
        if name in users:
            raise Refused(f"there is a user {name} already; change the password, or remove the user first")
        user = _user(name, _hash(name, password), role, places)
        _write(folder, {**users, name: user})
    return user


def remove(folder: Path, name: str) -> None:
    """Take a user out of the file; sessions end with the next request. Raises Refused."""
    with kept.alone(folder / FILE):
        users = _read(folder / FILE)
        _write(folder, {other: user for other, user in users.items() if other != _known(users, name).name})


def set_password(folder: Path, name: str, password: str) -> None:
    """Give a user another password; sessions end with the next request. Raises Refused."""
    with kept.alone(folder / FILE):
        users = _read(folder / FILE)
        old = _known(users, name)
        new = User(old.name, _hash(old.name, password), old.role, old.scope, secrets.token_hex(8))
        _write(folder, {**users, old.name: new})


def checked_name(name: str) -> str:
    """A name as it is kept. Raises Refused."""
    if not NAME.fullmatch(name.strip().lower()):
        raise Refused("a user name has up to 64 letters a-z, digits and . _ @ -, and begins with a letter or digit")
    return name.strip().lower()


def _known(users: Mapping[str, User], name: str) -> User:
    user = users.get(name.strip().lower())
    if user is None:
        raise Refused(f"there is no such user; there are: {', '.join(users) or 'none yet'}")
    return user


def _hash(name: str, password: str) -> str:
    from werkzeug.security import generate_password_hash

    if not SHORTEST <= len(password) <= LONGEST:
        raise Refused(f"a password has {SHORTEST} to {LONGEST} characters; a few words in a row are fine")
    if len(set(password)) < FEWEST_SIGNS or password.lower() == name:
        raise Refused(f"a password has {FEWEST_SIGNS} different characters or more, and is not the user's name")
    return generate_password_hash(password, METHOD)


def _user(name: str, password: str, role: str, places: frozenset[str] | None) -> User:
    if role not in ROLES:
        raise Refused(f"{name}: there is no role {role!r}; there are {', '.join(ROLES)}")
    if places is not None and not ROLES[role].has_places:
        raise Refused(f"{name}: the role {role} is for the whole region and takes no country")
    try:
        return User(name, password, role, Scope(places), secrets.token_hex(8))
    except ValueError as error:
        raise Refused(f"{name}: {error}") from None


def _read(path: Path) -> dict[str, User]:
    content = kept.read(path)
    if content is None:
        return {}
    try:
        return {name: _parse(name, about) for name, about in content["users"].items()}
    except (KeyError, TypeError, AttributeError):
        raise Refused(f"{path}: not a users file as `esep user` writes it; restore it from a backup") from None
    except Refused as error:
        raise Refused(f"{path}: {error}") from None


def _parse(name: str, about: Mapping[str, Any]) -> User:
    places = None if about["places"] is None else frozenset(about["places"])
    user = _user(checked_name(name), about["password"], about["role"], places)
    return User(user.name, user.password, user.role, user.scope, about["stamp"])


def _write(folder: Path, users: Mapping[str, User]) -> None:
    content = {
        user.name: {
            "role": user.role,
            "places": None if user.scope.places is None else sorted(user.scope.places),
            "password": user.password,
            "stamp": user.stamp,
        }
        for user in users.values()
    }
    kept.write(folder / FILE, {"users": content})
