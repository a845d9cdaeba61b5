"""Donor profiles: what a donor wants to see, one TOML file each, found by its folder, checked when loaded.

A profile says which calendar the donor keeps, when the report is due, from which deviation on it
wants an explanation, and which tables it gets: their indicators, columns and breakdowns. The
donor's own indicator numbers are not here but in the definitions, and so in the edition.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from indicators import definitions
from indicators.calendars import CALENDAR_YEAR, FISCAL_YEAR
from indicators.definition_faults import FAMILIES
from indicators.facts import LANGUAGES, DeclarationError, codelists, facts
from indicators.progress import Bands
from reports.words import RESERVED_SHEETS

HERE = Path(__file__).parent

LAYOUTS = ("iptt",)
YEARS = (FISCAL_YEAR, CALENDAR_YEAR)
BLOCKS = ("quarter", "year", "life")
COLUMNS = ("target", "actual", "percent", "of_target", "of_change", "state")
HAVING = ("donor_code", "target")

# Keys of a profile, of its bands and of a table, with their types; * marks those that may be left out.
_PROFILE: dict[str, type] = {
    "code": str, "donor": str, "name": dict, "source": str, "layout": str, "year": str, "language": str,
    "due_days": int, "deviation_band": int, "bands": dict, "table": list, "projects*": list,
}  # fmt: skip
_BANDS: dict[str, type] = {"watch_from": int, "on_track_from": int, "above_after": int}
_TABLE: dict[str, type] = {
    "code": str, "sheet": str, "title": dict, "columns": dict, "indicators*": list, "families*": list,
    "having*": list, "breakdowns*": list,
}  # fmt: skip
_SHEET_FORBIDS = set("[]:*?/\\'")
_SHEET_LENGTH = 31


@dataclass(frozen=True)
class DonorTable:
    """One table of a workbook, on a sheet of its own.

    Its indicators are those named, those of the named families, and those `having` a number of
    the donor or a target of one of the donor's projects. `columns` lists the columns of each
    block: quarter, year to date, project life; a block that is not named is not shown.
    """

    code: str
    sheet: str
    title: Mapping[str, str]
    columns: Mapping[str, tuple[str, ...]]
    indicators: tuple[str, ...]
    families: tuple[str, ...]
    having: tuple[str, ...]
    breakdowns: tuple[str, ...]


@dataclass(frozen=True)
class DonorProfile:
    """A donor: calendar (`year` is the calendar of its year to date), deadline, bands and tables.

    `deviation_band` and `bands` are in whole per cent. `projects` names the donor's projects whose
    targets count; empty means all. `digest` is the SHA-256 of the file.
    """

    code: str
    donor: str
    name: Mapping[str, str]
    source: str
    layout: str
    year: str
    language: str
    due_days: int
    deviation_band: int
    bands: Bands
    projects: tuple[str, ...]
    tables: tuple[DonorTable, ...]
    digest: str


@cache
def profiles(folder: Path = HERE / "donors") -> Mapping[str, DonorProfile]:
    """All donor profiles by code. Raises DeclarationError with every fault of the folder at once."""
    loaded: dict[str, DonorProfile] = {}
    faults: list[str] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            raw = tomllib.loads(path.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            faults.append(f"{path.name}: not TOML: {error}")
            continue
        found = [f"{path.name}: {fault}" for fault in _faults(path.stem, raw)]
        faults += found
        if not found:
            loaded[path.stem] = _profile(raw, path)
    if faults:
        raise DeclarationError(faults)
    return loaded


def _profile(raw: Mapping[str, Any], path: Path) -> DonorProfile:
    settings = {key: raw[key] for key in _PROFILE if key in raw and key not in ("bands", "table", "projects")}
    return DonorProfile(
        **settings,
        bands=Bands(**raw["bands"]),
        projects=tuple(raw.get("projects", ())),
        tables=tuple(_table(table) for table in raw["table"]),
        digest=hashlib.sha256(path.read_bytes()).hexdigest(),
    )


def _table(raw: Mapping[str, Any]) -> DonorTable:
    lists = {key: tuple(raw.get(key, ())) for key in ("indicators", "families", "having", "breakdowns")}
    columns = {block: tuple(raw["columns"][block]) for block in BLOCKS if block in raw["columns"]}
    return DonorTable(raw["code"], raw["sheet"], raw["title"], columns, **lists)


def _faults(stem: str, raw: Mapping[str, Any]) -> Iterator[str]:
    shape = list(_shape_faults("", raw, _PROFILE))
    yield from shape
    if shape:
        return
    if raw["code"] != stem:
        yield f"the file name is its identifier: code is {raw['code']!r}"
    yield from _choice("donor", [raw["donor"]], codelists()["donor"].codes)
    yield from _choice("layout", [raw["layout"]], LAYOUTS)
    yield from _choice("year", [raw["year"]], YEARS)
    yield from _choice("language", [raw["language"]], LANGUAGES)
    yield from _two_languages("name", raw["name"])
    yield from _number_faults(raw)
    yield from _tables_faults(raw["table"])


def _shape_faults(where: str, raw: Mapping[str, Any], keys: Mapping[str, type]) -> Iterator[str]:
    """Keys that are missing, unknown or of the wrong type."""
    names = {key.rstrip("*"): kind for key, kind in keys.items()}
    yield from (f"{where}no such key: {key}" for key in raw if key not in names)
    yield from (f"{where}missing: {key}" for key in keys if not key.endswith("*") and key not in raw)
    for key, kind in names.items():
        if key in raw and (not isinstance(raw[key], kind) or isinstance(raw[key], bool)):
            yield f"{where}{key} must be {kind.__name__}, not {type(raw[key]).__name__}"


def _choice(where: str, chosen: list[Any], allowed: Any) -> Iterator[str]:
    yield from (f"{where}: there is no {one!r}; there are {', '.join(allowed)}" for one in chosen if one not in allowed)


def _two_languages(where: str, words: Mapping[str, Any]) -> Iterator[str]:
    if set(words) != set(LANGUAGES) or not all(words.values()):
        yield f"{where} needs {' and '.join(LANGUAGES)}"


def _number_faults(raw: Mapping[str, Any]) -> Iterator[str]:
    if not 0 <= raw["due_days"] <= 365:
        yield f"due_days must be 0 to 365, not {raw['due_days']}"
    if not 0 < raw["deviation_band"] <= 100:
        yield f"deviation_band must be 1 to 100 per cent, not {raw['deviation_band']}"
    shape = list(_shape_faults("bands: ", raw["bands"], _BANDS))
    yield from shape
    if (
        not shape
        and not 0 <= raw["bands"]["watch_from"] <= raw["bands"]["on_track_from"] <= raw["bands"]["above_after"]
    ):
        yield "bands must rise: watch_from, on_track_from, above_after"


def _tables_faults(tables: list[Any]) -> Iterator[str]:
    if not tables:
        yield "a profile needs at least one [[table]]"
    for number, table in enumerate(tables, 1):
        where = f"table {table.get('code', number)}: "
        shape = list(_shape_faults(where, table, _TABLE))
        yield from shape or _table_faults(where, table)
    for key in ("code", "sheet"):
        names = [str(table.get(key)).casefold() for table in tables]
        yield from (f"two tables have the {key} {name}" for name in sorted({n for n in names if names.count(n) > 1}))


def _table_faults(where: str, table: Mapping[str, Any]) -> Iterator[str]:
    yield from _two_languages(f"{where}title", table["title"])
    yield from _sheet_faults(where, table["sheet"])
    yield from _choice(f"{where}columns", list(table["columns"]), BLOCKS)
    for block, columns in table["columns"].items():
        yield from _choice(f"{where}columns.{block}", columns, COLUMNS)
    if not any(table["columns"].values()):
        yield f"{where}columns names no column"
    if not any(table.get(key) for key in ("indicators", "families", "having")):
        yield f"{where}needs indicators, families or having"
    yield from _choice(f"{where}having", table.get("having", []), HAVING)
    yield from _choice(f"{where}families", table.get("families", []), FAMILIES)
    yield from _choice(f"{where}indicators", table.get("indicators", []), _indicator_codes())
    yield from _choice(f"{where}breakdowns", table.get("breakdowns", []), _breakdowns())


def _sheet_faults(where: str, sheet: str) -> Iterator[str]:
    if not 0 < len(sheet) <= _SHEET_LENGTH or _SHEET_FORBIDS & set(sheet):
        yield f"{where}sheet must have 1 to {_SHEET_LENGTH} characters and none of {' '.join(sorted(_SHEET_FORBIDS))}"
    if sheet.casefold() in RESERVED_SHEETS:
        yield f"{where}sheet {sheet} is one that every workbook has"


def _indicator_codes() -> list[str]:
    """Codes of the catalogue: the file name is the code, so nothing has to be read."""
    return sorted(path.stem for path in (definitions.HERE / "definitions").glob("*.toml"))


def _breakdowns() -> list[str]:
    """Every column by which some fact may be counted."""
    return sorted(
        {name for fact in facts().values() for name, column in fact.counted_columns().items() if column.values}
    )
