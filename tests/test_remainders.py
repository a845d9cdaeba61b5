"""What is left of one published count without another that it holds is protected as a count of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

import pytest

from benchmarks.generated_tables import row_of, sum_of
from benchmarks.suppressors import benchmark_policy
from indicators.definitions import definitions
from indicators.disclosure import Earlier, Unsafe, _protected_system, _values, examine, is_protected, policies, release
from indicators.disclosure.attacker import Reader, attack
from indicators.disclosure.remainders import small_remainders, with_remainders
from indicators.disclosure.suppress import suppress
from indicators.disclosure.unknowns import Relation, Row, System, Unknown
from indicators.figures import REGION_TOTAL, SHOWN, SUPPRESSED, TOTAL, Figure
from tests.counting import all_windows, random_figures

CATALOGUE, POLICY = definitions(), policies()["default"]
SEEDS = [(1, 12), (2, 40)]


def _left_by_two(figures: Iterable[Figure]) -> list[tuple[Figure, Figure]]:
    """Pairs of shown counts of people a little apart: a total and a cell of it, the region and a country in it.

    Read off the figures alone, as whoever has the file would.
    """
    counts = {
        figure.key: figure
        for figure in figures
        if figure.status == SHOWN
        and not CATALOGUE[figure.indicator].function
        and not CATALOGUE[figure.indicator].is_average
        and is_protected(CATALOGUE[figure.indicator], POLICY)
    }
    found = []
    for figure in counts.values():
        indicator, calendar, period, place, breakdown, category = figure.key
        wholes = [(indicator, calendar, period, place, TOTAL, TOTAL)] if breakdown != TOTAL else []
        wholes += [(indicator, calendar, period, REGION_TOTAL, breakdown, category)] if place != REGION_TOTAL else []
        for whole in (counts[key] for key in wholes if key in counts):
            if 0 < (whole.numerator or 0) - (figure.numerator or 0) < POLICY.threshold:
                found.append((whole, figure))
    return found


def _shown_without_remainders(figures: list[Figure]) -> list[Figure]:
    """What would be published if nobody thought of remainders."""
    system = _protected_system(figures, CATALOGUE, all_windows(), POLICY)
    pattern = suppress(system, _values(system), POLICY)
    hidden = {row.figure.key for row in system.rows if pattern.hides(row)}
    mark = {"numerator": None, "denominator": None, "average": None, "status": SUPPRESSED, "reason": "small_numbers"}
    return [replace(f, **mark) if f.key in hidden else f for f in figures]  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", SEEDS, ids=str)
def test_no_two_published_counts_leave_a_small_one(seed: tuple[int, int]) -> None:
    figures = random_figures(*seed)
    assert _left_by_two(figures), "there is something to protect"
    assert not _left_by_two(release(figures, CATALOGUE, all_windows(), POLICY).figures)


@pytest.mark.parametrize("seed", SEEDS, ids=str)
def test_no_small_remainder_can_be_worked_out_more_closely_than_the_policy_allows(seed: tuple[int, int]) -> None:
    figures = random_figures(*seed)
    system = _protected_system(figures, CATALOGUE, all_windows(), POLICY)
    values = _values(system)
    remainders = small_remainders(system, values, POLICY)
    released = release(figures, CATALOGUE, all_windows(), POLICY).figures
    published = _protected_system(released, CATALOGUE, all_windows(), POLICY)
    shown = _values(System(tuple(row for row in published.rows if row.figure.status != SUPPRESSED), ()))
    every, _ = with_remainders(published, values, remainders)
    widths = dict.fromkeys(remainders.values(), POLICY.interval_width)
    assert widths and attack(Reader(every.relations), shown, {}, widths) == {}


def test_an_edition_that_shows_two_counts_with_a_small_one_between_them_is_refused() -> None:
    published = _shown_without_remainders(random_figures(2, 40))
    assert _left_by_two(published), "hiding small counts alone leaves such pairs"
    with pytest.raises(Unsafe, match=r"a small count is what is left of \('\w+', .* without \('\w+', "):
        examine(published, CATALOGUE, all_windows(), POLICY)


def test_what_an_earlier_edition_has_left_stops_nothing_where_nothing_has_changed() -> None:
    figures = random_figures(2, 40)
    first = Earlier("first", _shown_without_remainders(figures), all_windows())
    second = release(figures, CATALOGUE, all_windows(), POLICY, (first,))
    lost = int(second.certificate["counts_given_away_by_earlier_editions"])
    assert int(second.certificate["remainders_given_away_by_earlier_editions"])
    assert examine(second.figures, CATALOGUE, all_windows(), POLICY, (first,), lost)["figures_worked_out"] == "0"


def _named(*extras: str, population: str = "cases persons", place: str = "KZ", last: str = "2010-Q4") -> Unknown:
    return Unknown(population, extras, ("2010-Q4",) if last == "2010-Q4" else ("2010-Q4", last), place)


_WHOLE = _named("b")
_MORE_THAN_ONE_QUARTER = _named("b", last="2011-Q1")


@pytest.mark.parametrize(
    ("whole", "part", "relations"),
    [
        (_WHOLE, _named("a", "b"), ()),
        (_named(), _named("a", "b"), ()),
        (_named("any form = 'x'"), _named("form = 'x'"), ()),
        (_named("is_known(form)"), _named("form has 'x'"), ()),
        (_WHOLE, _named("c", population="other persons"), ("at least",)),
        (_MORE_THAN_ONE_QUARTER, _WHOLE, ("at least",)),
        (_named("b", place=REGION_TOTAL), _WHOLE, ("sum",)),
    ],
    ids=["one condition more", "two more", "at some time", "a known one", "at most", "a part of a year", "a country"],
)
def test_one_count_holds_another(whole: Unknown, part: Unknown, relations: tuple[str, ...]) -> None:
    system, values = _two(whole, part, relations, 9, 8)
    (left,) = small_remainders(system, values, POLICY).values()
    every, counts = with_remainders(system, values, small_remainders(system, values, POLICY))
    assert counts[left] == 1 and every.relations[-1] == Relation(((whole, 1), (part, -1), (left, -1)), True)
    pattern = suppress(every, counts, POLICY, remainders=[left])
    assert pattern.hidden & {whole, part}, "one of the two has to go"
    assert not suppress(system, values, POLICY).hidden


@pytest.mark.parametrize(
    ("whole", "part", "counts"),
    [
        (_WHOLE, _named("a", "b"), (9, 9)),
        (_WHOLE, _named("a", "b"), (14, 9)),
        (_WHOLE, _named("a", "b"), (4, 0)),
        (_WHOLE, _named("a", "b"), (6, 3)),
        (_WHOLE, _named("a"), (9, 8)),
        (_WHOLE, _named("a", "b", place="KG"), (9, 8)),
        (_named("is_known(form)"), _named("form = 'U'"), (9, 8)),
        (_WHOLE, _named("a", "b", population="other persons"), (9, 8)),
    ],
    ids=["nothing is left", "many are", "of nobody", "a small part", "apart", "elsewhere", "not known", "other people"],
)
def test_nothing_small_is_left_of_these(whole: Unknown, part: Unknown, counts: tuple[int, int]) -> None:
    system, values = _two(whole, part, (), *counts)
    assert small_remainders(system, values, POLICY) == {}


def _two(
    whole: Unknown, part: Unknown, relations: Iterable[str], of_all: int, of_them: int
) -> tuple[System, dict[Unknown, Decimal]]:
    rows = tuple(
        replace(row_of({"figure": str(i)}, count), numerator=unknown)
        for i, (unknown, count) in enumerate([(whole, of_all), (part, of_them)])
    )
    found = {
        "at least": Relation(((whole, 1), (part, -1)), False),
        "sum": sum_of(whole, [part, replace(part, place="KG")]),
    }
    return System(rows, tuple(found[name] for name in relations)), {whole: Decimal(of_all), part: Decimal(of_them)}


def test_what_is_left_of_a_share_has_the_name_that_it_has_in_its_row() -> None:
    whole, part, left = _WHOLE, _named("a", "b"), _named("b", "not (a and b)")
    row = Row(row_of({}, 8).figure, part, whole, left)
    system = System((row,), (sum_of(whole, [part, left]),))
    values = {whole: Decimal(9), part: Decimal(8), left: Decimal(1)}
    remainders = small_remainders(system, values, POLICY)
    assert remainders == {(whole, part): left}
    assert with_remainders(system, values, remainders) == (system, values)
    assert suppress(system, values, benchmark_policy()).hides(row)


def test_a_share_whose_rest_earlier_editions_gave_away_is_hidden_all_the_same() -> None:
    whole, part, left = _WHOLE, _named("a", "b"), _named("b", "not (a and b)")
    row = Row(row_of({}, 8).figure, part, whole, left)
    system = System((row,), (sum_of(whole, [part, left]),))
    values = {whole: Decimal(9), part: Decimal(8), left: Decimal(1)}
    pattern = suppress(system, values, POLICY, known={whole: Decimal(9), part: Decimal(8)})
    assert pattern.hides(row) and pattern.lost == 1


def test_what_earlier_editions_give_away_by_way_of_others_is_not_shown_again() -> None:
    """A correction made 8 of 9: between the 9 and the 8 that were shown nothing but 8 or 9 is possible."""
    most, middle, least = _named("b"), _named("a", "b"), _named("a", "b", "c")
    rows = tuple(
        replace(row_of({"figure": str(i)}, count), numerator=unknown)
        for i, (unknown, count) in enumerate([(most, 9), (middle, 8), (least, 8)])
    )
    at_least = [Relation(((big, 1), (small, -1)), False) for big, small in ((most, middle), (middle, least))]
    system, values = System(rows, tuple(at_least)), {most: Decimal(9), middle: Decimal(8), least: Decimal(8)}
    remainders = small_remainders(system, values, POLICY)
    assert (most, middle) in remainders and (most, least) in remainders
    told = {pair: left for pair, left in remainders.items() if pair != (most, least)}
    every, counts = with_remainders(system, values, told)
    pattern = suppress(every, counts, POLICY, known={most: Decimal(9), least: Decimal(8)}, remainders=told.values())
    assert pattern.lost and pattern.hidden & {most, middle}


def test_a_count_beside_a_remainder_is_not_shown_again_as_if_the_remainder_must_be_something() -> None:
    """Of 14 the 12 in two halves of at least 6: they can be others only where the remainder of 2 may be nothing."""
    whole, part, least = _named("b"), _named("a", "b"), _named("x", "y", population="first")
    halves = [_named("x", population="first"), _named("x", population="second"), _named("x", population="third")]
    # Many figures show the whole and the least, so that these two are dear.
    named = [*[(whole, 14)] * 30, (part, 12), *((half, 6) for half in halves), *[(least, 6)] * 30]
    rows = tuple(
        replace(row_of({"figure": str(i)}, count), numerator=unknown) for i, (unknown, count) in enumerate(named)
    )
    relations = (
        Relation(((whole, 1), (part, -1)), False),
        sum_of(part, halves[:2]),
        *(sum_of(half, halves[2:]) for half in halves[:2]),
        Relation(((halves[0], 1), (least, -1)), False),
    )
    system, values = System(rows, relations), {unknown: Decimal(count) for unknown, count in named}
    remainders = small_remainders(system, values, POLICY)
    every, counts = with_remainders(system, values, remainders)
    pattern = suppress(every, counts, POLICY, remainders=remainders.values())
    shown = {unknown: value for unknown, value in values.items() if unknown not in pattern.hidden}
    widths = dict.fromkeys(remainders.values(), POLICY.interval_width)
    assert widths and attack(Reader(every.relations), shown, {}, widths) == {}
