"""Finding indicators by words in either language, by a donor's own number, by family and by donor. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from indicators.definitions import Definition

_WORD = re.compile(r"[^\W_]+(?:[.\-_/][^\W_]+)*")
# Endings of words differ in both languages (trafficked, trafficking; судья, судьи): so many letters may.
_ENDING, _SHORTEST = 3, 4


def find(
    catalogue: Mapping[str, Definition], words: Iterable[str] = (), family: str | None = None, donor: str | None = None
) -> list[Definition]:
    """The indicators in which every word is found: those with all of them in code, title or number first.

    A donor's own number, or a code, is looked for as it stands; any other word by its beginning.
    """
    asked = [word.casefold() for text in words for word in _WORD.findall(text)]
    among = [d for d in catalogue.values() if (not family or d.family == family) and (not donor or _has(d, donor))]
    named = [d for d in among if all(_is_in(word, _names(d)) for word in asked)]
    return named + [
        d for d in among if d not in named and all(_is_in(word, [*_names(d), *_texts(d)]) for word in asked)
    ]


def nearest(catalogue: Mapping[str, Definition], code: str) -> list[str]:
    """Codes that look like the one that was meant; for a donor's own number, the indicators that have it."""
    numbered = [
        d.code for d in catalogue.values() if any(c["code"].casefold() == code.casefold() for c in d.donor_codes)
    ]
    begun = [name for name in catalogue if code and name.startswith(code.upper())]
    return numbered or begun or get_close_matches(code.upper(), list(catalogue), n=3, cutoff=0.5)


def _has(definition: Definition, donor: str) -> bool:
    return any(code["donor"].casefold() == donor.casefold() for code in definition.donor_codes)


def _names(definition: Definition) -> list[str]:
    said = [definition.code, *definition.title.values(), *(code["code"] for code in definition.donor_codes)]
    return _words(said)


def _texts(definition: Definition) -> list[str]:
    return _words([*definition.definition.values(), *definition.why.values(), *definition.limits.values()])


def _words(texts: Iterable[str]) -> list[str]:
    return [word for text in texts for word in _WORD.findall(text.casefold())]


def _is_in(word: str, words: Iterable[str]) -> bool:
    if any(letter.isdigit() for letter in word):
        return word in words
    beginning = word[: max(_SHORTEST, len(word) - _ENDING)]
    return any(other.startswith(beginning) for other in words)
