"""The only way to figures: published editions, read-only, asked through a handful of questions.

Nothing but a `shown` figure leaves here with a number. Which edition is asked is the business of
`dashboards.editions`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from dashboards.downloads import Files
from indicators.calendars import CALENDARS, QUARTER, WHOLE_SOURCE
from reports.edition import REGION, SHOWN, Edition
from reports.scope import WHOLE, Scope

Row = dict[str, Any]
REPORT_DAYS = 30  # after the end of a quarter, where an edition does not say when its reports were due
TOTAL = "total"  # the breakdown of a figure that is not broken down

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
    LEFT JOIN baselines b ON f.breakdown = '{TOTAL}' AND (b.indicator, b.calendar, b.period, b.place)
        = (f.indicator, f.calendar, f.period, f.place)
    WHERE true
"""
_TOTALS = f"{_FIGURES} AND f.breakdown = '{TOTAL}'"


@dataclass(frozen=True)
class Published:
    """One edition, as its reader may see it, and the questions a page may ask of it."""

    edition: Edition
    scope: Scope = WHOLE

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

    @cached_property
    def downloads(self) -> Files:
        """The files that can be made of it."""
        return Files(self.edition, self.scope)

    def label(self, name: str, code: str, language: str) -> str:
        """The words of a list for a code, or the code where the edition has none."""
        return self._labels[language].get((name, code), code)

    def codes(self, name: str) -> list[str]:
        """Every code of a list, in order."""
        return [code for held, code in self._labels["en"] if held == name]

    @cached_property
    def report_days(self) -> int:
        """Within how many days of its end a quarter's reports are due."""
        named = "SELECT 1 FROM duckdb_columns() WHERE table_name = 'completeness' AND column_name = 'due_on'"
        if not self.edition.rows(named):  # editions of before there were due days
            return REPORT_DAYS
        (row,) = self.edition.rows(
            "SELECT max(date_diff('day', p.end_on, c.due_on)) AS days FROM completeness c "
            f"JOIN periods p ON p.calendar = '{QUARTER}' AND p.period = c.period"
        )
        return row["days"] or REPORT_DAYS

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
        rows = self.edition.rows(f"{_TOTALS} AND f.calendar = ? AND f.period = ?", [calendar, period])
        return {(row["indicator"], row["place"]): row for row in rows}

    def series(self, indicator: str, calendar: str, place: str) -> dict[str, Row]:
        """Figures without breakdown of one indicator and place by period."""
        asked = [indicator, calendar, place]
        rows = self.edition.rows(f"{_TOTALS} AND f.indicator = ? AND f.calendar = ? AND f.place = ?", asked)
        return {row["period"]: row for row in rows}

    @cached_property
    def breakdowns(self) -> Mapping[str, list[str]]:
        """Indicator -> the breakdowns it has figures of, in the order its definition names them."""
        rows = self.edition.rows(
            f"SELECT DISTINCT indicator, breakdown FROM figures WHERE breakdown <> '{TOTAL}' ORDER BY ALL"
        )
        held: dict[str, list[str]] = {code: [] for code in self.indicators}
        for row in rows:
            held.setdefault(row["indicator"], []).append(row["breakdown"])
        named = {code: list(about["breakdowns"] or []) for code, about in self.indicators.items()}
        return {code: sorted(found, key=[*named.get(code, []), *found].index) for code, found in held.items()}

    def by_category(self, indicator: str, breakdown: str, calendar: str, period: str, place: str) -> dict[str, Row]:
        """Figures of one breakdown by category, in the order of the labels: every category the edition has there."""
        rows = self.edition.rows(
            f"{_FIGURES} AND f.indicator = ? AND f.breakdown = ? AND f.calendar = ? AND f.period = ? AND f.place = ?",
            [indicator, breakdown, calendar, period, place],
        )
        return self._ordered(breakdown, {row["category"]: row for row in rows})

    def series_by_category(
        self, indicator: str, breakdown: str, calendar: str, place: str
    ) -> dict[str, dict[str, Row]]:
        """Figures of one breakdown by category and period."""
        rows = self.edition.rows(
            f"{_FIGURES} AND f.indicator = ? AND f.breakdown = ? AND f.calendar = ? AND f.place = ?",
            [indicator, breakdown, calendar, place],
        )
        found: dict[str, dict[str, Row]] = {}
        for row in rows:
            found.setdefault(row["category"], {})[row["period"]] = row
        return self._ordered(breakdown, found)

    def of_category(self, breakdown: str, category: str, calendar: str, period: str, place: str) -> dict[str, Row]:
        """Every indicator that has a figure of this category (of a region, say) by its code."""
        rows = self.edition.rows(
            f"{_FIGURES} AND f.breakdown = ? AND f.category = ? AND f.calendar = ? AND f.period = ? AND f.place = ?",
            [breakdown, category, calendar, period, place],
        )
        return {row["indicator"]: row for row in rows}

    def regions(self, place: str) -> list[str]:
        """The first-level regions of a place that any figure is broken down by."""
        rows = self.edition.rows(
            "SELECT DISTINCT category FROM figures WHERE breakdown = 'region' AND place = ?", [place]
        )
        return list(self._ordered("region", {row["category"]: None for row in rows}))

    def results(self, place: str) -> list[Row]:
        """The measured objectives of the projects that have a target at a place, in the order of their frameworks."""
        if "results" not in self.edition.tables():  # editions of before there were frameworks
            return []
        return self.edition.rows(
            """
            SELECT r.*, p.title_en AS project_en, p.title_ru AS project_ru
            FROM results r JOIN projects p USING (project)
            WHERE len(r.indicators) > 0 AND project IN (SELECT project FROM targets WHERE place = ?)
            ORDER BY project DESC, r.position
            """,
            [place],
        )

    def _ordered(self, breakdown: str, found: Mapping[str, Any]) -> dict[str, Any]:
        """By the order of the labels; a category without a label comes last."""
        named = [code for name, code in self._labels["en"] if name == breakdown and code in found]
        return {code: found[code] for code in dict.fromkeys([*named, *sorted(found)])}

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

    def policy(self) -> list[Row]:
        """The rules of protection: key, value and the edition's own words."""
        return self.edition.rows("SELECT * FROM policy")

    def certificate(self) -> dict[str, str]:
        """What was protected and attacked before the edition was published."""
        return {row["key"]: row["value"] for row in self.edition.rows("SELECT * FROM certificate")}

    @cached_property
    def _labels(self) -> Mapping[str, Mapping[tuple[str, str], str]]:
        rows = self.edition.rows("SELECT * FROM labels ORDER BY list, position")
        return {language: {(row["list"], row["code"]): row[language] for row in rows} for language in ("en", "ru")}
