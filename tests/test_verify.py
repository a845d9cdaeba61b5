"""`esep verify`, `esep editions`, `esep diff` and `esep trace`, on a small store."""

from __future__ import annotations

import csv
import json
import shutil
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner, Result

from indicators.definitions import definitions
from indicators.disclosure import policies
from indicators.facts import facts
from indicators.figures import SHOWN, TOTAL
from pipelines import inputs, libraries
from pipelines.cli import main
from pipelines.cli_parts import DIFFERS, NOTHING
from pipelines.contracts import contracts
from pipelines.edition_files import write_manifest
from pipelines.inputs import of_programme
from pipelines.preview import figures_now
from pipelines.publish import Published
from pipelines.rules import rules_for
from pipelines.trace import Cell, trace, untraceable
from pipelines.verify import Verified, told, verify
from pipelines.warehouse import LANDING_NAME, open_warehouse
from reports.edition import FILE_NAME, TABLES, manifest
from tests.edition_story import CATALOGUE, LAST, REASON, REDEFINED, Story, rows_of


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return Story(tmp_path_factory.mktemp("verify"))


@pytest.fixture(scope="module")
def editions(story: Story) -> list[Published]:
    """Two editions, of which a donor has the first; between them the office sent its cases anew."""
    story.send("cases")
    first = story.publish()
    story.hand_over(first)
    story.send("cases", without=3)
    return [first, story.publish(REASON)]


@pytest.fixture
def copy(story: Story, editions: list[Published], tmp_path: Path) -> Path:
    """A copy of the store that a test may spoil."""
    shutil.copytree(story.curated, tmp_path / "curated", ignore=shutil.ignore_patterns("LOCK"))
    return tmp_path / "curated"


