"""Folders of declarations: one TOML file each, all read at once, all faults told at once."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from indicators.facts import LANGUAGES, DeclarationError

Declared = TypeVar("Declared")


class Words(dict[str, str]):
    """The kind of a key that holds a text in every language."""


def of_folder(
    folder: Path,
    faults_of: Callable[[str, Mapping[str, Any]], Iterable[str]],
    make: Callable[[Mapping[str, Any], Path], Declared],
) -> dict[str, Declared]:
    """What each file of the folder declares, by its name without the suffix.

    `faults_of` gets that name and what the file says. Raises DeclarationError with every fault of the folder.
    """
    loaded: dict[str, Declared] = {}
    faults: list[str] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            raw = tomllib.loads(path.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            faults.append(f"{path.name}: not TOML: {error}")
            continue
        found = [f"{path.name}: {fault}" for fault in faults_of(path.stem, raw)]
        faults += found
        if not found:
            loaded[path.stem] = make(raw, path)
    if faults:
        raise DeclarationError(faults)
    return loaded


def shape_faults(where: str, raw: Mapping[str, Any], keys: Mapping[str, type]) -> Iterator[str]:
    """Keys that are missing, unknown or of the wrong type; texts that lack a language.

    `keys` have the type of each key, `Words` for a text in every language; a key with * may be left out.
    """
    names = {key.rstrip("*"): kind for key, kind in keys.items()}
    yield from (f"{where}no such key: {key}" for key in raw if key not in names)
    yield from (f"{where}missing: {key}" for key in keys if not key.endswith("*") and key not in raw)
    for key, kind in names.items():
        wanted = dict if kind is Words else kind
        if key in raw and type(raw[key]) is not wanted:
            yield f"{where}{key} must be {wanted.__name__}, not {type(raw[key]).__name__}"
        elif key in raw and kind is Words and (set(raw[key]) != set(LANGUAGES) or not all(raw[key].values())):
            yield f"{where}{key} needs {' and '.join(LANGUAGES)}"
