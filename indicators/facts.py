"""The facts: every canonical table, column and code list, declared once in TOML and loaded here.

`fact_tables/*.toml` says what one row is and what each column means; `codelists/*.toml` lists the
codes. Everything that describes a column (DuckDB tables, checks, templates, the data dictionary,
sample data) is generated from these objects, so there is no second place to change.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
LANGUAGES = ("en", "ru")

# Column type -> DuckDB type. Money and every summed measure are DECIMAL or BIGINT: sums of
# DOUBLE differ between runs on several threads.
SQL_TYPES = {
    "ref": "VARCHAR",
    "text": "VARCHAR",
    "code": "VARCHAR",
    "codes": "VARCHAR[]",
    "integer": "BIGINT",
    "decimal": "DECIMAL(14, 2)",
    "date": "DATE",
    "boolean": "BOOLEAN",
}

# What every stored row knows about where it came from.
PROVENANCE = {
    "office": "VARCHAR",
    "place": "VARCHAR",
    "submission": "VARCHAR",
    "sheet": "VARCHAR",
    "row_number": "BIGINT",
}

# Whom a row is about decides how it is protected (`disclosure.toml`).
SUBJECTS = ("survivors", "callers", "professionals", "public", "organisations", "nobody")


class DeclarationError(ValueError):
    """All faults found in a folder of declarations, one line each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True)
class Code:
    """One code of a list, with its words and, where they exist, its names in other standards."""

    code: str
    label: Mapping[str, str]
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class CodeList:
    """An ordered list of codes. `unknown` is the code that says the value is not known."""

    name: str
    title: Mapping[str, str]
    source: str
    codes: Mapping[str, Code]
    unknown: str | None

    def label(self, code: str, language: str) -> str:
        """The words for a code; raises KeyError for a code that is not in the list."""
        return self.codes[code].label[language]


@dataclass(frozen=True)
class Column:
    """One column of a fact. `values` names its code list; `required` means never empty; a `measure` may be added up.

    `meaning` is English; `meaning_ru` says the same on what offices are given.
    """

    name: str
    type: str
    label: Mapping[str, str]
    meaning: str
    meaning_ru: str = ""
    required: bool = False
    values: str | None = None
    minimum: int | None = None
    maximum: int | None = None
    pattern: str | None = None
    public: bool = False
    measure: bool = False
    source: str = ""

    @property
    def sql_type(self) -> str:
        """The DuckDB type of the column."""
        return SQL_TYPES[self.type]

    @property
    def is_list(self) -> bool:
        """Whether one row may hold several values."""
        return self.type == "codes"


@dataclass(frozen=True)
class Derived:
    """A column computed from the others, for counting only; never stored, never asked of an office."""

    name: str
    type: str
    sql: str
    meaning: str
    values: str | None = None
    measure: bool = False

    @property
    def is_list(self) -> bool:
        """Whether one row may hold several values."""
        return self.type == "codes"


@dataclass(frozen=True)
class Join:
    """Columns that a fact takes over from another fact of the same office, by a shared key."""

    fact: str
    on: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Fact:
    """One canonical table.

    `kind` is `event` (a row happens on `dated_by`) or `state` (a row holds from `valid_from` to
    `valid_to`, either of which may be empty). `key` identifies a row within an office.
    """

    name: str
    title: Mapping[str, str]
    export: str
    about: str
    kind: str
    key: tuple[str, ...]
    columns: Mapping[str, Column]
    dated_by: str | None = None
    valid_from: str | None = None
    valid_to: str | None = None
    derived: Mapping[str, Derived] = field(default_factory=dict)
    joins: tuple[Join, ...] = ()

    def counted_columns(self) -> dict[str, Column | Derived]:
        """Every column a definition may use: own, derived, and taken over by joins."""
        joined = {name: facts()[join.fact].counted_columns()[name] for join in self.joins for name in join.columns}
        return {**joined, **self.columns, **self.derived}


@cache
def codelists(folder: Path = HERE / "codelists") -> Mapping[str, CodeList]:
    """All code lists by name."""
    return {path.stem: _codelist(path) for path in sorted(folder.glob("*.toml"))}


