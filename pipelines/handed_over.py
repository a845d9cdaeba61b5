"""What donors were given: a small file for each edition and donor whose tables were written, beside the editions.

Nobody can know whether a file that was written was sent; it counts as reported from the moment it lies there.
The files are never changed or removed, and outlive the warehouse.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from indicators.figures import TOTAL, Key
from pipelines.files import fsync_folder, replace
from reports.donor_figures import selected
from reports.donors import DonorProfile
from reports.edition import Edition

FOLDER = "reported"


@dataclass(frozen=True)
class HandedOver:
    """An edition of which a donor has tables; `figures` are their indicators, each with its breakdowns."""

    edition_id: str
    donor: str
    figures: Mapping[str, tuple[str, ...]]

    def has(self, key: Key) -> bool:
        """Whether the donor's tables hold the figure, whichever period of the edition it is of."""
        return key[4] in self.figures.get(key[0], ())

    @property
    def name(self) -> str:
        """What the file is called; other figures of the same edition make another file."""
        return f"{self.edition_id}_{self.donor}_{hashlib.sha256(self._text.encode()).hexdigest()[:8]}.json"

    @property
    def _text(self) -> str:
        said = {"edition": self.edition_id, "donor": self.donor, "figures": self.figures}
        return json.dumps(said, indent=1, sort_keys=True) + "\n"

    def write(self, curated: Path) -> None:
        """Keep it below `curated`; what is kept already stays as it is."""
        folder = curated / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / self.name).exists():
            replace(folder / self.name, self._text.encode())
            fsync_folder(folder)


def of_tables(edition: Edition, donor: DonorProfile) -> HandedOver:
    """What a donor's tables of an edition say."""
    figures: dict[str, set[str]] = {}
    for table in donor.tables:
        for row in selected(edition, donor, table):
            figures.setdefault(row["indicator"], {TOTAL}).update(table.breakdowns)
    named = {code: tuple(sorted(breakdowns)) for code, breakdowns in sorted(figures.items())}
    return HandedOver(edition.edition_id, donor.code, named)


def handed_over(curated: Path, editions: Iterable[str]) -> list[HandedOver]:
    """What donors have of these editions, in the order of the files' names."""
    known = set(editions)
    found = []
    for path in sorted((curated / FOLDER).glob("*.json")):
        said = json.loads(path.read_text(encoding="utf-8"))
        if said["edition"] in known:
            figures = {code: tuple(breakdowns) for code, breakdowns in said["figures"].items()}
            found.append(HandedOver(said["edition"], said["donor"], figures))
    return found
