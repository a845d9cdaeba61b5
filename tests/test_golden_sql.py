"""The SQL of a frozen catalogue is the one that was read, and every definition compiles against empty facts."""

from __future__ import annotations

import duckdb
import pytest

from indicators.counted import create_views, create_windows
from indicators.definitions import definitions
from indicators.fact_views import views
from indicators.facts import PROVENANCE, facts
from indicators.queries import count_sql, tallies
from tests.counting import all_windows
from tests.golden_sql import GOLDEN, texts


def test_the_sql_of_the_frozen_catalogue_is_the_one_that_was_read() -> None:
    golden = {path.stem: path.read_text(encoding="utf-8") for path in GOLDEN.glob("*.sql")}
    assert texts() == golden, "read the difference, then: python -m tests.golden_sql --write"


@pytest.fixture(scope="module")
def empty() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    for fact in facts().values():
        columns = {**PROVENANCE, "snapshot": "VARCHAR", **{n: c.sql_type for n, c in fact.columns.items()}}
        con.execute(f"CREATE TABLE in_force_{fact.name} ({', '.join(f'{n} {t}' for n, t in columns.items())})")
    create_views(con)
    create_windows(con, all_windows())
    return con


@pytest.mark.parametrize("code", [code for code, d in definitions().items() if d.numerator is not None])
def test_a_definition_compiles_against_empty_facts(code: str, empty: duckdb.DuckDBPyConnection) -> None:
    for tally in tallies(definitions()[code]):
        assert empty.execute(count_sql(tally)).fetchall() == []


def test_a_view_gives_the_columns_it_declares(empty: duckdb.DuckDBPyConnection) -> None:
    for name, view in views().items():
        given = {row[0] for row in empty.execute(f"DESCRIBE counted_{name}").fetchall()}
        assert {*view.columns, "office", "place", "snapshot"} <= given, name
