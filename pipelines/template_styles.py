"""How the cells of a blank form look, and which of them can be written to."""

from __future__ import annotations

from typing import Any

from pipelines.asks import Ask
from pipelines.forms import Form
from pipelines.writers import date_format

LINE = 15.0  # points a line of text takes

_DARK, _LIGHT, _GROUP, _BORDER, _GREY = "#1F4E5F", "#D6E4EA", "#B9CDD6", "#9AA9B0", "#7F7F7F"
_TEXT = "@"  # as text, or Excel turns codes into numbers and days


class Styles:
    """The formats of one workbook; Excel locks every cell that no format unlocks."""

    def __init__(self, book: Any, form: Form) -> None:
        head = {"bold": True, "text_wrap": True, "valign": "top", "border": 1, "border_color": _BORDER}
        self.header = book.add_format({**head, "bg_color": _LIGHT})
        self.required = book.add_format({**head, "bg_color": _DARK, "font_color": "#FFFFFF"})
        self.group = book.add_format({**head, "bg_color": _GROUP, "align": "center"})
        self.title = book.add_format({"bold": True})
        self.total = book.add_format({"bold": True, "bg_color": _LIGHT, "top": 1, "border_color": _BORDER})
        self.listed = book.add_format({"num_format": _TEXT})
        self.heading = book.add_format({"bold": True, "font_size": 14, "font_color": _DARK})
        self.section = book.add_format({"bold": True, "font_color": _DARK, "valign": "top", "bottom": 1})
        self.said = book.add_format({"text_wrap": True, "valign": "top"})
        self.entry = book.add_format({"text_wrap": True, "valign": "top", "border": 1, "border_color": _BORDER})
        free = {"locked": False, "valign": "top"}
        self._text = book.add_format({**free, "num_format": _TEXT})
        self._several = book.add_format({**free, "num_format": _TEXT, "text_wrap": True})
        self._number = book.add_format(free)
        self._day = book.add_format({**free, "num_format": date_format(form)})
        self._counted = book.add_format({**free, "font_color": _GREY})

    def cell(self, ask: Ask) -> Any:
        """The format of a column's cells of data."""
        if ask.place.role == "numbering":
            return self._counted
        kinds = {one.column.type for one in ask.fed}
        if kinds == {"date"}:
            return self._day
        if kinds and kinds <= {"integer", "decimal"}:
            return self._number
        return self._several if kinds == {"codes"} else self._text

    def header_of(self, ask: Ask) -> Any:
        """The format of a column's header: dark where a cell must be filled."""
        return self.required if ask.required else self.header
