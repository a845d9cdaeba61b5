"""The labelled corpus of the anonymity gate, and how well the gate does on it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from pipelines.personal_values import kind_of

CORPUS = Path(__file__).parent / "personal_corpus.toml"
UNTIL = date(2010, 12, 31)


@dataclass(frozen=True)
class Sample:
    """One text: the kind of personal data it holds (empty for none), and the kind that was found."""

    text: str
    kind: str
    language: str
    script: str
    held_out: bool
    found: str


@dataclass(frozen=True)
class Score:
    """Of `there` texts with personal data `found` were found, `named` of them by the right kind; `wrong` had none."""

    there: int
    found: int
    named: int
    wrong: int

    @property
    def recall(self) -> float:
        return self.found / self.there

    @property
    def precision(self) -> float:
        """Of the texts that were said to hold this kind, the share that holds personal data."""
        return self.found / (self.found + self.wrong)


@cache
def samples() -> tuple[Sample, ...]:
    """Every text of the corpus, judged."""
    return tuple(_samples())


def _samples() -> Iterator[Sample]:
    declared = tomllib.loads(CORPUS.read_text(encoding="utf-8"))
    for side in ("positive", "negative"):
        for group in declared[side]:
            kind, is_held_out = group.get("kind", ""), group.get("held_out", False)
            for text in group["texts"]:
                yield Sample(text, kind, group["language"], group["script"], is_held_out, kind_of(text, UNTIL))


def score(some: Sequence[Sample], kind: str, script: str | None = None) -> Score:
    """How well a kind is found among some samples. What is wrongly found counts for the kind it was taken for."""
    there = [one for one in some if one.kind == kind and script in (None, one.script)]
    wrong = [one for one in some if not one.kind and one.found == kind and script in (None, one.script)]
    return Score(len(there), sum(bool(one.found) for one in there), sum(one.found == kind for one in there), len(wrong))
