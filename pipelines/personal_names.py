"""Whether a text holds a person's name: given names, surnames, patronymics and initials of the region, by their sound.

Every word is brought to one rough spelling for both scripts, so that Айгүл, Айгуль, Aygul and Aýgül are one
name and one list and one set of endings serve all. What counts as a name is in `personal_values.toml`.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from pipelines.folding import CYRILLIC, LATIN

WORDS = Path(__file__).parent / "personal_values.toml"

_TO_LATIN = str.maketrans(CYRILLIC, LATIN)
_TO_CYRILLIC = {ord(latin): cyrillic for cyrillic, latin in zip(CYRILLIC, LATIN, strict=True)}
_BOTH_WAYS = frozenset(CYRILLIC + LATIN)
_SOUNDS = str.maketrans({
    **dict(zip("абвгдезийклмнопрстуфхыэәғқңөұүһіӣӯҳҷўёжї", "abvgdeziiklmnoprstufhieagknouuhiiuhjoeji", strict=True)),
    "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sh", "ю": "iu", "я": "ia", "ь": "", "ъ": "", "'": "",
    "ş": "sh", "ç": "ch", "ž": "j", "ı": "i", "ə": "a", "y": "i", "w": "v", "q": "k", "x": "h",
})  # fmt: skip
# Ways of writing one sound with two letters; then letters written twice are one.
_PAIRS = (("zh", "j"), ("dj", "j"), ("kh", "h"), ("gh", "g"), ("ck", "k"), ("ph", "f"), ("tch", "ch"))
_YO = re.compile("yo|йо|йў")
_TWICE = re.compile(r"(.)\1+")
_AFTER_VOWEL = re.compile(r"(?<=[aeiou])ie|^ie")
_WORD = re.compile(r"[^\W\d_](?:'?[^\W\d_])*'?")
# What may stand beside a doubtful name to make it one.
_PARTS = frozenset(("doubtful", "surname", "weak", "initial"))
# In so few words a name need not have a capital.
_MOST_BARE_WORDS = 3
# So few letters, all capital, are an abbreviation.
_LONGEST_SHORT = 3
# Endings of the cases in Russian, with what they stand for.
_CASES = tuple(
    (end, instead)
    for ends, instead in ((("oi", "ei", "u", "e", "i"), "a"), (("iu",), "ia"), (("om", "em", "iu", "ia", "u", "a"), ""))
    for end in ends
)


@dataclass(frozen=True)
class _Token:
    """A word of a text: what it sounds like it is, whether it has a capital, and what stands before it."""

    word: str
    role: str
    is_capital: bool
    before: str


@cache
def declared() -> Mapping[str, Any]:
    """The words of `personal_values.toml`."""
    found: Mapping[str, Any] = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    return found


def one_script(word: str) -> str:
    """A lower-case word without look-alike letters of the other script."""
    if word.isascii() or _BOTH_WAYS.isdisjoint(word):
        return word
    is_cyrillic = any("\u0400" <= letter <= "\u052f" and letter not in CYRILLIC for letter in word)
    is_latin = any(letter.isalpha() and letter < "\u0250" and letter not in LATIN for letter in word)
    if is_cyrillic != is_latin:
        return word.translate(_TO_CYRILLIC if is_cyrillic else _TO_LATIN)
    return word


@lru_cache(maxsize=1 << 14)
def sound(word: str) -> str:
    """A rough spelling that is the same for one name in either script and in the usual transcriptions."""
    spelled = _YO.sub("ё", one_script(word.lower())).translate(_SOUNDS)
    spelled = "".join(c for c in unicodedata.normalize("NFD", spelled) if not unicodedata.combining(c))
    spelled = spelled.translate(_SOUNDS)
    for two, one in _PAIRS:
        spelled = spelled.replace(two, one)
    return _AFTER_VOWEL.sub("e", _TWICE.sub(r"\1", spelled))


def has_name(text: str) -> bool:
    """Whether a text, with plain apostrophes and without harmless phrases, holds a person's name."""
    tokens = list(_tokens(text))
    few = sum(len(token.word) > 1 for token in tokens) <= _MOST_BARE_WORDS
    return any(_is_name(tokens, i, few) for i in range(len(tokens)))


