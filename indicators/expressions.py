"""The one small language of definitions: an SQL aggregate with an optional FILTER.

A definition writes `COUNT(DISTINCT person_ref) FILTER (WHERE vot_status = 'actual')`; this module
takes it apart into what is counted and under which conditions, and refuses whatever the engine
could not place into its own query: other tables, unknown columns, codes that are in no list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from indicators.facts import Column, Derived, codelists
from indicators.plain_conditions import Plain, plain

PERSONS = "persons"  # COUNT(DISTINCT key): each key once, in the cell of its first row
ROWS = "rows"  # COUNT(*)
SUM = "sum"  # SUM(column): unknown as soon as one value is unknown
MEAN = "mean"  # AVG(column): over the known values, kept as their exact sum and number
QUANTILE = "quantile"  # MEDIAN(column), QUANTILE_CONT(column, q): over the known values
AVERAGES = (MEAN, QUANTILE)

# What a condition may call, beside comparisons: whether a value or list is known, and membership.
FUNCTIONS = {"is_known", "list_contains", "array_contains", "len", "array_size", "length", "not"}


_AGGREGATE = re.compile(
    r"(?:(?P<rows>COUNT\(\*\))|COUNT\(DISTINCT (?P<persons>\w+)\)|SUM\((?P<sum>\w+)\)|AVG\((?P<mean>\w+)\)"
    r"|MEDIAN\((?P<median>\w+)\)|QUANTILE_CONT\((?P<quantile>\w+), (?P<of>0\.\d+)\))"
    r"(?: FILTER \(WHERE (?P<where>.+)\))?"
)


class ExpressionError(ValueError):
    """An expression the engine cannot use; the message says why."""


@dataclass(frozen=True)
class Aggregate:
    """What is counted (`kind`, `argument`) and every condition a row must meet, as SQL text."""

    kind: str
    argument: str | None
    conditions: frozenset[str]
    quantile: Decimal | None = None


def parse_aggregate(text: str, columns: Mapping[str, Column | Derived]) -> Aggregate:
    """Take an aggregate expression apart; raises ExpressionError."""
    return _plain_aggregate(text, columns) or _parsed_aggregate(text, columns)


def _plain_aggregate(text: str, columns: Mapping[str, Column | Derived]) -> Aggregate | None:
    """An expression in the plainest words that has no fault; what is wrong with another is for the parser to say."""
    found = _AGGREGATE.fullmatch(text)
    where = plain(found["where"]) if found and found["where"] else None
    if found is None or (found["where"] and where is None):
        return None
    kind = next(kind for kind in (ROWS, PERSONS, SUM, MEAN, "median", QUANTILE) if found[kind])
    argument = None if kind == ROWS else found[kind]
    conditions = [] if where is None else _apart(where)
    named = {argument or "place", *(name for one in conditions for name in one.columns)} - {"place"}
    codes = [pair for one in conditions for pair in one.codes]
    if named - set(columns) or any(
        (values := columns[name].values) is not None and code not in codelists()[values].codes for name, code in codes
    ):
        return None
    quantile = {"median": Decimal("0.5"), QUANTILE: Decimal(found["of"] or 0)}.get(kind)
    kind = QUANTILE if kind == "median" else kind
    _check_argument(kind, argument, columns)
    return Aggregate(kind, argument, frozenset(one.sql() for one in conditions), quantile)


def _apart(where: Plain) -> list[Plain]:
    """The conditions that must all be met, without the brackets around each of them."""
    if where.joined_by != "AND":
        return [where]
    return [one.parts[0] if one.is_bracketed else one for one in where.parts]


def _parsed_aggregate(text: str, columns: Mapping[str, Column | Derived]) -> Aggregate:
    node, conditions = _parsed(text)
    for condition in conditions:
        _check_condition(condition, columns)
    kind, argument = _kind(node, text)
    if argument is not None and argument not in columns:
        raise ExpressionError(f"there is no column {argument}")
    _check_argument(kind, argument, columns)
    return Aggregate(kind, argument, frozenset(_sql(condition) for condition in conditions), _quantile(node))


def _check_argument(kind: str, argument: str | None, columns: Mapping[str, Column | Derived]) -> None:
    if argument is None or kind == PERSONS:
        return
    column = columns[argument]
    if column.type not in ("integer", "decimal"):
        raise ExpressionError(f"{argument} is no number: its type is {column.type}")
    if kind == SUM and not column.measure:
        raise ExpressionError(f"{argument} may not be added up: it is not declared as a measure")


def _quantile(node: Any) -> Decimal | None:
    from sqlglot import exp

    if isinstance(node, exp.Median):
        return Decimal("0.5")
    if not isinstance(node, exp.PercentileCont):
        return None
    quantile = Decimal(node.expression.this) if isinstance(node.expression, exp.Literal) else Decimal(-1)
    if not 0 <= quantile <= 1:
        raise ExpressionError("a quantile is a number from 0 to 1")
    return quantile


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


def column_names(condition: str) -> set[str]:
    """The columns that a condition of an aggregate reads."""
    if (found := plain(condition)) is not None:
        return set(found.columns)
    from sqlglot import exp, parse_one

    return {column.name for column in parse_one(condition, dialect="duckdb").find_all(exp.Column)}


def _kind(node: Any, text: str) -> tuple[str, str | None]:
    from sqlglot import exp

    inner = node.this
    if isinstance(node, exp.Count) and isinstance(inner, exp.Star):
        return ROWS, None
    if isinstance(node, exp.Count) and isinstance(inner, exp.Distinct) and len(inner.expressions) == 1:
        return PERSONS, inner.expressions[0].name
    if isinstance(node, exp.Sum) and isinstance(inner, exp.Column):
        return SUM, inner.name
    if isinstance(node, exp.Avg) and isinstance(inner, exp.Column):
        return MEAN, inner.name
    if isinstance(node, (exp.Median, exp.PercentileCont)) and isinstance(inner, exp.Column):
        return QUANTILE, inner.name
    raise ExpressionError(
        "must be COUNT(*), COUNT(DISTINCT column), SUM(column), AVG(column), MEDIAN(column) or"
        f" QUANTILE_CONT(column, 0.9): {text}"
    )


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
