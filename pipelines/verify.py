"""Whether an edition is what its inputs make: its hashes, then the whole edition made again and compared.

The offices' files are taken from the landing zone into a store in a fresh folder and counted, protected and written as
if for the first time. The days on which they came, the editions before, and the officer's reasons are those recorded.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indicators import disclosure
from indicators.definitions import Definition, definitions
from indicators.disclosure.policy import policy_of
from indicators.facts import facts
from pipelines.contracts import contracts
from pipelines.edition_files import table_bytes
from pipelines.handed_over import handed_over
from pipelines.history import Past, gaps, history
from pipelines.identity import KEY_NAME, store_key
from pipelines.inputs import Inputs, of_programme, of_source
from pipelines.intake import receive
from pipelines.intake_folder import receive_folder
from pipelines.kept import as_it_came
from pipelines.libraries import libraries
from pipelines.publish import Before, manifest_of, write_edition
from pipelines.reasons import ReasonNeeded, reasons_of
from pipelines.rules import rules_for
from pipelines.warehouse import LANDING_NAME, open_warehouse
from reports.edition import TABLES, Edition, NoEdition, manifest, open_edition

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_NAMED = 5  # rows of a table
PROGRAMME, CHECKS = "programme", "checks"


@dataclass(frozen=True)
class TableDifference:
    """A table that was made otherwise: how many rows only one side has, and which they are (keys, no values)."""

    table: str
    only_published: int
    only_rebuilt: int
    rows: tuple[str, ...]


@dataclass(frozen=True)
class Verified:
    """What verifying found. Everything is empty when the edition is what its inputs make."""

    edition_id: str
    damaged: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    tables: tuple[TableDifference, ...] = ()
    causes: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether nothing was found."""
        return not (self.damaged or self.missing or self.tables)

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        tables = [{**vars(one), "rows": list(one.rows)} for one in self.tables]
        lists = {name: list(getattr(self, name)) for name in ("damaged", "missing", "causes")}
        return {"edition": self.edition_id, "is_good": self.is_good, **lists, "tables": tables}


def verify(curated: Path, edition_id: str, catalogue: Mapping[str, Definition] | None = None) -> Verified:
    """Verify an edition of a store. Raises NoEdition for an id that is not there."""
    past = history(curated / "editions")
    found = [one for one in past if one.edition_id == edition_id]
    if not found:
        raise NoEdition(
            f"there is no edition {edition_id}; there are {', '.join(o.edition_id for o in past) or 'none'}"
        )
    damaged = [*altered_files(found[0].folder), *gaps(past[: past.index(found[0]) + 1])]
    if damaged:
        return Verified(edition_id, damaged=tuple(damaged))
    with tempfile.TemporaryDirectory(prefix="esep-verify-") as folder:
        return _made_again(curated, found[0], past, Path(folder), catalogue or definitions())


def altered_files(folder: Path) -> list[str]:
    """Files of an edition that are not those of its manifest."""
    said = []
    for name, digest in manifest(folder)["files"].items():
        if not (folder / name).exists():
            said.append(f"{name} is no longer there")
        elif hashlib.sha256((folder / name).read_bytes()).hexdigest() != digest:
            said.append(f"{name} is not the file that was published: its SHA-256 differs from the manifest's")
    return said


def _made_again(
    curated: Path, one: Past, past: Sequence[Past], aside: Path, catalogue: Mapping[str, Definition]
) -> Verified:
    edition = open_edition(one.folder)
    try:
        missing = fetch_files(curated, edition, aside)
        if missing:
            return Verified(one.edition_id, missing=tuple(missing))
        before = _before(curated, one, past)
        rebuilt = aside / "edition"
        rebuilt.mkdir()
        with open_warehouse(aside / "curated") as con:
            inputs, refused = inputs_again(con, one.folder, edition, aside)
            if refused:
                return Verified(one.edition_id, missing=tuple(refused), causes=tuple(_causes(one, inputs, catalogue)))
            try:
                write_edition(con, rebuilt, one.edition_id, inputs, catalogue, disclosure.release, before)
            except ReasonNeeded:
                said = "made again, it changes other figures that a donor has than those for which reasons were given"
                return Verified(one.edition_id, damaged=(said,), causes=tuple(_causes(one, inputs, catalogue)))
        other = open_edition(rebuilt, one.edition_id)
        try:
            tables = tuple(_differences(edition, other))
        finally:
            other.connection.close()
        causes = _causes(one, inputs, catalogue)
    finally:
        edition.connection.close()
    unknown = ["nothing it was made of differs: the edition, or the store's copies of the files, may have been altered"]
    return Verified(one.edition_id, tables=tables, causes=tuple(causes or unknown) if tables else ())


def fetch_files(curated: Path, edition: Edition, aside: Path) -> list[str]:
    """Copies of the recorded files as their offices sent them; those that are not in the landing zone."""
    (aside / "curated").mkdir()
    shutil.copy2(curated / KEY_NAME, aside / "curated")
    about = Inputs("", "", None, (), (), None, (), (), {}, None, store_key(curated))  # type: ignore[arg-type]
    landing = curated / LANDING_NAME
    landed = {about.name_of(path.name): path for path in sorted(landing.iterdir())} if landing.is_dir() else {}
    missing = []
    for row in edition.rows("SELECT * FROM inputs ORDER BY office, period, slot"):
        copy = landed.get(row["submission"])
        if copy is None or hashlib.sha256(copy.read_bytes()).hexdigest() != copy.name:
            where = f"{row['office']} {row['slot']} {row['period']}"
            missing.append(f"{row['file_name']} ({where}) is not in {landing} as it was taken in")
        else:
            (aside / "raw" / row["office"]).mkdir(parents=True, exist_ok=True)
            shutil.copyfile(copy, aside / "raw" / row["office"] / row["file_name"])
    return missing