def _tokens(text: str) -> Iterator[_Token]:
    end = 0
    for match in _WORD.finditer(text):
        word = match[0]
        is_initial = (
            word[0].isupper()
            and (len(word) == 1 or word in ("Дж", "Sh", "Ch"))
            and text[match.end() : match.end() + 1] == "."
        )
        is_short = word.isupper() and len(word) <= _LONGEST_SHORT
        role = "initial" if is_initial else "" if is_short else _role(word.lower())
        yield _Token(word, role, word[0].isupper(), text[end : match.start()])
        end = match.end()


def _is_name(tokens: list[_Token], i: int, few: bool) -> bool:
    token = tokens[i]
    beside = _beside(tokens, i)
    says = token.is_capital or few
    if token.role == "child":
        return _is_close(token) and any(_has_child(one) for one in tokens[max(i - 1, 0) : i])
    if token.role in ("given", "patronymic", "sure_surname"):
        return says
    if token.role == "honorific":
        return i + 1 < len(tokens) and tokens[i + 1].is_capital and len(tokens[i + 1].word) > 2
    if token.role == "doubtful":
        return says and any(one.role in _PARTS and (one.is_capital or few) for one in beside)
    if token.role == "surname":
        return _is_surname(tokens, i, few)
    if token.role == "initial":
        return _are_initials(tokens, i)
    return False


def _has_child(token: _Token) -> bool:
    """Whether a word before "son of" or "daughter of" may be the father's name."""
    return token.is_capital or token.role in ("given", "doubtful")


def _is_surname(tokens: list[_Token], i: int, few: bool) -> bool:
    """A word that ends like a surname: alone or beside another capital in a cell, or with a capital within a text."""
    token = tokens[i]
    words = [one for one in tokens if len(one.word) > 1]
    if any(one.role == "initial" for one in _beside(tokens, i)):
        return True
    is_woman = sound(token.word.lower()).endswith(("ova", "eva"))
    if len(words) == 1:
        return token.is_capital or is_woman
    if few:
        return token.is_capital
    return token.is_capital and i > 0 and not token.word.isupper()


def _are_initials(tokens: list[_Token], i: int) -> bool:
    """Two initials beside a word with a capital, or one beside what may be a part of a name."""
    beside = [one for one in _beside(tokens, i) if len(one.word) > 1]
    if any(one.role in ("surname", "weak", "doubtful") and one.is_capital for one in beside):
        return True
    if i + 1 >= len(tokens) or tokens[i + 1].role != "initial" or not _is_close(tokens[i + 1]):
        return False
    ends = [*tokens[max(i - 1, 0) : i], *tokens[i + 2 : i + 3]]
    return any(
        one.is_capital and len(one.word) > 2 and not one.word.isupper() and one.role != "everyday" for one in ends
    )


def _beside(tokens: list[_Token], i: int) -> list[_Token]:
    found = []
    if i > 0 and _is_close(tokens[i]):
        found.append(tokens[i - 1])
    if i + 1 < len(tokens) and _is_close(tokens[i + 1]):
        found.append(tokens[i + 1])
    return found


def _is_close(token: _Token) -> bool:
    """Whether only what stands between the parts of a name stands before the word."""
    return len(token.before) <= 3 and not token.before.strip(" .,-")


