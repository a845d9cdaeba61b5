"""The regional newsletter as a document: country by country what the programme did, from the edition alone.

What it says of each country is chosen in `newsletter.toml`. What the edition does not hold (telephone numbers of
hotlines, names of towns and events) is not made up: offices may write it in their texts.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any

from indicators.calendars import CALENDAR_YEAR, QUARTER, Quarter
from indicators.facts import LANGUAGES
from reports import format as form
from reports.document import (
    NOTE,
    RIGHT,
    Bar,
    Block,
    Bullets,
    Chart,
    Column,
    Document,
    Heading,
    Paragraph,
    Row,
    Table,
    stepwise,
)  # fmt: skip
from reports.donor_figures import TOTAL, Figure, Key, ReportError, figures
from reports.edition import NOT_REPORTED, REGION, SHOWN, UNDEFINED, Edition
from reports.iptt import ABSENT
from reports.iptt_blocks import reporting_quarter
from reports.narrative import REGION_OFFICE, OfficeText
from reports.narrative_report import in_one_piece, legend, pieces, said
from reports.outlines import NEWSLETTER, outlines
from reports.words import report_words

FILE = Path(__file__).parent / "newsletter.toml"
NEWS, HOTLINE = "news", "hotline"
_DASH = f"{form.NO_BREAK}—{form.NO_BREAK}"


@dataclass(frozen=True)
class Issue:
    """One newsletter being written."""

    edition: Edition
    language: str
    labels: Mapping[tuple[str, str], str]
    quarter: Quarter
    indicators: Mapping[str, Mapping[str, Any]]
    found: Mapping[Key, Figure]
    counts: Mapping[Key, tuple[Decimal, Decimal]]
    texts: tuple[OfficeText, ...]

    def word(self, key: str, **names: Any) -> str:
        """A text of `report.toml`, with its names filled in."""
        return report_words(self.language)[key].format(**names)

    def label(self, codelist: str, code: str) -> str:
        """The edition's own word for a code, else ours, else the code itself."""
        return self.labels.get((codelist, code)) or report_words(self.language).get(f"{codelist}.{code}", code)

    def figure(self, code: str, place: str, calendar: str, breakdown: str = TOTAL, category: str = TOTAL) -> Figure:
        """A figure of the quarter or of the calendar year that ends with it."""
        return self.found.get((code, breakdown, category, place, calendar, str(self.quarter)), ABSENT)

    def title(self, code: str) -> str:
        """The title of an indicator."""
        return str(self.indicators[code][f"title_{self.language}"])

    def written(self, code: str, figure: Figure) -> str:
        """A figure in the form of its indicator's unit, or its mark."""
        return said(self, figure, self.indicators[code]["unit"])


def newsletter_document(edition: Edition, language: str, texts: Iterable[OfficeText] = ()) -> Document:
    """The newsletter of an edition.

    Raises ReportError for a language that is not there, an edition without quarters, and a text that names a
    figure which the edition does not have.
    """
    if language not in LANGUAGES:
        raise ReportError(f"there is no language {language!r}; there are {', '.join(LANGUAGES)}")
    issue = _open(edition, language, texts)
    outline = outlines()[NEWSLETTER]
    until = edition.about()["data_until"] or issue.quarter.end
    title, programme = outline.title[language], issue.word("newsletter.programme")
    days = f"{form.day(issue.quarter.start, language)} – {form.day(issue.quarter.end, language)}"
    period = in_one_piece(issue.word("block.calendar_quarter", q=issue.quarter))
    header = issue.word("page.header", title=title, period=period, edition=edition.edition_id)
    blocks = [*_lead(issue), *(block for office, place in _offices(issue) for block in _country(issue, office, place))]
    number = issue.word("page.number", page="{page}", pages="{pages}")
    return Document(
        language, title, f"{programme}. {period} ({days})", header, number,
        edition.edition_id, (until.year, until.month, until.day), Table("", (), ()), "",
        stepwise([*blocks, *_end(issue)]),
    )  # fmt: skip