@cache
def facts(folder: Path = HERE / "fact_tables") -> Mapping[str, Fact]:
    """All facts by name, in the order in which their rows must be stored (cases before services).

    Raises DeclarationError with every fault of the folder at once.
    """
    loaded: dict[str, Fact] = {}
    faults: list[str] = []
    for path in sorted(folder.glob("*.toml")):
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        faults += _fact_faults(path.name, raw)
        if not faults:
            loaded[path.stem] = _fact(path.stem, raw)
    if not faults:
        faults = list(_join_faults(loaded))
    if faults:
        raise DeclarationError(faults)
    return dict(sorted(loaded.items(), key=lambda item: (bool(item[1].joins), item[0])))


@cache
def kept_facts() -> Mapping[str, Fact]:
    """Facts that the programme keeps of its own work, by name: counted as any other, stored nowhere, sent by nobody.

    `kept_facts/*.toml` declares them; whoever counts gives their rows. They are always complete.
    """
    return facts(HERE / "kept_facts")


@cache
def all_facts() -> Mapping[str, Fact]:
    """The facts that offices send, then those that the programme keeps."""
    return {**facts(), **kept_facts()}


def regions_in_force(country: str, on: date) -> list[str]:
    """First-level units of a country on a day (50 in the five countries in 2010, 54 today)."""
    return [
        code.code
        for code in codelists()["region"].codes.values()
        if code.attributes.get("country") == country
        and code.attributes.get("valid_from", date.min) <= on
        and code.attributes.get("valid_to", date.max) >= on
    ]


def _codelist(path: Path) -> CodeList:
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    codes = {
        code: Code(
            code,
            {language: words[language] for language in LANGUAGES},
            {k: v for k, v in words.items() if k not in LANGUAGES},
        )
        for code, words in raw["codes"].items()
    }
    return CodeList(path.stem, raw["title"], raw["source"], codes, raw.get("unknown"))


def _fact(name: str, raw: Mapping[str, Any]) -> Fact:
    return Fact(
        name=name,
        title=raw["title"],
        export=raw["export"],
        about=raw["about"],
        kind=raw["kind"],
        key=tuple(raw["key"]),
        columns={n: Column(name=n, **c) for n, c in raw["columns"].items()},
        dated_by=raw.get("dated_by"),
        valid_from=raw.get("valid_from"),
        valid_to=raw.get("valid_to"),
        derived={n: Derived(name=n, **d) for n, d in raw.get("derived", {}).items()},
        joins=tuple(Join(j["fact"], j["on"], tuple(j["columns"])) for j in raw.get("joins", [])),
    )


def _fact_faults(file: str, raw: Mapping[str, Any]) -> Iterator[str]:
    for key in ("title", "export", "about", "kind", "key", "columns"):
        if key not in raw:
            yield f"{file}: {key} is missing"
    if raw.get("about") not in SUBJECTS:
        yield f"{file}: about must be one of {', '.join(SUBJECTS)}"
    columns = {**raw.get("columns", {}), **raw.get("derived", {})}
    for name, column in columns.items():
        if column.get("type") not in SQL_TYPES:
            yield f"{file}: column {name}: type must be one of {', '.join(SQL_TYPES)}"
        if column.get("type") in ("code", "codes") and column.get("values") not in codelists():
            yield f"{file}: column {name}: values must name a file in codelists/"
        if column.get("measure") and column.get("type") not in ("integer", "decimal"):
            yield f"{file}: column {name}: a measure must be an integer or a decimal"
    for role in ("dated_by", "valid_from", "valid_to"):
        if raw.get(role) and raw[role] not in columns and not _is_joined(raw, raw[role]):
            yield f"{file}: {role} names no column"
    for name in raw.get("key", []):
        if name not in columns:
            yield f"{file}: key names no column {name}"


def _is_joined(raw: Mapping[str, Any], column: str) -> bool:
    return any(column in join["columns"] for join in raw.get("joins", []))


def _join_faults(loaded: Mapping[str, Fact]) -> Iterator[str]:
    for fact in loaded.values():
        for join in fact.joins:
            other = loaded.get(join.fact)
            if other is None:
                yield f"{fact.name}.toml: join names no fact {join.fact}"
                continue
            for name in (join.on, *join.columns):
                if name not in other.columns and name not in other.derived:
                    yield f"{fact.name}.toml: join: {join.fact} has no column {name}"
