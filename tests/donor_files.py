"""Readers of what donors are handed, written apart from the writers: each gives back figures by what they are about."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pypdf

from reports import format as form
from reports.donors import DonorTable
from reports.edition import FILE_NAME, REGION, Edition, open_edition
from tests.sample_edition import make_edition

# indicator, place, breakdown, category, calendar, period
Key = tuple[str, str, str, str, str, str]

# A results framework and a baseline for the hand-made edition, and a project of another donor that is over.
FRAMEWORK = (
    """INSERT INTO results VALUES
      ('demo', 'G', 0, 'goal', NULL, 'People are safe', 'Люди в безопасности', []),
      ('demo', '1', 1, 'outcome', 'G', 'Victims are found', 'Жертв находят', ['P01', 'R09']),
      ('demo', '1.1', 2, 'output', '1', 'Events are held', 'Мероприятия проводятся', ['P01', 'T01'])""",
    """INSERT INTO baselines VALUES
      ('demo', 'R09', 'KZ', 0.4, DATE '2009-12-31', NULL, NULL, 'survey'),
      ('demo', 'R09', 'CA', NULL, NULL, 'Not measured.', 'Не измерялось.', ''),
      ('demo', 'T01', 'KZ', NULL, NULL, 'Begins at nothing.', 'Отсчёт с нуля.', '')""",
    """INSERT INTO projects VALUES
      ('done', 'Judges and prosecutors', 'Судьи и прокуроры', ['inl', 'us_embassy'], DATE '2009-10-01',
       DATE '2010-09-30', '')""",
)


@cache
def _base() -> tuple[TemporaryDirectory[str], Path]:
    """The hand-made edition, written once for all tests of a process; the folder goes with it."""
    folder = TemporaryDirectory(prefix="esep-edition-")
    return folder, make_edition(Path(folder.name))


def edition_with(folder: Path, *statements: str) -> Edition:
    """The hand-made edition with a results framework, and whatever else is changed in it."""
    made = folder / _base()[1].name
    shutil.copytree(_base()[1].parent, folder, dirs_exist_ok=True)
    with duckdb.connect(str(made / FILE_NAME)) as con:
        for statement in (*FRAMEWORK, *statements):
            con.execute(statement)
    _sign(made)
    return open_edition(made)


def _sign(made: Path) -> None:
    """Let the manifest know the bytes as they are."""
    manifest = json.loads((made / "manifest.json").read_text())
    manifest["files"] = {FILE_NAME: hashlib.sha256((made / FILE_NAME).read_bytes()).hexdigest()}
    (made / "manifest.json").write_text(json.dumps(manifest))


def sheet_of(book: Any, table: DonorTable) -> Any:
    """The sheet of a donor's table in a workbook of whichever language."""
    return book[next(name for name in table.sheet.values() if name in book.sheetnames)]


def plain(data: bytes) -> str:
    """All that is in a file as text; ZIP files (workbooks too) are opened, pictures left out."""
    if data[:5] == b"%PDF-":
        return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)
    if data[:2] != b"PK":
        return data.decode("utf-8")
    parts = zipfile.ZipFile(io.BytesIO(data))
    names = (name for name in parts.namelist() if not name.endswith((".png", ".jpeg")))
    return "\n".join(parts.read(name).decode("utf-8") for name in names)


def squeezed(text: str) -> str:
    """A text without spaces and the hyphens that part a word at the end of a line."""
    return re.sub(r"[\s\u00a0\u2010\u00ad-]", "", text).replace("\u2011", "")


def iati_cell(node: Any) -> tuple[str, ...]:
    """The place and dimensions of a value of an IATI file."""
    place = node.find("location")
    dimensions = [(d.get("name"), d.get("value")) for d in node.findall("dimension")]
    return (place.get("ref") if place is not None else REGION, *(text for pair in sorted(dimensions) for text in pair))


def iati(root: Any) -> dict[tuple[str, ...], Decimal]:
    """Every actual by indicator, first and last day, place and dimension."""
    found = {}
    for indicator in root.xpath("//indicator"):
        code = indicator.xpath("reference[@vocabulary='99']/@code")[0]
        for period in indicator.findall("period"):
            days = [period.find(f"period-{end}").get("iso-date") for end in ("start", "end")]
            for actual in period.findall("actual"):
                found[(code, *days, *iati_cell(actual))] = Decimal(actual.get("value"))
    return found


