"""Which texts hold data about a named person, and of which kind: a name, a number, a date of birth, an address.

Pure: texts in, kinds out. The kinds are those of `pipelines.anonymity`; the words are in `personal_values.toml`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import cache

from pipelines.folding import APOSTROPHE_SIGNS
from pipelines.personal_names import declared, has_name
from pipelines.personal_numbers import has_identity, has_phone

# A text of so many words is prose: what was found in it is only a part of what it may hold.
PROSE = 8
# Years before the end of the period between which a full date may be somebody's birth.
YOUNGEST, OLDEST = 7, 110
# For files without a period.
_LATEST = date(2020, 12, 31)

_APOSTROPHES = str.maketrans(dict.fromkeys(APOSTROPHE_SIGNS, "'"))
_NO_ROOM = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_LETTER_AS_ZERO = re.compile(r"(?<=\d)[OoОо](?=\d)")
_DIGIT = re.compile(r"\d")
_MAYBE_CONTACT = re.compile(r"[@:=/+\d]")
_MAYBE_POINT = re.compile(r"°|\d[.,]\d{4}|\w\.\w+/")
_WORDS = re.compile(r"[^\W\d_]{2,}")
_MAYBE_EMAIL = re.compile(r"@|[\[(] ?at ?[\])]|собака", re.IGNORECASE)
# One sign before it and bounded parts after it: a text without end must not take time without end.
_EMAIL = re.compile(
    r"[\w+-] ?(?:@|[\[(] ?at ?[\])]|собака ) ?[\w-]{2,63}(?:\.[\w-]{1,63}){0,8}\.[^\W\d_]{2,}", re.IGNORECASE
)
_HANDLE = re.compile(r"(?<![\w.])@[A-Za-z][A-Za-z0-9_.]{3,31}")
_DATE = re.compile(
    r"(?<![\d.])(?:(\d\d?)[./-](\d\d?)[./-](\d{4}|(?<=\d\d.\d\d.)\d\d)|(\d{4})[./-](\d\d?)[./-](\d\d?))(?![\d/]|\.\d)"
)
_YEAR = r"(?:19[0-9]{2}|20[0-9]{2})"
_CAPITAL = r"[^\W\d_a-zа-яёәғқңөұүһіӣӯҳҷўşçžýňöüä]"
_DEGREES = re.compile(r"\d{1,3} ?° ?\d{1,2}(?:[.,]\d+)? ?['′].{0,12}?\d{1,3} ?° ?\d{1,2}(?:[.,]\d+)? ?['′]")
_PAIR = re.compile(
    r"(?<![\d.,])(-?\d{1,2})[.,]\d{4,}\s*°?\s*[NSСЮ]?[\s;,]{1,3}(?:[EWВЗ]\s?|lon\w*\s?[:=]?\s?)?(-?\d{1,3})[.,]\d{4,}(?!\d)"
)
_MAP = re.compile(r"(?:maps\.app\.goo\.gl|goo\.gl/maps|google\.\w+/maps|2gis\.\w+/|yandex\.\w+/maps)")


def personal(texts: Iterable[str], until: date | None = None, without: frozenset[str] = frozenset()) -> dict[str, str]:
    """Those of the texts that hold personal data, each with the kind of it.

    `until` is the end of the period of the file. `without` are kinds not to look for: a day under a date column
    is no birth.
    """
    found = ((text, kind_of(text, until, without)) for text in texts)
    return {text: kind for text, kind in found if kind}


def kind_of(text: str, until: date | None = None, without: frozenset[str] = frozenset()) -> str:
    """The kind of personal data that a text holds; empty for none. Of prose it is said that it is free text."""
    kind = kind_within(text, until, without)
    return "free_text" if kind and len(_WORDS.findall(plain(text))) >= PROSE else kind


def kind_within(text: str, until: date | None = None, without: frozenset[str] = frozenset()) -> str:
    """The kind of personal data that a text holds, prose or not; empty for none."""
    said = plain(text)
    digits = len(_DIGIT.findall(said))
    for kind, least_digits, holds in _detectors(until or _LATEST):
        if digits >= least_digits and kind not in without and holds(said):
            return kind
    return ""


def plain(text: str) -> str:
    """A text with one kind of space and apostrophe, and without signs that take no room."""
    said = _NO_ROOM.sub("", unicodedata.normalize("NFKC", text)).translate(_APOSTROPHES)
    return _LETTER_AS_ZERO.sub("0", " ".join(said.split()))


def _detectors(until: date) -> tuple[tuple[str, int, Callable[[str], bool]], ...]:
    """Kind, digits without which there is none, and how it is told: the surest first."""
    return (
        ("email", 0, lambda text: bool(_MAYBE_EMAIL.search(text) and _EMAIL.search(text))),
        ("identity", 6, has_identity),
        ("phone", 0, has_contact),
        ("phone", 8, has_phone),
        ("birth", 4, lambda text: has_birth(text, until)),
        ("address", 0, has_address),
        ("name", 0, lambda text: has_name(text) and has_name(_harmless().sub(" _ ", text))),
    )


def has_contact(text: str) -> bool:
    """Whether a text holds somebody's name on a messenger or a link to somebody's page."""
    return bool(_MAYBE_CONTACT.search(text) and (_HANDLE.search(text) or _contact().search(text)))


def has_birth(text: str, until: date) -> bool:
    """Whether a text holds a day, or by its words a year, on which a person of 7 to 110 years may have been born."""
    if _said_birth().search(text):
        return True
    return any(_may_be_birth(day, until) and not _is_of_paper(text, start) for start, day in _days(text, until))


def has_address(text: str) -> bool:
    """Whether a text holds a street with a name, a house with a flat, or a point on the map."""
    if _MAYBE_POINT.search(text) and (_MAP.search(text) or _DEGREES.search(text) or _is_point(text)):
        return True
    return bool(_marker().search(text)) and any(expression.search(text) for expression in _addresses())


def _is_point(text: str) -> bool:
    return any(abs(int(pair[1])) <= 90 and abs(int(pair[2])) <= 180 for pair in _PAIR.finditer(text))


@cache
def _marker() -> re.Pattern[str]:
    """The words without which there is no address."""
    words = declared()["address"]
    return re.compile(_any_of(word for some in words.values() for word in some), re.IGNORECASE)


@cache
def _harmless() -> re.Pattern[str]:
    phrases = sorted((plain_phrase(phrase) for phrase in declared()["harmless"]["phrase"]), key=len, reverse=True)
    named = "|".join(declared()["harmless"]["named_after"])
    after = rf"(?i:{named}) ?(?:{_CAPITAL}\. ?){{0,2}}[^\W\d_]+"
    return re.compile(rf"(?<![^\W_])(?:(?i:{'|'.join(map(re.escape, phrases))})|{after})(?![^\W_])")


def plain_phrase(phrase: str) -> str:
    """A phrase of the declaration in the signs in which texts are compared."""
    return " ".join(unicodedata.normalize("NFKC", phrase).translate(_APOSTROPHES).split())


def _any_of(words: Iterable[str]) -> str:
    """An expression for any of some words, longest first, with or without the dot of a short form."""
    ordered = sorted(map(plain_phrase, words), key=len, reverse=True)
    return rf"(?<![^\W_])(?:{'|'.join(map(re.escape, ordered))})(?![^\W_])\.?"


@cache
def _contact() -> re.Pattern[str]:
    phone = declared()["phone"]
    messengers, links = "|".join(phone["messengers"]), "|".join(phone["links"])
    return re.compile(
        rf"(?:{links})[\w+.@-]{{3,}}|(?<![^\W_])(?:{messengers})(?![^\W_]) ?(?:[:=] ?@?|[ -]?@)[A-Za-z0-9_.]{{4,}}"
        rf"|(?<![^\W_])(?:{messengers})(?![^\W_])\W{{0,3}}\+?\d{{7,}}", re.IGNORECASE
    )  # fmt: skip


@cache
def _said_birth() -> re.Pattern[str]:
    words = "|".join(declared()["birth"]["words"])
    return re.compile(
        rf"(?<!\d){_YEAR}(?!\d)[^\d\w]{{0,3}}(?:(?:йил|жыл|yil|ýyl|соли|год)\w*)?[ -]{{0,2}}(?:{words})"
        rf"|(?<![^\W\d_])(?:{words})[^\d]{{0,18}}(?:\d{{1,2}}\W{{1,2}}\w{{1,9}}\W{{1,2}})?{_YEAR}(?!\d)", re.IGNORECASE
    )  # fmt: skip


def _days(text: str, until: date) -> Iterator[tuple[int, date]]:
    """Every full date of a text with its place; of a year in two digits the last one that gives a grown child."""
    for match in _DATE.finditer(text):
        first, second, year, iso_year, iso_month, iso_day = match.groups()
        if iso_year:
            yield from _day(match.start(), iso_year, iso_month, iso_day)
        else:
            whole = year if len(year) == 4 else f"{19 if int(year) > until.year % 100 else 20}{year}"
            yield from _day(match.start(), whole, second, first) or _day(match.start(), whole, first, second)
    for match in _worded().finditer(text):
        parts = {name[0]: value for name, value in match.groupdict().items() if value}
        yield from _day(match.start(), parts["y"], str(_months()[parts["m"].lower()]), parts["d"])


def _day(start: int, year: str, month: str, day: str) -> list[tuple[int, date]]:
    try:
        return [(start, date(int(year), int(month), int(day)))]
    except ValueError:
        return []


@cache
def _months() -> dict[str, int]:
    lines = [line.split() for line in declared()["birth"]["months"].strip().splitlines()]
    return {word: number for number, words in enumerate(lines, start=1) for word in words}


@cache
def _worded() -> re.Pattern[str]:
    """A date with the month as a word, in the orders of the region's languages."""
    months = "|".join(sorted(_months(), key=len, reverse=True))
    case = r"(?:ы|и|да|da|de|ynda|де|дагы)?"
    of_year = r"(?:-?\s?(?:ж|й|y|г)[^\W\d_]*\.?)?"
    nth = r"(?:st|nd|rd|th|\.|-?(?:е|го|nji|njy|чи))?"
    return re.compile(
        rf"(?<!\d)(?P<d1>\d\d?){nth}[ -](?P<m1>{months})\.?{case},?[ -](?P<y1>{_YEAR})(?!\d)"
        rf"|(?<!\d)(?P<y2>{_YEAR}){of_year},? ?(?P<d2>\d\d?)[ -](?P<m2>{months}){case}(?![^\W\d_])"
        rf"|(?<![^\W\d_])(?P<m3>{months})\.? (?P<d3>\d\d?){nth},? (?P<y3>{_YEAR})(?!\d)", re.IGNORECASE
    )  # fmt: skip


