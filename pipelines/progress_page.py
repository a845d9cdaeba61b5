"""The page about progress: what is measured, and the vectors by which every surface is judged."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from indicators import progress
from pipelines.rulebook import table

_VECTORS = Path(progress.__file__).parent / "progress_vectors.toml"
_COLUMNS = (
    "what",
    "actual",
    "target",
    "baseline",
    "direction",
    "of_target",
    "of_change",
    "percent",
    "state",
    "seen_in",
)
_TO_DATE = ("what", "target", "start", "elapsed", "planned", "due")

_OPENING = """\
# Progress

Written by `esep docs` from `indicators/progress_vectors.toml`; do not edit.

One function, `progress` of `indicators/progress.py`, measures a figure against its target; pages and workbooks use it
and none has a rule of its own. It gives two measures, each a fraction of 1 or the reason for which there is none:

- `of_target` is actual / target, for indicators of which more is better (`up`) or that are counted without a wish
  (`neither`). Where less is better it does not exist (`less_is_better`): 150 % of a ceiling is no success.
- `of_change` is (actual - baseline) / (target - baseline), the part of the planned change. It works both ways, and a
  change in the wrong direction is negative, however far it goes.

`up` is judged by `of_target`, `down` by `of_change`; `down` without a baseline, or without a planned change, only by
whether the target is met; `neither` is not judged. The state is judged on the whole per cent that is printed, so that
word and number agree: below 75 `off_track`, from 75 `watch`, from 90 to 110 `on_track`, beyond it `above`, which asks
for an explanation too. A donor's profile may set other bounds.

- An actual of 0 is 0 %, not "not applicable". A target of 0 has no per cent (`target_zero`).
- No data is `no_data`, never 0: not reported, suppressed, not recorded and undefined alike.
- Shares are fractions everywhere, 80 % is 0.8, and are multiplied by 100 once, where they are printed.
- Nothing is capped: nine times the target is 900 %.
- A target is that of one indicator, place and window. How many results it serves does not matter.

## Vectors

An empty cell is not known. The last column says where another system was seen to fail.

"""
_DUE = """
## Due to date

`target_to_date` gives what should be reached after some quarters of a plan: equal steps from the level at the beginning
to the target, and never past its end. [Projects and targets](projects.md#due-to-date) says what is made of it.

"""


@cache
def vectors() -> Mapping[str, list[Mapping[str, Any]]]:
    """The published vectors: `vector` for progress, `to_date` for what is due."""
    loaded: Mapping[str, list[Mapping[str, Any]]] = tomllib.loads(_VECTORS.read_text(encoding="utf-8"))
    return loaded


def progress_page() -> str:
    """The whole page."""
    parts = (_rows("vector", _COLUMNS), _rows("to_date", _TO_DATE))
    return f"{_OPENING}{parts[0]}\n{_DUE}{parts[1]}\n"


def _rows(part: str, columns: tuple[str, ...]) -> str:
    return table([column.replace("_", " ") for column in columns], [
        [str(vector.get(column, "")) for column in columns] for vector in vectors()[part]
    ])  # fmt: skip
