"""Great Expectations on DuckDB: the connection, the dialect, and the expectations in use, counts only.

Great Expectations 1.24 does not know DuckDB. Through the plain SQLAlchemy dialect every metric fails: it
fetches results after it has given the connection back, and the pool's ROLLBACK discards what DuckDB has
not yet handed out. Here Great Expectations reads through the connection of the intake itself, so that it
sees the staged (temporary) tables, and the end of its transactions is left to the intake. It leans on
names inside both libraries; a test for each kind of expectation holds them to it.

Importing this module costs seconds (Great Expectations): only `pipelines.validate` does, when it runs.
"""

from __future__ import annotations

import types
from typing import Any, ClassVar, Literal

import duckdb_engine
import great_expectations.expectations as gxe
import sqlalchemy as sa
from duckdb import DuckDBPyConnection
from great_expectations.datasource.fluent import SQLDatasource
from great_expectations.execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.expectation import ColumnMapExpectation
from great_expectations.expectations.expectation_configuration import parse_result_format
from great_expectations.expectations.metrics import ColumnMapMetricProvider
from great_expectations.expectations.metrics.map_metric_provider import column_condition_partial
from great_expectations.expectations.registry import get_metric_kwargs
from great_expectations.validator.metric_configuration import MetricConfiguration
from great_expectations.validator.validator import ValidationDependencies
from sqlalchemy.dialects import registry

from pipelines.rules import literal

_ROWS = "table.row_count"
_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}
URL = "duckgx:///:memory:"  # never opened: the connection is given by `engine_arguments`

# DuckDB's words for the types the facts use. A list is opaque to SQLAlchemy and stays so.
_TYPES: dict[str, Any] = {"BIGINT": sa.BigInteger, "DATE": sa.Date, "BOOLEAN": sa.Boolean, "VARCHAR": sa.String}


class _Cursor(duckdb_engine.CursorWrapper):
    """A cursor on the intake's own connection; DuckDB does not say how many rows a statement touched."""

    @property
    def rowcount(self) -> int:
        """Not known."""
        return -1


class _Connection(duckdb_engine.ConnectionWrapper):
    """The intake's connection, lent: what is read here neither ends its transaction nor closes it."""

    def __init__(self, con: DuckDBPyConnection) -> None:
        super().__init__(con)
        self._lent = con

    def cursor(self) -> Any:
        """A cursor on the same connection, which therefore sees its temporary tables."""
        return _Cursor(self._lent, self)

    def commit(self) -> None:
        """Leave the transaction as it is."""

    def rollback(self) -> None:
        """Leave the transaction, and every result not yet fetched, as it is."""

    def close(self) -> None:
        """Leave the connection open."""


class DuckGXDialect(duckdb_engine.Dialect):
    """The dialect of duckdb-engine without transactions of its own, which asks DuckDB what a table looks like."""

    supports_statement_cache = False

    def do_begin(self, dbapi_connection: Any) -> None:
        """Begin nothing: the transaction is the intake's."""

    def do_commit(self, dbapi_connection: Any) -> None:
        """Commit nothing."""

    def do_rollback(self, dbapi_connection: Any) -> None:
        """Roll nothing back."""

    def get_columns(self, connection: Any, table_name: str, schema: str | None = None, **_: Any) -> list[Any]:
        """Columns by DESCRIBE: ten times quicker than the catalogue queries written for PostgreSQL."""
        described = connection.exec_driver_sql(f"DESCRIBE {self.identifier_preparer.quote(str(table_name))}").fetchall()
        return [{"name": row[0], "type": _type(row[1]), "nullable": True, "default": None} for row in described]

    def get_pk_constraint(self, connection: Any, table_name: str, schema: str | None = None, **_: Any) -> Any:
        """Staged tables have no primary key."""
        return {"constrained_columns": [], "name": None}

    def has_table(self, connection: Any, table_name: str, schema: str | None = None, **_: Any) -> bool:
        """Whether the table can be described; temporary tables are not in the catalogue queries."""
        count = "SELECT count(*) FROM duckdb_tables() WHERE table_name = $1"
        return bool(connection.exec_driver_sql(count, (str(table_name),)).fetchall()[0][0])


def _type(name: str) -> Any:
    if name.startswith("DECIMAL"):
        return sa.Numeric()
    return _TYPES.get(name, sa.types.NullType)()


registry.register("duckgx", __name__, "DuckGXDialect")

# Great Expectations picks the function for a regular expression by the dialect's module. Dremio's is
# REGEXP_MATCHES, which is DuckDB's own, with the same meaning.
_DIALECT_MODULE = types.ModuleType("duckgx_dialect")
_DIALECT_MODULE.DremioDialect = DuckGXDialect  # type: ignore[attr-defined]


