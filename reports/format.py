"""Numbers and days as a reader sees them: the one formatter of pages, workbooks, reports and files.

Rounding is decimal and half up (away from zero), once, from the exact number: three obvious ways
of printing 61,250 of 50,000 gave 122 % and 123 %. Binary floats are refused, because they have
already lost the half. Renderers are given these strings, or a number and the same decimals.
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext

NO_BREAK = "\u00a0"
MINUS = "\u2212"  # a minus sign, which no spreadsheet takes for the start of a formula

# Decimals of a figure by unit. Every other unit counts whole things.
DECIMALS = {"percent": 1, "ratio": 2, "score": 2}
_MOST_DECIMALS = 2  # of a target that is no whole number, such as half a year's share of 33
_DIGITS = 60
_GROUP = {"en": ",", "ru": NO_BREAK}
_POINT = {"en": ".", "ru": ","}
_PERCENT = {"en": "%", "ru": NO_BREAK + "%"}
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
}
_DAY = {"en": "{day} {month} {year}", "ru": "{day} {month} {year} г."}


def exact(value: Decimal, numerator: Decimal | None, denominator: Decimal | None) -> Decimal:
    """The unrounded number of a figure: the share if it has both parts, else its value.

    An edition stores shares to six decimals; rounding those a second time can cross a half.
    """
    if numerator is None or not denominator:
        return value
    return numerator / denominator


def rounded(value: Decimal | int, decimals: int) -> Decimal:
    """`value` half up to so many decimals. Raises TypeError for a float, ValueError for NaN and infinity."""
    number = _finite(value)
    with localcontext(prec=_DIGITS):
        return number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def number(value: Decimal | int, language: str, decimals: int = 0) -> str:
    """A number with its thousands apart: `61,250` in English, `61 250` (no-break space) in Russian."""
    value = rounded(value, decimals)
    whole, _, fraction = f"{value.copy_abs():,f}".partition(".")
    sign = MINUS if value < 0 else ""
    return sign + whole.replace(",", _GROUP[language]) + (_POINT[language] + fraction if fraction else "")


def percent(fraction: Decimal | int, language: str, decimals: int = 0) -> str:
    """A fraction as per cent: 1.225 is `123%` in English and `123 %` in Russian; 0 is `0%`."""
    with localcontext(prec=_DIGITS):
        hundredfold = _finite(fraction) * 100
    return number(hundredfold, language, decimals) + _PERCENT[language]


def figure(value: Decimal | int, unit: str, language: str) -> str:
    """The value of a figure, or its target, in the form of its unit.

    `percent` is a fraction of 1 and gets one decimal, `ratio` and `score` two; counts get none, except for a
    target that is not whole, which keeps what it needs up to two.
    """
    if unit == "percent":
        return percent(value, language, DECIMALS[unit])
    if unit in DECIMALS:
        return number(value, language, DECIMALS[unit])
    return number(value, language, _needed(value))


def raw(value: Decimal | int) -> str:
    """A number for machines, exact: `61250`, `0.333333`; no thousands, no exponent, no noughts at the end.

    Raises TypeError for a float, ValueError for NaN and infinity.
    """
    text = f"{_finite(value):f}"
    plain = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if plain in ("-0", "") else plain


def day(on: date, language: str) -> str:
    """A day in words: `31 December 2010`, `31 декабря 2010 г.`."""
    month = _MONTHS[language].split()[on.month - 1]
    return _DAY[language].format(day=on.day, month=month, year=on.year).replace(" ", NO_BREAK)


def _finite(value: Decimal | int) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        raise TypeError(f"numbers are formatted from Decimal or int, not {type(value).__name__}")
    if not Decimal(value).is_finite():
        raise ValueError("a figure is a finite number")
    return Decimal(value)


def _needed(value: Decimal | int) -> int:
    """The fewest decimals, at most two, that show all of the number that two decimals show."""
    most = rounded(value, _MOST_DECIMALS)
    return next(n for n in range(_MOST_DECIMALS + 1) if rounded(most, n) == most)
