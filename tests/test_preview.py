"""The preview says what taking a file in would change, and nothing is stored before somebody agrees."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from duckdb import DuckDBPyConnection
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.facts import facts
from pipelines.bulk import insert
from pipelines.cli import main
from pipelines.contracts import contracts
from pipelines.cycle import programme_contracts, take_in_files
from pipelines.demo import sample_records
from pipelines.preview import Preview, RowChanges, figures_now, row_changes, told
from pipelines.render import render
from pipelines.schema import table_columns
from pipelines.warehouse import FILE_NAME, LANDING_NAME, open_warehouse

KAZ = contracts()["kaz"]
PERIOD = "2010-Q4"
SAMPLE = sample_records()["kaz", PERIOD]
FOLLOW_UPS = facts()["follow_ups"]


def write(folder: Path, records: dict[str, list[dict[str, Any]]], slot: str = "cases") -> Path:
    path = folder / "kaz" / KAZ.slots[slot].file_name(PERIOD)
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_bytes(render(KAZ, KAZ.slots[slot], PERIOD, records))
    return path


def taken(folder: Path, rows: list[dict[str, Any]], says: bool = True) -> list[Preview]:
    """Take cases in, answering the question; what was asked."""
    asked: list[Preview] = []

    def agree(found: Preview) -> bool:
        asked.append(found)
        return says

    take_in_files([write(folder, {"cases": rows})], folder / "curated", agree=agree)
    return asked


def in_force(folder: Path) -> int:
    with open_warehouse(folder / "curated") as con:
        return int(con.execute("SELECT count(*) FROM in_force_cases").fetchall()[0][0])


def test_the_rows_and_the_figures_that_would_move_are_said_before_anything_is_stored(tmp_path):
    cases = SAMPLE["cases"][:8]
    (first,) = taken(tmp_path, cases)
    assert first.rows == (RowChanges("cases", added=8, changed=0, removed=0, same=0),)
    assert (first.replaces, first.held) == ("", 0)
    one, other = cases[0], cases[1]
    (second,) = taken(tmp_path, [{**other, "age": 40}, *cases[2:], {**one, "case_ref": "KZ-2010-9999"}], says=False)
    assert second.rows == (RowChanges("cases", added=1, changed=1, removed=1, same=6),)
    assert second.replaces == KAZ.slots["cases"].file_name(PERIOD)
    assert in_force(tmp_path) == 8
    assert [path.name for path in (tmp_path / "curated" / LANDING_NAME).iterdir()] != []


def test_what_was_declined_leaves_every_byte_of_the_store(tmp_path):
    taken(tmp_path, SAMPLE["cases"][:8])
    before = (tmp_path / "curated" / FILE_NAME).read_bytes()
    landed = sorted((tmp_path / "curated" / LANDING_NAME).iterdir())
    assert taken(tmp_path, SAMPLE["cases"][:5], says=False)
    assert (tmp_path / "curated" / FILE_NAME).read_bytes() == before
    assert sorted((tmp_path / "curated" / LANDING_NAME).iterdir()) == landed


def test_the_figures_are_those_that_come_after_it_is_taken_in(tmp_path):
    """Old and new are what the engine counts before and after, and no figure that moves is left out."""
    known = programme_contracts()
    taken(tmp_path, SAMPLE["cases"][:8])
    with open_warehouse(tmp_path / "curated") as con:
        before = {figure.key: figure.value for figure in figures_now(con, known)}
    (found,) = taken(tmp_path, SAMPLE["cases"][:5])
    with open_warehouse(tmp_path / "curated") as con:
        after = {figure.key: figure.value for figure in figures_now(con, known)}
    assert {one.key for one in found.figures} >= {key for key in after if before.get(key) != after[key]}
    numbers = {one.key: (one.before, one.after) for one in found.figures}
    assert numbers["P01", "quarter", PERIOD, "KZ", "total", "total"] == ("8", "5")
    assert all(one.before != one.after for one in found.figures)


def test_a_file_that_changes_nothing_is_not_asked_about(tmp_path):
    taken(tmp_path, SAMPLE["cases"][:8])
    assert taken(tmp_path, SAMPLE["cases"][:8]) == []


def test_a_refused_file_is_not_asked_about(tmp_path):
    assert taken(tmp_path, [{**row, "age": 200} for row in SAMPLE["cases"][:4]]) == []


def rows_of(con: DuckDBPyConnection, entry: int, rows: list[tuple[str, str]]) -> None:
    columns = table_columns(FOLLOW_UPS)
    blank = dict.fromkeys(columns)
    given = [{**blank, "entry": entry, "case_ref": ref, "wave": "3m", "work_status": said} for ref, said in rows]
    insert(con, "follow_ups", columns, [list(row.values()) for row in given])


@settings(max_examples=25)
@given(*[st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from("xyz")), max_size=8)] * 2)
def test_row_changes_add_up_to_what_was_there_and_what_is(tmp_path_factory, old, new):
    with open_warehouse(tmp_path_factory.mktemp("rows")) as con:
        rows_of(con, 1, old)
        rows_of(con, 2, new)
        found = row_changes(con, FOLLOW_UPS, 1, 2)
    assert found.same + found.changed + found.removed == len(old)
    assert found.same + found.changed + found.added == len(new)
    assert found.same == (Counter(old) & Counter(new)).total()
    kept = (Counter(ref for ref, _ in old) & Counter(ref for ref, _ in new)).total()
    assert found.same + found.changed == kept


@pytest.mark.parametrize(
    ("answer", "options", "stored", "code"), [("y", [], 8, 0), ("n", [], 0, 3), ("", [], 0, 1), ("", ["--yes"], 8, 0)]
)
def test_the_command_asks_unless_it_is_told_not_to(tmp_path, answer, options, stored, code):
    path = write(tmp_path, {"cases": SAMPLE["cases"][:8]})
    done = CliRunner().invoke(
        main, ["ingest", "--curated", str(tmp_path / "curated"), *options, str(path)], input=answer
    )
    assert done.exit_code == code, done.output
    assert in_force(tmp_path) == stored
    assert ("8 rows added" in done.output) == (options == [])
    assert ("P01" in done.output) == (options == [])


def test_breakdowns_are_counted_and_listed_when_asked_for(tmp_path):
    (found,) = taken(tmp_path, SAMPLE["cases"][:8])
    short, whole = list(told(found, with_breakdowns=False)), list(told(found, with_breakdowns=True))
    assert "--breakdowns" in short[-1]
    assert len(whole) == len(short) - 1 + sum(one.key[4] != "total" for one in found.figures)
    assert any("sex=F" in line for line in whole)


def test_a_file_that_was_replaced_comes_back_with_a_reason_alone(tmp_path):
    first, second = SAMPLE["cases"][:8], SAMPLE["cases"][:5]
    for rows in (first, second):
        taken(tmp_path, rows)
    path = write(tmp_path, {"cases": first})
    command = ["ingest", "--yes", "--curated", str(tmp_path / "curated"), str(path)]
    refused = CliRunner().invoke(main, command)
    assert (refused.exit_code, in_force(tmp_path)) == (3, 5)
    assert "--reinstate" in refused.output
    back = CliRunner().invoke(main, [*command, "--reinstate", "the office confirmed the first list"])
    assert (back.exit_code, in_force(tmp_path)) == (0, 8), back.output
