"""What protection is measured with: tables that add up, peers that do what they are said to, an attack that finds."""

from __future__ import annotations

import csv
import itertools
import subprocess
import sys
from decimal import Decimal

import pytest

from benchmarks import r_peers
from benchmarks.clock import measured
from benchmarks.generated_tables import SHAPES, Table, generated_table, row_of, sum_of, table_of
from benchmarks.protection import protection_table
from benchmarks.protection_ways import equations, hide, intervals
from benchmarks.region import region_table
from benchmarks.suppressors import WAYS, benchmark_policy
from indicators.disclosure.elimination import determined
from indicators.disclosure.unknowns import System

POLICY = benchmark_policy()
OTHERS = ["threshold masking", "row and column", "elimination"]
SMALL_SHAPE = {"place": (2, 2), "sex": (2,), "age": (3,)}
SEEDS = range(8)


@pytest.mark.parametrize("size", [100, 1_000])
def test_every_margin_is_the_sum_of_its_parts(size):
    table = generated_table(size)
    assert abs(len(table.values) - size) < size / 10
    for relation in table.system.relations:
        assert relation.is_equality
        assert sum(table.values[unknown] * factor for unknown, factor in relation.terms) == 0


@pytest.mark.parametrize("size", SHAPES)
def test_a_shape_has_three_to_five_ways_and_about_the_cells_it_says(size):
    cells = 1
    for children in SHAPES[size].values():
        cells *= sum(itertools.accumulate((1, *children), lambda level, count: level * count))
    assert 3 <= len(SHAPES[size]) <= 5
    assert abs(cells - size) < size / 10


def test_every_cell_is_summed_along_every_way_in_which_it_has_parts():
    table = table_of({"place": (2,), "sex": (2,), "age": (2, 2)}, 3, 1)
    # 3 x 3 x 7 cells; 1 parent of place in 3 x 7 others, 1 of sex in 3 x 7, 3 of age in 3 x 3.
    assert (len(table.values), len(table.system.relations)) == (63, 21 + 21 + 27)
    finest = [value for unknown, value in table.values.items() if unknown.place != "CA" and _is_finest(unknown.extras)]
    assert len(finest) == 2 * 2 * 4
    assert sum(finest) == max(table.values.values())


def _is_finest(extras):
    return len(extras) == 2 and any(extra.count(".") == 1 for extra in extras)


def test_a_table_is_the_same_for_the_same_seed_and_another_for_another():
    first, again, other = (table_of(SMALL_SHAPE, 3, seed).values for seed in (1, 1, 2))
    assert first == again
    assert first.keys() == other.keys()
    assert first != other


def test_the_mean_of_the_finest_cells_is_about_the_one_asked_for():
    sums = [max(table_of(SMALL_SHAPE, 8, seed).values.values()) / 24 for seed in range(30)]
    assert 7 < sum(sums) / len(sums) < 9


@pytest.mark.parametrize("way", OTHERS)
@pytest.mark.parametrize("seed", SEEDS)
def test_every_way_hides_the_small_counts(way, seed):
    table = table_of(SMALL_SHAPE, 8, seed)
    hidden, said = hide(table, way, POLICY)
    small = {unknown for unknown, value in table.values.items() if POLICY.is_small(value)}
    assert small <= hidden.counts
    assert len(small) == said["small"] > 0
    assert said["secondary"] == len(hidden.counts) - len(small)


def test_masking_gives_counts_away_on_most_tables():
    tables = [table_of(SMALL_SHAPE, 8, seed) for seed in SEEDS]
    found = [equations(table, hide(table, "threshold masking", POLICY)[0], POLICY)["exact_small"] for table in tables]
    assert sum(1 for count in found if count) > len(tables) / 2


def test_a_sum_with_one_count_hidden_by_row_and_column_is_a_sum_of_nothing_else():
    for seed in SEEDS:
        table = table_of(SMALL_SHAPE, 8, seed)
        hidden, _ = hide(table, "row and column", POLICY)
        for relation in table.system.relations:
            assert sum(unknown in hidden.counts for unknown in relation.unknowns) != 1


@pytest.mark.parametrize("seed", SEEDS)
def test_elimination_leaves_no_small_count_determined_and_hides_nothing_in_vain(seed):
    table = table_of(SMALL_SHAPE, 8, seed)
    hidden, _ = hide(table, "elimination", POLICY)
    small = {unknown for unknown, value in table.values.items() if POLICY.is_small(value)}
    shown = table.values.keys() - hidden.counts
    assert not determined(table.system.relations, shown) & small
    for unknown in hidden.counts - small:
        assert determined(table.system.relations, shown | {unknown}) & small, f"{unknown} could have been published"


def test_ours_is_safe_where_the_others_are_not():
    table = table_of(SMALL_SHAPE, 8, 1)
    hidden = {way: hide(table, way, POLICY)[0] for way in [*OTHERS, "esep"]}
    assert equations(table, hidden["esep"], POLICY)["exact"] == 0
    found = {way: intervals(table, one, POLICY) for way, one in hidden.items()}
    assert (found["esep"]["narrow"], found["esep"]["narrow_when_told"]) == (0, 0)
    assert all(found[way]["narrow_when_told"] > 0 for way in OTHERS)


