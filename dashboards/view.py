"""What a page is given, and what a page is: the small interface that every page module declares.

A module of `dashboards.pages` says `PAGE = Page(path=..., order=..., name=..., title=..., body=...)`
and is found by its place in the folder.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dashboards.data import Published
from dashboards.state import Selection
from dashboards.texts import text


@dataclass(frozen=True)
class View:
    """An edition, and what of it is asked for."""

    published: Published
    selection: Selection

    @property
    def lang(self) -> str:
        """The language of the reader."""
        return self.selection.lang

    def say(self, key: str, **values: str) -> str:
        """The words for a key in the reader's language."""
        return text(key, self.lang, **values)

    def label(self, name: str, code: str) -> str:
        """The edition's words of a list for a code."""
        return self.published.label(name, code, self.lang)

    def title(self, indicator: str) -> str:
        """The title of an indicator."""
        title: str = self.published.indicators[indicator][f"title_{self.lang}"]
        return title

    @property
    def period(self) -> str:
        """The period and calendar in words."""
        return self.published.period_label(self.selection.calendar, self.selection.period, self.lang)


@dataclass(frozen=True)
class Page:
    """One page. `name` and `title` are keys of the catalogue of words or a pair (English, Russian).

    `order` places it in the menu; None leaves it out. `body` makes the content from a view. A page whose
    content the filters do not change says so, and is shown without them.
    """

    path: str
    order: int | None
    name: str | tuple[str, str]
    title: str | tuple[str, str]
    body: Callable[[View], Any]
    has_filters: bool = True

    def words(self, what: str | tuple[str, str], language: str) -> str:
        """`name` or `title` in a language."""
        if isinstance(what, tuple):
            return dict(zip(("en", "ru"), what, strict=True))[language]
        return text(what, language)
