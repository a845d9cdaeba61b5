"""What a reader sees of one figure: text instead of numbers, a word and a shape for its state.

Everything that shows a figure (tile, table, chart, its summary) takes it from here, so the page
cannot say two things of one number.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from dashboards.data import Row
from dashboards.texts import TEXTS, text
from indicators.progress import ABOVE, DOWN, NO_TARGET, NOT_JUDGED, OFF_TRACK, ON_TRACK, WATCH, Progress, progress
from reports import format as fmt
from reports.edition import NOT_REPORTED, SHOWN, SUPPRESSED, UNDEFINED, UNKNOWN

NO_ROW = "no_row"

# A state is a word, a shape and a colour, never a colour alone.
SHAPES = {
    ON_TRACK: "●",
    ABOVE: "▲",
    WATCH: "◆",
    OFF_TRACK: "▼",
    NO_TARGET: "○",
    NOT_JUDGED: "○",
    SUPPRESSED: "▨",
    NOT_REPORTED: "–",
    UNKNOWN: "–",
    UNDEFINED: "–",
    NO_ROW: "–",
}
GOOD = (ON_TRACK, ABOVE)
JUDGED = (ON_TRACK, ABOVE, WATCH, OFF_TRACK)


@dataclass(frozen=True)
class Cell:
    """One figure in words. `value` is empty when there is no number; then `word`, `why` and `brief` say why.

    `share` is the exact fraction of the target (or of the planned change) the state is judged by,
    for drawing; `number` the exact value, for a chart's axis and a file, in `unit`.
    """

    state: str
    word: str
    why: str
    brief: str
    value: str
    parts: str
    target: str
    percent: str
    offices: str
    is_complete: bool
    number: Decimal | None
    target_number: Decimal | None
    share: Decimal | None
    unit: str = ""
    counted: str = ""  # offices that reported, of those expected
    numerator: Decimal | None = None
    denominator: Decimal | None = None

    @property
    def shape(self) -> str:
        """The shape of the state."""
        return SHAPES[self.state]

    @property
    def is_shown(self) -> bool:
        """Whether there is a number."""
        return self.number is not None

    @property
    def is_judged(self) -> bool:
        """Whether the state says how far the target is."""
        return self.state in JUDGED

    @property
    def said(self) -> str:
        """The number, or the word in its place."""
        return self.value or self.word


def cell(row: Row | None, definition: Row, language: str) -> Cell:
    """The cell of a figure's row; None is a figure the edition does not have."""
    if row is None:
        return _absent(language)
    number = _number(row)
    measured = progress(number, row["target"], row["baseline"], definition["direction"])
    state = measured.state if row["status"] == SHOWN else row["status"]
    unit = definition["unit"]
    return Cell(
        state=state,
        word=word(state, language),
        why=why(row["status"], row["reason"], language),
        brief=text("brief_suppressed", language) if row["status"] == SUPPRESSED else "",
        value="" if number is None else fmt.figure(number, unit, language),
        parts=_parts(row, language),
        target="" if row["target"] is None else fmt.figure(row["target"], unit, language),
        percent=_percent(measured, definition["direction"], language),
        offices=_offices(row, language),
        is_complete=(row["offices_reported"] or 0) >= (row["offices_expected"] or 0),
        number=number,
        target_number=row["target"],
        share=_share(measured, definition["direction"]),
        unit=unit,
        counted=_counted(row, language),
        numerator=row["numerator"] if number is not None and row["denominator"] else None,
        denominator=row["denominator"] if number is not None else None,
    )


def word(state: str, language: str) -> str:
    """The word of a state of progress or of a figure that has no number."""
    if state == NO_ROW:
        return text("no_row", language)
    return text(f"state_{state}" if f"state_{state}" in TEXTS else f"status_{state}", language)


def why(status: str, reason: str | None, language: str) -> str:
    """Why there is no number: by its reason where that has words of its own, else by its status."""
    if status == SHOWN:
        return ""
    return text(f"why_{reason}" if f"why_{reason}" in TEXTS else f"why_{status}", language)


def _absent(language: str) -> Cell:
    words: dict[str, Any] = {"word": word(NO_ROW, language), "why": text("why_no_row", language)}
    empty: dict[str, Any] = dict.fromkeys(("brief", "value", "parts", "target", "percent", "offices"), "")
    numbers: dict[str, Any] = dict.fromkeys(("number", "target_number", "share"))
    return Cell(state=NO_ROW, is_complete=True, **words, **empty, **numbers)


def _number(row: Row) -> Decimal | None:
    if row["status"] != SHOWN:
        return None
    return fmt.exact(row["value"], row["numerator"], row["denominator"])


def _parts(row: Row, language: str) -> str:
    """Numerator and denominator of a share, of how many values a mean is; empty for what is neither."""
    if row["status"] != SHOWN or not row["denominator"]:
        return ""
    if row["numerator"] is None:
        return text("values", language, number=fmt.figure(row["denominator"], "parts", language))
    numerator, denominator = (fmt.figure(row[name], "parts", language) for name in ("numerator", "denominator"))
    return text("parts", language, numerator=numerator, denominator=denominator)


def _share(measured: Progress, direction: str) -> Decimal | None:
    return measured.of_change if direction == DOWN else measured.of_target


def _percent(measured: Progress, direction: str, language: str) -> str:
    share = _share(measured, direction)
    if share is None:
        return ""
    key = "percent_of_change" if direction == DOWN else "percent_of_target"
    return text(key, language, percent=fmt.percent(share, language))


def _offices(row: Row, language: str) -> str:
    reported, expected = _numbers(row, language)
    return text("offices", language, reported=reported, expected=expected)


def _counted(row: Row, language: str) -> str:
    reported, expected = _numbers(row, language)
    return text("parts", language, numerator=reported, denominator=expected)


def _numbers(row: Row, language: str) -> tuple[str, str]:
    return fmt.number(row["offices_reported"] or 0, language), fmt.number(row["offices_expected"] or 0, language)
