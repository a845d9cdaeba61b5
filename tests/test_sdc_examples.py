"""The published examples of cell suppression, hidden by us and attacked; and how lesser ways fail on them."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.protection_ways import equations, hide, intervals
from benchmarks.suppressors import benchmark_policy
from indicators.disclosure.elimination import determined
from tests.published_tables import EXAMPLES, published_table

POLICY = benchmark_policy()
EVERY_CELL = 10_000
# Three groupings of places and months at once, 1,350 cells: half a minute to hide.
SLOW = {"z3"}
# On these, a sum can be subtracted right after masking.
GIVEN_AWAY = {"z1": 4, "z2": 11, "z3": 281, "d2": 11, "accidents": 2, "example1": 22, "microdata1": 1, "datatest1": 100}


@pytest.fixture
def folder(real: Path) -> Path:
    return real / "sdc"


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_totals_of_an_example_add_up(folder, name):
    table = published_table(folder, name)
    for relation in table.system.relations:
        assert sum(table.values[unknown] * factor for unknown, factor in relation.terms) == 0
    assert any(POLICY.is_small(value) for value in table.values.values())


def test_totals_are_those_that_were_published(folder):
    """The vignette of GaussSuppression prints these totals of 2014."""
    table = published_table(folder, "example1")
    found = {
        (unknown.place, *unknown.extras): int(value)
        for unknown, value in table.values.items()
        if "year = '2014'" in unknown.extras and (unknown.place == "CA" or len(unknown.extras) == 1)
    }
    assert found == {
        ("CA", "year = '2014'"): 20, ("Spain", "year = '2014'"): 11, ("Iceland", "year = '2014'"): 5,
        ("Portugal", "year = '2014'"): 4, ("eu EU", "year = '2014'"): 15, ("eu nonEU", "year = '2014'"): 5,
        ("CA", "age = 'old'", "year = '2014'"): 13, ("CA", "age = 'young'", "year = '2014'"): 7,
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(EXAMPLES.keys() - SLOW))
def test_no_small_count_of_an_example_can_be_worked_out(folder, name):
    table = published_table(folder, name)
    hidden, _ = hide(table, "esep", POLICY)
    small = {unknown for unknown, value in table.values.items() if POLICY.is_small(value)}
    assert small <= hidden.counts
    assert len(hidden.counts) < len(table.values), "something is published"
    shown = table.values.keys() - hidden.counts
    assert not determined(table.system.relations, shown) & small
    found = intervals(table, hidden, POLICY, EVERY_CELL)
    assert (found["looked_at"], found["narrow"], found["narrow_when_told"]) == (len(small), 0, 0)


@pytest.mark.parametrize("name", sorted(GIVEN_AWAY))
def test_masking_alone_gives_counts_away(folder, name):
    table = published_table(folder, name)
    hidden, said = hide(table, "threshold masking", POLICY)
    assert said["secondary"] == 0
    assert equations(table, hidden, POLICY)["exact_small"] == GIVEN_AWAY[name]


@pytest.mark.parametrize(("name", "found"), [("z2", 2), ("d2", 2), ("z3", 12)])
def test_hiding_by_row_and_column_is_not_enough_where_regions_are_grouped_twice(folder, name, found):
    table = published_table(folder, name)
    hidden, _ = hide(table, "row and column", POLICY)
    assert equations(table, hidden, POLICY)["exact_small"] == found


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_elimination_leaves_nothing_to_subtract_yet_not_the_width_asked_for(folder, name):
    table = published_table(folder, name)
    hidden, _ = hide(table, "elimination", POLICY)
    assert equations(table, hidden, POLICY)["exact_small"] == 0
    if name not in ("z1", "microdata1"):
        assert intervals(table, hidden, POLICY, EVERY_CELL)["narrow_when_told"] > 0
