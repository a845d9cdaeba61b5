"""The engine's SQL for other engines: one tree, rewritten where an engine has no such construct, and rendered.

The engine writes DuckDB's SQL and knows of no other. What another engine lacks is put here in words that it has, never
in the engine, so that an indicator or a change of the engine costs nothing here unless it brings a construct that is
new. What both others lack is in this module; what only one of them lacks is in `dialect_postgres` and `dialect_spark`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from indicators.fact_views import counted_facts

if TYPE_CHECKING:
    from sqlglot import exp

DUCKDB, POSTGRES, SPARK = "duckdb", "postgres", "spark"
ENGINES = (DUCKDB, POSTGRES, SPARK)

Tree = Any  # a node of sqlglot, whose classes are typed as anything
Rewrite = Callable[[Tree], None]


class NotRendered(ValueError):
    """A construct for which nobody has said what another engine has in its place."""


def rendered(sql: str, engine: str, parameters: Mapping[str, Any] | None = None) -> list[str]:
    """A statement of the engine as statements of another one, in order.

    `parameters` are days and periods of our own calendars and become literals. Raises NotRendered for a construct
    that is not known here.
    """
    return list(_rendered(sql, engine, tuple(sorted((parameters or {}).items()))))


@lru_cache(maxsize=2000)
def _rendered(sql: str, engine: str, parameters: tuple[tuple[str, Any], ...]) -> tuple[str, ...]:
    from sqlglot import parse_one

    from indicators import dialect_postgres, dialect_spark

    tree = parse_one(sql, dialect=DUCKDB)
    _bind(tree, dict(parameters))
    for rewrite in (_plain_text, _plain_stars, _named_subqueries, _named_groups, _since_the_latest, _exact_quotients):
        rewrite(tree)
    statements: list[str] = {POSTGRES: dialect_postgres.statements, SPARK: dialect_spark.statements}[engine](tree)
    return tuple(statements)


@cache
def days() -> frozenset[str]:
    """The names of all columns that hold a day: trees have no types, and days are subtracted in other words."""
    return frozenset(
        name
        for fact in counted_facts().values()
        for name, column in fact.counted_columns().items()
        if column.type == "date"
    ) | {"due_on", "followed_up_on"}


def is_day(node: Tree) -> bool:
    """Whether an operand is a day."""
    from sqlglot import exp

    if isinstance(node, exp.Cast):
        return bool(node.to.this == exp.DataType.Type.DATE)
    return isinstance(node, exp.Column) and node.name.removeprefix("c_") in days()


def codes_of(node: Tree) -> list[Tree] | None:
    """The codes, where a node casts to a list of codes: `TRY_CAST(x AS ENUM (...))`."""
    from sqlglot import exp

    if isinstance(node, exp.TryCast) and node.to.this == exp.DataType.Type.ENUM:
        return list(node.to.expressions)
    return None


def first_of_each(select: Tree) -> tuple[list[Tree], list[Tree]]:
    """What `QUALIFY row_number() OVER (PARTITION BY ... ORDER BY ...) = 1` divides and orders by; takes it away."""
    from sqlglot import exp

    asked = select.args["qualify"].this
    window = asked.this
    if not (isinstance(asked, exp.EQ) and isinstance(window, exp.Window) and isinstance(window.this, exp.RowNumber)
            and asked.expression.name == "1"):  # fmt: skip
        raise NotRendered(f"QUALIFY other than the first row of each: {asked.sql(dialect=DUCKDB)}")
    select.set("qualify", None)
    return window.args["partition_by"], window.args["order"].expressions


def months_of(node: Tree) -> tuple[Tree, Tree] | None:
    """The day and the number of months of `day + to_months(n)`."""
    from sqlglot import exp

    added = node.expression if isinstance(node, exp.Add) else None
    if isinstance(added, exp.Anonymous) and added.name.lower() == "to_months":
        return node.this, added.expressions[0]
    return None


def _bind(tree: Tree, parameters: Mapping[str, Any]) -> None:
    from sqlglot import exp

    for node in list(tree.find_all(exp.Placeholder, exp.Parameter)):
        value = parameters[node.name]
        literal = exp.Literal.string(str(value))
        node.replace(exp.cast(literal, "DATE") if isinstance(value, date) else literal)


def _plain_text(tree: Tree) -> None:
    """A column of a few codes is a column of text."""
    from sqlglot import exp

    for column in tree.find_all(exp.ColumnDef):
        if column.args["kind"].this == exp.DataType.Type.ENUM:
            column.set("kind", exp.DataType.build("VARCHAR"))


def _plain_stars(tree: Tree) -> None:
    """`* EXCLUDE (...)` stands where the rest is named again outside: what is left in does no harm."""
    from sqlglot import exp

    for star in tree.find_all(exp.Star):
        star.set("except_", None)
        star.set("except", None)


def _named_subqueries(tree: Tree) -> None:
    from sqlglot import exp

    found = (query for query in tree.find_all(exp.Subquery) if isinstance(query.parent, (exp.From, exp.Join)))
    for number, query in enumerate(query for query in found if not query.alias):
        query.set("alias", exp.TableAlias(this=exp.to_identifier(f"sub_{number}")))


def _named_groups(tree: Tree) -> None:
    """`GROUP BY ALL`: by each column that is neither an aggregate nor a constant."""
    from sqlglot import exp

    for select in tree.find_all(exp.Select):
        group = select.args.get("group")
        if group is None or not group.args.get("all"):
            continue
        keys = [one.unalias() for one in select.expressions]
        keys = [key for key in keys if not key.find(exp.AggFunc) and key.find(exp.Column)]
        select.set("group", exp.Group(expressions=[key.copy() for key in keys]) if keys else None)


def _since_the_latest(tree: Tree) -> None:
    """`ASOF LEFT JOIN t ON keys AND x >= t.y`: of the rows of `t` that agree, the one with the latest y up to x.

    Each row of `t` holds until the next one of the same keys does.
    """
    from sqlglot import exp, parse_one

    for join in list(tree.find_all(exp.Join)):
        if (join.method or "").upper() != "ASOF":
            continue
        name, table = join.this.alias_or_name, join.this.name
        parts = list(join.args["on"].flatten()) if isinstance(join.args["on"], exp.And) else [join.args["on"]]
        (later,) = (part for part in parts if isinstance(part, exp.GTE))
        keys = [part.expression if part.expression.table == name else part.this for part in parts if part is not later]
        since, keyed = later.expression.name, ", ".join(key.name for key in keys)
        query = f"SELECT *, lead({since}) OVER (PARTITION BY {keyed} ORDER BY {since}) AS until FROM {table}"
        join.set("method", None)
        join.set(
            "this",
            exp.Subquery(this=parse_one(query, dialect=DUCKDB), alias=exp.TableAlias(this=exp.to_identifier(name))),
        )
        until = exp.column("until", table=name)
        before = exp.Or(this=exp.Is(this=until, expression=exp.null()),
                        expression=exp.LT(this=later.this.copy(), expression=until.copy()))  # fmt: skip
        join.set("on", exp.and_(join.args["on"], exp.paren(before)))


def _exact_quotients(tree: Tree) -> None:
    """A quotient as a decimal: divided as floating-point numbers, then rounded half away from zero, as DuckDB does."""
    from sqlglot import exp

    for cast in list(tree.find_all(exp.Cast)):
        quotient = cast.this.unnest()
        if cast.to.this != exp.DataType.Type.DECIMAL or not isinstance(quotient, exp.Div):
            continue
        scale = cast.to.expressions[1].name
        above, below = (side.sql(dialect=DUCKDB) for side in (quotient.this, quotient.expression))
        scaled = _divided(above, below, 10 ** int(scale))
        cast.set("this", scaled)


def _divided(above: str, below: str, scale: int) -> exp.Expression:
    from sqlglot import exp, parse_one

    quotient = exp.Div(this=parse_one(f"CAST({above} AS DOUBLE)", dialect=DUCKDB),
                       expression=parse_one(f"CAST({below} AS DOUBLE)", dialect=DUCKDB), typed=True)  # fmt: skip
    large = exp.Mul(this=exp.paren(quotient), expression=exp.Literal.number(f"{scale}"))
    half = exp.Add(this=exp.Abs(this=large), expression=exp.Literal.number("0.5"))
    whole = exp.Mul(this=exp.Sign(this=large.copy()), expression=exp.Floor(this=half))
    return exp.Div(this=exp.cast(whole, "DECIMAL(20, 2)"), expression=exp.Literal.number(f"{scale}"), typed=True)
