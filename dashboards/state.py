"""What a page shows, as its address says it: every part readable, every part checked here.

The address always names everything that is shown, so that a link means the same to whoever opens
it; only the edition is left out while it is the current one, so that a kept link shows the newest
figures. What an address asks for and the edition does not hold becomes the default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from dashboards.data import Published
from dashboards.texts import LANGUAGES
from reports.edition import REGION, SHOWN, NoEdition


@dataclass(frozen=True)
class Selection:
    """What a view shows; field names are those of the address. Empty fields are not in an address.

    `office`, `region` (of the first level) and `by` (a breakdown) matter to some pages alone and stay in
    the address when the reader goes elsewhere; `edition` is an older edition.
    """

    lang: str
    period: str
    calendar: str
    indicator: str
    place: str
    office: str = ""
    region: str = ""
    by: str = ""
    edition: str = ""

    @property
    def query(self) -> str:
        """The address part after the path, beginning with `?`."""
        return "?" + urlencode({name: value for name, value in asdict(self).items() if value})

    def but(self, **changes: str) -> Selection:
        """The same view with something changed."""
        return replace(self, **changes)


FIELDS = tuple(field.name for field in fields(Selection))
FILTERED = ("period", "calendar", "place", "indicator", "edition")  # by the boxes of the frame, in their order
CURRENT = "current"  # what the box says for the current edition, which the address leaves out


def parse(search: str | None) -> dict[str, str]:
    """The named parts of an address; the first of each name."""
    pairs = parse_qsl((search or "").removeprefix("?"))
    return {name: value for name, value in reversed(pairs) if name in FIELDS}


def select(query: Mapping[str, Any], published: Published, language: str = "en", current: str = "") -> Selection:
    """The selection of a query, every part taken from what the edition holds.

    `current` is the id of the current edition; if `published` is another, the address names it. Raises NoEdition for
    an edition without a single figure.
    """
    if not (published.periods and published.indicators and published.places):
        raise NoEdition(f"{published.edition.edition_id}: the edition holds no figure to show")
    lang = _allowed(query.get("lang"), list(LANGUAGES), language)
    calendars = list(published.periods)
    calendar = _allowed(query.get("calendar"), calendars, calendars[0])
    periods = list(published.periods[calendar])
    latest = published.about["period"]
    period = _allowed(query.get("period"), periods, latest if latest in periods else periods[-1])
    indicator = _allowed(query.get("indicator"), list(published.indicators), "")
    indicator = indicator or most_telling(published, calendar, period)
    place = _allowed(
        query.get("place"), published.places, REGION if REGION in published.places else published.places[0]
    )
    return Selection(
        lang, period, calendar, indicator, place,
        office=_allowed(query.get("office"), published.offices, ""),
        region=_allowed(query.get("region"), published.regions(place), ""),
        by=_allowed(query.get("by"), published.breakdowns.get(indicator, []), ""),
        edition="" if published.edition.edition_id == (current or published.edition.edition_id)
        else published.edition.edition_id,
    )  # fmt: skip


def most_telling(published: Published, calendar: str, period: str) -> str:
    """The indicator that answers "are we on target?" for most countries, then says most; the first of equals."""
    totals = published.totals(calendar, period)

    def told(indicator: str) -> tuple[int, int]:
        rows = [totals.get((indicator, place)) for place in published.countries]
        shown = [row for row in rows if row is not None and row["status"] == SHOWN]
        return sum(row["target"] is not None for row in shown), len(shown)

    return max(published.indicators, key=told)


def _allowed(asked: Any, allowed: list[str], default: str) -> str:
    return asked if isinstance(asked, str) and asked in allowed else default
