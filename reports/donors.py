"""Donor profiles: what a donor wants to see, one TOML file each, found by its folder, checked when loaded.

A profile says which calendar the donor keeps, when the report is due, from which deviation on it
wants an explanation, which tables it gets (their indicators, columns and breakdowns), how they are laid
out, what its narrative report must cover and which other files it takes. The donor's own indicator
numbers are not here but in the definitions, and so in the edition.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from indicators.declared import of_folder
from indicators.progress import Bands
from reports.donor_faults import BLOCKS, KEYS, OUTPUTS, faults_of

HERE = Path(__file__).parent


@dataclass(frozen=True)
class DonorTable:
    """One table of a workbook, on a sheet of its own.

    Its indicators are those named, those of the named families, and those `having` a number of
    the donor or a target of one of the donor's projects. `columns` lists the columns of each
    block: quarter, year to date, project life; a block that is not named is not shown.
    """

    code: str
    sheet: Mapping[str, str]
    title: Mapping[str, str]
    columns: Mapping[str, tuple[str, ...]]
    indicators: tuple[str, ...]
    families: tuple[str, ...]
    having: tuple[str, ...]
    breakdowns: tuple[str, ...]


@dataclass(frozen=True)
class Iati:
    """How IATI files speak of the donor.

    `ref` is its organisation identifier, empty where we know none; `type` a code of OrganisationType;
    `vocabulary` a code of IndicatorVocabulary for the donor's own numbers (3 is the US Foreign Assistance
    Framework, 99 a list of the publisher).
    """

    ref: str = ""
    type: str = "10"
    vocabulary: str = "99"


@dataclass(frozen=True)
class DonorProfile:
    """A donor: calendar (`year` is the calendar of its year to date), deadline, bands and tables.

    `deviation_band` and `bands` are in whole per cent. `projects` names the donor's projects whose
    targets count; empty means all. `layout` is a module of `reports/layouts`, `formats` names those of
    `reports/outputs` that the donor gets, `outline` a file of `reports/outlines`; without one there is no narrative
    report. `digest` is the SHA-256 of the file.
    """

    code: str
    donor: str
    name: Mapping[str, str]
    source: str
    layout: str
    year: str
    language: str
    due_days: int
    deviation_band: int
    bands: Bands
    projects: tuple[str, ...]
    formats: tuple[str, ...]
    iati: Iati
    outline: str | None
    tables: tuple[DonorTable, ...]
    digest: str


@cache
def profiles(folder: Path = HERE / "donors") -> Mapping[str, DonorProfile]:
    """All donor profiles by code. Raises DeclarationError with every fault of the folder at once."""
    return of_folder(folder, faults_of, _profile)


def _profile(raw: Mapping[str, Any], path: Path) -> DonorProfile:
    return DonorProfile(
        **{key: raw[key] for key in KEYS},
        bands=Bands(**raw["bands"]),
        projects=tuple(raw.get("projects", ())),
        formats=tuple(raw.get("formats", OUTPUTS)),
        iati=Iati(**raw.get("iati", {})),
        outline=raw.get("outline"),
        tables=tuple(_table(table) for table in raw["table"]),
        digest=hashlib.sha256(path.read_bytes()).hexdigest(),
    )


def _table(raw: Mapping[str, Any]) -> DonorTable:
    lists = {key: tuple(raw.get(key, ())) for key in ("indicators", "families", "having", "breakdowns")}
    columns = {block: tuple(raw["columns"][block]) for block in BLOCKS if block in raw["columns"]}
    return DonorTable(raw["code"], raw["sheet"], raw["title"], columns, **lists)
