"""Whether the current edition still is what it was: its bytes, its figures counted a second time, and an intruder.

`esep verify` makes an edition again with the engine that made it. This asks others: the hashes of every edition and
of the offices' files, the oracle that counts in pandas, and the attacker of published files.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from indicators.disclosure import policies
from pipelines.files import altered
from pipelines.history import gaps, history
from pipelines.publish import EDITIONS
from pipelines.recount import Recounted, recount
from pipelines.verify import altered_files
from pipelines.warehouse import LANDING_NAME
from reports.attack import attack, attack_together, files_in
from reports.edition import current_path, open_edition

_NAMED = 12
SIDE_BY_SIDE = "all files side by side"


@dataclass(frozen=True)
class SelfCheck:
    """What the check of an edition found; ids, names of files and counts, and never a number of a figure.

    `damaged` are files that are no longer those of their manifests or names, `worked_out` how many hidden numbers
    were worked out of which file or of all of them side by side, `unread` files that the attacker could not read.
    """

    edition_id: str
    recounted: Recounted
    damaged: tuple[str, ...] = ()
    attacked: int = 0
    hidden: int = 0
    worked_out: tuple[tuple[str, int], ...] = ()
    unread: tuple[str, ...] = field(default=())

    @property
    def is_good(self) -> bool:
        """Whether nothing was found; an indicator that nobody counts a second way is no fault."""
        return not (self.damaged or self.worked_out or self.recounted.differing or self.recounted.missing)

    @property
    def summary(self) -> str:
        """One line of counts."""
        found = self.recounted
        return (
            f"{found.agreeing} published figures agree, {len(found.differing)} differ, {len(found.missing)} files are"
            f" missing, {len(self.damaged)} files are altered, {sum(count for _, count in self.worked_out)} of"
            f" {self.hidden} hidden numbers were worked out of {self.attacked} files"
        )

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        found = self.recounted
        return {
            "edition": self.edition_id, "is_good": self.is_good, "agreeing": found.agreeing,
            "differing": [list(key) for key in found.differing], "uncounted": list(found.uncounted),
            "missing": list(found.missing), "damaged": list(self.damaged), "attacked": self.attacked,
            "hidden": self.hidden, "worked_out": dict(self.worked_out), "unread": list(self.unread),
        }  # fmt: skip


def selfcheck(curated: Path, out: Path) -> SelfCheck:
    """Check the current edition, and the files written from it below `out`. Raises NoEdition."""
    folder = current_path(curated / EDITIONS)
    damaged = [*_altered_editions(curated / EDITIONS)]
    if (curated / LANDING_NAME).is_dir():
        damaged += [
            f"{LANDING_NAME}/{name} does not hold the bytes of its name" for name in altered(curated / LANDING_NAME)
        ]
    if any(one.startswith(folder.name) for one in damaged):
        # What may be anything is neither counted nor attacked.
        return SelfCheck(folder.name, Recounted(), tuple(damaged))
    return _asked(curated, folder, out, tuple(damaged))


def _altered_editions(editions: Path) -> Iterator[str]:
    past = history(editions)
    for one in past:
        yield from (f"{one.edition_id}: {said}" for said in altered_files(one.folder))
    yield from gaps(past)


def _asked(curated: Path, folder: Path, out: Path, damaged: tuple[str, ...]) -> SelfCheck:
    edition = open_edition(folder)
    try:
        said = {row["key"]: row["value"] for row in edition.rows("SELECT * FROM policy")}
    finally:
        edition.connection.close()
    default = policies()["default"]
    width, threshold = (
        int(said.get("interval_width", default.interval_width)),
        int(said.get("threshold", default.threshold)),
    )
    reports = [path for path in files_in([out]) if folder.name in path.name] if out.is_dir() else []
    found = list(attack([*files_in([folder]), *reports], width, threshold))
    worked_out = [
        (one.file.name, len({cell for cell, _ in (*one.exact, *one.close)})) for one in found if one.is_broken
    ]
    if (both := attack_together(found, width, threshold)) and both.found.is_broken:
        worked_out.append((SIDE_BY_SIDE, len({cell for cell, _ in (*both.found.exact, *both.found.close)})))
    return SelfCheck(
        folder.name,
        recount(curated, folder),
        damaged,
        len(found),
        sum(one.hidden for one in found),
        tuple(worked_out),
        tuple(one.file.name for one in found if one.unreadable),
    )


def told(found: SelfCheck) -> list[str]:
    """What was found, as lines."""
    recounted = found.recounted
    lines = [f"{found.edition_id}: {found.summary}"]
    lines += [f"  altered: {one}" for one in found.damaged]
    lines += [f"  missing: {one}" for one in recounted.missing]
    lines += [f"  differs: {' '.join(key)}" for key in recounted.differing[:_NAMED]]
    if len(recounted.differing) > _NAMED:
        lines.append(f"  and {len(recounted.differing) - _NAMED} more figures differ")
    lines += [f"  worked out: {count} hidden numbers of {name}; see `esep attack`" for name, count in found.worked_out]
    lines += [f"  not read by the attacker: {name}" for name in found.unread]
    if recounted.uncounted:
        lines.append(f"  not counted a second way yet: {', '.join(recounted.uncounted)}")
    return lines
