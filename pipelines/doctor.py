"""What keeps this machine or a store from working, each line with what to do about it: `esep doctor`.

Nothing is changed and nothing is made, so that it may run at any time, also while others work.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

State = Literal["good", "note", "bad"]
# Good: nothing to do. Note: worth knowing, everything works. Bad: something is wrong or about to be.
WORDS: dict[State, str] = {"good": "ok", "note": "note", "bad": "BAD"}


@dataclass(frozen=True)
class Line:
    """One thing looked at: how it stands, in words, and what to do (empty when nothing is)."""

    about: str
    state: State
    said: str
    todo: str = ""

    def as_json(self) -> dict[str, str]:
        """The same for programs."""
        return {"about": self.about, "state": self.state, "said": self.said, "todo": self.todo}


# Looks at a store, on a day; gives what it saw.
Look = Callable[[Path, date], Iterable[Line]]


def good(about: str, said: str) -> Line:
    """A line without anything to do."""
    return Line(about, "good", said)


def note(about: str, said: str, todo: str = "") -> Line:
    """A line worth knowing."""
    return Line(about, "note", said, todo)


def bad(about: str, said: str, todo: str) -> Line:
    """A line that somebody has to act on."""
    return Line(about, "bad", said, todo)


def examine(curated: Path, today: date) -> list[Line]:
    """Everything that is looked at, the machine first. A look that fails is itself a line."""
    from pipelines.doctor_machine import LOOKS as MACHINE
    from pipelines.doctor_store import LOOKS as STORE

    return [line for look in (*MACHINE, *STORE) for line in _seen(look, curated, today)]


def _seen(look: Look, curated: Path, today: date) -> list[Line]:
    try:
        return list(look(curated, today))
    except OSError as error:
        about = look.__name__.strip("_").replace("_", " ")
        said = f"could not be looked at: {error.strerror or type(error).__name__} ({error.filename or curated})"
        return [bad(about, said, "Run this as the user who runs esep, or put the disk right")]


def is_healthy(lines: Iterable[Line]) -> bool:
    """Whether nothing has to be put right."""
    return all(line.state != "bad" for line in lines)


def told(lines: list[Line]) -> list[str]:
    """The lines as a table for people, what to do below what is wrong."""
    width = max(len(line.about) for line in lines)
    found = []
    for line in lines:
        found.append(f"{WORDS[line.state]:<5} {line.about:<{width}}  {line.said}")
        if line.todo:
            found.append(f"{'':<{6 + width}}  -> {line.todo}")
    wrong = sum(line.state == "bad" for line in lines)
    return [*found, "", f"{wrong} to put right" if wrong else "Nothing to put right"]


def permissions(path: Path) -> int:
    """The permission bits of a file."""
    return stat.S_IMODE(path.stat().st_mode)
