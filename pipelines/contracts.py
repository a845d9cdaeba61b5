"""Office contracts: one TOML file an office, found by its folder, checked as a whole when it is loaded.

A contract is data. It works in both directions: `pipelines.parse` reads an office's file by it, and
`pipelines.render` writes the same file from records.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from indicators.facts import LANGUAGES, Code, DeclarationError, codelists, facts
from pipelines.contract_faults import contract_faults
from pipelines.contract_shape import shape_faults, texts
from pipelines.forms import MONTH, Block, Contract, Form, Running, Sheet, Slot, Totals, Version
from pipelines.vocabulary import month_words

__all__ = ["Block", "Contract", "ContractError", "Form", "Sheet", "Slot", "Version", "contracts", "recognise"]

HERE = Path(__file__).parent


class ContractError(DeclarationError):
    """All faults found in a folder of contracts, one line each."""


@cache
def contracts(folder: Path = HERE / "offices") -> Mapping[str, Contract]:
    """Every contract of the folder by office. Raises ContractError with every fault of every file at once."""
    found: dict[str, Contract] = {}
    faults: list[str] = []
    for path in sorted(folder.glob("*.toml")):
        contract, wrong = _load(path)
        faults += [f"{path.name}: {fault}" for fault in wrong]
        if contract:
            found[path.stem] = contract
    if faults:
        raise ContractError(faults)
    return found


def recognise(contract: Contract, file_name: str) -> tuple[Slot, str] | None:
    """The slot and period a file name speaks of, or None when the office sends no file of this name."""
    for name, slot in ((name, slot) for version in contract.versions for name, slot in version.slots.items()):
        period = slot.period_of(file_name)
        stands = contract.slots_at(period).get(name) if period is not None else None
        if period is not None and stands is not None and stands.period_of(file_name) == period:
            return stands, period
    return None


def _load(path: Path) -> tuple[Contract | None, list[str]]:
    content = path.read_bytes()
    try:
        raw = tomllib.loads(content.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return None, [f"cannot be read: {error}"]
    faults = list(shape_faults(raw))
    if faults:
        return None, faults
    faults = list(dict.fromkeys(_unfinished(raw)))
    if faults:
        return None, faults
    contract = _contract(raw, content)
    return contract, list(contract_faults(contract, path.stem))


def _unfinished(raw: Mapping[str, Any]) -> Iterator[str]:
    """Faults of a version that show only once it is laid over the one before."""
    for applies_from, whole in _versions(raw):
        whole_faults = shape_faults({**raw, **whole, "version": []})
        yield from (f"version from {applies_from}: {fault}" for fault in whole_faults)
        for name, code in ((n, c) for n, codes in whole.get("words", {}).items() for c in codes):
            if name not in codelists():
                yield f"words: there is no code list {name}"
            elif code not in codelists()[name].codes:
                yield f"words of {name}: there is no code {code}"


def _versions(raw: Mapping[str, Any]) -> Iterator[tuple[str | None, dict[str, Any]]]:
    """Each version of the form: what the file says, with the changes of every later version laid over it."""
    whole = {key: raw.get(key, {}) for key in ("form", "words", "slots")}
    yield raw.get("first_period"), whole
    for change in raw.get("version", []):
        whole = _laid_over(whole, {key: value for key, value in change.items() if key != "from"})
        yield change["from"], whole


def _laid_over(old: dict[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(old)
    for key, value in new.items():
        is_deep = isinstance(value, dict) and isinstance(old.get(key), dict)
        merged[key] = _laid_over(old[key], value) if is_deep else value
    return merged


def _contract(raw: Mapping[str, Any], content: bytes) -> Contract:
    versions = tuple(_version(applies_from, whole, raw) for applies_from, whole in _versions(raw))
    return Contract(
        office=raw["office"],
        place=raw["place"],
        place_column=raw.get("place_column"),
        time_zone=raw["time_zone"],
        languages=texts(raw["languages"]),
        first_period=raw.get("first_period"),
        disclosure_profile=raw["disclosure_profile"],
        versions=versions,
        digest=_digest(content, versions),
    )


def _digest(content: bytes, versions: tuple[Version, ...]) -> str:
    """The words are part of it: a label changed in a code list changes how the same file is read."""
    forms = [slot.form for version in versions for slot in version.slots.values()]
    words = [form.words for form in forms]
    months = [form.months for form in forms if form.months]
    return hashlib.sha256(content + repr(words).encode() + repr(months or "").encode()).hexdigest()


def _version(applies_from: str | None, whole: Mapping[str, Any], raw: Mapping[str, Any]) -> Version:
    form = _form(whole["form"], whole["words"], texts(raw["languages"]), raw["time_zone"])
    return Version(applies_from, {name: _slot(name, slot, form) for name, slot in whole["slots"].items()})


def _form(raw: Mapping[str, Any], words: Mapping[str, Any], languages: tuple[str, ...], time_zone: str) -> Form:
    labels = texts(raw.get("labels", [language for language in languages if language in LANGUAGES]))
    return Form(
        format=raw["format"],
        encodings=texts(raw.get("encodings", [])),
        delimiters=texts(raw.get("delimiter", ",")),
        dates=texts(raw["dates"]),
        decimal=raw.get("decimal", "."),
        thousands=texts(raw.get("thousands", [])),
        true=texts(raw.get("true", [])),
        false=texts(raw.get("false", [])),
        missing=texts(raw.get("missing", [])),
        separators=texts(raw.get("separator", "; ")),
        folds=frozenset(texts(raw.get("folds", []))),
        words={name: _words(name, words.get(name, {}), labels, texts(raw.get("unknown", []))) for name in codelists()},
        tolerates=frozenset(texts(raw.get("tolerates", []))),
        months=month_words(languages) if any(MONTH in how for how in texts(raw["dates"])) else {},
        time_zone=time_zone,
    )


def _words(
    name: str, own: Mapping[str, Any], labels: tuple[str, ...], unknown: tuple[str, ...]
) -> dict[str, tuple[str, ...]]:
    """For each code the words of the contract, then the code list's own; a list's unknown code takes one more."""
    codelist = codelists()[name]
    return {
        code: tuple(dict.fromkeys([
            *texts(own.get(code, [])), *_labels(entry, labels), *(unknown if code == codelist.unknown else ()),
        ]))
        for code, entry in codelist.codes.items()
    }  # fmt: skip


def _labels(code: Code, labels: tuple[str, ...]) -> Iterator[str]:
    for label in labels:
        word = code.label.get(label) or code.attributes.get(label)
        if word:
            yield word


def _slot(name: str, raw: Mapping[str, Any], form: Form) -> Slot:
    sheets = raw["sheets"].values() if "sheets" in raw else [raw]
    return Slot(name, raw["file"], form, tuple(_sheet(sheet) for sheet in sheets))


def _sheet(raw: Mapping[str, Any]) -> Sheet:
    kinds = raw.get("kinds", {})
    mains = [_block(fact, kind) for fact, kind in kinds.items()] if kinds else [_block(raw["fact"], raw)]
    groups = [_block(fact, group) for fact, group in raw.get("groups", {}).items()]
    return Sheet(
        names=texts(raw.get("name", [])),
        titles=texts(raw.get("titles", [])),
        header_rows=raw.get("header_rows", 1),
        blocks=(*mains, *groups),
        numbering=texts(raw.get("numbering", [])),
        ignored=texts(raw.get("ignored", [])),
        kind=texts(raw.get("kind", [])),
        totals=_totals(raw["totals"]) if "totals" in raw else None,
        fill_down=texts(raw.get("fill_down", [])),
    )


def _totals(raw: Mapping[str, Any]) -> Totals:
    return Totals(texts(raw["words"]), raw["column"], texts(raw.get("sums", [])), texts(raw.get("counts", [])))


def _block(fact: str, raw: Mapping[str, Any]) -> Block:
    return Block(
        fact=fact,
        columns={name: texts(words) for name, words in raw.get("columns", {}).items() if texts(words)},
        flags={name: _flags(fact, name, flags) for name, flags in raw.get("flags", {}).items()},
        constants=raw.get("constants", {}),
        generated=raw.get("generated", {}),
        empty_is=raw.get("empty_is", {}),
        not_collected=frozenset(texts(raw.get("not_collected", []))),
        kind=texts(raw.get("words", [])),
        heading=raw.get("heading", ""),
        times=raw.get("times", 0),
        inherits=texts(raw.get("inherits", [])),
        position=raw.get("position"),
        running=_running(raw["running"]) if "running" in raw else None,
    )


def _running(raw: Mapping[str, Any]) -> Running:
    return Running(texts(raw.get("columns", [])), texts(raw.get("by", [])), raw.get("first_is_whole", False))


def _flags(fact: str, column: str, raw: Mapping[str, Any]) -> dict[str, str]:
    """The header of each code: as said, or a prefix and the code's name in a standard."""
    declared = facts()[fact].columns.get(column) if fact in facts() else None
    codes = codelists()[declared.values].codes if declared and declared.values else {}
    own: dict[str, str] = dict(raw.get("headers", {}))
    named = {
        code: raw.get("prefix", "") + entry.attributes[raw["words"]]
        for code, entry in codes.items() if raw.get("words") in entry.attributes
    }  # fmt: skip
    absent = set(texts(raw.get("absent", [])))
    unknown = {code: header for code, header in own.items() if code not in codes}
    headers = named | own
    return {code: headers[code] for code in codes if code in headers and code not in absent} | unknown
