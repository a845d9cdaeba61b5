"""DuckDB computes, pandas is the oracle: every indicator, window, place and cell on random data."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import duckdb
import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from indicators.counted import create_example_tables
from indicators.definitions import Definition, definitions
from indicators.engine import measure
from indicators.figures import REGION_TOTAL, SHOWN, SUPPRESSED, TOTAL, UNDEFINED, UNKNOWN, Figure
from oracle.counting import Numbers, Recount, frames, oracles, units
from tests.counting import all_windows, full_reporting
from tests.random_facts import PLACES, random_rows

WINDOWS = {(w.calendar, w.period): w for w in all_windows()}


@pytest.mark.parametrize("code", definitions())
def test_indicator_has_an_oracle(code: str) -> None:
    """A new indicator stands on its own examples until somebody counts it a second way."""
    if code not in oracles():
        pytest.skip(f"{code} is not counted in pandas yet: add it to oracle/families/")


def test_the_units_of_a_country_are_those_of_the_day() -> None:
    """The registry's own numbers: 50 in the five countries in 2010, and Kazakhstan's three new ones of 2022."""
    of_2010 = {place: len(units([place], date(2010, 12, 31))) for place in PLACES}
    assert of_2010 == {"KZ": 16, "KG": 9, "TJ": 5, "TM": 6, "UZ": 14}
    assert len(units(["KZ"], date(2026, 1, 1))) == 20


def test_every_oracle_has_its_indicator() -> None:
    assert set(oracles()) <= set(definitions())


@settings(max_examples=3, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(seed=st.integers(0, 10**6), size=st.sampled_from((6, 20)))
def test_the_engine_agrees_with_the_oracle(seed: int, size: int) -> None:
    rows = random_rows(seed, size)
    assume(all(rows.values()))
    recount = Recount(frames(rows))
    with duckdb.connect() as con:
        create_example_tables(con, rows)
        figures = measure(con, definitions(), all_windows(), full_reporting())
    assert {figure.indicator for figure in figures} == set(definitions())
    known = _known(figures)
    for figure in figures:
        if figure.indicator in oracles():
            places = known[figure.key[:3]] if figure.place == REGION_TOTAL else (figure.place,)
            if places:
                _compare(definitions()[figure.indicator], figure, _expected(recount, figure, places))
    _compare_region(figures)


def _known(figures: list[Figure]) -> dict[tuple[str, str, str], tuple[str, ...]]:
    """The countries that are in the region of each indicator and window: those whose whole is known."""
    found: dict[tuple[str, str, str], list[str]] = {figure.key[:3]: [] for figure in figures}
    for figure in figures:
        if figure.breakdown == TOTAL and figure.place != REGION_TOTAL and figure.status != UNKNOWN:
            found[figure.key[:3]].append(figure.place)
    return {key: tuple(places) for key, places in found.items()}


def _expected(recount: Recount, figure: Figure, places: tuple[str, ...]) -> Numbers:
    window = WINDOWS[figure.calendar, figure.period]
    if figure.breakdown == TOTAL:
        return recount.counted(figure.indicator, window, places)
    return recount.cell(figure.indicator, window, places, figure.breakdown, figure.category)


def _compare(definition: Definition, figure: Figure, expected: Numbers) -> None:
    numerator, denominator = (None if number is None else Decimal(str(number)) for number in expected)
    if figure.status == UNDEFINED:
        assert denominator == 0, figure
    elif figure.status == UNKNOWN:
        # Nothing is counted, and something is not known: the oracle counts nothing either.
        assert numerator == 0, figure
    elif definition.is_average:
        is_few = (denominator or Decimal(0)) < definition.minimum_n
        assert figure.status == (SUPPRESSED if is_few else SHOWN), (figure, expected)
        assert is_few or (figure.average, figure.denominator) == (numerator, denominator), (figure, expected)
    else:
        assert figure.status == SHOWN
        assert figure.numerator == numerator, (figure, expected)
        assert figure.denominator is None or figure.denominator == (denominator or Decimal(0)), (figure, expected)


def _compare_region(figures: list[Figure]) -> None:
    """The region is the sum of the countries that have a number."""
    by_key = {figure.key: figure for figure in figures}
    for figure in figures:
        definition = definitions()[figure.indicator]
        summed = definition.function is None and not definition.is_average
        if figure.place == REGION_TOTAL and figure.status == SHOWN and summed:
            parts = [by_key.get((*figure.key[:3], place, *figure.key[4:])) for place in PLACES]
            if definition.has_own_denominator and any(part and part.status == UNDEFINED for part in parts):
                continue  # over nothing a country says no number, and its numerator is in the region's all the same
            numbers = [part.numerator for part in parts if part is not None and part.numerator is not None]
            assert figure.numerator == sum(numbers), figure.key
