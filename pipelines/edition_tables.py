"""The rows of an edition's tables, from what was counted and what it was made of. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb

from indicators.calendars import WHOLE_SOURCE, Window, label
from indicators.definitions import Definition, digest
from indicators.figures import REGION_TOTAL, TOTAL, Figure
from indicators.funding import projects
from indicators.labels import labels

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
    code_version: str


def rows_of(contents: Contents) -> dict[str, Rows]:
    """Rows by table, values in the order of `reports.edition.TABLES`."""
    inputs, policy = contents.inputs, contents.inputs.policy
    return {
        "edition": [_edition(contents, policy)],
        "figures": _figures(contents),
        "indicators": [_indicator(d, inputs.last_day or date.max) for d in contents.catalogue.values()],
        "labels": labels(contents.catalogue.values(), inputs.places, inputs.offices),
        "periods": [_period(window) for window in inputs.windows],
        "projects": [
            (p.code, p.title["en"], p.title["ru"], [d.lower() for d in p.donors], p.start_on, p.end_on, p.note)
            for p in projects().values()
        ],
        "targets": _targets(inputs),
        "completeness": inputs.completeness,
        "inputs": [(inputs.name_of(row[0]), *row[1:]) for row in inputs.files],
        "checks": contents.checks,
        "policy": policy.rows(),
        "certificate": sorted(contents.certificate.items()),
    }


def _edition(contents: Contents, policy: Policy) -> Sequence[Any]:
    figures_hash = hashlib.sha256(repr([(f.key, str(f.value), f.status) for f in contents.figures]).encode())
    return (
        contents.edition_id, contents.inputs.source, contents.inputs.period, contents.inputs.last_day,
        contents.code_version, duckdb.__version__, digest(contents.catalogue), policy.digest, figures_hash.hexdigest(),
    )  # fmt: skip


def _figures(contents: Contents) -> Rows:
    promised = {(row[1], row[2], row[3], row[4]): row[6] for row in _targets(contents.inputs)}
    return [
        (
            *figure.key, figure.value, figure.numerator, figure.denominator, figure.status, figure.reason,
            figure.offices_expected, figure.offices_reported,
            promised.get(figure.key[:4]) if figure.breakdown == TOTAL else None,
        )
        for figure in contents.figures
    ]  # fmt: skip


def _indicator(definition: Definition, on: date) -> Sequence[Any]:
    codes = {
        code["donor"].lower(): code["code"]
        for code in definition.donor_codes
        if code.get("from", date.min) <= on <= code.get("until", date.max)
    }
    return (
        definition.code, definition.family, definition.title["en"], definition.title["ru"], definition.unit,
        definition.direction, definition.definition["en"], definition.definition["ru"], definition.why,
        definition.numerator_text, definition.denominator_text, list(definition.by), list(definition.adds_up),
        definition.rule_time, definition.rule_place, json.dumps(codes, sort_keys=True), definition.reviewed_on,
        definition.digest,
    )  # fmt: skip


def _period(window: Window) -> Sequence[Any]:
    words = (label(window.calendar, window.period, language) for language in ("en", "ru"))
    return (window.calendar, window.period, window.start, window.end, *words)


def _targets(inputs: Inputs) -> list[Sequence[Any]]:
    """What the projects promised for the windows of the edition."""
    known = {(window.calendar, window.period) for window in inputs.windows if window.calendar != WHOLE_SOURCE}
    return [
        (project.code, t.indicator, t.calendar, t.period, t.place, t.baseline, t.target, t.note)
        for project in projects().values()
        for t in project.targets
        if (t.calendar, t.period) in known and t.place in (*inputs.places, REGION_TOTAL)
    ]
