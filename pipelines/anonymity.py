"""The anonymity gate: a header that asks for data about a named person refuses the whole file.

Nothing of such a file is stored, so nobody has to be trusted to delete it later. This half of the gate looks
at what headers ask for, on this machine alone; its words are in `personal_words.toml`. What is written in cells is
looked at by `screening`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.findings import Finding
from pipelines.folding import APOSTROPHES, HOMOGLYPHS, fold

if TYPE_CHECKING:
    from pipelines.forms import Contract

WORDS = Path(__file__).parent / "personal_words.toml"
RULE = "personal_data_header"


@dataclass(frozen=True)
class Kind:
    """A kind of personal data and the expression that recognises it in a folded header."""

    name: str
    en: str
    ru: str
    expression: re.Pattern[str]


def header_findings(file: str, sheet: str, headers: list[str], contract: Contract) -> list[Finding]:
    """One refusing finding for each header that asks for personal data.

    It names the position of the column and the kind of data, never the header itself: a file without a
    header row has a person's data in that place. Columns that the contract declares public are exempt.
    """
    exempt = {_comparable(header) for header in contract.public_headers()}
    found = []
    for position, header in enumerate(headers, start=1):
        kind = None if _comparable(header) in exempt else personal_kind(header)
        if kind:
            found.append(_finding(file, sheet, position, kind))
    return found


def personal_kind(header: str) -> Kind | None:
    """The kind of personal data a header asks for, if any."""
    words = _comparable(header)
    for phrase in _harmless():
        words = phrase.sub(" ", words)
    return next((kind for kind in kinds().values() if kind.expression.search(f" {words} ")), None)


@cache
def kinds() -> Mapping[str, Kind]:
    """The kinds of personal data that are looked for."""
    declared = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    return {
        name: Kind(name, words["en"], words["ru"], re.compile("|".join(_patterns(words))))
        for name, words in declared.items() if name != "harmless"
    }  # fmt: skip


@cache
def _harmless() -> tuple[re.Pattern[str], ...]:
    declared = tomllib.loads(WORDS.read_text(encoding="utf-8"))["harmless"]["phrase"]
    longest_first = sorted(map(_comparable, declared), key=len, reverse=True)
    return tuple(re.compile(rf"\b{re.escape(phrase)}\b") for phrase in longest_first)


def _patterns(words: Mapping[str, list[str]]) -> list[str]:
    whole = [rf"(?:^|/) *{re.escape(_comparable(word))} *(?:/|$)" for word in words["whole"]]
    begins = [rf"\b{re.escape(_comparable(word))}" for word in (*words["begins"], *words["phrase"])]
    return [*whole, *begins]


def _comparable(text: str) -> str:
    """Look-alike letters and apostrophes made one; every other sign a space, but for the bar between two languages."""
    folded = fold(text, (HOMOGLYPHS, APOSTROPHES)).replace("'", "").replace("ё", "е")
    return " ".join(re.sub(r"[^\w/]|_", " ", folded).replace("/", " / ").split())


def _finding(file: str, sheet: str, position: int, kind: Kind) -> Finding:
    return Finding(
        file, sheet, None, "", RULE, "refuse",
        f"Column {position} asks for {kind.en}. Personal data must never leave the office: delete the column and "
        "send the file again. Nothing of this file was stored.",
        f"Столбец {position}: {kind.ru}. Персональные данные не должны покидать офис: удалите столбец и отправьте "
        "файл снова. Из этого файла ничего не сохранено.",
    )  # fmt: skip
