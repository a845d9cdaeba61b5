"""Which keys a contract file may hold and of what kind: a misspelt key is a fault, never ignored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pipelines.forms import CSV, XLSX

TEXT, TEXTS, TABLE, NUMBER, TABLES, TRUTH = (
    "a text", "a text or a list of texts", "a table", "a whole number", "tables", "true or false",
)  # fmt: skip

_BLOCK = {
    "columns": TABLE, "flags": TABLE, "constants": TABLE, "generated": TABLE, "empty_is": TABLE, "not_collected": TEXTS,
    "running": TABLE,
}  # fmt: skip
_GROUP = {**_BLOCK, "heading": TEXT, "times": NUMBER, "inherits": TEXTS, "position": TEXT}
_KIND = {**_BLOCK, "words": TEXTS}
_SHEET = {
    **_BLOCK, "name": TEXTS, "titles": TEXTS, "header_rows": NUMBER, "numbering": TEXTS, "ignored": TEXTS,
    "totals": TABLE, "fill_down": TEXTS, "fact": TEXT, "kind": TEXTS, "kinds": TABLE, "groups": TABLE,
}  # fmt: skip
_TOTALS = {"words": TEXTS, "column": TEXT, "sums": TEXTS, "counts": TEXTS}
_RUNNING = {"columns": TEXTS, "by": TEXTS, "first_is_whole": TRUTH}
_FLAGS = {"prefix": TEXT, "words": TEXT, "headers": TABLE, "absent": TEXTS}
_SLOT = {**_SHEET, "file": TEXT, "sheets": TABLE}
_FORM = {
    "format": TEXT, "encodings": TEXTS, "delimiter": TEXTS, "dates": TEXTS, "decimal": TEXT, "thousands": TEXTS,
    "true": TEXTS, "false": TEXTS, "missing": TEXTS, "unknown": TEXTS, "separator": TEXTS, "folds": TEXTS,
    "labels": TEXTS, "tolerates": TEXTS,
}  # fmt: skip
_CHANGEABLE = {"form": TABLE, "words": TABLE, "slots": TABLE}
_CONTRACT = {
    "office": TEXT, "place": TEXT, "place_column": TEXT, "time_zone": TEXT, "languages": TEXTS, "first_period": TEXT,
    "disclosure_profile": TEXT, "version": TABLES, **_CHANGEABLE,
}  # fmt: skip

# Every key by the part of a contract in which it stands.
KEYS: Mapping[str, Mapping[str, str]] = {
    "contract": _CONTRACT, "version": {"from": TEXT, **_CHANGEABLE}, "form": _FORM, "slot": _SLOT, "sheet": _SHEET,
    "group": _GROUP, "kind": _KIND, "totals": _TOTALS, "flags": _FLAGS,
}  # fmt: skip

_KINDS: dict[str, Callable[[Any], bool]] = {
    TEXT: lambda value: isinstance(value, str),
    TEXTS: lambda value: isinstance(value, str) or (isinstance(value, list) and all(isinstance(v, str) for v in value)),
    TABLE: lambda value: isinstance(value, dict),
    NUMBER: lambda value: isinstance(value, int) and not isinstance(value, bool),
    TRUTH: lambda value: isinstance(value, bool),
    TABLES: lambda value: isinstance(value, list) and all(isinstance(v, dict) for v in value),
}


def texts(value: Any) -> tuple[str, ...]:
    """A text or a list of texts as a tuple."""
    return (value,) if isinstance(value, str) else tuple(value)


def shape_faults(raw: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the keys of a contract file, before anything is made of it."""
    wanted = ("office", "place", "time_zone", "languages", "disclosure_profile", "form", "slots")
    yield from _keys("", raw, _CONTRACT, wanted)
    for number, version in enumerate(raw.get("version", []), start=1):
        where = f"version {number}: "
        yield from _keys(where, version, KEYS["version"], ("from",))
        yield from _changeable_faults(where, version, ())
    form = raw.get("form")
    is_csv = isinstance(form, dict) and form.get("format") == CSV
    yield from _changeable_faults("", raw, ("format", "dates", *(("encodings", "delimiter") if is_csv else ())))


