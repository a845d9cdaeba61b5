"""The engine's SQL in the words of other engines; no engine is needed for any of it."""

from __future__ import annotations

import pytest
import sqlglot
from sqlglot import exp

from indicators.definitions import definitions
from indicators.dialects import POSTGRES, SPARK, NotRendered, rendered
from tests.golden_dialects import GOLDEN, OTHERS, statements, texts, view_statements


def test_the_statements_of_the_frozen_catalogue_are_those_that_were_read():
    golden = {path.stem: path.read_text(encoding="utf-8") for path in GOLDEN.glob("*.sql")}
    assert texts() == golden, "read the difference, then: python -m tests.golden_dialects --write"


@pytest.fixture(scope="module")
def said() -> list[str]:
    return [*view_statements(), *statements(definitions())]


@pytest.mark.parametrize("engine", OTHERS)
def test_every_statement_of_the_whole_catalogue_is_rendered_and_is_sql_of_that_engine(engine, said):
    """Nothing that only DuckDB has is left in the tree that the other engine's SQL is read as."""
    left = (exp.Qualify,) + ((exp.IgnoreNulls, exp.TryCast) if engine == POSTGRES else ())
    for sql in said:
        for statement in rendered(sql, engine):
            tree = sqlglot.parse_one(statement, dialect=engine)
            assert tree.find(*left) is None and "ENUM" not in statement, statement
            assert not any((join.method or "") == "ASOF" for join in tree.find_all(exp.Join)), statement
            assert not any(group.args.get("all") for group in tree.find_all(exp.Group)), statement


WORDS = {
    "SELECT f.sent_on - f.received_on AS n FROM f": {
        POSTGRES: "SELECT f.sent_on - f.received_on AS n FROM f",
        SPARK: "SELECT DATEDIFF(f.sent_on, f.received_on) AS n FROM f",
    },
    "SELECT (end_on + to_months(3))::DATE AS d FROM f": {
        POSTGRES: "SELECT CAST((end_on + make_interval(months => 3)) AS DATE) AS d FROM f",
        SPARK: "SELECT ADD_MONTHS(end_on, 3) AS d FROM f",
    },
    "SELECT len(l) AS n, list_contains(l, 'a') AS c FROM f": {
        POSTGRES: "SELECT CARDINALITY(l) AS n, ('a' = ANY(l)) AS c FROM f",
        SPARK: "SELECT ARRAY_SIZE(l) AS n, ARRAY_CONTAINS(l, 'a') AS c FROM f",
    },
    "SELECT a, count(*) AS n, 'x' AS x FROM f GROUP BY ALL": dict.fromkeys(
        OTHERS, "SELECT a, COUNT(*) AS n, 'x' AS x FROM f GROUP BY a"
    ),
    "SELECT a FROM f QUALIFY row_number() OVER (PARTITION BY b ORDER BY c) = 1": {
        POSTGRES: "SELECT DISTINCT ON (b) a FROM f ORDER BY b, c",
        SPARK: "SELECT a FROM (SELECT a, ROW_NUMBER() OVER (PARTITION BY b ORDER BY c NULLS LAST) AS turn_of_row"
        " FROM f) AS ordered WHERE turn_of_row = 1",
    },
    "SELECT TRY_CAST(x AS ENUM ('a', 'b')) AS r FROM f": {
        POSTGRES: "SELECT ARRAY_POSITION(ARRAY['a', 'b'], x) AS r FROM f",
        SPARK: "SELECT NULLIF(ARRAY_POSITION(ARRAY('a', 'b'), x), 0) AS r FROM f",
    },
    "SELECT l.a FROM r ASOF LEFT JOIN l ON r.k = l.k AND r.t >= l.t": dict.fromkeys(
        OTHERS,
        "SELECT l.a FROM r LEFT JOIN (SELECT *, LEAD(t) OVER (PARTITION BY k ORDER BY t{}) AS until FROM l) AS l"
        " ON (r.k = l.k AND r.t >= l.t) AND (l.until IS NULL OR r.t < l.until)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("engine", OTHERS)
@pytest.mark.parametrize("sql", WORDS)
def test_a_construct_is_said_in_the_words_of_the_engine(sql, engine):
    expected = WORDS[sql][engine].replace("{}", " NULLS LAST" if engine == SPARK else "")
    assert rendered(sql, engine) == [expected]


@pytest.mark.parametrize(
    ("sql", "engine"),
    [
        ("SELECT a FROM f QUALIFY count(*) OVER (PARTITION BY b ORDER BY c) = 1", POSTGRES),
        ("SELECT lag(a IGNORE NULLS) OVER (ORDER BY b) AS x FROM f", POSTGRES),
        ("SELECT TRY_CAST(a AS INTEGER) AS x FROM f", SPARK),
        ("SELECT {'a': 1} AS s FROM f", POSTGRES),
        ("SELECT list_aggregate(a, 'sum') AS s FROM f", SPARK),
    ],
)  # fmt: skip
def test_what_nobody_has_said_in_other_words_is_refused_rather_than_guessed(sql, engine):
    with pytest.raises(NotRendered):
        rendered(sql, engine)


@pytest.mark.parametrize("engine", OTHERS)
def test_days_and_periods_become_literals_and_cannot_break_out(engine):
    from datetime import date

    (text,) = rendered("SELECT a FROM f WHERE p = $p AND d = $d", engine, {"p": "x' OR '1'='1", "d": date(2010, 10, 1)})
    tree = sqlglot.parse_one(text, dialect=engine)
    assert sorted(one.name for one in tree.find_all(exp.Literal)) == ["2010-10-01", "x' OR '1'='1"]
