"""Layouts of the workbook: which columns describe a line, what is written by hand, which sheets follow.

All layouts draw the same table of the same values (`reports/iptt.py`); a layout is a module of
`reports/layouts` that says `LAYOUT = Layout(...)`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from reports.donors import DonorProfile
from reports.iptt import Iptt
from reports.sheets import Book

Draw = Callable[[Book, DonorProfile, Sequence[Iptt]], None]


@dataclass(frozen=True)
class Layout:
    """How the tables of a workbook are laid out.

    `described` are the columns that say what a line is about (names of `reports.iptt_cells`), with their widths
    in digits; `written` the columns at the end that the office fills in where the donor wants an explanation.
    `sheets` are drawn after the tables, by the key of their name in `workbook.toml`. With `marks_dna` a
    disaggregation that is not published gets a line of its own that says so.
    """

    described: Mapping[str, float]
    written: Mapping[str, float] = field(default_factory=dict)
    sheets: Mapping[str, Draw] = field(default_factory=dict)
    marks_dna: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """The describing columns by name."""
        return tuple(self.described)


@cache
def layouts() -> Mapping[str, Layout]:
    """Every layout by its name, which is that of its module."""
    import reports.layouts
    from reports.found import found

    return found(reports.layouts, "LAYOUT", Layout)


def layout_of(donor: DonorProfile) -> Layout:
    """The layout that the profile names."""
    return layouts()[donor.layout]
