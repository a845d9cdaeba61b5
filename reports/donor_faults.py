"""What can be wrong with a donor profile: every fault is told, with the key and what was expected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from indicators import definitions
from indicators.calendars import CALENDAR_YEAR, FISCAL_YEAR
from indicators.declared import Words, shape_faults
from indicators.definition_faults import FAMILIES
from indicators.facts import LANGUAGES, codelists, facts
from reports.outlines import outline_codes
from reports.words import RESERVED_SHEETS

HERE = Path(__file__).parent


def _modules(folder: str) -> tuple[str, ...]:
    """The modules of a folder by name; they need not be imported to know that they are there."""
    return tuple(sorted(path.stem for path in (HERE / folder).glob("*.py") if path.stem != "__init__"))


LAYOUTS = _modules("layouts")
OUTPUTS = _modules("outputs")
YEARS = (FISCAL_YEAR, CALENDAR_YEAR)
BLOCKS = ("quarter", "year", "life")
COLUMNS = ("target", "actual", "percent", "of_target", "of_change", "state")
HAVING = ("donor_code", "target")

# Keys of a profile, of its bands and of a table, with their types; * marks those that may be left out.
_PROFILE: dict[str, type] = {
    "code": str, "donor": str, "name": Words, "source": str, "layout": str, "year": str, "language": str,
    "due_days": int, "deviation_band": int, "bands": dict, "table": list, "projects*": list, "formats*": list,
    "iati*": dict, "outline*": str,
}  # fmt: skip
# Those that a profile holds as they are written.
KEYS = ("code", "donor", "name", "source", "layout", "year", "language", "due_days", "deviation_band")
_IATI: dict[str, type] = {"ref*": str, "type*": str, "vocabulary*": str}
_BANDS: dict[str, type] = {"watch_from": int, "on_track_from": int, "above_after": int}
_TABLE: dict[str, type] = {
    "code": str, "sheet": Words, "title": Words, "columns": dict, "indicators*": list, "families*": list,
    "having*": list, "breakdowns*": list,
}  # fmt: skip
_SHEET_FORBIDS = set("[]:*?/\\'")
_SHEET_LENGTH = 31
# Codes of IATI 2.03: government, other public sector, NGOs, foundations, multilateral, private.
_IATI_TYPES = ("10", "11", "15", "21", "22", "23", "24", "30", "40", "60", "70", "71", "72", "73", "80", "90")
_IATI_VOCABULARIES = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "99")


def faults_of(stem: str, raw: Mapping[str, Any]) -> Iterator[str]:
    """Every fault of a profile read from the file of this name."""
    shape = list(shape_faults("", raw, _PROFILE))
    yield from shape
    if shape:
        return
    if raw["code"] != stem:
        yield f"the file name is its identifier: code is {raw['code']!r}"
    yield from _choice("donor", [raw["donor"]], codelists()["donor"].codes)
    yield from _choice("layout", [raw["layout"]], LAYOUTS)
    yield from _choice("year", [raw["year"]], YEARS)
    yield from _choice("language", [raw["language"]], LANGUAGES)
    yield from _choice("formats", raw.get("formats", []), OUTPUTS)
    yield from _number_faults(raw)
    yield from _iati_faults(raw.get("iati", {}))
    yield from _choice("outline", [raw["outline"]] if "outline" in raw else [], outline_codes())
    yield from _tables_faults(raw["table"])


def _choice(where: str, chosen: list[Any], allowed: Any) -> Iterator[str]:
    yield from (f"{where}: there is no {one!r}; there are {', '.join(allowed)}" for one in chosen if one not in allowed)


def _number_faults(raw: Mapping[str, Any]) -> Iterator[str]:
    if not 0 <= raw["due_days"] <= 365:
        yield f"due_days must be 0 to 365, not {raw['due_days']}"
    if not 0 < raw["deviation_band"] <= 100:
        yield f"deviation_band must be 1 to 100 per cent, not {raw['deviation_band']}"
    shape = list(shape_faults("bands: ", raw["bands"], _BANDS))
    yield from shape
    if (
        not shape
        and not 0 <= raw["bands"]["watch_from"] <= raw["bands"]["on_track_from"] <= raw["bands"]["above_after"]
    ):
        yield "bands must rise: watch_from, on_track_from, above_after"


def _iati_faults(raw: Mapping[str, Any]) -> Iterator[str]:
    shape = list(shape_faults("iati: ", raw, _IATI))
    yield from shape
    if not shape:
        yield from _choice("iati: type", [raw.get("type", "10")], _IATI_TYPES)
        yield from _choice("iati: vocabulary", [raw.get("vocabulary", "99")], _IATI_VOCABULARIES)


def _tables_faults(tables: list[Any]) -> Iterator[str]:
    if not tables:
        yield "a profile needs at least one [[table]]"
    for number, table in enumerate(tables, 1):
        where = f"table {table.get('code', number)}: "
        shape = list(shape_faults(where, table, _TABLE))
        yield from shape or _table_faults(where, table)
    yield from _twice("code", [str(table.get("code")) for table in tables])
    for language in LANGUAGES:
        sheets = [table["sheet"] for table in tables if isinstance(table.get("sheet"), dict)]
        yield from _twice("sheet", [str(sheet.get(language)) for sheet in sheets])


def _twice(key: str, found: list[str]) -> Iterator[str]:
    names = [name.casefold() for name in found]
    yield from (f"two tables have the {key} {name}" for name in sorted({n for n in names if names.count(n) > 1}))


def _table_faults(where: str, table: Mapping[str, Any]) -> Iterator[str]:
    for sheet in dict.fromkeys(table["sheet"].values()):
        yield from _sheet_faults(where, sheet)
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
