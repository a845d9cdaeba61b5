"""Progress against targets: the vectors by which every surface is judged."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from indicators.progress import (
    DIRECTIONS,
    DOWN,
    NEITHER,
    NOT_JUDGED,
    OFF_TRACK,
    REASONS,
    STATES,
    UP,
    Bands,
    Progress,
    judge,
    progress,
    target_to_date,
)
from pipelines.progress_page import vectors
from reports.format import percent

VECTORS = vectors()["vector"]
TO_DATE = vectors()["to_date"]
numbers = st.decimals(min_value=0, max_value=10**9, places=2)


def amount(vector: Mapping[str, str], key: str) -> Decimal | None:
    return Decimal(vector[key]) if key in vector else None


def outcome(share: Decimal | None, reason: str | None) -> Fraction | str:
    assert (share is None) != (reason is None), "a measure has a number or a reason, never both or neither"
    return str(reason) if share is None else Fraction(share).limit_denominator(10**9)


def expected(said: str) -> Fraction | str:
    return said if said in REASONS else Fraction(said)


def measured(vector: Mapping[str, str]) -> Progress:
    return progress(amount(vector, "actual"), amount(vector, "target"), amount(vector, "baseline"), vector["direction"])


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["what"])
def test_vector(vector):
    found = measured(vector)
    assert outcome(found.of_target, found.of_target_reason) == expected(vector["of_target"])
    assert outcome(found.of_change, found.of_change_reason) == expected(vector["of_change"])
    assert found.state == vector["state"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["what"])
def test_what_is_printed(vector):
    """The share that the state is judged by, as every surface writes it."""
    found = measured(vector)
    share = {UP: found.of_target, DOWN: found.of_change, NEITHER: None}[vector["direction"]]
    assert (None if share is None else percent(share, "en")) == vector.get("percent")


def test_the_vectors_show_every_state_reason_and_direction():
    said = {value for vector in VECTORS for value in vector.values()}
    assert {vector["state"] for vector in VECTORS} == set(STATES)
    assert set(REASONS) | set(DIRECTIONS) <= said
    assert len({vector["what"] for vector in VECTORS}) == len(VECTORS)
    assert {vector["seen_in"].split(":")[0] for vector in VECTORS if "seen_in" in vector} == {
        "TolaData",
        "PRP",
        "hikaya",
    }


@given(numbers, numbers, st.none() | numbers, st.sampled_from(DIRECTIONS))
def test_every_answer_is_a_number_or_a_reason(actual, target, baseline, direction):
    found = progress(actual, target, baseline, direction)
    for share, reason in ((found.of_target, found.of_target_reason), (found.of_change, found.of_change_reason)):
        assert outcome(share, reason) in REASONS or (share is not None and share.is_finite())
    assert found.state in STATES and (found.state == NOT_JUDGED) >= (direction == NEITHER)


@given(numbers, numbers, st.decimals(min_value="0.01", max_value=10**6, places=2))
def test_a_move_away_from_the_target_is_never_progress(baseline, target, step):
    """Whichever way is up, what lies on the far side of the baseline is negative, and off track where it is judged."""
    assume(target != baseline)
    away = baseline - step if target > baseline else baseline + step
    found = progress(away, target, baseline, DOWN)
    assert found.of_change is not None and found.of_change < 0
    assert found.state == OFF_TRACK


@given(numbers, st.decimals(min_value="0.01", max_value=10**9, places=2), st.integers(1, 1000))
def test_a_share_does_not_depend_on_the_unit(actual, target, factor):
    one, many = progress(actual, target), progress(actual * factor, target * factor)
    assert one.state == many.state and one.of_target is not None and many.of_target is not None
    assert abs(Fraction(one.of_target) - Fraction(many.of_target)) < Fraction(1, 10**9)


def test_the_word_agrees_with_the_per_cent_that_is_printed():
    """89.5 % is printed as 90 %, so it is called what 90 % is called; 110.4 % is printed as 110 %."""
    assert [judge(Decimal(x), Bands()) for x in ("0.745", "0.7449", "0.895", "0.8949", "1.104", "1.105")] == [
        "watch", "off_track", "on_track", "watch", "on_track", "above",
    ]  # fmt: skip


def test_a_donor_may_have_its_own_bands():
    assert progress(Decimal(89), Decimal(100), bands=Bands(50, 85, 115)).state == "on_track"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_refused(number):
    with pytest.raises(ValueError, match="finite"):
        progress(Decimal(number), Decimal(1))


def test_an_unknown_direction_is_refused():
    with pytest.raises(ValueError, match="no direction 'increase'"):
        progress(Decimal(1), Decimal(1), direction="increase")


@given(numbers, st.decimals(min_value="0.01", max_value=10**9, places=2), numbers)
def test_measures_equal_their_fractions(actual, target, baseline):
    found = progress(actual, target, baseline)
    assert found.of_target is not None
    assert abs(Fraction(found.of_target) - Fraction(actual) / Fraction(target)) < Fraction(1, 10**15)
    if target != baseline:
        want = (Fraction(actual) - Fraction(baseline)) / (Fraction(target) - Fraction(baseline))
        assert found.of_change is not None
        assert abs(Fraction(found.of_change) - want) <= abs(want) / 10**24


@given(numbers, numbers, numbers)
def test_a_fall_is_a_rise_seen_from_above(actual, target, baseline):
    """The planned change is the same share whichever way is up."""
    top = Decimal(10**9)
    rising = progress(actual, target, baseline, "up")
    falling = progress(top - actual, top - target, top - baseline, "down")
    assert (rising.of_change, rising.of_change_reason) == (falling.of_change, falling.of_change_reason)


@pytest.mark.parametrize("vector", TO_DATE, ids=lambda vector: vector["what"])
def test_target_to_date(vector):
    found = target_to_date(Decimal(vector["target"]), vector["elapsed"], vector["planned"], Decimal(vector["start"]))
    assert found == Decimal(vector["due"])


@given(numbers, numbers, st.integers(1, 40), st.integers(0, 40))
def test_what_is_due_lies_between_the_beginning_and_the_target(target, start, planned, elapsed):
    due = target_to_date(target, elapsed, planned, start)
    assert min(start, target) <= round(due, 6) and round(due, 6) <= max(start, target)
    assert elapsed < planned or due == target


@pytest.mark.parametrize(("elapsed", "planned"), [(1, 0), (-1, 4)])
def test_no_part_of_a_plan(elapsed, planned):
    with pytest.raises(ValueError, match="no part of a plan"):
        target_to_date(Decimal(100), elapsed, planned)


def test_progress_is_a_value():
    assert progress(Decimal(1), Decimal(2)) == Progress(Decimal("0.5"), None, None, "no_baseline", "off_track")
