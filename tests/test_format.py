"""One number, one text: decimal, half up, in the reader's language."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.format import MINUS, NO_BREAK, day, exact, figure, number, percent, rounded

numbers = st.decimals(min_value=-(10**12), max_value=10**12, allow_nan=False, places=6)


@pytest.mark.parametrize(
    ("value", "decimals", "en", "ru"),
    [
        ("0", 0, "0", "0"),
        ("61250", 0, "61,250", "61 250"),
        ("1234567.5", 1, "1,234,567.5", "1 234 567,5"),
        ("0.5", 0, "1", "1"),
        ("2.5", 0, "3", "3"),
        ("-2.5", 0, "−3", "−3"),
        ("-0.4", 0, "0", "0"),
        ("0.005", 2, "0.01", "0,01"),
        ("999.995", 2, "1,000.00", "1 000,00"),
        ("1E+6", 0, "1,000,000", "1 000 000"),
        ("123456789012345678901234567890", 0, "123,456,789,012,345,678,901,234,567,890", None),
    ],
)
def test_number(value, decimals, en, ru):
    assert number(Decimal(value), "en", decimals) == en
    if ru:
        assert number(Decimal(value), "ru", decimals) == ru.replace(" ", NO_BREAK)


def test_61250_of_50000_is_123_per_cent_everywhere():
    share = Decimal(61250) / Decimal(50000)
    assert percent(share, "en") == "123%"
    assert percent(share, "ru") == f"123{NO_BREAK}%"
    assert f"{122.5:.0f}%" == "122%", "the obvious formatter that this one replaces"


@pytest.mark.parametrize(
    ("value", "unit", "en", "ru"),
    [
        ("372", "persons", "372", "372"),
        ("61250", "contacts", "61,250", "61 250"),
        ("16.5", "persons", "16.5", "16,5"),
        ("0", "events", "0", "0"),
        ("0.75", "percent", "75.0%", "75,0 %"),
        ("0.8", "percent", "80.0%", "80,0 %"),
        ("0.9255", "percent", "92.6%", "92,6 %"),
        ("0", "percent", "0.0%", "0,0 %"),
        ("0.333333", "ratio", "0.33", "0,33"),
    ],
)
def test_figure_takes_the_form_of_its_unit(value, unit, en, ru):
    assert figure(Decimal(value), unit, "en") == en
    assert figure(Decimal(value), unit, "ru") == ru.replace(" ", NO_BREAK)


def test_a_share_is_rounded_once_from_its_parts():
    """A share stored to six decimals may sit on a half it never was."""
    numerator, denominator = Decimal(344996), Decimal(10000000)
    stored = rounded(numerator / denominator, 6)
    assert figure(stored, "percent", "en") == "3.5%"
    assert figure(exact(stored, numerator, denominator), "percent", "en") == "3.4%"
    assert exact(Decimal(5), Decimal(5), None) == 5
    assert exact(Decimal(5), None, None) == 5


@pytest.mark.parametrize("value", [1.5, True, "12", None])
def test_what_is_no_decimal_is_refused(value):
    with pytest.raises(TypeError, match="Decimal or int"):
        number(value, "en")


@pytest.mark.parametrize("value", ["NaN", "Infinity"])
def test_what_is_no_number_is_refused(value):
    for form in (number, percent):
        with pytest.raises(ValueError, match="finite"):
            form(Decimal(value), "en")


def test_day():
    assert day(date(2010, 12, 31), "en") == "31 December 2010".replace(" ", NO_BREAK)
    assert day(date(2010, 12, 31), "ru") == "31 декабря 2010 г.".replace(" ", NO_BREAK)


def read(text: str, language: str) -> Fraction:
    if language == "ru":
        text = text.replace(NO_BREAK, "").replace(",", ".")
    return Fraction(text.replace(",", "").replace(MINUS, "-"))


@given(numbers, st.integers(0, 4), st.sampled_from(["en", "ru"]))
def test_what_is_printed_is_the_nearest_number_half_up(value, decimals, language):
    step = Fraction(1, 10**decimals)
    printed, meant = read(number(value, language, decimals), language), Fraction(value)
    assert abs(printed - meant) <= step / 2
    if abs(printed - meant) == step / 2:
        assert abs(printed) > abs(meant), "a half goes away from zero"


@given(numbers)
def test_no_text_can_start_a_formula(value):
    assert number(value, "en", 2)[0] not in "=+-@"
