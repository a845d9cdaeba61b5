"""What PostgreSQL says otherwise than DuckDB."""

from __future__ import annotations

from typing import Any

from indicators.dialects import DUCKDB, NotRendered, codes_of, first_of_each, months_of

Tree = Any

# One number that a tally sums up, as the engine's structs are; and what its lists need.
SETUP = (
    """CREATE TYPE pg_temp.esep_sums AS (tally INTEGER, above NUMERIC(38, 2), below NUMERIC(38, 2),
  lacking BIGINT, candidates BIGINT)""",
    """CREATE FUNCTION pg_temp.esep_distinct(TEXT[]) RETURNS TEXT[] LANGUAGE sql IMMUTABLE STRICT AS
$$SELECT coalesce(array_agg(DISTINCT one COLLATE "C"), ARRAY[]::TEXT[]) FROM unnest($1) AS one
WHERE one IS NOT NULL$$""",
)
FIELDS = ("tally", "above", "below", "lacking", "candidates")


def statements(tree: Tree) -> list[str]:
    """The statements of PostgreSQL for a tree that no longer holds what both other engines lack."""
    from sqlglot import exp

    for rewrite in (_first_rows, _lags, _lists, _sums, _others):
        rewrite(tree)
    before = []
    if isinstance(tree, exp.Create):
        if tree.args.get("replace") and tree.kind == "TABLE":
            before = [f"DROP TABLE IF EXISTS {_name(tree)}"]
            tree.set("replace", False)
        for column in tree.find_all(exp.ColumnDef):
            _in_code_order(column)
    return [*before, tree.sql(dialect="postgres")]


def _name(create: Tree) -> str:
    from sqlglot import exp

    name: str = create.this.find(exp.Table).name
    return name


def _in_code_order(column: Tree) -> None:
    """Text is ordered by its code points, whatever language the database is in."""
    from sqlglot import exp

    if column.args["kind"].is_type(*exp.DataType.TEXT_TYPES):
        column.append(
            "constraints",
            exp.ColumnConstraint(kind=exp.CollateColumnConstraint(this=exp.to_identifier("C", quoted=True))),
        )


def _first_rows(tree: Tree) -> None:
    from sqlglot import exp

    for select in list(tree.find_all(exp.Select)):
        if select.args.get("qualify"):
            keys, order = first_of_each(select)
            on = exp.Tuple(expressions=[key.copy() for key in keys])
            select.set("distinct", exp.Distinct(on=on))
            select.set("order", exp.Order(expressions=[*(exp.Ordered(this=key.copy()) for key in keys), *order]))
            if isinstance(select.parent, exp.Union):
                select.replace(exp.paren(select.copy()))


def _lags(tree: Tree) -> None:
    """`lag(... IGNORE NULLS)` of what the window is ordered by is the greatest of the rows before."""
    from sqlglot import exp

    named = {one.this.name: one for select in tree.find_all(exp.Select) for one in select.args.get("windows") or ()}
    for ignoring in list(tree.find_all(exp.IgnoreNulls)):
        window: Tree = ignoring.parent
        name = window.args.get("alias")
        over: Tree = named.get(name.name) if name else window
        order = over.args["order"].expressions if over else []
        value = ignoring.this.this
        given = [one.args["true"].name for one in value.args.get("ifs", ())]
        if len(order) != 1 or given != [order[0].this.name] or value.args.get("default"):
            raise NotRendered(f"IGNORE NULLS of another column than the order's: {window.sql(dialect=DUCKDB)}")
        frame = exp.WindowSpec(kind="ROWS", start="UNBOUNDED", start_side="PRECEDING",
                               end=exp.Literal.number(1), end_side="PRECEDING")  # fmt: skip
        window.replace(
            exp.Window(
                this=exp.Max(this=value.copy()),
                partition_by=[one.copy() for one in over.args.get("partition_by", ())],
                order=over.args["order"].copy(), spec=frame, over="OVER",
            )
        )  # fmt: skip
    for select in tree.find_all(exp.Select):
        select.set("windows", None)


