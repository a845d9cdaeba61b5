"""DuckDB computes, pandas is the oracle: every indicator, window, place and cell on random data."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from indicators.counted import create_example_tables
from indicators.definitions import Definition, definitions
from indicators.engine import measure
from indicators.fact_views import counted_facts
from indicators.figures import REGION_TOTAL, SHOWN, SUPPRESSED, TOTAL, UNDEFINED, UNKNOWN, Figure
from tests.counting import all_windows, full_reporting
from tests.oracle import Frame, Numbers, cell, counted, frames, oracles
from tests.random_facts import PLACES, random_rows

WINDOWS = {(w.calendar, w.period): w for w in all_windows()}


@pytest.mark.parametrize("code", definitions())
def test_indicator_has_an_oracle(code: str) -> None:
    """A new indicator stands on its own examples until somebody counts it a second way."""
    if code not in oracles():
        pytest.skip(f"{code} is not counted in pandas yet: add it to tests/oracles/")


def test_every_oracle_has_its_indicator() -> None:
    assert set(oracles()) <= set(definitions())


@settings(max_examples=3, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(seed=st.integers(0, 10**6), size=st.sampled_from((6, 20)))
def test_the_engine_agrees_with_the_oracle(seed: int, size: int) -> None:
    rows = random_rows(seed, size)
    assume(all(rows.values()))
    tables = frames(rows)
    with duckdb.connect() as con:
        create_example_tables(con, rows)
        figures = measure(con, definitions(), all_windows(), full_reporting())
    assert {figure.indicator for figure in figures} == set(definitions())
    for figure in figures:
        if figure.place != REGION_TOTAL and figure.indicator in oracles():
            definition = definitions()[figure.indicator]
            _compare(definition, figure, _expected(definition, tables, figure))
    _compare_region(figures)


def _expected(definition: Definition, tables: dict[str, Frame], figure: Figure) -> Numbers:
    window = WINDOWS[figure.calendar, figure.period]
    if figure.breakdown == TOTAL:
        return counted(definition.code, tables, window, figure.place)
    is_list = counted_facts()[definition.fact].counted_columns()[figure.breakdown].is_list
    return cell(definition.code, tables, window, figure.place, figure.breakdown, figure.category, is_list)


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