def _changeable_faults(where: str, raw: Mapping[str, Any], wanted: tuple[str, ...]) -> Iterator[str]:
    form = raw.get("form", {})
    if isinstance(form, dict):
        yield from _keys(f"{where}form: ", form, _FORM, wanted)
        if "format" in form and form["format"] not in (CSV, XLSX):
            yield f"{where}form: format must be {CSV} or {XLSX}"
    yield from _word_faults(where, raw.get("words", {}))
    for name, slot in _tables(raw.get("slots", {})):
        yield from _slot_faults(f"{where}slot {name}: ", slot, is_whole=bool(wanted))


def _word_faults(where: str, words: Any) -> Iterator[str]:
    for name, codes in _tables(words):
        for code, of_code in codes.items():
            if not _KINDS[TEXTS](of_code):
                yield f"{where}words of {name}: {code} must be {TEXTS}"


def _slot_faults(where: str, slot: Any, is_whole: bool) -> Iterator[str]:
    yield from _keys(where, slot, _SLOT, ("file",) if is_whole else ())
    if not isinstance(slot, dict):
        return
    if "sheets" not in slot:
        yield from _sheet_faults(where, slot, is_whole)
    for name, sheet in _tables(slot.get("sheets", {})):
        yield from _keys(f"{where}sheet {name}: ", sheet, _SHEET, ())
        yield from _sheet_faults(f"{where}sheet {name}: ", sheet, is_whole)


def _sheet_faults(where: str, sheet: Mapping[str, Any], is_whole: bool) -> Iterator[str]:
    if is_whole and ("fact" in sheet) == ("kinds" in sheet):
        yield f"{where}either fact or kinds must say what its rows are"
    if is_whole and ("kind" in sheet) != ("kinds" in sheet):
        yield f"{where}kind (the header) and kinds (its words) go together"
    yield from _block_faults(where, sheet)
    if isinstance(sheet.get("totals"), dict):
        yield from _keys(f"{where}totals: ", sheet["totals"], _TOTALS, ("words", "column") if is_whole else ())
    for name, group in _tables(sheet.get("groups", {})):
        yield from _keys(f"{where}group {name}: ", group, _GROUP, ("heading", "times") if is_whole else ())
        yield from _block_faults(f"{where}group {name}: ", group)
    for name, kind in _tables(sheet.get("kinds", {})):
        yield from _keys(f"{where}kind {name}: ", kind, _KIND, ("words",) if is_whole else ())
        yield from _block_faults(f"{where}kind {name}: ", kind)


def _block_faults(where: str, block: Any) -> Iterator[str]:
    if not isinstance(block, dict):
        return
    for key in ("columns", "generated", "empty_is"):
        for name, value in block.get(key, {}).items() if isinstance(block.get(key), dict) else ():
            if not _KINDS[TEXTS if key == "columns" else TEXT](value):
                yield f"{where}{key}: {name} must be {TEXTS if key == 'columns' else TEXT}"
    if isinstance(block.get("running"), dict):
        yield from _keys(f"{where}running: ", block["running"], _RUNNING, ())
    for name, flags in _tables(block.get("flags", {})):
        yield from _keys(f"{where}flags of {name}: ", flags, _FLAGS, ())


def _keys(where: str, raw: Any, known: Mapping[str, str], wanted: tuple[str, ...]) -> Iterator[str]:
    if not isinstance(raw, dict):
        yield f"{where}must be {TABLE}"
        return
    for key in wanted:
        if key not in raw:
            yield f"{where}{key} is missing"
    for key, value in raw.items():
        if key not in known:
            yield f"{where}there is no key {key}; there are {', '.join(sorted(known))}"
        elif not _KINDS[known[key]](value):
            yield f"{where}{key} must be {known[key]}"


def _tables(raw: Any) -> Iterator[tuple[str, Any]]:
    yield from raw.items() if isinstance(raw, dict) else ()
