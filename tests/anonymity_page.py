"""Writes docs/anonymity.md with what was measured on the corpus: `python -m tests.anonymity_page`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from pipelines.anonymity import kinds
from tests.personal_corpus import Sample, samples, score

PAGE = Path(__file__).resolve().parent.parent / "docs" / "anonymity.md"

# The least recall, tuned and held out, that the tests accept.
FLOORS = {
    "name": (0.98, 0.75),
    "phone": (0.98, 0.9),
    "identity": (0.98, 0.95),
    "email": (1.0, 1.0),
    "birth": (0.98, 0.95),
    "address": (0.98, 0.9),
    "free_text": (1.0, 1.0),
}

LOOKED_FOR = {
    "name": "Given names of the region, Russian and English ones; surnames and patronymics by their endings; initials; "
    "`уулу`, `кызы`, `-ұлы`, `-қызы`, `-зода`, `o'g'li`, `qizi`, `ogly`, `gyzy`. Compared by sound, in one "
    "spelling for both scripts. A name that is also a word or a place (Roza, Abai) counts only beside another part.",
    "phone": "Numbers that exist in Kazakhstan, Kyrgyzstan, Tajikistan, Turkmenistan, Uzbekistan, Russia or Turkey, by "
    "the numbering plans of the library `phonenumbers`; `@handles`, `t.me/`, `wa.me/` and names after a messenger.",
    "identity": "IIN with its check digit, Kyrgyz PIN, PINFL, SNILS; the series of passports and cards of the region "
    "and of Russia; digits after a word for a document; bank cards by their check digit.",
    "email": "Addresses, also with ` @ `, `[at]` and `собака`.",
    "birth": "A full date 7 to 110 years before the end of the file's period, where no column of dates is; a year "
    "with a word for birth. A date after a word for a law or a founding is none.",
    "address": "A street with its name, a house with a flat; coordinates with four decimals or more and in degrees.",
    "free_text": "Eight words or more that hold any of these.",
}

INTRODUCTION = """\
# The anonymity gate

Written by `python -m tests.anonymity_page` from the corpus in `tests/personal_corpus.toml`; do not edit. A test
measures again and compares.

Nothing personal may be stored. The gate stands before everything else that is done with a file, works on this machine
alone, and looks twice: at what the headers ask for (`pipelines/anonymity.py`), and at what is written in the
file (`pipelines/screening.py`). Whatever it finds refuses the whole file.

## What is looked for
"""

WHERE = """\
Where it is looked for:

- **Cells** of every column, read or not: columns that the contract ignores, running numbers, columns without a header,
  rows that are empty but for them.
- **Titles** above the header, **headers**, **names of sheets**, **comments**, text boxes, properties (title, subject,
  keywords), named formulas, drop-downs, rules of colours, headers and footers of pages of an XLSX. A header
  that looks personal is not quoted by any other finding. Our own comments and sheets in a workbook that comes back are
  looked at too: somebody may have answered in them. Only ids, lists of codes and the example of a day are taken out.

What is plainly fine for its column is not looked at one by one: a word that the code list understands, a number
within the column's bounds, a day under a date, a reference written by the declared pattern unless it has the shape of
a passport. What is left is looked at once for each different text. Columns declared `public` (the numbers of hotlines)
may hold telephone numbers and nothing else of these.

## What happens on a refusal

The finding `personal_data_value` names file, sheet, column by its position, kind, and how many cells; never a
text, and never a header, which may be a name itself. Nothing is staged, the aside copy and the temporary tables are
gone when reading ends, the landing zone gets no copy, and the figures of the office say `not_reported`. The office
takes the texts out and sends the file again. When the gate is wrong (a word that sounds like a name and is none), the
word goes into `pipelines/personal_values.toml` under `everyday` or `harmless`, with its text into the corpus.

## How well it does

Every text of the corpus is invented. The held-out part was written before the gate, with a second round after the first
measurement, and is not used to better it; it comes from the same hand as the gate, so other people's files will hold
what neither thought of. *Found*: texts with personal data that are refused, for whichever kind. *Right kind*: those of
them that are called by their kind. *Wrong*: texts without personal data that are taken for this kind. Recall is found
of all, precision found of found and wrong.
"""

LIMITS = """\
## What it cannot see

