"""Every published figure of an edition counted a second time by the independent oracle, from the offices' own files.

The files that the edition records are taken in anew, in a fresh folder; of the engine, nothing takes part.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indicators.calendars import Window
from indicators.definitions import Definition, definitions
from indicators.facts import facts
from indicators.figures import NOT_REPORTED, REGION_TOTAL, SHOWN, TOTAL, UNKNOWN, Key
from pipelines.history import history
from pipelines.inputs import Inputs
from pipelines.kept import RESTATED_FIGURES
from pipelines.restatements import carried, counted_rows
from pipelines.verify import fetch_files, inputs_again
from pipelines.warehouse import open_warehouse
from reports.edition import open_edition

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from oracle.counting import Numbers, Recount

_MILLIONTH = Decimal("0.000001")

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Recounted:
    """What came of a recount: how many figures agree, the keys of those that do not, and what could not be counted.

    `uncounted` are indicators that nobody has counted a second way yet; `missing` says which files are not there or
    are no longer accepted, and then nothing was counted at all. No numbers: a wrong one may be close to a hidden one.
    """

    agreeing: int = 0
    differing: tuple[Key, ...] = ()
    uncounted: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def recount(curated: Path, folder: Path) -> Recounted:
    """Count every shown figure of an edition of the programme again. Raises what taking files in raises."""
    with tempfile.TemporaryDirectory(prefix="esep-recount-") as name:
        aside = Path(name)
        edition = open_edition(folder)
        try:
            missing = fetch_files(curated, edition, aside)
            if missing:
                return Recounted(missing=tuple(missing))
            with open_warehouse(aside / "curated") as con:
                inputs, refused = inputs_again(con, folder, edition, aside)
                if refused:
                    return Recounted(missing=tuple(refused))
                rows = {**_rows(con, inputs), RESTATED_FIGURES: _restated(folder, inputs)}
                return compare(edition.rows("SELECT * FROM figures"), rows, inputs.windows)
        finally:
            edition.connection.close()


def compare(figures: list[dict[str, Any]], rows: Mapping[str, list[Row]], windows: tuple[Window, ...]) -> Recounted:
    """Hold published figures to the oracle's count of rows; hidden ones and words are passed over."""
    from oracle.counting import Recount, frames, oracles

    counter = Recount(frames(rows))
    by_name = {(window.calendar, window.period): window for window in windows}
    known = _known(figures)
    shown = [row for row in figures if row["status"] == SHOWN and row["indicator"] in definitions()]
    differing = []
    for row in shown:
        if row["indicator"] in oracles():
            places = known.get(_table(row), ()) if row["place"] == REGION_TOTAL else (row["place"],)
            window = by_name.get((row["calendar"], row["period"]))
            if window is None or not places or not _agrees(row, _asked(counter, row, window, places)):
                differing.append(_key(row))
    uncounted = sorted({row["indicator"] for row in figures} - set(oracles()))
    held = sum(row["indicator"] in oracles() for row in shown)
    return Recounted(held - len(differing), tuple(differing), tuple(uncounted))


def _rows(con: DuckDBPyConnection, inputs: Inputs) -> dict[str, list[Row]]:
    """The accepted rows of each fact as they stand in the store, and those that the programme keeps itself."""
    found: dict[str, list[Row]] = {name: list(rows) for name, rows in inputs.kept.items()}
    for name in facts():
        asked = con.execute(f"SELECT * FROM in_force_{name}")
        columns = [about[0] for about in asked.description or ()]
        found[name] = [dict(zip(columns, row, strict=True)) for row in asked.fetchall()]
    return found


def _restated(folder: Path, inputs: Inputs) -> list[Row]:
    """What the editions before this one restate, which is counted too."""
    past = history(folder.parent)
    earlier = past[: [one.edition_id for one in past].index(folder.name)]
    return list(counted_rows(carried(earlier), earlier, inputs.offices, definitions()))


def _table(row: Row) -> tuple[str, str, str]:
    return row["indicator"], row["calendar"], row["period"]


def _key(row: Row) -> Key:
    return (*_table(row), row["place"], row["breakdown"], row["category"])


def _known(figures: list[dict[str, Any]]) -> dict[tuple[str, str, str], tuple[str, ...]]:
    """The countries in a region's figure, as the edition says: those whose whole is known."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for row in figures:
        is_whole = row["breakdown"] == TOTAL and row["place"] != REGION_TOTAL
        if is_whole and row["status"] not in (UNKNOWN, NOT_REPORTED):
            found.setdefault(_table(row), []).append(row["place"])
    return {key: tuple(places) for key, places in found.items()}


def _asked(counter: Recount, row: Row, window: Window, places: tuple[str, ...]) -> Numbers:
    if row["breakdown"] == TOTAL:
        return counter.counted(row["indicator"], window, places)
    return counter.cell(row["indicator"], window, places, row["breakdown"], row["category"])


def _agrees(row: Row, counted: Numbers) -> bool:
    """Whether value, numerator and denominator of a shown figure are those of the oracle."""
    numerator, denominator = (None if number is None else Decimal(str(number)) for number in counted)
    definition = definitions()[row["indicator"]]
    if definition.is_average:
        return bool(row["value"] == numerator and row["denominator"] == (denominator or 0))
    return all(published == expected for published, expected in _pairs(definition, row, numerator, denominator))


def _pairs(
    definition: Definition, row: Row, numerator: Decimal | None, denominator: Decimal | None
) -> Iterator[tuple[Any, Any]]:
    yield row["numerator"], None if numerator is None else numerator.quantize(Decimal("0.01"))
    if definition.is_share:
        yield row["denominator"], (denominator or Decimal(0)).quantize(Decimal("0.01"))
    if definition.is_share and numerator is not None and denominator:
        yield row["value"], (numerator / denominator).quantize(_MILLIONTH)
    elif not definition.is_share:
        yield row["value"], numerator
