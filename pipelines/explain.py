"""One figure explained: what it means, what it was made of, and what was published of it.

Everything about the figure is read from a published edition, never from the warehouse: what protection hid is not
there to be told.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indicators.definitions import Definition
from indicators.labels import words as edition_words
from indicators.pirs import Entry, sheet
from pipelines.explained_calendars import InCalendar, in_every_calendar, value
from pipelines.explained_inputs import NeededFile, needed_files
from reports import format as form
from reports.edition import SHOWN, SUPPRESSED

if TYPE_CHECKING:
    from pipelines.contracts import Contract
    from reports.edition import Edition

WORDS = Path(__file__).parent / "explain.toml"
TOTAL = "total"


class NoSuchCell(ValueError):
    """What was asked for is not in the edition; the message says what is, `asked` which of the questions it is."""

    def __init__(self, asked: str, message: str) -> None:
        super().__init__(message)
        self.asked = asked


@dataclass(frozen=True)
class Question:
    """Which figure of an indicator: a window of a calendar, and a place. Empty means the edition's own choice."""

    period: str = ""
    place: str = ""
    calendar: str = ""


@dataclass(frozen=True)
class Published:
    """A figure as the edition has it, in words. `value` and the two numbers exist only where the status is shown."""

    edition: str
    calendar: str
    period: str
    period_label: str
    place: str
    place_label: str
    status: str
    status_label: str
    reason: str
    value: str | None
    numerator: str | None
    denominator: str | None
    rule: str
    offices_expected: int | None
    offices_reported: int | None
    definition_changed: bool
    note: str = ""


