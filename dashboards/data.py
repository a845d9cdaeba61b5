"""The only way to figures: the current edition, read-only, asked through a handful of questions.

A connection is opened once per process and edition; each question gets its own cursor. CURRENT is
looked at (one stat) for every request, so a new edition shows without a restart, while requests
under way finish on the old one. Nothing but a `shown` figure leaves here with a number.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from indicators.calendars import CALENDARS, QUARTER, WHOLE_SOURCE
from reports.edition import POINTER_NAME, REGION, SHOWN, Edition, NoEdition, open_current

Row = dict[str, Any]

# A hidden number must not leave even if a publisher left one in its row.
_FIGURE = f"""
    f.indicator, f.calendar, f.period, f.place, f.breakdown, f.category, f.status, f.reason,
    CASE WHEN f.status = '{SHOWN}' THEN f.value END AS value,
    CASE WHEN f.status = '{SHOWN}' THEN f.numerator END AS numerator,
    CASE WHEN f.status = '{SHOWN}' THEN f.denominator END AS denominator,
    f.offices_expected, f.offices_reported, f.target, b.baseline
"""

# Two projects may plan from different levels; then there is no one baseline to measure from.
_FIGURES = f"""
    WITH baselines AS (
        SELECT indicator, calendar, period, place, MIN(baseline) AS baseline
        FROM targets
        GROUP BY indicator, calendar, period, place
        HAVING COUNT(DISTINCT baseline) = 1
    )
    SELECT {_FIGURE}
    FROM figures f
    LEFT JOIN baselines b USING (indicator, calendar, period, place)
    WHERE f.breakdown = 'total'
