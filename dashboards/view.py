"""What a page is given, and what a page is: the small interface that every page module declares.

A module of `dashboards.pages` says `PAGE = Page(path=..., order=..., name=..., title=..., body=...)`
and is found by its place in the folder. It brings its own words (`words`), says which filters change
it (`filters`), and gives its tables once (`tables`): what it draws of them and what a reader downloads
are then the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from dashboards.data import Published
from dashboards.state import FILTERED, Selection
from dashboards.tables import Table
from dashboards.texts import text

Words = Mapping[str, tuple[str, str]]  # key -> (English, Russian)


@dataclass(frozen=True)
class View:
    """An edition, what of it is asked for, and of which page."""

    published: Published
    selection: Selection
    path: str = "/"
    words: Words = field(default_factory=dict)
    editions: tuple[str, ...] = ()  # ids of all editions, the current one first
    today: date = field(default_factory=lambda: datetime.now(UTC).date())

    @property
    def lang(self) -> str:
        """The language of the reader."""
        return self.selection.lang

    def say(self, key: str, **values: str) -> str:
        """The words for a key in the reader's language: the page's own, else everybody's."""
        return text(key, self.lang, self.words, **values)

    def label(self, name: str, code: str) -> str:
        """The edition's words of a list for a code."""
        return self.published.label(name, code, self.lang)

    def title(self, indicator: str) -> str:
        """The title of an indicator."""
        title: str = self.published.indicators[indicator][f"title_{self.lang}"]
        return title

    @property
    def period(self) -> str:
        """The period in words."""
        return self.published.period_label(self.selection.calendar, self.selection.period, self.lang)

    @property
    def place(self) -> str:
        """The place in words."""
        return self.label("place", self.selection.place)

    @property
    def context(self) -> str:
        """Calendar and period in words, as they stand on screen and paper and in every file."""
        return f"{self.label('calendar', self.selection.calendar)} · {self.period}"

    @property
    def query(self) -> str:
        """The address part after the path that shows the same again."""
        return self.selection.query


def no_tables(_: View) -> Iterable[Table]:
    """Of a page that offers nothing to download."""
    return ()


@dataclass(frozen=True)
class Page:
    """One page. `name` and `title` are keys of the catalogue of words or a pair (English, Russian).

    `order` places it in the menu; None leaves it out. `body` makes the content from a view; `tables`
    the tables of the same view, which `/export` gives as files. `filters` are the boxes of the frame
    that change it; the others are not shown.
    """

    path: str
    order: int | None
    name: str | tuple[str, str]
    title: str | tuple[str, str]
    body: Callable[[View], Any]
    filters: tuple[str, ...] = FILTERED
    words: Words = field(default_factory=dict)
    tables: Callable[[View], Iterable[Table]] = no_tables

    def said(self, what: str | tuple[str, str], language: str) -> str:
        """`name` or `title` in a language."""
        if isinstance(what, tuple):
            return dict(zip(("en", "ru"), what, strict=True))[language]
        return text(what, language, self.words)
