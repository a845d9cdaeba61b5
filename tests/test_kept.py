"""Facts that the programme keeps of its own work: which file came when, and why rows are held back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from indicators.counted import create_views
from indicators.definitions import definitions
from indicators.disclosure import is_protected, policies
from indicators.engine import measure
from indicators.facts import codelists, facts, kept_facts
from indicators.figures import TOTAL, Figure
from pipelines.contracts import contracts
from pipelines.cycle import programme_contracts
from pipelines.inputs import of_programme
from pipelines.kept import OTHER, OWED_FILES, kinds_held
from pipelines.publish import manifest_of
from pipelines.rulebook import reading_findings
from pipelines.rules import rules_for
from pipelines.schema import table_ddl, tables, views
from pipelines.warehouse import open_warehouse
from tests.test_lives import CASES, PERIOD, receive

HELD_FOR = codelists()["held_for"].codes
NAMED = [rule for code in HELD_FOR.values() for rule in code.attributes["rules"]]


def test_each_rule_that_holds_rows_back_is_of_one_kind() -> None:
    asked = {rule.id for f in facts().values() for c in contracts().values() for rule in rules_for(f, c)
             if rule.severity == "quarantine"}  # fmt: skip
    read = {finding.rule for finding in reading_findings() if "quarantine" in finding.severity}
    last = {rule.rsplit(".", 1)[-1] for rule in (*asked, *read)}
    assert len(NAMED) == len(set(NAMED))
    assert set(NAMED) <= last, "a kind names a rule that there is not"
    # What no kind names compares two values of a row.
    left = {rule for rule in last - set(NAMED) if kinds_held([rule]) == [OTHER]}
    assert left == last - set(NAMED)
    assert {rule for rule in left if "before" not in rule} == {"group_beside_persons", "person_is_one"}


def test_kinds_come_once_each_in_the_order_of_the_list() -> None:
    assert kinds_held([]) == []
    assert kinds_held(["cases.age.range", "cases.x_before_y", "cases.sex.required", "cases.place.required"]) == [
        "empty", "range", OTHER,
    ]  # fmt: skip


def test_what_the_programme_keeps_is_stored_nowhere_and_protects_nobody() -> None:
    stored = [*(table_ddl(*table) for table in tables().items()), *views()]
    for name, fact in kept_facts().items():
        assert name not in facts()
        assert not [sql for sql in stored if name in sql]
        assert fact.about == "nobody"
    about_files = [d for d in definitions().values() if d.family == "quality"]
    assert about_files
    assert not [d.code for d in about_files if is_protected(d, policies()["default"])]


def test_no_kept_fact_knows_how_many_rows_a_file_has() -> None:
    """Row counts are counts of people: the pages for staff have them, what is published has not."""
    for fact in kept_facts().values():
        assert not [column for column in fact.counted_columns().values() if column.type in ("integer", "decimal")]


def counted(folder: Path) -> dict[tuple[str, str, str], Figure]:
    """The figures about Kazakhstan's files of the quarter, by indicator, breakdown and category."""
    quality = {code: d for code, d in definitions().items() if d.family == "quality"}
    with open_warehouse(folder / "curated") as con:
        inputs = of_programme(con, programme_contracts(), PERIOD, key=b"")
        create_views(con, inputs.kept)
        figures = measure(con, quality, inputs.windows, inputs.reporting)
    here = [f for f in figures if (f.calendar, f.period, f.place) == ("quarter", PERIOD, "KZ")]
    return {(f.indicator, f.breakdown, f.category): f for f in here}


def parts(figure: Figure) -> list[Any]:
    """The two numbers of a share."""
    return [figure.numerator, figure.denominator]


def received_on(folder: Path, entry: int, day: date) -> None:
    with open_warehouse(folder / "curated") as con:
        con.execute("UPDATE ledger SET received_at = ? WHERE entry = ?", [f"{day} 06:00", entry])


def test_a_resubmission_changes_what_is_held_back_and_never_when_the_file_came(tmp_path: Path) -> None:
    files = len(contracts()["kaz"].slots_at(PERIOD))
    receive(tmp_path, [{**CASES[0], "age": 200}, *CASES[1:4]])
    received_on(tmp_path, 1, date(2011, 1, 30))
    first = counted(tmp_path)
    assert parts(first["Q01", TOTAL, TOTAL]) == [1, files]
    assert parts(first["Q02", TOTAL, TOTAL]) == [0, 1]
    assert first["Q02_HELD", "held_for", "range"].numerator == 1
    receive(tmp_path, CASES[:4])
    received_on(tmp_path, 2, date(2011, 6, 1))
    second = counted(tmp_path)
    assert second["Q01", TOTAL, TOTAL].numerator == 1, "corrected late, received in time"
    assert second["Q02", TOTAL, TOTAL].numerator == 1
    assert second["Q02_HELD", TOTAL, TOTAL].numerator == 0
    received_on(tmp_path, 1, date(2011, 1, 31))
    assert counted(tmp_path)["Q01", TOTAL, TOTAL].numerator == 0, "the first came a day late"


def test_the_day_of_a_file_is_part_of_what_an_edition_is_known_by(tmp_path: Path) -> None:
    receive(tmp_path, CASES[:4])
    with open_warehouse(tmp_path / "curated") as con:
        inputs = of_programme(con, programme_contracts(), PERIOD, key=b"")
    rows = inputs.kept[OWED_FILES]
    (one,) = [row for row in rows if row["office"] == "kaz" and row["first_on"]]
    later = [{**row, "first_on": date(2030, 1, 1)} if row is one else row for row in rows]
    other = replace(inputs, kept={OWED_FILES: tuple(later)})
    assert manifest_of(other, definitions())["made_of"] != manifest_of(inputs, definitions())["made_of"]
    assert (one["slot"], one["covers_to"], one["due_on"]) == ("cases", date(2010, 12, 31), date(2011, 1, 30))
