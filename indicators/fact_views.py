"""Views over the facts: tables computed from stored facts, for counting only.

`fact_views/*.toml` says what one row is, what its columns mean and the SELECT that makes them from
`counted_<fact>` of the facts it reads. Offices are never asked for them and nothing stores them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from indicators.facts import SQL_TYPES, SUBJECTS, Column, DeclarationError, Fact, codelists, facts

HERE = Path(__file__).parent
REQUIRED = ("title", "about", "dated_by", "key", "reads", "columns", "sql")


@cache
def views(folder: Path = HERE / "fact_views") -> Mapping[str, Fact]:
    """All views by name. Raises DeclarationError with every fault of the folder at once."""
    loaded: dict[str, Fact] = {}
    faults: list[str] = []
    for path in sorted(folder.glob("*.toml")):
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        found = [f"{path.name}: {fault}" for fault in _faults(raw)]
        faults += found
        if not found:
            loaded[path.stem] = _view(path.stem, raw)
    if faults:
        raise DeclarationError(faults)
    return loaded


@cache
def counted_facts() -> Mapping[str, Fact]:
    """Everything an indicator may be counted from: the stored facts, then the views over them."""
    return {**facts(), **views()}


def _faults(raw: Mapping[str, Any]) -> Iterator[str]:
    missing = [key for key in REQUIRED if key not in raw]
    if missing:
        yield f"missing: {', '.join(missing)}"
        return
    if raw["about"] not in SUBJECTS:
        yield f"about is {raw['about']!r}, must be one of {', '.join(SUBJECTS)}"
    unread = [name for name in raw["reads"] if name not in facts()]
    yield from (f"reads names no fact {name}; there are {', '.join(facts())}" for name in unread)
    for name, column in raw["columns"].items():
        if column.get("type") not in SQL_TYPES:
            yield f"column {name}: type is {column.get('type')!r}, must be one of {', '.join(SQL_TYPES)}"
        if column.get("type") in ("code", "codes") and column.get("values") not in codelists():
            yield f"column {name}: values must name a file in codelists/, not {column.get('values')!r}"
    yield from (f"{role} names no column {raw[role]}" for role in ("dated_by",) if raw[role] not in raw["columns"])
    yield from (f"key names no column {name}" for name in raw["key"] if name not in raw["columns"])


def _view(name: str, raw: Mapping[str, Any]) -> Fact:
    return Fact(
        name=name,
        title=raw["title"],
        export=facts()[raw["reads"][0]].export,
        about=raw["about"],
        kind="event",
        key=tuple(raw["key"]),
        columns={n: Column(name=n, **c) for n, c in raw["columns"].items()},
        dated_by=raw["dated_by"],
        sql=raw["sql"],
        reads=tuple(raw["reads"]),
    )
