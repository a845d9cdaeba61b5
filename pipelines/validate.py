"""Great Expectations over the staged rows of one submission, reduced to counts by rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from pipelines.rules import (
    BETWEEN,
    IN_SET,
    LIST_IN_SET,
    NOT_NULL,
    NOT_REGEX,
    PERIOD_END,
    PERIOD_START,
    REGEX,
    ROWS,
    UNIQUE,
    Rule,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# The least that gives counts. The expectations themselves ask for no values (`duckgx.CountsOnly`).
_COUNTS = {"result_format": "BASIC", "partial_unexpected_count": 0}


@dataclass(frozen=True)
class CheckResult:
    """How many rows a rule looked at, and how many broke it."""

    rule: Rule
    rows_checked: int
    rows_failed: int


class CheckFailedError(RuntimeError):
    """Great Expectations could not compute a rule: nothing may be said of the file."""


def validate(
    con: DuckDBPyConnection, tables: Mapping[str, Sequence[Rule]], limits: Mapping[str, Any]
) -> list[CheckResult]:
    """Check each table (`{"stage_cases": rules, ...}`) against its rules; one result for each rule, in order.

    `limits` resolves the bounds that differ from file to file (`starts_on`, `ends_on`). Raises
    CheckFailedError when a rule gives no count: a check that could not be made is not one that passed.
    """
    return [result for table, rules in tables.items() for result in _validate(con, table, rules, limits)]


@cache
def _library() -> Any:
    """The adapter, and with it Great Expectations: seconds and 250 MB, so only when rows are checked."""
    import warnings

    with warnings.catch_warnings():
        # Parts of the library still load modules that Python has set aside; that is theirs to mend.
        warnings.simplefilter("ignore", DeprecationWarning)
        from pipelines import duckgx
    return duckgx


@cache
def _context() -> Any:
    """One context in memory for the process: no files, no progress bars, no telemetry."""
    import great_expectations as gx

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    return context


@lru_cache(maxsize=1)
def _source(con: DuckDBPyConnection) -> Any:
    """The warehouse's connection as a data source: made once, for one process has one warehouse open."""
    from uuid import uuid4

    duckgx = _library()
    arguments = duckgx.engine_arguments(con)
    return _context().data_sources.add_duckdb(uuid4().hex, connection_string=duckgx.URL, kwargs=arguments)


@lru_cache(maxsize=64)
def _whole_table(con: DuckDBPyConnection, table: str) -> Any:
    return _source(con).add_table_asset(table, table_name=table).add_batch_definition_whole_table("all")


def _validate(
    con: DuckDBPyConnection, table: str, rules: Sequence[Rule], limits: Mapping[str, Any]
) -> list[CheckResult]:
    if not rules:
        return []
    outcome = whole_outcome(con, table, rules, limits)
    found = {result.expectation_config.meta["rule"]: result for result in outcome.results}
    return [_reduced(rule, found.get(rule.id)) for rule in rules]


def whole_outcome(con: DuckDBPyConnection, table: str, rules: Sequence[Rule], limits: Mapping[str, Any]) -> Any:
    """The library's own result for the rules of a table, before it is reduced."""
    _library()
    from great_expectations import ExpectationSuite

    suite = ExpectationSuite(name=table, expectations=[expectation(rule, limits) for rule in rules])
    return _whole_table(con, table).get_batch().validate(suite, result_format=_COUNTS)


def _reduced(rule: Rule, result: Any) -> CheckResult:
    counts = result.result if result is not None else {}
    if "unexpected_count" not in counts:
        # The library's words may quote a cell: only the rule is named.
        raise CheckFailedError(f"the rule {rule.id} could not be computed by Great Expectations")
    return CheckResult(rule, int(counts["element_count"]), int(counts["unexpected_count"]))


def expectation(rule: Rule, limits: Mapping[str, Any]) -> Any:
    """A rule in the words of Great Expectations; raises KeyError for a kind that has none."""
    duckgx = _library()
    classes = {
        NOT_NULL: duckgx.NotNull,
        IN_SET: duckgx.InSet,
        LIST_IN_SET: duckgx.ListInSet,
        BETWEEN: duckgx.Between,
        REGEX: duckgx.Regex,
        NOT_REGEX: duckgx.NotRegex,
        ROWS: duckgx.RowsKeepRule,
    }
    meta = {"rule": rule.id}
    if rule.expectation == UNIQUE:
        return _unique(rule.parameters["columns"], meta)
    if rule.expectation == ROWS:
        # Counted on a column that is never empty, so that no row is left out.
        return classes[ROWS](column="row_number", broken_when=rule.predicate, meta=meta)
    return classes[rule.expectation](**_resolved(rule.parameters, limits), meta=meta)


def _unique(columns: list[str], meta: dict[str, str]) -> Any:
    duckgx = _library()
    if len(columns) == 1:
        return duckgx.Unique(column=columns[0], meta=meta)
    return duckgx.UniqueTogether(column_list=columns, ignore_row_if="any_value_is_missing", meta=meta)


def _resolved(parameters: Mapping[str, Any], limits: Mapping[str, Any]) -> dict[str, Any]:
    known = {PERIOD_START: limits.get(PERIOD_START), PERIOD_END: limits.get(PERIOD_END)}
    return {
        name: known[value] if isinstance(value, str) and value in known else value for name, value in parameters.items()
    }
