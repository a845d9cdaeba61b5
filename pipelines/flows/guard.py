"""What Prefect may hear of an error: our own words, or only its kind.

Prefect keeps the text of every exception in its database in clear. Our own errors name file, row and
field and never a value; those of libraries may quote the cell they stumbled over.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class StepFailed(RuntimeError):
    """A step of the cycle failed with an error whose words are not ours."""


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
