"""Two editions on one desk: what an earlier one showed is known, and nothing follows from both together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache

import pytest

from indicators.calendars import Window
from indicators.definitions import definitions
from indicators.disclosure import Earlier, Unsafe, _worked_out, examine, policies, release
from indicators.disclosure.earlier import Joined, joined
from indicators.disclosure.unknowns import Relation, Row, System, Unknown
from indicators.figures import SHOWN, SUPPRESSED, Figure
from tests.counting import all_windows, random_figures

POLICY = policies()["default"]
# One indicator of persons, one of rows, and a share: all of the catalogue would take minutes.
CODES = ("P01", "P03", "H01", "R01")
CATALOGUE = {code: definition for code, definition in definitions().items() if code in CODES}
SMALL = {number: Decimal(number) for number in range(1, POLICY.threshold)}


@cache
def _counted(seed: int = 1) -> tuple[Figure, ...]:
    return tuple(figure for figure in random_figures(seed, 12) if figure.indicator in CODES)


def _windows_to(last: int) -> list[Window]:
    ends = sorted({window.end for window in all_windows() if window.end})
    return [window for window in all_windows() if window.end and window.end <= ends[last]]


def _of(figures: Sequence[Figure], spans: Sequence[Window]) -> list[Figure]:
    known = {(window.calendar, window.period) for window in spans}
    return [figure for figure in figures if (figure.calendar, figure.period) in known]


def _earlier(figures: Sequence[Figure], spans: Sequence[Window], **other: object) -> Earlier:
    policy = replace(POLICY, **other)  # type: ignore[arg-type]
    return Earlier("first", release(figures, CATALOGUE, spans, policy).figures, spans)


def _plainly_masked(figures: Sequence[Figure]) -> list[Figure]:
    def is_small(figure: Figure) -> bool:
        numbers = [figure.numerator, figure.denominator]
        if figure.numerator is not None and figure.denominator is not None:
            numbers.append(figure.denominator - figure.numerator)
        return any(number is not None and 0 < number < POLICY.threshold for number in numbers)

    marked = {"numerator": None, "denominator": None, "status": SUPPRESSED, "reason": "small_numbers"}
    return [replace(figure, **marked) if is_small(figure) else figure for figure in figures]  # type: ignore[arg-type]


@pytest.mark.parametrize("other", [{"mostly_hidden": Decimal(1)}, {"interval_width": 1}], ids=str)
def test_an_edition_of_the_same_counts_with_another_pattern_gives_nothing_away(other: dict[str, object]) -> None:
    first = _earlier(_counted(), all_windows(), **other)
    both = release(_counted(), CATALOGUE, all_windows(), POLICY, (first,))
    lost = int(both.certificate["counts_given_away_by_earlier_editions"])
    said = examine(both.figures, CATALOGUE, all_windows(), POLICY, (first,), lost)
    assert said["earlier_editions"] == "1"
    # Where the first was as careful as this one, nothing is lost; a narrower one may have given counts away already.
    assert "interval_width" in other or (lost, said["figures_worked_out_beside_them"]) == (0, "0")


def test_what_was_shown_and_has_not_changed_is_shown_again() -> None:
    first = _earlier(_counted(), all_windows(), mostly_hidden=Decimal(1))
    both = release(_counted(), CATALOGUE, all_windows(), POLICY, (first,))
    before = {figure.key for figure in first.figures if figure.status == SHOWN}
    assert before <= {figure.key for figure in both.figures if figure.status == SHOWN}


def test_a_quarter_that_did_not_change_keeps_its_pattern_when_another_follows() -> None:
    spans = _windows_to(0)
    first = _earlier(_of(_counted(), spans), spans)
    both = release(_counted(), CATALOGUE, all_windows(), POLICY, (first,))
    assert examine(both.figures, CATALOGUE, all_windows(), POLICY, (first,))["figures_worked_out_beside_them"] == "0"


def test_after_a_correction_the_old_numbers_say_nothing_of_the_new_ones() -> None:
    first = _earlier(_counted(1), all_windows())
    second = release(_counted(2), CATALOGUE, all_windows(), POLICY, (first,))
    said = examine(second.figures, CATALOGUE, all_windows(), POLICY, (first,))
    assert said["figures_worked_out_beside_them"] == "0"


def test_an_edition_that_hid_too_little_is_found_out_beside_a_safe_one_and_stops_nothing() -> None:
    leaking = Earlier("first", _plainly_masked(_counted()), all_windows())
    alone = release(_counted(), CATALOGUE, all_windows(), POLICY).figures
    with pytest.raises(Unsafe, match="earlier editions"):
        examine(alone, CATALOGUE, all_windows(), POLICY, (leaking,))
    both = release(_counted(), CATALOGUE, all_windows(), POLICY, (leaking,))
    lost = int(both.certificate["counts_given_away_by_earlier_editions"])
    assert lost
    assert examine(both.figures, CATALOGUE, all_windows(), POLICY, (leaking,), lost)["figures_worked_out"] == "0"


_A, _B, _T = (Unknown("p", (letter,), ("2010-Q4",), "KZ") for letter in "abt")
_SUM = Relation(((_T, 1), (_A, -1), (_B, -1)), True)


def test_counts_that_changed_are_told_from_those_of_today() -> None:
    today = {_A: Decimal(3), _B: Decimal(8), _T: Decimal(11)}
    found = joined(System((), (_SUM,)), today, [("first", System((), (_SUM,)), {_T: Decimal(10)})])
    assert _T not in found.known
    (old,) = [unknown for unknown in found.known if unknown.extras == _T.extras]
    assert old.population == "p in first" and found.known[old] == 10
    assert len(found.relations) == 2


def test_a_conclusion_from_a_number_that_has_changed_unseen_is_no_disclosure() -> None:
    """The hidden total was 10 and is 12: who takes the old one for it finds 3 for the other part, which is 5."""
    figure = Figure("P", "quarter", "2010-Q4", "KZ", "by", "b", None, None, SUPPRESSED, "small_numbers", 1, 1)
    row, believed = Row(figure, _B, None, None), Joined((_SUM,), {_T: Decimal(10)})
    shown = {_A: Decimal(7)}
    assert _worked_out(believed, shown, [row], POLICY) == [row]
    assert _worked_out(believed, shown, [row], POLICY, {_B: Decimal(5)}) == []
    assert _worked_out(believed, shown, [row], POLICY, {_B: Decimal(3)}) == [row], "by chance he is right"


def test_a_change_that_nobody_sees_sets_the_whole_edition_apart() -> None:
    """The total is not shown anew, and the part that is would be more than it: something must have changed."""
    found = joined(System((), ()), {_A: Decimal(30)}, [("first", System((), (_SUM,)), {_T: Decimal(10)})])
    assert _T not in found.known and _A not in {u for relation in found.relations for u in relation.unknowns}