"""


@dataclass(frozen=True)
class Published:
    """One edition and the questions a page may ask of it."""

    edition: Edition

    @cached_property
    def about(self) -> Row:
        """What this edition is: id, source, period, last day, hashes."""
        return self.edition.about()

    @cached_property
    def indicators(self) -> Mapping[str, Row]:
        """Definitions by code, ordered as families are in the labels."""
        rows = self.edition.rows("""
            SELECT i.* FROM indicators i
            LEFT JOIN labels l ON l.list = 'family' AND l.code = i.family
            ORDER BY l.position NULLS LAST, i.family, i.indicator
        """)
        return {row["indicator"]: row for row in rows}

    @cached_property
    def periods(self) -> Mapping[str, Mapping[str, Row]]:
        """Calendar -> period -> its row, oldest first."""
        calendars: dict[str, dict[str, Row]] = {}
        for row in self.edition.rows("SELECT * FROM periods ORDER BY end_on NULLS FIRST, period"):
            calendars.setdefault(row["calendar"], {})[row["period"]] = row
        later_lives = sorted(set(calendars) - {*CALENDARS, WHOLE_SOURCE})
        return {name: calendars[name] for name in (*CALENDARS, *later_lives, WHOLE_SOURCE) if name in calendars}

    @cached_property
    def places(self) -> list[str]:
        """The region, then the countries, in the order of the labels."""
        held = {row["place"] for row in self.edition.rows("SELECT DISTINCT place FROM figures")}
        named = [code for name, code in self._labels["en"] if name == "place" and code in held]
        return sorted(named, key=lambda place: place != REGION)

    @property
    def countries(self) -> list[str]:
        """The places that are not the region."""
        return [place for place in self.places if place != REGION]

    def label(self, name: str, code: str, language: str) -> str:
        """The words of a list for a code, or the code where the edition has none."""
        return self._labels[language].get((name, code), code)

    def period_label(self, calendar: str, period: str, language: str) -> str:
        """A period in words."""
        label: str = self.periods[calendar][period][f"label_{language}"]
        return label

    def quarter_label(self, period: str, language: str) -> str:
        """A quarter in words, whichever calendar is chosen."""
        calendar = QUARTER if period in self.periods.get(QUARTER, {}) else next(iter(self.periods))
        return self.period_label(calendar, period, language)

    def totals(self, calendar: str, period: str) -> dict[tuple[str, str], Row]:
        """Figures without breakdown by indicator and place."""
        rows = self.edition.rows(f"{_FIGURES} AND f.calendar = ? AND f.period = ?", [calendar, period])
        return {(row["indicator"], row["place"]): row for row in rows}

    def series(self, indicator: str, calendar: str, place: str) -> dict[str, Row]:
        """Figures without breakdown of one indicator and place by period."""
        asked = [indicator, calendar, place]
        rows = self.edition.rows(f"{_FIGURES} AND f.indicator = ? AND f.calendar = ? AND f.place = ?", asked)
        return {row["period"]: row for row in rows}

    def completeness(self, period: str) -> list[Row]:
        """Which office has sent which export for a quarter, and whether rows of it were held back."""
        return self.edition.rows(
            """
            WITH held AS (
                SELECT office, bool_or(has_rows_held_back) AS rows_held
                FROM inputs WHERE period = ? GROUP BY office
            )
            SELECT c.office, c.place, c.export, c.status, COALESCE(h.rows_held, false) AS rows_held
            FROM completeness c LEFT JOIN held h USING (office)
            WHERE c.period = ? ORDER BY c.office, c.export
            """,
            [period, period],
        )

    def checks(self, period: str) -> tuple[int, int]:
        """How many checks found something, and how many were run, for a quarter."""
        (row,) = self.edition.rows(
            "SELECT COUNT(*) FILTER (WHERE has_failed) AS failed, COUNT(*) AS run FROM checks WHERE period = ?",
            [period],
        )
        return row["failed"], row["run"]

    @cached_property
    def offices(self) -> list[str]:
        """Every office that owes or has sent something, in the order of the labels."""
        rows = self.edition.rows("SELECT office FROM completeness UNION SELECT office FROM checks ORDER BY office")
        held = [row["office"] for row in rows]
        named = [code for name, code in self._labels["en"] if name == "office" and code in held]
        return [*named, *(office for office in held if office not in named)]

    def outcomes(self) -> dict[tuple[str, str], str]:
        """For each office and quarter that is known what became of its files.

        `none` is in force, a rule was `broken`, all were `kept`, or kept though some report is not in force (`partly`).
        """
        rows = self.edition.rows("""
            WITH judged AS (SELECT office, period, bool_or(has_failed) AS failed FROM checks GROUP BY office, period),
            owed AS (
                SELECT office, period, bool_or(status <> 'accepted' AND status <> 'reported') AS lacks
                FROM completeness GROUP BY office, period
            )
            SELECT office, period, CASE WHEN failed IS NULL THEN 'none' WHEN failed THEN 'broken'
              WHEN lacks THEN 'partly' ELSE 'kept' END AS outcome
            FROM judged FULL JOIN owed USING (office, period)
        """)
        return {(row["office"], row["period"]): row["outcome"] for row in rows}

    def rules(self, office: str, period: str) -> list[Row]:
        """Every rule checked for an office and quarter, those that were broken first."""
        return self.edition.rows(
            "SELECT fact, rule, severity, message_en, message_ru, has_failed FROM checks "
            "WHERE office = ? AND period = ? ORDER BY has_failed DESC, fact, rule",
            [office, period],
        )

    def files(self, office: str, period: str) -> list[Row]:
        """The files in force of an office and quarter, and whether rows of them were held back."""
        return self.edition.rows(
            "SELECT slot, file_name, has_rows_held_back AS rows_held FROM inputs "
            "WHERE office = ? AND period = ? ORDER BY slot",
            [office, period],
        )

    def changes(self, calendar: str) -> list[Row]:
        """Whole figures of a calendar that this edition says otherwise than the one that published them before."""
        return self.edition.rows(
            f"""
            SELECT indicator, period, place, old_status, new_status, cause, officer_reason, officer_note,
                CASE WHEN old_status = '{SHOWN}' THEN old_value END AS old_value,
                CASE WHEN old_status = '{SHOWN}' THEN old_numerator END AS old_numerator,
                CASE WHEN old_status = '{SHOWN}' THEN old_denominator END AS old_denominator,
                CASE WHEN new_status = '{SHOWN}' THEN new_value END AS new_value,
                CASE WHEN new_status = '{SHOWN}' THEN new_numerator END AS new_numerator,
                CASE WHEN new_status = '{SHOWN}' THEN new_denominator END AS new_denominator
            FROM restatements
            WHERE edition_id = (SELECT edition_id FROM edition) AND breakdown = 'total' AND calendar = ?
            ORDER BY period DESC, place, indicator
            """,
            [calendar],
        )

    def policy(self, language: str) -> list[str]:
        """The protection policy in sentences."""
        column = {"en": "meaning_en", "ru": "meaning_ru"}[language]
        return [row["words"] for row in self.edition.rows(f"SELECT {column} AS words FROM policy") if row["words"]]

    @cached_property
    def _labels(self) -> Mapping[str, Mapping[tuple[str, str], str]]:
        rows = self.edition.rows("SELECT * FROM labels ORDER BY list, position")
        return {language: {(row["list"], row["code"]): row[language] for row in rows} for language in ("en", "ru")}


class Editions:
    """A folder of editions; `current` is what CURRENT names at this moment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._seen: tuple[int, int, int] | None = None
        self._published: Published | None = None

    def current(self) -> Published:
        """The current edition, opened at most once per process. Raises NoEdition if there is none."""
        stamp = self._stamp()
        with self._lock:
            if self._published is None or stamp != self._seen:
                # The old connection closes when the last request that holds it is done.
                self._published, self._seen = Published(open_current(self.folder)), stamp
            return self._published

    def _stamp(self) -> tuple[int, int, int]:
        try:
            stat = (self.folder / POINTER_NAME).stat()
        except FileNotFoundError:
            raise NoEdition(f"{self.folder}: no edition has been published here; run `make run` first") from None
        return stat.st_ino, stat.st_mtime_ns, stat.st_size
