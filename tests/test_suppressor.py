"""The suppressor on random tables and trees: the attacker never wins against it, and does win on plain masking."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.generated_tables import Table, row_of, sum_of, table_of
from benchmarks.suppressors import Hidden, benchmark_policy, masking, ours
from indicators.disclosure.attacker import Reader, attack
from indicators.disclosure.completion import completed
from indicators.disclosure.elimination import determined
from indicators.disclosure.implied import needed
from indicators.disclosure.intervals import Interval
from indicators.disclosure.policy import Policy
from indicators.disclosure.protection import worst_case
from indicators.disclosure.suppress import suppress
from indicators.disclosure.unknowns import Relation, Row, System, Unknown

POLICY = benchmark_policy()


def _narrow(table: Table, hidden: Hidden, policy: Policy = POLICY) -> dict[Unknown, Interval]:
    """Every hidden count closer than the policy's width, small or not, for a reader who assumes the worst."""
    shown = {unknown: value for unknown, value in table.values.items() if unknown not in hidden.counts}
    small = frozenset(unknown for unknown, value in table.values.items() if policy.is_small(value))
    given_away = worst_case(hidden.counts, small, hidden.blank, table.values, policy)
    return attack(
        Reader(table.system.relations), shown, given_away, dict.fromkeys(hidden.counts, policy.interval_width)
    )


@st.composite
def _shapes(draw: st.DrawFn) -> Table:
    ways = draw(st.integers(2, 4))
    names = ["place", "sex", "age", "form"][:ways]
    shape = {name: tuple(draw(st.lists(st.integers(2, 3), min_size=1, max_size=2))) for name in names}
    if ways == 4:
        shape = {name: children[:1] for name, children in shape.items()}
    return table_of(shape, draw(st.sampled_from([0.7, 3.0, 8.0, 30.0])), draw(st.integers(0, 10_000)))


@settings(max_examples=25, deadline=None)
@given(_shapes())
def test_nothing_hidden_in_random_trees_of_tables_can_be_worked_out(table: Table) -> None:
    hidden = ours(table.system, table.values, POLICY)
    assert all(unknown in hidden.counts for unknown, value in table.values.items() if POLICY.is_small(value))
    assert not _narrow(table, hidden)
    assert not determined(table.system.relations, table.values.keys() - hidden.counts) & hidden.counts


@settings(max_examples=25, deadline=None)
@given(_shapes())
def test_no_figure_is_hidden_where_nothing_is_small(table: Table) -> None:
    raised = {unknown: value * 10 for unknown, value in table.values.items()}
    assert suppress(table.system, raised, POLICY).hidden == frozenset()


@pytest.mark.parametrize("mean", [3.0, 8.0])
def test_masking_leaks_on_tables_as_donors_ask_for_and_ours_on_none(mean: float) -> None:
    """Places by sex and age with totals, as in a donor's table of indicators: sixty tables in all."""
    leaking = {"masking": 0, "ours": 0}
    for seed in range(30):
        table = table_of({"place": (5,), "sex": (2,), "age": (3,)}, mean, seed)
        for name, way in (("masking", masking), ("ours", ours)):
            leaking[name] += bool(_narrow(table, way(table.system, table.values, POLICY)))
    assert leaking["masking"] >= 28
    assert leaking["ours"] == 0


@pytest.mark.parametrize("profile", [(5, 2), (5, 3), (11, 5), (3, 1)], ids=str)
def test_any_width_a_policy_may_ask_for_is_kept(profile: tuple[int, int]) -> None:
    threshold, width = profile
    policy = benchmark_policy(threshold)
    policy = replace(policy, interval_width=width)
    table = table_of({"place": (3, 2), "sex": (2,), "age": (3,)}, 6.0, 3)
    assert not _narrow(table, ours(table.system, table.values, policy), policy)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=12), st.booleans())
def test_relations_that_are_left_out_follow_from_those_that_are_not(
    pairs: list[tuple[int, int]], adds_up: bool
) -> None:
    counts = [Unknown("p", (str(i),), ("2010-Q4",), "KZ") for i in range(5)]
    relations = [Relation(((counts[i], 1), (counts[j], -1)), False) for i, j in pairs if i != j]
    relations += [Relation(((counts[0], 1), (counts[1], -1), (counts[2], -1)), True)] if adds_up else []
    kept = [relation for relation, is_needed in zip(relations, needed(relations), strict=True) if is_needed]
    for numbers in product(range(3), repeat=5):
        values = dict(zip(counts, numbers, strict=True))
        if all(_holds(relation, values) for relation in kept):
            assert all(_holds(relation, values) for relation in relations)


