"""One form of a header or word for comparing: spaces and case never matter, other tolerances are asked for."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from functools import lru_cache

HOMOGLYPHS, APOSTROPHES = "homoglyphs", "apostrophes"
FOLDS = (HOMOGLYPHS, APOSTROPHES)

# Cyrillic letters that look like Latin ones, small or capital (office files 6.1, kinds 27 and 29).
CYRILLIC = "авекмнорстухіјѕ"
LATIN = "abekmhopctyxijs"
_LETTERS = str.maketrans(CYRILLIC, LATIN)
# The signs in use for the one Uzbek letter mark (kind 28).
APOSTROPHE_SIGNS = "’‘ʼʻ`´′ʹ＇ʽ"
_APOSTROPHES = str.maketrans(dict.fromkeys(APOSTROPHE_SIGNS, "'"))


def fold(text: str, folds: Collection[str] = ()) -> str:
    """The text in composed letters, lower case and single spaces; look-alike signs made one where asked.

    A line break or a space that does not break is a space, as headers typed into Excel have them.
    """
    return _fold(text, HOMOGLYPHS in folds, APOSTROPHES in folds)


@lru_cache(maxsize=1 << 14)
def _fold(text: str, letters: bool, apostrophes: bool) -> str:
    plain = " ".join(unicodedata.normalize("NFC", text).replace("\ufeff", "").split()).lower()
    if apostrophes:
        plain = plain.translate(_APOSTROPHES)
    return plain.translate(_LETTERS) if letters else plain
