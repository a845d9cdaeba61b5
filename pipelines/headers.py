"""Headers of a sheet matched with the columns of the form: each exactly once, none left over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import TypeVar

from pipelines import complaints
from pipelines.findings import Finding
from pipelines.forms import Form
from pipelines.heading import readings
from pipelines.layout import Place, layout
from pipelines.readers import Grid
from pipelines.vocabulary import columns_called

T = TypeVar("T")

# A misspelt header is about as long as the right one; with a cell glued to it, it is longer.
_MOST_SLIPS = 2


def match(grid: Grid, form: Form, file: str) -> tuple[list[tuple[Place, int]], list[Finding]]:
    """The columns of the form with their positions on the sheet (from 0), and what is wrong with the headers."""
    places = layout(grid.sheet)
    known = [{form.fold(word) for word in place.headers} for place in places]
    ignored_words = {form.fold(word) for word in grid.sheet.ignored}
    said = [_said(header, [*known, ignored_words], form) for header in grid.headers]
    found = [(place, _positions(words, said)) for place, words in zip(places, known, strict=True)]
    ignored = _positions(ignored_words, said)
    if not any(positions for _, positions in found):
        row = grid.first_row - grid.sheet.header_rows
        return [], [complaints.no_headers(file, grid.sheet.name, row, [place.headers[0] for place in places])]
    taken = {position for _, positions in found for position in positions} | set(ignored)
    unknown = [i for i, header in enumerate(grid.headers) if header and i not in taken]
    missing = [place for place, positions in found if not positions]
    findings = [
        *_unknown(grid, unknown, missing, form, file),
        *_missing(grid, unknown, missing, form, file),
        *(
            complaints.two_headers(file, grid.sheet.name, place.headers[0], [i + 1 for i in positions])
            for place, positions in found if len(positions) > 1
        ),
    ]  # fmt: skip
    return [(place, positions[0]) for place, positions in found if positions], findings


def _said(header: str, known: Sequence[set[str]], form: Form) -> str:
    """The header as it is compared: its longest parts that are a header of the form, if they mean one column alone."""
    for names in readings(header, form):
        said = [form.fold(name) for name in names]
        meant = [word for word in said if any(word in words for words in known)]
        if meant:
            columns = sum(any(word in words for word in meant) for words in known)
            return meant[0] if columns == 1 else form.fold(header)
    return form.fold(header)


def _positions(wanted: set[str], said: Sequence[str]) -> list[int]:
    return [i for i, header in enumerate(said) if header and header in wanted]


def _unknown(grid: Grid, unknown: list[int], missing: list[Place], form: Form, file: str) -> Iterator[Finding]:
    candidates = {form.fold(header): header for place in missing for header in place.headers}
    for i in unknown:
        near = _nearest(form.fold(grid.headers[i]), candidates) or _translated(grid.headers[i], missing)
        said = grid.headers[i] if _is_header(grid.headers[i], near) else ""
        yield complaints.unknown_header(file, grid.sheet.name, i + 1, said, near)


def _missing(grid: Grid, unknown: list[int], missing: list[Place], form: Form, file: str) -> Iterator[Finding]:
    candidates = {form.fold(grid.headers[i]): i for i in unknown}
    for place in missing:
        i = _nearest(form.fold(place.headers[0]), candidates)
        if i is None:
            i = next((i for i in unknown if _translated(grid.headers[i], [place])), None)
        near = None if i is None or not _is_header(grid.headers[i], place.headers[0]) else grid.headers[i]
        yield complaints.missing_header(file, grid.sheet.name, place.headers, near, None if i is None else i + 1)


def _is_header(header: str, near: str | None) -> bool:
    """Whether a header that is not the form's is surely one, and may be repeated: misspelt, or in another language.

    Where a row of the header was lost, the cells of a person's row stand in its place, alone or glued to it.
    """
    is_misspelt = near is not None and abs(len(header) - len(near)) <= _MOST_SLIPS and not re.search(r"\d", header)
    return is_misspelt or bool(columns_called(header))


def _translated(header: str, missing: Sequence[Place]) -> str | None:
    """The missing column of the form that a header means in another language, if it is one alone."""
    meant = columns_called(header)
    found = [place for place in missing if any(use.column in meant and not use.code for use in place.uses)]
    return found[0].headers[0] if len(found) == 1 else None


def _nearest(word: str, candidates: Mapping[str, T]) -> T | None:
    close = get_close_matches(word, candidates, n=1, cutoff=0.7)
    return candidates[close[0]] if close else None
