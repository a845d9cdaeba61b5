"""The examples in definitions: small pipe tables of rows, counted by the same engine as real data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from indicators.calendars import Quarter, window
from indicators.counted import create_example_tables
from indicators.definitions import Definition, Example
from indicators.engine import measure
from indicators.fact_views import counted_facts
from indicators.facts import Column, Derived
from indicators.figures import TOTAL, Figure, Reporting
from indicators.funding import life_start

_PROVENANCE = ("office", "place", "snapshot")


def run_example(definition: Definition, example: Example) -> list[str]:
    """What an example says and the engine does not: empty when they agree."""
    figures = {figure.key[4:]: figure for figure in _measured(definition, example)}
    return [
        f"{definition.code}, {example.name}: {what} is {found}, expected {wanted}"
        for what, found, wanted in _comparisons(example.expected, figures)
        if found != wanted
    ]


def _measured(definition: Definition, example: Example) -> list[Figure]:
    import duckdb

    with duckdb.connect() as con:
        tables = {name: read_table(name, text, example.place) for name, text in example.tables.items()}
        create_example_tables(con, tables)
        span = window(example.calendar, Quarter.parse(example.period), life_start())
        owed = frozenset((example.place, fact, example.period) for fact in definition.facts)
        # An example shows how a mean is counted; how few people it may be shown for is told by its status.
        shown = definition if "status" in example.expected else replace(definition, minimum_n=0)
        return measure(con, {definition.code: shown}, [span], Reporting(owed, owed))


def _comparisons(expected: Mapping[str, Any], figures: Mapping[Any, Figure]) -> list[tuple[str, Any, Any]]:
    whole = figures[TOTAL, TOTAL]
    compared: list[tuple[str, Any, Any]] = []
    for what, wanted in expected.items():
        if what == "status":
            compared.append((what, whole.status, wanted))
        elif what == "cells":
            compared += [_cell(name, number, figures) for name, number in wanted.items()]
        else:
            compared.append((what, getattr(whole, what), Decimal(str(wanted))))
    return compared


def _cell(name: str, wanted: Any, figures: Mapping[Any, Figure]) -> tuple[str, Any, Any]:
    figure = figures.get(tuple(name.split("=", 1)))
    return name, figure.value if figure else None, Decimal(str(wanted))


def read_table(fact: str, text: str, place: str) -> list[dict[str, Any]]:
    """Rows of a pipe table, typed by the fact's columns; an empty cell is an empty value.

    Raises KeyError for a column the fact does not have.
    """
    lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    columns = counted_facts()[fact].counted_columns()
    rows = []
    for line in lines[1:]:
        row: dict[str, Any] = {"office": place.lower(), "place": place}
        for name, cell in zip(lines[0], line, strict=True):
            row[name] = cell if name in _PROVENANCE else _typed(columns[name], cell)
        rows.append(row)
    return rows


def _typed(column: Column | Derived, cell: str) -> Any:
    if column.is_list:
        return [part.strip() for part in cell.split(";") if part.strip()]
    if cell == "":
        return None
    if column.type == "date":
        return date.fromisoformat(cell)
    if column.type == "boolean":
        return {"true": True, "false": False}[cell]
    return {"integer": int, "decimal": Decimal}.get(column.type, str)(cell)
