"""What Apache Spark says otherwise than DuckDB. A temporary table is a Parquet table of the session's own folder."""

from __future__ import annotations

from typing import Any

from indicators.dialects import DUCKDB, NotRendered, codes_of, first_of_each, is_day, months_of

Tree = Any


def statements(tree: Tree) -> list[str]:
    """The statements of Spark for a tree that no longer holds what both other engines lack."""
    from sqlglot import exp

    tree = _first_rows(tree)
    for rewrite in (_numbered, _recursive, _series, _lists, _dates, _others):
        rewrite(tree)
    before = []
    if isinstance(tree, exp.Create) and tree.kind == "TABLE":
        name = tree.this.find(exp.Table).name
        before = [f"DROP TABLE IF EXISTS {name}"]
        tree.set("replace", False)
        tree.set("properties", exp.Properties(expressions=[exp.FileFormatProperty(this=exp.to_identifier("PARQUET"))]))
    return [*before, tree.sql(dialect="spark")]


def _first_rows(tree: Tree) -> Tree:
    from sqlglot import exp

    for select in list(tree.find_all(exp.Select)):
        if not select.args.get("qualify"):
            continue
        keys, order = first_of_each(select)
        turn = exp.Window(this=exp.RowNumber(), partition_by=[key.copy() for key in keys],
                          order=exp.Order(expressions=[one.copy() for one in order]), over="OVER")  # fmt: skip
        inner = select.copy()
        inner.append("expressions", exp.alias_(turn, "turn_of_row"))
        names = ["* EXCEPT (turn_of_row)" if select.is_star else ", ".join(select.named_selects)]
        outer = exp.select(*(exp.Var(this=name) for name in names)).from_(inner.subquery("ordered"))
        replaced = select.replace(outer.where("turn_of_row = 1"))
        tree = replaced if select is tree else tree
    return tree


def _numbered(tree: Tree) -> None:
    """A number for each row: Spark wants an order, and any does."""
    from sqlglot import exp

    for number in list(tree.find_all(exp.RowNumber)):
        window = number.parent
        if isinstance(window, exp.Window) and not window.args.get("order"):
            window.set("order", exp.Order(expressions=[exp.Ordered(this=exp.Literal.number(1))]))


def _recursive(tree: Tree) -> None:
    """A recursion adds rows to what is there; its own condition ends it, and the same row twice does no harm."""
    from sqlglot import exp

    for query in tree.find_all(exp.With):
        if not query.args.get("recursive"):
            continue
        for one in query.expressions:
            body = one.this
            if isinstance(body, exp.Union) and any(t.name == one.alias for t in body.expression.find_all(exp.Table)):
                body.set("distinct", False)


def _series(tree: Tree) -> None:
    from sqlglot import exp

    for cast in list(tree.find_all(exp.Cast)):
        if isinstance(cast.this, exp.Explode):
            cast.replace(cast.this.copy())
    for series in list(tree.find_all(exp.GenerateSeries)):
        if isinstance(series.parent, exp.Table) and series.args.get("is_end_exclusive"):
            ends = [series.args["start"].copy(), series.args["end"].copy()]
            series.replace(exp.Anonymous(this="range", expressions=ends))


def _lists(tree: Tree) -> None:
    from sqlglot import exp

    for node in list(tree.find_all(exp.Length)):
        node.replace(exp.Anonymous(this="array_size", expressions=[node.this.copy()]))
    for node in list(tree.find_all(exp.ArrayConcat)):
        every = [node.this, *node.expressions]
        given = [exp.Coalesce(this=one.copy(), expressions=[exp.Array(expressions=[])]) for one in every]
        node.replace(exp.Anonymous(this="concat", expressions=given))
    for node in list(tree.find_all(exp.Anonymous)):
        if node.name.lower() == "list_aggregate":
            listed, how, *between = node.expressions
            if how.name != "string_agg":
                raise NotRendered(f"list_aggregate other than string_agg: {node.sql(dialect=DUCKDB)}")
            text = exp.Anonymous(this="array_join", expressions=[listed.copy(), between[0].copy()])
            node.replace(exp.Nullif(this=text, expression=exp.Literal.string("")))


def _dates(tree: Tree) -> None:
    from sqlglot import exp

    for node in list(tree.find_all(exp.Cast)):
        if (added := months_of(node.this.unnest())) is not None:
            node.replace(exp.Anonymous(this="add_months", expressions=[one.copy() for one in added]))
    for node in list(tree.find_all(exp.Sub)):
        if is_day(node.this) and is_day(node.expression):
            node.replace(exp.Anonymous(this="datediff", expressions=[node.this.copy(), node.expression.copy()]))


def _others(tree: Tree) -> None:
    from sqlglot import exp

    for node in list(tree.find_all(exp.TryCast)):
        codes = codes_of(node)
        if codes is None:
            raise NotRendered(node.sql(dialect=DUCKDB))
        listed = exp.Array(expressions=[code.copy() for code in codes])
        place = exp.Anonymous(this="array_position", expressions=[listed, node.this.copy()])
        node.replace(exp.Nullif(this=place, expression=exp.Literal.number(0)))
    for node in list(tree.find_all(exp.IntDiv)):
        sides = (node.this.sql(dialect="spark"), node.expression.sql(dialect="spark"))
        node.replace(exp.Var(this=f"({sides[0]} div {sides[1]})"))
    for cte in tree.find_all(exp.CTE):
        cte.set("materialized", None)
