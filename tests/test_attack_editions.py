"""Every claim about an edition holds for the true counts; with small counts hidden alone much follows, else nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from indicators.definitions import definitions
from indicators.disclosure import release
from indicators.disclosure.intruder import work_out
from indicators.disclosure.puzzle import Range, puzzle
from indicators.figures import Figure
from pipelines.cli import main
from pipelines.cli_parts import BROKEN, REFUSED
from reports.attack import Attacked, attack, told
from reports.attack_edition import read_edition
from reports.attack_links import Reading, at_most
from tests.counting import all_windows, random_figures
from tests.published import POLICY, plainly_masked, write_edition

SIDES = ("numerator", "denominator")


def true_counts(figures: list[Figure]) -> dict[str, int]:
    return {
        f"{' '.join(figure.key)}, {side}": int(number)
        for figure in figures
        for side in SIDES
        if (number := getattr(figure, side)) is not None and number == int(number)
    }


@pytest.fixture(scope="module", params=[(1, 12), (12, 20), (14, 60)], ids=str)
def masked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int]]:
    """An edition in which small counts are hidden and nothing besides, and what they were."""
    figures = random_figures(*request.param)
    file = write_edition(tmp_path_factory.mktemp("masked") / "edition.duckdb", plainly_masked(figures))
    return file, true_counts(figures)


def test_every_believed_link_holds_for_the_true_counts(masked):
    file, true = masked
    links = [link for link in read_edition(file).links if all(cell in true for cell, _ in link.terms)]
    sums = [(sum(true[cell] * factor for cell, factor in link.terms), link) for link in links]
    assert len(sums) > 1000
    assert [link for total, link in sums if total < 0 or (link.is_equal and total)] == []


def test_much_is_worked_out_where_small_counts_alone_are_hidden_and_all_of_it_is_true(masked):
    file, true = masked
    reading = read_edition(file)
    found = work_out(puzzle(reading.cells, reading.links), 4)
    assert found.contradictory == 0
    assert [cell for cell, said in found.ranges.items() if cell in true and not said.holds(true[cell])] == []
    assert len([cell for cell in found.exact if cell in reading.hidden]) > 100


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Attacked:
    """What is found in an edition that the protection step lets through; every claim of it is true."""
    figures = random_figures(1, 12)
    shown = release(figures, definitions(), all_windows(), POLICY).figures
    file = write_edition(tmp_path_factory.mktemp("released") / "edition.duckdb", shown)
    (found,) = attack([file], POLICY.interval_width, POLICY.threshold)
    true = true_counts(figures)
    assert found.hidden > 100
    assert found.contradictory == 0
    assert [cell for cell, said in (*found.exact, *found.close) if not said.holds(true[cell])] == []
    return found


def test_what_the_protection_step_lets_through_gives_nothing_away(released):
    assert released.exact == ()


def test_an_edition_with_every_protected_count_hidden_gives_nothing_away(tmp_path):
    """What is shown then counts events and materials, of which no protected count is a part."""
    figures = random_figures(1, 12)
    hidden = {figure.key[0] for figure in plainly_masked(figures) if figure.status == "suppressed"}
    shown = [figure for figure in figures if figure.indicator not in hidden]
    file = write_edition(tmp_path / "edition.duckdb", [*shown, *_all_hidden(figures, hidden)])
    (found,) = attack([file], 2, 5)
    assert found.hidden > 1000
    assert (found.exact, found.close, found.contradictory) == ((), (), 0)


def _all_hidden(figures: list[Figure], indicators: set[str]) -> list[Figure]:
    return [
        replace(figure, numerator=None, denominator=None, average=None, status="suppressed", reason="too_fine")
        for figure in figures
        if figure.indicator in indicators
    ]


def test_a_share_of_nobody_is_no_finding_where_the_number_it_is_of_stays_hidden():
    """0 of a hidden number concerns nobody; a hidden count of 0 that can be worked out is told."""
    link = at_most("part, numerator", ["whole"])
    cells: dict[str, int | Range] = {"whole": 0, "part, numerator": Range(), "part, denominator": Range()}
    share = {"part, numerator": "part, denominator", "part, denominator": "part, numerator"}
    hidden = frozenset(share)
    findings = work_out(puzzle(cells, [link]), 2)
    assert findings.exact == ["part, numerator"]
    of_share = told(Path("x"), [(Reading("x", 1, cells, hidden, (link,), share), findings)], 5)
    of_count = told(Path("x"), [(Reading("x", 1, cells, hidden, (link,)), findings)], 5)
    assert (len(of_share.exact), len(of_count.exact)) == (0, 1)


def test_the_command_names_figures_and_refuses_a_database_that_is_no_edition(masked, tmp_path):
    done = CliRunner().invoke(main, ["attack", str(masked[0])])
    assert done.exit_code == BROKEN
    assert ", numerator" in done.output
    duckdb.connect(str(tmp_path / "other.duckdb")).close()
    done = CliRunner().invoke(main, ["attack", str(tmp_path / "other.duckdb")])
    assert done.exit_code == REFUSED
    assert "other.duckdb: no edition can be read from it" in done.output