@lru_cache(maxsize=1 << 15)
def _role(word: str) -> str:
    """What a lower-case word may be in a name."""
    lists = _lists()
    key = sound(word)
    if key in lists.everyday or len(key) < 2:
        return "everyday"
    if one_script(word) in lists.children:
        return "child"
    if key in lists.honorifics:
        return "honorific"
    if lists.attached.fullmatch(one_script(word)) or (lists.patronymic.fullmatch(key) and not word.endswith("й")):
        return "patronymic"
    if _is_in(word, key, lists.given) or _sounds_given(word, key):
        return "given"
    if lists.surname.fullmatch(key):
        return _role_of_surname(word, key)
    if _is_in(word, key, lists.doubtful):
        return "doubtful"
    if lists.weak.fullmatch(key):
        is_sure = key.removesuffix("a") in lists.surnames or _has_given_stem(key, ("in", "ina"))
        return "sure_surname" if is_sure else "weak"
    return "doubtful" if len(key) > 4 and key.endswith(lists.doubtful_ending) else ""


def _sounds_given(word: str, key: str) -> bool:
    """Whether a word begins or ends as given names of the region do."""
    lists = _lists()
    if len(key) <= 4 or lists.surname.fullmatch(key) or lists.weak.fullmatch(key):
        return False
    is_known_end = key.endswith(lists.given_ending) or (len(word) > 5 and word.endswith(lists.given_written))
    return is_known_end or bool(lists.given_beginning.match(key))


def _role_of_surname(word: str, key: str) -> str:
    if _has_given_stem(key, ("ov", "ova", "ev", "eva", "iev", "ieva")) or key.endswith(("zoda", "zade", "zada")):
        return "sure_surname"
    is_english = word.endswith(("ow", "ew")) and not word.endswith(("yew", "ýew"))
    return "weak" if is_english or _lists().common.search(key) else "surname"


def _has_given_stem(key: str, endings: tuple[str, ...]) -> bool:
    """Karimov is Karim's: a surname made from a given name."""
    stems = {key.removesuffix(ending) for ending in endings if key.endswith(ending)} - {key}
    return any(len(stem) > 3 and (stem in _lists().given or f"{stem}a" in _lists().given) for stem in stems)


def _is_in(word: str, key: str, names: frozenset[str]) -> bool:
    """Whether a name is in a list, as it is or, in Cyrillic, in a case of the Russian declension."""
    if key in names:
        return True
    return word > "Ѐ" and any(
        key.endswith(ending) and len(key) - len(ending) > 3 and key.removesuffix(ending) + instead in names
        for ending, instead in _CASES
    )


@dataclass(frozen=True)
class _Lists:
    given: frozenset[str]
    doubtful: frozenset[str]
    everyday: frozenset[str]
    honorifics: frozenset[str]
    surnames: frozenset[str]
    children: frozenset[str]
    attached: re.Pattern[str]
    patronymic: re.Pattern[str]
    surname: re.Pattern[str]
    weak: re.Pattern[str]
    common: re.Pattern[str]
    given_ending: tuple[str, ...]
    given_written: tuple[str, ...]
    given_beginning: re.Pattern[str]
    doubtful_ending: tuple[str, ...]


@cache
def _lists() -> _Lists:
    names = declared()["names"]
    doubtful = frozenset(map(sound, names["doubtful"].split()))
    children = [word.lower() for word in names["daughter_or_son"]]
    return _Lists(
        given=frozenset(map(sound, names["given"].split())) - doubtful,
        doubtful=doubtful,
        everyday=frozenset(map(sound, names["everyday"].split())),
        honorifics=frozenset(map(sound, names["honorifics"])),
        surnames=frozenset(map(sound, names["surnames"].split())),
        children=frozenset(children),
        attached=re.compile(rf".{{3,}}(?:{'|'.join(map(re.escape, children))})"),
        patronymic=re.compile(names["patronymic"]),
        surname=re.compile(names["surname"]),
        weak=re.compile(names["weak_surname"]),
        common=re.compile(names["common_ending"] + "$"),
        given_ending=tuple(names["given_ending"]),
        given_written=tuple(names["given_written"]),
        given_beginning=re.compile(names["given_beginning"]),
        doubtful_ending=tuple(names["doubtful_ending"]),
    )