def _before(curated: Path, one: Past, past: Sequence[Past]) -> Before:
    """What came before, as the edition recorded it."""
    said = manifest(one.folder)
    earlier = past[: past.index(one)]
    names = [name for _, _, name in said.get("reported", [])]
    given = [each for each in handed_over(curated, [e.edition_id for e in earlier]) if each.name in names]
    return Before(earlier, given, reasons_of(said))


def inputs_again(con: DuckDBPyConnection, folder: Path, edition: Edition, aside: Path) -> tuple[Inputs, list[str]]:
    """The inputs of the edition, its files taken in anew; and what became of files that no longer are accepted."""
    about, known = edition.about(), contracts()
    curated, raw = aside / "curated", aside / "raw"
    if about["source"] == PROGRAMME:
        offices = {name: contract for name, contract in known.items() if contract.first_period is not None}
        receipts = receive_folder(con, raw, offices, curated)
        inputs = of_programme(con, known, about["period"], key=store_key(curated))
    else:
        contract = known[about["source"]]
        receipts = [receive(con, contract, path, curated) for path in sorted((raw / about["source"]).iterdir())]
        inputs = of_source(con, contract, key=store_key(curated))
    refused = [f"{one.file_name} ({one.office}) was taken in then and is {one.status} now"
               for one in receipts if one.status not in ("accepted", "unchanged")]  # fmt: skip
    rows = edition.connection.cursor().execute(f"SELECT {', '.join(TABLES['completeness'])} FROM completeness")
    said = manifest(folder)
    kept = as_it_came(inputs.kept, said.get("came_first", {}))
    # A later policy is none of its business, as long as the entry it was published under is kept.
    policy = policy_of(said.get("policy", "")) or inputs.policy
    return replace(inputs, completeness=tuple(rows.fetchall()), kept=kept, policy=policy), refused


def _differences(published: Edition, rebuilt: Edition) -> list[TableDifference]:
    """Tables whose rows are not byte for byte the same, in the same order.

    Of checks that ask other files only that they were made is compared: what they found depends on which files had come
    by the day a file was judged, and so on the store, not on the edition. Rows held back are told in `inputs`.
    """
    found, asking = [], _asking_other_files()
    for table in TABLES:
        sides = [table_bytes(edition, table) for edition in (published, rebuilt)]
        if table == CHECKS:
            sides = [_without_what_was_asked(side, asking) for side in sides]
        if sides[0] != sides[1]:
            then, now = (Counter(side.decode().splitlines()) for side in sides)
            only, fresh = then - now, now - then
            keys = dict.fromkeys(_key(table, line) for line in [*only, *fresh])
            found.append(TableDifference(table, only.total(), fresh.total(), tuple(keys)[:_NAMED]))
    return found


def _asking_other_files() -> set[str]:
    return {
        rule.id for contract in contracts().values() for fact in facts().values()
        for rule in rules_for(fact, contract) if rule.asks_other_files
    }  # fmt: skip


def _without_what_was_asked(side: bytes, asking: Container[str]) -> bytes:
    """The rows of checks, without what those found that ask other files."""
    rows = [dict(zip(TABLES[CHECKS], json.loads(line), strict=True)) for line in side.decode().splitlines()]
    told = [{**row, "has_failed": None} if row["rule"] in asking else row for row in rows]
    return "".join(json.dumps(list(row.values()), ensure_ascii=False) + "\n" for row in told).encode()


def _key(table: str, line: str) -> str:
    """What a row is about: its first texts, without its numbers."""
    row = dict(zip(TABLES[table], json.loads(line), strict=True))
    names = [name for name, kind in TABLES[table].items() if kind == "VARCHAR" and isinstance(row[name], str)][:6]
    return " ".join(row[name][:40] for name in names)


def _causes(one: Past, inputs: Inputs, catalogue: Mapping[str, Definition]) -> list[str]:
    """What the edition was made of that is another now: the likely causes of a difference."""
    then, now = manifest(one.folder), manifest_of(inputs, catalogue)
    words = {
        "code_version": "the code", "policy": "the protection policy", "definitions": "a definition",
        "projects": "a project or target", "contracts": "an office's contract",
    }  # fmt: skip
    found = [f"{said} is another one than then" for name, said in words.items() if then.get(name) != now[name]]
    versions = then.get("libraries", {})
    found += [
        f"{name} is {version}, then {versions.get(name, 'not recorded')}"
        for name, version in libraries().items() if versions.get(name) != version
    ]  # fmt: skip
    return found


def told(found: Verified) -> list[str]:
    """What was found, as lines."""
    if found.is_good:
        return [f"{found.edition_id}: made again from its recorded files, it is the same in all {len(TABLES)} tables"]
    lines = [f"{found.edition_id}: {said}" for said in found.damaged]
    lines += [f"{found.edition_id}: it cannot be made again: {said}" for said in found.missing]
    for one in found.tables:
        lines.append(
            f"{found.edition_id}: table {one.table}: {one.only_published} rows only in the edition, "
            f"{one.only_rebuilt} only when made again"
        )
        lines += [f"    {row}" for row in one.rows]
    return [*lines, *(f"  likely cause: {cause}" for cause in found.causes)]
