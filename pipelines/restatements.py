"""The restatements of an edition: every figure of it that an earlier edition published otherwise.

Only what was published is written, of both editions: where protection hides a number, its mark. A figure
that is hidden in both is no restatement, whatever became of the number behind it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from indicators.figures import Key
from pipelines.causes import Causes, made_of
from pipelines.handed_over import HandedOver
from pipelines.history import NOTHING_SAID, Past, Said, Table, differing, figures_of, last_published, tables_of
from pipelines.libraries import libraries
from pipelines.reasons import Reason
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
    reason: Reason | None,
    catalogue: Mapping[str, Definition],
    contracts: Mapping[str, Contract],
) -> list[Row]:
    """Those of an edition that is not published yet against what was last published of each of its tables.

    `past` are the editions before it, `given` what donors have of them. The reason, if there is one, goes to
    figures that a donor has.
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
            donors = sorted({donor for (donor, table), some in held.items()
                             if table == key[:3] and any(each.has(key) for each in some)})  # fmt: skip
            rows.append(_row(edition.edition_id, one.edition_id, key, before, after, causes, donors, reason))
    return sorted(rows, key=_place)


def carried(past: Sequence[Past]) -> list[Row]:
    """The restatements of all editions before, so that one edition tells the whole story of its figures."""
    if not past:
        return []
    edition = open_edition(past[-1].folder)
    try:
        return restated(edition)
    finally:
        edition.connection.close()


def as_rows(rows: Sequence[Row]) -> list[list[Any]]:
    """The rows in the order of the table's columns."""
    return [[row[name] for name in COLUMNS] for row in rows]


def unexplained(rows: Sequence[Row]) -> list[Row]:
    """Those that a donor has and for which nobody has given a reason."""
    return [row for row in rows if row["reported_to"] and not row["officer_reason"]]


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
    edition_id: str, previous: str, key: Key, old: Said, new: Said, causes: Causes, donors: list[str],
    reason: Reason | None,
) -> Row:  # fmt: skip
    cause, others, submissions = causes.of(key, old, new)
    given = reason if donors else None
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
        "officer_reason": given.code if given else None,
        "officer_note": given.note if given else None,
    }


def _place(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("indicator", "calendar", "period", "place", "breakdown", "category"))
