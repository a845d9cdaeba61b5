"""Large systems are looked at piece by piece: what is found so is what is found as a whole, and it is as safe."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.generated_tables import Table, table_of
from benchmarks.region import protect
from benchmarks.suppressors import benchmark_policy, masking, ours
from indicators.disclosure import attacker, near_block, pieces, router
from indicators.disclosure.attacker import Reader, attack
from indicators.disclosure.elimination import determined
from indicators.disclosure.intervals import Bounds, Interval
from indicators.disclosure.moves import Moves
from indicators.disclosure.pieces import Pieces
from indicators.disclosure.protection import worst_case
from indicators.disclosure.ties import Ties
from indicators.disclosure.unknowns import Relation, Unknown

POLICY = benchmark_policy()
SHAPES = st.sampled_from([{"place": (3, 2), "sex": (2,)}, {"place": (3,), "sex": (2,), "age": (3, 2)}])


@pytest.fixture
def small_pieces(monkeypatch):
    """Every system counts as large, and pieces begin with a few counts."""
    monkeypatch.setattr(router, "_LARGE", 0)
    monkeypatch.setattr(pieces, "_FIRST", 8)
    in_small_pieces(monkeypatch)


def in_small_pieces(monkeypatch):
    monkeypatch.setattr(attacker, "_LARGE", -1)
    monkeypatch.setattr(pieces, "_FIRST", 5)
    monkeypatch.setattr(near_block, "_TIMES", 2)


def _intervals(table: Table, hidden, told: bool, fitting=None, moves=None) -> dict[Unknown, Interval]:
    shown = {unknown: value for unknown, value in table.values.items() if unknown not in hidden.counts}
    small = frozenset(unknown for unknown, value in table.values.items() if POLICY.is_small(value))
    bounds = worst_case(hidden.counts, small, hidden.blank, table.values, POLICY) if told else {}
    widths = dict.fromkeys(hidden.counts, POLICY.interval_width)
    return attack(Reader(table.system.relations), shown, bounds, widths, fitting, moves)


def test_pieces_too_small_to_hold_a_table_are_passed_over() -> None:
    tried = Pieces(3_000)
    assert [tried.sizes[number] for number in tried.to_try()] == [400, 600, 900, 1_350, 2_025]
    for _ in range(3):
        tried.tried(0)
    assert tried.to_try()[0] == 0, "three times without one say little"
    tried.tried(0)
    assert tried.to_try()[0] == 1
    for turn in range(30):
        tried.tried(1)
        if turn % 3 == 0:
            tried.found(1)
        assert tried.to_try()[0] == 1, "one of three is worth it"
    for number in tried.to_try():
        for _ in range(30):
            tried.tried(number)
        tried.to_try()
    assert list(tried.to_try()) == [], "then all counts come at once"


def test_a_count_that_stands_alone_in_an_equation_must_stay_and_so_must_those_with_it() -> None:
    """A total and its parts, and parts of one of them: where one part of the parts stays, so does all."""
    a, b, c, d, e = (Unknown("p", (name,), ("2010-Q4",), "KZ") for name in "abcde")
    ties = Ties(
        [Relation(((a, 1), (b, -1), (c, -1)), True), Relation(((c, 1), (d, -1), (e, -1)), True)],
        {unknown: place for place, unknown in enumerate((a, b, c, d, e))},
    )
    assert ties.movable(np.array([3, 0, 1, 4, 2])).tolist() == [0, 1, 2, 3, 4]
    assert ties.movable(np.array([0, 1, 2, 3])).tolist() == [0, 1, 2, 3], "c and d together"
    assert ties.movable(np.array([0, 2, 3])).tolist() == [0, 2, 3]
    assert ties.movable(np.array([0, 2])).tolist() == [], "c alone among its parts, and then a alone"
    assert ties.movable(np.array([3, 4])).tolist() == [3, 4], "one more of the one, one less of the other"


@settings(max_examples=50, deadline=None)
@given(SHAPES, st.integers(0, 10_000), st.integers(0, 2**30))
def test_what_must_stay_is_in_no_table_that_changes_only_a_piece(shape, seed, drawn) -> None:
    table = table_of(shape, 3.0, seed)
    ties = Ties(table.system.relations, {unknown: place for place, unknown in enumerate(table.values)})
    piece = np.flatnonzero(np.random.default_rng(drawn).random(ties.size) < 0.5)
    equations = np.zeros((ties.lines, ties.size))
    equations[ties.line, ties.place] = ties.factor
    inside = equations[:, piece]
    free = np.abs(np.linalg.svd(inside)[2][np.linalg.matrix_rank(inside) :]).max(axis=0, initial=0.0) > 1e-9
    assert set(piece[free]) <= set(ties.movable(piece))


def test_a_system_that_is_not_large_has_no_pieces() -> None:
    assert list(Pieces(0).to_try()) == []


@settings(max_examples=25, deadline=None)
@given(SHAPES, st.sampled_from([3.0, 8.0]), st.integers(0, 10_000), st.booleans(), st.booleans())
def test_an_attack_in_pieces_finds_what_one_on_the_whole_finds(shape, mean, seed, told, is_given):
    table = table_of(shape, mean, seed)
    hidden = masking(table.system, table.values, POLICY)
    whole = _intervals(table, hidden, told)
    with pytest.MonkeyPatch.context() as patch:
        in_small_pieces(patch)
        assert _intervals(table, hidden, told, table.values if is_given else None) == whole


@settings(max_examples=15, deadline=None)
@given(SHAPES, st.sampled_from([3.0, 8.0]), st.integers(0, 10_000))
def test_a_pattern_found_in_pieces_is_safe_for_an_attack_on_the_whole(shape, mean, seed):
    table = table_of(shape, mean, seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(router, "_LARGE", 0)
        patch.setattr(pieces, "_FIRST", 8)
        in_small_pieces(patch)
        hidden = ours(table.system, table.values, POLICY)
    assert all(unknown in hidden.counts for unknown, value in table.values.items() if POLICY.is_small(value))
    assert not _intervals(table, hidden, told=True)
    assert not determined(table.system.relations, table.values.keys() - hidden.counts) & hidden.counts


@settings(max_examples=25, deadline=None)
@given(SHAPES, st.sampled_from([3.0, 8.0]), st.integers(0, 10_000), st.booleans(), st.floats(0, 0.3))
def test_counts_stay_wide_whose_tables_change_nothing_that_became_known(shape, mean, seed, told, part):
    table = table_of(shape, mean, seed)
    hidden, moves, draw = ours(table.system, table.values, POLICY), Moves(), np.random.default_rng(seed)
    with pytest.MonkeyPatch.context() as patch:
        in_small_pieces(patch)
        _intervals(table, hidden, told, table.values, moves)
    became_known = frozenset(unknown for unknown in sorted(hidden.counts) if draw.random() < part)
    still = moves.standing(became_known)
    assert still <= hidden.counts and (became_known or still == hidden.counts)
    rest = replace(hidden, counts=hidden.counts - became_known, blank=hidden.blank - became_known)
    assert still.isdisjoint(became_known) and still.isdisjoint(_intervals(table, rest, told))


def test_a_count_falls_with_any_of_the_tables_that_make_it_wide() -> None:
    moves = Moves([frozenset({A, B}), frozenset({A, C})], {A: (0, 1), B: (0,), C: (1,)})
    assert moves.standing([]) == {A, B, C}
    assert moves.standing([B]) == {C}
    assert moves.standing([D]) == {A, B, C}


def test_a_pattern_found_in_pieces_loses_hardly_more(small_pieces):
    table = table_of({"place": (3, 2), "sex": (2,), "age": (3,)}, 8.0, 1)
    in_pieces = len(ours(table.system, table.values, POLICY).counts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(router, "_LARGE", 2_000)
        assert in_pieces <= 1.1 * len(ours(table.system, table.values, POLICY).counts)


def test_a_made_up_region_is_protected_in_pieces_and_nothing_of_it_can_be_worked_out(small_pieces):
    said = protect(rows=2_000, quarters=1, attacked=True)
    assert 0 < said["small"] < said["hidden"] < said["protected"]


A, B, C, D = (Unknown("p", (letter,), ("2010-Q4",), "KZ") for letter in "abcd")


def test_the_nearest_counts_are_those_of_the_cheapest_way():
    ties = Ties([Relation(((A, 1), (B, -1), (C, -1)), True), Relation(((C, 1), (D, -1)), True)], _places(A, B, C, D))
    every = np.ones(2, dtype=bool)
    assert ties.near(0, 4, np.array([0.0, 9.0, 1.0, 1.0]), every).tolist() == [0, 2, 3, 1]
    assert ties.near(0, 2, np.array([0.0, 9.0, 1.0, 1.0]), every).tolist() == [0, 2]
    assert ties.near(0, 4, np.zeros(4), np.array([True, False])).tolist() == [0, 1, 2]


def test_terms_are_found_by_relation_and_by_count():
    ties = Ties([Relation(((A, 1), (B, -1)), True), Relation(((B, 1), (C, -1)), False)], _places(A, B, C))
    assert ties.lines_at(np.array([1])).tolist() == [0, 1]
    assert ties.places_in(np.array([1])).tolist() == [1, 2]
    assert ties.sums(np.array([5.0, 3.0, 1.0])).tolist() == [2.0, 2.0]


def _places(*unknowns: Unknown) -> dict[Unknown, int]:
    return {unknown: i for i, unknown in enumerate(unknowns)}


def test_what_is_said_of_the_most_of_a_count_holds_where_the_table_that_was_found_has_more(small_pieces):
    """10 = a + b and nothing else: any table may come first, but whoever knows that a is small knows 1 to 4."""
    relation = Relation(((C, 1), (A, -1), (B, -1)), True)
    for a in (1, 5, 9):
        fitting = {A: Decimal(a), B: Decimal(10 - a), C: Decimal(10)}
        bounds = {A: Bounds(1, 4), B: Bounds(1, None)}
        found = attack(Reader([relation]), {C: Decimal(10)}, bounds, {A: 4, B: 4}, fitting)
        assert found == {A: Interval(1, 4)}
