"""A folder of pages that is there as a whole or not at all: written aside, then renamed into place."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

INDEX = "README.md"
# The first line of the index; a folder whose index says something else is not ours to replace.
MARK = "<!-- Written by `esep handbook`; do not edit. -->"


class NotOurs(ValueError):
    """A folder holds something that was not written here; it is left alone."""


def replace_folder(folder: Path, pages: Iterable[tuple[str, str]]) -> int:
    """Write pages (name, text) as the whole content of a folder, and say how many there are.

    Until the last page is written the folder stays as it was. A run that is killed between the two renames leaves the
    old pages beside it under a hidden name; the next run takes them back before it begins. Raises NotOurs.
    """
    aside, old = (folder.with_name(f".{folder.name}.{state}") for state in ("new", "old"))
    if old.is_dir() and not folder.exists():
        old.rename(folder)
    _check_ours(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    _remove(aside)
    try:
        aside.mkdir()
        count = _write(aside, pages)
        _swap(aside, folder, old)
    finally:
        _remove(aside)
    _remove(old)
    return count


def _check_ours(folder: Path) -> None:
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise NotOurs(f"{folder} is no plain folder; name another one")
    if not folder.is_dir() or not any(folder.iterdir()):
        return
    index = folder / INDEX
    if not index.is_file() or not index.read_text(encoding="utf-8", errors="replace").startswith(MARK):
        raise NotOurs(f"{folder} holds files that `esep handbook` did not write; move them away or name another folder")


def _write(folder: Path, pages: Iterable[tuple[str, str]]) -> int:
    names = []
    for name, text in pages:
        with (folder / name).open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
        names.append(name)
    return len(names)


def _swap(aside: Path, folder: Path, old: Path) -> None:
    if folder.exists():
        _remove(old)
        folder.rename(old)
    aside.rename(folder)


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
