"""The one small language of definitions: an SQL aggregate with an optional FILTER.

A definition writes `COUNT(DISTINCT person_ref) FILTER (WHERE vot_status = 'actual')`; this module
takes it apart into what is counted and under which conditions, and refuses whatever the engine
could not place into its own query: other tables, unknown columns, codes that are in no list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from indicators.facts import Column, Derived, codelists

PERSONS = "persons"  # COUNT(DISTINCT key): each key once, in the cell of its first row
ROWS = "rows"  # COUNT(*)
SUM = "sum"  # SUM(column): unknown as soon as one value is unknown

# What a condition may call, beside comparisons: whether a value or list is known, and membership.
FUNCTIONS = {"is_known", "list_contains", "array_contains", "len", "array_size", "length"}


class ExpressionError(ValueError):
    """An expression the engine cannot use; the message says why."""


@dataclass(frozen=True)
class Aggregate:
    """What is counted (`kind`, `argument`) and every condition a row must meet, as SQL text."""

    kind: str
    argument: str | None
    conditions: frozenset[str]


def parse_aggregate(text: str, columns: Mapping[str, Column | Derived]) -> Aggregate:
    """Take an aggregate expression apart; raises ExpressionError."""
    node, conditions = _parsed(text)
    for condition in conditions:
        _check_condition(condition, columns)
    kind, argument = _kind(node, text)
    if argument is not None and argument not in columns:
        raise ExpressionError(f"there is no column {argument}")
    return Aggregate(kind, argument, frozenset(_sql(condition) for condition in conditions))


@cache
def _parsed(text: str) -> tuple[Any, tuple[Any, ...]]:
    from sqlglot import exp, parse_one
    from sqlglot.errors import ParseError

    try:
        tree = parse_one(text, dialect="duckdb")
    except ParseError as error:
        raise ExpressionError(f"not an SQL expression: {text}") from error
    if tree.find(exp.Subquery, exp.Select, exp.Window):
        raise ExpressionError("an expression reads no other table; the engine owns FROM")
    if not isinstance(tree, exp.Filter):
        return tree, ()
    where = tree.expression.this
    return tree.this, tuple(where.flatten()) if isinstance(where, exp.And) else (where,)


def _kind(node: Any, text: str) -> tuple[str, str | None]:
    from sqlglot import exp

    inner = node.this
    if isinstance(node, exp.Count) and isinstance(inner, exp.Star):
        return ROWS, None
    if isinstance(node, exp.Count) and isinstance(inner, exp.Distinct) and len(inner.expressions) == 1:
        return PERSONS, inner.expressions[0].name
    if isinstance(node, exp.Sum) and isinstance(inner, exp.Column):
        return SUM, inner.name
    raise ExpressionError(f"must be COUNT(*), COUNT(DISTINCT column) or SUM(column): {text}")


def _check_condition(condition: Any, columns: Mapping[str, Column | Derived]) -> None:
    from sqlglot import exp

    for column in condition.find_all(exp.Column):
        if column.name not in columns or column.table:
            raise ExpressionError(f"there is no column {column.sql()}")
    for function in condition.find_all(exp.Func):
        name = function.name if isinstance(function, exp.Anonymous) else function.sql_name()
        if not isinstance(function, (exp.And, exp.Or)) and name.lower() not in FUNCTIONS:
            raise ExpressionError(f"the function {name} is not one a definition may use")
    for column, code in _compared_codes(condition):
        values = columns[column].values
        if values is not None and code not in codelists()[values].codes:
            raise ExpressionError(f"{code!r} is not in the list {values}")


def _compared_codes(condition: Any) -> Iterator[tuple[str, str]]:
    """Each (column, text literal) that a condition compares."""
    from sqlglot import exp

    for node in condition.find_all(exp.EQ, exp.NEQ, exp.In, exp.ArrayContains):
        names = [column.name for column in node.find_all(exp.Column)]
        for literal in node.find_all(exp.Literal):
            if literal.is_string and len(names) == 1:
                yield names[0], literal.this


def _sql(node: Any) -> str:
    text: str = node.sql(dialect="duckdb", normalize_functions="lower")
    return text
