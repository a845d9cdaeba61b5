"""Whether a text holds a number that leads to a person: a telephone, a passport, an identity number, a card.

Only texts with a run of digits long enough are looked at, so the library of telephone numbers is rarely asked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import cache

from pipelines.personal_names import declared

_OWN_CODES = re.compile(r"(?<![\w-])[A-Z]{2,4}-(?:\d{4}-\d{1,8}|[A-Z]\d{1,8})(?![\w-])", re.IGNORECASE)
_PERSON_CODE = re.compile(r"(?<![\w-])[A-Z]{1,4}\d{1,9}(?![\w-])")
_LONG = re.compile(r"(?:\d[^\w]{0,3}){7}")
_NUMBER = re.compile(r"(?<!\d)(?<!\d[.,])(?:\+|\(|\+\()?\d(?:[ ().\-–]{0,3}\d){7,15}(?![\d])")
_MONTH = r"(?:0?[1-9]|1[0-2])"
_DAY_LIKE = re.compile(
    rf"(?<![\d-])(?:[0-3]?\d[./-]{_MONTH}[./-]\d{{2,4}}|\d{{4}}[./-]{_MONTH}[./-]\d{{1,2}})"
    r"(?: +\d{1,2}:\d{2}(?::\d{2})?)?(?![\d-])"
)
_AMOUNT = re.compile(r"\d{1,3}(?:[ .]\d{3})+(?:[.,]\d+)?")
_SAYS_PHONE = re.compile(
    r"(?:тел|моб|сот|звон|номер|ватсап|вотсап|phone|tel|mob|call|whats|qo'ng'|aloqa|jaň)", re.IGNORECASE
)
_GROUPED_BY_TWO = re.compile(
    r"\d{2}[- ]\d{3}[- ]\d{2}[- ]\d{2}|\d{2}([- ])\d{2}\1\d{2}\1\d{2}(?:\1\d{2})?|\d{3}([- ])\d{2}\2\d{2}\2\d{2}"
)
# 4508 998877 and 45 08 998877 are Russian passports; a year before six digits is none.
_RUSSIAN = re.compile(r"(?<![\d-])(?!(?:19|20)\d\d )\d{2} ?\d{2} (?:№ ?|N ?)?\d{6}(?![\d ]*\d)")
_CARD_ZERO = re.compile(r"(?<![\d+(.,])0\d{8}(?!\d)")
_INSURANCE = re.compile(r"(?<!\d)\d{3}-\d{3}-\d{3} \d{2}(?!\d)")
_RUN = re.compile(r"(?<!\d)\d{12}(?!\d)|(?<!\d)\d{14}(?!\d)|(?<!\d)\d{16}(?!\d)|(?<!\d)\d{4} \d{4} \d{4} \d{4}(?!\d)")
_FIRST_WEIGHTS, _SECOND_WEIGHTS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)


def has_identity(text: str) -> bool:
    """Whether a text holds a passport, an identity number of the region, or a bank card."""
    latin = _look_alike(text)
    if _passport().search(latin) or _said_identity().search(text):
        return True
    if _CARD_ZERO.search(text) or _RUSSIAN.search(text) or _INSURANCE.search(text):
        return True
    return any(_is_known_run(run[0].replace(" ", "")) for run in _RUN.finditer(text))


def has_phone(text: str) -> bool:
    """Whether a text holds a telephone number that exists in the region."""
    if not _LONG.search(text):
        return False
    bare = _PERSON_CODE.sub(" ", _OWN_CODES.sub(" ", text))
    bare = _DAY_LIKE.sub(" ", bare)
    is_said = bool(_SAYS_PHONE.search(text))
    return any(_is_phone(match[0], is_said) for match in _NUMBER.finditer(bare))


def passport_pattern() -> str:
    """The expression for the shape of a passport, for SQL."""
    return f"(?i:{'|'.join(declared()['identity']['passports'])})"


@cache
def _passport() -> re.Pattern[str]:
    """The series and the number may stand apart."""
    apart = r"(?:[ -]?(?:№|N[oº]?\.?)? ?)\d"
    shapes = [shape.replace(r"\d", apart, 1) for shape in declared()["identity"]["passports"]]
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(shapes)})(?![^\W_])", re.IGNORECASE)


@cache
def _said_identity() -> re.Pattern[str]:
    words = "|".join(declared()["identity"]["words"])
    series = r"(?:№|N|no\.?|рф|рк|кр|ру|рт|серия|номер|seriya\w*)?[^\w]{0,3}[^\W\d_]{0,3}[ -]?"
    return re.compile(rf"(?<![^\W\d_])(?:{words})[^\w]{{0,4}}{series}(?:\d ?){{6,16}}", re.IGNORECASE)


_SERIES = str.maketrans("АВЕКМНОРСТУХІавекмнорстухі", "ABEKMHOPCTYXIabekmhopctyxi")


def _look_alike(text: str) -> str:
    """Cyrillic letters that look like Latin ones in a series."""
    return text.translate(_SERIES).replace("Ş", "S").replace("ş", "s")


def _is_known_run(digits: str) -> bool:
    if len(digits) == 12:
        return _is_kazakh(digits)
    if len(digits) == 14:
        return _is_kyrgyz(digits) or _is_uzbek(digits)
    return _is_card(digits)


def _is_kazakh(digits: str) -> bool:
    """YYMMDD, century and sex, four digits, and a digit that checks the others."""
    if not (_is_day(digits[4:6], digits[2:4]) and digits[6] in "123456"):
        return False
    for weights in (_FIRST_WEIGHTS, _SECOND_WEIGHTS):
        rest = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False)) % 11
        if rest < 10:
            return rest == int(digits[11])
    return False


def _is_kyrgyz(digits: str) -> bool:
    """Sex, DDMMYYYY and five digits."""
    return digits[0] in "12" and _is_day(digits[1:3], digits[3:5]) and "1900" <= digits[5:9] <= "2099"


def _is_uzbek(digits: str) -> bool:
    """Century and sex, DDMMYY and seven digits."""
    return digits[0] in "3456" and _is_day(digits[1:3], digits[3:5])


def _is_day(day: str, month: str) -> bool:
    try:
        date(2000, int(month), int(day))
    except ValueError:
        return False
    return True


def _is_card(digits: str) -> bool:
    doubled = [int(digit) * (2 - i % 2) for i, digit in enumerate(digits)]
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


def _is_phone(said: str, is_said: bool) -> bool:
    digits = re.sub(r"\D", "", said)
    if _AMOUNT.fullmatch(said) and not is_said:
        return False
    # No amount begins so or is grouped so.
    is_written = is_said or said.startswith(("+", "(", "0", "8 ", "8-", "8(")) or bool(_GROUPED_BY_TWO.fullmatch(said))
    is_whole = said.startswith(("+", "00"))
    is_trunk = len(digits) == 11 and said.startswith(("8 ", "8-", "8("))
    return is_trunk or _exists(digits.removeprefix("00") if is_whole else digits, is_written, is_whole)


def _exists(digits: str, is_written: bool, is_whole: bool) -> bool:
    """Whether the number is one of the region's; one without any mark of a telephone must be a mobile's.

    One with a plus may be mistyped: its length is enough.
    """
    import phonenumbers as library

    mobiles = (library.PhoneNumberType.MOBILE, library.PhoneNumberType.FIXED_LINE_OR_MOBILE)
    regions: Sequence[str] = declared()["phone"]["regions"]
    codes = {library.country_code_for_region(region) for region in regions}
    ways = [(f"+{digits}", None)] if is_whole or len(digits) > 10 else []
    for number, region in [*ways, *((digits, region) for region in regions if not is_whole)]:
        try:
            parsed = library.parse(number, region)
        except library.NumberParseException:
            continue
        is_ours = parsed.country_code in codes
        if is_whole and (library.is_possible_number(parsed) if is_ours else library.is_valid_number(parsed)):
            return True
        if is_ours and library.is_valid_number(parsed) and (is_written or library.number_type(parsed) in mobiles):
            return True
    return False
