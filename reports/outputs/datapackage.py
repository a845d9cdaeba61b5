"""A Data Package: the donor's figures as CSV with their description, in one ZIP file.

`datapackage.json` declares every column, keys between the tables, and the size and SHA-256 of every file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports.csv_text import csv_bytes
from reports.edition import STATUSES
from reports.handed import Handed
from reports.package_words import readme, words
from reports.report import Output, Report
from reports.zip_file import zipped

# Columns with their types in Table Schema; * marks those of the primary key, ? those that may be empty.
TABLES: dict[str, dict[str, str]] = {
    "figures": {
        "indicator*": "string", "calendar*": "string", "period*": "string", "place*": "string",
        "breakdown*": "string", "category*": "string", "value?": "number", "numerator?": "number",
        "denominator?": "number", "status": "string", "reason?": "string", "offices_expected": "integer",
        "offices_reported": "integer",
    },
    "targets": {
        "project*": "string", "indicator*": "string", "calendar*": "string", "period*": "string", "place*": "string",
        "target": "number", "baseline?": "number",
    },
    "indicators": {
        "indicator*": "string", "family": "string", "title_en": "string", "title_ru": "string", "unit": "string",
        "direction": "string", "definition_en?": "string", "definition_ru?": "string", "rule_time": "string",
        "rule_place": "string", "adds_up?": "string", "donor_codes?": "string",
    },
    "periods": {
        "calendar*": "string", "period*": "string", "start_on?": "date", "end_on?": "date", "label_en": "string",
        "label_ru": "string",
    },
    "labels": {"list*": "string", "code*": "string", "en": "string", "ru": "string"},
}  # fmt: skip
_PERIODS = ("calendar", "period")
_LABELS = "SELECT * FROM labels WHERE list_contains(?, list) ORDER BY list, code"


@dataclass(frozen=True)
class Table:
    """A table of the package and the bytes of its file."""

    name: str
    data: bytes

    @property
    def path(self) -> str:
        """Its file in the package."""
        return f"data/{self.name}.csv"


def write(report: Report, language: str) -> bytes:
    """The package; words are in it in both languages."""
    tables = [_table(name, rows) for name, rows in _rows(report).items()]
    files = {
        "datapackage.json": (json.dumps(_descriptor(report, tables), ensure_ascii=False, indent=2) + "\n").encode(),
        "README.md": readme(report).encode(),
        **{table.path: table.data for table in tables},
    }
    return zipped(files)


def _rows(report: Report) -> dict[str, Iterable[Mapping[str, Any]]]:
    handed, edition = report.handed, report.edition
    indicators = [
        {**row, "adds_up": " ".join(row["adds_up"] or []), "donor_codes": " ".join(handed.codes[code])}
        for code, row in handed.indicators.items()
    ]
    return {
        "figures": handed.figures,
        "targets": handed.targets,
        "indicators": indicators,
        "periods": edition.rows("SELECT * FROM periods ORDER BY calendar, period"),
        "labels": edition.rows(_LABELS, [_lists(handed)]),
    }


def _lists(handed: Handed) -> list[str]:
    """The lists whose codes stand in the package."""
    breakdowns = {figure["breakdown"] for figure in handed.figures}
    return sorted({"breakdown", "place", "family", "unit", "status", "reason", "calendar", "direction"} | breakdowns)


def _table(name: str, rows: Iterable[Mapping[str, Any]]) -> Table:
    columns = [column.rstrip("*?") for column in TABLES[name]]
    return Table(name, csv_bytes(columns, ([row[column] for column in columns] for row in rows)))


def _descriptor(report: Report, tables: Sequence[Table]) -> dict[str, Any]:
    about = report.edition.about()
    return {
        "profile": "tabular-data-package",
        "name": report.stem.lower(),
        "id": report.edition.edition_id,
        "title": words("package", "en").format(donor=report.donor.name["en"], period=report.period),
        "version": about["edition_id"],
        "created": f"{about['data_until'] or report.quarter.end}T00:00:00Z",
        "sources": [{"title": f"edition {about['edition_id']}, figures SHA-256 {about['figures_hash']}"}],
        "resources": [_resource(table) for table in tables],
    }


def _resource(table: Table) -> dict[str, Any]:
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "path": table.path,
        "title": words(f"table_{table.name}", "en"),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(table.data),
        "hash": f"sha256:{hashlib.sha256(table.data).hexdigest()}",
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"', "doubleQuote": True, "header": True},
        "schema": _schema(table.name),
    }


def _schema(name: str) -> dict[str, Any]:
    columns = TABLES[name]
    schema: dict[str, Any] = {
        "fields": [_field(column, kind) for column, kind in columns.items()],
        "missingValues": [""],
        "primaryKey": [column[:-1] for column in columns if column.endswith("*")],
    }
    if name in ("figures", "targets"):
        schema["foreignKeys"] = [
            {"fields": ["indicator"], "reference": {"resource": "indicators", "fields": ["indicator"]}},
            {"fields": list(_PERIODS), "reference": {"resource": "periods", "fields": list(_PERIODS)}},
        ]
    return schema


def _field(column: str, kind: str) -> dict[str, Any]:
    name = column.rstrip("*?")
    field: dict[str, Any] = {"name": name, "type": kind, "description": words(f"column_{name}", "en")}
    constraints: dict[str, Any] = {} if column.endswith("?") else {"required": True}
    if name == "status":
        constraints["enum"] = list(STATUSES)
    return {**field, "constraints": constraints} if constraints else field


OUTPUT = Output({"en": "Data Package", "ru": "Пакет данных (Data Package)"}, "zip", False, write)