def test_elimination_on_a_table_worked_out_by_hand():
    """9 = 2 + 7 beside 20 = 5 + 15, with column sums and 29 in all: the square goes, every sum stays."""
    counts = {("a", "x"): 2, ("a", "y"): 7, ("b", "x"): 5, ("b", "y"): 15}
    rows = {cell: row_of({"place": cell[0], "sex": cell[1]}, count) for cell, count in counts.items()}
    for place in "ab":
        rows[place, ""] = row_of({"place": place}, sum(n for cell, n in counts.items() if cell[0] == place))
    for sex in "xy":
        rows["", sex] = row_of({"sex": sex}, sum(n for cell, n in counts.items() if cell[1] == sex))
    rows["", ""] = row_of({}, 29)
    relations = [
        sum_of(rows[whole].numerator, [rows[part].numerator for part in parts])
        for whole, parts in (
            (("a", ""), (("a", "x"), ("a", "y"))), (("b", ""), (("b", "x"), ("b", "y"))),
            (("", "x"), (("a", "x"), ("b", "x"))), (("", "y"), (("a", "y"), ("b", "y"))),
            (("", ""), (("a", ""), ("b", ""))), (("", ""), (("", "x"), ("", "y"))),
        )
    ]  # fmt: skip
    system = System(tuple(rows.values()), tuple(relations))
    values = {row.numerator: row.figure.numerator or Decimal(0) for row in rows.values()}
    hidden = WAYS["elimination"](system, values, POLICY)
    # From the top: 29, 22 and 20 are shown, 9 and the 7 below x follow from them; any of the square gives 2 away.
    assert hidden.counts == {rows[cell].numerator for cell in counts}
    # Told that it is from 1 to 4 the reader knows no more; of the masked 2 he knows that it is 9 - 7.
    for way, narrow in (("elimination", 0), ("threshold masking", 1)):
        found = intervals(Table(system, values), WAYS[way](system, values, POLICY), POLICY)
        assert {found[name] for name in ("pinned", "narrow", "narrow_when_told")} == {narrow}, way


def test_a_way_that_takes_too_long_is_ended_and_said_to_be():
    with pytest.raises(subprocess.TimeoutExpired):
        measured([sys.executable, "-c", "import time; time.sleep(60)"], limit=0.5)
    lines = list(protection_table([100], ["elimination"], [8.0], limit=0.01))
    assert "ended after" in lines[1]
    assert lines[1].startswith("elimination")


def test_a_region_that_takes_too_long_is_ended_and_said_to_be():
    lines = list(region_table([1], rows=100, limit=0.01))
    assert "lost" in lines[0]
    assert lines[1] == f"{'quarters: 1':20}ended after 0 s"


def test_a_way_that_fails_is_said_to_have_failed(tmp_path, monkeypatch):
    """An R that is there but cannot run the script."""
    r = tmp_path / "Rscript"
    r.write_text('#!/bin/sh\n[ "$1" = -e ]\n')
    r.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    r_peers.why_not.cache_clear()
    try:
        lines = list(protection_table([100], ["R sdcTable"], [8.0], limit=60))
    finally:
        r_peers.why_not.cache_clear()
    assert lines[1] == f"{'R sdcTable':20}failed"


def test_the_table_has_a_line_for_every_way():
    lines = list(protection_table([100], ["threshold masking", "esep"], [8.0], limit=120))
    assert [line.split("  ")[0] for line in lines[1:3]] == ["threshold masking", "esep"]
    ours = lines[2].split()
    assert ours[4:9] == ["0", "0", "0", "0", "0"], "nothing found, nothing narrow"


def test_r_is_given_the_finest_cells_and_trees_and_what_it_hides_is_read_back(tmp_path):
    table = table_of({"place": (2, 2), "sex": (2,), "age": (2,)}, 3, 1)
    r_peers.write_table(tmp_path, [row.numerator for row in table.system.rows], table.values)
    assert (tmp_path / "place.tree.csv").read_text().split("\n")[:5] == [
        "levels,codes", "@,Total", "@@,place 1", "@@@,place 1.1", "@@@,place 1.2",
    ]  # fmt: skip
    with (tmp_path / "cells.csv").open(newline="") as file:
        cells = list(csv.DictReader(file))
    assert len(cells) == 4 * 2 * 2
    assert sum(int(cell["freq"]) for cell in cells) == max(table.values.values())
    (tmp_path / "hidden.csv").write_text('"age","place","sex"\n"age 1","place 1.2","Total"\n"Total","Total","Total"\n')
    hidden = r_peers.read_hidden(tmp_path, table.values)
    assert {(unknown.place, unknown.extras) for unknown in hidden} == {("place 1.2", ("age = 'age 1'",)), ("CA", ())}


@pytest.mark.parametrize("package", r_peers.PACKAGES)
def test_an_r_package_hides_the_small_counts_or_is_said_to_be_missing(package):
    way = f"R {package}"
    if (missing := r_peers.why_not(package)) is not None:
        assert list(protection_table([100], [way], [8.0]))[1] == f"{way:20}{missing}"
        assert missing.startswith("left out: ")
        return
    table = table_of(SMALL_SHAPE, 8, 1)
    hidden, _ = hide(table, way, POLICY)
    assert {unknown for unknown, value in table.values.items() if POLICY.is_small(value)} <= hidden.counts
