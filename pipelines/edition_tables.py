"""The rows of an edition's tables, from what was counted and what it was made of. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb

from indicators.calendars import Window, label
from indicators.definitions import Definition, digest
from indicators.figures import REGION_TOTAL, SUPPRESSED, TOTAL, Figure
from indicators.funding import projects
from indicators.labels import labels
from pipelines.edition_projects import project_rows, targets_of

if TYPE_CHECKING:
    from indicators.disclosure import Policy
    from pipelines.inputs import Inputs

Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Contents:
    """Everything an edition is written from."""

    edition_id: str
    inputs: Inputs
    catalogue: Mapping[str, Definition]
    figures: Sequence[Figure]
    certificate: Mapping[str, str]
    checks: Rows
    coverage: Rows
    training: Rows
    code_version: str
    follows: str = ""
    restatements: Rows = ()


def rows_of(contents: Contents) -> dict[str, Rows]:
    """Rows by table, values in the order of `reports.edition.TABLES`."""
    inputs, policy = contents.inputs, contents.inputs.policy
    return {
        "edition": [_edition(contents, policy)],
        "figures": _figures(contents),
        "indicators": [_indicator(d, inputs.last_day or date.max) for d in contents.catalogue.values()],
        "labels": labels(contents.catalogue.values(), inputs.places, inputs.offices),
        "periods": [_period(window) for window in inputs.windows],
        **project_rows(inputs.windows, (*inputs.places, REGION_TOTAL), contents.catalogue),
        "restatements": contents.restatements,
        "service_coverage": contents.coverage,
        "training_events": contents.training,
        "completeness": inputs.completeness,
        "inputs": [(inputs.name_of(row[0]), *row[1:]) for row in inputs.files],
        "checks": contents.checks,
        "policy": policy.rows(),
        "certificate": sorted(contents.certificate.items()),
        "protected_tables": (),
    }


def protected_tables(figures: Iterable[Figure], widths: Mapping[str, int], width: int) -> Rows:
    """How safe each table is of which something is hidden, as rows of `protected_tables`.

    `widths` are those of cells that an intruder narrowed, named by their figures. It is not said how many counts are
    small and how many are hidden beside them: of a table with two hidden that would tell which is which.
    """
    tables: dict[tuple[str, ...], list[bool]] = {}
    for figure in figures:
        tables.setdefault(figure.key[:5], []).append(figure.status == SUPPRESSED)
    least: dict[tuple[str, ...], int] = {}
    for cell, found in widths.items():
        table = tuple(cell.split(" ")[:5])
        least[table] = min(found, least.get(table, width))
    return [(*table, len(hidden), sum(hidden), least.get(table, width)) for table, hidden in tables.items()
            if any(hidden)]  # fmt: skip


def _edition(contents: Contents, policy: Policy) -> Sequence[Any]:
    figures_hash = hashlib.sha256(repr([(f.key, str(f.value), f.status) for f in contents.figures]).encode())
    return (
        contents.edition_id, contents.inputs.source, contents.inputs.period, contents.inputs.last_day,
        contents.code_version, duckdb.__version__, contents.follows or None, digest(contents.catalogue), policy.digest,
        figures_hash.hexdigest(),
    )  # fmt: skip


def _figures(contents: Contents) -> Rows:
    inputs = contents.inputs
    found = targets_of(projects().values(), inputs.windows, (*inputs.places, REGION_TOTAL))
    promised = {(row[1], row[2], row[3], row[4]): row[6] for row in found}
    return [
        (
            *figure.key, figure.value, figure.numerator, figure.denominator, figure.status, figure.reason,
            figure.offices_expected, figure.offices_reported,
            promised.get(figure.key[:4]) if figure.breakdown == TOTAL else None,
        )
        for figure in contents.figures
    ]  # fmt: skip


def _indicator(definition: Definition, on: date) -> Sequence[Any]:
    codes: dict[str, str] = {}
    for code in definition.donor_codes_on(on):
        donor = code["donor"].lower()
        codes[donor] = f"{codes[donor]}, {code['code']}" if donor in codes else code["code"]
    return (
        definition.code, definition.family, definition.title["en"], definition.title["ru"], definition.unit,
        definition.direction, definition.definition["en"], definition.definition["ru"],
        definition.why["en"], definition.why["ru"], definition.numerator_text, definition.denominator_text,
        list(definition.by), list(definition.adds_up), definition.rule_time, definition.rule_place,
        json.dumps(codes, sort_keys=True), definition.reviewed_on,
        definition.digest,
    )  # fmt: skip


def _period(window: Window) -> Sequence[Any]:
    words = (label(window.calendar, window.period, language) for language in ("en", "ru"))
    return (window.calendar, window.period, window.start, window.end, *words)
