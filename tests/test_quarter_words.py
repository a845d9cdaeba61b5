"""Quarters in words: what is certain is read, in all the languages of the offices; what is not names nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.calendars import Quarter
from pipelines.quarter_words import Named, quarters_named

ROMAN = ("I", "II", "III", "IV")
ORDINAL = {"tk": ("1-nji", "2-nji", "3-nji", "4-nji"), "ky": ("1-чи", "2-чи", "3-чү", "4-чү")}
# {n} the number, {r} the Roman number, {k} the Roman number with Kazakh letters, {y} the year.
FORMS = [
    "{y}-Q{n}", "Q{n} {y}", "Q{n} of {y}", "{r} кв. {y}", "{r} кв. {y} г.", "{n}-й кв. {y} г.", "{n} квартал {y} года",
    "{r} квартал {y}", "за {r} квартал {y} г.", "{r} тоқсан {y}", "{k} тоқсан {y}", "{y} ж. {k} тоқсан",
    "{y} жылдың {k} тоқсаны", "{r} тқс. {y}", "{n}-чейрек {y}", "{y}-ж. {n}-чейрек", "{n}-чей. {y}", "Ч{n} {y}",
    "{n}-chorak {y}", "{y} yil {n}-chorak", "{n}-ch {y}", "{n}Ç {y}", "{y} ý. {n} çärýek", "{n}-чорак {y}",
    "{y}, {n}th quarter", "Quarter {n}, {y}", "{tk} çärýek {y}", "{ky} чейрек {y}", "{r}-КВАРТАЛ {y}",
]  # fmt: skip
AROUND = [
    "{}",
    "Отчётный период: {}",
    "Форма № 3, {} (утверждена приказом № 17)",
    "Hasabat: {}.",
    "{} / Reporting period",
]


def written(form: str, year: int, number: int) -> str:
    roman = ROMAN[number - 1]
    return form.format(
        y=year, n=number, r=roman, k=roman.replace("I", "\u0406"),
        tk=ORDINAL["tk"][number - 1], ky=ORDINAL["ky"][number - 1],
    )  # fmt: skip


@given(
    form=st.sampled_from(FORMS), around=st.sampled_from(AROUND), year=st.integers(1990, 2049), number=st.integers(1, 4)
)
def test_a_quarter_is_read_as_it_is_written_in_any_of_the_languages(form, around, year, number):
    text = around.format(written(form, year, number))
    assert quarters_named(text) == [Named(number, year)], text


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_read(form):
    assert quarters_named(written(form, 2010, 4)) == [Named(4, 2010)]


FISCAL = ["Q{n} FY{y}", "Q{n} FY {y}", "{r} квартал {y} ФГ", "FY{y} Q{n}"]


@given(form=st.sampled_from(FISCAL), year=st.integers(2001, 2030), number=st.integers(1, 4))
def test_a_quarter_of_a_fiscal_year_is_counted_from_october(form, year, number):
    (named,) = quarters_named(written(form, year, number))
    assert named.may_be(str(Quarter(year - 1, 4) if number == 1 else Quarter(year, number - 1)))


def test_two_figures_are_a_year_only_beside_a_word_for_a_fiscal_year():
    assert quarters_named("Q1 FY11") == [Named(4, 2010)]
    assert quarters_named("Q1 11") == []


@pytest.mark.parametrize("text", ["I-IV кварталы 2010 г.", "I–IV кв. 2010", "1-4 quarters 2010"])
def test_a_range_names_both_its_ends(text):
    assert quarters_named(text) == [Named(1, 2010), Named(4, 2010)]


def test_a_quarter_without_a_year_is_told_by_its_number():
    (named,) = quarters_named("Отчёт за IV квартал")
    assert named.may_be("2010-Q4")
    assert named.may_be("2011-Q4")
    assert not named.may_be("2010-Q3")


@pytest.mark.parametrize(
    "text",
    ["", "Форма 4-кв", "2010", "часов: 4 ч 2010", "кв. 12, ул. 4", "12 квартал 2010", "V квартал 2010", "0-chorak 2010",
     "1.4 кв. м", "приложение 4, 2010", "Q5 2010", "I полугодие 2010"],
)  # fmt: skip
def test_what_is_not_certain_names_nothing(text):
    assert quarters_named(text) == []


@given(st.text(max_size=60))
def test_any_text_is_read_without_an_error(text):
    assert all(1 <= named.number <= 4 for named in quarters_named(text))