def _holds(relation: Relation, values: dict[Unknown, int]) -> bool:
    total = sum(values[unknown] * factor for unknown, factor in relation.terms)
    return total == 0 if relation.is_equality else total >= 0


def test_what_lies_between_two_windows_makes_their_relation_needless() -> None:
    spans = [Unknown("p", (), tuple(f"2010-Q{q}" for q in range(1, n + 1)), "KZ") for n in range(1, 5)]
    pairs = [Relation(((long, 1), (short, -1)), False) for n, long in enumerate(spans) for short in spans[:n]]
    assert sum(needed(pairs)) == 3, "each is at least the next shorter one"


def test_a_table_of_ones_is_left_out_as_a_whole() -> None:
    """No count of a 2 x 2 table of ones has a partner; its total of 4 is small too, and so all of it goes."""
    table = _two_by_two([1, 1, 1, 1])
    assert ours(table.system, table.values, POLICY).counts == frozenset(table.values)


def test_where_a_sum_leaves_no_room_the_sum_is_hidden_too() -> None:
    """1 and 1 under a total of 12: with the third part shown, 2 are left for both, and each is 1."""
    parts = [row_of({"sex": str(i)}, count) for i, count in enumerate([1, 1, 10])]
    total = row_of({}, 12)
    values = {row.numerator: row.figure.numerator or Decimal(0) for row in (*parts, total)}
    table = Table(System((*parts, total), (sum_of(total.numerator, [part.numerator for part in parts]),)), values)
    hidden = ours(table.system, table.values, POLICY)
    assert len(hidden.counts) == 3 and not _narrow(table, hidden)


def test_what_the_total_is_worth_decides_which_count_goes_beside_a_small_one() -> None:
    parts = [row_of({"sex": str(i)}, count) for i, count in enumerate([2, 40, 60])]
    total = row_of({}, 102)
    values = {row.numerator: row.figure.numerator or Decimal(0) for row in (*parts, total)}
    pattern = suppress(
        System((*parts, total), (sum_of(total.numerator, [part.numerator for part in parts]),)), values, POLICY
    )
    assert pattern.hidden == {parts[0].numerator, parts[1].numerator}


@pytest.mark.parametrize(
    ("counts", "still_shown"),
    [([3, 0, 0], {1, 2}), ([1, 1, 0], {2}), ([1, 2, 0], {2}), ([1, 1, 1, 0], set())],
    ids=["one has somebody", "two have", "two have, and are from 2 to 4", "three have, and would be at least three"],
)
def test_countries_of_which_nobody_is_counted_say_so_where_that_leaves_the_region_wide(counts, still_shown) -> None:
    places = [row_of({"place": f"place {i}"}, count) for i, count in enumerate(counts)]
    table = _sum_over(row_of({}, sum(counts)), places)
    hidden = ours(table.system, table.values, POLICY)
    assert {i for i, row in enumerate(places) if row.numerator not in hidden.counts} == still_shown
    assert not _narrow(table, hidden)


def test_zeros_of_a_breakdown_of_a_small_number_stay_hidden() -> None:
    """Else whoever knows the person would read off the table what she was not."""
    parts = [row_of({"sex": str(i)}, count) for i, count in enumerate([3, 0, 0])]
    table = _sum_over(row_of({}, 3), parts)
    assert ours(table.system, table.values, POLICY).counts == frozenset(table.values)


def test_a_zero_that_is_at_most_a_small_number_is_shown() -> None:
    """Nobody had a lawyer: that says nothing of how many were helped otherwise."""
    helped, lawyers = row_of({}, 3), row_of({"of them": "with a lawyer"}, 0)
    lawyers = replace(lawyers, figure=replace(lawyers.figure, breakdown="total", category="total"))
    at_most = Relation(((helped.numerator, 1), (lawyers.numerator, -1)), False)
    values = {helped.numerator: Decimal(3), lawyers.numerator: Decimal(0)}
    hidden = ours(System((helped, lawyers), (at_most,)), values, POLICY)
    assert hidden.counts == {helped.numerator}
    assert not _narrow(Table(System((helped, lawyers), (at_most,)), values), hidden)