@dataclass(frozen=True)
class Explanation:
    """See the module. Without an edition `published` is None, and `files` and `calendars` are empty."""

    code: str
    language: str
    sheet: tuple[Entry, ...]
    numerator: str
    denominator: str
    published: Published | None
    files: tuple[NeededFile, ...]
    sql: str
    calendars: tuple[InCalendar, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The same for programs; days are written as ISO 8601 has them."""
        return {
            "code": self.code,
            "language": self.language,
            "sheet": {entry.field: {"title": entry.title, "lines": list(entry.lines)} for entry in self.sheet},
            "numerator": self.numerator,
            "denominator": self.denominator or None,
            "published": asdict(self.published) if self.published else None,
            "calendars": [asdict(one) for one in self.calendars],
            "files": [one.as_json() for one in self.files],
            "sql": self.sql or None,
        }


@cache
def words() -> Mapping[str, Any]:
    """The words of `explain.toml`."""
    return tomllib.loads(WORDS.read_text(encoding="utf-8"))


def explain(
    definition: Definition,
    language: str,
    question: Question,
    edition: Edition | None,
    contracts: Mapping[str, Contract],
) -> Explanation:
    """Explain a figure. Raises NoSuchCell for a period, place or calendar that the edition does not have."""
    from indicators.queries import sql_of

    published: Published | None = None
    files: tuple[NeededFile, ...] = ()
    calendars: tuple[InCalendar, ...] = ()
    if edition is not None:
        published = _published(definition, language, question, edition)
        files = needed_files(definition, published.calendar, published.period, published.place, edition, contracts)
        calendars = in_every_calendar(
            definition, published.calendar, published.period, published.place, edition, language
        )
    return Explanation(
        definition.code, language, sheet(definition, language), definition.numerator_text,
        definition.denominator_text, published, files, sql_of(definition), calendars,
    )  # fmt: skip


def _published(definition: Definition, language: str, question: Question, edition: Edition) -> Published:
    said = words()
    calendar, period, label = _window(question, edition, language)
    place, place_label = _place(question.place, edition, language)
    about = edition.rows("SELECT unit, definition_hash FROM indicators WHERE indicator = ?", [definition.code])
    found = edition.rows(
        "SELECT * FROM figures WHERE indicator = ? AND calendar = ? AND period = ? AND place = ?"
        f" AND breakdown = '{TOTAL}' AND category = '{TOTAL}'",
        [definition.code, calendar, period, place],
    )
    where = (edition.edition_id, calendar, period, label, place, place_label)
    if not (found and about):
        note = said["no_figure" if about else "not_in_edition"][language]
        return Published(*where, "", "", "", None, None, None, "", None, None, False, note)
    return _told_figure(where, {**found[0], **about[0]}, definition, language, edition)


def _told_figure(
    where: tuple[str, str, str, str, str, str],
    figure: Mapping[str, Any],
    definition: Definition,
    language: str,
    edition: Edition,
) -> Published:
    labels, status = edition.labels(language), figure["status"]
    said = value(figure, language)
    numerator = denominator = None
    if said is not None:
        pair = (figure[name] for name in ("numerator", "denominator"))
        numerator, denominator = (None if one is None else form.number(one, language) for one in pair)
    reason = str(figure["reason"] or "")
    return Published(
        *where,
        status=status,
        status_label=labels.get(("status", status), edition_words()["status"][status][language]),
        reason=labels.get(("reason", reason), reason),
        value=said,
        numerator=numerator,
        denominator=denominator,
        rule=_rule(status, definition, language, edition),
        offices_expected=figure["offices_expected"],
        offices_reported=figure["offices_reported"],
        definition_changed=figure["definition_hash"] != definition.digest,
    )


def _rule(status: str, definition: Definition, language: str, edition: Edition) -> str:
    """What decided the status; where people are protected, with the threshold as the edition states it."""
    from indicators.disclosure import is_protected, policies

    rules = words()["rules"]
    policy = {row["key"]: row for row in edition.rows("SELECT * FROM policy")}
    profile = policies().get(policy.get("profile", {}).get("value", "default"), policies()["default"])
    if status not in (SHOWN, SUPPRESSED):
        return str(rules[status][language])
    if status == SHOWN and not is_protected(definition, profile):
        return str(rules["not_protected"][language])
    threshold = policy.get("threshold", {}).get(f"meaning_{language}") or ""
    return f"{rules['above' if status == SHOWN else status][language]} {threshold}".strip()


def _window(question: Question, edition: Edition, language: str) -> tuple[str, str, str]:
    """Calendar, period and its name; without a question the quarter up to which the edition counts."""
    rows = edition.rows(f"SELECT calendar, period, label_{language} AS label FROM periods")
    calendars = list(dict.fromkeys(row["calendar"] for row in rows))
    calendar = question.calendar or ("quarter" if "quarter" in calendars else calendars[0])
    periods = {row["period"]: row["label"] for row in rows if row["calendar"] == calendar}
    if not periods:
        raise NoSuchCell("calendar", f"{calendar} is no calendar of edition {edition.edition_id}; "
                         f"there are {', '.join(calendars)}")  # fmt: skip
    period = question.period or edition.about()["period"]
    if period not in periods:
        raise NoSuchCell("period", f"{period} is not in edition {edition.edition_id}; "
                         f"it holds {', '.join(periods)}")  # fmt: skip
    return calendar, period, periods[period]


def _place(asked: str, edition: Edition, language: str) -> tuple[str, str]:
    """A place by its code or its name in either language; without a question the region, or the only place."""
    labels = {lang: edition.labels(lang) for lang in ("en", "ru")}
    places = [row["place"] for row in edition.rows("SELECT DISTINCT place FROM figures ORDER BY place")]
    names = {place: {lang: labels[lang].get(("place", place), place) for lang in labels} for place in places}
    if not asked:
        place = "CA" if "CA" in places else places[0]
        return place, names[place][language]
    for place, called in names.items():
        if asked.casefold() in (place.casefold(), *(name.casefold() for name in called.values())):
            return place, called[language]
    there = ", ".join(f"{place} ({called[language]})" for place, called in names.items())
    raise NoSuchCell("place", f"{asked} is no place of edition {edition.edition_id}; there are {there}")