def _open(edition: Edition, language: str, texts: Iterable[OfficeText]) -> Issue:
    rows = {row["indicator"]: row for row in edition.rows("SELECT * FROM indicators")}
    chosen, breakdowns = _chosen()
    counts = {
        (r["indicator"], TOTAL, TOTAL, r["place"], r["calendar"], r["period"]): (r["numerator"], r["denominator"])
        for r in edition.rows(
            "SELECT * FROM figures WHERE status = ? AND denominator > 0 AND breakdown = ?", [SHOWN, TOTAL]
        )
    }
    return Issue(
        edition, language, edition.labels(language), reporting_quarter(edition), rows,
        figures(edition, [code for code in chosen if code in rows], breakdowns), counts,
        tuple(sorted((t for t in texts if t.language == language), key=lambda text: text.office)),
    )  # fmt: skip


@cache
def choice() -> Mapping[str, Any]:
    """What `newsletter.toml` says."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def _chosen() -> tuple[list[str], list[str]]:
    topics = choice()["topic"]
    codes = [code for topic in topics for code in (*topic["say"], *topic.get("share", ()))]
    codes += [*choice()["glance"], choice()["chart"]]
    parts = [part for topic in topics for part in topic.get("part", ())]
    return [*codes, *(part["indicator"] for part in parts)], list(dict.fromkeys(part["by"] for part in parts))


def _offices(issue: Issue) -> list[tuple[str, str]]:
    """Offices and their countries, in the order of the labels."""
    rows = issue.edition.rows(
        "SELECT DISTINCT c.office, c.place, l.position FROM completeness AS c LEFT JOIN labels AS l"
        " ON l.list = 'place' AND l.code = c.place WHERE c.place <> ? ORDER BY l.position NULLS LAST, c.office",
        [REGION],
    )
    return [(row["office"], row["place"]) for row in rows]


def _lead(issue: Issue) -> Iterator[Block]:
    """The region: what was written of it, its figures at a glance, and one chart."""
    yield from _told(issue, REGION_OFFICE, NEWS)
    places = [REGION, *(place for _, place in _offices(issue))]
    codes = [code for code in choice()["glance"] if code in issue.indicators]
    shown = {(code, place): issue.figure(code, place, QUARTER) for code in codes for place in places}
    rows = [Row((issue.title(code), *(issue.written(code, shown[code, place]) for place in places))) for code in codes]
    columns = (
        Column(issue.word("column.title"), 32), *(Column(issue.label("place", p), 23, RIGHT) for p in places)
    )  # fmt: skip
    caption = issue.word("table.countries", period=issue.word("block.calendar_quarter", q=issue.quarter))
    yield Heading(1, issue.word("newsletter.in_this_edition"))
    yield Table(caption, columns, tuple(rows))
    yield from legend(issue, shown.values())
    yield from _chart(issue, places[1:])


def _chart(issue: Issue, places: list[str]) -> Iterator[Block]:
    code = choice()["chart"]
    found = [(place, issue.figure(code, place, QUARTER)) for place in places]
    most = max((figure.value for _, figure in found if figure.value is not None), default=Decimal(0))
    if code not in issue.indicators or not most:
        return
    bars = tuple(
        Bar(
            issue.label("place", place), issue.written(code, figure),
            None if figure.value is None else (figure.value / most).quantize(Decimal("0.0001"), ROUND_HALF_UP),
        )
        for place, figure in found
    )  # fmt: skip
    period = issue.word("block.calendar_quarter", q=issue.quarter)
    caption = issue.word("chart.countries", title=issue.title(code), period=period)
    yield Chart(caption, f"{caption}. " + "; ".join(f"{bar.name}: {bar.text}" for bar in bars), bars)


def _country(issue: Issue, office: str, place: str) -> Iterator[Block]:
    yield Heading(1, issue.label("place", place))
    yield from _told(issue, office, NEWS)
    used: list[Figure] = []
    for topic in choice()["topic"]:
        items = list(_topic(issue, topic, place, used))
        written = list(_told(issue, office, topic["text"])) if "text" in topic else []
        if items or written:
            yield Heading(2, topic["title"][issue.language])
            yield from [Bullets(tuple(items))] if items else []
            yield from written
    yield from legend(issue, used)


def _topic(issue: Issue, topic: Mapping[str, Any], place: str, used: list[Figure]) -> Iterator[str]:
    """The sentences of a topic; the figures in them are added to `used`."""
    codes = [code for code in (*topic["say"], *topic.get("share", ())) if code in issue.indicators]
    every = [issue.figure(code, place, calendar) for code in codes for calendar in (QUARTER, CALENDAR_YEAR)]
    if every and all(figure.status == NOT_REPORTED for figure in every):
        yield issue.word("newsletter.not_reported")
        return
    for code in codes:
        both = [issue.figure(code, place, calendar) for calendar in (QUARTER, CALENDAR_YEAR)]
        # An edition without the indicator says nothing of it; a share of nothing is no news.
        if ABSENT not in both and any(figure.status != UNDEFINED for figure in both):
            used += both
            yield _share(issue, code, place) if code in topic.get("share", ()) else _both(issue, code, place)
    for part in topic.get("part", ()):
        yield from _parts(issue, part["indicator"], part["by"], part["name"][issue.language], place)
    if topic.get("services"):
        yield from _services(issue, place)


def _both(issue: Issue, code: str, place: str) -> str:
    quarter, year = (issue.written(code, issue.figure(code, place, calendar)) for calendar in (QUARTER, CALENDAR_YEAR))
    return issue.word("newsletter.both", title=issue.title(code), quarter=quarter, year=year)


def _share(issue: Issue, code: str, place: str) -> str:
    """A share of the year so far with both its counts, if they are published."""
    key = (code, TOTAL, TOTAL, place, CALENDAR_YEAR, str(issue.quarter))
    value = issue.written(code, issue.found.get(key, ABSENT))
    title = issue.title(code)
    if key not in issue.counts:
        return issue.word("newsletter.year", title=title, value=value)
    some, whole = (form.number(count, issue.language) for count in issue.counts[key])
    return issue.word("newsletter.regions_reached", title=title, value=value, some=some, all=whole)


def _parts(issue: Issue, code: str, breakdown: str, name: str, place: str) -> Iterator[str]:
    """The shown parts that are not nought, largest first; that there are others is said."""
    prefix, window = (code, breakdown), (place, CALENDAR_YEAR, str(issue.quarter))
    found = {key[2]: figure for key, figure in issue.found.items() if key[:2] == prefix and key[3:] == window}
    shown = {category: figure for category, figure in found.items() if figure.value}
    if not shown:
        return
    order = sorted(shown, key=lambda category: (-(shown[category].value or 0), issue.label(breakdown, category)))
    texts = [f"{issue.label(breakdown, one)}{_DASH}{issue.written(code, shown[one])}" for one in order]
    if any(figure.value is None for figure in found.values()):
        texts.append(issue.word("newsletter.some_hidden"))
    yield issue.word("newsletter.parts", name=name, parts="; ".join(texts))


def _services(issue: Issue, place: str) -> Iterator[str]:
    """For each required service, in how many first-level regions a member offers it."""
    rows = issue.edition.rows(
        "SELECT service, count(*) FILTER (members > 0) AS some, count(*) AS whole FROM service_coverage"
        " WHERE place = ? AND period = ? GROUP BY service ORDER BY service",
        [place, str(issue.quarter)],
    )
    texts = []
    for row in rows:
        some, whole = (form.number(row[key], issue.language) for key in ("some", "whole"))
        name = issue.label("assistance_type", row["service"])
        texts.append(issue.word("newsletter.service", name=name, some=some, all=whole))
    if texts:
        yield issue.word("newsletter.services", parts="; ".join(texts))


def _told(issue: Issue, office: str, code: str) -> Iterator[Block]:
    for text in issue.texts:
        if text.office == office:
            yield from pieces(issue, text, code, CALENDAR_YEAR)


def _end(issue: Issue) -> Iterator[Block]:
    projects = issue.edition.rows("SELECT donors FROM projects ORDER BY project")
    donors = dict.fromkeys(donor for project in projects for donor in project["donors"] or [])
    names = [issue.labels.get(("donor", one)) or issue.label("donor", one.upper()) for one in donors]
    if names:
        yield Paragraph(issue.word("newsletter.supported", donors="; ".join(names)))
    if not any(text.sections.get(HOTLINE) for text in issue.texts):
        yield Paragraph(issue.word("newsletter.hotline_numbers"), NOTE)
    yield Paragraph(issue.word("newsletter.reading"), NOTE)
