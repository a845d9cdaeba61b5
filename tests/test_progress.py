"""Progress against targets: the vectors by which every surface is judged."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.progress import DIRECTIONS, REASONS, STATES, Bands, Progress, judge, progress, target_to_date

# "-" is none. Columns as in `progress`, then what comes out.
VECTORS = """
what                          | actual | target | base | dir     | of_target      | of_change         | state
nothing done is 0 %           | 0      | 50     | -    | up      | 0              | no_baseline       | off_track
nothing done, baseline 0      | 0      | 50     | 0    | up      | 0              | 0                 | off_track
exactly on target             | 50     | 50     | 0    | up      | 1              | 1                 | on_track
just under three quarters     | 74     | 100    | -    | up      | 0.74           | no_baseline       | off_track
three quarters                | 75     | 100    | -    | up      | 0.75           | no_baseline       | watch
nine tenths                   | 90     | 100    | -    | up      | 0.9            | no_baseline       | on_track
a tenth more                  | 110    | 100    | -    | up      | 1.1            | no_baseline       | on_track
more than a tenth more        | 61250  | 50000  | -    | up      | 1.225          | no_baseline       | above
80 % is never 8000 %          | 0.8    | 1      | -    | up      | 0.8            | no_baseline       | watch
a share and its target        | 0.6    | 0.75   | 0.5  | up      | 0.8            | 0.4               | watch
worse than at first           | 40     | 100    | 50   | up      | 0.4            | -0.2              | off_track
target 0 has no per cent      | 3      | 0      | -    | up      | target_zero    | no_baseline       | not_judged
target 0, nothing done        | 0      | 0      | -    | up      | target_zero    | no_baseline       | not_judged
no change was planned         | 50     | 50     | 50   | up      | 1              | no_change_planned | on_track
no target                     | 50     | -      | 10   | up      | no_target      | no_target         | no_target
no data                       | -      | 50     | 10   | up      | no_data        | no_data           | no_data
neither data nor target       | -      | -      | -    | up      | no_data        | no_data           | no_data
half of the way down          | 30     | 20     | 40   | down    | less_is_better | 0.5               | off_track
falling all the way           | 20     | 20     | 40   | down    | less_is_better | 1                 | on_track
down to a target of 0         | 0      | 0      | 40   | down    | less_is_better | 1                 | on_track
all 0                         | 0      | 0      | 0    | down    | less_is_better | no_change_planned | on_track
further down than planned     | 5      | 20     | 40   | down    | less_is_better | 1.75              | above
rising instead of falling     | 50     | 20     | 40   | down    | less_is_better | -0.5              | off_track
ceiling kept                  | 15     | 20     | -    | down    | less_is_better | no_baseline       | on_track
ceiling of 0 kept             | 0      | 0      | -    | down    | less_is_better | no_baseline       | on_track
ceiling broken                | 21     | 20     | -    | down    | less_is_better | no_baseline       | off_track
neither more nor fewer wanted | 99     | 90     | -    | neither | 1.1            | no_baseline       | not_judged
"""
ROWS = [[cell.strip() for cell in line.split("|")] for line in VECTORS.strip().splitlines()[1:]]
numbers = st.decimals(min_value=0, max_value=10**9, places=2)


def amount(cell: str) -> Decimal | None:
    return None if cell == "-" else Decimal(cell)


def outcome(share: Decimal | None, reason: str | None) -> str:
    assert (share is None) != (reason is None), "a measure has a number or a reason, never both or neither"
    return str(reason) if share is None else f"{share.normalize():f}"


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_vector(row):
    _, actual, target, baseline, direction, of_target, of_change, state = row
    found = progress(amount(actual), amount(target), amount(baseline), direction)
    assert outcome(found.of_target, found.of_target_reason) == of_target
    assert outcome(found.of_change, found.of_change_reason) == of_change
    assert found.state == state


def test_the_vectors_show_every_state_and_reason():
    assert {row[7] for row in ROWS} == set(STATES)
    assert set(REASONS) <= {cell for row in ROWS for cell in row}
    assert {row[4] for row in ROWS} == set(DIRECTIONS)


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


@pytest.mark.parametrize(
    ("target", "elapsed", "planned", "start", "expected"),
    [
        ("100", 1, 4, "0", "25"),
        ("100", 4, 4, "0", "100"),
        ("100", 6, 4, "0", "100"),
        ("100", 0, 4, "0", "0"),
        ("0.8", 2, 4, "0.4", "0.6"),
        ("20", 1, 2, "40", "30"),
    ],
)
def test_target_to_date(target, elapsed, planned, start, expected):
    assert target_to_date(Decimal(target), elapsed, planned, Decimal(start)) == Decimal(expected)


@pytest.mark.parametrize(("elapsed", "planned"), [(1, 0), (-1, 4)])
def test_no_part_of_a_plan(elapsed, planned):
    with pytest.raises(ValueError, match="no part of a plan"):
        target_to_date(Decimal(100), elapsed, planned)


def test_progress_is_a_value():
    assert progress(Decimal(1), Decimal(2)) == Progress(Decimal("0.5"), None, None, "no_baseline", "off_track")
