"""Modules that are found by their folder: layouts of the workbook, and the forms in which figures are handed over."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType
from typing import TypeVar

T = TypeVar("T")


def found(package: ModuleType, name: str, kind: type[T]) -> dict[str, T]:
    """What every module of a package says under `name`, by the name of the module.

    Raises TypeError for a module that says nothing of this kind.
    """
    things: dict[str, T] = {}
    for info in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        thing = getattr(importlib.import_module(info.name), name, None)
        if not isinstance(thing, kind):
            raise TypeError(f"{info.name}: a module of this folder says {name} = {kind.__name__}(...)")
        things[info.name.rpartition(".")[2]] = thing
    return things
