"""Why a figure that a donor has may change: the officer's reason, from a list, with a note."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from indicators.labels import words
from pipelines.personal_values import kind_within

LIST = "officer_reason"
LONGEST_NOTE = 500
_NAMED = 12


class ReasonRefused(ValueError):
    """A reason that is not on the list, or a note that cannot be published; the message never repeats the note."""


class ReasonNeeded(RuntimeError):
    """Figures that a donor has would change and nobody has said why: nothing was published."""


@dataclass(frozen=True)
class Reason:
    """A code of the list and a note, both published in the edition."""

    code: str
    note: str


def reason(code: str, note: str, until: date) -> Reason:
    """A reason that may be published. Raises ReasonRefused; `until` is a day on which the people it names live."""
    if code not in words()[LIST]:
        raise ReasonRefused(f"there is no reason {code}; there are {', '.join(words()[LIST])}")
    note = " ".join(note.split())
    if not 0 < len(note) <= LONGEST_NOTE:
        raise ReasonRefused(f"the note needs 1 to {LONGEST_NOTE} characters, not {len(note)}; donors read it")
    kind = kind_within(note, until)
    if kind:
        raise ReasonRefused(
            f"the note seems to hold data about a person ({kind}) and would be published; say it without"
        )
    return Reason(code, note)


def needed(rows: Sequence[dict[str, Any]], donors: Sequence[str]) -> ReasonNeeded:
    """The error that names figures for which a reason is missing: what they say now and would say, and what to do."""
    wholes_first = sorted(rows, key=lambda row: (row["breakdown"] != "total", row["calendar"] != "quarter"))
    lines = [f"    {told(row)}" for row in wholes_first[:_NAMED]]
    if len(rows) > _NAMED:
        lines.append(f"    and {len(rows) - _NAMED} more")
    return ReasonNeeded(
        "\n".join([
            f"{len(rows)} figures that {', '.join(donors)} already has would change; nothing was published:",
            *lines,
            "  say why: esep publish --reason CODE --note TEXT, with one of these codes:",
            *(f"    {code}: {said['en']}" for code, said in words()[LIST].items()),
        ])
    )  # fmt: skip


def told(row: dict[str, Any]) -> str:
    """A restatement as one line; every mark stands as a word."""
    cell = "" if row["breakdown"] == "total" else f" {row['breakdown']}={row['category']}"
    where = f"{row['indicator']} {row['place']} {row['period']} {row['calendar']}{cell}"
    return f"{where}: {_said(row, 'old')} -> {_said(row, 'new')} ({row['cause'].replace('_', ' ')})"


def _said(row: dict[str, Any], side: str) -> str:
    value = row[f"{side}_value"]
    return f"{value.normalize():f}" if value is not None else row[f"{side}_status"].replace("_", " ")
