"""Why a figure differs from what an earlier edition said: derived from what the two editions were made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from indicators.figures import Key
from pipelines.explained_inputs import needed_files
from pipelines.history import Said
from pipelines.kept import RESTATED_FIGURES
from reports.edition import NOT_REPORTED, SHOWN, SUPPRESSED, Edition, manifest

if TYPE_CHECKING:
    from indicators.definitions import Definition
    from pipelines.contracts import Contract

LATE, CORRECTION, DEFINITION, CODE, PROTECTION = "late_data", "correction", "definition", "code", "protection"
RESTATED = "restated"
CAUSES = (LATE, CORRECTION, DEFINITION, CODE, PROTECTION, RESTATED)

# Office, slot and period of a file.
Slot = tuple[str, str, str]


@dataclass(frozen=True)
class MadeOf:
    """What an edition was made of, as far as it can move a figure. `files`: name, contract, whether rows are held."""

    definitions: Mapping[str, str]
    windows: Mapping[tuple[str, str], tuple[Any, Any]]
    policy: str
    code: tuple[Any, ...]
    files: Mapping[Slot, tuple[str, str, bool]]


def made_of(edition: Edition, libraries: Mapping[str, str] | None = None) -> MadeOf:
    """What an edition says it was made of; `libraries` are for one that has no manifest yet."""
    (about,) = edition.rows("SELECT policy_hash, code_version, duckdb_version FROM edition")
    versions = manifest(edition.path.parent).get("libraries", {}) if libraries is None else libraries
    return MadeOf(
        {row["indicator"]: row["definition_hash"] for row in edition.rows("SELECT * FROM indicators")},
        {(row["calendar"], row["period"]): (row["start_on"], row["end_on"])
         for row in edition.rows("SELECT * FROM periods")},
        about["policy_hash"],
        (about["code_version"], about["duckdb_version"], *sorted(versions.items())),
        {(row["office"], row["slot"], row["period"]): (row["submission"], row["contract_hash"],
                                                       row["has_rows_held_back"])
         for row in edition.rows("SELECT * FROM inputs")},
    )  # fmt: skip


@dataclass(frozen=True)
class Causes:
    """Tells causes between two editions; `edition` is the newer one, read for which files a figure needs."""

    before: MadeOf
    now: MadeOf
    edition: Edition
    catalogue: Mapping[str, Definition]
    contracts: Mapping[str, Contract]
    _needed: dict[tuple[Any, ...], frozenset[Slot]] = field(default_factory=dict)

    def of(self, key: Key, old: Said, new: Said) -> tuple[str, list[str], list[str]]:
        """The cause of a change, what else changed that may have had a part in it, and the files behind it."""
        if self._counts_restatements(key) and not self._is_redefined(key):
            return RESTATED, [], []
        changed = self._changed(key)
        kinds = _kinds(changed, self.before, self.now, old)
        is_mark = {old.status, new.status} == {SHOWN, SUPPRESSED}
        found = []
        if self._is_redefined(key):
            found.append(DEFINITION)
        if is_mark and (self.before.policy != self.now.policy or not kinds):
            found.append(PROTECTION)
        found += kinds
        if self._is_other_code(key):
            found.append(CODE)
        if not found:  # a file that the figure does not need by its definition, as far as that is known
            changed = self._all_changed()
            found = _kinds(changed, self.before, self.now, old) or [CODE]
        named = {(self.now.files.get(slot) or self.before.files[slot])[0] for slot in changed}
        return found[0], found[1:], sorted(named)

    def _counts_restatements(self, key: Key) -> bool:
        definition = self.catalogue.get(key[0])
        return definition is not None and RESTATED_FIGURES in definition.facts

    def _is_redefined(self, key: Key) -> bool:
        window = key[1], key[2]
        return self.before.definitions.get(key[0]) != self.now.definitions.get(key[0]) or self.before.windows.get(
            window
        ) != self.now.windows.get(window)

    def _is_other_code(self, key: Key) -> bool:
        """Whether the code or a library is another one, or a file that the figure needs was read otherwise."""
        same = self._files_of(key) & self.before.files.keys() & self.now.files.keys()
        return self.before.code != self.now.code or any(
            self.before.files[slot][0] == self.now.files[slot][0] and self.before.files[slot] != self.now.files[slot]
            for slot in same
        )

    def _all_changed(self) -> frozenset[Slot]:
        before, now = self.before.files, self.now.files
        return frozenset(
            slot for slot in before.keys() | now.keys()
            if (before.get(slot) or ("",))[0] != (now.get(slot) or ("",))[0]
        )  # fmt: skip

    def _changed(self, key: Key) -> frozenset[Slot]:
        every = self._all_changed()
        return every & self._files_of(key) if every else every

    def _files_of(self, key: Key) -> frozenset[Slot]:
        """The files that a figure needs, of the newer edition."""
        definition = self.catalogue.get(key[0])
        if definition is None or (key[1], key[2]) not in self.now.windows:
            return frozenset()
        asked = (definition.facts, tuple(definition.facts_of_any_time), *key[1:4])
        if asked not in self._needed:
            files = needed_files(definition, key[1], key[2], key[3], self.edition, self.contracts)
            self._needed[asked] = frozenset((file.office, file.export, file.period) for file in files)
        return self._needed[asked]


def _kinds(changed: frozenset[Slot], before: MadeOf, now: MadeOf, old: Said) -> list[str]:
    """Late data, correction, or both, the likelier first: what was not reported before waited for a late file."""
    late = any(slot not in before.files for slot in changed)
    corrected = any(slot in before.files for slot in changed)
    kinds = [CORRECTION] * corrected
    if late:
        kinds.insert(0 if old.status == NOT_REPORTED else len(kinds), LATE)
    return kinds
