"""The editions of a store, as an officer reads them; and two of them compared figure by figure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from indicators.figures import Key
from pipelines.handed_over import handed_over
from pipelines.history import Said, as_published, differing, figures_of, history
from pipelines.reasons import reasons_of
from reports.edition import POINTER_NAME, NoEdition, manifest, open_edition
from reports.restated import restated

KEY = ("indicator", "calendar", "period", "place", "breakdown", "category")


@dataclass(frozen=True)
class Listed:
    """A published edition. `received_until` is the day of the latest file in it: no clock is in an edition.

    `superseded_by` is the next edition of the same period, `reported_to` the donors whose tables were
    written from it, `restated` how many figures it says otherwise than the editions before it.
    """

    edition_id: str
    period: str
    is_current: bool
    follows: str
    superseded_by: str
    received_until: str
    inputs: int
    restated: int
    reported_to: list[str]
    code_version: str
    policy_hash: str
    definitions_hash: str
    libraries: dict[str, str]
    reasons: list[dict[str, Any]]

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        return asdict(self)


def listed(curated: Path) -> list[Listed]:
    """Every edition, oldest first. Raises NoEdition when there is none."""
    past = history(curated / "editions")
    if not past:
        raise NoEdition(f"{curated / 'editions'}: no edition has been published here; run `make run` or `esep run`")
    pointer = curated / "editions" / POINTER_NAME
    current = pointer.read_text(encoding="utf-8").strip() if pointer.exists() else ""
    given = handed_over(curated, [one.edition_id for one in past])
    found = []
    for number, one in enumerate(past):
        later = [other.edition_id for other in past[number + 1 :] if other.period == one.period]
        donors = sorted({each.donor for each in given if each.edition_id == one.edition_id})
        said = manifest(one.folder)
        found.append(Listed(
            one.edition_id, one.period, one.edition_id == current, one.follows, later[0] if later else "",
            **_counted(one.folder), reported_to=donors, code_version=said.get("code_version", ""),
            policy_hash=said.get("policy", ""), definitions_hash=said.get("definitions", ""),
            libraries=said.get("libraries", {}), reasons=[one.as_json() for one in reasons_of(said)],
        ))  # fmt: skip
    return found


def _counted(folder: Path) -> dict[str, Any]:
    edition = open_edition(folder)
    try:
        (row,) = edition.rows("SELECT max(received_on) AS day FROM completeness")
        (files,) = edition.rows("SELECT count(*) AS number FROM inputs")
        own = sum(row["edition_id"] == folder.name for row in restated(edition))
    finally:
        edition.connection.close()
    return {"received_until": str(row["day"] or ""), "inputs": files["number"], "restated": own}


def told(found: Iterable[Listed]) -> list[str]:
    """The editions as lines, the current one marked."""
    lines = []
    for one in found:
        state = "current" if one.is_current else "published"
        after = f", superseded by {one.superseded_by}" if one.superseded_by else ""
        lines.append(f"{'*' if one.is_current else ' '} {one.edition_id}  {one.period}  {state}{after}")
        donors = ", ".join(one.reported_to) or "nobody"
        lines.append(f"    {one.inputs} files, received until {one.received_until or '–'}; reported to {donors}; "
                     f"{one.restated} figures restated")  # fmt: skip
        versions = ", ".join(f"{name} {version}" for name, version in one.libraries.items())
        lines.append(f"    code {one.code_version}, policy {one.policy_hash[:12]}, "
                     f"definitions {one.definitions_hash[:12]}; {versions or 'no libraries recorded'}")  # fmt: skip
        lines += [f"    reason {given['code']}: {given['note']}" for given in one.reasons]
    return lines


Difference = tuple[Key, Said, Said]


def differences(curated: Path, first: str, second: str) -> list[Difference]:
    """Figures of which two editions say different things. Raises NoEdition for an id that is not there."""
    known = {one.edition_id: one.folder for one in history(curated / "editions")}
    found = []
    for edition_id in (first, second):
        if edition_id not in known:
            raise NoEdition(f"there is no edition {edition_id}; there are {', '.join(known) or 'none'}")
        edition = open_edition(known[edition_id])
        try:
            found.append(figures_of(edition))
        finally:
            edition.connection.close()
    return sorted(differing(*found), key=lambda one: one[0])


def difference_lines(found: Iterable[Difference]) -> list[str]:
    """Differences as lines; a mark stands as its word."""
    lines = []
    for (indicator, calendar, period, place, breakdown, category), old, new in found:
        cell = "" if breakdown == "total" else f" {breakdown}={category}"
        lines.append(f"{indicator:8} {place:3} {period:8} {calendar}{cell}: {_word(old)} -> {_word(new)}")
    return lines


def difference_json(found: Iterable[Difference]) -> list[dict[str, Any]]:
    """Differences for programs."""
    return [
        {**dict(zip(KEY, key, strict=True)), "old": as_published(old), "new": as_published(new)}
        for key, old, new in found
    ]


def difference_csv(found: Iterable[Difference]) -> bytes:
    """Differences as CSV, UTF-8; a number that is not shown is empty and its status says why."""
    text = io.StringIO()
    sides = [f"{side}_{name}" for side in ("old", "new") for name in ("status", "value", "numerator", "denominator")]
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*KEY, *sides])
    for key, old, new in found:
        writer.writerow([*key, *as_published(old).values(), *as_published(new).values()])
    return text.getvalue().encode()


def _word(said: Said) -> str:
    if said.value is None:
        return said.status.replace("_", " ")
    parts = as_published(said)
    if said.denominator is None:
        return str(parts["value"])
    return f"{parts['value']} ({parts['numerator'] or '–'}/{parts['denominator']})"