def displayed(value: float, pattern: str) -> str:
    """A number as a spreadsheet shows it under one of our number formats, half up, without an asterisk.

    Excel rounds the number's 15 decimal digits, LibreOffice its binary form. Raises ValueError where they differ.
    """
    positive, _, negative = pattern.partition(";")
    section = (negative or positive if value < 0 else positive).replace('"*"', "")
    sign = form.MINUS if section.startswith(form.MINUS) else ""
    factor = 100 if "%" in section else 1
    step = Decimal(1).scaleb(-section.partition(".")[2].count("0"))
    decimal = (Decimal(f"{abs(value):.15G}") * factor).quantize(step, ROUND_HALF_UP)
    if decimal != Decimal(abs(value) * factor).quantize(step, ROUND_HALF_UP):
        raise ValueError(f"one program would show another number than {decimal}")
    unit = section[section.index("0%") + 1 :] if "0%" in section else section.partition(form.NO_BREAK)[2]
    return f"{sign}{decimal:,f}" + (form.NO_BREAK if form.NO_BREAK in section else "") + unit


def sdmx(data: bytes) -> dict[Key, dict[str, str]]:
    """The observations of an SDMX-CSV file. Raises ValueError for two of the same key."""
    found: dict[Key, dict[str, str]] = {}
    for row in csv.DictReader(io.StringIO(data.decode("utf-8"))):
        names = ("INDICATOR", "REF_AREA", "BREAKDOWN", "CATEGORY", "CALENDAR", "TIME_PERIOD")
        key: Any = tuple(row[name] for name in names)
        if key in found:
            raise ValueError(f"twice: {key}")
        found[key] = row
    return found


def dhis2(data: bytes) -> dict[tuple[str, str, str, str, str], dict[str, str]]:
    """The data values by indicator, place, breakdown, category and DHIS2's own period."""
    found = {}
    for value in json.loads(data)["dataValues"]:
        breakdown, _, category = value["categoryOptionCombo"].partition(":")
        parts = ("total", "total") if breakdown == "default" else (breakdown, category)
        key = (value["dataElement"], value["orgUnit"], *parts, value["period"])
        if key in found:
            raise ValueError(f"twice: {key}")
        found[key] = value
    return found


class BadPackage(ValueError):
    """A Data Package breaks its own description; one line for each fault."""


def package(data: bytes) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """A Data Package, read and checked by the specification: the descriptor, and the typed rows of each table.

    Raises BadPackage for a wrong size or hash, columns that are not declared, values of another type, broken
    constraints and keys.
    """
    files = zipfile.ZipFile(io.BytesIO(data))
    descriptor = json.loads(files.read("datapackage.json"))
    faults: list[str] = []
    tables = {
        resource["name"]: _table(resource, files.read(resource["path"]), faults) for resource in descriptor["resources"]
    }
    for resource in descriptor["resources"]:
        faults += _key_faults(resource, tables)
    if faults:
        raise BadPackage("\n".join(faults))
    return descriptor, tables


def _table(resource: Mapping[str, Any], data: bytes, faults: list[str]) -> list[dict[str, Any]]:
    name = resource["name"]
    if len(data) != resource["bytes"] or f"sha256:{hashlib.sha256(data).hexdigest()}" != resource["hash"]:
        faults.append(f"{name}: size or hash differ")
    fields = resource["schema"]["fields"]
    reader = csv.reader(io.StringIO(data.decode(resource["encoding"]), newline=""))
    if next(reader) != [field["name"] for field in fields]:
        faults.append(f"{name}: columns differ")
    rows = []
    for number, cells in enumerate(reader, 2):
        try:
            rows.append({f["name"]: _cell(f, cell) for f, cell in zip(fields, cells, strict=True)})
        except ValueError as error:
            faults.append(f"{name}, line {number}: {error}")
    return rows


def _cell(field: Mapping[str, Any], text: str) -> Any:
    constraints = field.get("constraints", {})
    if text == "":
        if constraints.get("required"):
            raise ValueError(f"{field['name']} is empty")
        return None
    if text not in constraints.get("enum", [text]):
        raise ValueError(f"{field['name']} is {text}")
    kinds: dict[str, Any] = {"string": str, "integer": int, "number": _number, "date": date.fromisoformat}
    return kinds[field["type"]](text)


def _number(text: str) -> Decimal:
    value = Decimal(text)
    if not value.is_finite() or "e" in text.lower():
        raise ValueError(f"{text} is no plain number")
    return value


def _key_faults(resource: Mapping[str, Any], tables: Mapping[str, list[dict[str, Any]]]) -> Iterator[str]:
    schema, rows = resource["schema"], tables[resource["name"]]
    keys = [tuple(row[name] for name in schema["primaryKey"]) for row in rows]
    if len(set(keys)) != len(keys):
        yield f"{resource['name']}: the primary key is not unique"
    for key in schema.get("foreignKeys", []):
        reference = key["reference"]
        known = {tuple(row[name] for name in reference["fields"]) for row in tables[reference["resource"]]}
        lost = {tuple(row[name] for name in key["fields"]) for row in rows} - known
        if lost:
            yield f"{resource['name']}: not in {reference['resource']}: {sorted(lost)}"
