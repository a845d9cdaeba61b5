"""The one small language of definitions: an SQL aggregate with an optional FILTER.

A definition writes `COUNT(DISTINCT person_ref) FILTER (WHERE vot_status = 'actual')`; this module
takes it apart into what is counted and under which conditions, and refuses whatever the engine
could not place into its own query: other tables, unknown columns, codes that are in no list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from indicators.facts import Column, Derived, codelists

PERSONS = "persons"  # COUNT(DISTINCT key): each key once, in the cell of its first row
ROWS = "rows"  # COUNT(*)
SUM = "sum"  # SUM(column): unknown as soon as one value is unknown
MEAN = "mean"  # AVG(column): the sum of the known values over their number
QUANTILE = "quantile"  # MEDIAN(column), QUANTILE_CONT(column, 0.9): over the known values
# A mean or a quantile is one number about n rows; the others count or add up.
STATISTICS = (MEAN, QUANTILE)

# What a condition may call, beside comparisons: whether a value or list is known, and membership.
FUNCTIONS = {"is_known", "list_contains", "array_contains", "len", "array_size", "length"}
_NUMBERS = ("integer", "decimal")


class ExpressionError(ValueError):
    """An expression the engine cannot use; the message says why."""


@dataclass(frozen=True)
class Aggregate:
    """What is counted (`kind`, `argument`, for a quantile which) and every condition a row must meet, as SQL text."""

    kind: str
    argument: str | None
    conditions: frozenset[str]
    quantile: Decimal | None = None


def parse_aggregate(text: str, columns: Mapping[str, Column | Derived]) -> Aggregate:
    """Take an aggregate expression apart; raises ExpressionError."""
    node, conditions = _parsed(text)
    for condition in conditions:
        _check_condition(condition, columns)
    kind, argument, quantile = _kind(node, text)
    if argument is not None:
        _check_argument(kind, argument, columns)
    return Aggregate(kind, argument, frozenset(_sql(condition) for condition in conditions), quantile)


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


def _kind(node: Any, text: str) -> tuple[str, str | None, Decimal | None]:
    from sqlglot import exp

    inner = node.this
    if isinstance(node, exp.Count) and isinstance(inner, exp.Star):
        return ROWS, None, None
    if isinstance(node, exp.Count) and isinstance(inner, exp.Distinct) and len(inner.expressions) == 1:
        return PERSONS, inner.expressions[0].name, None
    if isinstance(inner, exp.Column):
        if isinstance(node, exp.Sum):
            return SUM, inner.name, None
        if isinstance(node, exp.Avg):
            return MEAN, inner.name, None
        if isinstance(node, exp.Median):
            return QUANTILE, inner.name, Decimal("0.5")
        if isinstance(node, exp.PercentileCont):
            return QUANTILE, inner.name, _quantile(node.expression, text)
    raise ExpressionError(
        "must be COUNT(*), COUNT(DISTINCT column), SUM(column), AVG(column), MEDIAN(column) or "
        f"QUANTILE_CONT(column, 0.9): {text}"
    )


def _quantile(node: Any, text: str) -> Decimal:
    share = Decimal(node.this) if node is not None and node.is_number else Decimal(-1)
    if not 0 <= share <= 1 or share != share.quantize(Decimal("0.01")):
        raise ExpressionError(f"the quantile must be a number from 0 to 1 with at most two places: {text}")
    return share


def _check_argument(kind: str, argument: str, columns: Mapping[str, Column | Derived]) -> None:
    if argument not in columns:
        raise ExpressionError(f"there is no column {argument}")
    column = columns[argument]
    if kind == SUM and not column.measure:
        raise ExpressionError(f"only a column declared as a measure may be added up, and {argument} is none")
    if kind in STATISTICS and column.type not in _NUMBERS:
        raise ExpressionError(f"a mean or median is of numbers, and {argument} is of type {column.type}")


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
    from sqlglot import exp

    # An OR among conditions that are joined by AND needs its brackets.
    text: str = node.sql(dialect="duckdb", normalize_functions="lower")
    return f"({text})" if isinstance(node, exp.Or) else text
