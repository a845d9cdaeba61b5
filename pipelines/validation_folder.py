"""The folder of the pages of checks: an index, and a page for each office and quarter."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from pipelines.checked_files import CheckedFile
from pipelines.files import replace
from pipelines.validation_index import index_page
from pipelines.validation_page import validation_page

INDEX, UNKNOWN = "index.html", "unknown.html"
_PAGE = re.compile(r"(?P<office>\w+)-(?P<period>\d{4}-Q[1-4]|all)\.html")

Group = tuple[str, str]


def write_pages(folder: Path, files: Sequence[CheckedFile], touched: Collection[Group] | None = None) -> Path:
    """Write the pages of the groups that a run touched, those that were never written, and the index; gives its path.

    A page that the run did not touch stays as it is: it may tell of a file refused earlier. A run over the
    whole landing zone touches every group (`touched` is None), and leaves no page without a file.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    groups: dict[Group, list[CheckedFile]] = defaultdict(list)
    for file in files:
        groups[file.group].append(file)
    there = set(_pages_in(folder))
    for group, some in groups.items():
        if touched is None or group in touched or group not in there:
            _write(folder / page_name(group), validation_page(group, some, INDEX))
    if touched is None:
        for group in there - groups.keys():
            (folder / page_name(group)).unlink()
    pages = groups.keys() if touched is None else there | groups.keys()
    _write(folder / INDEX, index_page(files, _named(pages)))
    return folder / INDEX


def page_name(group: Group) -> str:
    """The file name of the page of an office and quarter."""
    return f"{group[0]}-{group[1]}.html" if group[0] else UNKNOWN


def _named(groups: Collection[Group]) -> Mapping[Group, str]:
    return {group: page_name(group) for group in groups}


def _pages_in(folder: Path) -> Iterator[Group]:
    for path in folder.glob("*.html"):
        named = _PAGE.fullmatch(path.name)
        if path.name == UNKNOWN or named:
            yield (named["office"], named["period"]) if named else ("", "")


def _write(path: Path, page: str) -> None:
    replace(path, page.encode("utf-8"))
