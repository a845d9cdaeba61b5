"""The R packages made for hiding small counts, where R and they are installed: GaussSuppression and sdcTable.

What goes to R and comes back is tested; `suppress.R` itself follows the manuals of the packages, which were
not at hand to run it.
"""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from benchmarks.generated_tables import PLACE
from indicators.disclosure.unknowns import System, Unknown
from indicators.figures import REGION_TOTAL

PACKAGES = ("GaussSuppression", "sdcTable")
TOTAL = "Total"
_SCRIPT = Path(__file__).parent / "suppress.R"
_CATEGORY = re.compile(r"(\w+) = '(.*)'")
Codes = Mapping[str, str]


@cache
def why_not(package: str) -> str | None:
    """Why the package cannot be run here; nothing if it can."""
    if shutil.which("Rscript") is None:
        return "left out: Rscript is not installed"
    asked = ["Rscript", "-e", f"quit(status = !requireNamespace('{package}', quietly = TRUE))"]
    if subprocess.run(asked, capture_output=True, check=False).returncode:
        return f"left out: the R package {package} is not installed"
    return None


def hidden_by(package: str, system: System, values: Mapping[Unknown, object], most: int) -> frozenset[Unknown]:
    """What the package hides of a generated table when counts up to `most` are small, by its own defaults otherwise."""
    with tempfile.TemporaryDirectory() as folder:
        write_table(Path(folder), [row.numerator for row in system.rows], values)
        command = ["Rscript", str(_SCRIPT), package, folder, str(most)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return read_hidden(Path(folder), values)


def write_table(folder: Path, cells: Iterable[Unknown], values: Mapping[Unknown, object]) -> None:
    """The finest cells, and the tree of each way."""
    coded = {cell: codes_of(cell) for cell in cells}
    ways = sorted({way for codes in coded.values() for way in codes})
    trees = {way: sorted({codes[way] for codes in coded.values() if way in codes}, key=_path) for way in ways}
    parents = {way: {_parent(code) for code in codes} for way, codes in trees.items()}
    for way, codes in trees.items():
        tree = [("@", TOTAL), *(("@" * (len(_path(code)) + 1), code) for code in codes)]
        _write(folder / f"{way}.tree.csv", ["levels", "codes"], tree)
    finest = [
        (*(codes[way] for way in ways), str(values[cell]))
        for cell, codes in coded.items()
        if codes.keys() == set(ways) and all(codes[way] not in parents[way] for way in ways)
    ]
    _write(folder / "cells.csv", [*ways, "freq"], finest)


def read_hidden(folder: Path, cells: Iterable[Unknown]) -> frozenset[Unknown]:
    """The cells whose codes the file of hidden ones names."""
    by_codes = {frozenset(codes_of(cell).items()): cell for cell in cells}
    with (folder / "hidden.csv").open(encoding="utf-8", newline="") as file:
        records = [{way: code for way, code in record.items() if code != TOTAL} for record in csv.DictReader(file)]
    return frozenset(by_codes[frozenset(record.items())] for record in records)


def codes_of(cell: Unknown) -> dict[str, str]:
    """The code of the cell along each way in which it is not a total."""
    found = {match[1]: match[2] for match in map(_CATEGORY.fullmatch, cell.extras) if match}
    return found if cell.place == REGION_TOTAL else {PLACE: cell.place, **found}


def _path(code: str) -> list[int]:
    return [int(number) for number in code.split()[-1].split(".")]


def _parent(code: str) -> str:
    return code.rpartition(".")[0]


def _write(path: Path, header: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