def _lists(tree: Tree) -> None:
    from sqlglot import exp

    for node in list(tree.find_all(exp.Explode)):
        if isinstance(node.this, exp.GenerateSeries):
            node.replace(node.this.copy())
    for node in list(tree.find_all(exp.Length)):
        node.replace(exp.Anonymous(this="cardinality", expressions=[node.this.copy()]))
    for node in list(tree.find_all(exp.ArrayDistinct)):
        node.replace(exp.Anonymous(this="pg_temp.esep_distinct", expressions=[node.this.copy()]))
    for node in list(tree.find_all(exp.ArrayContains)):
        node.replace(
            exp.paren(exp.EQ(this=node.expression.copy(), expression=exp.Any(this=exp.paren(node.this.copy()))))
        )
    for node in list(tree.find_all(exp.Array)):
        if not node.expressions:
            node.replace(exp.cast(node.copy(), "TEXT[]"))
    for node in list(tree.find_all(exp.Anonymous)):
        if node.name.lower() == "list_aggregate":
            node.replace(_joined(node))


def _joined(node: Tree) -> Tree:
    """`list_aggregate(list_sort(x), 'string_agg', sep)`: `esep_distinct` has sorted them already."""
    from sqlglot import exp

    listed, how, between = node.expressions
    if how.name != "string_agg" or not isinstance(listed, exp.ArraySort):
        raise NotRendered(f"list_aggregate other than string_agg of a sorted list: {node.sql(dialect=DUCKDB)}")
    text = exp.Anonymous(this="array_to_string", expressions=[listed.this.copy(), between.copy()])
    return exp.Nullif(this=text, expression=exp.Literal.string(""))


def _sums(tree: Tree) -> None:
    """A list of structs, and a struct's fields: rows of a type of their own."""
    from sqlglot import exp

    for struct in list(tree.find_all(exp.Struct)):
        names = tuple(one.this.name for one in struct.expressions)
        if names != FIELDS:
            raise NotRendered(f"a struct of {', '.join(names)}")
        row = exp.Anonymous(this="ROW", expressions=[one.expression.copy() for one in struct.expressions])
        struct.replace(exp.Cast(this=row, to=exp.DataType.build("pg_temp.esep_sums", udt=True, dialect="postgres")))
    for column in list(tree.find_all(exp.Column)):
        if column.table == "s" and column.name in FIELDS and _is_unnested(column):
            field = exp.Dot(this=exp.paren(exp.column("s")), expression=exp.to_identifier(column.name))
            column.replace(field)


def _is_unnested(column: Tree) -> bool:
    """Whether `s` is one struct of the list `sums`."""
    from sqlglot import exp

    select = column.find_ancestor(exp.Select)
    source = select.args.get("from_") or select.args.get("from")
    return any(one.alias == "s" for one in getattr(source.this.unnest(), "expressions", ()))


def _others(tree: Tree) -> None:
    from sqlglot import exp

    for node in list(tree.find_all(exp.TryCast)):
        codes = codes_of(node)
        if codes is None:
            raise NotRendered(node.sql(dialect=DUCKDB))
        listed = exp.Array(expressions=[code.copy() for code in codes])
        node.replace(exp.Anonymous(this="array_position", expressions=[listed, node.this.copy()]))
    for node in list(tree.find_all(exp.Add)):
        if (added := months_of(node)) is not None:
            months = exp.Var(this=f"make_interval(months => {added[1].sql(dialect='postgres')})")
            node.set("expression", months)
    for node in list(tree.find_all(exp.Quarter)):
        node.replace(exp.Extract(this=exp.var("QUARTER"), expression=node.this.copy()))
    for node in list(tree.find_all(exp.IntDiv)):
        node.replace(exp.Div(this=node.this.copy(), expression=node.expression.copy(), typed=True))
