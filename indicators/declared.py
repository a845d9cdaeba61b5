"""Folders of declarations: one TOML file each, all read at once, all faults told at once."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from indicators.facts import DeclarationError

Declared = TypeVar("Declared")


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
