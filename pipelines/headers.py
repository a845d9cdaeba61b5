"""Headers of a sheet matched with the columns of the form: each exactly once, none left over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

from pipelines import complaints
from pipelines.findings import Finding
from pipelines.forms import Form
from pipelines.layout import Place, layout
from pipelines.readers import Grid


def match(grid: Grid, form: Form, file: str) -> tuple[list[tuple[Place, int]], list[Finding]]:
    """The columns of the form with their positions on the sheet (from 0), and what is wrong with the headers."""
    places = layout(grid.sheet)
    found = [(place, _positions(place.headers, grid.headers, form)) for place in places]
    ignored = _positions(grid.sheet.ignored, grid.headers, form)
    if not any(positions for _, positions in found):
        row = len(grid.sheet.titles) + 1
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


def _positions(words: Sequence[str], headers: Sequence[str], form: Form) -> list[int]:
    wanted = set(map(form.fold, words))
    return [i for i, header in enumerate(headers) if header and form.fold(header) in wanted]


def _unknown(grid: Grid, unknown: list[int], missing: list[Place], form: Form, file: str) -> Iterator[Finding]:
    candidates = {form.fold(header): header for place in missing for header in place.headers}
    for i in unknown:
        near = _nearest(form.fold(grid.headers[i]), candidates)
        yield complaints.unknown_header(file, grid.sheet.name, i + 1, grid.headers[i], near)


def _missing(grid: Grid, unknown: list[int], missing: list[Place], form: Form, file: str) -> Iterator[Finding]:
    candidates = {form.fold(grid.headers[i]): grid.headers[i] for i in unknown}
    for place in missing:
        near = _nearest(form.fold(place.headers[0]), candidates)
        yield complaints.missing_header(file, grid.sheet.name, place.headers, near)


def _nearest(word: str, candidates: Mapping[str, str]) -> str | None:
    close = get_close_matches(word, candidates, n=1, cutoff=0.7)
    return candidates[close[0]] if close else None
