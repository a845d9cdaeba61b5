"""Publish: count, protect, write one immutable edition, and point CURRENT at it.

An edition is known by what went into it and by the edition it follows. Publishing the same files under the same
contracts, definitions, policy, code and libraries again finds the edition that is there and changes nothing.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from duckdb import DuckDBPyConnection

import indicators
from indicators import definitions as catalogue_module
from indicators import disclosure
from indicators.calendars import Window
from indicators.counted import create_views
from indicators.definitions import Definition, definitions
from indicators.engine import measure
from indicators.facts import facts
from indicators.figures import Figure
from indicators.funding import projects
from pipelines.contracts import contracts
from pipelines.edition_files import append_rows, into_place, point, read_figures, write_manifest, write_tables
from pipelines.edition_network import coverage_rows
from pipelines.edition_tables import Contents, protected_tables, rows_of
from pipelines.edition_training import training_rows
from pipelines.handed_over import HandedOver, handed_over
from pipelines.history import Past, history, said_before
from pipelines.inputs import Inputs
from pipelines.kept import RESTATED_FIGURES, came_first
from pipelines.libraries import libraries
from pipelines.reasons import Reason
from pipelines.restatements import as_rows, carried, counted_rows, restatements
from reports.edition import FILE_NAME, open_edition

if TYPE_CHECKING:
    from reports.attack import Attacked

EDITIONS = "editions"

# The way out of case level. A test hands over one that fails, to see that a failure is not published.
Protect = Callable[
    [Sequence[Figure], Mapping[str, Definition], Sequence[Window], disclosure.Policy, Sequence[disclosure.Earlier]],
    disclosure.Released,
]


@dataclass(frozen=True)
class Published:
    """An edition on disk, whether this run made it, and what was done to protect it."""

    folder: Path
    edition_id: str
    is_new: bool
    certificate: Mapping[str, str]


@dataclass(frozen=True)
class Before:
    """What an edition comes after: the editions so far, oldest first, what donors have of them, the reasons given."""

    past: Sequence[Past] = ()
    given: Sequence[HandedOver] = ()
    reasons: Sequence[Reason] = ()

    def said(self) -> dict[str, Any]:
        """The same for the manifest, by which the edition can be made again."""
        last = self.past[-1] if self.past else None
        return {
            "follows": {"edition": last.edition_id, "manifest": last.manifest_hash} if last else None,
            "reported": [[one.edition_id, one.donor, one.name] for one in self.given],
            "reasons": [one.as_json() for one in self.reasons],
        }


def publish(
    con: DuckDBPyConnection,
    curated: Path,
    inputs: Inputs,
    catalogue: Mapping[str, Definition] | None = None,
    protect: Protect = disclosure.release,
    reasons: Sequence[Reason] = (),
) -> Published:
    """Make the edition of the inputs, unless the last one of the period was made of the same.

    The edition is built under a temporary name, attacked from its own file, and only then renamed into place; an
    error leaves the editions as they were. Raises what `disclosure.release` raises, and ReasonNeeded when a figure
    that a donor has would change without one of the reasons.
    """
    catalogue = catalogue if catalogue is not None else definitions()
    editions = curated / EDITIONS
    past = history(editions)
    same = [one for one in past if one.period == inputs.period][-1:]
    made_of = digest_of(_made_of(inputs, catalogue))
    is_new = not (same and same[0].made_of == made_of)
    if is_new:
        before = Before(past, handed_over(curated, [one.edition_id for one in past]), reasons)
        edition_id = f"{inputs.period}-{digest_of([made_of, before.said()])[:12]}"
        _build(con, editions, edition_id, inputs, catalogue, protect, before)
    else:
        edition_id = same[0].edition_id
    point(editions, edition_id)
    edition = open_edition(editions / edition_id)
    try:
        certificate = {row["key"]: row["value"] for row in edition.rows("SELECT * FROM certificate")}
    finally:
        edition.connection.close()
    return Published(editions / edition_id, edition_id, is_new, certificate)


def code_version() -> str:
    """A hash of the code that counts, protects and writes: another version may give other numbers."""
    return _code_version()[:16]


@cache
def _code_version() -> str:
    root = Path(indicators.__file__).parent.parent
    found = hashlib.sha256()
    for package in ("indicators", "pipelines"):
        for path in sorted((root / package).rglob("*.py")):
            found.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    for name in ("fact_tables", "fact_views", "kept_facts", "codelists", "words.toml", "network.toml"):
        for path in sorted([*(root / "indicators").glob(f"{name}/*.toml"), *(root / "indicators").glob(name)]):
            if path.is_file():
                found.update(path.name.encode() + b"\0" + path.read_bytes())
    for name in ("edition.py", "restated.py"):  # the format of what is written
        found.update((root / "reports" / name).read_bytes())
    return found.hexdigest()


def digest_of(said: Any) -> str:
    """SHA-256 of something said in JSON."""
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _made_of(inputs: Inputs, catalogue: Mapping[str, Definition]) -> dict[str, Any]:
    return {
        "files": [list(map(str, row)) for row in inputs.files],
        "completeness": [list(map(str, row)) for row in inputs.completeness],
        "kept": [[fact, *map(str, rows)] for fact, rows in inputs.kept.items()],
        "definitions": catalogue_module.digest(catalogue),
        "projects": repr(sorted(projects().items())),
        "policy": [inputs.policy.profile, inputs.policy.digest],
        "code": code_version(),
        "libraries": libraries(),
    }


def manifest_of(inputs: Inputs, catalogue: Mapping[str, Definition]) -> dict[str, Any]:
    """What the edition of the inputs is made of, as its manifest says it."""
    made_of = _made_of(inputs, catalogue)
    known = contracts()
    return {
        "period": inputs.period,
        "source": inputs.source,
        "made_of": digest_of(made_of),
        "inputs": sorted({inputs.name_of(row[0]) for row in inputs.files}),
        "came_first": came_first(inputs.kept),
        "contracts": {office: known[office].digest for office in sorted(inputs.offices) if office in known},
        "definitions": made_of["definitions"],
        "projects": digest_of(made_of["projects"]),
        "policy": inputs.policy.digest,
        "code_version": made_of["code"],
        "libraries": made_of["libraries"],
    }


def _build(
    con: DuckDBPyConnection,
    editions: Path,
    edition_id: str,
    inputs: Inputs,
    catalogue: Mapping[str, Definition],
    protect: Protect,
    before: Before,
) -> None:
    editions.mkdir(parents=True, exist_ok=True)
    aside = editions / f".{edition_id}.new"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    try:
        write_edition(con, aside, edition_id, inputs, catalogue, protect, before)
        into_place(aside, editions / edition_id)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def write_edition(
    con: DuckDBPyConnection,
    folder: Path,
    edition_id: str,
    inputs: Inputs,
    catalogue: Mapping[str, Definition],
    protect: Protect,
    before: Before,
) -> None:
    """Count, protect and write the files of an edition into an empty folder, and attack what was written."""
    told = carried(before.past)
    _see_own_files(con, inputs)
    create_views(con, {**inputs.kept, RESTATED_FIGURES: counted_rows(told, before.past, inputs.offices, catalogue)})
    counted = measure(con, catalogue, inputs.windows, inputs.reporting)
    earlier = said_before(before.past, inputs.source)
    released = protect(counted, catalogue, inputs.windows, inputs.policy, earlier)
    contents = Contents(
        edition_id, inputs, catalogue, released.figures, released.certificate, _checks(con, inputs),
        coverage_rows(con, inputs), training_rows(con, inputs), code_version(),
        before.past[-1].edition_id if before.past else "", as_rows(told),
    )  # fmt: skip
    write_tables(folder / FILE_NAME, rows_of(contents))
    lost = int(released.certificate.get("counts_given_away_by_earlier_editions", "0"))
    written = read_figures(folder)
    examined = disclosure.examine(written, catalogue, inputs.windows, inputs.policy, earlier, lost, counted)
    found = _break_in(folder / FILE_NAME, inputs.policy)
    width = inputs.policy.interval_width
    smallest = width if found.smallest is None else found.smallest
    broken_into = {"intruder_cells": found.hidden, "intruder_worked_out": 0, "smallest_interval": smallest}
    said = {**examined, **{key: str(number) for key, number in broken_into.items()}}
    append_rows(folder / FILE_NAME, "certificate", sorted(said.items()))
    append_rows(folder / FILE_NAME, "protected_tables", protected_tables(written, found.widths, width))
    append_rows(folder / FILE_NAME, "restatements", as_rows(_restated(folder, edition_id, catalogue, before)))
    write_manifest(folder, {"edition": edition_id, **manifest_of(inputs, catalogue), **before.said()})


def _see_own_files(con: DuckDBPyConnection, inputs: Inputs) -> None:
    """Hold back the rows of other quarters' files: what follows a case into a later quarter would read them too.

    An edition of an earlier quarter could not be made again from the files it names if later ones took part in it.
    """
    own = {row[3] for row in inputs.files}
    accepted = con.execute("SELECT DISTINCT period FROM submissions WHERE status = 'accepted'").fetchall()
    others = {period for (period,) in accepted} - own
    (database,) = con.execute("SELECT current_database()").fetchone() or ("",)
    listed = ", ".join(f"'{period}'" for period in sorted(own))
    for name in facts():
        con.execute(f"DROP VIEW IF EXISTS temp.in_force_{name}")
        if others:
            rows = f'SELECT * FROM "{database}".main.in_force_{name} WHERE snapshot IN ({listed})'
            con.execute(f"CREATE TEMP VIEW in_force_{name} AS {rows}")


def _break_in(file: Path, policy: disclosure.Policy) -> Attacked:
    """Attack the file as anybody who is handed it would. Raises Unsafe when a hidden figure is worked out.

    The intruder shares no code with the step that hides, and reads tables and sums from the file by himself.
    """
    from reports.attack import attack

    (found,) = attack([file], policy.interval_width, policy.threshold)
    if found.is_broken or found.unreadable:
        first = found.unreadable or next(cell for cell, _ in (*found.exact, *found.close))
        raise disclosure.Unsafe(f"an intruder worked out hidden figures of the file, the first of {first}")
    return found


def _restated(
    folder: Path, edition_id: str, catalogue: Mapping[str, Definition], before: Before
) -> list[dict[str, Any]]:
    """What the edition says otherwise than those before it. Raises ReasonNeeded."""
    if not before.past:
        return []
    edition = open_edition(folder, edition_id)
    try:
        return restatements(edition, before.past, before.given, before.reasons, catalogue, contracts())
    finally:
        edition.connection.close()


def _checks(con: DuckDBPyConnection, inputs: Inputs) -> list[tuple[Any, ...]]:
    """Which checks found something in the files of the edition: later quarters are none of its business."""
    return con.execute(
        """SELECT c.office, c.period, c.fact, c.rule, c.severity, c.message_en, c.message_ru,
          bool_or(c.rows_failed > 0)
        FROM checks AS c JOIN submissions AS s ON c.entry = s.entry
        WHERE s.status = 'accepted' AND list_contains(?, c.period) GROUP BY ALL ORDER BY ALL""",
        [sorted({row[3] for row in inputs.files})],
    ).fetchall()