class DuckDBExecutionEngine(SqlAlchemyExecutionEngine):
    """The SQL engine of Great Expectations, told which dialect it speaks."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.dialect_module = _DIALECT_MODULE


class DuckDBDatasource(SQLDatasource):
    """`context.data_sources.add_duckdb(...)`; Great Expectations registers it by its type."""

    type: Literal["duckdb"] = "duckdb"

    @property
    def execution_engine_type(self) -> Any:
        """The engine that runs the metrics."""
        return DuckDBExecutionEngine


def engine_arguments(con: DuckDBPyConnection) -> dict[str, Any]:
    """What makes SQLAlchemy work through a connection that is already open."""
    return {"creator": lambda: _Connection(con), "poolclass": sa.pool.StaticPool}


class CountsOnly:
    """Leaves the failing values where they are: an expectation so made asks for two numbers and nothing else.

    The library's own result formats with counts also fetch values of failing rows and count empty cells.
    It also rebuilds an expectation's configuration some 60 times in one validation; here it is built
    once. Together this takes the time to a third.
    """

    map_metric: ClassVar[str]

    @property
    def configuration(self) -> Any:
        """The configuration of the expectation, which does not change once it is made."""
        known = self.__dict__.get("_configuration")
        if known is None:
            known = self.__dict__["_configuration"] = super().configuration  # type: ignore[misc]
        return known

    def get_validation_dependencies(
        self, execution_engine: Any = None, runtime_configuration: Any = None, **_: Any
    ) -> Any:
        """The metrics to compute: how many rows there are, and how many break the rule."""
        needed = ValidationDependencies(metric_configurations={}, result_format=parse_result_format(_FORMAT))
        for name in (_ROWS, self._broken):
            found = get_metric_kwargs(name, self.configuration, runtime_configuration)
            metric = MetricConfiguration(name, found["metric_domain_kwargs"], found["metric_value_kwargs"])
            needed.set_metric_configuration(name, metric)
        return needed

    def _validate(self, metrics: dict[str, Any], *arguments: Any, **named: Any) -> dict[str, Any]:
        """The result, from the two numbers; a table without rows sums to nothing, which is none."""
        counts = {"element_count": metrics[_ROWS], "unexpected_count": metrics[self._broken] or 0}
        return {"success": counts["unexpected_count"] == 0, "result": counts}

    @property
    def _broken(self) -> str:
        return f"{self.map_metric}.unexpected_count"


class NotNull(CountsOnly, gxe.ExpectColumnValuesToNotBeNull):
    """Every row gives the column."""


class InSet(CountsOnly, gxe.ExpectColumnValuesToBeInSet):
    """Values are codes of the list."""


class Between(CountsOnly, gxe.ExpectColumnValuesToBeBetween):
    """Values lie within bounds; both belong to them."""


class Regex(CountsOnly, gxe.ExpectColumnValuesToMatchRegex):
    """Values are written as agreed."""


class NotRegex(CountsOnly, gxe.ExpectColumnValuesToNotMatchRegex):
    """Values are not written like this."""


class Unique(CountsOnly, gxe.ExpectColumnValuesToBeUnique):
    """No value stands in two rows."""


class UniqueTogether(CountsOnly, gxe.ExpectCompoundColumnsToBeUnique):
    """No combination of values stands in two rows."""


class _ListOf(sa.types.UserDefinedType[Any]):
    """A list of the given codes and no others."""

    cache_ok = False

    def __init__(self, codes: list[str]) -> None:
        self.codes = codes

    def get_col_spec(self, **_: Any) -> str:
        """The type as DuckDB declares it."""
        return f"ENUM ({', '.join(map(literal, self.codes))})[]"


class _ListInSet(ColumnMapMetricProvider):
    condition_metric_name = "column_values.list_in_set"
    condition_value_keys = ("value_set",)

    @column_condition_partial(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(cls, column: Any, value_set: list[str], **_: Any) -> Any:
        # What is no code becomes empty, and empty ones are not counted; `list_has_all` costs up to 40 times this.
        return sa.func.list_count(sa.try_cast(column, _ListOf(value_set))) == sa.func.len(column)


class ListInSet(CountsOnly, ColumnMapExpectation):
    """Every value of a list is a code of the code list, and none is empty."""

    value_set: list[str]
    map_metric: ClassVar[str] = "column_values.list_in_set"
    success_keys: ClassVar[tuple[str, ...]] = ("value_set", "mostly")


class _RowsKeepRule(ColumnMapMetricProvider):
    condition_metric_name = "row_values.keep_rule"
    condition_value_keys = ("broken_when",)

    @column_condition_partial(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(cls, column: Any, broken_when: str, **_: Any) -> Any:
        return sa.literal_column(f"(NOT coalesce(({broken_when}), false))", sa.Boolean)


class RowsKeepRule(CountsOnly, ColumnMapExpectation):
    """No row makes the predicate true; it may ask other tables. Joins the one query of all the rules of a table."""

    broken_when: str
    map_metric: ClassVar[str] = "row_values.keep_rule"
    success_keys: ClassVar[tuple[str, ...]] = ("broken_when", "mostly")