def run(curated: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--curated", str(curated)])


def change(folder: Path, sql: str, **said: Any) -> None:
    """Alter an edition so that its manifest fits again, as only somebody with the whole store could."""
    for path in folder.iterdir():
        path.chmod(0o644)
    with duckdb.connect(str(folder / FILE_NAME)) as con:
        con.execute(sql)
    write_manifest(folder, {**manifest(folder), **said})


# verify


def test_every_edition_is_what_its_inputs_make_the_replaced_file_too(story, editions):
    for published in editions:
        found = verify(story.curated, published.edition_id, CATALOGUE)
        assert found == Verified(published.edition_id), told(found)
        assert told(found) == [
            f"{published.edition_id}: made again from its recorded files, it is the same in all {len(TABLES)} tables"
        ]


def test_an_edition_of_an_earlier_quarter_is_of_its_own_files_alone(tmp_path):
    """The path of a case goes on in the files of later quarters: what is known there is no part of this edition."""
    followed = {code: one for code, one in definitions().items() if code in (*CATALOGUE, "R01", "R04", "R10")}

    def published(folder: Path, periods: tuple[str, ...]) -> list[tuple[Any, ...]]:
        store = Story(folder)
        for period in periods:
            for slot in ("cases", "assistance", "referrals", "follow_ups"):
                store.send(slot, period)
        edition = store.publish(catalogue=followed, period=periods[0])
        return [tuple(row.values()) for row in rows_of(edition, "SELECT * FROM figures")]

    first, beside_another = published(tmp_path / "a", ("2010-Q3",)), published(tmp_path / "b", ("2010-Q3", LAST))
    assert beside_another == first


def test_a_file_that_comes_late_is_no_difference_though_the_checks_before_it_missed_it(tmp_path):
    """Follow-ups taken in before the services they follow are warned of; made again, the services come first."""
    store = Story(tmp_path)
    store.send("cases", "2010-Q3")
    for slot in ("cases", "follow_ups", "assistance"):
        store.send(slot)
    published = store.publish()
    names, kaz = ("cases", "follow_ups", "assistance"), contracts()["kaz"]
    asking = {rule.id for name in names for rule in rules_for(facts()[name], kaz) if rule.asks_other_files}
    failed = {row["rule"] for row in rows_of(published, "SELECT rule FROM checks WHERE has_failed")}
    assert "follow_ups.without_assistance" in failed & asking
    found = verify(store.curated, published.edition_id, CATALOGUE)
    assert found == Verified(published.edition_id), told(found)
    others = "rule NOT IN (" + ", ".join(f"'{rule}'" for rule in sorted(asking)) + ")"
    change(published.folder, f"UPDATE checks SET has_failed = NOT has_failed WHERE {others}")
    assert [table.table for table in verify(store.curated, published.edition_id, CATALOGUE).tables] == ["checks"]


def test_a_rule_asks_other_files_where_its_predicate_reads_from_their_rows():
    asks = {rule.id: rule.asks_other_files for fact in facts().values() for rule in rules_for(fact, contracts()["kaz"])}
    assert asks["follow_ups.without_assistance"] and asks["assistance.unknown_case"] and asks["cases.age_goes_back"]
    assert not asks["cases.age_and_group"] and not asks["referrals.received_on_before_sent_on"]


def test_verifying_leaves_the_store_as_it_is(story, editions):
    before = {path: path.stat().st_mtime_ns for path in story.curated.rglob("*") if path.is_file()}
    verify(story.curated, editions[1].edition_id, CATALOGUE)
    after = {path: path.stat().st_mtime_ns for path in story.curated.rglob("*") if path.is_file()}
    assert after == before


def test_a_tampered_file_is_named_before_anything_is_made(copy, editions):
    file = copy / "editions" / editions[1].edition_id / FILE_NAME
    file.chmod(0o644)
    file.write_bytes(file.read_bytes() + b"x")
    done = run(copy, "verify", editions[1].edition_id)
    assert done.exit_code == DIFFERS
    assert f"{FILE_NAME} is not the file that was published" in done.output


def test_an_earlier_edition_that_was_altered_shows_in_those_after_it(copy, editions):
    change(copy / "editions" / editions[0].edition_id, "UPDATE figures SET value = value + 1 WHERE indicator = 'P01'")
    found = verify(copy, editions[1].edition_id, CATALOGUE)
    assert not found.is_good
    assert f"the manifest of {editions[0].edition_id} is not the one" in found.damaged[0]


def test_a_figure_altered_with_its_manifest_differs_when_made_again(copy, editions):
    sql = "UPDATE figures SET value = value + 1 WHERE status = 'shown' AND indicator = 'P01' AND breakdown = 'total'"
    change(copy / "editions" / editions[1].edition_id, sql)
    found = verify(copy, editions[1].edition_id, CATALOGUE)
    (table,) = found.tables
    assert (table.table, table.only_published) == ("figures", table.only_rebuilt)
    assert table.only_published > 0
    assert table.rows[0].startswith("P01 ")
    assert "may have been altered" in found.causes[0]


def test_other_code_and_libraries_are_named_as_the_likely_cause(copy, editions):
    folder = copy / "editions" / editions[1].edition_id
    versions = {**manifest(folder)["libraries"], "duckdb": "1.4.0"}
    change(folder, "UPDATE edition SET code_version = 'older'", code_version="older", libraries=versions)
    found = verify(copy, editions[1].edition_id, CATALOGUE)
    assert [table.table for table in found.tables] == ["edition"]
    assert "the code is another one than then" in found.causes
    assert any(cause.startswith("duckdb is ") and cause.endswith("then 1.4.0") for cause in found.causes)


def test_another_definition_is_named_as_the_likely_cause(story, editions):
    found = verify(story.curated, editions[0].edition_id, REDEFINED)
    assert {table.table for table in found.tables} >= {"figures", "indicators"}
    assert "a definition is another one than then" in found.causes
    assert json.loads(json.dumps(found.as_json()))["is_good"] is False


def test_an_edition_is_made_again_under_the_policy_it_was_published_under(story, editions, monkeypatch):
    """An entry that was added later is no difference; where the old one was removed it is, and is named."""
    later = replace(policies()["default"], threshold=9, digest="of a later entry")
    monkeypatch.setattr(inputs, "policies", lambda: {"default": later})
    found = verify(story.curated, editions[0].edition_id, CATALOGUE)
    assert found.is_good and found.tables == ()
    monkeypatch.setattr("pipelines.verify.policy_of", lambda digest: None)
    found = verify(story.curated, editions[0].edition_id, CATALOGUE)
    assert {table.table for table in found.tables} >= {"figures", "policy"}
    assert "the protection policy is another one than then" in found.causes


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_bytes(b"other")])
def test_a_file_that_is_no_longer_in_the_landing_zone_is_named(copy, editions, spoil):
    for path in (copy / LANDING_NAME).iterdir():
        if path.is_file():
            path.chmod(0o600)
            spoil(path)
    found = verify(copy, editions[1].edition_id, CATALOGUE)
    assert len(found.missing) == 1
    assert "(kaz cases 2010-Q4) is not in" in found.missing[0]
    assert "it cannot be made again" in told(found)[0]


def test_an_unknown_edition_is_answered_with_those_there_are(story, editions):
    done = run(story.curated, "verify", "2010-Q4-nothing")
    assert done.exit_code == NOTHING
    assert editions[0].edition_id in done.stderr


def test_every_library_we_depend_on_is_known_to_alter_numbers_or_not(repository):
    from packaging.requirements import Requirement

    declared = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    names = {Requirement(wish).name for wish in declared}
    assert set(libraries.ALTERS) & set(libraries.ALTERS_NOTHING) == set()
    assert names - {*libraries.ALTERS, *libraries.ALTERS_NOTHING} == set()
    assert {*libraries.ALTERS, *libraries.ALTERS_NOTHING} - names == set()


# editions and diff


