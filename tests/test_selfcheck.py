"""`esep selfcheck`: every published figure counted a second time, hashes, and an intruder, on a small store."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from indicators.definitions import definitions
from pipelines.cli import main
from pipelines.cli_parts import DIFFERS, NOTHING
from pipelines.publish import Published
from pipelines.selfcheck import selfcheck
from pipelines.warehouse import LANDING_NAME
from reports.edition import FILE_NAME
from tests.edition_story import CATALOGUE, Story, rows_of
from tests.test_verify import change

# A table of which the total is shown and several parts are hidden.
HALF_HIDDEN = """SELECT indicator, calendar, period, place, breakdown, min(category) AS category FROM figures AS f
  WHERE status = 'suppressed' AND breakdown <> 'total' AND calendar = 'quarter' AND EXISTS (FROM figures AS t
    WHERE (t.indicator, t.calendar, t.period, t.place) = (f.indicator, f.calendar, f.period, f.place)
      AND t.breakdown = 'total' AND t.status = 'shown')
  GROUP BY ALL HAVING count(*) = 2 ORDER BY ALL LIMIT 1"""


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Story, Published]:
    story = Story(tmp_path_factory.mktemp("selfcheck"))
    for slot in ("cases", "hotline_contacts"):
        story.send(slot)
    return story, story.publish()


@pytest.fixture
def copy(published: tuple[Story, Published], tmp_path: Path) -> Path:
    """A copy of the store that a test may spoil."""
    shutil.copytree(published[0].curated, tmp_path / "curated", ignore=shutil.ignore_patterns("LOCK"))
    return tmp_path / "curated"


def run(curated: Path, *arguments: str) -> Result:
    return CliRunner().invoke(
        main, ["selfcheck", *arguments, "--curated", str(curated), "--out", str(curated / "reports")]
    )


def test_an_edition_as_it_was_published_passes_and_leaves_the_store_as_it_is(published):
    story, edition = published
    before = {path: path.stat().st_mtime_ns for path in story.curated.rglob("*") if path.is_file()}
    shown = rows_of(edition, "SELECT count(*) AS n FROM figures WHERE status = 'shown'")[0]["n"]
    found = selfcheck(story.curated, story.curated / "reports")
    assert found.is_good, found
    assert found.recounted.agreeing == shown > 20
    assert found.attacked == 1
    assert found.hidden > 0
    assert {path: path.stat().st_mtime_ns for path in story.curated.rglob("*") if path.is_file()} == before


def test_figures_that_earlier_editions_restated_are_counted_again_too(tmp_path):
    story = Story(tmp_path)
    catalogue = {**CATALOGUE, "Q03": definitions()["Q03"]}
    for without in (0, 3, 4):
        story.send("cases", without=without)
        last = story.publish(catalogue=catalogue)
    told = rows_of(last, "SELECT max(numerator) AS n FROM figures WHERE indicator = 'Q03' AND status = 'shown'")
    assert told[0]["n"] > 0
    assert selfcheck(story.curated, story.curated / "reports").is_good


def test_a_wrong_figure_that_the_manifest_swears_to_is_found_and_no_number_is_said(copy, published):
    change(
        copy / "editions" / published[1].edition_id,
        "UPDATE figures SET value = 987654, numerator = 987654"
        " WHERE status = 'shown' AND indicator = 'P01' AND breakdown = 'total' AND calendar = 'quarter'",
    )
    done = run(copy, "--json")
    assert done.exit_code == DIFFERS
    found = json.loads(done.stdout)
    assert {key[0] for key in found["differing"]} == {"P01"}
    assert "987654" not in done.output
    said = run(copy).output
    assert "differs: P01 quarter 2010-Q4 KZ total total" in said
    assert "987654" not in said


def test_a_hidden_number_that_can_be_worked_out_is_found(copy, published):
    """Somebody shows one of two hidden parts: the other follows from the total."""
    (row,) = rows_of(published[1], HALF_HIDDEN)
    where = " AND ".join(f"{name} = '{value}'" for name, value in row.items())
    change(
        copy / "editions" / published[1].edition_id,
        f"UPDATE figures SET status = 'shown', reason = '', value = 1, numerator = 1 WHERE {where}",
    )
    done = run(copy)
    assert done.exit_code == DIFFERS
    assert f"hidden numbers of {FILE_NAME}" in done.output


def test_an_altered_edition_is_neither_counted_nor_attacked(copy, published):
    file = copy / "editions" / published[1].edition_id / FILE_NAME
    file.chmod(0o644)
    file.write_bytes(file.read_bytes() + b"x")
    done = run(copy)
    assert done.exit_code == DIFFERS
    assert f"altered: {published[1].edition_id}: {FILE_NAME}" in done.output
    assert "0 published figures agree" in done.output


def test_an_offices_file_that_is_gone_or_altered_is_named(copy):
    first, second = sorted((copy / LANDING_NAME).iterdir())
    first.unlink()
    second.chmod(0o600)
    second.write_bytes(b"x")
    done = run(copy)
    assert done.exit_code == DIFFERS
    assert f"altered: {LANDING_NAME}/{second.name}" in done.output
    assert done.output.count("missing: KAZ_") == 2


def test_nothing_published_is_nothing_to_check(tmp_path):
    assert run(tmp_path).exit_code == NOTHING
