"""Why figures that a donor has may change: the officer's reasons, from a list, each with a note and what it is of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatchcase
from typing import Any

from indicators.labels import words
from pipelines.personal_values import kind_within

LIST = "officer_reason"
LONGEST_NOTE = 500
# By what a reason says which figures it is of: columns of the restatements. One that is not named may be anything.
PATTERNS = ("indicator", "place", "calendar", "period", "breakdown", "cause")
_TOTAL, _QUARTER = "total", "quarter"
# Which way a figure moves, by whether it is shown before and after or hidden; any other status is "other". No numbers.
_SHOWN, _HIDDEN, _OTHER = "shown", "suppressed", "other"
_MOVES: Mapping[tuple[str, str], tuple[str, str]] = {
    (_SHOWN, _HIDDEN): ("shown until now and hidden then", "показаны сейчас и станут скрыты"),
    (_HIDDEN, _SHOWN): ("hidden until now and shown then", "скрыты сейчас и станут видны"),
    (_SHOWN, _SHOWN): ("with another number", "с другим числом"),
    (_OTHER, _SHOWN): ("without a number until now and shown then", "без числа сейчас и станут видны"),
    (_OTHER, _HIDDEN): ("without a number until now and hidden then", "без числа сейчас и станут скрыты"),
    (_SHOWN, _OTHER): ("shown until now and without a number then", "показаны сейчас и станут без числа"),
    (_HIDDEN, _OTHER): ("hidden until now and without a number then", "скрыты сейчас и станут без числа"),
    (_OTHER, _OTHER): ("without a number for another reason", "без числа по другой причине"),
}
_STAYS = (
    "what was hidden and stays hidden is not among them, whatever became of it",
    "скрытое, которое остаётся скрытым, сюда не входит, что бы с ним ни стало",
)


class ReasonRefused(ValueError):
    """A reason that is not on the list, or a note that cannot be published; the message never repeats the note."""


class ReasonNeeded(RuntimeError):
    """Figures that a donor has would change and reasons do not fit them: nothing was published."""


@dataclass(frozen=True)
class Reason:
    """A code of the list and a note, both published in the edition.

    `of` has patterns (`P0*`) of the columns named in `PATTERNS`: the reason is of figures that fit one of each.
    """

    code: str
    note: str
    of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def fits(self, row: Mapping[str, Any]) -> bool:
        """Whether a restatement is one that this explains."""
        return all(any(fnmatchcase(row[name], one) for one in some) for name, some in self.of.items())

    def as_json(self) -> dict[str, Any]:
        """The same for the manifest."""
        return {"code": self.code, "note": self.note, **{name: list(some) for name, some in self.of.items()}}


def reason_from(said: Mapping[str, Any]) -> Reason:
    """A reason as a manifest says it."""
    return Reason(said["code"], said["note"], {name: tuple(said[name]) for name in PATTERNS if name in said})


def reasons_of(manifest: Mapping[str, Any]) -> tuple[Reason, ...]:
    """The reasons of an edition; one of before there could be several says its only one otherwise."""
    only = manifest.get("reason")
    return tuple(reason_from(said) for said in manifest.get("reasons", [only] if only else []))


def reason(code: str, note: str, until: date, of: Mapping[str, tuple[str, ...]] | None = None) -> Reason:
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
    return Reason(code, note, of or {})


def explained(rows: Sequence[dict[str, Any]], reasons: Sequence[Reason]) -> list[dict[str, Any]]:
    """Restatements, each of a donor's figures with the first reason that fits it. Raises ReasonNeeded.

    It names every figure without a reason, and every reason that is of some figures and explains none: its patterns
    are not what whoever wrote them meant.
    """
    found = {number: _first(row, reasons) for number, row in enumerate(rows) if row["reported_to"]}
    done = [
        row if (given := found.get(number)) is None
        else {**row, "officer_reason": given.code, "officer_note": given.note}
        for number, row in enumerate(rows)
    ]  # fmt: skip
    without = [rows[number] for number, given in found.items() if given is None]
    idle = [given for given in reasons if given.of and not any(given is one for one in found.values())]
    if without or idle:
        raise ReasonNeeded("\n".join([*_unexplained(without), *_idle(idle)]))
    return done


def _first(row: Mapping[str, Any], reasons: Sequence[Reason]) -> Reason | None:
    return next((given for given in reasons if given.fits(row)), None)


def _unexplained(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Every figure for which a reason is missing: what it says now and would say, and what to do."""
    if not rows:
        return
    donors = ", ".join(sorted({donor for row in rows for donor in row["reported_to"]}))
    yield f"{len(rows)} figures that {donors} already has would change; nothing was published:"
    for number, stays in enumerate(_STAYS):
        yield f"  {moves(rows, number)}; {stays}"
    wholes = [row for row in rows if row["breakdown"] == _TOTAL]
    yield from (f"    {told(row)}" for row in sorted(wholes, key=lambda row: row["calendar"] != _QUARTER))
    parts: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in (row for row in rows if row["breakdown"] != _TOTAL):
        parts.setdefault((row["indicator"], row["place"], row["breakdown"], row["cause"]), []).append(row)
    for (indicator, place, breakdown, cause), some in parts.items():
        yield f"    {indicator} {place} by {breakdown}: {len(some)} figures ({cause.replace('_', ' ')}): {moves(some)}"
    yield "  say why: esep publish --reason CODE --note TEXT for all, or esep publish --reasons FILE for some each;"
    yield "  a code is one of these:"
    yield from (f"    {code}: {said['en']}" for code, said in words()[LIST].items())


def _idle(reasons: Sequence[Reason]) -> Iterator[str]:
    for given in reasons:
        of = ", ".join(f"{name} {' or '.join(some)}" for name, some in given.of.items())
        yield (
            f"the reason {given.code} for {of} explains no figure that a donor has and that changes, or those before it"
            " explain them all; nothing was published. Mend its patterns or take it out"
        )


def moves(rows: Sequence[Mapping[str, Any]], language: int = 0) -> str:
    """How many figures move which way, in English (0) or Russian (1): marks and numbers of figures, never a value."""
    counted = Counter(
        tuple(side if side in (_SHOWN, _HIDDEN) else _OTHER for side in (row["old_status"], row["new_status"]))
        for row in rows
    )
    return ", ".join(f"{counted[move]} {said[language]}" for move, said in _MOVES.items() if counted[move])


def told(row: dict[str, Any]) -> str:
    """A restatement as one line; every mark stands as a word."""
    cell = "" if row["breakdown"] == _TOTAL else f" {row['breakdown']}={row['category']}"
    where = f"{row['indicator']} {row['place']} {row['period']} {row['calendar']}{cell}"
    return f"{where}: {_said(row, 'old')} -> {_said(row, 'new')} ({row['cause'].replace('_', ' ')})"


def _said(row: dict[str, Any], side: str) -> str:
    value = row[f"{side}_value"]
    return f"{value.normalize():f}" if value is not None else row[f"{side}_status"].replace("_", " ")