def _may_be_birth(day: date, until: date) -> bool:
    return YOUNGEST <= (until - day).days / 365.25 <= OLDEST


@cache
def _papers() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, declared()["birth"]["of_papers"])), re.IGNORECASE)


def _is_of_paper(text: str, start: int) -> bool:
    """Whether what stands before a date says that it is a law's or an institution's."""
    return bool(_papers().search(text[max(start - 60, 0) : start]))


@cache
def _addresses() -> tuple[re.Pattern[str], ...]:
    words = declared()["address"]
    kinds = ("street", "street_after", "english_street", "house", "flat")
    street, after, english, house, flat = (_any_of(words[kind]) for kind in kinds)
    name = rf"{_CAPITAL}[\w'-]*(?: {_CAPITAL}[\w'-]*)?"
    number = r"№? ?\d{1,4}(?:[-/]\d{1,3})?[а-гa-d]?(?!\d)"
    return tuple(
        # Names are told by their capital, so the words before them must match in any case by themselves.
        re.compile(expression) for expression in (
            rf"(?i:{street}) ?[«\"]?{name}",
            rf"{name}[»\"]? (?i:{after})",
            rf"(?i:{street}) ?{number}.{{0,4}}(?i:{house}) ?{number}",
            rf"(?i:{street}).{{1,30}}(?i:{house}) ?{number}",
            rf"(?i:{house}) ?{number}\W{{0,3}}(?i:{flat}) ?\d{{1,4}}(?!\d)",
            rf"(?<!\d)\d{{1,4}}[- ](?i:{house})\W{{0,3}}\d{{1,4}}[- ](?i:{flat})",
            rf"(?<!\d)\d{{1,4}}-?[а-гa-d]? {name} (?i:{english})",
            rf"{name} (?i:{english}),? ?{number}",
            rf"{name},? (?i:{house}) ?{number}\W{{0,3}}(?i:{flat})",
            rf"(?<![^\W_])к\. ?{name}, (?i:{house}) ?{number}",
        )
    )  # fmt: skip
