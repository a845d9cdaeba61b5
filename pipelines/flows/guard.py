"""What Prefect may hear of an error: our own words, or only its kind.

Prefect keeps the text of every exception in its database in clear. Our own errors name file, row and
field and never a value; those of libraries may quote the cell they stumbled over.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import ParamSpec, TypeVar

from indicators.calendars import Quarter
from pipelines.cycle import programme_contracts

P = ParamSpec("P")
T = TypeVar("T")


class StepFailed(RuntimeError):
    """A step of the cycle failed with an error whose words are not ours."""


class WrongParameter(ValueError):
    """A parameter of a run that cannot be meant; the message names it."""


def check(office: str | None = None, quarters: Sequence[str | None] = ()) -> None:
    """Look at parameters before any work is done. Raises WrongParameter."""
    known = programme_contracts()
    if office is not None and office not in known:
        raise WrongParameter(f"there is no office {office!r}; there are {', '.join(known)}")
    for quarter in filter(None, quarters):
        try:
            Quarter.parse(quarter)
        except ValueError as error:
            raise WrongParameter(str(error)) from None


def in_own_words(step: Callable[P, T], *ours: type[Exception]) -> Callable[P, T]:
    """The same step, whose errors other than `ours` and OSError become a StepFailed that names only their kind."""

    kept: tuple[type[Exception], ...] = (OSError, *ours)

    @functools.wraps(step)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return step(*args, **kwargs)
        except kept:
            raise
        except Exception as error:  # noqa: BLE001 (every kind is replaced and raised)
            # `from None`: the chained error would be printed, and stored, with its words.
            raise StepFailed(
                f"{step.__name__}: {type(error).__name__}; run `esep run` on this machine to see its words"
            ) from None

    return guarded
