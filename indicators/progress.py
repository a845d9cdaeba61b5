"""Progress against a target: the one function that pages, workbooks and IATI files use.

Two measures that donors know, and never a silent choice between them:

- `of_target`, actual / target, for indicators of which more is better (`up`) or that are counted
  without a wish (`neither`);
- `of_change`, (actual - baseline) / (target - baseline), the share of the planned change; it works
  in both directions and shows a setback as a negative number.

`up` is judged by `of_target`. `down` is judged by `of_change`, and where there is none (no
baseline, or no change was planned) only by whether the target is met. `neither` is not judged.
A measure that does not exist is None with a reason, never 0 and never "N/A" for an actual of 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

UP, DOWN, NEITHER = "up", "down", "neither"
DIRECTIONS = (UP, DOWN, NEITHER)

# States, worst first; `no_data` has nothing to judge, `not_judged` no rule to judge it by.
OFF_TRACK, WATCH, ON_TRACK, ABOVE = "off_track", "watch", "on_track", "above"
NO_DATA, NO_TARGET, NOT_JUDGED = "no_data", "no_target", "not_judged"
STATES = (OFF_TRACK, WATCH, ON_TRACK, ABOVE, NO_DATA, NO_TARGET, NOT_JUDGED)

# Why a measure is missing.
TARGET_ZERO, LESS_IS_BETTER = "target_zero", "less_is_better"
NO_BASELINE, NO_CHANGE_PLANNED = "no_baseline", "no_change_planned"
REASONS = (NO_DATA, NO_TARGET, TARGET_ZERO, LESS_IS_BETTER, NO_BASELINE, NO_CHANGE_PLANNED)


@dataclass(frozen=True)
class Bands:
    """Where one state ends and the next begins, in whole per cent; a donor profile may have its own.

    Below `watch_from` is off track, up to `on_track_from` watch, up to and including `above_after`
    on track, beyond it above (which asks for an explanation as well).
    """

    watch_from: int = 75
    on_track_from: int = 90
    above_after: int = 110


@dataclass(frozen=True)
class Progress:
    """What can be said of a figure and its target: fractions (1 = all of it), each or its reason."""

    of_target: Decimal | None
    of_target_reason: str | None
    of_change: Decimal | None
    of_change_reason: str | None
    state: str


def progress(
    actual: Decimal | None,
    target: Decimal | None,
    baseline: Decimal | None = None,
    direction: str = UP,
    bands: Bands | None = None,
) -> Progress:
    """Progress of `actual` towards `target`; None is no data, no target, no baseline.

    Raises ValueError for an unknown direction and for NaN or infinity.
    """
    _check(direction, (actual, target, baseline))
    if actual is None:
        return Progress(None, NO_DATA, None, NO_DATA, NO_DATA)
    if target is None:
        return Progress(None, NO_TARGET, None, NO_TARGET, NO_TARGET)
    of_target, of_target_reason = _of_target(actual, target, direction)
    of_change, of_change_reason = _of_change(actual, target, baseline)
    judged_by = {UP: of_target, DOWN: of_change, NEITHER: None}[direction]
    if judged_by is not None:
        state = judge(judged_by, bands or Bands())
    else:
        state = _met_or_missed(actual, target) if direction == DOWN else NOT_JUDGED
    return Progress(of_target, of_target_reason, of_change, of_change_reason, state)


def judge(share: Decimal, bands: Bands) -> str:
    """The state of a share, judged on the whole per cent that is printed, so that word and number agree."""
    percent = (share * 100).quantize(Decimal(1), ROUND_HALF_UP)
    if percent < bands.watch_from:
        return OFF_TRACK
    if percent < bands.on_track_from:
        return WATCH
    return ON_TRACK if percent <= bands.above_after else ABOVE


def target_to_date(target: Decimal, elapsed: int, planned: int, start: Decimal = Decimal(0)) -> Decimal:
    """The part of a target that should be reached after `elapsed` of `planned` quarters, in equal steps.

    `start` is the level at the beginning: 0 for what is counted, the baseline for a level or share.
    Raises ValueError for a plan without quarters or a negative time.
    """
    if planned < 1 or elapsed < 0:
        raise ValueError(f"{elapsed} of {planned} quarters is no part of a plan")
    return start + (target - start) * min(elapsed, planned) / planned


def _of_target(actual: Decimal, target: Decimal, direction: str) -> tuple[Decimal | None, str | None]:
    if direction == DOWN:  # 150 % of a ceiling is not one and a half times as good
        return None, LESS_IS_BETTER
    if target == 0:
        return None, TARGET_ZERO
    return actual / target, None


def _of_change(actual: Decimal, target: Decimal, baseline: Decimal | None) -> tuple[Decimal | None, str | None]:
    if baseline is None:
        return None, NO_BASELINE
    if target == baseline:
        return None, NO_CHANGE_PLANNED
    return (actual - baseline) / (target - baseline), None


def _met_or_missed(actual: Decimal, target: Decimal) -> str:
    return ON_TRACK if actual <= target else OFF_TRACK


def _check(direction: str, numbers: tuple[Decimal | None, ...]) -> None:
    if direction not in DIRECTIONS:
        raise ValueError(f"no direction {direction!r}; there are {', '.join(DIRECTIONS)}")
    if any(number is not None and not number.is_finite() for number in numbers):
        raise ValueError("progress is measured between finite numbers")
