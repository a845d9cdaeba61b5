"""The derived and joined columns of every fact, made by SQL and made again in Python from the registry's text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.counted import create_example_tables
from indicators.facts import PROVENANCE, all_facts
from oracle.tables import DERIVED, tables
from tests.random_facts import random_rows

MADE = [name for name, fact in all_facts().items() if fact.derived or fact.joins]


def test_every_derived_column_is_made_a_second_time() -> None:
    assert {(fact.name, column) for fact in all_facts().values() for column in fact.derived} == {
        (fact, column) for fact, columns in DERIVED.items() for column in columns
    }


def _own(name: str, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows as an office sends them: nothing derived, nothing joined."""
    kept = {*PROVENANCE, "snapshot", *all_facts()[name].columns}
    return [{column: value for column, value in row.items() if column in kept} for row in rows]


def _said(rows: Iterable[Iterable[Any]]) -> Counter[Any]:
    return Counter(tuple(tuple(value) if isinstance(value, list) else value for value in row) for row in rows)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_sql_and_python_make_the_same_columns(seed: int) -> None:
    rows = {name: _own(name, made) for name, made in random_rows(seed, 25).items()}
    again = tables(rows)
    with duckdb.connect() as con:
        create_example_tables(con, rows)
        for name in MADE:
            joined = [column for join in all_facts()[name].joins for column in join.columns]
            columns = [*all_facts()[name].key, *joined, *all_facts()[name].derived]
            found = con.execute(f"SELECT {', '.join(columns)} FROM counted_{name}").fetchall()
            assert _said(found) == _said(again[name][columns].itertuples(index=False)), name


@pytest.mark.parametrize(
    ("case", "group"),
    [
        ({"age": 17}, "minor"),
        ({"age": 18}, "adult"),
        ({"age": 0}, "minor"),
        ({"age": 17, "age_group_given": "adult"}, "minor"),
        ({"age_band_given": "9-17"}, "minor"),
        ({"age_band_given": "18-20"}, "adult"),
        ({"age_band_given": "U", "age_group_given": "minor"}, "minor"),
        ({"age_group_given": "adult"}, "adult"),
        ({}, "U"),
    ],
    ids=str,
)
def test_of_age_is_whoever_is_eighteen_and_unknown_is_not_adult(case: dict[str, Any], group: str) -> None:
    rows = {"cases": [{"office": "kz", "place": "KZ", "case_ref": "KZ-2010-1", **case}]}
    assert list(tables(rows)["cases"].age_group) == [group]
    with duckdb.connect() as con:
        create_example_tables(con, rows)
        assert con.execute("SELECT age_group FROM counted_cases").fetchall() == [(group,)]
