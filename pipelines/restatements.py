"""The restatements of an edition: every figure of it that an earlier edition published otherwise.

Only what was published is written, of both editions: where protection hides a number, its mark. A figure
that is hidden in both is no restatement, whatever became of the number behind it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indicators.figures import Key
from pipelines.causes import Causes, made_of
from pipelines.handed_over import HandedOver
from pipelines.history import NOTHING_SAID, Past, Said, Table, differing, figures_of, last_published, tables_of
from pipelines.kept import RESTATED_FIGURES, restated_rows
from pipelines.libraries import libraries
from pipelines.reasons import Reason, explained
from reports.edition import Edition, open_edition
from reports.restated import COLUMNS, restated

if TYPE_CHECKING:
    from indicators.definitions import Definition
    from pipelines.contracts import Contract

Row = dict[str, Any]


def restatements(
    edition: Edition,
    past: Sequence[Past],
    given: Sequence[HandedOver],
    reasons: Sequence[Reason],
    catalogue: Mapping[str, Definition],
    contracts: Mapping[str, Contract],
) -> list[Row]:
    """Those of an edition that is not published yet against what was last published of each of its tables.

    `past` are the editions before it, `given` what donors have of them. Figures that a donor has get the first of the
    reasons that fits them. Raises ReasonNeeded where the reasons do not fit the figures.
    """
    new, tables = figures_of(edition), tables_of(edition)
    held = _held(past, given)
    rows: list[Row] = []
    # An indicator that is no longer counted takes its tables along: they are asked for all the same.
    windows = {(row["calendar"], row["period"]) for row in edition.rows("SELECT calendar, period FROM periods")}
    asked = tables | {table for one in past[-1:] for table in _tables(one) if table[1:] in windows}
    for one, old in last_published(past, asked):
        earlier = open_edition(one.folder)
        try:
            causes = Causes(made_of(earlier), made_of(edition, libraries()), edition, catalogue, contracts)
        finally:
            earlier.connection.close()
        here = {key[:3] for key in old}
        now = {key: said for key, said in new.items() if key[:3] in here}
        for key, before, after in _restated(old, now):
            # What was not in the edition before, no donor has: a category that nobody stood in has no row.
            donors = sorted({donor for (donor, table), some in held.items()
                             if before is not NOTHING_SAID and table == key[:3] and any(each.has(key) for each in some)
                             })  # fmt: skip
            rows.append(_row(edition.edition_id, one.edition_id, key, before, after, causes, donors))
    return explained(sorted(rows, key=_place), reasons)


def carried(past: Sequence[Past]) -> list[Row]:
    """The restatements of all editions before, so that one edition tells the whole story of its figures."""
    if not past:
        return []
    edition = open_edition(past[-1].folder)
    try:
        return restated(edition)
    finally:
        edition.connection.close()


def counted_rows(
    told: Sequence[Row], past: Sequence[Past], offices: Mapping[str, str], catalogue: Mapping[str, Definition]
) -> tuple[Mapping[str, Any], ...]:
    """The restatements of earlier editions as the rows that indicators count; what counts them is not counted itself.

    They follow from the editions that an edition comes after, and so are no part of what it is made of.
    """
    counting = {code for code, definition in catalogue.items() if RESTATED_FIGURES in definition.facts}
    return restated_rows(told, {one.edition_id: one.period for one in past}, offices, counting)


def as_rows(rows: Sequence[Row]) -> list[list[Any]]:
    """The rows in the order of the table's columns."""
    return [[row[name] for name in COLUMNS] for row in rows]


def _restated(old: Mapping[Key, Said], new: Mapping[Key, Said]) -> Iterator[tuple[Key, Said, Said]]:
    """Figures that differ; one that is new is a restatement only where its breakdown was published without it."""
    known = {key[:5] for key in old}
    for key, before, now in differing(old, new):
        if before is not NOTHING_SAID or key[:5] in known:
            yield key, before, now


def _tables(past: Past) -> set[Table]:
    edition = open_edition(past.folder)
    try:
        return tables_of(edition)
    finally:
        edition.connection.close()


def _held(past: Sequence[Past], given: Sequence[HandedOver]) -> dict[tuple[str, Table], list[HandedOver]]:
    """What donors have, by donor and table."""
    folders = {one.edition_id: one for one in past}
    found: dict[tuple[str, Table], list[HandedOver]] = {}
    for one in given:
        for table in _tables(folders[one.edition_id]):
            if table[0] in one.figures:
                found.setdefault((one.donor, table), []).append(one)
    return found


def _row(
    edition_id: str, previous: str, key: Key, old: Said, new: Said, causes: Causes, donors: list[str]
) -> Row:  # fmt: skip
    cause, others, submissions = causes.of(key, old, new)
    return {
        "edition_id": edition_id,
        "previous_edition": previous,
        **dict(zip(("indicator", "calendar", "period", "place", "breakdown", "category"), key, strict=True)),
        **{f"old_{name}": getattr(old, name) for name in ("value", "numerator", "denominator", "status")},
        **{f"new_{name}": getattr(new, name) for name in ("value", "numerator", "denominator", "status")},
        "cause": cause,
        "other_causes": others,
        "submissions": submissions,
        "reported_to": donors,
        "officer_reason": None,
        "officer_note": None,
    }


def _place(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("indicator", "calendar", "period", "place", "breakdown", "category"))


def counts_of(edition_folder: Path) -> list[dict[str, Any]]:
    """How many figures an edition itself restates, by cause, indicator and who has them; no numbers of theirs."""
    edition = open_edition(edition_folder)
    try:
        return edition.rows(
            "SELECT cause, indicator, array_to_string(list_sort(reported_to), ', ') AS reported_to, count(*) AS figures"
            " FROM restatements WHERE edition_id = ? GROUP BY ALL ORDER BY ALL",
            [edition.edition_id],
        )
    finally:
        edition.connection.close()
