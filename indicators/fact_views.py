"""Facts derived from other facts: what is counted may be made of rows of several facts at once.

`fact_views/*.toml` declare columns as a fact table does, and the SELECT that makes the rows from the counted facts
it reads, or from `in_force_<fact>` where the columns that offices sent are enough. A view is never stored and never
asked of an office.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from indicators.declared import of_folder
from indicators.facts import LANGUAGES, SQL_TYPES, SUBJECTS, Column, Fact, all_facts, codelists, facts

HERE = Path(__file__).parent
_REQUIRED = ("title", "about", "kind", "dated_by", "key", "reads", "columns", "sql")
_OPTIONAL = ("looks_back",)
_READ = re.compile(r"\b(?:counted|in_force)_(\w+)")


@dataclass(frozen=True)
class FactView(Fact):
    """A fact made of the counted facts it `reads` by its `sql`.

    `looks_back`: whether a row of a period may be made of rows of earlier ones, which must then have been reported.
    """

    reads: tuple[str, ...] = ()
    sql: str = ""
    looks_back: bool = True


@cache
def views(folder: Path = HERE / "fact_views") -> Mapping[str, FactView]:
    """All views by name. Raises DeclarationError with every fault of the folder at once."""
    return of_folder(folder, _faults, lambda raw, path: _view(path.stem, raw))


@cache
def counted_facts() -> Mapping[str, Fact]:
    """Everything a definition may be counted from: the facts, those the programme keeps, then the views over them."""
    return {**all_facts(), **views()}


def sources(name: str) -> tuple[str, ...]:
    """The facts whose rows are behind a fact or view: itself or those read, then those joined."""
    fact = counted_facts()[name]
    own = fact.reads if isinstance(fact, FactView) else (name,)
    joined = (join.fact for read in own for join in counted_facts()[read].joins)
    return tuple(dict.fromkeys((*own, *joined)))


def _view(name: str, raw: Mapping[str, Any]) -> FactView:
    return FactView(
        name=name,
        title=raw["title"],
        export=facts()[raw["reads"][0]].export,
        about=raw["about"],
        kind=raw["kind"],
        key=tuple(raw["key"]),
        columns={n: Column(name=n, **c) for n, c in raw["columns"].items()},
        dated_by=raw["dated_by"],
        reads=tuple(raw["reads"]),
        sql=raw["sql"].strip(),
        looks_back=raw.get("looks_back", True),
    )


def _faults(name: str, raw: Mapping[str, Any]) -> Iterator[str]:
    missing = [key for key in _REQUIRED if not raw.get(key)]
    if missing:
        yield f"missing: {', '.join(missing)}"
        return
    yield from (
        f"no such key: {key}; there are {', '.join(_REQUIRED)}" for key in raw if key not in (*_REQUIRED, *_OPTIONAL)
    )
    if not isinstance(raw.get("looks_back", True), bool):
        yield f"looks_back: must be true or false; got {raw['looks_back']!r}"
    if name in all_facts():
        yield "name: there is a fact of this name already"
    if set(raw["title"]) != set(LANGUAGES):
        yield f"title: needs {' and '.join(LANGUAGES)}, got {', '.join(raw['title'])}"
    if raw["about"] not in SUBJECTS:
        yield f"about: must be one of {', '.join(SUBJECTS)}; got {raw['about']!r}"
    if raw["kind"] != "event":
        yield f"kind: must be event; got {raw['kind']!r}"
    yield from (f"reads: there is no fact {read}" for read in raw["reads"] if read not in facts())
    unread = sorted(set(_READ.findall(raw["sql"])) - set(raw["reads"]))
    if unread:
        yield f"sql: reads {', '.join(unread)}, which `reads` does not name"
    yield from _column_faults(raw)


def _column_faults(raw: Mapping[str, Any]) -> Iterator[str]:
    known = set(Column.__dataclass_fields__) - {"name"}
    for name, column in raw["columns"].items():
        yield from (f"columns.{name}: no such key: {key}" for key in column if key not in known)
        if column.get("type") not in SQL_TYPES:
            yield f"columns.{name}.type: must be one of {', '.join(SQL_TYPES)}; got {column.get('type')!r}"
        if column.get("type") in ("code", "codes") and column.get("values") not in codelists():
            yield f"columns.{name}.values: must name a file in codelists/; got {column.get('values')!r}"
        if column.get("measure") and column.get("type") not in ("integer", "decimal"):
            yield f"columns.{name}.measure: must be an integer or a decimal; got {column.get('type')!r}"
        if not isinstance(column.get("label"), dict) or "meaning" not in column:
            yield f"columns.{name}: needs label and meaning"
    for role in ("dated_by", "key"):
        named = [raw[role]] if isinstance(raw[role], str) else raw[role]
        yield from (f"{role}: names no column {name}" for name in named if name not in raw["columns"])
