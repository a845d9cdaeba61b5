"""What is plain is taken apart without a parser of SQL, and comes out as the parser would say it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlglot import exp, parse_one

import indicators
from indicators.definitions import definitions
from indicators.expressions import column_names, parse_aggregate
from indicators.facts import facts
from indicators.plain_conditions import plain
from tests.golden_sql import FROZEN

CONDITIONS = sorted(
    {
        condition
        for definition in (*definitions().values(), *definitions(FROZEN).values())
        for side in (definition.numerator, definition.denominator)
        if side is not None
        for condition in side.conditions
    }
    | {"(len(topics) > 0)", "(sex IS NOT NULL AND sex <> 'U')", "sex IS NULL", "NOT (a OR b >= 2)", "a = 'it''s'"}
)


def _by_the_parser(condition: str, prefix: str) -> tuple[str, set[str]]:
    tree = parse_one(condition, dialect="duckdb")
    names = {column.name for column in tree.find_all(exp.Column)}
    said = tree.transform(lambda node: exp.column(prefix + node.name) if isinstance(node, exp.Column) else node)
    return said.sql(dialect="duckdb", normalize_functions="lower"), names


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_plain_condition_is_written_as_the_parser_writes_it(condition: str) -> None:
    found = plain(condition)
    assert found is not None, "plain enough for the small language; if not, counting loads SQLGlot for this one"
    assert (found.sql("own_"), column_names(condition)) == _by_the_parser(condition, "own_")
    assert found.sql("own_", upper=True) == parse_one(found.sql("own_"), dialect="duckdb").sql(dialect="duckdb")


@pytest.mark.parametrize(
    "condition",
    [
        "a AND b OR c", "a + 1 > 2", "sex != 'F'", "lower(sex) = 'f'", "a = b", "sex IN ()", "sex IN ('F' 'M')", "a b",
        "'x'", "(a", "f.a", "a = -1", "sex LIKE 'F%'", "true", "A = 1", "a = 'x", "", "NOT", "a IN (SELECT b)",
        "len(a, b) > 0", "a IS", "a IS NOT", "a = ", "((a))", "a = 1.5", "a ; b",
    ],
)  # fmt: skip
def test_what_is_less_plain_is_left_to_the_parser(condition: str) -> None:
    assert plain(condition) is None


@pytest.mark.parametrize(
    ("expression", "again"),
    [
        ("COUNT(*)", "count( * )"),
        ("COUNT(DISTINCT person_ref)", "count( DISTINCT person_ref)"),
        ("AVG(age) FILTER (WHERE sex = 'F' AND is_known(age))", "avg(age) FILTER (WHERE sex='F' AND is_known(age))"),
        ("MEDIAN(age)", "median( age )"),
        ("QUANTILE_CONT(age, 0.9)", "quantile_cont(age , 0.9)"),
        ("COUNT(*) FILTER (WHERE sex = 'F' OR age > 3)", "count( * ) FILTER (WHERE sex = 'F' OR age > 3)"),
        ("COUNT(*) FILTER (WHERE (sex = 'F'))", "count( * ) FILTER (WHERE (sex = 'F'))"),
        (
            "COUNT(*) FILTER (WHERE age > 3 AND (sex = 'F' OR sex = 'M'))",
            "count( * ) FILTER (WHERE age > 3 AND (sex = 'F' OR sex = 'M'))",
        ),
    ],
)
def test_an_expression_means_the_same_in_plain_and_in_other_words(expression: str, again: str) -> None:
    columns = facts()["cases"].counted_columns()
    assert parse_aggregate(expression, columns) == parse_aggregate(again, columns)


def test_to_load_the_catalogue_and_write_its_queries_loads_no_parser() -> None:
    said = (
        "import sys; from indicators.definitions import definitions; from indicators.engine import sql_of;"
        "list(map(sql_of, definitions().values())); print('sqlglot' in sys.modules)"
    )
    here = Path(indicators.__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", said], cwd=here, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "False"