- **A given name that it does not know**, standing alone. With a surname, a patronymic or initials beside it a name is
  found without being known; alone it must be in the list or begin or end as names of the region do. The line above
  on names of one word says how often that fails. Such a name is still no code: its cell is not understood and its row
  is held back. Chinese, Korean, Arabic and African names and nicknames fare no better.
- **A name that is a word**, alone: Vera, Nadezhda, Mir, Abai.
- **Prose without any of these.** A story of a case without a name, a number or a place is no code either: the cell is
  not understood and the row is held back, but the file is not refused for it.
- **A date of birth in a column of dates.** It is a day like others; rules on the period hold most of them back.
- **A telephone number as a person code.** `P901234567` is a code by the declared pattern.
- **A person known by circumstances**: age, place, day and form of exploitation together. That is what
  [protection](protection.md) is for.
- **What is no text of the file**: pictures, the properties of a workbook (its author), the name of the file.
- **Numbers of other countries** without `+`, and eight or nine digits in a row that may be an amount.
"""


def page() -> str:
    """The whole page."""
    parts = [
        INTRODUCTION,
        _table(["kind", "what is looked for"], ([_said(kind), LOOKED_FOR[kind]] for kind in kinds())),
        "",
        WHERE,
        _table(HEAD, _rows()),
        "",
        _table(SCRIPT_HEAD, _rows_by_script()),
        "",
        _lone(),
        "",
        f"Texts without personal data: {_harmless(False)}; held out: {_harmless(True)}.",
        "",
        _floors(),
        "",
        LIMITS,
    ]
    return "\n".join(parts).rstrip() + "\n"


HEAD = ["kind", "part", "texts", "found", "right kind", "wrong", "recall", "precision"]
SCRIPT_HEAD = ["kind", "script", "part", "texts", "found", "wrong", "recall", "precision"]


def _rows() -> Iterable[Sequence[str]]:
    for kind in kinds():
        for is_held_out in (False, True):
            one = score(_part(is_held_out), kind)
            yield (
                _said(kind), _name(is_held_out), str(one.there), str(one.found), str(one.named), str(one.wrong),
                _percent(one.recall), _percent(one.precision),
            )  # fmt: skip


def _rows_by_script() -> Iterable[Sequence[str]]:
    for kind in kinds():
        for script in sorted({one.script for one in samples() if one.kind == kind}):
            for is_held_out in (False, True):
                one = score(_part(is_held_out), kind, script)
                yield (
                    _said(kind), script, _name(is_held_out), str(one.there), str(one.found), str(one.wrong),
                    _percent(one.recall), _percent(one.precision),
                )  # fmt: skip


def _lone() -> str:
    """The weak point, by itself."""
    names = [one for one in _part(True) if one.kind == "name"]
    lone, others = ([one for one in names if (" " in one.text) is is_long] for is_long in (False, True))
    return (
        f"Held-out names of one word: {sum(bool(one.found) for one in lone)} of {len(lone)} found; of two words or "
        f"more: {sum(bool(one.found) for one in others)} of {len(others)}."
    )


def _harmless(is_held_out: bool) -> str:
    texts = [one for one in _part(is_held_out) if not one.kind]
    return f"{sum(bool(one.found) for one in texts)} of {len(texts)} refused"


def _floors() -> str:
    said = "; ".join(f"{_said(kind)} {_percent(tuned)} / {_percent(held)}" for kind, (tuned, held) in FLOORS.items())
    return f"The tests fail below these recalls (tuned / held out): {said}."


def _part(is_held_out: bool) -> list[Sample]:
    return [one for one in samples() if one.held_out is is_held_out]


def _name(is_held_out: bool) -> str:
    return "held out" if is_held_out else "tuned"


def _said(kind: str) -> str:
    return kind.replace("_", " ")


def _percent(share: float) -> str:
    """Whole percent, rounded down: 99.6 is not all."""
    return f"{int(share * 100)} %"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
