"""Headers of a sheet matched with the columns of the form: each exactly once, none left over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

from pipelines import complaints
from pipelines.findings import Finding
from pipelines.forms import Form
from pipelines.heading import readings
from pipelines.layout import Place, layout
from pipelines.readers import Grid
from pipelines.vocabulary import columns_called


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
        yield complaints.unknown_header(file, grid.sheet.name, i + 1, grid.headers[i], near)


def _missing(grid: Grid, unknown: list[int], missing: list[Place], form: Form, file: str) -> Iterator[Finding]:
    candidates = {form.fold(grid.headers[i]): grid.headers[i] for i in unknown}
    for place in missing:
        near = _nearest(form.fold(place.headers[0]), candidates)
        near = near or next((grid.headers[i] for i in unknown if _translated(grid.headers[i], [place])), None)
        yield complaints.missing_header(file, grid.sheet.name, place.headers, near)


def _translated(header: str, missing: Sequence[Place]) -> str | None:
    """The missing column of the form that a header means in another language, if it is one alone."""
    meant = columns_called(header)
    found = [place for place in missing if any(use.column in meant and not use.code for use in place.uses)]
    return found[0].headers[0] if len(found) == 1 else None


def _nearest(word: str, candidates: Mapping[str, str]) -> str | None:
    close = get_close_matches(word, candidates, n=1, cutoff=0.7)
    return candidates[close[0]] if close else None
