"""Published files made for tests of the intruder, the true numbers known. Not real data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from indicators.definitions import definitions
from indicators.disclosure import is_protected, policies
from indicators.figures import SHOWN, SUPPRESSED, Figure
from pipelines.bulk import insert
from pipelines.edition_tables import _indicator, _period
from reports.edition import TABLES
from tests.counting import all_windows

POLICY = policies()["default"]


def plainly_masked(figures: Iterable[Figure]) -> list[Figure]:
    """What an office does by hand: small counts are hidden, and nothing besides."""
    catalogue = definitions()
    return [
        replace(figure, numerator=None, denominator=None, status=SUPPRESSED, reason="small_numbers")
        if figure.status == SHOWN
        and is_protected(catalogue[figure.indicator], POLICY)
        and any(POLICY.is_small(n) for n in (figure.numerator, figure.denominator) if n is not None)
        else figure
        for figure in figures
    ]


def write_edition(file: Path, figures: Iterable[Figure]) -> Path:
    """The tables of the public format that say numbers, with these figures."""
    rows: dict[str, list[Sequence[Any]]] = {
        "figures": [
            (
                *figure.key, figure.value, figure.numerator, figure.denominator, figure.status, figure.reason,
                figure.offices_expected, figure.offices_reported, None,
            )
            for figure in figures
        ],
        "indicators": [_indicator(definition, date.max) for definition in definitions().values()],
        "periods": [_period(window) for window in all_windows()],
    }  # fmt: skip
    with duckdb.connect(str(file)) as con:
        for table, found in rows.items():
            columns = TABLES[table]
            con.execute(f"CREATE TABLE {table} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
            insert(con, table, columns, found)
    return file