def test_the_list_of_editions(story, editions):
    first, second = json.loads(run(story.curated, "editions", "--json").output)
    assert [first["edition_id"], second["edition_id"]] == [one.edition_id for one in editions]
    assert (first["is_current"], second["is_current"]) == (False, True)
    assert (first["superseded_by"], second["follows"]) == (second["edition_id"], first["edition_id"])
    assert (first["reported_to"], second["reported_to"]) == (["usaid"], [])
    assert (first["restated"], second["restated"] > 0) == (0, True)
    assert second["reasons"] == [{"code": REASON.code, "note": REASON.note}]
    assert set(second["libraries"]) == {"python", *libraries.ALTERS}
    lines = run(story.curated, "editions").output
    assert f"* {second['edition_id']}" in lines
    assert f"superseded by {second['edition_id']}" in lines
    assert run(story.curated / "nowhere", "editions").exit_code == NOTHING


def test_an_edition_does_not_differ_from_itself_and_the_other_way_round_is_mirrored(story, editions, tmp_path):
    one, other = (published.edition_id for published in editions)
    assert json.loads(run(story.curated, "diff", one, one, "--json").output) == []
    there = json.loads(run(story.curated, "diff", one, other, "--json").output)
    back = json.loads(run(story.curated, "diff", other, one, "--json").output)
    assert there
    assert [{**row, "old": row["new"], "new": row["old"]} for row in there] == back
    assert all(side["value"] is None for row in there for side in (row["old"], row["new"]) if side["status"] != SHOWN)
    told = run(story.curated, "diff", one, other).output
    assert "P01      KZ  2010-Q4  quarter: 27 -> 24" in told
    assert told.endswith(f"{len(there)} figures differ\n")
    done = run(story.curated, "diff", one, other, "--to", str(tmp_path / "diff.csv"))
    assert done.exit_code == 0
    rows = list(csv.DictReader((tmp_path / "diff.csv").read_text(encoding="utf-8").splitlines()))
    assert [(row["indicator"], row["new_status"]) for row in rows] == [
        (row["indicator"], row["new"]["status"]) for row in there
    ]
    assert run(story.curated, "diff", one, "nothing").exit_code == NOTHING


# trace


def test_as_many_rows_stand_behind_a_figure_as_it_counts(story, editions):
    """Of persons the row that decides; so the numbers of rows are those of the unprotected figures."""
    with open_warehouse(story.curated) as con:
        counted = {figure.key: figure for figure in figures_now(con, contracts())}
        inputs = of_programme(con, contracts(), LAST, key=b"")
        windows = [window for window in inputs.windows if window.period == LAST]
        for window in windows:
            for cell in (TOTAL, "F", "M"):
                asked = Cell(window, "KZ", TOTAL if cell == TOTAL else "sex", cell)
                found = trace(con, definitions()["P01"], asked)
                figure = counted["P01", window.calendar, LAST, "KZ", asked.breakdown, cell]
                if figure.status == SHOWN:
                    assert sum(len(one.rows) for one in found) == figure.numerator, asked


def test_the_command_names_file_sheet_and_rows_and_no_value(story, editions):
    (one,) = json.loads(run(story.curated, "trace", "P01", "--place", "KZ", "--breakdown", "sex=F", "--json").output)
    assert set(one) == {"number", "office", "submission", "file_name", "period", "sheet", "rows"}
    assert (one["office"], one["period"]) == ("kaz", LAST)
    assert (story.curated / LANDING_NAME / one["submission"]).exists()
    assert one["rows"] == sorted(one["rows"])
    told = run(story.curated, "trace", "P01", "--place", "KZ").output
    assert f"numerator: kaz {one['file_name']} ({LAST}), rows " in told


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["P99"], 2, "there is no indicator P99"),
        (["P01", "--place", "FR"], 2, "there is no place FR"),
        (["P01", "--calendar", "lunar"], 2, "there is no calendar lunar"),
        (["P01", "--breakdown", "shoes=42"], 2, "P01 has the breakdowns sex="),
        (["P01", "--period", "2010"], 2, "a period is written like 2010-Q4"),
        (["P01", "--place", "UZ"], NOTHING, "no row in force"),
        (["N05", "--place", "KZ"], NOTHING, "no rows can be named for N05"),
    ],
)
def test_what_cannot_be_traced_is_said(story, editions, arguments, code, said):
    done = run(story.curated, "trace", *arguments)
    assert done.exit_code == code, done.output
    assert said in " ".join(done.output.replace("│", " ").split())


def test_every_indicator_can_be_traced_or_says_why_not(story, editions):
    with open_warehouse(story.curated) as con:
        inputs = of_programme(con, contracts(), LAST, key=b"")
        for definition in (one for one in definitions().values() if not untraceable(one)):
            for breakdown in ("", *definition.by[:1]):
                cell = Cell(inputs.windows[0], "KZ", breakdown or TOTAL, "U" if breakdown else TOTAL)
                assert isinstance(trace(con, definition, cell), list), definition.code