def test_what_a_figure_that_is_shown_again_says_is_known_too() -> None:
    """Of nobody a share is said: that gives away a zero that stood beside it in a breakdown left out."""
    parts = {way: [row_of({way: str(i)}, count) for i, count in enumerate([0, 1, 2])] for way in ("age", "form")}
    nobody, of_them = parts["age"][0], Unknown("generated rows", ("of them",), ("2026-Q1",), "CA")
    share = replace(nobody, denominator=of_them)
    above = row_of({}, 0)
    zero = parts["form"][0].numerator
    relations = (
        Relation(((above.numerator, 1), (nobody.numerator, -1)), False),  # so that anybody can tell it is nobody
        Relation(((of_them, 1), (nobody.numerator, -1)), False),
        Relation(((of_them, 1), (zero, -1)), False),
    )
    rows = (share, *parts["age"][1:], *parts["form"], above)
    values = {row.numerator: row.figure.numerator or Decimal(0) for row in rows} | {of_them: Decimal(0)}
    policy = replace(POLICY, mostly_hidden=Decimal("0.5"))
    hidden = ours(System(rows, relations), values, policy)
    assert nobody.numerator not in hidden.counts, "it is shown again"
    assert zero not in hidden.counts, "and so is what it gives away"
    shown = {unknown: value for unknown, value in values.items() if unknown not in hidden.counts}
    assert not determined(relations, shown.keys()) & hidden.counts
    small = frozenset(unknown for unknown, value in values.items() if POLICY.is_small(value))
    given_away = worst_case(hidden.counts, small, hidden.blank, values, POLICY)
    assert not attack(Reader(relations), shown, given_away, dict.fromkeys(hidden.counts, POLICY.interval_width))


def _sum_over(total: Row, parts: list[Row]) -> Table:
    """A total and its parts."""
    relation = sum_of(total.numerator, [part.numerator for part in parts])
    values = {row.numerator: row.figure.numerator or Decimal(0) for row in (*parts, total)}
    return Table(System((*parts, total), (relation,)), values)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000))
def test_the_same_table_gives_the_same_pattern(seed: int) -> None:
    table = table_of({"place": (3,), "sex": (2,), "age": (3,)}, 5.0, seed)
    turned = System(tuple(reversed(table.system.rows)), table.system.relations)
    assert suppress(table.system, table.values, POLICY).hidden == suppress(turned, table.values, POLICY).hidden


def _two_by_two(counts: list[int]) -> Table:
    values = dict(zip(product("ab", "cd"), counts, strict=True))
    rows = {(i, j): row_of({"sex": i, "age": j}, value) for (i, j), value in values.items()}
    rows |= {(i, ""): row_of({"sex": i}, sum(v for (a, _), v in values.items() if a == i)) for i in "ab"}
    rows |= {("", j): row_of({"age": j}, sum(v for (_, b), v in values.items() if b == j)) for j in "cd"}
    rows["", ""] = row_of({}, sum(counts))
    name = {key: row.numerator for key, row in rows.items()}
    relations = [sum_of(name[i, ""], [name[i, "c"], name[i, "d"]]) for i in ("a", "b", "")]
    relations += [sum_of(name["", j], [name["a", j], name["b", j]]) for j in ("c", "d", "")]
    return Table(
        System(tuple(rows.values()), tuple(relations)),
        {row.numerator: row.figure.numerator or Decimal(0) for row in rows.values()},
    )


# -- counts that no figure shows --

_A, _B, _C, _D = (Unknown("p", (letter,), ("2010-Q4",), "KZ") for letter in "abcd")


def test_counts_that_no_figure_shows_follow_from_equations_or_are_any_that_fit() -> None:
    known = Relation(((_A, 1), (_B, -1)), True)
    less = Relation(((_C, 1), (_D, -1)), False)
    found = completed([known, less], {_A: Decimal(7), _D: Decimal(4)})
    assert found[_B] == 7
    assert found[_C] >= 4
